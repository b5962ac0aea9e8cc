"""Policies of reminders for programs: read in words, drafted, changed, put in force, ended, foretold."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import World
from tracker.ladders import Rung
from tracker.models import ReminderPolicy
from workflows import steps

pytestmark = pytest.mark.django_db
API = "/api/v1/policies/"
FEW = [{"days": -14}, {"days": 1}, {"days": 8, "audience": "chair"}]


def post(client: Any, address: str, words: dict[str, Any]) -> Any:
    return client.post(f"{API}{address}/", words, content_type="application/json")


def drafted(world: World, **given: Any) -> ReminderPolicy:
    given = {"name": "Fewer", "rungs": (Rung(-14), Rung(1), Rung(8, "chair")), **given}
    return steps.draft_policy(world.group, by=world.secretary, **given)


def test_policy_is_drafted_changed_put_in_force_and_ended(world: World, client_for: Any):
    client = client_for(world.secretary)
    rule = steps.add_deadline_rule(world.council, name="Papers", days_before=14, by=world.secretary)

    made = post(client, "draft/group", {"name": "Fewer", "kind": "each_session", "rungs": FEW, "grace_days": 5})
    assert made.status_code == 201, made.json()
    number = made.json()["number"]
    hung = [*FEW, {"days": -3, "working": True, "anchor": "deadline", "deadline": f"council/{rule.slug}"}]
    changed = post(client, f"{number}/change", {"rungs": hung})
    put = post(client, f"{number}/put-in-force", {"reason": "Too many mails."})
    ended = post(client, f"{number}/end", {"reason": "Enough."})

    assert [one.status_code for one in (changed, put, ended)] == [200, 200, 200]
    assert changed.json()["grace_days"] == 5
    words = [(one["words"], one["deadline"]) for one in changed.json()["rungs"]]
    assert ("14 days before the due day: whoever has the ball", None) in words
    assert ("3 working days before the document deadline “Papers”: whoever has the ball", "council/papers") in words
    assert put.json()["contract"][0] == "whoever has the ball: at most 3 times about one item and one due day"
    assert (put.json()["state"], ended.json()["state"]) == ("in_force", "ended")
    assert post(client, f"{number}/end", {"reason": "Twice."}).status_code == 409


def test_draft_for_a_text_and_for_a_duty(world: World, client_for: Any):
    client = client_for(world.secretary)

    text = post(client, "draft/council", {"name": "For the text", "resolution": "council/r1"}).json()
    duty = post(client, "draft/group", {"name": "For the duty", "obligation": "council/r1-1.2"}).json()

    assert (text["resolution"], text["for_what"]) == ("council/r1", "all duties of Resolution 1")
    assert (duty["obligation"], duty["for_what"]) == ("council/r1-1.2", "the duty “Annual report” (r1-1.2)")
    assert post(client, f"{text['number']}/drop", {}).json()["state"] == "ended"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"rungs": []}, "rungs"),
        ({"rungs": "x"}, "rungs"),
        ({"rungs": [{"days": 400}]}, "rungs"),
        ({"rungs": [{"days": 1, "audience": "everybody"}]}, "rungs"),
        ({"rungs": [{"days": 1, "anchor": "deadline"}]}, "rungs"),
        ({"rungs": [{"days": 1, "anchor": "deadline", "deadline": "council/gone"}]}, "rungs"),
        ({"rungs": [{"days": 1, "audience": "chair"}]}, "rungs"),
        ({"kind": "yearly"}, "kind"),
        ({"resolution": "board/b1"}, "resolution"),
        ({"obligation": "council/r1-9"}, "obligation"),
        ({"obligation": "\x00"}, "obligation"),
        ({"most_per_item": 99}, "most_per_item"),
        ({"grace_days": 99}, "grace_days"),
    ],
)
def test_bad_words_are_refused_by_field(world: World, client_for: Any, wrong: dict[str, Any], field: str):
    refused = post(client_for(world.secretary), "draft/group", {"name": "Fewer", "rungs": FEW, **wrong})

    assert refused.status_code == 400
    assert field in refused.json()["fields"]
    assert not ReminderPolicy.objects.exists()


def test_list_is_narrowed_and_takes_no_more_questions_with_more_rows(world: World, client_for: Any):
    client = client_for(world.secretary)
    rule = steps.add_deadline_rule(world.group, name="Papers", days_before=14, by=world.secretary)
    hung = (Rung(-3), Rung(-3, anchor="deadline", deadline=rule.pk))
    steps.put_in_force(drafted(world, rungs=hung), reason="Now.", by=world.secretary)

    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            assert client.get(API).status_code == 200
        return len(questions)

    first = asked()
    for _ in range(3):
        drafted(world, rungs=hung)
    assert asked() == first
    assert client.get(API, {"state": "draft"}).json()["count"] == 3
    assert client.get(API, {"colour": "red"}).status_code == 400
    assert client_for(world.outsider).get(API).json()["count"] == 1


def test_year_is_foretold_with_a_persons_mails(world: World, client_for: Any):
    client = client_for(world.secretary)
    draft = drafted(world)

    found = client.get(f"{API}{draft.pk}/simulation/", {"person": "chair"}).json()

    assert (found["before"], found["after"], found["first"]) == (6, 3, "2018-02-16")
    chair = next(one for one in found["people"] if one["person"] == "chair")
    assert (chair["before"], chair["after"]) == (5, 3)
    assert {"month": "2018-03", "before": 4, "after": 3} in chair["months"]
    assert chair["mails"][0] == {
        "day": "2018-03-02",
        "reminders": [
            {
                "occurrence": "council/r1-1.2-c18",
                "due_on": "2018-03-18",
                "when": "14 days before the due day",
                "audience": "holder",
                "foreseen": False,
            }
        ],
    }
    assert client.get(f"{API}{draft.pk}/simulation/", {"colour": "red"}).status_code == 400
    assert client_for(world.councillor).get(f"{API}{draft.pk}/simulation/").status_code == 404
