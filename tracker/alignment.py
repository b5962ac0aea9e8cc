"""The items of one wording beside those of the next: kept, reworded, renumbered, split, merged, new, dropped. Pure, no Django.

The same words are paired first, by the place that they have; then what is left so that the sum of likenesses is greatest (the
cheapest assignment over those pairs that share words, found path by path, so that it stays quick for long texts); and last, what
was left over is held against the pairs: an item whose words stand in two is split, two whose words stand in one are merged.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal

Kind = Literal["kept", "reworded", "renumbered", "split", "merged", "new", "dropped"]

LIKE = 450
"""Of a thousand: below, two wordings are not taken for one item."""
WITHIN = 700
"""Of a thousand: how much of a part's words stand in the whole that it is taken for a part of."""
CANDIDATES = 12
"""The most like counterparts of an item that are weighed against each other."""
FEWEST = 3
"""Words of a part: fewer stand in many a text."""
_TOKEN = re.compile(r"[぀-ヿ㐀-鿿]|[^\W_぀-ヿ㐀-鿿]+")


@dataclass(frozen=True)
class Item:
    """An item as it is aligned: where it stands (`path`, such as 1.2) and its words."""

    path: str
    text: str


@dataclass(frozen=True)
class Pair:
    """What became of items: numbers of the old and of the new ones. One on each side, but for what is split (one old, several
    new), merged (the other way round), new (no old) and dropped (no new). `likeness` is of a thousand; `parts` gives that of
    each part of a split or merged one, in their order."""

    kind: Kind
    old: tuple[int, ...]
    new: tuple[int, ...]
    likeness: int = 0
    parts: tuple[int, ...] = ()


def align(old: Sequence[Item], new: Sequence[Item]) -> list[Pair]:
    """Every item of both wordings, each in exactly one pair, in the order of the new one; what was dropped comes where it
    stood. The same wordings give the same pairs."""
    before, after = [_bag(one.text) for one in old], [_bag(one.text) for one in new]
    matched = _same(old, new)
    left = [n for n in range(len(old)) if n not in matched]
    taken = set(matched.values())
    free = [n for n in range(len(new)) if n not in taken]
    matched |= _assigned(_edges(old, new, before, after, left, free))
    split = _parts(before, after, matched, len(old), len(new))
    turned = {n: o for o, n in matched.items()}
    used = {n for parts in split.values() for n in parts}
    merged = _parts(after, before, {n: o for n, o in turned.items() if o not in split}, len(new), len(old), used)
    return _told(old, new, before, after, matched, split, merged)


def kind_of(old: Item, new: Item) -> Kind:
    """What became of one item in one other."""
    if _plain(old.text) != _plain(new.text):
        return "reworded"
    return "kept" if old.path == new.path else "renumbered"


def likeness(old: str, new: str) -> int:
    """How like two wordings are, of a thousand: words in common, long ones counting for more."""
    return _like(_bag(old), _bag(new))


# Words -----------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Words as they are compared: without the marks at the end and however the lines break."""
    return " ".join(text.split()).rstrip(" ;,.:")


def _bag(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(text.casefold()))


def _weight(token: str) -> int:
    """Short words (of, the, to) say little; a sign of Chinese or Japanese is a word."""
    return 1 if len(token) < 4 and token.isascii() else 4


def _sum(bag: Counter[str]) -> int:
    return sum(count * _weight(token) for token, count in bag.items())


def _common(one: Counter[str], other: Counter[str]) -> int:
    if len(other) < len(one):
        one, other = other, one
    return sum(min(count, other[token]) * _weight(token) for token, count in one.items() if token in other)


def _like(one: Counter[str], other: Counter[str]) -> int:
    whole = _sum(one) + _sum(other)
    return 2000 * _common(one, other) // whole if whole else 1000


# The same words --------------------------------------------------------------------------------------------------------


def _same(old: Sequence[Item], new: Sequence[Item]) -> dict[int, int]:
    """Old → new of those with the same words: first those at the same place, then in their order."""
    places: dict[str, list[int]] = defaultdict(list)
    for n, one in enumerate(new):
        places[_plain(one.text)].append(n)
    found: dict[int, int] = {}
    for same_place in (True, False):
        for o, one in enumerate(old):
            free = [] if o in found else places[_plain(one.text)]
            there = next((n for n in free if not same_place or new[n].path == one.path), None)
            if there is not None:
                found[o] = there
                free.remove(there)
    return found


# The likest ------------------------------------------------------------------------------------------------------------

Edges = dict[int, list[tuple[int, int]]]


def _edges(  # noqa: PLR0913  (both sides, their words, and what of them is left)
    old: Sequence[Item],
    new: Sequence[Item],
    before: Sequence[Counter[str]],
    after: Sequence[Counter[str]],
    left: Iterable[int],
    free: Sequence[int],
) -> Edges:
    """Old → what it could be among the new, with what it gains to pair them: likeness first, then the same place. Found
    over the words that they share."""
    where: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for n in free:
        for token, count in after[n].items():
            where[token].append((n, count))
    weights = {n: _sum(after[n]) for n in free}
    found: Edges = {}
    for o in left:
        shared: dict[int, int] = defaultdict(int)
        for token, count in before[o].items():
            weight = _weight(token)
            for n, times in where.get(token, ()):
                shared[n] += min(count, times) * weight
        own = _sum(before[o])
        likes = [(2000 * common // (own + weights[n]), n) for n, common in shared.items()]
        close = [(like * 1000 + _nearness(old[o], o, new[n], n), n) for like, n in likes if like >= LIKE]
        found[o] = [(n, gain) for gain, n in sorted(close, key=lambda one: (-one[0], one[1]))[:CANDIDATES]]
    return found


def _nearness(one: Item, o: int, other: Item, n: int) -> int:
    """Less than a thousandth of likeness: which of equals is nearer."""
    return (500 if one.path == other.path else 0) + max(0, 400 - abs(o - n))


def _assigned(edges: Edges) -> dict[int, int]:
    """Old → new with the greatest sum of gains; an item may stay alone. Successive cheapest paths with potentials: each old
    item enters once, and a path goes only over pairs that share words."""
    top = max((gain for several in edges.values() for _n, gain in several), default=0)
    rows: dict[int, list[tuple[int, int]]] = {
        o: [(n, top - gain) for n, gain in several] + [(-1 - o, top)] for o, several in edges.items()
    }  # a place of its own for each, at the cost of no gain
    match: dict[int, int] = {}
    price: dict[int, int] = defaultdict(int)
    for start in sorted(rows):
        _augment(start, rows, match, price)
    return {o: n for n, o in match.items() if n >= 0}


def _augment(start: int, rows: dict[int, list[tuple[int, int]]], match: dict[int, int], price: dict[int, int]) -> None:
    """Let one more old item in, over the cheapest path of changes (Dijkstra over costs less prices)."""
    cost: dict[int, int] = {}
    came: dict[int, int] = {}
    done: dict[int, int] = {}
    queue: list[tuple[int, int]] = []
    row, so_far, own = start, 0, 0
    while True:
        for n, weight in rows[row]:
            path = so_far + weight - price[n] - own
            if n not in done and (n not in cost or path < cost[n]):
                cost[n], came[n] = path, row
                heappush(queue, (path, n))
        so_far, place = heappop(queue)
        while place in done:
            so_far, place = heappop(queue)
        done[place] = so_far
        if place not in match:
            break
        row = match[place]
        own = next(weight for n, weight in rows[row] if n == place) - price[place]
    for n, reached in done.items():
        price[n] += reached - so_far
    while True:
        row = came[place]
        before = next((n for n, holder in match.items() if holder == row), None)
        match[place] = row
        if row == start or before is None:
            return
        place = before


# Split and merged ------------------------------------------------------------------------------------------------------


def _parts(  # noqa: PLR0913
    wholes: Sequence[Counter[str]],
    parts: Sequence[Counter[str]],
    matched: dict[int, int],
    many_wholes: int,
    many_parts: int,
    used: Iterable[int] = (),
) -> dict[int, list[int]]:
    """Whole → its parts, of which it has two at least: the one that it was paired with, and those without a pair whose words
    stand in what is left of it."""
    taken = set(matched.values()) | set(used)
    alone = [n for n in range(many_parts) if n not in taken and sum(parts[n].values()) >= FEWEST]
    bids: list[tuple[int, int, int]] = []
    for whole in range(many_wholes):
        rest = wholes[whole] - parts[matched[whole]] if whole in matched else wholes[whole]
        for n in alone:
            within = 1000 * _common(rest, parts[n]) // (_sum(parts[n]) or 1)
            if within >= WITHIN:
                bids.append((-within, whole, n))
    found: dict[int, list[int]] = {}
    given: set[int] = set()
    for _within, whole, n in sorted(bids):
        if n not in given:
            given.add(n)
            found.setdefault(whole, [matched[whole]] if whole in matched else []).append(n)
    return {whole: sorted(several) for whole, several in found.items() if len(several) > 1}


# The pairs -------------------------------------------------------------------------------------------------------------


def _told(  # noqa: PLR0913
    old: Sequence[Item],
    new: Sequence[Item],
    before: Sequence[Counter[str]],
    after: Sequence[Counter[str]],
    matched: dict[int, int],
    split: dict[int, list[int]],
    merged: dict[int, list[int]],
) -> list[Pair]:
    found: list[Pair] = []
    for o, several in split.items():
        likes = tuple(_like(before[o], after[n]) for n in several)
        found.append(Pair("split", (o,), tuple(several), max(likes), likes))
    for n, several in merged.items():
        likes = tuple(_like(before[o], after[n]) for o in several)
        found.append(Pair("merged", tuple(several), (n,), max(likes), likes))
    gone = {o for pair in found for o in pair.old}
    come = {n for pair in found for n in pair.new}
    for o, n in matched.items():
        if o not in gone and n not in come:
            found.append(Pair(kind_of(old[o], new[n]), (o,), (n,), _like(before[o], after[n])))
    gone |= {o for pair in found for o in pair.old}
    come |= {n for pair in found for n in pair.new}
    found += [Pair("new", (), (n,)) for n in range(len(new)) if n not in come]
    found += [Pair("dropped", (o,), ()) for o in range(len(old)) if o not in gone]
    return sorted(found, key=lambda pair: (min(pair.new or pair.old), not pair.new, pair.old))
