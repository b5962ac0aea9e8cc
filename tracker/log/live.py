"""Whether what a page shows of the record is sound: looked at as it is shown, in two questions to the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracker import keys
from tracker.log import rows
from tracker.log.findings import Found
from tracker.log.judging import judged, words_problem
from tracker.log.leaves import signed
from tracker.log.streams import Streams, words_accounted_for
from tracker.models import Event, Head, Leaf
from tracker.proofs import merkle


@dataclass(frozen=True)
class StreamState:
    """How the stream of a subject stands: so many events, so many of them sealed, and the first problem ("" where none)."""

    sound: bool
    events: int
    sealed: int
    problem: str


def states(events: Iterable[Event]) -> dict[int, str]:
    """Event id → "" where it is sound, else a kind of `findings.KINDS`: its own hash and code, its leaf, its words. That it
    follows the one before is seen by a check, and by `stream_state`."""
    found = dict.fromkeys((event.pk for event in events), "")
    if not found:
        return found
    read = rows.of_ids(list(found), signed())
    leaves = dict(Leaf.objects.filter(event__in=list(found)).values_list("event_id", "hash"))
    known, logged = keys.event_keys(), Head.objects.exists()
    found = dict.fromkeys(found, "missing")
    for row in read:
        kind, _hash = judged(row, known, logged=logged)
        found[row[0]] = kind or _leaf_problem(row, leaves.get(row[0])) or _words_problem(row)
    return found


def ours(events: list[int]) -> set[int]:
    """Of some events, by their ids, those that a process of ours wrote and that are as they were written: by their hash, and
    their code or a signed head that covers them."""
    if not events:
        return set()
    known, covered = keys.event_keys(), signed()
    logged = covered > 0 or Head.objects.exists()
    return {row[0] for row in rows.of_ids(events, covered) if not judged(row, known, logged=logged)[0]}


def stream_state(stream: str) -> StreamState:
    """The whole stream of a subject, its chain too."""
    problems: list[Found] = []
    looking = Streams(problems.append)
    leaves = dict(Leaf.objects.filter(event__stream=stream).values_list("event_id", "hash"))
    for page in rows.of_stream(stream, signed()):
        looking.feed(page)
        kinds = ((row[0], _leaf_problem(row, leaves.get(row[0]))) for row in page)
        problems += [Found(kind, pk) for pk, kind in kinds if kind]
    problem = next((found.kind for found in problems if found.kind != "late"), "")
    return StreamState(not problem, looking.events, looking.sealed, problem)


def _leaf_problem(row: Any, leaf: str | None) -> str:
    if leaf is None:
        return ""
    try:
        return "" if merkle.leaf_hash(bytes.fromhex(row[20])).hex() == leaf else "leaf"
    except (TypeError, ValueError):
        return "leaf"


def _words_problem(row: Any) -> str:
    problem = words_problem(row[16], row[22]) if row[16] else ""
    if problem == "emptied":
        return "" if words_accounted_for(row) else "words_emptied"
    return problem
