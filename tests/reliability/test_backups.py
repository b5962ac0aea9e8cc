"""A backup that is put back is the same record: by `pg_dump` and `pg_restore`, and by SQLite's own backup. Real programs."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.people import World, make_world
from tests.postgres import binaries
from tests.record import new_heads, taken_in
from tracker.log import published, sealing
from tracker.models import Event, Head
from workflows import steps

ROOT = Path(__file__).resolve().parents[2]
Manage = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def record(transactional_db: None, clock_pinned: str) -> World:
    """A record with words that are hard to write, words that were erased, several heads, and events that wait."""
    new_heads()
    world = make_world()
    taken_in()
    for words in ('Ünïcode, \N{GRINNING FACE} and \\ "quotes" \n\t', "Erased."):
        steps.hold(world.due, by=world.chair, reason=words)
        steps.resume(world.due, by=world.chair)
        sealing.seal()
    held = Event.objects.filter(verb="occurrence.held").latest("pk")
    steps.erase_words(held, by=world.secretary, reason="The person asked.")
    sealing.seal()
    published.write()
    world.walk("submitted")
    return world


@pytest.fixture
def put_back(
    record: World, child_environment: dict[str, str], tmp_path: Path
) -> Generator[tuple[Manage, Callable[[str], None]]]:
    """Runs `manage.py …` on the backup that was put back, and SQL on it past the triggers."""
    open_one = _postgres if connection.vendor == "postgresql" else _sqlite
    with open_one(tmp_path) as (url, execute):
        environment = {**child_environment, "DATABASE_URL": url, "RESOLVES_NOW": "2018-02-16T09:00"}

        def manage(*command: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "manage.py", *command],
                check=False,
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
            )

        yield manage, execute


@contextlib.contextmanager
def _postgres(folder: Path) -> Generator[tuple[str, Callable[[str], None]]]:
    """Out with `pg_dump`, into a database of its own with `pg_restore`."""
    found, here = binaries(), connection.settings_dict
    if found is None or not (found / "pg_restore").exists():
        pytest.skip("no pg_dump and pg_restore on this machine")
    name, dump = f"{here['NAME']}_put_back", str(folder / "dump")
    environment = {
        **os.environ,
        "PGHOST": here["HOST"],
        "PGPORT": str(here["PORT"] or 5432),
        "PGUSER": here["USER"],
        "PGPASSWORD": here["PASSWORD"],
    }

    def run(program: str, *arguments: str) -> None:
        subprocess.run([str(found / program), *arguments], check=True, env=environment, timeout=120)

    run("pg_dump", "--format=custom", "--file", dump, here["NAME"])
    run("createdb", name)
    try:
        run("pg_restore", "--no-owner", "--exit-on-error", "--dbname", name, dump)
        host = f"{here['USER']}:{here['PASSWORD']}@{here['HOST']}:{here['PORT'] or 5432}"
        past = "SET session_replication_role = replica;"
        yield (
            f"postgres://{host}/{name}",
            lambda statement: run("psql", "--quiet", "--dbname", name, "-c", past + statement),
        )
    finally:
        run("dropdb", "--force", name)


@contextlib.contextmanager
def _sqlite(folder: Path) -> Generator[tuple[str, Callable[[str], None]]]:
    """By the backup of SQLite, while the database is open."""
    file = folder / "put-back.sqlite3"
    source, target = sqlite3.connect(connection.settings_dict["NAME"]), sqlite3.connect(file)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)

    def execute(statement: str) -> None:
        with contextlib.closing(sqlite3.connect(file)) as opened:
            triggers = opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                opened.execute(f"DROP TRIGGER {name}")
            opened.execute(statement)
            opened.commit()

    yield f"sqlite:///{file}", execute


def test_backup_that_is_put_back_is_the_same_record(put_back: tuple[Manage, Any]) -> None:
    manage, _execute = put_back

    guarded, verified = manage("check", "--database", "default"), manage("verify_audit")

    assert guarded.returncode == 0, guarded.stderr
    assert verified.returncode == 0, verified.stdout
    assert f"{Event.objects.count()} events" in verified.stdout.replace(",", "")
    assert Head.objects.count() == 3


def test_work_goes_on_from_a_backup_that_was_put_back(put_back: tuple[Manage, Any]) -> None:
    """It is as new as the last head that went out, so nothing is missing and sealing goes on."""
    manage, _execute = put_back

    assert manage("tick").returncode == 0
    verified = manage("verify_audit")

    assert verified.returncode == 0, verified.stdout


def test_control_backup_in_which_one_row_was_changed_is_found_out(put_back: tuple[Manage, Any]) -> None:
    manage, execute = put_back
    execute("UPDATE tracker_event SET verb = 'body.added' WHERE stream LIKE 'occurrence:%' AND number = 2")

    verified = manage("verify_audit", "--no-replay")

    assert verified.returncode == 1
    assert "number 2" in verified.stdout or "entry 2" in verified.stdout
