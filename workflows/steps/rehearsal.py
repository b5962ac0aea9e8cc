"""Would a step be refused, and why? The verb itself is asked, in a transaction that never stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from tracker.models import Occurrence, Person


@dataclass(frozen=True)
class Refusal:
    """Why a step was or would be refused, in words; `more` says when it will be possible, where that is the reason;
    `error` is what the verb said of its words, where it was they."""

    why: str
    more: str = ""
    error: ValidationError | None = None


def attempt(verb: Callable[..., Occurrence], occurrence: Occurrence, *, by: Person, **arguments: Any) -> Refusal | None:
    """Take a step on one of several, in a transaction of its own: None where it was taken, else why it was not."""
    return _taken(verb, occurrence, by, arguments, stands=True)


def rehearse(
    verb: Callable[..., Occurrence], occurrence: Occurrence, *, by: Person, **arguments: Any
) -> Refusal | None:
    """What `attempt` would answer, with nothing done: the verb runs every check that it has, and all that it wrote is rolled
    back with its event and whatever would have followed it."""
    return _taken(verb, occurrence, by, arguments, stands=False)


def _taken(
    verb: Callable[..., Occurrence], occurrence: Occurrence, by: Person, arguments: dict[str, Any], *, stands: bool
) -> Refusal | None:
    try:
        with transaction.atomic():
            verb(occurrence, by=by, **arguments)
            if not stands:
                transaction.set_rollback(True)
    except (PermissionDenied, TransitionNotAllowed, ValidationError) as error:
        return refused(error, occurrence)
    return None


def refused(error: Exception, occurrence: Occurrence) -> Refusal:
    """What a step raised, as a refusal of one of several."""
    if isinstance(error, ValidationError):
        return Refusal(" ".join(error.messages), error=error)
    if isinstance(error, TransitionNotAllowed):
        status = type(occurrence).objects.get(pk=occurrence.pk).get_status_display()
        return Refusal(_("it is %(status)s already") % {"status": status}, more=str(error))
    return Refusal(str(error))
