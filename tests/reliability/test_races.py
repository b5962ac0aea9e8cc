"""Eight clients take the same step on the same occurrence at once: one succeeds, seven are told that the moment has passed.

Real threads with connections of their own, on both databases. The control takes the lock away and must go red.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client

from tests.people import World, make_world
from tracker.models import Event, Occurrence, Report
from workflows.models import Run
from workflows.steps import beats

CLIENTS = 8
STEPS = {
    "accept": ("assigned", "contributor", {}, "in_progress"),
    "submit": ("in_progress", "contributor", {"text": "What was done."}, "submitted"),
    "endorse": ("submitted", "chair", {}, "endorsed"),
}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def at_once(world: World, step: str, clients: int = CLIENTS) -> Counter[int]:
    """The answers of so many clients that start together."""
    state, who, body, _after = STEPS[step]
    turn = world.walk(state)
    start = threading.Barrier(clients)

    def one(_number: int) -> int:
        client = Client(raise_request_exception=False)
        client.force_login(world.people[who])
        start.wait(timeout=60)
        try:
            answer = client.post(
                f"/api/v1/occurrences/{turn.reference}/steps/{step}/", body, content_type="application/json"
            )
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        return Counter(pool.map(one, range(clients)))


def holds(world: World, step: str, answers: Counter[int]) -> bool:
    """The safety property: one success, the others 409, one event, one run of the flow, one report at most."""
    turn = world.due
    events = Event.objects.filter(subject_type="occurrence", subject_id=turn.pk, verb__endswith=VERB[step]).count()
    runs = Run.objects.filter(occurrence=turn, status="NEW").count()
    standing = Report.objects.filter(occurrence=turn, state__in=["submitted", "endorsed"]).count()
    return (
        answers == {200: 1, 409: CLIENTS - 1}
        and turn.status == STEPS[step][3]
        and events == 1
        and runs == 1
        and standing == (0 if step == "accept" else 1)
    )


VERB = {"accept": ".accepted", "submit": ".submitted", "endorse": ".endorsed"}


@pytest.mark.parametrize("step", STEPS)
def test_same_step_by_eight_clients_succeeds_once(shared_world: World, step: str) -> None:
    answers = at_once(shared_world, step)

    assert holds(shared_world, step, answers), answers


@pytest.mark.parametrize("step", STEPS)
def test_same_step_by_eight_clients_goes_wrong_without_the_lock(
    shared_world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_lock_away(monkeypatch)

    answers = at_once(shared_world, step)

    assert sum(answers.values()) == CLIENTS
    assert not holds(shared_world, step, answers)


def take_the_lock_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row lock (PostgreSQL), no IMMEDIATE transactions (SQLite); and everybody has read before anybody writes, so
    that the window which the lock closes is open for sure."""
    everybody_has_read = threading.Barrier(CLIENTS)

    def unlocked(occurrence: Occurrence) -> Occurrence:
        related = ("obligation__responsible__parent", "obligation__endorser", "body", "session")
        found = Occurrence.objects.select_related(*related).get(pk=occurrence.pk)
        if threading.current_thread() is not threading.main_thread():
            everybody_has_read.wait(timeout=30)
        return found

    monkeypatch.setattr(beats, "lock", unlocked)
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "transaction_mode", "DEFERRED")
