"""Those who work on a turn: who can be asked, passed on to another lead, contributing in parallel, validated for."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_fsm import TransitionNotAllowed

from tests.people import make_person
from tracker.models import Assignment, Body, DateRequest, Event, Notice, Office, Substitution, Term
from workflows import notices, steps
from workflows.steps.asking import refusal

pytestmark = pytest.mark.django_db


def started(world, *contributors):
    turn = steps.assign(world.due, lead=world.contributor, contributors=contributors, by=world.chair)
    return steps.accept(turn, by=world.contributor)


def parts(turn):
    return {str(one): one for one in turn.assignments.standing().filter(part="contributor")}


def counted(turn):
    """The counter of the machine agrees with the rows."""
    turn.refresh_from_db()
    return turn.parts_open == turn.assignments.standing().filter(part="contributor", done_at=None).count()


# Who can be asked --------------------------------------------------------------------------------------------------------


def test_somebody_outside_the_family_cannot_be_asked_and_is_named(world):
    with pytest.raises(ValidationError, match="Outsider is not a member of Group") as refused:
        steps.assign(world.due, lead=world.outsider, by=world.chair)

    assert set(refused.value.message_dict) == {"lead"}
    assert world.due.status == "planned"


@pytest.mark.parametrize("name", ["contributor", "chair", "councillor", "secretary"])
def test_whoever_holds_a_seat_in_the_group_or_above_it_can_be_asked(world, name):
    assert steps.assign(world.due, lead=world.people[name], by=world.chair).status == "assigned"


def test_a_seat_in_a_group_under_it_is_one_too_and_one_beside_it_is_none(world):
    under = Body.objects.create(slug="task-team", name="Task team", short_name="Team", parent=world.group)
    deeper = Body.objects.create(slug="drafters", name="Drafters", short_name="Drafters", parent=under)
    beside = Body.objects.create(slug="other", name="Other group", short_name="Other", parent=world.council)
    for body, name in ((deeper, "drafter"), (beside, "neighbour")):
        office = Office.objects.create(body=body, slug=name, title=name.capitalize(), role="member")
        Term.objects.create(office=office, person=make_person(name))
    drafter, neighbour = (Office.objects.get(slug=name) for name in ("drafter", "neighbour"))

    assert refusal(world.obligation, drafter, date(2018, 2, 16)) == ""
    assert refusal(world.obligation, drafter.holder(date(2018, 2, 16)), date(2018, 2, 16)) == ""
    assert refusal(world.obligation, neighbour, date(2018, 2, 16)) == "Neighbour is not a member of Group."
    assert refusal(world.obligation, neighbour.holder(date(2018, 2, 16)), date(2018, 2, 16)) != ""


def test_a_term_that_is_over_is_no_seat(world):
    Term.objects.filter(person=world.helper).update(ends=date(2018, 2, 15))

    with pytest.raises(ValidationError, match="Helper is not a member of Group"):
        steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)


def test_who_checks_is_not_asked_to_do(world):
    with pytest.raises(ValidationError):
        steps.assign(world.due, lead=world.people["auditor"], by=world.chair)


@pytest.mark.parametrize("step", ["reassign", "add_contributors"])
def test_the_rule_holds_for_every_way_of_asking(world, step):
    turn = started(world)
    words = {
        "reassign": {"lead": world.outsider, "reason": "So."},
        "add_contributors": {"contributors": [world.outsider]},
    }

    with pytest.raises(ValidationError, match="is not a member of Group"):
        steps.ON_OCCURRENCE[step](turn, by=world.chair, **words[step])


# Assigned with a day -----------------------------------------------------------------------------------------------------


def test_assigned_for_another_day_keeps_the_first_promise_and_says_why(world):
    with pytest.raises(ValidationError) as refused:
        steps.assign(world.due, lead=world.contributor, by=world.chair, due_on=date(2018, 3, 10))
    turn = steps.assign(
        world.due, lead=world.contributor, by=world.chair, due_on=date(2018, 3, 10), note="The chair reads it first."
    )

    assert set(refused.value.message_dict) == {"note"}
    assert (turn.due_on, turn.first_due_on, turn.moved_by_choice) == (date(2018, 3, 10), date(2018, 3, 18), 1)
    assert Event.objects.filter(verb="occurrence.assigned").count() == 1


def test_first_day_of_a_turn_without_one_is_its_first_promise(world):
    type(world.due).objects.filter(pk=world.due.pk).update(due_on=None, first_due_on=None)

    turn = steps.assign(world.due, lead=world.contributor, by=world.chair, due_on=date(2018, 3, 10))

    assert (turn.due_on, turn.first_due_on, turn.moved_by_choice) == (date(2018, 3, 10), date(2018, 3, 10), 0)


# Passed on ---------------------------------------------------------------------------------------------------------------


def test_passed_on_ends_the_lead_asks_the_new_one_and_keeps_what_is_done(world):
    turn = started(world, world.helper, world.vice_chair)
    steps.finish_part(turn, by=world.helper, note="The figures.")

    turn = steps.reassign(turn, lead=world.people["councillor"], by=world.chair, reason="She left.")

    assert turn.status == "assigned"
    assert str(turn.assignments.standing().get(part="lead")) == "Councillor"
    assert parts(turn)["Helper"].done_at is not None
    assert (turn.parts_open, counted(turn)) == (1, True)


def test_contributor_who_now_leads_no_longer_contributes(world):
    turn = started(world, world.helper, world.vice_chair)

    turn = steps.reassign(turn, lead=world.helper, by=world.chair, reason="He did most of it.")

    assert set(parts(turn)) == {"Vice-chair"}
    assert (turn.parts_open, counted(turn)) == (1, True)


def test_passed_on_with_other_contributors_releases_those_who_are_not_named(world):
    turn = started(world, world.helper)

    turn = steps.reassign(
        turn, lead=world.vice_chair, contributors=[world.contributor], by=world.chair, reason="They change places."
    )

    assert set(parts(turn)) == {"Contributor"}
    assert (turn.parts_open, counted(turn)) == (1, True)


def test_who_leads_already_is_no_new_lead(world):
    turn = started(world)

    with pytest.raises(ValidationError, match="leads this already"):
        steps.reassign(turn, lead=world.contributor, by=world.chair, reason="So.")


# Contributing ------------------------------------------------------------------------------------------------------------


def test_lead_submits_once_every_part_is_done(world):
    turn = started(world, world.helper, world.vice_chair)
    steps.finish_part(turn, by=world.helper)

    with pytest.raises(TransitionNotAllowed):
        steps.submit(turn, by=world.contributor, text="Too early.")
    steps.finish_part(turn, by=world.vice_chair, note="Reviewed.")

    assert steps.submit(turn, by=world.contributor, text="What was done.").status == "submitted"
    assert parts(turn)["Vice-chair"].done_note == "Reviewed."
    assert counted(turn)


def test_part_is_done_once(world):
    turn = started(world, world.helper, world.vice_chair)
    steps.finish_part(turn, by=world.helper)

    with pytest.raises(TransitionNotAllowed, match="done already"):
        steps.finish_part(turn, by=world.helper)
    assert counted(turn)


def test_who_does_not_contribute_finishes_no_part(world):
    turn = started(world, world.helper)

    with pytest.raises(PermissionDenied):
        steps.finish_part(turn, by=world.contributor)


def test_substitute_finishes_the_part_of_an_office(world):
    office = world.offices["vice_chair"]
    Substitution.objects.create(
        office=office,
        principal=world.vice_chair,
        substitute=world.helper,
        begins=date(2018, 2, 1),
        ends=date(2018, 3, 1),
    )
    turn = started(world, office)

    steps.finish_part(turn, by=world.helper)

    event = Event.objects.get(verb="occurrence.part_done")
    assert (event.actor, event.acting_for) == (world.helper, world.vice_chair)
    assert counted(turn)


def test_substitute_within_one_resolution_finishes_the_part_of_an_office(world):
    office = world.offices["vice_chair"]
    span = {"begins": date(2018, 2, 16), "ends": date(2018, 3, 1)}
    steps.set_substitute(office, world.helper, by=world.secretary, resolution=world.resolution, **span)
    turn = started(world, office)

    steps.finish_part(turn, by=world.helper)

    event = Event.objects.get(verb="occurrence.part_done")
    assert (event.actor, event.acting_for) == (world.helper, world.vice_chair)


def test_part_of_an_office_is_finished_in_its_holders_name_by_a_substitute_whose_own_is_done(world):
    office = world.offices["vice_chair"]
    span = {"begins": date(2018, 2, 16), "ends": date(2018, 3, 1)}
    steps.set_substitute(office, world.helper, by=world.secretary, **span)
    turn = started(world, world.helper, office)

    steps.finish_part(turn, by=world.helper)
    steps.finish_part(turn, by=world.helper)

    done = Event.objects.filter(verb="occurrence.part_done").order_by("pk")
    assert [event.acting_for for event in done] == [None, world.vice_chair]
    assert counted(turn)


def test_who_acts_for_two_people_finishes_the_part_of_each(world):
    span = {"begins": date(2018, 2, 16), "ends": date(2018, 3, 1)}
    for principal in (world.vice_chair, world.helper):
        steps.set_substitute(None, world.councillor, by=world.secretary, principal=principal, **span)
    turn = started(world, world.vice_chair, world.helper)

    steps.finish_part(turn, by=world.councillor)
    steps.finish_part(turn, by=world.councillor)

    done = Event.objects.filter(verb="occurrence.part_done").order_by("pk")
    assert [event.acting_for for event in done] == [world.vice_chair, world.helper]


def test_released_contributor_keeps_nobody_waiting(world):
    turn = started(world, world.helper)

    turn = steps.release_contributor(turn, contributor=world.helper, by=world.chair, reason="Not needed.")

    assert (turn.parts_open, parts(turn)) == (0, {})
    assert steps.submit(turn, by=world.contributor, text="What was done.").status == "submitted"


def test_release_of_somebody_who_does_not_contribute_is_refused(world):
    turn = started(world)

    with pytest.raises(ValidationError, match="does not contribute"):
        steps.release_contributor(turn, contributor=world.helper, by=world.chair, reason="Not needed.")


def test_done_stays_done_after_a_send_back_until_asked_anew(world):
    turn = started(world, world.helper)
    steps.finish_part(turn, by=world.helper, note="First figures.")
    steps.submit(turn, by=world.contributor, text="What was done.")
    turn = steps.send_back(turn, by=world.chair, reason="The figures are old.")
    assert (turn.parts_open, turn.status) == (0, "in_progress")

    turn = steps.add_contributors(
        turn, contributors=[world.helper], by=world.contributor, note="Newer figures, please."
    )

    assert turn.parts_open == 1
    assert counted(turn)
    notes = list(turn.assignments.filter(part="contributor").order_by("pk").values_list("done_note", flat=True))
    assert notes == ["First figures.", ""]


@pytest.mark.parametrize("name", ["contributor", "helper"])
def test_who_works_on_it_already_is_not_asked_again(world, name):
    turn = started(world, world.helper)

    with pytest.raises(ValidationError, match="already"):
        steps.add_contributors(turn, contributors=[world.people[name]], by=world.chair)


@pytest.mark.parametrize("step", ["unassign", "decline", "waive", "supersede", "assign_again"])
def test_counter_agrees_with_the_rows_whatever_ends_the_work(world, step):
    turn = steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)
    take = {
        "unassign": lambda: steps.unassign(turn, by=world.chair, reason="So."),
        "decline": lambda: steps.decline(turn, by=world.contributor, reason="No time."),
        "waive": lambda: steps.waive(turn, by=world.secretary, decision=world.decide()),
        "supersede": lambda: steps.supersede(turn, by=world.secretary, reason="Amended."),
        "assign_again": lambda: steps.assign(
            steps.decline(turn, by=world.contributor, reason="No."),
            lead=world.vice_chair,
            by=world.chair,
        ),
    }

    take[step]()

    assert counted(turn)


# A new date --------------------------------------------------------------------------------------------------------------


def asked(world, day=date(2018, 4, 5)):
    return steps.ask_new_date(started(world), by=world.contributor, wanted_on=day, reason="The figures come late.")


def test_new_date_is_granted_as_asked_and_counted_as_a_change_of_mind(world):
    turn = steps.grant_new_date(asked(world), by=world.chair, note="Once.")

    assert (turn.due_on, turn.first_due_on, turn.moved_by_choice) == (date(2018, 4, 5), date(2018, 3, 18), 1)
    request = turn.date_requests.get()
    assert (request.answer, request.answered_by, request.answer_note) == ("granted", world.chair, "Once.")
    assert turn.asked_due_on is None


def test_another_day_than_the_one_asked_for_can_be_granted(world):
    assert steps.grant_new_date(asked(world), by=world.chair, due_on=date(2018, 3, 30)).due_on == date(2018, 3, 30)


def test_refused_date_stays_and_can_be_asked_for_again(world):
    turn = steps.refuse_new_date(asked(world), by=world.chair, reason="The Council opens.")

    assert (turn.due_on, turn.moved_by_choice) == (date(2018, 3, 18), 0)
    steps.ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 3, 20), reason="Two days.")
    assert [one.answer for one in turn.date_requests.all()] == ["open", "refused"]


@pytest.mark.parametrize("day", [date(2018, 2, 15), date(2018, 3, 18)])
def test_a_day_that_is_over_or_the_same_is_not_asked_for(world, day):
    with pytest.raises(ValidationError) as refused:
        asked(world, day)

    assert set(refused.value.message_dict) == {"wanted_on"}
    assert not DateRequest.objects.exists()


def test_a_date_is_asked_for_once_at_a_time(world):
    with pytest.raises(TransitionNotAllowed):
        steps.ask_new_date(asked(world), by=world.contributor, wanted_on=date(2018, 4, 6), reason="More.")


@pytest.mark.parametrize(
    "step", ["submit", "reassign", "change_due_date", "waive", "supersede", "unassign", "decline", "move_session"]
)
def test_open_request_is_overtaken_by_what_makes_it_needless(world, step):
    first = steps.assign(world.due, lead=world.contributor, by=world.chair)
    if step not in ("unassign", "decline"):
        first = steps.accept(first, by=world.contributor)
    turn = steps.ask_new_date(first, by=world.contributor, wanted_on=date(2018, 4, 5), reason="Late figures.")
    take = {
        "submit": lambda: steps.submit(turn, by=world.contributor, text="Here."),
        "reassign": lambda: steps.reassign(turn, lead=world.helper, by=world.chair, reason="So."),
        "change_due_date": lambda: steps.change_due_date(turn, by=world.chair, due_on=date(2018, 3, 30), reason="So."),
        "waive": lambda: steps.waive(turn, by=world.secretary, decision=world.decide()),
        "supersede": lambda: steps.supersede(turn, by=world.secretary, reason="Amended."),
        "unassign": lambda: steps.unassign(turn, by=world.chair, reason="So."),
        "decline": lambda: steps.decline(turn, by=world.contributor, reason="So."),
        "move_session": lambda: steps.move_session(
            world.sessions["C18"], opens=date(2018, 5, 15), closes=date(2018, 5, 25), by=world.secretary, reason="So."
        ),
    }

    take[step]()

    assert world.due.asked_due_on is None
    assert world.due.date_requests.get().answer == "overtaken"


# Validated first ---------------------------------------------------------------------------------------------------------


def validated_for(world, validator="vice_chair"):
    office = world.offices["contributor"]
    office.validator = world.offices[validator] if validator else None
    office.save()
    turn = steps.assign(world.due, lead=office, by=world.chair)
    return steps.accept(turn, by=world.contributor)


def test_report_of_an_office_with_a_validator_is_validated_before_it_is_endorsed(world):
    turn = steps.submit(validated_for(world), by=world.contributor, text="What was done.")
    assert turn.needs_validation

    with pytest.raises(TransitionNotAllowed):
        steps.endorse(turn, by=world.chair)
    turn = steps.validate(turn, by=world.vice_chair, note="Read.")

    report = turn.reports.get()
    assert (report.validated_by, report.validated_at is None) == (world.vice_chair, False)
    assert steps.endorse(turn, by=world.chair).status == "endorsed"


def test_nothing_is_validated_where_nobody_holds_the_office_or_the_submitter_does(world):
    Term.objects.filter(office=world.offices["vice_chair"]).update(ends=date(2018, 2, 1))

    assert not steps.submit(validated_for(world), by=world.contributor, text="Here.").needs_validation


def test_nobody_validates_their_own_report(world):
    turn = validated_for(world)
    Term.objects.filter(office=world.offices["vice_chair"]).update(person=world.contributor)

    assert not steps.submit(turn, by=world.contributor, text="Here.").needs_validation


@pytest.mark.parametrize("step", ["withdraw", "send_back"])
def test_what_goes_back_to_work_is_validated_anew_when_it_comes_again(world, step):
    turn = steps.submit(validated_for(world), by=world.contributor, text="First.")
    if step == "withdraw":
        turn = steps.withdraw(turn, by=world.contributor)
    else:
        turn = steps.send_back(turn, by=world.vice_chair, reason="A table is missing.")
    assert (turn.status, turn.needs_validation) == ("in_progress", False)

    assert steps.submit(turn, by=world.contributor, text="Second.").needs_validation


# Who is told -------------------------------------------------------------------------------------------------------------


def planned(*kinds):
    notices.announce(notices.unannounced(everything=True))
    found = Notice.objects.filter(kind__in=kinds).exclude(event=None).select_related("assignment")
    return {(one.kind, str(one.assignment or one.audience)) for one in found}


def test_old_and_new_lead_are_told_when_it_is_passed_on(world):
    turn = started(world, world.helper)
    steps.reassign(turn, lead=world.vice_chair, contributors=[], by=world.chair, reason="She left.")

    assert planned("assigned", "reassigned", "unassigned") >= {
        ("assigned", "Vice-chair"),
        ("reassigned", "Contributor"),
        ("unassigned", "Helper"),
    }


def test_lead_hears_of_a_part_that_is_done_and_the_chair_of_a_date(world):
    turn = started(world, world.helper)
    steps.finish_part(turn, by=world.helper)
    steps.ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 4, 5), reason="Late.")

    assert planned("part_done", "date_asked") == {("part_done", "Contributor"), ("date_asked", "holder")}


def test_validator_hears_first_and_the_endorser_once_it_is_validated(world):
    turn = steps.submit(validated_for(world), by=world.contributor, text="Here.")
    first = planned("submitted", "to_validate")
    steps.validate(turn, by=world.vice_chair)

    assert first == {("to_validate", "holder")}
    assert planned("submitted", "to_validate") == {("to_validate", "holder"), ("submitted", "holder")}


def test_who_acts_without_a_mail_has_been_asked_by_then(world):
    turn = started(world, world.helper)
    Assignment.objects.filter(occurrence=turn).update(told_at=None)

    steps.finish_part(turn, by=world.helper)

    assert parts(turn)["Helper"].told_at is not None


# Contributors who have left -------------------------------------------------------------------------------------------------


def has_left(world, person):
    steps.deactivate(person, by=world.secretary, reason="Another post.")


def test_contributor_who_has_left_is_released_when_it_is_passed_on(world, client_for):
    turn = started(world, world.helper, world.vice_chair)
    has_left(world, world.helper)
    form = client_for(world.chair).get(f"/items/{turn.reference}/steps/reassign/")
    assert "Helper can no longer be asked, and is released with this." in form.content.decode()
    assert 'value="helper"' not in str(form.context["form"]["contributors"])

    turn = steps.reassign(turn, lead=world.people["councillor"], by=world.chair, reason="A new hand.")

    assert set(parts(turn)) == {"Vice-chair"}
    assert (turn.parts_open, counted(turn)) == (1, True)
    assert ("unassigned", "Helper") in planned("unassigned")


def test_part_of_somebody_who_has_left_stands_where_it_is_done(world):
    turn = started(world, world.helper, world.vice_chair)
    steps.finish_part(turn, by=world.helper, note="The figures.")
    has_left(world, world.helper)

    turn = steps.reassign(turn, lead=world.people["councillor"], by=world.chair, reason="A new hand.")

    assert parts(turn)["Helper"].done_at is not None
    assert (turn.parts_open, counted(turn)) == (1, True)


def test_somebody_who_has_left_is_not_asked_anew(world):
    turn = started(world, world.vice_chair)
    has_left(world, world.helper)

    with pytest.raises(ValidationError, match="Helper"):
        steps.reassign(
            turn, lead=world.people["councillor"], contributors=[world.helper], by=world.chair, reason="A new hand."
        )
