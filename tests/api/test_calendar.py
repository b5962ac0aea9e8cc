"""Bodies, offices, calendar and agenda for programs: what the pages show, and the steps that they offer."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.tracker.test_unsent import LONG
from tracker.models import Event, HandOver, Occurrence, Session, Substitution, Term
from workflows import steps

pytestmark = pytest.mark.django_db
API = "/api/v1/"
MOVE = f"{API}sessions/council/c18/move/"
LATER = {"opens": "2018-04-24", "closes": "2018-05-04", "reason": "The hall is taken."}


def post(client: Any, address: str, words: dict[str, Any], **headers: str) -> Any:
    return client.post(address, words, content_type="application/json", headers=headers)


def listed(client: Any, name: str, **asked: str) -> list[dict[str, Any]]:
    answer = client.get(f"{API}{name}/", asked)
    assert answer.status_code == 200, answer.json()
    return list(answer.json()["results"])


# What there is ------------------------------------------------------------------------------------------------------------


def test_bodies_offices_sessions_and_meetings_are_listed(world, client_for):
    client = client_for(world.councillor)

    assert [(one["slug"], one["parent"]) for one in listed(client, "bodies")] == [
        ("council", None),
        ("group", "council"),
    ]
    chair = next(one for one in listed(client, "offices", body="group") if one["slug"] == "chair")
    assert (chair["reference"], chair["holder"], chair["validator"]) == ("group/chair", "chair", None)
    assert [term["person"] for term in chair["terms"]] == ["chair"]
    assert [one["reference"] for one in listed(client, "sessions", state="planned")] == ["council/c18"]
    (meeting,) = listed(client, "meetings", begins_from="2018-01-01")
    assert (meeting["reference"], meeting["session"], meeting["begins"]) == ("group/14", "council/c18", "2018-01-23")


@pytest.mark.parametrize("name", ["bodies", "offices", "sessions", "meetings", "agenda"])
def test_lists_refuse_what_is_no_filter_and_take_no_more_questions_with_more_rows(world, client_for, name):
    client = client_for(world.councillor)
    assert client.get(f"{API}{name}/", {"colour": "red"}).status_code == 400

    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            client.get(f"{API}{name}/", {"since": "2015-01-01"} if name == "agenda" else {})
        return len(questions)

    first = asked()
    for number in range(3):
        steps.add_office(world.group, title=f"Member {number}", role="member", slug=f"m{number}", by=world.secretary)
        steps.add_session(world.council, code=f"C{20 + number}", name=f"Council {number}", by=world.secretary)
    assert asked() == first


# What falls due -------------------------------------------------------------------------------------------------------------


def test_agenda_has_turns_and_dates_in_their_order(world, client_for):
    client = client_for(world.contributor)
    steps.assign(world.due, lead=world.contributor, by=world.chair)

    lines = listed(client, "agenda")

    assert [(one["kind"], one["day"]) for one in lines] == [("turn", "2018-03-18"), ("opening", "2018-04-17")]
    assert (lines[0]["occurrence"], lines[0]["mark"]["code"]) == ("council/r1-1.2-c18", "due")
    assert lines[0]["holder"]["person"] == "Contributor"
    assert [one["kind"] for one in listed(client, "agenda", mine="true")] == ["turn"]
    assert listed(client, "agenda", show="late")[0]["occurrence"] == "council/r1-1.2-c16"
    assert listed(client_for(world.outsider), "agenda", what="turns") == []


@pytest.mark.parametrize(
    "asked",
    [{"mark": "purple"}, {"since": "2018-13-01"}, {"since": "2018-02-01", "until": "2018-01-01"}, {"body": "nowhere"}],
    ids=str,
)
def test_agenda_refuses_what_makes_no_sense(world, client_for, asked):
    assert client_for(world.chair).get(f"{API}agenda/", asked).status_code == 400


# Moves ----------------------------------------------------------------------------------------------------------------------


def test_move_is_looked_at_first_and_changes_nothing(world, client_for):
    steps.assign(world.due, lead=world.contributor, by=world.chair)
    events = Event.objects.count()

    answer = post(client_for(world.secretary), f"{MOVE}?dry_run=true", LATER)

    assert answer.status_code == 200
    told = answer.json()
    assert (told["done"], told["told"], told["unseen"]) == (False, ["contributor"], 0)
    assert told["moved"] == [
        {
            "reference": "council/r1-1.2-c18",
            "title": "Annual report",
            "due_before": "2018-03-18",
            "due_after": "2018-03-25",
        }
    ]
    assert Event.objects.count() == events
    assert Session.objects.get(code="C18").opens == date(2018, 4, 17)


def test_move_is_what_was_looked_at_or_is_refused(world, client_for):
    client = client_for(world.secretary)
    seen = post(client, f"{MOVE}?dry_run=true", LATER)["ETag"]

    assert post(client, MOVE, {**LATER, "opens": "2018-04-23"}, if_match=seen).status_code == 412
    done = post(client, MOVE, LATER, if_match=seen)

    assert (done.status_code, done.json()["done"]) == (200, True)
    assert Session.objects.get(code="C18").opens == date(2018, 4, 24)
    assert Occurrence.objects.get(reference="council/r1-1.2-c18").due_on == date(2018, 3, 25)
    assert Event.objects.filter(verb="session.moved", means="api").count() == 1


def test_meeting_is_moved(world, client_for):
    steps.add_meeting(world.group, number=15, begins=date(2018, 6, 1), by=world.secretary)

    answer = post(
        client_for(world.secretary), f"{API}meetings/group/15/move/", {"begins": "2018-06-08", "reason": "The hall."}
    )

    assert answer.status_code == 200
    assert world.group.meetings.get(number=15).begins == date(2018, 6, 8)


@pytest.mark.parametrize(
    ("who", "address", "words", "code"),
    [
        ("chair", MOVE, LATER, 403),
        ("chair", MOVE, {}, 403),  # whether they may is asked before their words are read
        ("secretary", MOVE, {}, 400),
        ("secretary", MOVE, {**LATER, "reason": " "}, 400),
        ("secretary", f"{MOVE}?dry_run=maybe", LATER, 400),
        ("secretary", f"{MOVE}?dryrun=true", LATER, 400),
        ("secretary", MOVE, {**LATER, "opens": "2018-04-17", "closes": "2018-04-27"}, 400),
        ("secretary", f"{API}sessions/council/c17/move/", LATER, 409),
        ("secretary", f"{API}sessions/council/c99/move/", LATER, 404),
        ("secretary", f"{API}meetings/group/{'9' * 30}/move/", {}, 404),
        ("chair", f"{API}offices/group/chair/appoint/", {}, 403),
        ("secretary", f"{API}offices/group/chair/appoint/", {"person": "nobody-of-that-name"}, 400),
        ("secretary", f"{API}offices/group/chair/appoint/", {"person": LONG}, 400),
        ("secretary", f"{API}offices/group/gone/appoint/", {"person": "helper"}, 404),
        ("secretary", f"{API}offices/group/chair/terms/1000000/end/", {}, 404),
        ("secretary", f"{API}offices/group/chair/substitute/", {"substitute": "helper"}, 400),
    ],
)
def test_steps_are_refused_in_the_order_of_every_step(world, client_for, who, address, words, code):
    before = Event.objects.count()

    answer = post(client_for(world.people[who]), address, words)

    assert answer.status_code == code, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert Event.objects.count() == before


# Offices --------------------------------------------------------------------------------------------------------------------


def test_appointed_holder_takes_over_and_a_hand_over_is_opened(world, client_for):
    client = client_for(world.secretary)

    answer = post(client, f"{API}offices/group/contributor/appoint/", {"person": "helper"})

    assert answer.status_code == 200, answer.json()
    assert answer.json()["holder"] == "helper"
    assert HandOver.objects.filter(term__person=world.helper).exists()
    number = answer.json()["terms"][-1]["number"]
    ended = post(client, f"{API}offices/group/contributor/terms/{number}/end/", {"ends": "2018-06-01"})
    assert (ended.status_code, ended.json()["terms"][-1]["ends"]) == (200, "2018-06-01")
    assert Term.objects.get(pk=number).ends == date(2018, 6, 1)


def test_substitute_acts_until_the_holder_is_back(world, client_for):
    client = client_for(world.secretary)
    words = {"substitute": "helper", "begins": "2018-02-16", "ends": "2018-03-01", "resolution": "council/r1"}

    answer = post(client, f"{API}offices/group/chair/substitute/", words)

    assert answer.status_code == 200, answer.json()
    (one,) = answer.json()["substitutions"]
    assert (one["substitute"], one["principal"], one["limited"]) == ("helper", "chair", True)
    ended = post(client, f"{API}offices/group/chair/substitutions/{one['number']}/end/", {"ends": "2018-02-20"})
    assert ended.status_code == 200, ended.json()
    assert Substitution.objects.get().ends == date(2018, 2, 20)
