"""Turns made from the calendar: one a session or meeting, on a rolling horizon, never twice, never before adoption."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.people import World
from tracker import clock
from tracker.models import Event, Meeting, Obligation, Occurrence, Session, State, Version
from workflows import flows, steps
from workflows.steps.horizon import HORIZON

Kind, Anchor = Obligation.Kind, Obligation.Anchor


def duty(world: World, kind: str, **fields: Any) -> Obligation:
    """A further confirmed duty of the same paragraph."""
    return Obligation.objects.create(
        paragraph=world.obligation.paragraph,
        resolution=world.resolution,
        number=Obligation.objects.count() + 1,
        title="Another",
        kind=kind,
        responsible=world.group,
        endorser=world.offices["chair"],
        confirmed=True,
        **fields,
    )


def before_each_meeting(world: World) -> Obligation:
    return duty(world, Kind.BEFORE_EACH_MEETING, anchor=Anchor.MEETING, anchor_body=world.group, offset_days=-1)


def session(world: World, code: str, **fields: Any) -> Session:
    return Session.objects.create(body=world.council, code=code, name=f"Session {code}", **fields)


def ends(obligation: Obligation) -> dict[str, date | None]:
    """The end of each turn's reference, and its due day."""
    return {one.reference.rpartition("-")[2]: one.due_on for one in obligation.occurrences.all()}


def test_each_session_after_adoption_brings_one_turn(world: World) -> None:
    assert ends(world.obligation) == {"c16": date(2016, 4, 25), "c17": date(2017, 4, 15), "c18": date(2018, 3, 18)}


def test_continuing_duty_brings_one_confirmation_a_session(world: World) -> None:
    found = duty(world, Kind.CONTINUING, anchor=Anchor.SESSION, anchor_body=world.council, offset_days=-30)

    steps.plan_turns(found)

    assert list(ends(found)) == ["c16", "c17", "c18"]


def test_each_meeting_after_adoption_brings_one_turn_in_its_session(world: World) -> None:
    found = before_each_meeting(world)

    steps.plan_turns(found)

    assert ends(found) == {"m12": date(2016, 10, 9), "m14": date(2018, 1, 22)}
    assert list(found.occurrences.values_list("session__code", flat=True)) == ["C17", "C18"]


def test_meeting_before_adoption_brings_no_turn(world: World) -> None:
    Meeting.objects.create(body=world.group, number=9, begins=date(2015, 1, 23), state=State.HELD)
    found = before_each_meeting(world)

    steps.plan_turns(found)

    assert "m9" not in ends(found)


def test_turns_are_never_entered_twice(world: World) -> None:
    assert steps.plan_turns(world.obligation) == []
    assert steps.roll() == 0

    session(world, "C19", opens=date(2019, 6, 10))

    assert [one.reference for one in steps.plan_turns(world.obligation)] == ["council/r1-1.2-c19"]
    assert steps.roll() == 0
    assert world.obligation.occurrences.count() == 4


def test_the_database_refuses_a_second_turn_of_a_session(world: World) -> None:
    row = {name: getattr(world.due, name) for name in ("obligation", "body", "resolution", "status_since", "opened_at")}

    with pytest.raises(IntegrityError), transaction.atomic():
        Occurrence.objects.create(reference="council/r1-1.2-again", session=world.due.session, **row)

    Occurrence.objects.create(reference="council/r1-1.2-again", session=world.sessions["C15"], **row)  # the control


def test_extraordinary_session_brings_no_turn(world: World) -> None:
    session(world, "C18X", kind=Session.Kind.EXTRAORDINARY, opens=date(2018, 9, 1))
    session(world, "C18A", kind=Session.Kind.ADDITIONAL, opens=date(2018, 10, 1))

    assert steps.plan_turns(world.obligation) == []


def test_cancelled_session_or_meeting_brings_no_turn(world: World) -> None:
    session(world, "C19", opens=date(2019, 6, 10), state=State.CANCELLED)
    Meeting.objects.create(body=world.group, number=15, begins=date(2018, 9, 1), state=State.CANCELLED)
    found = before_each_meeting(world)

    steps.plan_turns(found)

    assert steps.plan_turns(world.obligation) == []
    assert "m15" not in ends(found)


def test_postponed_session_or_meeting_waits_for_a_date(world: World) -> None:
    session(world, "C19", opens=date(2019, 6, 10), state=State.POSTPONED)
    Meeting.objects.create(body=world.group, number=15, begins=date(2018, 9, 1), state=State.POSTPONED)
    found = before_each_meeting(world)

    steps.plan_turns(world.obligation)
    steps.plan_turns(found)

    assert ends(world.obligation)["c19"] is None
    assert ends(found)["m15"] is None


@pytest.mark.parametrize(
    ("opens", "precision"), [(None, "unknown"), (date(2019, 1, 1), "year"), (date(2019, 6, 1), "month")]
)
def test_session_without_a_day_waits_for_it(world: World, opens: date | None, precision: str) -> None:
    session(world, "C19", opens=opens, precision=precision)

    steps.plan_turns(world.obligation)

    assert ends(world.obligation)["c19"] is None


def test_session_beyond_the_horizon_comes_with_time(world: World) -> None:
    today = clock.today()
    session(world, "C20", opens=today + HORIZON)
    session(world, "C21", opens=today + HORIZON + timedelta(days=1))

    assert [one.reference for one in steps.plan_turns(world.obligation)] == ["council/r1-1.2-c20"]

    with clock.at(datetime(2018, 2, 18, tzinfo=UTC)):
        assert [one.reference for one in steps.plan_turns(world.obligation)] == ["council/r1-1.2-c21"]


def test_version_out_of_force_brings_no_turn_for_later_sessions(world: World) -> None:
    Version.objects.filter(pk=world.version.pk).update(in_force_until=date(2018, 12, 31))
    session(world, "C19", opens=date(2019, 6, 10))

    assert steps.plan_turns(world.obligation) == []


def test_a_turn_once_entered_is_not_rewritten(world: World) -> None:
    Session.objects.filter(code="C17").update(opens=date(2017, 5, 1))
    Obligation.objects.filter(pk=world.obligation.pk).update(offset_days=-10)

    steps.roll()

    assert ends(world.obligation)["c17"] == date(2017, 4, 15)


@pytest.mark.parametrize("what", ["unconfirmed", "intake"])
def test_nothing_is_asked_before_a_person_confirmed(world: World, what: str) -> None:
    if what == "unconfirmed":
        Obligation.objects.filter(pk=world.obligation.pk).update(confirmed=False)
    else:
        Version.objects.filter(pk=world.version.pk).update(tracking=Version.Tracking.INTAKE)
    session(world, "C19", opens=date(2019, 6, 10))

    assert steps.plan_turns(world.obligation) == []
    assert steps.roll() == 0


def test_once_by_a_date_or_a_session_brings_one_turn(world: World) -> None:
    by_date = duty(world, Kind.ONCE, anchor=Anchor.DATE, due_date=date(2018, 12, 31))
    at_session = duty(
        world, Kind.ONCE, anchor=Anchor.SESSION, anchor_body=world.council, anchor_session=world.sessions["C18"]
    )

    assert steps.roll() == 2

    assert ends(by_date) == {"20181231": date(2018, 12, 31)}
    assert ends(at_session) == {"c18": date(2018, 4, 17)}
    assert by_date.occurrences.get().session is None


def test_once_at_a_cancelled_session_waits_for_a_date(world: World) -> None:
    gone = session(world, "C19", opens=date(2019, 6, 10), state=State.CANCELLED)
    found = duty(world, Kind.ONCE, anchor=Anchor.SESSION, anchor_body=world.council, anchor_session=gone)

    steps.plan_turns(found)

    assert ends(found) == {"c19": None}


def test_periodic_duty_rolls_on_to_the_horizon(world: World) -> None:
    found = duty(world, Kind.PERIODIC, anchor=Anchor.DATE, due_date=date(2017, 8, 31), interval_months=6)

    steps.plan_turns(found)

    assert list(ends(found).values()) == [
        date(2018, 2, 28),
        date(2018, 8, 31),
        date(2019, 2, 28),
        date(2019, 8, 31),
        date(2020, 2, 29),
    ]


def test_duty_on_an_event_waits_for_its_event(world: World) -> None:
    assert steps.plan_turns(duty(world, Kind.ON_EVENT, anchor=Anchor.NONE)) == []


def test_each_turn_is_on_record_and_at_the_first_step(world: World) -> None:
    session(world, "C19", opens=date(2019, 6, 10))

    [turn] = steps.plan_turns(world.obligation)

    event = Event.objects.get(subject_reference=turn.reference)
    assert (event.verb, event.actor, event.number) == ("occurrence.planned", None, 1)
    assert (turn.status, turn.first_due_on) == ("planned", turn.due_on)
    task = flows.open_task(turn)
    assert task is not None
    assert task.flow_task.name == "assignment"


def test_roll_tells_how_many_turns_are_new(world: World) -> None:
    session(world, "C19", opens=date(2019, 6, 10))
    Meeting.objects.create(body=world.group, number=15, begins=date(2018, 9, 1))
    before_each_meeting(world)

    assert steps.roll() == 4  # a session, and the three meetings of the new duty


def test_a_round_that_brings_nothing_asks_no_more_after_years(world: World) -> None:
    """Each round looks at every duty: what it asks of the database must not grow with the turns that are there."""
    monthly = duty(
        world, Kind.PERIODIC, anchor=Anchor.DATE, due_date=date(2017, 12, 1), interval_months=1, offset_days=0
    )
    waits = duty(world, Kind.ON_EVENT, anchor=Anchor.NONE, offset_days=10, trigger="a veto is cast")
    asked = []
    for year in (0, 3):
        moment = datetime(2018 + year, 2, 16, 9, tzinfo=UTC)
        with clock.at(moment):
            for number in range(1 + 4 * year):
                steps.record_occasion(waits, happened_on=date(2018, 2, 1), words=f"{year}.{number}", by=world.secretary)
            steps.roll()
            with CaptureQueriesContext(connection) as found:
                assert steps.plan_turns(monthly) == steps.plan_turns(waits) == []
            asked.append(len(found))

    assert monthly.occurrences.count() > 60
    assert waits.occurrences.count() > 10
    assert asked[0] == asked[1]
