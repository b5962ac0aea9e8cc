"""The Council's page as of a past day: what it said then, rebuilt from the record; and today's is the live one."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from lxml import html

from tests.record import taken_in
from tracker import access, asof
from tracker.models import Obligation, Occurrence, Person
from tracker.summaries import overview
from workflows import steps

TODAY = date(2018, 2, 16)


def live(world, session="C18"):
    """What the page says now, to all members."""
    at = world.sessions[session] if session else None
    if at is not None:
        at.refresh_from_db()
    return overview(access.Members(world.council), world.council, at, rows=None)


def then(world, day, basis="known", session="C18", reader=None):
    return asof.overview_on(
        reader or access.Members(world.council),
        world.council,
        world.sessions[session] if session else None,
        day=day,
        basis=basis,
    )


@pytest.fixture
def world(world):
    """What was made for the tests is on record, as everything is in a register that lives."""
    taken_in()
    return world


@pytest.fixture
def story(world, settings):
    """A month of acts; day → what the page said at its end."""
    said = {}

    def day_ends(day: str) -> None:
        said[date.fromisoformat(day)] = {session: live(world, session) for session in ("C17", "C18", None)}

    day_ends("2018-02-16")
    for day, act in [
        ("2018-02-17", lambda: steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)),
        ("2018-02-18", lambda: steps.accept(world.due, by=world.contributor)),
        ("2018-02-20", lambda: steps.hold(world.due, by=world.chair, reason="Figures are missing.")),
        ("2018-02-21", lambda: steps.resume(world.due, by=world.chair)),
        (
            "2018-02-23",
            lambda: steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 3, 1), reason="Earlier."),
        ),
        ("2018-03-03", lambda: steps.submit(world.due, by=world.contributor, text="Done.", symbol="C18/12")),
        (
            "2018-03-05",
            lambda: steps.enter_from_record(world.past, by=world.secretary, source="C17/15", symbol="C17/15"),
        ),
        ("2018-03-06", lambda: steps.endorse(world.due, by=world.chair)),
        (
            "2018-03-08",
            lambda: steps.move_session(
                world.sessions["C18"],
                by=world.secretary,
                opens=date(2018, 4, 24),
                closes=date(2018, 5, 4),
                reason="Hall.",
            ),
        ),
    ]:
        settings.RESOLVES_NOW = f"{day}T12:00"
        act()
        day_ends(day)
    settings.RESOLVES_NOW = "2018-03-20T09:00"
    return said


def test_page_as_it_was_known_is_the_page_of_that_day(world, story):
    for day, said in story.items():
        for session, page in said.items():
            assert then(world, day, session=session) == page, (day, session)


def test_today_rebuilt_from_nothing_is_the_live_page(world, story):
    for session in ("C16", "C17", "C18", None):
        for basis in asof.BASES:
            assert then(world, date(2018, 3, 20), basis, session) == live(world, session), (basis, session)


def test_state_past_the_record_is_found_by_the_comparison(world, story):
    """The control: a row that somebody changed past the record differs from what is rebuilt."""
    Occurrence.objects.filter(pk=world.due.pk).update(due_on=date(2018, 5, 5))

    assert then(world, date(2018, 3, 20)) != live(world)


def test_what_is_recorded_later_counts_for_its_effective_day_as_it_stood(world, settings):
    settings.RESOLVES_NOW = "2018-03-05T12:00"
    steps.enter_from_record(
        world.past, by=world.secretary, source="C17/15", symbol="C17/15", effective_on=date(2017, 4, 1), precision="day"
    )
    day = date(2017, 5, 1)

    stood = then(world, day, "stood", "C17")

    assert [one.code for one in stood.counts] == ["endorsed"]
    with pytest.raises(ValidationError, match="Nothing had been recorded by that day"):
        then(world, day, "known", "C17")


def test_day_to_come_and_other_bases_are_refused(world):
    with pytest.raises(ValidationError, match="still to come"):
        then(world, date(2018, 2, 17))
    with pytest.raises(ValidationError, match="Choose how the day is meant"):
        then(world, TODAY, "guessed")


def test_what_a_reader_may_not_see_today_is_not_in_their_past(world, story):
    Obligation.objects.filter(pk=world.obligation.pk).update(visibility="restricted")

    assert then(world, date(2018, 3, 1), reader=world.councillor).occurrences.count == 0
    assert then(world, date(2018, 3, 1), reader=world.secretary).occurrences.count == 1


def test_nothing_can_be_written_while_a_past_day_is_read(world, story):
    with asof.past(world.secretary, world.council, date(2018, 3, 1), "known"):
        turn = Occurrence.objects.get(reference="council/r1-1.2-c18")
        with pytest.raises(RuntimeError, match="A past state is being read"):
            turn.save()
        with pytest.raises(RuntimeError, match="A past state is being read"):
            Person.objects.create(username="new")
        assert turn.status == "in_progress"
    assert world.due.status == "endorsed"


# --- the page ---------------------------------------------------------------------------------------------------------


def words(response) -> str:
    return re.sub(r"\s+", " ", html.fromstring(response.content.decode()).xpath("string(//main)"))


def test_page_of_a_past_day_says_which_day_it_is_and_leads_to_no_list_of_today(world, story, client_for):
    client = client_for(world.councillor)

    page = client.get("/council/council/c18/as-of/?day=2018-02-20&basis=known")

    assert page.status_code == 200
    assert "Not today: this is 20 February 2018" in words(page)
    assert "1 is on hold" in words(page)
    assert not re.findall(r'href="/occurrences/\?', page.content.decode())


def test_two_days_are_compared(world, story, client_for):
    page = client_for(world.councillor).get("/council/council/c18/as-of/?day=2018-03-06&since=2018-02-18&basis=known")

    moved = {one.reference: (one.before.code, one.after.code) for one in page.context["changes"].moved}
    assert moved == {"council/r1-1.2-c17": ("unassigned", "received"), "council/r1-1.2-c18": ("due", "endorsed")}
    assert "2 occurrences read otherwise." in words(page)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("day=2018-03-21", "That day is still to come."),
        ("day=2017-01-01", "Nothing had been recorded by that day"),
        ("day=nonsense", "Enter a valid date."),
        ("day=2018-02-20&basis=guessed", "Select a valid choice."),
        ("day=2018-02-20&since=2019-01-01", "Compare with: That day is still to come."),
        ("day=0001-01-01&basis=known", "Nothing had been recorded by that day"),
        ("day=9999-12-31", "That day is still to come."),
    ],
)
def test_day_without_sense_is_answered_in_words(world, story, client_for, query, said):
    page = client_for(world.councillor).get(f"/council/council/c18/as-of/?{query}")

    assert page.status_code == 400
    assert said in words(page)


def test_oldest_day_of_the_calendar_is_a_page(world, story, client_for):
    page = client_for(world.councillor).get("/council/council/c18/as-of/?day=0001-01-01&basis=stood")

    assert page.status_code == 200


def test_form_stands_alone_before_a_day_is_chosen(world, client_for):
    page = client_for(world.councillor).get("/council/council/as-of/")

    assert page.status_code == 200
    assert "As of a day" in words(page)
