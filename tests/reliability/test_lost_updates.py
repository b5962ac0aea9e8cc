"""C3: two who have read the same, and write after one another, lose nothing of what the other wrote. With its control."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from tests.people import World, make_world
from tests.reliability.together import at_once
from tracker.models import Event, Occurrence, Session
from workflows import steps

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


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
