"""The operative tree: where a labelled, bulleted or unlabelled paragraph hangs, and the path it gets.

Paths: the printed label ("1", "1.2"), letters and bracketed numbers behind their parent ("1(b)(i)"), a printed section
number in front ("I.10"), "u1", "u2" for unlabelled items and "u2*1" for bullets. Where numbering begins again under a
heading that has no number of its own, the paths of the k-th headed part begin with "sk.".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tracker.parsing.labels import Label

_NUMBERS = ("num.", "num")
_FIRST_STYLES = (*_NUMBERS, "num)", "(num)", "sec", "a)", "a()")
_FAR = 8  # the rank of a reading that needs more than its label to be believed


@dataclass(slots=True)
class Node:
    """An operative paragraph while it is being put together."""

    path: str
    label: Label | None
    parent: Node | None
    section: str
    heading: str
    chunks: list[tuple[int, bool]] = field(default_factory=list)  # index of a chunk, whether its label is left out
    bullets: int = 0


@dataclass(frozen=True, slots=True)
class _Fit:
    rank: int
    label: Label
    parent: Node | None


class Tree:
    """Grows the operative part in reading order."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.section = ""
        self.heading = ""
        self.skipped = False  # the label placed last left some out
        self.first = 1  # the number that items begin with: a preamble may have taken those before
        self._prefix = ""
        self._mark = ""
        self._sections = 1
        self._fresh = True  # numbering may begin again
        self._unlabelled = 0
        self._paths: set[str] = set()

    @property
    def current(self) -> Node | None:
        return self.nodes[-1] if self.nodes else None

    @property
    def top(self) -> Node | None:
        """The item at the root above the current paragraph."""
        return lineage[-1] if (lineage := self._lineage()) else None

    @property
    def awaits_item(self) -> bool:
        """Whether a heading ("resolves") stands above and no item under it has come yet."""
        return bool(self.heading) and self._fresh

    def open_section(self, title: str, *, mark: str = "", heading: str = "") -> None:
        """A headed section begins; `mark` is its printed number, `heading` the lead words above its items."""
        self.section = title if mark or not self._mark else self.section
        self.heading = heading
        if mark or not self._mark:
            self._mark = mark
            self._prefix = f"{mark}." if mark else ""
        if self.nodes:
            self._sections += 1
        self._fresh = True

    def name_section(self, title: str) -> None:
        """A heading between items whose numbers run on."""
        self.section = title
        self.heading = ""

    def _lineage(self) -> list[Node]:
        """The current paragraph and those above it, nearest first."""
        node = self.current
        chain: list[Node] = []
        while node is not None:
            chain.append(node)
            node = node.parent
        return chain

    def place(
        self, readings: list[Label], following: list[Label], *, acts: bool, opens: bool
    ) -> tuple[Label, Node | None] | None:
        """The reading of a label that fits here and its parent; None when it is no item.

        `following` is the next label of the text; `acts`: the words open with a verb; `opens`: the paragraph before leads
        into a list.
        """
        lineage = [] if self._fresh else self._lineage()
        self.skipped = False
        fits = [
            fit
            for reading in readings
            for fit in self._fits(reading, lineage, acts=acts, opens=opens)
            if fit.rank < _FAR
        ]
        if not fits and acts and (late := self._out_of_order(readings, lineage)):
            self.skipped = late.label.value != self.first
            fits = [late]
        if not fits:
            return None
        continued = [fit for fit in fits if _continues(fit.label, following)]
        best = min(continued or fits, key=lambda fit: fit.rank)
        return best.label, best.parent

    def _fits(self, reading: Label, lineage: list[Node], *, acts: bool, opens: bool) -> Iterable[_Fit]:
        """The places for one reading: after a sibling, or as the first of a list; the nearer the lower its rank."""
        if reading.style == "dec":
            above = next((node for node in lineage if node.label and _leads(node.label, reading)), None)
            if above is not None or (acts and reading.value == 1):
                yield _Fit(0, reading, above)
            return
        if reading.style == "num" and not acts:
            return  # a number without any mark must stand before words that act: it may be a footnote's or a table's
        for rank, node in enumerate(lineage):
            if not node.label or reading.value != node.label.value + 1:
                continue
            if node.label.style == reading.style or (acts and _same(node.label, reading)):
                yield _Fit(rank, reading, node.parent)
        if reading.value != 1:
            return
        if not lineage:
            yield _Fit(1, reading, None)
        elif not any(node.label and _same(node.label, reading) for node in lineage):
            believed = opens or acts or reading.style[0] in "ai"
            yield _Fit(2 if believed else _FAR, reading, lineage[0])

    @staticmethod
    def _out_of_order(readings: list[Label], lineage: list[Node]) -> _Fit | None:
        """A label that skips others and all the same opens an item: it acts, and its number is near."""
        for reading in readings:
            if not lineage and reading.style in _FIRST_STYLES:
                return _Fit(0, reading, None)
            for node in lineage:
                if node.label and _same(node.label, reading) and 1 < reading.value - node.label.value <= 3:
                    return _Fit(0, reading, node.parent)
        return None

    def add(self, label: Label | None, parent: Node | None) -> Node:
        """A paragraph with a label that `place` has found, or without one."""
        path = self._path(label, parent)
        self._fresh = False
        base, count = path, 1
        while path in self._paths:
            count += 1
            path = f"{base}~{count}"
        self._paths.add(path)
        node = Node(path, label, parent, self.section, self.heading)
        self.nodes.append(node)
        return node

    def _path(self, label: Label | None, parent: Node | None) -> str:
        if label is None or (label.style == "*" and parent is None):
            self._unlabelled += 1
            return f"{self._prefix if self._mark else ''}u{self._unlabelled}"
        if label.style == "*" and parent is not None:
            parent.bullets += 1
            return f"{parent.path}*{parent.bullets}"
        if parent is None or label.style == "dec":
            if self._fresh and not self._mark and label.name in self._paths:
                self._prefix = f"s{self._sections}."
            return self._prefix + label.name
        return parent.path + label.name if label.name[0] == "(" else f"{parent.path}.{label.name}"


def _same(one: Label, other: Label) -> bool:
    """Whether two labels may stand in one list; a full stop lost by a scan doesn't part them."""
    return one.style == other.style or (one.style in _NUMBERS and other.style in _NUMBERS)


def _leads(label: Label, reading: Label) -> bool:
    """Whether `reading` ("1.2") stands under `label` ("1")."""
    if label.style == "dec":
        return reading.parts[:-1] == label.parts
    return label.style in (*_NUMBERS, "sec", "num)") and reading.parts[:-1] == (label.value,)


def _continues(reading: Label, following: list[Label]) -> bool:
    """Whether the next label of the text is the one after `reading`."""
    return any(_same(other, reading) and other.value == reading.value + 1 for other in following)
