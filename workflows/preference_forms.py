"""The form of how somebody wants to be told."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext_lazy as _

from tracker.models import Preferences
from tracker.preferences import LEADS
from workflows.setup_forms import SetupForm, time_zone

CHANNELS = [
    (Preferences.Channel.BOTH, _("By mail, and among my notifications here")),
    (Preferences.Channel.MAIL, _("By mail alone; here it stands as read")),
    (Preferences.Channel.APP, _("Here alone, no mails about items")),
]
PACES = [
    (Preferences.Pace.PROMPT, _("At once what somebody asks of me, the rest once a day; three mails a day at most")),
    (Preferences.Pace.DAILY, _("Everything once a day: one mail at most")),
]
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class PreferencesForm(SetupForm):
    """What a person may say of it. `chairs`: whether there is a group of which they can have a summary."""

    rows = (("digest_hour", "time_zone"),)
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Of the pages and of the mails to you.")
    )
    channel = forms.ChoiceField(label=_("How to tell me"), choices=CHANNELS, widget=forms.RadioSelect)
    pace = forms.ChoiceField(label=_("How often"), choices=PACES, widget=forms.RadioSelect)
    digest_hour = forms.TypedChoiceField(label=_("Hour of the daily mail"), choices=HOURS, coerce=int)
    time_zone = time_zone()
    lead_days = forms.TypedChoiceField(
        label=_("First reminder"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Reminders that would come earlier are left out; nobody can ask for more than the policy has."),
    )
    weekly = forms.BooleanField(label=_("A weekly summary of the group that I chair"), required=False)

    def __init__(self, *args: Any, chairs: bool, **kwargs: Any) -> None:
        self.chairs = chairs
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        fields: dict[str, Any] = self.fields
        tongues = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
        fields["language"].choices = [("", _("As my browser says; mails in English")), *tongues]
        zone = fields["time_zone"]
        zone.required, zone.help_text = False, ""
        zone.choices = [("", _("That of the body that writes")), *zone.choices]
        leads = [
            (days, ngettext("at most %(days)d day ahead", "at most %(days)d days ahead", days) % {"days": days})
            for days in LEADS
        ]
        fields["lead_days"].choices = [("", _("As early as the policy of an item says")), *leads]
        if not self.chairs:
            del fields["weekly"]
