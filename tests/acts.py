"""Every step on an occurrence, taken once: what is done before it, and what is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.people import World
from tracker.models import Occurrence, Office
from workflows import steps

REASON = "Because the quartz nightingale sang."


@dataclass(frozen=True)
class Act:
    """A step as the table has it: from which state, by whom, with what; the verb it writes and the fields it changes."""

    state: str
    who: str
    verb: str
    changes: str
    given: Callable[[World], dict[str, Any]] = field(default=lambda _world: {})
    first: Callable[[World, Occurrence], Any] = field(default=lambda _world, _turn: None)


def helped(world: World, turn: Occurrence) -> None:
    steps.add_contributors(turn, by=world.people["chair"], contributors=[world.people["helper"]])


def date_asked(world: World, turn: Occurrence) -> None:
    steps.ask_new_date(turn, by=world.people["contributor"], wanted_on=date(2018, 3, 25), reason="Late figures.")


def to_be_validated(world: World, turn: Occurrence) -> None:
    """The contributor's office leads, the vice-chair validates for it, and a report stands."""
    lead, chair = world.people["contributor"], world.people["chair"]
    Office.objects.filter(pk=world.offices["contributor"].pk).update(validator=world.offices["vice_chair"])
    steps.reassign(turn, lead=world.offices["contributor"], by=chair, reason="The office keeps the duty.")
    steps.accept(turn, by=lead)
    steps.submit(turn, by=lead, text="What was done.")


ACTS: dict[str, Act] = {
    "assign": Act(
        "planned",
        "chair",
        "occurrence.assigned",
        "status assignment.occurrence assignment.part assignment.person assignment.acceptance "
        "assignment.assigned_by assignment.assigned_at",
        lambda world: {"lead": world.people["contributor"], "note": REASON},
    ),
    "unassign": Act(
        "assigned", "chair", "occurrence.unassigned", "status assignment.ended_at", lambda _: {"reason": REASON}
    ),
    "accept": Act(
        "assigned",
        "contributor",
        "occurrence.accepted",
        "status assignment.acceptance assignment.told_at",
        lambda _: {"note": REASON},
    ),
    "decline": Act(
        "assigned",
        "contributor",
        "occurrence.declined",
        "status assignment.acceptance assignment.told_at assignment.ended_at",
        lambda _: {"reason": REASON},
    ),
    "record_activity": Act(
        "in_progress",
        "contributor",
        "occurrence.activity_recorded",
        "activity.occurrence activity.happened_on activity.happened_precision activity.visibility "
        "activity.recorded_by activity.recorded_at",
        lambda _: {"text": REASON},
    ),
    "submit": Act(
        "in_progress",
        "contributor",
        "occurrence.submitted",
        "status submitted_on submitted_precision report.occurrence report.state report.effective_on "
        "report.effective_precision report.submitted_by report.submitted_at report.visibility "
        "report.nothing_happened",
        lambda _: {"text": REASON},
    ),
    "withdraw": Act(
        "submitted",
        "contributor",
        "occurrence.withdrawn",
        "status submitted_on submitted_precision report.state",
        lambda _: {"reason": REASON},
    ),
    "send_back": Act(
        "submitted",
        "chair",
        "occurrence.sent_back",
        "status submitted_on submitted_precision report.state",
        lambda _: {"reason": REASON},
    ),
    "endorse": Act(
        "submitted",
        "chair",
        "occurrence.endorsed",
        "status discharged_on discharged_precision report.state",
        lambda _: {"note": REASON},
    ),
    "close": Act(
        "endorsed",
        "secretary",
        "occurrence.closed",
        "status decision",
        lambda world: {"decision": world.decide(), "note": REASON},
    ),
    "waive": Act(
        "assigned",
        "secretary",
        "occurrence.waived",
        "status decision discharged_on discharged_precision assignment.ended_at",
        lambda world: {"decision": world.decide(outcome="waived"), "reason": REASON},
    ),
    "supersede": Act(
        "assigned", "secretary", "occurrence.superseded", "status assignment.ended_at", lambda _: {"reason": REASON}
    ),
    "reopen": Act(
        "endorsed",
        "chair",
        "occurrence.reopened",
        "status submitted_on submitted_precision discharged_on discharged_precision report.state",
        lambda _: {"reason": REASON},
    ),
    "enter_from_record": Act(
        "planned",
        "secretary",
        "occurrence.entered_from_record",
        "status submitted_precision discharged_precision report.occurrence report.state "
        "report.effective_precision report.submitted_at report.visibility report.nothing_happened "
        "evidence.occurrence evidence.report evidence.visibility "
        "evidence.recorded_by evidence.recorded_at evidence.size",
        lambda _: {"source": "C17/15", "text": REASON},
    ),
    "hold": Act("in_progress", "chair", "occurrence.held", "on_hold", lambda _: {"reason": REASON}),
    "resume": Act(
        "in_progress",
        "chair",
        "occurrence.resumed",
        "on_hold",
        lambda _: {"note": REASON},
        lambda world, turn: steps.hold(turn, by=world.people["chair"], reason="Waiting for figures."),
    ),
    "change_due_date": Act(
        "in_progress",
        "chair",
        "occurrence.due_date_changed",
        "due_on moved_by_choice",
        lambda _: {"due_on": date(2018, 3, 25), "reason": REASON},
    ),
    "correct": Act(
        "in_progress", "secretary", "occurrence.corrected", "corrects", lambda _: {"event": 1, "reason": REASON}
    ),
    "reassign": Act(
        "in_progress",
        "chair",
        "occurrence.reassigned",
        "status assignment.ended_at assignment.occurrence assignment.part assignment.person assignment.acceptance "
        "assignment.assigned_by assignment.assigned_at",
        lambda world: {"lead": world.people["helper"], "reason": REASON},
    ),
    "add_contributors": Act(
        "in_progress",
        "chair",
        "occurrence.contributors_added",
        "parts_open assignment.occurrence assignment.part assignment.person assignment.acceptance "
        "assignment.assigned_by assignment.assigned_at",
        lambda world: {"contributors": [world.people["helper"]], "note": REASON},
    ),
    "release_contributor": Act(
        "in_progress",
        "chair",
        "occurrence.contributor_released",
        "parts_open assignment.ended_at",
        lambda world: {"contributor": world.people["helper"], "reason": REASON},
        helped,
    ),
    "finish_part": Act(
        "in_progress",
        "helper",
        "occurrence.part_done",
        "parts_open assignment.done_at assignment.told_at",
        lambda _: {"note": REASON},
        helped,
    ),
    "ask_new_date": Act(
        "in_progress",
        "contributor",
        "occurrence.date_asked",
        "asked_due_on daterequest.occurrence daterequest.wanted_on daterequest.asked_by daterequest.asked_at "
        "daterequest.answer",
        lambda _: {"wanted_on": date(2018, 3, 25), "reason": REASON},
    ),
    "grant_new_date": Act(
        "in_progress",
        "chair",
        "occurrence.date_granted",
        "due_on asked_due_on moved_by_choice daterequest.answer daterequest.answered_by daterequest.answered_at",
        lambda _: {"note": REASON},
        date_asked,
    ),
    "refuse_new_date": Act(
        "in_progress",
        "chair",
        "occurrence.date_refused",
        "asked_due_on daterequest.answer daterequest.answered_by daterequest.answered_at",
        lambda _: {"reason": REASON},
        date_asked,
    ),
    "validate": Act(
        "assigned",
        "vice_chair",
        "occurrence.validated",
        "needs_validation report.validated_by report.validated_at",
        lambda _: {"note": REASON},
        to_be_validated,
    ),
}


def prepared(world: World, step: str) -> tuple[Occurrence, dict[str, Any]]:
    """An occurrence at the state that a step starts from, and what the step is given."""
    act = ACTS[step]
    turn = world.walk(act.state)
    act.first(world, turn)
    turn.refresh_from_db()
    return turn, act.given(world)


def take(world: World, step: str, turn: Occurrence, given: dict[str, Any]) -> Occurrence:
    return steps.ON_OCCURRENCE[step](turn, by=world.people[ACTS[step].who], **given)
