"""One link, pressed by many at the same moment: one step, one event, one notice. Real threads with connections of their own.

The control reads the link before and not again under its lock, and must go red.
"""

from collections import Counter
from datetime import date
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.people import World, make_world
from tests.reliability.together import at_once
from tracker import clock, mailed
from tracker.models import Event, MailedLink, Means, Notice, Occurrence
from workflows import steps

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6
NEW_DATE = {"wanted_on": "2018-03-29", "reason": "The figures come late."}


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def path_of(world: World, step: str) -> str:
    turn = world.walk("assigned" if step in {"accept", "decline"} else "in_progress")
    offers = mailed.links_for(world.contributor, Occurrence.objects.get(pk=turn.pk), now=clock.now())
    return next(urlsplit(offer.url).path for offer in offers if offer.step == step)


@pytest.mark.parametrize(
    ("step", "given"), [("accept", {}), ("decline", {"reason": "No."}), ("submit", {}), ("ask_new_date", NEW_DATE)]
)
def test_of_many_who_press_at_once_one_takes_the_step(shared_world: World, step: str, given: dict[str, str]) -> None:
    path = path_of(shared_world, step)

    def press() -> int:
        return Client(raise_request_exception=False).post(path, given).status_code

    answers = Counter(at_once([press] * AT_ONCE))

    assert answers[200] == 1, answers
    assert set(answers) <= {200, 403, 409, 410}
    assert Event.objects.filter(means=Means.LINK).count() == 1
    assert Notice.objects.filter(kind=Notice.Kind.LINK_USED).count() == 1
    assert MailedLink.objects.filter(used_at__isnull=False).count() == 1


def ask_and_be_refused(world: World, token: str) -> None:
    """The link is used, and its step becomes possible again."""
    steps.take_by_link(token, wanted_on=date(2018, 3, 29), reason="The figures come late.")
    steps.refuse_new_date(world.due, by=world.chair, reason="It stays.")


def test_whoever_read_the_link_before_it_was_used_finds_it_used(shared_world: World) -> None:
    token = path_of(shared_world, "ask_new_date").split("/")[2]
    read = mailed.find(token)
    ask_and_be_refused(shared_world, token)

    with pytest.raises(steps.LinkOver):
        steps.take_by_link(token, wanted_on=date(2018, 3, 29), reason="The figures come late.")

    assert read is not None
    assert read.over == ""
    assert Event.objects.filter(means=Means.LINK).count() == 1


def test_control_without_reading_it_again_under_the_lock_it_serves_twice(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = path_of(shared_world, "ask_new_date").split("/")[2]
    read = mailed.find(token)
    ask_and_be_refused(shared_world, token)
    monkeypatch.setattr(mailed, "find", lambda *_token, **_lock: read)

    Notice.objects.all().delete()  # whose key would hold the second back, too
    steps.take_by_link(token, wanted_on=date(2018, 3, 29), reason="The figures come late.")

    assert Event.objects.filter(means=Means.LINK).count() == 2
