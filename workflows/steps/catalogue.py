"""What each step is called and what it will do, in words: the pages, the API's description and the docs read it here."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Entry(NamedTuple):
    """A step's name on a button, and sentences that say what it will do."""

    label: Any
    effects: tuple[Any, ...]


CATALOGUE: dict[str, Entry] = {
    "assign": Entry(
        _("Assign"),
        (
            _("The lead is asked to take this on and told by mail; contributors are told too."),
            _("Nothing starts before the lead accepts."),
        ),
    ),
    "unassign": Entry(
        _("Take the assignment back"), (_("Nobody is asked any more; the item is open for assignment again."),)
    ),
    "accept": Entry(
        _("Accept"),
        (_("Work starts. Activity can be recorded and a report submitted."), _("Reminders go to you from now on.")),
    ),
    "decline": Entry(_("Decline"), (_("The item goes back to be assigned to somebody else, with your reason."),)),
    "record_activity": Entry(_("Record activity"), (_("What was done goes on record as evidence; the status stays."),)),
    "submit": Entry(
        _("Submit the report"),
        (
            _("The report goes to the endorser; your clock stops for as long as it stands."),
            _("You can withdraw it until it is endorsed."),
        ),
    ),
    "withdraw": Entry(
        _("Withdraw the report"), (_("The report no longer stands; your clock runs again as if it had not come."),)
    ),
    "send_back": Entry(
        _("Send back"),
        (_("The lead gets the report back with your reason; the clock runs again as if it had not come."),),
    ),
    "endorse": Entry(
        _("Endorse"),
        (
            _("The duty is discharged on the day on which the report was handed in."),
            _("It then reads: complete, awaiting the body's decision."),
        ),
    ),
    "close": Entry(
        _("Close by decision"), (_("The item is closed, citing the decision. Only another decision reopens it."),)
    ),
    "waive": Entry(_("Waive by decision"), (_("Nobody owes this any more, citing the decision. Reminders stop."),)),
    "supersede": Entry(
        _("Mark as superseded"), (_("An amendment has taken its place. Nobody owes this any more; reminders stop."),)
    ),
    "reopen": Entry(
        _("Reopen"),
        (_("Work goes on as if no report had come; the clock runs. A closed item needs a decision cited."),),
    ),
    "enter_from_record": Entry(
        _("Enter from the record"),
        (
            _(
                "What happened before goes on record, citing the document that says so; a day that is not known stays open."
            ),
            _("With a decision cited it is closed, else it awaits the body."),
        ),
    ),
    "hold": Entry(_("Put on hold"), (_("It is marked as on hold with your reason. The clock runs on."),)),
    "resume": Entry(_("Take off hold"), (_("The mark is taken away."),)),
    "change_due_date": Entry(
        _("Change the due date"),
        (_("The new day counts; the first promise stays on record. Who has the ball is told."),),
    ),
    "correct": Entry(
        _("Correct the record"), (_("A further entry names the wrong one and puts it right; nothing is erased."),)
    ),
    "reassign": Entry(
        _("Pass on to another lead"),
        (
            _("The new lead is asked and told by mail; the lead until now is told why."),
            _("Work goes on once the new lead accepts. What contributors have done stays done."),
        ),
    ),
    "add_contributors": Entry(
        _("Ask for contributions"),
        (
            _("Each is asked and told by mail. The lead can submit once their parts are done."),
            _("Somebody whose part is done already is asked to do more."),
        ),
    ),
    "release_contributor": Entry(
        _("Release a contributor"),
        (_("Nobody waits for their part any more; they are told why. What they have done stays on record."),),
    ),
    "finish_part": Entry(
        _("My part is done"), (_("The lead is told. Once every part is done the report can be submitted."),)
    ),
    "ask_new_date": Entry(
        _("Ask for a new date"),
        (_("The chair is told, and grants or refuses it. Until then the present date counts."),),
    ),
    "grant_new_date": Entry(
        _("Grant the new date"),
        (_("The new day counts; the first promise stays on record. The lead is told."),),
    ),
    "refuse_new_date": Entry(
        _("Refuse the new date"), (_("The present date stays. The lead is told, with your reason."),)
    ),
    "validate": Entry(
        _("Validate the report"), (_("The report goes to the endorser; the lead's clock stays stopped."),)
    ),
}
