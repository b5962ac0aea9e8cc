"""The path of an occurrence as a drawing: the flow's own nodes and edges, on a grid of ours, drawn by a template of ours
(viewflow's own has inline styles, which the policy of the pages forbids). The present step is lit."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext_lazy
from viewflow.workflow import flow

from tracker.models import Assignment, Occurrence
from workflows.flows import STEPS_OF_PATH, FanOut, Path, Step
from workflows.machines import Status

MARGIN = 10
HEAD = 7  # of an arrow
BOX = (120, 56)
DIAMOND, CIRCLE, DOT = 16, 16, 9
GAP = 18
TOP = 34  # above the boxes, where the way back runs
ROW = 92

# Where each node of the path stands: its column, and its row (what runs beside the lead is under it).
PLACES: dict[str, tuple[int, int]] = {
    "enter": (0, 0),
    "assignment": (1, 0),
    "acceptance": (2, 0),
    "shared": (3, 0),
    "work": (4, 0),
    "contribution": (4, 1),
    "joined": (5, 0),
    "checked": (6, 0),
    "validation": (7, 1),
    "endorsement": (7, 0),
    "sent_back": (8, 0),
    "decision": (9, 0),
    "end": (10, 0),
}
BESIDE = {"contribution": gettext_lazy("contributions"), "validation": gettext_lazy("to be validated")}
BACKWARD = {"sent_back": gettext_lazy("sent back")}
Point = tuple[int, int]


@dataclass(frozen=True)
class Node:
    """A box of a state, or a small circle (entrance, end) or diamond (a question, a parting or joining of ways, by its
    sign), by its middle and its size."""

    shape: str
    label: str
    state: str
    middle: Point
    width: int
    tall: int
    sign: str = ""

    @property
    def x(self) -> int:
        return self.middle[0] - self.width // 2

    @property
    def top(self) -> int:
        return self.middle[1] - self.tall // 2

    @property
    def right(self) -> int:
        return self.middle[0] + self.width // 2

    @property
    def foot(self) -> int:
        return self.middle[1] + self.tall // 2

    @property
    def below(self) -> int:
        """Where a label under a circle stands."""
        return self.middle[1] + 32

    @property
    def corners(self) -> str:
        """Of a diamond, as points of a polygon."""
        (cx, cy), half = self.middle, DIAMOND
        return f"{cx},{cy - half} {cx + half},{cy} {cx},{cy + half} {cx - half},{cy}"


@dataclass(frozen=True)
class Edge:
    """A line through points, with the triangle at its end; `back` leads to an earlier step."""

    line: str
    tip: str
    back: bool = False
    label: str = ""
    label_x: int = 0
    label_y: int = 0


@dataclass(frozen=True)
class Drawing:
    """The whole, with the words that stand for it where it cannot be seen."""

    width: int
    height: int
    nodes: list[Node]
    edges: list[Edge]
    present: str


def diagram(occurrence: Occurrence) -> Drawing:
    """The path with the steps of the present state lit (contributions while some are not done); a state beside the path
    (waived, superseded) lights none."""
    kinds = {node.name: node for node in Path.instance.nodes()}
    lit = _lit(occurrence)
    middles = _middles(kinds)
    nodes = {name: _node(kinds[name], lit.get(name, ""), middles[name]) for name in PLACES}
    edges = [_edge(name, edge.dst.name, nodes) for name in PLACES for edge in kinds[name]._outgoing()]
    width = max(node.right for node in nodes.values()) + 2 * MARGIN
    height = max(node.foot for node in nodes.values()) + MARGIN
    return Drawing(width, height, list(nodes.values()), edges, str(occurrence.get_status_display()))


def _lit(occurrence: Occurrence) -> dict[str, str]:
    """Which nodes are `present` and which `done`."""
    if occurrence.status == Status.CLOSED:
        present = "end"
    elif not (present := Path.step_of(occurrence)):
        return {}
    present = "work" if present == "shared" else present
    order = [*STEPS_OF_PATH, "end"]
    lit = dict.fromkeys(order[: order.index(present)], "done") | {present: "present"}
    lit.pop("contribution", None)
    if present != "validation":
        lit.pop("validation", None)
    if occurrence.assignments.standing().filter(part=Assignment.Part.CONTRIBUTOR).exists():
        reached = "work" in lit
        state = "present" if present == "work" and occurrence.parts_open else "done"
        lit |= {"contribution": state} if reached else {}
    return lit


def _size(node: Any) -> Point:
    if isinstance(node, Step):
        return BOX
    half = DOT if isinstance(node, flow.StartHandle) else CIRCLE
    return (2 * half, 2 * half)


def _middles(kinds: dict[str, Any]) -> dict[str, Point]:
    """The middle of each node: columns are as wide as their widest node."""
    columns = 1 + max(column for column, _row in PLACES.values())
    widths = [max(_size(kinds[name])[0] for name, (at, _row) in PLACES.items() if at == n) for n in range(columns)]
    starts = list(accumulate([MARGIN, *(width + GAP for width in widths)]))
    return {
        name: (starts[column] + widths[column] // 2, MARGIN + TOP + BOX[1] // 2 + row * ROW)
        for name, (column, row) in PLACES.items()
    }


def _node(node: Any, state: str, middle: Point) -> Node:
    size = _size(node)
    if isinstance(node, Step):
        return Node("box", str(BESIDE.get(node.name, node.state.label)), state, middle, *size)
    if isinstance(node, FanOut | flow.Join):
        return Node("diamond", "", "", middle, *size, sign="+")
    if isinstance(node, flow.If):
        return Node("diamond", "", "", middle, *size, sign="?")
    return Node("circle", str(Status.CLOSED.label) if node.name == "end" else "", state, middle, *size)


def _edge(src: str, dst: str, nodes: dict[str, Node]) -> Edge:
    """Onward along a row; down and in from the left; out to the right and up; back over the top."""
    (column, row), (to_column, to_row) = PLACES[src], PLACES[dst]
    start, end = nodes[src], nodes[dst]
    (x, y), (to_x, to_y) = start.middle, end.middle
    if row == to_row and column > to_column:
        over = MARGIN + 12
        line = [(x, start.top - 2), (x, over), (to_x, over), (to_x, end.top - HEAD - 2)]
        return Edge(
            _points(line), _down(to_x, end.top - 2), True, str(BACKWARD.get(src, "")), (x + to_x) // 2, over - 9
        )
    if row == to_row:
        return Edge(_points([(start.right + 2, y), (end.x - HEAD - 2, y)]), _onward(end.x - 2, y))
    if row < to_row:
        return Edge(_points([(x, start.foot + 2), (x, to_y), (end.x - HEAD - 2, to_y)]), _onward(end.x - 2, to_y))
    turn = [(x, start.top - 2)] if column == to_column else [(start.right + 2, y), (to_x, y)]
    return Edge(_points([*turn, (to_x, end.foot + HEAD + 2)]), _up(to_x, end.foot + 2))


def _onward(x: int, y: int) -> str:
    return _points([(x, y), (x - HEAD, y - 4), (x - HEAD, y + 4)])


def _down(x: int, y: int) -> str:
    return _points([(x, y), (x - 4, y - HEAD), (x + 4, y - HEAD)])


def _up(x: int, y: int) -> str:
    return _points([(x, y), (x - 4, y + HEAD), (x + 4, y + HEAD)])


def _points(points: list[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
