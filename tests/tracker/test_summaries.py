"""What the Council sees adds up, and every number has a list of that many rows."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from tests.people import World
from tracker import clock
from tracker.marks import MARKS
from tracker.models import Meeting, Obligation, Occurrence, Paragraph, Resolution, Session, Version, Visibility
from tracker.summaries import Filters, Overview, Sight, overview, present_session, select
from workflows import steps


def seen_by(world: World, name: str = "councillor", code: str = "C18", **filters: str) -> Overview:
    session = world.sessions[code] if code else None
    return overview(world.people[name], world.council, session, filters=Filters(**filters))


def another_item(world: World, path: str, **fields: object) -> Obligation:
    """A further operative item with a duty of its own, and its turns."""
    paragraph = Paragraph.objects.create(
        version=world.version,
        kind="operative",
        position=100 + Paragraph.objects.count(),
        path=path,
        label=path,
        heading="resolves",
        text=f"to do {path};",
        disposition="tracked",
    )
    given = {
        "kind": "each_session",
        "anchor": "session",
        "anchor_body": world.council,
        "offset_days": -30,
        "responsible": world.group,
        "endorser": world.offices["chair"],
        "confirmed": True,
    } | fields
    duty = Obligation.objects.create(paragraph=paragraph, resolution=world.resolution, title=f"Item {path}", **given)
    steps.plan_turns(duty)
    return duty


@pytest.fixture
def busy(world: World) -> World:
    """Four items in different states: submitted, unassigned, before meetings, and due at another body's session."""
    another_item(world, "2")
    another_item(world, "3", kind="before_each_meeting", anchor="meeting", anchor_body=world.group, offset_days=-1)
    Meeting.objects.create(body=world.group, number=13, begins=date(2017, 1, 1), precision="year")
    steps.roll()
    conference = type(world.council).objects.create(slug="pp", name="The Conference", short_name="Conference")
    pp = Session.objects.create(body=conference, code="PP18", name="Conference 2018", opens=date(2018, 10, 29))
    another_item(world, "5", kind="once", anchor_body=conference, anchor_session=pp, offset_days=0)
    world.walk("submitted")
    return world


def rows(page: object) -> int:
    return page.context["page_obj"].paginator.count


# Numbers ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["C16", "C17", "C18", ""])
def test_counts_add_up(busy, code):
    seen = seen_by(busy, code=code)

    mine = Occurrence.objects.filter(session=busy.sessions[code]) if code else Occurrence.objects.all()
    assert sum(count.number.count for count in seen.counts) == seen.occurrences.count == mine.count()
    assert sum(part.number.count for part in seen.statements) == seen.items.count == 4


def test_past_due_is_the_sum_of_those_past_their_day_whatever_their_mark(busy):
    seen = seen_by(busy, code="")

    today = clock.today("Europe/Zurich")
    assert seen.past_due.count == Occurrence.objects.filter(due_on__lt=today, status="planned").count() > 0
    assert {one.mark.code for one in seen.late} == {"unassigned"}


@pytest.mark.parametrize("code", ["C17", "C18", ""])
def test_every_number_has_a_list_of_that_many_rows(busy, client_for, code):
    seen = seen_by(busy, code=code)
    client = client_for(busy.councillor)
    numbers = [seen.items, seen.occurrences, seen.past_due, seen.carried, seen.awaiting]
    numbers += [count.number for count in seen.counts] + [part.number for part in seen.statements]

    for number in numbers:
        if number is seen.carried and not code:
            continue
        assert rows(client.get(f"/occurrences/?{number.query}")) == number.count, number.query


@pytest.mark.parametrize(
    "filters",
    [
        {"mark": "unassigned"},
        {"holder": "nobody"},
        {"kind": "before_each_meeting"},
        {"resolution": "r1"},
        {"item": "2"},
    ],
)
def test_filters_narrow_page_and_lists_alike(busy, client_for, filters):
    seen = seen_by(busy, code="", **filters)
    everything = seen_by(busy, code="")
    page = client_for(busy.councillor).get(f"/occurrences/?body=council&{urlencode(filters)}")

    assert rows(page) == seen.occurrences.count <= everything.occurrences.count
    assert seen.items_in_all == everything.items_in_all


def test_superseded_is_said_beside_the_counts(busy):
    busy.walk("superseded", Occurrence.objects.get(reference="council/r1-2-c18"))

    before, seen = 3, seen_by(busy)

    assert (seen.superseded, seen.occurrences.count) == (1, before - 1)


def test_filter_without_sense_is_refused(world):
    for wrong in ({"mark": "green"}, {"kind": "x"}, {"resolution": "r9"}, {"holder": "nobody-of-that-name"}):
        with pytest.raises(ValidationError):
            seen_by(world, **wrong)


def test_what_a_reader_may_not_see_is_not_counted(busy):
    Obligation.objects.filter(title="Item 2").update(visibility=Visibility.RESTRICTED)

    assert seen_by(busy, "councillor").occurrences.count == 2
    assert seen_by(busy, "secretary").occurrences.count == 3
    assert seen_by(busy, "outsider").occurrences.count == 0


# The grid --------------------------------------------------------------------------------------------------------------


def cells(seen: Overview, number: str) -> dict[str, object]:
    row = next(row for group in seen.grid.groups for row in group.rows if row.number == number)
    return {column.label: cell for column, cell in zip(seen.grid.columns, row.cells, strict=True)}


def test_grid_puts_a_meeting_into_the_column_of_its_session(busy):
    row = cells(seen_by(busy), "3")

    assert [entry.meeting for entry in row["Council 2017"].entries] == [12]
    assert [entry.meeting for entry in row["Council 2018"].entries] == [14]


def test_grid_shows_a_meeting_without_session_in_the_last_column(busy):
    seen = seen_by(busy)

    assert seen.grid.columns[-1].label == "Session not recorded"
    assert [entry.meeting for entry in cells(seen, "3")["Session not recorded"].entries] == [13]


def test_grid_has_a_column_of_another_body_where_something_hangs_on_it(busy):
    row = cells(seen_by(busy), "5")

    assert row["Conference 2018"].entries[0].mark.code == "unassigned"
    assert row["Council 2017"].words == "not yet due"
    assert cells(seen_by(busy), "2")["Conference 2018"].words == "nothing due"


def test_grid_cell_holds_several_occurrences_worst_first(busy):
    Meeting.objects.create(body=busy.group, number=15, begins=date(2018, 2, 1), session=busy.sessions["C18"])
    steps.roll()
    turn = Occurrence.objects.get(reference="council/r1-3-m14")
    steps.enter_from_record(turn, by=busy.secretary, source="Report of the 14th meeting")

    codes = [entry.mark.code for entry in cells(seen_by(busy), "3")["Council 2018"].entries]

    assert codes == ["unassigned", "endorsed"]
    assert codes == sorted(codes, key=list(MARKS).index)


def test_grid_says_where_the_text_of_an_older_version_is_not_recorded(world):
    first = Session.objects.create(body=world.council, code="C09", name="Council 2009", opens=date(2009, 10, 20))
    for year in (2010, 2014):
        Session.objects.create(
            body=world.council, code=f"C{year % 100}", name=f"Council {year}", opens=date(year, 5, 1)
        )
    Version.objects.create(resolution=world.resolution, label="C09", adopted_at=first, in_force_from=date(2009, 10, 1))

    seen = seen_by(world)

    assert [cells(seen, "1.2")[f"Council {year}"].words for year in (2010, 2014, 2015)] == [
        "text of this version not recorded"
    ] * 3
    assert "Council 2009" not in cells(seen, "1.2")
    folded = seen.grid.folded()
    assert (folded.columns[0].heading, folded.columns[0].sessions) == ("Council 2010 to Council 2015", 3)
    assert folded.groups[0].rows[0].cells[1].entries


def test_grid_says_that_an_item_is_declaratory(world):
    Paragraph.objects.create(
        version=world.version, kind="operative", position=9, path="9", label="9", text="to welcome;",
        disposition="declaratory", disposition_reason="asks for nothing",
    )  # fmt: skip

    row = next(row for row in seen_by(world).grid.groups[0].rows if row.number == "9")

    assert row.words == "declaratory: asks for nothing"


# Rows ------------------------------------------------------------------------------------------------------------------


def test_late_row_tells_changes_of_mind_from_moves(world):
    turn = world.walk("in_progress")
    steps.change_due_date(turn, by=world.chair, due_on=date(2018, 4, 1), reason="The chair is ill.")
    seen = overview(world.councillor, world.council, world.sessions["C18"], today=date(2018, 4, 5))

    row = seen.late[0]

    assert (row.days, row.changed, row.moved, row.reason) == (4, 1, 0, "The chair is ill.")
    assert (row.first_due_on, row.due_on) == (date(2018, 3, 18), date(2018, 4, 1))
    assert (row.reminders_sent, row.reminders_at_most) == (0, 6)
    assert row.holder.person == "Contributor"


def test_ledger_names_what_is_not_accounted_for(world):
    Paragraph.objects.create(version=world.version, kind="operative", position=7, path="7", label="7", text="to act;")

    ledger = seen_by(world).ledgers[0]

    assert (ledger.accounted, ledger.items, ledger.missing, ledger.complete) == (1, 2, ("7",), False)


def test_present_session_is_the_one_the_body_is_heading_for(world):
    assert present_session(world.council, date(2018, 2, 16)) == world.sessions["C18"]
    assert present_session(world.council, date(2018, 4, 20)) == world.sessions["C18"]
    assert present_session(world.council, date(2019, 1, 1)) == world.sessions["C18"]
    assert present_session(world.council, date(2017, 1, 1)) == world.sessions["C17"]


# Cost ------------------------------------------------------------------------------------------------------------------


def queries_of(ask: object) -> int:
    with CaptureQueriesContext(
        connection,
    ) as taken:
        ask()
    return len(taken)


def test_overview_asks_as_often_for_one_item_as_for_many(world):
    world.walk("in_progress")
    one = queries_of(lambda: seen_by(world, code=""))
    for path in ("2", "3", "4", "5"):
        duty = another_item(world, path)
        for turn in duty.occurrences.all():
            steps.assign(turn, lead=world.offices["contributor"], by=world.chair)

    assert queries_of(lambda: seen_by(world, code="")) == one


def test_list_of_occurrences_asks_as_often_for_one_row_as_for_three(world, client_for):
    client = client_for(world.councillor)
    client.get("/occurrences/?body=council")

    one = queries_of(lambda: client.get("/occurrences/?body=council&until=c16"))
    three = queries_of(lambda: client.get("/occurrences/?body=council&until=c18"))

    assert rows(client.get("/occurrences/?body=council&until=c18")) == 3
    assert three == one <= 40


def test_select_never_shows_another_body(world):
    other = type(world.council).objects.create(slug="other", name="Other", short_name="Other")
    Resolution.objects.create(body=other, slug="r1", symbol="Resolution 1 of others", title="Other")

    assert not select(Sight.of(world.secretary, other), Filters(), date(2018, 2, 16)).exists()


def test_sentence_counts_the_days_of_what_is_late_not_of_older_silence(world):
    world.walk("in_progress", world.past)  # Council 2016 and 2017 are past due: one in silence, one late
    assignment = world.past.assignments.get()
    assignment.told_at = assignment.assigned_at
    assignment.save()
    type(world.sessions["C17"]).objects.filter(code="C17").update(opens=None, closes=None, precision="unknown")

    (late,) = [part for part in seen_by(world, code="").statements if part.code == "late"]

    assert late.days == (date(2018, 2, 16) - date(2017, 4, 15)).days
