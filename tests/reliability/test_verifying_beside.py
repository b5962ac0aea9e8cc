"""Verifying beside writers and the sealing: what is written meanwhile is never taken for something that was spoilt."""

import threading

import pytest
from django.db import connection

from tests.people import World, make_world
from tests.reliability.recorded import found, seal
from tracker.log import sealing
from tracker.log.verifying import verify
from tracker.models import Event, Leaf
from workflows import steps

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def test_no_false_alarm_while_others_write_and_seal(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = shared_world
    monkeypatch.setattr("tracker.log.rows.PAGE", 5)  # many questions a check, so that much happens between them
    monkeypatch.setattr("tracker.log.leaves.PAGE", 5)
    monkeypatch.setattr(sealing, "BATCH", 3)
    seal()
    over = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(ROUNDS):
                for turn in (world.due, world.past):
                    steps.hold(turn, by=world.chair, reason=f"Waiting for figures, {number}.")
                    steps.resume(turn, by=world.chair, note="They came.")
                seal()
        except BaseException as failure:  # noqa: BLE001  (shown by the test)
            failures.append(failure)
        finally:
            over.set()
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    checks = 0
    while not over.is_set():
        assert verify(replay=False).findings == ()
        checks += 1
    writer.join()

    assert failures == []
    assert checks > 1
    assert found().findings == ()
    assert Leaf.objects.count() == Event.objects.count() > 4 * ROUNDS
