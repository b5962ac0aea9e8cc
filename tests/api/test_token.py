"""Programs log in with a token: obtained by a password, refused, throttled, and dead once its owner has left."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.authtoken.models import Token

from tests.people import PASSWORD, World
from tracker.models import Event, Person
from workflows import steps

TOKEN = "/api/v1/token/"
PAGE = "/account/tokens/"


@pytest.fixture(autouse=True)
def fresh_count_of_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def obtain(client: Client, username: str = "chair", password: str = PASSWORD, **headers: str) -> Any:
    return client.post(TOKEN, {"username": username, "password": password}, "application/json", headers=headers)


def reads(token: str) -> int:
    return int(Client().get("/api/v1/occurrences/", headers={"Authorization": token}).status_code)


def test_token_is_obtained_by_password_and_opens_the_api(world: World) -> None:
    answer = obtain(Client())

    assert answer.status_code == 200
    assert reads(f"Token {answer.json()['token']}") == 200
    assert obtain(Client()).json() == answer.json()


def test_step_by_token_needs_no_cookie(world: World) -> None:
    token = obtain(Client()).json()["token"]

    answer = Client(enforce_csrf_checks=True).post(
        f"/api/v1/occurrences/{world.due.reference}/steps/hold/",
        {"reason": "Waiting for figures."},
        "application/json",
        headers={"Authorization": f"Token {token}"},
    )

    assert (answer.status_code, answer.json()["on_hold"]) == (200, True)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("chair", "wrong"),
        ("nobody", PASSWORD),
        ("chair", ""),
        ("", ""),
        ("a\x00b", "x"),
        ("x" * 10_000, "x"),
        ("CHAIR", PASSWORD),
    ],
)
def test_wrong_name_or_password_gives_no_token(world: World, username: str, password: str) -> None:
    answer = obtain(Client(), username, password)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Token.objects.exists()


def test_wrong_name_and_wrong_password_look_alike(world: World) -> None:
    assert obtain(Client(), password="wrong").json() == obtain(Client(), username="nobody").json()


@pytest.mark.parametrize(
    "token", ["Token 0000", "Token", "Token a b", "Token \xff", "Bearer 0000", "Basic Y2hhaXI6eA=="]
)
def test_token_that_is_none_is_refused(world: World, token: str) -> None:
    assert reads(token) == 401


def test_tries_are_throttled_whatever_address_is_claimed(world: World) -> None:
    client = Client()

    answers = [
        obtain(client, password="wrong", **{"X-Forwarded-For": f"10.0.0.{number}"}).status_code for number in range(21)
    ]

    assert answers == [400] * 20 + [429]
    refusal = obtain(client)
    assert (refusal.status_code, refusal.json()["title"]) == (429, "Too many tries")
    assert int(refusal["Retry-After"]) <= 60


def test_token_of_a_deactivated_person_is_dead(world: World) -> None:
    token = f"Token {obtain(Client(), 'contributor').json()['token']}"
    session = Client()
    session.force_login(world.contributor)
    assert (reads(token), session.get("/api/v1/events/").status_code) == (200, 200)  # control

    steps.people.deactivate(Person.objects.get(username="contributor"), by=world.secretary, reason="Left.")

    assert (reads(token), session.get("/api/v1/events/").status_code) == (401, 401)
    assert obtain(Client(), "contributor").status_code == 400


# Its end -----------------------------------------------------------------------------------------------------------------


def test_program_ends_its_own_token_and_nobody_elses(world: World) -> None:
    mine, other = (f"Token {obtain(Client(), who).json()['token']}" for who in ("chair", "contributor"))

    answer = Client(enforce_csrf_checks=True).post(f"{TOKEN}end/", headers={"Authorization": mine})

    assert (answer.status_code, answer.content) == (204, b"")
    assert (reads(mine), reads(other)) == (401, 200)
    assert obtain(Client()).json()["token"] not in mine


def test_end_of_no_token_is_said(world: World) -> None:
    client = Client()
    client.force_login(world.chair)

    answer = client.post(f"{TOKEN}end/")

    assert (answer.status_code, answer.json()["detail"]) == (409, "You have no token for programs.")


def test_page_says_when_the_token_was_made_and_ends_it(world: World) -> None:
    client = Client()
    client.force_login(world.chair)
    assert "You have none" in client.get(PAGE).content.decode()
    token = obtain(Client()).json()["token"]
    page = client.get(PAGE).content.decode()
    assert f"{Token.objects.get().created:%Y}" in page
    assert token not in page

    answer = client.post(PAGE, follow=True)

    assert "Your token is ended" in answer.content.decode()
    assert reads(f"Token {token}") == 401
    ended = Event.objects.get(verb="token.ended")
    assert (ended.actor, ended.means, ended.subject_id) == (world.chair, "page", world.chair.pk)
    assert "You have no token" in client.post(PAGE, follow=True).content.decode()


def test_account_menu_leads_to_it(world: World) -> None:
    client = Client()
    client.force_login(world.chair)

    assert f'href="{PAGE}"' in client.get("/tasks/").content.decode()
