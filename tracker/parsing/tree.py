"""The operative tree: where a labelled, bulleted or unlabelled paragraph hangs, and the path it gets."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.parsing.labels import Label


@dataclass(slots=True)
class Node:
    """An operative paragraph while it is being put together; `chunks` are its own words, `label` None when it has none."""

    path: str
    label: Label | None
    parent: Node | None
    section: str
    heading: str
    chunks: list[tuple[int, bool]] = field(default_factory=list)  # index of chunk, whether its label is left out
    bullets: int = 0
    closed: bool = False

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1


class Tree:
    """Grows the operative part in reading order."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.section = ""
        self.heading = ""
        self._prefix = ""
        self._mark = ""
        self._sections = 1
        self._fresh = True  # numbering may begin again
        self._unlabelled = 0
        self._paths: set[str] = set()

    @property
    def current(self) -> Node | None:
        return self.nodes[-1] if self.nodes else None

    def open_section(self, title: str, *, mark: str = "", heading: str = "") -> None:
        """A headed section begins; `mark` is its printed number, `heading` the lead words above its items."""
        self.section = title
        self.heading = heading
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

        `following` is the next label of the text; `acts`: the words open with a finite verb; `opens`: the current
        paragraph leads into a list (ends in a colon, or without punctuation).
        """
        lineage = [] if self._fresh else self._lineage()
        fits: list[tuple[int, Label, Node | None]] = []
        for reading in readings:
            if reading.style == "dec":
                parent = next((n for n in self._lineage() if n.label and _leads(n.label, reading)), None)
                if parent is not None or (acts and reading.value == 1):
                    fits.append((0, reading, parent))
                continue
            for rank, node in enumerate(lineage):
                if node.label and node.label.style == reading.style and reading.value == node.label.value + 1:
                    fits.append((rank, reading, node.parent))
            if reading.value == 1:
                if not lineage:
                    fits.append((1, reading, None))
                elif lineage[0].label is None or all(
                    n.label is None or n.label.style != reading.style for n in lineage
                ):
                    weight = 2 if opens or reading.style[0] in "ai" else 8
                    if not (reading.style == "num" and lineage[0].label and lineage[0].label.style in ("num.", "num")):
                        fits.append((weight, reading, lineage[0]))
        fits = [fit for fit in fits if fit[0] < 8 or acts or opens]
        if fits:
            wanted = [fit for fit in fits if _continues(fit[1], following)]
            rank, reading, parent = min(wanted or fits, key=lambda fit: fit[0])
            return reading, parent
        return self._gap(readings, lineage, acts)

    def _gap(self, readings: list[Label], lineage: list[Node], acts: bool) -> tuple[Label, Node | None] | None:
        """A label out of order that all the same opens an item: it acts, and its number is near."""
        if not acts:
            return None
        for reading in readings:
            if not lineage:
                return (
                    (reading, None) if reading.style in ("num.", "num", "sec", "(x)", "a)", "(num)", "num)") else None
                )
            for node in lineage:
                if node.label and node.label.style == reading.style and 1 < reading.value - node.label.value <= 3:
                    return reading, node.parent
                numbers = ("num.", "num")
                if node.label and reading.style in numbers and node.label.style in numbers:
                    if reading.value - node.label.value == 1:
                        return reading, node.parent
        return None

    def add(self, label: Label | None, parent: Node | None) -> Node:
        """A paragraph with a label that `place` has found, or without one."""
        if label is None or (label.style == "*" and parent is None):
            self._unlabelled += 1
            path = f"u{self._unlabelled}"
            if parent is None and self._prefix:
                path = self._prefix + path
            self._fresh = False
        elif label.style == "*":
            assert parent is not None
            parent.bullets += 1
            path = f"{parent.path}*{parent.bullets}"
        elif parent is None or label.style == "dec":
            if self._fresh and not self._mark and self._prefix + label.name in self._paths:
                self._prefix = f"s{self._sections}."
            path = self._prefix + label.name
        elif label.name[0] == "(":
            path = parent.path + label.name
        else:
            path = f"{parent.path}.{label.name}"
        self._fresh = False
        base, count = path, 1
        while path in self._paths:
            count += 1
            path = f"{base}~{count}"
        self._paths.add(path)
        node = Node(path, label, parent, self.section, self.heading)
        self.nodes.append(node)
        return node


def _leads(label: Label, reading: Label) -> bool:
    """Whether `reading` ("1.2") stands under `label` ("1")."""
    if label.style == "dec":
        return reading.parts[:-1] == label.parts
    return label.style in ("num", "num.", "sec", "num)") and reading.parts[:-1] == (label.value,)


def _continues(reading: Label, following: list[Label]) -> bool:
    """Whether the next label of the text is the one after `reading`."""
    return any(other.style == reading.style and other.value == reading.value + 1 for other in following)
