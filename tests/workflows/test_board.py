"""The chair's board: every number leads to a list of that many rows, and several items are assigned at once."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tracker.models import Event, Occurrence
from workflows import steps

pytestmark = pytest.mark.django_db
PLACE = "/board/?group=group"
ALL = ["council/r1-1.2-c16", "council/r1-1.2-c17", "council/r1-1.2-c18"]


def test_board_shows_what_nobody_leads_on_top(world, client_for):
    world.walk("assigned")

    page = client_for(world.chair).get(PLACE)

    assert [row.occurrence.reference for row in page.context["unassigned"]] == ALL[:2]
    assert next(line.who for line in page.context["lines"]) == "nobody"
    assert page.context["sum"].total == 3


def test_every_number_of_the_board_is_a_link_to_a_list_of_that_many_rows(world, client_for):
    world.walk("in_progress", world.past)
    world.walk("submitted", world.due)
    client = client_for(world.chair)

    html = client.get(PLACE).content.decode()
    links = re.findall(r'<a[^>]*href="(\?group=[^"#]+)#list"[^>]*>(?:<span[^>]*>▲</span>)?\s*(\d+)</a>', html)

    assert len(links) >= 10
    for href, number in links:
        page = client.get(f"/board/{href.replace('&amp;', '&')}")
        assert len(page.context["rows"]) == int(number), href


@pytest.mark.parametrize("who", ["chair", "vice_chair", "secretary"])
def test_board_is_for_who_assigns(world, client_for, who):
    assert client_for(world.people[who]).get(PLACE).status_code == 200


@pytest.mark.parametrize("who", ["contributor", "councillor", "outsider"])
def test_board_is_for_nobody_else(world, client_for, who):
    assert client_for(world.people[who]).get(PLACE).status_code == 403


def test_board_without_a_known_group_is_the_fullest_one(world, client_for):
    assert client_for(world.secretary).get("/board/?group=nothing&who=x&status=y").context["group"] == world.group


def test_number_of_queries_does_not_grow_with_the_items(world, client_for):
    client = client_for(world.chair)
    with CaptureQueriesContext(connection) as three:
        client.get(PLACE)
    for reference in ALL[:2]:
        steps.supersede(Occurrence.objects.get(reference=reference), by=world.secretary, reason="Amended.")

    with CaptureQueriesContext(connection) as one:
        client.get(PLACE)

    assert len(three) == len(one)


def test_chosen_items_are_assigned_with_one_event_each(world, client_for):
    client = client_for(world.chair)
    before = Event.objects.filter(verb="occurrence.assigned").count()

    page = client.get("/board/assign/", {"item": ALL})
    answer = client.post("/board/assign/", {"item": ALL, "lead": "group/contributor", "note": "Please."})

    assert len(page.context["ready"]) == 3
    assert answer.status_code == 302
    assert Event.objects.filter(verb="occurrence.assigned").count() == before + 3
    assert set(Occurrence.objects.values_list("status", flat=True)) == {"assigned"}


def test_preview_names_what_is_refused_and_why(world, client_for):
    world.walk("in_progress")

    page = client_for(world.chair).get("/board/assign/", {"item": ALL})

    refused = {one.occurrence.reference: one.refusal for one in page.context["chosen"] if one.refusal}
    assert refused == {
        "council/r1-1.2-c18": "It is in progress since 16 February 2018. Somebody leads it already. It can be passed on to "
        "another lead instead."
    }
    assert "2 items will be assigned" in page.content.decode()


def test_assigning_nothing_that_can_be_assigned_leads_back(world, client_for):
    client = client_for(world.chair)

    for given in ({}, {"item": "council/nothing"}, {"item": "\x00"}):
        assert client.get("/board/assign/", given).status_code == 302


def test_assigning_without_a_lead_is_an_error_of_the_form(world, client_for):
    answer = client_for(world.chair).post("/board/assign/", {"item": ALL})

    assert answer.status_code == 400
    assert "lead" in answer.context["form"].errors
    assert not Occurrence.objects.exclude(status="planned").exists()


def test_nobody_assigns_what_is_not_theirs(world, client_for):
    answer = client_for(world.contributor).post("/board/assign/", {"item": ALL, "lead": "contributor"})

    assert answer.status_code == 302
    assert not Occurrence.objects.exclude(status="planned").exists()
