"""A worker that is killed (-9) within a check of the record: the next check runs to its end, and no page says for ever that
one is under way. A real process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.people import World, make_world
from tests.record import new_heads, taken_in
from tracker.log import checks, line, published, sealing
from tracker.models import Check

ROOT = Path(__file__).resolve().parents[2]
WORKER = "import django; django.setup(); from tracker.log import checks; checks.run_due()"
LATER = checks.SILENCE + timedelta(minutes=1)

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def killed(transactional_db: None, clock_pinned: str, child_environment: dict[str, str], settings: Any) -> World:
    """The record of a small world, sound; its worker was killed within a check. It stood still there because what was given
    out could be read no further: a pipe with nobody at the other end."""
    new_heads()
    world = make_world()
    taken_in()
    sealing.seal()
    published.write()
    checks.ask(by=world.auditor)
    heads = Path(settings.LOG_HEADS) / "heads.jsonl"
    kept = heads.rename(heads.with_name("kept.jsonl"))
    os.mkfifo(heads)
    environment = {**child_environment, "LOG_HEADS": str(settings.LOG_HEADS)}
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment)
    try:
        until(lambda: Check.objects.filter(state="running").exists() or worker.poll() is not None)
        assert worker.poll() is None
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    heads.unlink()
    kept.rename(heads)
    return world


def until(true: Callable[[], bool]) -> None:
    """Wait for a fact."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def foot_and_page(world: World) -> str:
    client = Client()
    client.force_login(world.auditor)
    return client.get("/history/checks/").content.decode()


def test_check_of_a_killed_worker_is_given_up_and_done_anew(killed: World) -> None:
    assert checks.run_due() is None  # it may still be at it
    assert line.standing(killed.auditor).percent == 0

    with time_machine.travel(timezone.now() + LATER):
        done = checks.run_due()

    assert done is not None
    assert (done.state, done.found, done.asked_by) == ("passed", 0, killed.auditor)
    assert sorted(Check.objects.values_list("state", flat=True)) == ["broken", "passed"]
    assert line.standing(killed.auditor).sound
    assert line.standing(killed.auditor).percent is None


def test_no_page_says_for_ever_that_it_is_under_way_though_no_worker_comes_back(killed: World) -> None:
    assert "under way:" in foot_and_page(killed).lower()

    with time_machine.travel(timezone.now() + LATER):
        assert line.standing(killed.auditor).percent is None
        assert "under way:" not in foot_and_page(killed).lower()


def test_control_who_takes_no_silence_for_death_says_so_for_ever(killed: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(checks, "SILENCE", timedelta(days=400))

    with time_machine.travel(timezone.now() + LATER):
        assert checks.run_due() is None
        assert "under way:" in foot_and_page(killed).lower()
