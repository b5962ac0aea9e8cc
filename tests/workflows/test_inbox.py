"""What waits for whom, by urgency, with its reason, at a constant price."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tracker.models import Decision, Session, Substitution
from workflows import steps
from workflows.inbox import my_tasks

DAY = date(2018, 2, 16)
pytestmark = pytest.mark.django_db


def rows(person, key=None):
    return {
        row.occurrence.short_reference: row
        for group in my_tasks(person)
        if key is None or group.key == key
        for row in group.rows
    }


def test_tasks_of_the_chair_start_with_the_late_ones_that_nobody_leads(world):
    groups = my_tasks(world.chair)

    assert [(group.key, group.title) for group in groups] == [("late", "Late"), ("before", "Before Council 2018")]
    assert [row.occurrence.short_reference for row in groups[0].rows] == ["r1-1.2-c16", "r1-1.2-c17"]
    assert groups[1].session == world.sessions["C18"]
    assert {row.step for group in groups for row in group.rows} == {"assign"}
    assert groups[0].rows[0].reason == "assign it: you chair Group"


@pytest.mark.parametrize(
    ("status", "who", "step", "reason"),
    [
        ("assigned", "contributor", "accept", "you lead this"),
        ("in_progress", "contributor", "submit", "you lead this"),
        ("submitted", "chair", "endorse", "you endorse"),
    ],
)
def test_task_names_its_reason_and_the_one_next_step(world, status, who, step, reason):
    world.walk(status)

    row = rows(world.people[who], "before")["r1-1.2-c18"]

    assert (row.step, row.reason) == (step, reason)


def test_submitted_report_waits_on_the_endorser_for_its_lead(world):
    world.walk("submitted")

    row = rows(world.contributor, "waiting")["r1-1.2-c18"]

    assert row.step == ""
    assert row.waiting_on.people == (world.chair,)


def test_unanswered_assignment_waits_on_the_lead_for_who_assigned_it(world):
    world.walk("assigned")

    assert rows(world.chair, "waiting")["r1-1.2-c18"].reason == "you assigned this"


def test_secretary_can_close_only_what_a_session_that_opened_has_taken(world):
    world.walk("endorsed", world.past)
    world.walk("endorsed", world.due)

    found = rows(world.secretary)

    assert set(found) == {"r1-1.2-c17"}
    assert (found["r1-1.2-c17"].step, found["r1-1.2-c17"].reason) == ("close", "a decision can close it")


def test_substitute_has_the_task_and_reads_for_whom(world):
    Substitution.objects.create(
        office=world.offices["chair"], principal=world.chair, substitute=world.helper, begins=DAY, ends=DAY
    )

    assert rows(world.helper)["r1-1.2-c18"].reason == "assign it: you chair Group, as substitute for Chair"


def test_contributor_beside_the_lead_is_asked_to_finish_their_part(world):
    turn = steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)

    before = rows(world.helper)["r1-1.2-c18"]
    steps.accept(turn, by=world.contributor)
    row = rows(world.helper)["r1-1.2-c18"]
    steps.finish_part(turn, by=world.helper)
    after = rows(world.helper)["r1-1.2-c18"]

    assert (before.step, before.reason) == ("record_activity", "you contribute")
    assert (row.step, row.reason) == ("finish_part", "you contribute")
    assert (after.step, after.reason) == ("", "you contributed: your part is done")
    assert after.waiting_on is not None


def test_lead_waits_for_contributions_and_then_submits(world):
    turn = steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)
    steps.accept(turn, by=world.contributor)

    before = rows(world.contributor)["r1-1.2-c18"]
    steps.finish_part(turn, by=world.helper)

    assert (before.step, before.reason) == ("record_activity", "you lead this; 1 contribution is not done")
    assert rows(world.contributor)["r1-1.2-c18"].step == "submit"


def test_chair_sees_that_a_new_date_is_asked_for_until_it_is_answered(world):
    turn = world.walk("in_progress")
    steps.ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 4, 5), reason="The figures come late.")

    row = rows(world.chair)["r1-1.2-c18"]
    steps.refuse_new_date(turn, by=world.chair, reason="The Council opens on the 17th.")

    assert (row.step, row.reason) == ("grant_new_date", "a new date is asked for: 5 April 2018")
    assert "r1-1.2-c18" not in rows(world.vice_chair)
    assert "grant_new_date" not in {row.step for row in rows(world.chair).values()}


def test_duty_after_the_next_session_comes_later(world):
    Session.objects.filter(pk=world.sessions["C18"].pk).update(opens=date(2018, 3, 1))
    world.walk("in_progress")

    assert set(rows(world.contributor, "later")) == {"r1-1.2-c18"}


def test_nobody_has_tasks_of_what_is_over_or_not_theirs(world):
    world.walk("closed", world.past)

    assert "r1-1.2-c17" not in rows(world.contributor) | rows(world.chair) | rows(world.secretary)
    assert my_tasks(world.outsider) == []
    assert Decision.objects.exists()


def test_number_of_queries_does_not_grow_with_the_tasks(world):
    world.walk("assigned", world.due)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert len(rows(world.contributor)) == 1
    world.walk("submitted", world.past)
    world.walk("in_progress", type(world.past).objects.get(reference="council/r1-1.2-c16"))

    with CaptureQueriesContext(connection) as three:
        assert len(rows(world.contributor)) == 3

    assert len(three) == len(one)
