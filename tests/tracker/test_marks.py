"""The closed list of marks and the one rule of discharge, as a literal table; and that the database decides as we do."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from tracker import queries
from tracker.marks import MARKS, ORDER, Facts, discharge, mark_of
from tracker.models import Occurrence
from workflows import steps

TODAY = date(2018, 2, 16)
DUE = date(2018, 3, 18)


@dataclass
class Turn:
    """An occurrence's own columns, as far as marks read them."""

    status: str = "planned"
    due_on: date | None = DUE
    on_hold: bool = False
    nothing_happened: bool = False
    submitted_on: date | None = None
    discharged_on: date | None = None
    discharged_precision: str = ""


ASKED = Facts(assigned=True, told=True, session_over=False)
NOT_TOLD = Facts(assigned=True, told=False, session_over=False)
NOBODY = Facts(assigned=False, told=False, session_over=False)
OVER = Facts(assigned=True, told=True, session_over=True)
PAST = TODAY - timedelta(days=25)
ON_TIME, AFTER = date(2018, 3, 18), date(2018, 3, 20)

CLOSED_LIST = [
    # columns, facts, mark, words
    (Turn(), NOBODY, "unassigned", "no one assigned, due"),
    (Turn("assigned"), NOT_TOLD, "due", "due in 30 days"),
    (Turn("in_progress"), ASKED, "due", "due in 30 days"),
    (Turn("in_progress", due_on=TODAY), ASKED, "due", "due today"),
    (Turn("in_progress", on_hold=True), ASKED, "on_hold", "on hold, due"),
    (Turn("planned", due_on=None), NOBODY, "unassigned", "no one assigned, waiting for a date"),
    (Turn("assigned", due_on=None), ASKED, "waiting", "waiting for a date"),
    (Turn(due_on=PAST), NOBODY, "unassigned", "no one assigned, 25 days past due"),
    (Turn("assigned", due_on=PAST), NOT_TOLD, "never_asked", "never asked, 25 days past due"),
    (Turn("assigned", due_on=PAST), OVER, "not_reported", "not reported, 25 days past due"),
    (Turn("in_progress", due_on=PAST), ASKED, "late", "late 25 days"),
    (Turn("in_progress", due_on=TODAY - timedelta(days=1)), ASKED, "late", "late 1 day"),
    (Turn("in_progress", due_on=PAST, on_hold=True), ASKED, "late", "late 25 days"),
    (
        Turn("submitted", due_on=PAST, submitted_on=TODAY - timedelta(days=4)),
        ASKED,
        "submitted",
        "with the endorser for 4 days",
    ),
    (
        Turn("endorsed", discharged_on=ON_TIME, discharged_precision="day"),
        ASKED,
        "endorsed",
        "endorsed, awaiting the Council",
    ),
    (Turn("endorsed", discharged_on=ON_TIME, discharged_precision="day"), OVER, "received", "received on time"),
    (Turn("endorsed", discharged_on=AFTER, discharged_precision="day"), OVER, "received", "received 2 days late"),
    (Turn("endorsed", discharged_precision="unknown"), OVER, "received", "received, day not recorded"),
    (
        Turn("endorsed", discharged_on=AFTER, discharged_precision="month"),
        OVER,
        "received",
        "received, day not recorded",
    ),
    (Turn("endorsed", nothing_happened=True), OVER, "nothing", "reported: nothing happened"),
    (Turn("closed"), OVER, "closed", "closed by decision"),
    (Turn("waived"), OVER, "waived", "waived"),
    (Turn("superseded"), OVER, "blank", "superseded by amendment"),
]


@pytest.mark.parametrize(("turn", "facts", "code", "words"), CLOSED_LIST)
def test_mark_is_the_one_of_the_closed_list(turn, facts, code, words):
    mark = mark_of(turn, facts, TODAY)

    assert (mark.code, words in mark.text) == (code, True), mark
    assert mark.code in MARKS


def test_every_mark_of_the_closed_list_is_in_the_table():
    assert {code for _turn, _facts, code, _words in CLOSED_LIST} == set(MARKS)


# The four ways in which others' late logic fails ----------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 2, 7, 25, 400])
def test_late_does_not_match_an_exact_day_so_a_missed_run_loses_nothing(days):
    turn = Turn("in_progress", due_on=TODAY - timedelta(days=days))

    assert (mark_of(turn, ASKED, TODAY).code, mark_of(turn, ASKED, TODAY).days) == ("late", days)


def test_late_is_computed_and_never_stored_so_looking_daily_changes_nothing():
    """What repeats for ever elsewhere is a row or mail written each day; the mark is a pure answer, mails have a key."""
    turn = Turn("in_progress", due_on=PAST)
    before = Turn(**vars(turn))

    seen = [mark_of(turn, ASKED, TODAY + timedelta(days=n)).days for n in range(3)]

    assert seen == [25, 26, 27]
    assert turn == before


def test_late_is_not_silenced_by_a_draft(world):
    """Activity and a report that was sent back are drafts: the clock runs as if nothing had come."""
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="A draft is begun.")
    steps.submit(turn, by=world.contributor, text="A draft.")
    turn = steps.send_back(turn, by=world.chair, reason="Not yet.")
    turn = Occurrence.objects.select_related("session").get(pk=turn.pk)
    after_its_day = turn.due_on + timedelta(days=3)

    assert discharge(turn).done is False
    assert mark_of(turn, ASKED, after_its_day).code == "late"
    assert list(queries.past_due(Occurrence.objects.filter(pk=turn.pk), after_its_day)) == [turn]


@pytest.mark.parametrize("status", ["planned", "assigned", "in_progress"])
def test_late_does_not_skip_what_is_in_progress(world, status):
    turn = world.walk(status)
    after_its_day = turn.due_on + timedelta(days=1)

    assert list(queries.past_due(Occurrence.objects.filter(pk=turn.pk), after_its_day)) == [turn]
    assert mark_of(turn, ASKED, after_its_day).code == "late"


@pytest.mark.parametrize("status", ["submitted", "endorsed", "closed", "waived", "superseded"])
def test_past_due_ends_with_the_passing_of_the_ball(world, status):
    """The control of the two above: a submission that stands stops the holder's clock."""
    turn = world.walk(status)

    assert not queries.past_due(Occurrence.objects.filter(pk=turn.pk), turn.due_on + timedelta(days=400)).exists()


# The database's answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["planned", "assigned", "in_progress", "submitted", "endorsed", "closed", "waived"])
@pytest.mark.parametrize("days", [-400, 0, 29, 30, 31, 90])
def test_rank_in_the_database_is_the_mark_in_hand(world, status, days):
    world.walk(status)
    steps.assign(world.past, lead=world.contributor, by=world.chair)
    day = TODAY + timedelta(days=days)

    found = queries.with_facts(queries.ranked(Occurrence.objects.select_related("session"), day))

    assert found.count() == 3
    for turn in found:
        assert turn.mark_rank == ORDER[queries.mark(turn, day).code], (turn, day)
