"""Due points, periods and working days: tables of days, no database."""

from datetime import date

import pytest

from tracker.deadlines import (
    add_months,
    add_working_days,
    days_late,
    days_left,
    due_point,
    periodic,
    working_day,
)

DUE = date(2018, 3, 18)


@pytest.mark.parametrize(
    ("on", "late"),
    [
        (date(2018, 3, 17), 0),
        (date(2018, 3, 18), 0),  # the due day is the holder's to its end
        (date(2018, 3, 19), 1),
        (date(2018, 4, 17), 30),
        (date(2019, 3, 18), 365),
        (date(2020, 3, 18), 731),  # over 29 February 2020
    ],
)
def test_days_late_counts_whole_days_from_the_day_after(on: date, late: int) -> None:
    assert days_late(DUE, on) == late


def test_days_late_without_a_due_day_is_none() -> None:
    assert days_late(None, DUE) == 0


@pytest.mark.parametrize(("on", "left"), [(date(2018, 2, 16), 30), (DUE, 0), (date(2018, 3, 20), -2)])
def test_days_left_runs_through_the_due_day(on: date, left: int) -> None:
    assert days_left(DUE, on) == left


@pytest.mark.parametrize(
    ("anchor", "offset", "due"),
    [
        (date(2018, 4, 17), -30, date(2018, 3, 18)),  # Council 2018
        (date(2017, 5, 15), -30, date(2017, 4, 15)),  # Council 2017
        (date(2018, 1, 23), -1, date(2018, 1, 22)),  # the 14th meeting of CWG-COP
        (date(2018, 10, 29), 0, date(2018, 10, 29)),  # PP-18
        (date(2016, 3, 1), -1, date(2016, 2, 29)),  # leap year
        (date(2017, 3, 1), -1, date(2017, 2, 28)),
        (date(2000, 3, 1), -1, date(2000, 2, 29)),  # every 400 years
        (date(2100, 3, 1), -1, date(2100, 2, 28)),  # not every 100
        (date(2018, 1, 1), -30, date(2017, 12, 2)),
        (date(2018, 12, 31), 1, date(2019, 1, 1)),
        (None, -30, None),
    ],
)
def test_due_point_counts_from_what_it_hangs_on(anchor: date | None, offset: int, due: date | None) -> None:
    assert due_point(anchor, offset) == due


@pytest.mark.parametrize(
    ("day", "months", "there"),
    [
        (date(2018, 1, 31), 1, date(2018, 2, 28)),
        (date(2016, 1, 31), 1, date(2016, 2, 29)),
        (date(2016, 2, 29), 12, date(2017, 2, 28)),
        (date(2016, 2, 29), 48, date(2020, 2, 29)),
        (date(2018, 3, 31), 1, date(2018, 4, 30)),
        (date(2018, 12, 31), 2, date(2019, 2, 28)),
        (date(2018, 11, 30), 3, date(2019, 2, 28)),
        (date(2018, 3, 31), -1, date(2018, 2, 28)),
        (date(2018, 1, 15), -1, date(2017, 12, 15)),
        (date(2018, 1, 15), 0, date(2018, 1, 15)),
        (date(2018, 12, 1), 12, date(2019, 12, 1)),
    ],
)
def test_add_months_stays_within_the_month(day: date, months: int, there: date) -> None:
    assert add_months(day, months) == there


def test_periodic_counts_from_the_start_so_that_the_31st_does_not_drift() -> None:
    found = list(periodic(date(2018, 1, 31), 1, date(2018, 5, 31)))

    assert found == [
        (1, date(2018, 2, 28)),
        (2, date(2018, 3, 31)),
        (3, date(2018, 4, 30)),
        (4, date(2018, 5, 31)),
    ]


@pytest.mark.parametrize(
    ("until", "count"), [(date(2018, 3, 30), 0), (date(2018, 3, 31), 1), (date(2018, 12, 31), 4), (date(2017, 1, 1), 0)]
)
def test_periodic_ends_with_the_day_that_is_given(until: date, count: int) -> None:
    assert len(list(periodic(date(2017, 12, 31), 3, until))) == count


@pytest.mark.parametrize("months", [0, -1])
def test_periodic_without_a_period_is_refused(months: int) -> None:
    with pytest.raises(ValueError, match="at least one month"):
        list(periodic(DUE, months, DUE))


GOOD_FRIDAY, EASTER_MONDAY = date(2018, 3, 30), date(2018, 4, 2)


@pytest.mark.parametrize(
    ("day", "count", "there"),
    [
        (date(2018, 3, 16), 1, date(2018, 3, 19)),  # Friday → Monday
        (date(2018, 3, 17), 1, date(2018, 3, 19)),  # Saturday → Monday
        (date(2018, 3, 19), -1, date(2018, 3, 16)),
        (date(2018, 3, 16), 5, date(2018, 3, 23)),
        (date(2018, 3, 16), 10, date(2018, 3, 30)),
        (date(2018, 3, 16), 0, date(2018, 3, 16)),
        (date(2016, 2, 26), 1, date(2016, 2, 29)),  # a leap day is a Monday
    ],
)
def test_add_working_days_passes_over_weekends(day: date, count: int, there: date) -> None:
    assert add_working_days(day, count) == there


def test_add_working_days_passes_over_holidays() -> None:
    def works(day: date) -> bool:
        return working_day(day, frozenset({GOOD_FRIDAY, EASTER_MONDAY}))

    assert add_working_days(date(2018, 3, 29), 1, works) == date(2018, 4, 3)
    assert add_working_days(date(2018, 4, 3), -1, works) == date(2018, 3, 29)
    assert add_working_days(date(2018, 3, 29), 1) == GOOD_FRIDAY  # the control


@pytest.mark.parametrize(
    ("day", "works"), [(date(2018, 3, 16), True), (date(2018, 3, 17), False), (date(2018, 3, 18), False)]
)
def test_working_day_is_monday_to_friday(day: date, works: bool) -> None:
    assert working_day(day) is works


def test_working_day_is_no_holiday() -> None:
    assert not working_day(GOOD_FRIDAY, frozenset({GOOD_FRIDAY}))
