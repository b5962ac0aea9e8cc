"""How people want to be told, with the defaults for whoever never said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from tracker.ladders import DUE
from tracker.models import Preferences

Channel, Pace = Preferences.Channel, Preferences.Pace
LEADS = (30, 14, 7, 3)
"""From so many days before the due day one can want the first reminder; else as early as the policy says."""


@dataclass(frozen=True)
class Wishes:
    """What a person wants. `time_zone` empty: that of the body that writes; `lead_days` None: as early as the policy says."""

    channel: str = Channel.BOTH.value
    pace: str = Pace.PROMPT.value
    digest_hour: int = 7
    time_zone: str = ""
    lead_days: int | None = None
    weekly: bool = True

    @property
    def by_mail(self) -> bool:
        return self.channel != Channel.APP

    @property
    def in_the_product(self) -> bool:
        """Whether what arrives is to be read here; who is told by mail alone has it as read."""
        return self.channel != Channel.MAIL


NAMES = tuple(Wishes.__dataclass_fields__)
DEFAULTS = Wishes()


def wishes_of(person_ids: Iterable[int]) -> dict[int, Wishes]:
    """The wishes of each of these people, the defaults where they have none. One query; none for nobody."""
    ids = set(person_ids)
    rows = Preferences.objects.filter(person__in=ids).values_list("person", *NAMES) if ids else ()
    found = {person: Wishes(*said) for person, *said in rows}
    return {pk: found.get(pk, DEFAULTS) for pk in ids}


def too_early(lead_days: int | None, *, day: date, due_on: date | None, rung: int | None, anchor: str) -> bool:
    """Whether a reminder that is promised for a day comes earlier before the due day than somebody wants to hear. One that a
    weekend moved forward counts as by its rung; of what is late it is never asked. An `anchor` of "" is the due day."""
    if lead_days is None or due_on is None or day > due_on:
        return False
    ahead = (due_on - day).days
    by_rung = -rung if rung is not None and anchor in {"", DUE} else ahead
    return min(ahead, by_rung) > lead_days


def in_words(wishes: Wishes, language: str, *, chairs: bool) -> list[str]:
    """What these wishes mean for whoever has them, in sentences. `chairs`: whether there is a group to be summed up."""
    found = list(_by_mail(wishes)) if wishes.by_mail else [_("You get no mail about items: it all stands here.")]
    if wishes.channel == Channel.MAIL:
        found.append(_("What was mailed stands among your notifications as read."))
    if wishes.lead_days is None:
        found.append(_("Reminders begin as early as the policy of an item says."))
    else:
        words = ngettext(
            "No reminder comes earlier than %(days)d day before the due day.",
            "No reminder comes earlier than %(days)d days before the due day.",
            wishes.lead_days,
        )
        found.append(words % {"days": wishes.lead_days})
    if chairs:
        found.append(
            _("Once a week you get a summary of your group.") if wishes.weekly else _("You get no weekly summary.")
        )
    if language:
        found.append(_("Mails are in %(language)s.") % {"language": get_language_info(language)["name_translated"]})
    return found


def _by_mail(wishes: Wishes) -> Iterable[str]:
    at: dict[str, Any] = {"time": f"{wishes.digest_hour:02}:00", "zone": zone_in_words(wishes.time_zone)}
    if wishes.pace == Pace.DAILY:
        yield _("You get at most one mail a day, at %(time)s (%(zone)s), with everything of that day.") % at
    else:
        yield (
            _("You get at most three mails a day: one at %(time)s (%(zone)s), and at once what somebody asks of you.")
            % at
        )
    yield _("The mail of the day comes on working days of the duty station only.")


def zone_in_words(time_zone: str) -> str:
    """A time zone as its place; without one the body's."""
    return time_zone.replace("_", " ") if time_zone else _("time of the body that writes")
