"""Alarms: what was found wrong with the record is mailed once, together, to auditors and administrators, and to nobody else."""

import json
import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone, translation

from tests.people import World, make_world
from tests.post_office import PostOffice, deliver_through, open_post_office
from tests.record import new_heads
from tests.reliability.together import at_once
from tracker import triggers
from tracker.log import findings, sealing, words
from tracker.models import Check, Event, Finding, Head, Leaf, Message, Office, Person, Term
from workflows import notices, rounds, steps
from workflows.notices import alarms

SUBJECT = "The record does not hold: "


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


@pytest.fixture
def told(world: World) -> list[str]:
    """Who hears of alarms here. The day's check was done: what is found is what a test says was found."""
    new_heads()
    Check.objects.create(state="passed", asked_at=timezone.now(), ended_at=timezone.now())
    Person.objects.filter(pk=world.outsider.pk).update(is_staff=True)
    return ["auditor", "outsider"]


def found(count: int = 1, kind: str = "changed") -> None:
    events = Event.objects.order_by("pk")[:count]
    findings.keep(findings.Found(kind, event.pk, event.stream, event.number) for event in events)


def alarms_to(office: PostOffice, name: str) -> list[tuple[str, str]]:
    mails = [(mail["Subject"], mail) for mail in office.to(name)]
    return [
        (subject, " ".join(str(mail.get_body(("plain",)).get_content()).split()))
        for subject, mail in mails
        if subject.startswith(SUBJECT)
    ]


def cut(count: int) -> None:
    """The owner of the database cuts the tail of the log and of the record."""
    triggers.remove()
    positions = list(Leaf.objects.order_by("-position")[:count])
    size = positions[-1].position
    Leaf.objects.filter(position__gte=size).delete()
    Head.objects.filter(size__gt=size).delete()
    triggers.install()


def test_findings_are_told_once_together_and_to_nobody_else(world: World, office: PostOffice, told: list[str]):
    rounds.run()
    found(2)

    rounds.run()
    rounds.run()

    for name in told:
        ((subject, text),) = alarms_to(office, name)
        assert subject == "The record does not hold: 2 findings"
        event = Event.objects.order_by("pk")[0]
        assert f"entry {event.number}, event {event.pk}: What stands here was changed after it was written" in text
        assert "What to do:" in text
        assert "http://localhost:8000/history/" in text
        assert "because you are an auditor or an administrator" in text
    for name in ("secretary", "chair", "contributor", "councillor"):
        assert alarms_to(office, name) == []
    assert office.doubles() == {}
    assert not Finding.objects.filter(told_at=None).exists()


def test_only_what_is_new_is_told_and_what_comes_back_is_told_again(world: World, office: PostOffice, told: list[str]):
    found(1)
    rounds.run()
    found(2)
    rounds.run()
    assert [one[0] for one in alarms_to(office, "auditor")] == ["The record does not hold: 1 finding"] * 2

    Finding.objects.update(gone_at=timezone.now())
    rounds.run()
    assert len(alarms_to(office, "auditor")) == 2
    found(1)
    rounds.run()

    assert len(alarms_to(office, "auditor")) == 3


def test_mail_that_the_server_puts_off_is_sent_later(world: World, office: PostOffice, told: list[str], settings: Any):
    address = world.people["auditor"].email
    office.rcpt[address] = "451 Try again later"
    found(1)
    rounds.run()
    assert alarms_to(office, "auditor") == []

    del office.rcpt[address]
    Message.objects.filter(state="queued").update(not_before=None)
    rounds.run()

    assert len(alarms_to(office, "auditor")) == 1
    assert len(alarms_to(office, "outsider")) == 1


def test_each_is_told_in_their_own_language(world: World, told: list[str]):
    Person.objects.filter(pk=world.people["auditor"].pk).update(language="ar")
    found(1)

    assert notices.alarm() == 2

    mails = {mail.person.username: mail for mail in Message.objects.select_related("person")}
    assert 'dir="rtl"' in mails["auditor"].html
    assert 'lang="ar"' in mails["auditor"].html
    assert 'lang="en"' in mails["outsider"].html


def test_what_a_forger_writes_into_a_name_stays_text(world: World, told: list[str]):
    findings.keep([findings.Found("forged", 7, "occurrence:<b>x</b>\r\nBcc: y@example.org", 1)])

    notices.alarm()

    mail = Message.objects.first()
    assert "&lt;b&gt;x" in mail.html
    assert "\n" not in mail.subject


def test_log_file_has_it_and_nobody_to_tell_leaves_it_untold(world: World, caplog: Any):
    new_heads()
    Term.objects.filter(office__role="auditor").delete()
    found(1)

    with caplog.at_level(logging.CRITICAL):
        assert notices.alarm() == 0

    assert "was changed after it was written" in caplog.text
    assert "nobody was told" in caplog.text
    assert Finding.objects.filter(told_at=None).count() == 1
    Term.objects.create(office=Office.objects.get(role="auditor"), person=world.people["helper"])
    assert notices.alarm() == 1


def test_cut_log_is_an_alarm_once_however_often_sealing_refuses(world: World, office: PostOffice, told: list[str]):
    rounds.run()
    cut(3)

    for _round in range(3):
        assert "seal" in rounds.run().failed

    ((subject, text),) = alarms_to(office, "auditor")
    assert subject == "The record does not hold: 1 finding"
    assert "The newest part of the history is gone" in text
    assert "accept_restored_log" in text
    assert Finding.objects.get().kind == "tail"


def test_heads_that_cannot_be_read_are_an_alarm(world: World, office: PostOffice, told: list[str]):
    rounds.run()
    file = Path(django_settings.LOG_HEADS) / "heads.jsonl"
    file.write_text(json.dumps({"size": 3, "note": "nothing"}) + "\n")

    assert "seal" in rounds.run().failed

    assert Finding.objects.get().kind == "exported"
    assert len(alarms_to(office, "auditor")) == 1


def test_event_past_the_product_is_an_alarm(world: World, office: PostOffice, told: list[str]):
    rounds.run()
    steps.hold(world.due, by=world.chair, reason="Waiting.")
    triggers.remove()
    Event.objects.filter(pk=Event.objects.latest("pk").pk).update(verb="occurrence.resumed")
    triggers.install()

    assert "seal" in rounds.run().failed

    ((_subject, text),) = alarms_to(office, "auditor")
    assert "was changed after it was written" in text
    assert sealing.seal().refused
    assert len(alarms_to(office, "auditor")) == 1


def test_every_kind_has_its_words_and_something_to_do():
    assert set(words.SEEN) == set(findings.KINDS)
    for kind in findings.KINDS:
        assert words.line(Finding(kind=kind, facts={})).startswith("The log as a whole: ")
        assert words.all_to_do({kind})
    with translation.override("fr"):
        assert words.line(Finding(kind="changed", event_number=3, facts={}))


def _world_with_findings() -> World:
    world = make_world()
    found(3)
    return world


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_it_once(clock_pinned: str):
    _world_with_findings()

    assert sorted(at_once([alarms.alarm] * 4)) == [0, 0, 0, 1]
    assert Message.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_would_tell_it_twice_without_the_lock(clock_pinned: str, monkeypatch: pytest.MonkeyPatch):
    """The control: nobody waits for the row, and everybody tells it."""
    _world_with_findings()
    standing = findings.standing

    class Unlocked:
        def __init__(self, rows: Any) -> None:
            self.rows = rows

        def __getattr__(self, name: str) -> Any:
            if name == "select_for_update":
                return lambda **_options: list(self.rows)
            return lambda *args, **named: Unlocked(getattr(self.rows, name)(*args, **named))

    monkeypatch.setattr(alarms.findings, "standing", lambda: Unlocked(standing()))
    assert sum(at_once([alarms.alarm] * 4)) > 1
