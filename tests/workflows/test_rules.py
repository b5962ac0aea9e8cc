"""Document deadlines, duty stations and closed days: what hangs on them moves with them, in one audited act."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_fsm import TransitionNotAllowed

from tests.calendars import contributions, council_of, each_session, ends, events, geneva, on_event
from tests.people import World
from tests.record import everything, verified
from tracker.duepoints import Stations
from tracker.models import Body, ClosedDay, Occurrence
from workflows import steps

APRIL = date(2018, 4, 17)


def hung_on_rule(world: World, **fields: Any) -> Occurrence:
    """The turn for Council 2018 of a duty that hangs on the deadline for contributions: due on 3 April, 14 days before."""
    found = each_session(world, anchor_rule=contributions(world), **fields)
    return found.occurrences.get(session__code="C18")


def again(turn: Occurrence) -> Occurrence:
    return Occurrence.objects.get(pk=turn.pk)


# ── document deadlines ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({}, date(2018, 4, 3)),
        ({"offset_days": -2}, date(2018, 4, 1)),
        ({"offset_days": 7}, date(2018, 4, 10)),
        ({"offset_days": -2, "offset_working": True}, date(2018, 3, 30)),  # Monday to Friday: no station is recorded
    ],
)
def test_turn_hangs_on_a_document_deadline(world: World, fields: dict, due: date):
    assert hung_on_rule(world, **fields).due_on == due


def test_turn_hangs_on_a_deadline_in_working_days(world: World):
    geneva(world)

    found = each_session(world, anchor_rule=contributions(world, 11, working=True))

    assert ends(found)["c18"] == date(2018, 3, 29)  # Good Friday and Easter Monday lie between


def test_changed_deadline_moves_what_hangs_on_it_in_one_act(world: World):
    turn = hung_on_rule(world)
    rule = turn.obligation.anchor_rule

    steps.change_deadline_rule(rule, days_before=21, by=world.secretary, reason="A new rule of procedure.")

    turn = again(turn)
    assert (turn.due_on, turn.first_due_on) == (date(2018, 3, 27), date(2018, 4, 3))
    assert (turn.moved_with_calendar, turn.moved_by_choice) == (1, 0)
    changed, moved = events("rule.changed")[-1], events("occurrence.moved")[-1]
    assert changed.request_id == moved.request_id
    assert changed.words.words == {"reason": "A new rule of procedure."}


def test_changed_deadline_keeps_the_distance_of_a_day_changed_by_choice(world: World):
    turn = hung_on_rule(world)
    steps.change_due_date(turn, by=world.chair, due_on=date(2018, 4, 5), reason="Two days more.")

    steps.change_deadline_rule(turn.obligation.anchor_rule, days_before=21, by=world.secretary, reason="Earlier.")

    assert again(turn).due_on == date(2018, 3, 29)


def test_changed_deadline_never_rewrites_the_past(world: World):
    turn = hung_on_rule(world)
    before = Occurrence.objects.values().get(obligation=turn.obligation, session__code="C17")
    done = world.walk("endorsed", turn)

    steps.change_deadline_rule(turn.obligation.anchor_rule, days_before=21, by=world.secretary, reason="Earlier.")

    assert Occurrence.objects.values().get(pk=before["id"]) == before
    assert again(done).due_on == date(2018, 4, 3)
    assert events("occurrence.moved") == []


def test_new_name_of_a_deadline_moves_nothing(world: World):
    turn = hung_on_rule(world)

    steps.change_deadline_rule(turn.obligation.anchor_rule, name="Papers", by=world.secretary, reason="Plainer.")

    assert events("occurrence.moved") == []


def test_deadline_that_duties_hang_on_is_not_ended(world: World):
    turn = hung_on_rule(world)

    with pytest.raises(TransitionNotAllowed, match="1 duty hangs on it"):
        steps.end_deadline_rule(turn.obligation.anchor_rule, by=world.secretary, reason="Done with.")

    free = steps.add_deadline_rule(world.council, name="Contributions", days_before=5, by=world.secretary)
    ended = steps.end_deadline_rule(free, by=world.secretary, reason="Done with.")
    assert (free.slug, ended.ended_at is not None) == ("contributions-2", True)
    with pytest.raises(TransitionNotAllowed):
        steps.change_deadline_rule(free, days_before=6, by=world.secretary, reason="Once more.")


def test_session_that_moves_carries_what_hangs_on_its_deadlines(world: World):
    turn = hung_on_rule(world, offset_days=-2, offset_working=True)

    steps.move_session(world.sessions["C18"], opens=date(2018, 5, 8), by=world.secretary, reason="Later.")

    assert again(turn).due_on == date(2018, 4, 20)  # 24 April, and two working days before
    assert again(turn).moved_with_calendar == 1


# ── working days ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_group_without_a_station_works_as_its_parent(world: World):
    geneva(world)
    group = Body.objects.get(pk=world.group.pk)

    assert Stations().of(group).place == "CH-GE"
    steps.set_duty_station(group, country="US", by=world.secretary, reason="It sits elsewhere.")
    assert Stations().of(Body.objects.get(pk=group.pk)).place == "US"


def test_station_says_which_days_it_works_on(world: World):
    geneva(world)
    steps.add_closed_day(world.council, day=date(2018, 12, 24), name="Closed", by=world.secretary)
    steps.add_closed_day(world.group, day=date(2018, 5, 10), name="Meets all the same", works=True, by=world.secretary)
    council, group = (Stations().of(Body.objects.get(pk=one.pk)) for one in (world.council, world.group))

    assert not council.works(date(2018, 9, 6))  # the Genevan fast
    assert not council.works(date(2018, 12, 24))
    assert not group.works(date(2018, 12, 24))
    assert (council.works(date(2018, 5, 10)), group.works(date(2018, 5, 10))) == (False, True)  # Ascension Day


def test_without_a_station_monday_to_friday_are_worked(world: World):
    station = Stations().of(world.group)

    assert (station.place, station.works(date(2018, 12, 25)), station.works(date(2018, 12, 22))) == ("", True, False)


def test_closed_day_moves_working_day_due_points_that_lie_ahead(world: World):
    turn = each_session(world, offset_days=-5, offset_working=True).occurrences.get(session__code="C18")
    assert turn.due_on == date(2018, 4, 10)

    steps.add_closed_day(world.council, day=date(2018, 4, 12), name="Closed", by=world.secretary)

    assert (again(turn).due_on, again(turn).moved_with_calendar) == (date(2018, 4, 9), 1)
    assert events("closed_day.added")[-1].request_id == events("occurrence.moved")[-1].request_id


def test_closed_day_taken_back_moves_them_back(world: World):
    turn = each_session(world, offset_days=-5, offset_working=True).occurrences.get(session__code="C18")
    (closed,) = steps.add_closed_day(world.council, day=date(2018, 4, 12), name="Closed", by=world.secretary)

    steps.end_closed_day(closed, by=world.secretary, reason="It works after all.")

    assert (again(turn).due_on, again(turn).moved_with_calendar) == (date(2018, 4, 10), 2)
    with pytest.raises(TransitionNotAllowed):
        steps.end_closed_day(closed, by=world.secretary, reason="Twice.")


def test_closed_day_leaves_calendar_days_and_chosen_days_alone(world: World):
    chosen = each_session(world, offset_days=-5, offset_working=True).occurrences.get(session__code="C18")
    steps.change_due_date(chosen, by=world.chair, due_on=date(2018, 4, 11), reason="One day more.")

    steps.add_closed_day(world.council, day=date(2018, 4, 12), name="Closed", by=world.secretary)

    assert again(chosen).due_on == date(2018, 4, 11)
    assert world.due.due_on == date(2018, 3, 18)
    assert events("occurrence.moved") == []


def test_closed_day_moves_the_turn_of_an_event(world: World):
    found = on_event(world, 3)
    steps.record_occasion(found, happened_on=date(2018, 2, 16), words="Cast.", by=world.chair)
    assert ends(found) == {"e1": date(2018, 2, 21)}

    steps.add_closed_day(world.group, day=date(2018, 2, 19), name="Closed", by=world.secretary)

    assert ends(found) == {"e1": date(2018, 2, 22)}


def test_duty_station_moves_working_day_due_points(world: World):
    turn = each_session(world, offset_days=-15, offset_working=True).occurrences.get(session__code="C18")
    assert turn.due_on == date(2018, 3, 27)

    geneva(world)

    assert again(turn).due_on == date(2018, 3, 23)
    assert events("body.changed")[-1].changes == {"country": ["", "CH"], "subdivision": ["", "GE"]}
    assert verified() > 0


def test_closure_of_many_days_passes_over_days_off(world: World):
    geneva(world)

    rows = steps.add_closed_day(
        world.council, day=date(2018, 12, 22), until=date(2019, 1, 6), name="Winter closure", by=world.secretary
    )

    assert [row.day.day for row in rows] == [
        24,
        26,
        27,
        28,
        2,
        3,
        4,
    ]  # 25 December, 31 December, 1 January are holidays


# ── refusals: nothing has changed ──────────────────────────────────────────────────────────────────────────────────────

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("add_deadline_rule", {"name": " "}, "name"),
    ("add_deadline_rule", {"name": "nul \x00"}, "name"),
    ("add_deadline_rule", {"name": "x" * 161}, "name"),
    ("add_deadline_rule", {"days_before": -1}, "days_before"),
    ("add_deadline_rule", {"days_before": 10**9}, "days_before"),
    ("set_duty_station", {"country": "XX"}, "country"),
    ("set_duty_station", {"country": "CHE"}, "country"),
    ("set_duty_station", {"country": "\x00"}, "country"),
    ("set_duty_station", {"subdivision": "ZZ"}, "subdivision"),
    ("set_duty_station", {"country": ""}, "subdivision"),
    ("set_duty_station", {"reason": ""}, "reason"),
    ("add_closed_day", {"day": date.max}, "day"),
    ("add_closed_day", {"until": date(2018, 4, 1)}, "until"),
    ("add_closed_day", {"until": date(2019, 4, 1)}, "until"),
    ("add_closed_day", {"name": ""}, "name"),
    ("add_closed_day", {"day": date(2018, 4, 15)}, "day"),  # a Sunday
    ("add_closed_day", {"works": True}, "day"),  # a Thursday
]
GOOD: dict[str, dict[str, Any]] = {
    "add_deadline_rule": {"name": "Papers", "days_before": 30},
    "set_duty_station": {"country": "CH", "subdivision": "GE", "reason": "As recorded."},
    "add_closed_day": {"day": date(2018, 4, 12), "name": "Closed"},
}


@pytest.mark.parametrize(("verb", "arguments", "field"), REFUSED)
def test_absurd_rules_are_refused_and_change_nothing(world: World, verb: str, arguments: dict, field: str):
    before = everything()

    with pytest.raises(ValidationError) as refused:
        getattr(steps, verb)(world.council, by=world.secretary, **(GOOD[verb] | arguments))

    assert field in refused.value.message_dict
    assert everything() == before


@pytest.mark.parametrize("verb", list(GOOD))
@pytest.mark.parametrize("who", ["chair", "council_chair", "councillor", "outsider"])
def test_rules_are_the_secretarys(world: World, verb: str, who: str):
    with pytest.raises(PermissionDenied):
        getattr(steps, verb)(world.council, by=world.people[who], **GOOD[verb])

    assert not ClosedDay.objects.exists()


def test_closed_day_is_entered_once(world: World):
    steps.add_closed_day(world.council, day=date(2018, 4, 12), name="Closed", by=world.secretary)

    with pytest.raises(ValidationError, match="does not work then anyway"):
        steps.add_closed_day(world.council, day=date(2018, 4, 12), name="Closed", by=world.secretary)


# ── what is foreseen is what happens ───────────────────────────────────────────────────────────────────────────────────


def changes(world: World) -> dict[str, Callable[[], object]]:
    rule = contributions(world)
    each_session(world, anchor_rule=rule)
    each_session(world, offset_days=-15, offset_working=True)
    council_of(world, 2019, date(2019, 6, 10))
    return {
        "rule": lambda: steps.change_deadline_rule(rule, days_before=20, by=world.secretary, reason="Earlier."),
        "closed": lambda: steps.add_closed_day(world.council, day=date(2018, 4, 12), name="Closed", by=world.secretary),
        "station": lambda: steps.set_duty_station(
            world.council, country="CH", subdivision="GE", by=world.secretary, reason="As recorded."
        ),
        "session": lambda: steps.move_session(
            world.sessions["C18"], opens=date(2018, 5, 8), by=world.secretary, reason="Later."
        ),
        "postponed": lambda: steps.move_session(
            world.sessions["C18"], opens=None, by=world.secretary, reason="No venue."
        ),
        "cancelled": lambda: steps.change_session(
            world.sessions["C18"], state="cancelled", by=world.secretary, reason="Not held."
        ),
    }


@pytest.mark.parametrize("what", ["rule", "closed", "station", "session", "postponed", "cancelled"])
def test_what_is_foreseen_is_what_then_happens(world: World, what: str):
    change = changes(world)[what]
    before = everything()

    foreseen = steps.foresee(change, by=world.secretary)

    assert everything() == before  # nothing was done
    assert foreseen.moved
    change()
    for one in foreseen.moved:
        assert one.old != one.new == again(one.occurrence).due_on
    moved = {event.subject_id for event in events("occurrence.moved")}
    assert moved == {one.occurrence.pk for one in foreseen.moved}
    assert foreseen.told == (world.chair,)  # nobody is assigned: the chair has the ball


def test_session_on_a_day_of_the_week_is_no_holiday_of_ours(world: World):
    """Calendar days land where they land: on a Sunday, on a holiday. Only working days pass over them."""
    geneva(world)
    found = each_session(world, offset_days=-15)

    assert ends(found)["c18"] == date(2018, 4, 2)  # Easter Monday
    assert world.due.due_on == date(2018, 3, 18)  # a Sunday
