"""Bodies, offices, terms, substitutes and people: set up by the secretary, step by step."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from tests.people import World
from tracker import access, invitations
from tracker.models import Body, Event, Notice, Office, Person, Role, Term
from workflows import steps

TODAY = date(2018, 2, 16)
GOOD = "a-password-that-is-long"


def new_body(world: World, by: Person, **changes: str) -> Body:
    said = {"name": "The Assembly", "short_name": "Assembly", "slug": "assembly", "time_zone": "Asia/Tokyo"} | changes
    return steps.add_body(by=by, **said)


# ── bodies ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_secretary_who_adds_a_body_can_go_on_from_there(world: World):
    body = new_body(world, world.secretary)
    session = steps.add_session(body, code="A18", name="Assembly 2018", opens=date(2018, 9, 3), by=world.secretary)
    group = steps.add_group(body, name="A group", short_name="Group A", slug="group-a", by=world.secretary)
    office = steps.add_office(group, title="Chair of Group A", role=Role.CHAIR, slug="chair", by=world.secretary)
    steps.appoint(office, world.outsider, by=world.secretary)

    assert session.body == body
    assert group.time_zone == "Asia/Tokyo"
    assert Role.CHAIR in access.roles(world.outsider)


def test_body_its_secretariat_and_its_first_term_are_one_act(world: World):
    new_body(world, world.secretary)

    events = Event.objects.order_by("-pk")[:3]
    assert [event.verb for event in events] == ["term.begun", "office.added", "body.added"]
    assert len({event.request_id for event in events}) == 1


@pytest.mark.parametrize("who", ["chair", "councillor", "outsider"])
def test_body_is_added_by_a_secretary_only(world: World, who: str):
    with pytest.raises(PermissionDenied):
        new_body(world, world.people[who])

    assert not Body.objects.filter(slug="assembly").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "council"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"name": ""}, "name"),
        ({"short_name": "x" * 61}, "short_name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"name": "nul \x00"}, "name"),
    ],
)
def test_add_body_refuses_what_does_not_hold(world: World, changes: dict, field: str):
    with pytest.raises(ValidationError) as refused:
        new_body(world, world.secretary, **changes)

    assert field in refused.value.message_dict
    assert Body.objects.count() == 2


# ── terms ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_appoint_ends_the_running_term_the_day_before(world: World):
    office = world.offices["chair"]

    steps.appoint(office, world.outsider, begins=date(2018, 3, 1), by=world.secretary)

    old = Term.objects.get(office=office, person=world.chair)
    assert old.ends == date(2018, 2, 28)
    assert office.holder(date(2018, 2, 28)) == world.chair
    assert office.holder(date(2018, 3, 1)) == world.outsider
    assert len({event.request_id for event in Event.objects.filter(verb__startswith="term.")}) == 1


def test_appoint_ends_the_term_of_a_holder_who_left(world: World):
    Person.objects.filter(pk=world.chair.pk).update(is_active=False)

    steps.appoint(world.offices["chair"], world.outsider, by=world.secretary)

    assert Term.objects.get(office=world.offices["chair"], person=world.chair).ends == date(2018, 2, 15)


@pytest.mark.parametrize(
    ("who", "begins", "ends", "field"),
    [
        ("chair", None, None, "person"),
        ("outsider", date(2018, 3, 1), date(2018, 2, 1), "ends"),
        ("gone", None, None, "person"),
    ],
)
def test_appoint_refuses_what_does_not_hold(world: World, who: str, begins: date, ends: date, field: str):
    Person.objects.create_user("gone", name="Gone", is_active=False)

    with pytest.raises(ValidationError) as refused:
        steps.appoint(
            world.offices["chair"], Person.objects.get(username=who), begins=begins, ends=ends, by=world.secretary
        )

    assert field in refused.value.message_dict
    assert Term.objects.get(office=world.offices["chair"]).ends is None


def test_appoint_refuses_to_reach_into_a_later_term(world: World):
    steps.appoint(world.offices["chair"], world.outsider, begins=date(2018, 6, 1), by=world.secretary)

    with pytest.raises(ValidationError, match="takes this office"):
        steps.appoint(world.offices["chair"], world.people["helper"], begins=date(2018, 4, 1), by=world.secretary)

    assert Term.objects.get(person=world.chair, office=world.offices["chair"]).ends == date(2018, 5, 31)


def test_chair_cannot_appoint(world: World):
    with pytest.raises(PermissionDenied):
        steps.appoint(world.offices["vice_chair"], world.outsider, by=world.chair)

    assert world.offices["vice_chair"].holder(TODAY) == world.vice_chair


def test_end_term_leaves_the_office_to_no_one(world: World):
    term = Term.objects.get(office=world.offices["vice_chair"])

    steps.end_term(term, by=world.secretary)

    assert world.offices["vice_chair"].holder(TODAY) == world.vice_chair  # its last day
    assert world.offices["vice_chair"].holder(TODAY + timedelta(days=1)) is None


def test_last_secretary_does_not_leave_a_body_without_another(world: World):
    term = Term.objects.get(office=world.offices["secretary"])

    with pytest.raises(ValidationError, match="appoint another"):
        steps.end_term(term, by=world.secretary)

    other = steps.add_office(world.council, title="Deputy", role=Role.SECRETARY, slug="deputy", by=world.secretary)
    steps.appoint(other, world.outsider, by=world.secretary)
    assert steps.end_term(term, by=world.secretary).ends == TODAY


def test_term_that_is_over_does_not_end_again(world: World):
    term = steps.end_term(Term.objects.get(office=world.offices["chair"]), ends=date(2018, 2, 1), by=world.secretary)

    with pytest.raises(TransitionNotAllowed):
        steps.end_term(term, by=world.secretary)


# ── substitutes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_substitute_acts_for_the_holder_and_both_names_stand(world: World):
    steps.set_substitute(
        world.offices["chair"], world.outsider, begins=TODAY, ends=date(2018, 3, 1), by=world.secretary
    )

    steps.assign(world.due, lead=world.contributor, by=world.outsider)

    event = Event.objects.get(verb="occurrence.assigned")
    assert (event.actor, event.acting_for) == (world.outsider, world.chair)


def test_substitution_ends_sooner_when_the_holder_is_back(world: World):
    found = steps.set_substitute(
        world.offices["chair"], world.outsider, begins=TODAY, ends=date(2018, 3, 1), by=world.secretary
    )

    steps.end_substitution(found, ends=date(2018, 2, 20), by=world.secretary)

    assert access.seats(world.outsider, date(2018, 2, 20))
    assert not access.seats(world.outsider, date(2018, 2, 21))


@pytest.mark.parametrize(
    ("who", "begins", "ends", "field"),
    [
        ("chair", TODAY, date(2018, 3, 1), "substitute"),
        ("outsider", date(2018, 3, 1), TODAY, "ends"),
        ("outsider", date(2018, 1, 1), date(2018, 1, 31), "ends"),
    ],
)
def test_substitute_refuses_what_does_not_hold(world: World, who: str, begins: date, ends: date, field: str):
    with pytest.raises(ValidationError) as refused:
        steps.set_substitute(world.offices["chair"], world.people[who], begins=begins, ends=ends, by=world.secretary)

    assert field in refused.value.message_dict
    assert not world.offices["chair"].substitutions.exists()


# ── people ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def invite(world: World, by: str = "secretary", **changes: object) -> Person:
    said = {"username": "rapporteur", "name": "Rapporteur", "email": "rapporteur@resolves.example"} | changes
    return steps.invite(by=world.people[by], **said)


def test_invite_promises_one_mail_and_gives_no_password(world: World):
    person = invite(world, office=world.offices["vice_chair"])

    assert not person.has_usable_password()
    assert world.offices["vice_chair"].holder(TODAY) == person
    notice = Notice.objects.get(key=f"invited:{person.pk}:1")
    assert (notice.kind, notice.audience, notice.person, notice.planned_for) == ("invited", "person", person, TODAY)
    event = Event.objects.get(verb="person.invited")
    assert "rapporteur" not in str(event.changes)


def test_invitation_is_accepted_once(world: World):
    person = invite(world)
    token = invitations.token(person)

    steps.accept_invitation(token, password=GOOD)

    person.refresh_from_db()
    assert person.check_password(GOOD)
    event = Event.objects.get(verb="person.joined")
    assert (event.actor, event.means) == (person, "link")
    with pytest.raises(TransitionNotAllowed):
        steps.accept_invitation(token, password="another-long-password")
    person.refresh_from_db()
    assert person.check_password(GOOD)


def test_invitation_ends_after_a_fortnight(world: World):
    token = invitations.token(invite(world))

    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23)):
        assert invitations.invited(token)
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)):
        assert invitations.invited(token) is None


def test_invitation_again_ends_the_older_link(world: World):
    person = invite(world)
    old = invitations.token(person)

    person = steps.invite_again(person, by=world.secretary)

    assert invitations.invited(old) is None
    assert invitations.invited(invitations.token(person)) == person
    assert Notice.objects.filter(person=person, kind="invited").count() == 2


def test_invitation_of_somebody_who_left_is_no_longer_good(world: World):
    person = invite(world)
    token = invitations.token(person)

    steps.deactivate(person, reason="A mistake.", by=world.secretary)

    assert invitations.invited(token) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "chair"}, "username"),
        ({"username": "a b"}, "username"),
        ({"email": "chair@resolves.example"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"name": ""}, "name"),
    ],
)
def test_invite_refuses_what_does_not_hold(world: World, changes: dict, field: str):
    with pytest.raises(ValidationError) as refused:
        invite(world, **changes)

    assert field in refused.value.message_dict
    assert not Notice.objects.exists()
    assert not Event.objects.filter(verb="person.invited").exists()


@pytest.mark.parametrize("who", ["chair", "councillor", "outsider"])
def test_invite_is_the_secretarys(world: World, who: str):
    with pytest.raises(PermissionDenied):
        invite(world, by=who)

    assert not Person.objects.filter(username="rapporteur").exists()


def test_weak_password_does_not_join(world: World):
    token = invitations.token(invite(world))

    with pytest.raises(ValidationError):
        steps.accept_invitation(token, password="short")

    assert invitations.invited(token)


def test_deactivate_ends_terms_and_keeps_the_person(world: World):
    steps.deactivate(world.chair, reason="Retired.", by=world.secretary)

    chair = Person.objects.get(username="chair")
    assert not chair.is_active
    assert Term.objects.get(person=chair).ends == TODAY
    assert world.offices["chair"].holder(TODAY) is None
    assert Event.objects.get(verb="person.deactivated").words.words["reason"] == "Retired."


def test_nobody_deactivates_themselves_or_the_secretary_of_another_body(world: World):
    other = Person.objects.create_user("other", GOOD, name="Other", email="other@resolves.example")
    elsewhere = Body.objects.create(slug="elsewhere", name="Elsewhere", short_name="Elsewhere")
    seat = Office.objects.create(body=elsewhere, slug="secretariat", title="Secretariat", role=Role.SECRETARY)
    Term.objects.create(office=seat, person=other)

    with pytest.raises(PermissionDenied):
        steps.deactivate(other, reason="Rivalry.", by=world.secretary)
    with pytest.raises(ValidationError):
        steps.deactivate(world.secretary, reason="Tired.", by=world.secretary)

    assert Person.objects.filter(is_active=False).count() == 0
