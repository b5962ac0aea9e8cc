"""The calendar moves, and what hangs on it moves with it in one audited act."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_fsm import TransitionNotAllowed

from tests.people import World
from tracker.models import Event, Meeting, Obligation, Occurrence, Session, Sitting, State
from workflows import steps

MARCH, APRIL = date(2018, 3, 18), date(2018, 4, 17)


def before_each_meeting(world: World) -> Obligation:
    """A second duty, hung on the meetings of the group: due the day before each."""
    duty = Obligation.objects.create(
        paragraph=world.obligation.paragraph,
        resolution=world.resolution,
        number=2,
        title="Consultation",
        kind=Obligation.Kind.BEFORE_EACH_MEETING,
        anchor=Obligation.Anchor.MEETING,
        anchor_body=world.group,
        offset_days=-1,
        responsible=world.group,
        endorser=world.offices["chair"],
        confirmed=True,
    )
    steps.plan_turns(duty)
    return duty


def last_events(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb).order_by("pk"))


# ── moving a session ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["planned", "assigned", "in_progress", "submitted"])
def test_move_session_carries_the_undischarged_by_the_same_days_and_keeps_the_first_promise(world: World, status: str):
    world.walk(status)

    steps.move_session(
        world.sessions["C18"], opens=date(2018, 5, 1), closes=date(2018, 5, 11), by=world.secretary, reason="Later."
    )

    assert (world.due.due_on, world.due.first_due_on) == (date(2018, 4, 1), MARCH)
    assert world.due.status == status


def test_move_session_keeps_a_changed_due_date_at_its_distance(world: World):
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 3, 20), reason="Two days more.")

    steps.move_session(world.sessions["C18"], opens=date(2018, 4, 24), by=world.secretary, reason="A week later.")

    assert world.due.due_on == date(2018, 3, 27)
    assert world.due.first_due_on == MARCH


@pytest.mark.parametrize("status", ["endorsed", "closed", "waived", "superseded"])
def test_move_session_never_rewrites_what_is_discharged_or_over(world: World, status: str):
    world.walk(status)
    before = Occurrence.objects.values().get(pk=world.due.pk)

    steps.move_session(world.sessions["C18"], opens=date(2018, 5, 1), by=world.secretary, reason="Later.")

    assert Occurrence.objects.values().get(pk=world.due.pk) == before
    assert last_events("occurrence.moved") == []


def test_move_session_leaves_other_sessions_alone(world: World):
    before = Occurrence.objects.values().get(pk=world.past.pk)

    steps.move_session(world.sessions["C18"], opens=date(2018, 5, 1), by=world.secretary, reason="Later.")

    assert Occurrence.objects.values().get(pk=world.past.pk) == before


def test_session_postponed_without_a_date_leaves_its_turns_waiting(world: World):
    session = steps.move_session(world.sessions["C18"], opens=None, by=world.secretary, reason="No venue.")

    assert (session.state, session.opens, session.closes) == (State.POSTPONED, None, None)
    assert (world.due.due_on, world.due.first_due_on) == (None, MARCH)


def test_session_that_gets_a_date_again_gives_its_turns_their_due_point(world: World):
    steps.move_session(world.sessions["C18"], opens=None, by=world.secretary, reason="No venue.")

    session = steps.move_session(world.sessions["C18"], opens=date(2018, 6, 12), by=world.secretary, reason="A venue.")

    assert session.state == State.PLANNED
    assert (world.due.due_on, world.due.first_due_on) == (date(2018, 5, 13), MARCH)


def test_session_known_to_the_month_only_leaves_its_turns_waiting(world: World):
    session = steps.move_session(
        world.sessions["C18"], opens=date(2018, 6, 12), precision="month", by=world.secretary, reason="In June."
    )

    assert (session.opens, session.precision) == (date(2018, 6, 1), "month")
    assert world.due.due_on is None


def test_move_session_is_one_act_with_one_event_for_each_turn_and_one_request_id(world: World):
    steps.move_session(world.sessions["C18"], opens=date(2018, 5, 1), by=world.secretary, reason="Later.")

    (moved,), (carried,) = last_events("session.moved"), last_events("occurrence.moved")
    assert moved.changes["opens"] == ["2018-04-17", "2018-05-01"]
    assert moved.words.words == {"reason": "Later."}
    assert carried.changes == {"due_on": ["2018-03-18", "2018-04-01"], "moved_with_calendar": [0, 1]}
    assert carried.subject_reference == world.due.reference
    assert moved.request_id == carried.request_id
    assert {moved.actor, carried.actor} == {world.secretary}


def test_move_session_takes_its_planned_main_sitting_along(world: World):
    main = steps.add_sitting(world.sessions["C18"], kind=Sitting.Kind.MAIN, by=world.secretary)
    final = steps.add_sitting(
        world.sessions["C18"], kind=Sitting.Kind.FINAL, begins=date(2018, 10, 27), by=world.secretary
    )

    steps.move_session(
        world.sessions["C18"], opens=date(2018, 5, 1), closes=date(2018, 5, 4), by=world.secretary, reason="Later."
    )

    main.refresh_from_db()
    final.refresh_from_db()
    assert (main.begins, main.ends) == (date(2018, 5, 1), date(2018, 5, 4))
    assert final.begins == date(2018, 10, 27)


def test_would_move_tells_what_the_move_then_does(world: World):
    foreseen = steps.would_move(world.sessions["C18"], date(2018, 5, 1))
    unchanged = world.due.due_on

    steps.move_session(world.sessions["C18"], opens=date(2018, 5, 1), by=world.secretary, reason="Later.")

    assert unchanged == MARCH
    assert [(turn.occurrence, turn.old, turn.new) for turn in foreseen] == [(world.due, MARCH, world.due.due_on)]


# ── refusals: nothing has changed ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["chair", "council_chair", "contributor", "councillor", "auditor", "outsider"])
def test_move_session_is_the_secretarys(world: World, who: str):
    with pytest.raises(PermissionDenied):
        steps.move_session(world.sessions["C18"], opens=date(2018, 5, 1), by=world.people[who], reason="Later.")

    assert (Session.objects.get(code="C18").opens, world.due.due_on) == (APRIL, MARCH)
    assert last_events("session.moved") == []


def test_session_that_was_held_does_not_move(world: World):
    with pytest.raises(TransitionNotAllowed):
        steps.move_session(world.sessions["C17"], opens=date(2018, 5, 1), by=world.secretary, reason="Later.")

    assert Session.objects.get(code="C17").opens == date(2017, 5, 15)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "nul \x00"}, "reason"),
        ({"closes": date(2018, 4, 30)}, "closes"),
        ({"opens": date(2018, 2, 15)}, "opens"),
        ({"opens": APRIL, "closes": date(2018, 4, 27)}, "opens"),
        ({"opens": None, "closes": date(2018, 5, 1)}, "closes"),
        ({"precision": "century"}, "precision"),
        ({"opens": date.max}, "opens"),
    ],
)
def test_move_session_refuses_what_does_not_hold(world: World, arguments: dict, field: str):
    said = {"opens": date(2018, 5, 1), "reason": "Later."} | arguments

    with pytest.raises(ValidationError) as refused:
        steps.move_session(world.sessions["C18"], by=world.secretary, **said)

    assert field in refused.value.message_dict
    assert (Session.objects.get(code="C18").opens, world.due.due_on) == (APRIL, MARCH)
    assert last_events("session.moved") == []


# ── meetings ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_add_meeting_takes_the_next_number_and_the_first_ordinary_session_after_it(world: World):
    meeting = steps.add_meeting(world.group, begins=date(2018, 3, 1), by=world.secretary)

    assert (meeting.number, meeting.session) == (15, world.sessions["C18"])


def test_add_meeting_after_the_last_session_belongs_to_none_yet(world: World):
    assert steps.add_meeting(world.group, begins=date(2018, 9, 1), by=world.secretary).session is None


def test_add_meeting_enters_the_turns_hung_on_it(world: World):
    duty = before_each_meeting(world)

    steps.add_meeting(world.group, begins=date(2018, 3, 1), by=world.secretary)

    turn = duty.occurrences.get(meeting__number=15)
    assert (turn.reference, turn.due_on) == ("council/r1-1.2~2-m15", date(2018, 2, 28))


def test_move_meeting_carries_its_turns_and_finds_its_session(world: World):
    duty = before_each_meeting(world)
    meeting = steps.add_meeting(world.group, begins=date(2018, 3, 1), by=world.secretary)
    later = steps.add_session(
        world.council, code="C19", name="Council 2019", opens=date(2019, 6, 10), by=world.secretary
    )

    meeting = steps.move_meeting(meeting, begins=date(2018, 9, 20), by=world.secretary, reason="After the summer.")

    turn = duty.occurrences.get(meeting=meeting)
    assert (turn.due_on, turn.first_due_on, turn.session) == (date(2018, 9, 19), date(2018, 2, 28), later)
    assert meeting.session == later
    moved, carried = last_events("meeting.moved")[-1], last_events("occurrence.moved")[-1]
    assert moved.request_id == carried.request_id


def test_meeting_postponed_without_a_date_leaves_its_turns_waiting(world: World):
    duty = before_each_meeting(world)
    meeting = steps.add_meeting(world.group, begins=date(2018, 3, 1), by=world.secretary)

    steps.change_meeting(meeting, state=State.POSTPONED, reason="No room.", by=world.secretary)

    assert duty.occurrences.get(meeting=meeting).due_on is None
    assert Meeting.objects.get(pk=meeting.pk).state == State.POSTPONED


def test_meeting_number_is_given_once(world: World):
    with pytest.raises(ValidationError, match="14 already"):
        steps.add_meeting(world.group, number=14, begins=date(2018, 3, 1), by=world.secretary)


# ── adding and changing ────────────────────────────────────────────────────────────────────────────────────────────────


def test_add_session_enters_the_turns_hung_on_it(world: World):
    steps.add_session(world.council, code="C19", name="Council 2019", opens=date(2019, 6, 10), by=world.secretary)

    turn = Occurrence.objects.get(reference="council/r1-1.2-c19")
    assert (turn.due_on, turn.first_due_on) == (date(2019, 5, 11), date(2019, 5, 11))


def test_add_session_of_another_kind_enters_no_turn(world: World):
    before = Occurrence.objects.count()

    steps.add_session(
        world.council, code="C18A", name="Additional", kind="additional", opens=date(2018, 10, 19), by=world.secretary
    )

    assert Occurrence.objects.count() == before


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"code": "c18"}, "code"),
        ({"code": "C 19"}, "code"),
        ({"code": "C" * 31}, "code"),
        ({"name": ""}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"place": "nul \x00"}, "place"),
        ({"kind": "secret"}, "kind"),
        ({"state": "cancelled"}, "state"),
        ({"state": "held"}, "opens"),
        ({"closes": date(2019, 6, 1)}, "closes"),
    ],
)
def test_add_session_refuses_what_does_not_hold(world: World, arguments: dict, field: str):
    said = {"code": "C19", "name": "Council 2019", "opens": date(2019, 6, 10)} | arguments

    with pytest.raises(ValidationError) as refused:
        steps.add_session(world.council, by=world.secretary, **said)

    assert field in refused.value.message_dict
    assert Session.objects.count() == 4


def test_cancelled_session_leaves_its_turns_waiting_for_a_date_or_a_decision(world: World):
    session = steps.change_session(world.sessions["C18"], state=State.CANCELLED, reason="Not held.", by=world.secretary)

    assert session.state == State.CANCELLED
    assert (world.due.due_on, world.due.first_due_on) == (None, MARCH)
    assert last_events("occurrence.moved")[0].request_id == last_events("session.changed")[0].request_id


def test_session_is_postponed_and_renamed_in_one_act(world: World):
    session = steps.change_session(
        world.sessions["C18"],
        state=State.POSTPONED,
        name="Council 2018 (later)",
        reason="No venue.",
        by=world.secretary,
    )

    assert (session.state, session.name, session.opens) == (State.POSTPONED, "Council 2018 (later)", None)
    assert last_events("session.moved")[0].request_id == last_events("session.changed")[0].request_id


def test_session_cannot_have_been_held_before_it_opens(world: World):
    with pytest.raises(ValidationError):
        steps.change_session(world.sessions["C18"], state=State.HELD, by=world.secretary)


def test_cancelled_session_cannot_become_held(world: World):
    steps.change_session(world.sessions["C18"], state=State.CANCELLED, reason="Not held.", by=world.secretary)

    with pytest.raises(TransitionNotAllowed):
        steps.change_session(world.sessions["C18"], state=State.HELD, by=world.secretary)


def test_change_session_that_changes_nothing_is_refused(world: World):
    with pytest.raises(ValidationError, match="Nothing"):
        steps.change_session(world.sessions["C18"], by=world.secretary, reason="No reason.")


def test_main_sitting_has_the_sessions_own_dates(world: World):
    sitting = steps.add_sitting(world.sessions["C18"], kind=Sitting.Kind.MAIN, by=world.secretary)

    assert (sitting.begins, sitting.ends) == (APRIL, date(2018, 4, 27))
    with pytest.raises(ValidationError, match="main sitting already"):
        steps.add_sitting(world.sessions["C18"], kind=Sitting.Kind.MAIN, by=world.secretary)


@pytest.mark.parametrize("verb", ["add_session", "add_meeting", "change_session", "move_meeting", "add_sitting"])
def test_calendar_is_the_secretarys(world: World, verb: str):
    calls = {
        "add_session": lambda by: steps.add_session(world.council, code="C19", name="Council 2019", by=by),
        "add_meeting": lambda by: steps.add_meeting(world.group, by=by),
        "change_session": lambda by: steps.change_session(world.sessions["C18"], name="Council", by=by),
        "move_meeting": lambda by: steps.move_meeting(world.meetings[14], begins=None, reason="Why.", by=by),
        "add_sitting": lambda by: steps.add_sitting(world.sessions["C18"], kind="main", by=by),
    }
    before = Event.objects.count()

    with pytest.raises(PermissionDenied):
        calls[verb](world.chair)

    assert Event.objects.count() == before
