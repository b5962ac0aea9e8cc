"""Pages of a change that moves due dates: first what would move and who would be told, then the confirmation of just that."""

import hashlib
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django_fsm import TransitionNotAllowed

from tracker import access
from workflows import steps
from workflows.setup_forms import SetupForm
from workflows.setup_pages import VerbPage


class Fact(NamedTuple):
    """What a change would make of one thing that is set: before and after, in words."""

    name: Any
    before: str
    after: str


class Foreseen(VerbPage):
    """Two looks at one form. What is shown is found by making the change and undoing it, so it is what then happens; where
    it has become something else meanwhile, it is shown once more. Nothing is asked twice where nothing would move, unless
    `always` says so."""

    template_name = "workflows/setup/move.html"
    button = gettext_lazy("Show what would move")
    confirm: Any = gettext_lazy("Put it on record")
    back_to_it: Any = gettext_lazy("Change the form")
    always = False

    def change(self, given: dict[str, Any]) -> Any:
        """Call the verb."""
        raise NotImplementedError

    def take(self, given: dict[str, Any]) -> Any:
        return self.change(given)

    def facts(self, _given: dict[str, Any]) -> list[Fact]:
        """What the change itself is, beside what it moves."""
        return []

    def form_valid(self, form: SetupForm) -> HttpResponse:
        given = dict(form.cleaned_data)
        if "edit" in self.request.POST:
            return self.render_to_response(
                self.get_context_data(form=self.form_class(initial=given, by=self.by, on=self.on))
            )
        try:
            foreseen = steps.foresee(lambda: self.change(dict(given)), by=self.by)
        except (ValidationError, TransitionNotAllowed):  # the verb's own refusals show before anything is confirmed
            return super().form_valid(form)
        facts = [(one.occurrence.pk, one.old, one.new) for one in foreseen.moved]
        seen = hashlib.sha256(repr((facts, foreseen.opened)).encode()).hexdigest()
        if self.request.POST.get("seen") == seen or not (self.always or foreseen.moved):
            return super().form_valid(form)
        form.hide()
        return self.render_to_response(self.get_context_data(**self.about(form, given, foreseen, seen)))

    def about(self, form: SetupForm, given: dict[str, Any], foreseen: steps.Foresight, seen: str) -> dict[str, Any]:
        """What the second look shows. Turns that the reader may not see are only counted."""
        ids = [one.occurrence.pk for one in foreseen.moved]
        visible = set(access.occurrences(self.by).filter(pk__in=ids).values_list("pk", flat=True))
        shown = [one for one in foreseen.moved if one.occurrence.pk in visible]
        return {
            "form": form,
            "preview": True,
            "seen": seen,
            "again": "seen" in self.request.POST,
            "facts": self.facts(given),
            "moved": shown,
            "opened": foreseen.opened,
            "told": foreseen.told,
            "unseen": len(foreseen.moved) - len(shown),
            "late": sum(1 for one in foreseen.moved if one.new and one.new < self.today()),
            "given": given,
        }
