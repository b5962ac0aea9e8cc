"""`python -m benchmarks.bench`: one JSON object a line, {"name", "value", "unit", "floor", "ratio"}; progress on stderr.

Real server processes (granian, as `make demo` starts it) over HTTP on 127.0.0.1, on SQLite and, where one answers or can be
started, on PostgreSQL; each figure beside a floor of bare Django taken in the same run, alternating with it. `ratio` is value
by floor: for steps a second higher is better, for milliseconds lower. Counts and times are bounded; all of it stays under
three minutes. Then the record: what verifying it costs (`benchmarks.verifying`), some minutes more; what planning a day of
reminders costs (`benchmarks.reminders`), some minutes too; mails (`benchmarks.mails`), a minute or two; and last, reading
texts (`benchmarks.reading`). `python -m benchmarks.bench mails` is that part alone; so are `steps`, `record`, `reminders`
and `reading`.
"""

import contextlib
import http.client
import itertools
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
NOW = "2018-02-16T09:00"
WARM_UP = 2
STEPS_OF_ONE, STEPS_OF_EIGHT = 80, 320
LONGEST = 8.0  # seconds for one figure
READINGS = {"small": 9, "large": 7}
COUNTS = {"small": "1000", "large": "10000"}


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


# Databases and processes -------------------------------------------------------------------------------------------------


@contextmanager
def sqlite_database(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'bench.sqlite3'}"


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """A database of its own on a server, dropped at the end."""
    name = f"resolves_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[str | None]:
    """The server that TEST_DATABASE_URL names, one that answers on 127.0.0.1, or one started for this run."""
    if url := os.environ.get("TEST_DATABASE_URL") or postgres.answering():
        yield url
    elif folder := postgres.binaries():
        with postgres.own_server(folder) as url:
            yield url
    else:
        yield None


@contextmanager
def serving(environment: dict[str, str], application: str = "benchmarks.floor:application") -> Iterator[int]:
    """A granian as the demonstration has it, ended with everything that it started."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = f"-m granian --interface wsgi --host 127.0.0.1 --port {port} --workers 1 --blocking-threads 4 --no-ws"
    process = subprocess.Popen(
        [sys.executable, *command.split(), "--log-level", "error", application],
        cwd=ROOT,
        env=environment,
        stdout=sys.stderr,
        start_new_session=True,
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its own group: nobody else's processes
            process.wait(5)


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    for _try in range(300):
        if process.poll() is not None:
            raise SystemExit("The server ended before it answered.")
        with contextlib.suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
            return
        time.sleep(0.1)
    raise SystemExit("The server did not answer within 30 s.")


# Clients -----------------------------------------------------------------------------------------------------------------


@dataclass
class Program:
    """A client with a connection that is kept open."""

    port: int
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def send(self, method: str, address: str, body: Any = None, token: str = "", cookie: str = "") -> float:
        """Seconds until the whole answer was there; anything but 200 ends the run."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
        headers |= {"Cookie": cookie} if cookie else {}
        began = time.perf_counter()
        self.connection.request(method, address, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - began
        if answer.status != http.client.OK:
            raise SystemExit(f"{method} {address} answered {answer.status}: {content[:300]!r}")
        return took


Work = Iterator[Callable[[Program], float]]


def rate(port: int, works: list[Work]) -> float:
    """Requests a second with one client for each work, until the works or the time are over."""
    counts, failures = [0] * len(works), []
    deadline = time.perf_counter() + LONGEST
    start = threading.Barrier(len(works) + 1)

    def run(place: int, work: Work) -> None:
        program = Program(port)
        start.wait()
        try:
            for request in work:
                request(program)
                counts[place] += 1
                if time.perf_counter() > deadline:
                    return
        except SystemExit as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failures:
        raise failures[0]
    return sum(counts) / took


def median(send: Callable[[], float], times: int) -> float:
    """Milliseconds, of so many requests one after another or as many as the time allows."""
    for _ in range(WARM_UP):
        send()
    took, deadline = [], time.perf_counter() + LONGEST
    while len(took) < times and time.perf_counter() < deadline:
        took.append(send())
    return statistics.median(took) * 1000


# What is measured --------------------------------------------------------------------------------------------------------


def walk(turns: Iterator[str], told: dict[str, Any], requests: int) -> Work:
    """Turn after turn along the path: assign, accept, submit, endorse."""
    chair, member = told["tokens"]["chair"], told["tokens"]["member"]
    path = [
        ("assign", chair, {"lead": told["lead"]}),
        ("accept", member, {}),
        ("submit", member, {"text": "What was done."}),
        ("endorse", chair, {}),
    ]
    for _ in range(requests // len(path)):
        turn = next(turns)
        for step, token, body in path:
            address = f"/api/v1/occurrences/{turn}/steps/{step}/"
            yield lambda program, a=address, b=body, t=token: program.send("POST", a, b, t)


def change(numbers: Iterator[int], requests: int) -> Work:
    for _ in range(requests):
        body = {"turn": next(numbers), "status": "assigned"}
        yield lambda program, b=body: program.send("POST", "/floor/step/", b)


def steps(port: int, told: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    turns, numbers = iter(told["turns"]), itertools.cycle(range(1, 201))
    rate(port, [walk(turns, told, 8)])
    rate(port, [change(numbers, 8)])
    for clients, requests in ((1, STEPS_OF_ONE), (8, STEPS_OF_EIGHT)):
        say(f"{name}: steps, {clients} client{'s' if clients > 1 else ''} …")
        each = requests // clients
        chunks = [list(itertools.islice(turns, each // 4)) for _ in range(clients)]
        halves = [
            (
                rate(port, [change(numbers, each // 2) for _ in chunks]),
                rate(port, [walk(iter(chunk[half::2]), told, len(chunk[half::2]) * 4) for chunk in chunks]),
            )
            for half in (0, 1)
        ]
        floor, value = (statistics.mean(column) for column in zip(*halves, strict=True))
        yield figure(f"steps_{clients}_client{'s' if clients > 1 else ''}_{name}", value, "steps/s", floor)


def overviews(port: int, told: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    program = Program(port)
    for size, count in COUNTS.items():
        say(f"{name}: overview at {count} occurrences …")
        here = told[size]
        floor = median(lambda h=here: program.send("GET", f"/floor/overview/?body={h['pk']}"), READINGS[size])
        value = median(
            lambda h=here: program.send("GET", f"/api/v1/overview/?body={h['body']}", token=h["token"]), READINGS[size]
        )
        yield figure(f"overview_{count}_{name}", value, "ms", floor)


def figure(name: str, value: float, unit: str, floor: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "floor": round(floor, 2),
        "ratio": round(value / floor, 4),
    }


def environment_of(url: str, folder: Path) -> dict[str, str]:
    """What the processes of one database run in."""
    return {
        **{key: value for key, value in os.environ.items() if key not in {"SECRET_KEY", "HUEY_URL", "EMAIL_URL"}},
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "RESOLVES_MODE": "demo",
        "RESOLVES_NOW": NOW,
        "RESOLVES_VAR": str(folder),
        "DATABASE_URL": url,
        "LOG_LEVEL": "ERROR",
    }


def measure(name: str, url: str, folder: Path) -> None:
    """All figures of one database, printed as they come."""
    environment = environment_of(url, folder)
    say(f"{name}: filling the database …")
    filled = subprocess.run(
        [sys.executable, "-m", "benchmarks.data"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    told = json.loads(filled.stdout)
    with serving(environment) as port:
        for found in itertools.chain(steps(port, told, name), overviews(port, told, name)):
            print(json.dumps(found), flush=True)


def measure_record(name: str, url: str, folder: Path) -> None:
    """What verifying a record of RESOLVES_BENCH_EVENTS events costs, in a database of its own."""
    count = os.environ.get("RESOLVES_BENCH_EVENTS", "100000")
    measure_beside("benchmarks.verifying", f"a record of {count} events", count, name, url, folder / f"{name}-record")


def measure_reminders(name: str, url: str, folder: Path) -> None:
    """What planning a day of the reminders of RESOLVES_BENCH_TURNS turns costs, in a database of its own."""
    count = os.environ.get("RESOLVES_BENCH_TURNS", "100000")
    measure_beside("benchmarks.reminders", f"{count} turns", count, name, url, folder / f"{name}-reminders")


def measure_beside(module: str, what: str, count: str, name: str, url: str, folder: Path) -> None:  # noqa: PLR0913
    """Fill a database and measure it in processes of their own."""
    folder.mkdir()
    if name == "sqlite":
        url = f"sqlite:///{folder / 'measured.sqlite3'}"
    environment = environment_of(url, folder)
    for arguments in (["fill", count], ["measure"]):
        say(f"{name}: {arguments[0]} {what} …")
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        print(done.stdout, end="", flush=True)


def measure_mails(name: str, url: str, folder: Path) -> None:
    """What it costs to tell one in a hundred of RESOLVES_BENCH_MAILS_OF turns, each somebody else, in a database of its own."""
    beside = folder / f"{name}-mails"
    beside.mkdir()
    if name == "sqlite":
        url = f"sqlite:///{beside / 'mails.sqlite3'}"
    count = os.environ.get("RESOLVES_BENCH_MAILS_OF", "100000")
    with taking_mails() as (port, sink):
        environment = environment_of(url, beside) | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        for arguments in (["fill", count], ["measure"]):
            say(f"{name}: {arguments[0]} mails of {count} turns …")
            command = [sys.executable, "-m", "benchmarks.mails", *arguments]
            done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            print(done.stdout, end="", flush=True)
        sink.terminate()
        came = json.loads(sink.communicate(timeout=30)[0])
    wanted = int(count) // 100
    print(json.dumps(figure(f"mails_missing_{count}_{name}", wanted - came["mails"], "mails", wanted)), flush=True)
    print(json.dumps(figure(f"mails_doubled_{count}_{name}", came["doubles"], "mails", wanted)), flush=True)


@contextmanager
def taking_mails() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A mail server in a process of its own."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "benchmarks.sink", str(port)]
    sink = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(port, sink)
        yield port, sink
    finally:
        sink.kill()
        sink.wait(10)


PARTS = {"steps": measure, "record": measure_record, "reminders": measure_reminders, "mails": measure_mails}


def main(measure: Callable[[str, str, Path], None] = measure) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="resolves-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        with sqlite_database(folder) as url:
            measure("sqlite", url, folder)
        server = stack.enter_context(postgres_server())
        if server is None:
            say("postgresql: neither a server on 127.0.0.1 nor its binaries (apt install postgresql).")
        else:
            beside = folder / "postgresql"
            beside.mkdir()
            with postgres_database(server) as url:
                measure("postgresql", url, beside)
    say(f"{time.monotonic() - began:.0f} s in all.")


if __name__ == "__main__":
    try:
        for part in sys.argv[1:] or [*PARTS, "reading"]:
            if part == "reading":  # no database, no settings
                subprocess.run([sys.executable, "-m", "benchmarks.reading"], cwd=ROOT, check=True)
            else:
                main(PARTS[part])
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{' '.join(map(str, failed.cmd))}\n{failed.stderr}")
    except KeyboardInterrupt:
        sys.exit(130)
