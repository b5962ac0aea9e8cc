"""C1, C2, C6 and C8: many who want something of one occurrence at once. Each with its control, which takes the lock away."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from tests.api.test_matrix import BODY, LEADS_TO, WHEN
from tests.people import World, make_world
from tests.record import verified
from tests.reliability.together import Stepped, at_once, merges, path_agrees, posting
from tracker.models import Event, Occurrence, Session
from workflows import steps
from workflows.steps import beats

CLIENTS = 8
WHO = {
    "assign": "chair",
    "decline": "contributor",
    "send_back": "chair",
    "withdraw": "contributor",
    "close": "secretary",
}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def unlocked(monkeypatch: pytest.MonkeyPatch, readers: int = CLIENTS) -> None:
    """No row lock, no IMMEDIATE transactions; and all have read before anybody writes."""
    all_have_read = threading.Barrier(readers)

    def read(occurrence: Occurrence) -> Occurrence:
        related = ("obligation__responsible__parent", "obligation__endorser", "body", "session", "decision")
        found = Occurrence.objects.select_related(*related).get(pk=occurrence.pk)
        if threading.current_thread() is not threading.main_thread():
            all_have_read.wait(timeout=30)
        return found

    monkeypatch.setattr(beats, "lock", read)
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connections.settings["default"]["OPTIONS"], "transaction_mode", "DEFERRED")


def events_of(turn: Occurrence) -> int:
    return Event.objects.filter(subject_type="occurrence", subject_id=turn.pk).count()


def whole(turn: Occurrence, before: int, status: str, *, events: int = 1) -> bool:
    """Status, events, chain and flow after a race agree."""
    fresh = Occurrence.objects.get(pk=turn.pk)
    return fresh.status == status and events_of(turn) == before + events and verified() > 0 and path_agrees(fresh)


# C1: the same step ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", WHO)
def test_same_step_by_eight_clients_is_taken_once(shared_world: World, step: str) -> None:
    turn = shared_world.walk(WHEN[step].split()[-1])
    before = events_of(turn)

    answers = Counter(at_once([posting(shared_world, WHO[step], step, turn.reference, BODY[step])] * CLIENTS))

    assert answers[200] == 1
    assert set(answers) <= {200, 403, 409}  # 403: whoever declined leads no more
    assert whole(turn, before, LEADS_TO[step])


@pytest.mark.soak
def test_same_step_on_five_hundred_occurrences_is_taken_once_each(
    shared_world: World, figure: Callable[[str], None]
) -> None:
    turns = many_turns(shared_world, 500)
    total: Counter[int] = Counter()
    for turn in turns:
        calls = [posting(shared_world, "chair", "assign", turn.reference, BODY["assign"])] * CLIENTS
        answers = Counter(at_once(calls))
        assert answers == {200: 1, 409: CLIENTS - 1}, turn
        total += answers

    assert Event.objects.filter(verb="occurrence.assigned").count() == 500
    figure(f"C1: 500 occurrences, 8 clients each: {dict(total)}")


def many_turns(world: World, count: int) -> list[Occurrence]:
    """So many turns of the yearly duty, of sessions a day apart."""
    first = date(2018, 6, 1)
    Session.objects.bulk_create(
        [
            Session(body=world.council, code=f"Y{n}", name=f"Session {n}", opens=first + timedelta(days=n))
            for n in range(count)
        ]
    )
    return steps.plan_turns(world.obligation)[:count]


# C2: different steps --------------------------------------------------------------------------------------------------

RIVALS = {
    "assigned": [
        ("accept", "contributor"),
        ("decline", "contributor"),
        ("unassign", "secretary"),
        ("unassign", "chair"),
    ],
    "submitted": [("withdraw", "contributor"), ("send_back", "chair"), ("endorse", "chair"), ("endorse", "chair")],
}


@pytest.mark.parametrize("state", RIVALS)
def test_of_different_steps_from_one_state_one_wins(shared_world: World, state: str) -> None:
    turn = shared_world.walk(state)
    before, rivals = events_of(turn), RIVALS[state] * 2

    answers = at_once([posting(shared_world, who, step, turn.reference, BODY[step]) for step, who in rivals])

    won = [step for (step, _who), status in zip(rivals, answers, strict=True) if status == 200]
    assert len(won) == 1
    assert set(answers) <= {200, 403, 409}  # 403: whoever leads no more, or handed nothing in that stands
    assert whole(turn, before, LEADS_TO[won[0]])


@pytest.mark.parametrize("state", RIVALS)
def test_control_without_the_lock_different_steps_go_wrong(
    shared_world: World, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = shared_world.walk(state)
    before, rivals = events_of(turn), RIVALS[state] * 2
    calls = [posting(shared_world, who, step, turn.reference, BODY[step]) for step, who in rivals]
    unlocked(monkeypatch)

    answers = at_once(calls)

    won = [step for (step, _who), status in zip(rivals, answers, strict=True) if status == 200]
    assert not (set(answers) <= {200, 403, 409} and len(won) == 1 and whole(turn, before, LEADS_TO[won[0]]))


# C6: one chain, many writers ------------------------------------------------------------------------------------------


def write_activity(world: World, each: int) -> tuple[Occurrence, int, Counter[int]]:
    """Eight who record activity on one occurrence, each so often."""
    turn = world.walk("in_progress")
    before = events_of(turn)
    posts = [posting(world, "contributor", "record_activity", turn.reference, {"text": f"By {n}."}) for n in range(8)]
    answers = at_once([lambda post=post: [post() for _ in range(each)] for post in posts])  # type: ignore[misc]
    return turn, before, Counter(status for each_one in answers for status in each_one)


@pytest.mark.parametrize("each", [3, pytest.param(125, marks=pytest.mark.soak)])
def test_eight_writers_make_one_chain(shared_world: World, each: int, figure: Callable[[str], None]) -> None:
    turn, before, answers = write_activity(shared_world, each)
    figure(f"C6: 8 writers, {each} each: {dict(answers)}")

    assert answers == {200: CLIENTS * each}
    assert whole(turn, before, "in_progress", events=CLIENTS * each)
    numbers = Event.objects.filter(subject_type="occurrence", subject_id=turn.pk).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, before + CLIENTS * each + 1))


def test_control_without_the_lock_the_chain_is_torn_or_refused(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared_world.walk("in_progress")
    turn = shared_world.due
    posts = [posting(shared_world, "contributor", "record_activity", turn.reference, {"text": "Done."})] * CLIENTS
    unlocked(monkeypatch)

    answers = Counter(at_once(posts))

    assert answers != {200: CLIENTS}  # the unique keys of the chain refuse what the lock would have put in order


# C8: every order ------------------------------------------------------------------------------------------------------


@contextmanager
def gated(stepped: Stepped, monkeypatch: pytest.MonkeyPatch, *, lock: bool) -> Iterator[None]:
    """A gate before the row is read, before it is asked who may, before the move, before the record, before the end."""
    read = beats.lock

    def gated_lock(occurrence: Occurrence) -> Occurrence:
        if lock:
            found = read(occurrence)
        else:
            related = ("obligation__responsible__parent", "obligation__endorser", "body", "session", "decision")
            found = Occurrence.objects.select_related(*related).get(pk=occurrence.pk)
        stepped.gate()
        return found

    def before(call: Any) -> Any:
        def inner(*args: Any, **kwargs: Any) -> Any:
            stepped.gate()
            return call(*args, **kwargs)

        return inner

    def after(call: Any) -> Any:
        def inner(*args: Any, **kwargs: Any) -> Any:
            found = call(*args, **kwargs)
            stepped.gate()
            return found

        return inner

    with monkeypatch.context() as patch:
        patch.setattr(beats, "lock", gated_lock)
        patch.setattr(beats.flows, "fire", before(beats.flows.fire))
        patch.setattr(beats.audit, "record", after(before(beats.audit.record)))
        yield


def blocked(backend: int) -> bool:
    """Whether a backend waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [backend])
        row = cursor.fetchone()
    return bool(row and row[0])


GATES = 5


def interleaved(
    world: World, schedules: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch, *, lock: bool = True
) -> Counter[str]:
    """How each schedule of an acceptance beside a taking back ended."""
    ends: Counter[str] = Counter()
    for schedule, planned in zip(schedules, many_turns(world, len(schedules)), strict=True):
        turn = steps.assign(planned, lead=world.contributor, by=world.chair)
        before, stepped = events_of(turn), Stepped(schedule)
        calls = [
            lambda turn=turn: steps.accept(turn, by=world.contributor).status,
            lambda turn=turn: steps.unassign(turn, by=world.chair, reason="A mistake.").status,
        ]
        with gated(stepped, monkeypatch, lock=lock):
            first, second = stepped.run(calls, blocked)
        one_won = (first == "in_progress") != (second == "planned")
        serial = one_won and whole(turn, before, first if first == "in_progress" else "planned")
        ends["serial" if serial and {first, second} & {"not now", "may not"} else f"{first} beside {second}"] += 1
    return ends


@pytest.mark.postgres
def test_some_orders_of_two_steps_are_serial(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(merges(GATES, GATES))

    ends = interleaved(shared_world, every[::18], monkeypatch)

    assert ends == {"serial": len(every[::18])}


@pytest.mark.postgres
@pytest.mark.soak
def test_every_order_of_two_steps_is_serial(
    shared_world: World, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], None]
) -> None:
    every = list(merges(GATES, GATES))

    ends = interleaved(shared_world, every, monkeypatch)

    figure(f"C8: {len(every)} orders: {dict(ends)}")
    assert ends == {"serial": 252}


@pytest.mark.postgres
def test_control_without_the_lock_some_order_is_not_serial(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = list(merges(GATES, GATES))

    ends = interleaved(shared_world, every[::18], monkeypatch, lock=False)

    assert set(ends) != {"serial"}
