"""Verifying the record: reads all of it, in little memory and while others write, and names the row where it is not what
was written. What is looked at, and what cannot be found, is in `docs/verifying.md`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker import triggers
from tracker.log import replay as replaying
from tracker.log import rows
from tracker.log.findings import Found
from tracker.log.leaves import Leaves, signed
from tracker.log.streams import Streams
from tracker.log.tree import size as size_now
from tracker.models import Event
from tracker.proofs import notes

KEPT = 1_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """What a check saw: the log's size and root, the events read, what it found (the first thousand, and how many)."""

    size: int
    events: int
    root: str
    findings: tuple[Found, ...]
    found: int
    seconds: float


@dataclass
class _Heap:
    """What was found so far."""

    findings: list[Found] = field(default_factory=list)
    count: int = 0

    def add(self, found: Found) -> None:
        self.count += 1
        if len(self.findings) < KEPT:
            self.findings.append(found)


def verify(
    *,
    since: int = 0,
    held: notes.Head | None = None,
    replay: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Check the whole record, or what was sealed after the first `since` events. `held`: a head that somebody kept, which
    the log must go on from. `progress` is told how many events of how many are done; what stands is compared with the record
    only in a check of the whole."""
    began = time.monotonic()
    heap = _Heap()
    size = size_now()
    total = max(1, Event.objects.count() if since == 0 else size - since)
    tell = progress or (lambda _done, _total: None)
    tell(0, total)

    streams = Streams(heap.add, apart=since > 0)
    covered = signed()
    for page in rows.since(since, covered) if since else rows.whole(covered):
        streams.feed(page)
        tell(min(total, streams.events) // 2, total)
    for event, stream, number in rows.loose_words():
        heap.add(Found("words_added", event, stream or "", number))

    if since > size:
        heap.add(Found("tail", position=size, facts={"given_out": since, "log": size}))
    leaves = Leaves(heap.add, since=min(since, size), size=size, unsound=streams.unsound)
    sealed = max(1, size - since)
    root = leaves.look(held, lambda at: tell((total + total * (at - since) // sealed) // 2, total))

    for name in triggers.missing():
        heap.add(Found("trigger", facts={"trigger": name}))
    if replay and not since:
        _replay(heap)
    tell(total, total)
    return Report(size, streams.events, root.hex(), tuple(heap.findings), heap.count, time.monotonic() - began)


def _replay(heap: _Heap) -> None:
    """Compare what stands with the record. A subject past reading is named by the replay itself; should all of it be, that is
    a finding too: a check that broke off would say nothing of all the rest."""
    try:
        for found in replaying.differences():
            heap.add(found)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        heap.add(Found("state", facts={"unreadable": f"{type(error).__name__}: {error}"[:200]}))
