"""The forms of the path: from assignment to endorsement."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker import access
from tracker.ball import Roster
from tracker.models import Assignment, Obligation, Office, Person, Visibility
from tracker.templatetags.resolves import comma
from workflows.forms.base import ON_RECORD, NoteForm, ReasonForm, StepForm, day, files, line, text
from workflows.steps.asking import CAN_BE_ASKED, family, refusal

Part = Assignment.Part
Choices = list[tuple[str, list[tuple[str, str]]]]


def askable(obligation: Obligation, today: date) -> Choices:
    """Whom an assignment can ask, grouped: offices with who holds them, then the people themselves."""
    bodies = family(obligation)
    roster = Roster.on(today, [body.pk for body in bodies])
    groups: Choices = []
    people: dict[str, str] = {}
    for body in bodies:
        named = []
        for office in body.offices.filter(role__in=CAN_BE_ASKED):
            holder = roster.holder(office)
            named.append((f"{body.slug}/{office.slug}", _office(office, holder)))
            if holder is not None:
                people[holder.username] = str(holder)
        if named:
            groups.append((_("Offices of %(body)s") % {"body": body}, named))
    if people:
        groups.append((_("People, whatever office they hold"), sorted(people.items(), key=lambda pair: pair[1])))
    return groups


def _office(office: Office, holder: Person | None) -> str:
    if holder is None:
        return _("%(office)s (nobody at present)") % {"office": office}
    if str(office) == str(holder):
        return str(office)
    return _("%(office)s (%(holder)s)") % {"office": office, "holder": holder}


def named(who: Office | Person) -> str:
    """The name of a choice."""
    return f"{who.body.slug}/{who.slug}" if isinstance(who, Office) else who.username


def asked(name: str) -> Office | Person:
    """The office or person of a choice; ValidationError where there is none any more."""
    found = access.party(name)
    if found is None:
        raise ValidationError({"lead": _("Choose somebody who can be asked.")})
    return found


class AssignForm(StepForm):
    step = "assign"
    lead = forms.ChoiceField(
        label=gettext_lazy("Lead"),
        help_text=gettext_lazy("Who answers for it. An office keeps the duty when its holder changes."),
    )
    contributors = forms.MultipleChoiceField(
        label=gettext_lazy("Contributors"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They work beside the lead; only the lead moves the status."),
    )
    due_on = day(
        gettext_lazy("Due on another day"),
        help_text=gettext_lazy("Empty keeps the day. Another one needs a word in the note; the first promise is kept."),
    )
    note = text(gettext_lazy("Note to them"), most=500, rows=3)

    def prepare(self) -> None:
        self.ask_for(self.occurrence.obligation)

    def ask_for(self, obligation: Obligation) -> None:
        """Offer those who can be asked for turns of an obligation, its usual lead chosen."""
        choices = askable(obligation, self.today)
        self.fields["lead"].choices = [("", _("Choose")), *choices]  # type: ignore[attr-defined]
        self.fields["contributors"].choices = choices  # type: ignore[attr-defined]
        if usual := obligation.lead_office:
            self.fields["lead"].initial = f"{usual.body.slug}/{usual.slug}"

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        contributors = [asked(name) for name in given["contributors"]]
        return {
            "lead": asked(given["lead"]),
            "contributors": contributors,
            "note": given["note"],
            "due_on": given["due_on"],
        }


class ReassignForm(StepForm):
    step = "reassign"
    lead = forms.ChoiceField(label=gettext_lazy("New lead"))
    reason = text(gettext_lazy("Reason"), required=True, help_text=ON_RECORD)
    contributors = forms.MultipleChoiceField(
        label=gettext_lazy("Contributors"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Who contributes now is marked, and keeps what is done."),
    )

    def prepare(self) -> None:
        standing = self.occurrence.assignments.standing().select_related("office__body", "person")
        lead = next((named(one.assignee) for one in standing if one.part == Part.LEAD), "")
        choices = askable(self.occurrence.obligation, self.today)
        others = [(group, [pair for pair in named if pair[0] != lead]) for group, named in choices]
        self.fields["lead"].choices = [("", _("Choose")), *others]  # type: ignore[attr-defined]
        contributors = [one for one in standing if one.part == Part.CONTRIBUTOR]
        gone = [
            one
            for one in contributors
            if not one.done_at and refusal(one.occurrence.obligation, one.assignee, self.today)
        ]
        helping = {named(one.assignee): str(one) for one in contributors if one not in gone}
        offered = {name for _group, names in choices for name, _label in names}
        now = [(name, label) for name, label in helping.items() if name not in offered]
        groups = [(_("Contributors now"), now), *choices] if now else choices
        self.fields["contributors"].choices = groups  # type: ignore[attr-defined]
        self.fields["contributors"].initial = list(helping)
        if gone:
            released = ngettext(
                "%(names)s can no longer be asked, and is released with this.",
                "%(names)s can no longer be asked, and are released with this.",
                len(gone),
            ) % {"names": comma().join(str(one) for one in gone)}
            self.fields["contributors"].help_text = f"{self.fields['contributors'].help_text} {released}"

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        contributors = [asked(name) for name in given["contributors"] if name != given["lead"]]
        return {"lead": asked(given["lead"]), "reason": given["reason"], "contributors": contributors}


class UnassignForm(ReasonForm):
    step = "unassign"


class AcceptForm(NoteForm):
    step = "accept"


class DeclineForm(ReasonForm):
    step = "decline"


class SubmitForm(StepForm):
    step = "submit"
    text = text(gettext_lazy("Report"), rows=10)
    symbol = line(gettext_lazy("Document symbol"), most=80, help_text=gettext_lazy("If it has one, such as C18/17."))
    files = files()  # type: ignore[assignment]  # a field while declared, the uploads once bound
    nothing_happened = forms.BooleanField(
        label=gettext_lazy("Nothing happened in this period"),
        required=False,
        help_text=gettext_lazy("That is a report too: it discharges the duty, and the record says so."),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visible to"),
        choices=Visibility.choices,
        initial=Visibility.MEMBERS,
        required=False,
        help_text=gettext_lazy("A public report stands in the public register once it is endorsed."),
    )

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or Visibility.MEMBERS


class WithdrawForm(StepForm):
    step = "withdraw"
    reason = text(gettext_lazy("Reason"))


class SendBackForm(ReasonForm):
    step = "send_back"


class EndorseForm(NoteForm):
    step = "endorse"


class ValidateForm(NoteForm):
    step = "validate"
