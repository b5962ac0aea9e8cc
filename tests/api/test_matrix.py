"""The whole table, read it as one: who may take which step in which state, and what everybody else is told.

Two literal tables (`MAY`, `WHEN`) and the order of questions (404 before 403 before 409) give every answer of
state × step × role; each is asked for real, through the API.
"""

import json
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client

from tests.people import World
from tracker.models import Event, Occurrence
from workflows.machines import STEPS, Status

STATES = ("planned", "assigned", "in_progress", "submitted", "endorsed", "closed", "waived", "superseded")

# role → the steps that it may take on an occurrence of the group (endorsed by its chair, led by the contributor).
MAY: dict[str, str] = {
    "secretary": "assign unassign record_activity close waive supersede reopen enter_from_record hold resume change_due_date correct",
    "council_chair": "assign unassign hold resume change_due_date",
    "chair": "assign unassign send_back endorse reopen hold resume change_due_date",
    "vice_chair": "assign unassign hold resume change_due_date",
    "contributor": "accept decline record_activity submit withdraw hold resume",
    "helper": "record_activity",
    "councillor": "",
    "auditor": "",
    "outsider": "unseen",
}
# step → the states in which it is the moment (nothing is on hold here, so resume never is).
WHEN: dict[str, str] = {
    "assign": "planned",
    "unassign": "assigned",
    "accept": "assigned",
    "decline": "assigned",
    "record_activity": "assigned in_progress submitted",
    "submit": "in_progress",
    "withdraw": "submitted",
    "send_back": "submitted",
    "endorse": "submitted",
    "close": "endorsed",
    "waive": "planned assigned in_progress submitted endorsed",
    "supersede": "planned assigned in_progress submitted endorsed",
    "reopen": "endorsed closed",
    "enter_from_record": "planned",
    "hold": "planned assigned in_progress submitted endorsed",
    "resume": "",
    "change_due_date": "planned assigned in_progress submitted",
    "correct": "planned assigned in_progress submitted endorsed closed waived superseded",
}
# step → the state that it leads to; "" keeps the state.
LEADS_TO: dict[str, str] = {
    "assign": "assigned",
    "unassign": "planned",
    "accept": "in_progress",
    "decline": "planned",
    "record_activity": "",
    "submit": "submitted",
    "withdraw": "in_progress",
    "send_back": "in_progress",
    "endorse": "endorsed",
    "close": "closed",
    "waive": "waived",
    "supersede": "superseded",
    "reopen": "in_progress",
    "enter_from_record": "endorsed",
    "hold": "",
    "resume": "",
    "change_due_date": "",
    "correct": "",
}
# Assignments end when nobody is asked any more: then lead and helper are members of the group like any other.
WITHOUT_A_LEAD = ("planned", "waived", "superseded")

CITED = {
    "session": "council/c17",
    "document": "C17/120",
    "paragraph": "3",
    "outcome": "noted",
    "decided_on": "2017-05-18",
}
# A closed item is reopened by another decision, and only the secretary puts a decision on record.
REOPENED = CITED | {"paragraph": "4"}
EXCEPT = {("chair", "reopen", "closed"): 403}
BODY: dict[str, dict[str, Any]] = {
    "assign": {"lead": "contributor", "contributors": ["helper"]},
    "unassign": {"reason": "Asked by mistake."},
    "accept": {},
    "decline": {"reason": "No time."},
    "record_activity": {"text": "A meeting was held."},
    "submit": {"text": "What was done."},
    "withdraw": {},
    "send_back": {"reason": "Say more."},
    "endorse": {},
    "close": {"decision": CITED},
    "waive": {"decision": CITED},
    "supersede": {"reason": "Amended."},
    "reopen": {"reason": "There is more."},
    "enter_from_record": {"source": "C17/15"},
    "hold": {"reason": "Waiting for figures."},
    "resume": {},
    "change_due_date": {"due_on": "2018-04-01", "reason": "The session moved in all but name."},
    "correct": {"event": 1, "reason": "Wrongly entered."},
}


def expected(role: str, step: str, state: str) -> int:
    """The answer that the tables give."""
    if (role, step, state) in EXCEPT:
        return EXCEPT[role, step, state]
    if MAY[role] == "unseen":
        return 404
    may = MAY[role].split()
    if state in WITHOUT_A_LEAD and role in ("contributor", "helper"):
        may = []
    if step not in may:
        return 403
    return 200 if state in WHEN[step].split() else 409


def everything() -> str:
    """Every row of every table of ours and of the engine, to show that nothing changed."""
    models = [m for m in apps.get_models() if m._meta.app_label in ("tracker", "workflows", "workflow")]
    return serializers.serialize("json", [row for model in models for row in model._base_manager.order_by("pk")])


def walked(world: World, state: str) -> Occurrence:
    turn = world.due
    if state in ("waived", "superseded", "planned"):
        return world.walk(state)
    world.walk("planned")
    client = Client()
    client.force_login(world.people["chair"])
    answer = post(client, "assign", turn.reference)
    assert answer.status_code == 200, answer.content
    turn.refresh_from_db()
    if state == "assigned":
        return turn
    return world_from_assigned(world, state, turn)


def world_from_assigned(world: World, state: str, turn: Occurrence) -> Occurrence:
    who = {"accept": "contributor", "submit": "contributor", "endorse": "chair", "close": "secretary"}
    path = ["accept", "submit", "endorse", "close"]
    reach = ["in_progress", "submitted", "endorsed", "closed"]
    for step in path[: reach.index(state) + 1]:
        client = Client()
        client.force_login(world.people[who[step]])
        answer = post(client, step, turn.reference)
        assert answer.status_code == 200, answer.content
    turn.refresh_from_db()
    return turn


def post(client: Client, step: str, reference: str, state: str = "") -> Any:
    body = BODY[step] | ({"decision": REOPENED} if (step, state) == ("reopen", "closed") else {})
    return client.post(
        f"/api/v1/occurrences/{reference}/steps/{step}/", json.dumps(body), content_type="application/json"
    )


def test_tables_name_every_step_state_and_role(world: World) -> None:
    assert tuple(WHEN) == STEPS == tuple(LEADS_TO) == tuple(BODY)
    assert tuple(Status.values) == STATES
    assert set(MAY) == set(world.people)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", MAY)
def test_every_step_answers_as_the_table_says(world: World, role: str, state: str) -> None:
    turn = walked(world, state)
    assert turn.status == state
    client = Client()
    client.force_login(world.people[role])
    refused = [step for step in STEPS if expected(role, step, state) != 200]
    before = everything()

    answers = {step: post(client, step, turn.reference, state).status_code for step in refused}

    assert answers == {step: expected(role, step, state) for step in refused}
    assert everything() == before  # all that was refused changed nothing at all


ALLOWED = [
    (role, step, state) for role in MAY for step in STEPS for state in STATES if expected(role, step, state) == 200
]


@pytest.mark.parametrize(("role", "step", "state"), ALLOWED)
def test_every_permitted_step_leads_where_the_table_says(world: World, role: str, step: str, state: str) -> None:
    turn = walked(world, state)
    client = Client()
    client.force_login(world.people[role])
    history = turn_events(turn)

    answer = post(client, step, turn.reference, state)

    assert answer.status_code == 200, answer.content
    turn.refresh_from_db()
    assert turn.status == (LEADS_TO[step] or state)
    assert turn_events(turn) == history + 1


def turn_events(turn: Occurrence) -> int:
    return Event.objects.filter(subject_type="occurrence", subject_id=turn.pk).count()


def test_resume_is_possible_only_while_on_hold(world: World, chair: Any) -> None:
    turn = walked(world, "in_progress")
    client = Client()
    client.force_login(chair)

    answers = [
        post(client, step, turn.reference).status_code for step in ("resume", "hold", "hold", "resume", "resume")
    ]

    assert answers == [409, 200, 409, 200, 409]
