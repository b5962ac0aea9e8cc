"""Duties of every kind, and a calendar to hang them on, for the tests of dates."""

from datetime import date
from typing import Any

from tests.people import World
from tracker.models import DeadlineRule, Event, Obligation, Session
from workflows import steps

Kind, Anchor = Obligation.Kind, Obligation.Anchor


def duty(world: World, kind: str, **fields: Any) -> Obligation:
    """A further confirmed duty of the same paragraph, with its turns."""
    made = Obligation.objects.create(
        paragraph=world.obligation.paragraph,
        resolution=world.resolution,
        number=Obligation.objects.count() + 1,
        title=fields.pop("title", "Another"),
        kind=kind,
        responsible=world.group,
        endorser=world.offices["chair"],
        confirmed=True,
        **fields,
    )
    steps.plan_turns(made)
    return made


def each_session(world: World, **fields: Any) -> Obligation:
    return duty(world, Kind.EACH_SESSION, anchor=Anchor.SESSION, anchor_body=world.council, **fields)


def before_each_meeting(world: World) -> Obligation:
    return duty(world, Kind.BEFORE_EACH_MEETING, anchor=Anchor.MEETING, anchor_body=world.group, offset_days=-1)


def on_event(world: World, days: int = 10, *, working: bool = True) -> Obligation:
    return duty(
        world, Kind.ON_EVENT, anchor=Anchor.NONE, offset_days=days, offset_working=working, trigger="a veto is cast"
    )


def periodic(world: World, start: date, months: int, *, completion: bool = False) -> Obligation:
    counted = Obligation.CountedFrom.COMPLETION if completion else Obligation.CountedFrom.CALENDAR
    return duty(world, Kind.PERIODIC, anchor=Anchor.DATE, due_date=start, interval_months=months, counted_from=counted)


def contributions(world: World, days: int = 14, *, working: bool = False) -> DeadlineRule:
    return steps.add_deadline_rule(
        world.council, name="Contributions", days_before=days, working=working, by=world.secretary
    )


def council_of(world: World, year: int, opens: date | None) -> Session:
    return steps.add_session(
        world.council, code=f"C{year - 2000}", name=f"Council {year}", opens=opens, by=world.secretary
    )


def geneva(world: World) -> None:
    """The Council works by Geneva's calendar, and its group with it."""
    steps.set_duty_station(world.council, country="CH", subdivision="GE", by=world.secretary, reason="As recorded.")


def ends(obligation: Obligation) -> dict[str, date | None]:
    """The end of each turn's reference, and its due day."""
    return {one.reference.rpartition("-")[2]: one.due_on for one in obligation.occurrences.all()}


def events(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb).order_by("pk"))
