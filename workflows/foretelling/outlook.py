"""What is foretold, as values: who would be told what on which day, now and with a draft."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker.deadlines import add_months
from tracker.ladders import Rung
from tracker.models import Occurrence, Person

MONTHS = 12


class Reminder(NamedTuple):
    """One reminder in a mail: of which turn (`foreseen`: the calendar has still to bring it), by which rung."""

    occurrence: Occurrence
    rung: Rung
    foreseen: bool


@dataclass(frozen=True)
class Forecast:
    """What one person would be told, by day: one mail a day, whatever is in it. `mailed` is false where they want no mails."""

    person: Person
    days: Mapping[date, tuple[Reminder, ...]]
    mailed: bool = True

    @property
    def mails(self) -> int:
        """How many mails in the year."""
        return len(self.days) if self.mailed else 0

    @property
    def reminders(self) -> int:
        """How many reminders stand in them."""
        return sum(map(len, self.days.values()))

    def by_month(self, months: Iterable[date]) -> list[int]:
        """How many mails in each month, given by its first day."""
        found = Counter((day.year, day.month) for day in self.days) if self.mailed else Counter()
        return [found[one.year, one.month] for one in months]


@dataclass(frozen=True)
class Outlook:
    """One person now and, where a draft is tried out, then."""

    person: Person
    before: Forecast
    after: Forecast | None = None

    @property
    def then(self) -> Forecast:
        """What the page is about: with the draft, where there is one."""
        return self.after or self.before

    @property
    def change(self) -> int:
        """How many mails more (less: negative) the draft makes."""
        return self.after.mails - self.before.mails if self.after else 0


@dataclass(frozen=True)
class Foretold:
    """A year from `first` to `last`, whoever would be told in it, most mails first. `undated` turns wait for a date and have no
    reminders; `unheard` reminders would find nobody in their office."""

    first: date
    last: date
    people: tuple[Outlook, ...]
    turns: int
    foreseen: int
    undated: int
    unheard: int

    @property
    def months(self) -> list[date]:
        """The first day of each month that it touches."""
        start = self.first.replace(day=1)
        every = (add_months(start, number) for number in range(MONTHS + 1))
        return [one for one in every if one <= self.last]

    @property
    def before(self) -> int:
        """All mails under the policies in force."""
        return sum(one.before.mails for one in self.people)

    @property
    def after(self) -> int:
        """All mails with the draft."""
        return sum(one.then.mails for one in self.people)

    def totals(self) -> list[tuple[int, int]]:
        """All mails by month, before and after."""
        before = zip(*(one.before.by_month(self.months) for one in self.people), strict=True)
        after = zip(*(one.then.by_month(self.months) for one in self.people), strict=True)
        found = [(sum(was), sum(then)) for was, then in zip(before, after, strict=True)]
        return found or [(0, 0)] * len(self.months)
