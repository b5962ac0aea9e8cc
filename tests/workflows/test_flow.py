"""The path as a flow: open steps are those of the state, contributions fan out and are joined, and work that is open under
version 1 goes on under version 2."""

from datetime import date

import pytest
from django.core.management import call_command
from django_fsm import TransitionNotAllowed
from viewflow.workflow.models import Task
from viewflow.workflow.status import PROCESS, STATUS

from tracker.models import Assignment, Event, Office
from workflows import flows, rounds, steps
from workflows.inbox import my_tasks
from workflows.models import Run

pytestmark = pytest.mark.django_db


def started(world, *contributors):
    turn = steps.assign(world.due, lead=world.contributor, contributors=contributors, by=world.chair)
    return steps.accept(turn, by=world.contributor)


def opened(turn):
    """The open steps by name, with whose part each is."""
    names = {one.pk: str(one) for one in turn.assignments.all()}
    return sorted((task.flow_task.name, names.get(task.data.get("part"), "")) for task in flows.open_tasks(turn))


def runs(turn):
    return list(Run.objects.filter(occurrence=turn).order_by("pk").values_list("status", flat=True))


# Parting and joining -----------------------------------------------------------------------------------------------------


def test_acceptance_opens_the_leads_work_and_one_contribution_for_each(world):
    turn = started(world, world.helper, world.vice_chair)

    assert opened(turn) == [("contribution", "Helper"), ("contribution", "Vice-chair"), ("work", "")]


def test_without_contributors_the_lead_works_alone(world):
    assert opened(started(world)) == [("work", "")]


def test_each_part_that_is_done_closes_its_own_step(world):
    turn = started(world, world.helper, world.vice_chair)

    steps.finish_part(turn, by=world.vice_chair)

    assert opened(turn) == [("contribution", "Helper"), ("work", "")]


def test_submission_joins_what_was_shared_and_goes_on_in_the_same_run(world):
    turn = started(world, world.helper, world.vice_chair)
    steps.finish_part(turn, by=world.helper)
    steps.finish_part(turn, by=world.vice_chair)

    turn = steps.submit(turn, by=world.contributor, text="What was done.")

    assert opened(turn) == [("endorsement", "")]
    assert runs(turn) == [PROCESS.NEW]
    join = Task.objects.get(process__run__occurrence=turn, flow_task=flows.Path.joined)
    assert (join.status, join.previous.count(), join.token.token) == (STATUS.DONE, 3, "start")


def test_lead_does_not_submit_past_a_contribution_and_no_step_is_lost_by_trying(world):
    turn = started(world, world.helper)

    with pytest.raises(TransitionNotAllowed):
        steps.submit(turn, by=world.contributor, text="Too early.")

    assert opened(turn) == [("contribution", "Helper"), ("work", "")]


def test_contribution_asked_for_later_is_joined_too(world):
    turn = started(world, world.helper)
    steps.finish_part(turn, by=world.helper)
    turn = steps.add_contributors(turn, contributors=[world.vice_chair], by=world.chair)
    assert opened(turn) == [("contribution", "Vice-chair"), ("work", "")]
    steps.finish_part(turn, by=world.vice_chair)

    turn = steps.submit(turn, by=world.contributor, text="What was done.")

    assert opened(turn) == [("endorsement", "")]
    assert runs(turn) == [PROCESS.NEW]


def test_released_contributor_leaves_no_step_and_the_join_does_not_wait(world):
    turn = started(world, world.helper, world.vice_chair)
    steps.finish_part(turn, by=world.vice_chair)
    turn = steps.release_contributor(turn, contributor=world.helper, by=world.chair, reason="Not needed.")
    assert opened(turn) == [("work", "")]

    turn = steps.submit(turn, by=world.contributor, text="What was done.")

    assert opened(turn) == [("endorsement", "")]
    assert runs(turn) == [PROCESS.NEW]


@pytest.mark.parametrize("step", ["send_back", "withdraw", "reopen"])
def test_back_to_work_only_what_is_not_done_is_open_again(world, step):
    turn = started(world, world.helper)
    steps.finish_part(turn, by=world.helper)
    turn = steps.submit(turn, by=world.contributor, text="What was done.")
    if step == "reopen":
        turn = steps.endorse(turn, by=world.chair)
    take = {
        "send_back": lambda: steps.send_back(turn, by=world.chair, reason="More."),
        "withdraw": lambda: steps.withdraw(turn, by=world.contributor),
        "reopen": lambda: steps.reopen(turn, by=world.chair, reason="More."),
    }

    turn = take[step]()
    assert opened(turn) == [("work", "")]
    turn = steps.add_contributors(turn, contributors=[world.helper], by=world.contributor)
    assert opened(turn) == [("contribution", "Helper"), ("work", "")]
    steps.finish_part(turn, by=world.helper)

    assert opened(steps.submit(turn, by=world.contributor, text="Again.")) == [("endorsement", "")]


@pytest.mark.parametrize("state", ["assigned", "in_progress"])
def test_passed_on_the_new_lead_is_to_accept_and_open_parts_go_on_after_that(world, state):
    turn = steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)
    if state == "in_progress":
        turn = steps.accept(turn, by=world.contributor)

    turn = steps.reassign(turn, lead=world.vice_chair, by=world.chair, reason="She left.")
    before = opened(turn)
    turn = steps.accept(turn, by=world.vice_chair)

    assert before == [("acceptance", "")]
    assert opened(turn) == [("contribution", "Helper"), ("work", "")]
    assert Run.objects.filter(occurrence=turn, status=PROCESS.NEW).count() == 1


@pytest.mark.parametrize("helped", [False, True])
def test_report_that_is_validated_first_is_the_validators_step(world, helped):
    """Also where somebody has done their part: the gateway that they reached first goes by how the turn stands now."""
    office = world.offices["contributor"]
    Office.objects.filter(pk=office.pk).update(validator=world.offices["vice_chair"])
    helping = [world.helper] if helped else []
    turn = steps.assign(world.due, lead=office, contributors=helping, by=world.chair)
    turn = steps.accept(turn, by=world.contributor)
    if helped:
        turn = steps.finish_part(turn, by=world.helper)
    turn = steps.submit(turn, by=world.contributor, text="Here.")
    first = opened(turn)

    turn = steps.validate(turn, by=world.vice_chair)

    assert (first, opened(turn)) == ([("validation", "")], [("endorsement", "")])
    assert runs(turn) == [PROCESS.NEW]


def test_steps_beside_the_path_leave_the_open_steps_alone(world):
    turn = started(world, world.helper)
    before = opened(turn)

    steps.record_activity(turn, by=world.contributor, text="Met.")
    turn = steps.ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 4, 5), reason="Late.")
    turn = steps.grant_new_date(turn, by=world.chair)
    turn = steps.hold(turn, by=world.chair, reason="Waiting.")
    steps.resume(turn, by=world.chair)

    assert opened(turn) == before
    assert runs(turn) == [PROCESS.NEW]


# From version 1 to version 2 ---------------------------------------------------------------------------------------------


def under_version_1(turn):
    """The occurrence as version 1 of the path had it open: its run, its open step, and contributors that nobody counted."""
    flows._cancel(turn)
    Run.objects.filter(occurrence=turn).delete()
    flows.OccurrenceFlow.enter.run(occurrence=turn)
    type(turn).objects.filter(pk=turn.pk).update(parts_open=0)
    turn.refresh_from_db()
    return turn


STATES = ("planned", "assigned", "in_progress", "submitted", "endorsed")
STEP_OF = {
    "planned": "assignment",
    "assigned": "acceptance",
    "in_progress": "work",
    "submitted": "endorsement",
    "endorsed": "decision",
}


@pytest.mark.parametrize("state", STATES)
def test_strings_stored_by_version_1_are_still_understood(world, state):
    turn = under_version_1(world.walk(state))

    [task] = flows.open_tasks(turn)

    stored = Task.objects.filter(pk=task.pk).extra(select={"ref": "flow_task"}).values_list("ref", flat=True)[0]
    assert stored == f"workflows/flows.OccurrenceFlow.{STEP_OF[state]}"
    assert (task.flow_task.name, task.flow_task.flow_class) == (STEP_OF[state], flows.OccurrenceFlow)


@pytest.mark.parametrize("how", ["command", "clock"])
def test_what_is_open_under_version_1_is_carried_over_and_nothing_is_lost(world, how):
    turns = [under_version_1(world.walk("in_progress")), under_version_1(world.walk("submitted", world.past))]
    steps_before = [(task.flow_task.name) for turn in turns for task in flows.open_tasks(turn)]
    inbox_before = [(row.occurrence.pk, row.step) for group in my_tasks(world.contributor) for row in group.rows]
    events = Event.objects.exclude(verb="record.taken_in").count()

    if how == "command":
        call_command("carry_over")
    else:
        rounds.run()

    assert flows.behind() == []
    assert [task.flow_task.name for turn in turns for task in flows.open_tasks(turn)] == steps_before
    assert {task.flow_task.flow_class for turn in turns for task in flows.open_tasks(turn)} == {flows.OccurrenceFlow2}
    assert [
        (row.occurrence.pk, row.step) for group in my_tasks(world.contributor) for row in group.rows
    ] == inbox_before
    # The engine's runs are no facts: where no count changes, nothing is on record (but for what the tests added by hand).
    assert Event.objects.exclude(verb="record.taken_in").count() == events
    assert steps.carry_over() == 0


def test_contributors_of_version_1_are_asked_for_their_part_from_now_on(world):
    turn = under_version_1(started(world, world.helper))

    assert steps.carry_over() == 1

    assert opened(turn) == [("contribution", "Helper"), ("work", "")]
    turn.refresh_from_db()
    assert turn.parts_open == 1
    event = Event.objects.latest("pk")
    assert (event.verb, event.actor, event.changes) == ("occurrence.carried_over", None, {"parts_open": [0, 1]})
    steps.finish_part(turn, by=world.helper)
    assert steps.submit(turn, by=world.contributor, text="What was done.").status == "submitted"


@pytest.mark.parametrize("state", STATES)
def test_the_next_step_itself_carries_over_what_was_left_behind(world, state):
    turn = under_version_1(world.walk(state, world.past))
    take = {
        "planned": lambda: steps.assign(turn, lead=world.contributor, by=world.chair),
        "assigned": lambda: steps.accept(turn, by=world.contributor),
        "in_progress": lambda: steps.submit(turn, by=world.contributor, text="Here."),
        "submitted": lambda: steps.endorse(turn, by=world.chair),
        "endorsed": lambda: steps.close(turn, by=world.secretary, decision=world.decide()),
    }

    after = take[state]()

    assert not flows.is_behind(after)
    assert [task.flow_task.name for task in flows.open_tasks(after)] == list(filter(None, [STEP_OF.get(after.status)]))


def test_step_that_is_refused_carries_nothing_over(world):
    turn = under_version_1(started(world, world.helper))

    with pytest.raises(TransitionNotAllowed):
        steps.submit(turn, by=world.contributor, text="Too early: a part is asked for.")

    assert flows.is_behind(turn)
    assert not Assignment.objects.exclude(done_at=None).exists()
