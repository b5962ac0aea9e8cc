"""A message in the queue that is not ours is refused before it is read, and the worker goes on. On each kind of queue.

The messages of huey are pickles: whoever can write into the queue could run anything by one, were it not signed. The control
takes the signature away, and the pickle runs.
"""

import pickle
import socket
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import huey
import pytest
from django.conf import settings
from django.db import connection
from huey.consumer import Worker
from huey.serializer import Serializer, SignedSerializer

from config.queue import PostgresHuey
from tests.reliability.test_queues import DATABASE_OF_THE_TESTS, REDIS

RAN: list[str] = []


def run(word: str) -> None:
    """What a pickle can have done by its mere reading."""
    RAN.append(word)


class Evil:
    """A pickle that does something when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return run, ("evil",)


def _queue(kind: str, folder: Path) -> huey.Huey:
    common: dict[str, Any] = {"immediate": False, "results": False, "serializer": settings.HUEY["serializer"]}
    if kind == "sqlite":
        return huey.SqliteHuey("forged", filename=str(folder / "queue.sqlite3"), **common)
    if kind == "redis":
        try:
            socket.create_connection(REDIS, timeout=2).close()
        except OSError:
            pytest.skip("no Redis answers on 127.0.0.1:6379: apt install redis-server")
        url = f"redis://{REDIS[0]}:{REDIS[1]}/{DATABASE_OF_THE_TESTS}"
        return huey.RedisHuey("forged", url=url, **common)
    found = connection.settings_dict
    address = (
        f"postgresql://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"
    )
    return PostgresHuey("forged", dsn=address, **common)


@pytest.fixture(params=["sqlite", "redis", pytest.param("postgres", marks=pytest.mark.postgres)])
def queue(request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None) -> Generator[huey.Huey]:
    RAN.clear()
    made = _queue(request.param, tmp_path)
    made.flush()
    yield made
    made.flush()
    made.storage.close()
    if request.param == "postgres":
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS huey_kv, huey_schedule, huey_task, huey_counter")


def forged(ours: huey.Huey) -> dict[str, bytes]:
    """Messages that we have not written."""
    pickled = pickle.dumps(Evil())
    signed_by_others = SignedSerializer(secret="another secret", salt="resolves-queue").serialize(Evil())
    good = ours.serialize_task(ours.task()(lambda: None).s())
    return {
        "unsigned": pickled,
        "signed by others": signed_by_others,
        "with a signature of another message": pickled + b":" + good.rsplit(b":", 1)[1],
        "no pickle": b"nothing",
        "empty": b":",
    }


def worked_off(ours: huey.Huey) -> None:
    """What a consumer's thread does, until nothing waits any more."""
    worker = Worker(ours, threading.Event(), default_delay=0.01, max_delay=0.01, backoff=1.0)
    for _message in range(20):
        if not ours.pending_count():
            break
        worker.loop()


def test_forged_messages_are_refused_and_the_worker_goes_on(queue: huey.Huey) -> None:
    done: list[str] = []

    @queue.task(name="ours")
    def ours() -> None:
        done.append("ours")

    for message in forged(queue).values():
        queue.storage.enqueue(message)
    ours()

    worked_off(queue)

    assert RAN == []
    assert done == ["ours"]
    assert queue.pending_count() == 0


def test_control_without_signatures_a_forged_message_runs(queue: huey.Huey) -> None:
    queue.serializer = Serializer()
    queue.storage.enqueue(pickle.dumps(Evil()))

    worked_off(queue)

    assert RAN == ["evil"]


def test_queue_of_the_settings_is_signed_with_the_secret_of_the_site() -> None:
    serializer = settings.HUEY["serializer"]

    assert isinstance(serializer, SignedSerializer)
    assert serializer.secret == settings.SECRET_KEY.encode()
