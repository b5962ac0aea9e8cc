"""The chair's board: every number leads to a list of that many rows, and says how it stood thirty days ago."""

import re
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from tests.people import make_world
from tracker import audit, clock
from tracker.models import Occurrence, Term
from workflows import steps
from workflows.board import Age, Desk, Matrix

pytestmark = pytest.mark.django_db
PLACE = "/board/?group=group"
ALL = ["council/r1-1.2-c16", "council/r1-1.2-c17", "council/r1-1.2-c18"]
QUERIES = 21


def matrix(world, moment="2018-02-16T09:00+00:00", who="chair") -> Matrix:
    return Desk(world.people[who], world.group, datetime.fromisoformat(moment)).matrix()


def on(day):
    """Within this block it is nine o'clock of a day."""
    return clock.at(datetime.fromisoformat(f"{day}T09:00+00:00"))


def test_board_shows_what_nobody_leads_on_top(world, client_for):
    world.walk("assigned")

    page = client_for(world.chair).get(PLACE)

    assert [row.occurrence.reference for row in page.context["no_one"]["rows"]] == ALL[:2]
    assert page.context["lines"][0].who == "nobody"
    assert page.context["sum"].total.count == page.context["total"] == 3


def test_board_shows_what_a_vacant_office_leads_on_top(world, client_for):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    Term.objects.filter(office=world.offices["contributor"]).update(ends="2018-01-31")

    page = client_for(world.chair).get(PLACE)

    assert [row.occurrence.reference for row in page.context["vacant"]["rows"]] == [ALL[2]]
    assert [(line.who == "nobody", line.vacant) for line in page.context["lines"]] == [(True, False), (False, True)]
    assert "no one holds this office" in page.content.decode()
    assert page.context["rows"] == []  # on top, and there only


def test_office_that_somebody_holds_is_not_vacant(world, client_for):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)

    page = client_for(world.chair).get(PLACE)

    assert page.context["vacant"]["count"] == 0
    assert [row.occurrence.reference for row in page.context["rows"]] == [ALL[2]]


def test_every_number_of_the_board_is_a_link_to_a_list_of_that_many_rows(world, client_for):
    world.walk("submitted", world.due)
    steps.assign(world.past, lead=world.helper, by=world.chair)
    steps.assign(Occurrence.objects.get(reference=ALL[0]), lead=world.offices["contributor"], by=world.chair)
    Term.objects.filter(office=world.offices["contributor"]).update(ends="2018-01-31")
    client = client_for(world.chair)

    html = client.get(PLACE).content.decode()
    links = re.findall(r'<a[^>]*href="(\?group=[^"#]+)#listing"[^>]*>\s*(\d+)\b', html)

    assert len(links) >= 14
    assert any("only=vacant" in href for href, _number in links)
    for href, number in links:
        page = client.get(f"/board/{href.replace('&amp;', '&')}")
        assert page.context["shown"] == len(page.context["rows"]) == int(number), href


def test_sums_are_those_of_the_lines(world):
    world.walk("submitted", world.due)
    world.walk("in_progress", world.past)

    found = matrix(world)

    for status, count in found.sum.now.items():
        assert count == sum(line.now[status] for line in found.lines)
    assert found.sum.late_now == sum(line.late_now for line in found.lines) == 2


@pytest.mark.parametrize("who", ["chair", "vice_chair", "secretary"])
def test_board_is_for_who_assigns(world, client_for, who):
    assert client_for(world.people[who]).get(PLACE).status_code == 200


@pytest.mark.parametrize("who", ["contributor", "councillor", "outsider"])
def test_board_is_for_nobody_else(world, client_for, who):
    assert client_for(world.people[who]).get(PLACE).status_code == 403


def test_board_without_a_known_group_is_the_fullest_one(world, client_for):
    assert client_for(world.secretary).get("/board/?group=nothing&who=x&status=y").context["group"] == world.group


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("who=office-99999999999999999999999", 200),
        ("who=person-x", 200),
        ("status=nothing", 200),
        ("only=nothing&order=nothing&page=nothing", 200),
        ("who=%00", 400),
        ("only=%00", 400),
    ],
)
def test_filters_without_sense_never_break_the_board(world, client_for, query, status):
    assert client_for(world.chair).get(f"{PLACE}&{query}").status_code == status


def test_number_of_queries_does_not_grow_with_the_items(world, client_for):
    client = client_for(world.chair)
    with CaptureQueriesContext(connection) as three:
        client.get(PLACE)
    for reference in ALL[:2]:
        steps.supersede(Occurrence.objects.get(reference=reference), by=world.secretary, reason="Amended.")

    with CaptureQueriesContext(connection) as one:
        client.get(PLACE)

    assert (len(one), len(three)) == (QUERIES, QUERIES)


def test_filters_say_how_many_of_how_many_are_shown(world, client_for):
    world.walk("assigned")

    page = client_for(world.chair).get(f"{PLACE}&status=planned")

    assert escape("2 of 3 shown") in page.content.decode()


def test_list_has_the_longest_in_its_status_first_or_the_nearest_day(world, client_for):
    with on("2018-01-10"):
        world.walk("assigned", world.due)
    with on("2018-02-01"):
        world.walk("assigned", world.past)
    client = client_for(world.chair)

    by_age = client.get(f"{PLACE}&status=assigned").context["rows"]
    by_day = client.get(f"{PLACE}&status=assigned&order=due").context["rows"]

    assert [(row.occurrence.reference, row.age, row.old) for row in by_age] == [(ALL[2], 37, True), (ALL[1], 15, False)]
    assert [row.occurrence.reference for row in by_day] == [ALL[1], ALL[2]]


def test_list_comes_in_pages(world, client_for, monkeypatch):
    monkeypatch.setattr("workflows.views.board.PER_PAGE", 2)
    client = client_for(world.chair)

    first, second = (client.get(f"{PLACE}&status=planned&page={number}") for number in (1, 2))

    assert [len(page.context["rows"]) for page in (first, second)] == [2, 1]
    assert first.context["shown"] == second.context["shown"] == 3


def test_ticks_go_along_from_page_to_page_and_from_list_to_list(world, client_for, monkeypatch):
    monkeypatch.setattr("workflows.views.board.PER_PAGE", 2)
    client = client_for(world.chair)
    one = client.get(f"{PLACE}&status=planned").context["rows"][0].occurrence.reference

    second = client.get(f"{PLACE}&status=planned&page=2&item={one}&item=council/r9-9-c99")
    html = second.content.decode()

    assert second.context["elsewhere"] == [one]  # what is not theirs to see, or not there, is left out
    assert f'<input type="hidden" form="choose" name="item" value="{one}">' in html
    assert '<input type="hidden" form="choose" name="status" value="planned">' in html
    assert "1 item that is not on this page is chosen too" in html
    back = client.get(f"{PLACE}&status=planned&page=1&item={one}")
    assert back.context["elsewhere"] == []
    assert re.search(rf'form="choose" value="{one}" checked', back.content.decode())
    whole = client.get(PLACE).content.decode()
    assert whole.count('id="choose"') == 1  # one form for all lists
    assert 'type="checkbox" name="item" value' not in whole


# Thirty days ago -------------------------------------------------------------------------------------------------------


@pytest.fixture
def older(db, clock_pinned):
    """The world as it is, entered a year ago."""
    with on("2017-02-16"):
        return make_world()


def changes(found: Matrix) -> dict[tuple[str, str], int]:
    """What changed, by name of the lead and status."""
    return {
        (line.name, status): cell.change
        for line in [*found.lines, found.sum]
        for status, _label, cell in line.cells
        if cell.change
    }


def test_cells_compare_with_how_they_stood_thirty_days_ago(older):
    with on("2018-01-10"):
        turn = steps.assign(older.due, lead=older.contributor, by=older.chair)
    with on("2018-02-01"):
        steps.accept(turn, by=older.contributor)
        steps.assign(older.past, lead=older.helper, by=older.chair)

    assert changes(matrix(older)) == {
        ("Contributor", "assigned"): -1,
        ("Contributor", "in_progress"): 1,
        ("Helper", "assigned"): 1,
        ("no one", "planned"): -1,
        ("all", "planned"): -1,
        ("all", "in_progress"): 1,
    }


def test_nothing_differs_thirty_days_after_the_last_act(older):
    with on("2018-01-10"):
        older.walk("in_progress")

    assert changes(matrix(older, "2018-02-10T09:00+00:00")) == {}


def test_what_was_closed_since_is_missed_where_it_stood(older):
    with on("2018-01-01"):
        older.walk("in_progress", older.past)
    with on("2018-02-01"):
        turn = steps.submit(older.past, by=older.contributor, text="What was done.")
        turn = steps.endorse(turn, by=older.chair)
        steps.close(turn, by=older.secretary, decision=older.decide())

    found = matrix(older)

    assert changes(found) == {("Contributor", "in_progress"): -1, ("all", "in_progress"): -1}
    assert found.sum.total.change == -1


def test_what_was_entered_since_is_more(world):
    Occurrence.objects.exclude(reference=ALL[2]).update(opened_at="2017-02-16T09:00Z", status_since="2017-02-16T09:00Z")

    assert changes(matrix(world)) == {("no one", "planned"): 1, ("all", "planned"): 1}


def test_no_arrow_is_shown_where_nothing_was_on_record_thirty_days_ago(world, client_for):
    html = client_for(world.chair).get(PLACE).content.decode()

    assert "Nothing was on record here 30 days ago to compare with." in html
    assert "than 30 days ago" not in html


def test_past_due_compares_with_the_days_as_they_were_then(older):
    with on("2018-02-10"):
        steps.change_due_date(older.past, by=older.chair, due_on=date(2018, 3, 1), reason="Agreed.")

    late = matrix(older).sum.late

    assert (late.count, late.then, late.words) == (1, 2, "1 fewer")


def test_arrow_has_words_and_not_only_a_colour(older, client_for):
    with on("2018-02-01"):
        older.walk("assigned")

    html = client_for(older.chair).get(PLACE).content.decode()

    assert re.search(r"▲</span>1 more<span class=\"hidden\"> than 30 days ago</span>", html)
    assert re.search(r"▼</span>1 fewer<span class=\"hidden\"> than 30 days ago</span>", html)


def test_ages_are_the_middle_and_the_longest_of_each_status(older):
    Occurrence.objects.filter(reference=ALL[1]).update(status_since="2018-02-06T09:00Z")
    Occurrence.objects.filter(reference=ALL[2]).update(status_since="2018-02-14T09:00Z")

    assert matrix(older).ages == [Age(10, 364), None, None, None, None]


def test_rebuilt_counts_equal_those_taken_then(older):
    """What the board said on a day, it says of that day thirty days later, whatever has happened since."""
    with on("2018-01-05"):
        older.walk("submitted", older.past)
        older.walk("assigned", older.due)
    then = {line.who: dict(line.now) for line in matrix(older, "2018-01-17T09:00+00:00").lines}
    late_then = matrix(older, "2018-01-17T09:00+00:00").sum.late_now

    with audit.acting("command"), on("2018-02-01"):
        steps.send_back(older.past, by=older.chair, reason="Say who took part.")
        steps.decline(older.due, by=older.contributor, reason="Elsewhere.")
        steps.supersede(Occurrence.objects.get(reference=ALL[0]), by=older.secretary, reason="Amended.")
    found = matrix(older, "2018-02-16T09:00+00:00")

    assert {line.who: line.then for line in found.lines if line.total.then} == then
    assert found.sum.late_then == late_then
    assert {line.who: line.now for line in found.lines} != then  # the control: something has moved
