"""The calendar as a reader sees it: a year month by month, and by body what is held when and what hangs on it. Built from
what `access` lets them see; frozen, and without a question of its own."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _

from tracker import access, clock
from tracker.access import Reader
from tracker.duepoints import Stations, deadline_day
from tracker.marks import ORDER, Mark
from tracker.models import Body, DeadlineRule, Meeting, Occurrence, Precision, Session, Sitting, State
from tracker.queries import mark, ranked, with_facts
from tracker.templatetags.resolves import distance
from workflows.steps.calendar import NEXT_STATES
from workflows.steps.moves import MOVABLE

MOST = 30
"""Turns of one entry that are named; of more it is said how many there are."""


@dataclass(frozen=True)
class Hanging:
    """A turn that hangs on a session or a meeting."""

    occurrence: Occurrence
    mark: Mark


@dataclass(frozen=True)
class Deadline:
    """A document deadline before the coming session."""

    rule: DeadlineRule
    day: date
    past: bool


@dataclass(frozen=True)
class Entry:
    """A session with its sittings, or a meeting; for the coming session its document deadlines. `counts` says how many of
    the turns that hang on it carry which mark, worst first; `hanging` are the first of them."""

    thing: Session | Meeting
    first: date | None
    last: date | None
    precision: str
    past: bool
    away: str
    sittings: tuple[Sitting, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    counts: tuple[tuple[Mark, int], ...] = ()
    hanging: tuple[Hanging, ...] = ()

    @property
    def is_session(self) -> bool:
        return isinstance(self.thing, Session)

    @property
    def anchor(self) -> str:
        """The entry's place on the page."""
        return f"{self.thing.body.slug}-{self.label}".lower()

    @property
    def label(self) -> str:
        """As short as the month table needs it: C18, 14."""
        return self.thing.code if isinstance(self.thing, Session) else f"m{self.thing.number}"

    @property
    def days(self) -> str:
        """The days within their month, as far as they are known."""
        if self.first is None or self.precision != Precision.DAY:
            return ""
        if self.last is None or self.last == self.first:
            return str(self.first.day)
        if (self.last.year, self.last.month) == (self.first.year, self.first.month):
            return f"{self.first.day}–{self.last.day}"
        return _("from %(day)s") % {"day": self.first.day}

    @property
    def state(self) -> str:
        """The state in words, where it is not plain from the dates."""
        return "" if self.thing.state in {State.PLANNED, State.HELD} else str(self.thing.get_state_display())

    @property
    def total(self) -> int:
        """How many turns hang on it."""
        return sum(count for _mark, count in self.counts)

    @property
    def more(self) -> int:
        """How many of them are not named."""
        return self.total - len(self.hanging)

    @property
    def key(self) -> tuple[str, int]:
        return ("session" if self.is_session else "meeting"), self.thing.pk

    @property
    def moves(self) -> bool:
        return self.thing.state in MOVABLE

    @property
    def changes(self) -> bool:
        return bool(NEXT_STATES[self.thing.state])


@dataclass(frozen=True)
class Month:
    """A month of the year shown, with what one body holds in it."""

    name: str
    short: str
    present: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Shelf:
    """What one body holds."""

    body: Body
    keeps: bool
    entries: tuple[Entry, ...]
    months: tuple[Month, ...]

    @property
    def dated(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.first]

    @property
    def undated(self) -> list[Entry]:
        """What waits for a date, or whose day is not recorded: it belongs to no year, so it stands apart."""
        return [entry for entry in self.entries if not entry.first]


@dataclass(frozen=True)
class Agenda:
    """A year of the calendar (0: all years)."""

    year: int
    years: tuple[int, ...]
    today: date
    shelves: tuple[Shelf, ...]

    @property
    def months(self) -> tuple[Month, ...]:
        """The months for the head of the table."""
        return self.shelves[0].months if self.shelves else ()

    @property
    def empty(self) -> bool:
        return not any(shelf.entries for shelf in self.shelves)


def keeps(person: Reader, bodies: Iterable[Body], step: str) -> set[int]:
    """The bodies on which a person may take a step, for buttons; the step asks once more."""
    offices = {seat.office.body_id for seat in access.seats(person) if seat.office.role in access.BODY_GRANTS[step]}
    return {body.pk for body in bodies if offices & {one.pk for one in body.lineage()}}


def families(bodies: Iterable[Body]) -> list[Body]:
    """Each body followed by its groups."""
    below: dict[int | None, list[Body]] = defaultdict(list)
    for body in bodies:
        below[body.parent_id].append(body)
    found: list[Body] = []

    def walk(parent: int | None) -> None:
        for body in below[parent]:
            found.append(body)
            walk(body.pk)

    walk(None)
    return found


def agenda(person: Reader, *, year: int | None = None, body: str = "") -> Agenda:
    """The calendar of a year (None: the present one, 0: all), of one body or of all. What has no date always shows."""
    bodies = families(access.bodies(person))
    today = clock.today(bodies[0].time_zone) if bodies else clock.today()
    sessions = list(access.sessions(person).prefetch_related("sittings"))
    meetings = list(access.meetings(person))
    entries = _with_deadlines(person, _entries(sessions, meetings, today), today)
    years = {entry.first.year for entry in entries if entry.first} | {today.year}
    year = today.year if year is None else year
    kept = keeps(person, bodies, "add_session")
    asked = [one for one in bodies if body in ("", one.slug)]
    ids = {one.pk for one in asked}
    shown = [entry for entry in entries if entry.thing.body_id in ids and (not year or _in(entry, year))]
    shown = _with_turns(person, shown, today)
    shelves = tuple(
        _shelf(one, [entry for entry in shown if entry.thing.body_id == one.pk], year, today, one.pk in kept)
        for one in asked
    )
    return Agenda(year, tuple(sorted(years)), today, shelves)


def _with_turns(person: Reader, entries: list[Entry], today: date) -> list[Entry]:
    """The entries with what hangs on each: how many turns carry which mark, and the first of them. Turns of a period or an
    event only stand in the column of a session. Five questions, whatever hangs on them."""
    sessions = [entry.thing.pk for entry in entries if entry.is_session]
    meetings = [entry.thing.pk for entry in entries if not entry.is_session]
    of_session = Q(meeting=None, period=None, occasion=None, session__in=sessions)
    every = access.occurrences(person)
    seen = every.filter(of_session | Q(meeting__in=meetings)).order_by()
    counts: dict[tuple[str, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    by_mark: QuerySet[Any] = ranked(seen, today)
    for session, meeting, rank, number in by_mark.values_list("session", "meeting", "mark_rank").annotate(
        n=Count("pk")
    ):
        counts[_place(session, meeting)][rank] += number
    first: dict[tuple[str, int], list[Hanging]] = defaultdict(list)
    place = Window(
        RowNumber(),
        partition_by=Case(When(meeting=None, then=F("session")), default=-F("meeting")),
        order_by=["due_on", "reference"],
    )
    keys = list(seen.annotate(place=place).filter(place__lte=MOST).values_list("pk", flat=True)) if counts else []
    for occurrence in with_facts(every.filter(pk__in=keys)).order_by("due_on", "reference"):
        one = Hanging(occurrence, mark(occurrence, today))
        first[_place(occurrence.session_id, occurrence.meeting_id)].append(one)
    codes = list(ORDER)
    return [
        replace(
            entry,
            counts=tuple((Mark(codes[rank], ""), number) for rank, number in sorted(counts[entry.key].items())),
            hanging=tuple(first[entry.key]),
        )
        for entry in entries
    ]


def _place(session: int | None, meeting: int | None) -> tuple[str, int]:
    """The entry on which a turn hangs: its meeting where it has one, else its session."""
    return ("meeting", meeting) if meeting else ("session", session or 0)


def _entries(sessions: list[Session], meetings: list[Meeting], today: date) -> list[Entry]:
    dates = [(one, one.opens, one.closes, tuple(one.sittings.all())) for one in sessions]
    spans: list[tuple[Session | Meeting, date | None, date | None, tuple[Sitting, ...]]] = [
        *dates,
        *((one, one.begins, one.ends, ()) for one in meetings),
    ]
    found: list[Entry] = []
    coming: set[int] = set()
    for thing, first, last, sittings in sorted(spans, key=lambda span: (span[1] is None, span[1] or today)):
        past = _over(thing, first, last, today)
        is_next = not past and first is not None and thing.state == State.PLANNED and thing.body_id not in coming
        if is_next:
            coming.add(thing.body_id)
        away = distance(first, today) if is_next and first and thing.precision == Precision.DAY else ""
        found.append(Entry(thing, first, last, thing.precision, past, away, sittings))
    return found


def _with_deadlines(person: Reader, entries: list[Entry], today: date) -> list[Entry]:
    """The entries, each coming ordinary session with the document deadlines of its body."""
    rules: dict[int, list[DeadlineRule]] = defaultdict(list)
    for rule in access.deadline_rules(person):
        rules[rule.body_id].append(rule)
    stations = Stations()

    def deadlines(entry: Entry) -> tuple[Deadline, ...]:
        session = entry.thing
        if not (entry.away and isinstance(session, Session) and session.kind == Session.Kind.ORDINARY):
            return ()
        days = [(rule, deadline_day(rule, entry.first, stations)) for rule in rules[session.body_id]]
        return tuple(Deadline(rule, day, day < today) for rule, day in days if day)

    return [replace(entry, deadlines=deadlines(entry)) for entry in entries]


def _in(entry: Entry, year: int) -> bool:
    """Whether an entry shows in a year: by its first day; what is still to be dated shows in every year."""
    if entry.first:
        return entry.first.year == year
    return entry.thing.state in {State.PLANNED, State.POSTPONED}


def _over(thing: Session | Meeting, first: date | None, last: date | None, today: date) -> bool:
    if isinstance(thing, Session):
        return thing.is_over(today)
    if first is None:
        return thing.state == State.HELD
    if thing.state in {State.POSTPONED, State.CANCELLED}:
        return False
    return (last or first) < today if thing.precision == Precision.DAY else thing.state == State.HELD


def _shelf(body: Body, entries: list[Entry], year: int, today: date, keeps: bool) -> Shelf:
    placed = [one for one in entries if one.first and one.precision in {Precision.DAY, Precision.MONTH}]
    months = tuple(
        Month(
            str(MONTHS[number]),
            str(MONTHS_3[number]).capitalize(),
            (year, number) == (today.year, today.month),
            tuple(one for one in placed if one.first and one.first.month == number),
        )
        for number in range(1, 13)
    )
    return Shelf(body, keeps, tuple(entries), months if year else ())
