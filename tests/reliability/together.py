"""Several at once: real threads with connections of their own, started by a barrier, never by a wait of so many seconds."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.test import Client
from django_fsm import TransitionNotAllowed
from viewflow.fsm.base import NoTransition

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
    except (DatabaseError, NoTransition) as error:  # the database, or the engine of the path
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


def merges(first: int, second: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many statements of the one can fall between so many of the other."""
    total = first + second
    for places in itertools.combinations(range(total), first):
        yield tuple(0 if place in places else 1 for place in range(total))


class Stepped:
    """Two threads that go from gate to gate as a schedule says. One that waits for a lock of the database is left to it:
    that is a fact the database tells (`pg_stat_activity`), not a matter of time."""

    def __init__(self, schedule: Sequence[int]) -> None:
        self.schedule = list(schedule)
        self.changed = threading.Condition()
        self.waiting: dict[int, bool] = {}
        self.over: dict[int, bool] = {}
        self.allowed: dict[int, int] = {0: 0, 1: 0}
        self.names: dict[int, int] = {}
        self.backends: dict[int, int] = {}
        self.free = False

    def gate(self) -> None:
        """Stand until the schedule lets this thread go on; threads that are not of the two pass."""
        number = self.names.get(threading.get_ident())
        if number is None:
            return
        with self.changed:
            self.waiting[number] = True
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.free or self.allowed[number] > 0, timeout=PATIENCE)
            self.allowed[number] -= 1
            self.waiting[number] = False

    def run(self, calls: Sequence[Callable[[], Any]], is_blocked: Callable[[int], bool]) -> list[Any]:
        """Take the schedule; then let both finish."""
        results: list[Any] = [None, None]

        def one(number: int, call: Callable[[], Any]) -> None:
            self.names[threading.get_ident()] = number
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    self.backends[number] = cursor.fetchone()[0]
                self.gate()
                results[number] = outcome(call)
            finally:
                with self.changed:
                    self.over[number] = True
                    self.changed.notify_all()
                connection.close()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(calls)]
        for thread in threads:
            thread.start()
        for number in (0, 1):
            self._settled(number, is_blocked)
        for number in self.schedule:
            self._settled(number, is_blocked)  # one whose lock came free meanwhile may still be on its way to its gate
            with self.changed:
                if self.over.get(number) or not self.waiting.get(number):
                    continue
                self.allowed[number] += 1
                self.waiting[number] = False
                self.changed.notify_all()
            self._settled(number, is_blocked)
        with self.changed:
            self.free = True
            self.changed.notify_all()
        for thread in threads:
            thread.join(timeout=PATIENCE)
            assert not thread.is_alive()
        return results

    def _settled(self, number: int, is_blocked: Callable[[int], bool]) -> None:
        """Until that thread stands at a gate, is over, or waits for a lock."""
        for _ in range(PATIENCE * 200):
            with self.changed:
                if self.changed.wait_for(lambda: self.waiting.get(number) or self.over.get(number), timeout=0.005):
                    return
            if number in self.backends and is_blocked(self.backends[number]):
                return
        raise AssertionError("a thread neither went on nor waited")
