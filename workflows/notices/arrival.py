"""A notice that is due arrives: it is decided whom it is for, and from then on it stands before them in the product.

Its mail waits for a place in their day (`slots`). Whoever wants none has been told by that. Notices of one occurrence are
looked at together, so that nobody gets two rows about one matter; further recipients get rows of their own.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Q

from tracker import clock
from tracker.models import Assignment, Notice, Person
from tracker.preferences import Wishes
from workflows.notices.addressing import (
    NO_HOLDER,
    OWN_ACT,
    SAME_PERSON,
    SUBSTITUTE_TOLD,
    TOLD_OTHERWISE,
    Present,
    rank,
    superseded,
)
from workflows.notices.rows import set_rows

log = logging.getLogger(__name__)
Kind, State = Notice.Kind, Notice.State
BATCH = 1000
WAITING = Q(state=State.PLANNED, arrived_at=None)
OF_ONE_MATTER = (Kind.REMINDER, Kind.MOVED)


@dataclass
class Changes:
    """What is to be written to the rows of notices, together."""

    now: datetime = field(default_factory=clock.now)
    by_row: dict[int, dict[str, Any]] = field(default_factory=dict)
    copies: list[Notice] = field(default_factory=list)
    told: list[Notice] = field(default_factory=list)

    def set(self, notice: Notice, **columns: Any) -> None:
        if notice._state.adding:  # the row of a further recipient, not yet saved
            for name, value in columns.items():
                setattr(notice, name, value)
        else:
            self.by_row.setdefault(notice.pk, {}).update(columns)

    def skip(self, notice: Notice, reason: str, since: Any = None, **columns: Any) -> None:
        self.set(
            notice, state=State.SKIPPED, reason=reason, reason_since=since, settled_at=self.now, message=None, **columns
        )

    def save(self, state: str = State.PLANNED) -> None:
        """Write it, to rows that still are in that state."""
        set_rows(Notice, ((dict(sorted(said.items())), {"id": pk, "state": state}) for pk, said in self.by_row.items()))
        Notice.objects.bulk_create(self.copies, ignore_conflicts=True)
        tell(self.told)


def arrive(present: Present) -> set[int]:
    """Let arrive what is due; returns the keys of the rows that wait for a mail from now on. What is due is asked by a range,
    so that whatever was missed is found; rows are locked, so that of two workers the second finds them done."""
    arrived: set[int] = set()
    for batch in _batches():
        try:
            arrived |= _arrive(batch, present)
        except Exception as error:
            log.warning("%s notices could not arrive together: each is tried alone.", len(batch), exc_info=error)
            for _key, rows in groupby(batch, key=_matter):
                arrived |= _alone(list(rows), present)
    return arrived


Row = tuple[int, int | None]


def _matter(row: Row) -> object:
    """What is looked at together: the notices of one occurrence; what is about none, alone."""
    pk, occurrence = row
    return occurrence or -pk


def _batches() -> Iterator[list[Row]]:
    """The rows that may be due, those of one occurrence in one batch."""
    latest = clock.today() + timedelta(days=1)  # somewhere it is tomorrow already
    due = Notice.objects.filter(WAITING, planned_for__lte=latest).order_by("occurrence", "pk")
    batch: list[Row] = []
    for _key, rows in groupby(due.values_list("pk", "occurrence"), key=_matter):
        if len(batch) >= BATCH:
            yield batch
            batch = []
        batch += rows
    if batch:
        yield batch


def _alone(rows: list[Row], present: Present) -> set[int]:
    try:
        return _arrive(rows, present)
    except Exception:
        log.exception("The notices %s could not arrive.", [pk for pk, _occurrence in rows])
        return set()


def _arrive(rows: list[Row], present: Present) -> set[int]:
    with transaction.atomic():
        found = Notice.objects.select_for_update(of=("self",), no_key=True)
        due = present.load(found.filter(WAITING, pk__in=[pk for pk, _occurrence in rows]).order_by("pk"), many=True)
        due = [notice for notice in due if notice.planned_for <= present.today(notice)]
        changes = Changes()
        landed = _landed(due, present, changes)
        standing = _leave_out(landed, changes)
        for notice, person in standing:
            _put_before(notice, person, present.wish(person), changes)
        changes.save()
    return {notice.pk for notice, _person in standing if notice.pk}


Landing = tuple[Notice, Person]


def _landed(due: list[Notice], present: Present, changes: Changes) -> list[Landing]:
    """Each notice with each person whom it is for. The first has the notice itself, the others rows of their own; where
    substitutes are told, the holder's row says so."""
    decided = [(notice, present.recipients(notice)) for notice in due]
    names = [f"{notice.key}:{person.pk}" for notice, to in decided for person in to.people]
    known = set(Notice.objects.filter(key__in=names).values_list("key", flat=True)) if names else set()
    landed: list[Landing] = []
    for notice, to in decided:
        if to.reason == OWN_ACT and notice.kind == Kind.ASSIGNED:
            changes.told.append(notice)
        people = [person for person in to.people if f"{notice.key}:{person.pk}" not in known]
        if not people:
            changes.skip(notice, TOLD_OTHERWISE if to.people else to.reason or NO_HOLDER, to.since)
            continue
        if to.instead_of is not None:
            changes.skip(notice, SUBSTITUTE_TOLD, person=to.instead_of)
        else:
            landed.append((notice, people.pop(0)))
        landed += [(_copy(notice, person), person) for person in people]
    return landed


def _copy(notice: Notice, person: Person) -> Notice:
    """The row of a further recipient."""
    columns = {one.attname: getattr(notice, one.attname) for one in Notice._meta.concrete_fields if not one.primary_key}
    columns |= {"key": f"{notice.key}:{person.pk}", "person_id": person.pk, "created_at": clock.now()}
    return Notice(**columns)


def _leave_out(landed: list[Landing], changes: Changes) -> list[Landing]:
    """Without what a person is told already, or is told better by another of these or by one that still waits."""
    before = _before(landed)
    by_person: dict[int, list[Landing]] = {}
    for landing in landed:
        by_person.setdefault(landing[1].pk, []).append(landing)
    standing: list[Landing] = []
    for person, landings in by_person.items():
        earlier = before.get(person, [])
        waiting = [one for one in earlier if one.state == State.PLANNED]
        left = superseded([*waiting, *(notice for notice, _person in landings)])
        left |= {notice.key: SAME_PERSON for notice, _person in landings if _told_nearer(notice, earlier)}
        for notice, whom in landings:
            if reason := left.get(notice.key):
                _put_aside(notice, whom, reason, changes)
            else:
                standing.append((notice, whom))
        for one in waiting:
            if reason := left.get(one.key):
                changes.skip(one, reason)
    return standing


def _before(landed: list[Landing]) -> dict[int, list[Notice]]:
    """What the people of these have been told of the same occurrences, or wait to be told."""
    occurrences = {notice.occurrence_id for notice, _person in landed if notice.kind in OF_ONE_MATTER}
    found: dict[int, list[Notice]] = {}
    if not occurrences:
        return found
    rows = Notice.objects.filter(occurrence__in=occurrences, kind__in=OF_ONE_MATTER, person__isnull=False)
    for one in rows.exclude(WAITING).exclude(state__in=[State.SKIPPED, State.FAILED]):
        found.setdefault(one.person_id or 0, []).append(one)
    return found


def _told_nearer(notice: Notice, earlier: Iterable[Notice]) -> bool:
    """Whether they were told of that day's reminder as somebody nearer to the matter."""
    if notice.kind != Kind.REMINDER:
        return False
    same = (notice.kind, notice.occurrence_id, notice.planned_for)
    return any(
        (one.kind, one.occurrence_id, one.planned_for) == same and rank(one.audience) <= rank(notice.audience)
        for one in earlier
        if one.state != State.PLANNED
    )


def _put_aside(notice: Notice, person: Person, reason: str, changes: Changes) -> None:
    changes.skip(notice, reason, person=person)
    if notice._state.adding:
        changes.copies.append(notice)


def _put_before(notice: Notice, person: Person, wishes: Wishes, changes: Changes) -> None:
    """Show it to its reader. Who wants no mail has been told; who wants mails alone finds it read."""
    now = changes.now
    changes.set(notice, arrived_at=now, read_at=None if wishes.in_the_product else now)
    if notice.person_id != person.pk:
        changes.set(notice, person=person)
    if not wishes.by_mail and notice.kind != Kind.INVITED:
        changes.set(notice, state=State.SHOWN, settled_at=now)
        changes.told.append(notice)
    if notice._state.adding:
        changes.copies.append(notice)


def tell(notices: Iterable[Notice]) -> None:
    """Those asked have been told: from now on they are no longer *never asked*."""
    asked = [notice.assignment_id for notice in notices if notice.kind == Kind.ASSIGNED and notice.assignment_id]
    if asked:
        Assignment.objects.filter(pk__in=asked, told_at=None).update(told_at=clock.now())
