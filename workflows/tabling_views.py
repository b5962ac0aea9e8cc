"""The page on which a summary is tabled for a session, or a correction of one."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracker import access, packs
from tracker.frozen import thaw
from tracker.models import Tabled
from workflows import steps
from workflows.forms.base import line
from workflows.setup_forms import SetupForm
from workflows.setup_pages import VerbPage


class TablingForm(SetupForm):
    """What is known of the document; `seen` is the print of the summary that was looked at."""

    symbol = line(
        gettext_lazy("Document symbol"), most=80, help_text=gettext_lazy("Such as C18/41. Empty where it has none.")
    )
    agenda_item = line(gettext_lazy("Agenda item"), most=80)
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class TableSummary(VerbPage):
    """Shows what would be frozen in one sentence, and tables it."""

    template_name = "workflows/setup/table.html"
    form_class = TablingForm
    step = "table_summary"
    section = "council"
    heading: Any = gettext_lazy("Table the summary")
    button = gettext_lazy("Table it for good")
    effects = (
        gettext_lazy("It is frozen as it stands now, in every language, hashed and signed, and never changed."),
        gettext_lazy(
            "It holds what every member of the body may see: nothing that is restricted, and no names of people."
        ),
        gettext_lazy("Everybody who holds a councillor's office gets it as a minute's reading, once."),
        gettext_lazy("A mistake is corrected by tabling a correction that names it."),
    )
    done = gettext_lazy("Tabled: %(what)s.")

    def find(self) -> None:
        given = self.kwargs
        self.on = access.session(self.by, given["body"], given["code"])
        self.corrects: Tabled | None = None
        if "number" in given:
            self.corrects = access.tabled_summary(self.by, given["body"], given["code"], given["number"])
            self.heading = _("Table a correction of %(other)s") % {"other": self.corrects}

    def get_initial(self) -> dict[str, Any]:
        return {"agenda_item": self.corrects.agenda_item} if self.corrects else {}

    def take(self, given: dict[str, Any]) -> Tabled:
        self.tabled = steps.table_summary(self.on, by=self.by, corrects=self.corrects, **given)
        return self.tabled

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text, seen = steps.would_table(self.on)
        view = thaw(text).view(get_language() or "en")
        about = super().get_context_data(**kwargs)
        form = about["form"]
        if form.is_bound:  # what is shown now is what the next press of the button is about
            form.data = form.data.copy()
            form.data["seen"] = seen
        else:
            form.initial["seen"] = seen
        return about | {"sentence": packs.sentence(view), "view": view, "corrects": self.corrects}

    def get_success_url(self) -> str:
        place = [self.on.body.slug, self.on.slug]
        if made := getattr(self, "tabled", None):
            return reverse("tabled", args=[*place, made.number])
        return reverse("council", args=place)


class CorrectSummary(TableSummary):
    """The same as a correction of one that was tabled before; only the newest can be corrected."""

    button = gettext_lazy("Table the correction for good")

    def find(self) -> None:
        if "number" not in self.kwargs:
            raise Http404
        super().find()
