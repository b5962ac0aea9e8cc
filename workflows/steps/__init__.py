"""The verbs: one function each, called by page, API, command and clock alike, so that all behave identically.

Each keeps the same beats in one transaction: may they (PermissionDenied), is it the moment (TransitionNotAllowed), are
the words there (ValidationError), fire, record. A step that raises has changed nothing.
"""

from collections.abc import Callable

from tracker.models import Occurrence
from workflows.steps.bodies import NotTheMoment
from workflows.steps.calendar import add_meeting, add_session, add_sitting, change_meeting, change_session
from workflows.steps.decisions import close, enter_from_record, record_decision, supersede, waive
from workflows.steps.horizon import plan_turns, roll
from workflows.steps.imports import enter_version, import_version
from workflows.steps.intake import (
    change_obligation,
    confirm_obligation,
    confirm_version,
    dispose,
    draft_obligation,
    drop_obligation,
    reopen_disposition,
    what_is_missing,
)
from workflows.steps.moves import Moved, move_meeting, move_session, would_move
from workflows.steps.offices import (
    add_body,
    add_group,
    add_office,
    appoint,
    end_substitution,
    end_term,
    set_substitute,
)
from workflows.steps.own import end_feed, make_feed
from workflows.steps.path import accept, assign, decline, endorse, reopen, send_back, submit, unassign, withdraw
from workflows.steps.people import accept_invitation, deactivate, invite, invite_again
from workflows.steps.upkeep import change_due_date, correct, hold, record_activity, resume

ON_OCCURRENCE: dict[str, Callable[..., Occurrence]] = {
    verb.__name__: verb
    for verb in (
        assign,
        unassign,
        accept,
        decline,
        record_activity,
        submit,
        withdraw,
        send_back,
        endorse,
        close,
        waive,
        supersede,
        reopen,
        enter_from_record,
        hold,
        resume,
        change_due_date,
        correct,
    )
}

__all__ = [
    "ON_OCCURRENCE",
    "Moved",
    "NotTheMoment",
    "accept",
    "accept_invitation",
    "add_body",
    "add_group",
    "add_meeting",
    "add_office",
    "add_session",
    "add_sitting",
    "appoint",
    "assign",
    "change_due_date",
    "change_meeting",
    "change_obligation",
    "change_session",
    "close",
    "confirm_obligation",
    "confirm_version",
    "correct",
    "deactivate",
    "decline",
    "dispose",
    "draft_obligation",
    "drop_obligation",
    "end_feed",
    "end_substitution",
    "end_term",
    "endorse",
    "enter_from_record",
    "enter_version",
    "hold",
    "import_version",
    "invite",
    "invite_again",
    "make_feed",
    "move_meeting",
    "move_session",
    "plan_turns",
    "record_activity",
    "record_decision",
    "reopen",
    "reopen_disposition",
    "resume",
    "roll",
    "send_back",
    "set_substitute",
    "submit",
    "supersede",
    "unassign",
    "waive",
    "what_is_missing",
    "withdraw",
    "would_move",
]
