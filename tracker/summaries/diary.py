"""Everything that falls due, day by day: turns of duties, document deadlines, openings, sittings and meetings. The agenda
reads it in pages, the year view by months; both ask the database for sums by day first, and for rows of a page only."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, overload

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.utils import formats
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from tracker import access, clock, queries
from tracker.ball import Roster
from tracker.marks import MARKS, ORDER, Mark
from tracker.models import Body, Occurrence, Person, Precision, State
from tracker.summaries.dates import Dated, dated
from tracker.summaries.rows import Holder, holder_words, in_full
from tracker.summaries.scope import UNDISCHARGED

SOME = 10
"""Rows of a section that has a list of its own."""
NAMED = 300
"""Turns of a year that are named one by one; of more, each day says how many."""
TURNS, DATES = "turns", "dates"
LATE, WAITING = "late", "waiting"
WEEK, MONTH = "week", "month"


@dataclass(frozen=True)
class Narrowed:
    """How the agenda is narrowed; empty means not at all. `since` defaults to today; `show` is one section in full."""

    body: str = ""
    resolution: str = ""
    mark: str = ""
    mine: bool = False
    what: str = ""
    since: date | None = None
    until: date | None = None
    show: str = ""

    @property
    def of_turns(self) -> bool:
        """Whether it asks for something that only turns have."""
        return bool(self.resolution or self.mark or self.mine)

    @property
    def narrowed(self) -> bool:
        return bool(self.of_turns or self.body or self.what)


@dataclass(frozen=True)
class Turn:
    """A turn of a duty on its due day."""

    occurrence: Occurrence
    mark: Mark
    holder: Holder

    @property
    def day(self) -> date | None:
        return self.occurrence.due_on


Line = Turn | Dated


@dataclass(frozen=True)
class Span:
    """A week or a month with what falls into it, of one page."""

    title: str
    lines: list[Line]


def day_of(line: Line) -> date | None:
    """The day under which a line stands."""
    return line.day if isinstance(line, Turn) else line.first


class Seen:
    """What a reader may see of all that falls due, narrowed. Turns superseded by amendment are nobody's any more."""

    def __init__(self, reader: access.Reader, chosen: Narrowed) -> None:
        self.reader, self.chosen = reader, chosen
        self.body = self._body()
        self.today = clock.today(self.body.time_zone if self.body else "UTC")
        self.everything = access.occurrences(reader).exclude(status="superseded")
        self.turns = self._turns(self.everything)

    def _body(self) -> Body | None:
        if not self.chosen.body:
            return None
        found = access.bodies(self.reader).filter(slug=self.chosen.body).first()
        if found is None:
            raise ValidationError({"body": _("There is no such body.")})
        return found

    def _turns(self, found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
        chosen = self.chosen
        if chosen.what == DATES:
            return found.none()
        if self.body:
            found = found.filter(Q(body=self.body) | Q(obligation__responsible=self.body))
        if chosen.resolution:
            body, _slash, slug = chosen.resolution.partition("/")
            text = access.resolutions(self.reader).filter(body__slug=body, slug=slug).first()
            if text is None:
                raise ValidationError({"resolution": _("There is no such resolution, or you may not see it.")})
            found = found.filter(resolution=text)
        if chosen.mine and isinstance(self.reader, Person):
            offices = [seat.office for seat in access.seats(self.reader)]
            found = queries.held_by(found, self.reader, offices)
        if chosen.mark:
            if chosen.mark not in ORDER:
                raise ValidationError({"mark": _("There is no such mark.")})
            found = queries.ranked(found, self.today).filter(mark_rank=ORDER[chosen.mark])  # type: ignore[misc]
        return found

    def dates(self) -> list[Dated]:
        """The calendar beside the turns; none of it where something is asked for that only turns have."""
        if self.chosen.of_turns or self.chosen.what == TURNS:
            return []
        bodies = None
        if self.body:
            bodies = [self.body.pk, *access.bodies(self.reader).filter(parent=self.body).values_list("pk", flat=True)]
        return dated(self.reader, bodies)

    def rows(self, found: QuerySet[Occurrence], roster: Roster) -> list[Turn]:
        """The turns of a slice with mark and holder. Their keys are asked for first, so that what a row needs is worked
        out for the rows of the slice alone."""
        keys = list(found.values_list("pk", flat=True))
        held = {one.pk: one for one in in_full(Occurrence.objects.filter(pk__in=keys).order_by())} if keys else {}
        return [self._turn(held[key], roster) for key in keys if key in held]

    def _turn(self, one: Occurrence, roster: Roster) -> Turn:
        return Turn(one, queries.mark(one, self.today), _holder(one, roster, self.reader))


def _holder(one: Occurrence, roster: Roster, reader: access.Reader) -> Holder:
    return holder_words(one, roster, reader) if one.is_open and one.status != "endorsed" else Holder()


class Merged(Sequence[Line]):
    """Turns and dates in the order of their days, dates first within a day: its length and any slice of it cost three
    questions, however many rows there are."""

    def __init__(self, seen: Seen, turns: QuerySet[Occurrence], dates: list[Dated], roster: Roster) -> None:
        self.seen, self.roster = seen, roster
        self.turns = turns.order_by("due_on", "reference")
        self.dates = dates
        counts = turns.order_by().values_list("due_on").annotate(n=Count("pk")).order_by("due_on")
        self.days: list[date] = []
        self.until: list[int] = []  # how many turns there are up to and with that day
        for day, number in counts:
            self.days.append(day)
            self.until.append(number + (self.until[-1] if self.until else 0))
        # Where each date stands in the merged list: after the turns of the days before it.
        self.places = [place + self._turns_before(one.first or date.max) for place, one in enumerate(dates)]

    def _some(self, start: int, number: int) -> list[Turn]:
        """So many turns from a place on: of their own days alone, however far down the list they stand."""
        if number < 1:
            return []
        first, last = bisect_right(self.until, start), bisect_left(self.until, start + number)
        turns = self.turns.filter(due_on__gte=self.days[first], due_on__lte=self.days[last])
        start -= self.until[first - 1] if first else 0
        return self.seen.rows(turns[start : start + number], self.roster)

    def _turns_before(self, day: date) -> int:
        place = bisect_right(self.days, day - timedelta(days=1)) if day > date.min else 0
        return self.until[place - 1] if place else 0

    def __len__(self) -> int:
        return len(self.dates) + (self.until[-1] if self.until else 0)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        first, last, _step = index.indices(len(self))
        here = {place: one for place, one in zip(self.places, self.dates, strict=True) if first <= place < last}
        before = sum(place < first for place in self.places)
        start, number = first - before, max(0, last - first - len(here))
        rows = iter(self._some(start, number))
        return [here[place] if place in here else next(rows) for place in range(first, last)]


@dataclass(frozen=True)
class Section:
    """The first of a list that has a page of its own, and how many there are."""

    rows: list[Turn]
    total: int
    dates: list[Dated] = field(default_factory=list)

    @property
    def shown(self) -> int:
        return len(self.rows) + len(self.dates)


@dataclass(frozen=True)
class Diary:
    """The agenda: what is late, what is to come (in pages), what waits for a date; how many of how many are shown."""

    today: date
    late: Section
    ahead: Merged
    waiting: Section
    shown: int
    total: int


def diary(reader: access.Reader, chosen: Narrowed) -> Diary:
    """The agenda of a reader. A constant number of questions, whatever the number of rows."""
    seen = Seen(reader, chosen)
    roster = Roster.on(seen.today)
    since = chosen.since or seen.today
    dates = seen.dates()
    placed = [one for one in dates if one.first and _within(one, since, chosen.until)]
    undated = [one for one in dates if one.first is None and one.state in {State.PLANNED, State.POSTPONED}]
    coming = _between(seen.turns, since, chosen.until)
    beside = not (chosen.since or chosen.until)  # a span that was asked for is shown alone
    late_turns = _late(seen.turns, since, seen.today) if beside else seen.turns.none()
    waiting_turns = _waiting(seen.turns) if beside else seen.turns.none()
    undated = undated if beside else []
    if chosen.show == LATE:
        coming, placed = late_turns, []
    elif chosen.show == WAITING:
        coming, placed = seen.turns.none(), []
    ahead = Merged(seen, coming, placed, roster)
    late = _section(seen, late_turns.order_by("due_on", "reference"), roster) if not chosen.show else Section([], 0)
    full = chosen.show == WAITING
    waiting = Section([], 0)
    if chosen.show != LATE:
        waiting = _section(seen, waiting_turns.order_by("reference"), roster, undated, most=NAMED if full else SOME)
    shown = len(ahead) + late.total + waiting.total
    total = shown
    if chosen.narrowed or chosen.show:
        total = _total(seen, since, chosen.until, beside=beside)
    return Diary(seen.today, late, ahead, waiting, shown, total)


def _within(one: Dated, since: date, until: date | None) -> bool:
    """Whether something of it falls between two days."""
    last = one.last or one.first
    return last is not None and last >= since and (until is None or (one.first is not None and one.first <= until))


def _between(found: QuerySet[Occurrence], since: date, until: date | None) -> QuerySet[Occurrence]:
    found = found.filter(due_on__gte=since)
    return found.filter(due_on__lte=until) if until else found


def _late(found: QuerySet[Occurrence], since: date, today: date) -> QuerySet[Occurrence]:
    return queries.past_due(found, min(since, today))


def _waiting(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    return queries.undischarged(found).filter(due_on=None)


def _section(
    seen: Seen, found: QuerySet[Occurrence], roster: Roster, dates: Sequence[Dated] = (), *, most: int = SOME
) -> Section:
    rows = seen.rows(found[:most], roster)
    total = len(rows) if len(rows) < most else found.count()
    return Section(rows, total + len(dates), list(dates))


def _total(seen: Seen, since: date, until: date | None, *, beside: bool) -> int:
    """How many there are without the filters, in the same days. One question, and the calendar's."""
    within = Q(due_on__gte=since) & (Q(due_on__lte=until) if until else Q())
    if beside:
        owed = Q(status__in=UNDISCHARGED)
        within |= owed & (Q(due_on__lt=seen.today) | Q(due_on=None))
    dates = dated(seen.reader)
    undated = [one for one in dates if one.first is None and one.state in {State.PLANNED, State.POSTPONED}]
    placed = sum(1 for one in dates if one.first and _within(one, since, until))
    return seen.everything.filter(within).count() + placed + (len(undated) if beside else 0)


def spans(lines: Iterable[Line], by: str) -> list[Span]:
    """The lines of a page by week (Monday to Sunday) or by month, in their order."""
    found: list[Span] = []
    keys: list[date] = []
    for line in lines:
        day = day_of(line) or date.max
        key = day.replace(day=1) if by == MONTH else day - timedelta(days=day.weekday())
        if not keys or keys[-1] != key:
            keys.append(key)
            found.append(Span(_title(key, by), []))
        found[-1].lines.append(line)
    return found


def _title(key: date, by: str) -> str:
    if by == MONTH:
        return formats.date_format(key, "YEAR_MONTH_FORMAT")
    return _("Week of %(day)s") % {"day": formats.date_format(key, "DATE_FORMAT")}


# The year ----------------------------------------------------------------------------------------------------------------


@dataclass
class Day:
    """A day of the year (None: known to the month only) with what falls on it. Of too many turns only how many carry which
    mark is said."""

    day: date | None
    dates: list[Dated] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    counts: list[tuple[Mark, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(count for _mark, count in self.counts)


@dataclass(frozen=True)
class MonthOfYear:
    """A month with the days on which something falls due."""

    number: int
    name: str
    present: bool
    days: list[Day]


@dataclass(frozen=True)
class Year:
    """Twelve months, and how many turns fall due in them."""

    year: int
    today: date
    months: list[MonthOfYear]
    total: int
    named: bool

    @property
    def quiet(self) -> list[MonthOfYear]:
        """The months in which nothing falls due."""
        return [month for month in self.months if not month.days]


def year_of(reader: access.Reader, year: int | None, chosen: Narrowed) -> Year:
    """A year (None: the present one), month by month. A constant number of questions."""
    seen = Seen(reader, chosen)
    year = year or seen.today.year
    turns = seen.turns.filter(due_on__gte=date(year, 1, 1), due_on__lte=date(year, 12, 31))
    ranked: QuerySet[Any] = queries.ranked(turns, seen.today).order_by()
    sums = ranked.values_list("due_on", "mark_rank").annotate(n=Count("pk")).order_by("due_on", "mark_rank")
    days: dict[tuple[int, date | None], Day] = {}
    codes = list(MARKS)
    total = 0
    for day, rank, count in sums:
        code = codes[rank]
        days.setdefault((day.month, day), Day(day)).counts.append((Mark(code, str(MARKS[code][1])), count))
        total += count
    if 0 < total <= NAMED:
        for turn in seen.rows(turns.order_by("due_on", "reference"), Roster.on(seen.today)):
            if turn.day:
                days[turn.day.month, turn.day].turns.append(turn)
    for one in seen.dates():
        if one.first and one.first.year == year and one.precision in {Precision.DAY, Precision.MONTH}:
            day = one.first if one.precision == Precision.DAY else None
            days.setdefault((one.first.month, day), Day(day)).dates.append(one)
    return Year(year, seen.today, _months(days, year, seen.today), total, total <= NAMED)


def _months(days: dict[tuple[int, date | None], Day], year: int, today: date) -> list[MonthOfYear]:
    placed: dict[int, list[Any]] = {number: [] for number in range(1, 13)}
    for (month, day), one in sorted(
        days.items(), key=lambda pair: (pair[0][0], pair[0][1] is None, pair[0][1] or today)
    ):
        placed[month].append(one if day else Day(None, one.dates))
    return [
        MonthOfYear(number, str(MONTHS[number]), (year, number) == (today.year, today.month), found)
        for number, found in placed.items()
    ]
