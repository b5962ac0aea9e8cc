"""Reminders by policies of one's own: which turns they reach, what a change of them does, and what is capped for whom."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from tests.people import World
from tests.workflows.test_reminders import DUE, FIRST, in_force, on, planned
from tracker import clock
from tracker.ladders import Facts, Ladder, Rung, schedule
from tracker.models import (
    ClosedDay,
    DeadlineRule,
    Event,
    Notice,
    Occurrence,
    Preferences,
    ReminderPolicy,
    Substitution,
    Term,
)
from workflows import reminders, steps
from workflows.notices.addressing import Present
from workflows.reminders.planning import Ground


def heard(policy: ReminderPolicy) -> list[Event]:
    """The event by which the clock hears of it."""
    return [Event(verb="policy.put_in_force", subject_type="reminderpolicy", subject_id=policy.pk, changes={})]


def replan(policy: ReminderPolicy) -> int:
    return reminders.plan(reminders.touched(heard(policy)))


def end(policy: ReminderPolicy, at: datetime) -> None:
    ReminderPolicy.objects.filter(pk=policy.pk).update(state="ended", ended_at=at)


# --- a change of policy -----------------------------------------------------------------------------------------------


def test_rows_name_the_policy(world):
    policy = in_force(world, Rung(-14), Rung(-10, working=True), Rung(5, "chair"))
    reminders.plan([world.due.pk])
    assert planned(world.due) == [(-14, "03-02"), (-10, "03-05"), (5, "03-23")]
    assert set(world.due.notices.values_list("policy", flat=True)) == {policy.pk}


def test_putting_a_policy_in_force_plans_its_turns_anew(world):
    reminders.plan([world.due.pk])
    policy = in_force(world, Rung(-14), Rung(2), in_force_since=clock.now())
    assert replan(policy) > 0
    assert planned(world.due) == [(-14, "03-02"), (2, "03-20")]
    skipped = world.due.notices.filter(state="skipped")
    assert set(skipped.values_list("reason", "reason_since")) == {("another policy since", policy.in_force_since)}


def test_what_was_sent_by_another_policy_is_not_sent_again(world):
    reminders.plan([world.due.pk])
    world.due.notices.filter(rung=-14).update(state="sent")
    replan(in_force(world, Rung(-14), Rung(2)))
    assert planned(world.due) == [(2, "03-20")]


def test_a_policy_makes_up_for_nothing_that_had_passed_before_it_was_in_force(world):
    with clock.at(on(date(2018, 3, 6))):
        reminders.plan([world.due.pk])
        replan(in_force(world, Rung(-20), Rung(-3), Rung(2), in_force_since=clock.now()))
    assert planned(world.due) == [(-3, "03-15"), (2, "03-20")]
    assert not world.due.notices.filter(rung=-20).exists()


def test_ending_a_policy_gives_way_to_the_next_one_and_makes_up_for_nothing(world):
    policy = in_force(world, Rung(2))
    reminders.plan([world.due.pk])
    with clock.at(on(date(2018, 3, 6))):
        end(policy, clock.now())
        replan(policy)
    assert planned(world.due, "holder") == [(-3, "03-15"), (1, "03-19"), (8, "03-26")]


@pytest.mark.parametrize(
    ("parts", "reached"),
    [
        ({}, True),
        ({"kind": "each_session"}, True),
        ({"kind": "once"}, False),
        ({"resolution": "itself"}, True),
        ({"obligation": "itself"}, True),
        ({"body": "elsewhere"}, False),
    ],
)
def test_a_policy_reaches_the_turns_of_its_scope(world, parts, reached):
    found = {"resolution": world.resolution, "obligation": world.obligation, "body": world.council}
    parts = {name: found[name] if said == "itself" else said for name, said in parts.items()}
    policy = ReminderPolicy(body=world.council, state="in_force", scope="x", name="x", rungs=[])
    if parts.pop("body", None):
        policy.body = type(world.council).objects.create(slug="elsewhere", name="Elsewhere", short_name="Elsewhere")
    for name, value in parts.items():
        setattr(policy, name, value)
    policy.save()
    assert (world.due.pk in reminders.touched(heard(policy))) is reached


def test_a_draft_reaches_nothing(world):
    policy = in_force(world, Rung(2))
    ReminderPolicy.objects.update(state="draft")
    assert reminders.touched(heard(policy)) == set()


# --- what rungs hang on -----------------------------------------------------------------------------------------------


def test_a_closed_day_moves_what_falls_on_it(world):
    reminders.plan([world.due.pk])
    closed = ClosedDay.objects.create(body=world.council, day=date(2018, 3, 15), name="Founding day")
    event = Event(verb="closed_day.added", subject_type="closedday", subject_id=closed.pk, changes={})
    assert reminders.plan(reminders.touched([event])) == 1
    assert (-3, "03-14") in planned(world.due, "holder")


def test_a_rung_before_a_document_deadline_moves_with_it(world):
    rule = DeadlineRule.objects.create(body=world.council, slug="papers", name="Papers", days_before=14)
    in_force(world, Rung(-5, anchor="deadline", deadline=rule.pk))
    reminders.plan([world.due.pk])
    assert planned(world.due) == [(-5, "03-29")]  # 14 days before 17 April, less five
    DeadlineRule.objects.filter(pk=rule.pk).update(days_before=21)
    event = Event(verb="rule.changed", subject_type="deadlinerule", subject_id=rule.pk, changes={})
    reminders.plan(reminders.touched([event]))
    assert planned(world.due) == [(-5, "03-22")]
    assert world.due.notices.get(state="skipped").reason == "the date moved"


def test_untouched_counts_from_the_last_act(world):
    in_force(world, Rung(10, anchor="untouched"))
    turn = world.walk("in_progress")
    reminders.plan([turn.pk])
    assert planned(turn) == [(10, "02-26")]
    row = turn.notices.get()
    assert reminders.outdated(row, turn) == ""
    with clock.at(on(date(2018, 2, 20))):
        steps.record_activity(turn, by=world.contributor, text="A draft.")
        moment = Event.objects.get(verb="occurrence.activity_recorded").recorded_at
        assert reminders.needless(row, turn) == reminders.Why("worked on since", moment)
        reminders.plan([turn.pk])
    assert planned(turn) == [(10, "03-02")]


def test_sweep_finds_an_untouched_turn(world):
    in_force(world, Rung(10, anchor="untouched"))
    turn = world.walk("in_progress")
    with clock.at(on(date(2018, 2, 26))):
        assert reminders.sweep() == 1
    assert planned(turn) == [(10, "02-26")]


def test_sweep_finds_a_turn_by_the_deadline_of_its_session(world):
    rule = DeadlineRule.objects.create(body=world.council, slug="papers", name="Papers", days_before=14)
    in_force(world, Rung(-5, anchor="deadline", deadline=rule.pk))
    with clock.at(on(date(2018, 3, 29))):
        assert reminders.sweep() == 1


# --- who is told ------------------------------------------------------------------------------------------------------


def test_contributors_are_named_while_their_part_is_not_done(world):
    in_force(world, Rung(-14, "contributors"))
    turn = steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)
    reminders.plan([turn.pk])
    assert [row.person for row in turn.notices.filter(kind="reminder")] == [world.helper]


def test_the_substitute_is_named_instead_of_the_holder(world):
    turn = world.walk("in_progress")
    Substitution.objects.create(
        principal=world.contributor, substitute=world.helper, begins=date(2018, 2, 1), ends=date(2018, 4, 1)
    )
    reminders.plan([turn.pk])
    assert {row.person for row in turn.notices.filter(audience="holder")} == {world.helper}


def test_alternates_are_named_by_a_rung_of_their_own(world):
    in_force(world, Rung(-14), Rung(-3, "alternate"))
    turn = steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    Term.objects.create(office=world.offices["contributor"], person=world.helper, part=Term.Part.ALTERNATE)
    reminders.plan([turn.pk])
    told = dict(turn.notices.filter(kind="reminder").values_list("audience", "person__username"))
    assert told == {"holder": "contributor", "alternate": "helper"}


# --- caps and preferences ---------------------------------------------------------------------------------------------


def given(world: World, person: Any, rung: int = 1, audience: str = "holder", **more: Any) -> Notice:
    """A row that has arrived with somebody."""
    row = {"key": f"{rung}:{audience}", "kind": "reminder", "audience": audience, "rung": rung, "anchor": "due"}
    row |= {"occurrence": world.due, "person": person, "due_on": DUE, "planned_for": date(2018, 3, 19)}
    moments = {"created_at": clock.now(), "arrived_at": clock.now()}
    return Notice.objects.create(**(row | moments | more))


def why_not(row: Notice) -> str:
    """Why it is not told to whom it is for now."""
    present = Present(reminders.needless)
    (loaded,) = present.load(Notice.objects.filter(pk=row.pk))
    return present.recipients(loaded).reason


@pytest.mark.parametrize(("already", "words"), [(2, ""), (3, "told as often as is promised at most")])
def test_nobody_hears_more_often_than_the_policy_says(world, already, words):
    policy = in_force(world, Rung(1), most_per_item=3)
    for number in range(already):
        given(world, world.chair, number + 20, state=["sent", "shown"][number % 2])
    assert why_not(given(world, world.chair, policy=policy)) == words


@pytest.mark.parametrize(
    "other",
    [{"person": "helper"}, {"audience": "secretariat"}, {"due_on": date(2018, 3, 1)}, {"state": "skipped"}],
    ids=["another person", "in copy", "another day", "skipped"],
)
def test_the_cap_counts_what_one_person_was_told_of_one_due_day(world, other):
    policy = in_force(world, Rung(1), most_per_item=1)
    person = world.people[other.pop("person", "chair")]
    given(world, person, 20, **{"state": "sent", **other})
    assert why_not(given(world, world.chair, policy=policy)) == ""


def test_the_cap_is_asked_of_who_is_told_and_not_of_who_was_to_be(world):
    policy = in_force(world, Rung(1), most_per_item=1)
    given(world, world.helper, 20, state="sent")
    row = given(world, world.helper, policy=policy, arrived_at=None)
    assert why_not(row) == ""
    given(world, world.chair, 21, state="sent")
    assert why_not(row) != ""


def test_of_two_that_wait_for_the_last_place_one_stands(world):
    policy = in_force(world, Rung(1), most_per_item=2)
    given(world, world.chair, 20, state="sent")
    rows = [given(world, world.chair, number, policy=policy, state="queued") for number in (21, 22)]
    assert [why_not(row) for row in rows] == ["", "told as often as is promised at most"]


@pytest.mark.parametrize(
    ("rung", "day", "words"),
    [
        (-30, date(2018, 2, 16), "not wanted so early"),
        (-14, date(2018, 3, 2), ""),  # a weekend moved it
        (-3, date(2018, 3, 15), ""),
        (1, date(2018, 3, 19), ""),
    ],
)
def test_nobody_hears_earlier_than_they_want(world, rung, day, words):
    Preferences.objects.create(person=world.chair, lead_days=14)
    assert why_not(given(world, world.chair, rung, planned_for=day)) == words


@pytest.mark.parametrize("lead_days", [0, None])
def test_late_reminders_are_not_held_back(world, lead_days):
    Preferences.objects.create(person=world.chair, lead_days=lead_days)
    assert why_not(given(world, world.chair, 8, planned_for=date(2018, 3, 26))) == ""


def test_a_turn_on_hold_is_reminded_of(world):
    turn = steps.hold(world.walk("in_progress"), by=world.chair, reason="Waits for figures.")
    reminders.plan([turn.pk])
    assert planned(turn, "holder")[0] == (-30, f"{FIRST:%m-%d}")
    assert Occurrence.objects.get(pk=turn.pk).on_hold


# --- many turns at once -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"status": "submitted"},
        {"due_on": date(2018, 3, 19)},
        {"entered_on": date(2018, 3, 6)},
        {"asked_on": date(2018, 3, 14)},
        {"touched_on": date(2018, 2, 27)},
        {"deadlines": {7: date(2018, 3, 6)}},
        {"reference": "council/other-c18"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_days_that_turns_share_are_those_of_each_alone(world, other):
    rungs = (
        Rung(-14),
        Rung(-3),
        Rung(1, "chair"),
        Rung(-2, anchor="deadline", deadline=7),
        Rung(10, anchor="untouched"),
    )
    ladder = Ladder("all there is", rungs)
    first = Facts("council/one-c18", "in_progress", date(2018, 3, 18), date(2018, 1, 2), date(2018, 2, 1))
    second = replace(first, **other)
    ground = Ground.read()
    body = world.council

    found = [ground.scheduled(ladder, facts, body) for facts in (first, second)]

    works = ground.stations.of(body).works
    assert found == [schedule(ladder, facts, works) for facts in (first, second)]
    assert found[0] != found[1]
