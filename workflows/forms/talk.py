"""The form of a comment."""

from django import forms
from django.utils.translation import gettext_lazy

from tracker.models import Visibility
from workflows.forms.base import WordsForm, text
from workflows.steps.talk import LONGEST_COMMENT, READABLE_BY


class CommentForm(WordsForm):
    """What somebody says about an occurrence, and who may read it."""

    text = text(
        gettext_lazy("Comment"),
        required=True,
        most=LONGEST_COMMENT,
        help_text=gettext_lazy("It moves nothing. Write @ and a user name to tell somebody of it by mail."),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may read it"),
        choices=[(one.value, one.label) for one in READABLE_BY],
        initial=Visibility.MEMBERS,
    )
