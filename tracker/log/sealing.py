"""Sealing: events that were written get their places in the log, then its head is signed.

One sealer at a time; writers never wait for it. The order is that of sealing: an event with a lower id may be committed,
and so sealed, later. Within a stream the order is that of its numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tracker import keys
from tracker.log import findings, published, rows
from tracker.log.judging import judged
from tracker.log.tree import SPAN, Tree, size
from tracker.models import Event, Head, Leaf, Node
from tracker.proofs import merkle, notes

BATCH = 1_000
LOOK_BACK = 10_000  # ids behind the newest sealed one that are looked at first; all of them where the counts differ
_LOCK = 0x5EA1  # of an advisory lock on PostgreSQL


@dataclass
class Sealed:
    """What one sealing did: events added, events refused, the head that it signed."""

    added: int = 0
    refused: list[findings.Found] = field(default_factory=list)
    head: Head | None = None


def seal() -> Sealed:
    """Seal what is not sealed and sign a head over it. Does nothing while another worker is sealing. Raises `published.LogBroken` where
    the log does not go on from the heads that were given out; then nothing was sealed or signed."""
    keys.make_public()
    done = Sealed()
    after = 0
    while True:
        with transaction.atomic():
            if not _my_turn():
                return done
            before = size()
            if after == 0:
                published.require_continues(before)
                _require_ours(before)
            events = list(_unsealed(before, after).values_list("pk", flat=True))
            done.added += _append(before, events, done)
            if len(events) < BATCH:
                done.head = _sign()
                break
            after = events[-1]
    findings.keep(done.refused)
    return done


def _my_turn() -> bool:
    """Whether this is the only sealer until the end of the transaction. SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _unsealed(sealed: int, after: int) -> QuerySet[Event]:
    """The next events without a place, by their ids."""
    waiting = Event.objects.filter(leaf=None, pk__gt=after).order_by("pk")
    newest = Leaf.objects.order_by("-event_id").values_list("event_id", flat=True).first()
    if newest is None:
        return waiting[:BATCH]
    recent = waiting.filter(pk__gt=newest - LOOK_BACK)
    if Event.objects.count() - sealed == recent.count():
        return recent[:BATCH]
    return waiting[:BATCH]


def _append(before: int, events: list[int], done: Sealed) -> int:
    """Give the sound ones among some events their places, after the first `before`. They are read as the verifier reads
    them: one that Python cannot read is refused by name, and keeps no other one waiting."""
    sound = []
    for row, problem in _looked_at(events):
        if problem:
            number = row[2] if type(row[2]) is int else None
            done.refused.append(findings.Found(problem, row[0], str(row[1]), number))
        else:
            sound.append(row)
    if not sound:
        return 0
    growing = Tree().growing(before)
    leaves, nodes = [], []
    for row in sound:
        hash_ = merkle.leaf_hash(bytes.fromhex(row[20]))
        leaves.append(Leaf(position=growing.size, event_id=row[0], hash=hash_.hex()))
        for level, position, closed in growing.add(hash_):
            if level % SPAN == 0:
                nodes.append(Node(level=level, position=position, hash=closed.hex()))
    Leaf.objects.bulk_create(leaves)
    Node.objects.bulk_create(nodes)
    return len(sound)


def _looked_at(events: list[int]) -> Iterator[tuple[Any, str]]:
    """Events in the order of their ids, each with why it may not be sealed, "" where it may: what is sealed is vouched for.
    Events of form 1 are from before there was a log."""
    known, logged = keys.event_keys(), Head.objects.exists()
    for row in rows.unsealed(events):
        yield row, judged(row, known, logged=logged)[0]


def _require_ours(size: int) -> None:
    """Raise `LogBroken` unless the log fits the newest head of the database, and the leaves that no head covers (left by a
    worker that was killed between sealing and signing) are those of sound events."""
    newest = Head.objects.only("size", "root", "note").first()
    signed = newest.size if newest else 0
    if newest and (newest.size > size or _root(newest.size) != newest.root):
        raise published.LogBroken(
            f"The log in the database does not fit its newest head, of {newest.size} events. Run manage.py verify_audit.",
            findings.Found("head", facts={"size": newest.size}),
        )
    _require_leaves_ours(signed)


def _require_leaves_ours(signed: int) -> None:
    """Raise `LogBroken` unless the leaves from a position on follow one another and are those of sound events."""
    beyond = Leaf.objects.filter(position__gte=signed, position__lt=2**62).order_by("position")
    waiting = beyond.values_list("position", "event_id", "hash")
    expected = signed
    while some := list(waiting.filter(position__gte=expected)[:BATCH]):
        looked_at = {row[0]: (row, problem) for row, problem in _looked_at([event for _at, event, _hash in some])}
        for position, event, hash_ in some:
            row, problem = looked_at.get(event, (None, "missing"))
            if position == expected and not problem and merkle.leaf_hash(bytes.fromhex(row[20])).hex() == hash_:
                expected += 1
                continue
            stream, number = (str(row[1]), row[2]) if row else ("", None)
            raise published.LogBroken(
                f"The leaf at {position}, which no head covers, is not of an event that Resolves wrote. "
                "Run manage.py verify_audit.",
                findings.Found("leaf", event, stream, number, position),
            )


def _root(size: int) -> str:
    """The root of the log at a size, in hex; none where leaves below it are missing."""
    try:
        return Tree().root(size).hex()
    except LookupError:
        return ""


def _sign() -> Head | None:
    """Sign the log as it stands, unless its newest head says all there is."""
    now_ = size()
    newest = Head.objects.only("size", "root", "note").first()
    if now_ == 0 or (newest and newest.size >= now_):
        return None
    signing = [keys.log_key()]
    if newest:
        try:
            before = notes.read(newest.note, keys.known_keys())
        except notes.NotAHead as error:
            found = findings.Found("head_signature", facts={"size": newest.size, "why": str(error)[:200]})
            raise published.LogBroken(f"The newest head in the database: {error}", found) from error
        signing += _leaving(before)
    root = Tree().root(now_)
    at = timezone.now().replace(microsecond=0)  # as the signed text says it
    return Head.objects.create(size=now_, root=root.hex(), signed_at=at, note=notes.sign(now_, root, at, signing))


def _leaving(newest: notes.Head) -> list[notes.SecretKey]:
    """The key before, where it has not signed beside the present one yet: it signs the first head after a rotation."""
    leaving = keys.outgoing()
    if leaving is None:
        return []
    if keys.log_key().public in newest.signed_by:
        keys.let_go()
        return []
    return [leaving]
