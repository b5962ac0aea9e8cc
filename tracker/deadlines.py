"""Pure functions of days: when a turn falls due, how late it is, which turns there are. No Django, no clock, no database.

All days are whole days in the body's own time zone; turning a moment into such a day is the caller's business.
"""

import calendar
from collections.abc import Callable, Iterator
from datetime import date, timedelta

Works = Callable[[date], bool]
"""Whether a duty station works on a day."""


def days_late(due_on: date | None, on: date) -> int:
    """Whole days from the due day to `on`: 0 until the due day is over, 1 on the day after it. No due day is never late."""
    return max(0, (on - due_on).days) if due_on else 0


def days_left(due_on: date, on: date) -> int:
    """Whole days from `on` to the due day; negative once it has passed."""
    return (due_on - on).days


def due_point(anchor: date | None, days: int, works: Works | None = None) -> date | None:
    """A day counted from the day that it hangs on (negative: before it); nothing hung on no day. In calendar days, or in
    working days where `works` says which those are. Chained for a due point that hangs on a document deadline, which
    itself hangs on a session."""
    if anchor is None:
        return None
    return anchor + timedelta(days=days) if works is None else add_working_days(anchor, days, works)


def add_months(day: date, months: int) -> date:
    """The same day of the month some months on, or that month's last day where it is shorter (31 January + 1 month is
    28 or 29 February)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def periodic(start: date, every_months: int, until: date) -> Iterator[tuple[int, date]]:
    """The turns of a periodic duty up to and with a day: (1, start + one period), (2, …). Counted from the start each
    time, so that the 31st does not drift."""
    if every_months < 1:
        raise ValueError("a period is at least one month")
    turn = 1
    while (due := add_months(start, turn * every_months)) <= until:
        yield turn, due
        turn += 1


def next_from_completion(completed: date | None, due_before: date, every_months: int) -> date:
    """When the next turn of a duty counted from its last completion falls due: one period after the completion. Where its
    day is not known, or that would not come after the turn just done, one period after that turn's own day."""
    if every_months < 1:
        raise ValueError("a period is at least one month")
    due = add_months(completed, every_months) if completed else due_before
    return due if due > due_before else add_months(due_before, every_months)


def working_day(day: date, holidays: frozenset[date] = frozenset()) -> bool:
    """Whether a day is Monday to Friday and no holiday: the working days of a duty station that is not recorded."""
    return day.weekday() < 5 and day not in holidays


def add_working_days(day: date, count: int, works: Works = working_day) -> date:
    """The day `count` working days after (negative: before) a day, which itself does not count, whether it is worked on
    or not. So the answer is always a working day, but for a count of nought: that is the day itself, whatever day it is."""
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    idle = 0
    while left:
        day += step
        worked = works(day)
        left -= worked
        idle = 0 if worked else idle + 1
        if idle > LONGEST_CLOSURE:
            raise ValueError("a duty station that never works has no working days")
    return day


LONGEST_CLOSURE = 366
"""Days. A calendar without a working day for longer than that is a mistake, and must not be counted in for ever."""
