"""Processor time: what a request costs whatever else runs on the machine, of the web process and of the database together.

Read from /proc, so on Linux and for a database on the same machine; elsewhere there is none to tell.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import psycopg

TICK = os.sysconf("SC_CLK_TCK")
PARENT, OWN_AND_CHILDREN = 1, slice(11, 15)  # fields of /proc/…/stat after the name of the program


def families(server: str | None) -> list[int]:
    """The processes whose children are counted: this one (it has started the web process) and the database's own."""
    found = [os.getpid()]
    if server:
        with psycopg.connect(server) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row
            with contextlib.suppress(OSError):
                found.append(int(_stat(str(row[0]))[PARENT]))
    return found


def spent(of: list[int]) -> float:
    """Milliseconds that everything under these processes has taken until now, those that have ended included."""
    children: dict[int, list[tuple[int, int]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = _stat(folder.name)
            ticks = sum(map(int, fields[OWN_AND_CHILDREN]))
            children.setdefault(int(fields[PARENT]), []).append((int(folder.name), ticks))
    total, to_do = 0, list(of)
    while to_do:
        for pid, ticks in children.get(to_do.pop(), []):
            total += ticks
            to_do.append(pid)
    return total / TICK * 1000


def of_each(request: Callable[[], float], times: int, family: list[int]) -> float:
    """Milliseconds of processor time that a request takes, on average of so many."""
    before = spent(family)
    for _ in range(times):
        request()
    return (spent(family) - before) / times


def _stat(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
