"""The Merkle tree of the log as the database holds it. A proof reads at most 256 rows a level of eight, whatever the size."""

from collections.abc import Iterable

from django.db.models import Q

from tracker.models import Leaf, Node
from tracker.proofs import merkle

SPAN = 8  # levels between the nodes that are kept
AT_ONCE = 100  # stretches of 256 leaves that one query asks for


def size() -> int:
    """How many events are sealed."""
    places = Leaf.objects.filter(position__lt=2**62)  # SQLite keeps what is no number too, behind all that are
    last = places.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else int(last) + 1


class Tree:
    """The tree over the leaves there are; keeps what it has read, so one is made for one proof or one sealing."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], list[bytes]] = {}

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return self.stretch(0, size) if size else merkle.EMPTY

    def inclusion(self, position: int, size: int) -> list[bytes]:
        return merkle.inclusion(position, size, self.stretch)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency(old, new, self.stretch)

    def growing(self, size: int) -> merkle.Growing:
        """A tree of the first `size` leaves that can grow."""
        return merkle.Growing(size, self.peaks(size))

    def peaks(self, size: int) -> list[tuple[int, bytes]]:
        """Level and hash of the complete subtrees of the first `size` leaves, highest first."""
        found, start = [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                found.append((level, self._complete(level, start >> level)))
                start += 1 << level
        return found

    def warm(self, positions: Iterable[int]) -> None:
        """Read at once what the proofs of many leaves ask of the lowest level."""
        rows = sorted({position >> SPAN for position in positions} - {row for level, row in self._rows if level == 0})
        for first in range(0, len(rows), AT_ONCE):
            some = rows[first : first + AT_ONCE]
            found: dict[int, list[bytes]] = {row: [] for row in some}
            wanted = Q()
            for row in some:
                wanted |= Q(position__gte=row << SPAN, position__lt=row + 1 << SPAN)
            for position, written in Leaf.objects.filter(wanted).order_by("position").values_list("position", "hash"):
                hashes = found[position >> SPAN]
                if position == (position >> SPAN << SPAN) + len(hashes):
                    hashes.append(bytes.fromhex(written))
            self._rows |= {(0, row): hashes for row, hashes in found.items()}

    def stretch(self, start: int, end: int) -> bytes:
        """The hash of the leaves from `start` to before `end`, as RFC 9162 §2.1.1 parts them."""
        length = end - start
        if length & (length - 1) == 0 and start % length == 0:
            level = length.bit_length() - 1
            return self._complete(level, start >> level)
        middle = start + merkle.split(length)
        return merkle.node_hash(self.stretch(start, middle), self.stretch(middle, end))

    def _complete(self, level: int, position: int) -> bytes:
        """The hash of a complete subtree, from the kept nodes below it."""
        kept = level - level % SPAN
        first, count = position << (level - kept), 1 << (level - kept)
        hashes = [self._kept(kept, at) for at in range(first, first + count)]
        while len(hashes) > 1:
            hashes = [merkle.node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def _kept(self, level: int, position: int) -> bytes:
        row = (level, position >> SPAN)
        if row not in self._rows:
            self._rows[row] = _read(level, row[1] << SPAN)
        found = self._rows[row]
        at = position % (1 << SPAN)
        if at >= len(found):
            raise LookupError(f"The log has no node {position} at level {level}.")
        return found[at]


def _read(level: int, first: int) -> list[bytes]:
    """Up to 256 hashes of one level, without a gap; what comes after a gap is not there."""
    span = {"position__gte": first, "position__lt": first + (1 << SPAN)}
    rows = Node.objects.filter(level=level, **span) if level else Leaf.objects.filter(**span)
    found: list[bytes] = []
    for position, written in rows.order_by("position").values_list("position", "hash"):
        if position != first + len(found):
            break
        found.append(bytes.fromhex(written))
    return found
