"""What narrows the chair's board: a form sent by GET, so that what is shown has an address."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from workflows.board import COLUMNS, Desk, Line
from workflows.machines import Status


class Narrowed(forms.ChoiceField):
    """One of a list; a value that is not offered may still be one in an address, whose list is then empty."""

    def valid_value(self, value: object) -> bool:
        return "\x00" not in str(value)


class BoardFilters(forms.Form):
    """Who leads, which status, only what is past due or vacant, and in which order."""

    group = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)
    who = Narrowed(label=_("Lead"), required=False)
    status = Narrowed(label=_("Status"), required=False)
    only = Narrowed(
        label=_("Only"),
        required=False,
        choices=[("", _("All")), ("late", _("past due")), ("vacant", _("no one holds the office"))],
    )
    order = Narrowed(
        label=_("First"), required=False, choices=[("", _("longest in status")), ("due", _("nearest due"))]
    )

    def __init__(self, data: QueryDict, group: str, lines: list[Line]) -> None:
        super().__init__({**data.dict(), "group": group})
        who: Any = self.fields["who"]
        who.choices = [("", _("Everybody")), *((line.who, line.name) for line in lines if line.total.count)]
        status: Any = self.fields["status"]
        status.choices = [("", _("All")), *((one, str(Status(one).label)) for one in COLUMNS)]

    def selected(self, desk: Desk) -> Any:
        """The occurrences that are left; None where nothing narrows."""
        given = self.cleaned_data
        if not any(given[name] for name in ("who", "status", "only")):
            return None
        return desk.select(
            who=given["who"], status=given["status"], late=given["only"] == "late", vacant=given["only"] == "vacant"
        )
