"""A person's trace, and who saw what: told to those who may know, and to nobody else."""

from datetime import date

import pytest
from django.utils import timezone

from tracker.models import Obligation, Person, Substitution, Visibility, Visit
from workflows import steps

pytestmark = pytest.mark.django_db
ITEM = "/items/council/r1-1.2-c18/"


@pytest.fixture
def stand_in(world) -> Person:
    """Somebody stands in for the chair, and has assigned the turn in the chair's name."""
    Substitution.objects.create(
        office=world.offices["chair"],
        principal=world.chair,
        substitute=world.outsider,
        begins=date(2018, 2, 1),
        ends=date(2018, 2, 28),
    )
    steps.assign(world.due, lead=world.contributor, by=world.outsider)
    return world.outsider


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def verbs(client, query: str) -> list[str]:
    return [line.verb for line in client.get(f"/history/?{query}").context["lines"]]


def test_trace_tells_what_was_done_and_what_others_did_in_their_name(world, client_for, stand_in):
    steps.hold(world.due, by=world.chair, reason="Waiting.")
    place, client = f"/people/{world.chair.pk}/trace/", client_for(world.auditor)

    assert {line.verb for line in client.get(place).context["lines"]} == {"occurrence.assigned", "occurrence.held"}
    assert [line.verb for line in client.get(f"{place}?part=name").context["lines"]] == ["occurrence.assigned"]
    assert [line.verb for line in client.get(f"{place}?part=did").context["lines"]] == ["occurrence.held"]
    assert "acted for them" in text(client.get(place))


def test_trace_is_open_to_oneself_and_to_nobody_else(world, client_for):
    place = f"/people/{world.contributor.pk}/trace/"

    assert "Your trace" in text(client_for(world.contributor).get(place))
    assert client_for(world.chair).get(place).status_code == 404
    assert client_for(world.secretary).get(place).status_code == 200


def test_what_was_done_in_ones_name_is_in_ones_own_history(world, client_for, stand_in):
    assert "occurrence.assigned" in verbs(client_for(world.chair), "acting=name")


def test_who_saw_a_restricted_item_is_told_to_those_who_may_know(world, client_for):
    Obligation.objects.update(visibility=Visibility.RESTRICTED)
    world.walk("assigned")
    client_for(world.chair).get(ITEM)
    client_for(world.vice_chair).get(ITEM)

    assert "opened by 2 people" in text(client_for(world.auditor).get(ITEM))
    assert "opened by" not in text(client_for(world.chair).get(ITEM))
    rows = client_for(world.auditor).get("/history/visits/?item=council/r1-1.2-c18&kind=seen").context["visits"]
    assert [row.visit.person.username for row in rows] == ["auditor", "vice_chair", "chair"]


@pytest.mark.parametrize(
    ("query", "count"),
    [("kind=refused", 1), ("kind=seen", 0), ("person=system", None), ("since=2018-02-17", 0), ("until=2018-02-16", 1), ("kind=x", None)],
)  # fmt: skip
def test_visits_are_searched(world, client_for, query, count):
    client_for(world.councillor).get("/people/")
    answer = client_for(world.auditor).get(f"/history/visits/?{query}")

    assert answer.status_code == (400 if count is None else 200)
    if count is not None:
        assert len(answer.context["visits"]) == count


def test_visits_of_another_body_are_not_told(world, client_for):
    stranger = Person.objects.create_user("stranger", "x", name="Stranger")
    Visit.objects.create(kind="refused", person=stranger, at=timezone.now(), means="page", method="GET", address="/x/",
                         request_id="1")  # fmt: skip

    assert client_for(world.auditor).get("/history/visits/").context["visits"] == []
