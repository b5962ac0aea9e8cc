"""Several at once: real threads with connections of their own, started by a barrier, never by a wait of so many seconds."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.people import World

PATIENCE = 60


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Call all of them at the same moment; what each gave, or in a word why it was refused."""
    start = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        start.wait(timeout=PATIENCE)
        try:
            return outcome(call)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gave, or in a word why not."""
    try:
        return call()
    except PermissionDenied:
        return "may not"
    except TransitionNotAllowed:
        return "not now"
    except ValidationError:
        return "words"
    except DatabaseError as error:
        return f"broken: {error}"


def posting(world: World, who: str, step: str, reference: str, body: dict[str, Any]) -> Callable[[], int]:
    """A client that takes a step through the API; the status of its answer."""
    client = Client(raise_request_exception=False)
    client.force_login(world.people[who])

    def post() -> int:
        address = f"/api/v1/occurrences/{reference}/steps/{step}/"
        return client.post(address, body, content_type="application/json").status_code

    return post
