"""Swapped names, look-ups, protected columns, and rights that end: what the matrix of addresses does not ask."""

import json
import re
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse

from tests.access.beside import FOREIGN_WORDS, RESTRICTED_WORDS
from tests.access.matrix import Caller, Cell, cells
from tests.access.rules import ADMIN, FILTERS, NOBODY, OPEN, STEPS
from tests.access.stage import Stage, handed_in
from tests.api.test_matrix import BODY
from tests.people import World
from tests.record import everything
from tracker.models import Occurrence, Person, Report, Term
from workflows import steps

# Asked once, not per database.
pytestmark = pytest.mark.once

SHUT = {"foreign": FOREIGN_WORDS, "restricted": RESTRICTED_WORDS}


def bare(answer: HttpResponse) -> str:
    """A page without what differs from one answer to the next by design."""
    words = getattr(answer, "content_read", b"") or answer.content
    text = words.decode(errors="replace")
    text = re.sub(r'(csrfmiddlewaretoken" value=|written_by" value=|nonce=|name="next" value=)"[^"]*"', "", text)
    return re.sub(r"/[-a-z0-9/._~%]*(next=)?[-a-z0-9/._~%]*", "", text)


# What is foreign and what there is not ----------------------------------------------------------------------------------


def twins(stage: Stage, thing: str) -> list[tuple[Cell, Cell]]:
    """The same address for something shut and for something that there is not."""
    found: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for cell in cells(stage):
        if not cell.step or cell.step in {"assign", "close"}:
            found.setdefault((cell.address.name, cell.address.route, cell.step), {})[cell.thing] = cell
    return [(both[thing], both["missing"]) for both in found.values() if thing in both and "missing" in both]


@pytest.mark.parametrize("thing", SHUT)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_shut_and_missing_give_the_same_answer(stage: Stage, thing: str, method: str) -> None:
    caller, compared = Caller(stage, "contributor"), 0
    for shut, missing in twins(stage, thing):
        answer, other = caller.keep(method, shut.url), caller.keep(method, missing.url)
        if answer.status_code == 404:
            compared += 1
            assert other.status_code == 404, missing.url
            assert bare(answer) == bare(other), shut.url

    assert compared >= (9 if method == "GET" else 4)


def test_one_that_is_open_does_not_look_like_one_that_is_missing(stage: Stage) -> None:
    """The control: where somebody may see it, the two answers differ."""
    caller = Caller(stage, "stranger")
    pairs = [
        pair for pair in twins(stage, "foreign") if pair[0].address.name in {"occurrence", "api-occurrences-detail"}
    ]

    assert pairs
    for shut, missing in pairs:
        assert bare(caller.keep("GET", shut.url)) != bare(caller.keep("GET", missing.url))


# Names in queries and bodies --------------------------------------------------------------------------------------------


def queries_of(stage: Stage, turn: Occurrence) -> dict[str, list[str]]:
    """For each list, the queries that name something of that turn."""
    body, resolution = turn.body.slug, turn.resolution.slug
    both = [f"body={body}&resolution={resolution}", f"resolution={resolution}"]
    lead = "lead=stranger"
    return {
        "/api/v1/resolutions/": [f"body={body}"],
        "/api/v1/paragraphs/": both,
        "/api/v1/obligations/": both,
        "/api/v1/occurrences/": [*both, lead, "page_size=1000"],
        "/api/v1/events/": [f"subject={turn.reference}", f"body={body}", "actor=stranger", "page_size=1000"],
        "/occurrences/": [f"body={body}", f"resolution={resolution}", ""],
        "/history/": [f"item={turn.reference}", f"words={turn.obligation.title}", ""],
        "/tasks/": [""],
        "/resolutions/": [f"words={turn.resolution.title}", ""],
        "/board/assign/": [f"item={turn.reference}"],
        "/board/reassign/": [f"item={turn.reference}"],
        "/board/chosen/": [f"item={turn.reference}"],
        "/calendar/": [f"body={body}&year=2018", "year=all"],
        "/calendar/agenda/": ["", f"body={body}", f"resolution={body}/{resolution}"],
        "/calendar/year/2018/": ["", f"body={body}"],
        f"/calendar/{body}/events/": [""],
        "/search/": [f"q={turn.obligation.title}", f"q={turn.obligation.title}&kind=occurrences"],
        "/watching/": [""],
        "/filters/occurrences/": [""],
        f"/council/{body}/": ["", f"resolution={resolution}"],
        f"/council/{body}.csv": ["", f"resolution={resolution}"],
        "/api/v1/overview/": [f"body={body}", f"body={body}&resolution={resolution}"],
    }


@pytest.mark.parametrize("role", ["outsider", "contributor", "councillor", "administrator"])
@pytest.mark.parametrize("thing", SHUT)
def test_no_list_tells_of_what_is_shut_however_it_is_asked(stage: Stage, thing: str, role: str) -> None:
    caller = Caller(stage, role)
    for path, queries in queries_of(stage, getattr(stage, thing)).items():
        for query in queries:
            answer = caller.keep("GET", f"{path}?{query}")
            text = answer.content.decode()
            echoed = text.count(SHUT[thing]) if SHUT[thing] in query else 0
            assert answer.status_code < 500
            assert echoed or SHUT[thing] not in text, f"{path}?{query}"


def test_lists_tell_those_who_may_see_it(stage: Stage) -> None:
    """The control: the same lists do show it to the secretary of that body."""
    caller, found = Caller(stage, "stranger"), 0
    for path, queries in queries_of(stage, stage.foreign).items():
        found += any(FOREIGN_WORDS.encode() in caller.keep("GET", f"{path}?{query}").content for query in queries)

    assert found >= 6


LOOKUPS = (
    "case__owner__email__startswith",
    "actor__email__startswith",
    "actor__password__startswith",
    "body__slug__startswith",
    "status__regex",
    "obligation__responsible__slug",
    "assignments__person__email",
    "pk",
    "id__gt",
    "ordering",
    "sort",
    "fields",
    "include",
    "expand",
    "search",
)


@pytest.mark.parametrize("name", FILTERS)
def test_lists_of_the_api_refuse_every_other_name(stage: Stage, name: str) -> None:
    caller = Caller(stage, "secretary")
    (cell,) = [cell for cell in cells(stage) if cell.address.name == name]
    known = FILTERS[name].split()

    answers = {look: caller.keep("GET", f"{cell.url}?body=council&{look}=a").status_code for look in LOOKUPS}
    more = {f"{one}__startswith": caller.keep("GET", f"{cell.url}?{one}__startswith=a").status_code for one in known}

    assert answers == dict.fromkeys(LOOKUPS, 400)
    assert set(more.values()) <= {400}  # a list may have no filter at all


@pytest.mark.parametrize("path", ["/occurrences/", "/history/", "/resolutions/", "/public/", "/council/council/"])
def test_pages_give_no_ear_to_look_ups(stage: Stage, path: str) -> None:
    """A page that does not know a name shows what it would show without it, or refuses."""
    caller = Caller(stage, "secretary")
    plain = caller.keep("GET", path)
    rows = plain.content.count(b"<tr")

    for look in LOOKUPS[:8]:
        answer = caller.keep("GET", f"{path}?{look}=zzz")
        assert answer.status_code in {200, 400}
        assert answer.status_code == 400 or answer.content.count(b"<tr") == rows


@pytest.mark.parametrize("step", ["assign", "close", "reopen"])
def test_foreign_names_in_a_body_are_refused(stage: Stage, step: str) -> None:
    """A session of another body cannot be cited; an office of another body may be asked, a stranger's turn not."""
    caller, before = Caller(stage, "secretary"), everything()
    cited = {"session": "board/b18", "document": "B/1", "paragraph": "1", "outcome": "noted"}
    body = {**BODY[step], **({"decision": cited} if step != "assign" else {})}

    own = caller.keep("POST", _address(stage.foreign, step), data=_json(body), content_type="application/json")
    answers = [own.status_code]
    if step != "assign":
        turn = stage.own if step == "close" else stage.world.past
        ours = caller.keep("POST", _address(turn, step), data=_json(body), content_type="application/json")
        answers.append(ours.status_code)

    assert answers[0] == 404
    assert set(answers[1:]) <= {400, 403, 409}
    assert everything() == before


# Protected columns ------------------------------------------------------------------------------------------------------

PROTECTED: dict[str, Any] = {
    "id": 1,
    "pk": 1,
    "status": "closed",
    "owner": "outsider",
    "by": "secretary",
    "acting_for": "secretary",
    "actor": "secretary",
    "created_by": "outsider",
    "submitted_by": "outsider",
    "recorded_by": "outsider",
    "submitted_on": "2001-01-01",
    "discharged_on": "2001-01-01",
    "first_due_on": "2001-01-01",
    "on_hold": True,
    "reference": "council/r1-9-c99",
    "body": "board",
    "obligation": 1,
    "number": 4711,
    "seq": 4711,
    "hash": "0" * 64,
    "previous_hash": "0" * 64,
    "means": "clock",
    "recorded_at": "2001-01-01T00:00:00Z",
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "role": "secretary",
    "password": "x",
}
WALKED = {"assign": "planned", "unassign": "assigned", "accept": "assigned", "decline": "assigned"}
WALKED |= {"submit": "in_progress", "close": "endorsed", "enter_from_record": "planned", "reopen": "endorsed"}
WALKED |= {"reassign": "assigned", "add_contributors": "in_progress", "ask_new_date": "in_progress"}
WALKED |= {"grant_new_date": "in_progress", "refuse_new_date": "in_progress"}
TAKER = {"accept": "contributor", "decline": "contributor", "submit": "contributor", "withdraw": "contributor"}
TAKER |= {"send_back": "chair", "endorse": "chair", "finish_part": "helper", "ask_new_date": "contributor"}
TAKER |= {"validate": "validator"}


def bring(world: World, step: str, turn: Occurrence) -> None:
    """Walk a turn to where a step is to be taken."""
    lead, helper = world.people["contributor"], world.people["helper"]
    if step in {"finish_part", "release_contributor"}:
        steps.assign(turn, lead=lead, contributors=[helper], by=world.people["chair"])
        steps.accept(turn, by=lead)
    elif step == "validate":
        handed_in(world, turn)
    else:
        world.walk(WALKED.get(step, "submitted"), turn)
    if step in {"grant_new_date", "refuse_new_date"}:
        steps.ask_new_date(turn, by=lead, wanted_on=date(2018, 4, 5), reason="The figures come late.")


def facts(turn: Occurrence) -> dict[str, Any]:
    """What stands after a step, without moments and numbers of rows."""
    row = Occurrence.objects.filter(pk=turn.pk).values().get()
    rows = {name: value for name, value in row.items() if name not in {"status_since", "opened_at", "decision_id"}}
    reports = list(Report.objects.filter(occurrence=turn).values_list("state", "text", "visibility", "submitted_by"))
    events = list(turn_events(turn).values_list("verb", "number", "actor", "acting_for", "means"))
    people = list(Person.objects.order_by("pk").values_list("is_staff", "is_superuser", "is_active", "password"))
    return {"row": rows, "reports": reports, "events": events, "people": people, "terms": Term.objects.count()}


def turn_events(turn: Occurrence) -> Any:
    return apps.get_model("tracker", "Event").objects.filter(subject_type="occurrence", subject_id=turn.pk)


def test_protected_columns_in_a_body_change_nothing(stage: Stage) -> None:
    """A step with every protected name beside its own words does what it does without them."""
    for step in [step for step in STEPS if step != "resume"]:
        plain, protected = taken_back(lambda step=step: [stepped(stage, step, more) for more in ({}, PROTECTED)])
        assert plain[0] == 200, step
        assert protected[0] in {200, 400}, step
        if protected[0] == 200:
            assert protected[1] == plain[1], step


def stepped(stage: Stage, step: str, more: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The answer to a step with more in its body, and what it came to; all of it taken back."""

    def asked() -> tuple[int, dict[str, Any]]:
        turn = stage.world.sessions["C16"].occurrences.get(obligation=stage.world.obligation)
        bring(stage.world, step, turn)
        caller, body = Caller(stage, TAKER.get(step, "secretary")), _json({**more, **BODY[step]})
        answer = caller.http.generic("POST", _address(turn, step), data=body, content_type="application/json")
        return answer.status_code, facts(turn)

    found: tuple[int, dict[str, Any]] = taken_back(asked)
    return found


def taken_back(act: Any) -> Any:
    with transaction.atomic():
        found = act()
        transaction.set_rollback(True)
    return found


def test_protected_names_in_a_form_change_nobody(stage: Stage) -> None:
    """Pages of verbs take the fields of their forms, and no others."""
    before = list(Person.objects.order_by("pk").values_list("is_staff", "is_superuser", "is_active"))
    caller = Caller(stage, "secretary")
    for cell in cells(stage):
        if cell.rule.door in {ADMIN, OPEN} or cell.rule.write is NOBODY or cell.address.name.startswith("api-"):
            continue
        if cell.thing in {"own", ""} and (not cell.step or cell.step in {"assign", "close"}):
            seen = []

            def asked(cell: Cell = cell, seen: list[Any] = seen) -> None:
                caller.http.post(cell.url, {**PROTECTED, "is_active": "", "password": "x"})
                seen.extend(Person.objects.order_by("pk").values_list("is_staff", "is_superuser", "is_active"))

            taken_back(asked)
            assert seen[: len(before)] == before, cell.url


# Rights that end --------------------------------------------------------------------------------------------------------


def test_deactivated_person_is_refused_at_the_next_request(stage: Stage) -> None:
    session, token = stage.client("contributor"), stage.client("token")
    assert [session.get("/tasks/").status_code, token.get("/api/v1/occurrences/").status_code] == [200, 200]

    steps.deactivate(stage.world.contributor, by=stage.world.secretary, reason="They left.")

    assert session.get("/tasks/").status_code == 302
    assert token.get("/api/v1/occurrences/").status_code == 401
    assert session.get("/api/v1/occurrences/").status_code == 401
    assert token.post(_address(stage.own, "withdraw"), "{}", content_type="application/json").status_code == 401


def test_withdrawn_office_is_refused_at_the_next_request(stage: Stage) -> None:
    client = stage.client("chair")
    assert client.get("/board/").status_code == 200

    Term.objects.filter(office=stage.world.offices["chair"]).update(ends="2018-02-15")

    assert client.get("/board/").status_code == 403
    assert client.post(_address(stage.own, "endorse"), "{}", content_type="application/json").status_code == 404


def test_ended_substitution_is_refused_at_the_next_request(stage: Stage) -> None:
    client = stage.client("substitute")
    assert client.get(f"/items/{stage.own.reference}/").status_code == 200

    stage.world.offices["chair"].substitutions.update(begins="2018-02-01", ends="2018-02-15")

    assert client.get(f"/items/{stage.own.reference}/").status_code == 404


def test_role_in_another_body_opens_nothing_here(stage: Stage) -> None:
    """A secretary is one of their own body: nothing of ours moves for them."""
    client, before = stage.client("stranger"), everything()

    answers = [
        client.post("/calendar/council/sessions/c18/move/", {"opens": "2018-06-01", "reason": "So."}).status_code,
        client.post("/setup/council/offices/add/", {"title": "x", "role": "chair", "slug": "x"}).status_code,
        client.post(_address(stage.own, "close"), _json(BODY["close"]), content_type="application/json").status_code,
    ]

    assert answers == [403, 403, 404]
    assert everything() == before


def _address(turn: Occurrence, step: str) -> str:
    return f"/api/v1/occurrences/{turn.reference}/steps/{step}/"


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body)
