"""Who has the ball: the people whose move it is on an occurrence. Inbox, board, item page and reminders share the answer.

| status | whose move | who that is |
|---|---|---|
| planned | to assign | the chair of the responsible body, else the secretary nearest to it |
| assigned, in progress | to accept, to submit | the lead; who assigns, where the person asked has left |
| submitted, awaiting validation | to validate | the validator of the lead's office; the endorser where nobody there can |
| submitted | to endorse | the endorser; the vice-chair where the endorser handed it in |
| endorsed | to close | the secretary of the body |
| closed, waived, superseded | none | nobody |
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from tracker.access import CHAIR, ENDORSER, LEAD, SECRETARY, VALIDATOR, VICE_CHAIR, Leavers
from tracker.models import Assignment, Body, Occurrence, Office, Person, Report, Substitution, Term
from workflows.machines import Status


class Ball(NamedTuple):
    """In which capacity the move is owed ("" when nobody owes one), by which office where it is one, and by whom: its
    holder first, then those who stand in for the holder. No people: nobody can act in that office on the day."""

    capacity: str = ""
    office: Office | None = None
    people: tuple[Person, ...] = ()


class Told(NamedTuple):
    """Who is written to, and the holder in whose place they are (None: nobody is passed over)."""

    people: tuple[Person, ...] = ()
    instead_of: Person | None = None


@dataclass
class Roster:
    """Who holds and who stands in for which office on a day, and who has left, read once for any number of questions.

    A substitution for one resolution counts only where somebody asks `within` that one."""

    day: date
    holders: dict[int, Person] = field(default_factory=dict)
    alternates: dict[int, list[Person]] = field(default_factory=dict)
    substitutions: dict[int, list[Substitution]] = field(default_factory=dict)
    offices: dict[tuple[int, str], list[Office]] = field(default_factory=dict)
    manned: dict[int, Office] = field(default_factory=dict)
    leavers: Leavers = field(default_factory=Leavers)

    @classmethod
    def on(cls, day: date, bodies: Iterable[int] | None = None) -> "Roster":
        """The roster of a day, of all offices or of those of some bodies. Two queries."""
        roster = cls(day)
        terms = Term.objects.select_related("office__body__parent__parent", "person").latest_first()
        standing_in = Substitution.objects.filter(
            begins__lte=day, ends__gte=day, principal__is_active=True, substitute__is_active=True
        ).select_related("substitute", "principal")
        if bodies is not None:
            bodies = list(bodies)
            terms = terms.filter(office__body__in=bodies)
            standing_in = standing_in.filter(Q(office=None) | Q(office__body__in=bodies))
        every = list(terms)
        roster.leavers = Leavers.among(every, day)
        running = [term for term in every if term.person.is_active and term.runs(day)]
        for part in (Term.Part.HOLDER, Term.Part.ALTERNATE):  # an office with a holder comes before one without
            for term in running:
                if term.part == part:
                    roster._seat(term)
        for stand_in in standing_in.order_by("pk"):
            roster.substitutions.setdefault(stand_in.principal_id, []).append(stand_in)
        return roster

    def _seat(self, term: Term) -> None:
        office = term.office
        if term.part == Term.Part.HOLDER:
            self.holders.setdefault(office.pk, term.person)
        else:
            self.alternates.setdefault(office.pk, []).append(term.person)
        if office.pk not in self.manned:
            self.manned[office.pk] = office
            self.offices.setdefault((office.body_id, office.role), []).append(office)

    def holder(self, office: Office) -> Person | None:
        """Who holds an office; None: no one holds it, even where an alternate acts for the time being."""
        return self.holders.get(office.pk)

    def people(self, office: Office, within: int | None = None) -> tuple[Person, ...]:
        """The holder of an office, then its alternates, then the holder's substitutes; nobody where no term runs."""
        holder = self.holders.get(office.pk)
        found = [holder] if holder else []
        found += [one for one in self.alternates.get(office.pk, ()) if one != holder]
        if holder:
            found += self._substitutes(holder, (None, office.pk), within, found)
        return tuple(found)

    def person(self, asked: Person, within: int | None = None) -> tuple[Person, ...]:
        """Somebody asked in person, then those who act for them in everything; nobody where they have left."""
        if not asked.is_active:
            return ()
        return (asked, *self._substitutes(asked, (None,), within, [asked]))

    def told(self, office: Office | None, people: Iterable[Person], within: int | None = None) -> "Told":
        """Who of an office's people (or of a person asked and who acts for them) is written to, so that one move is asked
        for once: its holder; while somebody stands in for the holder, they instead; the alternates only where nobody
        holds it."""
        people = tuple(people)
        holder = self.holders.get(office.pk) if office else next(iter(people), None)
        if holder is None or holder not in people:
            return Told(people)
        offices = (None, office.pk) if office else (None,)
        instead = tuple(one for one in self._substitutes(holder, offices, within, [holder]) if one in people)
        return Told(instead, holder) if instead else Told((holder,))

    def _substitutes(
        self, principal: Person, offices: tuple[int | None, ...], within: int | None, known: list[Person]
    ) -> list[Person]:
        found: list[Person] = []
        for one in self.substitutions.get(principal.pk, ()):
            holds = one.office_id in offices and one.resolution_id in (None, within)
            if holds and one.substitute not in (*known, *found):
                found.append(one.substitute)
        return found

    def asked(self, assignment: Assignment, within: int | None = None) -> tuple[Person, ...]:
        """Those who hold what was assigned: the office's people, or the person asked and who acts for them."""
        if assignment.office:
            return self.people(assignment.office, within)
        return self.person(assignment.person, within) if assignment.person else ()

    def has_left(self, assignment: Assignment, body: Body) -> bool:
        """Whether somebody was asked in person who has left since: their account, or the last office that they had there."""
        return assignment.person is not None and self.leavers.has(assignment.person, body)

    def seated(self, body: Body, role: str) -> Office | None:
        """The office of a role in a body that somebody holds, or in which at least an alternate acts."""
        return next(iter(self.offices.get((body.pk, role), ())), None)

    def ball(self, occurrence: Occurrence, *, lead: Assignment | None, submitters: Iterable[int | None]) -> Ball:
        """Who has the ball, given the standing lead and the ids of who handed the standing report in, or had it done."""
        within = occurrence.resolution_id
        match occurrence.status:
            case Status.PLANNED:
                return self._assigner(occurrence)
            case Status.ASSIGNED | Status.IN_PROGRESS if lead and self.has_left(
                lead, occurrence.obligation.responsible
            ):
                return self._assigner(occurrence)
            case Status.ASSIGNED | Status.IN_PROGRESS if lead:
                return Ball(LEAD, lead.office, self.asked(lead, within))
            case Status.ASSIGNED | Status.IN_PROGRESS:
                return Ball(LEAD)
            case Status.SUBMITTED if occurrence.needs_validation:
                return self._validator(occurrence, lead, set(submitters) - {None})
            case Status.SUBMITTED:
                return self._endorser(occurrence.obligation.endorser, set(submitters) - {None}, within)
            case Status.ENDORSED:
                return self._secretary([occurrence.body, *occurrence.obligation.responsible.lineage()], within)
        return Ball()

    def granter(self, occurrence: Occurrence) -> Ball:
        """Who answers when a new date is asked for: whoever would assign it."""
        return self._assigner(occurrence)

    def secretariat(self, occurrence: Occurrence) -> Ball:
        """The secretary nearest to the responsible body, of its own or of a body above it."""
        return self._secretary(occurrence.obligation.responsible.lineage(), occurrence.resolution_id)

    def _assigner(self, occurrence: Occurrence) -> Ball:
        responsible, within = occurrence.obligation.responsible, occurrence.resolution_id
        if chair := self.seated(responsible, CHAIR):
            return Ball(CHAIR, chair, self.people(chair, within))
        return self._secretary(responsible.lineage(), within)

    def _validator(self, occurrence: Occurrence, lead: Assignment | None, submitters: set[int | None]) -> Ball:
        """The validator of the lead's office; the endorser, to validate and then to endorse, where nobody there can."""
        within = occurrence.resolution_id
        validator = self.manned.get(lead.office.validator_id or 0) if lead and lead.office else None
        people = self.people(validator, within) if validator else ()
        if free := tuple(person for person in people if person.pk not in submitters):
            return Ball(VALIDATOR, validator, free)
        return self._endorser(occurrence.obligation.endorser, submitters, within)._replace(capacity=VALIDATOR)

    def _endorser(self, endorser: Office, submitters: set[int | None], within: int | None) -> Ball:
        people = self.people(endorser, within)
        free = tuple(person for person in people if person.pk not in submitters)
        if not people or people[0].pk not in submitters:
            return Ball(ENDORSER, endorser, free)
        vice_chair = self.seated(endorser.body, VICE_CHAIR)
        others = tuple(p for p in self.people(vice_chair, within) if p.pk not in submitters) if vice_chair else ()
        return Ball(ENDORSER, vice_chair if others else endorser, (*others, *(p for p in free if p not in others)))

    def _secretary(self, bodies: Iterable[Body], within: int | None) -> Ball:
        for body in bodies:
            if office := self.seated(body, SECRETARY):
                return Ball(SECRETARY, office, self.people(office, within))
        return Ball(SECRETARY)


def ball_holders(occurrence: Occurrence, day: date) -> Ball:
    """Who has the ball on a day of the body's calendar, as (capacity, office or None, people)."""
    lead = (
        occurrence.assignments.standing().filter(part=Assignment.Part.LEAD).select_related("office", "person").first()
    )
    report = occurrence.reports.filter(state=Report.State.SUBMITTED).first()
    submitters = (report.submitted_by_id, report.acting_for_id) if report else ()
    return Roster.on(day).ball(occurrence, lead=lead, submitters=submitters)
