"""Sealing: events that were written get their places in the log, then its head is signed.

One sealer at a time; writers never wait for it. The order is that of sealing: an event with a lower id may be committed,
and so sealed, later. Within a stream the order is that of its numbers.
"""

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tracker import audit, keys
from tracker.log import findings, published
from tracker.log.tree import SPAN, Tree, size
from tracker.models import Event, Head, Leaf, Node
from tracker.proofs import digests, merkle, notes

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
            events = list(_unsealed(before, after))
            done.added += _append(before, events, done)
            if len(events) < BATCH:
                done.head = _sign()
                break
            after = events[-1].pk
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


def _append(before: int, events: list[Event], done: Sealed) -> int:
    """Give the sound ones among some events their places, after the first `before`."""
    first_ever = not Head.objects.exists()
    sound = []
    for event in events:
        if problem := _problem(event, first_ever=first_ever):
            done.refused.append(findings.Found(problem, event.pk, event.stream, event.number))
        else:
            sound.append(event)
    if not sound:
        return 0
    growing = Tree().growing(before)
    leaves, nodes = [], []
    for event in sound:
        hash_ = merkle.leaf_hash(bytes.fromhex(event.hash))
        leaves.append(Leaf(position=growing.size, event=event, hash=hash_.hex()))
        for level, position, closed in growing.add(hash_):
            if level % SPAN == 0:
                nodes.append(Node(level=level, position=position, hash=closed.hex()))
    Leaf.objects.bulk_create(leaves)
    Node.objects.bulk_create(nodes)
    return len(sound)


def _problem(event: Event, *, first_ever: bool) -> str:
    """Why an event may not be sealed: what is sealed is vouched for. Events of form 1 are from before there was a log."""
    columns = audit.columns(event)
    if event.algorithm not in digests.FORMS:
        return "form"
    if digests.digest(columns) != event.hash:
        return "changed"
    if event.algorithm == 1:
        return "" if first_ever else "forged"
    return "" if genuine(columns) else "forged"


def genuine(columns: dict[str, object]) -> bool:
    """Whether a process with a key of ours wrote the event."""
    key = keys.event_keys().get(str(columns["mac"]).partition(":")[0])
    return key is not None and digests.code(columns, key) == columns["mac"]


def _require_ours(size: int) -> None:
    """Raise `LogBroken` unless the log fits the newest head of the database, and the leaves that no head covers (left by a
    worker that was killed between sealing and signing) are those of sound events."""
    newest = Head.objects.first()
    signed = newest.size if newest else 0
    if newest and (newest.size > size or _root(newest.size) != newest.root):
        raise published.LogBroken(
            f"The log in the database does not fit its newest head, of {newest.size} events. Run manage.py verify_audit.",
            findings.Found("head", facts={"size": newest.size}),
        )
    for leaf in Leaf.objects.filter(position__gte=signed).order_by("position").select_related("event").iterator():
        event = leaf.event
        fits = merkle.leaf_hash(bytes.fromhex(event.hash)).hex() == leaf.hash
        if not fits or _problem(event, first_ever=newest is None):
            raise published.LogBroken(
                f"The leaf at {leaf.position}, which no head covers, is not of an event that Resolves wrote. "
                "Run manage.py verify_audit.",
                findings.Found("leaf", event.pk, event.stream, event.number, leaf.position),
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
    newest = Head.objects.first()
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
