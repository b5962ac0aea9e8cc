"""How the clock is doing: what fails is kept until it goes well, workers are seen, and a page says so to whom it concerns."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from huey.contrib import djhuey

from tests.people import World
from tests.reliability.together import at_once
from tracker import ticking
from tracker.models import Failure, Heartbeat, Message, Person
from workflows import clock_views, notices, rounds, steps, tasks

ClientFor = Callable[[Person], Client]
PLACE = "/clock/"


def _break(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    def broken() -> int:
        raise error or RuntimeError("a calendar that cannot be read")

    monkeypatch.setattr(steps, "roll", broken)


# ── what fails ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_part_that_fails_is_kept_with_its_words(world: World, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch):
    _break(monkeypatch)

    assert rounds.run().failed == ["horizon"]

    failure = Failure.objects.get()
    assert (failure.part, failure.times, failure.over_at) == ("horizon", 1, None)
    assert failure.words == "RuntimeError: a calendar that cannot be read"
    assert failure.worker == ticking.worker().removeprefix("worker:")


def test_part_that_goes_on_failing_is_one_row_and_counted(
    world: World, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
):
    _break(monkeypatch)
    rounds.run()
    first = Failure.objects.get().first_at

    for _round in range(3):
        rounds.run()

    failure = Failure.objects.get()
    assert (failure.times, failure.first_at) == (4, first)
    assert failure.last_at > first


def test_part_that_goes_well_again_is_over_and_the_next_time_is_another_row(
    world: World, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        _break(patch)
        rounds.run()
    rounds.run()
    assert Failure.objects.get().over_at is not None
    Heartbeat.objects.filter(name="horizon").delete()

    _break(monkeypatch)
    rounds.run()

    assert [one.over_at is None for one in Failure.objects.order_by("pk")] == [False, True]


def test_failure_of_another_part_is_not_over_with_it(world: World, mailoutbox: Any):
    ticking.failed("job: each_minute", RuntimeError("x"))

    rounds.run()

    assert Failure.objects.get().over_at is None


def test_failure_within_a_broken_transaction_is_kept(world: World, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch):
    """What was written in the part goes, that it failed stays."""

    def broken(_outdated: Any) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            Heartbeat.objects.create(name="half done", beat_at=timezone.now())
            cursor.execute("SELECT nothing FROM nowhere")
        return 0

    monkeypatch.setattr(notices, "gather", broken)

    assert rounds.run().failed == ["mails"]

    assert Failure.objects.get().part == "mails"
    assert not Heartbeat.objects.filter(name="half done").exists()


def test_failure_that_cannot_be_kept_stops_no_other_part(
    world: World, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_args: Any) -> None:
        raise DatabaseError("no room")

    world.walk("assigned")
    _break(monkeypatch)
    monkeypatch.setattr(ticking, "_keep", refuse)

    assert rounds.run().failed == ["horizon"]
    assert len(mailoutbox) == 1


def test_words_that_no_database_can_hold_are_kept_without_them(db: None):
    ticking.failed("x" * 200, ValueError("a\x00b" * 5000))

    failure = Failure.objects.get()
    assert len(failure.part) == 60
    assert "\x00" not in failure.words


@pytest.mark.django_db(transaction=True)
def test_workers_that_fail_at_once_make_one_row_and_each_is_counted(transactional_db: None):
    at_once([lambda: ticking.failed("mails", RuntimeError("x"))] * 4)

    assert Failure.objects.get().times == 4


def test_what_was_over_for_a_month_is_forgotten(db: None):
    ago = timezone.now() - timedelta(days=31)
    for part, over in (("old", ago), ("new", timezone.now()), ("standing", None)):
        Failure.objects.create(part=part, words="x", first_at=ago, last_at=ago, over_at=over)

    ticking.worker_beat("")

    assert set(Failure.objects.values_list("part", flat=True)) == {"new", "standing"}


# ── workers and jobs ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_worker_is_seen_and_those_of_yesterday_are_forgotten(world: World, mailoutbox: Any):
    for name, hours in (("worker:other:1", 2), ("worker:gone:2", 25)):
        Heartbeat.objects.create(name=name, beat_at=timezone.now() - timedelta(hours=hours))

    tasks.each_minute.call_local()

    assert set(Heartbeat.objects.filter(name__startswith="worker:").values_list("name", flat=True)) == {
        "worker:other:1",
        ticking.worker(),
    }
    assert [one.name for one in ticking.workers()] == [ticking.worker()]


@pytest.mark.django_db(transaction=True)
def test_job_that_fails_as_a_whole_is_kept_until_it_goes_well(
    world: World, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
):
    def broken() -> None:
        raise RuntimeError("the worker is ill")

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "run", broken)
        djhuey.HUEY.execute(tasks.round_now.s())
    failure = Failure.objects.get()
    assert (failure.part, failure.words) == ("job: round_now", "RuntimeError: the worker is ill")

    djhuey.HUEY.execute(tasks.round_now.s())

    failure.refresh_from_db()
    assert failure.over_at is not None


# ── the page ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def page(client_for: ClientFor, person: Person) -> str:
    answer = client_for(person).get(PLACE)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("minutes", [0, 4])
def test_page_says_that_the_clock_goes(world: World, client_for: ClientFor, mailoutbox: Any, minutes: int):
    rounds.run()
    Heartbeat.objects.filter(name="clock").update(beat_at=timezone.now() - timedelta(minutes=minutes))

    words = page(client_for, world.secretary)

    assert "The clock goes." in words
    assert "stands still" not in words.partition("<main")[2].partition('id="now"')[2]


@pytest.mark.parametrize(
    ("minutes", "why"), [(6, "more than 5 minutes"), (-60, "was put back"), (None, "not gone round")]
)
def test_page_raises_an_alarm_when_the_clock_stands_still(
    world: World, client_for: ClientFor, minutes: int | None, why: str
):
    if minutes is not None:
        Heartbeat.objects.create(name="clock", beat_at=timezone.now() - timedelta(minutes=minutes))

    words = page(client_for, world.secretary)

    assert "The clock stands still:" in words
    assert why in words


def test_page_shows_workers_daily_parts_what_waits_and_what_fails(
    world: World, client_for: ClientFor, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
):
    _break(monkeypatch)
    tasks.each_minute.call_local()
    for number, (state, attempts) in enumerate((("queued", 0), ("queued", 3), ("failed", 1))):
        Message.objects.create(message_id=f"<{number}>", state=state, attempts=attempts, created_at=timezone.now())
    ticking.failed("mails", RuntimeError("it was full"))
    ticking.went_well(["mails"])

    words = page(client_for, world.secretary)

    assert ticking.worker().removeprefix("worker:") in words
    assert "a calendar that cannot be read" in words
    assert "it was full" in words
    assert {name: ticking.waiting()[name] for name in ("queued", "retrying", "failed")} == {
        "queued": 1,
        "retrying": 1,
        "failed": 1,
    }
    assert [(name, day) for name, day, _at in ticking.daily_parts()] == [
        ("horizon", ""),
        ("sweep", "2018-02-16"),
        ("retention", "2018-02-16"),
    ]


def test_page_is_shown_when_the_queue_does_not_answer(
    world: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
):
    def refuse() -> int:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(djhuey.HUEY, "pending_count", refuse)

    assert clock_views._jobs() is None
    assert "the queue does not answer" in page(client_for, world.secretary)


@pytest.mark.parametrize(
    ("name", "answer"), [("secretary", 200), ("chair", 403), ("auditor", 403), ("contributor", 403), ("outsider", 403)]
)
def test_page_is_for_the_secretaries_of_the_highest_bodies(world: World, client_for: ClientFor, name: str, answer: int):
    assert client_for(world.people[name]).get(PLACE).status_code == answer


def test_page_is_for_administrators_who_hold_no_office(world: World, client_for: ClientFor):
    Person.objects.filter(pk=world.outsider.pk).update(is_staff=True)
    person = Person.objects.get(pk=world.outsider.pk)

    assert client_for(person).get(PLACE).status_code == 200
    assert PLACE in client_for(person).get("/setup/").content.decode()


def test_secretary_of_a_group_alone_is_not_shown_it(world: World, client_for: ClientFor):
    steps.add_office(world.group, slug="clerk", title="Clerk", role="secretary", by=world.secretary)
    steps.appoint(world.group.offices.get(slug="clerk"), world.outsider, by=world.secretary)

    client = client_for(world.outsider)

    assert client.get(PLACE).status_code == 403
    assert PLACE not in client.get("/setup/").content.decode()
