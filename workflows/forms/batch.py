"""The form of a session's decisions: the citation on top, then each item with an outcome and a paragraph of its own where
they differ."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Decision, Occurrence, Precision
from workflows import steps
from workflows.forms.base import WordsForm, day, known_to, line, text

Outcome = Decision.Outcome
SETTLES = [(value, label) for value, label in Outcome.choices if value != Outcome.DEFERRED]


class CitationForm(WordsForm):
    """Where the decision is written and what the body did: for every item that has nothing of its own."""

    rows = (("document", "paragraph"), ("decided_on", "precision"), ("words", "note"))

    document = line(gettext_lazy("Document"), required=True, most=80, help_text=gettext_lazy("Such as C18/119."))
    paragraph = line(gettext_lazy("Paragraph"), required=True, most=40, help_text=gettext_lazy("Such as 4.2."))
    outcome = forms.ChoiceField(
        label=gettext_lazy("What the body did"),
        choices=[("", gettext_lazy("Choose")), *SETTLES],
        help_text=gettext_lazy("“No longer required” waives, everything else closes what has been endorsed."),
    )
    decided_on = day(gettext_lazy("Day of the decision"), help_text=gettext_lazy("Empty where it is not recorded."))
    precision = known_to(Precision.DAY)
    words = text(gettext_lazy("Words of the decision"), most=20_000, rows=3)
    note = text(gettext_lazy("Note to those concerned"), most=4000, rows=2)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        partly = given.get("precision") in {Precision.MONTH, Precision.YEAR}
        if partly and not given.get("decided_on") and "decided_on" not in self.errors:
            self.add_error("decided_on", _("Give any day of that month or year."))
        return given

    def citation(self) -> steps.Citation:
        """The citation, from clean fields."""
        given = dict(self.cleaned_data)
        given.pop("note")
        decided_on: date | None = given.pop("decided_on")
        return steps.Citation(decided_on=decided_on, **given)


class RowForm(forms.Form):
    """One item of the list: whether it is decided, and its own outcome and paragraph where they differ."""

    chosen = forms.BooleanField(required=False)
    outcome = forms.ChoiceField(required=False, choices=[("", gettext_lazy("as above")), *SETTLES])
    paragraph = forms.CharField(required=False, max_length=40)

    def __init__(self, given: Any = None, *, occurrence: Occurrence, chosen: bool = False) -> None:
        super().__init__(given, prefix=f"row-{occurrence.pk}", initial={"chosen": chosen})
        self.occurrence = occurrence
        names = {
            "chosen": _("Decide on %(item)s"),
            "outcome": _("What the body did with %(item)s"),
            "paragraph": _("Paragraph on %(item)s"),
        }
        for name, words in names.items():
            self.fields[name].widget.attrs["aria-label"] = words % {"item": occurrence}
        self.fields["paragraph"].widget.attrs["size"] = 8

    def item(self) -> steps.Decided:
        """The row of the batch, from clean fields."""
        given = self.cleaned_data
        return steps.Decided(self.occurrence, outcome=given["outcome"], paragraph=given["paragraph"])
