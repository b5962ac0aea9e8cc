"""The pages on which a secretary sets up bodies, offices, the calendar and people."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import World
from tracker.models import Body, Event, Meeting, Notice, Office, Person, Session, State, Term
from workflows import steps

ClientFor = Callable[[Person], Client]
MOVE = "/calendar/council/sessions/c18/move/"
READING = ["/calendar/", "/calendar/?year=all", "/calendar/?year=2017&body=group", "/setup/"]
FORMS = [
    "/calendar/council/sessions/add/",
    MOVE,
    "/calendar/council/sessions/c18/change/",
    "/calendar/council/sessions/c18/sittings/add/",
    "/calendar/group/meetings/add/",
    "/calendar/group/meetings/14/change/",
    "/setup/bodies/add/",
    "/setup/council/groups/add/",
    "/setup/council/offices/add/",
    "/setup/group/offices/chair/appoint/",
    "/setup/group/offices/chair/substitute/",
    "/people/",
    "/people/invite/",
]


def text(response: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))  # type: ignore[attr-defined]


# ── who reads, who does ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("url", READING)
def test_calendar_and_offices_are_read_by_everybody_who_is_logged_in(world: World, client_for: ClientFor, url: str):
    assert client_for(world.outsider).get(url).status_code == 200
    assert Client().get(url).headers["Location"].startswith("/login/")


@pytest.mark.parametrize("url", FORMS)
def test_forms_are_the_secretarys(world: World, client_for: ClientFor, url: str):
    assert client_for(world.secretary).get(url).status_code == 200
    assert client_for(world.chair).get(url).status_code == 403
    assert Client().get(url).headers["Location"].startswith("/login/")


@pytest.mark.parametrize("url", FORMS)
def test_forms_sent_by_others_are_refused_and_change_nothing(world: World, client_for: ClientFor, url: str):
    before = Event.objects.count()

    assert client_for(world.chair).post(url, {}).status_code in {403, 405}

    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "url",
    [
        "/calendar/nowhere/sessions/add/",
        "/calendar/council/sessions/c99/move/",
        "/calendar/group/meetings/99/move/",
        "/calendar/group/meetings/99999999999999999999999/move/",
        "/setup/council/offices/nobody/appoint/",
        "/setup/council/offices/secretary/terms/99999999999999999999999/end/",
        "/people/99999999999999999999999/deactivate/",
    ],
)
def test_unknown_is_not_found(world: World, client_for: ClientFor, url: str):
    assert client_for(world.secretary).get(url).status_code == 404


def test_buttons_are_shown_to_the_secretary_only(world: World, client_for: ClientFor):
    assert "/calendar/council/sessions/add/" in client_for(world.secretary).get("/calendar/").content.decode()
    assert "/calendar/council/sessions/add/" not in client_for(world.councillor).get("/calendar/").content.decode()


# ── the calendar ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_calendar_shows_the_year_and_what_hangs_on_each(world: World, client_for: ClientFor):
    page = text(client_for(world.councillor).get("/calendar/"))

    assert "Calendar 2018" in page
    assert "Council 2018" in page
    assert "in 60 days" in page
    assert "1 turn hangs on it" in page
    assert "Meeting 14" in page
    assert "Council 2017" not in page.replace("Council 2017, ", "")


def test_calendar_of_a_wrong_year_is_that_of_the_present_one(world: World, client_for: ClientFor):
    for year in ("soon", "99999", "²²²²", "\x00", "-100"):
        assert "Calendar 2018" in text(client_for(world.chair).get("/calendar/", {"year": year, "body": "\x00"}))


def test_calendar_does_not_count_what_the_reader_may_not_see(world: World, client_for: ClientFor):
    world.obligation.visibility = "restricted"
    world.obligation.save()

    assert "turn hangs on it" not in text(client_for(world.outsider).get("/calendar/"))
    assert "1 turn hangs on it" in text(client_for(world.secretary).get("/calendar/"))


def test_calendar_asks_as_much_for_many_entries_as_for_few(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    client.get("/calendar/?year=all")
    with CaptureQueriesContext(connection) as few:
        client.get("/calendar/?year=all")
    for year in (19, 20, 21):
        steps.add_session(
            world.council, code=f"C{year}", name=f"Council 20{year}", opens=date(2000 + year, 5, 2), by=world.secretary
        )
    with CaptureQueriesContext(connection) as many:
        client.get("/calendar/?year=all")

    assert len(many) == len(few)


def test_add_session_page_adds_it_and_says_so(world: World, client_for: ClientFor):
    said = {
        "code": "C19",
        "name": "Council 2019",
        "kind": "ordinary",
        "opens": "2019-06-10",
        "precision": "day",
        "state": "planned",
    }

    answer = client_for(world.secretary).post("/calendar/council/sessions/add/", said, follow=True)

    assert answer.redirect_chain[-1][0] == "/calendar/?year=2019"
    assert "Council 2019 is in the calendar." in text(answer)
    assert Session.objects.get(code="C19").opens == date(2019, 6, 10)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "c18"}, "already"),
        ({"code": "a/b"}, "Code"),
        ({"opens": "2019-02-30"}, "valid date"),
        ({"opens": "9999-12-31"}, "year"),
        ({"name": "x" * 161}, "at most 160"),
        ({"name": "nul\x00"}, "Null characters"),
        ({"kind": "secret"}, "valid choice"),
        ({"closes": "2019-06-01"}, "cannot come before"),
    ],
)
def test_add_session_page_says_what_is_wrong(world: World, client_for: ClientFor, changes: dict, words: str):
    said = {
        "code": "C19",
        "name": "Council 2019",
        "kind": "ordinary",
        "opens": "2019-06-10",
        "precision": "day",
        "state": "planned",
    }

    answer = client_for(world.secretary).post("/calendar/council/sessions/add/", said | changes)

    assert answer.status_code == 400
    assert words in text(answer)
    assert Session.objects.count() == 4


# ── moving: a look first, then the act ─────────────────────────────────────────────────────────────────────────────────


DATES = {"opens": "2018-05-08", "closes": "2018-05-18", "precision": "day", "reason": "The venue is not free."}


def seen(answer: object) -> dict[str, str]:
    found = re.search(r'name="seen" value="(\w+)"', answer.content.decode())  # type: ignore[attr-defined]
    assert found
    return {"seen": found[1]}


def test_move_page_shows_what_would_move_and_changes_nothing(world: World, client_for: ClientFor):
    answer = client_for(world.secretary).post(MOVE, DATES)

    assert answer.status_code == 200
    assert "8 April 2018" in text(answer)
    assert "Annual report" in text(answer)
    assert Session.objects.get(code="C18").opens == date(2018, 4, 17)
    assert not Event.objects.filter(verb="session.moved").exists()


def test_move_page_moves_when_confirmed(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    look = client.post(MOVE, DATES)

    answer = client.post(MOVE, DATES | seen(look))

    assert answer.status_code == 302
    assert Session.objects.get(code="C18").opens == date(2018, 5, 8)
    assert world.due.due_on == date(2018, 4, 8)
    events = Event.objects.filter(verb__in=["session.moved", "occurrence.moved"])
    assert {event.request_id for event in events} == {answer.headers["X-Request-ID"]}


def test_move_page_asks_again_where_something_changed_since_the_look(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    look = client.post(MOVE, DATES)
    steps.change_due_date(world.due, due_on=date(2018, 3, 20), reason="Meanwhile.", by=world.chair)

    answer = client.post(MOVE, DATES | seen(look))

    assert "Something has changed since you looked" in text(answer)
    assert Session.objects.get(code="C18").opens == date(2018, 4, 17)


def test_move_page_lets_one_change_the_dates_again(world: World, client_for: ClientFor):
    answer = client_for(world.secretary).post(MOVE, DATES | {"edit": "yes"})

    assert 'value="2018-05-08"' in answer.content.decode()
    assert "Show what would move" in text(answer)


def test_move_page_postpones_without_a_date(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    said = {"opens": "", "closes": "", "precision": "day", "reason": "No venue."}

    client.post(MOVE, said | seen(client.post(MOVE, said)))

    assert Session.objects.get(code="C18").state == State.POSTPONED
    assert world.due.due_on is None


def test_move_page_says_before_confirming_what_is_wrong(world: World, client_for: ClientFor):
    answer = client_for(world.secretary).post(MOVE, DATES | {"opens": "2018-01-01", "closes": ""})

    assert answer.status_code == 400
    assert "That day is over" in text(answer)


def test_move_page_of_a_held_session_is_too_late(world: World, client_for: ClientFor):
    answer = client_for(world.secretary).post("/calendar/council/sessions/c17/move/", DATES)

    assert answer.status_code == 409
    assert "was held" in text(answer)


def test_move_page_of_a_meeting_moves_it(world: World, client_for: ClientFor):
    meeting = steps.add_meeting(world.group, begins=date(2018, 3, 1), by=world.secretary)
    client, url = client_for(world.secretary), "/calendar/group/meetings/15/move/"

    client.post(url, DATES | seen(client.post(url, DATES)))

    meeting.refresh_from_db()
    assert (meeting.begins, meeting.ends) == (date(2018, 5, 8), date(2018, 5, 18))
    assert "before the first" in text(client.post(url, DATES | {"closes": "2018-05-01"}))


# ── bodies, offices, people ────────────────────────────────────────────────────────────────────────────────────────────


def test_secretary_sets_up_another_body_on_pages_alone(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    body = {"name": "City council", "short_name": "City", "slug": "city", "time_zone": "America/Lima"}
    office = {"title": "Mayor", "role": "chair", "slug": "mayor"}
    session = {
        "code": "S1",
        "name": "First session",
        "kind": "ordinary",
        "opens": "2018-06-01",
        "precision": "day",
        "state": "planned",
    }

    said = client.post("/setup/bodies/add/", body, follow=True)
    client.post("/setup/city/offices/add/", office)
    client.post("/setup/city/offices/mayor/appoint/", {"person": world.outsider.pk, "begins": "2018-02-16"})
    client.post("/calendar/city/sessions/add/", session)
    client.post("/setup/city/groups/add/", body | {"name": "Parks", "short_name": "Parks", "slug": "parks"})
    client.post(
        "/calendar/parks/meetings/add/", {"number": 1, "begins": "2018-05-01", "precision": "day", "state": "planned"}
    )

    assert "You hold its secretariat" in text(said)
    assert Office.objects.get(slug="mayor").holder(date(2018, 2, 16)) == world.outsider
    assert Meeting.objects.get(body__slug="parks").session == Session.objects.get(code="S1")
    assert Body.objects.get(slug="parks").parent.slug == "city"


def test_office_that_no_one_holds_says_so(world: World, client_for: ClientFor):
    term = Term.objects.get(office=world.offices["vice_chair"])
    steps.end_term(term, ends=date(2018, 2, 15), by=world.secretary)

    assert "no one holds this office" in text(client_for(world.councillor).get("/setup/"))


def test_term_ends_on_its_page_and_a_second_time_it_is_too_late(world: World, client_for: ClientFor):
    term = Term.objects.get(office=world.offices["vice_chair"])
    url = f"/setup/group/offices/vice-chair/terms/{term.pk}/end/"
    client = client_for(world.secretary)

    assert client.post(url, {"ends": "2018-02-15"}).status_code == 302
    assert client.post(url, {"ends": "2018-02-14"}).status_code == 409


def test_substitute_is_set_and_shown(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    said = {"substitute": world.outsider.pk, "begins": "2018-02-16", "ends": "2018-03-01"}

    client.post("/setup/group/offices/chair/substitute/", said)

    assert "Outsider for Chair" in text(client.get("/setup/"))


def test_invite_page_invites_and_shows_who_has_not_joined(world: World, client_for: ClientFor):
    client = client_for(world.secretary)
    said = {"name": "Rapporteur", "username": "rapporteur", "email": "rapporteur@resolves.example", "office": ""}

    answer = client.post("/people/invite/", said, follow=True)

    assert "invited, has not joined" in text(answer)
    assert Notice.objects.filter(kind="invited").count() == 1


def test_people_are_searched_by_name(world: World, client_for: ClientFor):
    page = text(client_for(world.secretary).get("/people/", {"q": "vice"}))

    assert "1 of 9 shown" in page
    assert client_for(world.secretary).get("/people/", {"q": "\x00"}).status_code == 200


def test_auditor_reads_the_people_and_does_nothing_there(world: World, client_for: ClientFor):
    page = client_for(world.auditor).get("/people/").content.decode()

    assert "vice_chair@resolves.example" in page
    assert "/deactivate/" not in page


def test_deactivate_page_deactivates(world: World, client_for: ClientFor):
    client_for(world.secretary).post(f"/people/{world.chair.pk}/deactivate/", {"reason": "Retired."})

    assert not Person.objects.get(username="chair").is_active


# ── the administration is for reading ──────────────────────────────────────────────────────────────────────────────────


def test_administration_shows_and_never_changes(world: World, client_for: ClientFor):
    root = Person.objects.create_superuser("root", "a-long-password", name="Root", email="root@resolves.example")
    client = client_for(root)

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/tracker/occurrence/").status_code == 200
    assert client.get(f"/admin/tracker/person/{world.chair.pk}/change/").status_code == 200
    assert "md5$" not in client.get(f"/admin/tracker/person/{world.chair.pk}/change/").content.decode()
    assert client.get("/admin/tracker/person/add/").status_code == 403
    assert client.post(f"/admin/tracker/person/{world.chair.pk}/change/", {"is_staff": "on"}).status_code == 403
    assert client.post(f"/admin/tracker/session/{world.sessions['C18'].pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/workflow/task/").status_code == 404
    assert client.get("/admin/authtoken/tokenproxy/").status_code == 404


def test_administration_is_not_for_the_secretary(world: World, client_for: ClientFor):
    assert client_for(world.secretary).get("/admin/", follow=True).status_code == 403
    assert Client().get("/admin/").status_code == 302


@pytest.mark.django_db
def test_an_administrator_finds_the_way_to_the_first_body(client_for: ClientFor):
    root = Person.objects.create_superuser("root", "a-long-password", name="Root", email="root@resolves.example")
    client = client_for(root)

    assert 'href="/setup/bodies/add/"' in client.get("/setup/").content.decode()

    steps.add_body(name="A council", short_name="Council", slug="council", by=root)
    assert 'href="/setup/bodies/add/"' in client.get("/setup/").content.decode()  # they hold its secretariat now
    other = Person.objects.create_superuser("other", "a-long-password", name="Other", email="other@resolves.example")
    assert 'href="/setup/bodies/add/"' not in client_for(other).get("/setup/").content.decode()
