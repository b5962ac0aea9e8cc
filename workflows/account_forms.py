"""Logging in, and asking for another password. Known and unknown names get the same answer in about the same time."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm, SetPasswordForm
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import visits
from tracker.models import Person
from workflows import notices, steps
from workflows.throttle import address, attempt, forgive

LOG_INS, LOG_IN_WINDOW = 5, timedelta(minutes=15)
LOG_INS_FROM_ONE_PLACE = 100  # a whole delegation may sit behind one address
MAILS, MAIL_WINDOW = 3, timedelta(hours=1)


class LogInForm(AuthenticationForm):
    """User name and password; after five wrong tries for one name from one place a quarter of an hour must pass."""

    error_messages = {
        "invalid_login": gettext_lazy("User name and password do not go together. Both mind capital letters."),
        "inactive": gettext_lazy("User name and password do not go together. Both mind capital letters."),
        "throttled": gettext_lazy("Too many tries. Wait a quarter of an hour, or ask for a new password below."),
    }

    @property
    def throttled(self) -> bool:
        return self.has_error("__all__", "throttled")

    def clean(self) -> dict[str, Any]:
        username, place = self.cleaned_data.get("username") or "", address(self.request)
        counted = (
            attempt("log-in", username, place, limit=LOG_INS, within=LOG_IN_WINDOW),
            attempt("log-in-from", place, limit=LOG_INS_FROM_ONE_PLACE, within=LOG_IN_WINDOW),
        )
        if not all(counted):
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            visits.refused_at_the_door(username)
            raise
        forgive("log-in", username, place)
        return cleaned


class ForgottenForm(PasswordResetForm):
    """Queues the mail with the link through the notices; for an unknown address the same is rendered and thrown away."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def ask(self, request: HttpRequest, tokens: PasswordResetTokenGenerator = default_token_generator) -> None:
        """One mail for each account of the address, at most `MAILS` an hour; nothing tells whether there was one."""
        given = self.cleaned_data["email"]
        with transaction.atomic():
            within = attempt("forgotten", given, address(request), limit=MAILS, within=MAIL_WINDOW)
            known = list(self.get_users(given)) if within else []
            for person in known or [Person(pk=0, username="nobody", name="Nobody", email=given)]:
                subject, text, html = _written(person, tokens.make_token(person))
                if known:
                    notices.post(person, person.email, subject, text, html=html)


def _written(person: Person, token: str) -> tuple[str, str, str]:
    with translation.override(person.language or translation.get_language()):
        names = {"uidb64": urlsafe_base64_encode(force_bytes(person.pk)), "token": token}
        facts = {
            "person": person,
            "site": settings.SITE_URL,
            "link": settings.SITE_URL + reverse("password_reset_confirm", kwargs=names),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
            "language": translation.get_language(),
            "right_to_left": translation.get_language_bidi(),
            "why": _("somebody gave this address on the page for forgotten passwords"),
        }
        subject = _plain("password_subject.txt", facts)
        html = get_template("emails/password.html").render({**facts, "subject": subject})
        return subject, _plain("password.txt", facts), html


def _plain(name: str, facts: dict[str, Any]) -> str:
    """A template without HTML's escapes."""
    return str(get_template(f"emails/{name}").template.render(Context(facts, autoescape=False))).strip()  # type: ignore[attr-defined]


class NewPasswordForm(SetPasswordForm):
    """Twice the same new password."""

    def save(self, commit: bool = True) -> Person:
        """The step that puts it on record."""
        return steps.change_password(self.user, password=self.cleaned_data["new_password1"])

    def refused(self, error: ValidationError) -> None:
        """What a step refused stands beside the first field."""
        self.add_error("new_password1", error)
