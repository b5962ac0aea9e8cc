"""The forms beside the path: activity, hold and resume, another due date, a correction."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access, audit
from tracker.models import Activity, Event, Precision
from workflows.forms.base import ON_RECORD, NoteForm, StepForm, day, files, known_to, line, text


class RecordActivityForm(StepForm):
    step = "record_activity"
    rows = (("happened_on", "precision"),)
    text = text(gettext_lazy("What was done"), required=True, rows=6)
    happened_on = day(gettext_lazy("Day"), help_text=gettext_lazy("Empty means today."))
    precision = known_to(Precision.DAY)
    stakeholder = forms.ChoiceField(
        label=gettext_lazy("Contribution of"),
        required=False,
        choices=[("", gettext_lazy("nobody in particular")), *Activity.Stakeholder.choices],
    )
    source = line(gettext_lazy("Document or address"), most=300)
    files = files()  # type: ignore[assignment]  # a field while declared, the uploads once bound


class HoldForm(StepForm):
    step = "hold"
    reason = text(gettext_lazy("Reason"), required=True, most=500, help_text=ON_RECORD)
    waiting_on = line(gettext_lazy("Waiting on"), most=200, help_text=gettext_lazy("Who or what it waits for."))


class ResumeForm(NoteForm):
    step = "resume"


class ChangeDueDateForm(StepForm):
    step = "change_due_date"
    due_on = day(gettext_lazy("New due day"), required=True)
    reason = text(gettext_lazy("Reason"), required=True, help_text=ON_RECORD)


class CorrectForm(StepForm):
    step = "correct"
    rows = (("effective_on", "precision"),)
    legends = {"effective_on": gettext_lazy("What is put right in the report that stands, if anything")}
    event = forms.TypedChoiceField(label=gettext_lazy("The entry that is wrong"), coerce=int)
    reason = text(gettext_lazy("What is wrong with it, and how we know"), required=True, help_text=ON_RECORD)
    effective_on = day(gettext_lazy("Day on which it was handed in"))
    precision = known_to("", nothing=gettext_lazy("leave the day as it is"))
    symbol = line(gettext_lazy("Document symbol"), most=80)

    def prepare(self) -> None:
        events = access.events(self.by).filter(stream=audit.stream(self.occurrence)).order_by("-number")
        self.fields["event"].choices = [("", _("Choose")), *((one.number, _said(one)) for one in events)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("effective_on") and not given.get("precision"):
            self.add_error("precision", _("Say how much of that day is known."))
        return given


def _said(event: Event) -> str:
    words = audit.VERBS[event.verb] % {"actor": event.actor or _("the system")}
    return f"{event.number}. {words}"
