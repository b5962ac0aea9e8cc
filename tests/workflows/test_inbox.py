"""What waits for whom, by urgency, with its reason, at a constant price."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.tracker.test_summaries import another_item
from tracker import clock
from tracker.models import Decision, Occurrence, Session, Substitution
from workflows import steps
from workflows.desk import Desk, in_full
from workflows.inbox import my_tasks

DAY = date(2018, 2, 16)
QUERIES = 16
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

    assert (len(one), len(three)) == (QUERIES, QUERIES)


# Many ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(world):
    """Four duties with turns in every status, for an office, a person, with and without contributors."""
    for path in ("2", "3", "4"):
        another_item(world, path)
    turns = list(Occurrence.objects.order_by("reference"))
    for number, status in enumerate(("planned", "assigned", "in_progress", "submitted", "endorsed", "closed")):
        world.walk(status, turns[number])
    left = Occurrence.objects.filter(status="planned").latest("due_on")
    steps.assign(left, lead=world.offices["contributor"], contributors=[world.helper], by=world.secretary)
    return world


def test_turns_with_the_same_facts_are_asked_once_and_answered_as_if_each_were(many):
    """What is decided for the first of those that are alike is what each of them would be told for itself."""
    now = clock.now()
    for person in many.people.values():
        desk = Desk(person, now)
        alone = {}
        for occurrence in in_full(desk.candidates()):
            if (row := desk.row(occurrence)) is not None:
                alone[occurrence.pk] = row.waiting_on is not None

        assert {turn.number: waiting for turn, waiting in desk.turns()} == alone
        assert sum(group.total for group in my_tasks(person)) == len(alone)


def test_fewer_are_asked_in_full_than_there_are(many):
    turns = Desk(many.chair, clock.now()).turns()

    assert len({turn.facts for turn, _waiting in turns}) < len(turns)


def test_group_shows_its_first_rows_and_leads_to_all_of_them(many, client_for, monkeypatch):
    monkeypatch.setattr("workflows.inbox.SHOWN", 1)
    client = client_for(many.chair)

    page = client.get("/tasks/")
    group = page.context["groups"][0]
    html = page.content.decode()

    assert (group.key, len(group.rows), group.more) == ("late", 1, group.total - 1)
    assert group.more > 1
    assert f'href="/tasks/?group=late">{group.more} more: show all {group.total}' in html
    for one in page.context["groups"]:
        listed = client.get(f"/tasks/?group={one.slug}")
        assert (
            [each.total for each in listed.context["groups"]] == [len(listed.context["groups"][0].rows)] == [one.total]
        )


def test_all_of_a_group_come_in_pages(many, client_for, monkeypatch):
    for module in ("workflows.inbox", "workflows.views.tasks"):
        monkeypatch.setattr(f"{module}.PER_PAGE", 2)
    client = client_for(many.chair)
    total = next(group.total for group in my_tasks(many.chair) if group.key == "late")
    seen = []

    for number in range(1, -(-total // 2) + 1):
        rows_there = client.get(f"/tasks/?group=late&page={number}").context["groups"][0].rows
        seen += [row.occurrence.reference for row in rows_there]

    assert len(seen) == len(set(seen)) == total
    days = [str(Occurrence.objects.get(reference=one).due_on) for one in seen]
    assert days == sorted(days)
    beyond = client.get("/tasks/?group=late&page=999").context
    assert beyond["page_obj"].number == beyond["page_obj"].paginator.num_pages
    assert beyond["groups"][0].rows


@pytest.mark.parametrize(
    "query", ["group=nothing", "group=%00", "group=late&page=x", "group=late&page=-1", "page=9999999999"]
)
def test_group_or_page_that_is_not_there_never_breaks_the_list(world, client_for, query):
    assert client_for(world.chair).get(f"/tasks/?{query}").status_code == 200
