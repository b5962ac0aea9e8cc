"""The forms that put a wrong reading right: what an item is called and where it hangs, where it is cut, what is taken up."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from tracker.models import Paragraph
from workflows.forms.base import WordsForm, line, text

MOST_WORDS = 20_000


class _Place(WordsForm):
    """Label, path and the item above."""

    rows = (("label", "path"),)

    label = line(
        gettext_lazy("Label"),
        most=40,
        help_text=gettext_lazy("As the document prints it, such as 1.2 or (b); empty for none."),
    )
    path = line(
        gettext_lazy("Path"),
        required=True,
        most=60,
        help_text=gettext_lazy("How it is called here and in addresses: label after label, such as 1(b)."),
    )


class PlaceForm(_Place):
    """What an item is called, and where in the tree it hangs."""

    parent = forms.ModelChoiceField(
        Paragraph.objects.none(),
        label=gettext_lazy("Below"),
        required=False,
        empty_label=gettext_lazy("none: at the top"),
    )

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent"]
        field.queryset = others  # type: ignore[attr-defined]
        field.label_from_instance = lambda item: f"{item.path}: {item.text[:60]}"  # type: ignore[attr-defined]


class SplitForm(_Place):
    """Where an item is cut, and what its second part is called."""

    rows = (("label", "path"),)

    words = line(
        gettext_lazy("The second part begins with"),
        required=True,
        most=500,
        help_text=gettext_lazy("Quote some words of the item, enough to find them once."),
    )
    field_order = ("words", "label", "path")


class TakeUpForm(PlaceForm):
    """Words that are read as no item, and what the item is called that they become."""

    words = text(
        gettext_lazy("Its words"),
        required=True,
        most=MOST_WORDS,
        rows=4,
        help_text=gettext_lazy(
            "As they stand in the text: words that no paragraph has, or a whole paragraph of the preamble."
        ),
    )
    field_order = ("words", "label", "path", "parent")
