"""The worker on each queue that may wake it: a file (SQLite) and Redis; PostgreSQL is in `test_two_consumers`. Real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.people import NOW, World, make_world
from tests.post_office import PostOffice, open_post_office
from tracker.models import Heartbeat
from workflows import steps

ROOT = Path(__file__).resolve().parents[2]
REDIS = ("127.0.0.1", 6379)
DATABASE_OF_THE_TESTS = 9

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office() -> Generator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def asked(transactional_db: None, clock_pinned: str) -> World:
    """One item that the contributor was asked for and not yet told of."""
    world = make_world()
    steps.assign(world.due, lead=world.contributor, by=world.chair)
    return world


@pytest.fixture(params=["sqlite", "redis"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a queue as the environment gives it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    try:
        socket.create_connection(REDIS, timeout=2).close()
    except OSError:
        pytest.skip("no Redis answers on 127.0.0.1:6379: apt install redis-server")
    return f"redis://{REDIS[0]}:{REDIS[1]}/{DATABASE_OF_THE_TESTS}"


def test_worker_goes_round_on_this_queue(
    asked: World, office: PostOffice, queue: str, child_environment: dict[str, str]
) -> None:
    environment = {**child_environment, "EMAIL_URL": office.url, "HUEY_URL": queue, "RESOLVES_NOW": NOW}
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "run_huey"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while not (office.to("contributor") and Heartbeat.objects.filter(name="clock").exists()):
            assert worker.poll() is None, "the worker ended"
            assert time.monotonic() < deadline, "the worker did not go round within 60 s"
            time.sleep(0.1)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()

    assert [mail["Subject"].startswith("You are asked to lead") for mail in office.to("contributor")] == [True]
