"""Contributors finish their parts at the same moment, and the lead submits beside them: the counter that the machine asks
agrees with the rows afterwards, and nothing is submitted past a part that is not done.

Real threads with connections of their own, on both databases. The control takes the lock away and must go red.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client

from tests.people import World, make_world
from tracker.models import Occurrence
from workflows import flows, steps
from workflows.steps import beats

pytestmark = pytest.mark.django_db(transaction=True)
HELPERS = ("helper", "vice_chair", "councillor")


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def at_once(world: World, *acts: tuple[str, str]) -> Counter[tuple[str, int]]:
    """The answers to so many acts (who, step) that start together."""
    reference = world.due.reference
    start = threading.Barrier(len(acts))

    def one(act: tuple[str, str]) -> tuple[str, int]:
        who, step = act
        client = Client(raise_request_exception=False)
        client.force_login(world.people[who])
        start.wait(timeout=60)
        try:
            body = {"text": "What was done."} if step == "submit" else {}
            place = f"/api/v1/occurrences/{reference}/steps/{step}/"
            return step, client.post(place, body, content_type="application/json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(one, acts))


def in_progress(world: World, helpers: tuple[str, ...]) -> Occurrence:
    people = [world.people[name] for name in helpers]
    turn = steps.assign(world.due, lead=world.contributor, contributors=people, by=world.chair)
    return steps.accept(turn, by=world.contributor)


def agrees(world: World) -> bool:
    """The counter, the rows and the open steps of the flow say the same."""
    turn = world.due
    undone = turn.assignments.standing().filter(part="contributor", done_at=None).count()
    opened = sum(task.flow_task.name == "contribution" for task in flows.open_tasks(turn))
    return turn.parts_open == undone == opened


def test_parts_finished_at_once_are_all_counted(shared_world: World) -> None:
    in_progress(shared_world, HELPERS)

    answers = at_once(shared_world, *((name, "finish_part") for name in HELPERS))

    assert answers == {("finish_part", 200): len(HELPERS)}
    assert agrees(shared_world)
    assert shared_world.due.parts_open == 0
    assert steps.submit(shared_world.due, by=shared_world.contributor, text="Here.").status == "submitted"


def test_parts_finished_at_once_are_miscounted_without_the_lock(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_progress(shared_world, HELPERS)
    take_the_lock_away(monkeypatch, len(HELPERS))

    answers = at_once(shared_world, *((name, "finish_part") for name in HELPERS))

    assert sum(answers.values()) == len(HELPERS)
    assert answers != {("finish_part", 200): len(HELPERS)} or not agrees(shared_world) or shared_world.due.parts_open


def test_same_part_finished_twice_at_once_is_done_once(shared_world: World) -> None:
    in_progress(shared_world, ("helper", "vice_chair"))

    answers = at_once(shared_world, ("helper", "finish_part"), ("helper", "finish_part"))

    assert answers == {("finish_part", 200): 1, ("finish_part", 409): 1}
    assert agrees(shared_world)
    assert shared_world.due.parts_open == 1


def test_lead_who_submits_while_the_last_part_is_finished_comes_before_or_after_but_never_past_it(
    shared_world: World,
) -> None:
    in_progress(shared_world, ("helper",))

    answers = at_once(shared_world, ("helper", "finish_part"), ("contributor", "submit"))

    turn = shared_world.due
    assert answers["finish_part", 200] == 1
    assert (turn.status, answers["submit", 200]) in {("submitted", 1), ("in_progress", 0)}
    assert turn.parts_open == 0
    assert agrees(shared_world)


def test_contributor_who_is_released_while_finishing_is_counted_once(shared_world: World) -> None:
    in_progress(shared_world, ("helper", "vice_chair"))
    released = threading.Barrier(2)

    def release() -> None:
        released.wait(timeout=60)
        try:
            steps.release_contributor(
                shared_world.due, contributor=shared_world.helper, by=shared_world.chair, reason="Not needed."
            )
        finally:
            connection.close()

    def finish() -> int:
        client = Client(raise_request_exception=False)
        client.force_login(shared_world.helper)
        place = f"/api/v1/occurrences/{shared_world.due.reference}/steps/finish_part/"
        released.wait(timeout=60)
        try:
            return client.post(place, {}, content_type="application/json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(release), pool.submit(finish)
        one.result(timeout=120)
        answer = other.result(timeout=120)

    assert answer in {200, 403, 404}
    assert agrees(shared_world)
    assert shared_world.due.parts_open == 1


def take_the_lock_away(monkeypatch: pytest.MonkeyPatch, clients: int) -> None:
    """No row lock (PostgreSQL), no IMMEDIATE transactions (SQLite); and everybody has read before anybody writes, so
    that the window which the lock closes is open for sure."""
    everybody_has_read = threading.Barrier(clients)

    def unlocked(occurrence: Occurrence) -> Occurrence:
        related = ("obligation__responsible__parent", "obligation__endorser", "body", "session")
        found = Occurrence.objects.select_related(*related).get(pk=occurrence.pk)
        if threading.current_thread() is not threading.main_thread():
            everybody_has_read.wait(timeout=30)
        return found

    monkeypatch.setattr(beats, "lock", unlocked)
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "transaction_mode", "DEFERRED")
