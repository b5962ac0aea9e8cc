"""Who may see and do what: a table for each question."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import World, make_person
from tracker import access, clock
from tracker.models import (
    Assignment,
    Body,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Report,
    Substitution,
    Term,
)
from workflows import steps

TODAY = date(2018, 2, 16)
DAY = timedelta(days=1)
NOBODY = AnonymousUser()


def person(world: World, name: str) -> access.Reader:
    return NOBODY if name == "nobody" else world.people[name]


def seated(body: Body, name: str, role: str, **term: Any) -> Person:
    """A new person in a new office."""
    who = make_person(name)
    Term.objects.create(office=Office.objects.create(body=body, slug=name, title=name, role=role), person=who, **term)
    return who


def own_duty(world: World) -> Occurrence:
    """A duty of the Council's own: led by its secretary, endorsed by its chair."""
    paragraph = Paragraph.objects.create(
        version=world.version, kind="operative", position=2, path="2", text="to decide;"
    )
    duty = Obligation.objects.create(
        paragraph=paragraph,
        resolution=world.resolution,
        title="The Council's own",
        kind="each_session",
        anchor="session",
        anchor_body=world.council,
        responsible=world.council,
        endorser=world.offices["council_chair"],
        confirmed=True,
    )
    steps.plan_turns(duty)
    return Occurrence.objects.get(reference="council/r1-2-c18")


# Offices and terms -------------------------------------------------------------------------------------------------------

TERMS: dict[str, tuple[date | None, date | None, bool]] = {
    "not recorded": (None, None, True),
    "begun today": (TODAY, None, True),
    "begins tomorrow": (TODAY + DAY, None, False),
    "ends today": (None, TODAY, True),
    "ended yesterday": (None, TODAY - DAY, False),
    "begun and not ended": (TODAY - DAY, TODAY + DAY, True),
    "over long ago": (date(2014, 1, 1), date(2016, 12, 31), False),
}


@pytest.mark.parametrize("term", TERMS)
def test_office_gives_its_rights_while_the_term_runs(world: World, term: str) -> None:
    begins, ends, held = TERMS[term]
    who = seated(world.group, "newcomer", "chair", begins=begins, ends=ends)

    assert access.roles(who) == ({"chair"} if held else set())
    assert ("chair" in access.capacities(who, world.due)) is held
    assert access.occurrences(who).filter(pk=world.due.pk).exists() is held


@pytest.mark.parametrize("name", ["chair", "vice_chair", "secretary", "councillor", "auditor"])
def test_role_is_that_of_the_office_held(world: World, name: str) -> None:
    assert access.roles(world.people[name]) == {name}


def test_outsider_and_stranger_have_no_role(world: World) -> None:
    assert access.roles(world.outsider) == access.roles(NOBODY) == set()
    assert access.capacities(NOBODY, world.due) == access.capacities(world.outsider, world.due) == {}


# Substitutes -------------------------------------------------------------------------------------------------------------

SUBSTITUTIONS: dict[str, tuple[date, date, bool]] = {
    "today only": (TODAY, TODAY, True),
    "until tomorrow": (TODAY - DAY, TODAY + DAY, True),
    "from tomorrow": (TODAY + DAY, TODAY + DAY, False),
    "until yesterday": (TODAY - DAY, TODAY - DAY, False),
}


@pytest.mark.parametrize("when", SUBSTITUTIONS)
def test_substitute_acts_for_the_principal_between_its_days(world: World, when: str) -> None:
    begins, ends, stands = SUBSTITUTIONS[when]
    substitute(world, "chair", world.outsider, begins, ends)

    assert access.capacities(world.outsider, world.due) == (
        {"chair": world.chair, "endorser": world.chair} if stands else {}
    )
    if stands:
        assert access.require(world.outsider, "assign", world.due) == world.chair
    else:
        with pytest.raises(PermissionDenied):
            access.require(world.outsider, "assign", world.due)


def substitute(world: World, name: str, who: Person, begins: date = TODAY, ends: date = TODAY) -> Substitution:
    return Substitution.objects.create(
        office=world.offices[name], principal=world.people[name], substitute=who, begins=begins, ends=ends
    )


def test_substitute_has_nothing_once_the_principal_has_left_the_office(world: World) -> None:
    substitute(world, "chair", world.outsider)
    Term.objects.filter(person=world.chair).update(ends=TODAY - DAY)

    assert access.capacities(world.outsider, world.due) == {}


def test_substitute_has_nothing_once_the_principal_is_deactivated(world: World) -> None:
    substitute(world, "chair", world.outsider)
    Person.objects.filter(pk=world.chair.pk).update(is_active=False)

    assert access.capacities(world.outsider, world.due) == {}


def test_substitute_leads_for_the_office_that_was_asked(world: World) -> None:
    substitute(world, "contributor", world.outsider)
    steps.assign(world.due, by=world.chair, lead=world.offices["contributor"])

    assert access.require(world.outsider, "accept", world.due) == world.contributor


def test_substitute_does_not_lead_what_the_person_was_asked_for(world: World) -> None:
    substitute(world, "contributor", world.outsider)
    steps.assign(world.due, by=world.chair, lead=world.contributor)

    with pytest.raises(PermissionDenied):
        access.require(world.outsider, "accept", world.due)


def test_who_may_act_for_themselves_does_not_act_for_another(world: World) -> None:
    substitute(world, "chair", world.vice_chair)
    substitute(world, "chair", world.secretary)

    assert access.require(world.vice_chair, "assign", world.due) is None
    assert access.require(world.secretary, "endorse", world.due) == world.chair


# Endorsing ---------------------------------------------------------------------------------------------------------------

# who handed it in → who may endorse it, and for whom ("" themselves)
ENDORSERS: dict[str, dict[str, str]] = {
    "contributor": {"chair": ""},
    "vice_chair": {"chair": ""},
    "secretary": {"chair": ""},
    "chair": {"vice_chair": "chair"},
}


@pytest.mark.parametrize("submitter", ENDORSERS)
def test_nobody_endorses_what_they_handed_in_themselves(world: World, submitter: str) -> None:
    lead = world.people[submitter]
    steps.assign(world.due, by=world.secretary, lead=lead)
    steps.accept(world.due, by=lead)
    turn = steps.submit(world.due, by=lead, text="What was done.")

    endorsers = {name: found["endorser"] for name in world.people if "endorser" in (found := held(world, name, turn))}

    assert endorsers == {
        name: world.people[principal] if principal else None for name, principal in ENDORSERS[submitter].items()
    }
    if submitter == "chair":
        with pytest.raises(PermissionDenied):
            steps.endorse(turn, by=world.chair)
    for name in endorsers:
        assert steps.endorse(turn, by=world.people[name]).status == "endorsed"


def held(world: World, name: str, turn: Occurrence) -> dict[str, Person | None]:
    return access.capacities(world.people[name], turn)


def test_substitute_of_the_chair_endorses_what_the_chair_handed_in(world: World) -> None:
    substitute(world, "chair", world.helper)
    steps.assign(world.due, by=world.secretary, lead=world.chair)
    steps.accept(world.due, by=world.chair)
    turn = steps.submit(world.due, by=world.chair, text="What was done.")

    assert access.require(world.helper, "endorse", turn) == world.chair


def test_substitute_endorses_nothing_that_they_handed_in_for_the_chair(world: World) -> None:
    substitute(world, "chair", world.helper)
    steps.assign(world.due, by=world.secretary, lead=world.offices["chair"])
    steps.accept(world.due, by=world.chair)
    turn = steps.submit(world.due, by=world.helper, text="What was done, for the chair.")
    assert turn.reports.get().acting_for == world.chair

    endorsers = {name for name in world.people if "endorser" in held(world, name, turn)}

    assert endorsers == {"vice_chair"}


def test_chair_endorses_again_once_their_own_report_no_longer_stands(world: World) -> None:
    steps.assign(world.due, by=world.secretary, lead=world.offices["chair"])
    steps.accept(world.due, by=world.chair)
    steps.submit(world.due, by=world.chair, text="What was done.")
    substitute(world, "chair", world.helper)
    steps.withdraw(world.due, by=world.chair)

    assert "endorser" in held(world, "chair", world.due)


# Up and down the bodies --------------------------------------------------------------------------------------------------

# who → may assign the group's item, may assign the Council's own
ASSIGNERS: dict[str, tuple[bool, bool]] = {
    "secretary": (True, True),
    "council_chair": (True, True),
    "chair": (True, False),
    "vice_chair": (True, False),
    "other_chair": (False, False),
    "contributor": (False, False),
    "councillor": (False, False),
    "auditor": (False, False),
    "outsider": (False, False),
}


def test_offices_reach_down_to_the_groups_and_never_up_or_across(world: World) -> None:
    other = Body.objects.create(
        slug="other", name="Another group", short_name="Other", kind="group", parent=world.council
    )
    world.people["other_chair"] = seated(other, "other-chair", "chair")
    own = own_duty(world)

    found = {name: (may(world, name, "assign", world.due), may(world, name, "assign", own)) for name in ASSIGNERS}

    assert found == ASSIGNERS


def may(world: World, name: str, step: str, turn: Occurrence) -> bool:
    try:
        access.require(world.people[name], step, turn)
    except PermissionDenied:
        return False
    return True


def test_councils_own_item_is_endorsed_by_the_chair_of_the_council(world: World) -> None:
    own = own_duty(world)
    steps.assign(own, by=world.secretary, lead=world.offices["secretary"])
    steps.accept(own, by=world.secretary)
    turn = steps.submit(own, by=world.secretary, text="What the secretariat did.")

    assert {name for name in world.people if "endorser" in held(world, name, turn)} == {"council_chair"}


BODY_STEPS = {"council": {"secretary"}, "group": {"secretary", "group_secretary"}}


@pytest.mark.parametrize("step", [step for step, who in access.BODY_GRANTS.items() if who == ("secretary",)])
def test_steps_on_a_body_are_its_secretarys_or_that_of_one_above(world: World, step: str) -> None:
    world.people["group_secretary"] = seated(world.group, "group-secretary", "secretary")
    world.people["root"] = Person.objects.create_superuser("root", "a-long-password")

    found = {
        body.slug: {name for name, who in world.people.items() if access.may_on_body(who, step, body)}
        for body in (world.council, world.group)
    }

    assert found == BODY_STEPS
    with pytest.raises(PermissionDenied, match="secretary"):
        access.require_on_body(world.chair, step, world.group)


# Nobody by being somebody ------------------------------------------------------------------------------------------------


def test_superuser_gets_no_step_and_no_sight_by_being_one(world: World) -> None:
    root = Person.objects.create_superuser("root", "a-long-password")

    assert access.capacities(root, world.due) == {}
    assert not access.occurrences(root).exists()
    assert not access.events(root).exists()
    for step in access.GRANTS:
        with pytest.raises(PermissionDenied):
            access.require(root, step, world.due)


@pytest.mark.parametrize("name", ["chair", "secretary", "contributor", "councillor", "auditor"])
def test_deactivated_person_has_nothing(world: World, name: str) -> None:
    turn = world.walk("in_progress")
    who = world.people[name]
    assert access.occurrences(who).exists()  # control
    Person.objects.filter(pk=who.pk).update(is_active=False)
    who.refresh_from_db()

    assert access.seats(who) == []
    assert access.capacities(who, turn) == {}
    assert not access.occurrences(who).exists()
    assert not access.obligations(who).exists()
    assert not access.events(who).exists()
    assert [one.slug for one in access.resolutions(who)] == ["r1"]  # public, as for a stranger
    for step in access.GRANTS:
        with pytest.raises(PermissionDenied):
            access.require(who, step, turn)


# The cost of asking ------------------------------------------------------------------------------------------------------


def queries(question: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        list(question())
    return len(caught)


def test_cost_of_asking_does_not_grow_with_offices_substitutions_or_rows(world: World) -> None:
    who = world.helper
    questions: dict[str, Any] = {
        "seats": lambda: access.seats(who),
        "capacities": lambda: access.capacities(who, access.occurrence(world.chair, world.due.reference)),
        "occurrences": lambda: access.occurrences(who),
        "obligations": lambda: access.obligations(who),
        "resolutions": lambda: access.resolutions(who),
        "events": lambda: access.events(who),
        "papers": lambda: access.papers(who, Report.objects.all()),
    }

    def grow(number: int) -> None:
        office = Office.objects.create(body=world.group, slug=f"seat-{number}", title="Seat", role="member")
        Term.objects.create(office=office, person=who, part=Term.Part.ALTERNATE if number else Term.Part.HOLDER)
        other = seated(world.group, f"principal-{number}", "member")
        Substitution.objects.create(
            office=other.terms.get().office, principal=other, substitute=who, begins=TODAY, ends=TODAY
        )
        Assignment.objects.create(occurrence=world.due, office=office, part="contributor", assigned_at=clock.now())

    grow(0)
    one = {name: queries(question) for name, question in questions.items()}
    for number in range(1, 4):
        grow(number)
    many = {name: queries(question) for name, question in questions.items()}

    assert many == one
    assert one == {
        "seats": 3,
        "capacities": 10,  # of which 5 find the turn
        "occurrences": 4,
        "obligations": 4,
        "resolutions": 4,
        "events": 4,
        "papers": 4,
    }
