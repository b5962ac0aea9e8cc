"""Every refusal says who could do it and when: no pair of step and status without an answer."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from tracker.models import Assignment, Term
from workflows import refusals, steps
from workflows.machines import STEPS, Status

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("step", STEPS)
def test_table_has_words_for_every_status_that_does_not_permit_the_step(step):
    permitted = refusals.sources(step)

    silent = [s for s in Status if s not in permitted and not str(refusals.WHEN.get(step, {}).get(s, ""))]
    untrue = [s for s in Status if s not in permitted and refusals.WHEN[step][s] == refusals.ANY_OPEN]

    assert silent == []
    assert untrue == []


# step → status → what is said; a sample read as the requirement's sentences.
SAID = [
    ("accept", "planned", "Possible once somebody has been asked to lead it."),
    ("submit", "assigned", "Possible once the lead has accepted."),
    ("endorse", "in_progress", "Possible once the lead has submitted the report."),
    ("close", "submitted", ("Possible once the report has been endorsed. A decision can be cited once Council 2018 has "
     "opened on 17 April 2018.")),
    ("unassign", "in_progress", "Work has started: not possible any more. It can be passed on to another lead instead."),
    ("submit", "closed", "Closed by decision: possible again only if another decision reopens it."),
    ("assign", "waived", "Waived by decision: nobody owes this any more, and nothing leads on from here."),
    ("assign", "superseded", "An amendment has taken its place: what is to be done stands there."),
]  # fmt: skip


@pytest.mark.parametrize(("step", "status", "words"), SAID)
def test_refusal_says_when_the_step_will_be_possible(world, step, status, words):
    turn = world.walk(status)

    assert refusals.when_possible(step, turn).possible == words


def test_refusal_says_where_it_stands_and_since_when(world):
    turn = world.walk("assigned")

    with pytest.raises(TransitionNotAllowed) as refusal:
        steps.submit(turn, by=world.contributor, text="Too early.")

    assert str(refusal.value) == "It is assigned since 16 February 2018. Possible once the lead has accepted."
    assert refusal.value.when.status == "assigned"
    assert [who.words for who in refusal.value.who] == ["Contributor"]


def test_refusal_names_offices_and_who_holds_them(world):
    with pytest.raises(PermissionDenied) as refusal:
        steps.assign(world.due, lead=world.contributor, by=world.councillor)

    assert str(refusal.value) == (
        "Only the chair / vice-chair / secretary can do this: at present Chair, Group (Chair), Vice-chair, Group "
        "(Vice-chair), Secretary, Council (Secretary)."
    )


def test_refusal_says_that_nobody_holds_the_office(world):
    Term.objects.filter(office=world.offices["chair"]).update(ends=date(2018, 1, 1))

    with pytest.raises(PermissionDenied) as refusal:
        steps.endorse(world.due, by=world.councillor)

    assert str(refusal.value) == "Only the endorser can do this: at present Chair, Group (nobody at present)."


def test_refusal_says_that_nobody_leads_it(world):
    with pytest.raises(PermissionDenied, match=r"Only the lead can do this: at present there is none\."):
        steps.accept(world.due, by=world.contributor)


def test_refusal_names_the_vice_chair_where_the_endorser_handed_it_in(world):
    steps.assign(world.due, lead=world.chair, by=world.vice_chair)
    steps.accept(world.due, by=world.chair)
    steps.submit(world.due, by=world.chair, text="Done.")

    with pytest.raises(PermissionDenied) as refusal:
        steps.endorse(world.due, by=world.chair)

    assert "Vice-chair, Group (Vice-chair)" in str(refusal.value)


def test_refusal_counts_the_contributions_that_are_not_done(world):
    turn = world.walk("in_progress")
    for name in ("helper", "vice_chair"):
        Assignment.objects.create(
            occurrence=turn, part="contributor", person=world.people[name], assigned_at=timezone.now()
        )
    turn.parts_open = 2

    assert refusals._beside("submit", turn) == "Possible once 2 contributions are done: Helper, Vice-chair."


def test_refusal_on_a_body_names_the_secretary(world):
    with pytest.raises(PermissionDenied) as refusal:
        steps.add_session(world.council, by=world.chair, code="C19", name="Council 2019")

    assert str(refusal.value) == "Only the secretary can do this: at present Secretary, Council (Secretary)."


def test_refused_page_says_who_and_when(world, client_for):
    world.walk("planned")

    not_theirs = client_for(world.councillor).get("/items/council/r1-1.2-c18/steps/assign/")
    not_now = client_for(world.chair).get("/items/council/r1-1.2-c18/steps/unassign/")

    assert not_theirs.status_code == 403
    assert "at present Chair, Group (Chair)" in not_theirs.content.decode()
    assert not_now.status_code == 409
    assert "Possible once somebody has been asked to lead it." in not_now.content.decode()
