"""The ledger of notices: who reads what of it, in which words, and the search through it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.told import TODAY, make_mail, make_notice
from tracker import access, clock, ledger
from tracker.ledger import Cursor
from tracker.models import Body, Notice, Office, ReminderPolicy, Term
from workflows import steps

# Who reads what --------------------------------------------------------------------------------------------------------


def seen(person):
    return set(access.notices(person))


def test_notices_of_a_body_are_its_officers_and_the_recipients_to_read(world):
    one = make_notice(world.contributor, world.walk("assigned"))

    for name in ("contributor", "chair", "vice_chair", "council_chair", "secretary", "auditor"):
        assert seen(world.people[name]) == {one}, name
    for name in ("outsider", "councillor", "helper"):
        assert seen(world.people[name]) == set(), name


def test_who_watches_and_who_was_mentioned_is_shown_to_themselves_alone(world):
    turn = world.walk("assigned")
    watched = make_notice(world.councillor, turn, kind="watched")
    mentioned = make_notice(world.helper, turn, kind="mentioned")

    assert seen(world.councillor) == {watched}
    assert seen(world.helper) == {mentioned}
    for name in ("chair", "secretary", "auditor"):
        assert seen(world.people[name]) == set(), name


def test_another_bodys_secretary_reads_nothing_of_ours(world):
    board = Body.objects.create(slug="board", name="Another board", short_name="Board")
    office = Office.objects.create(body=board, slug="secretary", title="Secretary, Board", role="secretary")
    Term.objects.create(office=office, person=world.outsider)
    make_notice(world.contributor, world.walk("assigned"))
    weekly = make_notice(world.chair, None, kind="weekly", body=board)

    assert seen(world.outsider) == {weekly}
    assert weekly not in seen(world.secretary)


def test_who_has_left_reads_nothing(world):
    make_notice(world.contributor, world.walk("assigned"))
    world.contributor.is_active = False

    assert seen(world.contributor) == set()


def test_item_page_shows_its_notices_to_whoever_sees_the_item(world):
    turn = world.walk("assigned")
    one = make_notice(world.contributor, turn)
    make_notice(world.helper, turn, kind="mentioned")

    assert one in set(access.notices_about(world.councillor, turn))
    assert not access.notices_about(world.councillor, turn).filter(kind="mentioned").exists()


# In words --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"rung": -14}, "14 days before the due day"),
        ({"rung": -1}, "1 day before the due day"),
        ({"rung": 0}, "On the due day"),
        ({"rung": 8}, "8 days after the due day"),
        ({"rung": -14, "anchor": "deadline"}, "14 days before the document deadline"),
        ({"rung": 0, "anchor": "deadline"}, "On the document deadline"),
        ({"rung": 21, "anchor": "untouched"}, "Untouched for 21 days"),
        ({"rung": None, "kind": "assigned"}, "You were asked"),
    ],
)
def test_why_is_said_in_words(world, columns, words):
    assert ledger.why(make_notice(world.contributor, world.due, **columns)) == words


def test_working_days_of_a_policy_are_called_so(world):
    rung = {"days": -5, "audience": "holder", "anchor": "due", "working": True, "deadline": None}
    policy = ReminderPolicy.objects.create(body=world.group, scope="body:1:", name="Ours", rungs=[rung])

    row = ledger.row(make_notice(world.contributor, world.due, rung=-5, policy=policy))

    assert (row.why, row.policy) == ("5 working days before the due day", "Ours")


def test_reminder_without_a_policy_names_the_built_in_ladder(world):
    assert ledger.row(make_notice(world.contributor, world.due)).policy == "built-in ladder"
    assert ledger.row(make_notice(world.contributor, world.due, kind="assigned")).policy == ""


NINE = datetime(2018, 2, 16, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "planned_for", "words"),
    [
        (timedelta(hours=2), TODAY, "report received 2 hours earlier"),
        (timedelta(hours=1, minutes=59), TODAY, "report received 1 hour earlier"),
        (timedelta(minutes=5), TODAY, "report received 5 minutes earlier"),
        (timedelta(seconds=5), TODAY, "report received"),
        (timedelta(seconds=5), TODAY + timedelta(days=3), "report received 3 days earlier"),
        (timedelta(days=2, hours=3), TODAY - timedelta(days=4), "report received 2 days earlier"),
    ],
)
def test_why_it_was_skipped_says_how_long_before_that_came(world, before, planned_for, words):
    notice = make_notice(
        world.contributor,
        world.due,
        state="skipped",
        reason="report received",
        reason_since=NINE - before,
        settled_at=NINE,
        planned_for=planned_for,
    )

    assert ledger.row(notice).reason == words


def test_reason_without_a_moment_stands_alone(world):
    notice = make_notice(world.contributor, world.due, state="skipped", reason="the date moved")

    assert ledger.row(notice).reason == "the date moved"


def test_item_page_says_to_whom_why_when_and_what_the_server_said(world, client_for):
    turn = world.walk("assigned")
    mail = make_mail(world.contributor, answer="250 2.0.0 Ok: queued", attempts=2)
    make_notice(world.contributor, turn, state="sent", message=mail, rung=-14)
    make_notice(
        world.contributor,
        turn,
        state="skipped",
        reason="report received",
        reason_since=NINE - timedelta(hours=2),
        settled_at=NINE,
    )

    page = client_for(world.councillor).get("/items/council/r1-1.2-c18/").content.decode()

    for words in (
        "14 days before the due day",
        "built-in ladder",
        "2 tries",
        "250 2.0.0 Ok: queued",
        "last claimed",
        "report received 2 hours earlier",
    ):
        assert words in page


# Somebody's own page ---------------------------------------------------------------------------------------------------


def test_own_page_shows_what_is_planned_for_thirty_days_and_what_was_told(world, client_for):
    turn = world.walk("assigned")
    Notice.objects.all().delete()
    soon = make_notice(world.contributor, turn, planned_for=TODAY + timedelta(days=30))
    make_notice(world.contributor, turn, planned_for=TODAY + timedelta(days=31))
    told = make_notice(world.contributor, turn, state="sent", message=make_mail(world.contributor))
    make_notice(world.chair, turn)

    answer = client_for(world.contributor).get("/mails/")

    assert [row.notice for row in answer.context["planned"]] == [soon]
    assert [row.notice for row in answer.context["told"]] == [told]
    assert "1 more is planned for later." in answer.content.decode()


def test_own_page_shows_also_what_is_private(world, client_for):
    watched = make_notice(world.councillor, world.walk("assigned"), kind="watched", state="sent")

    answer = client_for(world.councillor).get("/mails/")

    assert watched in [row.notice for row in answer.context["told"]]


def test_secretary_reads_somebodys_page_without_what_is_private(world, client_for):
    turn = world.walk("assigned")
    told = make_notice(world.contributor, turn, state="sent")
    make_notice(world.contributor, turn, kind="mentioned", state="sent")

    answer = client_for(world.secretary).get(f"/people/{world.contributor.pk}/mails/")

    assert [row.notice for row in answer.context["told"]] == [told]


# The search ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(world):
    """Ten notices of five days, two a day, the last two days to come."""
    turn = world.walk("assigned")
    Notice.objects.all().delete()
    return [
        make_notice(
            world.contributor, turn, planned_for=TODAY + timedelta(days=day), state="sent" if day <= 0 else "planned"
        )
        for day in (-2, -1, 0, 1, 2)
        for _twice in range(2)
    ]


def test_pages_cover_every_row_once_in_order(world, many):
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page, cursor = ledger.stretch(ledger.so_far(access.notices(world.secretary), TODAY, cursor), 2)
        found += page
        pages += 1

    assert found == many[5::-1]
    ahead, _end = ledger.stretch(ledger.to_come(access.notices(world.secretary), TODAY), 9)
    assert ahead == many[6:]


def test_page_to_come_goes_on_after_a_row(world, many):
    first, cursor = ledger.stretch(ledger.to_come(access.notices(world.secretary), TODAY), 3)
    rest, end = ledger.stretch(ledger.to_come(access.notices(world.secretary), TODAY, cursor), 3)

    assert (first + rest, end) == (many[6:], None)


@pytest.mark.parametrize(
    "text", ["", "x", "2018-02-16", "2018-02-16.", "2018-02-16.x", "2018-13-01.5", "2018-02-16.-1", "0.1"]
)
def test_cursor_of_an_address_that_makes_no_sense_is_none(text):
    assert Cursor.read(text) is None


def test_cursor_stands_in_an_address_and_is_read_again():
    assert Cursor.read(str(Cursor(TODAY, 7))) == Cursor(TODAY, 7)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 4),
        ("person={chair}", 1),
        ("item=council/r1-1.2-c18", 3),
        ("item=c17", 1),
        ("item=c99", 0),
        ("resolution=council/r1", 4),
        ("kind=closed", 1),
        ("state=skipped", 1),
        ("since=2018-02-16", 3),
        ("until=2018-02-15", 1),
        ("words=mailbox", 1),
        ("words=RECEIVED", 1),
        ("state=sent&kind=closed", 0),
        ("show=ahead", 1),
    ],
)
def test_filters_narrow_and_say_how_many_are_shown(world, client_for, query, shown):
    turn = world.walk("assigned")
    Notice.objects.all().delete()
    make_notice(
        world.contributor, turn, state="failed", message=make_mail(world.contributor, answer="550 No such mailbox")
    )
    make_notice(world.chair, turn, state="sent")
    make_notice(world.contributor, turn, state="skipped", reason="report received", planned_for=date(2018, 2, 10))
    make_notice(world.contributor, world.past, kind="closed", rung=None)
    make_notice(world.contributor, turn, planned_for=date(2018, 3, 1))

    answer = client_for(world.secretary).get("/ledger/?" + query.format(chair=world.chair.pk))

    assert len(answer.context["rows"]) == shown
    assert f"{shown} of {1 if 'ahead' in query else 4} shown" in answer.content.decode()


def test_reasons_are_found_as_they_are_read(world, client_for, settings):
    make_notice(world.contributor, world.walk("assigned"), state="skipped", reason="report received")
    client = client_for(world.secretary)
    client.cookies["language"] = "fr"
    read = client.get("/ledger/?state=skipped").context["rows"][0].reason

    answer = client.get("/ledger/", {"words": read[:6]})

    assert read != "report received"
    assert len(answer.context["rows"]) == 1


@pytest.mark.parametrize(
    "query", ["kind=nothing", "state=lost", "resolution=board/b1", "person=x", "since=2018-99-01", "show=x"]
)
def test_filter_that_makes_no_sense_is_refused(world, client_for, query):
    for place in ("/ledger/", "/ledger/export.csv"):
        assert client_for(world.secretary).get(f"{place}?{query}").status_code == 400


def test_export_holds_every_row_of_the_filtered_list_defused(world, client_for, monkeypatch):
    monkeypatch.setattr("tracker.views.ledger.AT_A_TIME", 2)
    turn = world.walk("assigned")
    Notice.objects.all().delete()
    for _number in range(5):
        make_notice(world.contributor, turn, state="failed", message=make_mail(world.contributor, answer="=550 No"))
    make_notice(world.contributor, turn, state="sent")

    answer = client_for(world.secretary).get("/ledger/export.csv?state=failed")

    lines = b"".join(answer).decode().splitlines()
    assert len(lines) == 1 + 5
    assert "council/r1-1.2-c18" in lines[1]
    assert "'=550 No" in lines[1]


def test_ledger_is_refused_to_who_has_no_office_for_it(world, client_for):
    for name in ("contributor", "councillor", "outsider"):
        assert client_for(world.people[name]).get("/ledger/").status_code == 403, name


def test_search_is_kept_in_the_log_of_visits(world, client_for):
    client_for(world.secretary).get("/ledger/")

    assert "the ledger of mails" in client_for(world.people["auditor"]).get("/history/visits/").content.decode()


def test_substitute_for_a_chair_reads_what_the_chair_reads(world):
    one = make_notice(world.contributor, world.walk("assigned"))
    steps.set_substitute(
        None, world.outsider, principal=world.chair, begins=TODAY, ends=TODAY + timedelta(days=3), by=world.chair
    )

    assert one in seen(world.outsider)
    assert clock.today() == TODAY
