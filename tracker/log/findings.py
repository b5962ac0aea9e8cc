"""What was found wrong with the record: kept, so that it shows wherever the event appears and an alarm goes out once."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from tracker.models import Check, Event, Finding
from tracker.proofs.canonical import canonical

# Each kind with its sentence; `facts` fill the places. Kinds are part of the format of `verify_audit --json`.
KINDS = {
    "changed": "a column of the event was changed",
    "words": "the words beside the event were changed",
    "words_missing": "the words beside the event are gone",
    "words_emptied": "the words beside the event were emptied and no event says so",
    "words_added": "words stand beside an event that has none",
    "chain": "the event does not follow the one before it",
    "gap": "events are missing before this one",
    "double": "two events claim the same number",
    "forged": "the event does not carry the code of a process of ours",
    "form": "the event names a form of the hash that there never was",
    "missing": "an event that was sealed is gone",
    "leaf": "the leaf of the log does not fit its event",
    "leaf_gap": "leaves of the log are missing before this one",
    "node": "a node of the log does not fit the leaves below it",
    "late": "the event was never sealed",
    "head": "a signed head does not fit the log",
    "head_signature": "a head is not signed by a known key",
    "tail": "the log is shorter than a head says that was given out",
    "head_missing": "a head that was given out is not in the database",
    "exported": "a head that was given out does not fit the log",
    "state": "what stands is not what the record says",
    "state_missing": "the record speaks of a row that is not there",
    "state_unrecorded": "a row stands that the record does not know",
    "trigger": "a guard of the record is missing in the database",
}

_SAFE = 2**53
_DEEP = 20  # lists within lists that are kept


@dataclass(frozen=True)
class Found:
    """One finding, not kept yet. `event` is the id of the row, where it is about one."""

    kind: str
    event: int | None = None
    stream: str = ""
    number: int | None = None
    position: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same finding, found again, has the same key."""
        named = [self.kind, self.event, self.stream, self.number, self.position, self.facts]
        try:
            written = canonical(named)
        except (TypeError, ValueError, RecursionError):
            written = canonical(storable(named))
        return hashlib.sha256(written).hexdigest()


def storable(value: Any, depth: int = 0) -> Any:
    """A value as any database can keep it: a row that somebody spoilt may hold what none of ours would write (half letters,
    numbers without end), and must be named all the same."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode().replace("\0", "\\0")
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < _SAFE):
        return value
    if isinstance(value, list | tuple) and depth < _DEEP:
        return [storable(one, depth + 1) for one in value]
    if isinstance(value, dict) and depth < _DEEP:
        return {str(storable(str(key))): storable(one, depth + 1) for key, one in value.items()}
    if isinstance(value, float) and math.isfinite(value):
        return value
    return "…" if isinstance(value, list | tuple | dict) else str(value)[:200]


def _countable(found: Found) -> tuple[dict[str, int | None], dict[str, Any]]:
    """The numbers of a finding that a column can hold, and those that none can, which go with the facts."""
    columns: dict[str, int | None] = {"event_number": found.event, "number": found.number, "position": found.position}
    wrong = {name: n for name, n in columns.items() if n is not None and not (type(n) is int and 0 <= n < 2**63)}
    return {name: None if name in wrong else n for name, n in columns.items()}, {k: str(v) for k, v in wrong.items()}


def keep(found: Iterable[Found], *, check: Check | None = None) -> int:
    """Keep what was found; what stands already is left as it is, what had gone stands again. Returns how many are new."""
    new = 0
    for one in found:
        numbers, uncountable = _countable(one)
        kept, made = Finding.objects.get_or_create(
            key=one.key,
            defaults={
                "kind": one.kind,
                "stream": storable(one.stream)[:160],
                "facts": storable(one.facts) | uncountable,
                **numbers,
                "found_by": check,
                "found_at": timezone.now(),
            },
        )
        if not made and kept.gone_at is not None:
            Finding.objects.filter(pk=kept.pk).update(gone_at=None, told_at=None, found_by=check)
        new += made or kept.gone_at is not None
    return new


def standing() -> Any:
    """The findings that stand."""
    return Finding.objects.filter(gone_at=None)


def of(events: Iterable[Event]) -> dict[int, list[Finding]]:
    """Event id → the findings that stand about it."""
    events = list(events)
    about: dict[int, list[Finding]] = {}
    if not events:
        return about
    places = {(event.stream, event.number): event.pk for event in events}
    wanted = Q(event_number__in=[event.pk for event in events]) | Q(stream__in={event.stream for event in events})
    for finding in standing().filter(wanted):
        pk = finding.event_number or places.get((finding.stream, finding.number))
        if pk is not None:
            about.setdefault(pk, []).append(finding)
    return about
