"""A version as Akoma Ntoso 3.0 (OASIS LegalDocML 1.0), in the manner of AKN4UN: a statement with its preamble and its items.

What is not known is left out, or where the standard wants a value says so: a day that is not recorded is 0001-01-01 (as the United
Nations write it), a month is given as its year. The text as it came in is carried along as proprietary metadata, bound by a hash
to what stands in the body, so that the very same text comes back in (`tracker.formats.akn`).
"""

import base64
import re
from collections.abc import Sequence
from typing import TypeAlias

from lxml import etree

from tracker.formats.akn import CARRIED, body_hash
from tracker.models import Paragraph, Precision, Version

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_NAME = re.compile(r"[^a-z0-9]+")
_SECTION_MARK = re.compile(r"(?P<mark>[IVXLC]+|[A-H])\.")
_UNKNOWN_DAY = "0001-01-01"
_NO_COUNTRY = "xx"  # ISO 3166-1 leaves XA to XZ to its users: a body of many States is of no country
_TIMES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Element: TypeAlias = etree._Element


def akoma_ntoso(version: Version, paragraphs: Sequence[Paragraph]) -> bytes:
    """A version with its paragraphs in the order of their positions, as a document in UTF-8."""
    root = etree.Element(f"{{{AKN}}}akomaNtoso", nsmap={None: AKN})
    statement = _add(root, "statement", name="resolution")
    meta = _add(statement, "meta")
    _identification(meta, version)
    references = _add(meta, "references", source="#resolves")
    body = version.resolution.body
    _add(references, "TLCOrganization", eId="resolves", href="/akn/ontology/organization/resolves", showAs="Resolves")
    _add(references, "TLCOrganization", eId="author", href=f"/akn/ontology/organization/{body.slug}", showAs=body.name)
    _preface(statement, version)
    _preamble(statement, version, [one for one in paragraphs if one.kind == Paragraph.Kind.PREAMBULAR])
    _body(statement, [one for one in paragraphs if one.kind == Paragraph.Kind.OPERATIVE])
    if version.text:
        carried = _add(meta, "proprietary", source="#resolves")
        made = etree.SubElement(carried, CARRIED, nsmap={"resolves": CARRIED.partition("}")[0][1:]})
        made.set("body", body_hash(root))
        made.set("sha256", version.text_hash)
        made.text = base64.b64encode(version.text.encode()).decode()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _identification(meta: Element, version: Version) -> None:
    """The four levels of FRBR that the standard asks for; manifestation is this file."""
    resolution = version.resolution
    day, named = _day(version)
    work = f"/akn/{_NO_COUNTRY}/statement/resolution/{resolution.body.slug}/{day}/{resolution.slug}"
    expression = f"{work}/eng@{version.label.lower()}"
    identification = _add(meta, "identification", source="#resolves")
    for level, address in (
        ("FRBRWork", work),
        ("FRBRExpression", expression),
        ("FRBRManifestation", f"{expression}.xml"),
    ):
        part = _add(identification, level)
        _add(
            part,
            "FRBRthis",
            value=f"{address.removesuffix('.xml')}/!main{'.xml' if level == 'FRBRManifestation' else ''}",
        )
        _add(part, "FRBRuri", value=address)
        _add(part, "FRBRdate", date=day, name=named)
        _add(part, "FRBRauthor", href="#author" if level != "FRBRManifestation" else "#resolves")
        if level == "FRBRWork":
            _add(part, "FRBRcountry", value=_NO_COUNTRY)
            _add(part, "FRBRnumber", value=resolution.symbol)
            _add(part, "FRBRname", value=resolution.title or resolution.symbol)
        if level == "FRBRExpression":
            _add(part, "FRBRlanguage", language="eng")


def _day(version: Version) -> tuple[str, str]:
    """The day from which the version is in force, as far as it is known, and what it is."""
    if version.in_force_from is None:
        return _UNKNOWN_DAY, "notRecorded"
    if version.in_force_from_precision == Precision.DAY:
        return version.in_force_from.isoformat(), "inForce"
    return f"{version.in_force_from:%Y}", "inForce"


def _preface(statement: Element, version: Version) -> None:
    preface = _add(statement, "preface")
    designation = f" ({version.designation})" if version.designation else ""
    line = _add(preface, "p")
    _say(_add(line, "docNumber"), f"{version.resolution.symbol}{designation}")
    if title := version.title or version.resolution.title:
        line = _add(preface, "p")
        _say(_add(line, "docTitle"), title)


def _preamble(statement: Element, version: Version, paragraphs: Sequence[Paragraph]) -> None:
    if not version.enacting and not paragraphs:
        return
    preamble = _add(statement, "preamble")
    if version.enacting:
        formula = _add(preamble, "formula", name="enactingFormula", eId="formula_1")
        words = version.enacting.strip()
        _say(_add(formula, "p"), words if words[-1:] in ",:;" else f"{words},")
    for group, its in enumerate(_grouped(paragraphs, "heading"), 1):
        recitals = _add(preamble, "recitals", eId=f"recitals_{group}")
        if its[0].heading:
            _say(_add(recitals, "heading"), its[0].heading)
        for number, one in enumerate(its, 1):
            recital = _add(recitals, "recital", eId=f"recitals_{group}__rec_{_part(one.label, number)}")
            if one.label:
                _say(_add(recital, "num"), one.label)
            _say(_add(recital, "p"), one.text)


def _body(statement: Element, paragraphs: Sequence[Paragraph]) -> None:
    main = _add(statement, "mainBody")
    children: dict[int | None, list[Paragraph]] = {}
    for one in paragraphs:
        children.setdefault(one.parent_id, []).append(one)
    known = {one.pk for one in paragraphs}
    tops = [one for one in paragraphs if one.parent_id not in known]
    for number, its in enumerate(_grouped(tops, "section"), 1):
        holder, prefix = main, ""
        if section := its[0].section:
            prefix = f"hcontainer_{number}"
            holder = _add(main, "hcontainer", name="section", eId=prefix)
            if mark := _SECTION_MARK.match(its[0].path):
                _say(_add(holder, "num"), mark["mark"])
            _say(_add(holder, "heading"), section)
            prefix += "__"
        for place, one in enumerate(its, 1):
            _item(holder, one, children, prefix, place)
    if not tops:
        _say(_add(_add(_add(main, "paragraph", eId="para_1"), "content"), "p"), "")


def _item(
    holder: Element, one: Paragraph, children: dict[int | None, list[Paragraph]], prefix: str, place: int
) -> None:
    eid = f"{prefix}para_{_part(one.label, place)}"
    if any(other.get("eId") == eid for other in holder):
        eid = f"{eid}-{place}"  # two that print the same label
    paragraph = _add(holder, "paragraph", eId=eid)
    if one.label:
        _say(_add(paragraph, "num"), one.label)
    below = children.get(one.pk, [])
    _say(_add(_add(paragraph, "intro" if below else "content"), "p"), one.text)
    for number, child in enumerate(below, 1):
        _item(paragraph, child, children, f"{eid}__", number)


def _grouped(paragraphs: Sequence[Paragraph], name: str) -> list[list[Paragraph]]:
    """Runs of paragraphs that stand under the same words."""
    groups: list[list[Paragraph]] = []
    for one in paragraphs:
        if groups and getattr(groups[-1][0], name) == getattr(one, name):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _part(label: str, place: int) -> str:
    """A label as a piece of an eId (Akoma Ntoso Naming Convention 1.0, §5.4): without marks; its place where it has none."""
    return _NAME.sub("-", label.lower()).strip("-") or str(place)


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(
        parent, f"{{{AKN}}}{tag}", {name: _TIMES.sub("", value) for name, value in attributes.items()}
    )


def _say(element: Element, words: str) -> None:
    element.text = _TIMES.sub("", words)
