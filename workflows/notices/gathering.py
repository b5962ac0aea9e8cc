"""What is due to be told goes into mails: one per person and occurrence, however many runs were missed.

State is read here and once more right before sending: who has the ball now, and whether the notice still holds.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils.translation import gettext_noop

from tracker import clock
from tracker.ball import Ball, Roster
from tracker.models import Assignment, Message, Notice, Occurrence, Person, Report
from workflows.notices import bounced
from workflows.notices.hearing import holders, outdated, shut
from workflows.notices.recorded import Recorded

log = logging.getLogger(__name__)
Kind, Audience, State = Notice.Kind, Notice.Audience, Notice.State
MOVES = ("occurrence.moved", "occurrence.due_date_changed")
WhyNot = Callable[[Notice, Occurrence], str]

CAUGHT_UP = gettext_noop("caught up in one mail")
SAME_PERSON = gettext_noop("told already as who has the ball")
NO_HOLDER = gettext_noop("no one holds this office")
NO_ADDRESS = gettext_noop("no usable e-mail address")
TOLD_OTHERWISE = gettext_noop("told of it in another way")
OWN_ACT = gettext_noop("did it themselves")


@dataclass(frozen=True)
class Recipients:
    """Whom a notice goes to as things stand: the people, or why nobody. `ball` is set where it goes to who has it."""

    people: tuple[Person, ...] = ()
    reason: str = ""
    ball: Ball | None = None


@dataclass
class Present:
    """What addressing asks of the state, read once for any number of notices; `refresh` forgets it when anything was recorded."""

    why_not: WhyNot
    rosters: dict[date, Roster] = field(default_factory=dict)
    recorded: Recorded = field(default_factory=Recorded)

    def refresh(self) -> bool:
        """Forget what was read if anything was recorded since; returns whether it was."""
        if not self.recorded.anything():
            return False
        self.rosters.clear()
        return True

    def roster(self, occurrence: Occurrence) -> Roster:
        """Who holds what today in the calendar of an occurrence's body."""
        day = clock.today(occurrence.body.time_zone)
        if day not in self.rosters:
            self.rosters[day] = Roster.on(day)
        return self.rosters[day]

    def load(self, found: models.QuerySet[Notice]) -> list[Notice]:
        """Notices with all that deciding and writing ask of them. A constant number of queries."""
        related = ("occurrence__assignments__office", "occurrence__assignments__person", "occurrence__reports")
        return list(with_what_mails_need(found).prefetch_related(*related))

    def recipients(self, notice: Notice) -> Recipients:
        """Who is to be told now, from the state as it is now."""
        occurrence = notice.occurrence
        if occurrence is not None and notice.kind == Kind.REMINDER:
            reason = self.why_not(notice, occurrence)
        else:
            reason = outdated(notice, occurrence)
        if reason := reason or shut(notice):
            return Recipients(reason=reason)
        people, ball = self._addressed(notice)
        people = tuple(person for person in people if person.is_active)
        if not people:
            return Recipients(reason=NO_HOLDER)
        others = tuple(p for p in people if not notice.event or p.pk != notice.event.actor_id)
        if others and notice.kind == Kind.WATCHED and self._told_otherwise(notice, others[0]):
            return Recipients(reason=TOLD_OTHERWISE)
        return Recipients(others, "" if others else OWN_ACT, ball)

    def _addressed(self, notice: Notice) -> tuple[tuple[Person, ...], Ball | None]:
        occurrence = notice.occurrence
        if notice.kind == Kind.BOUNCED:
            return bounced.people(notice), None
        if notice.person and (notice.audience == Audience.PERSON or occurrence is None):
            return (notice.person,), None
        if occurrence is None:
            return (), None
        roster = self.roster(occurrence)
        if notice.kind == Kind.DATE_ASKED:
            ball = roster.granter(occurrence)
            return ball.people, ball
        if notice.audience == Audience.CHAIR:
            return _chair(occurrence, roster), None
        if notice.assignment:
            return holders(notice.assignment, roster, occurrence.resolution_id), None
        ball = _ball(occurrence, roster)
        return ball.people, ball

    def _told_otherwise(self, notice: Notice, person: Person) -> bool:
        """Whether another notice of the same event tells the same person: then they need not hear of it as who watches."""
        others = Notice.objects.filter(event=notice.event).exclude(kind=Kind.WATCHED).exclude(state=State.SKIPPED)
        for one in with_what_mails_need(others):
            if one.state == State.PLANNED:
                if person in self.recipients(one).people:
                    return True
            elif one.person_id == person.pk and one.state != State.FAILED:
                return True
        return False


def recipients(notice: Notice, reminder_outdated: WhyNot) -> Recipients:
    """Who is to be told now, from the state as it is now."""
    return Present(reminder_outdated).recipients(notice)


def _ball(occurrence: Occurrence, roster: Roster) -> Ball:
    leads = [one for one in occurrence.assignments.all() if one.ended_at is None and one.part == Assignment.Part.LEAD]
    report = next((one for one in occurrence.reports.all() if one.state == Report.State.SUBMITTED), None)
    submitters = (report.submitted_by_id, report.acting_for_id) if report else ()
    return roster.ball(occurrence, lead=leads[0] if leads else None, submitters=submitters)


def _chair(occurrence: Occurrence, roster: Roster) -> tuple[Person, ...]:
    office = roster.seated(occurrence.obligation.responsible, "chair")
    return roster.people(office, occurrence.resolution_id) if office else ()


def reachable(person: Person) -> bool:
    """Whether a mail can be addressed to a person at all."""
    try:
        validate_email(person.email)
    except ValidationError:
        return False
    return True


# Gathering ------------------------------------------------------------------------------------------------------------


@dataclass
class Letter:
    """What one person is told in one mail."""

    person: Person
    notices: list[Notice] = field(default_factory=list)

    def carried(self) -> tuple[list[Notice], dict[int, str]]:
        """Those that the mail carries, and why it leaves out the others: of reminders the newest rung, of moves of one
        occurrence the last; the rest was caught up."""
        kept: dict[object, Notice] = {}
        left: dict[int, str] = {}
        for notice in sorted(self.notices, key=_age):
            slot = (notice.kind, notice.occurrence_id) if notice.kind in {Kind.REMINDER, Kind.MOVED} else notice.pk
            older = kept.pop(slot, None)
            if older is not None:
                copied = older.planned_for == notice.planned_for and older.audience != notice.audience
                left[older.pk] = SAME_PERSON if copied else CAUGHT_UP
            kept[slot] = notice
        return list(kept.values()), left


def _age(notice: Notice) -> tuple[object, ...]:
    """Oldest first; of one day the copy to the chair before the reminder to who has the ball, which then stands."""
    return notice.planned_for, notice.audience == Audience.HOLDER, notice.pk


def gather(reminder_outdated: WhyNot) -> int:
    """Put what is due into mails; returns how many mails were made. `reminder_outdated` says why a reminder no longer holds.

    What is due is asked by a range, so that whatever was missed is found. The notices of one unit are locked together, so
    that two workers never make two mails of them."""
    made = 0
    for unit in _units():
        try:
            made += _gather(unit, reminder_outdated)
        except Exception:  # one that cannot be told must not keep the others from being told
            log.exception("The notices %s could not be made into a mail.", unit)
    return made


def _units() -> Iterable[list[int]]:
    """The notices that may be due, in units that go into one mail a person: those of one occurrence; those of one move of
    a session, whatever hangs on it; an invitation alone."""
    units: dict[object, list[int]] = {}
    latest = clock.today() + timedelta(days=1)  # somewhere it is tomorrow already
    due = Notice.objects.filter(state=State.PLANNED, planned_for__lte=latest).order_by("planned_for", "pk")
    rows = list(due.values_list("pk", "kind", "occurrence", "event__request_id", "event__verb"))
    # Who watches an item or was mentioned on it hears of it in the mail that carries its move, if it moved.
    moves = {
        occurrence: request for _pk, kind, occurrence, request, verb in rows if kind == Kind.MOVED or verb in MOVES
    }
    for pk, kind, occurrence, request, _verb in rows:
        if kind in {Kind.WATCHED, Kind.MENTIONED} and occurrence in moves:
            unit: tuple[str, object] = ("moved", moves[occurrence])
        else:
            unit = ("moved", request) if kind == Kind.MOVED else ("occurrence", occurrence or -pk)
        units.setdefault(unit, []).append(pk)
    return units.values()


def _gather(pks: list[int], reminder_outdated: WhyNot) -> int:
    with transaction.atomic():
        due = [notice for notice in _locked(pks) if notice.planned_for <= _today(notice)]
        letters: dict[int, Letter] = {}
        open_: dict[int, str] = {}  # notices that no mail carries yet, and why
        for notice in due:
            to = recipients(notice, reminder_outdated)
            open_[notice.pk] = to.reason
            if to.reason == OWN_ACT and notice.kind == Kind.ASSIGNED:
                told([notice])
            for person in to.people:
                letters.setdefault(person.pk, Letter(person)).notices.append(notice)
        made = sum(_post(letter, open_) for letter in letters.values())
        for notice in due:
            if notice.pk in open_:
                _settle(notice, open_[notice.pk])
    return made


def _locked(pks: list[int]) -> list[Notice]:
    """The notices, of those, that still wait; locked until the end of the transaction."""
    found = Notice.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks, state=State.PLANNED)
    return list(with_what_mails_need(found.order_by("pk")))


def with_what_mails_need(found: models.QuerySet[Notice]) -> models.QuerySet[Notice]:
    """Notices with what deciding and writing ask of them."""
    return found.select_related(
        "body",
        "person",
        "event__actor",
        "event__body",
        "event__words",
        "assignment__office",
        "assignment__person",
        "occurrence__body",
        "occurrence__session",
        "occurrence__obligation__paragraph",
        "occurrence__obligation__resolution",
        "occurrence__obligation__endorser__body",
        "occurrence__obligation__responsible__parent__parent",
    )


def _today(notice: Notice) -> date:
    body = notice.occurrence.body if notice.occurrence else notice.body or (notice.event.body if notice.event else None)
    return clock.today(body.time_zone if body else "UTC")


def _post(letter: Letter, open_: dict[int, str]) -> int:
    """Queue the mail of one person; 0 where they cannot be reached, which the ledger then shows as failed."""
    carried, left = letter.carried()
    for notice in letter.notices:
        if notice.pk in left and notice.pk in open_:
            open_[notice.pk] = left[notice.pk]
    if not carried:
        return 0
    if not reachable(letter.person):
        for notice in carried:
            _claimed(notice, letter.person, open_, state=State.FAILED, reason=NO_ADDRESS)
        return 0
    message, _new = Message.objects.update_or_create(
        message_id=message_id(*sorted(notice.key for notice in carried), str(letter.person.pk)),
        defaults={"state": Message.State.QUEUED, "person": letter.person, "address": letter.person.email},
        create_defaults={"created_at": clock.now(), "person": letter.person, "address": letter.person.email},
    )
    for notice in carried:
        _claimed(notice, letter.person, open_, state=State.QUEUED, message_id=message.pk)
    return 1


def _claimed(notice: Notice, person: Person, open_: dict[int, str], **columns: object) -> None:
    """Give the notice to one person; where somebody else has it already (a substitute is told too) a row of their own."""
    if notice.pk in open_:
        del open_[notice.pk]
        Notice.objects.filter(pk=notice.pk).update(person=person, **columns)
        return
    copy = {f.attname: getattr(notice, f.attname) for f in Notice._meta.concrete_fields if not f.primary_key}
    copy |= {"key": f"{notice.key}:{person.pk}", "person_id": person.pk, "created_at": clock.now(), "reason": ""}
    Notice.objects.bulk_create([Notice(**(copy | columns))], ignore_conflicts=True)


def _settle(notice: Notice, reason: str) -> None:
    Notice.objects.filter(pk=notice.pk).update(state=State.SKIPPED, reason=reason or NO_HOLDER)


def told(notices: Iterable[Notice]) -> None:
    """Those asked have been told: from now on they are no longer *never asked*."""
    asked = [notice.assignment_id for notice in notices if notice.kind == Kind.ASSIGNED and notice.assignment_id]
    if asked:
        Assignment.objects.filter(pk__in=asked, told_at=None).update(told_at=clock.now())


def message_id(*parts: str) -> str:
    """The same at every attempt and after every crash, so that a receiver can drop a double."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:40]}@{host}>"
