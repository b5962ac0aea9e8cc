"""A past state of a body, rebuilt from the record: every row as the events up to a day say that it stood.

Two readings of "on a day" (PRODUCT: two clocks in every event):

- *known*: what was recorded by the end of that day, in the body's time zone. Never changes any more.
- *stood*: by today's knowledge. An occurrence stands as the events say that took effect by that day, however late they were
  recorded; one whose day is not recorded counts from the day on which it was recorded. The turns themselves, texts, calendar,
  offices and terms are those that are known today: they carry their own days. A day known to the month or the year counts
  from its first day.

What only hashes stand for in the record (texts of paragraphs and versions) is taken from the rows, which checks hold against
those hashes. Words that were erased are gone from the past too.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access, clock
from tracker.asof.scratch import fill, reading, scratch
from tracker.log import folding, replay
from tracker.models import Assignment, Body, Event, EventWords, Notice, Precision, Report
from tracker.recorded import HASHED

KNOWN, STOOD = "known", "stood"
BASES = (KNOWN, STOOD)
MOST = 20_000
"""Occurrences of a body that are rebuilt while a reader waits; a longer register is read by the day of a tabled summary."""
# Kinds of subjects whose events make a page of the Council; an occurrence's are cut by the day in both readings.
SHOWN = (
    "body", "office", "term", "substitution", "person", "session", "sitting", "meeting", "deadlinerule", "closedday",
    "resolution", "version", "paragraph", "obligation", "occurrence", "decision", "occasion", "reminderpolicy",
)  # fmt: skip
TURN = "occurrence"
ONLY_LIVE = {"version": ("text",), "person": ("password", "last_login")}


@contextmanager
def past(reader: access.Reader, body: Body, day: date, basis: str) -> Iterator[None]:
    """Within this block the register is as it was on a day of the body's calendar: of what the reader may see today, and
    open to every member. Nothing can be written meanwhile.

    ValidationError for a day to come or before the record begins, for another basis, and for a register that is too long.
    """
    if basis not in BASES:
        raise ValidationError({"basis": _("Choose how the day is meant: as it stood, or as it was known.")})
    if day > clock.today(body.time_zone):
        raise ValidationError({"day": _("That day is still to come.")})
    seen = _Seen(reader, body)
    if len(seen.turns) > MOST:
        too_many = _("This body has %(count)s occurrences; up to %(most)s are rebuilt for a past day.")
        raise ValidationError({"day": too_many % {"count": len(seen.turns), "most": MOST}})
    if basis == KNOWN and not _recorded(Event.objects.filter(body=body), body, day).exists():
        raise ValidationError({"day": _("Nothing had been recorded by that day: the record begins later.")})
    fold = folding.Fold()
    drops: set[int] = set()
    for event, words, erased in _events(body, day, basis):
        fold.add(event, words, erased=erased)
        if event.verb == "obligation.dropped":
            drops.add(event.pk)
    fold.dropped([(reference, at) for reference, at in replay.drops() if at in drops])
    with scratch() as name:
        for model in folding.audited():
            fill(name, seen.of(model, fold.rows.get(model, {}), _end(body, day)))
        _beside(name, body, day, basis, seen)
        with reading(name):
            yield


def _end(body: Body, day: date) -> datetime:
    """The moment at which a day of the body's calendar is over."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(body.time_zone))


def _recorded(events: QuerySet[Event], body: Body, day: date) -> QuerySet[Event]:
    return events.filter(recorded_at__lt=_end(body, day))


def _effective(events: QuerySet[Event], body: Body, day: date) -> QuerySet[Event]:
    """Those that had taken effect; of those that begin a row all, for a turn is there before anything happens to it."""
    unknown = Q(effective_on=None) | Q(effective_precision=Precision.UNKNOWN)
    took_effect = ~unknown & Q(effective_on__lte=day)
    return events.filter(took_effect | (unknown & Q(recorded_at__lt=_end(body, day))) | Q(verb="occurrence.planned"))


def _events(body: Body, day: date, basis: str) -> Iterator[tuple[Any, dict[str, Any], bool]]:
    found = Event.objects.filter(subject_type__in=SHOWN).filter(~Q(subject_type=TURN) | Q(body=body))
    if basis == KNOWN:
        yield from replay.with_words(_recorded(found, body, day))
    else:
        keys = _effective(found.filter(subject_type=TURN), body, day).values("pk")
        yield from replay.with_words(found.filter(~Q(subject_type=TURN) | Q(pk__in=keys)))


class _Seen:
    """What a reader may see today, by model; and the live rows from which comes what the record has only by its hash."""

    def __init__(self, reader: access.Reader, body: Body) -> None:
        with access.asked_once():
            turns = access.occurrences(reader).filter(body=body).order_by()
            self.turns = set(turns.values_list("pk", flat=True))
            self.only: dict[str, set[int]] = {
                "occurrence": self.turns,
                "obligation": set(access.obligations(reader).order_by().values_list("pk", flat=True)),
                "resolution": set(access.resolutions(reader).order_by().values_list("pk", flat=True)),
                "version": set(access.versions(reader).order_by().values_list("pk", flat=True)),
                "paragraph": set(access.paragraphs(reader).order_by().values_list("pk", flat=True)),
            }
            papers = access.papers(reader, Report.objects.filter(occurrence__body=body))
            self.only["report"] = set(papers.order_by().values_list("pk", flat=True))

    def of(self, model: str, rows: dict[int, folding.Row], end: datetime) -> Iterable[models.Model]:
        """The rows of a model that stood and that the reader may see."""
        only = self.only.get(model)
        wanted = {pk: row for pk, row in rows.items() if row.born and not row.gone and (only is None or pk in only)}
        live = self._live(model, wanted)
        for pk, row in wanted.items():
            yield _made(model, pk, row, live.get(pk, {}), end)

    def _live(self, model: str, wanted: dict[int, folding.Row]) -> dict[int, dict[str, Any]]:
        columns = [*HASHED.get(model, ()), *ONLY_LIVE.get(model, ())]
        if model == "assignment":
            columns.append("told_at")
        if not columns or not wanted:
            return {}
        found: dict[int, dict[str, Any]] = {}
        keys = list(wanted)
        manager = folding.audited()[model]._base_manager
        for start in range(0, len(keys), 500):
            for row in manager.filter(pk__in=keys[start : start + 500]).values("pk", *columns):
                found[row.pop("pk")] = row
        return found


def _made(model: str, pk: int, row: folding.Row, live: dict[str, Any], end: datetime) -> models.Model:
    """A row as it stood."""
    kind = folding.audited()[model]
    values: dict[str, Any] = {}
    for column in kind._meta.concrete_fields:
        if column.primary_key:
            continue
        if column.name in live:
            value = live[column.name]
        elif column.name in row.known and column.name not in row.lost:
            value = column.to_python(row.known[column.name][0])
        else:
            continue
        if value is not None or column.null:
            values[column.attname] = value
    made = kind(pk=pk, **values)
    if isinstance(made, Assignment) and made.told_at and made.told_at >= end:
        made.told_at = None
    if hasattr(made, "visibility"):
        made.visibility = "public"  # of what the reader may see nothing is kept back
    return made


def _beside(name: str, body: Body, day: date, basis: str, seen: _Seen) -> None:
    """What is no state but is counted on the page: moves of dates, and reminders that had been told."""
    moves = Event.objects.filter(
        subject_type=TURN, body=body, verb__in=["occurrence.due_date_changed", "occurrence.moved"]
    )
    moves = _recorded(moves, body, day) if basis == KNOWN else _effective(moves, body, day)
    shown = [one for one in moves.order_by("pk") if one.subject_id in seen.turns]
    fill(name, shown)
    fill(name, EventWords.objects.filter(event__in=[one.pk for one in shown]))
    told = Notice.objects.filter(
        occurrence__body=body,
        kind=Notice.Kind.REMINDER,
        state__in=[Notice.State.SENT, Notice.State.SHOWN],
    ).filter(Q(message__sent_at__lt=_end(body, day)) | Q(message=None, arrived_at__lt=_end(body, day)))
    fill(name, [one for one in told if one.occurrence_id in seen.turns])
