"""`python -m tests.reliability.dying`: has workers die while they send mails, each at a point of its own.

It reads orders from its standard input, one JSON object a line, and answers each with one: `{"at": 7}` forks a worker that
sends what is queued and kills itself (-9) at its seventh point, `{"after": 0.2}` one that is killed by its process id after so
many seconds, `{}` one that may live. The answer names the point (`died`, "" where it lived). Points lie before and after
each question to the database, each commit, and each thing said to and heard from the mail server.
"""

import json
import os
import signal
import smtplib
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  (set up first)

from workflows import notices, reminders  # noqa: E402


class Points:
    """Counts where a worker has come, and ends it at one of them."""

    def __init__(self, at: int, told: int) -> None:
        self.at, self.told, self.count = at, told, 0

    def reach(self, name: str) -> None:
        self.count += 1
        if self.count == self.at:
            os.write(self.told, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, method: str, named: Callable[..., str]) -> None:
        """Points before and after each call of a method."""
        real = getattr(owner, method)

        def call(*given: Any, **more: Any) -> Any:
            name = named(*given)
            self.reach(f"before {name}")
            answer = real(*given, **more)
            self.reach(f"after {name}")
            return answer

        setattr(owner, method, call)

    def ask(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        name = " ".join(sql.replace('"', "").split()[:3])
        self.reach(f"before {name}")
        answer = execute(sql, params, many, context)
        self.reach(f"after {name}")
        return answer


def work(points: Points) -> None:
    """What the clock's round does about mails that are queued."""
    connection.execute_wrappers.append(points.ask)
    points.around(connection, "_commit", lambda: "COMMIT")
    points.around(smtplib.SMTP, "putcmd", lambda _line, command, *_more: command)
    points.around(smtplib.SMTP, "data", lambda *_given: "the mail")
    points.around(smtplib.SMTP, "connect", lambda *_given: "connecting")
    notices.send(reminders.outdated)


def one_worker(order: dict[str, Any]) -> str:
    heard, told = os.pipe()
    connection.close()
    child = os.fork()
    if child == 0:
        os.close(heard)
        ended_well = False
        try:
            work(Points(int(order.get("at", 0)), told))
            ended_well = True
        finally:
            os._exit(not ended_well)
    os.close(told)
    if "after" in order:
        time.sleep(float(order["after"]))
        os.kill(child, signal.SIGKILL)  # a zombie until we have waited for it: never somebody else's id
    _pid, status = os.waitpid(child, 0)
    with os.fdopen(heard, "rb") as pipe:
        point = pipe.read().decode()
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("A worker ended by an error of its own.")
    return point or ("somewhere" if os.WIFSIGNALED(status) else "")


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps({"died": one_worker(json.loads(line))}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
