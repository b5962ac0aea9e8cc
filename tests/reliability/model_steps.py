"""The steps of the model as tables: who may take each, in which statuses, where it leads, and the verb of its event.

A new step is one line in `STEPS` ("" keeps the status). What else it asks for is a line in `Model.moment`, what it does
beside the status one in `COLUMNS` or in `Model.effect`.
"""

from typing import Any, NamedTuple


class Row(NamedTuple):
    who: str
    when: str
    to: str
    verb: str


OPEN, OWED = "planned assigned in_progress submitted endorsed", "assigned in_progress"
OFFICERS = "chair vice_chair secretary"
STEPS: dict[str, Row] = {
    "assign": Row(OFFICERS, "planned", "assigned", "assigned"),
    "unassign": Row(OFFICERS, "assigned", "planned", "unassigned"),
    "reassign": Row(OFFICERS, OWED, "assigned", "reassigned"),
    "accept": Row("lead", "assigned", "in_progress", "accepted"),
    "decline": Row("lead", "assigned", "planned", "declined"),
    "record_activity": Row("lead contributor secretary", f"{OWED} submitted", "", "activity_recorded"),
    "add_contributors": Row(f"{OFFICERS} lead", OWED, "", "contributors_added"),
    "release_contributor": Row(OFFICERS, OWED, "", "contributor_released"),
    "finish_part": Row("contributor", "in_progress", "", "part_done"),
    "ask_new_date": Row("lead", OWED, "", "date_asked"),
    "grant_new_date": Row(OFFICERS, OWED, "", "date_granted"),
    "refuse_new_date": Row(OFFICERS, OWED, "", "date_refused"),
    "submit": Row("lead", "in_progress", "submitted", "submitted"),
    "withdraw": Row("lead", "submitted", "in_progress", "withdrawn"),
    "send_back": Row("endorser validator", "submitted", "in_progress", "sent_back"),
    "validate": Row("validator", "submitted", "", "validated"),
    "endorse": Row("endorser", "submitted", "endorsed", "endorsed"),
    "close": Row("secretary", "endorsed", "closed", "closed"),
    "waive": Row("secretary", OPEN, "waived", "waived"),
    "supersede": Row("secretary", OPEN, "superseded", "superseded"),
    "reopen": Row("endorser secretary", "endorsed closed", "in_progress", "reopened"),
    "enter_from_record": Row("secretary", "planned", "endorsed", "entered_from_record"),
    "hold": Row(f"{OFFICERS} lead", OPEN, "", "held"),
    "resume": Row(f"{OFFICERS} lead", OPEN, "", "resumed"),
    "change_due_date": Row(OFFICERS, "planned assigned in_progress submitted", "", "due_date_changed"),
    "correct": Row("secretary", f"{OPEN} closed waived superseded", "", "corrected"),
}
UNDISCHARGED = ("planned", "assigned", "in_progress")
DONE = ("endorsed", "closed", "waived")
ABOVE = {"group": ("group", "council"), "council": ("council",)}
EMPTY: dict[str, Any] = dict.fromkeys(("lead", "report", "submitted", "discharged", "decision", "asked"))
FORGOTTEN = {"report": None, "submitted": None, "discharged": None, "unvalidated": False}
# What a step sets whatever its words are.
COLUMNS: dict[str, dict[str, Any]] = {
    "hold": {"held": True},
    "resume": {"held": False},
    "validate": {"unvalidated": False},
    "decline": {"lead": None},
    **dict.fromkeys(("withdraw", "send_back", "reopen"), FORGOTTEN),
}
OVERTAKEN = ("reassign", "decline", "submit", "grant_new_date", "refuse_new_date", "change_due_date")
Turn = dict[str, Any]
