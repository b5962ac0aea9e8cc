"""Several at once: real threads with connections of their own, started by a barrier, never by a wait of so many seconds."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.people import World, make_person
from tracker.models import Assignment, Occurrence, Office, Person, Term
from workflows import flows

PATIENCE = 60
# What is owed in a state, as the path has it; a report that is to be validated is owed that first.
OWED = {"planned": "assignment", "assigned": "acceptance", "in_progress": "work", "endorsed": "decision"}


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


def make_member(world: World, name: str) -> Person:
    """Somebody with a seat in the group, who can be asked."""
    office = Office.objects.create(body=world.group, slug=name.replace("_", "-"), title=name, role="member")
    return Term.objects.create(office=office, person=make_person(name)).person


def path_agrees(turn: Occurrence) -> bool:
    """The open steps of a turn are those of its state: the lead's beside one for each contribution that is not done."""
    undone = turn.assignments.standing().filter(part=Assignment.Part.CONTRIBUTOR, done_at=None).count()
    owed = [OWED[turn.status]] if turn.status in OWED else []
    if turn.status == "submitted":
        owed = ["validation" if turn.needs_validation else "endorsement"]
    if turn.status == "in_progress":
        owed += ["contribution"] * undone
    return [task.flow_task.name for task in flows.open_tasks(turn)] == owed
