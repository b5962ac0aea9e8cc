"""The whole table, read it as one: who may take which step in which state, and what everybody else is told.

Two literal tables (`MAY`, `WHEN`) and the order of questions (404 before 403 before 409) give every answer of
state × step × role; each is asked for real, through the API. A state of the table is a status, with what the machine asks
of the people beside it: in progress with a contribution that is not done, joined once it is, a new date asked for; a
submitted report that is to be validated.
"""

import json
from typing import Any

import pytest
from django.test import Client

from tests.people import World, make_person
from tests.record import everything
from tracker.models import Event, Occurrence, Office, Term
from workflows.machines import STEPS, Status

STATUS_OF: dict[str, str] = {
    "planned": "planned",
    "assigned": "assigned",
    "in_progress": "in_progress",
    "joined": "in_progress",
    "date_asked": "in_progress",
    "to_validate": "submitted",
    "submitted": "submitted",
    "endorsed": "endorsed",
    "closed": "closed",
    "waived": "waived",
    "superseded": "superseded",
}
STATES = tuple(STATUS_OF)

# role → the steps that it may take on an occurrence of the group (endorsed by its chair, led by the contributor's office,
# for which the validator's office validates; the helper contributes).
ASSIGNERS = "assign unassign reassign add_contributors release_contributor hold resume change_due_date grant_new_date refuse_new_date"
MAY: dict[str, str] = {
    "secretary": f"{ASSIGNERS} record_activity close waive supersede reopen enter_from_record correct",
    "council_chair": ASSIGNERS,
    "chair": f"{ASSIGNERS} send_back endorse reopen",
    "vice_chair": ASSIGNERS,
    "contributor": "accept decline record_activity submit withdraw hold resume add_contributors ask_new_date",
    "helper": "record_activity finish_part",
    "validator": "send_back validate",
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
    "record_activity": "assigned in_progress joined date_asked to_validate submitted",
    "submit": "joined date_asked",
    "withdraw": "to_validate submitted",
    "send_back": "to_validate submitted",
    "endorse": "submitted",
    "close": "endorsed",
    "waive": "planned assigned in_progress joined date_asked to_validate submitted endorsed",
    "supersede": "planned assigned in_progress joined date_asked to_validate submitted endorsed",
    "reopen": "endorsed closed",
    "enter_from_record": "planned",
    "hold": "planned assigned in_progress joined date_asked to_validate submitted endorsed",
    "resume": "",
    "change_due_date": "planned assigned in_progress joined date_asked to_validate submitted",
    "correct": "planned assigned in_progress joined date_asked to_validate submitted endorsed closed waived superseded",
    "reassign": "assigned in_progress joined date_asked",
    "add_contributors": "assigned in_progress joined date_asked",
    "release_contributor": "assigned in_progress joined date_asked",
    "finish_part": "in_progress",
    "ask_new_date": "assigned in_progress joined",
    "grant_new_date": "date_asked",
    "refuse_new_date": "date_asked",
    "validate": "to_validate",
}
# step → the status that it leads to; "" keeps the status.
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
    "reassign": "assigned",
    "add_contributors": "",
    "release_contributor": "",
    "finish_part": "",
    "ask_new_date": "",
    "grant_new_date": "",
    "refuse_new_date": "",
    "validate": "",
}
# Assignments end when nobody is asked any more: then those asked are members of the group like any other, and nobody
# validates for the lead.
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
# And what is validated is the endorser's to send back.
EXCEPT = {("chair", "reopen", "closed"): 403, ("validator", "send_back", "submitted"): 409}
BODY: dict[str, dict[str, Any]] = {
    "assign": {"lead": "group/contributor", "contributors": ["helper"]},
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
    "reassign": {"lead": "helper", "reason": "The office has too much."},
    "add_contributors": {"contributors": ["vice_chair"]},
    "release_contributor": {"contributor": "helper", "reason": "Not needed."},
    "finish_part": {"note": "The figures."},
    "ask_new_date": {"wanted_on": "2018-04-05", "reason": "The figures come late."},
    "grant_new_date": {},
    "refuse_new_date": {"reason": "The Council opens."},
    "validate": {},
}


def expected(role: str, step: str, state: str) -> int:
    """The answer that the tables give."""
    if (role, step, state) in EXCEPT:
        return EXCEPT[role, step, state]
    if MAY[role] == "unseen":
        return 404
    may = MAY[role].split()
    if state in WITHOUT_A_LEAD and role in ("contributor", "helper", "validator"):
        may = []
    if step not in may:
        return 403
    return 200 if state in WHEN[step].split() else 409


@pytest.fixture
def world(world: World) -> World:
    """The tests' world, with a validator for the contributor's office."""
    validator = world.people["validator"] = make_person("validator")
    office = Office.objects.create(body=world.group, slug="validator", title="Validator, Group", role="member")
    Term.objects.create(office=office, person=validator)
    world.offices["contributor"].validator = office
    world.offices["contributor"].save()
    return world


# state → the state before it, and by whom it is reached with which step.
WALK: dict[str, tuple[str, str, str]] = {
    "assigned": ("planned", "chair", "assign"),
    "in_progress": ("assigned", "contributor", "accept"),
    "joined": ("in_progress", "helper", "finish_part"),
    "date_asked": ("joined", "contributor", "ask_new_date"),
    "to_validate": ("joined", "contributor", "submit"),
    "submitted": ("to_validate", "validator", "validate"),
    "endorsed": ("submitted", "chair", "endorse"),
    "closed": ("endorsed", "secretary", "close"),
}


def walked(world: World, state: str) -> Occurrence:
    if state not in WALK:
        return world.walk(state)
    before, who, step = WALK[state]
    turn = walked(world, before)
    client = Client()
    client.force_login(world.people[who])
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
    assert set(Status.values) == set(STATUS_OF.values())
    assert set(MAY) == set(world.people)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", MAY)
def test_every_step_answers_as_the_table_says(world: World, role: str, state: str) -> None:
    turn = walked(world, state)
    assert turn.status == STATUS_OF[state]
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
    assert turn.status == (LEADS_TO[step] or STATUS_OF[state])
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
