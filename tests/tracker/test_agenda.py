"""The agenda and the year: everything that falls due, in its order, narrowed in the address, and quick with many rows."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracker import clock
from tracker.models import DeadlineRule, Meeting, Obligation, Occurrence, Resolution, Session, Sitting
from tracker.summaries.diary import Narrowed, diary, year_of
from workflows import steps

AGENDA, YEAR = "/calendar/agenda/", "/calendar/year/2018/"


def lines(page):
    """What a page of the agenda lists, as references and titles."""
    return [
        line.occurrence.reference if hasattr(line, "occurrence") else line.title
        for span in page.context["spans"]
        for line in span.lines
    ]


def many(world, number, *, due_on=date(2018, 9, 1), every=1):
    """So many more turns, one every few days."""
    rows = [
        Occurrence(
            obligation=world.obligation,
            body=world.council,
            resolution=world.resolution,
            session=world.sessions["C18"],
            reference=f"council/r1-1.2-p{place:05}",
            period=date(1900, 1, 1) + timedelta(days=place),
            due_on=due_on + timedelta(days=place // every) if due_on else None,
            status_since=clock.now(),
            opened_at=clock.now(),
        )
        for place in range(number)
    ]
    return Occurrence.objects.bulk_create(rows)


@pytest.fixture
def papers(world):
    """A document deadline two weeks before each Council."""
    return DeadlineRule.objects.create(body=world.council, slug="papers", name="Papers", days_before=14)


# The agenda -------------------------------------------------------------------------------------------------------------


def test_agenda_is_what_comes_in_the_order_of_its_days_late_ones_first(world, papers, client_for):
    Sitting.objects.create(session=world.sessions["C18"], kind="final", begins=date(2018, 10, 27))
    Meeting.objects.create(body=world.group, number=15, begins=date(2018, 9, 4))
    page = client_for(world.chair).get(AGENDA)

    assert lines(page) == [
        "council/r1-1.2-c18",
        "Papers: deadline for Council 2018",
        "Council 2018 opens",
        "Meeting 15 of Group",
        "Council 2018: final sitting, physical",
    ]
    assert [line.occurrence.reference for line in page.context["diary"].late.rows] == [
        "council/r1-1.2-c16",
        "council/r1-1.2-c17",
    ]
    assert [span.title for span in page.context["spans"]] == [
        "March 2018", "April 2018", "September 2018", "October 2018",
    ]  # fmt: skip


def test_deadline_in_working_days_leaves_out_holidays_and_closed_days(world):
    world.council.country = "CH"
    world.council.save()
    DeadlineRule.objects.create(body=world.council, slug="late", name="Late papers", days_before=10, working=True)
    days = {one.title: one.first for one in diary(world.chair, Narrowed()).ahead.dates}

    # 17 April 2018 is a Tuesday; between lie two week-ends and nothing else, Easter Monday is no canton-wide holiday.
    assert days["Late papers: deadline for Council 2018"] == date(2018, 4, 3)
    steps.move_session(world.sessions["C18"], opens=date(2018, 8, 6), by=world.secretary, reason="Room.")
    moved = {one.title: one.first for one in diary(world.chair, Narrowed()).ahead.dates}
    assert moved["Late papers: deadline for Council 2018"] == date(2018, 7, 20)  # 1 August is a holiday


def test_agenda_by_week_begins_on_mondays(world, client_for):
    page = client_for(world.chair).get(f"{AGENDA}?group=week")

    assert [span.title for span in page.context["spans"]] == ["Week of 12 March 2018", "Week of 16 April 2018"]


def test_what_waits_for_a_date_stands_apart(world, client_for):
    steps.move_session(world.sessions["C18"], opens=None, by=world.secretary, reason="No room.")
    page = client_for(world.chair).get(AGENDA)

    waiting = page.context["diary"].waiting
    assert [line.occurrence.reference for line in waiting.rows] == ["council/r1-1.2-c18"]
    assert [one.title for one in waiting.dates] == ["Council 2018 opens"]
    assert waiting.total == 2
    assert lines(page) == []


def test_span_that_was_asked_for_is_shown_alone(world, client_for):
    page = client_for(world.chair).get(f"{AGENDA}?since=2017-01-01&until=2017-12-31")

    assert lines(page) == ["council/r1-1.2-c17", "Council 2017 opens"]
    assert page.context["diary"].late.total == 0


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 4),
        ("what=turns", 3),
        ("what=dates", 1),
        ("mark=unassigned", 2),
        ("mark=due", 1),
        ("mine=1", 1),
        ("resolution=council/r1", 3),
        ("body=council", 4),
        ("body=group", 3),
        ("body=group&mine=1", 1),
        ("show=late", 2),
        ("show=waiting", 0),
    ],
)
def test_filters_say_how_many_of_how_many_are_shown(world, client_for, query, shown):
    steps.assign(world.due, lead=world.contributor, by=world.chair)
    page = client_for(world.contributor).get(f"{AGENDA}?{query}")

    assert (page.context["diary"].shown, page.context["diary"].total) == (shown, 4)
    assert f"{shown} of 4 shown" in page.content.decode()


def test_mine_are_those_of_my_offices_too(world, client_for):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)

    assert client_for(world.contributor).get(f"{AGENDA}?mine=1").context["diary"].shown == 1
    assert client_for(world.chair).get(f"{AGENDA}?mine=1").context["diary"].shown == 0


def test_pages_of_the_agenda_hold_everything_once_and_in_order(world, papers, client_for):
    for month in range(1, 13):
        Meeting.objects.create(body=world.group, number=20 + month, begins=date(2018, month, 15))
    many(world, 160, due_on=date(2018, 2, 20), every=3)
    client = client_for(world.chair)
    pages = [client.get(f"{AGENDA}?page={number}") for number in range(1, 5)]

    listed = [line for page in pages for line in lines(page)]
    merged = diary(world.chair, Narrowed()).ahead
    assert [len(lines(page)) for page in pages] == [50, 50, 50, len(merged) - 150]
    assert len(set(listed)) == len(listed) == 1 + 160 + 2 + 10  # the turn, the many, the session and deadline, meetings
    days = [line.day if hasattr(line, "occurrence") else line.first for line in merged]
    assert days == sorted(days)
    assert client.get(f"{AGENDA}?page=2").context["diary"].late.total == 2
    assert 'id="late"' not in client.get(f"{AGENDA}?page=2").content.decode()


def test_long_sections_show_some_and_lead_to_all(world, client_for):
    many(world, 40, due_on=date(2017, 6, 1))
    many_waiting = many_of(world, 30)
    html = client_for(world.chair).get(AGENDA).content.decode()

    assert "10 of 42 shown" in html
    assert "10 of 30 shown" in html
    assert len(many_waiting) == 30
    assert len(lines(client_for(world.chair).get(f"{AGENDA}?show=late"))) == 42
    assert len(client_for(world.chair).get(f"{AGENDA}?show=waiting").context["diary"].waiting.rows) == 30


def many_of(world, number):
    """So many turns without a date."""
    return Occurrence.objects.bulk_create(
        Occurrence(
            obligation=world.obligation,
            body=world.council,
            resolution=world.resolution,
            reference=f"council/r1-1.2-w{place}",
            period=date(1800, 1, 1) + timedelta(days=place),
            status_since=clock.now(),
            opened_at=clock.now(),
        )
        for place in range(number)
    )


def test_restricted_turns_are_neither_listed_nor_counted(world, client_for):
    Obligation.objects.update(visibility="restricted")

    hidden, seen = (client_for(one).get(AGENDA).context["diary"] for one in (world.councillor, world.chair))
    assert (hidden.shown, hidden.total) == (1, 1)
    assert (seen.shown, seen.total) == (4, 4)  # control: they are there


def test_resolution_that_may_not_be_seen_is_no_filter(world, client_for):
    Resolution.objects.update(visibility="restricted")

    assert client_for(world.outsider).get(f"{AGENDA}?resolution=council/r1").status_code == 400
    assert client_for(world.secretary).get(f"{AGENDA}?resolution=council/r1").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "body=nothing", "body=%00", "resolution=x", "resolution=%00", "mark=x1", "what=x", "since=x",
        "since=99999-01-01", "since=2018-05-01&until=2018-04-01", "show=x", "mark=%ff",
    ],
)  # fmt: skip
def test_filter_that_makes_no_sense_is_refused(world, client_for, query):
    assert client_for(world.chair).get(f"{AGENDA}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["since=0001-01-01", "until=9999-12-31", "since=9999-12-31", "page=x", "page=-1"])
def test_odd_days_and_pages_are_answered(world, client_for, query):
    assert client_for(world.chair).get(f"{AGENDA}?{query}").status_code == 200


def test_agenda_is_for_those_who_have_logged_in(world):
    for place in (AGENDA, YEAR, "/calendar/year/"):
        assert Client().get(place)["Location"].startswith("/login/")


@pytest.mark.parametrize("place", [AGENDA, YEAR])
def test_number_of_queries_does_not_grow_with_the_rows(world, papers, client_for, place):
    client = client_for(world.chair)
    with CaptureQueriesContext(connection) as one:
        client.get(place)
    for number in (15, 16):
        Meeting.objects.create(body=world.group, number=number, begins=date(2018, 6, number))
        Session.objects.create(
            body=world.council, code=f"X{number}", name=f"Extra {number}", opens=date(2018, 7, number)
        )
    many(world, 2)
    with CaptureQueriesContext(connection) as three:
        client.get(place)

    assert len(three) == len(one)
    assert len(one) <= {AGENDA: 44, YEAR: 34}[place]


# The year ---------------------------------------------------------------------------------------------------------------


def test_year_has_twelve_months_with_what_falls_due_on_which_day(world, papers, client_for):
    page = client_for(world.chair).get(YEAR)

    months = page.context["year"].months
    assert [month.number for month in months] == list(range(1, 13))
    assert [(month.number, day.day.day) for month in months for day in month.days] == [
        (1, 23), (3, 18), (4, 3), (4, 17),
    ]  # fmt: skip
    html = re.sub(r"\s+", " ", page.content.decode())
    assert "Annual report" in html
    assert "Papers: deadline for Council 2018" in html
    assert html.count("Nothing.") == 9
    assert '<th scope="row"><time datetime="2018-03-18">18<span class="hidden"> March</span></time></th>' in html


def test_year_leads_to_the_one_before_and_after_with_its_filters(world, client_for):
    html = client_for(world.chair).get(f"{YEAR}?mine=1").content.decode()

    assert "/calendar/year/2017/?mine=1" in html
    assert "/calendar/year/2019/?mine=1" in html


@pytest.mark.parametrize(
    ("query", "total"), [("mark=due", 0), ("mark=unassigned", 1), ("mine=1", 0), ("what=dates", 0)]
)
def test_year_is_narrowed_as_the_agenda_is(world, client_for, query, total):
    page = client_for(world.chair).get(f"{YEAR}?{query}")

    assert page.context["year"].total == total
    assert client_for(world.chair).get(f"{YEAR}?mark=x").status_code == 400


def test_date_known_to_the_month_stands_in_it_without_a_day(world, client_for):
    Meeting.objects.create(body=world.group, number=15, begins=date(2018, 9, 1), precision="month")
    september = client_for(world.chair).get(YEAR).context["year"].months[8]

    assert [(day.day, [one.title for one in day.dates]) for day in september.days] == [(None, ["Meeting 15 of Group"])]


def test_year_with_very_many_turns_says_how_many_and_leads_to_them(world, client_for):
    many(world, 400, every=50)
    client = client_for(world.chair)
    page = client.get(YEAR)

    assert not page.context["year"].named
    assert page.context["year"].total == 401
    link = re.search(r'href="([^"]*since=2018-09-01[^"]*)"', page.content.decode())
    listed = client.get(link.group(1).replace("&amp;", "&"))
    assert listed.context["diary"].shown == 50


def test_year_and_agenda_count_the_same(world):
    many(world, 7)

    counted = year_of(world.chair, 2018, Narrowed()).total
    listed = diary(world.chair, Narrowed(since=date(2018, 1, 1), until=date(2018, 12, 31), what="turns"))
    assert counted == listed.shown == 8


@pytest.mark.parametrize(("place", "status"), [("1849", 404), ("2151", 404), ("9999", 404), ("1850", 200)])
def test_year_outside_any_calendar_is_not_there(world, client_for, place, status):
    assert client_for(world.chair).get(f"/calendar/year/{place}/").status_code == status


def test_year_in_which_nothing_falls_due_says_so_once(world, client_for):
    html = client_for(world.chair).get("/calendar/year/2040/").content.decode()

    assert "Nothing falls due in this year" in html
    assert "Nothing." not in html
    assert "in the other months" in client_for(world.chair).get(YEAR).content.decode()
