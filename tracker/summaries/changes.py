"""What moved between two summaries of a body: each occurrence with its old mark and its new one, and the counts of both."""

from dataclasses import dataclass

from tracker.marks import MARKS, Mark
from tracker.summaries.grid import Entry
from tracker.summaries.overview import Overview

GOOD = frozenset({"endorsed", "received", "nothing", "closed"})
BAD = frozenset({"late", "unassigned", "never_asked", "not_reported"})


@dataclass(frozen=True)
class Moved:
    """An occurrence that reads otherwise than before; `before` is None where there was none, `after` where it is gone."""

    reference: str
    body: str
    short: str
    number: str
    title: str
    symbol: str
    column: str
    before: Mark | None
    after: Mark | None


@dataclass(frozen=True)
class Shift:
    """How many occurrences bore a mark before and bear it now. `better` says whether that is good news, None: neither."""

    code: str
    before: int
    after: int

    @property
    def mark(self) -> Mark:
        return Mark(self.code, str(MARKS[self.code][1]))

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def better(self) -> bool | None:
        if not self.difference or self.code not in GOOD | BAD:
            return None
        return (self.difference > 0) == (self.code in GOOD)


@dataclass(frozen=True)
class Changes:
    """What moved, worst first as it stands now, and the counts by mark."""

    shifts: tuple[Shift, ...]
    moved: tuple[Moved, ...]
    same: int


Placed = tuple[Entry, str, str, str]


def compare(before: Overview, after: Overview) -> Changes:
    """What moved from one summary to another of the same body. A mark that only counts another number of days is the same:
    nothing happened but that days went by. No question to the database."""
    old, new = _placed(before), _placed(after)
    moved = []
    same = 0
    for reference in dict.fromkeys((*new, *old)):
        was, now = old.get(reference), new.get(reference)
        if was and now and was[0].mark.code == now[0].mark.code:
            same += 1
            continue
        entry, number, symbol, column = now or was  # type: ignore[misc]
        moved.append(
            Moved(
                reference, entry.body, entry.short, number, entry.title, symbol, column,
                was[0].mark if was else None, now[0].mark if now else None,
            )
        )  # fmt: skip
    return Changes(_shifts(old, new), tuple(moved), same)


def _placed(seen: Overview) -> dict[str, Placed]:
    return {
        entry.reference: (entry, row.number, group.symbol, cell.column)
        for group in seen.grid.groups
        for row in group.rows
        for cell in row.cells
        for entry in cell.entries
    }


def _shifts(old: dict[str, Placed], new: dict[str, Placed]) -> tuple[Shift, ...]:
    counted: dict[str, list[int]] = {}
    for place, found in enumerate((old, new)):
        for entry, *_rest in found.values():
            counted.setdefault(entry.mark.code, [0, 0])[place] += 1
    return tuple(Shift(code, *counted[code]) for code in MARKS if code in counted)
