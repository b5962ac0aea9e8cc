"""Sums of days against a table that was worked out by other means, and what holds of them over 130 years."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import clock
from tracker.deadlines import (
    add_months,
    add_working_days,
    days_late,
    due_point,
    next_from_completion,
    periodic,
    working_day,
)

TABLE = [
    (kind, date.fromisoformat(day), int(count), date.fromisoformat(there))
    for kind, day, count, there in (
        line.split("\t")
        for line in (Path(__file__).parent / "days.tsv").read_text().splitlines()
        if not line.startswith("#")
    )
]
GENEVA = holidays.country_holidays("CH", subdiv="GE")
SUMS: dict[str, Callable[[date, int], date | None]] = {
    "months": add_months,
    "days": due_point,
    "working": add_working_days,
    "geneva": lambda day, count: due_point(day, count, GENEVA.is_working_day),
}
DAYS = st.dates(date(1970, 1, 1), date(2100, 12, 31))
COUNTS = st.integers(-400, 400)
CLOSED = st.frozensets(st.dates(date(2019, 1, 1), date(2021, 12, 31)), max_size=60)


def test_the_table_is_long_enough_and_speaks_of_everything():
    counted = Counter(kind for kind, *_rest in TABLE)

    assert len(set(TABLE)) == len(TABLE) >= 300
    assert set(counted) == set(SUMS)
    assert min(counted.values()) >= 60
    assert {day.isocalendar().week for _kind, day, *_rest in TABLE} >= {1, 53}
    assert sum((day.month, day.day) == (2, 29) for _kind, day, *_rest in TABLE) >= 8


def wrong(table: list[tuple[str, date, int, date]]) -> list[tuple[str, date, int, date]]:
    return [row for row in table if SUMS[row[0]](row[1], row[2]) != row[3]]


def test_every_sum_is_as_the_table_has_it():
    assert wrong(TABLE) == []


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("months", lambda day, count: day + timedelta(days=30 * count)),
        ("days", lambda day, count: due_point(day, count + 1)),
        ("working", lambda day, count: day + timedelta(days=count)),
        ("working", lambda day, count: add_working_days(day, count - 1) if count > 0 else add_working_days(day, count)),
        ("geneva", add_working_days),  # no holidays
        ("geneva", lambda day, n: due_point(day, n, holidays.country_holidays("CH").is_working_day)),  # not Geneva's
    ],
)
def test_the_table_finds_a_sum_that_is_wrong(monkeypatch: pytest.MonkeyPatch, name: str, broken: Callable):
    monkeypatch.setitem(SUMS, name, broken)

    assert wrong(TABLE)


# ── what holds of every sum ────────────────────────────────────────────────────────────────────────────────────────────


def works_but(closed: frozenset[date]) -> Callable[[date], bool]:
    return lambda day: working_day(day, closed)


def holds_of_working_days(day: date, count: int, closed: frozenset[date]) -> None:
    works = works_but(closed)
    there = add_working_days(day, count, works)
    between = sorted([day, there])
    passed = [between[0] + timedelta(days=n) for n in range((between[1] - between[0]).days + 1)]

    assert sum(works(one) for one in passed if one != day) == abs(count)  # counted one by one
    assert works(there) or count == 0
    assert (there > day) - (there < day) == (count > 0) - (count < 0)


def holds_of_periods(start: date, months: int, years: int) -> None:
    until = add_months(start, years * 12)
    found = list(periodic(start, months, until))

    assert [number for number, _day in found] == list(range(1, years * 12 // months + 1))
    assert all(one < other for (_n, one), (_m, other) in pairwise(found))
    for number, day in found:
        assert (day.year * 12 + day.month) - (start.year * 12 + start.month) == number * months
        assert day.day == start.day or (day.day < start.day and (day + timedelta(days=1)).day == 1)


@settings(max_examples=60, deadline=None)
@given(DAYS, COUNTS, CLOSED)
def test_working_days_are_counted_one_by_one(day: date, count: int, closed: frozenset[date]):
    holds_of_working_days(day, count, closed)


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(1, 60), st.integers(1, 20))
def test_periods_of_twenty_years_keep_their_day_of_the_month(start: date, months: int, years: int):
    holds_of_periods(start, months, years)


@pytest.mark.soak
@settings(max_examples=3000, deadline=None)
@given(DAYS, COUNTS, CLOSED, st.integers(1, 60), st.integers(1, 20))
def test_sums_hold_in_the_long_run(day: date, count: int, closed: frozenset[date], months: int, years: int):
    holds_of_working_days(day, count, closed)
    holds_of_periods(day, months, years)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.none(), DAYS), DAYS, st.integers(1, 120))
def test_next_turn_always_comes_after_the_one_that_is_done(done: date | None, due: date, months: int):
    found = next_from_completion(done, due, months)

    assert found > due
    assert found in {add_months(due, months), add_months(done or due, months)}


def test_next_turn_without_a_period_is_refused():
    with pytest.raises(ValueError, match="at least one month"):
        next_from_completion(None, date(2018, 1, 1), 0)


def test_station_that_never_works_is_refused_not_waited_for():
    with pytest.raises(ValueError, match="never works"):
        add_working_days(date(2018, 1, 1), 1, lambda _day: False)


def test_deadline_before_a_deadline_is_a_chain():
    opening = due_point(date(2018, 4, 17), -14)

    assert due_point(opening, -2, GENEVA.is_working_day) == date(2018, 3, 28)
    assert due_point(due_point(None, -14), -2) is None


# ── T1: late flips at the body's own midnight ──────────────────────────────────────────────────────────────────────────

CHANGES = [
    ("Europe/Brussels", date(2018, 3, 24)),
    ("Europe/Brussels", date(2018, 3, 25)),
    ("Europe/Zurich", date(2018, 10, 27)),
    ("Europe/Zurich", date(2018, 10, 28)),
    ("America/New_York", date(2018, 3, 10)),
    ("America/New_York", date(2018, 11, 4)),
    ("Australia/Lord_Howe", date(2018, 4, 1)),  # the clock goes by half an hour
    ("Australia/Lord_Howe", date(2018, 10, 6)),
    ("Pacific/Apia", date(2011, 12, 29)),  # the next day there is the 31st
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
    ("Pacific/Apia", date(2011, 12, 31)),
    ("Asia/Kathmandu", date(2018, 2, 16)),
    ("America/Asuncion", date(2018, 10, 6)),  # midnight itself is skipped
    ("America/Havana", date(2018, 11, 3)),  # and here it comes twice
    ("Pacific/Kiritimati", date(2018, 12, 31)),
    ("Etc/GMT+12", date(2020, 2, 29)),
]


def flips(zone: str, due: date) -> list[datetime]:
    """The moments, a quarter of an hour apart, at which what is due begins or ceases to be late."""
    start = datetime(due.year, due.month, due.day, tzinfo=UTC) - timedelta(days=2)
    moments = [start + timedelta(minutes=15 * n) for n in range(5 * 96)]
    late = []
    for moment in moments:
        with clock.at(moment):
            late.append(days_late(due, clock.today(zone)) > 0)
    return [moments[n] for n in range(1, len(moments)) if late[n] != late[n - 1]]


@pytest.mark.parametrize(("zone", "due"), CHANGES, ids=[f"{zone}-{due}" for zone, due in CHANGES])
def test_late_flips_once_at_the_bodys_own_midnight(zone: str, due: date):
    (moment,) = flips(zone, due)

    here, before = (one.astimezone(ZoneInfo(zone)) for one in (moment, moment - timedelta(minutes=15)))
    assert before.date() <= due < here.date()


def test_late_counted_by_another_clock_would_flip_elsewhere():
    """The control: a zone that changes its offset moves the moment; the due day stays as it is."""
    (there,), (utc,) = flips("Pacific/Kiritimati", date(2018, 12, 31)), flips("UTC", date(2018, 12, 31))

    assert utc - there == timedelta(hours=14)
