"""In which offices somebody acts on a day, and for whom: by a term, as an alternate, as a substitute.

A substitution may be for one resolution only: what it gives holds within that resolution and nowhere else. So nothing here
hands out a narrowed seat unless it is asked for within a resolution.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from tracker import clock
from tracker.models import Body, Office, Person, Substitution, Term


@dataclass(frozen=True)
class Members:
    """Any member of a body, whoever it is: sees what every one of them sees, and nothing that only some do."""

    body: Body


Reader = Person | AnonymousUser | Members


@dataclass(frozen=True)
class Seat:
    """An office in which somebody acts on a day. `acting_for` is the holder for whom an alternate or a substitute acts,
    `resolution` the only one in which a substitute does (None: any)."""

    office: Office
    acting_for: Person | None = None
    resolution: int | None = None


@dataclass(frozen=True)
class StandIn:
    """Somebody for whom a person acts in whatever they were asked for in person; within one resolution, or any (None)."""

    principal: Person
    resolution: int | None = None


@dataclass(frozen=True)
class Standing:
    """All that a person may act as on a day."""

    seats: tuple[Seat, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()

    def within(self, resolution: int | None) -> "Standing":
        """What holds within a resolution; None: what holds everywhere, so nothing that is for one resolution only."""
        return Standing(
            tuple(one for one in self.seats if one.resolution in (None, resolution)),
            tuple(one for one in self.stand_ins if one.resolution in (None, resolution)),
        )

    def narrowed(self) -> dict[int, "Standing"]:
        """By resolution, what holds within that one only."""
        named = [one.resolution for one in self.seats] + [one.resolution for one in self.stand_ins]
        return {
            pk: Standing(
                tuple(one for one in self.seats if one.resolution == pk),
                tuple(one for one in self.stand_ins if one.resolution == pk),
            )
            for pk in sorted({one for one in named if one is not None})
        }


_asked: ContextVar[dict[tuple[int, date], Standing] | None] = ContextVar("resolves_standing_asked", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Within this block it is asked once for each person and day what they act as: for many acts in one transaction, of
    which none changes who holds what."""
    token = _asked.set({})
    try:
        yield
    finally:
        _asked.reset(token)


def standing(person: Reader, day: date | None = None) -> Standing:
    """The offices in which a person acts on a day (today in UTC unless given), and those for whom they act in person.
    Their own come first. Two queries, and a third where they act for anybody."""
    if not isinstance(person, Person) or not person.is_active:
        return Standing()
    day, asked = day or clock.today(), _asked.get()
    if asked is None:
        return _standing(person, day)
    if (person.pk, day) not in asked:
        asked[person.pk, day] = _standing(person, day)
    return asked[person.pk, day]


def ask_together(people: Iterable[Person], day: date) -> None:
    """Within `asked_once`: read at once what each of these people acts as on a day. Three queries."""
    asked = _asked.get()
    assert asked is not None  # noqa: S101  (else it would be for nothing)
    fresh = [person for person in people if person.is_active and (person.pk, day) not in asked]
    asked |= {(pk, day): found for pk, found in _standings(fresh, day).items()}


def _standing(person: Person, day: date) -> Standing:
    return _standings([person], day)[person.pk]


def _standings(people: Iterable[Person], day: date) -> dict[int, Standing]:
    """What each of some people acts as on a day."""
    by_key = {person.pk: person for person in people}
    if not by_key:
        return {}
    held: dict[int, list[Term]] = {pk: [] for pk in by_key}
    for term in Term.objects.running(day).filter(person__in=by_key).select_related("office__body__parent"):
        held[term.person_id].append(term)
    given: dict[int, list[Substitution]] = {pk: [] for pk in by_key}
    standing_in = Substitution.objects.filter(
        substitute__in=by_key, principal__is_active=True, begins__lte=day, ends__gte=day
    )
    for one in standing_in.select_related("principal").order_by("pk"):
        given[one.substitute_id].append(one)
    others = _held_by_others(
        [term for terms in held.values() for term in terms if term.part == Term.Part.ALTERNATE],
        [one for found in given.values() for one in found],
        day,
    )
    return {pk: _put_together(person, held[pk], given[pk], others) for pk, person in by_key.items()}


def _put_together(person: Person, held: list[Term], given: list[Substitution], others: list[Term]) -> Standing:
    """`others` are the terms of holders, those that concern this person among them."""
    holders = {term.office_id: term.person for term in reversed(others)}
    seats = [Seat(term.office) for term in held if term.part == Term.Part.HOLDER]
    for term in held:
        if term.part == Term.Part.ALTERNATE:
            holder = holders.get(term.office_id)
            seats.append(Seat(term.office, None if holder == person else holder))
    for one in given:
        seats += [
            Seat(term.office, one.principal, one.resolution_id)
            for term in others
            if term.person_id == one.principal_id and one.office_id in (None, term.office_id)
        ]
    return Standing(
        tuple(seats), tuple(StandIn(one.principal, one.resolution_id) for one in given if one.office_id is None)
    )


def _held_by_others(beside: list[Term], given: list[Substitution], day: date) -> list[Term]:
    """The terms of the holders of offices in which somebody is an alternate, and of those for whom somebody substitutes."""
    if not (beside or given):
        return []
    wanted = Q(office__in={term.office_id for term in beside}) | Q(person__in={one.principal_id for one in given})
    found = Term.objects.running(day).holding().filter(wanted)
    return list(found.select_related("office__body__parent", "person"))


def seats(person: Reader, day: date | None = None, *, within: int | None = None) -> list[Seat]:
    """The offices in which a person may act on a day (today in UTC unless given): everywhere, or within a resolution."""
    return list(standing(person, day).within(within).seats)


def acting_in(office: int, day: date, *, within: int | None = None) -> set[int]:
    """The ids of everybody who may act in an office on a day: holder, alternates, substitutes."""
    terms = Term.objects.running(day).filter(office=office)
    found = {term.person_id for term in terms}
    holders = {term.person_id for term in terms if term.part == Term.Part.HOLDER}
    given = Substitution.objects.filter(
        Q(office=None) | Q(office=office),
        Q(resolution=None) | Q(resolution=within),
        principal__in=holders,
        substitute__is_active=True,
        begins__lte=day,
        ends__gte=day,
    )
    return found | set(given.values_list("substitute", flat=True))


# Who has left ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leavers:
    """Who held an office in a family of bodies (a body, those under it and those above it) and holds none there any more,
    nor will: as pairs of person and uppermost body."""

    gone: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def among(cls, terms: Iterable[Term], day: date) -> "Leavers":
        """Read from every term that there is."""
        over: set[tuple[int, int]] = set()
        stands: set[tuple[int, int]] = set()
        for term in terms:
            place = (term.person_id, uppermost(term.office.body))
            (over if term.ends and term.ends < day else stands).add(place)
        return cls(frozenset(over - stands))

    def has(self, person: Person, body: Body) -> bool:
        """Whether somebody has left the family of a body, or altogether."""
        return not person.is_active or (person.pk, uppermost(body)) in self.gone


def leavers(day: date) -> Leavers:
    """Who has left by a day. One query."""
    return Leavers.among(Term.objects.select_related("office__body__parent__parent"), day)


def uppermost(body: Body) -> int:
    """The body at the top of a body's lineage."""
    return body.lineage()[-1].pk
