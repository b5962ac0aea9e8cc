"""The API's overview is the summary of the Council's page, number for number."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.people import World
from tracker import summaries
from tracker.models import Person
from workflows import steps

ADDRESS = "/api/v1/overview/"


def test_overview_says_what_the_page_says(world: World, client_for: Callable[[Person], Client]) -> None:
    steps.assign(world.due, lead=world.contributor, by=world.chair)
    page = summaries.overview(world.councillor, world.council, world.sessions["C18"])

    answer = client_for(world.councillor).get(ADDRESS, {"body": "council", "session": "c18"}).json()

    assert {count["code"]: count["number"]["count"] for count in answer["counts"]} == {
        count.code: count.number.count for count in page.counts
    }
    assert [part["words"] for part in answer["statements"]] == [part.words for part in page.statements]
    assert answer["past_due"]["count"] == page.past_due.count
    assert answer["carried"]["count"] == page.carried.count == 2  # Council 2016 and 2017, never reported


def test_overview_without_a_session_is_of_the_one_ahead(world: World, client_for: Callable[[Person], Client]) -> None:
    answer = client_for(world.councillor).get(ADDRESS, {"body": "council"}).json()

    assert answer["session"]["key"] == "c18"


def test_overview_counts_add_up(world: World, client_for: Callable[[Person], Client]) -> None:
    answer = client_for(world.councillor).get(ADDRESS, {"body": "council"}).json()

    assert sum(count["number"]["count"] for count in answer["counts"]) == answer["occurrences"]["count"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, 400),
        ({"body": "nowhere"}, 404),
        ({"body": "council", "session": "c99"}, 400),
        ({"body": "council", "mark": "purple"}, 400),
        ({"body": "council", "colour": "red"}, 400),
        ({"body": "council", "item": "\x00"}, 400),
        ({"body": "council", "page": "9" * 30}, 200),
        ({"body": "council", "page": "-1"}, 200),
    ],
)
def test_overview_refuses_what_makes_no_sense(
    world: World, client_for: Callable[[Person], Client], asked: dict[str, Any], code: int
) -> None:
    assert client_for(world.councillor).get(ADDRESS, asked).status_code == code
