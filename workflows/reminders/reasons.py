"""Why a promised reminder does not hold, whoever is told: one predicate, asked when rows are planned, gathered and sent.

What depends on who is told (how early they want to hear, how often they have heard) is asked when they are addressed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_noop

from tracker import ladders
from tracker.models import Event, Notice, Occurrence
from workflows.machines import Status

Audience, State = Notice.Audience, Notice.State

# Reasons are kept in English and translated where they are shown.
MOVED = gettext_noop("the date moved")
NO_DATE = gettext_noop("waiting for a date")
RECEIVED = gettext_noop("report received")
ENDORSED = gettext_noop("report received and endorsed")
CLOSED = gettext_noop("closed by decision")
WAIVED = gettext_noop("waived")
SUPERSEDED = gettext_noop("superseded by amendment")
NOBODY_ASKED = gettext_noop("nobody is asked at present")
TOUCHED = gettext_noop("worked on since")
ANOTHER_POLICY = gettext_noop("another policy since")
ENDED = {
    Status.ENDORSED: ENDORSED,
    Status.CLOSED: CLOSED,
    Status.WAIVED: WAIVED,
    Status.SUPERSEDED: SUPERSEDED,
}
OURS = frozenset(
    {
        *(MOVED, NO_DATE, RECEIVED, NOBODY_ASKED, TOUCHED, ANOTHER_POLICY, *ENDED.values()),
        *(ladders.GRACE, ladders.QUIET, ladders.SAME_DAY),
    }
)
"""Reasons that may cease to hold: then the reminder is promised again."""

READABLE = (datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
DATE_MOVED = ("occurrence.due_date_changed", "occurrence.moved", "occurrence.date_granted")
MAY_MOVE = "occurrence.assigned"
BY_THE_WAY = ("occurrence.moved", "occurrence.carried_over")
"""What happens to a turn without anybody having worked on it."""


@dataclass(frozen=True)
class Why:
    """Why a reminder does not hold, and since when that has been so where it is known. No words: it holds."""

    words: str = ""
    since: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.words)


def why_not(*, audience: str, promised_due: object, status: str, due_on: object, anchor: str = ladders.DUE) -> str:
    """Why a promised rung does not hold for a turn as it stands ("" where it does), whoever is told."""
    if status in ENDED:
        return ENDED[Status(status)]
    with_the_ball = audience in {Audience.HOLDER, Audience.ALTERNATE}
    if status == Status.SUBMITTED and (not with_the_ball or anchor == ladders.UNTOUCHED):
        return RECEIVED
    if due_on is None:
        return NO_DATE
    if due_on != promised_due:
        return MOVED
    return NOBODY_ASKED if anchor == ladders.UNTOUCHED and status not in ladders.AT_WORK else ""


def needless(notice: Notice, occurrence: Occurrence) -> Why:
    """The same of a row, with the moment since when that has been so."""
    words = why_not(
        audience=notice.audience,
        promised_due=notice.due_on,
        status=occurrence.status,
        due_on=occurrence.due_on,
        anchor=notice.anchor,
    )
    if words:
        return Why(words, _since(words, occurrence))
    if notice.anchor == ladders.UNTOUCHED:
        last = acts_on([occurrence.pk]).aggregate(last=Max("recorded_at"))["last"]
        zone = ZoneInfo(occurrence.body.time_zone)
        if last and last.astimezone(zone).date() > ladders.hung_on(notice.key, occurrence.reference):
            return Why(TOUCHED, last)
    return Why()


def outdated(notice: Notice, occurrence: Occurrence) -> str:
    """The words of `needless`."""
    return needless(notice, occurrence).words


def acts_on(occurrences: list[int]) -> QuerySet[Event]:
    """What people did on some turns, without what happened to them by the way."""
    return _of_turns(occurrences).exclude(verb__in=BY_THE_WAY)


def moves_of(occurrences: list[int]) -> QuerySet[Event]:
    """The events by which the due days of some turns were set anew."""
    by_verb = Q(verb__in=DATE_MOVED) | Q(verb=MAY_MOVE, changes__has_key="due_on")
    return _of_turns(occurrences).filter(by_verb)


def _of_turns(occurrences: list[int]) -> QuerySet[Event]:
    """The events of some turns, without those whose moment somebody spoilt past the end of any calendar."""
    return Event.objects.filter(subject_type="occurrence", subject_id__in=occurrences, recorded_at__range=READABLE)


def _since(words: str, occurrence: Occurrence) -> datetime | None:
    """The moment of what made it needless."""
    if words in {MOVED, NO_DATE}:
        return moves_of([occurrence.pk]).aggregate(last=Max("recorded_at"))["last"]
    return occurrence.status_since
