"""Saved filters: a name of one's own for what stands in the address of a list."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from tracker.models import Event, SavedFilter
from workflows import steps
from workflows.steps import own
from workflows.views.kept import LISTS, address

PLACE = "/filters/agenda/"


def keep(client, page="agenda", query="mine=1&mark=late", name="Mine and late"):
    return client.post(f"/filters/{page}/", {"name": name, "query": query})


def test_kept_filter_leads_back_to_the_same_address(world, client_for):
    client = client_for(world.chair)
    answer = keep(client, query="mark=late&mine=1&page=3&body=")

    assert answer["Location"] == "/calendar/agenda/?mark=late&mine=1"
    assert SavedFilter.objects.get().query == "mark=late&mine=1"
    assert 'href="/calendar/agenda/?mark=late&amp;mine=1"' in client.get(PLACE).content.decode()
    assert not Event.objects.filter(verb__startswith="filter").exists()


def test_name_that_is_there_takes_the_new_filters(world, client_for):
    client = client_for(world.chair)
    keep(client)
    keep(client, query="mark=due")

    assert list(SavedFilter.objects.values_list("name", "query")) == [("Mine and late", "mark=due")]


def test_filters_are_a_persons_own(world, client_for):
    keep(client_for(world.chair))
    kept = SavedFilter.objects.get()
    other = client_for(world.secretary)

    assert "Mine and late" not in other.get(PLACE).content.decode()
    assert other.post(f"/filters/{kept.pk}/rename/", {"name": "x"}).status_code == 404
    assert other.post(f"/filters/{kept.pk}/delete/").status_code == 404
    with pytest.raises(PermissionDenied):
        own.drop_filter(kept, by=world.secretary)
    with pytest.raises(PermissionDenied):
        own.rename_filter(kept, by=world.secretary, name="x")
    assert SavedFilter.objects.get().name == "Mine and late"


def test_filter_is_renamed_and_deleted(world, client_for):
    client = client_for(world.chair)
    keep(client)
    kept = SavedFilter.objects.get()
    client.post(f"/filters/{kept.pk}/rename/", {"name": "Urgent"})
    renamed = client.get(PLACE).content.decode()
    client.post(f"/filters/{kept.pk}/delete/")

    assert "Urgent" in renamed
    assert not SavedFilter.objects.exists()
    with pytest.raises(steps.NotTheMoment):
        own.drop_filter(kept, by=world.chair)


def test_name_of_another_filter_is_refused(world):
    own.keep_filter(by=world.chair, page="agenda", name="One", query="mine=1")
    two = own.keep_filter(by=world.chair, page="agenda", name="Two", query="mark=due")
    own.keep_filter(by=world.chair, page="history", name="Three", query="item=1")

    with pytest.raises(ValidationError):
        own.rename_filter(two, by=world.chair, name="One")
    assert own.rename_filter(two, by=world.chair, name="Three").name == "Three"  # names are apart by list


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", "mine=1"),
        ("  ", "mine=1"),
        ("x" * 81, "mine=1"),
        ("x", "a=" + "b" * 1000),
        ("x\x00", "a=b"),
        ("x", "a=%00"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_words(world, client_for, name, query):
    answer = keep(client_for(world.chair), name=name, query=query)

    assert answer.status_code == 400
    assert not SavedFilter.objects.exists()


def test_filters_have_a_limit(world, monkeypatch):
    monkeypatch.setattr("workflows.steps.own.MOST_FILTERS", 1)
    own.keep_filter(by=world.chair, page="agenda", name="One", query="mine=1")

    with pytest.raises(ValidationError):
        own.keep_filter(by=world.chair, page="agenda", name="Two", query="mine=1")


@pytest.mark.parametrize(
    "query", ["//evil.example", "x&next=https://evil.example", "of=../../x", "of=a/b&at=c", "at=c18"]
)
@pytest.mark.parametrize("page", LISTS)
def test_address_of_a_filter_never_leaves_the_house(page, query):
    place = urlsplit(address(page, own.filters_of(query)))

    assert not place.netloc
    assert not place.scheme
    assert ".." not in place.path


def test_filter_of_the_councils_page_keeps_body_and_session(world, client_for):
    client = client_for(world.chair)
    html = client.get("/council/council/c18/?mark=due").content.decode()
    link = html.partition('href="/filters/council/')[2].partition('"')[0].replace("&amp;", "&")
    query = parse_qs(urlsplit(link).query)["query"][0]
    answer = keep(client, page="council", query=query)

    assert answer["Location"] == "/council/council/c18/?mark=due"
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "place", ["/calendar/agenda/", "/history/", "/occurrences/", "/council/council/", "/board/?group=group"]
)
def test_lists_with_filters_lead_to_the_saved_ones(world, client_for, place):
    html = client_for(world.chair).get(place).content.decode()

    link = html.partition('href="/filters/')[2].partition('"')[0].replace("&amp;", "&")
    assert client_for(world.chair).get(f"/filters/{link}").status_code == 200


@pytest.mark.parametrize("place", ["/filters/nothing/", "/filters/tasks/"])
def test_list_without_filters_is_not_there(world, client_for, place):
    assert client_for(world.chair).get(place).status_code == 404


def test_page_is_for_those_who_have_logged_in(world):
    assert Client().get(PLACE)["Location"].startswith("/login/")
    assert "/filters/" not in Client().get("/resolutions/").content.decode()


@pytest.mark.parametrize("query", ["%00", "x" * 20_000, "a=" + "&a=".join("1" * 1500)])
def test_page_with_filters_that_make_no_sense_says_so(world, client_for, query):
    assert client_for(world.chair).get(PLACE, {"query": query}).status_code in {200, 400}
