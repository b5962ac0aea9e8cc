"""A reading that comes along with a text, as `tracker.outward` writes it into JSON: the paragraphs as somebody corrected them, and
the duties as they stood. It takes the place of what the machine would read. Nothing of it counts before a person here has confirmed
it: items come in not accounted for, with what was said of them as the proposal, duties unconfirmed.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.intake import Draft
from tracker.models import Body, Obligation, Office, Paragraph, Session
from tracker.parsing.lines import Passage
from tracker.parsing.model import DUE_KINDS, FORCES, KINDS

Kind = Paragraph.Kind
_PLAIN = ("title", "kind", "anchor", "offset_days", "offset_working", "interval_months", "trigger")


def carry(made: Draft, carried: Mapping[str, Any]) -> None:
    """Put the paragraphs and duties of `carried` into a draft of the same text. ValidationError (`text`) where it does not fit the
    text or is not of the form; duties whose bodies or offices are not known here are left out, and the notes say so."""
    try:
        made.paragraphs, rows = _paragraphs(made, carried["paragraphs"])
        version = carried["version"]
        made.version.enacting, made.version.title = str(version["enacting"]), str(version["title"])
        made.obligations = [duty for one, row in rows for duty in _duties(made, one, row.get("duties", []))]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValidationError(
            {"text": _("The file is no reading of a text: it lacks or misplaces something.")}
        ) from error
    made.version.unaccounted = len(made.operative)


def _paragraphs(made: Draft, given: list[Any]) -> tuple[list[Paragraph], list[tuple[Paragraph, dict[str, Any]]]]:
    text, found, rows = made.version.text, [], []
    known: dict[str, Paragraph] = {}
    for number, row in enumerate(given, 1):
        if row["kind"] == Kind.ASIDE:
            continue
        spans = _spans(row["spans"], len(text))
        if not _fits(text, spans, str(row["text"])):
            words = _("The words of %(path)s are not at their places in the text.")
            raise ValidationError({"text": words % {"path": str(row["path"])[:60]}})
        one = Paragraph(
            version=made.version,
            kind=Kind(row["kind"]),
            position=number,
            path=str(row["path"]),
            label=str(row["label"]),
            heading=str(row["heading"]),
            section=str(row["section"]),
            text=str(row["text"]),
            spans=spans,
        )
        if one.kind == Kind.OPERATIVE:
            if one.path in known:
                raise ValueError(one.path)
            one.parent = known[row["parent"]] if row["parent"] is not None else None
            one.proposal = _read(row["read"], len(text)) if row.get("read") else {}
            if row.get("disposition"):
                one.proposal["disposition"] = _one_of(row["disposition"], Paragraph.Disposition.values)
            known[one.path] = one
        found.append(one)
        rows.append((one, row))
    if not known:
        raise ValueError("no item")
    return found, rows


def _read(given: Mapping[str, Any], length: int) -> dict[str, Any]:
    """What was read of an item, as the reader here writes it, and nothing else; ValueError where it is of another shape: pages
    count on it."""
    sure = given.get("confidence", 0.0)
    if type(sure) not in (int, float) or not 0 <= sure <= 1:
        raise ValueError("no confidence")
    return {
        "acts": [_act(one, length) for one in given.get("acts", [])],
        "addressees": [_words_of(one) for one in given.get("addressees", [])],
        "kind": _one_of(given.get("kind", ""), KINDS),
        "kind_span": _spans(given.get("kind_span", []), length),
        "confidence": sure,
        "due": [_due(one, length, "session", "date") for one in given.get("due", [])],
        "disposition": _one_of(given.get("disposition", "tracked"), Paragraph.Disposition.values),
    }


def _act(given: Mapping[str, Any], length: int) -> dict[str, Any]:
    return {
        "verb": _words_of(given["verb"]),
        "force": _one_of(given["force"], FORCES),
        "addressees": [_words_of(one) for one in given["addressees"]],
        "due": [_due(one, length) for one in given["due"]],
    }


def _due(given: Mapping[str, Any], length: int, *more: str) -> dict[str, Any]:
    said = {name: _words_of(given[name]) for name in ("body", "text", *more)}
    return {"kind": _one_of(given["kind"], DUE_KINDS), "span": _spans(given["span"], length)} | said


def _words_of(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError("no words")
    return given


def _one_of(given: Any, known: Iterable[str]) -> str:
    if given not in tuple(known):
        raise ValueError("unknown word")
    return str(given)


def _spans(given: Any, length: int) -> list[list[int]]:
    spans = [[int(start), int(end)] for start, end in given]
    if not all(0 <= start <= end <= length for start, end in spans):
        raise ValueError("no such places")
    return spans


def _fits(text: str, spans: list[list[int]], words: str) -> bool:
    inside = all(0 <= start < end <= len(text) for start, end in spans)
    if not inside or spans != sorted(spans):
        return False
    said = Passage(text, [(start, end) for start, end in spans]).text
    return said == words or " ".join(" ".join(text[a:b] for a, b in spans).split()) == words


def _duties(made: Draft, paragraph: Paragraph, given: list[Any]) -> list[Obligation]:
    found = []
    for number, row in enumerate(given, 1):
        responsible = Body.objects.filter(slug=row["responsible"]).first()
        offices = Office.objects.filter(slug=row["endorser"])
        endorser = offices.filter(body=responsible).first() or offices.filter(body=made.resolution.body).first()
        if responsible is None or endorser is None:
            made.notes.append(
                f"{row['title']}: {row['responsible']} or its office {row['endorser']} is not known here."
            )
            continue
        anchor_body = Body.objects.filter(slug=row["anchor_body"]).first() if row["anchor_body"] else None
        session = (
            Session.objects.filter(body=anchor_body, code=row["anchor_session"]).first()
            if row["anchor_session"]
            else None
        )
        found.append(
            Obligation(
                paragraph=paragraph,
                resolution=made.resolution,
                number=number,
                responsible=responsible,
                endorser=endorser,
                anchor_body=anchor_body,
                anchor_session=session,
                due_date=date.fromisoformat(row["due_date"]) if row["due_date"] else None,
                **{name: row[name] for name in _PLAIN},
            )
        )
    return found
