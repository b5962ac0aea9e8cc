"""C1, C2 and C6: many who want something of one occurrence at once. Each with its control, which takes the lock away."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection, connections

from tests.api.test_matrix import BODY, LEADS_TO, WHEN
from tests.people import World, make_world
from tests.record import verified
from tests.reliability.together import at_once, path_agrees, posting
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


@pytest.mark.slow
def test_same_step_on_five_hundred_occurrences_is_taken_once_each(
    shared_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = many_turns(shared_world, 500)
    total: Counter[int] = Counter()
    for turn in turns:
        calls = [posting(shared_world, "chair", "assign", turn.reference, BODY["assign"])] * CLIENTS
        answers = Counter(at_once(calls))
        assert answers == {200: 1, 409: CLIENTS - 1}, turn
        total += answers

    assert Event.objects.filter(verb="occurrence.assigned").count() == 500
    with capsys.disabled():
        print(f"\nC1: 500 occurrences, 8 clients each: {dict(total)}")  # noqa: T201


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


@pytest.mark.parametrize("each", [3, pytest.param(125, marks=pytest.mark.slow)])
def test_eight_writers_make_one_chain(shared_world: World, each: int) -> None:
    turn, before, answers = write_activity(shared_world, each)

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
