"""An event is recorded, and the turn that it opens is entered with it."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_fsm import TransitionNotAllowed

from tests.calendars import council_of, ends, events, geneva, on_event
from tests.people import World
from tests.record import everything
from tracker.models import Obligation, Version
from workflows import steps

VETO = {"happened_on": date(2018, 2, 12), "words": "A veto was cast.", "source": "S/2018/1"}


def test_recorded_event_opens_a_turn_due_in_working_days(world: World):
    geneva(world)
    found = on_event(world, 35)

    occasion = steps.record_occasion(found, by=world.chair, **VETO)

    turn = found.occurrences.get()
    assert (turn.reference, turn.occasion, turn.status) == ("council/r1-1.2~2-e1", occasion, "planned")
    assert (turn.due_on, turn.first_due_on) == (date(2018, 4, 4), date(2018, 4, 4))  # over Good Friday, Easter Monday
    recorded, planned = events("occasion.recorded")[-1], events("occurrence.planned")[-1]
    assert recorded.request_id == planned.request_id
    assert recorded.effective_on == VETO["happened_on"]
    assert recorded.words.words["words"][1] == "A veto was cast."


@pytest.mark.parametrize(
    ("days", "working", "due"),
    [
        (0, False, date(2018, 2, 10)),  # a Saturday: the day itself
        (0, True, date(2018, 2, 10)),
        (1, True, date(2018, 2, 12)),
        (10, True, date(2018, 2, 23)),
        (10, False, date(2018, 2, 20)),
        (-1, True, date(2018, 2, 9)),
    ],
)
def test_day_of_the_event_does_not_count(world: World, days: int, working: bool, due: date):
    found = on_event(world, days, working=working)

    steps.record_occasion(found, by=world.chair, happened_on=date(2018, 2, 10), words="On a Saturday.")

    assert ends(found) == {"e1": due}


def test_each_event_opens_one_turn_and_rolling_on_opens_no_other(world: World):
    found = on_event(world)
    steps.record_occasion(found, by=world.chair, **VETO)
    steps.record_occasion(found, by=world.secretary, **(VETO | {"happened_on": date(2018, 2, 14)}))

    assert steps.roll() == 0
    assert list(ends(found)) == ["e1", "e2"]


def test_turn_of_an_event_stands_in_the_column_of_the_session_that_comes_next(world: World):
    found = on_event(world)
    steps.record_occasion(found, by=world.chair, **VETO)
    assert found.occurrences.get().session == world.sessions["C18"]

    steps.move_session(world.sessions["C18"], opens=date(2018, 9, 1), by=world.secretary, reason="Later.")
    assert found.occurrences.get().session == world.sessions["C18"]  # still the next one
    assert ends(found) == {"e1": date(2018, 2, 26)}  # it only stands there: it does not move with it

    sooner = council_of(world, 2019, date(2018, 6, 1))
    assert found.occurrences.get().session == sooner


@pytest.mark.parametrize("who", ["chair", "vice_chair", "secretary", "council_chair"])
def test_chairs_and_secretary_record_events(world: World, who: str):
    assert steps.record_occasion(on_event(world), by=world.people[who], **VETO).recorded_by == world.people[who]


@pytest.mark.parametrize("who", ["contributor", "councillor", "auditor", "outsider"])
def test_others_do_not_record_events(world: World, who: str):
    found = on_event(world)
    before = everything()

    with pytest.raises(PermissionDenied):
        steps.record_occasion(found, by=world.people[who], **VETO)

    assert everything() == before


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"words": " "}, "words"),
        ({"words": "nul \x00"}, "words"),
        ({"words": "x" * 501}, "words"),
        ({"source": "nul \x00"}, "source"),
        ({"happened_on": date(2018, 2, 17)}, "happened_on"),  # tomorrow
        ({"happened_on": date.max}, "happened_on"),
        ({"happened_on": date.min}, "happened_on"),
        ({"happened_on": date(2015, 5, 11)}, "happened_on"),  # before the session that adopted it
    ],
)
def test_absurd_events_are_refused_and_change_nothing(world: World, arguments: dict[str, Any], field: str):
    found = on_event(world)
    before = everything()

    with pytest.raises(ValidationError) as refused:
        steps.record_occasion(found, by=world.chair, **(VETO | arguments))

    assert field in refused.value.message_dict
    assert everything() == before


def test_same_event_is_recorded_once(world: World):
    found = on_event(world)
    steps.record_occasion(found, by=world.chair, **VETO)

    with pytest.raises(ValidationError, match="on record already"):
        steps.record_occasion(found, by=world.secretary, **VETO)


def test_event_of_a_version_that_ended_opens_nothing(world: World):
    found = on_event(world)
    Version.objects.filter(pk=world.version.pk).update(in_force_until=date(2018, 2, 1))

    with pytest.raises(ValidationError, match="in force no more"):
        steps.record_occasion(found, by=world.chair, **VETO)


@pytest.mark.parametrize("what", ["other kind", "unconfirmed"])
def test_duty_that_waits_for_no_event_opens_none(world: World, what: str):
    found = on_event(world)
    change = {"kind": "once"} if what == "other kind" else {"confirmed": False}
    Obligation.objects.filter(pk=found.pk).update(**change)

    with pytest.raises(TransitionNotAllowed):
        steps.record_occasion(found, by=world.chair, **VETO)
