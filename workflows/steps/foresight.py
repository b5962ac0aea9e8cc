"""What a change of the calendar would do, before anybody confirms it: the change is made, looked at, and undone. So what
is shown is what then happens, by construction."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from tracker import audit, clock
from tracker.ball import Roster
from tracker.models import Assignment, Event, Occurrence, Person, Report
from workflows.steps.moves import Moved


@dataclass(frozen=True)
class Foresight:
    """The turns that would move, in the order of their days; how many would be new; and who would be told of the moves, in
    one mail each: not the person who makes the change."""

    moved: tuple[Moved, ...]
    opened: int
    told: tuple[Person, ...]


def foresee(change: Callable[[], object], *, by: Person) -> Foresight:
    """What a change would do; changes nothing. Raises what the change itself would raise."""
    request = uuid.uuid4().hex
    with transaction.atomic():
        with audit.acting(audit.context().means, request):
            change()
        events = list(Event.objects.filter(request_id=request, subject_type="occurrence").order_by("pk"))
        ids = [event.subject_id for event in events if "due_on" in event.changes and event.verb == "occurrence.moved"]
        told = _told(ids, by)
        transaction.set_rollback(True)
    dates: dict[int, list[str | None]] = {}
    for event in events:
        if event.subject_id in ids and "due_on" in event.changes:
            old, new = event.changes["due_on"]
            dates.setdefault(event.subject_id, [old, new])[1] = new
    found = Occurrence.objects.filter(pk__in=ids).select_related("obligation", "body").in_bulk()
    moved = [Moved(found[pk], _day(old), _day(new)) for pk, (old, new) in dates.items()]
    moved.sort(key=lambda one: (one.old is None, one.old or clock.today(), one.occurrence.pk))
    opened = sum(1 for event in events if event.verb == "occurrence.planned")
    return Foresight(tuple(moved), opened, told)


def _told(ids: list[int], by: Person) -> tuple[Person, ...]:
    """Who has the ball of those turns, as the mails of the move will find them."""
    found = Occurrence.objects.filter(pk__in=ids).select_related(
        "body", "obligation__responsible__parent__parent", "obligation__endorser__body"
    )
    leads = Assignment.objects.standing().filter(occurrence__in=ids, part=Assignment.Part.LEAD)
    lead = {one.occurrence_id: one for one in leads.select_related("office", "person")}
    submitters: dict[int, list[int | None]] = {}
    for report in Report.objects.filter(occurrence__in=ids, state=Report.State.SUBMITTED):
        submitters.setdefault(report.occurrence_id, []).extend((report.submitted_by_id, report.acting_for_id))
    rosters: dict[str, Roster] = {}
    people: dict[int, Person] = {}
    for turn in found:
        zone = turn.body.time_zone
        if zone not in rosters:
            rosters[zone] = Roster.on(clock.today(zone))
        ball = rosters[zone].ball(turn, lead=lead.get(turn.pk), submitters=submitters.get(turn.pk, ()))
        people |= {person.pk: person for person in ball.people if person.is_active and person.pk != by.pk}
    return tuple(sorted(people.values(), key=lambda person: (person.name, person.pk)))


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
