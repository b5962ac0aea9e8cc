"""A person's desk: what they hold on a day, and what that means for an occurrence: is it theirs, why, and which step is next.

Which turns may concern them is asked of the database, with the few facts that decide whose move it is; whose it is, of
`tracker.ball`, once for all turns with the same facts. The number of queries does not grow with the number of rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import FilteredRelation, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker import access, queries
from tracker.ball import Ball, Roster
from tracker.marks import Mark
from tracker.models import Assignment, Body, Occurrence, Office, Person, Report, Role, State
from tracker.templatetags.resolves import day_in_words
from workflows.machines import Status

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


@dataclass(frozen=True)
class Row:
    """An occurrence in somebody's list: why it is there, the one step to take (or ""), and who else has the ball."""

    occurrence: Occurrence
    mark: Mark
    reason: str
    step: str
    today: date
    waiting_on: Ball | None = None


class Turn(NamedTuple):
    """As much of an occurrence as its place in a list depends on, and the `facts` on which it depends whose move it is."""

    number: int
    due_on: date | None
    reference: str
    status: str
    body: int
    facts: tuple[Any, ...]


def day_in(now: datetime, body: Body) -> date:
    return now.astimezone(ZoneInfo(body.time_zone)).date()


def in_full(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """With all that a row needs."""
    return (
        queries.with_facts(found)
        .select_related(
            "obligation__paragraph",
            "obligation__resolution__body",
            "obligation__responsible__parent__parent",
            "obligation__endorser__body",
            "session",
            "meeting__body",
            "body",
            "resolution__body",
            *queries.WAITED_FOR,
        )
        .prefetch_related(
            Prefetch("reports", Report.objects.filter(state=Report.State.SUBMITTED), to_attr="handed_in"),
        )
    )


class Desk:
    """A person's offices on a day, and what they mean for an occurrence."""

    def __init__(self, person: Person, now: datetime) -> None:
        self.person, self.now = person, now
        self.standing = access.standing(person, now.date())
        self.roster = Roster.on(now.date())
        self.days: dict[int, date] = {}
        self.seen = access.occurrences(person)

    def day(self, body: int) -> date:
        """Today in the calendar of a body."""
        if body not in self.days:
            self.days[body] = day_in(self.now, access.bodies(self.person).get(pk=body))
        return self.days[body]

    def turns(self) -> list[tuple[Turn, bool]]:
        """What is this person's business, each with whether it waits on others. Turns with the same facts have the same
        answer: the first of them is asked in full."""
        turns = self._turns()
        first: dict[tuple[Any, ...], int] = {}
        for turn in turns:
            first.setdefault(turn.facts, turn.number)
        rows = self.rows(list(first.values()))
        waiting = {facts: rows[number].waiting_on is not None for facts, number in first.items() if number in rows}
        return [(turn, waiting[turn.facts]) for turn in turns if turn.facts in waiting]

    def _turns(self) -> list[Turn]:
        """The candidates, with the facts that decide whose move it is and whether this is the moment. Two queries."""
        contributions = self._contributions()
        found = (
            self.candidates()
            .order_by()
            .alias(
                lead=FilteredRelation(
                    "assignments", condition=Q(assignments__part=Assignment.Part.LEAD, assignments__ended_at=None)
                ),
                paper=FilteredRelation("reports", condition=Q(reports__state=Report.State.SUBMITTED)),
            )
        )
        turns: dict[int, Turn] = {}
        for number, due_on, reference, status, body, session, asked, *facts, by, acting_for in found.values_list(
            "pk", "due_on", "reference", "status", "body", "session", "lead__assigned_by",
            "resolution", "obligation__responsible", "obligation__endorser", "on_hold", "parts_open", "asked_due_on",
            "needs_validation", "lead__office", "lead__person", "paper__submitted_by", "paper__acting_for",
        ):  # fmt: skip
            deciding = (
                status,
                body,
                session if status == Status.ENDORSED else None,
                asked == self.person.pk,
                *facts,
                *((by, acting_for) if status == Status.SUBMITTED else ()),
                contributions.get(number),
            )
            turns[number] = Turn(number, due_on, reference, status, body, deciding)
        return list(turns.values())

    def _contributions(self) -> dict[int, tuple[Any, ...]]:
        """Occurrence → who else was asked to contribute to it, and whether their part is done."""
        found: dict[int, tuple[Any, ...]] = {}
        asked = Assignment.objects.standing().filter(
            part=Assignment.Part.CONTRIBUTOR, occurrence__in=self.candidates().order_by().values("pk")
        )
        for number, office, person, done_at in asked.order_by("pk").values_list(
            "occurrence", "office", "person", "done_at"
        ):
            found[number] = (*found.get(number, ()), (office, person, done_at is not None))
        return found

    def rows(self, numbers: list[int]) -> dict[int, Row]:
        """The rows of these occurrences; what is none of this person's business has none."""
        found = in_full(self.seen.filter(pk__in=numbers)) if numbers else []
        return {occurrence.pk: row for occurrence in found if (row := self.row(occurrence)) is not None}

    def candidates(self) -> QuerySet[Occurrence]:
        """Every open occurrence that may concern this person: by what they hold everywhere, and within a resolution by what
        they hold there."""
        mine = self._mine(self.standing.within(None))
        for resolution, part in self.standing.narrowed().items():
            mine |= Q(resolution=resolution) & self._mine(part)
        return queries.still_open(self.seen).filter(mine)

    def _mine(self, part: access.Standing) -> Q:
        """What may concern somebody who may act so."""
        offices = [seat.office for seat in part.seats]

        def bodies(*roles: str) -> list[int]:
            return [seat.office.body_id for seat in part.seats if seat.office.role in roles]

        secretariat = bodies(Role.SECRETARY)
        chaired = [body for body, role in self.roster.offices if role == Role.CHAIR]
        below = Q(obligation__responsible__in=secretariat) | Q(obligation__responsible__parent__in=secretariat)
        below |= Q(obligation__responsible__parent__parent__in=secretariat)
        to_assign = Q(obligation__responsible__in=bodies(Role.CHAIR))
        to_assign |= below & ~Q(obligation__responsible__in=chaired)
        to_endorse = Q(obligation__endorser__in=offices)
        to_endorse |= Q(obligation__endorser__body__in=bodies(Role.VICE_CHAIR))
        to_close = (Q(body__in=secretariat) | below) & (Q(session=None) | Q(session__opens__lte=self.now.date()))
        people = [self.person, *(one.principal for one in part.stand_ins)]
        standing = Assignment.objects.standing()
        leads = standing.filter(part=Assignment.Part.LEAD)
        asked = standing.filter(Q(person__in=people) | Q(office__in=offices))
        asked_by_me = leads.filter(assigned_by=self.person)
        gone = {person for person, _family in self.roster.leavers.gone}
        left = leads.filter(Q(person__in=gone) | Q(person__is_active=False))
        to_validate = leads.filter(office__validator__in=offices)
        return (
            Q(pk__in=asked.values("occurrence"))
            | Q(status=Status.PLANNED) & to_assign
            | Q(status__in=[Status.ASSIGNED, Status.IN_PROGRESS], pk__in=left.values("occurrence")) & to_assign
            | Q(status=Status.ASSIGNED, pk__in=asked_by_me.values("occurrence"))
            | Q(asked_due_on__isnull=False) & to_assign
            | Q(status=Status.SUBMITTED) & to_endorse
            | Q(status=Status.SUBMITTED, needs_validation=True, pk__in=to_validate.values("occurrence"))
            | Q(status=Status.ENDORSED) & to_close
        )

    def row(self, occurrence: Occurrence) -> Row | None:
        """The row of an occurrence, or None where it is none of this person's business."""
        today = day_in(self.now, occurrence.body)
        standing: list[Assignment] = occurrence.standing  # type: ignore[attr-defined]  # prefetched by with_facts
        lead = next((a for a in standing if a.part == Assignment.Part.LEAD), None)
        ball = self.roster.ball(occurrence, lead=lead, submitters=_submitters(occurrence))
        part = self._part(occurrence, standing)

        def made(reason: str, step: str = "", waiting_on: Ball | None = None) -> Row:
            return Row(occurrence, queries.mark(occurrence, today), reason, step, today, waiting_on)

        if self.person in ball.people and self._is_the_moment(occurrence, today):
            return made(self._why(occurrence, ball, lead), self._next(occurrence, ball))
        if occurrence.asked_due_on and self.person in (granter := self.roster.granter(occurrence)).people:
            asked_for = _("a new date is asked for: %(day)s") % {"day": day_in_words(occurrence.asked_due_on)}
            return made(self._as(granter.office, occurrence, asked_for), "grant_new_date")
        if part is not None and part.part == Assignment.Part.CONTRIBUTOR:
            return made(*self._contributes(occurrence, part, ball))
        if part is not None:
            return made(self._for(part, occurrence, _("you lead this")), "", ball)
        if occurrence.status == Status.ASSIGNED and lead and lead.assigned_by_id == self.person.pk:
            return made(_("you assigned this"), "", ball)
        return None

    def _next(self, occurrence: Occurrence, ball: Ball) -> str:
        """The step that who has the ball owes."""
        if occurrence.status in {Status.ASSIGNED, Status.IN_PROGRESS} and ball.capacity != access.LEAD:
            return "reassign"
        return next_step(occurrence) or "record_activity"

    def _contributes(self, occurrence: Occurrence, part: Assignment, ball: Ball) -> tuple[str, str, Ball | None]:
        """Reason, step and whom they wait for, of a row of somebody who contributes."""
        if part.done_at is not None:
            return self._for(part, occurrence, _("you contributed: your part is done")), "", ball
        reason = self._for(part, occurrence, _("you contribute"))
        if occurrence.status == Status.IN_PROGRESS:
            return reason, "finish_part", None
        return (reason, "record_activity", None) if occurrence.status == Status.ASSIGNED else (reason, "", ball)

    def _is_the_moment(self, occurrence: Occurrence, today: date) -> bool:
        """A decision can close a report only once the session that takes it has opened."""
        session = occurrence.session
        if occurrence.status != Status.ENDORSED or session is None:
            return True
        return session.opens is not None and session.opens <= today and session.state not in _NOT_HELD

    def _part(self, occurrence: Occurrence, standing: Iterable[Assignment]) -> Assignment | None:
        """This person's own assignment, in person or by an office, or as a stand-in; leading before contributing,
        what is not done first."""
        here = self.standing.within(occurrence.resolution_id)
        offices = {seat.office.pk for seat in here.seats}
        people = {self.person.pk, *(one.principal.pk for one in here.stand_ins)}
        mine = [a for a in standing if a.person_id in people or a.office_id in offices]
        mine.sort(key=lambda one: (one.part != Assignment.Part.LEAD, one.done_at is not None, one.pk))
        return mine[0] if mine else None

    def _why(self, occurrence: Occurrence, ball: Ball, lead: Assignment | None) -> str:
        responsible = occurrence.obligation.responsible
        match occurrence.status:
            case Status.PLANNED if ball.capacity == access.CHAIR:
                reason = _("assign it: you chair %(body)s") % {"body": responsible}
            case Status.PLANNED:
                reason = _("assign it: %(body)s has no chair") % {"body": responsible}
            case Status.SUBMITTED if (
                ball.capacity == access.VALIDATOR and ball.office != occurrence.obligation.endorser
            ):
                reason = _("you validate, before it goes to the endorser")
            case Status.SUBMITTED if ball.capacity == access.VALIDATOR:
                reason = _("you validate and endorse: nobody else can validate")
            case Status.IN_PROGRESS if occurrence.parts_open and ball.capacity == access.LEAD:
                waits = ngettext(
                    "you lead this; %(count)s contribution is not done",
                    "you lead this; %(count)s contributions are not done",
                    occurrence.parts_open,
                )
                return self._for(lead, occurrence, waits % {"count": occurrence.parts_open})
            case Status.SUBMITTED if ball.office and ball.office.pk != occurrence.obligation.endorser_id:
                reason = _("you endorse: the endorser handed it in")
            case Status.SUBMITTED:
                reason = _("you endorse")
            case Status.ENDORSED:
                reason = _("a decision can close it")
            case _status if ball.capacity != access.LEAD and lead:
                reason = _("assigned to somebody who has left: %(name)s") % {"name": lead.assignee}
            case _status:
                return self._for(lead, occurrence, _("you lead this"))
        return self._as(ball.office, occurrence, reason)

    def _for(self, part: Assignment | None, occurrence: Occurrence, reason: str) -> str:
        """A reason that follows from an assignment, naming the person acted for."""
        if part is None or part.office is not None or part.person_id == self.person.pk:
            return self._as(part.office if part else None, occurrence, reason)
        return _("%(reason)s, as substitute for %(name)s") % {"reason": reason, "name": part.person}

    def _as(self, office: Office | None, occurrence: Occurrence, reason: str) -> str:
        """A reason, naming the person acted for where the office is held as an alternate or a substitute."""
        if office is None:
            return reason
        here = self.standing.within(occurrence.resolution_id).seats
        for_whom = [seat.acting_for for seat in here if seat.office.pk == office.pk]
        if not for_whom or None in for_whom:
            return reason
        return _("%(reason)s, as substitute for %(name)s") % {"reason": reason, "name": for_whom[0]}


_NOT_HELD = {State.POSTPONED, State.CANCELLED}


def _submitters(occurrence: Any) -> set[int | None]:
    return {number for report in occurrence.handed_in for number in (report.submitted_by_id, report.acting_for_id)}
