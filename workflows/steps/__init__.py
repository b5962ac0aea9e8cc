"""The verbs: one function each, called by page, API, command and clock alike, so that all behave identically.

Each keeps the same beats in one transaction: may they (PermissionDenied), is it the moment (TransitionNotAllowed), are
the words there (ValidationError), fire, record. A step that raises has changed nothing.
"""

from collections.abc import Callable

from tracker.models import Occurrence
from workflows.steps.absence import end_substitution, set_substitute
from workflows.steps.anonymity import anonymise
from workflows.steps.batch import Citation, Decided, decide, would_decide
from workflows.steps.beats import ChangedSince, edition, require_unchanged
from workflows.steps.bodies import NotTheMoment
from workflows.steps.calendar import (
    add_meeting,
    add_session,
    add_sitting,
    change_meeting,
    change_session,
    change_sitting,
)
from workflows.steps.carrying import carry_over, take_in
from workflows.steps.correcting import (
    merge_item,
    relabel_item,
    set_item_aside,
    split_item,
    take_up_words,
    undo_correction,
)
from workflows.steps.dates import ask_new_date, grant_new_date, refuse_new_date
from workflows.steps.decisions import close, enter_from_record, record_decision, supersede, waive
from workflows.steps.erasing import Goes, erase_words, would_erase
from workflows.steps.files import erase_file
from workflows.steps.foresight import Foresight, foresee
from workflows.steps.handing import accept_hand_over, note_hand_over
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
from workflows.steps.links import LinkOver, take_by_link
from workflows.steps.mails import change_address, send_again
from workflows.steps.moves import Moved, move_meeting, move_session, would_move
from workflows.steps.occasions import record_occasion
from workflows.steps.offices import add_body, add_group, add_office, appoint, end_term, set_validator
from workflows.steps.own import end_feed, make_feed
from workflows.steps.parts import add_contributors, finish_part, release_contributor
from workflows.steps.path import (
    accept,
    assign,
    decline,
    endorse,
    reassign,
    reopen,
    send_back,
    submit,
    unassign,
    validate,
    withdraw,
)
from workflows.steps.people import accept_invitation, change_password, deactivate, invite, invite_again
from workflows.steps.policies import change_policy, draft_policy, drop_draft, end_policy, put_in_force
from workflows.steps.preferences import set_preferences
from workflows.steps.rehearsal import Refusal, attempt, rehearse
from workflows.steps.restoring import accept_restored_log
from workflows.steps.retention import apply_retention, end_retention, set_retention, would_go
from workflows.steps.rules import (
    add_closed_day,
    add_deadline_rule,
    change_deadline_rule,
    end_closed_day,
    end_deadline_rule,
    set_duty_station,
)
from workflows.steps.tabling import sign_tabled, table_summary, would_table
from workflows.steps.talk import comment, take_back_comment, unwatch, watch
from workflows.steps.tokens import end_own_token, make_token
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
        reassign,
        add_contributors,
        release_contributor,
        finish_part,
        ask_new_date,
        grant_new_date,
        refuse_new_date,
        validate,
    )
}

__all__ = [
    "ON_OCCURRENCE",
    "ChangedSince",
    "Citation",
    "Decided",
    "Foresight",
    "Goes",
    "LinkOver",
    "Moved",
    "NotTheMoment",
    "Refusal",
    "accept",
    "accept_hand_over",
    "accept_invitation",
    "accept_restored_log",
    "add_body",
    "add_closed_day",
    "add_contributors",
    "add_deadline_rule",
    "add_group",
    "add_meeting",
    "add_office",
    "add_session",
    "add_sitting",
    "anonymise",
    "apply_retention",
    "appoint",
    "ask_new_date",
    "assign",
    "attempt",
    "carry_over",
    "change_address",
    "change_deadline_rule",
    "change_due_date",
    "change_meeting",
    "change_obligation",
    "change_password",
    "change_policy",
    "change_session",
    "change_sitting",
    "close",
    "comment",
    "confirm_obligation",
    "confirm_version",
    "correct",
    "deactivate",
    "decide",
    "decline",
    "dispose",
    "draft_obligation",
    "draft_policy",
    "drop_draft",
    "drop_obligation",
    "edition",
    "end_closed_day",
    "end_deadline_rule",
    "end_feed",
    "end_own_token",
    "end_policy",
    "end_retention",
    "end_substitution",
    "end_term",
    "endorse",
    "enter_from_record",
    "enter_version",
    "erase_file",
    "erase_words",
    "finish_part",
    "foresee",
    "grant_new_date",
    "hold",
    "import_version",
    "invite",
    "invite_again",
    "make_feed",
    "make_token",
    "merge_item",
    "move_meeting",
    "move_session",
    "note_hand_over",
    "plan_turns",
    "put_in_force",
    "reassign",
    "record_activity",
    "record_decision",
    "record_occasion",
    "refuse_new_date",
    "rehearse",
    "relabel_item",
    "release_contributor",
    "reopen",
    "reopen_disposition",
    "require_unchanged",
    "resume",
    "roll",
    "send_again",
    "send_back",
    "set_duty_station",
    "set_item_aside",
    "set_preferences",
    "set_retention",
    "set_substitute",
    "set_validator",
    "sign_tabled",
    "split_item",
    "submit",
    "supersede",
    "table_summary",
    "take_back_comment",
    "take_by_link",
    "take_in",
    "take_up_words",
    "unassign",
    "undo_correction",
    "unwatch",
    "validate",
    "waive",
    "watch",
    "what_is_missing",
    "withdraw",
    "would_decide",
    "would_erase",
    "would_go",
    "would_move",
    "would_table",
]
