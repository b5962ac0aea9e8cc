"""How well texts are read: a reading against ground truth made by hand, item by item.

The truth of a text is an entry of an `index.json`: `file`, `n_preambular` and `items`, each with `label` (the path of the
item), `verbs`, `addressee` and `deadline`: words of a person, parts divided by semicolons; "" and "none …" say that there
is nothing. A part is found when its words are among those of one finding, or the finding's among its own; a due point
also when it names the same session, date or years, or the same kind ("continuing").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.parsing.dues import Found, find_dues
from tracker.parsing.model import DuePoint, Operative, ParsedResolution

FIELDS = ("verbs", "addressee", "deadline")
_SMALL = frozenset(("the", "of", "to", "a", "an", "in", "its", "and", "for", "on", "or", "by", "at", "with"))
_YEARS = re.compile(r"\b(?:19|20|21)\d\d\b")


@dataclass(frozen=True, slots=True)
class Miss:
    """A part of the truth that was not read."""

    label: str
    field: str
    wanted: str
    read: tuple[str, ...]


@dataclass(slots=True)
class Score:
    """What was read of one text. `labels` are right when all stand in order and none is false; counts are (found, wanted)."""

    file: str
    labels: bool = False
    false: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    items: tuple[int, int] = (0, 0)
    preambular: tuple[int, int] = (0, 0)
    counts: dict[str, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(FIELDS, (0, 0)))
    misses: list[Miss] = field(default_factory=list)


def score(entry: Mapping[str, Any], reading: ParsedResolution | None) -> Score:
    """A reading (None: the text was refused) against its `entry` of the index; KeyError where the entry lacks a key."""
    wanted = [str(one["label"]) for one in entry["items"]]
    items = {one.path: one for one in reading.operative} if reading else {}
    read = list(items)
    made = Score(
        file=str(entry["file"]),
        labels=read == wanted,
        false=tuple(path for path in read if path not in wanted),
        lost=tuple(path for path in wanted if path not in items),
        items=(sum(path in items for path in wanted), len(wanted)),
        preambular=(len(reading.preambular) if reading else 0, int(entry.get("n_preambular", 0))),
    )
    for truth in entry["items"]:
        label = str(truth["label"])
        for name in FIELDS:
            words = str(truth.get(name, ""))
            parts = _parts(words)
            if not parts:
                continue
            found, shown = _found(name, parts, items.get(label), below(items, label))
            right, total = made.counts[name]
            made.counts[name] = (right + sum(found), total + len(parts))
            made.misses += [Miss(label, name, part, shown) for part, hit in zip(parts, found, strict=True) if not hit]
    return made


def below(items: Mapping[str, Operative], label: str) -> list[Operative]:
    """The items that hang on `label`: a lead ("requests that the CIPM:") is due when its list says."""
    return [one for one in items.values() if one.parent == label]


def total(scores: Iterable[Score]) -> Score:
    """All texts as one."""
    made = Score("all", labels=True)
    for one in scores:
        made.labels = made.labels and one.labels
        made.false += one.false
        made.lost += one.lost
        made.items = (made.items[0] + one.items[0], made.items[1] + one.items[1])
        made.preambular = (made.preambular[0] + one.preambular[0], made.preambular[1] + one.preambular[1])
        for name in FIELDS:
            right, wanted = made.counts[name]
            made.counts[name] = (right + one.counts[name][0], wanted + one.counts[name][1])
        made.misses += one.misses
    return made


def _found(
    name: str, parts: list[str], item: Operative | None, children: list[Operative]
) -> tuple[list[bool], tuple[str, ...]]:
    if item is None:
        return [False] * len(parts), ()
    if name == "deadline":
        dues = [*item.due, *(due for child in children for due in child.due)]
        return [any(_same_due(part, one) for one in dues) for part in parts], tuple(one.text for one in dues)
    read = [act.verb for act in item.acts] if name == "verbs" else [one.name for one in item.addressees]
    return [any(_same_words(part, one) for one in read) for part in parts], tuple(read)


def _parts(words: str) -> list[str]:
    if words.startswith(("none", "(")):
        return []
    return [part for part in words.split(";") if _tokens(part)]


def _tokens(words: str) -> set[str]:
    """The words that carry meaning, in small letters, without what stands in parentheses."""
    bare = re.sub(r"\([^)]*\)", " ", words).replace("United Nations", "UN").lower()
    return {word for word in re.findall(r"[a-z0-9]+", bare) if word not in _SMALL}


def _same_words(part: str, read: str) -> bool:
    wish, found = _tokens(part), _tokens(read)
    return wish <= found or (bool(found) and found <= wish)


def _same_due(part: str, due: DuePoint) -> bool:
    if _same_words(part, due.text) or _tokens(part) == {due.kind}:
        return True
    if (years := set(_YEARS.findall(part))) and years == set(_YEARS.findall(due.text)):
        return True
    return any(_same_point(one, due) for one in find_dues(part))


def _same_point(one: Found, due: DuePoint) -> bool:
    if one.date or one.session:
        return (one.kind, one.date, one.session) == (due.kind, due.date, due.session)
    return False
