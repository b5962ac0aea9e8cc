"""C6: streams stay linear while many write, and sealing gives each event one place: two sealers at once, a lower id that is
committed after a sealing, a sealer that is killed half-way, an event that nobody of ours wrote.

Threads with connections of their own, on both databases. The controls take a lock away and must go red.
"""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from tests.people import World, make_world
from tests.record import new_heads, verified
from tracker import audit, keys
from tracker.log import published, sealing
from tracker.log.tree import Tree
from tracker.models import Event, Finding, Head, Leaf, Node, Occurrence
from tracker.proofs import merkle, notes
from workflows import steps
from workflows.steps import beats

WRITERS, EACH = 8, 12
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    new_heads()
    return make_world()


def at_once(*calls: Any) -> list[str]:
    """Each in a thread of its own, all at the same moment; what went wrong, by its name."""
    start = threading.Barrier(len(calls))

    def one(call: Any) -> str:
        start.wait(timeout=60)
        try:
            call()
        except (IntegrityError, OperationalError) as error:
            return type(error).__name__
        else:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [name for name in pool.map(one, calls) if name]


def speak(world: World, number: int, times: int = EACH) -> Any:
    """A writer who says something of one occurrence, again and again."""

    def call() -> None:
        for turn in range(times):
            steps.comment(world.due, by=world.people["chair"], text=f"Writer {number}, line {turn}.")

    return call


def sealed_once() -> int:
    """The size of the log, after it was found whole: each event has one place, places have no gap, the root is that of the
    leaves, and every kept node is."""
    leaves = list(Leaf.objects.order_by("position").values_list("position", "event_id", "hash"))
    assert [position for position, _event, _hash in leaves] == list(range(len(leaves)))
    assert len({event for _position, event, _hash in leaves}) == len(leaves)
    hashes = dict(Event.objects.values_list("pk", "hash"))
    growing = merkle.Growing()
    for _position, event, hash_ in leaves:
        assert merkle.leaf_hash(bytes.fromhex(hashes[event])).hex() == hash_
        growing.add(bytes.fromhex(hash_))
    head = Head.objects.first()
    if head:
        assert Tree().root(head.size).hex() == head.root
        assert head.size < len(leaves) or growing.root().hex() == head.root
    assert Node.objects.count() == sum(len(leaves) >> level for level in range(8, 64, 8))
    return len(leaves)


# Streams ------------------------------------------------------------------------------------------------------------------------


def test_eight_writers_of_one_stream_make_one_chain(shared_world: World) -> None:
    before = Event.objects.count()

    wrong = at_once(*(speak(shared_world, number) for number in range(WRITERS)))

    assert wrong == []
    assert verified() == before + WRITERS * EACH
    stream = Event.objects.filter(stream=audit.stream(shared_world.due)).order_by("number")
    assert [event.number for event in stream] == list(range(1, WRITERS * EACH + 2))


@pytest.mark.postgres
def test_control_without_the_lock_writers_run_into_each_other(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database itself refuses the second event of a number: there is no fork, but acts are lost."""
    monkeypatch.setattr("workflows.steps.talk.lock", lambda turn: Occurrence.objects.get(pk=turn.pk))
    monkeypatch.setattr(beats, "lock", lambda turn: Occurrence.objects.get(pk=turn.pk))

    wrong = at_once(*(speak(shared_world, number) for number in range(WRITERS)))

    assert "IntegrityError" in wrong
    assert verified() == Event.objects.count()


def test_writers_and_sealers_at_once_lose_and_double_nothing(shared_world: World) -> None:
    def seal() -> None:
        for _time in range(EACH):
            sealing.seal()
            published.write()

    turns = list(Occurrence.objects.order_by("pk"))

    def write(number: int) -> Any:
        def call() -> None:
            for turn in range(EACH):
                steps.comment(turns[number % len(turns)], by=shared_world.people["chair"], text=f"{number}.{turn}")

        return call

    wrong = at_once(*(write(number) for number in range(4)), seal, seal)

    assert wrong == []
    sealing.seal()
    assert sealed_once() == Event.objects.count() == verified()
    for head in Head.objects.order_by("size"):
        assert Tree().root(head.size).hex() == head.root
        notes.read(head.note, keys.known_keys())


# Sealers ------------------------------------------------------------------------------------------------------------------------


def test_sealing_gives_every_event_its_place_once(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    for number in range(10):
        steps.comment(shared_world.due, by=shared_world.people["chair"], text=f"Line {number}.")
    events = Event.objects.count()

    first, again = sealing.seal(), sealing.seal()

    assert (first.added, again.added, again.head) == (events, 0, None)
    assert sealed_once() == events
    assert Head.objects.get().size == events


def test_two_sealers_at_once_seal_each_event_once(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 5)
    speak(shared_world, 0, 40)()

    wrong = at_once(*[sealing.seal] * 4)

    assert wrong == []
    sealing.seal()
    assert sealed_once() == Event.objects.count()


@pytest.mark.postgres
def test_control_without_their_lock_two_sealers_run_into_each_other(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_my_turn", lambda: True)
    monkeypatch.setattr(sealing, "BATCH", 5)
    speak(shared_world, 0, 40)()

    wrong = at_once(*[sealing.seal] * 4)

    assert "IntegrityError" in wrong


@pytest.mark.postgres
def test_lower_id_that_is_committed_after_a_sealing_is_sealed_next(shared_world: World) -> None:
    """Ids are given out before the commit: of two writers the first may be the last to be seen."""
    written, sealed = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            steps.hold(shared_world.past, by=shared_world.people["chair"], reason="Waiting for figures.")
            written.set()
            assert sealed.wait(timeout=60)

    def quick() -> None:
        assert written.wait(timeout=60)
        steps.hold(shared_world.due, by=shared_world.people["chair"], reason="Waiting for figures.")
        sealing.seal()
        sealed.set()

    assert at_once(slow, quick) == []

    late = Event.objects.get(subject_reference=shared_world.past.reference, verb="occurrence.held")
    early = Event.objects.get(subject_reference=shared_world.due.reference, verb="occurrence.held")
    assert late.pk < early.pk
    assert not Leaf.objects.filter(event=late).exists()
    assert sealing.seal().added == 1
    assert Leaf.objects.get(event=late).position > Leaf.objects.get(event=early).position
    assert sealed_once() == Event.objects.count()


def test_event_far_behind_the_newest_is_found_too(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick look at the newest ids is held against the number of events."""
    monkeypatch.setattr(sealing, "LOOK_BACK", 1)
    with transaction.atomic():
        speak(shared_world, 0, 5)()
        hidden = Event.objects.order_by("pk").first()
        assert hidden is not None
    Leaf.objects.bulk_create([Leaf(position=0, event=Event.objects.latest("pk"), hash="00" * 32)])

    waiting = list(sealing._unsealed(1, 0))

    assert hidden in waiting
    assert len(waiting) == Event.objects.count() - 1


@pytest.mark.parametrize("at", range(1, 14))
def test_sealer_that_breaks_at_any_statement_leaves_nothing_half(shared_world: World, at: int) -> None:
    count = 0

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == at and "SAVEPOINT" not in sql:
            raise OperationalError("the database went away")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        try:
            sealing.seal()
        except OperationalError:
            assert (Leaf.objects.count(), Head.objects.count(), Node.objects.count()) == (0, 0, 0)

    sealing.seal()
    assert sealed_once() == Event.objects.count()
    assert Head.objects.count() == 1


@pytest.mark.processes
def test_killed_sealer_leaves_nothing_half(shared_world: World) -> None:
    """A process that ends on the spot after its leaves are written, before the commit."""
    program = (
        "import django, os; django.setup()\n"
        "from tracker.log import sealing\n"
        "sealing._sign = lambda: os._exit(9)\n"
        "sealing.seal()\n"
    )
    settings = connection.settings_dict
    environment = {**os.environ, "KILLED_SEALER_DATABASE": str(settings["NAME"])}
    opening = (
        "import os\nfrom django.conf import settings\n"
        "settings.DATABASES['default']['NAME'] = os.environ['KILLED_SEALER_DATABASE']\n"
    )
    if connection.vendor == "sqlite" and "memory" in str(settings["NAME"]):
        pytest.skip("the tests' database is in memory")

    ended = subprocess.run([sys.executable, "-c", opening + program], env=environment, check=False)

    assert ended.returncode == 9
    assert Leaf.objects.count() == 0
    assert sealing.seal().added == Event.objects.count()
    assert sealed_once() == Event.objects.count()


# What is not ours ---------------------------------------------------------------------------------------------------------------


def test_event_that_nobody_of_ours_wrote_is_never_sealed(shared_world: World) -> None:
    """The owner adds a well-formed event: chained, hashed, without the code that only a process of ours can write."""
    last = Event.objects.filter(stream=audit.stream(shared_world.due)).latest("number")
    forged = Event.objects.get(pk=last.pk)
    forged.pk, forged.number, forged.previous_hash = None, last.number + 1, last.hash
    forged.verb, forged.mac = "occurrence.closed", f"{keys.event_key().hex()[:8]}:{'0' * 64}"
    forged.hash = audit.digest(forged)
    forged.save(force_insert=True)

    done = sealing.seal()

    assert [(one.kind, one.event) for one in done.refused] == [("forged", forged.pk)]
    assert not Leaf.objects.filter(event=forged).exists()
    assert Finding.objects.get().kind == "forged"
    assert sealed_once() == Event.objects.count() - 1
