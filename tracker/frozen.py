"""A summary frozen: the Council's page of a day as plain data, so that page and papers can be drawn from it alone, now or in
ten years, whatever the register says by then.

The form (`resolves-summary/1`) is one JSON object: body, session and day; the moment of freezing; the newest signed head of the
log; how each occurrence's own history stood (`receipts`); and in `views` the page in one or several languages, each with the
words that it had. Canonical by RFC 8785, so that its SHA-256 can be printed, signed and checked by anybody.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import rfc8785
from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter
from cattrs.v import transform_error
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from tracker import access, clock
from tracker.models import Body, Event, Head, Leaf, Session
from tracker.summaries import Filters, Overview, Sight, overview

FORM = "resolves-summary/1"
IN_FULL = 1_000
"""Rows of the late and the awaiting list that are frozen in full; the counts beside them are of all."""
RECEIPTS = 2_000
"""Occurrences whose place in the record is frozen with the page, worst first; the rest is counted."""

_converter = make_converter(forbid_extra_keys=True)


@dataclass(frozen=True)
class Receipt:
    """How the history of an occurrence stood: its entries, the hash of the last, and that one's place in the log (None: not
    sealed yet)."""

    reference: str
    entries: int
    hash: str
    position: int | None


@dataclass(frozen=True)
class Frozen:
    """A frozen summary. `at` is the moment of freezing (UTC, ISO 8601), `head` the signed head of the log as a note in the
    C2SP form ("" before the first), `views` the page by language."""

    form: str
    body: str
    session: str
    day: date
    at: str
    head: str
    receipts: tuple[Receipt, ...]
    more_receipts: int
    views: dict[str, Overview]

    def view(self, language: str) -> Overview:
        """The page in a language, else in English, else in the first that there is."""
        return self.views.get(language) or self.views.get("en") or next(iter(self.views.values()))


def freeze(  # noqa: PLR0913  (a question has that many parts)
    reader: access.Reader,
    body: Body,
    session: Session | None,
    *,
    filters: Filters | None = None,
    today: date | None = None,
    languages: Iterable[str] = (),
) -> dict[str, Any]:
    """What a reader may see of a body before a session, as plain JSON values, in these languages (none: the present one).

    ValidationError for a filter without sense. Nothing is written.
    """
    day = today or clock.today(body.time_zone)
    sight = Sight.of(reader, body)
    views = {}
    for language in tuple(languages) or (translation.get_language() or "en",):
        with translation.override(language):
            views[language] = overview(
                reader, body, session, filters=filters, today=day, rows=None, sight=sight, in_full=IN_FULL
            )
    head = Head.objects.first()
    seen = next(iter(views.values()))
    receipts, more = _receipts(sight, seen)
    frozen = Frozen(
        form=FORM,
        body=body.slug,
        session=seen.session.key if seen.session else "",
        day=day,
        at=clock.now().isoformat(timespec="seconds"),
        head=head.note if head else "",
        receipts=receipts,
        more_receipts=more,
        views=views,
    )
    plain: dict[str, Any] = _converter.unstructure(frozen)
    return plain


def _receipts(sight: Sight, seen: Overview) -> tuple[tuple[Receipt, ...], int]:
    """How the history of each occurrence on the page stood, in the order of the page."""
    shown = dict.fromkeys(
        entry.reference
        for group in seen.grid.groups
        for row in group.rows
        for cell in row.cells
        for entry in cell.entries
    )
    wanted = list(shown)[:RECEIPTS]
    found: dict[str, Receipt] = {}
    for start in range(0, len(wanted), 500):
        part = sight.occurrences.filter(reference__in=wanted[start : start + 500]).values_list("pk", "reference")
        names = dict(part.order_by())
        last = (
            Event.objects.filter(subject_type="occurrence", subject_id__in=names)
            .order_by()
            .values("subject_id")
            .annotate(entries=Max("number"), last=Max("pk"))
        )
        rows = {row["last"]: row for row in last}
        hashes = dict(Event.objects.filter(pk__in=rows).values_list("pk", "hash"))
        places = dict(Leaf.objects.filter(event__in=rows).values_list("event_id", "position"))
        for pk, row in rows.items():
            name = names[row["subject_id"]]
            found[name] = Receipt(name, row["entries"], hashes[pk], places.get(pk))
    return tuple(found[name] for name in wanted if name in found), len(shown) - len(wanted)


def canonical(plain: dict[str, Any]) -> bytes:
    """A frozen summary as the bytes that are hashed and signed (RFC 8785)."""
    return rfc8785.dumps(plain)


def digest(frozen: bytes) -> str:
    """The SHA-256 of these bytes, in hexadecimal."""
    return hashlib.sha256(frozen).hexdigest()


def thaw(frozen: bytes | dict[str, Any]) -> Frozen:
    """A frozen summary as what pages and papers are drawn from. ValidationError says what is wrong with one that is none."""
    try:
        plain = json.loads(frozen) if isinstance(frozen, bytes) else frozen
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ValidationError(_("This is no frozen summary: it is not JSON.")) from error
    if not isinstance(plain, dict) or plain.get("form") != FORM:
        raise ValidationError(_("This is no frozen summary of the form %(form)s.") % {"form": FORM}, code="form")
    try:
        thawed = _converter.structure(plain, Frozen)
    except (BaseValidationError, TypeError, ValueError, KeyError) as error:
        said = "; ".join(transform_error(error)[:3])
        raise ValidationError(_("This frozen summary cannot be read: %(why)s.") % {"why": said}) from error
    if not thawed.views:
        raise ValidationError(_("This frozen summary holds no page."))
    return thawed
