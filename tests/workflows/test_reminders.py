"""The ladder: promised once, found by a range, stopped by what discharges and by nothing else."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.people import World
from tracker import clock
from tracker.ladders import Rung, written
from tracker.models import Event, Heartbeat, Notice, Occurrence, ReminderPolicy
from workflows import reminders, rounds, steps
from workflows.reminders import why_not

DUE = date(2018, 3, 18)
UNDISCHARGED = ["planned", "assigned", "in_progress"]
FIRST = date(2018, 2, 19)  # the first reminder, put off as the lead was asked on its day, a Friday
HOLDER = [-30, -14, -3, 1, 8]


def on(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00+00:00")


def in_force(world: World, *rungs: Rung, **parts: Any) -> ReminderPolicy:
    """A policy of the council for all duties of its groups, unless the parts say otherwise."""
    since = datetime.fromisoformat("2018-01-01T09:00+00:00")
    asked = {"scope": f"body:{world.council.pk}:", "in_force_since": since, **parts}
    return ReminderPolicy.objects.create(
        body=world.council, name="Of the Council", rungs=written(rungs), state="in_force", **asked
    )


WHY_NOT = [
    # audience, status, due day now, why it does not hold
    ("holder", "planned", DUE, ""),
    ("holder", "assigned", DUE, ""),
    ("holder", "in_progress", DUE, ""),
    ("holder", "submitted", DUE, ""),  # to the endorser, who has the ball
    ("alternate", "submitted", DUE, ""),
    ("contributors", "submitted", DUE, "report received"),
    ("chair", "in_progress", DUE, ""),
    ("chair", "submitted", DUE, "report received"),
    ("secretariat", "submitted", DUE, "report received"),
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


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("assigned", ""),
        ("in_progress", ""),
        ("planned", "nobody is asked at present"),
        ("submitted", "report received"),
    ],
)
def test_why_not_of_what_was_untouched(status, reason):
    found = why_not(audience="holder", promised_due=DUE, status=status, due_on=DUE, anchor="untouched")
    assert found == reason


# --- four ways in which others' late logic fails ----------------------------------------------------------------------


def sent(occurrence: Occurrence, audience: str = "holder") -> list[int]:
    rows = Notice.objects.filter(occurrence=occurrence, kind="reminder", audience=audience, state="sent")
    return list(rows.order_by("planned_for").values_list("rung", flat=True))


@pytest.fixture(params=["built in", "of one's own"])
def own(request: pytest.FixtureRequest, world: World) -> bool:
    """Whether a policy of one's own holds instead of the ladder that is built in."""
    if request.param == "of one's own":
        in_force(world, *(Rung(days) for days in (-14, 2, 9)), Rung(9, "chair"))
        return True
    return False


def test_exact_day_matching_loses_a_missed_run_and_ours_does_not(world, own, mailoutbox):
    turn = world.walk("in_progress")
    with clock.at(on(date(2018, 3, 16))):  # no round on the day of a rung, nor on the day before
        rounds.run()
    assert sent(turn) == [-14 if own else -3]


def test_mail_that_repeats_daily_for_ever_is_ours_six_times_at_most(world, own, mailoutbox):
    turn = world.walk("in_progress")
    for day in range(60):
        with clock.at(on(date(2018, 2, 16) + timedelta(days=day))):
            rounds.run()
            rounds.run()
    assert sent(turn) == ([-14, 2, 9] if own else HOLDER)  # the sixth one's day had passed when it was entered
    assert sent(turn, "chair") == ([9] if own else [1, 8])
    assert sent(turn, "secretariat") == ([] if own else [15])


def test_a_draft_does_not_silence_lateness(world, own, mailoutbox):
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="A first draft of the report is written.")
    with clock.at(on(date(2018, 3, 20))):
        rounds.run()
    assert sent(turn) == [2 if own else 1]


@pytest.mark.parametrize("status", UNDISCHARGED)
def test_in_progress_items_are_not_skipped(world, own, mailoutbox, status):
    turn = world.walk(status)
    with clock.at(on(date(2018, 3, 20))):
        rounds.run()
    assert sent(turn) == [2 if own else 1]


# --- kept as rows -----------------------------------------------------------------------------------------------------


def planned(occurrence: Occurrence, audience: str = "") -> list[tuple[int, str]]:
    """The rungs that are planned, with their days."""
    rows = Notice.objects.filter(occurrence=occurrence, kind="reminder", state="planned").order_by("planned_for", "pk")
    return [(row.rung, f"{row.planned_for:%m-%d}") for row in rows if row.audience == (audience or row.audience)]


def test_future_rungs_are_on_the_ledger(world):
    reminders.plan([world.due.pk])
    assert planned(world.due, "holder") == [
        (-30, "02-16"),
        (-14, "03-02"),
        (-3, "03-15"),
        (1, "03-19"),
        (8, "03-26"),
    ]
    assert planned(world.due, "chair") == [(1, "03-19"), (8, "03-26")]
    assert planned(world.due, "secretariat") == [(15, "04-02")]
    assert set(world.due.notices.values_list("anchor", "policy")) == {("due", None)}


def test_planning_again_changes_nothing(world):
    reminders.plan([world.due.pk])
    assert reminders.plan([world.due.pk]) == 0
    assert reminders.sweep() == 0
    assert reminders.look_on() == 0


def test_rows_of_before_are_those_of_the_same_rungs_today(world):
    """Keys of an earlier version: the row stands, and is not promised again."""
    old = Notice.objects.create(
        key="reminder:council/r1-1.2-c18:2018-03-18:-14:holder",
        kind="reminder",
        audience="holder",
        rung=-14,
        occurrence=world.due,
        due_on=DUE,
        planned_for=date(2018, 3, 4),
        created_at=clock.now(),
    )
    reminders.plan([world.due.pk])
    assert len(planned(world.due, "holder")) == 5
    old.refresh_from_db()
    assert old.planned_for == date(2018, 3, 2)


def test_a_duty_that_was_past_when_it_was_entered_is_not_reminded_of(world):
    reminders.plan([world.past.pk])
    assert planned(world.past) == []


def test_ledger_names_who_has_the_ball_as_far_as_is_known(world):
    reminders.plan([world.due.pk])
    people = dict(world.due.notices.values_list("audience", "person__username"))
    assert people == {"holder": "chair", "chair": "chair", "secretariat": "secretary"}
    turn = world.walk("assigned")
    reminders.plan([turn.pk])
    holders = turn.notices.filter(audience="holder").values_list("person__username", flat=True)
    assert set(holders) == {"contributor"}


def test_who_was_just_asked_is_let_alone(world):
    turn = world.walk("assigned")
    reminders.plan([turn.pk])
    assert planned(turn, "holder")[0] == (-30, f"{FIRST:%m-%d}")


def test_what_is_left_out_as_somebody_was_just_asked_says_so(world):
    turn = world.due
    reminders.plan([turn.pk])
    with clock.at(on(date(2018, 3, 14))):
        steps.assign(turn, lead=world.contributor, by=world.chair)
        reminders.plan([turn.pk])
    row = turn.notices.get(rung=-3)
    assert (row.state, row.reason, row.settled_at is None) == ("skipped", "asked only shortly before", False)


def test_old_rungs_are_skipped_when_the_date_moves(world):
    turn = world.walk("in_progress")
    reminders.plan([turn.pk])
    later = date(2018, 4, 10)
    with clock.at(on(date(2018, 2, 17))):
        steps.change_due_date(turn, by=world.chair, due_on=later, reason="The Council opens later.")
    moment = Event.objects.get(verb="occurrence.due_date_changed").recorded_at
    with clock.at(on(FIRST)):
        reminders.plan([turn.pk])
    assert set(turn.notices.filter(state="planned").values_list("due_on", flat=True)) == {later}
    skipped = turn.notices.filter(state="skipped")
    assert set(skipped.values_list("due_on", "reason", "reason_since")) == {(DUE, "the date moved", moment)}


def test_rungs_of_a_date_that_moves_nearer_are_counted_from_the_day_of_the_move(world):
    turn = world.walk("in_progress")
    steps.change_due_date(turn, by=world.chair, due_on=date(2018, 2, 20), reason="Needed sooner.")
    reminders.plan([turn.pk])
    assert planned(turn, "holder") == [(-3, "02-19"), (1, "02-21"), (8, "02-28")]


def test_rungs_come_back_when_the_date_moves_back(world):
    turn = world.walk("in_progress")
    for day in (date(2018, 4, 10), DUE):
        steps.change_due_date(turn, by=world.chair, due_on=day, reason="Moved.")
        reminders.plan([turn.pk])
    rows = turn.notices.filter(state="planned")
    assert set(rows.values_list("due_on", "reason", "settled_at")) == {(DUE, "", None)}
    assert rows.count() == 8


def test_rungs_end_with_endorsement_and_come_back_with_reopening(world):
    turn = world.walk("endorsed")
    reminders.plan([turn.pk])
    assert planned(turn) == []
    steps.reopen(turn, by=world.chair, reason="The figures are wrong.")
    reminders.plan([turn.pk])
    assert len(planned(turn)) == 8


def test_what_has_arrived_with_its_readers_is_left_to_its_mail(world):
    """So is the row of a further reader, whose key is no rung's."""
    turn = world.due
    reminders.plan([turn.pk])
    row = turn.notices.get(rung=-30)
    Notice.objects.filter(pk=row.pk).update(arrived_at=clock.now(), person=world.helper)
    row.refresh_from_db()
    row.pk, row.key = None, f"{row.key}:{world.helper.pk}"
    row.save(force_insert=True)
    steps.supersede(turn, by=world.secretary, reason="Amended by a later text.")
    reminders.plan([turn.pk])
    reminders.sweep()
    left = turn.notices.filter(state="planned").values_list("person__username", flat=True)
    assert list(left) == ["helper", "helper"]


def test_why_says_since_when_it_is_needless(world):
    turn = world.walk("in_progress")
    reminders.plan([turn.pk])
    row = turn.notices.filter(audience="holder").first()
    assert reminders.needless(row, turn) == reminders.Why()
    with clock.at(on(date(2018, 2, 17))):
        turn = steps.endorse(steps.submit(turn, by=world.contributor, text="Done."), by=world.chair)
    why = reminders.needless(row, turn)
    assert (why.words, why.since) == ("report received and endorsed", turn.status_since)
    assert reminders.outdated(row, turn) == why.words


# --- what is looked at ------------------------------------------------------------------------------------------------


def test_a_round_does_not_look_at_what_nothing_touched(world, django_assert_max_num_queries):
    rounds.run()
    with django_assert_max_num_queries(59):  # each part asks whether there is something to do; none asks for each item
        rounds.run()


def forgotten(turn: Occurrence, last: str) -> None:
    """As if no event of it had been heard, and the last sweep had been that long ago."""
    Notice.objects.filter(occurrence=turn).delete()
    Heartbeat.objects.update_or_create(name="sweep", defaults={"note": last, "beat_at": clock.now()})


def test_sweep_finds_what_a_round_missed(world):
    rounds.run()
    forgotten(world.due, "2018-02-15")
    assert reminders.sweep() == 8


def test_sweep_covers_the_days_since_the_last_one(world):
    rounds.run()
    forgotten(world.due, "2018-02-16")
    with clock.at(on(date(2018, 2, 27))):
        assert reminders.sweep() == 8


def test_sweep_does_not_look_at_what_has_no_rung_about_now(world):
    rounds.run()
    forgotten(world.due, "2018-02-21")
    with clock.at(on(date(2018, 2, 22))):
        assert reminders.sweep() == 0


def test_slice_finds_what_the_sweep_does_not_look_for(world):
    rounds.run()
    forgotten(world.due, "2018-02-21")
    with clock.at(on(date(2018, 2, 22))):
        assert reminders.look_on() == 8
        forgotten(world.due, "2018-02-21")
        assert reminders.look_on() == 0  # all was looked at today


def test_slices_go_on_where_the_last_one_ended(world, monkeypatch):
    monkeypatch.setattr("workflows.reminders.finding.SLICE", 1)
    seen = []
    for _ in range(Occurrence.objects.count() + 1):
        reminders.look_on()
        seen.append(Heartbeat.objects.get(name="reminders").note)
    places = [str(pk) for pk in Occurrence.objects.order_by("pk").values_list("pk", flat=True)]
    assert seen == [f"2018-02-16 {place}" for place in (*places, "end")]


def test_sweep_ends_what_is_promised_though_it_is_over(world):
    turn = world.due
    reminders.plan([turn.pk])
    Heartbeat.objects.create(name="sweep", note="2018-02-16", beat_at=clock.now())
    turn = steps.supersede(turn, by=world.secretary, reason="Amended by a later text.")
    assert reminders.sweep() == 8
    assert set(turn.notices.values_list("state", "reason")) == {("skipped", "superseded by amendment")}
