"""The forms of what only the body can do, and of what the record says happened before."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access
from tracker.models import Decision, Precision, Session
from workflows import steps
from workflows.forms.base import ON_RECORD, StepForm, day, known_to, line, text
from workflows.forms.path import askable, asked
from workflows.machines import Status

CITATION = ("session", "document", "paragraph", "outcome", "decided_on", "decided_precision")


class CitingForm(StepForm):
    """Cites a decision: one on record, or one that goes on record in the same transaction as the step."""

    rows: tuple[tuple[str, ...], ...] = (("document", "paragraph"), ("decided_on", "decided_precision"))
    legends: dict[str, Any] = {
        "decision": gettext_lazy("The decision, if it is on record already"),
        "session": gettext_lazy("The decision, if it is not on record yet"),
        "note": "",
        "reason": "",
    }
    must_cite = True

    decision = forms.ModelChoiceField(
        Decision.objects.none(),
        label=gettext_lazy("Decision on record"),
        required=False,
        empty_label=gettext_lazy("none of these: it is given below"),
    )
    session = forms.ModelChoiceField(
        Session.objects.none(), label=gettext_lazy("Session"), required=False, empty_label=gettext_lazy("Choose")
    )
    document = line(gettext_lazy("Document"), most=80, help_text=gettext_lazy("Such as C17/119."))
    paragraph = line(gettext_lazy("Paragraph"), most=40, help_text=gettext_lazy("Such as 4.2."))
    outcome = forms.ChoiceField(
        label=gettext_lazy("What the body did"),
        required=False,
        choices=[("", gettext_lazy("Choose")), *Decision.Outcome.choices],
    )
    decided_on = day(gettext_lazy("Day of the decision"), help_text=gettext_lazy("Empty where it is not recorded."))
    decided_precision = known_to(Precision.DAY)

    def prepare(self) -> None:
        own = self.occurrence.session
        bodies = {self.occurrence.body_id, own.body_id if own else self.occurrence.body_id}
        held = access.sessions(self.by).filter(body__in=bodies, opens__lte=self.today).order_by("-opens")
        self.fields["session"].queryset = held  # type: ignore[attr-defined]
        self.fields["session"].initial = own if own in held else None
        on_record = Decision.objects.filter(session__in=held).select_related("session")
        if self.occurrence.decision_id is not None:  # what closed it cannot reopen it
            on_record = on_record.exclude(pk=self.occurrence.decision_id)
        self.fields["decision"].queryset = on_record  # type: ignore[attr-defined]
        if not on_record.exists():  # nothing to choose from: then the citation is not optional
            del self.fields["decision"]
            self.legends = self.legends | {"session": gettext_lazy("The decision")}
            for name in ("session", "document", "paragraph", "outcome") if self.must_cite else ():
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        begun = self.must_cite or given.get("document") or given.get("paragraph") or given.get("outcome")
        if "session" not in self.fields or given.get("decision") or not begun:
            return given
        wanted = {
            "session": _("Choose the session that took the decision."),
            "document": _("Give the document that holds the decision."),
            "paragraph": _("Give the paragraph of that document."),
            "outcome": _("Choose what the body did."),
        }
        for name, words in wanted.items():
            if not given.get(name) and name not in self.errors:
                self.add_error(name, words)
        return given

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        citation = {name: given.pop(name, None) for name in CITATION}
        if given.get("decision") is None and citation["document"]:
            session, precision = citation.pop("session"), citation.pop("decided_precision")
            given["decision"] = steps.record_decision(session, by=self.by, precision=precision, **citation)
        return given


class CloseForm(CitingForm):
    step = "close"
    note = text(gettext_lazy("Note"), rows=3)


class WaiveForm(CitingForm):
    step = "waive"
    reason = text(gettext_lazy("Reason"), rows=3)

    def prepare(self) -> None:
        super().prepare()
        self.fields["outcome"].initial = Decision.Outcome.WAIVED


class SupersedeForm(StepForm):
    step = "supersede"
    reason = text(gettext_lazy("The amendment that takes its place, and why"), required=True, help_text=ON_RECORD)


class ReopenForm(CitingForm):
    step = "reopen"
    reason = text(gettext_lazy("Reason"), required=True, help_text=ON_RECORD)
    lead = forms.ChoiceField(
        label=gettext_lazy("Lead"), help_text=gettext_lazy("Nobody leads this any more: name who is to take it up.")
    )
    field_order = ["reason", "lead"]

    def prepare(self) -> None:
        if self.occurrence.status == Status.CLOSED:
            super().prepare()
        else:
            for name in ("decision", *CITATION):
                del self.fields[name]
        if self.occurrence.assignments.standing().filter(part="lead").exists():
            del self.fields["lead"]
        else:
            people = askable(self.occurrence.obligation, self.today)
            self.fields["lead"].choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        return given | ({"lead": asked(given["lead"])} if given.get("lead") else {})


class EnterFromRecordForm(CitingForm):
    step = "enter_from_record"
    must_cite = False
    rows = (("effective_on", "precision"), *CitingForm.rows)
    field_order = ["source", "symbol", "effective_on", "precision", "text", "nothing_happened"]

    source = line(
        gettext_lazy("Where it is written"),
        required=True,
        most=200,
        help_text=gettext_lazy("The document that says so, such as C17/17 or a summary record."),
    )
    symbol = line(gettext_lazy("Symbol of the report"), most=80)
    effective_on = day(
        gettext_lazy("Day on which it was handed in"), help_text=gettext_lazy("Empty where it is not recorded.")
    )
    precision = known_to(Precision.UNKNOWN)
    text = text(gettext_lazy("What the record says"))
    nothing_happened = forms.BooleanField(label=gettext_lazy("The report said that nothing happened"), required=False)
