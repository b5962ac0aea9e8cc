"""Two web processes and two consumers at once on PostgreSQL: no mail twice, no turn twice. Real processes."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, connection
from rest_framework.authtoken.models import Token

from tests.people import NOW, World, make_world
from tests.post_office import PostOffice, open_post_office
from tests.reliability.together import make_member
from tracker.models import Announcement, Event, Message, Notice, Obligation, Occurrence, Paragraph, Session

ROOT = Path(__file__).resolve().parents[2]
DUTIES = 6
LEADS = [f"lead_{number}" for number in range(DUTIES)]

pytestmark = [pytest.mark.processes, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def office() -> Generator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def busy(transactional_db: None, clock_pinned: str) -> World:
    """A world with several duties and somebody to lead each, as nobody gets more than three mails a day; and a session that the
    calendar has only just got: its turns are not entered yet."""
    world = make_world()
    for name in LEADS:
        make_member(world, name)
    for number in range(2, DUTIES + 1):
        paragraph = Paragraph.objects.get(pk=world.obligation.paragraph_id)
        paragraph.pk, paragraph.position, paragraph.path, paragraph.label = None, number, f"{number}", f"{number}"
        paragraph.save(force_insert=True)
        duty = Obligation.objects.get(pk=world.obligation.pk)
        duty.pk, duty.paragraph, duty.title = None, paragraph, f"Duty {number}"
        duty.save(force_insert=True)
    Session.objects.create(
        body=world.council, code="C19", name="Council 2019", opens=date(2019, 6, 10), closes=date(2019, 6, 20)
    )
    return world


@pytest.fixture
def start(child_environment: dict[str, str], office: PostOffice) -> Generator[Start]:
    """Starts a real process that shares the database, the queue and the post office; each ends with the test."""
    running: list[subprocess.Popen[bytes]] = []
    queue = child_environment["DATABASE_URL"].replace("postgres://", "postgresql://")

    def _start(*command: str, lease: float = 60) -> subprocess.Popen[bytes]:
        environment = {
            **child_environment,
            "EMAIL_URL": office.url,
            "HUEY_URL": queue,
            "MAIL_LEASE_SECONDS": str(lease),
            "RESOLVES_NOW": NOW,
        }
        command = (sys.executable, *command)
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, process_group=0)
        running.append(process)
        return process

    yield _start
    for process in running:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS huey_kv, huey_schedule, huey_task, huey_counter")


def web(start: Start) -> int:
    """A web process; returns its port once it answers. Between choosing a free port and listening on it another process
    may take it (each of many connections takes one): then the server ends, and another port is tried."""
    options = "--interface wsgi --workers 1 --blocking-threads 4 --no-ws --log-level error"
    for _ in range(5):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        server = start("-m", "granian", "--port", str(port), *options.split(), "config.wsgi:application")
        wait_until(
            lambda: server.poll() is not None or status_of(port, "GET", "/api/schema/") == 200,  # noqa: B023
            "the web server answers",
        )
        if server.poll() is None:
            return port
    raise AssertionError("five web servers ended before they answered")


def status_of(port: int, method: str, path: str, token: str = "", body: object = None) -> int:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as caller:
            caller.request(method, path, body=json.dumps(body) if body is not None else None, headers=headers)
            return caller.getresponse().status
    except OSError:
        return 0


def wait_until(true: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.1)


def all_is_sent() -> bool:
    waiting = Message.objects.filter(state__in=["queued", "claimed"]).exists()
    asked = Event.objects.filter(verb="occurrence.assigned").count()
    told = Notice.objects.filter(kind="assigned", state="sent").count()
    return not waiting and told == asked == DUTIES and Announcement.objects.count() == Event.objects.count()


def test_two_web_processes_and_two_consumers_double_nothing(busy, office, start):
    office.delay = 0.02
    for _ in range(2):
        start("manage.py", "run_huey")
    ports = [web(start), web(start)]
    due = [f"council/r1-{path}-c18" for path in ("1.2", *(str(number) for number in range(2, DUTIES + 1)))]
    wait_until(lambda: Occurrence.objects.filter(reference__in=due).count() == DUTIES, "the turns are entered")

    token = Token.objects.create(user=busy.chair).key
    calls = [(port, reference, lead) for reference, lead in zip(due, LEADS, strict=True) for port in ports]
    with ThreadPoolExecutor(max_workers=8) as clients:
        statuses = list(
            clients.map(
                lambda call: status_of(
                    call[0], "POST", f"/api/v1/occurrences/{call[1]}/steps/assign/", token, {"lead": call[2]}
                ),
                calls,
            )
        )
    wait_until(all_is_sent, "every mail is sent")

    assert sorted(statuses) == [200] * DUTIES + [409] * DUTIES
    assert office.doubles() == {}
    asked = [
        mail["Subject"] for lead in LEADS for mail in office.to(lead) if "You are asked to lead" in mail["Subject"]
    ]
    assert len(asked) == len(set(asked)) == DUTIES
    assert len(office.accepted) == Message.objects.filter(state="sent").count()
    turns = Occurrence.objects.values_list("obligation", "session")
    assert len(turns) == len(set(turns)) == DUTIES * 4  # C16, C17, C18 and C19
    assert Event.objects.filter(verb="occurrence.planned").count() == len(turns)


def test_control_without_the_lease_two_consumers_double_a_mail(busy, office, start):
    office.holds_at = "data"  # the first waits for its answer for as long as the other needs to claim the same mail
    office.holds.set()
    start("manage.py", "run_huey", lease=0)
    office.wait_for(1, seconds=60)
    start("manage.py", "run_huey", lease=0)
    wait_until(lambda: bool(office.doubles()), "a mail is sent twice")


def test_control_without_the_unique_key_a_turn_is_doubled(busy):
    """What the database holds against two who enter the same turn at once."""
    turn = busy.due
    twin = Occurrence.objects.get(pk=turn.pk)
    twin.pk = None
    with pytest.raises(IntegrityError):
        twin.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracker_occurrence DROP CONSTRAINT tracker_occurrence_reference_key")
        cursor.execute("DROP INDEX occurrence_once_a_session")
        try:
            twin.save(force_insert=True)
            assert Occurrence.objects.filter(reference=turn.reference).count() == 2
            cursor.execute("DELETE FROM tracker_occurrence WHERE id = %s", [twin.pk])
        finally:
            cursor.execute(
                "ALTER TABLE tracker_occurrence ADD CONSTRAINT tracker_occurrence_reference_key UNIQUE (reference)"
            )
            cursor.execute(
                "CREATE UNIQUE INDEX occurrence_once_a_session ON tracker_occurrence (obligation_id, session_id) "
                "WHERE meeting_id IS NULL"
            )
