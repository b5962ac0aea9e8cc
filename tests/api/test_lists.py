"""The lists of the API: what they hold, how they are narrowed and paged, what they cost."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token

from tests.people import World
from tracker import audit, clock
from tracker.models import (
    Activity,
    Assignment,
    Event,
    Obligation,
    Office,
    Paragraph,
    Person,
    Report,
    Resolution,
    Version,
)
from workflows import steps

LISTS = ("resolutions", "paragraphs", "obligations", "occurrences", "events")


def listed(who: Person, address: str, **query: Any) -> dict[str, Any]:
    """The answer of a list, 200 insisted on."""
    answer = asked(who, address, **query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def asked(who: Person, address: str, **query: Any) -> Any:
    token, _new = Token.objects.get_or_create(user=who)
    return Client().get(f"/api/v1/{address}/", query, headers={"Authorization": f"Token {token.key}"})


def names(who: Person, address: str, name: str = "reference", **query: Any) -> list[Any]:
    return [row[name] for row in listed(who, address, **query)["results"]]


# What they hold ----------------------------------------------------------------------------------------------------------


def test_occurrence_says_where_it_stands_with_mark_and_discharge(world: World) -> None:
    turn = steps.assign(
        world.due, by=world.chair, lead=world.offices["contributor"], contributors=[world.helper], note="Please."
    )

    (row,) = [row for row in listed(world.chair, "occurrences")["results"] if row["reference"] == turn.reference]

    assert row | {"status_since": ""} == {
        "reference": "council/r1-1.2-c18",
        "obligation": "council/r1-1.2",
        "resolution": "council/r1",
        "item": "1.2",
        "title": "Annual report",
        "kind": "each_session",
        "body": "council",
        "session": "c18",
        "meeting": None,
        "status": "assigned",
        "status_since": "",
        "mark": {"code": "due", "glyph": "◐", "text": "due in 30 days", "days": 30},
        "due_on": "2018-03-18",
        "first_due_on": "2018-03-18",
        "on_hold": False,
        "hold_reason": "",
        "waiting_on": "",
        "waiting_on_body": None,
        "waiting_on_session": None,
        "waiting_on_meeting": None,
        "lead": {"office": "group/contributor", "person": None, "name": "Contributor, Group"},
        "contributors": [{"office": None, "person": "helper", "name": "Helper"}],
        "submitted_on": None,
        "submitted_precision": "",
        "discharge": {"done": False, "on": None, "late_days": None},
        "nothing_happened": False,
        "decision": None,
    }
    alone = Client()
    alone.force_login(world.chair)
    assert alone.get(f"/api/v1/occurrences/{turn.reference}/").json() == row


def test_closed_occurrence_cites_its_decision(world: World) -> None:
    turn = world.walk("closed")

    (row,) = [row for row in listed(world.chair, "occurrences")["results"] if row["reference"] == turn.reference]

    assert row["decision"] == {
        "session": "c17",
        "document": "C17/119",
        "paragraph": "4.2",
        "outcome": "noted",
        "decided_on": "2017-05-17",
        "precision": "day",
    }
    assert row["discharge"] == {"done": True, "on": "2018-02-16", "late_days": 0}


def test_resolution_paragraph_and_obligation_carry_their_references(world: World) -> None:
    (resolution,) = listed(world.chair, "resolutions")["results"]
    (paragraph,) = listed(world.chair, "paragraphs")["results"]
    (obligation,) = listed(world.chair, "obligations")["results"]

    assert (resolution["reference"], resolution["versions"][0]["label"]) == ("council/r1", "C15")
    assert (paragraph["resolution"], paragraph["path"], paragraph["spans"]) == ("council/r1", "1.2", [[4, 23]])
    assert (obligation["reference"], obligation["endorser"]) == ("council/r1-1.2", "Chair, Group")
    client = Client()
    client.force_login(world.chair)
    assert client.get("/api/v1/resolutions/council/r1/").json() == resolution


def test_event_can_be_verified_from_what_the_api_gives(world: World) -> None:
    world.walk("submitted")

    for row in listed(world.auditor, "events", page_size=200)["results"]:
        event = Event.objects.get(hash=row["hash"])
        assert row["whole"]
        assert (row["changes"], row["words"]) == (event.changes, event.words.words if row["words_hash"] else {})
        assert row["previous_hash"] == event.previous_hash


def test_event_does_not_tell_of_a_paper_that_the_caller_may_not_see(world: World) -> None:
    turn = world.walk("submitted")
    steps.record_activity(turn, by=world.contributor, text="A quartz meeting was held.")
    Report.objects.update(visibility="restricted")
    Activity.objects.update(visibility="restricted")

    seen = json.dumps(listed(world.chair, "events", page_size=200))
    unseen = listed(world.councillor, "events", page_size=200)

    assert "What was done." in seen  # control: it is there to be told
    assert "quartz" in seen
    assert "What was done." not in json.dumps(unseen)
    assert "quartz" not in json.dumps(unseen)
    whole = {row["verb"]: row["whole"] for row in unseen["results"]}
    assert whole["occurrence.submitted"] is whole["occurrence.activity_recorded"] is False
    assert whole["occurrence.accepted"] is True


def test_words_of_an_event_are_gone_once_erased(world: World) -> None:
    steps.hold(world.due, by=world.chair, reason="Waiting for figures.")
    held = Event.objects.get(verb="occurrence.held")
    type(held.words).objects.filter(event=held).update(salt="", words={})

    (row,) = listed(world.chair, "events", verb="occurrence.held")["results"]

    assert row["words"] == {}
    assert row["words_hash"] == held.words_hash


# Only what the caller may see --------------------------------------------------------------------------------------------

# list → how many rows each sees of the world with everything members-only
SEEN: dict[str, dict[str, int]] = {
    "chair": {"resolutions": 1, "paragraphs": 1, "obligations": 1, "occurrences": 3, "events": 3},
    "councillor": {"resolutions": 1, "paragraphs": 1, "obligations": 1, "occurrences": 3, "events": 3},
    "outsider": {"resolutions": 0, "paragraphs": 0, "obligations": 0, "occurrences": 0, "events": 0},
}


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("name", SEEN)
def test_list_holds_only_what_the_caller_may_see(world: World, name: str, address: str) -> None:
    Resolution.objects.update(visibility="members")

    assert listed(world.people[name], address)["count"] == SEEN[name][address]


def test_restricted_and_missing_look_alike(world: World) -> None:
    Obligation.objects.update(visibility="restricted")
    Resolution.objects.update(visibility="restricted")

    for kind, there, missing in (
        ("occurrences", "council/r1-1.2-c18", "council/r1-1.2-c99"),
        ("resolutions", "council/r1", "council/r99"),
    ):
        answers = [asked(world.councillor, f"{kind}/{name}") for name in (there, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert asked(world.secretary, f"{kind}/{there}").status_code == 200  # control


# Filters -----------------------------------------------------------------------------------------------------------------

FILTERS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("resolutions", {}, ["council/r1", "group/r2"]),
    ("resolutions", {"body": "group"}, ["group/r2"]),
    ("resolutions", {"body": "nowhere"}, []),
    ("paragraphs", {"resolution": "r2"}, ["group/r2"]),
    ("paragraphs", {"body": "council"}, ["council/r1"]),
    ("paragraphs", {"version": "C15"}, ["council/r1"]),
    ("paragraphs", {"kind": "preambular"}, ["group/r2"]),
    ("paragraphs", {"disposition": "tracked"}, ["council/r1"]),
    ("obligations", {"resolution": "r1"}, ["council/r1-1.2"]),
    ("obligations", {"body": "group"}, []),
    ("obligations", {"kind": "each_session"}, ["council/r1-1.2"]),
    ("obligations", {"kind": "once"}, []),
    ("occurrences", {}, ["council/r1-1.2-c16", "council/r1-1.2-c17", "council/r1-1.2-c18"]),
    ("occurrences", {"session": "c18"}, ["council/r1-1.2-c18"]),
    ("occurrences", {"session": "C17"}, ["council/r1-1.2-c17"]),
    ("occurrences", {"status": "assigned"}, ["council/r1-1.2-c18"]),
    (
        "occurrences",
        {"status": ["planned", "assigned"], "due_from": "2017-01-01"},
        ["council/r1-1.2-c17", "council/r1-1.2-c18"],
    ),
    ("occurrences", {"due_until": "2016-12-31"}, ["council/r1-1.2-c16"]),
    ("occurrences", {"on_hold": "true"}, ["council/r1-1.2-c17"]),
    ("occurrences", {"lead": "contributor"}, ["council/r1-1.2-c18"]),
    ("occurrences", {"lead": "group/chair"}, []),
    ("occurrences", {"lead": "chair"}, []),
    (
        "occurrences",
        {"kind": "each_session", "resolution": "r1", "body": "council", "session": "c16"},
        ["council/r1-1.2-c16"],
    ),
    ("events", {"verb": "occurrence.held"}, ["council/r1-1.2-c17"]),
    ("events", {"subject": "council/r1-1.2-c18"}, ["council/r1-1.2-c18"] * 2),
    ("events", {"actor": "chair"}, ["council/r1-1.2-c17", "council/r1-1.2-c18"]),
    ("events", {"means": "api"}, []),
    ("events", {"body": "group"}, []),
    ("events", {"recorded_from": "2018-02-15T00:00:00Z", "verb": "occurrence.assigned"}, ["council/r1-1.2-c18"]),
    ("events", {"recorded_until": "2018-02-15T00:00:00Z"}, []),
    ("events", {"effective_from": "2018-02-17"}, []),
    ("events", {"effective_until": "2018-02-16", "verb": "occurrence.held"}, ["council/r1-1.2-c17"]),
]


@pytest.mark.parametrize(("address", "query", "expected"), FILTERS)
def test_list_is_narrowed_by_its_filters(
    world: World, address: str, query: dict[str, Any], expected: list[str]
) -> None:
    steps.hold(world.past, by=world.chair, reason="Waiting for figures.")
    steps.assign(world.due, by=world.chair, lead=world.contributor)
    other = Resolution.objects.create(body=world.group, slug="r2", symbol="Resolution 2", title="Another")
    version = Version.objects.create(resolution=other, label="C17")
    Paragraph.objects.create(version=version, kind="preambular", position=1, path="a", text="considering")
    name = {"paragraphs": "resolution", "events": "subject"}.get(address, "reference")

    assert sorted(names(world.secretary, address, name, **query)) == expected


BAD_FILTERS: list[tuple[str, dict[str, str], str]] = [
    *((address, {"colour": "green"}, "colour") for address in LISTS),
    ("occurrences", {"statsu": "planned"}, "statsu"),
    ("occurrences", {"status": "late"}, "status"),
    ("occurrences", {"kind": "sometimes"}, "kind"),
    ("occurrences", {"due_from": "yesterday"}, "due_from"),
    ("occurrences", {"due_until": "2018-02-30"}, "due_until"),
    ("occurrences", {"body": "a\x00b"}, "body"),
    ("events", {"verb": "occurrence.vanished"}, "verb"),
    ("events", {"means": "pigeon"}, "means"),
    ("events", {"recorded_from": "noon"}, "recorded_from"),
    ("paragraphs", {"disposition": "lost"}, "disposition"),
]


@pytest.mark.parametrize(("address", "query", "field"), BAD_FILTERS)
def test_filter_that_makes_no_sense_is_refused_by_name(
    world: World, address: str, query: dict[str, str], field: str
) -> None:
    answer = asked(world.secretary, address, **query)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


# Pages -------------------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_without_gap_or_double(world: World) -> None:
    everything = names(world.secretary, "events", "hash", page_size=200)

    first = listed(world.secretary, "events", page_size=2)
    second = listed(world.secretary, "events", page_size=2, page=2)

    assert (first["count"], len(first["results"]), len(second["results"])) == (3, 2, 1)
    assert [row["hash"] for row in first["results"] + second["results"]] == everything
    assert (first["previous"], second["next"]) == (None, None)
    assert first["next"].endswith("/api/v1/events/?page=2&page_size=2")


@pytest.mark.parametrize("page", ["0", "3", "-1", "one", "", "1.5", str(10**20), "9" * 5000])
def test_page_that_is_not_there_is_not_found(world: World, page: str) -> None:
    answer = asked(world.secretary, "events", page=page, page_size=2)

    assert answer.status_code == (200 if page == "" else 404)


@pytest.mark.parametrize(
    ("size", "rows"),
    [("1", 1), ("2", 2), ("200", 200), ("201", 200), (str(10**20), 200), ("0", 50), ("-5", 50), ("x", 50)],
)
def test_page_holds_fifty_rows_unless_asked_and_at_most_two_hundred(world: World, size: str, rows: int) -> None:
    turn = world.past
    for number in range(201):
        turn.due_on = world.due.due_on + timedelta(days=number)
        audit.record(turn, "occurrence.due_date_changed", by=None)

    assert len(listed(world.secretary, "events", page_size=size)["results"]) == rows


# Cost --------------------------------------------------------------------------------------------------------------------

COST = {"resolutions": 9, "paragraphs": 8, "obligations": 8, "occurrences": 9, "events": 14}


@pytest.mark.parametrize("address", LISTS)
def test_list_costs_the_same_queries_at_one_and_at_three_rows(world: World, address: str) -> None:
    for turn in list(world.obligation.occurrences.all()):
        world.walk("submitted", turn)
    Token.objects.get_or_create(user=world.secretary)
    more(world)

    only = {"verb": "occurrence.submitted"} if address == "events" else {}

    cost = {size: cost_of(world.secretary, address, page_size=size, **only) for size in (1, 3)}

    assert cost == {1: COST[address], 3: COST[address]}


def cost_of(who: Person, address: str, **query: Any) -> int:
    with CaptureQueriesContext(connection) as caught:
        answer = asked(who, address, **query)
    assert len(answer.json()["results"]) == query["page_size"]
    return len(caught) - 1  # finding the token is the test's own


def more(world: World) -> None:
    """Three of everything, each with what hangs on it."""
    for number in (2, 3):
        resolution = Resolution.objects.create(body=world.council, slug=f"r{number}", symbol="R", title="Another")
        version = Version.objects.create(resolution=resolution, label="C15", adopted_at=world.sessions["C15"])
        paragraph = Paragraph.objects.create(version=version, kind="operative", position=1, path="1", text="to do;")
        Obligation.objects.create(
            paragraph=paragraph,
            resolution=resolution,
            title="More",
            kind="once",
            anchor="session",
            anchor_body=world.council,
            anchor_session=world.sessions["C18"],
            responsible=world.group,
            endorser=Office.objects.create(body=world.group, slug=f"o{number}", title="More", role="chair"),
        )
    for turn in (world.past, world.due):
        Assignment.objects.create(occurrence=turn, person=world.outsider, part="contributor", assigned_at=clock.now())
