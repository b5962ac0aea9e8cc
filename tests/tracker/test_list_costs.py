"""What a list page asks of the database, literally: the same at one row and at three."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import World
from tracker.models import Occurrence
from workflows import steps

pytestmark = pytest.mark.django_db
COST = {
    "/occurrences/?body=council": 37,
    "/occurrences/?body=council&past_due=1": 38,
    "/occurrences/?body=council&vacant=1": 39,
    "/occurrences/?body=council&by=item": 29,
    "/history/": 35,
    "/resolutions/": 27,
    "/council/council/c18/": 53,
}


@pytest.mark.parametrize("address", COST)
def test_page_costs_the_same_queries_at_one_and_at_three_rows(world: World, client_for, address: str) -> None:
    client = client_for(world.secretary)
    turns = list(Occurrence.objects.order_by("-reference"))
    for turn in turns:
        steps.assign(turn, lead=world.offices["contributor"], by=world.chair)
    world.offices["contributor"].terms.update(ends="2018-01-31")
    cost = {}

    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    cost[3] = len(asked)
    for turn in turns[1:] if "past_due" not in address else turns[:2]:
        steps.supersede(turn, by=world.secretary, reason="Amended.")
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    cost[1] = len(asked)

    assert cost == {3: COST[address], 1: COST[address]}
