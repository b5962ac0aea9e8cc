"""A record made by the real steps, sealed and given out, for those who attack it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.histories import undone
from tests.people import World
from tests.reliability.recorded import found, seal
from tests.reliability.spoiling import Spoilable
from tracker.models import Event, Head, Leaf
from workflows import steps


@pytest.fixture
def record(world: World) -> World:
    """Turns that were walked and held, decisions, words beside events; four heads, each given out."""
    seal()
    world.walk("closed")
    seal()
    for number in range(5):
        steps.hold(world.past, by=world.chair, reason=f"Waiting for figures, {number}.")
        steps.resume(world.past, by=world.chair, note="The figures came.")
    seal()
    world.walk("submitted", world.past)
    seal()
    assert found().found == 0  # control of every test here: nothing is found where nothing was done
    assert Head.objects.count() == 4
    assert Leaf.objects.count() == Event.objects.count() > 20
    return world


@pytest.fixture
def spoilable(world: World, settings: Any) -> Iterator[Spoilable]:
    """Three weeks after it happened. What a test does to it is taken back: rows may hang on nothing."""
    settings.RESOLVES_NOW = "2018-02-25T09:00"
    stage = Spoilable(world)
    settings.RESOLVES_NOW = "2018-03-19T09:00"
    with undone():
        yield stage
