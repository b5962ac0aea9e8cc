"""Which turns may have anything to be told: after events, once a day around the rungs that fall due, and a slice each round.

What a day costs follows from what is due around it, never from how much there is.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tracker import clock, ladders
from tracker.duepoints import Stations, anchor_day, deadline_day
from tracker.ladders import Rung
from tracker.models import (
    ClosedDay,
    DeadlineRule,
    Event,
    Heartbeat,
    Notice,
    Occurrence,
    ReminderPolicy,
    Session,
)
from tracker.policies import Policies, family, turns_of
from workflows.machines import UNDISCHARGED, Status
from workflows.reminders.planning import BATCH, plan
from workflows.reminders.reasons import ENDED

State = Notice.State
RUNNING = [*UNDISCHARGED, Status.SUBMITTED]
DAY = timedelta(days=1)
AHEAD = timedelta(days=4)  # over a long weekend: a rung that falls in it goes out before
LOOK_BACK = timedelta(days=14)  # where no sweep is known
SLICE = 1000
CURSOR = "reminders"


# After events ---------------------------------------------------------------------------------------------------------


def touched(events: Iterable[Event]) -> set[int]:
    """The turns whose reminders some events may change: those that they are about, those of a duty that was changed or of a
    policy that was put in force or ended, and those whose rungs hang on a deadline, a session or a working day that moved."""
    found: set[int] = set()
    by_verb: dict[str, set[int]] = {}
    for event in events:
        if event.subject_type == "occurrence":
            found.add(event.subject_id)
        elif event.verb != "body.changed" or {"country", "subdivision", "parent"} & event.changes.keys():
            by_verb.setdefault(event.verb, set()).add(event.subject_id)
    which = Q()
    for verb in by_verb.keys() & AFFECTED.keys():
        which |= AFFECTED[verb](by_verb[verb])
    return found | set(_running().filter(which).values_list("pk", flat=True)) if which else found


def _of_policies(pks: set[int]) -> Q:
    which = Q()
    for policy in ReminderPolicy.objects.filter(pk__in=pks).exclude(state=ReminderPolicy.State.DRAFT):
        which |= turns_of(policy)
    return which


def _of_bodies(pks: Iterable[int]) -> Q:
    below = set().union(*(family(pk) for pk in pks))
    return Q(obligation__responsible__in=below) if below else Q()


def _of_closed_days(pks: set[int]) -> Q:
    return _of_bodies(ClosedDay.objects.filter(pk__in=pks).values_list("body", flat=True).distinct())


def _of_rules(pks: set[int]) -> Q:
    named = pks & {rung.deadline for rung in _rungs() if rung.anchor == ladders.DEADLINE}
    return Q(session__body__deadline_rules__in=named) if named else Q()


def _of_sessions(pks: set[int]) -> Q:
    return Q(session__in=pks) if any(rung.anchor == ladders.DEADLINE for rung in _rungs()) else Q()


def _of_duties(pks: set[int]) -> Q:
    return Q(obligation__in=pks)


AFFECTED = {
    "policy.put_in_force": _of_policies,
    "policy.ended": _of_policies,
    "obligation.changed": _of_duties,
    "body.changed": _of_bodies,
    "closed_day.added": _of_closed_days,
    "closed_day.ended": _of_closed_days,
    "rule.changed": _of_rules,
    "rule.ended": _of_rules,
    "session.moved": _of_sessions,
    "session.changed": _of_sessions,
}
"""The turns that an event of some other thing may concern, by its verb, from the keys of those things."""


def _rungs() -> set[Rung]:
    return {rung for one in Policies.in_force().ladders() for rung in one.rungs}


def _running() -> QuerySet[Occurrence]:
    """Turns that are owed, and not so late that everything was said; those with promised rows, however they stand."""
    oldest = clock.today() - max((_span(rung)[1] for rung in _rungs()), default=timedelta(0)) - LOOK_BACK
    owed = Q(status__in=RUNNING, due_on__gte=oldest)
    promised = Notice.objects.filter(kind=Notice.Kind.REMINDER, state=State.PLANNED).values("occurrence")
    return Occurrence.objects.filter(owed | Q(pk__in=promised))


# Once a day -----------------------------------------------------------------------------------------------------------


def sweep() -> int:
    """As `plan`, for what has a rung around today, or since the last sweep, and was never promised it, and for what is
    promised though the turn stands otherwise: so that nothing hangs on a single event heard."""
    today = clock.today() + DAY  # somewhere it is tomorrow already
    last = Heartbeat.objects.filter(name="sweep").values_list("note", flat=True).first()
    since = min(date.fromisoformat(last), today) if last else today - LOOK_BACK
    return plan(set(_around(since - DAY, today)), sure=True)


def _around(since: date, today: date) -> Iterator[int]:
    """The turns that have a rung between two days and lack their rows, and those whose rows for these days are wrong."""
    rungs = _rungs()
    lacking = Occurrence.objects.filter(~_has_rows(), status__in=RUNNING).order_by()
    for first, until in _due_days(rungs, since, today + AHEAD):
        yield from lacking.filter(due_on__range=(first, until)).values_list("pk", flat=True)
    if sessions := _sessions(rungs, since, today + AHEAD):
        yield from lacking.filter(session__in=sessions).values_list("pk", flat=True)
    yield from _untouched(rungs, since, today)
    yield from _misfits(today + AHEAD)


def _misfits(until: date) -> Iterator[int]:
    """The turns that something is promised about until a day, though they are over or due on another. Asked of so many turns
    at a time, by their keys: what all of them are is no question to ask."""
    promised = Notice.objects.filter(
        kind=Notice.Kind.REMINDER, state=State.PLANNED, planned_for__lte=until, arrived_at=None
    )
    promised_for = list(promised.order_by("occurrence").values_list("occurrence", "due_on").distinct())
    for start in range(0, len(promised_for), BATCH):
        batch = promised_for[start : start + BATCH]
        turns = Occurrence.objects.filter(pk__in={pk for pk, _due_on in batch}).order_by()
        stand = {
            pk: due_on for pk, status, due_on in turns.values_list("pk", "status", "due_on") if status not in ENDED
        }
        yield from (pk for pk, due_on in batch if due_on is None or stand.get(pk) != due_on)


def _has_rows() -> Exists:
    rows = Notice.objects.filter(occurrence=OuterRef("pk"), kind=Notice.Kind.REMINDER, due_on=OuterRef("due_on"))
    return Exists(rows.order_by())


def _span(rung: Rung) -> tuple[timedelta, timedelta]:
    """From how many days to how many days after what it hangs on a rung falls: one day, or about as many as so many working
    days may be with the weekends and holidays between them."""
    exact = timedelta(days=rung.days)
    if not rung.working:
        return exact, exact
    wide = timedelta(days=rung.days * 7 // 5 + (14 if rung.days > 0 else -14))
    return min(exact, wide), max(exact, wide)


def _due_days(rungs: Iterable[Rung], since: date, until: date) -> list[tuple[date, date]]:
    """The due days of which a rung falls between two days, as ranges that do not overlap."""
    spans = [_span(rung) for rung in rungs if rung.anchor == ladders.DUE]
    ranges = sorted((since - last, until - first) for first, last in spans)
    merged: list[tuple[date, date]] = []
    for first, last in ranges:
        if merged and first <= merged[-1][1] + DAY:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _sessions(rungs: Iterable[Rung], since: date, until: date) -> list[int]:
    """The sessions of whose document deadlines a rung falls between two days."""
    hung = [rung for rung in rungs if rung.anchor == ladders.DEADLINE]
    rules = DeadlineRule.objects.filter(pk__in={rung.deadline for rung in hung}, ended_at=None).select_related("body")
    stations, found = Stations(), []
    for rule in rules:
        for session in Session.objects.filter(body=rule.body, opens__gte=since - timedelta(days=400)):
            day = deadline_day(rule, anchor_day(session), stations)
            spans = [_span(rung) for rung in hung if rung.deadline == rule.pk]
            if day and any(day + last >= since and day + first <= until for first, last in spans):
                found.append(session.pk)
    return found


def _untouched(rungs: Iterable[Rung], since: date, until: date) -> Iterator[int]:
    """The turns on which something was done as long ago as a rung of untouched ones counts."""
    for first, last in {_span(rung) for rung in rungs if rung.anchor == ladders.UNTOUCHED}:
        begins, ends = _midnight(since - last - DAY), _midnight(until - first + DAY)  # in any zone
        acts = Event.objects.filter(recorded_at__range=(begins, ends), subject_type="occurrence")
        running = Occurrence.objects.filter(status__in=ladders.AT_WORK, pk__in=acts.values("subject_id"))
        yield from running.order_by().values_list("pk", flat=True)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


# A slice each round ---------------------------------------------------------------------------------------------------


def look_on() -> int:
    """As `plan`, for the next slice of all there is; from the beginning again each day, once it has come to the end. So
    everything is looked at within days, and no round waits for it."""
    beat = Heartbeat.objects.filter(name=CURSOR).values_list("note", flat=True).first() or ""
    today = clock.today().isoformat()
    began, _space, place = beat.partition(" ")
    if place == "end":
        if began == today:
            return 0
        began, place = today, "0"
    began, after = began or today, int(place or 0)
    rows = list(Occurrence.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "status", "due_on")[:SLICE])
    last = rows[-1][0] if rows else after
    promised = Notice.objects.filter(kind=Notice.Kind.REMINDER, state=State.PLANNED)
    found = set(
        promised.filter(occurrence__gt=after, occurrence__lte=last).order_by().values_list("occurrence", flat=True)
    )
    found |= {pk for pk, status, due_on in rows if status in RUNNING and due_on}
    changed = plan(found)
    note = f"{began} {last}" if len(rows) == SLICE else f"{began} end"
    Heartbeat.objects.update_or_create(name=CURSOR, defaults={"beat_at": timezone.now(), "note": note})
    return changed
