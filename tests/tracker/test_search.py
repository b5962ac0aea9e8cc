"""One search over everything: what is found, for whom, and that nothing hostile breaks it."""

import time
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracker import clock
from tracker.models import Comment, Evidence, Obligation, Occurrence, Paragraph, Report, Resolution
from tracker.search import SOURCES, Asked, search
from workflows import steps

HOSTILE = [
    "a" * 100_000,
    "\x00",
    "a\x00b",
    "%",
    "_",
    "\\",
    "%_%_%_\\%",
    "(a+)+$" * 30,
    "[" * 190,
    "(?P<x>",
    "' OR 1=1; --",
    "\u202eתירבע \u202bالعربية\u202c",
    "é" * 200,
    " ".join("abcdefghij"),
    "<script>alert(1)</script>",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
]


def found(person, words):
    """What a person finds, by kind: how many, and the titles."""
    return {
        group.key: (group.total, ["".join(text for text, _ in hit.title) for hit in group.hits])
        for group in search(person, Asked.of(words))
    }


@pytest.fixture
def papers(world):
    """A report with a symbol, activity and a comment on the turn for Council 2018, and a decision."""
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="A seminar on lighthouses.", happened_on=date(2018, 2, 1))
    Comment.objects.create(
        occurrence=turn, text="Mind the lighthouses.", author=world.chair, posted_at=clock.now(), visibility="members"
    )
    steps.submit(world.due, by=world.contributor, symbol="C18/15", text="Lighthouses were counted.")
    world.decide()
    return world


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Resolution 1", "resolutions"),
        ("report annually", "paragraphs"),
        ("annual report", "obligations"),
        ("r1-1.2-c18", "occurrences"),
        ("council/r1-1.2-c18", "occurrences"),
        ("C18/15", "reports"),
        ("counted", "reports"),
        ("seminar", "activities"),
        ("mind", "comments"),
        ("C17/119", "decisions"),
        ("council 2017 4.2", "decisions"),
        ("contributor", "people"),
        ("vice-chair", "offices"),
        ("Council 2018", "sessions"),
        ("working", "meetings"),
    ],
)
def test_search_finds_what_holds_every_word(papers, words, kind):
    assert found(papers.secretary, words)[kind][0] >= 1


def test_word_that_stands_nowhere_finds_nothing(papers):
    assert found(papers.secretary, "report zeppelin") == {}


def test_case_does_not_matter_beyond_ascii(world):
    Obligation.objects.update(title="Évaluation des états")

    assert found(world.secretary, "évaluation")["obligations"][0] == 1
    assert found(world.secretary, "ÉVALUATION")["obligations"][0] == 1


@pytest.mark.parametrize("words", ["%", "_", "\\"])
def test_signs_of_patterns_are_letters_like_others(world, words):
    assert set(found(world.councillor, words)) <= {"people"}  # user names may hold a low line
    Obligation.objects.update(title=f"x{words}y")
    assert set(found(world.councillor, words)) - {"people"} == {"obligations", "occurrences"}


def test_holder_of_an_office_is_found_by_who_has_logged_in_alone(world):
    for person in (world.contributor, world.chair):
        type(person).objects.filter(pk=person.pk).update(name=f"Zephyrine {person.pk}")

    assert found(world.councillor, "zephyrine")["offices"][0] == 2
    assert found(world.councillor, "zephyrine")["people"][0] == 2
    assert "Zephyrine" not in Client().get("/search/?q=zephyrine").content.decode().replace("zephyrine", "")


# What may not be seen ---------------------------------------------------------------------------------------------------


def test_what_is_restricted_is_neither_counted_nor_quoted(papers):
    before = found(papers.councillor, "lighthouses")
    assert {"reports", "activities", "comments"} <= set(before)  # control: it could leak

    Obligation.objects.update(visibility="restricted")
    Resolution.objects.update(visibility="restricted")

    assert found(papers.councillor, "lighthouses") == {}
    assert found(papers.councillor, "annual") == {}
    assert found(papers.councillor, "r1") == {}
    assert found(papers.chair, "lighthouses")["reports"][0] == 1


@pytest.mark.parametrize("model", [Report, Comment])
def test_restricted_paper_of_an_open_turn_is_not_found(papers, model):
    kind = {"report": "reports", "comment": "comments"}[model._meta.model_name]
    assert kind in found(papers.councillor, "lighthouses")

    model.objects.update(visibility="restricted")

    assert kind not in found(papers.councillor, "lighthouses")
    assert kind in found(papers.secretary, "lighthouses")


def test_paper_that_was_withdrawn_or_taken_back_is_not_found(papers):
    Comment.objects.update(taken_back_at=clock.now())
    steps.withdraw(papers.due, by=papers.contributor)

    assert set(found(papers.secretary, "lighthouses")) == {"activities"}


def test_stranger_finds_what_is_public(papers):
    steps.endorse(papers.due, by=papers.chair)
    page = Client().get("/search/?q=lighthouses")
    assert "counted" not in page.content.decode()

    Report.objects.update(visibility="public")
    page = Client().get("/search/?q=lighthouses")
    report = Report.objects.get()

    assert f"/public/reports/{report.pk}/" in page.content.decode()
    assert [group.key for group in page.context["groups"]] == ["reports"]
    assert Client().get(f"/public/reports/{report.pk}/").status_code == 200
    assert {group.key for group in Client().get("/search/?q=report").context["groups"]} >= {"paragraphs"}


@pytest.mark.parametrize("url", ["", "https://documents.example/one", "javascript:alert(1)"])
def test_stranger_is_led_to_a_public_document(papers, url):
    steps.endorse(papers.due, by=papers.chair)
    Evidence.objects.create(
        occurrence=papers.due, title="Guide", symbol="WG/7", url=url, visibility="public", recorded_at=clock.now()
    )
    hit = Client().get("/search/?q=wg/7").context["groups"][0].hits[0]

    assert hit.href == (url if url.startswith("https") else "/public/?words=WG%2F7")
    assert url.startswith("https") or Client().get(hit.href).status_code == 200


def test_quotation_is_of_whole_words_around_what_was_found():
    quoted = "".join(words for words, _found in Asked.of("needle").quote("hay " * 60 + "needle " + "straw " * 60))

    assert quoted.startswith("…hay ")
    assert "needle" in quoted
    assert quoted.endswith("straw…")
    assert len(quoted) < 200


def test_stranger_is_given_no_link_that_asks_to_log_in(world):
    page = Client().get("/search/?q=council")

    hits = [hit for group in page.context["groups"] if group.key in {"sessions", "offices"} for hit in group.hits]
    assert hits
    assert not [hit.href for hit in hits if hit.href]


@pytest.mark.parametrize("who", ["outsider", "councillor", "contributor", "secretary"])
def test_every_link_leads_somewhere_for_who_finds_it(papers, client_for, who):
    client = client_for(papers.people[who])
    page = client.get("/search/?q=c")

    links = [hit.href for group in page.context["groups"] for hit in group.hits if hit.href]
    assert links
    assert {href: client.get(href).status_code for href in links} == dict.fromkeys(links, 200)


# The page ---------------------------------------------------------------------------------------------------------------


def many(world, number):
    """So many more turns of the duty, with meetings apart."""
    rows = [
        Occurrence(
            obligation=world.obligation,
            body=world.council,
            resolution=world.resolution,
            reference=f"council/r1-1.2-p{place}",
            period=date(2000, 1, 1).replace(year=1900 + place),
            due_on=date(2019, 1, 1),
            status_since=clock.now(),
            opened_at=clock.now(),
        )
        for place in range(number)
    ]
    Occurrence.objects.bulk_create(rows)


def test_page_says_how_many_of_how_many_and_leads_to_all(world, client_for):
    many(world, 60)
    client = client_for(world.chair)
    html = client.get("/search/?q=r1-1.2").content.decode()

    assert "5 of 63 shown" in html
    assert "all 63" in html
    second = client.get("/search/?q=r1-1.2&kind=occurrences&page=2")
    assert second.context["total"] == 63
    assert len(second.context["hits"]) == 13


def test_words_found_are_marked_and_nothing_else_is_markup(world, client_for):
    Paragraph.objects.update(text="to <b>report</b> annually;")
    html = client_for(world.chair).get("/search/?q=report").content.decode()

    assert "&lt;b&gt;<mark>report</mark>&lt;/b&gt;" in html


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("kind", ["", "occurrences"])
def test_hostile_query_is_answered_quickly(papers, client_for, words, kind):
    client = client_for(papers.secretary)
    start = time.process_time()
    answer = client.get("/search/", {"q": words, "kind": kind})

    assert answer.status_code == 200
    assert time.process_time() - start < 1
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("query", ["kind=nothing&q=a", "kind=%00&q=a"])
def test_unknown_kind_answers_404(world, query):
    assert Client().get(f"/search/?{query}").status_code == 404


def test_bytes_that_are_no_text_are_answered(world):
    assert Client().get("/search/?q=%ff%fe%ed%a0%80").status_code == 200


def test_number_of_queries_does_not_grow_with_what_is_found(world, client_for):
    client = client_for(world.chair)
    with CaptureQueriesContext(connection) as few:
        client.get("/search/?q=r1-1.2")
    many(world, 2)
    with CaptureQueriesContext(connection) as more:
        client.get("/search/?q=r1-1.2")

    assert len(more) == len(few)
    assert len(few) <= len(SOURCES) * 3 + 8


def test_every_page_has_the_search_in_its_head(world, client_for):
    for place in ("/tasks/", "/resolutions/", "/history/"):
        assert 'action="/search/"' in client_for(world.chair).get(place).content.decode()
    assert 'action="/search/"' in Client().get("/resolutions/").content.decode()
