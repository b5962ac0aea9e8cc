"""Who has the ball: the people whose move it is on an occurrence. Inbox, board, item page and reminders share the answer.

| status | whose move | who that is |
|---|---|---|
| planned | to assign | the chair of the responsible body, else the secretary nearest to it |
| assigned, in progress | to accept, to submit | the lead |
| submitted, to be validated | to validate | the validator of the lead's office |
| submitted | to endorse | the endorser; the vice-chair where the endorser handed it in |
| endorsed | to close | the secretary of the body |
| closed, waived, superseded | none | nobody |
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tracker.access import CHAIR, ENDORSER, LEAD, SECRETARY, VALIDATOR, VICE_CHAIR
from tracker.models import Assignment, Body, Occurrence, Office, Person, Report, Substitution, Term
from workflows.machines import Status


class Ball(NamedTuple):
    """In which capacity the move is owed ("" when nobody owes one), by which office where it is one, and by whom: its
    holder first, then those who stand in for the holder. No people: nobody holds that office on the day."""

    capacity: str = ""
    office: Office | None = None
    people: tuple[Person, ...] = ()


@dataclass
class Roster:
    """Who holds and who stands in for which office on a day, read once for any number of questions."""

    day: date
    held: dict[int, list[Person]] = field(default_factory=dict)
    offices: dict[tuple[int, str], list[Office]] = field(default_factory=dict)

    @classmethod
    def on(cls, day: date, bodies: Iterable[int] | None = None) -> "Roster":
        """The roster of a day, of all offices or of those of some bodies. Two queries."""
        roster = cls(day)
        terms = Term.objects.running(day).select_related("office__body", "person")
        standing_in = Substitution.objects.filter(
            begins__lte=day, ends__gte=day, principal__is_active=True, substitute__is_active=True
        ).select_related("substitute", "principal")
        if bodies is not None:
            bodies = list(bodies)
            terms, standing_in = terms.filter(office__body__in=bodies), standing_in.filter(office__body__in=bodies)
        for term in terms:
            if term.office_id not in roster.held:
                roster.held[term.office_id] = [term.person]
                roster.offices.setdefault((term.office.body_id, term.office.role), []).append(term.office)
        for stand_in in standing_in:
            people = roster.held.get(stand_in.office_id)
            if people and people[0] == stand_in.principal and stand_in.substitute not in people:
                people.append(stand_in.substitute)
        return roster

    def people(self, office: Office) -> tuple[Person, ...]:
        """The holder of an office, then the holder's substitutes; nobody where no term runs."""
        return tuple(self.held.get(office.pk, ()))

    def seated(self, body: Body, role: str) -> Office | None:
        """The office of a role in a body that somebody holds."""
        return next(iter(self.offices.get((body.pk, role), ())), None)

    def ball(self, occurrence: Occurrence, *, lead: Assignment | None, submitters: Iterable[int | None]) -> Ball:
        """Who has the ball, given the standing lead and the ids of who handed the standing report in, or had it done."""
        match occurrence.status:
            case Status.PLANNED:
                return self._assigner(occurrence)
            case Status.ASSIGNED | Status.IN_PROGRESS if lead and lead.office:
                return Ball(LEAD, lead.office, self.people(lead.office))
            case Status.ASSIGNED | Status.IN_PROGRESS if lead and lead.person and lead.person.is_active:
                return Ball(LEAD, None, (lead.person,))
            case Status.ASSIGNED | Status.IN_PROGRESS:
                return Ball(LEAD)
            case Status.SUBMITTED if occurrence.needs_validation and lead and lead.office and lead.office.validator:
                return Ball(VALIDATOR, lead.office.validator, self.people(lead.office.validator))
            case Status.SUBMITTED:
                return self._endorser(occurrence.obligation.endorser, set(submitters) - {None})
            case Status.ENDORSED:
                return self._secretary([occurrence.body, *occurrence.obligation.responsible.lineage()])
        return Ball()

    def granter(self, occurrence: Occurrence) -> Ball:
        """Who answers when a new date is asked for: whoever would assign it."""
        return self._assigner(occurrence)

    def _assigner(self, occurrence: Occurrence) -> Ball:
        responsible = occurrence.obligation.responsible
        if chair := self.seated(responsible, CHAIR):
            return Ball(CHAIR, chair, self.people(chair))
        return self._secretary(responsible.lineage())

    def _endorser(self, endorser: Office, submitters: set[int | None]) -> Ball:
        people = self.people(endorser)
        free = tuple(person for person in people if person.pk not in submitters)
        if not people or people[0].pk not in submitters:
            return Ball(ENDORSER, endorser, free)
        vice_chair = self.seated(endorser.body, VICE_CHAIR)
        others = tuple(p for p in self.people(vice_chair) if p.pk not in submitters) if vice_chair else ()
        return Ball(ENDORSER, vice_chair if others else endorser, (*others, *(p for p in free if p not in others)))

    def _secretary(self, bodies: Iterable[Body]) -> Ball:
        for body in bodies:
            if office := self.seated(body, SECRETARY):
                return Ball(SECRETARY, office, self.people(office))
        return Ball(SECRETARY)


def ball_holders(occurrence: Occurrence, day: date) -> Ball:
    """Who has the ball on a day of the body's calendar, as (capacity, office or None, people)."""
    lead = (
        occurrence.assignments.standing().filter(part=Assignment.Part.LEAD).select_related("office", "person").first()
    )
    report = occurrence.reports.filter(state=Report.State.SUBMITTED).first()
    submitters = (report.submitted_by_id, report.acting_for_id) if report else ()
    return Roster.on(day).ball(occurrence, lead=lead, submitters=submitters)
