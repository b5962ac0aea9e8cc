"""How somebody wants to be told, and in which language: theirs alone to say, on record in their own stream."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker import audit
from tracker.models import Person, Preferences
from tracker.preferences import DEFAULTS, LEADS, NAMES
from workflows.steps.beats import ChangedSince, require_present
from workflows.steps.bodies import checked, one_act

Wanted = Mapping[str, Any]


def set_preferences(wanted: Wanted, *, by: Person, read: str = "") -> Preferences:
    """Set some or all of `language` and the wishes of `by`; what is not named stays. An event is written where something
    changed. Raises ValidationError, and ChangedSince where `read` is not the edition that stands."""
    with one_act():
        require_present(by)
        person = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        row = _row(person)
        if read and read != edition(person):
            raise ChangedSince(
                _("Your preferences were changed since you read them: look at them, then set them again.")
            )
        for name in NAMES:
            setattr(row, name, wanted.get(name, getattr(row, name)))
        person.language = _language(wanted.get("language", person.language))
        if row.lead_days is not None and row.lead_days not in LEADS:
            days = ", ".join(map(str, LEADS))
            raise ValidationError({"lead_days": _("Choose one of %(days)s, or none.") % {"days": days}})
        checked(row)
        as_ever = row._state.adding and all(getattr(row, name) == getattr(DEFAULTS, name) for name in NAMES)
        audit.record(person, "preferences.changed", by=by, also=() if as_ever else (row,))
    by.language = person.language
    return row


def edition(person: Person) -> str:
    """A mark of what a page or a program has read of somebody's preferences: another one once they have changed."""
    row = _row(person)
    values = [person.language, *(str(getattr(row, name)) for name in NAMES)]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]


def _row(person: Person) -> Preferences:
    return Preferences.objects.filter(person=person).first() or Preferences(person=person)


def _language(code: Any) -> str:
    if code and code not in dict(settings.LANGUAGES):
        raise ValidationError({"language": _("There is no such language here.")})
    return str(code or "")
