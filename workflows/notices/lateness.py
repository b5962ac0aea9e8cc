"""What is late, and whose it is: what a person's mail of the day goes on listing until it is discharged.

Asked of the database as a few columns and decided by the roster, for any number of people at once; only what a mail
names is read in full.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import F, FilteredRelation, Q

from tracker import clock
from tracker.access import CHAIR
from tracker.ball import Roster
from tracker.models import Assignment, Body, Occurrence, Office, Person
from workflows.machines import UNDISCHARGED


class LateOne(NamedTuple):
    """A late turn: the earliest due come first."""

    due_on: date
    pk: int
    responsible: int


@dataclass
class Late:
    """Who owes what that is late, on the day of a roster."""

    roster: Roster
    by_person: dict[int, list[LateOne]] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)

    def of(self, person: Person, also: Iterable[int] = ()) -> list[LateOne]:
        """What a person owes that is late, oldest first. `also` are people who will be asked for next: all are read together."""
        if person.pk not in self.read:
            people = {person.pk, *also} - self.read
            self.read |= people
            self._read(people)
        return self.by_person.get(person.pk, [])

    def _read(self, people: set[int]) -> None:
        offices = [office for office in self.roster.manned.values() if people & _keys(self.roster.people(office))]
        principals = people | {
            principal
            for principal, all_ in self.roster.substitutions.items()
            if people & {s.substitute_id for s in all_}
        }
        bodies = [body for body in Body.objects.select_related("parent__parent__parent") if self._assigns(body, people)]
        gone = {person for person, _family in self.roster.leavers.gone}
        lead = Q(assignments__part=Assignment.Part.LEAD, assignments__ended_at=None)
        mine = Q(lead__person__in=principals) | Q(lead__office__in=[office.pk for office in offices])
        to_assign = Q(lead=None) | Q(lead__person__in=gone) | Q(lead__person__is_active=False)
        found = (
            Occurrence.objects.filter(status__in=UNDISCHARGED, due_on__lte=clock.today() + timedelta(days=1))
            .alias(lead=FilteredRelation("assignments", condition=lead))
            .filter(mine | Q(obligation__responsible__in=bodies) & to_assign)
            .annotate(lead_office=F("lead__office"), lead_person=F("lead__person"))
            .values_list(
                "due_on",
                "pk",
                "resolution",
                "obligation__responsible",
                "lead_office",
                "lead_person",
                "body__time_zone",
            )
        )
        known_people = Person.objects.in_bulk(principals)
        known_bodies = {body.pk: body for body in bodies}
        today: dict[str, date] = {}
        for due_on, pk, within, responsible, office, asked, zone in found.order_by("due_on", "pk"):
            if zone not in today:
                today[zone] = clock.today(zone)
            if due_on is None or due_on >= today[zone]:
                continue
            holders = self._holders(office, known_people.get(asked or 0), known_bodies.get(responsible), within)
            for holder in {one.pk for one in holders} & people:
                self.by_person.setdefault(holder, []).append(LateOne(due_on, pk, responsible))

    def _holders(
        self, office: int | None, asked: Person | None, responsible: Body | None, within: int | None
    ) -> tuple[Person, ...]:
        """Who is written to about a late turn: its lead, else whoever assigns it."""
        if office is not None:
            held = self.roster.manned.get(office)
            return self.roster.told(held, self.roster.people(held, within), within).people if held else ()
        if asked is not None and not (responsible and self.roster.leavers.has(asked, responsible)):
            return self.roster.told(None, self.roster.person(asked, within), within).people
        assigner = self._assigner(responsible) if responsible else None
        return self.roster.told(assigner, self.roster.people(assigner, within), within).people if assigner else ()

    def _assigner(self, body: Body) -> Office | None:
        chair = self.roster.seated(body, CHAIR)
        secretaries = (self.roster.seated(one, "secretary") for one in body.lineage())
        return chair or next(filter(None, secretaries), None)

    def _assigns(self, body: Body, people: set[int]) -> bool:
        office = self._assigner(body)
        return bool(office and people & _keys(self.roster.people(office)))


def _keys(people: Iterable[Person]) -> set[int]:
    return {one.pk for one in people}
