"""The beats that every step on an occurrence keeps: may they? is it the moment? fire; record. All in one transaction,
with the row locked, so that of many who try at once one succeeds and the others are told that the moment has passed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from tracker import audit, clock
from tracker.marks import discharge
from tracker.models import Assignment, Event, Obligation, Occurrence, Person, Precision
from workflows import flows, refusals
from workflows.steps import horizon


def lock(occurrence: Occurrence) -> Occurrence:
    """The occurrence as it stands now, its row locked until the end of the transaction."""
    _lock_duties([occurrence])
    return (
        Occurrence.objects.select_for_update(of=("self",), no_key=True)
        .select_related("obligation__responsible__parent", "obligation__endorser", "body", "session", "decision")
        .get(pk=occurrence.pk)
    )


def lock_all(occurrences: Iterable[Occurrence]) -> None:
    """The rows of several locked at once, in the order of their keys, until the end of the transaction."""
    occurrences = list(occurrences)
    _lock_duties(occurrences)
    rows = Occurrence.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=[one.pk for one in occurrences]
    )
    list(rows.order_by("pk").values_list("pk"))


def _lock_duties(occurrences: Iterable[Occurrence]) -> None:
    """The duties whose next turn is entered where one of these is discharged. Before the turns, as by every change of the
    calendar: or whoever endorses and whoever moves the calendar would wait for each other."""
    duties = {one.obligation_id for one in occurrences if one.obligation_id and horizon.is_followed(one.obligation)}
    if duties:
        rows = Obligation.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=duties)
        list(rows.order_by("pk").values_list("pk"))


class ChangedSince(TransitionNotAllowed):
    """Somebody else has changed it since whoever acts has read it."""


# What is put beside an occurrence without changing how it stands.
BESIDE = frozenset(
    {
        "occurrence.activity_recorded",
        "occurrence.commented",
        "occurrence.comment_taken_back",
        "words.erased",
        "file.erased",
    }
)


def edition(occurrence: Occurrence) -> int:
    """The number of the last event that changed how an occurrence stands: what a page or a program has read."""
    changes = Event.objects.filter(stream=audit.stream(occurrence)).exclude(verb__in=BESIDE)
    return changes.order_by("-number").values_list("number", flat=True).first() or 0


def require_unchanged(occurrence: Occurrence, seen: str) -> None:
    """Raise ChangedSince unless what was read is what stands, the row locked. Nothing is asked of who says nothing; but the
    row is locked in any case, before a decision is put on record for it: all take the two in this order."""
    standing = lock(occurrence)
    if seen and seen != str(edition(standing)):
        raise ChangedSince(
            _("Somebody has changed it since you opened it: look at how it stands now, then do it again."),
            object=occurrence,
        )


@dataclass
class Act:
    """A step being taken: what, by whom, for whom, when."""

    occurrence: Occurrence
    step: str
    by: Person
    acting_for: Person | None
    now: datetime
    today: date

    def fire(self, **arguments: Any) -> None:
        """Make the move."""
        before = self.occurrence.status
        flows.fire(self.occurrence, self.step, **arguments)
        if self.occurrence.status != before:
            self.occurrence.status_since = self.now

    def record(  # noqa: PLR0913  (an event has that many parts)
        self,
        verb: str,
        *,
        words: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
        also: Iterable[models.Model] = (),
        effective_on: date | None = None,
        effective_precision: str = Precision.DAY,
    ) -> Event | None:
        """Save and write the event; without an effective day it is today."""
        if effective_on is None and effective_precision == Precision.DAY:
            effective_on = self.today
        return audit.record(
            self.occurrence,
            verb,
            by=self.by,
            acting_for=self.acting_for,
            words=words,
            facts=facts,
            also=also,
            effective_on=effective_on,
            effective_precision=effective_precision,
        )

    def standing(self) -> list[Assignment]:
        return list(self.occurrence.assignments.standing())

    def occurrence_event(self, number: int) -> Event | None:
        """One event of the occurrence's own history, by its number."""
        return Event.objects.filter(stream=audit.stream(self.occurrence), number=number).first()

    def lead(self) -> Assignment | None:
        """The standing lead assignment."""
        return next((a for a in self.standing() if a.part == Assignment.Part.LEAD), None)


@contextmanager
def acting_on(occurrence: Occurrence, step: str, *, by: Person) -> Iterator[Act]:
    """Open a step. Raises PermissionDenied (who may not), then TransitionNotAllowed (not now); then nothing has changed.
    Where it discharges the turn, the next one of a duty that is counted from its completion is entered with it."""
    with transaction.atomic():
        locked = lock(occurrence)
        if flows.is_behind(locked):
            flows.carry_over(locked)
        require_present(by)
        acting_for = refusals.require(by, step, locked)
        was_done = discharge(locked).done
        yield Act(locked, step, by, acting_for, clock.now(), clock.today(locked.body.time_zone))
        if not was_done and discharge(locked).done:
            horizon.follow(locked, by=by)


def require_present(by: Person) -> None:
    """Raise PermissionDenied for whoever has left since they were let in: what counts is how they stand within the
    transaction, not what the object in hand remembers."""
    if not Person.objects.filter(pk=by.pk, is_active=True).exists():
        raise PermissionDenied(_("This account has been closed."))


def said(name: str, words: str) -> str:
    """Words that must be there; ValidationError names the field."""
    words = words.strip()
    if not words:
        raise ValidationError({name: _("Please write this: it goes on record.")})
    if "\x00" in words:
        raise ValidationError({name: _("This holds a character that cannot be kept.")})
    return words


def partial(day: date | None, precision: str) -> tuple[date | None, str]:
    """A day with what is known of it, made consistent: no day is *not recorded*, a month or a year is its first day."""
    if day is None or precision == Precision.UNKNOWN:
        return None, Precision.UNKNOWN
    if precision == Precision.MONTH:
        return day.replace(day=1), precision
    if precision == Precision.YEAR:
        return day.replace(month=1, day=1), precision
    return day, Precision.DAY
