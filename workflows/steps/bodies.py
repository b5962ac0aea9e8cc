"""The beats that every step on a body keeps: its offices, its calendar, its people. May they? is it the moment? are the
words there? record. All in one transaction, and whatever it writes carries one request id."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from tracker import audit, clock
from tracker.models import Body, Event, Person, Precision
from workflows import refusals

YEARS = range(1850, 2151)
Row = TypeVar("Row", bound=models.Model)


class NotTheMoment(TransitionNotAllowed):
    """The calendar or the office is not in a state that allows this."""


@dataclass
class BodyAct:
    """A step on a body being taken: by whom, for whom, on which day of the body's calendar."""

    body: Body
    by: Person
    acting_for: Person | None
    today: date

    def record(
        self,
        thing: models.Model,
        verb: str,
        *,
        words: dict[str, str] | None = None,
        also: tuple[models.Model, ...] = (),
        effective_on: date | None = None,
    ) -> Event | None:
        """Save and write the event; without an effective day it is today."""
        return audit.record(
            thing,
            verb,
            by=self.by,
            acting_for=self.acting_for,
            words=words,
            also=also,
            effective_on=effective_on or self.today,
        )


@contextmanager
def one_act() -> Iterator[None]:
    """Everything recorded within carries one request id: the request's own, or a new one outside any. Of two who enter
    the same thing at once, the second is told (NotTheMoment)."""
    here = audit.context()
    try:
        with transaction.atomic(), audit.acting(here.means, here.request_id):
            yield
    except IntegrityError as error:
        raise NotTheMoment(_("Somebody has entered the same just now.")) from error


@contextmanager
def acting_on_body(body: Body, step: str, *, by: Person) -> Iterator[BodyAct]:
    """Open a step on a body, its row locked; but events that name it can still be written meanwhile, or a step on an
    occurrence and a move of the calendar would wait for each other. Raises PermissionDenied; then nothing has changed."""
    with one_act():
        locked = Body.objects.select_for_update(of=("self",), no_key=True).select_related("parent").get(pk=body.pk)
        acting_for = refusals.require_on_body(by, step, locked)
        yield BodyAct(locked, by, acting_for, clock.today(locked.time_zone))


def checked(thing: Row) -> Row:
    """The row, if it can be kept: lengths, forms, uniqueness. ValidationError names the fields."""
    for field in thing._meta.concrete_fields:
        value = field.value_from_object(thing)
        if isinstance(value, str) and "\x00" in value:
            raise ValidationError({field.name: _("This holds a character that cannot be kept.")})
    thing.full_clean()
    return thing


def span(
    first: date | None, last: date | None, precision: str, *, names: tuple[str, str]
) -> tuple[date | None, str, date | None]:
    """First day, what is known of it, and last day, made consistent. A last day stands only beside a first day known to
    the day. `names` are the fields that an error is about."""
    if precision not in Precision.values:
        raise ValidationError({"precision": _("Choose how much of the date is known.")})
    for name, day in zip(names, (first, last), strict=True):
        if day is not None and day.year not in YEARS:
            raise ValidationError({name: _("Check the year: it lies outside any calendar kept here.")})
    if first is None or precision == Precision.UNKNOWN:
        if last is not None:
            raise ValidationError({names[1]: _("Give the first day too, or leave both empty.")})
        return None, Precision.UNKNOWN, None
    if precision != Precision.DAY:
        if last is not None:
            raise ValidationError({names[1]: _("Leave the last day empty while the first is not known to the day.")})
        return (
            (first.replace(day=1) if precision == Precision.MONTH else first.replace(month=1, day=1)),
            precision,
            None,
        )
    if last is not None and last < first:
        raise ValidationError({names[1]: _("The last day cannot come before the first.")})
    return first, precision, last
