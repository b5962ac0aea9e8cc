"""The ladder: promised once, found by a range, stopped by what discharges and by nothing else."""

from datetime import date, datetime, timedelta

import pytest

from tracker import clock
from tracker.models import Heartbeat, Notice, Occurrence
from workflows import reminders, rounds, steps
from workflows.reminders import Facts, promises, why_not

DUE = date(2018, 3, 18)
LONG_AGO = date(2017, 1, 1)
UNDISCHARGED = ["planned", "assigned", "in_progress"]
OVER = ["endorsed", "closed", "waived", "superseded"]


def facts(status: str = "in_progress", due_on: date | None = DUE, entered_on: date = LONG_AGO) -> Facts:
    return Facts("council/r1-1.2-c18", status, due_on, entered_on)


def on(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00+00:00")


def rung_days(found: list[reminders.Promise], audience: str = "holder") -> list[tuple[int, date]]:
    return [(promise.rung, promise.planned_for) for promise in found if promise.audience == audience]


# --- decided purely ---------------------------------------------------------------------------------------------------


def test_ladder_is_three_before_and_three_late():
    assert rung_days(promises(facts())) == [
        (-30, date(2018, 2, 16)),
        (-14, date(2018, 3, 4)),
        (-3, date(2018, 3, 15)),
        (1, date(2018, 3, 19)),
        (8, date(2018, 3, 26)),
        (15, date(2018, 4, 2)),
    ]


def test_chair_is_copied_on_late_ones_only():
    assert [rung for rung, _ in rung_days(promises(facts()), "chair")] == [1, 8, 15]


def test_keys_name_reference_day_rung_and_audience():
    keys = [promise.key for promise in promises(facts())]
    assert keys[0] == "reminder:council/r1-1.2-c18:2018-03-18:-30:holder"
    assert len(set(keys)) == len(keys) == 9


def test_rungs_that_had_passed_when_it_was_entered_are_not_promised():
    found = promises(facts(entered_on=date(2018, 3, 5)))
    assert [rung for rung, _ in rung_days(found)] == [-3, 1, 8, 15]


def test_nothing_is_promised_without_a_day():
    assert promises(facts(due_on=None)) == []


@pytest.mark.parametrize("status", OVER)
def test_nothing_is_promised_once_it_is_discharged(status):
    assert promises(facts(status)) == []


@pytest.mark.parametrize("status", [*UNDISCHARGED, "submitted"])
def test_who_has_the_ball_is_reminded_whatever_the_status_before_endorsement(status):
    assert len(rung_days(promises(facts(status)))) == 6


def test_chair_is_not_copied_while_a_report_stands():
    assert rung_days(promises(facts("submitted")), "chair") == []


WHY_NOT = [
    # audience, status, due day now, why it does not hold
    ("holder", "planned", DUE, ""),
    ("holder", "assigned", DUE, ""),
    ("holder", "in_progress", DUE, ""),
    ("holder", "submitted", DUE, ""),  # to the endorser, who has the ball
    ("chair", "in_progress", DUE, ""),
    ("chair", "submitted", DUE, "report received"),
    ("holder", "endorsed", DUE, "report received and endorsed"),
    ("holder", "closed", DUE, "closed by decision"),
    ("holder", "waived", DUE, "waived"),
    ("holder", "superseded", DUE, "superseded by amendment"),
    ("holder", "in_progress", None, "waiting for a date"),
    ("holder", "in_progress", DUE + timedelta(days=1), "the date moved"),
]


@pytest.mark.parametrize(("audience", "status", "due_on", "reason"), WHY_NOT)
def test_why_not(audience, status, due_on, reason):
    assert why_not(audience=audience, promised_due=DUE, status=status, due_on=due_on) == reason


# --- four ways in which others' late logic fails ----------------------------------------------------------------------


def sent(occurrence: Occurrence, audience: str = "holder") -> list[int]:
    rows = Notice.objects.filter(occurrence=occurrence, kind="reminder", audience=audience, state="sent")
    return list(rows.order_by("planned_for").values_list("rung", flat=True))


def test_exact_day_matching_loses_a_missed_run_and_ours_does_not(world, mailoutbox):
    turn = world.walk("in_progress")
    with clock.at(on(date(2018, 3, 16))):  # no round on the day of a rung, nor on the day before
        rounds.run()
    assert sent(turn) == [-3]


def test_mail_that_repeats_daily_for_ever_is_ours_six_times(world, mailoutbox):
    turn = world.walk("in_progress")
    for day in range(120):
        with clock.at(on(date(2018, 2, 16) + timedelta(days=day))):
            rounds.run()
            rounds.run()
    assert sent(turn) == [-30, -14, -3, 1, 8, 15]
    assert sent(turn, "chair") == [1, 8, 15]


def test_a_draft_does_not_silence_lateness(world, mailoutbox):
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="A first draft of the report is written.")
    with clock.at(on(date(2018, 3, 19))):
        rounds.run()
    assert sent(turn) == [1]


@pytest.mark.parametrize("status", UNDISCHARGED)
def test_in_progress_items_are_not_skipped(world, mailoutbox, status):
    turn = world.walk(status)
    with clock.at(on(date(2018, 3, 19))):
        rounds.run()
    assert sent(turn) == [1]


# --- kept as rows -----------------------------------------------------------------------------------------------------


def planned(occurrence: Occurrence) -> list[tuple[int, str, date]]:
    rows = Notice.objects.filter(occurrence=occurrence, kind="reminder", state="planned").order_by(
        "planned_for", "audience"
    )
    return [(row.rung, row.audience, row.due_on) for row in rows]


def test_future_rungs_are_on_the_ledger(world):
    reminders.plan([world.due.pk])
    assert [rung for rung, audience, _ in planned(world.due) if audience == "holder"] == [-30, -14, -3, 1, 8, 15]


def test_planning_again_changes_nothing(world):
    reminders.plan([world.due.pk])
    assert reminders.plan([world.due.pk]) == 0
    assert reminders.sweep() == 0


def test_a_duty_that_was_past_when_it_was_entered_is_not_reminded_of(world):
    reminders.plan([world.past.pk])
    assert planned(world.past) == []


def test_ledger_names_who_has_the_ball_as_far_as_is_known(world):
    reminders.plan([world.due.pk])
    assert set(world.due.notices.values_list("person__username", flat=True)) == {"chair"}
    turn = world.walk("assigned")
    reminders.plan([turn.pk])
    holders = turn.notices.filter(audience="holder").values_list("person__username", flat=True)
    assert set(holders) == {"contributor"}


def test_old_rungs_are_skipped_when_the_date_moves(world):
    turn = world.walk("in_progress")
    reminders.plan([turn.pk])
    later = date(2018, 4, 10)
    steps.change_due_date(turn, by=world.chair, due_on=later, reason="The Council opens later.")
    reminders.plan([turn.pk])
    assert {due for _, _, due in planned(turn)} == {later}
    skipped = turn.notices.filter(state="skipped")
    assert set(skipped.values_list("due_on", "reason")) == {(DUE, "the date moved")}


def test_rungs_of_a_date_that_moves_nearer_are_counted_from_the_day_of_the_move(world):
    turn = world.walk("in_progress")
    steps.change_due_date(turn, by=world.chair, due_on=date(2018, 2, 20), reason="Needed sooner.")
    reminders.plan([turn.pk])
    assert [rung for rung, audience, _ in planned(turn) if audience == "holder"] == [-3, 1, 8, 15]


def test_rungs_come_back_when_the_date_moves_back(world):
    turn = world.walk("in_progress")
    for day in (date(2018, 4, 10), DUE):
        steps.change_due_date(turn, by=world.chair, due_on=day, reason="Moved.")
        reminders.plan([turn.pk])
    assert {due for _, _, due in planned(turn)} == {DUE}
    assert len(planned(turn)) == 9


def test_rungs_end_with_endorsement_and_come_back_with_reopening(world):
    turn = world.walk("endorsed")
    reminders.plan([turn.pk])
    assert planned(turn) == []
    steps.reopen(turn, by=world.chair, reason="The figures are wrong.")
    reminders.plan([turn.pk])
    assert len(planned(turn)) == 9


def test_a_round_does_not_look_at_what_nothing_touched(world, django_assert_max_num_queries):
    rounds.run()
    with django_assert_max_num_queries(52):  # each part asks whether there is something to do; none asks for each item
        rounds.run()


def test_sweep_finds_what_a_round_missed(world):
    rounds.run()
    Notice.objects.filter(occurrence=world.due).delete()
    Heartbeat.objects.filter(name="sweep").delete()
    rounds.run()
    assert world.due.notices.exists()
