"""Alternates, validators and substitutes with a scope: in which offices somebody acts, for whom, and no further."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.people import World, make_person
from tracker import access, queries
from tracker.ball import Roster, ball_holders
from tracker.models import (
    Assignment,
    Event,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Resolution,
    Substitution,
    Term,
    Version,
)
from workflows import steps
from workflows.inbox import my_tasks

TODAY = date(2018, 2, 16)
DAY = timedelta(days=1)
SOON = date(2018, 3, 1)


def alternate(world: World, name: str, who: Person) -> Term:
    return steps.appoint(world.offices[name], who, part="alternate", by=world.secretary)


def second_text(world: World) -> Occurrence:
    """A restricted duty under another resolution of the same bodies, with a turn for Council 2018."""
    text = Resolution.objects.create(body=world.council, slug="r2", symbol="Resolution 2", visibility="members")
    version = Version.objects.create(
        resolution=text, label="C17", designation="C17", enacting="The Council,", text="1 to act;", tracking="confirmed"
    )
    paragraph = Paragraph.objects.create(version=version, kind="operative", position=1, path="1", text="to act;")
    duty = Obligation.objects.create(
        paragraph=paragraph,
        resolution=text,
        title="Another",
        kind="each_session",
        anchor="session",
        anchor_body=world.council,
        responsible=world.group,
        endorser=world.offices["chair"],
        visibility="restricted",
        confirmed=True,
    )
    steps.plan_turns(duty)
    return Occurrence.objects.get(reference="council/r2-1-c18")


def tasks(who: Person) -> set[str]:
    return {row.occurrence.reference for group in my_tasks(who) for row in group.rows}


# Alternates --------------------------------------------------------------------------------------------------------------


def test_alternate_acts_for_the_holder_and_both_names_stand(world: World) -> None:
    alternate(world, "chair", world.outsider)

    steps.assign(world.due, lead=world.contributor, by=world.outsider)

    event = Event.objects.get(verb="occurrence.assigned")
    assert (event.actor, event.acting_for) == (world.outsider, world.chair)
    assert world.offices["chair"].holder(TODAY) == world.chair


def test_alternate_of_a_vacant_office_acts_for_themselves(world: World) -> None:
    alternate(world, "chair", world.outsider)
    Term.objects.filter(person=world.chair).update(ends=TODAY - DAY)

    steps.assign(world.due, lead=world.contributor, by=world.outsider)

    event = Event.objects.get(verb="occurrence.assigned")
    assert (event.actor, event.acting_for) == (world.outsider, None)


def test_appointing_alternates_ends_no_term_and_an_office_may_have_several(world: World) -> None:
    alternate(world, "chair", world.outsider)
    alternate(world, "chair", world.people["helper"])

    roster = Roster.on(TODAY)
    assert roster.people(world.offices["chair"]) == (world.chair, world.people["helper"], world.outsider)
    assert set(Term.objects.filter(office=world.offices["chair"]).values_list("ends", flat=True)) == {None}


def test_new_holder_does_not_end_an_alternates_term(world: World) -> None:
    term = alternate(world, "chair", world.outsider)

    steps.appoint(world.offices["chair"], world.people["helper"], by=world.secretary, begins=SOON)

    term.refresh_from_db()
    assert term.ends is None
    assert world.offices["chair"].holder(SOON) == world.people["helper"]


def test_office_with_only_an_alternate_is_vacant_but_has_the_ball(world: World) -> None:
    alternate(world, "contributor", world.outsider)
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    control = queries.vacant(Occurrence.objects.all(), TODAY).exists()
    Term.objects.filter(person=world.contributor).update(ends=TODAY - DAY)

    assert not control  # somebody held it until now
    assert Roster.on(TODAY).holder(world.offices["contributor"]) is None
    assert list(queries.vacant(Occurrence.objects.all(), TODAY)) == [world.due]
    assert ball_holders(world.due, TODAY).people == (world.outsider,)


def test_alternate_of_the_last_secretary_does_not_replace_one(world: World) -> None:
    alternate(world, "secretary", world.outsider)

    with pytest.raises(Exception, match="appoint another"):
        steps.end_term(Term.objects.get(office=world.offices["secretary"], part="holder"), by=world.secretary)


def test_nobody_is_holder_and_alternate_of_one_office(world: World) -> None:
    with pytest.raises(Exception, match="has a term"):
        alternate(world, "chair", world.chair)


# Substitutes with a scope ------------------------------------------------------------------------------------------------


def narrow(world: World, **scope: Any) -> Substitution:
    return steps.set_substitute(
        scope.pop("office", world.offices["chair"]),
        world.outsider,
        principal=world.chair,
        begins=TODAY,
        ends=SOON,
        by=world.secretary,
        **scope,
    )


def open_to(who: Person, turn: Occurrence) -> dict[str, bool]:
    """Every way in which an occurrence may be open to somebody."""
    roster = Roster.on(TODAY)
    chair = turn.obligation.endorser
    return {
        "capacities": bool(access.capacities(who, turn)),
        "sees it": access.occurrences(who).filter(pk=turn.pk).exists(),
        "sees the duty": access.obligations(who).filter(pk=turn.obligation_id).exists(),
        "sees the text": access.resolutions(who).filter(pk=turn.resolution_id).exists(),
        "sees its events": access.events(who).filter(subject_type="occurrence", subject_id=turn.pk).exists(),
        "has the ball": who in ball_holders(turn, TODAY).people,
        "in their tasks": turn.reference in tasks(who),
        "stands in": who in roster.people(chair, turn.resolution_id),
    }


def test_substitute_for_one_resolution_acts_there_and_nowhere_else(world: World) -> None:
    other, here = second_text(world), world.due
    Obligation.objects.update(visibility="restricted")
    Resolution.objects.update(visibility="members")
    nothing = dict.fromkeys(open_to(world.outsider, here), False)
    assert open_to(world.outsider, here) == open_to(world.outsider, other) == nothing

    given = narrow(world, resolution=here.resolution)

    assert all(open_to(world.outsider, here).values())
    assert open_to(world.outsider, other) == nothing
    assert access.seats(world.outsider) == []
    assert access.roles(world.outsider) == set()

    Substitution.objects.filter(pk=given.pk).update(resolution=None)  # the control: without the scope all is open
    assert all(open_to(world.outsider, other).values())


def test_secretary_for_one_resolution_keeps_no_body(world: World) -> None:
    given = steps.set_substitute(
        world.offices["secretary"],
        world.outsider,
        begins=TODAY,
        ends=SOON,
        by=world.secretary,
        resolution=world.resolution,
    )
    rights = [step for step in access.BODY_GRANTS if access.may_on_body(world.outsider, step, world.council)]

    assert rights == []
    assert not access.people(world.outsider).exists()
    assert "secretary" in access.capacities(world.outsider, world.due)
    Substitution.objects.filter(pk=given.pk).update(resolution=None)
    assert access.may_on_body(world.outsider, "appoint", world.council)


def test_whole_person_substitute_acts_in_every_office_and_in_what_was_asked_in_person(world: World) -> None:
    turn = steps.assign(world.due, lead=world.contributor, by=world.chair)
    assert access.capacities(world.outsider, turn) == {}

    steps.set_substitute(
        None, world.outsider, principal=world.contributor, begins=TODAY, ends=SOON, by=world.contributor
    )

    assert access.capacities(world.outsider, turn) == {"lead": world.contributor, "member": world.contributor}
    assert ball_holders(turn, TODAY).people == (world.contributor, world.outsider)
    assert tasks(world.outsider) == {turn.reference}
    turn = steps.accept(turn, by=world.outsider)
    assert Event.objects.get(verb="occurrence.accepted").acting_for == world.contributor


def test_substitute_in_one_office_has_nothing_that_was_asked_in_person(world: World) -> None:
    turn = steps.assign(world.due, lead=world.contributor, by=world.chair)

    steps.set_substitute(world.offices["contributor"], world.outsider, begins=TODAY, ends=SOON, by=world.contributor)

    assert access.capacities(world.outsider, turn) == {"member": world.contributor}
    assert ball_holders(turn, TODAY).people == (world.contributor,)


def test_whole_person_substitute_for_one_resolution_stays_within_it(world: World) -> None:
    other = steps.assign(second_text(world), lead=world.contributor, by=world.chair)
    turn = steps.assign(world.due, lead=world.contributor, by=world.chair)

    given = steps.set_substitute(
        None,
        world.outsider,
        principal=world.contributor,
        begins=TODAY,
        ends=SOON,
        by=world.contributor,
        resolution=world.resolution,
    )

    assert tasks(world.outsider) == {turn.reference}
    assert access.capacities(world.outsider, other) == {}
    Substitution.objects.filter(pk=given.pk).update(resolution=None)
    assert tasks(world.outsider) == {turn.reference, other.reference}


def test_reminder_of_a_holder_goes_to_alternates_and_substitutes_too(world: World) -> None:
    helper = alternate(world, "chair", world.people["helper"]).person
    narrow(world, resolution=world.resolution)

    people = ball_holders(world.due, TODAY).people

    assert people == (world.chair, helper, world.outsider)


# Validators --------------------------------------------------------------------------------------------------------------


def handed_in(world: World) -> Occurrence:
    """A report of the contributor's office, waiting to be validated by the helper's."""
    helper = Office.objects.get(slug="helper")
    steps.set_validator(world.offices["contributor"], helper, by=world.secretary)
    turn = steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    turn = steps.submit(steps.accept(turn, by=world.contributor), by=world.contributor, text="What was done.")
    Occurrence.objects.filter(pk=turn.pk).update(needs_validation=True)
    return Occurrence.objects.get(pk=turn.pk)


def test_report_waits_with_the_validator_of_the_office_that_handed_it_in(world: World) -> None:
    turn = handed_in(world)
    helper = Office.objects.get(slug="helper")

    assert ball_holders(turn, TODAY) == ("validator", helper, (world.people["helper"],))
    assert access.require(world.people["helper"], "validate", turn) is None
    assert tasks(world.people["helper"]) == {turn.reference}
    assert "validator" not in access.capacities(world.chair, turn)


def test_report_that_nobody_can_validate_falls_to_the_endorser(world: World) -> None:
    turn = handed_in(world)
    Term.objects.filter(person=world.people["helper"]).update(ends=TODAY - DAY)

    assert ball_holders(turn, TODAY) == ("validator", world.offices["chair"], (world.chair,))
    assert access.require(world.chair, "validate", turn) is None


def test_nobody_validates_what_they_handed_in_themselves(world: World) -> None:
    turn = handed_in(world)
    Term.objects.create(office=Office.objects.get(slug="helper"), person=world.contributor, part="alternate")

    assert "validator" not in access.capacities(world.contributor, turn)
    assert ball_holders(turn, TODAY).people == (world.people["helper"],)


def test_alternates_and_substitutes_of_the_validator_validate(world: World) -> None:
    turn = handed_in(world)
    steps.appoint(Office.objects.get(slug="helper"), world.outsider, part="alternate", by=world.secretary)

    assert access.require(world.outsider, "validate", turn) == world.people["helper"]


def test_set_validator_is_recorded_and_refuses_what_does_not_hold(world: World) -> None:
    office, helper = world.offices["contributor"], Office.objects.get(slug="helper")
    steps.set_validator(office, helper, by=world.secretary)

    for wrong in (office, helper):
        with pytest.raises(Exception, match=r"validat|so already"):
            steps.set_validator(office, wrong, by=world.secretary)
    with pytest.raises(Exception, match="secretary"):
        steps.set_validator(office, None, by=world.chair)

    (event,) = Event.objects.filter(verb="office.changed")
    assert event.changes == {"validator": [None, helper.pk]}


# Who has left ------------------------------------------------------------------------------------------------------------


def test_what_was_asked_of_somebody_who_left_goes_back_to_who_assigns(world: World) -> None:
    turn = steps.accept(steps.assign(world.due, lead=world.contributor, by=world.chair), by=world.contributor)
    assert ball_holders(turn, TODAY).people == (world.contributor,)
    assert not queries.left_behind(Occurrence.objects.all(), TODAY).exists()

    Term.objects.filter(person=world.contributor).update(ends=TODAY - DAY)

    assert ball_holders(turn, TODAY) == ("chair", world.offices["chair"], (world.chair,))
    assert list(queries.left_behind(Occurrence.objects.all(), TODAY)) == [turn]
    (row,) = [row for group in my_tasks(world.chair) for row in group.rows if row.occurrence == turn]
    assert row.reason == "assigned to somebody who has left: Contributor"


def test_deactivated_person_has_left_and_somebody_who_never_held_an_office_has_not(world: World) -> None:
    turn = steps.assign(world.due, lead=world.helper, by=world.chair)
    Assignment.objects.filter(occurrence=turn).update(person=world.outsider)  # asked before only members could be
    assert ball_holders(turn, TODAY).people == (world.outsider,)

    steps.deactivate(world.outsider, by=world.secretary, reason="Left.")

    assert ball_holders(turn, TODAY).capacity == "chair"
    assert list(queries.left_behind(Occurrence.objects.all(), TODAY)) == [turn]


def test_duty_of_an_office_passes_to_the_successor_by_itself(world: World) -> None:
    turn = steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)

    steps.appoint(world.offices["contributor"], world.outsider, by=world.secretary)

    assert ball_holders(turn, TODAY).people == (world.outsider,)
    assert access.capacities(world.contributor, turn) == {}


def test_focal_point_can_be_asked_and_reads_as_a_member_does(world: World) -> None:
    office = steps.add_office(world.group, title="Focal point", role="focal_point", slug="fp", by=world.secretary)
    who = make_person("focal_point")
    steps.appoint(office, who, by=world.secretary)
    turn = steps.assign(world.due, lead=office, by=world.chair)

    steps.accept(turn, by=who)

    assert access.occurrences(who).filter(pk=world.past.pk).exists()
    assert not access.people(who).exists()


# Whose beginning is not recorded ---------------------------------------------------------------------------------------


def test_holder_is_the_latest_begun_before_one_whose_beginning_is_not_recorded(world: World) -> None:
    """Databases sort what is empty differently; who holds an office may not depend on it."""
    office, early, late = world.offices["councillor"], make_person("early"), make_person("late")
    Term.objects.create(office=office, person=early, begins=date(2016, 1, 1))
    Term.objects.create(office=office, person=late, begins=date(2017, 1, 1))

    held = [term.person.username for term in office.terms.running(TODAY)]

    assert held == ["late", "early", "councillor"]  # the councillor's own term has no beginning on record
    assert office.holder(TODAY) == late
    assert Roster.on(TODAY).holders[office.pk] == late


# Who validates ---------------------------------------------------------------------------------------------------------


def test_validator_sees_what_is_to_be_validated_also_where_it_is_restricted(world: World) -> None:
    validator, turn = make_person("validator"), second_text(world)
    office = Office.objects.create(body=world.group, slug="validator", title="Validator", role="member")
    Term.objects.create(office=office, person=validator)
    steps.set_validator(world.offices["contributor"], office, by=world.secretary)
    assert not access.occurrences(validator).filter(pk=turn.pk).exists()

    steps.assign(turn, lead=world.offices["contributor"], by=world.chair)
    steps.accept(turn, by=world.contributor)
    steps.submit(turn, by=world.contributor, text="What was done.", visibility="restricted")

    assert access.occurrence(validator, turn.reference) == turn
    assert access.papers(validator, turn.reports.all()).count() == 1
    assert not access.occurrences(world.helper).filter(pk=turn.pk).exists()
