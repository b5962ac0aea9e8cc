"""A number on the Council's page is a link to a list of exactly that many rows: every number, for every reader."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from tests.people import World
from tracker.models import Occurrence
from workflows import steps

READERS = ["chair", "contributor", "councillor", "secretary", "auditor"]


@pytest.fixture
def busy(world: World) -> World:
    """Turns that stand in many ways: received, awaiting, closed, late, planned, submitted, on hold, waived."""
    before = Occurrence.objects.get(reference="council/r1-1.2-c16")
    world.walk("closed", before)
    world.walk("endorsed", world.past)
    world.walk("assigned", world.due)
    steps.hold(world.due, by=world.chair, reason="The figures are not in.")
    return world


def numbers(page) -> dict[str, int]:
    """Address of a list → the number that stands on its link, as it is seen or read out."""
    found: dict[str, int] = {}
    for link in html.fromstring(page.content.decode()).xpath("//main//a[starts-with(@href, '/occurrences/?')]"):
        said = link.get("aria-label") or "".join(link.itertext())
        number = re.search(r"\d+", said.rpartition(": ")[2])
        if number:
            assert found.setdefault(link.get("href"), int(number[0])) == int(number[0]), link.get("href")
    return found


def rows(client, address: str) -> int:
    """The rows of a list, counted on every one of its pages."""
    counted, number = 0, 1
    while True:
        page = client.get(f"{address}&page={number}")
        assert page.status_code == 200, address
        counted += len(html.fromstring(page.content.decode()).xpath("//*[@id='listing']//tbody/tr"))
        if not page.context["page_obj"].has_next():
            return counted
        number += 1


@pytest.mark.parametrize("code", ["", "c16/", "c17/", "c18/"])
@pytest.mark.parametrize("role", READERS)
def test_every_number_is_a_list_of_that_many_rows(busy, client_for, role, code):
    client = client_for(busy.people[role])

    said = numbers(client.get(f"/council/council/{code}"))

    assert len(said) >= 3
    assert {address: rows(client, address) for address in said} == said


def test_every_number_holds_under_filters_too(busy, client_for):
    client = client_for(busy.councillor)

    for narrowed in ("kind=each_session", "resolution=r1", "holder=nobody", "holder=contributor", "mark=on_hold"):
        said = numbers(client.get(f"/council/council/?{narrowed}"))

        assert said, narrowed
        assert {address: rows(client, address) for address in said} == said
        for address in said:
            name, _equals, value = narrowed.partition("=")
            assert parse_qs(urlsplit(address).query)[name] == [value]


def test_every_mark_of_the_bar_stands_in_the_table_beneath_it_and_they_add_up(busy, client_for):
    page = client_for(busy.councillor).get("/council/council/")
    tree = html.fromstring(page.content.decode())

    drawn = [link.get("aria-label") for link in tree.xpath("//figure[@class='stacked']//svg/a")]
    told = [link.get("aria-label") for link in tree.xpath("//figure[@class='stacked']//tbody//a")]
    whole = int("".join(tree.xpath("//figure[@class='stacked']//tfoot//td")[0].itertext()))

    assert drawn == told
    assert len(told) >= 3
    assert sum(int(words.rpartition(": ")[2]) for words in told) == whole == Occurrence.objects.count()


def test_draft_closing_words_say_what_is_on_record_and_no_more(busy, client_for):
    page = client_for(busy.councillor).get("/council/council/c18/")

    draft = html.fromstring(page.content.decode()).xpath("//textarea[@data-copied]")[0].text

    assert "Council notes " in draft
    assert "under item 1.2 of Resolution 1" in draft
    assert "closes that item for Council 2017." in draft
    assert "None" not in draft
    assert "not recorded" not in draft


def test_secretary_takes_the_draft_into_the_form_and_nothing_is_closed_by_it(busy, client_for, settings):
    client = client_for(busy.secretary)
    settings.RESOLVES_NOW = "2018-04-18T09:00"
    page = client.get("/council/council/c18/")
    link = html.fromstring(page.content.decode()).xpath("//a[contains(@href, 'draft=1')]/@href")[0]

    form = html.fromstring(client.get(link).content.decode())

    assert "closes that item for Council 2017" in form.xpath("//textarea[@name='words']")[0].text
    assert form.xpath("//select[@name='outcome']/option[@selected]/@value") == ["noted"]
    ticked = form.xpath("//input[@type='checkbox'][@checked]/@name")
    assert ticked == [f"row-{busy.past.pk}-chosen"]
    assert Occurrence.objects.get(pk=busy.past.pk).status == "endorsed"
