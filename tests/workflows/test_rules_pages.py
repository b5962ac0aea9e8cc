"""The pages of deadlines, working days, sittings and events: who reads, who does, and what is shown before it is done."""

import re
from collections.abc import Callable, Generator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.calendars import before_each_meeting, contributions, each_session, ends, geneva, on_event
from tests.people import World
from tests.post_office import PostOffice, deliver_through, open_post_office
from tests.record import everything
from tracker.models import Body, ClosedDay, DeadlineRule, Event, Obligation, Occasion, Person, Sitting
from workflows import rounds, steps

ClientFor = Callable[[Person], Client]
RULES = "/calendar/council/rules/"
CHANGE = f"{RULES}deadlines/contributions/change/"
GIVEN = {"name": "Contributions", "days_before": "21", "reason": "A new rule of procedure."}


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def seen(response: Any) -> str:
    found = re.search(r'name="seen" value="(\w+)"', response.content.decode())
    assert found
    return found.group(1)


def furnished(world: World) -> list[str]:
    """Something of everything, and the addresses of its forms."""
    contributions(world)
    sitting = steps.add_sitting(
        world.sessions["C18"], kind=Sitting.Kind.FINAL, begins=date(2018, 10, 27), by=world.secretary
    )
    (closed,) = steps.add_closed_day(world.council, day=date(2018, 4, 12), name="Closed", by=world.secretary)
    return [
        f"{RULES}deadlines/add/",
        CHANGE,
        f"{RULES}deadlines/contributions/end/",
        f"{RULES}station/",
        f"{RULES}closed-days/add/",
        f"{RULES}closed-days/{closed.pk}/end/",
        f"/calendar/council/sessions/c18/sittings/{sitting.pk}/change/",
    ]


def test_forms_are_the_secretarys_and_everybody_reads(world: World, client_for: ClientFor):
    forms = furnished(world)
    secretary, chair, outsider = (client_for(one) for one in (world.secretary, world.chair, world.outsider))
    before = everything()

    for url in forms:
        assert secretary.get(url).status_code == 200, url
        assert secretary.post(url, {"form": "none"}).status_code == 400, url
        assert chair.get(url).status_code == chair.post(url, {}).status_code == 403, url
        assert Client().get(url).headers["Location"].startswith("/login/")
    assert everything() == before
    for url in (RULES, "/calendar/group/rules/", "/calendar/council/events/"):
        assert outsider.get(url).status_code == 200
    assert "deadlines/add/" not in outsider.get(RULES).content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "/calendar/nowhere/rules/",
        f"{RULES}deadlines/none/change/",
        f"{RULES}closed-days/99999999999999999999999/end/",
        "/calendar/council/sessions/c18/sittings/99999999999999999999999/change/",
        "/calendar/council/events/99999999999999999999999/record/",
        "/calendar/council/events/1/record/",
    ],
)
def test_unknown_is_not_found(world: World, client_for: ClientFor, url: str):
    assert client_for(world.secretary).get(url).status_code == 404


def test_rules_page_says_what_is_set_and_what_is_not(world: World, client_for: ClientFor):
    client = client_for(world.councillor)
    page = text(client.get(RULES))
    assert "No document deadline is recorded." in page
    assert "Monday to Friday are counted as working days" in page

    furnished(world)
    geneva(world)
    page = text(client.get(RULES, {"year": "2018"}))

    assert "14 days before each session of Council" in page
    assert "in 46 days" in page  # 3 April
    assert "CH-GE" in page
    assert "Closed" in page
    assert page.count("2018") > 8  # the holidays of Geneva
    assert "as Council has it" in text(client.get("/calendar/group/rules/"))
    for year in ("\x00", "soon", "99999", "-1", "²"):
        assert client.get(RULES, {"year": year}).status_code == 200


def test_change_of_a_deadline_shows_what_would_move_and_does_just_that(world: World, client_for: ClientFor):
    found = each_session(world, anchor_rule=contributions(world))
    client = client_for(world.secretary)
    before = everything()

    preview = client.post(CHANGE, GIVEN)

    assert everything() == before
    page = text(preview)
    assert "14 days before each session of Council" in page
    assert "21 days before each session of Council" in page
    assert "Chair (one mail)" in page
    assert ends(found)["c18"] == date(2018, 4, 3)
    assert client.post(CHANGE, GIVEN | {"seen": "0" * 64}).status_code == 200  # looked at something else
    assert everything() == before

    assert client.post(CHANGE, GIVEN | {"seen": seen(preview)}).status_code == 302
    assert ends(found)["c18"] == date(2018, 3, 27)


def test_change_that_moves_nothing_is_made_at_once(world: World, client_for: ClientFor):
    contributions(world)

    assert client_for(world.secretary).post(CHANGE, GIVEN).status_code == 302
    assert DeadlineRule.objects.get().days_before == 21


def test_cancelled_session_shows_what_would_wait_before_it_is_done(world: World, client_for: ClientFor):
    url = "/calendar/council/sessions/c18/change/"
    given = {"state": "cancelled", "reason": "No venue.", "name": "Council 2018", "place": "", "source": ""}
    client = client_for(world.secretary)

    preview = client.post(url, given)

    assert "waiting for a date" in text(preview)
    assert world.due.due_on == date(2018, 3, 18)
    assert client.post(url, given | {"seen": seen(preview)}).status_code == 302
    assert world.due.due_on is None


def test_preview_can_be_left_for_other_words(world: World, client_for: ClientFor):
    each_session(world, anchor_rule=contributions(world))

    page = client_for(world.secretary).post(CHANGE, GIVEN | {"edit": "yes"})

    assert page.status_code == 200
    assert 'value="21"' in page.content.decode()
    assert DeadlineRule.objects.get().days_before == 14


@pytest.mark.parametrize(
    ("url", "given"),
    [
        (f"{RULES}deadlines/add/", {"name": "x", "days_before": "-1"}),
        (f"{RULES}deadlines/add/", {"name": "nul \x00", "days_before": "1"}),
        (f"{RULES}deadlines/add/", {"name": "x", "days_before": "9" * 30}),
        (f"{RULES}station/", {"country": "XX", "reason": "As recorded."}),
        (f"{RULES}station/", {"country": "CH", "subdivision": "ZZ", "reason": "As recorded."}),
        (f"{RULES}closed-days/add/", {"day": "0001-01-01", "name": "x"}),
        (f"{RULES}closed-days/add/", {"day": "9999-12-31", "name": "x"}),
        (f"{RULES}closed-days/add/", {"day": "18-02-30", "name": "x"}),
        (f"{RULES}closed-days/add/", {"day": "2018-02-16T23:59:60Z", "name": "x"}),
        (f"{RULES}closed-days/add/", {"day": "2018-04-15", "name": "x"}),
    ],
)
def test_absurd_input_is_refused_beside_its_field(world: World, client_for: ClientFor, url: str, given: dict):
    client = client_for(world.secretary)
    before = everything()

    assert client.post(url, given).status_code == 400

    assert everything() == before


def test_duty_station_and_closed_days_are_set(world: World, client_for: ClientFor):
    client = client_for(world.secretary)

    client.post(f"{RULES}station/", {"country": "ch", "subdivision": "GE", "reason": "As recorded."})
    client.post(f"{RULES}closed-days/add/", {"day": "2018-12-24", "until": "2018-12-31", "name": "Winter closure"})

    assert (Body.objects.get(slug="council").country, ClosedDay.objects.count()) == ("CH", 4)


def test_sitting_is_changed(world: World, client_for: ClientFor):
    url = furnished(world)[-1]
    given = {"begins": "2018-10-28", "precision": "day", "form": "virtual", "place": "", "state": ""}

    assert client_for(world.secretary).post(url, given).status_code == 302

    sitting = Sitting.objects.get(kind="final")
    assert (sitting.begins, sitting.form) == (date(2018, 10, 28), "virtual")
    assert url in client_for(world.secretary).get("/calendar/").content.decode()


def test_event_is_recorded_by_the_chair_and_opens_its_turn(world: World, client_for: ClientFor):
    duty = on_event(world)
    url = f"/calendar/council/events/{duty.pk}/record/"
    client = client_for(world.chair)
    assert url in client.get("/calendar/council/events/").content.decode()
    assert client_for(world.councillor).get(url).status_code == 403

    assert client.post(url, {"happened_on": "2018-02-12", "words": "A veto was cast."}).status_code == 302

    assert Occasion.objects.get().words == "A veto was cast."
    page = text(client_for(world.councillor).get("/calendar/council/events/"))
    assert "A veto was cast." in page
    assert "r1-1.2~2-e1" in page
    assert "10 working days after the event (a veto is cast)" in page


def test_restricted_duty_and_its_events_are_not_there_for_others(world: World, client_for: ClientFor):
    duty = on_event(world)
    steps.record_occasion(duty, happened_on=date(2018, 2, 12), words="A secret.", by=world.chair)
    Obligation.objects.update(visibility="restricted")
    outsider = client_for(world.outsider)

    assert "Another" not in text(outsider.get("/calendar/council/events/"))
    assert outsider.get(f"/calendar/council/events/{duty.pk}/record/").status_code == 404
    assert "A secret." in text(client_for(world.chair).get("/calendar/council/events/"))  # the control


def test_calendar_shows_the_deadlines_of_the_coming_session(world: World, client_for: ClientFor):
    client = client_for(world.councillor)
    client.get("/calendar/")
    contributions(world)
    with CaptureQueriesContext(connection) as one:
        page = client.get("/calendar/")
    assert "Contributions" in text(page)
    for days in (56, 30):
        contributions(world, days)
    with CaptureQueriesContext(connection) as three:
        page = client.get("/calendar/")

    assert text(page).count("Contributions") == 3
    assert len(one) == len(three)


def test_turn_that_only_stands_in_a_column_does_not_hang_on_the_session(world: World, client_for: ClientFor):
    steps.record_occasion(on_event(world), happened_on=date(2018, 2, 12), words="Cast.", by=world.chair)

    assert "1 turn hangs on it" in text(client_for(world.secretary).get("/calendar/"))


def test_each_holder_is_told_once_of_a_move_however_much_moves(world: World, client_for: ClientFor, office: PostOffice):
    """Directly, over a document deadline, in working days: one move, one mail, to those who were foreseen."""
    turns = [
        world.due,
        each_session(world, anchor_rule=contributions(world)).occurrences.get(session__code="C18"),
        each_session(world, offset_days=-5, offset_working=True).occurrences.get(session__code="C18"),
    ]
    before_each_meeting(world)
    for turn in turns:
        steps.assign(turn, lead=world.contributor, by=world.chair)
        steps.accept(turn, by=world.contributor)
    rounds.run()
    before = len(office.to("contributor"))

    foreseen = steps.foresee(
        lambda: steps.move_session(world.sessions["C18"], opens=date(2018, 5, 8), by=world.secretary, reason="Later."),
        by=world.secretary,
    )
    assert (len(foreseen.moved), foreseen.told) == (3, (world.contributor,))
    assert rounds.run().failed == []
    assert len(office.to("contributor")) == before  # looking tells nobody

    steps.move_session(world.sessions["C18"], opens=date(2018, 5, 8), by=world.secretary, reason="Later.")
    rounds.run()
    rounds.run()

    mails = office.to("contributor")[before:]
    assert [mail["Subject"] for mail in mails] == ["3 dates moved"]
    assert office.to("secretary") == []
    assert Event.objects.filter(verb="occurrence.moved").count() == 3


def test_turn_put_into_another_column_is_no_news(world: World, office: PostOffice):
    found = on_event(world, 0, working=False)
    steps.record_occasion(found, happened_on=date(2018, 2, 12), words="Cast.", by=world.secretary)
    rounds.run()
    before = len(office.accepted)

    steps.add_session(world.council, code="C19", name="Sooner", opens=date(2018, 3, 1), by=world.secretary)
    rounds.run()

    assert found.occurrences.get().session.code == "C19"
    assert not [mail for mail in office.accepted[before:] if "moved" in mail["Subject"]]
