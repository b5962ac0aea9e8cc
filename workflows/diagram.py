"""The path of an occurrence as a drawing: the flow's own nodes and edges, laid out by viewflow, drawn by a template of ours
(viewflow's own has inline styles, which the policy of the pages forbids). The present step is lit."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy
from viewflow.workflow import chart

from tracker.models import Occurrence
from workflows.flows import PATH, STEP_OF, OccurrenceFlow
from workflows.machines import Status

MARGIN = 10
HEAD = 7
BACKWARD = {"sent_back": gettext_lazy("sent back")}


@dataclass(frozen=True)
class Node:
    """A box of a state, or a small circle (entrance, end) or diamond (a question), by its middle and its edges."""

    shape: str
    label: str
    state: str
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def corners(self) -> str:
        """Of a diamond, as points of a polygon."""
        (cx, cy), half = self.middle, 16
        return f"{cx},{cy - half} {cx + half},{cy} {cx},{cy + half} {cx - half},{cy}"


@dataclass(frozen=True)
class Edge:
    """A line through points, with the triangle at its end; `back` leads to an earlier step."""

    line: str
    tip: str
    back: bool
    label: str
    label_x: int
    label_y: int


@dataclass(frozen=True)
class Drawing:
    """The whole, with the words that stand for it where it cannot be seen."""

    width: int
    height: int
    nodes: list[Node]
    edges: list[Edge]
    present: str


def diagram(occurrence: Occurrence) -> Drawing:
    """The path with the step of the present state lit; a state beside the path (waived, superseded) lights none."""
    grid = chart.calc_layout_data(OccurrenceFlow)
    cells = {cell.node: cell for cell in grid.cells}
    nodes = [_node(cell, occurrence.status) for cell in cells.values()]
    edges = [_edge(edge) for edge in grid.edges]
    height = max([node.y + node.height for node in nodes] + [_lowest(edge) for edge in grid.edges]) + MARGIN
    width = max(node.x + node.width for node in nodes) + MARGIN
    return Drawing(width, height, nodes, edges, str(occurrence.get_status_display()))


def _node(cell: chart.Cell, status: str) -> Node:
    name = cell.node.name
    box = (cell.x + MARGIN, cell.y + MARGIN, cell.width, cell.height)
    if name in PATH:
        return Node("box", str(cell.node.state.label), _state(name, status), *box)
    if name == "sent_back":
        return Node("diamond", "", "", *box)
    lit = "present" if name == "end" and status == Status.CLOSED else ""
    return Node("circle", str(Status.CLOSED.label) if name == "end" else "", lit, *box)


def _state(name: str, status: str) -> str:
    if status == Status.CLOSED:
        return "done"
    present = STEP_OF.get(status)
    if present is None:
        return ""
    if name == present:
        return "present"
    return "done" if PATH.index(name) < PATH.index(present) else ""


def _edge(edge: chart.Edge) -> Edge:
    points = [(x + MARGIN, y + MARGIN) for x, y in edge.segments]
    (x0, y0), (x1, y1) = points[-2], points[-1]
    if abs(x1 - x0) >= abs(y1 - y0):
        way = 1 if x1 > x0 else -1
        points[-1] = (x1, y0)
        tip = [(x1 + way * HEAD, y0), (x1, y0 - 4), (x1, y0 + 4)]
    else:
        way = 1 if y1 > y0 else -1
        tip = [(x1, y1 + way * HEAD), (x1 - 4, y1), (x1 + 4, y1)]
    back = len(points) > 2
    middle = (points[1][0] + points[2][0]) // 2 if back else 0
    label = str(BACKWARD.get(edge.src.name, "")) if back else ""
    return Edge(_points(points), _points(tip), back, label, middle, points[1][1] - 8 if back else 0)


def _points(points: list[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _lowest(edge: chart.Edge) -> int:
    return max(y for _x, y in edge.segments) + MARGIN
