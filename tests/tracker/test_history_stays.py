"""The time in each status: days of the body's calendar, holds within them, whose ball it was, whatever came back."""

from datetime import UTC, date, datetime

import pytest

from tracker import clock, history
from tracker.models import Event, Occurrence
from workflows import steps

pytestmark = pytest.mark.django_db


def on(month: int, day: int, hour: int = 9):
    return clock.at(datetime(2018, month, day, hour, tzinfo=UTC))


def stays(turn: Occurrence) -> list[history.Stay]:
    turn = Occurrence.objects.get(pk=turn.pk)
    return history.stays(turn, Event.objects.filter(stream=f"occurrence:{turn.reference}"))


def told(turn: Occurrence) -> list[tuple[str, int]]:
    return [(stay.status, stay.days) for stay in stays(turn)]


def test_stays_count_days_from_one_status_to_the_next(world):
    with on(2, 18):
        world.walk("assigned")
    with on(2, 20):
        steps.accept(world.due, by=world.contributor)
    with on(3, 3):
        steps.submit(world.due, by=world.contributor, text="Done.")
    with on(3, 3):
        steps.endorse(world.due, by=world.chair)

    with on(3, 10):
        assert told(world.due) == [
            ("planned", 2), ("assigned", 2), ("in_progress", 11), ("submitted", 0), ("endorsed", 7)
        ]  # fmt: skip
        assert [stay.here for stay in stays(world.due)] == [False, False, False, False, True]


def test_stay_lasts_as_long_as_the_clock_goes_on(world):
    with on(2, 20):
        world.walk("assigned")

    for day, days in ((20, 0), (21, 1), (28, 8)):
        with on(2, day):
            assert told(world.due)[-1] == ("assigned", days)


def test_stay_counts_days_of_the_body_and_not_of_greenwich(world):
    """23:30 in Greenwich is the next day in Zurich."""
    with on(2, 20, 23), clock.at(datetime(2018, 2, 20, 23, 30, tzinfo=UTC)):
        world.walk("assigned")

    with on(2, 22):
        assert (stays(world.due)[-1].since, stays(world.due)[-1].days) == (date(2018, 2, 21), 1)


def test_hold_is_told_within_the_stay_and_stops_no_clock(world):
    with on(2, 18):
        world.walk("in_progress")
    with on(2, 20):
        steps.hold(world.due, by=world.contributor, reason="Waiting for figures.")
    with on(2, 25):
        steps.resume(world.due, by=world.contributor)
    with on(3, 2):
        steps.submit(world.due, by=world.contributor, text="Done.")

    stay = next(stay for stay in stays(world.due) if stay.status == "in_progress")

    assert (stay.days, stay.held) == (12, 5)


def test_hold_that_lasts_is_counted_up_to_now(world):
    with on(2, 18):
        world.walk("in_progress")
    with on(2, 20):
        steps.hold(world.due, by=world.contributor, reason="Waiting for figures.")

    with on(2, 27):
        assert (stays(world.due)[-1].days, stays(world.due)[-1].held) == (9, 7)


def test_hold_over_a_change_of_status_is_told_in_both(world):
    with on(2, 18):
        world.walk("assigned")
    with on(2, 20):
        steps.hold(world.due, by=world.chair, reason="Waiting.")
    with on(2, 23):
        steps.accept(world.due, by=world.contributor)
    with on(2, 25):
        steps.resume(world.due, by=world.chair)

    with on(2, 28):
        assert [(one.status, one.days, one.held) for one in stays(world.due)][1:] == [
            ("assigned", 5, 3),
            ("in_progress", 5, 2),
        ]


def test_reopened_turn_has_a_second_stay_in_the_same_status(world):
    with on(2, 18):
        world.walk("endorsed")
    with on(2, 21):
        steps.reopen(world.due, by=world.chair, reason="Two figures are wrong.")

    with on(2, 24):
        assert told(world.due)[2:] == [("in_progress", 0), ("submitted", 0), ("endorsed", 3), ("in_progress", 3)]


def test_move_of_the_session_ends_no_stay(world):
    with on(2, 18):
        world.walk("assigned")
    with on(2, 20):
        steps.move_session(
            world.sessions["C18"], by=world.secretary, opens=date(2018, 5, 8), closes=date(2018, 5, 18), reason="Hall."
        )

    with on(2, 23):
        assert told(world.due)[1:] == [("assigned", 5)]


def test_stay_names_whose_ball_it_was(world):
    with on(2, 18):
        steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
        steps.accept(world.due, by=world.contributor)
    with on(2, 20):
        steps.reassign(world.due, lead=world.helper, by=world.chair, reason="Away.")
    with on(2, 24):
        steps.accept(world.due, by=world.helper)
    with on(2, 26):
        steps.submit(world.due, by=world.helper, text="Done.")

    whom = {(stay.status, place): stay.whom for place, stay in enumerate(stays(world.due))}

    assert whom["planned", 0] == ["Group, to assign it"]
    assert ["Contributor, Group"] in whom.values()
    assert ["Helper"] in whom.values()
    assert whom["submitted", max(place for _status, place in whom)] == ["Chair, Group"]


def test_stays_of_an_entry_that_was_tampered_with_break_no_page(world):
    world.walk("assigned")
    events = list(Event.objects.filter(stream=f"occurrence:{world.due.reference}"))
    events[0].changes, events[1].changes = ["no", "pairs"], {"status": "closed", "on_hold": 3}

    assert history.stays(world.due, events) == []
