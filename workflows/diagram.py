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
BOX = 56
UNDER = 30
SMALL = 50  # viewflow's cell of an entrance, a question or an end
GAP = 3  # what viewflow leaves between a cell and the line that starts from it
RADIUS = {"enter": 9, "sent_back": 16, "end": 16}
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
    def top(self) -> int:
        """Of a box: lower than viewflow's, so that one line of words sits well in it."""
        return self.middle[1] - BOX // 2

    @property
    def tall(self) -> int:
        return BOX

    @property
    def below(self) -> int:
        """Where a label under a circle stands."""
        return self.middle[1] + 32

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
    """The path with the step of the present state lit; a state beside the path (waived, superseded) lights none."""
    grid = chart.calc_layout_data(OccurrenceFlow)
    cells = {cell.node: cell for cell in grid.cells}
    nodes = [_node(cell, occurrence.status) for cell in cells.values()]
    edges = [_edge(edge) for edge in grid.edges]
    height = max(node.middle[1] for node in nodes) + BOX // 2 + UNDER + MARGIN
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
    if len(points) > 2:
        return _back(edge, points)
    (start, y), (end, _y) = points
    if edge.src.name in RADIUS:
        start = start - GAP - SMALL // 2 + RADIUS[edge.src.name] + 2
    if edge.dst.name in RADIUS:
        end = end + SMALL // 2 - RADIUS[edge.dst.name] - 2
    return Edge(_points([(start, y), (end, y)]), _points([(end + HEAD, y), (end, y - 4), (end, y + 4)]))


def _back(edge: chart.Edge, points: list[tuple[int, int]]) -> Edge:
    """A way back runs under the boxes, from the foot of the question to the foot of the earlier step."""
    middle = points[0][1] - 77 + 50  # viewflow starts it 27 under the middle of the row
    (start, _y), (end, _y2) = points[0], points[-1]
    foot, under = middle + BOX // 2 + 2, middle + BOX // 2 + UNDER
    line = [(start, middle + 18), (start, under), (end, under), (end, foot + HEAD)]
    tip = [(end, foot), (end - 4, foot + HEAD), (end + 4, foot + HEAD)]
    label = str(BACKWARD.get(edge.src.name, ""))
    return Edge(_points(line), _points(tip), True, label, (start + end) // 2, under - 9)


def _points(points: list[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
