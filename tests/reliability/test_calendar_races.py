"""The calendar under many hands at once: no turn twice, no number twice, and nobody waits for another for ever.

Real threads with connections of their own, on both databases.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.calendars import on_event, periodic
from tests.people import World, make_world
from tests.record import verified
from tracker.models import Obligation, Occurrence, Session
from workflows import steps

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What acts answer that start together, each on a connection of its own; what one raises is raised."""
    start = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        start.wait(timeout=60)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_turns_are_entered_once_by_many_who_roll_at_once(shared_world: World):
    periodic(shared_world, date(2017, 1, 15), 12, completion=True)
    Session.objects.create(body=shared_world.council, code="C19", name="Council 2019", opens=date(2019, 6, 10))

    entered = at_once(*[steps.roll] * 4)

    assert sum(entered) == 1
    references = list(Occurrence.objects.values_list("reference", flat=True))
    assert len(references) == len(set(references)) == 5


def test_events_recorded_at_once_take_a_number_each(shared_world: World):
    duty = on_event(shared_world)
    acts = [
        lambda number=number: steps.record_occasion(
            duty, happened_on=date(2018, 2, 12), words=f"Veto {number}.", by=shared_world.chair
        )
        for number in range(4)
    ]

    recorded = at_once(*acts)

    assert sorted(one.number for one in recorded) == [1, 2, 3, 4]
    assert duty.occurrences.count() == 4
    assert verified() > 0


def test_session_moves_while_turns_are_done_that_bring_the_next(shared_world: World):
    """The next turn names the session that is just moving: neither waits for the other for ever."""
    world = shared_world
    duties = [periodic(world, date(2017, 1, 15), 12, completion=True) for _ in range(5)]
    turns = [world.walk("submitted", duty.occurrences.get()) for duty in duties]

    def endorse_all() -> None:
        for turn in turns:
            steps.endorse(turn, by=world.chair)

    def move_often() -> None:
        for days in range(1, 9):
            opens = date(2018, 4, 17) + timedelta(days=days)
            steps.move_session(world.sessions["C18"], opens=opens, by=world.secretary, reason="So.")

    at_once(endorse_all, move_often)

    assert Occurrence.objects.filter(obligation__in=duties, status="planned").count() == len(duties)
    assert Obligation.objects.get(pk=world.obligation.pk).occurrences.get(session__code="C18").moved_with_calendar == 8
    assert verified() > 0
