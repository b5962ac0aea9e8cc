"""The witness: an address on somebody else's machine that is shown each head and remembers (c2sp.org/tlog-witness).

It cosigns only a head that goes on from the last one it saw; so a log that was cut or written anew is found by somebody who
cannot be told to forget. It never holds up the round: few seconds a try, and after a failure a delay that grows.
"""

import base64
import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from tracker.log import findings
from tracker.log.tree import Tree
from tracker.models import Delivery, Head
from tracker.proofs import cosignatures
from tracker.proofs.notes import NotAKey

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds for one question, whatever the other side does
MOST = 16 * 1024  # bytes of an answer that are read
ROUNDS = 2  # how often it may name another size, as where two workers ask at once
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=24)
AHEAD = timedelta(
    minutes=10
)  # a try that lies further ahead was of a clock that was put back since: nobody waits for it


class Refused(RuntimeError):
    """The witness did not cosign; says why."""


@dataclass(frozen=True)
class Answer:
    """What the witness said."""

    status: int
    text: str


def show(*, now: datetime | None = None) -> bool:
    """Show the newest head to the witness, unless it has seen it or the delay after a failure still runs; whether it was
    cosigned. What went wrong is kept in the row and in the log of the process, and never raised."""
    head = Head.objects.first()
    if not settings.LOG_WITNESS_URL or head is None:
        return False
    now = now or timezone.now()
    row = _claimed(head, now)
    if row is None:
        return False
    try:
        said = _cosigned(head)
    except (Refused, NotAKey, OSError, HTTPException, LookupError, ValueError) as error:
        log.warning("The witness has not cosigned the head of %s events: %s", head.size, error)
        Delivery.objects.filter(pk=row.pk).update(answer=f"{type(error).__name__}: {error}"[:2_000])
        return False
    Delivery.objects.filter(pk=row.pk).update(done_at=timezone.now(), answer=said)
    findings.standing().filter(facts__has_key="witness").update(gone_at=timezone.now())
    return True


def lines(head: Head) -> list[str]:
    """The cosignatures of a head that were kept."""
    kept = Delivery.objects.filter(head=head, way=Delivery.Way.WITNESS).exclude(done_at=None)
    return [line for said in kept.values_list("answer", flat=True) for line in said.splitlines()]


def _claimed(head: Head, now: datetime) -> Delivery | None:
    """The row of this head, claimed by this worker; None where there is nothing to do or another worker does it. A head
    that was never taken gives its row, and its delay, to the next one."""
    way, to = Delivery.Way.WITNESS, settings.LOG_WITNESS_URL[:300]
    row = Delivery.objects.filter(way=way, to=to).select_related("head").order_by("-head__size").first()
    if row is None or (row.done_at and row.head.size < head.size):
        row, _new = Delivery.objects.get_or_create(head=head, way=way, to=to)
    if row.done_at or (row.tried_at and row.tried_at - AHEAD <= now < row.tried_at + delay(row.attempts)):
        return None
    mine = Delivery.objects.filter(pk=row.pk, attempts=row.attempts, done_at=None).update(
        head=head, attempts=F("attempts") + 1, tried_at=now
    )
    return row if mine else None


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts: a minute, then twice as long each time, a day at most."""
    return min(FIRST_DELAY * 2 ** (min(attempts, 20) - 1), LONGEST_DELAY) if attempts else timedelta()


# The protocol ---------------------------------------------------------------------------------------------------------


def _cosigned(head: Head) -> str:
    """The cosignature lines of the witness for a head. `Refused` where it has none to give."""
    known = cosignatures.witness_key(settings.LOG_WITNESS_KEY) if settings.LOG_WITNESS_KEY else None
    seen = _last_seen()
    answer = _asked(head, seen)
    for _again in range(ROUNDS):
        if answer.status != 409 or (size := _size(answer.text)) == seen:
            break
        _require_not_cut(head, size)
        seen = size
        answer = _asked(head, seen)
    if answer.status == 422 or (answer.status == 409 and _size(answer.text) == seen):
        _accuse(head, seen)
        raise Refused(f"{answer.status}: the log does not go on from the {seen} events that it saw.")
    if answer.status != 200:
        raise Refused(f"{answer.status} {answer.text[:200]}")
    said = [line for line in answer.text.splitlines() if line.startswith("\N{EM DASH} ")]
    if known is not None and cosignatures.cosigned(head.note, said, known) is None:
        raise Refused(f"Its answer holds no cosignature of {known.name}.")
    if not said:
        raise Refused("Its answer holds no cosignature.")
    return "\n".join(said)


def _last_seen() -> int:
    """The size of the newest head that it cosigned, as far as we know; it says so itself where it knows better."""
    done = Delivery.objects.filter(way=Delivery.Way.WITNESS, to=settings.LOG_WITNESS_URL[:300]).exclude(done_at=None)
    return done.order_by("-head__size").values_list("head__size", flat=True).first() or 0


def _asked(head: Head, seen: int) -> Answer:
    """Show it a head that goes on from the size that it saw."""
    path = Tree().consistency(seen, head.size) if seen else []
    proof = "".join(f"{base64.b64encode(one).decode()}\n" for one in path)
    return _posted(
        f"{settings.LOG_WITNESS_URL.rstrip('/')}/add-checkpoint", f"old {seen}\n{proof}\n{head.note}".encode()
    )


def _size(text: str) -> int:
    """The size that a witness names in its refusal."""
    if not re.fullmatch(r"(0|[1-9][0-9]{0,17})\n?", text):
        raise Refused("409, and its answer is no size.")
    return int(text)


def _require_not_cut(head: Head, size: int) -> None:
    """A witness that saw more than there is knows of a log that was cut."""
    if size <= head.size:
        return
    newest = Head.objects.first()
    if newest is not None and size <= newest.size:
        raise Refused(f"Another worker has shown it {size} events meanwhile.")
    _accuse(head, size)
    raise Refused(
        f"It has seen {size} events, and the log has {head.size}: the log was cut. Run manage.py verify_audit."
    )


def _accuse(head: Head, seen: int) -> None:
    """Keep as a finding that the witness remembers another log."""
    kind = "tail" if seen > head.size else "exported"
    findings.keep([findings.Found(kind, facts={"witness": urlsplit(settings.LOG_WITNESS_URL).netloc, "size": seen})])


# The line -------------------------------------------------------------------------------------------------------------


def _posted(address: str, body: bytes) -> Answer:
    """One POST, over within `PATIENCE`; redirects are not followed."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(f"LOG_WITNESS_URL is {settings.LOG_WITNESS_URL!r}: give an address with http:// or https://.")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(kind(parts.hostname, parts.port, timeout=PATIENCE)) as line:
        line.connect()
        with _ended_after(line.sock, PATIENCE):
            line.request("POST", parts.path, body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = line.getresponse()
            return Answer(answer.status, answer.read(MOST).decode("utf-8", "replace"))


@contextmanager
def _ended_after(line: socket.socket, seconds: float) -> Iterator[None]:
    """Hang up after that time: a server that answers a letter a second must not keep us."""

    def hang_up() -> None:
        with suppress(OSError):  # the other side has hung up already
            line.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(seconds, hang_up)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
