"""The log as JSON lines, for whoever wants to hold it against its heads on a machine of their own (`resolves_verify.py`).

The first line says what this is: the log's name, how many events, the signed head. Each other line is an event with its
position. What the reader may not see stands by its hash alone, so that the whole log can be held against its head by
anybody. Read in batches: memory does not grow with the log.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import F, QuerySet

from tracker.log.receipts import Shut, entry, in_base64, nothing, proof
from tracker.log.tree import Tree
from tracker.models import Event, Head

FORM = "resolves-export/1"
BATCH = 1_000


class NothingSealed(LookupError):
    """There is no signed head yet, or none as old as was asked for."""


def lines(
    events: QuerySet[Event] | None = None, *, since: int = 0, words: bool = False, shut: Shut = nothing
) -> Iterator[str]:
    """The whole log up to its newest head, or what came after its first `since` events; or only some events, each with its
    own proof, which says that it is not complete. `NothingSealed` at once where there is no head."""
    head = Head.objects.first()
    if head is None:
        raise NothingSealed("Nothing is sealed yet: the worker seals what was written within a minute.")
    if not 0 <= since <= head.size:
        raise NothingSealed(f"The newest head is of {head.size} events; there is nothing from position {since} on.")
    return _some(events, head, words, shut) if events is not None else _all(head, since, words, shut)


def _all(head: Head, since: int, words: bool, shut: Shut) -> Iterator[str]:
    peaks = in_base64(peak for _level, peak in Tree().peaks(since))
    yield _line({**_top(head), "complete": True, "since": since, "peaks": peaks})
    sealed = Event.objects.select_related("leaf", "words").order_by("leaf__position")
    for start in range(since, head.size, BATCH):
        end = min(start + BATCH, head.size)
        batch = list(sealed.filter(leaf__position__gte=start, leaf__position__lt=end))
        closed = shut(batch)
        for event in batch:
            shown = entry(event, open_=event.pk not in closed, words=words)
            yield _line({"position": event.leaf.position, **shown})


def _some(events: QuerySet[Event], head: Head, words: bool, shut: Shut) -> Iterator[str]:
    """In the order of the log, what is not sealed last."""
    yield _line({**_top(head), "complete": False})
    chosen = events.order_by(F("leaf__position").asc(nulls_last=True), "pk").values_list("pk", flat=True)
    waiting = chosen.iterator(BATCH)
    while keys := list(islice(waiting, BATCH)):
        found = Event.objects.select_related("leaf", "words").in_bulk(keys)
        batch = [found[key] for key in keys if key in found]
        places = {event.pk: event.leaf.position for event in batch if hasattr(event, "leaf")}
        places = {key: place for key, place in places.items() if place < head.size}
        closed, tree = shut(batch), Tree()
        tree.warm(places.values())
        for event in batch:
            shown = entry(event, open_=event.pk not in closed, words=words)
            yield _line({**shown, **proof(places.get(event.pk), head, tree)})


def _top(head: Head) -> dict[str, Any]:
    return {"form": FORM, "origin": head.note.partition("\n")[0], "size": head.size, "head": head.note}


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
