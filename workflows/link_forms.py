"""What the links of mails ask for: the forms of their steps, and a shorter one where nothing happened."""

from django.utils.translation import gettext_lazy

from workflows.forms import FORMS, StepForm
from workflows.forms.base import ON_RECORD, text


class NothingForm(StepForm):
    """That nothing happened is the report; there is room for a word."""

    step = "submit"
    text = text(gettext_lazy("Note"), rows=3, help_text=ON_RECORD)


LINK_FORMS: dict[str, type[StepForm]] = {
    "accept": FORMS["accept"],
    "decline": FORMS["decline"],
    "submit": NothingForm,
    "ask_new_date": FORMS["ask_new_date"],
}
