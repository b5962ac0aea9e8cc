"""The places of a person's day: three at most, by their own clock, and quiet where their duty station does not work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.deadlines import working_day
from tracker.duepoints import Stations
from tracker.models import Body
from tracker.preferences import Wishes
from workflows.notices.slots import Place, place

ZURICH = "Europe/Zurich"
FRIDAY, SATURDAY = date(2018, 2, 16), date(2018, 2, 17)
DAILY = Wishes(pace="daily")


def at(moment, wishes=Wishes(), *, zone=ZURICH, taken=None, prompt=False, works=working_day):  # noqa: B008
    return place(datetime.fromisoformat(moment), zone, wishes, works=works, taken=taken or {}, prompt=prompt)


def test_mail_of_the_day_goes_from_the_reader_s_hour_on():
    assert at("2018-02-16T05:59+00:00") is None
    assert at("2018-02-16T06:00+00:00") == Place(FRIDAY, 0)
    assert at("2018-02-16T16:59+00:00", Wishes(digest_hour=18)) is None
    assert at("2018-02-16T17:00+00:00", Wishes(digest_hour=18)) == Place(FRIDAY, 0)


def test_reader_s_own_zone_is_asked_before_the_body_s():
    tokyo = Wishes(time_zone="Asia/Tokyo")
    assert at("2018-02-15T22:00+00:00", tokyo, zone="Asia/Tokyo") == Place(FRIDAY, 0)


@pytest.mark.parametrize("day", ["2018-02-17", "2018-02-18"])
def test_weekends_are_quiet(day):
    assert at(f"{day}T09:00+00:00") is None


@pytest.mark.parametrize("day", ["2018-03-30", "2018-05-10", "2018-09-06", "2018-12-31"])
def test_holidays_of_the_duty_station_are_quiet(db, day):
    """Good Friday, Ascension, and the two days that Geneva has for itself."""
    geneva = Body.objects.create(slug="geneva", name="Geneva", country="CH", subdivision="GE", time_zone=ZURICH)
    works = Stations().of(geneva).works
    assert at(f"{day}T09:00+00:00", works=works) is None
    assert at(f"{day}T09:00+00:00", works=works, prompt=True) is not None


def test_what_asks_for_an_act_goes_on_any_day_and_hour():
    assert at("2018-02-17T02:00+00:00", prompt=True) == Place(SATURDAY, 1)
    assert at("2018-02-17T09:00+00:00", prompt=True) == Place(SATURDAY, 0)


def test_whoever_wants_one_mail_a_day_is_not_called_for_what_asks_for_an_act():
    assert at("2018-02-16T02:00+00:00", DAILY, prompt=True) is None
    assert at("2018-02-16T09:00+00:00", DAILY, prompt=True) == Place(FRIDAY, 0)
    assert at("2018-02-16T10:00+00:00", DAILY, prompt=True, taken={FRIDAY: {0}}) is None
    assert at("2018-02-17T09:00+00:00", DAILY, prompt=True) is None


def test_day_is_full_with_three():
    assert at("2018-02-16T09:00+00:00", prompt=True, taken={FRIDAY: {0}}) == Place(FRIDAY, 1)
    assert at("2018-02-16T09:00+00:00", prompt=True, taken={FRIDAY: {0, 1}}) == Place(FRIDAY, 2)
    assert at("2018-02-16T09:00+00:00", prompt=True, taken={FRIDAY: {0, 1, 2}}) is None
    assert at("2018-02-16T05:00+00:00", prompt=True, taken={FRIDAY: {1, 2}}) is None


def test_clock_that_is_put_back_does_not_begin_the_day_again():
    assert at("2018-02-15T09:00+00:00", taken={FRIDAY: {0}}) is None


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        (ZURICH, "2018-03-25", 2),  # there is no 02:xx on that day
        (ZURICH, "2018-10-28", 2),  # there are two
        ("America/New_York", "2018-03-11", 2),
        ("America/New_York", "2018-11-04", 1),
        ("Australia/Lord_Howe", "2018-10-07", 2),  # half an hour
        ("Pacific/Apia", "2018-04-01", 3),
    ],
)
def test_mail_of_the_day_goes_once_on_days_of_another_length(zone, day, hour):
    day = date.fromisoformat(day)
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    taken: dict[date, set[int]] = {}
    gone = []
    for minutes in range(0, 48 * 60, 5):
        found = place(
            begin + timedelta(minutes=minutes),
            zone,
            Wishes(digest_hour=hour),
            works=lambda _day: True,
            taken=taken,
            prompt=False,
        )
        if found:
            taken.setdefault(found.day, set()).add(found.slot)
            gone.append(found.day)
    assert gone.count(day) == 1
    assert len(gone) == len(set(gone))


@given(
    minutes=st.lists(st.tuples(st.integers(0, 4 * 24 * 60), st.booleans()), max_size=60),
    hour=st.integers(0, 23),
    pace=st.sampled_from(["prompt", "daily"]),
)
def test_nobody_gets_more_than_three_mails_a_day(minutes, hour, pace):
    taken: dict[date, set[int]] = {}
    begin = datetime(2018, 3, 23, tzinfo=UTC)
    for minute, prompt in sorted(minutes):
        found = place(
            begin + timedelta(minutes=minute),
            ZURICH,
            Wishes(digest_hour=hour, pace=pace),
            works=working_day,
            taken=taken,
            prompt=prompt,
        )
        if found:
            assert found.slot not in taken.setdefault(found.day, set())
            taken[found.day].add(found.slot)
    assert all(len(slots) <= (3 if pace == "prompt" else 1) for slots in taken.values())
