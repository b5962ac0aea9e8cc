"""The verbs: one function each, called by page, API, command and clock alike, so that all behave identically.

Each keeps the same beats in one transaction: may they (PermissionDenied), is it the moment (TransitionNotAllowed), are
the words there (ValidationError), fire, record. A step that raises has changed nothing.
"""

from collections.abc import Callable

from tracker.models import Occurrence
from workflows.steps.decisions import close, enter_from_record, record_decision, supersede, waive
from workflows.steps.horizon import plan_turns, roll
from workflows.steps.path import accept, assign, decline, endorse, reopen, send_back, submit, unassign, withdraw
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

__all__ = ["ON_OCCURRENCE", "plan_turns", "record_decision", "roll", *ON_OCCURRENCE]
