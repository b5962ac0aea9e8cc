"""Workers that are killed (-9) at every point of sending, and at random: no mail is lost, and none doubles but in the one window
that the documentation names, under its own `Message-ID`. Real processes.

The controls stand beside: without the lease mails double (`test_worker_kill`), without the unique key they are promised twice
(`workflows/test_notices`).
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.people import NOW, World, make_world
from tests.post_office import PostOffice, open_post_office
from tests.reliability.together import make_member
from tracker.models import Message, Notice
from workflows import notices, reminders, steps

ROOT = Path(__file__).resolve().parents[2]
LEASE = 60  # longer than any worker here lives; the tests end it by hand
KILLS = int(os.environ.get("RESOLVES_MAIL_KILLS", "6"))
SOAK_KILLS = int(os.environ.get("RESOLVES_MAIL_KILLS", "300"))
SEED = int(os.environ.get("RESOLVES_MAIL_SEED", "1306"))
MAILS = 12  # queued for each stretch of random kills

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
Order = Callable[..., str]


@pytest.fixture
def office() -> Generator[PostOffice]:
    with open_post_office() as opened:
        yield opened


@pytest.fixture
def world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


@pytest.fixture
def environment(child_environment: dict[str, str], office: PostOffice) -> dict[str, str]:
    return {
        **child_environment,
        "EMAIL_URL": office.url,
        "MAIL_LEASE_SECONDS": str(LEASE),
        "RESOLVES_NOW": NOW,
        "LOG_LEVEL": "ERROR",
    }


@pytest.fixture
def order(environment: dict[str, str]) -> Generator[Order]:
    """Has one worker send what is queued, and die as ordered; returns at which point it died ("": it lived)."""
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.dying"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def _order(**how: Any) -> str:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        nursery.stdin.write(json.dumps(how) + "\n")
        nursery.stdin.flush()
        return str(json.loads(nursery.stdout.readline())["died"])

    yield _order
    nursery.kill()
    nursery.communicate()


def ask(world: World, count: int) -> None:
    """Queue as many mails: so many people are asked for one item."""
    people = [make_member(world, f"person-{number}") for number in range(count)]
    steps.assign(world.due, lead=people[0], contributors=people[1:], by=world.chair)
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)


def queue_anew(office: PostOffice) -> None:
    """As if nothing had been sent yet."""
    Notice.objects.exclude(message=None).update(state="queued", settled_at=None)
    Message.objects.update(state="queued", attempts=0, leased_until=None, not_before=None, sent_at=None)
    office.accepted.clear()
    office.received.clear()


def end_leases() -> None:
    """As if time had passed."""
    Message.objects.filter(state="claimed").update(leased_until=timezone.now() - timedelta(seconds=1))
    Message.objects.update(not_before=None)


def finish(order: Order) -> None:
    """After whoever died: the lease of what they held ends, and the next round sends the rest."""
    end_leases()
    assert order() == ""


def came_once_or_more(office: PostOffice) -> int:
    """All mails came, each under its own name, and are on record as sent; how many came more than once."""
    names = [str(mail["Message-ID"]) for mail in office.accepted]
    assert set(names) == set(Message.objects.values_list("message_id", flat=True))
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert not Notice.objects.exclude(message=None).exclude(state="sent").exists()
    return len(names) - len(set(names))


# Where the server cannot have a mail that is not on record: before its words are sent, and after its record.
SAFE = frozenset(
    f"{when} {what}" for when in ("before", "after") for what in ("connecting", "ehlo", "mail", "rcpt", "data")
) | {"before the mail", "after COMMIT"}


def test_worker_that_dies_at_any_point_loses_no_mail(world, office, order, figure):
    """K2, enumerated: every point of sending two mails, from before the claim to after the last record."""
    ask(world, 2)
    points: list[str] = []
    doubling: set[str] = set()
    while died := order(at=len(points) + 1):
        points.append(died)
        finish(order)
        if doubles := came_once_or_more(office):
            assert doubles == 1
            doubling.add(died)
        queue_anew(office)

    assert doubling
    assert not doubling & SAFE
    figure(f"killed at each of {len(points)} points of sending two mails: lost 0, doubled at {len(doubling)} of them")


def killed_at_random(count: int, world: World, office: PostOffice, order: Order) -> tuple[int, int, int]:
    """So many kills while mails are sent; how many found the worker at work, how many mails were to go, and how many doubled."""
    chance = random.Random(SEED)
    ask(world, MAILS)
    office.delay = 0.01
    hit = mails = doubles = stretches = 0
    while hit < count:
        stretches += 1
        assert stretches < 6 * count, "the kills come too late"
        died_here = 0
        while hit < count and order(after=chance.uniform(0.02, 0.6)):
            hit += 1
            died_here += 1
            end_leases()
        finish(order)
        doubled = came_once_or_more(office)
        assert doubled <= died_here
        mails, doubles = mails + MAILS, doubles + doubled
        queue_anew(office)
    return hit, mails, doubles


def test_worker_that_is_killed_at_random_loses_no_mail(world, office, order, figure):
    hit, mails, doubles = killed_at_random(KILLS, world, office, order)
    figure(f"{hit} random kills (seed {SEED}), {mails} mails: lost 0, doubled {doubles}")


@pytest.mark.soak
def test_worker_that_is_killed_three_hundred_times_loses_no_mail(world, office, order, figure):
    hit, mails, doubles = killed_at_random(SOAK_KILLS, world, office, order)
    figure(f"{hit} random kills (seed {SEED}), {mails} mails: lost 0, doubled {doubles}, {doubles / mails:.2%}")


# --- many at once, many times -----------------------------------------------------------------------------------------


def tick(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "tick"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_five_workers_at_once_and_ten_rounds_send_each_mail_once(world, office, environment, order):
    """R2."""
    ask(world, 60)
    workers = [tick(environment) for _ in range(5)]
    assert [worker.wait(timeout=240) for worker in workers] == [0] * 5
    for _ in range(10):
        order()
    assert came_once_or_more(office) == 0


def test_who_is_released_while_the_mail_before_theirs_is_on_the_line_is_not_written_to(world, office, environment):
    """R4: the mails of a batch are read together; what changes afterwards counts for those that are left."""
    lead, *others = (world.people[name] for name in ("contributor", "helper", "vice_chair"))
    steps.assign(world.due, lead=lead, contributors=others, by=world.chair)
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)
    office.holds.set()
    worker = tick(environment)
    office.wait_for(1, seconds=120)  # the first is on the line, the second has been read and written
    time.sleep(1)
    second = Message.objects.filter(state="claimed").order_by("pk")[1]
    steps.release_contributor(world.due, contributor=second.person, by=world.chair, reason="Somebody else is freer.")
    office.holds.clear()
    assert worker.wait(timeout=120) == 0
    told = {mail["X-Envelope-To"] for mail in office.accepted if "no longer" not in mail["Subject"]}
    assert second.person.email not in told
    assert Notice.objects.get(kind="assigned", person=second.person).reason == "no longer asked"
