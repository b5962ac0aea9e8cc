"""The forms of a body's calendar rules: document deadlines, duty station, closed days, a sitting, an event on record."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.models import Sitting
from workflows.forms.base import day as whole_day
from workflows.forms.base import line, text
from workflows.setup_forms import REASON, SetupForm, becomes, known
from workflows.steps.calendar import NEXT_STATES
from workflows.steps.rules import MOST_DAYS


class RuleForm(SetupForm):
    """A document deadline."""

    rows = (("days_before", "working"),)
    name = line(_("Name"), required=True, most=160, help_text=_("Such as Contributions of Member States."))
    days_before = forms.IntegerField(label=_("Days before the session opens"), min_value=0, max_value=MOST_DAYS)
    working = forms.BooleanField(
        label=_("Counted in working days"), required=False, help_text=_("Of this body's duty station.")
    )
    source = line(_("Source"), most=300, help_text=_("The rule of procedure, decision or programme that says so."))


class RuleChangeForm(RuleForm):
    reason = text(_("Reason"), required=True, most=2000, rows=3, help_text=REASON)

    def prepare(self) -> None:
        for name in ("name", "days_before", "working", "source"):
            self.initial.setdefault(name, getattr(self.on, name))


class StationForm(SetupForm):
    """Where a body's days are worked."""

    rows = (("country", "subdivision"),)
    country = line(_("Country"), most=2, help_text=_("Two letters, such as CH. Empty: as the body above, or none."))
    subdivision = line(_("Part of the country"), most=10, help_text=_("Such as GE, where it has holidays of its own."))
    reason = text(_("Reason"), required=True, most=2000, rows=3, help_text=REASON)

    def prepare(self) -> None:
        self.initial.setdefault("country", self.on.country)
        self.initial.setdefault("subdivision", self.on.subdivision)


class ClosedDayForm(SetupForm):
    """Days on which a duty station departs from its country's calendar."""

    rows = (("day", "until"),)
    name = line(_("What it is"), required=True, most=160, help_text=_("Such as Winter closure."))
    day = whole_day(_("First day"), required=True)
    until = whole_day(_("Last day"), help_text=_("Empty: that one day."))
    works = forms.BooleanField(
        label=_("It works then, though its country does not"),
        required=False,
        help_text=_("For a holiday or a weekend on which it works all the same."),
    )


class SittingChangeForm(SetupForm):
    """What became of a sitting. The main one has the session's dates and state: only form and place are its own."""

    rows = (("begins", "ends"), ("form", "place"))
    state = forms.ChoiceField(label=_("What became of it"), required=False)
    reason = text(_("Reason"), most=2000, rows=3, help_text=_("Needed where it is postponed, cancelled or taken back."))
    begins = whole_day(_("First day"), help_text=_("Without one it is postponed."))
    precision = known()
    ends = whole_day(_("Last day"))
    form = forms.ChoiceField(label=_("Form"), choices=Sitting.Form.choices)
    place = line(_("Place"), most=160)

    def prepare(self) -> None:
        for name in ("begins", "ends", "precision", "form", "place"):
            self.initial.setdefault(name, getattr(self.on, name))
        if not self.on.begins:
            self.initial["precision"] = "day"
        self.fields["state"].choices = becomes(self.on.state, NEXT_STATES)  # type: ignore[attr-defined]
        if self.on.kind == Sitting.Kind.MAIN:
            for name in ("state", "reason", "begins", "precision", "ends"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "begins" in self.fields and "begins" not in self.errors and not given.get("begins"):
            given["precision"] = "unknown"
        return given


class OccasionForm(SetupForm):
    """An event that opens a turn."""

    happened_on = whole_day(_("Day"), required=True, help_text=_("The day itself does not count."))
    words = text(_("What happened"), required=True, most=500, rows=3, help_text=REASON)
    source = line(_("Document"), most=300, help_text=_("That says so."))
