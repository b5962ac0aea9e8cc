"""A worker that is killed (-9) between claim and send loses no mail, and the run after it sends each once. Real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.people import NOW, World, make_world
from tests.post_office import PostOffice, open_post_office
from tracker.models import Assignment, Message, Notice
from workflows import steps

ROOT = Path(__file__).resolve().parents[2]
LEASE = 2.0
PEOPLE = ("contributor", "helper", "vice_chair")  # all are asked, so each is owed one mail

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office() -> Generator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def asked(transactional_db: None, clock_pinned: str) -> World:
    """One item, three people asked for it, nobody told yet."""
    world = make_world()
    lead, *contributors = (world.people[name] for name in PEOPLE)
    steps.assign(world.due, lead=lead, contributors=contributors, by=world.chair)
    return world


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(child_environment: dict[str, str], office: PostOffice, tmp_path: Path) -> Generator[Start]:
    """Starts a real `manage.py …` that mails through the post office; all of them end with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def _start(*command: str, lease: float = LEASE) -> subprocess.Popen[bytes]:
        environment = {
            **child_environment,
            "EMAIL_URL": office.url,
            "HUEY_URL": f"sqlite:///{tmp_path / 'queue.sqlite3'}",
            "MAIL_LEASE_SECONDS": str(lease),
            "RESOLVES_NOW": NOW,
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        running.append(process)
        return process

    yield _start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def tick(start: Start, *, lease: float = LEASE) -> None:
    assert start("tick", lease=lease).wait(timeout=60) == 0


def everybody_was_told_once(office: PostOffice) -> bool:
    return all(len(office.to(name)) == 1 for name in PEOPLE)


WORKERS = {"round by hand": ("tick",), "huey": ("run_huey",)}


@pytest.mark.parametrize("command", WORKERS.values(), ids=WORKERS)
def test_worker_killed_between_claim_and_send_loses_no_mail(asked, office, start, command):
    office.holds.set()
    worker = start(*command)
    office.wait_for(1)  # claimed, the server called, nothing handed over
    kill(worker)
    assert Message.objects.filter(state="claimed").count() == len(PEOPLE)  # all that it took up together

    office.holds.clear()
    time.sleep(LEASE)  # until then they are the dead one's
    tick(start)

    assert everybody_was_told_once(office)
    assert office.doubles() == {}
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert not Notice.objects.filter(kind="assigned").exclude(state="sent").exists()
    assert not Assignment.objects.filter(told_at=None).exists()


def test_worker_killed_between_hand_over_and_record_doubles_one_mail_under_its_own_name(asked, office, start):
    office.holds_at = "data"
    office.holds.set()
    worker = start("tick")
    office.wait_for(1)
    kill(worker)  # the server has the mail and takes it; nobody is there to hear so
    office.holds.clear()
    time.sleep(LEASE)
    tick(start)
    assert list(office.doubles().values()) == [2]
    assert all(office.to(name) for name in PEOPLE)


def test_worker_killed_again_and_again_loses_no_mail(asked, office, start):
    office.delay = 0.15
    for pause in (0.9, 1.1, 1.3, 1.6):
        worker = start("run_huey", lease=0.5)
        time.sleep(pause)
        kill(worker)
    office.delay = 0
    time.sleep(0.5)
    tick(start)
    names = {str(mail["Message-ID"]) for mail in office.accepted}
    assert all(office.to(name) for name in PEOPLE)
    assert len(names) == Message.objects.count()  # what came twice came under the same name
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_two_workers_at_once_send_each_mail_once(asked, office, start):
    office.delay = 0.2
    workers = [start("tick", lease=60) for _ in range(2)]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    assert everybody_was_told_once(office)
    assert office.doubles() == {}


def test_control_without_the_lease_mails_are_doubled(asked, office, start):
    office.delay = 2  # long enough for the other to claim the same mail meanwhile
    for _ in range(2):
        start("tick", lease=0)
    deadline = time.monotonic() + 60
    while not office.doubles():
        assert time.monotonic() < deadline
        time.sleep(0.1)
