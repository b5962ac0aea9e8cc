"""What is foretold as rows: by person and month, by day, and as a table for spreadsheets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from tracker import rungs
from tracker.models import DeadlineRule, Person
from workflows.foretelling.outlook import Foretold, Outlook, Reminder

MOST_SAID = 20
"""So many reminders of one mail are named; the rest is counted."""


class Cell(NamedTuple):
    """A number of mails, now and with the draft."""

    before: int
    after: int


@dataclass(frozen=True)
class Row:
    """A person's mails, month by month and in all."""

    person: Person
    mailed: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Said:
    """A reminder of a mail in words."""

    reminder: Reminder
    when: str

    @property
    def occurrence(self) -> Any:
        return self.reminder.occurrence

    @property
    def foreseen(self) -> bool:
        return self.reminder.foreseen


@dataclass(frozen=True)
class Day:
    """A day of a person with what stands in their mail; `words` says whether it goes out now, with the draft, or both."""

    day: date
    words: str
    said: tuple[Said, ...]
    more: int


def row(one: Outlook, months: Sequence[date]) -> Row:
    """A person's row of the table."""
    cells = [Cell(*pair) for pair in zip(one.before.by_month(months), one.then.by_month(months), strict=True)]
    return Row(one.person, one.then.mailed, (*cells, Cell(one.before.mails, one.then.mails)))


def totals(foretold: Foretold) -> list[Cell]:
    """The last row of the table."""
    return [*(Cell(*pair) for pair in foretold.totals()), Cell(foretold.before, foretold.after)]


def days(one: Outlook) -> Iterator[Day]:
    """The mails of a person, now and with the draft, by day."""
    rules = rungs.deadlines(said.rung for parts in _parts(one) for said in parts)
    for day in sorted({*one.before.days, *one.then.days}):
        now, then = day in one.before.days, day in one.then.days
        words = _("now and then") if now and then else _("now") if now else _("with the draft")
        told = one.then.days.get(day) or one.before.days[day]
        yield Day(day, words, tuple(_said(said, rules) for said in told[:MOST_SAID]), max(0, len(told) - MOST_SAID))


def _parts(one: Outlook) -> Iterator[tuple[Reminder, ...]]:
    yield from one.before.days.values()
    yield from one.then.days.values()


def _said(reminder: Reminder, rules: dict[int, DeadlineRule]) -> Said:
    return Said(reminder, rungs.when(reminder.rung, rules))


def table(foretold: Foretold) -> Iterator[list[object]]:
    """Sums by person and month, an empty row, then each reminder with its day."""
    yield [_("Person"), _("Month"), _("Mails now"), _("Mails with the draft")]
    for one in foretold.people:
        for month, cell in zip(foretold.months, row(one, foretold.months).cells, strict=False):
            yield [one.person, f"{month:%Y-%m}", cell.before, cell.after]
    yield []
    yield [_("Person"), _("Day"), _("Goes out"), _("Reference"), _("Duty"), _("Due"), _("Reminder")]
    rules = rungs.deadlines(said.rung for one in foretold.people for parts in _parts(one) for said in parts)
    for one in foretold.people:
        versions = [(_("now"), one.before)] + ([(_("with the draft"), one.after)] if one.after else [])
        for words, forecast in versions:
            for day, told in forecast.days.items():
                for said in told:
                    turn = said.occurrence
                    yield [
                        one.person,
                        day.isoformat(),
                        words,
                        turn.reference,
                        turn.obligation,
                        turn.due_on,
                        rungs.when(said.rung, rules),
                    ]
