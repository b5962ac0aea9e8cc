"""Whether the clock goes: its last rounds, the workers that take them, what fails and what waits. In real time, so that a
pinned clock makes no dead worker look alive."""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker import clock
from tracker.models import Failure, Heartbeat, Message, Notice

STILL_AFTER = timedelta(minutes=5)  # a round comes each minute
SEEN_FOR, KEPT_FOR = timedelta(hours=1), timedelta(days=1)
FAILURES_KEPT_FOR = timedelta(days=30)
LATEST = 20
CLOCK, WORKER = "clock", "worker:"
DAILY = ("horizon", "sweep", "retention")
_WORDS = 2000

# Reasons are said to machines in English and translated on pages.
NEVER = gettext_noop("the worker has not gone round yet")
STILL = gettext_noop("no worker has gone round for more than 5 minutes")
AHEAD = gettext_noop("the last round lies ahead: the clock of the machine was put back")


# Keeping it ------------------------------------------------------------------------------------------------------------


def beat(name: str, note: str) -> None:
    """Note that something has just gone round."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now(), "note": note[:300]})


def worker() -> str:
    """The name of this process among the workers: its machine and its number there."""
    return f"{WORKER}{socket.gethostname()[:80]}:{os.getpid()}"


def worker_beat(note: str) -> None:
    """Note that this worker is alive. Workers of yesterday are forgotten, and what has not failed for a month."""
    now = timezone.now()
    beat(worker(), note)
    Heartbeat.objects.filter(name__startswith=WORKER, beat_at__lt=now - KEPT_FOR).delete()
    Failure.objects.filter(over_at__lt=now - FAILURES_KEPT_FOR).delete()


def failed(part: str, error: BaseException) -> None:
    """Keep that a part of a round, or a job, failed: one row for as long as it goes on failing. Whatever state the failure
    left the connection in; what cannot be kept is in the log, where the caller has written it."""
    words = f"{type(error).__name__}: {error}".replace("\x00", "")[:_WORDS]
    _come_to_terms()
    try:
        with transaction.atomic():
            _keep(part, words)
    except DatabaseError:
        _come_to_terms()


def _come_to_terms() -> None:
    """A connection that the failure broke is given up; the next question opens another one."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _keep(part: str, words: str) -> None:
    now = timezone.now()
    columns = {"last_at": now, "words": words, "worker": worker().removeprefix(WORKER)}
    standing = Failure.objects.filter(part=part[:60], over_at=None)
    if standing.update(times=F("times") + 1, **columns):
        return
    try:
        with transaction.atomic():
            Failure.objects.create(part=part[:60], first_at=now, **columns)
    except IntegrityError:  # another worker was first
        standing.update(times=F("times") + 1, **columns)


def went_well(parts: Iterable[str]) -> None:
    """What failed before and went well now is over."""
    Failure.objects.filter(part__in=list(parts), over_at=None).update(over_at=timezone.now())


# Asking ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clock:
    """When the clock last went round, and what is wrong with that ("": nothing)."""

    last: Heartbeat | None
    seconds: float | None
    reason: str

    @property
    def ticking(self) -> bool:
        return not self.reason


def ticking() -> Clock:
    """Whether the clock has gone round within five minutes. One whose last round lies ahead has been put back since, and
    counts as still until the next round."""
    last = Heartbeat.objects.filter(name=CLOCK).first()
    if last is None:
        return Clock(None, None, NEVER)
    seconds = round((timezone.now() - last.beat_at).total_seconds(), 1)
    still = STILL_AFTER.total_seconds()
    reason = ""
    if seconds > still:
        reason = STILL
    elif seconds < -still:
        reason = AHEAD
    return Clock(last, seconds, reason)


def daily_parts() -> list[tuple[str, str, datetime | None]]:
    """Each part that is done once a day: its name, the last day of the clock on which it was, and when."""
    beats = Heartbeat.objects.in_bulk(DAILY)
    return [(name, beats[name].note, beats[name].beat_at) if name in beats else (name, "", None) for name in DAILY]


def workers() -> QuerySet[Heartbeat]:
    """Those that were seen within the last hour, the latest first."""
    seen = Heartbeat.objects.filter(name__startswith=WORKER, beat_at__gt=timezone.now() - SEEN_FOR)
    return seen.order_by("-beat_at", "name")


def standing_failures() -> QuerySet[Failure]:
    """What fails now."""
    return Failure.objects.filter(over_at=None)


def past_failures() -> QuerySet[Failure]:
    """What failed and is over, the latest of it."""
    return Failure.objects.exclude(over_at=None)[:LATEST]


def waiting() -> dict[str, Any]:
    """How much waits: notices that are due, and mails by what has become of them."""
    state = Message.State
    mails = Message.objects.aggregate(
        queued=Count("pk", filter=Q(state__in=[state.QUEUED, state.CLAIMED], attempts__lte=1)),
        retrying=Count("pk", filter=Q(state__in=[state.QUEUED, state.CLAIMED], attempts__gt=1)),
        failed=Count("pk", filter=Q(state=state.FAILED)),
    )
    due = Notice.objects.filter(state=Notice.State.PLANNED, planned_for__lte=clock.today())
    return {"notices": due.count(), **mails}
