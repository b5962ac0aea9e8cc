"""`make demo` as a person meets it: real processes, real signals, and never one left behind."""

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_FOR_THE_DEMO = {"DATABASE_URL", "LOG_LEVEL", "PYTHONDONTWRITEBYTECODE"}
pytestmark = [pytest.mark.processes, pytest.mark.sqlite]


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def seconds_of_children() -> float:
    """The work of every process that was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def healthy(port: int) -> bool:
    with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as caller:
        caller.request("GET", "/healthz")
        with caller.getresponse() as answer:
            return answer.status == 200
    return False


class Demo:
    """One run of the supervisor in a session of its own, so that everything it started can be found again."""

    def __init__(self, folder: Path, *arguments: str, port: int | None = None) -> None:
        self.port = port or free_port()
        environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_THE_DEMO}
        environment |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "RESOLVES_MODE": "demo",
            "RESOLVES_NOW": "2018-02-16T09:00",
            "RESOLVES_VAR": str(folder),
        }
        self.out = folder / f"said-{self.port}.txt"
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo", "--port", str(self.port), *arguments],
                cwd=ROOT,
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    def until_it_answers(self) -> "Demo":
        deadline = time.monotonic() + 120
        while not (healthy(self.port) and "Ctrl-C" in self.said):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return self

    def members(self) -> dict[int, str]:
        """Every living process of its session, by number, with its command line."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                state, _, _, session = stat.read_text().rpartition(") ")[2].split()[:4]
                if int(session) == self.process.pid and state != "Z":
                    found[int(stat.parent.name)] = (stat.parent / "cmdline").read_text().replace("\0", " ")
        return found

    def is_gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None and not self.members():
                return True
            time.sleep(0.05)
        return False

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.is_gone_within(10), self.members()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's folder, filled by the first start and kept for the others."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Demo]]:
    started: list[Demo] = []

    def _start(*arguments: str, port: int | None = None) -> Demo:
        started.append(Demo(folder, *arguments, port=port))
        return started[-1]

    yield _start
    for demo in started:
        for number in demo.members():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        demo.process.wait()


@pytest.fixture
def running(start: Callable[..., Demo]) -> Demo:
    return start().until_it_answers()


def test_it_says_where_everything_is(running):
    for words in (f"http://localhost:{running.port}/", "chair", "secretary", "/mail/", "make demo-reset", "Ctrl-C"):
        assert words in running.said


def test_a_second_start_takes_less_than_five_seconds(running, start):
    """Of waiting, or where the machine is busy with other things, of its own work: the best of three."""
    seconds = []
    running.stop()
    while len(seconds) < 3 and min(seconds, default=5) >= 5:
        began, worked = time.monotonic(), seconds_of_children()
        running = start().until_it_answers()
        waited = time.monotonic() - began
        running.stop()
        seconds.append(min(waited, seconds_of_children() - worked))

    assert min(seconds) < 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_web_server_and_the_worker(running, number):
    assert len(running.members()) >= 3

    os.killpg(running.process.pid, number)

    assert running.is_gone_within(10), running.members()
    assert running.process.returncode == 0
    assert "have ended" in running.said


def test_a_killed_supervisor_leaves_no_child(running):
    running.process.kill()

    assert running.is_gone_within(10), running.members()


@pytest.mark.parametrize(("command", "name"), [("granian", "web server"), ("run_huey", "reminder worker")])
def test_a_dying_child_takes_the_other_along_and_is_named(running, command, name):
    leader = min(number for number, line in running.members().items() if command in line)

    os.kill(leader, signal.SIGKILL)

    assert running.is_gone_within(10), running.members()
    assert running.process.returncode == 1
    assert f"The {name} ended by itself" in running.said


def test_a_taken_port_is_said_plainly(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        demo = start(port=port)

        assert demo.process.wait(30) == 1
    assert f"Port {port} is taken by another program. Choose another, as in: make demo PORT=" in demo.said
    assert "Traceback" not in demo.said


@pytest.mark.parametrize("arguments", [(), ("--reset",)])
def test_a_second_demonstration_in_the_same_folder_is_refused(running, start, arguments):
    second = start(*arguments)

    assert second.process.wait(30) == 1
    assert f"running already: http://localhost:{running.port}/" in second.said
    assert healthy(running.port)


def test_a_reset_starts_afresh_and_says_so(folder, start):
    keepsake = folder / "mail" / "keepsake.log"
    keepsake.parent.mkdir(exist_ok=True)
    keepsake.write_text("a mail of the last run")
    secret = folder / "secret-key"
    secret.touch()
    kept = secret.read_text()
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / "old").write_text("")

    demo = start("--reset").until_it_answers()

    assert "Removed the demonstration's database, mails" in demo.said
    assert not keepsake.exists()
    assert secret.read_text() == kept
    until_sealed(folder, demo)
    assert not (folder / "keys" / "old").exists()
    assert not list((folder / "heads").glob("heads-until-*"))


def test_a_database_that_was_deleted_by_hand_is_followed_by_new_heads(folder, start):
    """Heads of the old one are kept aside; the new one's are sealed beside them, and nothing ends in a broken log."""
    until_sealed(folder, start().until_it_answers()).stop()
    for file in folder.glob("resolves.sqlite3*"):
        file.unlink()

    demo = start().until_it_answers()

    assert "The database is new: the heads of the one before were put aside as heads-until-" in demo.said
    until_sealed(folder, demo)
    assert len(list((folder / "heads").glob("heads-until-*.jsonl"))) == 1
    assert "LogBroken" not in (folder / "worker.log").read_text()


def until_sealed(folder: Path, demo: Demo) -> Demo:
    deadline = time.monotonic() + 60
    while not (folder / "heads" / "heads.jsonl").exists():
        assert time.monotonic() < deadline, (folder / "worker.log").read_text()
        time.sleep(0.1)
    return demo
