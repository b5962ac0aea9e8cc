"""What is promised when: the ladder of reminders of an occurrence, decided purely, then kept as `Notice` rows.

`promises` says which rungs stand for an occurrence, `why_not` whether one of them still holds at the moment of sending.
`plan` makes the rows agree with `promises`, future rungs included, so that the ledger shows what will come. What falls
due is asked by a range (`planned_for <= today`), never by an exact day: a missed run loses nothing.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from tracker import clock
from tracker.ball import Roster
from tracker.deadlines import LADDER, ladder
from tracker.models import Assignment, Event, Notice, Occurrence, Report
from tracker.models.legible import NO_MOMENT
from workflows.machines import UNDISCHARGED, Status

log = logging.getLogger(__name__)
Audience = Notice.Audience
State = Notice.State

# Reasons are kept in English and translated where they are shown.
MOVED = gettext_noop("the date moved")
NO_DATE = gettext_noop("waiting for a date")
RECEIVED = gettext_noop("report received")
ENDORSED = gettext_noop("report received and endorsed")
CLOSED = gettext_noop("closed by decision")
WAIVED = gettext_noop("waived")
SUPERSEDED = gettext_noop("superseded by amendment")
ENDED = {
    Status.ENDORSED: ENDORSED,
    Status.CLOSED: CLOSED,
    Status.WAIVED: WAIVED,
    Status.SUPERSEDED: SUPERSEDED,
}
OURS = (MOVED, NO_DATE, RECEIVED, *ENDED.values())

BATCH = 200
DATE_MOVED = ("occurrence.due_date_changed", "occurrence.moved", "occurrence.date_granted")
MAY_MOVE = "occurrence.assigned"


# Decided purely -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What the ladder of an occurrence follows from. `entered_on` is the day from which its due day has been known."""

    reference: str
    status: str
    due_on: date | None
    entered_on: date


@dataclass(frozen=True)
class Promise:
    """One rung: on which day, to whom, and the key under which it is promised once."""

    key: str
    rung: int
    audience: str
    planned_for: date
    due_on: date


def promises(facts: Facts, rungs: tuple[int, ...] = LADDER) -> list[Promise]:
    """The rungs that stand: to who has the ball, the chair in copy on the late ones. None once the duty is discharged or
    while it has no day. A draft changes nothing; a submission passes the ball, and nothing is late while it stands."""
    if facts.due_on is None or facts.status in ENDED:
        return []
    found = []
    for rung, day in ladder(facts.due_on, facts.entered_on, rungs):
        copied = rung > 0 and facts.status in UNDISCHARGED
        for audience in (Audience.HOLDER, Audience.CHAIR) if copied else (Audience.HOLDER,):
            key = f"reminder:{facts.reference}:{facts.due_on}:{rung}:{audience}"
            found.append(Promise(key, rung, audience, day, facts.due_on))
    return found


def why_not(*, audience: str, promised_due: date | None, status: str, due_on: date | None) -> str:
    """Why a promised rung does not hold for an occurrence as it stands ("" where it does)."""
    if status in ENDED:
        return ENDED[Status(status)]
    if audience == Audience.CHAIR and status == Status.SUBMITTED:
        return RECEIVED
    if due_on is None:
        return NO_DATE
    return MOVED if due_on != promised_due else ""


def outdated(notice: Notice, occurrence: Occurrence) -> str:
    """`why_not` of a row: read again when it is gathered, and once more right before it is sent."""
    return why_not(
        audience=notice.audience, promised_due=notice.due_on, status=occurrence.status, due_on=occurrence.due_on
    )


# Kept as rows ---------------------------------------------------------------------------------------------------------


def touched(events: Iterable[Event]) -> set[int]:
    """The occurrences that some events are about."""
    return {event.subject_id for event in events if event.subject_type == "occurrence"}


def plan(occurrences: Iterable[int]) -> int:
    """Make the rows of these occurrences agree with what is promised; returns how many rows changed. Safe to run twice,
    and by two workers at once: each occurrence is locked while its rows are set right."""
    ids = sorted(set(occurrences))
    return sum(_plan_batch(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def sweep() -> int:
    """As `plan`, for whatever may have anything to be told: once a day, so that nothing hangs on a single round."""
    oldest = clock.today() - timedelta(days=max(LADDER) + 1)
    running = Q(status__in=[*UNDISCHARGED, Status.SUBMITTED], due_on__gte=oldest)
    promised = Notice.objects.filter(kind=Notice.Kind.REMINDER, state=State.PLANNED).values("occurrence")
    return plan(Occurrence.objects.filter(running | Q(pk__in=promised)).values_list("pk", flat=True))


def _plan_batch(ids: list[int]) -> int:
    """Compare without locks, and lock only what differs."""
    known = _known_since(ids)
    rosters: dict[str, Roster] = {}
    changed = 0
    for occurrence in _loaded(ids):
        try:
            if _differences(occurrence, known, rosters):
                changed += _set_right(occurrence.pk, rosters)
        except Exception:  # one that cannot be planned must not keep the others from being reminded
            log.exception("The reminders of %s could not be planned.", occurrence.reference)
    return changed


def _loaded(ids: list[int]) -> list[Occurrence]:
    related = ("body", "obligation__responsible__parent__parent", "obligation__endorser__body")
    found = Occurrence.objects.filter(pk__in=ids).select_related(*related)
    return list(found.prefetch_related("notices", "assignments__office", "assignments__person", "reports"))


def _known_since(ids: list[int]) -> dict[int, datetime]:
    """When the due day of an occurrence was last moved, as far as it can be read."""
    by_verb = Q(verb__in=DATE_MOVED) | Q(verb=MAY_MOVE, changes__has_key="due_on")
    moves = Event.objects.filter(by_verb, subject_type="occurrence", subject_id__in=ids).order_by()
    found: dict[int, datetime] = {}
    for occurrence, moment in moves.values_list("subject_id", "recorded_at"):
        if moment != NO_MOMENT:
            found[occurrence] = max(moment, found.get(occurrence, moment))
    return found


@dataclass
class Difference:
    """What is to be done to the rows of one occurrence."""

    missing: list[Notice]
    revived: list[int]
    ended: list[tuple[int, str]]
    renamed: list[tuple[int, int | None]]

    def __bool__(self) -> bool:
        return bool(self.missing or self.revived or self.ended or self.renamed)

    def __len__(self) -> int:
        return len(self.missing) + len(self.revived) + len(self.ended) + len(self.renamed)


def _differences(occurrence: Occurrence, known: dict[int, datetime], rosters: dict[str, Roster]) -> Difference:
    zone = occurrence.body.time_zone
    today = clock.today(zone)
    since = max(occurrence.opened_at, known.get(occurrence.pk, occurrence.opened_at))
    entered_on = since.astimezone(ZoneInfo(zone)).date()
    facts = Facts(occurrence.reference, occurrence.status, occurrence.due_on, entered_on)
    if zone not in rosters:
        rosters[zone] = Roster.on(today)
    recipient = _recipients(occurrence, rosters[zone])
    wanted = {promise.key: promise for promise in promises(facts)}
    rows = {row.key: row for row in occurrence.notices.all() if row.kind == Notice.Kind.REMINDER}
    found = Difference([], [], [], [])
    for key, promise in wanted.items():
        row = rows.get(key)
        if row is None:
            found.missing.append(_row(occurrence, promise, recipient[promise.audience]))
        elif row.state == State.SKIPPED and row.reason in OURS and row.planned_for >= today:
            found.revived.append(row.pk)
        elif row.state == State.PLANNED and row.person_id != recipient[promise.audience]:
            found.renamed.append((row.pk, recipient[promise.audience]))
    for key, row in rows.items():
        if row.state == State.PLANNED and key not in wanted:
            found.ended.append((row.pk, outdated(row, occurrence) or MOVED))
    return found


def _recipients(occurrence: Occurrence, roster: Roster) -> dict[str, int | None]:
    """Who would be told today, for the ledger; who is told is asked again on the day."""
    standing = [one for one in occurrence.assignments.all() if one.ended_at is None]
    lead = next((one for one in standing if one.part == Assignment.Part.LEAD), None)
    report = next((one for one in occurrence.reports.all() if one.state == Report.State.SUBMITTED), None)
    submitters = (report.submitted_by_id, report.acting_for_id) if report else ()
    holders = roster.ball(occurrence, lead=lead, submitters=submitters).people
    chair = roster.seated(occurrence.obligation.responsible, "chair")
    chairs = roster.people(chair, occurrence.resolution_id) if chair else ()
    return {
        Audience.HOLDER: holders[0].pk if holders else None,
        Audience.CHAIR: chairs[0].pk if chairs else None,
    }


def _row(occurrence: Occurrence, promise: Promise, person: int | None) -> Notice:
    return Notice(
        key=promise.key,
        kind=Notice.Kind.REMINDER,
        audience=promise.audience,
        rung=promise.rung,
        occurrence=occurrence,
        person_id=person,
        due_on=promise.due_on,
        planned_for=promise.planned_for,
        created_at=clock.now(),
    )


def _set_right(pk: int, rosters: dict[str, Roster]) -> int:
    """The same comparison with the row locked, so that it cannot be out of date, and then done."""
    with transaction.atomic():
        list(Occurrence.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).values_list("pk"))
        (occurrence,) = _loaded([pk])
        found = _differences(occurrence, _known_since([pk]), rosters)
        rows = Notice.objects.filter(occurrence=pk)
        Notice.objects.bulk_create(found.missing, ignore_conflicts=True)
        rows.filter(pk__in=found.revived, state=State.SKIPPED).update(state=State.PLANNED, reason="")
        for row, reason in found.ended:
            rows.filter(pk=row, state=State.PLANNED).update(state=State.SKIPPED, reason=reason)
        for row, person in found.renamed:
            rows.filter(pk=row, state=State.PLANNED).update(person=person)
        return len(found)
