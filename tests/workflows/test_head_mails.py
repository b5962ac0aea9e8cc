"""The newest head goes to the auditors, once a day when there is a new one, whoever runs the clock."""

import contextlib
import threading
from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from tests.people import World, make_person
from tests.post_office import PostOffice, deliver_through, open_post_office
from tests.reliability.together import at_once
from tracker import keys
from tracker.log import program, sealing
from tracker.models import Delivery, Head, Message, Person, Term
from workflows import notices, rounds, steps
from workflows.notices import heads


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


@pytest.fixture
def head(world: World) -> Head:
    """The first one; the log began today, so mails begin tomorrow."""
    found = sealing.seal().head
    assert found is not None
    return found


def tomorrow(days: int = 1) -> datetime:
    return timezone.now() + timedelta(days=days)


def grown(world: World) -> Head:
    steps.comment(world.due, by=world.people["contributor"], text="More.")
    found = sealing.seal().head
    assert found is not None
    return found


def deliveries() -> list[tuple[int, str, bool]]:
    return [
        (row.head.size, row.to, row.done_at is not None) for row in Delivery.objects.filter(way="mail").order_by("pk")
    ]


def test_auditor_is_mailed_the_signed_head(world, head, office):
    assert notices.mail_heads(now=tomorrow()) == 1
    rounds.run()

    (mail,) = office.to("auditor")
    said = str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")
    assert mail["Subject"] == f"Head of the record: {head.size} events"
    assert head.note in said  # as it was signed, letter by letter
    assert str(keys.log_key().public) in said
    assert program.sha256() in said
    assert "because you are an auditor" in said
    assert "\N{EM DASH}" in str(mail.get_body(("html",)).get_content())
    assert deliveries() == [(head.size, str(world.people["auditor"].pk), True)]
    assert Delivery.objects.get().answer.startswith("250 ")


def test_once_a_day_and_only_when_there_is_a_new_one(world, head):
    assert notices.mail_heads() == 0  # the log began today
    assert notices.mail_heads(now=tomorrow()) == 1
    newer = grown(world)
    assert notices.mail_heads(now=tomorrow()) == 0
    assert notices.mail_heads(now=tomorrow(2)) == 1
    assert notices.mail_heads(now=tomorrow(3)) == 0
    assert [size for size, _to, _done in deliveries()] == [head.size, newer.size]
    assert Message.objects.count() == 2


def test_mail_of_a_clock_that_ran_ahead_keeps_nobody_waiting(world, head):
    assert notices.mail_heads(now=tomorrow(4_000)) == 1
    newer = grown(world)

    assert notices.mail_heads(now=tomorrow()) == 1
    assert [size for size, _to, _done in deliveries()] == [head.size, newer.size]


def test_everybody_who_audits_is_told_and_nobody_else(world, head):
    other, past = make_person("other_auditor"), make_person("past_auditor")
    Term.objects.create(office=world.offices["auditor"], person=other)
    Term.objects.create(office=world.offices["auditor"], person=past, ends=datetime(2018, 1, 1).date())  # noqa: DTZ001
    notices.mail_heads(now=tomorrow())

    told = set(Message.objects.values_list("address", flat=True))
    assert told == {"auditor@resolves.example", "other_auditor@resolves.example"}


def test_auditor_without_an_address_keeps_nobody_waiting(world, head):
    other = make_person("other_auditor")
    Term.objects.create(office=world.offices["auditor"], person=other)
    Person.objects.filter(pk=other.pk).update(email="")

    assert notices.mail_heads(now=tomorrow()) == 1


def test_mail_that_was_refused_is_noted(world, head, office):
    office.rcpt["auditor@resolves.example"] = "550 No such person"
    notices.mail_heads(now=tomorrow())
    rounds.run()

    delivery = Delivery.objects.get()
    assert (delivery.done_at, delivery.answer) == (None, "550 No such person")


def test_mail_is_in_the_language_of_its_reader(world, head):
    Person.objects.filter(pk=world.people["auditor"].pk).update(language="ar")
    notices.mail_heads(now=tomorrow())

    assert 'dir="rtl"' in Message.objects.get().html


def test_without_an_auditor_nothing_is_mailed(world, head):
    Term.objects.filter(office=world.offices["auditor"]).update(ends=datetime(2018, 1, 1).date())  # noqa: DTZ001
    assert notices.mail_heads(now=tomorrow()) == 0


def test_without_a_head_nothing_is_mailed(world):
    assert notices.mail_heads(now=tomorrow()) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_mail_once(world, head):
    barrier, counts = threading.Barrier(4), []

    def work() -> None:
        barrier.wait()
        try:
            counts.append(notices.mail_heads(now=tomorrow()))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == [0, 0, 0, 1]
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


def mailed_by_two(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What each of two workers has mailed; either stands still between reading who had a mail and writing one, until the other
    has read it too, or is kept out."""
    met, auditors = threading.Barrier(2), heads.auditors

    def slowly() -> list[Person]:
        with contextlib.suppress(threading.BrokenBarrierError):
            met.wait(timeout=2)
        return auditors()

    monkeypatch.setattr(heads, "auditors", slowly)
    return at_once([lambda: notices.mail_heads(now=tomorrow())] * 2)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_workers_the_second_waits_and_mails_nothing(world, head, monkeypatch):
    assert sorted(mailed_by_two(monkeypatch)) == [0, 1]
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_mean_to_mail(world, head, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)

    answers = mailed_by_two(monkeypatch)

    assert answers == [1, 1] or any("broken" in str(answer) for answer in answers), answers
