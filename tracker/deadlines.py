"""Pure functions of days: when a turn falls due, how late it is, which turns there are. No Django, no clock, no database.

All days are whole days in the body's own time zone; turning a moment into such a day is the caller's business.
"""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta


def days_late(due_on: date | None, on: date) -> int:
    """Whole days from the due day to `on`: 0 until the due day is over, 1 on the day after it. No due day is never late."""
    return max(0, (on - due_on).days) if due_on else 0


def days_left(due_on: date, on: date) -> int:
    """Whole days from `on` to the due day; negative once it has passed."""
    return (due_on - on).days


def due_point(anchor: date | None, offset_days: int) -> date | None:
    """A day counted from the day that it hangs on (negative: before it); nothing hung on no day."""
    return anchor + timedelta(days=offset_days) if anchor else None


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


def working_day(day: date, holidays: frozenset[date] = frozenset()) -> bool:
    """Whether a day is Monday to Friday and no holiday of the duty station."""
    return day.weekday() < 5 and day not in holidays


def add_working_days(day: date, count: int, holidays: frozenset[date] = frozenset()) -> date:
    """The day `count` working days after (negative: before) a day, which itself does not count."""
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= working_day(day, holidays)
    return day


LADDER: tuple[int, ...] = (-30, -14, -3, 1, 8, 15)
"""The default ladder of reminders, in days from the due day: three before; the day that it is late, then weekly, three
late ones at most: six in all."""


def ladder(due_on: date, entered_on: date, rungs: tuple[int, ...] = LADDER) -> list[tuple[int, date]]:
    """The rungs of a due day with the days they fall on, without those that had passed before the duty was entered."""
    days = [(rung, due_on + timedelta(days=rung)) for rung in rungs]
    return [(rung, day) for rung, day in days if day >= entered_on]
