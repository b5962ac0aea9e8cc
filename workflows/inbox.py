"""What waits for whom: one list a person, grouped by urgency, each row with the reason why it is there and its next step.

Which rows come is asked of the database; whose move it is, of `tracker.ball`. The number of queries does not grow with
the number of rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker import access, clock, queries
from tracker.ball import Ball, Roster
from tracker.marks import Mark
from tracker.models import Assignment, Body, Occurrence, Office, Person, Report, Role, Session, State
from tracker.templatetags.resolves import day_in_words
from workflows.machines import UNDISCHARGED, Status

NEXT_STEP: dict[str, str] = {
    Status.PLANNED: "assign",
    Status.ASSIGNED: "accept",
    Status.IN_PROGRESS: "submit",
    Status.SUBMITTED: "endorse",
    Status.ENDORSED: "close",
}
BESIDE = ("finish_part", "grant_new_date")


def next_step(occurrence: Occurrence) -> str:
    """The step that is owed in the present state; "" where none is, or where contributions must be done first."""
    if occurrence.status == Status.SUBMITTED and occurrence.needs_validation:
        return "validate"
    if occurrence.status == Status.IN_PROGRESS and occurrence.parts_open:
        return ""
    return NEXT_STEP.get(occurrence.status, "")


WITHOUT_A_SESSION = timedelta(days=60)
LATE, BEFORE, WAITING, LATER = "late", "before", "waiting", "later"


@dataclass(frozen=True)
class Row:
    """An occurrence in somebody's list: why it is there, the one step to take (or ""), and who else has the ball."""

    occurrence: Occurrence
    mark: Mark
    reason: str
    step: str
    today: date
    waiting_on: Ball | None = None


@dataclass(frozen=True)
class Group:
    """Rows of one urgency: `late`, `before` (the next session of a body), `waiting` or `later`."""

    key: str
    title: str
    rows: list[Row]
    session: Session | None = None
    today: date | None = None


def my_tasks(person: Person, *, now: datetime | None = None) -> list[Group]:
    """What waits for a person, most urgent group first; empty groups are left out."""
    now = now or clock.now()
    desk = _Desk(person, now)
    next_sessions = _next_sessions(person, now)
    buckets: dict[tuple[int, str], Group] = {}
    for occurrence in desk.candidates():
        row = desk.row(occurrence)
        if row is None:
            continue
        group = _group_of(row, next_sessions.get(occurrence.body_id))
        buckets.setdefault((_ORDER[group.key], group.title), group).rows.append(row)
    for group in buckets.values():
        group.rows.sort(key=lambda row: (row.occurrence.due_on or date.max, row.occurrence.reference))
    return [buckets[key] for key in sorted(buckets)]


_ORDER = {LATE: 0, BEFORE: 1, WAITING: 2, LATER: 3}


def _group_of(row: Row, session: Session | None) -> Group:
    """The group that a row belongs to, as a new and empty one."""
    occurrence, today = row.occurrence, row.today
    if row.waiting_on is not None:
        return Group(WAITING, _("Waiting on others"), [])
    if occurrence.status in UNDISCHARGED and occurrence.due_on and occurrence.due_on < today:
        return Group(LATE, _("Late"), [])
    until = session.opens if session and session.opens else today + WITHOUT_A_SESSION
    pressing = occurrence.due_on is not None and occurrence.due_on <= until
    if not (pressing or occurrence.status in {Status.SUBMITTED, Status.ENDORSED}):
        return Group(LATER, _("Later"), [])
    if session is None:
        return Group(BEFORE, _("In the next 60 days"), [])
    return Group(BEFORE, _("Before %(session)s") % {"session": session}, [], session, today)


def _next_sessions(person: Person, now: datetime) -> dict[int, Session]:
    """The next ordinary session of each body that has one to come."""
    to_come = access.sessions(person).filter(
        kind=Session.Kind.ORDINARY, state=State.PLANNED, opens__gt=now.date() - timedelta(days=1)
    )
    found: dict[int, Session] = {}
    for session in to_come.order_by("opens"):
        if session.opens and session.opens > _day(now, session.body):
            found.setdefault(session.body_id, session)
    return found


def _day(now: datetime, body: Body) -> date:
    return now.astimezone(ZoneInfo(body.time_zone)).date()


class _Desk:
    """A person's offices on a day, and what they mean for an occurrence."""

    def __init__(self, person: Person, now: datetime) -> None:
        self.person, self.now = person, now
        self.seats = access.seats(person, now.date())
        self.roster = Roster.on(now.date())

    def _bodies(self, *roles: str) -> list[int]:
        return [seat.office.body_id for seat in self.seats if seat.office.role in roles]

    def candidates(self) -> QuerySet[Occurrence]:
        """Every open occurrence that may concern this person, with all that a row needs."""
        offices = [seat.office for seat in self.seats]
        secretariat = self._bodies(Role.SECRETARY)
        chaired = [body for body, role in self.roster.offices if role == Role.CHAIR]
        below = Q(obligation__responsible__in=secretariat) | Q(obligation__responsible__parent__in=secretariat)
        below |= Q(obligation__responsible__parent__parent__in=secretariat)
        to_assign = Q(obligation__responsible__in=self._bodies(Role.CHAIR))
        to_assign |= below & ~Q(obligation__responsible__in=chaired)
        to_endorse = Q(obligation__endorser__in=offices)
        to_endorse |= Q(obligation__endorser__body__in=self._bodies(Role.VICE_CHAIR))
        to_validate = Q(needs_validation=True, pk__in=self._validated_by(offices))
        to_grant = Q(asked_due_on__isnull=False) & to_assign
        to_close = (Q(body__in=secretariat) | below) & (Q(session=None) | Q(session__opens__lte=self.now.date()))
        asked = Assignment.objects.standing().filter(Q(person=self.person) | Q(office__in=offices))
        asked_by_me = Assignment.objects.standing().filter(assigned_by=self.person, part=Assignment.Part.LEAD)
        mine = (
            Q(pk__in=asked.values("occurrence"))
            | Q(status=Status.PLANNED) & to_assign
            | Q(status=Status.ASSIGNED, pk__in=asked_by_me.values("occurrence"))
            | Q(status=Status.SUBMITTED) & (to_endorse | to_validate)
            | to_grant
            | Q(status=Status.ENDORSED) & to_close
        )
        found = queries.with_facts(queries.still_open(access.occurrences(self.person))).filter(mine)
        return found.select_related(
            "obligation__paragraph",
            "obligation__resolution__body",
            "obligation__responsible__parent__parent",
            "obligation__endorser__body",
            "session",
            "meeting__body",
            "body",
            "resolution__body",
        ).prefetch_related(
            Prefetch("reports", Report.objects.filter(state=Report.State.SUBMITTED), to_attr="handed_in"),
        )

    def row(self, occurrence: Occurrence) -> Row | None:
        """The row of an occurrence, or None where it is none of this person's business."""
        today = _day(self.now, occurrence.body)
        standing: list[Assignment] = occurrence.standing  # type: ignore[attr-defined]  # prefetched by with_facts
        lead = next((a for a in standing if a.part == Assignment.Part.LEAD), None)
        ball = self.roster.ball(occurrence, lead=lead, submitters=_submitters(occurrence))
        part = self._part(standing)

        def made(reason: str, step: str = "", waiting_on: Ball | None = None) -> Row:
            return Row(occurrence, queries.mark(occurrence, today), reason, step, today, waiting_on)

        if self.person in ball.people and self._is_the_moment(occurrence, today):
            return made(self._why(occurrence, ball, lead), next_step(occurrence) or "record_activity")
        if occurrence.asked_due_on and self.person in (granter := self.roster.granter(occurrence)).people:
            asked_for = _("a new date is asked for: %(day)s") % {"day": day_in_words(occurrence.asked_due_on)}
            return made(self._as(granter.office, asked_for), "grant_new_date")
        if part is not None and part.part == Assignment.Part.CONTRIBUTOR:
            return made(*self._contributes(occurrence, part, ball))
        if part is not None:
            return made(self._as(part.office, _("you lead this")), "", ball)
        if occurrence.status == Status.ASSIGNED and lead and lead.assigned_by_id == self.person.pk:
            return made(_("you assigned this"), "", ball)
        return None

    def _contributes(self, occurrence: Occurrence, part: Assignment, ball: Ball) -> tuple[str, str, Ball | None]:
        """Reason, step and whom they wait for, of a row of somebody who contributes."""
        if part.done_at is not None:
            return self._as(part.office, _("you contributed: your part is done")), "", ball
        reason = self._as(part.office, _("you contribute"))
        if occurrence.status == Status.IN_PROGRESS:
            return reason, "finish_part", None
        return (reason, "record_activity", None) if occurrence.status == Status.ASSIGNED else (reason, "", ball)

    def _validated_by(self, offices: list[Office]) -> QuerySet[Assignment, Any]:
        leads = Assignment.objects.standing().filter(part=Assignment.Part.LEAD, office__validator__in=offices)
        return leads.values("occurrence")

    def _is_the_moment(self, occurrence: Occurrence, today: date) -> bool:
        """A decision can close a report only once the session that takes it has opened."""
        session = occurrence.session
        if occurrence.status != Status.ENDORSED or session is None:
            return True
        return session.opens is not None and session.opens <= today and session.state not in _NOT_HELD

    def _part(self, standing: Iterable[Assignment]) -> Assignment | None:
        """This person's own assignment, in person or by an office; leading before contributing, what is not done first."""
        offices = {seat.office.pk for seat in self.seats}
        mine = [a for a in standing if a.person_id == self.person.pk or a.office_id in offices]
        mine.sort(key=lambda one: (one.part != Assignment.Part.LEAD, one.done_at is not None, one.pk))
        return mine[0] if mine else None

    def _why(self, occurrence: Occurrence, ball: Ball, lead: Assignment | None) -> str:
        match occurrence.status:
            case Status.PLANNED if ball.capacity == access.CHAIR:
                return self._as(
                    ball.office, _("assign it: you chair %(body)s") % {"body": occurrence.obligation.responsible}
                )
            case Status.PLANNED:
                return self._as(
                    ball.office, _("assign it: %(body)s has no chair") % {"body": occurrence.obligation.responsible}
                )
            case Status.SUBMITTED if occurrence.needs_validation:
                return self._as(ball.office, _("you validate, before it goes to the endorser"))
            case Status.IN_PROGRESS if occurrence.parts_open:
                waits = ngettext(
                    "you lead this; %(count)s contribution is not done",
                    "you lead this; %(count)s contributions are not done",
                    occurrence.parts_open,
                )
                return self._as(lead.office if lead else None, waits % {"count": occurrence.parts_open})
            case Status.SUBMITTED if ball.office and ball.office.pk != occurrence.obligation.endorser_id:
                return self._as(ball.office, _("you endorse: the endorser handed it in"))
            case Status.SUBMITTED:
                return self._as(ball.office, _("you endorse"))
            case Status.ENDORSED:
                return self._as(ball.office, _("a decision can close it"))
        return self._as(lead.office if lead else None, _("you lead this"))

    def _as(self, office: Office | None, reason: str) -> str:
        """A reason, naming the person acted for where the office is held as a substitute."""
        if office is None:
            return reason
        for_whom = [seat.acting_for for seat in self.seats if seat.office.pk == office.pk]
        if not for_whom or None in for_whom:
            return reason
        return _("%(reason)s, as substitute for %(name)s") % {"reason": reason, "name": for_whom[0]}


_NOT_HELD = {State.POSTPONED, State.CANCELLED}


def _submitters(occurrence: Any) -> set[int | None]:
    return {number for report in occurrence.handed_in for number in (report.submitted_by_id, report.acting_for_id)}
