"""C5: several clocks send each mail once. With its control."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from tests.people import World, make_world
from tests.reliability.test_races_of_steps import many_turns
from tests.reliability.together import at_once, make_member
from tracker.models import Message, Notice, Occurrence
from workflows import rounds, steps
from workflows.notices import sending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


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
