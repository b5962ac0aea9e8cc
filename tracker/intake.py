"""A parsed text to draft rows: a version, its paragraphs, and the duties that its words propose. Saves nothing; the step
that imports does. Reading the same text again finds the version that is there.

Every proposal is the machine's until a person confirms it. Where the words or the calendar do not say enough (a body
that is not known here, a session not yet entered, a period with no beginning), the proposal leaves the place empty.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.utils.text import slugify

from tracker.alignment import Item, align
from tracker.differences import Piece, words
from tracker.models import Body, Event, Obligation, Paragraph, Precision, Resolution, Session, Version
from tracker.parsing import Operative, ParsedResolution
from tracker.proofs.digests import text_hash
from tracker.proposals import Calendar, duties

_NUMBERED = re.compile(
    r"(?P<kind>resolution|decision|recommendation)\s+(?:no\.?\s*)?(?P<number>[\w./-]+)", re.IGNORECASE
)
_DESIGNATED = re.compile(r"^(?P<symbol>.*?)\s*\((?P<designation>[^()]*)\)\s*$")
_SESSION_CODE = re.compile(r"\b[A-Z]{1,4}-?\d{2}\b")
UNDONE = "version.correction_undone"
CORRECTIONS = frozenset(
    {
        "version.item_split",
        "version.items_merged",
        "version.item_relabelled",
        "version.item_set_aside",
        "version.item_taken_up",
    }
)
"""What is done to a reading by hand, and what takes it back."""


class Identity(NamedTuple):
    """How a text is named: in addresses, by its symbol, by the designation of this version, and in short."""

    slug: str
    symbol: str
    designation: str
    label: str


def identity(symbol: str) -> Identity:
    """`Resolution 1306 (C09, last amended C15)` → r1306, Resolution 1306, "C09, last amended C15", C15."""
    split = _DESIGNATED.match(symbol)
    plain, designation = (split["symbol"], split["designation"].strip()) if split else (symbol.strip(), "")
    numbered = _NUMBERED.match(plain)
    slug = (
        f"{numbered['kind'][0].lower()}{slugify(numbered['number'])}"
        if numbered
        else slugify(re.sub(r"[/.]", "-", plain))
    )
    codes = _SESSION_CODE.findall(designation)
    return Identity(slug[:60], plain, designation, codes[-1] if codes else slugify(designation)[:30] or "original")


@dataclass
class Draft:
    """What an import would enter. `already` is the version that holds this very text; then the rest is not needed.
    `notes` are what a person should know: lines the parser was unsure of, duties that could not be proposed."""

    resolution: Resolution
    version: Version
    paragraphs: list[Paragraph] = field(default_factory=list)
    obligations: list[Obligation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    already: Version | None = None

    @property
    def operative(self) -> list[Paragraph]:
        return [one for one in self.paragraphs if one.kind == Paragraph.Kind.OPERATIVE]


def draft(  # noqa: PLR0913  (what a text doesn't say of itself)
    parsed: ParsedResolution,
    text: str,
    *,
    body: Body,
    slug: str = "",
    symbol: str = "",
    label: str = "",
    adopted_at: Session | None = None,
    in_force_from: date | None = None,
    precision: str = "",
) -> Draft:
    """The rows of a parsed text, unsaved. What is not given is taken from the text: its symbol gives the short name and
    the label, the label the session that adopted it, and that session the month from which it is in force."""
    named = identity(symbol or parsed.symbol)
    slug, label = slug or named.slug, label or named.label
    resolution = Resolution.objects.filter(body=body, slug=slug).first() or Resolution(
        body=body, slug=slug, symbol=named.symbol, title=parsed.title or named.symbol
    )
    same = Version.objects.filter(resolution=resolution, text_hash=text_hash(text)).first() if resolution.pk else None
    if same is not None:
        return Draft(resolution, same, already=same)
    adopted_at = adopted_at or Session.objects.filter(body=body, code__iexact=label).first()
    if in_force_from is None and adopted_at is not None and adopted_at.opens:
        in_force_from = adopted_at.opens.replace(day=1)
        precision = Precision.YEAR if adopted_at.precision == Precision.YEAR else Precision.MONTH
    version = Version(
        resolution=resolution,
        label=label,
        designation=named.designation,
        title=parsed.title,
        adopted_at=adopted_at,
        in_force_from=in_force_from,
        in_force_from_precision=(precision or Precision.DAY) if in_force_from else Precision.UNKNOWN,
        enacting=parsed.enacting,
        text=text,
        text_hash=text_hash(text),
        unaccounted=len(parsed.operative),
    )
    made = Draft(resolution, version, notes=[f"line {one.line}: {one.message}" for one in parsed.complaints])
    made.paragraphs = list(_paragraphs(parsed, version))
    _propose(made, parsed.operative)
    return made


@dataclass(frozen=True)
class Change:
    """What became of an item from one wording to another: the paths in both (several where it is split or merged), and the
    words that differ."""

    kind: str
    old: str
    new: str
    pieces: list[Piece]


def standing(body: Body, named: Identity) -> Version | None:
    """The version of that resolution and label whose text is here."""
    found = Version.objects.filter(resolution__body=body, resolution__slug=named.slug, label=named.label)
    return found.exclude(text="").first()


def changes(version: Version, parsed: ParsedResolution) -> list[Change]:
    """How the items of another text differ from those of a version, in the order of the new one; what is kept word for word is
    left out."""
    before = list(version.paragraphs.filter(kind=Paragraph.Kind.OPERATIVE).order_by("position"))
    old = [Item(one.path, one.text) for one in before]
    new = [Item(one.path, one.text) for one in parsed.operative]
    made = []
    for pair in align(old, new):
        if pair.kind == "kept":
            continue
        said = [" ".join(items[one].text for one in places) for items, places in ((old, pair.old), (new, pair.new))]
        paths = [", ".join(items[one].path for one in places) for items, places in ((old, pair.old), (new, pair.new))]
        made.append(Change(pair.kind, paths[0], paths[1], words(*said)))
    return made


def accounted(version: Version) -> tuple[int, int, list[str]]:
    """How many operative items are accounted for, of how many, and the paths of the rest: "7 of 7 items accounted for"."""
    rows = (
        version.paragraphs.filter(kind=Paragraph.Kind.OPERATIVE).order_by("position").values_list("path", "disposition")
    )
    missing = [path for path, disposition in rows if not disposition]
    return len(rows) - len(missing), len(rows), missing


def last_correction(version: Version) -> Event | None:
    """The correction that would be taken back next: each undoing answers the nearest one before it that is not answered."""
    answered = 0
    events = Event.objects.filter(subject_type="version", subject_id=version.pk, verb__in=[*CORRECTIONS, UNDONE])
    for event in events.order_by("-number"):
        if event.verb == UNDONE:
            answered += 1
        elif answered:
            answered -= 1
        else:
            return event
    return None


def unread(version: Version, paragraphs: Iterable[Paragraph]) -> list[str]:
    """The stretches of a version's text that no paragraph has, in order: title lines, headings, labels apart, and whatever the
    reading left out. Each is words in single spaces; shorter than three letters they say nothing."""
    taken = sorted((a, b) for one in paragraphs if one.kind != Paragraph.Kind.ASIDE for a, b in one.spans)
    found, at = [], 0
    for start, end in [*taken, (len(version.text), len(version.text))]:
        if start > at:
            found += re.split(r"\n\s*\n", version.text[at:start])
        at = max(at, end)
    flat = (" ".join(one.split()) for one in found)
    return [one for one in flat if len(re.sub(r"[\W\d_]", "", one)) > 2]


# Paragraphs ------------------------------------------------------------------------------------------------------------


def _paragraphs(parsed: ParsedResolution, version: Version) -> Iterator[Paragraph]:
    """Preamble first, in the order of the text; a parent comes before its children."""
    for number, one in enumerate(parsed.preambular, 1):
        yield Paragraph(
            version=version,
            kind=Paragraph.Kind.PREAMBULAR,
            position=number,
            path=f"p{number}",
            label=one.label,
            heading=one.heading,
            section=one.section,
            text=one.text,
            spans=_lists(one.span),
        )
    known: dict[str, Paragraph] = {}
    for number, item in enumerate(parsed.operative, len(parsed.preambular) + 1):
        known[item.path] = Paragraph(
            version=version,
            kind=Paragraph.Kind.OPERATIVE,
            position=number,
            path=item.path,
            label=item.label,
            parent=known.get(item.parent),
            section=item.section,
            text=item.text,
            spans=_lists(item.span),
            proposal=_reading(item),
        )
        yield known[item.path]


def _reading(item: Operative) -> dict[str, Any]:
    """What the machine read of an item, with the places of the words, as plain values."""
    read = item.to_json()
    return {
        "acts": read["acts"],
        "addressees": read["addressees"],
        "kind": item.kind,
        "kind_span": _lists(item.kind_span),
        "confidence": item.kind_confidence,
        "due": [{**one.to_json(), "session": one.session, "date": one.date} for one in item.due],
        "disposition": Paragraph.Disposition.TRACKED if item.kind else Paragraph.Disposition.DECLARATORY,
    }


def _lists(spans: Iterable[tuple[int, int]]) -> list[list[int]]:
    return [[start, end] for start, end in spans]


# Proposed duties -------------------------------------------------------------------------------------------------------


def _propose(made: Draft, items: Sequence[Operative]) -> None:
    """The duties that the words of each item propose, appended to the draft."""
    calendar = Calendar(made.resolution.body, made.version.in_force_from)
    chairless = set()
    for paragraph, item in zip(made.operative, items, strict=True):
        for number, one in enumerate(duties(item, calendar), 1):
            responsible = calendar.addressed(one.addressees)
            endorser = calendar.endorser(responsible)
            if endorser is None:
                chairless.add(responsible.short_name)
                continue
            made.obligations.append(
                Obligation(
                    paragraph=paragraph,
                    resolution=made.resolution,
                    number=number,
                    title=one.title,
                    kind=one.kind,
                    responsible=responsible,
                    endorser=endorser,
                    **one.hung,
                )
            )
    made.notes += [
        f"{name} has no chair's office to endorse: its duties were not drafted." for name in sorted(chairless)
    ]
