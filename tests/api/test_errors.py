"""Refusals told apart, in one form; and whatever is sent, never an answer of 500."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.people import World, once_a_member
from tests.record import everything
from tracker.models import Activity
from workflows import steps

JSON = "application/json"
TURN = "/api/v1/occurrences/council/r1-1.2-c18/"


def client_of(world: World, name: str) -> Client:
    client = Client(raise_request_exception=False)
    if name:
        client.force_login(world.people[name])
    return client


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The refusal, its form insisted on."""
    assert answer.status_code == status, answer.content[:500]
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert set(told) - {"fields", "who", "when"} == {"status", "title", "detail"}
    assert told["title"]
    assert told["detail"]
    assert told["title"] != "Refused"
    return dict(told)


# Told apart --------------------------------------------------------------------------------------------------------------

# what → who asks, how, where, with what → status
REFUSALS: dict[str, tuple[str, str, str, Any, int]] = {
    "nobody reads a list": ("", "get", "/api/v1/occurrences/", None, 401),
    "nobody takes a step": ("", "post", f"{TURN}steps/assign/", {"lead": "contributor"}, 401),
    "nobody reads the overview": ("", "get", "/api/v1/overview/?body=council", None, 401),
    "lead is missing": ("chair", "post", f"{TURN}steps/assign/", {}, 400),
    "lead is unknown": ("chair", "post", f"{TURN}steps/assign/", {"lead": "somebody"}, 400),
    "office is unknown": ("chair", "post", f"{TURN}steps/assign/", {"lead": "group/somebody"}, 400),
    "lead is no name": ("chair", "post", f"{TURN}steps/assign/", {"lead": ["contributor"]}, 400),
    "not an object": ("chair", "post", f"{TURN}steps/assign/", ["contributor"], 400),
    "reason is empty": ("chair", "post", f"{TURN}steps/hold/", {"reason": "   "}, 400),
    "the day is over": (
        "chair",
        "post",
        f"{TURN}steps/change_due_date/",
        {"due_on": "2017-01-01", "reason": "Why."},
        400,
    ),
    "council sits not yet": (
        "secretary",
        "post",
        f"{TURN}steps/waive/",
        {"decision": {"session": "council/c18", "document": "C18/1", "paragraph": "1", "outcome": "waived"}},
        400,
    ),
    "session is unknown": (
        "secretary",
        "post",
        f"{TURN}steps/waive/",
        {"decision": {"session": "council/c99", "document": "C18/1", "paragraph": "1", "outcome": "waived"}},
        400,
    ),
    "councillor assigns": ("councillor", "post", f"{TURN}steps/assign/", {"lead": "contributor"}, 403),
    "chair enters the record": ("chair", "post", f"{TURN}steps/enter_from_record/", {"source": "C17/15"}, 403),
    "outsider takes a step": ("outsider", "post", f"{TURN}steps/assign/", {"lead": "contributor"}, 404),
    "outsider reads": ("outsider", "get", TURN, None, 404),
    "turn is missing": ("chair", "get", "/api/v1/occurrences/council/r1-1.2-c99/", None, 404),
    "turn of a step is missing": ("chair", "post", "/api/v1/occurrences/council/r1-1.2-c99/steps/assign/", {}, 404),
    "step is unknown": ("chair", "post", f"{TURN}steps/vanish/", {}, 404),
    "step is unknown to nobody too": ("", "post", f"{TURN}steps/vanish/", {}, 404),
    "step without a slash": ("chair", "post", f"{TURN}steps/assign", {"lead": "contributor"}, 404),
    "address is unknown": ("chair", "get", "/api/v1/unicorns/", None, 404),
    "version of the API is unknown": ("chair", "get", "/api/v9/occurrences/", None, 404),
    "body is unknown": ("chair", "get", "/api/v1/overview/?body=nowhere", None, 404),
    "body is missing": ("chair", "get", "/api/v1/overview/", None, 400),
    "session of the overview is unknown": ("chair", "get", "/api/v1/overview/?body=council&session=c99", None, 400),
    "page is too far": ("chair", "get", "/api/v1/occurrences/?page=100000000000000000000", None, 404),
    "step is read": ("chair", "get", f"{TURN}steps/assign/", None, 405),
    "list is written": ("chair", "post", "/api/v1/occurrences/", {}, 405),
    "turn is deleted": ("secretary", "delete", TURN, None, 405),
    "turn is changed": ("secretary", "patch", TURN, {"status": "closed"}, 405),
    "event is changed": ("secretary", "put", "/api/v1/events/", {}, 405),
    "submitted too early": ("secretary", "post", f"{TURN}steps/close/", {}, 409),
    "nothing to unassign": ("chair", "post", f"{TURN}steps/unassign/", {"reason": "Why."}, 409),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals_are_told_apart_in_one_form_and_change_nothing(world: World, what: str) -> None:
    who, method, address, body, status = REFUSALS[what]
    client = client_of(world, who)
    before = everything()

    answer = getattr(client, method)(
        address, **({} if body is None else {"data": json.dumps(body), "content_type": JSON})
    )

    problem(answer, status)
    assert everything() == before


def test_refusal_says_who_may_and_what_is_wrong(world: World) -> None:
    may_not = client_of(world, "councillor").post(f"{TURN}steps/endorse/", {}, JSON)
    not_now = client_of(world, "chair").post(f"{TURN}steps/unassign/", {"reason": "Why."}, JSON)
    not_right = client_of(world, "chair").post(f"{TURN}steps/assign/", {"lead": "somebody", "note": "x" * 501}, JSON)

    assert problem(may_not, 403)["detail"] == "Only the endorser can do this: at present Chair, Group (Chair)."
    assert problem(may_not, 403)["who"] == [
        {"capacity": "endorser", "office": "group/chair", "name": "Chair, Group", "holder": "Chair"}
    ]
    assert problem(not_now, 409)["detail"].startswith("It is planned since 16 February 2018.")
    assert problem(not_now, 409)["when"]["possible"] == "Possible once somebody has been asked to lead it."
    assert set(problem(not_right, 400)["fields"]) == {"lead", "note"}


def test_nobody_is_asked_to_log_in_by_a_token(world: World) -> None:
    assert client_of(world, "").get("/api/v1/events/")["WWW-Authenticate"] == "Token"


def test_refusal_names_the_methods_that_there_are(world: World) -> None:
    assert client_of(world, "chair").get(f"{TURN}steps/assign/")["Allow"] == "POST, OPTIONS"


def test_step_from_another_site_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.chair)

    answer = client.post(f"{TURN}steps/hold/", {"reason": "Forged."}, JSON)

    assert "CSRF" in problem(answer, 403)["detail"]


def test_who_acts_is_told_how_it_stands_even_where_that_ends_their_seeing_it(world: World) -> None:
    leave = once_a_member(world, "outsider")
    steps.assign(world.due, by=world.chair, lead=world.outsider)
    leave()
    client = client_of(world, "outsider")

    answer = client.post(f"{TURN}steps/decline/", {"reason": "No time."}, JSON)

    assert (answer.status_code, answer.json()["status"]) == (200, "planned")
    problem(client.get(TURN), 404)


# Broken input ------------------------------------------------------------------------------------------------------------

LONE_SURROGATE = '"\\ud800"'
BODIES: dict[str, tuple[str | bytes, str, int]] = {
    "broken": ('{"reason": ', JSON, 400),
    "empty object": ("{}", JSON, 400),
    "nothing at all": ("", JSON, 400),
    "a word": ('"reason"', JSON, 400),
    "a number": ("1", JSON, 400),
    "null": ("null", JSON, 400),
    "not a number": ('{"reason": NaN}', JSON, 400),
    "a number of five thousand digits": ('{"reason": ' + "9" * 5000 + "}", JSON, 400),
    "a hundred thousand deep": ("[" * 100_000, JSON, 400),
    "deep inside": ('{"reason": ' + "[" * 50_000 + "]" * 50_000 + "}", JSON, 400),
    "nested words": ('{"reason": {"reason": "Why."}}', JSON, 400),
    "a list of words": ('{"reason": ["Why."]}', JSON, 400),
    "a truth": ('{"reason": true}', JSON, 400),
    "NUL": ('{"reason": "a\\u0000b"}', JSON, 400),
    "NUL alone": ('{"reason": "\\u0000"}', JSON, 400),
    "lone surrogate": ('{"reason": ' + LONE_SURROGATE + "}", JSON, 400),
    "lone surrogate as a name": ("{" + LONE_SURROGATE + ': "Why."}', JSON, 400),
    "not UTF-8": (b'{"reason": "\xff\xfe"}', JSON, 400),
    "UTF-16": ('{"reason": "Why."}'.encode("utf-16"), JSON, 400),
    "too long": (json.dumps({"reason": "x" * 501}), JSON, 400),
    "very long": (json.dumps({"reason": "x" * 1_000_000}), JSON, 400),
    "six megabytes": (json.dumps({"reason": "x" * 6_000_000}), JSON, 413),
    "XML": ("<reason>Why.</reason>", "application/xml", 415),
    "text": ("reason=Why.", "text/plain", 415),
    "a form of addresses": ("reason=Why.", "application/x-www-form-urlencoded", 415),
    "no such type": ("{}", "no/such/type; at=all", 415),
    "a broken form": ("reason=Why.", "multipart/form-data", 400),
    "a form cut short": ("--x\r\nContent-Dis", "multipart/form-data; boundary=x", 400),
    "charset of no text": ('{"reason": ""}', "application/json; charset=rot13", 400),
    "charset unknown": ('{"reason": ""}', "application/json; charset=klingon", 400),
}


@pytest.mark.parametrize("what", BODIES)
def test_broken_body_is_refused_and_changes_nothing(world: World, what: str) -> None:
    body, content_type, status = BODIES[what]
    client = client_of(world, "chair")
    before = everything()

    answer = client.generic(
        "POST", f"{TURN}steps/hold/", body if isinstance(body, bytes) else body.encode(), content_type
    )

    problem(answer, status)
    assert everything() == before


@pytest.mark.parametrize("charset", ["rot13", "idna", "undefined", "utf-16"])
def test_charset_that_is_no_text_does_no_harm_in_an_address(world: World, charset: str) -> None:
    answer = client_of(world, "chair").get(
        "/api/v1/occurrences/?session=%C3%A9%FF", content_type=f"text/plain; charset={charset}"
    )

    assert (answer.status_code, answer.json()["count"]) == (200, 0)


@pytest.mark.parametrize(
    "name", ["a\x00b", "x" * 100_000, "\ud800", "group/\x00", "/", "group/", "//", "é" * 200, "\n"]
)
@pytest.mark.parametrize("field", ["lead", "contributors"])
def test_name_that_no_database_holds_is_refused(world: World, field: str, name: str) -> None:
    body = {"lead": "contributor"} | {field: [name] if field == "contributors" else name}

    answer = client_of(world, "chair").post(f"{TURN}steps/assign/", json.dumps(body), JSON)

    assert field in problem(answer, 400)["fields"]


@pytest.mark.parametrize("name", ["a\x00b", "council/\x00", "\ud800/c17", "x" * 100_000, "council/c17/c17", ""])
def test_session_that_no_database_holds_is_refused(world: World, name: str) -> None:
    cited = {"session": name, "document": "C17/1", "paragraph": "1", "outcome": "waived"}

    answer = client_of(world, "secretary").post(f"{TURN}steps/waive/", json.dumps({"decision": cited}), JSON)

    assert "decision" in problem(answer, 400)["fields"]


DAYS: dict[Any, int] = {
    "2018-02-30": 400,
    "2018-13-01": 400,
    "0000-01-01": 400,
    "10000-01-01": 400,
    "18 March 2018": 400,
    "2018-03-25T10:00:00Z": 400,
    "tomorrow": 400,
    "": 400,
    "\x00": 400,
    20180325: 400,
    None: 400,
    True: 400,
    1e400: 400,
    "0001-01-01": 400,
    "2018-03-25": 200,
    "２０１８-03-25": 200,
    "9999-12-31": 200,
}


@pytest.mark.parametrize("day", DAYS)
def test_day_is_a_day_or_refused(world: World, day: Any) -> None:
    client = client_of(world, "chair")

    answer = client.post(f"{TURN}steps/change_due_date/", json.dumps({"due_on": day, "reason": "Why."}), JSON)

    if DAYS[day] == 200:
        assert answer.status_code == 200
        assert client.get(TURN).status_code == 200
        assert client.get("/api/v1/overview/?body=council").status_code == 200
    else:
        problem(answer, 400)


@pytest.mark.parametrize("event", [0, -1, 2**31, 2**63, 10**20, "1e9", 1.5, None, "\u0661\u0661\u0661", True, 999])
def test_number_of_an_event_is_one_of_the_history_or_refused(world: World, event: Any) -> None:
    answer = client_of(world, "secretary").post(
        f"{TURN}steps/correct/", json.dumps({"event": event, "reason": "Why."}), JSON
    )

    if event is True:  # JSON's true is Python's 1, and the history has an event 1
        assert answer.status_code in (200, 400)
    else:
        problem(answer, 400)


ADDRESSES = [
    "/api/v1/occurrences/%00/",
    "/api/v1/occurrences/council/%00/",
    "/api/v1/occurrences/council/r1-1.2-c18%0A/",
    "/api/v1/occurrences/council/r1-1.2-c18/%0A",
    "/api/v1/occurrences/council/r1-1.2-c18/steps/assign/%0A",
    "/api/v1/occurrences/%ED%A0%80/%FF/",
    "/api/v1/occurrences/council/../../etc/passwd/",
    f"/api/v1/occurrences/council/{'x' * 5000}/",
    "/api/v1/resolutions/council/%00/",
    "/api/%00",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_address_that_names_nothing_is_not_found(world: World, address: str) -> None:
    problem(client_of(world, "secretary").get(address), 404)


QUERIES = [
    "events/?page=%00",
    "events/?page_size=%00",
    "events/?recorded_from=9999-12-31T23:59:59-23:59",
    "events/?recorded_from=0001-01-01T00:00:00%2B14:00",
    "events/?effective_from=0001-01-01",
    "events/?subject=%ED%A0%80",
    f"events/?subject={'x' * 3000}",
    "occurrences/?lead=%00",
    "occurrences/?lead=/",
    "occurrences/?due_from=9999-12-31&due_until=0001-01-01",
    "occurrences/?status=&status=planned",
    "occurrences/?format=xml",
    "overview/?body=%00",
    "overview/?body=council&session=%00",
    "overview/?body=council&page=100000000000000000000",
    "overview/?body=council&holder=%ED%A0%80",
    f"overview/?body={'x' * 3000}",
]


@pytest.mark.parametrize("query", QUERIES)
def test_query_however_odd_is_answered_or_refused(world: World, query: str) -> None:
    answer = client_of(world, "secretary").get(f"/api/v1/{query}")

    if answer.status_code != 200:
        assert answer.status_code in (400, 404)
        problem(answer, answer.status_code)


def test_accept_header_that_cannot_be_met_is_said(world: World) -> None:
    problem(client_of(world, "chair").get("/api/v1/events/", headers={"Accept": "text/csv"}), 406)


# Files -------------------------------------------------------------------------------------------------------------------


def test_activity_comes_with_files_in_a_form(world: World) -> None:
    world.walk("in_progress")
    paper = SimpleUploadedFile("../../minutes\x07 of the day.txt", b"What was said.")

    answer = client_of(world, "contributor").post(
        f"{TURN}steps/record_activity/", {"text": "A meeting was held.", "files": [paper]}
    )

    assert answer.status_code == 200, answer.content
    assert Activity.objects.get().evidence.get().title == "minutes of the day.txt"


@pytest.mark.parametrize(("name", "content"), [("empty.txt", b""), ("large.bin", b"x" * (20 * 1024 * 1024 + 1))])
def test_file_that_is_empty_or_too_large_is_refused(world: World, name: str, content: bytes) -> None:
    world.walk("in_progress")
    client = client_of(world, "contributor")
    before = everything()

    answer = client.post(
        f"{TURN}steps/submit/", {"text": "What was done.", "files": [SimpleUploadedFile(name, content)]}
    )

    problem(answer, 400)
    assert everything() == before
