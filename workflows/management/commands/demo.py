"""`make demo`: prepares the demonstration, then minds a web server and a reminder worker until Ctrl-C ends all three."""

import errno
import fcntl
import hashlib
import http.client
import os
import shutil
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from tracker.log import published
from tracker.models import Leaf
from workflows import demo_data
from workflows.management.children import Child, Stopped, end, stoppable

ADDRESS = "127.0.0.1"
STATE = ("resolves.sqlite3*", "queue.sqlite3*", "clock.json", "mail", "uploads", "heads", "keys", "*.log")
READY_WITHIN = 40  # seconds; a cold disk is slow


class Command(BaseCommand):
    help = "Runs the demonstration: database, web server and reminder worker, until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the pages are served (default: 8000)")
        parser.add_argument("--reset", action="store_true", help="remove the demonstration's state first")

    def handle(self, *args: Any, port: int, reset: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is the demonstration's command: set RESOLVES_MODE=demo, or type `make demo`.")
        try:
            with stoppable(), alone(port):
                require_free(port)
                if reset:
                    self.remove_state()
                self.prepare()
                self.serve(port)
        except Stopped:
            self.stdout.write("\nStopped: web server and reminder worker have ended.")

    # --- before the start ---------------------------------------------------------------------------------------------

    def remove_state(self) -> None:
        """Back to nothing: database, queue, clock, mails, uploads, and heads and keys of the log of this machine's
        demonstration. The secret key stays."""
        database = connection.settings_dict["NAME"]
        if connection.vendor != "sqlite" or Path(database).parent != settings.VAR_DIR:
            raise CommandError(f"The database is not in {settings.VAR_DIR}: empty it yourself. Nothing was removed.")
        for path in (path for name in STATE for path in settings.VAR_DIR.glob(name)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.stdout.write("Removed the demonstration's database, mails, uploads, queue, clock, heads and keys.")

    def prepare(self) -> None:
        """Database, static files and data: each is made only where something is missing."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with self.timed("Database"):
                call_command("migrate", verbosity=0, interactive=False)
        if not Leaf.objects.exists() and (aside := published.set_aside()):
            self.stdout.write(f"The database is new: the heads of the one before were put aside as {aside.name}.")
        collected = settings.STATIC_ROOT / ".collected"
        fingerprint = fingerprint_of_static_files()
        if not collected.exists() or collected.read_text() != fingerprint:
            with self.timed("Static files"):
                collected.unlink(missing_ok=True)
                call_command("collectstatic", verbosity=0, interactive=False, clear=True)
                collected.write_text(fingerprint)
        with self.timed("Resolution 1306"):
            call_command("seed_demo", verbosity=0)
        connections.close_all()

    @contextmanager
    def timed(self, what: str) -> Generator[None]:
        """One line for one step: what it is, then how long it took."""
        began = time.monotonic()
        self.stdout.write(f"{what} … ".ljust(40), ending="")
        self.stdout.flush()
        try:
            yield
        except Exception:
            self.stdout.write("failed")
            raise
        self.stdout.write(f"{time.monotonic() - began:5.1f} s")

    # --- while it runs ------------------------------------------------------------------------------------------------

    def serve(self, port: int) -> None:
        """Start both children, say where everything is, and stay until a signal comes or a child dies."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "SITE_URL": f"http://localhost:{port}"}
        web = f"-m granian --interface wsgi --host {ADDRESS} --port {port} --workers 1 --blocking-threads 4 --no-ws"
        web += " --log-level warning --workers-kill-timeout 3s config.wsgi:application"
        worker = "manage.py run_huey --graceful-signal TERM --shutdown-timeout 3"
        commands = {"web": ("The web server", web), "worker": ("The reminder worker", worker)}
        children: list[Child] = []
        try:
            with self.timed("Web server and reminder worker"):
                for file, (name, arguments) in commands.items():
                    command = [sys.executable, *arguments.split()]
                    log = settings.VAR_DIR / f"{file}.log"
                    children.append(Child.start(name, command, log=log, env=environment, folder=settings.BASE_DIR))
                wait_until_answering(port, children)
            self.announce(port)
            while True:
                require_alive(children)
                time.sleep(0.2)
        finally:
            end(children)

    def announce(self, port: int) -> None:
        here = Path.cwd()
        folder = settings.VAR_DIR.relative_to(here) if settings.VAR_DIR.is_relative_to(here) else settings.VAR_DIR
        width = max(len(username) for username, _ in demo_data.ACCOUNTS)
        accounts = "\n".join(f"    {username:<{width}}  {role}" for username, role in demo_data.ACCOUNTS)
        self.stdout.write(
            f"\n  Resolves answers at  http://localhost:{port}/\n\n"
            f"  Log in with the password {demo_data.PASSWORD!r} as\n{accounts}\n\n"
            f"  Mails go to {folder}/mail/ and can be read at http://localhost:{port}/mail/; nothing leaves this machine.\n"
            f"  Logs: {folder}/web.log and {folder}/worker.log. `make demo-reset` starts afresh.\n\n"
            f"  Ctrl-C ends the web server and the reminder worker.\n"
        )
        self.stdout.flush()


@contextmanager
def alone(port: int) -> Generator[None]:
    """Holds the folder's lock, which ends with this process however it ends; says who holds it otherwise."""
    with (settings.VAR_DIR / "demo.pid").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            process, _, its_port = file.read().partition(" ")
            raise CommandError(
                f"The demonstration is running already: http://localhost:{its_port}/ (process {process}). "
                f"End it with Ctrl-C where it was started, or with: kill {process}"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {port}")
        file.flush()
        yield
        file.truncate(0)


def require_free(port: int) -> None:
    """Say plainly that a port cannot be had, and how to choose another."""
    if not 1 <= port <= 65535:
        raise CommandError(f"There is no port {port}: choose one from 1024 to 65535, as in: make demo PORT=8001")
    problem = _problem_with(port)
    if problem is None:
        return
    free = next((other for other in range(max(port, 8000) + 1, 65536) if _problem_with(other) is None), 8001)
    why = "may not be opened by this user" if problem == errno.EACCES else "is taken by another program"
    raise CommandError(f"Port {port} {why}. Choose another, as in: make demo PORT={free}")


def _problem_with(port: int) -> int | None:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((ADDRESS, port))
        except OSError as error:
            return error.errno
    return None


def fingerprint_of_static_files() -> str:
    """Changes whenever a file that collectstatic would collect does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            with suppress(FileNotFoundError):
                state = Path(storage.path(path)).stat()
                digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def wait_until_answering(port: int, children: list[Child]) -> None:
    """Return once GET /healthz is answered with 200."""
    deadline = time.monotonic() + READY_WITHIN
    last = "no answer"
    while time.monotonic() < deadline:
        require_alive(children)
        try:
            with closing(http.client.HTTPConnection(ADDRESS, port, timeout=5)) as caller:
                caller.request("GET", "/healthz")
                with caller.getresponse() as answer:
                    if answer.status == 200:
                        return
                    last = f"status {answer.status}"
        except OSError as error:
            last = str(error)
        time.sleep(0.1)
    lines = "\n".join(child.last_lines() for child in children)
    raise CommandError(f"/healthz does not say that all is well after {READY_WITHIN} s ({last}).\n{lines}")


def require_alive(children: list[Child]) -> None:
    """One child alone is no demonstration: name the one that ended, with its last words."""
    for child in children:
        if child.ended():
            what = f"{child.name} ended by itself (exit code {child.process.wait()}), and so the demonstration ends"
            raise CommandError(f"{what}. Its last words:\n{child.last_lines()}")
