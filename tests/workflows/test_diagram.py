"""The path as a drawing: the flow's own nodes and edges, the present step lit, one box for all contributions."""

import pytest

from tracker.models import Office
from workflows import flows, steps
from workflows.diagram import PLACES, diagram

pytestmark = pytest.mark.django_db
WORDS = ["planned", "assigned", "in progress", "contributions", "to be validated", "submitted", "endorsed"]


def lit(turn):
    """The boxes that are lit, by their words."""
    return {node.label: node.state for node in diagram(turn).nodes if node.state}


def test_drawing_has_every_node_of_the_flow_once_and_every_edge(world):
    nodes = {node.name for node in flows.Path.instance.nodes()}
    edges = [edge for node in flows.Path.instance.nodes() for edge in node._outgoing()]

    assert set(PLACES) == nodes
    assert len(set(PLACES.values())) == len(PLACES)
    assert len(diagram(world.due).edges) == len(edges) == 15


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("planned", {"planned": "present"}),
        ("assigned", {"planned": "done", "assigned": "present"}),
        ("in_progress", {"planned": "done", "assigned": "done", "in progress": "present"}),
        ("submitted", {"planned": "done", "assigned": "done", "in progress": "done", "submitted": "present"}),
        (
            "closed",
            dict.fromkeys(["planned", "assigned", "in progress", "submitted", "endorsed"], "done")
            | {"closed": "present"},
        ),
        ("waived", {}),
    ],
)
def test_present_step_is_lit_and_what_lies_behind_is_done(world, state, expected):
    assert lit(world.walk(state)) == expected


def test_contributions_are_one_box_lit_until_all_are_done(world):
    turn = steps.assign(
        world.due, lead=world.contributor, contributors=[world.helper, world.vice_chair], by=world.chair
    )
    before = lit(turn)
    turn = steps.accept(turn, by=world.contributor)
    steps.finish_part(turn, by=world.helper)
    turn.refresh_from_db()
    half = lit(turn)
    steps.finish_part(turn, by=world.vice_chair)
    turn.refresh_from_db()

    assert "contributions" not in before
    assert (half["in progress"], half["contributions"]) == ("present", "present")
    assert (lit(turn)["in progress"], lit(turn)["contributions"]) == ("present", "done")
    assert sorted(node.label for node in diagram(turn).nodes if node.shape == "box") == sorted(WORDS)


def test_report_that_waits_for_its_validator_lights_that_box(world):
    office = world.offices["contributor"]
    Office.objects.filter(pk=office.pk).update(validator=world.offices["vice_chair"])
    turn = steps.accept(steps.assign(world.due, lead=office, by=world.chair), by=world.contributor)
    turn = steps.submit(turn, by=world.contributor, text="Here.")

    assert lit(turn)["to be validated"] == "present"
    assert "submitted" not in lit(turn)


def test_way_back_runs_above_everything_and_says_what_it_is(world):
    drawing = diagram(world.due)

    [back] = [edge for edge in drawing.edges if edge.back]
    assert back.label == "sent back"
    assert min(int(point.split(",")[1]) for point in back.line.split()) < min(node.top for node in drawing.nodes)
