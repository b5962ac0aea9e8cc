"""A receipt of an item: its events in full, each with its place in the log and the path to one signed head, as a small file that
proves itself (`resolves_verify.py`) without us.

What its reader may not see stands by its hash alone: the proof of everything else holds as before.
"""

import base64
from collections.abc import Callable, Collection, Iterable
from typing import Any

from tracker import audit
from tracker.log.tree import Tree
from tracker.models import Event, EventWords, Head, Leaf, Occurrence

FORM = "resolves-receipt/1"

# Of some events the ids of those that are to be shown by their hash alone.
Shut = Callable[[list[Event]], Collection[int]]


def nothing(_events: list[Event]) -> Collection[int]:
    """For who may see everything."""
    return ()


def receipt(
    about: Occurrence | str, *, number: int | None = None, words: bool = True, shut: Shut = nothing
) -> dict[str, Any] | None:
    """The receipt of an occurrence, or of any stream by its name; with `number` of that entry alone. None where there is no
    such entry. Without `words` only their commitments are in it."""
    stream = about if isinstance(about, str) else audit.stream(about)
    found = Event.objects.filter(stream=stream).select_related("words").order_by("number")
    events = list(found.filter(number=number) if number else found)
    if not events:
        return None
    head = Head.objects.first()
    places = {event_id: place for event_id, place in _places(events) if head and place < head.size}
    tree = Tree()
    tree.warm(places.values())
    closed = shut(events)
    return {
        "form": FORM,
        "stream": stream,
        "whole": number is None,
        "head": head.note if head else "",
        "entries": [
            {
                "number": event.number,
                **entry(event, open_=event.pk not in closed, words=words),
                **proof(places.get(event.pk), head, tree),
            }
            for event in events
        ],
    }


def entry(event: Event, *, open_: bool, words: bool) -> dict[str, Any]:
    """An event as it is handed out; by its hash alone where it is not open."""
    if not open_:
        return {"hash": event.hash, "event": None}
    shown: dict[str, Any] = {"hash": event.hash, "event": audit.columns(event)}
    beside = _words(event) if words and event.words_hash else None
    return shown | {"salt": beside.salt, "words": beside.words} if beside else shown


def proof(position: int | None, head: Head | None, tree: Tree) -> dict[str, Any]:
    """Where an event stands in the log, with the path from it to the head; nothing while it is not sealed."""
    if position is None or head is None:
        return {"position": None, "path": None}
    return {"position": position, "path": in_base64(tree.inclusion(position, head.size))}


def in_base64(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]


def _words(event: Event) -> EventWords | None:
    """The words beside an event, unless they are gone or were erased."""
    beside = getattr(event, "words", None)
    return beside if beside and beside.words else None


def _places(events: list[Event]) -> Iterable[tuple[int, int]]:
    return Leaf.objects.filter(event__in=[event.pk for event in events]).values_list("event_id", "position")
