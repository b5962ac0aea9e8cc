"""The Merkle tree of RFC 9162 §2.1: hashes of leaves and nodes, inclusion and consistency proofs. Hashes are 32 bytes.

Making a proof needs the hashes of stretches of leaves; `Stretch` is whatever can tell them (a list in memory, or the
database through `tracker.log.tree`).
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()

Stretch = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162 §2.1.1: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162 §2.1.1: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size` (size > 1): where a tree parts in two."""
    return 1 << (size - 1).bit_length() - 1


class Growing:
    """The root of a tree that grows leaf by leaf; holds one hash for each bit of its size, whatever the size."""

    def __init__(self, size: int = 0, peaks: Iterable[tuple[int, bytes]] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)  # (level, hash) of the complete subtrees, highest first

    def copy(self) -> "Growing":
        """The same tree, to grow otherwise."""
        return Growing(self.size, self._peaks)

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add the hash of a leaf; the complete subtrees that it closed, as (level, position at that level, hash)."""
        return self._push(0, 1, leaf)

    def _push(self, level: int, width: int, found: bytes) -> list[tuple[int, int, bytes]]:
        """Add a complete subtree of `width` leaves, and what it completes in its turn."""
        closed = []
        while self._peaks and self._peaks[-1][0] == level:
            found = node_hash(self._peaks.pop()[1], found)
            level += 1
            closed.append((level, self.size >> level, found))
        self._peaks.append((level, found))
        self.size += width
        return closed

    def extend(self, leaves: Sequence[bytes], *, span: int) -> list[tuple[int, int, bytes]]:
        """Add the hashes of many leaves, whole subtrees of 2**span at once; the complete subtrees that they closed at every
        level that `span` divides."""
        closed: list[tuple[int, int, bytes]] = []
        width, at = 1 << span, 0
        while at < len(leaves):
            if self.size % width or len(leaves) - at < width:
                closed += [one for one in self.add(leaves[at]) if one[0] % span == 0]
                at += 1
                continue
            hashes = list(leaves[at : at + width])
            while len(hashes) > 1:
                pairs = iter(hashes)
                hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            closed.append((span, self.size >> span, hashes[0]))
            closed += [one for one in self._push(span, width, hashes[0]) if one[0] % span == 0]
            at += width
        return closed

    def root(self) -> bytes:
        """The root as it stands (RFC 9162 §2.1.1)."""
        if not self._peaks:
            return EMPTY
        found = self._peaks[-1][1]
        for _level, peak in reversed(self._peaks[:-1]):
            found = node_hash(peak, found)
        return found


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over hashes of leaves."""
    tree = Growing()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def stretch_of(leaves: Sequence[bytes]) -> Stretch:
    """Stretches of leaves that are held in memory."""
    return lambda start, end: root(leaves[start:end])


def inclusion(position: int, size: int, stretch: Stretch) -> list[bytes]:
    """The inclusion proof of the leaf at `position` (from 0) in the tree of `size` leaves (RFC 9162 §2.1.3.1)."""
    if not 0 <= position < size:
        raise ValueError(f"There is no leaf {position} in a tree of {size}.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if position < middle:
            path.append(stretch(middle, end))
            end = middle
        else:
            path.append(stretch(start, middle))
            start = middle
    return path[::-1]


def root_by_inclusion(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to (RFC 9162 §2.1.3.2); ValueError where the path has the wrong length."""
    if not 0 <= position < size:
        raise ValueError(f"There is no leaf {position} in a tree of {size}.")
    at, last, found = position, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("The path is too long.")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("The path is too short.")
    return found


def consistency(old: int, new: int, stretch: Stretch) -> list[bytes]:
    """The proof that the tree of `old` leaves is a beginning of the one of `new` (RFC 9162 §2.1.4.1)."""
    if not 0 <= old <= new:
        raise ValueError(f"A tree of {old} leaves cannot be the beginning of one of {new}.")
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True  # whole: the old tree's root is the hash of this very stretch
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            path.append(stretch(middle, end))
            end = middle
        else:
            path.append(stretch(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(stretch(start, end))
    return path[::-1]


def roots_by_consistency(old: int, new: int, old_root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that a proof leads to (RFC 9162 §2.1.4.2), for 0 < old < new; ValueError where the proof has
    the wrong length."""
    if not 0 < old < new:
        raise ValueError(f"There is no proof from {old} to {new}.")
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise ValueError("The proof is too short.")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ValueError("The proof is too long.")
        if at & 1 or at == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("The proof is too short.")
    return first, second


def includes(leaf: bytes, position: int, size: int, path: Sequence[bytes], root_: bytes) -> bool:
    """Whether the leaf stands at that position of the tree with that root."""
    try:
        return root_by_inclusion(leaf, position, size, path) == root_
    except ValueError:
        return False


def extends(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree with the new root goes on from the one with the old root."""
    if old == new:
        return old_root == new_root and not path
    if old == 0:
        return old_root == EMPTY and not path
    try:
        return roots_by_consistency(old, new, old_root, path) == (old_root, new_root)
    except ValueError:
        return False
