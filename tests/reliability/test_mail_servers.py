"""What a mail server does to us: it says "later", falls silent, hangs up. No mail is lost, none comes twice that need not, and
the bad ones never stop the others. Real sockets."""

import ssl
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.people import World
from tests.post_office import PostOffice, deliver_through, open_post_office
from tests.reliability.together import make_member
from tests.unruly import MODES, TOOK_IT, Unruly, open_unruly
from tracker.models import Message, Notice
from workflows import notices, reminders, steps
from workflows.notices import line, recording

ASKED = ("contributor", "helper", "vice_chair")


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


@pytest.fixture
def unruly(settings: Any) -> Generator[Unruly]:
    with open_unruly() as server:
        deliver_through(server, settings)  # type: ignore[arg-type]
        settings.EMAIL_TIMEOUT = 0.5
        yield server


@pytest.fixture
def queued(world: World) -> list[Message]:
    """Three mails wait: three people were asked."""
    lead, *others = (world.people[name] for name in ASKED)
    steps.assign(world.due, lead=lead, contributors=others, by=world.chair)
    gather()
    return list(Message.objects.filter(person__username__in=ASKED))


def gather() -> None:
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)


def send() -> recording.Tally:
    return notices.send(reminders.outdated)


@pytest.mark.parametrize("mode", MODES)
def test_server_that_misbehaves_loses_no_mail(queued, unruly, settings, mode):
    """R3. Each way of misbehaving: what was not taken is tried again after a wait that grows, and arrives."""
    unruly.mode = mode
    settings.EMAIL_USE_TLS = mode == "TLS broken"
    waits = []
    for _ in range(2):
        before = timezone.now()
        send()
        left = Message.objects.exclude(state="sent")
        assert set(left.values_list("state", flat=True)) <= {"queued"}
        waits += [one.not_before - before for one in left if one.not_before]
        Message.objects.update(not_before=None)

    unruly.mode, settings.EMAIL_USE_TLS = "", False
    send()

    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert set(unruly.accepted) == {one.message_id for one in queued}  # missing 0
    assert set(unruly.accepted.values()) == {1}  # told twice that it was taken: 0
    again = mode in TOOK_IT or mode == "451 after DATA"  # the server had it whole, and we were told nothing or "later"
    assert max(unruly.had.values()) == (3 if again else 1)
    if mode != "reset after 250":
        assert min(waits) >= timedelta(seconds=59)
        assert max(waits) >= timedelta(seconds=119)


def test_server_in_trouble_is_left_alone_after_three_mails(world, unruly):
    people = [make_member(world, f"person-{number}") for number in range(8)]
    steps.assign(world.due, lead=people[0], contributors=people[1:], by=world.chair)
    gather()
    unruly.mode = "421 in the greeting"

    tally = send()

    assert tally.delayed == line.PATIENCE
    untried = Message.objects.filter(attempts=0, state="queued", leased_until=None)
    assert untried.count() == Message.objects.count() - line.PATIENCE  # given back at once, not left to their lease


def test_certificate_that_is_not_to_be_trusted_is_trouble_of_the_server():
    found = line.trouble(ssl.SSLCertVerificationError("self-signed certificate"))
    assert (found.of_server, found.for_good) == (True, False)


@pytest.mark.parametrize("answer", ["550 No such person", "451 Later", "421 Not you"])
def test_one_bad_address_in_a_hundred_stops_none_of_the_others(world, office, answer):
    people = [make_member(world, f"person-{number}") for number in range(100)]
    office.rcpt["person-40@resolves.example"] = answer
    steps.assign(world.due, lead=people[0], contributors=people[1:], by=world.chair)
    gather()

    send()

    reached = {mail["X-Envelope-To"] for mail in office.accepted}
    assert len(reached & {person.email for person in people}) == 99
    assert office.doubles() == {}
    bad = Message.objects.get(person=people[40])
    assert bad.state == ("failed" if answer.startswith("550") else "queued")


# --- R5: nothing in words becomes a header ----------------------------------------------------------------------------

INJECTED = "\r\nBcc: stranger@elsewhere.example\r\nX-Injected: yes\r\n\r\nHello"


def test_words_of_people_make_no_header_and_no_recipient(world, office):
    steps.assign(world.due, lead=world.contributor, by=world.chair)
    gather()
    send()
    (plain,) = office.to("contributor")

    world.obligation.title = f"Report{INJECTED}"
    world.obligation.save()
    for name in ("chair", "helper"):
        person = world.people[name]
        person.name = f"Somebody{INJECTED}"
        person.save()
    steps.reassign(world.due, lead=world.people["helper"], by=world.chair, reason=f"Because{INJECTED}")
    gather()
    send()

    (injected,) = office.to("helper")
    assert injected.keys() == plain.keys()  # extra headers: 0
    assert {mail["X-Envelope-To"] for mail in office.accepted} == {
        "contributor@resolves.example",
        "helper@resolves.example",
    }


@pytest.mark.parametrize(
    "address", [f"helper@resolves.example{INJECTED}", "helper@resolves.example, a@b.example", "<a@b>"]
)
def test_address_that_is_none_is_written_to_nobody(world, office, address):
    helper = world.people["helper"]
    type(helper).objects.filter(pk=helper.pk).update(email=address)
    steps.assign(world.due, lead=helper, by=world.chair)
    gather()
    send()
    assert office.received == []
    assert Notice.objects.get(kind="assigned").reason == "no usable e-mail address"
