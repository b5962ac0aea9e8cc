"""The forms of intake: a text that comes in, how an item is accounted for, what a duty is."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access
from tracker.models import Body, Obligation, Office, Paragraph, Person, Precision, Session, Version, Visibility
from tracker.parsing import SIZE_LIMIT, ParseError, read_source
from workflows import steps
from workflows.forms.base import ON_RECORD, WordsForm, day, line, text

Disposition = Paragraph.Disposition


class ImportForm(WordsForm):
    """A text and what it does not say of itself."""

    rows = (("symbol", "label"), ("in_force_from", "precision"))
    legends = {"symbol": gettext_lazy("What the text does not say of itself"), "file": gettext_lazy("The text")}

    body = forms.ModelChoiceField(Body.objects.none(), label=gettext_lazy("Adopted by"), empty_label=None)
    file = forms.FileField(
        label=gettext_lazy("Text file"), required=False, help_text=gettext_lazy("Plain text in UTF-8.")
    )
    text = text(gettext_lazy("Or the text itself"), most=SIZE_LIMIT, rows=10)
    symbol = line(gettext_lazy("Symbol"), most=120, help_text=gettext_lazy("Such as Resolution 1306."))
    label = forms.SlugField(
        label=gettext_lazy("Label of this version"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("Such as C15."),
    )
    in_force_from = day(gettext_lazy("In force from"))
    precision = forms.ChoiceField(
        label=gettext_lazy("How much of it is known"),
        required=False,
        choices=[("", gettext_lazy("as the text says")), *Precision.choices],
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visible to"), choices=Visibility.choices, initial=Visibility.PUBLIC
    )

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        own = [body.pk for body in access.bodies(by) if access.may_on_body(by, "import", body)]
        self.fields["body"].queryset = access.bodies(by).filter(pk__in=own).order_by("kind", "name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file, words = given.get("file"), given.get("text", "")
        if bool(file) == bool(words) and not self.errors:
            self.add_error("text", _("Give the text once: as a file or written here."))
        elif file:
            try:
                given["text"] = read_source(file.read(SIZE_LIMIT + 1))
            except ParseError as error:
                self.add_error("file", error.message)
        return given

    def take(self) -> Version | None:
        """Import the text; None where it is refused, which is then an error of this form."""
        given = dict(self.cleaned_data)
        given.pop("file")
        try:
            return steps.import_version(given.pop("body"), by=self.by, **given)
        except ValidationError as error:
            self.refused(error)
        return None


class DisposeForm(WordsForm):
    """How an item is accounted for."""

    disposition = forms.ChoiceField(
        label=gettext_lazy("This item is"), choices=Disposition.choices, widget=forms.RadioSelect
    )
    covered_by = forms.ModelChoiceField(
        Paragraph.objects.none(),
        label=gettext_lazy("Covered by"),
        required=False,
        empty_label=gettext_lazy("no other item"),
    )
    reason = line(
        gettext_lazy("Reason"), most=500, help_text=gettext_lazy("Needed where it is declaratory. It goes on record.")
    )

    def __init__(self, *args: Any, paragraph: Paragraph, others: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", f"item-{paragraph.position}")
        super().__init__(*args, **kwargs)
        field = self.fields["covered_by"]
        field.queryset = others.exclude(pk=paragraph.pk)  # type: ignore[attr-defined]
        field.label_from_instance = lambda item: f"{item.path}: {item.text[:60]}"  # type: ignore[attr-defined]
        self.fields["disposition"].initial = paragraph.proposal.get("disposition", Disposition.TRACKED)


class ReasonForm(WordsForm):
    """A reason for taking something back."""

    reason = line(gettext_lazy("Reason"), required=True, most=500, help_text=ON_RECORD)


class DutyForm(WordsForm):
    """What a duty is: its kind, its due point, who is responsible and who endorses."""

    rows = (("anchor", "anchor_body"), ("anchor_session", "offset_days"), ("due_date", "interval_months"))
    legends = {"anchor": gettext_lazy("When it is due"), "responsible": gettext_lazy("Whose it is")}

    title = line(gettext_lazy("In short"), required=True, most=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Obligation.Kind.choices)
    anchor = forms.ChoiceField(label=gettext_lazy("Hangs on"), choices=Obligation.Anchor.choices)
    anchor_body = forms.ModelChoiceField(
        Body.objects.none(),
        label=gettext_lazy("Sessions or meetings of"),
        required=False,
        empty_label=gettext_lazy("nobody"),
    )
    anchor_session = forms.ModelChoiceField(
        Session.objects.none(),
        label=gettext_lazy("This session only"),
        required=False,
        empty_label=gettext_lazy("every one"),
    )
    offset_days = forms.IntegerField(
        label=gettext_lazy("Days from there"),
        min_value=-3660,
        max_value=3660,
        initial=0,
        help_text=gettext_lazy("Before it: with a minus, such as -30."),
    )
    due_date = day(gettext_lazy("Date"), help_text=gettext_lazy("Of a duty that hangs on a date."))
    interval_months = forms.IntegerField(
        label=gettext_lazy("Months between turns"), required=False, min_value=1, max_value=1200
    )
    responsible = forms.ModelChoiceField(Body.objects.none(), label=gettext_lazy("Responsible"), empty_label=None)
    endorser = forms.ModelChoiceField(
        Office.objects.none(), label=gettext_lazy("Endorsed by"), empty_label=gettext_lazy("Choose")
    )
    lead_office = forms.ModelChoiceField(
        Office.objects.none(),
        label=gettext_lazy("Usual lead"),
        required=False,
        empty_label=gettext_lazy("none: the chair assigns"),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visible to"), choices=Visibility.choices, initial=Visibility.MEMBERS
    )

    def __init__(self, *args: Any, by: Person, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies, offices = access.bodies(by), access.offices(by)
        family = [one.pk for one in bodies if body in one.lineage()]
        for name in ("anchor_body", "responsible"):
            own = bodies if name == "anchor_body" else bodies.filter(pk__in=family)
            self.fields[name].queryset = own  # type: ignore[attr-defined]
        self.fields["anchor_session"].queryset = access.sessions(by).order_by("body__name", "opens")  # type: ignore[attr-defined]
        for name in ("endorser", "lead_office"):
            self.fields[name].queryset = offices.filter(body__in=family)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("anchor") not in {Obligation.Anchor.SESSION, Obligation.Anchor.MEETING}:
            given["anchor_body"] = given["anchor_session"] = None
        if given.get("anchor") != Obligation.Anchor.DATE:
            given["due_date"] = given["interval_months"] = None
        return given
