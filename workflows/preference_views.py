"""How whoever is logged in wants to be told: one form, and in sentences what it means."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy

from tracker import access
from tracker.models import Preferences
from tracker.preferences import NAMES, in_words, wishes_of
from workflows import steps
from workflows.preference_forms import PreferencesForm
from workflows.setup_forms import SetupForm
from workflows.setup_pages import VerbPage


class PreferencesPage(VerbPage):
    """Everybody's own; nobody sets another's."""

    template_name = "workflows/account/preferences.html"
    form_class = PreferencesForm
    section = "preferences"
    heading = gettext_lazy("Preferences")
    button = gettext_lazy("Keep these")
    done = gettext_lazy("Your preferences are kept.")
    back = reverse_lazy("preferences")

    def find(self) -> None:
        self.on = self.by

    def may(self) -> None:
        """Everybody for themselves."""

    @property
    def chairs(self) -> bool:
        """Whether there is a group to be summed up."""
        return access.CHAIR in access.roles(self.by)

    def get_initial(self) -> dict[str, Any]:
        wishes = wishes_of([self.by.pk])[self.by.pk]
        return {"language": self.by.language, **{name: getattr(wishes, name) for name in NAMES}}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "chairs": self.chairs}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wishes = wishes_of([self.by.pk])[self.by.pk]
        about = {
            "wishes": in_words(wishes, self.by.language, chairs=self.chairs),
            "searches": access.searches_notices(self.by),
        }
        return super().get_context_data(**kwargs) | about

    def take(self, given: dict[str, Any]) -> Preferences:
        return steps.set_preferences(given, by=self.by)

    def form_valid(self, form: SetupForm) -> HttpResponse:
        before = self.by.language
        response = super().form_valid(form)
        if self.by.language not in ("", before):  # what was chosen in the bar of this browser gives way
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                self.by.language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                path=settings.LANGUAGE_COOKIE_PATH,
                domain=settings.LANGUAGE_COOKIE_DOMAIN,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            )
        return response
