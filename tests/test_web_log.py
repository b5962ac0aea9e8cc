"""What opens something by itself (a one-use link, an invitation, a new password, a feed) never gets into a log."""

import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve

from config.masking import Masked
from tests.people import World
from tracker import clock, mailed

ROOT = Path(__file__).resolve().parents[1]
SECRET = "MQ-s3cret:0f.a_b=c"
OPENS = {"token", "secret"}
"""What the addresses call the part that opens something."""
OPENING = {
    "/act/": "",
    "/invitation/": "",
    "/feeds/": ".ics",
    "/password/MQ/": "",
}


def lines(caught: list[logging.LogRecord]) -> str:
    """The records as the handlers of the product write them."""
    written = [handler for handler in logging.getLogger().handlers if handler.get_name() == "stderr"]
    assert written, "nothing writes the log"
    return "\n".join(handler.format(record) for handler in written for record in caught)


def addresses(patterns: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield before + str(one.pattern), one
        else:
            yield from addresses(one.url_patterns, before + str(one.pattern))


def test_refused_link_is_logged_without_what_opens_it(world: World, caplog: pytest.LogCaptureFixture):
    turn = world.walk("assigned")
    url = mailed.links_for(world.contributor, turn, now=clock.now())[0].url
    token = url.rstrip("/").rpartition("/")[2]
    stranger = Client()
    stranger.force_login(world.chair)

    answer = stranger.get(f"/act/{token}/")

    assert answer.status_code == 403
    assert "Forbidden: /act/" in lines(caplog.records)
    assert token not in lines(caplog.records)


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), OPENING.items(), ids=OPENING)
def test_no_answer_brings_a_secret_into_the_log(before: str, after: str, caplog: pytest.LogCaptureFixture):
    Client().get(f"{before}{SECRET}{after}/no/such/page/")
    Client(enforce_csrf_checks=True, headers={"referer": f"https://elsewhere.example{before}{SECRET}{after}"}).post(
        f"{before}{SECRET}{after}{'' if after else '/'}"
    )

    assert before in lines(caplog.records)
    assert SECRET not in lines(caplog.records)


def test_a_traceback_is_written_without_it_too(caplog: pytest.LogCaptureFixture):
    try:
        int(f"http://localhost:8000/act/{SECRET}/ broke")
    except ValueError:
        logging.getLogger("workflows").exception("At /login/?next=%%2Finvitation%%2F%s%%2F&more", SECRET)

    said = lines(caplog.records)

    assert "broke" in said
    assert "/login/?next=%2Finvitation%2F" in said
    assert SECRET not in said


def test_what_opens_nothing_is_written_whole(caplog: pytest.LogCaptureFixture):
    said = "Not Found: /items/council/r1-1.2-c18/steps/accept/ and /people/7/mails/ and /activity/x"
    logging.getLogger("django.request").warning(said)

    assert said in lines(caplog.records)


def test_each_address_with_such_a_part_is_masked(caplog: pytest.LogCaptureFixture):
    found = [
        "/" + address.replace("^", "").replace("$", "")
        for address, one in addresses(get_resolver().url_patterns)
        if OPENS & set(one.pattern.converters)
    ]
    assert len(found) >= len(OPENING)
    for address in found:
        written = address.replace("<uidb64>", "MQ")
        for name in OPENS:
            written = written.replace(f"<str:{name}>", SECRET).replace(f"<{name}>", SECRET)
        assert "<" not in written, address
        assert OPENS & set(resolve(written).kwargs), address
        logging.getLogger("django.request").warning("Not Found: %s", written)

    assert SECRET not in lines(caplog.records)


@pytest.mark.processes
def test_web_server_writes_none_of_it_either(
    world: World, child_environment: dict[str, str], tmp_path: Path, transactional_db: None
):
    """The real server, with its log of each request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    options = f"--port {port} --interface wsgi --workers 1 --blocking-threads 1 --no-ws --access-log"
    written = tmp_path / "web.log"
    environment = {**child_environment, "LOG_LEVEL": "INFO"}
    with written.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "granian", *options.split(), "config.wsgi:application"],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
            process_group=0,
        )
    try:
        deadline = time.monotonic() + 60
        while status_of(port, "/healthz") == 0:
            assert server.poll() is None, written.read_text()
            assert time.monotonic() < deadline, written.read_text()
            time.sleep(0.1)
        statuses = [status_of(port, f"{before}{SECRET}{after}/") for before, after in OPENING.items()]
        while '"GET /password/' not in written.read_text():  # the last one, once its line is out
            assert time.monotonic() < deadline, written.read_text()
            time.sleep(0.1)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()

    log = written.read_text()
    assert set(statuses) <= {302, 404, 410, 200}
    assert all(f'"GET {before}…' in log for before in OPENING), log
    assert "Not Found: /act/" in log
    assert SECRET not in log


def status_of(port: int, path: str) -> int:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as caller:
            caller.request("GET", path)
            return caller.getresponse().status
    except OSError:
        return 0


def test_the_log_has_no_way_out_past_the_mask():
    """What django adds of its own (a mail to administrators, a second console) would write lines as they are."""
    kept = [logging.getLogger(name) for name in ("django", "django.server", "granian.access", "huey")]
    handlers = [
        handler
        for logger in [logging.getLogger(), *kept]
        for handler in logger.handlers
        if not type(handler).__module__.startswith("_pytest")
    ]

    assert handlers
    assert [type(handler.formatter) for handler in handlers] == [Masked] * len(handlers)
