"""The worker on each queue that may wake it: a file (SQLite) and Redis; PostgreSQL is in `test_two_consumers`. Real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import huey
import psycopg
import pytest
from django.db import connection

from config.queue import PostgresHuey
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


def second_of_two_at_once(kind: type[huey.Huey], address: str) -> None:
    """Starts a queue while another process is in the midst of making its tables; raises what that raises."""
    first = kind("resolves", dsn=address, create_tables=False).storage
    with ThreadPoolExecutor(max_workers=1) as other, psycopg.connect(address) as making:
        for statement in first.ddl:
            making.execute(statement)
        second = other.submit(kind, "resolves", dsn=address)
        deadline = time.monotonic() + 30
        while not somebody_waits():
            assert time.monotonic() < deadline, "the second did not come to wait for the first"
            time.sleep(0.02)
        making.commit()
        second.result(timeout=30).storage.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s",
            [connection.settings_dict["NAME"]],
        )
        return cursor.fetchone() is not None


@pytest.fixture
def address_without_tables(child_environment: dict[str, str]) -> Generator[str]:
    drop = "DROP TABLE IF EXISTS huey_kv, huey_schedule, huey_task, huey_counter"
    with connection.cursor() as cursor:
        cursor.execute(drop)
        yield child_environment["DATABASE_URL"].replace("postgres://", "postgresql://")
        cursor.execute(drop)


@pytest.mark.postgres
def test_two_processes_that_make_the_tables_of_the_queue_at_once_both_start(address_without_tables):
    second_of_two_at_once(PostgresHuey, address_without_tables)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM huey_task")


@pytest.mark.postgres
def test_control_without_the_lock_the_second_process_does_not_start(address_without_tables):
    with pytest.raises(psycopg.errors.UniqueViolation):
        second_of_two_at_once(huey.PostgresHuey, address_without_tables)
