"""C7: the calendar beside steps on what hangs on it: locks are taken in one order, so that nobody waits for ever. Each with its control."""

import ast
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from tests.calendars import periodic
from tests.people import World, make_world
from tests.record import verified
from tests.reliability.test_races_of_steps import many_turns
from tests.reliability.together import at_once, outcome
from tracker.models import Assignment, Event, Obligation, Occurrence, Session
from workflows import rounds, steps
from workflows.steps import batch, beats

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def until(true: Callable[[], bool]) -> None:
    """Wait for a fact."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def move_beside_a_step(world: World) -> tuple[Any, Any]:
    """A session is moved while somebody is in the middle of a step on a turn that hangs on it: the mover holds the body
    and waits for the turn, and whoever holds the turn writes an event, which names the body."""
    turn = world.walk("in_progress")
    holding = threading.Event()
    found: dict[str, Any] = {}

    def holder() -> str:
        with beats.acting_on(turn, "hold", by=world.chair) as act:
            holding.set()
            until(lambda: "mover" in found and _waits(found["mover"]))
            act.occurrence.hold_reason = "Waiting for figures."
            act.fire()
            act.record("occurrence.held")
        return "done"

    def mover() -> str:
        holding.wait(timeout=60)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found["mover"] = cursor.fetchone()[0]
        steps.move_session(world.sessions["C18"], opens=date(2018, 6, 5), by=world.secretary, reason="It moved.")
        return "done"

    first, second = at_once([holder, mover])
    return first, second


def _waits(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [backend])
        row = cursor.fetchone()
    return bool(row and row[0])


@pytest.mark.postgres
def test_a_session_moves_beside_a_step_on_what_hangs_on_it(shared_world: World) -> None:
    assert move_beside_a_step(shared_world) == ("done", "done")

    turn = shared_world.due
    assert turn.on_hold
    assert turn.due_on == date(2018, 5, 6)
    assert verified()


@pytest.mark.postgres
def test_control_with_locks_on_the_key_they_block_each_other(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The full lock of a row also keeps everybody from naming it: then the two wait for each other."""
    lock = QuerySet.select_for_update
    monkeypatch.setattr(
        QuerySet, "select_for_update", lambda rows, **options: lock(rows, **{**options, "no_key": False})
    )

    answers = move_beside_a_step(shared_world)

    assert any("deadlock" in str(answer) for answer in answers)


def endorse_beside_a_rule(world: World) -> tuple[Any, Any]:
    """The duty station moves while somebody endorses a turn whose next one is counted from its completion: the mover holds
    the duty, and whoever endorses enters its next turn."""
    duty = periodic(world, date(2017, 6, 1), 12, completion=True)
    Obligation.objects.filter(pk=duty.pk).update(offset_working=True)
    turn = world.walk("submitted", duty.occurrences.get())
    holding = threading.Event()
    found: dict[str, Any] = {}

    def endorser() -> str:
        with beats.acting_on(turn, "endorse", by=world.chair) as act:
            holding.set()
            until(lambda: "mover" in found and _waits(found["mover"]))
            act.fire()
            act.record("occurrence.endorsed", also=[turn.reports.get()])
        return "done"

    def mover() -> str:
        holding.wait(timeout=60)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found["mover"] = cursor.fetchone()[0]
        steps.set_duty_station(world.council, country="CH", subdivision="GE", by=world.secretary, reason="It moved.")
        return "done"

    first, second = at_once([endorser, mover])
    return first, second


@pytest.mark.postgres
def test_a_rule_changes_beside_the_end_of_a_turn_that_brings_the_next(shared_world: World) -> None:
    assert endorse_beside_a_rule(shared_world) == ("done", "done")

    assert Occurrence.objects.filter(obligation__kind="periodic").count() == 2
    assert verified()


@pytest.mark.postgres
def test_control_where_the_duty_is_locked_after_its_turn_they_block_each_other(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beats, "_lock_duties", lambda _turns: None)

    answers = endorse_beside_a_rule(shared_world)

    assert any("deadlock" in str(answer) for answer in answers)


@pytest.mark.postgres
def test_a_session_moves_beside_a_decision_on_several_of_its_turns(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch has locked the first of its turns, one that only stands in a column; the move comes for both, and must not
    have taken the second before it waits for the first."""
    world = shared_world
    periodic(world, date(2017, 6, 1), 12)
    steps.add_session(world.council, code="C19", name="Council 2019", opens=date(2019, 4, 9), by=world.secretary)
    session = Session.objects.get(code="C19")
    hung = Occurrence.objects.get(session=session, obligation=world.obligation)
    loose = Occurrence.objects.filter(period__isnull=False, pk__lt=hung.pk).order_by("pk")[0]
    holding, found = threading.Event(), {}

    def lock_slowly(occurrences: Iterable[Occurrence]) -> None:
        for occurrence in sorted(occurrences, key=lambda turn: turn.pk):
            beats.lock(occurrence)
            if occurrence.pk == loose.pk:
                holding.set()
                until(lambda: "mover" in found and _waits(found["mover"]))

    def decider() -> str:
        cited = batch.Citation("C17/119", "4.2", "noted")
        items = [batch.Decided(hung), batch.Decided(loose)]
        steps.would_decide(world.sessions["C17"], by=world.secretary, cited=cited, items=items)
        return "done"

    def mover() -> str:
        holding.wait(timeout=60)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found["mover"] = cursor.fetchone()[0]
        steps.move_session(session, opens=date(2019, 6, 5), by=world.secretary, reason="It moved.")
        return "done"

    monkeypatch.setattr(batch, "lock_all", lock_slowly)

    assert at_once([decider, mover]) == ["done", "done"]
    assert Session.objects.get(code="C19").opens == date(2019, 6, 5)
    assert verified()


def test_rows_are_locked_without_their_keys() -> None:
    """What others only name (a body, a session, a person) is never locked against being named."""
    unkeyed = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "workflows").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "select_for_update"
        and not {"no_key", "skip_locked"} & {keyword.arg for keyword in node.keywords}
    ]
    assert unkeyed == [], "write select_for_update(…, no_key=True)"


def hunt(world: World, rounds_each: int, seed: int) -> Counter[str]:
    """Sessions move, turns are stepped, several are decided at once in any order, the calendar rolls, the clock goes round."""
    periodic(world, date(2017, 6, 1), 12)
    turns = [turn.reference for turn in many_turns(world, 6)]
    everything_open = list(Occurrence.objects.filter(status="planned"))
    chance = random.Random(seed)
    seeds = [chance.random() for _ in range(8)]

    def mover(seed: float) -> list[Any]:
        own = random.Random(seed)
        session = Session.objects.get(pk=own.choice([world.sessions["C18"].pk, *_sessions(world)]))
        days = [date(2018, 6, 1) + timedelta(days=own.randrange(300)) for _ in range(rounds_each)]
        return [
            outcome(lambda day=day: steps.move_session(session, opens=day, by=world.secretary, reason="So."))  # type: ignore[misc]
            for day in days
        ]

    def stepper(seed: float) -> list[Any]:
        own = random.Random(seed)
        done = []
        for number in range(rounds_each):
            turn = Occurrence.objects.get(reference=own.choice(turns))
            step = own.choice(["hold", "resume", "assign", "unassign", "change_due_date"])
            day = date(2018, 7, 1) + timedelta(days=own.randrange(200))
            words: dict[str, Any] = {
                "hold": {"reason": f"{number}"},
                "resume": {},
                "assign": {"lead": world.contributor},
                "unassign": {"reason": "So."},
                "change_due_date": {"due_on": day, "reason": "So."},
            }[step]
            done.append(
                outcome(lambda: steps.ON_OCCURRENCE[step](turn, by=world.chair, **words))  # noqa: B023
            )
        return done

    def decider(seed: float) -> list[Any]:
        """Several at once, undone again, so that there is something left for the next."""
        own, cited = random.Random(seed), batch.Citation("C17/119", "4.2", "waived")

        def decide() -> str:
            items = [batch.Decided(turn) for turn in own.sample(everything_open, 4)]
            steps.would_decide(world.sessions["C17"], by=world.secretary, cited=cited, items=items)
            return "done"

        return [outcome(decide) for _ in range(rounds_each)]

    def roller(_seed: float) -> list[Any]:
        return [outcome(steps.roll) for _ in range(rounds_each)]

    def planner(_seed: float) -> list[Any]:
        return [str(done.failed or "") for done in (rounds.run() for _ in range(rounds_each))]

    jobs = [mover, stepper, decider, mover, stepper, decider, roller, planner]
    calls = [lambda job=job, seed=seed: job(seed) for job, seed in zip(jobs, seeds, strict=True)]  # type: ignore[misc]
    results = [one for found in at_once(calls) for one in found]
    return Counter(one if isinstance(one, str) else "done" for one in results)


def _sessions(world: World) -> list[int]:
    return list(Session.objects.filter(code__startswith="Y").values_list("pk", flat=True)[:2])


# Ten thousand acts in all, in parts that each end within minutes.
@pytest.mark.parametrize(
    ("each", "seed"), [(3, 1306), *(pytest.param(157, 1306 + part, marks=pytest.mark.soak) for part in range(8))]
)
def test_no_order_of_locks_blocks_anybody(
    shared_world: World, each: int, seed: int, figure: Callable[[str], None]
) -> None:
    answers = hunt(shared_world, each, seed)

    assert set(answers) <= {"done", "words", "not now", "may not", ""}, answers
    assert verified()
    figure(f"C7: {sum(answers.values())} acts: {dict(answers)}")


def test_two_who_assign_the_same_many_in_opposite_orders_assign_each_once(shared_world: World) -> None:
    turns = many_turns(shared_world, 5)
    references = [turn.reference for turn in turns]

    def assigning(who: str, order: list[str]) -> Callable[[], int]:
        client = Client(raise_request_exception=False)
        client.force_login(shared_world.people[who])
        form = {"item": order, "lead": f"person-{shared_world.contributor.pk}"}
        return lambda: client.post("/board/assign/", form).status_code

    answers = at_once([assigning("chair", references), assigning("vice_chair", references[::-1])])

    assert max(answers) < 500
    assigned = Event.objects.filter(verb="occurrence.assigned", subject_id__in=[turn.pk for turn in turns])
    assert len(assigned) == len({event.subject_id for event in assigned})
    standing = Assignment.objects.standing().filter(occurrence__in=turns, part="lead")
    assert len(standing) == len({one.occurrence_id for one in standing})
