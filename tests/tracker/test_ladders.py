"""The days of a ladder: a table worked out by hand, and what holds whatever the days are. No database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import ladders
from tracker.deadlines import working_day
from tracker.ladders import (
    ANNUAL_REPORT,
    ASKED,
    AUDIENCES,
    BUILT_IN,
    FINAL_REPORT,
    GENERAL,
    GRACE,
    PASSED,
    QUIET,
    SAME_DAY,
    Facts,
    Ladder,
    Planned,
    Rung,
    at_most,
    schedule,
)
from workflows.machines import OPEN, UNDISCHARGED, Status

LONG_AGO = date(2017, 1, 1)
SUNDAY = date(2018, 3, 18)
MONDAY = date(2018, 3, 19)
LEAP_DAY = date(2020, 2, 29)
EASTER = frozenset({date(2018, 3, 30), date(2018, 4, 2)})


def works(day: date) -> bool:
    """Geneva: Monday to Friday, but not on Good Friday and Easter Monday of 2018."""
    return working_day(day, EASTER)


def facts(due_on: date | None = SUNDAY, status: str = "in_progress", **more: object) -> Facts:
    return Facts("council/r1-1.2-c18", status, due_on, **{"entered_on": LONG_AGO, **more})  # type: ignore[arg-type]


def quiet(*rungs: Rung | int, grace: int = 3, audience: str = "holder") -> Ladder:
    return Ladder(
        "a ladder",
        tuple(one if isinstance(one, Rung) else Rung(one, audience) for one in rungs),
        grace_days=grace,
    )


def loud(*rungs: Rung | int, grace: int = 3, audience: str = "holder") -> Ladder:
    return Ladder("a ladder", quiet(*rungs, audience=audience).rungs, grace_days=grace, keeps_quiet=False)


def days(found: list[Planned], audience: str = "holder") -> list[tuple[int, str]]:
    """The rungs that stand, each with its day in short."""
    return [(one.rung.days, f"{one.day:%m-%d}") for one in found if one.audience == audience and not one.left_out]


def left_out(found: list[Planned]) -> list[tuple[int, str]]:
    return [(one.rung.days, one.left_out) for one in found if one.left_out]


def before_session(number: int, *, working: bool = False) -> Rung:
    return Rung(number, anchor="deadline", working=working, deadline=7)


TABLE = [
    # what is looked at, ladder, facts, the rungs that stand with their days, those left out
    ("weekends and holidays", quiet(-30, -14, -3, 1, 8, 15), facts(),
     [(-30, "02-16"), (-14, "03-02"), (-3, "03-15"), (1, "03-19"), (8, "03-26"), (15, "04-03")], []),
    ("every day", loud(-30, -14, -3, 1, 8, 15), facts(),
     [(-30, "02-16"), (-14, "03-04"), (-3, "03-15"), (1, "03-19"), (8, "03-26"), (15, "04-02")], []),
    ("on the due day, a Sunday", quiet(0), facts(), [(0, "03-16")], []),
    ("on the due day, on any day", loud(0), facts(), [(0, "03-18")], []),
    ("entered on the day of a rung", quiet(-30, -3), facts(entered_on=date(2018, 2, 16)),
     [(-30, "02-16"), (-3, "03-15")], []),
    ("entered after the day of a rung", quiet(-30, -3), facts(entered_on=date(2018, 2, 17)),
     [(-3, "03-15")], [(-30, PASSED)]),
    ("entered on a Saturday that is the day of a rung: not back before the entry, but forward",
     quiet(-30), facts(MONDAY, entered_on=date(2018, 2, 17)), [(-30, "02-19")], []),
    ("entered the day before a Sunday", quiet(-1), facts(entered_on=date(2018, 3, 17)), [], [(-1, QUIET)]),
    ("asked the day before a rung", quiet(-30, -14), facts(asked_on=date(2018, 2, 15)),
     [(-30, "02-19"), (-14, "03-02")], []),
    ("asked the day before a rung, on any day", loud(-30, -14), facts(asked_on=date(2018, 2, 15)),
     [(-30, "02-18"), (-14, "03-04")], []),
    ("asked so many days before a rung", loud(-30), facts(asked_on=date(2018, 2, 13)), [(-30, "02-16")], []),
    ("asked one day less before it", loud(-30), facts(asked_on=date(2018, 2, 14)), [(-30, "02-17")], []),
    ("asked after the day of a rung", quiet(-30), facts(asked_on=date(2018, 2, 17)), [(-30, "02-16")], []),
    ("no grace", loud(-30, grace=0), facts(asked_on=date(2018, 2, 16)), [(-30, "02-16")], []),
    ("grace up to the next rung", loud(-30, -14, grace=16), facts(asked_on=date(2018, 2, 16)),
     [(-14, "03-04")], [(-30, GRACE)]),
    ("grace until a day before the next rung", loud(-30, -14, grace=15), facts(asked_on=date(2018, 2, 16)),
     [(-30, "03-03"), (-14, "03-04")], []),
    ("grace over the due day", loud(-3, 8, grace=10), facts(asked_on=date(2018, 3, 14)),
     [(8, "03-26")], [(-3, GRACE)]),
    ("grace until the due day", loud(-3, 8, grace=3), facts(asked_on=date(2018, 3, 15)),
     [(-3, "03-18"), (8, "03-26")], []),
    ("grace until a due day that is not worked on", quiet(-3, 8), facts(asked_on=date(2018, 3, 15)),
     [(8, "03-26")], [(-3, GRACE)]),
    ("late ones are put off", quiet(1, 8), facts(asked_on=SUNDAY), [(1, "03-21"), (8, "03-26")], []),
    ("late ones are put off and become one", quiet(1, 8, 15, grace=10), facts(asked_on=SUNDAY),
     [(8, "03-28"), (15, "04-03")], [(1, SAME_DAY)]),
    ("a late one that a Sunday moves into the grace", quiet(7), facts(asked_on=date(2018, 3, 26)),
     [(7, "03-29")], []),
    ("two on one day: the later one stands", quiet(-2, -1), facts(), [(-1, "03-16")], [(-2, SAME_DAY)]),
    ("working days", quiet(Rung(-10, working=True), Rung(1, working=True), Rung(10, working=True)), facts(),
     [(-10, "03-05"), (1, "03-19"), (10, "04-03")], []),
    ("a document deadline", quiet(before_session(-3), before_session(1)),
     facts(deadlines={7: date(2018, 3, 12)}), [(-3, "03-09"), (1, "03-13")], []),
    ("a document deadline after the due day", quiet(before_session(-3)), facts(deadlines={7: date(2018, 4, 3)}),
     [(-3, "03-29")], []),
    ("working days before a document deadline", quiet(before_session(-3, working=True)),
     facts(deadlines={7: date(2018, 4, 3)}), [(-3, "03-27")], []),
    ("a document deadline without a day", quiet(before_session(-3), -3), facts(deadlines={8: SUNDAY}),
     [(-3, "03-15")], []),
    ("untouched", quiet(Rung(14, anchor="untouched")), facts(touched_on=date(2018, 2, 18)), [(14, "03-05")], []),
    ("untouched until the due day", quiet(Rung(14, anchor="untouched")), facts(touched_on=date(2018, 3, 2)),
     [(14, "03-16")], []),
    ("untouched when it is late: that is told anyway", quiet(Rung(14, anchor="untouched")),
     facts(touched_on=date(2018, 3, 5)), [], []),
    ("untouched and nobody asked yet", quiet(Rung(14, anchor="untouched")),
     facts(touched_on=date(2018, 2, 18), status="planned"), [], []),
    ("untouched and handed in", quiet(Rung(14, anchor="untouched")),
     facts(touched_on=date(2018, 2, 18), status="submitted"), [], []),
    ("a leap day", quiet(-30, -14, -3, 1, 8, 15), facts(LEAP_DAY),
     [(-30, "01-30"), (-14, "02-14"), (-3, "02-26"), (1, "03-02"), (8, "03-09"), (15, "03-16")], []),
    ("a leap day, on any day", loud(-30, 1, 15), facts(LEAP_DAY), [(-30, "01-30"), (1, "03-01"), (15, "03-15")], []),
    ("a year before a leap day", loud(-366), facts(LEAP_DAY), [(-366, "02-28")], []),
]  # fmt: skip


@pytest.mark.parametrize(("ladder", "known", "stand", "out"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_schedule(ladder: Ladder, known: Facts, stand: list[tuple[int, str]], out: list[tuple[int, str]]):
    found = schedule(ladder, known, works)

    assert (days(found), left_out(found)) == (stand, out)


def test_grace_is_for_those_who_were_asked():
    asked = facts(asked_on=SUNDAY, status="assigned")
    shown = {audience: days(schedule(quiet(1, audience=audience), asked, works), audience) for audience in AUDIENCES}

    assert shown == {one: [(1, "03-21" if one in ASKED else "03-19")] for one in AUDIENCES}


def test_two_audiences_are_told_on_one_day():
    found = schedule(quiet(1, Rung(1, "chair"), Rung(1, "secretariat")), facts(), works)

    assert [(one.audience, one.left_out) for one in found] == [("holder", ""), ("chair", ""), ("secretariat", "")]


@pytest.mark.parametrize("status", sorted(ladders.OVER))
def test_nothing_is_scheduled_once_it_is_over(status: str):
    assert schedule(GENERAL, facts(status=status), works) == []


def test_nothing_is_scheduled_without_a_day():
    assert schedule(GENERAL, facts(None), works) == []


@pytest.mark.parametrize("status", ["planned", "assigned", "in_progress", "submitted"])
def test_who_has_the_ball_is_reminded_whatever_the_status_before_endorsement(status: str):
    assert len(days(schedule(GENERAL, facts(status=status), works))) == 6


def test_nobody_is_told_in_copy_while_a_report_stands():
    ladder = quiet(-3, *(Rung(1, audience) for audience in AUDIENCES))

    assert {one.audience for one in schedule(ladder, facts(status="submitted"), works)} == {"holder", "alternate"}


def test_statuses_are_those_of_the_machine():
    """The control of three sets that are written down twice: what is pure knows no machine."""
    assert set(UNDISCHARGED) == ladders.OWED
    assert set(Status.values) - set(OPEN) | {Status.ENDORSED} == ladders.OVER
    assert set(UNDISCHARGED) - {Status.PLANNED} == ladders.AT_WORK


def test_keys_name_reference_day_rung_and_audience():
    ladder = loud(-30, Rung(-10, working=True), before_session(-3), Rung(14, anchor="untouched"), Rung(1, "chair"))
    known = facts(deadlines={7: date(2018, 4, 3)}, touched_on=date(2018, 2, 18))

    assert [one.key for one in schedule(ladder, known, works)] == [
        "reminder:council/r1-1.2-c18:2018-03-18:-30:holder",
        "reminder:council/r1-1.2-c18:2018-02-18:u14:holder",
        "reminder:council/r1-1.2-c18:2018-03-18:-10w:holder",
        "reminder:council/r1-1.2-c18:2018-03-18:1:chair",
        "reminder:council/r1-1.2-c18:2018-04-03:d7.-3:holder",
    ]


def test_the_day_that_a_rung_hangs_on_is_read_from_its_key():
    found = schedule(loud(Rung(14, anchor="untouched"), 1), facts(touched_on=date(2018, 2, 18)), works)

    assert [ladders.hung_on(f"{one.key}:17", "council/r1-1.2-c18") for one in found] == [date(2018, 2, 18), SUNDAY]


def test_a_station_that_never_works_is_told_so():
    with pytest.raises(ValueError, match="never works"):
        schedule(GENERAL, facts(), lambda _day: False)


@pytest.mark.parametrize(
    ("ladder", "most"),
    [(GENERAL, (6, 1, 1)), (ANNUAL_REPORT, (6, 2, 1)), (FINAL_REPORT, (6, 2, 2)), (loud(*range(-30, 0)), (6, 0, 0))],
    ids=["general", "annual report", "final report", "thirty"],
)
def test_at_most(ladder: Ladder, most: tuple[int, int, int]):
    assert tuple(at_most(ladder, one) for one in ("holder", "chair", "secretariat")) == most


def test_built_in_ladders_escalate_and_get_no_louder():
    for ladder in (GENERAL, *BUILT_IN.values()):
        first = {one: min(rung.days for rung in ladder.rungs if rung.audience == one) for one in AUDIENCES[::3]}
        assert first["holder"] < first["chair"]
        assert at_most(ladder, "holder") >= at_most(ladder, "chair") >= at_most(ladder, "secretariat")


# --- whatever the days are --------------------------------------------------------------------------------------------

DAYS = st.dates(date(2016, 1, 1), date(2021, 12, 31))
RUNGS = st.builds(
    Rung,
    st.integers(-120, 60),
    st.sampled_from(AUDIENCES),
    st.sampled_from(ladders.ANCHORS),
    st.booleans(),
    st.sampled_from([7, 8]),
)
LADDERS = st.builds(
    Ladder,
    st.just("a ladder"),
    st.lists(RUNGS, max_size=12).map(tuple),
    grace_days=st.integers(0, 30),
    keeps_quiet=st.booleans(),
)


@st.composite
def turns(draw: st.DrawFn) -> Facts:
    due = draw(DAYS)
    near = st.integers(-150, 60).map(lambda days: due + timedelta(days=days))
    return Facts(
        "council/r1-1.2-c18",
        draw(st.sampled_from(["planned", "assigned", "in_progress", "submitted"])),
        due,
        draw(near),
        draw(st.none() | near),
        {7: draw(near)},
        draw(st.none() | near),
    )


CLOSED = st.sets(DAYS, max_size=200).map(frozenset)


@given(LADDERS, turns(), CLOSED)
def test_properties_of_a_schedule(ladder: Ladder, known: Facts, closed: frozenset[date]):
    def station(day: date) -> bool:
        return working_day(day, closed)

    found = schedule(ladder, known, station)
    stand = [one for one in found if not one.left_out]

    assert len(found) <= len(ladder.rungs)
    assert all(one.day >= known.entered_on for one in stand)
    assert len({(one.audience, one.day) for one in stand}) == len(stand)
    if ladder.keeps_quiet:
        assert all(station(one.day) for one in stand)
    else:
        assert all(one.day >= one.nominal for one in stand)
    if known.asked_on:
        peace = known.asked_on + timedelta(days=ladder.grace_days)
        assert not any(known.asked_on <= one.day < peace for one in stand if one.audience in ASKED)


@given(LADDERS, turns(), CLOSED)
def test_what_comes_before_the_due_day_stays_before_it(ladder: Ladder, known: Facts, closed: frozenset[date]):
    assert known.due_on is not None
    for one in schedule(ladder, known, lambda day: working_day(day, closed)):
        if one.nominal <= known.due_on and not one.left_out:
            assert one.day <= known.due_on


@given(LADDERS, turns())
def test_late_ones_are_told_sooner_or_later(ladder: Ladder, known: Facts):
    assert known.due_on is not None
    for one in schedule(ladder, known, working_day):
        if one.nominal > known.due_on:
            assert one.left_out in {"", SAME_DAY, PASSED}


@given(LADDERS, turns())
def test_the_same_rung_has_the_same_key_whatever_else_the_ladder_says(ladder: Ladder, known: Facts):
    whole = {one.rung: one.key for one in schedule(ladder, known, working_day)}
    for rung in ladder.rungs:
        for one in schedule(Ladder("alone", (rung,)), known, working_day):
            assert whole[rung] == one.key
