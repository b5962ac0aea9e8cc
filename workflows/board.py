"""The chair's board as data: who leads what in which status, how that stood thirty days ago, how old it is.

The database counts, in a constant number of queries; the rows in hand are those of one page. How a cell stood is rebuilt from
the record: when a turn was entered, the events that moved its status or its day since, and who stood as its lead then.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker import access, queries
from tracker.marks import Mark
from tracker.models import Assignment, Body, Event, Occurrence, Office, Person, Term, legible
from workflows.machines import OPEN, UNDISCHARGED, Status

COLUMNS = [str(status) for status in OPEN]
NOBODY = "nobody"
OLD = 20
"""Days in one status after which its age is marked."""
BACK = timedelta(days=30)
LONGEST_KEY = 15
ORDERS: dict[str, tuple[Any, ...]] = {
    "age": ("status_since", "reference"),
    "due": (F("due_on").asc(nulls_last=True), "reference"),
}


@dataclass(frozen=True)
class Row:
    """An open occurrence on the board: with whom, since when, and whether it can be chosen."""

    occurrence: Occurrence
    mark: Mark
    who: str
    name: str
    holder: str
    vacant: bool
    age: int

    @property
    def old(self) -> bool:
        return self.age > OLD

    @property
    def choosable(self) -> bool:
        return self.occurrence.status != Status.ENDORSED


@dataclass(frozen=True)
class Cell:
    """A number of the matrix, and what it was thirty days ago."""

    count: int
    then: int

    @property
    def change(self) -> int:
        return self.count - self.then

    @property
    def words(self) -> str:
        """Such as "2 more", "1 fewer"; empty where nothing changed."""
        if self.change > 0:
            return ngettext("%(n)s more", "%(n)s more", self.change) % {"n": self.change}
        if self.change < 0:
            return ngettext("%(n)s fewer", "%(n)s fewer", -self.change) % {"n": -self.change}
        return ""


@dataclass
class Line:
    """A line of the matrix: somebody's numbers by status, now and thirty days ago, and how many of them are past due."""

    who: str = ""
    name: str = ""
    holder: str = ""
    vacant: bool = False
    now: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    then: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    late_now: int = 0
    late_then: int = 0

    @property
    def cells(self) -> list[tuple[str, str, Cell]]:
        return [(status, str(Status(status).label), Cell(self.now[status], self.then[status])) for status in COLUMNS]

    @property
    def total(self) -> Cell:
        return Cell(sum(self.now.values()), sum(self.then.values()))

    @property
    def late(self) -> Cell:
        return Cell(self.late_now, self.late_then)

    def add(self, other: "Line") -> None:
        """Add somebody's numbers to a sum."""
        for status in COLUMNS:
            self.now[status] += other.now[status]
            self.then[status] += other.then[status]
        self.late_now += other.late_now
        self.late_then += other.late_then


@dataclass(frozen=True)
class Age:
    """How long the open occurrences of a status have been in it: half of them so many days or more, one the longest."""

    median: int
    oldest: int

    @property
    def old(self) -> bool:
        return self.oldest > OLD


@dataclass(frozen=True)
class Matrix:
    """People × status with sums; nobody's line first, then those of offices that no one holds."""

    lines: list[Line]
    sum: Line
    ages: list[Age | None]

    @property
    def unassigned(self) -> int:
        """How many nobody leads and somebody should."""
        return sum(line.now[Status.PLANNED] for line in self.lines if line.who == NOBODY)

    @property
    def vacant(self) -> int:
        """How many are led by an office that no one holds."""
        return sum(line.now[status] for line in self.lines if line.vacant for status in UNDISCHARGED)

    @property
    def compared(self) -> bool:
        """Whether anything was on record here thirty days ago, so that a difference says something."""
        return self.sum.total.then > 0


@dataclass(frozen=True)
class Desk:
    """The board of one group for one person, at one moment."""

    person: Person
    group: Body
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.group.time_zone)).date()

    @cached_property
    def seen(self) -> QuerySet[Occurrence]:
        """Every occurrence of the group that the person may see."""
        return access.occurrences(self.person).filter(obligation__responsible=self.group)

    @property
    def turns(self) -> QuerySet[Any]:
        """The same with the standing lead as `lead`."""
        return _led(self.seen, Q(assignments__ended_at=None))

    @property
    def open(self) -> QuerySet[Any]:
        return queries.still_open(self.turns)

    def matrix(self) -> Matrix:
        """The table. Eight queries, whatever it holds."""
        past = Q(due_on__lt=self.today, status__in=UNDISCHARGED)
        counted = (
            self.open.order_by()
            .values("lead__office", "lead__person", "status")
            .annotate(number=Count("pk"), late=Count("pk", filter=past), since=Min("status_since"))
        )
        lines: dict[str, Line] = {}
        oldest: dict[str, datetime] = {}
        for row in counted:
            line = lines.setdefault(_key(row), Line(_key(row)))
            line.now[row["status"]] += row["number"]
            line.late_now += row["late"]
            oldest[row["status"]] = min(row["since"], oldest.get(row["status"], row["since"]))
        for row in self._then():
            if row["then"] in COLUMNS:
                line = lines.setdefault(_key(row), Line(_key(row)))
                line.then[row["then"]] += row["number"]
                line.late_then += row["number"] if row["past"] and row["then"] in UNDISCHARGED else 0
        names = Names.of(lines, self.today)
        for who, line in lines.items():
            line.name, line.holder, line.vacant = names.called(who)
        total = Line(name=_("all"))
        for line in lines.values():
            total.add(line)
        found = sorted(lines.values(), key=lambda one: (one.who != NOBODY, not one.vacant, -one.late_now, one.name))
        return Matrix(found, total, self._ages(total, oldest))

    def _then(self) -> Iterator[dict[str, Any]]:
        """Counts of thirty days ago, also of what was over by then. Whose status has not moved since had the present one."""
        moment = self.now - BACK
        day = moment.astimezone(ZoneInfo(self.group.time_zone)).date()
        stood = Q(assignments__assigned_at__lte=moment) & (
            Q(assignments__ended_at=None) | Q(assignments__ended_at__gt=moment)
        )
        since = Event.objects.filter(subject_type="occurrence", recorded_at__gt=moment)
        rescheduled = since.filter(changes__has_key="due_on").order_by().values("subject_id")
        found = _led(self.seen, stood).filter(opened_at__lte=moment).order_by()
        moved = Q(status_since__gt=moment) | Q(pk__in=rescheduled)
        past = Case(When(due_on__lt=day, then=Value(True)), default=Value(False))
        settled = found.filter(~moved, status__in=OPEN).annotate(then=F("status"), past=past)
        yield from settled.values("lead__office", "lead__person", "then", "past").annotate(number=Count("pk"))
        then = Case(
            When(status_since__lte=moment, then=F("status")),
            default=Subquery(_first_was(since, "status")),
            output_field=CharField(),
        )
        due_then = Case(
            When(pk__in=rescheduled, then=Coalesce(Subquery(_first_was(since, "due_on")), Value(""))),
            default=None,
            output_field=CharField(),
        )
        # Each asked of the record once: grouped by the database it would be twice.
        changed = found.filter(moved, Q(status__in=OPEN) | Q(status_since__gt=moment)).annotate(
            then=then, due_then=due_then
        )
        asked = changed.values_list("lead__office", "lead__person", "then", "due_on", "due_then")
        sums = Counter(
            (office, person, was, _was_due_before(day, due, said)) for office, person, was, due, said in asked
        )
        for (office, person, was, late), number in sums.items():
            yield {"lead__office": office, "lead__person": person, "then": was, "past": late, "number": number}

    def _ages(self, total: Line, oldest: dict[str, datetime]) -> list[Age | None]:
        """Of each status the age of the one in the middle and of the oldest. One query."""
        middle = Q(pk__in=[])
        for status, count in total.now.items():
            middle |= Q(status=status, place=(count + 1) // 2)
        place = Window(RowNumber(), partition_by=F("status"), order_by=[F("status_since").asc(), F("pk").asc()])
        medians = dict(
            queries.still_open(self.seen)
            .order_by()
            .annotate(place=place)
            .filter(middle)
            .values_list("status", "status_since")
        )
        return [
            Age((self.now - medians[status]).days, (self.now - oldest[status]).days) if status in medians else None
            for status in COLUMNS
        ]

    def select(
        self, *, who: str = "", status: str = "", late: bool = False, vacant: bool = False
    ) -> QuerySet[Occurrence]:
        """The open occurrences that the filters leave."""
        found: QuerySet[Any] = self.open
        if who:
            found = found.filter(_led_by(who))
        if status and status != "open":
            found = found.filter(status=status)
        if late:
            found = queries.past_due(found, self.today)
        if vacant:
            found = found.filter(status__in=UNDISCHARGED, lead__office__in=self._vacant_offices)
        return found

    @property
    def unassigned(self) -> QuerySet[Occurrence]:
        """What nobody leads and somebody should."""
        return self.turns.filter(status=Status.PLANNED, lead=None)

    @property
    def vacant(self) -> QuerySet[Occurrence]:
        """What is led by an office that no one holds: as `queries.vacant` has it, the vacant offices known beforehand."""
        return self.turns.filter(status__in=UNDISCHARGED, lead__office__in=self._vacant_offices)

    @cached_property
    def _held_offices(self) -> list[int]:
        return list(Term.objects.running(self.today).holding().order_by().values_list("office", flat=True).distinct())

    @cached_property
    def _vacant_offices(self) -> list[int]:
        return list(Office.objects.exclude(pk__in=self._held_offices).values_list("pk", flat=True))

    @property
    def others(self) -> QuerySet[Occurrence]:
        """What stands neither among those without a lead nor among the vacant ones."""
        with_somebody = Q(lead__person__isnull=False) | Q(lead__office__in=self._held_offices)
        handed_in = Q(status__in=[Status.SUBMITTED, Status.ENDORSED])
        under_way = Q(status__in=[Status.ASSIGNED, Status.IN_PROGRESS], lead=None)
        return self.open.filter(handed_in | under_way | Q(status__in=UNDISCHARGED) & with_somebody)

    def rows(self, numbers: list[int]) -> list[Row]:
        """The rows of these occurrences, in this order."""
        found = queries.with_facts(self.seen.filter(pk__in=numbers)).select_related("resolution__body", "meeting__body")
        by_number = {one.pk: one for one in found}
        turns = [by_number[number] for number in numbers if number in by_number]
        leads = [next((a for a in one.standing if a.part == Assignment.Part.LEAD), None) for one in turns]  # type: ignore[attr-defined]
        holders = _holders((lead.office_id for lead in leads if lead and lead.office_id), self.today)
        return [self._row(one, lead, holders) for one, lead in zip(turns, leads, strict=True)]

    def _row(self, occurrence: Occurrence, lead: Assignment | None, holders: dict[int, str]) -> Row:
        who, name, holder, vacant = NOBODY, _("no one"), "", False
        if lead is not None and lead.office_id is not None:
            who, name, holder = f"office-{lead.office_id}", str(lead.office), holders.get(lead.office_id, "")
            holder, vacant = holder or _("no one holds this office"), not holder
        elif lead is not None:
            who, name = f"person-{lead.person_id}", str(lead.person)
        age = (self.now - occurrence.status_since).days
        return Row(occurrence, queries.mark(occurrence, self.today), who, name, holder, vacant, age)


def _led(found: QuerySet[Occurrence], standing: Q) -> QuerySet[Any]:
    """With the lead that stood as `lead`: at most one an occurrence."""
    return found.alias(lead=FilteredRelation("assignments", condition=Q(assignments__part="lead") & standing))


def _led_by(who: str) -> Q:
    """Those of a line of the matrix; of none where there is no such line."""
    kind, _dash, number = who.partition("-")
    if who == NOBODY:
        return Q(lead=None)
    if kind in {"office", "person"} and number.isascii() and number.isdecimal() and len(number) < LONGEST_KEY:
        return Q(**{f"lead__{kind}": int(number)})
    return Q(pk__in=[])


def _first_was(since: QuerySet[Event], column: str) -> QuerySet[Event, Any]:
    """What a column was before the first event that changed it."""
    was = legible.KeyText(0, legible.Key(column, "changes"))
    moved = since.filter(subject_id=OuterRef("pk"), changes__has_key=column).order_by("number")
    return moved.annotate(was=was).values("was")[:1]


def _was_due_before(day: date, stands: date | None, said: Any) -> bool:
    """Whether a due day lay before a day: what the record says that it was; where it says nothing the one that stands."""
    return (due := stands if said is None else legible.day(said)) is not None and legible.NO_DAY < due < day


def _key(row: dict[str, Any]) -> str:
    if row["lead__office"] is not None:
        return f"office-{row['lead__office']}"
    return f"person-{row['lead__person']}" if row["lead__person"] is not None else NOBODY


def _holders(offices: Iterable[int], day: date) -> dict[int, str]:
    """Office → the name of who holds it on a day; a vacant one has none. One query."""
    terms = Term.objects.running(day).holding().filter(office__in=set(offices)).select_related("person")
    return {term.office_id: str(term.person) for term in reversed(terms)}


@dataclass(frozen=True)
class Names:
    """What the lines of a matrix are called. Three queries."""

    offices: dict[int, Office]
    people: dict[int, Person]
    holders: dict[int, str]

    @classmethod
    def of(cls, keys: Iterable[str], today: date) -> "Names":
        numbers: dict[str, list[int]] = {"office": [], "person": []}
        for key in keys:
            kind, dash, number = key.partition("-")
            if dash:
                numbers[kind].append(int(number))
        return cls(
            Office.objects.in_bulk(numbers["office"]),
            Person.objects.in_bulk(numbers["person"]),
            _holders(numbers["office"], today),
        )

    def called(self, who: str) -> tuple[str, str, bool]:
        """Name, holder, and whether it is an office that no one holds."""
        kind, _dash, number = who.partition("-")
        if kind == "office":
            holder = self.holders.get(int(number), "")
            return str(self.offices[int(number)]), holder or _("no one holds this office"), not holder
        if kind == "person":
            return str(self.people[int(number)]), "", False
        return _("no one"), "", False
