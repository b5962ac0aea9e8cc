"""The forms of those who contribute, and of a new date that the lead asks for."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Assignment
from workflows.forms.base import ON_RECORD, StepForm, day, text
from workflows.forms.path import askable, asked, named

Part = Assignment.Part


class AddContributorsForm(StepForm):
    step = "add_contributors"
    contributors = forms.MultipleChoiceField(
        label=gettext_lazy("Contributors"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Somebody whose part is done already is asked to do more."),
    )
    note = text(gettext_lazy("Note to them"), most=500, rows=3)

    def prepare(self) -> None:
        standing = self.occurrence.assignments.standing().select_related("office__body", "person")
        busy = {named(one.assignee) for one in standing if one.part == Part.LEAD or one.done_at is None}
        choices = askable(self.occurrence.obligation, self.today)
        free = [(group, [pair for pair in names if pair[0] not in busy]) for group, names in choices]
        self.fields["contributors"].choices = [(group, names) for group, names in free if names]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"contributors": [asked(name) for name in given["contributors"]], "note": given["note"]}


class ReleaseContributorForm(StepForm):
    step = "release_contributor"
    contributor = forms.ChoiceField(label=gettext_lazy("Contributor"))
    reason = text(gettext_lazy("Reason"), required=True, help_text=ON_RECORD)

    def prepare(self) -> None:
        standing = self.occurrence.assignments.standing().select_related("office__body", "person")
        helping = [
            (named(one.assignee), _("%(name)s (done)") % {"name": one} if one.done_at else str(one))
            for one in standing
            if one.part == Part.CONTRIBUTOR
        ]
        self.fields["contributor"].choices = [("", _("Choose")), *helping]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"contributor": asked(given["contributor"]), "reason": given["reason"]}


class FinishPartForm(StepForm):
    step = "finish_part"
    note = text(gettext_lazy("What you contributed"), most=500, rows=3)


class AskNewDateForm(StepForm):
    step = "ask_new_date"
    wanted_on = day(gettext_lazy("New due day"), required=True)
    reason = text(gettext_lazy("Reason"), required=True, most=1000, help_text=ON_RECORD)


class GrantNewDateForm(StepForm):
    step = "grant_new_date"
    due_on = day(gettext_lazy("New due day"), required=True)
    note = text(gettext_lazy("Note"), most=1000, rows=3)

    def prepare(self) -> None:
        self.fields["due_on"].initial = self.occurrence.asked_due_on
        request = self.occurrence.date_requests.filter(answer="open").select_related("asked_by").first()
        if request is not None:
            words = _("Asked for by %(name)s: %(reason)s") % {"name": request.asked_by, "reason": request.reason}
            self.fields["due_on"].help_text = words


class RefuseNewDateForm(StepForm):
    step = "refuse_new_date"
    reason = text(gettext_lazy("Reason"), required=True, most=1000, help_text=ON_RECORD)
