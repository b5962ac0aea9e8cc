"""The Council's page: its sentence, grid and lists, for whom it is open, and what it does with nonsense."""

import re
from datetime import date

import pytest
from django.test import Client

from tracker.models import Session
from workflows import steps


@pytest.fixture
def page(world, client_for):
    return client_for(world.councillor)


def words(response) -> str:
    """The page as it is read, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_council_page_needs_a_login(world):
    response = Client().get("/council/council/c18/")

    assert (response.status_code, response["Location"]) == (302, "/login/?next=/council/council/c18/")


def test_council_starts_at_the_session_the_body_is_heading_for(page):
    assert page.get("/council/")["Location"] == "/council/council/c18/"


def test_council_page_says_its_sentence(page, world):
    response = page.get("/council/council/c18/")

    assert "1 operative item in Resolution 1" in words(response)
    assert "1 has no one assigned" in words(response)
    assert "From earlier sessions 2 occurrences are still past due" in words(response)
    assert "1 of 1 items accounted for" in words(response)
    assert "1 of 1 shown" in words(response)


def test_council_page_shows_every_occurrence_of_the_grid_as_a_link(page, world):
    content = page.get("/council/council/c18/").content.decode()

    for code in ("c16", "c17", "c18"):
        assert f'href="/items/council/r1-1.2-{code}/"' in content


def test_every_link_to_a_list_on_the_page_leads_there(page, world):
    world.walk("endorsed", world.past)
    content = page.get("/council/council/c18/").content.decode()
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/occurrences/\?[^"]+)"', content)}

    assert len(links) >= 5
    assert {page.get(link).status_code for link in links} == {200}


def test_late_list_shows_the_words_and_who_holds_it(page, world):
    response = page.get("/council/council/c17/")

    assert "to report annually;" in words(response)
    assert "0 of 6 sent" in words(response)
    assert "never moved" in words(response)


def test_what_is_endorsed_awaits_the_decision(page, world):
    steps.enter_from_record(world.past, by=world.secretary, source="C17/15", symbol="C17/15")

    response = page.get("/council/council/c18/")

    assert "Complete, awaiting a decision 1" in words(response)
    assert "C17/15" in words(response)


def test_choosing_a_session_leads_to_its_page_with_the_other_filters(page):
    response = page.get("/council/council/c18/?session=c17&kind=each_session")

    assert response["Location"] == "/council/council/c17/?kind=each_session"
    assert page.get("/council/council/c18/?session=")["Location"] == "/council/council/"


def test_filters_say_how_many_are_shown(page, world):
    assert "0 of 1 shown" in words(page.get("/council/council/c18/?mark=late"))


@pytest.mark.parametrize(
    "query",
    ["mark=green", "kind=%00", "resolution=r9", "holder=nobody/nobody", "holder=%00", "mark=late&mark=%FF"],
)
def test_nonsense_in_a_filter_is_answered_with_400_and_nothing_shown(page, query):
    response = page.get(f"/council/council/?{query}")

    assert (response.status_code, "Show everything" in words(response)) == (400, True)
    assert page.get(f"/occurrences/?body=council&{query}").status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/council/nowhere/", "/council/council/c99/", "/council/council/?session=c99", "/council/council/?session=%00"],
)
def test_bodies_and_sessions_that_are_not_there_are_404(page, path):
    assert page.get(path).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "2", "x", "9" * 40])
def test_any_page_number_gives_the_nearest_page(page, number):
    assert page.get(f"/council/council/?page={number}").status_code == 200
    assert page.get(f"/occurrences/?page={number}").status_code == 200


def test_page_of_a_reader_who_may_see_nothing_shows_no_occurrence(world, client_for):
    content = client_for(world.outsider).get("/council/council/c18/").content.decode()

    assert "/items/council/" not in content


def test_session_without_a_date_has_a_page(page, world):
    Session.objects.create(body=world.council, code="C20", name="Council 2020", precision="unknown", state="postponed")

    assert "Council 2020" in words(page.get("/council/council/c20/"))


def test_resolution_page_sets_the_text_and_its_margin_for_members(page, world):
    response = page.get("/resolutions/council/r1/")

    assert "The Council," in words(response)
    assert "no one assigned, due" in words(response)
    assert "2 past due" in words(response)


def test_resolution_page_is_public_but_its_margin_is_not(world):
    response = Client().get("/resolutions/council/r1/")

    assert "to report annually;" in words(response)
    assert "no one assigned" not in words(response)


def test_resolution_that_is_restricted_looks_like_none(world, client_for):
    world.resolution.visibility = "restricted"
    world.resolution.save()

    answers = [Client().get(f"/resolutions/council/{slug}/").status_code for slug in ("r1", "r2")]

    assert answers == [404, 404]
    assert client_for(world.secretary).get("/resolutions/council/r1/").status_code == 200


def test_version_that_is_not_there_is_404(page):
    assert page.get("/resolutions/council/r1/?version=C15").status_code == 200
    assert page.get("/resolutions/council/r1/?version=C99").status_code == 404


def test_items_behind_a_part_of_the_sentence_are_listed(page, world):
    world.walk("in_progress")
    response = page.get("/occurrences/?body=council&session=c18&by=item&worst=due")

    assert "1 item" in words(response)
    assert "At their worst: due" in words(response)


def test_days_are_those_of_the_body(page, world):
    assert "as it stands on 16 February 2018" in words(page.get("/council/council/"))
    assert world.due.due_on == date(2018, 3, 18)
