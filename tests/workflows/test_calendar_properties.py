"""Twenty years of a calendar that nobody leaves in peace: whatever moves, these things hold after every act."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django_fsm import TransitionNotAllowed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.calendars import before_each_meeting, contributions, each_session, geneva, on_event, periodic
from tests.people import World
from tests.record import verified
from tracker import clock
from tracker.duepoints import Stations, due_day, hangs_on
from tracker.marks import Discharge, discharge
from tracker.models import DeadlineRule, Event, Meeting, Obligation, Occurrence, Session
from workflows import steps
from workflows.steps.columns import column_on, session_after

ACTS = st.tuples(
    st.sampled_from(["move", "add", "postpone", "cancel", "meet", "rule", "close", "happen", "discharge", "wait"]),
    st.integers(0, 900),
)
FIXTURE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def furnish(world: World) -> None:
    """A duty of every kind."""
    geneva(world)
    each_session(world, anchor_rule=contributions(world, 10, working=True), offset_days=-3, offset_working=True)
    each_session(world, offset_days=-5)
    before_each_meeting(world)
    on_event(world)
    periodic(world, date(2016, 2, 29), 12)
    periodic(world, date(2017, 1, 31), 6, completion=True)


def act(world: World, name: str, number: int) -> Any:
    """One act of the secretary, chosen by a number."""
    by, today = world.secretary, clock.today("Europe/Zurich")
    day = today + timedelta(days=number)
    sessions = list(Session.objects.filter(state__in=["planned", "postponed"]).order_by("pk"))
    session = sessions[number % len(sessions)] if sessions else None
    duty = Obligation.objects.get(kind="on_event")
    rule = DeadlineRule.objects.get()
    open_ones = Occurrence.objects.filter(status="planned", due_on__lte=today + timedelta(days=60)).order_by("pk")
    turn = open_ones[number % len(open_ones)] if open_ones else None
    code = f"S{Session.objects.count()}"
    acts = {
        "move": lambda: session and steps.move_session(session, opens=day, by=by, reason="So."),
        "postpone": lambda: session and steps.move_session(session, opens=None, by=by, reason="So."),
        "cancel": lambda: session and steps.change_session(session, state="cancelled", by=by, reason="So."),
        "add": lambda: steps.add_session(world.council, code=code, name=code, opens=day, by=by),
        "meet": lambda: steps.add_meeting(world.group, begins=day, by=by),
        "rule": lambda: steps.change_deadline_rule(rule, days_before=number % 60, by=by, reason="So."),
        "close": lambda: steps.add_closed_day(world.council, day=day, name="Closed", by=by),
        "happen": lambda: steps.record_occasion(duty, happened_on=today, words=f"{number}", by=by),
        "discharge": lambda: turn and world.walk("endorsed", turn),
    }
    return acts[name]


def standing() -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in Occurrence.objects.values()}


def holds(before: dict[int, dict[str, Any]]) -> None:
    """What must hold after an act, whatever it was."""
    stations, after = Stations(), standing()
    for pk, row in before.items():
        assert after[pk]["first_due_on"] == (row["first_due_on"] or after[pk]["first_due_on"])  # promises are kept
        if row["status"] in {"endorsed", "closed", "waived"}:
            assert after[pk] == row  # the past is never rewritten
    turns = Occurrence.objects.select_related(
        "obligation__anchor_rule__body", "obligation__responsible", "session", "meeting", "occasion", "body"
    )
    for turn in turns:
        if discharge(turn).done:
            continue
        if turn.period is None and hangs_on(turn) is None:
            assert turn.due_on is None  # waiting for a date, not late
        if turn.pk in before and turn.due_on != before[turn.pk]["due_on"] and turn.due_on:
            assert turn.due_on == due_day(turn.obligation, hangs_on(turn), stations)  # to its own due point
        if (turn.period or turn.occasion) and not (turn.session and turn.session.state == "held"):
            assert turn.session == column_on(turn.body, turn.due_on)
    for meeting in Meeting.objects.filter(begins__isnull=False).exclude(session__state="held"):
        assert meeting.session == session_after(meeting.body, meeting.begins)
    assert steps.roll() == 0  # whatever the calendar brings is there already, and once
    slips = Counter(
        event.subject_id
        for event in Event.objects.filter(verb="occurrence.moved")
        if event.changes.get("due_on", [None])[0] is not None
    )
    assert {pk: row["moved_with_calendar"] for pk, row in after.items() if row["moved_with_calendar"]} == slips
    open_by_completion = Occurrence.objects.filter(obligation__counted_from="completion").exclude(status="endorsed")
    assert open_by_completion.count() == 1


def live_through(world: World, story: list[tuple[str, int]]) -> int:
    """Take the acts one after the other, each foreseen first; how many were not refused."""
    taken, moment = 0, clock.now()
    with ExitStack() as years:
        furnish(world)
        for name, number in story:
            if name == "wait":  # half a year or so: the clock rolls the horizon on
                moment += timedelta(days=number + 1)
                years.enter_context(clock.at(moment))
                steps.roll()
                continue
            before, doing = standing(), act(world, name, number)
            try:
                with transaction.atomic():
                    foreseen = steps.foresee(doing, by=world.secretary)
                assert standing() == before
                with transaction.atomic():
                    doing()
            except (ValidationError, TransitionNotAllowed):
                assert standing() == before
                continue
            taken += 1
            for one in foreseen.moved:
                assert Occurrence.objects.get(pk=one.occurrence.pk).due_on == one.new
            dues = {pk for pk, row in standing().items() if pk in before and row["due_on"] != before[pk]["due_on"]}
            assert {one.occurrence.pk for one in foreseen.moved} == dues
            holds(before)
        assert verified() > 0
    return taken


@pytest.mark.django_db
@settings(max_examples=5, deadline=None, suppress_health_check=FIXTURE, derandomize=True)
@given(story=st.lists(ACTS, min_size=3, max_size=8))
def test_whatever_moves_promises_and_past_are_kept(world: World, story: list[tuple[str, int]]):
    with transaction.atomic():
        live_through(world, story)
        transaction.set_rollback(True)


@pytest.mark.soak
@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=FIXTURE)
@given(story=st.lists(ACTS, min_size=10, max_size=30))
def test_twenty_years_of_moves_keep_promises_and_past(world: World, story: list[tuple[str, int]]):
    with transaction.atomic():
        live_through(world, story)
        transaction.set_rollback(True)


@pytest.mark.parametrize("years", [3, pytest.param(20, marks=pytest.mark.soak)])
def test_a_story_of_years_is_lived_through(world: World, years: int, figure: Callable[[str], None]):
    """One story in full, so that the properties above are known to have something to hold of."""
    year = [("add", 300), ("meet", 90), ("happen", 1), ("discharge", 2), ("move", 320), ("close", 30), ("rule", 17)]
    story = [step for _ in range(years) for step in (*year, ("wait", 364))]

    taken = live_through(world, story)

    figure(f"The calendar: {years} years, {taken} acts taken, {Occurrence.objects.count()} turns")
    assert taken > years * 3
    assert Occurrence.objects.filter(status="endorsed").count() >= years * 3 // 4


PRESS = [("discharge", 0)] * 12 + [("happen", 1), ("move", 120), ("add", 60), ("rule", 3)]


def never_done(_turn: Occurrence) -> Discharge:
    return Discharge(False)


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("workflows.steps.columns.Seating.set_right", lambda *_: None),  # columns are not kept right
        ("workflows.steps.moves.discharge", never_done),  # the past is rewritten
        ("workflows.steps.calendar.replan", lambda *_: None),  # a session that is added brings no turns
        ("", None),
    ],
)
def test_a_calendar_that_breaks_its_word_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str, broken: Any
):
    """The control: each protection taken away makes one of the properties fail, and none of them fails by itself."""
    if not what:
        live_through(world, PRESS)
        return
    monkeypatch.setattr(what, broken)
    with pytest.raises(AssertionError):
        live_through(world, PRESS)


def test_the_order_is_that_of_the_record_whatever_the_clock_says(world: World):
    moment = datetime(2018, 2, 16, 9, tzinfo=UTC)
    for hours, opens in ((0, date(2018, 5, 1)), (-1, date(2018, 5, 8)), (1, date(2018, 5, 15))):
        with clock.at(moment + timedelta(hours=hours)):
            steps.move_session(world.sessions["C18"], opens=opens, by=world.secretary, reason="So.")

    events = list(Event.objects.filter(verb="occurrence.moved").order_by("number"))
    assert [event.changes["due_on"][1] for event in events] == ["2018-04-01", "2018-04-08", "2018-04-15"]
    assert events[0].recorded_at > events[1].recorded_at
    assert (world.due.due_on, world.due.moved_with_calendar) == (date(2018, 4, 15), 3)
    assert verified() > 0
