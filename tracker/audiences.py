"""Whom a rung of a ladder speaks to, as things stand on a day. The ledger names them ahead; who is told is asked on the day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from tracker import ladders
from tracker.ball import Ball, Roster, Told
from tracker.models import Assignment, Body, Obligation, Occurrence, Office, Person, Report, Session

Part = Assignment.Part
ASKED = ("occurrence", "part", "office", "person", "assigned_at", "done_at", "ended_at")


@dataclass
class Shared:
    """What turns share, each thing read once for any number of them: their bodies and those above, their duties and sessions, and
    the offices and people who were asked."""

    bodies: dict[int, Body] = field(default_factory=dict)
    duties: dict[int, Obligation] = field(default_factory=dict)
    sessions: dict[int, Session] = field(default_factory=dict)
    offices: dict[int, Office] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)

    def give(self, turns: list[Occurrence]) -> None:
        """Give turns all that the questions below ask of them: three queries, and one for each kind of thing that is new."""
        by_key = {turn.pk: turn for turn in turns}
        standing = list(Assignment.objects.filter(occurrence__in=by_key, ended_at=None).only(*ASKED))
        handed_in = Report.objects.filter(occurrence__in=by_key, state=Report.State.SUBMITTED).defer("text")
        duties = _read(self.duties, Obligation, (turn.obligation_id for turn in turns))
        asked = (one.office_id for one in standing)
        offices = _read(self.offices, Office, [*asked, *(duty.endorser_id for duty in duties)])
        _read(self.people, Person, (one.person_id for one in standing))
        _read(self.sessions, Session, (turn.session_id for turn in turns))
        self._read_bodies([*(one.body_id for one in [*turns, *offices]), *(duty.responsible_id for duty in duties)])
        for office in offices:
            office.body = self.bodies[office.body_id]
        for duty in duties:
            duty.responsible, duty.endorser = self.bodies[duty.responsible_id], self.offices[duty.endorser_id]
        for turn in turns:
            turn.obligation, turn.body = self.duties[turn.obligation_id], self.bodies[turn.body_id]
            turn.session = self.sessions[turn.session_id] if turn.session_id else None
            vars(turn).update(standing=[], handed_in=[])
        for one in standing:
            one.office = self.offices[one.office_id] if one.office_id else None
            one.person = self.people[one.person_id] if one.person_id else None
            vars(by_key[one.occurrence_id])["standing"].append(one)
        for report in handed_in:
            vars(by_key[report.occurrence_id])["handed_in"].append(report)

    def _read_bodies(self, keys: list[int | None]) -> None:
        """With those above them, so that a lineage asks for nothing more."""
        every: list[Body] = []
        while fresh := _read(self.bodies, Body, keys):
            every += fresh
            keys = [body.parent_id for body in fresh]
        for body in every:
            body.parent = self.bodies[body.parent_id] if body.parent_id else None


def _read(known: dict[int, Any], model: type[Model], keys: Iterable[int | None]) -> list[Any]:
    """Read what is not known yet, and return it."""
    if not (missing := set(keys) - known.keys() - {None}):
        return []
    fresh = model._default_manager.in_bulk(missing)
    known |= fresh
    return list(fresh.values())


def told(audience: str, occurrence: Occurrence, roster: Roster) -> tuple[Person, ...]:
    """Those of an audience on the roster's day."""
    return whom(audience, occurrence, roster).people


def whom(audience: str, occurrence: Occurrence, roster: Roster) -> Told:
    """The same, and the holder in whose place they are. One holder is one person: while a substitution runs for them their
    substitutes are told instead; alternates are where nobody holds the office, or where a rung is for them."""
    within = occurrence.resolution_id
    match audience:
        case ladders.CONTRIBUTORS:
            parts = [one for one in standing(occurrence) if one.part == Part.CONTRIBUTOR and one.done_at is None]
            found = (roster.told(one.office, roster.asked(one, within), within).people for one in parts)
            return Told(tuple(dict.fromkeys(person for people in found for person in people)))
        case ladders.CHAIR:
            chair = roster.seated(occurrence.obligation.responsible, "chair")
            return roster.told(chair, roster.people(chair, within), within) if chair else Told()
        case ladders.SECRETARIAT:
            ball = roster.secretariat(occurrence)
        case ladders.ALTERNATE:
            ball = ball_of(occurrence, roster)
            acting = roster.alternates.get(ball.office.pk, []) if ball.office else []
            return Told(tuple(person for person in ball.people if person in acting))
        case _:
            ball = ball_of(occurrence, roster)
    return roster.told(ball.office, ball.people, within)


def ball_of(occurrence: Occurrence, roster: Roster) -> Ball:
    """Who has the ball, from what was loaded with the turn: by `Shared`, or its `assignments` and `reports`."""
    lead = next((one for one in standing(occurrence) if one.part == Part.LEAD), None)
    handed_in = vars(occurrence).get("handed_in")
    handed_in = occurrence.reports.all() if handed_in is None else handed_in
    report = next((one for one in handed_in if one.state == Report.State.SUBMITTED), None)
    submitters = (report.submitted_by_id, report.acting_for_id) if report else ()
    return roster.ball(occurrence, lead=lead, submitters=submitters)


def standing(occurrence: Occurrence) -> list[Assignment]:
    """Those asked, as loaded with the turn."""
    if (given := vars(occurrence).get("standing")) is not None:
        return list(given)
    return [one for one in occurrence.assignments.all() if one.ended_at is None]
