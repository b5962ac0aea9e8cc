"""Mails that failed: who sees them, what the page says, and sending them again; an address that bounces is told its chair."""

import re
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from tests.people import World, make_person
from tests.post_office import PostOffice, deliver_through, open_post_office
from tracker.models import Body, Event, Message, Notice, Office, Person, Term
from workflows import notices, rounds, steps

ClientFor = Callable[[Person], Client]
PAGE = "/mails/failed/"
BAD = "contributor@resolves.example"
NO_SUCH = "550 No such person"


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


@pytest.fixture
def bounced(world: World, office: PostOffice) -> Message:
    """The contributor was asked to lead, and the mail server does not know their address."""
    office.rcpt[BAD] = NO_SUCH
    world.walk("assigned")
    a_round()
    return Message.objects.get(person=world.contributor)


def a_round() -> None:
    assert rounds.run().failed == []


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def body_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


# --- the page ---------------------------------------------------------------------------------------------------------


def test_page_says_who_what_when_and_why_in_words(world, bounced, client_for: ClientFor):
    page = text(client_for(world.secretary).get(PAGE))
    assert "Contributor" in page
    assert "You are asked to lead: Annual report (r1-1.2-c18)" in page
    assert "There is no such mailbox, or it takes nothing from us." in page
    assert NO_SUCH in page
    assert "1 time" in page


@pytest.mark.parametrize("who", ["chair", "contributor", "councillor", "auditor", "outsider"])
def test_page_is_for_secretaries_and_administrators(world, bounced, client_for: ClientFor, who):
    client = client_for(world.people[who])
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"mail": bounced.pk}).status_code == 403
    assert Message.objects.get(pk=bounced.pk).state == "failed"


def test_administrator_sees_all(world, bounced, client_for: ClientFor):
    administrator = make_person("administrator")
    Person.objects.filter(pk=administrator.pk).update(is_staff=True, is_superuser=True)
    assert NO_SUCH in text(client_for(Person.objects.get(pk=administrator.pk)).get(PAGE))


def test_secretary_of_another_body_sees_and_sends_none_of_ours(world, bounced, client_for: ClientFor):
    stranger = secretary_of_another_body()
    client = client_for(stranger)
    assert "No mail has failed" in text(client.get(PAGE))
    assert client.post(PAGE, {"mail": bounced.pk}).status_code == 409
    with pytest.raises(TransitionNotAllowed):
        steps.send_again([bounced.pk], by=stranger)


def secretary_of_another_body() -> Person:
    board = Body.objects.create(slug="board", name="Another board", short_name="Board")
    office = Office.objects.create(body=board, slug="secretary", title="Secretary, Board", role="secretary")
    stranger = make_person("stranger")
    Term.objects.create(office=office, person=stranger)
    return stranger


def test_subject_about_what_is_not_the_reader_s_to_see_is_not_shown(world, bounced, client_for: ClientFor):
    stranger = secretary_of_another_body()
    board = Body.objects.get(slug="board")
    seat = Office.objects.create(body=board, slug="member", title="Member, Board", role="member")
    Term.objects.create(office=seat, person=world.contributor)
    page = text(client_for(stranger).get(PAGE))
    assert NO_SUCH in page
    assert "Annual report" not in page
    assert "about something that is not yours to see" in page


def test_page_shows_what_is_tried_again_and_when(world, office, client_for: ClientFor):
    office.rcpt[BAD] = "451 Try again later"
    world.walk("assigned")
    a_round()
    page = text(client_for(world.secretary).get(PAGE))
    assert "Being tried again" in page
    assert "451 Try again later" in page
    assert "The mail server had trouble of its own." in page


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_for_one_and_for_three(world, office, client_for: ClientFor, count):
    for name in ("contributor", "helper", "vice_chair")[:count]:
        office.rcpt[f"{name}@resolves.example"] = NO_SUCH
    lead, *others = [world.people[name] for name in ("contributor", "helper", "vice_chair")[:count]]
    steps.assign(world.due, lead=lead, contributors=others, by=world.chair)
    a_round()
    client = client_for(world.secretary)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        assert text(client.get(PAGE)).count(NO_SUCH) == count
    assert len(asked) <= QUERIES


QUERIES = 37


def test_people_and_setup_lead_there(world, bounced, client_for: ClientFor):
    client = client_for(world.secretary)
    for page in ("/people/", "/setup/"):
        assert f'href="{PAGE}"' in client.get(page).content.decode()
    assert PAGE not in client_for(world.chair).get("/setup/").content.decode()


# --- send again -------------------------------------------------------------------------------------------------------


def test_send_again_goes_out_with_all_tries_before_it_and_is_on_record(world, bounced, office, client_for: ClientFor):
    office.rcpt.clear()
    answer = client_for(world.secretary).post(PAGE, {"mail": bounced.pk}, follow=True)
    assert "1 mail is on its way again." in text(answer)
    mail = Message.objects.get(pk=bounced.pk)
    assert (mail.state, mail.attempts, mail.resent_by) == ("queued", 0, world.secretary)
    a_round()
    assert [mail["Subject"] for mail in office.to("contributor")] == [
        "You are asked to lead: Annual report (r1-1.2-c18)"
    ]
    assert world.due.assignments.get().told_at is not None
    event = Event.objects.get(verb="mail.sent_again")
    assert (event.subject_id, event.actor) == (world.contributor.pk, world.secretary)
    assert event.changes == {"mail": ["failed", mail.message_id]}


def test_send_again_goes_to_the_present_address(world, bounced, office):
    steps.change_address(world.contributor, email="new@resolves.example", by=world.secretary)
    steps.send_again([bounced.pk], by=world.secretary)
    a_round()
    assert [mail["X-Envelope-To"] for mail in office.accepted if "asked to lead" in mail["Subject"]] == [
        "new@resolves.example"
    ]


def test_send_again_to_the_address_that_bounced_is_said_so(world, bounced, client_for: ClientFor):
    answer = client_for(world.secretary).post(PAGE, {"mail": bounced.pk}, follow=True)
    assert "is the one that failed" in text(answer)


def test_send_again_tells_nothing_that_no_longer_holds(world, bounced, office):
    office.rcpt.clear()
    steps.unassign(world.due, by=world.chair, reason="Somebody else is freer.")
    steps.send_again([bounced.pk], by=world.secretary)
    a_round()
    assert not [mail for mail in office.to("contributor") if "asked to lead" in mail["Subject"]]
    assert set(Notice.objects.filter(kind="assigned").values_list("state", flat=True)) == {"skipped"}


def test_send_again_is_tried_again_with_growing_delay(world, bounced, office):
    office.rcpt[BAD] = "451 Later"
    steps.send_again([bounced.pk], by=world.secretary)
    before = timezone.now()
    a_round()
    mail = Message.objects.get(pk=bounced.pk)
    assert (mail.state, mail.attempts) == ("queued", 1)
    assert timedelta(seconds=59) <= mail.not_before - before < timedelta(seconds=119)


def test_a_row_s_own_button_sends_that_one_whatever_is_ticked(world, bounced, client_for: ClientFor):
    client_for(world.secretary).post(PAGE, {"only": bounced.pk, "mail": ["0", "999"]})
    assert Message.objects.get(pk=bounced.pk).state == "queued"


def test_several_are_sent_again_together_or_none(world, bounced, office, client_for: ClientFor):
    post = notices.post(world.helper, world.helper.email, "A new password", "http://localhost/secret")
    office.rcpt["helper@resolves.example"] = NO_SUCH
    a_round()
    answer = client_for(world.secretary).post(PAGE, {"mail": [bounced.pk, post.pk]})
    assert answer.status_code == 400
    assert "carried a link to an account" in text(answer)
    assert set(Message.objects.filter(pk__in=[bounced.pk, post.pk]).values_list("state", flat=True)) == {"failed"}
    assert not Event.objects.filter(verb="mail.sent_again").exists()


def test_nothing_chosen_is_said_so(world, bounced, client_for: ClientFor):
    answer = client_for(world.secretary).post(PAGE, {})
    assert answer.status_code == 400
    assert "Choose at least one mail." in text(answer)


def test_who_has_left_is_not_written_to(world, bounced):
    steps.deactivate(world.contributor, by=world.secretary, reason="Has left.")
    with pytest.raises(ValidationError, match="has left"):
        steps.send_again([bounced.pk], by=world.secretary)


def test_twice_is_once(world, bounced):
    steps.send_again([bounced.pk], by=world.secretary)
    with pytest.raises(TransitionNotAllowed):
        steps.send_again([bounced.pk], by=world.secretary)


@pytest.mark.parametrize("said", ["x", "-1", "9" * 30, "1 OR 1"])
def test_odd_numbers_are_refused(world, bounced, client_for: ClientFor, said):
    assert client_for(world.secretary).post(PAGE, {"mail": said}).status_code in {400, 409}


# --- another address --------------------------------------------------------------------------------------------------


def test_address_is_changed_by_the_secretary_and_on_record(world, client_for: ClientFor):
    client = client_for(world.secretary)
    answer = client.post(f"/people/{world.contributor.pk}/address/", {"email": "new@resolves.example"}, follow=True)
    assert "is changed" in text(answer)
    assert Person.objects.get(pk=world.contributor.pk).email == "new@resolves.example"
    event = Event.objects.get(verb="person.address_changed")
    assert "new@resolves.example" not in str(event.changes)  # it stands beside the event, where it can be erased


@pytest.mark.parametrize("email", ["", "nobody", "chair@resolves.example", BAD, "a@b.example\r\nBcc: c@d.example"])
def test_address_that_cannot_be_kept_is_refused(world, email):
    with pytest.raises(ValidationError):
        steps.change_address(world.contributor, email=email, by=world.secretary)
    assert Person.objects.get(pk=world.contributor.pk).email == BAD


def test_address_is_not_another_body_s_secretary_s_to_change(world):
    with pytest.raises(PermissionDenied):
        steps.change_address(world.contributor, email="new@resolves.example", by=secretary_of_another_body())


def test_who_has_no_address_stands_there_and_is_told_once_there_is_one(world, office, client_for: ClientFor):
    Person.objects.filter(pk=world.contributor.pk).update(email="")
    steps.assign(world.due, lead=Person.objects.get(pk=world.contributor.pk), by=world.chair)
    a_round()
    assert "Without a usable address" in text(client_for(world.secretary).get(PAGE))
    assert office.to("contributor") == []

    steps.change_address(world.contributor, email=BAD, by=world.secretary)
    a_round()

    assert [mail["Subject"] for mail in office.to("contributor")] == [
        "You are asked to lead: Annual report (r1-1.2-c18)"
    ]
    assert "Without a usable address" not in text(client_for(world.secretary).get(PAGE))


# --- the chair is told ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_chair_hears_when_a_holder_s_address_bounces(world, office, at):
    getattr(office, at)[BAD] = NO_SUCH
    world.walk("assigned")
    a_round()
    a_round()
    (mail,) = [mail for mail in office.to("chair") if "came back" in mail["Subject"]]
    assert mail["Subject"] == "Mail to Contributor came back; they hold 1 item"
    words = body_of(mail)
    assert NO_SUCH in words
    assert BAD in words
    assert "Annual report (r1-1.2-c18)" in words
    assert "put another address on record" in words


def test_chair_hears_once_for_each_address(world, bounced, office):
    for _ in range(3):
        a_round()
        steps.send_again([bounced.pk], by=world.secretary)
    a_round()
    assert Notice.objects.filter(kind="bounced").count() == 1
    steps.change_address(world.contributor, email="worse@resolves.example", by=world.secretary)
    office.rcpt["worse@resolves.example"] = NO_SUCH
    steps.send_again([bounced.pk], by=world.secretary)
    a_round()
    assert Notice.objects.filter(kind="bounced").count() == 2


def test_nobody_hears_once_the_address_is_changed(world, bounced, office):
    assert Notice.objects.get(kind="bounced").state == "planned"
    steps.change_address(world.contributor, email="new@resolves.example", by=world.secretary)
    a_round()
    row = Notice.objects.get(kind="bounced")
    assert (row.state, row.reason) == ("skipped", "the address was changed since")


def test_secretary_hears_where_nobody_chairs(world, office):
    Term.objects.filter(office=world.offices["chair"]).delete()
    office.rcpt[BAD] = NO_SUCH
    steps.assign(world.due, lead=world.contributor, by=world.secretary)
    a_round()
    a_round()
    assert [mail for mail in office.to("secretary") if "came back" in mail["Subject"]]


def test_not_now_bounces_nothing(world, office):
    office.rcpt[BAD] = "451 Later"
    world.walk("assigned")
    a_round()
    assert not Notice.objects.filter(kind="bounced").exists()


def test_mail_about_what_somebody_does_not_hold_bounces_nothing(world, office):
    world.walk("assigned")
    a_round()
    office.rcpt[BAD] = NO_SUCH
    steps.unassign(world.due, by=world.chair, reason="Somebody else is freer.")
    a_round()
    assert Message.objects.filter(person=world.contributor, state="failed").exists()
    assert not Notice.objects.filter(kind="bounced").exists()


# --- what was read is read again --------------------------------------------------------------------------------------


def test_settled_notices_say_when(world, bounced, office):
    assert Notice.objects.get(kind="assigned").settled_at is not None
    assert bounced.claimed_at is not None
