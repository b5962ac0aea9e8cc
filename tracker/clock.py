"""The one present moment. Every question about what is late, due or in force asks `now()`; nothing else reads a clock for it.

Leases, retries, log-ins and the worker's own rounds use real time (`django.utils.timezone.now`): a pinned clock must not
make a session last for ever or a lease never end.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

_wakers: list[Callable[[], None]] = []
_known: dict[str, timedelta] = {}
_elsewhere: ContextVar[timedelta | None] = ContextVar("resolves_clock_elsewhere", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC: the real one, or in the demo and the tests the pinned one, running on."""
    return timezone.now() + _offset()


def today(time_zone: str = "UTC") -> date:
    """The present day in a body's time zone (an IANA name such as `Europe/Zurich`)."""
    return now().astimezone(ZoneInfo(time_zone)).date()


def pinned() -> bool:
    """Whether the present moment is a demonstration's."""
    return bool(settings.RESOLVES_NOW)


@contextlib.contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within this block it is that moment, running on, for this thread alone: for a round taken by hand in the demo and
    the tests. Refused in production (ImproperlyConfigured)."""
    if settings.MODE == "production":
        raise ImproperlyConfigured("The clock is moved in the demo and the tests only.")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    token = _elsewhere.set(moment - timezone.now())
    try:
        yield
    finally:
        _elsewhere.reset(token)


def _offset() -> timedelta:
    elsewhere = _elsewhere.get()
    if elsewhere is not None:
        return elsewhere
    pin = settings.RESOLVES_NOW
    if not pin:
        return timedelta(0)
    if pin not in _known:
        _known[pin] = _kept_offset(pin)
    return _known[pin]


def _kept_offset(pin: str) -> timedelta:
    """The pin as an offset from real time, written once beside the database, so that all processes and all later
    starts share it and time runs on from the pin."""
    try:
        moment = datetime.fromisoformat(pin)
    except ValueError as error:
        raise ImproperlyConfigured(f"RESOLVES_NOW is {pin!r}: write it as 2018-02-16T09:00.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    offset = moment - timezone.now()
    try:
        descriptor = os.open(settings.CLOCK_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640)
    except FileExistsError:
        kept = json.loads(settings.CLOCK_FILE.read_text() or "{}")
        if kept.get("pin") == pin:
            return timedelta(seconds=kept["offset_seconds"])
        descriptor = os.open(settings.CLOCK_FILE, os.O_TRUNC | os.O_WRONLY)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"pin": pin, "offset_seconds": offset.total_seconds()}, file)
    return offset


def on_wake(answer: Callable[[], None]) -> None:
    """Register what a round of the clock is asked of (the worker's queue does, at start-up)."""
    if answer not in _wakers:
        _wakers.append(answer)


def wake() -> None:
    """Ask for a round of the clock once the present transaction is safe. Losing it is harmless: the periodic round follows."""
    for answer in _wakers:
        transaction.on_commit(answer, robust=True)
