"""C3, C4, C5 and C7: the calendar, offices and the clock beside steps on what hangs on them. Each with its control."""

import ast
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from tests.calendars import periodic
from tests.people import World, make_person, make_world
from tests.record import everything, verified
from tests.reliability.test_races_of_steps import many_turns
from tests.reliability.together import at_once, make_member, outcome
from tracker.models import Assignment, Event, Message, Notice, Occurrence, Person, Session, Term
from workflows import rounds, steps
from workflows.notices import sending
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


# C7: locks in one order -----------------------------------------------------------------------------------------------


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


# C3: lost updates -------------------------------------------------------------------------------------------------------


def stale_pages(world: World) -> tuple[Occurrence, list[Client], list[dict[str, str]]]:
    """Two who have the same page of another due date open at once."""
    turn, clients, forms = world.walk("in_progress"), [], []
    for who, day in (("chair", "2018-05-02"), ("secretary", "2018-05-03")):
        client = Client()
        client.force_login(world.people[who])
        page = client.get(f"/items/{turn.reference}/steps/change_due_date/")
        clients.append(client)
        forms.append({"seen": str(page.context["seen"]), "due_on": day, "reason": f"So says the {who}."})
    return turn, clients, forms


def test_second_of_two_stale_pages_is_told_and_loses_nothing(shared_world: World) -> None:
    turn, clients, forms = stale_pages(shared_world)
    address = f"/items/{turn.reference}/steps/change_due_date/"

    answers = [client.post(address, form) for client, form in zip(clients, forms, strict=True)]

    assert [answer.status_code for answer in answers] == [302, 409]
    assert "changed it since" in answers[1].content.decode()
    assert shared_world.due.due_on == date(2018, 5, 2)


def test_control_without_the_edition_the_second_would_overwrite(shared_world: World) -> None:
    turn, clients, forms = stale_pages(shared_world)
    address = f"/items/{turn.reference}/steps/change_due_date/"

    answers = [client.post(address, {**form, "seen": ""}) for client, form in zip(clients, forms, strict=True)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert shared_world.due.due_on == date(2018, 5, 3)


def test_programs_with_the_same_edition_lose_nothing(shared_world: World) -> None:
    """Eight read, eight write another day with `If-Match`: one is taken, and the others are told (412)."""
    turn = shared_world.walk("in_progress")
    reader = Client()
    reader.force_login(shared_world.chair)
    read = reader.get(f"/api/v1/occurrences/{turn.reference}/")["ETag"]

    def writing(number: int) -> Callable[[], int]:
        client = Client(headers={"If-Match": read}, raise_request_exception=False)
        client.force_login(shared_world.chair)
        body = {"due_on": f"2018-05-{number + 1:02}", "reason": "So."}
        address = f"/api/v1/occurrences/{turn.reference}/steps/change_due_date/"
        return lambda: client.post(address, body, content_type="application/json").status_code

    answers = Counter(at_once([writing(number) for number in range(8)]))

    assert answers == {200: 1, 412: 7}
    assert Event.objects.filter(verb="occurrence.due_date_changed").count() == 1


def test_a_report_that_was_put_in_the_place_of_another_is_not_endorsed_unread(shared_world: World) -> None:
    turn = shared_world.walk("submitted")
    client = Client()
    client.force_login(shared_world.chair)
    seen = client.get(f"/items/{turn.reference}/steps/endorse/").context["seen"]
    steps.withdraw(turn, by=shared_world.contributor)
    steps.submit(turn, by=shared_world.contributor, text="Something else.")

    answer = client.post(f"/items/{turn.reference}/steps/endorse/", {"seen": seen})

    assert answer.status_code == 409
    assert shared_world.due.status == "submitted"


def test_activity_of_others_does_not_stand_in_the_way(shared_world: World) -> None:
    turn, clients, forms = stale_pages(shared_world)
    steps.record_activity(turn, by=shared_world.contributor, text="A meeting was held.")

    answer = clients[0].post(f"/items/{turn.reference}/steps/change_due_date/", forms[0])

    assert answer.status_code == 302


def test_second_of_two_stale_moves_of_a_session_is_shown_what_it_would_do_anew(shared_world: World) -> None:
    """A move is taken only as it was previewed: what the first has moved meanwhile is shown before the second goes on."""
    address, answers = "/calendar/council/sessions/c18/move/", []
    clients = [Client(), Client()]
    previews = []
    for client, day in zip(clients, ("2018-06-05", "2018-06-12"), strict=True):
        client.force_login(shared_world.secretary)
        form = {"opens": day, "precision": "day", "reason": "The room is taken."}
        page = client.post(address, form)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
        previews.append({**form, **{name: value for name, value in hidden.items() if name != "csrfmiddlewaretoken"}})

    answers = [client.post(address, form).status_code for client, form in zip(clients, previews, strict=True)]

    assert answers[0] == 302
    assert answers[1] != 302
    assert Session.objects.get(code="C18").opens == date(2018, 6, 5)


# C4: a right that ends meanwhile ----------------------------------------------------------------------------------------


def test_who_left_since_the_page_was_opened_takes_no_step(shared_world: World) -> None:
    """The person in hand is as they were when they were let in; what counts is how they stand within the transaction."""
    turn = shared_world.walk("assigned")
    lead = Person.objects.get(username="contributor")
    steps.deactivate(shared_world.contributor, by=shared_world.secretary, reason="They left.")
    before = everything()

    with pytest.raises(PermissionDenied):
        steps.accept(turn, by=lead)

    assert everything() == before


def test_secretary_who_left_meanwhile_moves_nothing(shared_world: World) -> None:
    second = make_person("second_secretary")
    Term.objects.create(office=shared_world.offices["secretary"], person=second)
    gone = Person.objects.get(username="second_secretary")
    steps.deactivate(second, by=shared_world.secretary, reason="They left.")
    before = everything()

    with pytest.raises(PermissionDenied):
        steps.move_session(shared_world.sessions["C18"], opens=date(2018, 6, 1), by=gone, reason="It moved.")

    assert everything() == before


def test_control_who_left_would_act_on_what_the_page_knew(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = shared_world.walk("assigned")
    lead = Person.objects.get(username="contributor")
    steps.deactivate(shared_world.contributor, by=shared_world.secretary, reason="They left.")
    monkeypatch.setattr(beats, "require_present", lambda _by: None)

    assert steps.accept(turn, by=lead).status == "in_progress"


@pytest.mark.parametrize("times", [4, pytest.param(250, marks=pytest.mark.soak)])
def test_who_is_sent_away_beside_their_step_acts_before_it_or_not_at_all(
    shared_world: World, times: int, figure: Callable[[str], None]
) -> None:
    """Of a step and the end of its taker's account, started together: the step is whole, or refused, never after it."""
    turns = many_turns(shared_world, times)
    ends: Counter[str] = Counter()
    for number, planned in enumerate(turns):
        helper = make_member(shared_world, f"lead_{number}")
        turn = steps.assign(planned, lead=helper, by=shared_world.chair)

        accepted, gone = at_once(
            [
                lambda turn=turn, helper=helper: steps.accept(turn, by=helper).status,
                lambda helper=helper: (
                    steps.deactivate(helper, by=shared_world.secretary, reason="They left.").is_active
                ),
            ]
        )

        assert gone is False
        assert accepted in ("in_progress", "may not")
        assert Occurrence.objects.get(pk=turn.pk).status == ("in_progress" if accepted != "may not" else "assigned")
        with pytest.raises(PermissionDenied):
            steps.accept(turn, by=helper)
        ends[accepted] += 1
    figure(f"C4: {times} steps beside the end of their taker's account: {dict(ends)}")


# C5: several clocks -----------------------------------------------------------------------------------------------------


def due_to_many(world: World, count: int) -> list[Occurrence]:
    """So many asked at once, each by a mail of their own."""
    turns = many_turns(world, count)
    for number, turn in enumerate(turns):
        steps.assign(turn, lead=make_member(world, f"asked_{number}"), by=world.chair)
    return turns


@pytest.mark.parametrize("count", [6, pytest.param(300, marks=pytest.mark.soak)])
def test_two_schedulers_and_a_round_by_hand_send_each_mail_once(
    shared_world: World, count: int, figure: Callable[[str], None]
) -> None:
    turns = due_to_many(shared_world, count)
    mail.outbox.clear()

    at_once([rounds.run, rounds.run, lambda: call_command("tick")])
    rounds.run()

    told = Notice.objects.filter(kind="assigned", occurrence__in=turns)
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(told) == count
    assert set(told.values_list("state", flat=True)) == {"sent"}
    assert len(ids) == len(set(ids)) == Message.objects.filter(state="sent").count()
    figure(f"C5: {len(ids)} mails by three clocks, none twice")


def test_control_where_mails_are_not_claimed_they_double(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    due_to_many(shared_world, 3)
    seen, met = threading.local(), threading.Barrier(3)

    def unclaimed() -> list[Message]:
        """All three read what is waiting before any of them sends."""
        if hasattr(seen, "waiting"):
            return []
        seen.waiting = list(Message.objects.filter(state__in=["queued", "claimed"]).order_by("pk"))
        met.wait(timeout=60)
        until = timezone.now() + timedelta(hours=1)
        Message.objects.update(state="claimed", leased_until=until)
        for message in seen.waiting:
            message.leased_until = until
        return list(seen.waiting)

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "_send", lambda _done: None)
        rounds.run()  # made, and not sent yet
    mail.outbox.clear()
    monkeypatch.setattr(sending, "claim", unclaimed)

    at_once([lambda: sending.send(lambda _notice, _occurrence: "")] * 3)

    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(ids) > len(set(ids))
