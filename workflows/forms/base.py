"""What every form of a step shares: its kinds of fields, the order in which they stand, and taking the step."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Occurrence, Person, Precision
from workflows import steps

LONGEST_TEXT = 100_000
ON_RECORD = gettext_lazy("It goes on record, and those concerned read it.")


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; how many and how large is the step's business."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, (list, tuple)) else [data]
        return [file for one in given if one and (file := super(FilesField, self).clean(one, initial))]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def text(
    label: Any, *, required: bool = False, most: int = LONGEST_TEXT, rows: int = 4, help_text: Any = ""
) -> forms.CharField:
    """Words of any length up to `most`."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=most, help_text=help_text, widget=area)


def line(label: Any, *, required: bool = False, most: int, help_text: Any = "") -> forms.CharField:
    """Words on one line."""
    return forms.CharField(label=label, required=required, max_length=most, help_text=help_text)


def day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    """A whole day."""
    return forms.DateField(label=label, required=required, help_text=help_text, widget=DayInput())


def known_to(initial: str, *, nothing: Any = None) -> forms.ChoiceField:
    """How much of a day is known; `nothing` is the words for saying nothing of it."""
    choices = list(Precision.choices) if nothing is None else [("", nothing), *Precision.choices]
    label = gettext_lazy("How much of it is known")
    return forms.ChoiceField(label=label, choices=choices, initial=initial, required=nothing is None)


def files() -> FilesField:
    """Files that come with the step."""
    help_text = gettext_lazy("At most 20 at a time, each of at most 20 MB.")
    return FilesField(label=gettext_lazy("Files"), required=False, help_text=help_text)


@dataclass(frozen=True)
class Part:
    """Rows of fields that stand together, under a legend where there is one. A row is one answer."""

    legend: Any
    rows: list[list[BoundField]]


class WordsForm(forms.Form):
    """A form whose fields are a verb's arguments: it knows in which order and groups they are asked, and puts what the verb
    refuses beside the field that it concerns."""

    rows: tuple[tuple[str, ...], ...] = ()
    legends: dict[str, Any] = {}

    def refused(self, error: ValidationError) -> None:
        """Put what a verb refused beside the field that it concerns."""
        found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, words in found.items():
            for one in words:
                self.add_error(name if name in self.fields else None, one)

    def parts(self) -> list[Part]:
        """The fields in the order in which they are asked; `legends` says where a new part begins ("": without one)."""
        rows = {names[0]: names for names in self.rows}
        inner = {name for names in self.rows for name in names[1:]}
        found = [Part("", [])]
        for name in self.fields:
            if name in self.legends:
                found.append(Part(self.legends[name], []))
            if name not in inner:
                found[-1].rows.append([self[one] for one in rows.get(name, (name,))])
        return [part for part in found if part.rows]


class StepForm(WordsForm):
    """The form of one step on one occurrence, filled in by one person on a day."""

    step: str = ""

    def __init__(self, *args: Any, occurrence: Occurrence, by: Person, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.occurrence, self.by, self.today = occurrence, by, today
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and first values that depend on the occurrence."""

    def arguments(self) -> dict[str, Any]:
        """The verb's arguments, from clean fields."""
        return dict(self.cleaned_data)

    def take(self) -> Occurrence | None:
        """Take the step; None where the verb asks for other words, which are then errors of this form.

        Raises PermissionDenied or TransitionNotAllowed; then nothing has changed.
        """
        try:
            with transaction.atomic():
                return steps.ON_OCCURRENCE[self.step](self.occurrence, by=self.by, **self.arguments())
        except ValidationError as error:
            self.refused(error)
        return None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, known in (
            ("effective_on", "precision"),
            ("happened_on", "precision"),
            ("decided_on", "decided_precision"),
        ):
            partly = given.get(known) in {Precision.MONTH, Precision.YEAR}
            if name in self.fields and partly and not given.get(name) and name not in self.errors:
                self.add_error(name, _("Give any day of that month or year."))
        return given


class ReasonForm(StepForm):
    """For steps that ask for a reason and nothing else."""

    reason = text(gettext_lazy("Reason"), required=True, help_text=ON_RECORD)


class NoteForm(StepForm):
    """For steps that ask for nothing, but leave room for a word."""

    note = text(gettext_lazy("Note"), rows=3)
