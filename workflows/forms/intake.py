"""The forms of intake: a text that comes in, how an item is accounted for, what a duty is."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access, intake
from tracker.formats import FILE_LIMIT, read_document
from tracker.models import (
    Body,
    DeadlineRule,
    Meeting,
    Obligation,
    Office,
    Paragraph,
    Person,
    Precision,
    Session,
    Version,
    Visibility,
)
from tracker.parsing import SIZE_LIMIT, ParseError, parse
from workflows import steps
from workflows.forms.base import ON_RECORD, WordsForm, day, line, text

Disposition = Paragraph.Disposition


class ImportForm(WordsForm):
    """A text and what it does not say of itself."""

    rows = (("symbol", "label"), ("in_force_from", "precision"))
    legends = {"symbol": gettext_lazy("What the text does not say of itself"), "file": gettext_lazy("The text")}

    body = forms.ModelChoiceField(Body.objects.none(), label=gettext_lazy("Adopted by"), empty_label=None)
    file = forms.FileField(
        label=gettext_lazy("Text file"),
        required=False,
        help_text=gettext_lazy("Plain text, PDF, DOCX, HTML or Akoma Ntoso."),
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
        self.standing: Version | None = None
        self.changes: list[intake.Change] = []
        own = [body.pk for body in access.bodies(by) if access.may_on_body(by, "import", body)]
        self.fields["body"].queryset = access.bodies(by).filter(pk__in=own).order_by("kind", "name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file, words = given.get("file"), given.get("text", "")
        if bool(file) == bool(words) and not self.errors:
            self.add_error("text", _("Give the text once: as a file or written here."))
        elif file:
            try:
                document = read_document(file.read(FILE_LIMIT + 1), name=_("The file"))
                given["text"], given["carried"] = document.text, document.carried
            except ParseError as error:
                self.add_error("file", _(error.template) % error.params)
        return given

    def take(self) -> Version | None:
        """Import the text; None where it is refused, which is then an error of this form."""
        given = dict(self.cleaned_data)
        given.pop("file")
        try:
            return steps.import_version(
                given["body"], by=self.by, **{name: given[name] for name in given if name != "body"}
            )
        except ValidationError as error:
            self.refused(error)
            if "label" in error.message_dict:
                self._compare(given)
        return None

    def _compare(self, given: dict[str, Any]) -> None:
        """Where the version is there with another text: how its items differ from those of this one."""
        parsed = parse(given["text"])
        named = intake.identity(given["symbol"] or parsed.symbol)
        if label := given["label"]:
            named = named._replace(label=label)
        self.standing = intake.standing(given["body"], named)
        self.changes = intake.changes(self.standing, parsed) if self.standing else []


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

    rows = (
        ("anchor", "anchor_body"),
        ("anchor_session", "anchor_meeting"),
        ("offset_days", "offset_working"),
        ("due_date", "interval_months"),
    )
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
    anchor_meeting = forms.ModelChoiceField(
        Meeting.objects.none(),
        label=gettext_lazy("This meeting only"),
        required=False,
        empty_label=gettext_lazy("every one"),
    )
    anchor_rule = forms.ModelChoiceField(
        DeadlineRule.objects.none(),
        label=gettext_lazy("Document deadline"),
        required=False,
        empty_label=gettext_lazy("none: counted from the opening"),
        help_text=gettext_lazy("Of the session's body. The days are then counted from it, and move with it."),
    )
    offset_days = forms.IntegerField(
        label=gettext_lazy("Days from there"),
        min_value=-3660,
        max_value=3660,
        initial=0,
        help_text=gettext_lazy("Before it: with a minus, such as -30."),
    )
    offset_working = forms.BooleanField(
        label=gettext_lazy("Counted in working days"),
        required=False,
        help_text=gettext_lazy("Of the responsible body's duty station."),
    )
    due_date = day(
        gettext_lazy("Date"), help_text=gettext_lazy("Of a duty that hangs on a date; a period is counted from it.")
    )
    interval_months = forms.IntegerField(
        label=gettext_lazy("Months between turns"), required=False, min_value=1, max_value=1200
    )
    counted_from = forms.ChoiceField(
        label=gettext_lazy("Next turn counted from"),
        choices=Obligation.CountedFrom.choices,
        initial=Obligation.CountedFrom.CALENDAR,
        required=False,
        help_text=gettext_lazy(
            "Of a periodic duty. From the last completion, the next turn opens when the last is done."
        ),
    )
    trigger = line(
        gettext_lazy("Event that opens a turn"),
        most=300,
        help_text=gettext_lazy("Of a duty on event, such as: a veto is cast."),
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
        self.fields["anchor_meeting"].queryset = access.meetings(by).order_by("body__name", "-number")  # type: ignore[attr-defined]
        rules = self.fields["anchor_rule"]
        rules.queryset = access.deadline_rules(by).order_by("body__name", "-days_before")  # type: ignore[attr-defined]
        rules.label_from_instance = lambda rule: f"{rule.body}: {rule.name}"  # type: ignore[attr-defined]
        for name in ("endorser", "lead_office"):
            self.fields[name].queryset = offices.filter(body__in=family)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        anchor, kind = given.get("anchor"), given.get("kind")
        if anchor not in {Obligation.Anchor.SESSION, Obligation.Anchor.MEETING}:
            given["anchor_body"] = None
        if anchor != Obligation.Anchor.SESSION:
            given["anchor_session"] = given["anchor_rule"] = None
        if anchor != Obligation.Anchor.MEETING or kind != Obligation.Kind.ONCE:
            given["anchor_meeting"] = None
        if anchor != Obligation.Anchor.DATE:
            given["due_date"] = given["interval_months"] = None
        if kind != Obligation.Kind.PERIODIC or not given.get("counted_from"):
            given["counted_from"] = Obligation.CountedFrom.CALENDAR
        if kind != Obligation.Kind.ON_EVENT:
            given["trigger"] = ""
        return given
