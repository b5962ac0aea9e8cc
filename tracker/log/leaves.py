"""The second look at the record: the log itself. Leaves in the order of their positions, each against its event; the nodes
that are kept; every head that was signed, in the database and where it was given out, against the tree as it comes out.

Where a leaf and its event disagree the tree is followed both ways, so that one row that was changed is one finding and not
a thousand.
"""

import contextlib
import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker import keys
from tracker.log import published, rows
from tracker.log.findings import Found
from tracker.log.judging import moment
from tracker.log.tree import SPAN, Tree
from tracker.log.tree import size as size_now
from tracker.models import Head, Leaf, Node
from tracker.proofs import merkle, notes

PAGE = 8_192
HEADS = 500


@dataclass(frozen=True, order=True)
class Mark:
    """A head to hold the tree against, once it has that size."""

    size: int
    kind: str = field(compare=False)  # "head": in the database; "exported": given out
    root: bytes = field(compare=False)
    facts: dict[str, Any] = field(compare=False, default_factory=dict)


class Leaves:
    """Looks at the log from `since` to `size`; `unsound` are the events in which the first look found something."""

    def __init__(self, say: Callable[[Found], None], *, since: int, size: int, unsound: set[int]) -> None:
        self._say = say
        self._since, self._size = since, size
        self._unsound = unsound
        self._trees: list[merkle.Growing] = []
        self._missing: list[tuple[int, int | None]] = []  # (position, event) of a run of leaves whose events are gone
        self._nodes: dict[int, tuple[int, dict[int, str]]] = {}
        self._good = since  # the size of the last head that fitted
        self._broken: set[str] = set()  # kinds of heads of which one did not fit: those after it say nothing new

    def look(self, held: notes.Head | None, progress: Callable[[int], None]) -> bytes:
        """Go through the log; the root that it has."""
        self._trees = self._begun()
        marks = self._marks(held)
        mark = next(marks, None)
        at = self._since
        while True:
            while mark and mark.size <= at:
                self._hold(mark)
                mark = next(marks, None)
            if at >= self._size:
                break
            end = min(self._size, at + PAGE, mark.size if mark else self._size)
            at = self._stretch(at, end)
            progress(at)
        self._flush()
        self._beyond()
        return self._trees[0].root() if self._trees else merkle.EMPTY

    def _begun(self) -> list[merkle.Growing]:
        try:
            return [Tree().growing(self._since)]
        except (LookupError, ValueError):
            self._say(Found("leaf_gap", position=0, facts={"to": self._since - 1}))
            return []

    # Leaves and nodes ----------------------------------------------------------------------------------------------------

    def _stretch(self, start: int, end: int) -> int:
        """The leaves from one position to before another; where there are none, to the next that is there."""
        expected = start
        sound: list[bytes] = []  # hashes of leaves that fit their events, not in the tree yet
        found = rows.leaves(start, end)
        if not found:
            end = self._next_leaf(end)
        for position, event, kept, hash_ in found:
            good = _leaf(hash_)
            if position == expected and good == kept:
                sound.append(bytes.fromhex(kept))
                expected += 1
                continue
            self._extend(sound)
            sound = []
            if position < expected:
                self._say(Found("leaf", event, position=position, facts={"twice": True}))
                continue
            if position > expected:
                self._gap(expected, position - 1)
            expected = position + 1
            if good == kept:
                sound.append(bytes.fromhex(kept))
            else:
                self._differs(position, event, kept, hash_, good)
        self._extend(sound)
        if expected < end:
            self._gap(expected, end - 1)
        return end

    def _next_leaf(self, position: int) -> int:
        """The place of the next leaf from a position on; nobody walks a million million empty places."""
        there = Leaf.objects.filter(position__gte=position, position__lt=self._size).order_by("position")
        return int(there.values_list("position", flat=True).first() or self._size)

    def _extend(self, leaves: list[bytes]) -> None:
        if self._trees and leaves:
            self._closed([tree.extend(leaves, span=SPAN) for tree in self._trees])

    def _gap(self, first: int, last: int) -> None:
        self._say(Found("leaf_gap", position=first, facts={"to": last, "leaves": last - first + 1}))
        self._trees = []  # nothing can be told of the tree after it

    def _differs(self, position: int, event: int, kept: Any, hash_: Any, good: str) -> None:
        """A leaf that does not fit its event: which of them was changed shows at the next head."""
        if hash_ is None:
            self._gone(position, event)
        elif event not in self._unsound:
            self._say(Found("leaf", event, position=position))
        as_kept = _hash(kept)
        as_event = _hash(good) if event not in self._unsound else None
        self._add(as_event or as_kept, as_kept or as_event)

    def _gone(self, position: int, event: Any) -> None:
        if self._missing and self._missing[-1][0] != position - 1:
            self._flush()
        self._missing = [*self._missing[:1], (position, event if type(event) is int else None)]

    def _flush(self) -> None:
        """Events that are gone one after another are one finding."""
        if not self._missing:
            return
        (first, event), (last, _event) = self._missing[0], self._missing[-1]
        facts = {} if first == last else {"to": last, "events": last - first + 1}
        self._say(Found("missing", event, position=first, facts=facts))
        self._missing = []

    def _add(self, leaf: bytes | None, other: bytes | None) -> None:
        """Add a leaf; `other`: what it may have been as well. Without either nothing can be told of the tree after it."""
        if leaf is None or other is None:
            self._trees = []
        elif self._trees:
            if other != leaf and len(self._trees) == 1:
                self._trees.append(self._trees[0].copy())
            ways = zip(self._trees, (leaf, other), strict=False)
            self._closed([[one for one in tree.add(hash_) if one[0] % SPAN == 0] for tree, hash_ in ways])

    def _closed(self, ways: list[list[tuple[int, int, bytes]]]) -> None:
        """Subtrees that are complete now, each way that the tree was followed."""
        for steps in zip(*ways, strict=False):
            level, position, _hash = steps[0]
            kept = self._node(level, position)
            if kept not in {step[2].hex() for step in steps}:
                facts = {"level": level, "node": position} | ({} if kept else {"gone": True})
                self._say(Found("node", position=position << level, facts=facts))

    def _node(self, level: int, position: int) -> str | None:
        first, found = self._nodes.get(level, (-1, {}))
        if first != position >> SPAN:
            first = position >> SPAN
            span = {"position__gte": first << SPAN, "position__lt": (first + 1) << SPAN}
            found = dict(Node.objects.filter(level=level, **span).values_list("position", "hash"))
            self._nodes[level] = (first, found)
        return found.get(position)

    # Heads ---------------------------------------------------------------------------------------------------------------

    def _hold(self, mark: Mark) -> None:
        """Hold the tree against a head."""
        if not self._trees or mark.kind in self._broken:
            return
        fits = [tree for tree in self._trees if tree.root() == mark.root]
        if fits:
            self._good = max(self._good, mark.size)
            self._trees = fits[:1]
            return
        self._broken.add(mark.kind)
        facts = {"size": mark.size, "after": self._good, **mark.facts}
        self._say(Found(mark.kind, position=mark.size - 1, facts=facts))

    def _marks(self, held: notes.Head | None) -> Iterator[Mark]:
        """Every head from `since` on, smallest first; those beyond the log are said elsewhere."""
        known = keys.known_keys()
        given = [Mark(held.size, "exported", held.root, {"held": True})] if held else []
        found = heapq.merge(self._in_database(known), self._given_out(), given)
        return (mark for mark in found if self._since <= mark.size <= self._size)

    def _in_database(self, known: tuple[notes.PublicKey, ...]) -> Iterator[Mark]:
        after = self._since - 1
        while True:
            heads = rows.heads(after, self._size, HEADS)
            for size, root, at, note in heads:
                try:
                    said = notes.read(note, known)
                except (TypeError, ValueError) as error:
                    self._say(Found("head_signature", facts={"size": size, "why": str(error)[:200]}))
                    continue
                if (said.size, said.root.hex(), said.at and said.at.isoformat()) != (size, root, moment(at)):
                    self._say(Found("head", position=size - 1, facts={"size": size, "row": True}))
                if said.size >= size:
                    yield Mark(said.size, "head", said.root)
            if len(heads) < HEADS:
                return
            after = heads[-1][0]

    def _given_out(self) -> Iterator[Mark]:
        """The heads that were given out, as far as the log goes; what is wrong with one is said here."""
        last, beyond = 0, 0
        there: tuple[int, set[int]] = (0, set())
        for line, head in published.lines():
            if isinstance(head, notes.NotAHead):
                self._say(Found("exported", facts={"line": line, "why": str(head)[:200]}))
                continue
            if head.size < last:
                self._say(Found("exported", facts={"line": line, "size": head.size, "order": True}))
                continue
            last = head.size
            if head.size > self._size:
                beyond = head.size
            elif head.size >= self._since:
                if not there[1] or head.size > there[0]:
                    there = _sizes_from(head.size)
                if head.size not in there[1] and not Head.objects.filter(size=head.size).exists():
                    self._say(Found("head_missing", position=head.size - 1, facts={"size": head.size}))
                yield Mark(head.size, "exported", head.root, {"line": line})
        now = size_now()
        if beyond > now:
            self._say(Found("tail", position=now, facts={"given_out": beyond, "log": now}))

    def _beyond(self) -> None:
        """Heads and nodes of the database that stand where there is no log. The log grows while we look: what seems to stand
        beyond it is held against its size once more."""
        now = size_now()
        heads = list(Head.objects.filter(size__gt=now).order_by("-size").values_list("size", flat=True)[:1])
        if heads and heads[0] > (now := size_now()):
            self._say(Found("head", position=now, facts={"size": heads[0], "log": now}))
        levels = range(SPAN, 64, SPAN)
        for node in Node.objects.exclude(level__in=levels)[:HEADS]:
            self._say(Found("node", facts={"level": node.level, "node": node.position, "surplus": True}))
        for level in levels:
            nodes = list(Node.objects.filter(level=level, position__gte=now >> level)[:HEADS])
            now = size_now() if nodes else now
            for node in nodes:
                if node.position >= now >> level:
                    self._say(Found("node", facts={"level": level, "node": node.position, "surplus": True}))


def signed() -> int:
    """How many events the newest head covers that a known key has signed: for those the log vouches. What else stands in
    the table of leaves anybody can have written there."""
    known = keys.known_keys()
    by_size = Head.objects.order_by("-size").values_list("note", flat=True)
    for some in (by_size[:1], by_size[1:HEADS]):  # nearly always the newest is sound
        for note in some:
            with contextlib.suppress(TypeError, ValueError):
                return notes.read(note, known).size
    return 0


def _sizes_from(size: int) -> tuple[int, set[int]]:
    """The sizes of the next heads in the database, and the last of them."""
    found = set(Head.objects.filter(size__gte=size).order_by("size").values_list("size", flat=True)[:HEADS])
    return max(found, default=size), found


def _leaf(hash_: Any) -> str:
    """The hash of the leaf of an event with this hash; "" where that is none."""
    data = _hash(hash_)
    return merkle.leaf_hash(data).hex() if data else ""


def _hash(text: Any) -> bytes | None:
    try:
        found = bytes.fromhex(text)
    except (TypeError, ValueError):
        return None
    return found if len(found) == 32 else None
