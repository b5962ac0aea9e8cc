"""The forms beside the path: activity, hold and resume, another due date, a correction."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access, audit
from tracker.models import Activity, Body, Event, Meeting, Precision, Session, State
from tracker.queries import waiting_words
from tracker.verbs import VERBS
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
    legends = {"event": gettext_lazy("What it waits for, if anything: one of these")}
    event = forms.ChoiceField(label=gettext_lazy("A session or a meeting"), required=False)
    waiting_on_body = forms.ModelChoiceField(
        Body.objects.none(),
        label=gettext_lazy("A body"),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    waiting_on = line(gettext_lazy("Something else"), most=200, help_text=gettext_lazy("Who or what, in words."))

    def prepare(self) -> None:
        self.fields["waiting_on_body"].queryset = access.bodies(self.by).order_by("name")  # type: ignore[attr-defined]
        not_over = Q(state__in=[State.PLANNED, State.POSTPONED])
        sessions = access.sessions(self.by).filter(not_over, Q(opens=None) | Q(opens__gte=self.today))
        meetings = access.meetings(self.by).filter(not_over, Q(begins=None) | Q(begins__gte=self.today))
        self.events: dict[str, Session | Meeting] = {
            **{f"session-{one.pk}": one for one in sessions.order_by("opens", "pk")},
            **{f"meeting-{one.pk}": one for one in meetings.order_by("begins", "pk")},
        }
        choices = [(key, waiting_words(one, self.today)) for key, one in self.events.items()]
        self.fields["event"].choices = [("", _("none")), *choices]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        event = self.events.get(given.pop("event"))
        name = "waiting_on_session" if isinstance(event, Session) else "waiting_on_meeting"
        return given | ({name: event} if event else {})

    def refused(self, error: ValidationError) -> None:
        """The session and the meeting are one field here."""
        found = dict(error.message_dict) if hasattr(error, "error_dict") else {}
        for name in ("waiting_on_session", "waiting_on_meeting"):
            if name in found:
                found.setdefault("event", []).extend(found.pop(name))
        super().refused(ValidationError(found) if found else error)


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
    words = VERBS[event.verb] % {"actor": event.actor or _("the system")}
    return f"{event.number}. {words}"
