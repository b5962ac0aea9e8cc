"""What arrived for a person in the product: a list, how much is unread, and read by a button alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.told import make_arrived, make_notice
from tracker import access, clock
from tracker.models import Event, Notice
from workflows.steps.reading import mark_read

PLACE = "/notifications/"


def page_of(client, query=""):
    answer = client.get(f"{PLACE}{query}")
    assert answer.status_code == 200
    return answer


# The list --------------------------------------------------------------------------------------------------------------


def test_list_holds_what_arrived_for_its_reader_newest_first(world, client_for):
    turn = world.walk("assigned")
    older = make_arrived(world.contributor, turn, arrived_at=clock.now() - timedelta(days=1))
    newer = make_arrived(world.contributor, turn, kind="assigned", rung=None)
    make_arrived(world.chair, turn)
    make_notice(world.contributor, turn)
    make_arrived(world.contributor, turn, state="skipped")

    rows = page_of(client_for(world.contributor)).context["rows"]

    assert [row.notice for row in rows] == [newer, older]


def test_row_says_why_it_came_what_it_is_about_and_when_it_is_due(world, client_for):
    turn = world.walk("assigned")
    event = Event.objects.get(verb="occurrence.assigned")
    make_arrived(world.contributor, turn, rung=-14)
    make_arrived(world.contributor, turn, kind="assigned", rung=None, event=event)

    page = page_of(client_for(world.contributor)).content.decode()

    for words in (
        "14 days before the due day",
        "You were asked",
        "Chair assigned it",
        "to report annually;",
        "18 March 2018",
    ):
        assert words in page


def test_row_leads_to_the_step_that_waits_for_its_reader(world, client_for):
    make_arrived(world.contributor, world.walk("assigned"))

    (row,) = page_of(client_for(world.contributor)).context["rows"]

    assert row.step == "accept"


def test_item_that_is_no_longer_theirs_to_see_keeps_its_words(world, client_for):
    make_arrived(world.outsider, world.walk("assigned"))

    page = page_of(client_for(world.outsider)).content.decode()

    assert "an item that you may no longer see" in page
    assert "to report annually" not in page
    assert "Annual report" not in page


@pytest.mark.parametrize(
    ("query", "shown"), [("", 3), ("?show=unread", 2), ("?kind=reminder", 2), ("?show=unread&kind=moved", 1)]
)
def test_filters_stand_in_the_address_and_say_how_many_are_shown(world, client_for, query, shown):
    turn = world.walk("assigned")
    make_arrived(world.contributor, turn)
    make_arrived(world.contributor, turn, kind="moved")
    make_arrived(world.contributor, turn, read_at=clock.now())

    answer = page_of(client_for(world.contributor), query)

    assert len(answer.context["rows"]) == shown
    assert f"{shown} of 3 shown" in answer.content.decode()


@pytest.mark.parametrize("query", ["?kind=nothing", "?show=all"])
def test_filter_that_makes_no_sense_is_refused(world, client_for, query):
    assert client_for(world.contributor).get(f"{PLACE}{query}").status_code == 400


def test_pages_go_on_where_the_last_one_ended(world, client_for):
    turn = world.walk("assigned")
    for _number in range(31):
        make_arrived(world.contributor, turn)
    client = client_for(world.contributor)

    assert [len(page_of(client, query).context["rows"]) for query in ("", "?page=2", "?page=99", "?page=x")] == [
        30,
        1,
        1,
        30,
    ]


def test_page_costs_the_same_queries_at_one_and_at_three_rows(world, client_for):
    turn = world.walk("assigned")
    client = client_for(world.contributor)
    cost = []
    for more in (1, 2):
        for _number in range(more):
            make_arrived(world.contributor, turn)
        with CaptureQueriesContext(connection) as asked:
            page_of(client)
        cost.append(len(asked))

    assert cost[0] == cost[1]


# How much is unread ----------------------------------------------------------------------------------------------------


def test_every_page_says_how_much_is_unread(world, client_for):
    turn = world.walk("assigned")
    for _number in range(2):
        make_arrived(world.contributor, turn)

    page = client_for(world.contributor).get("/tasks/").content.decode()

    assert '<span class="count" aria-hidden="true">2</span>' in page
    assert "Notifications, 2 unread" in page


def test_nothing_unread_shows_no_number(world, client_for):
    make_arrived(world.contributor, world.walk("assigned"), read_at=clock.now())

    page = client_for(world.contributor).get("/tasks/").content.decode()

    assert 'class="bell"' in page
    assert '<span class="count" aria-hidden="true">' not in page


def test_number_is_said_in_every_language(world, client_for, settings):
    make_arrived(world.contributor, world.walk("assigned"))
    client = client_for(world.contributor)

    for code, _name in settings.LANGUAGES:
        client.cookies["language"] = code
        for place in (PLACE, "/mails/", "/account/preferences/"):
            assert '<span class="count" aria-hidden="true">1</span>' in client.get(place).content.decode(), code


def test_number_stops_at_ninety_nine(world, client_for):
    turn = world.walk("assigned")
    for _number in range(100):
        make_arrived(world.contributor, turn)

    page = client_for(world.contributor).get("/tasks/").content.decode()

    assert '<span class="count" aria-hidden="true">99+</span>' in page
    assert "more than 99 unread" in page


def test_number_costs_one_question_by_its_own_index(world):
    make_arrived(world.contributor, world.walk("assigned"))

    with CaptureQueriesContext(connection) as asked:
        assert access.unread(world.contributor) == 1

    (question,) = asked
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {question['sql']}")
            assert "notice_unread" in str(cursor.fetchall())


def test_nobody_has_no_number_and_no_bell(world, client):
    assert 'class="bell"' not in client.get("/public/").content.decode()


# Read ------------------------------------------------------------------------------------------------------------------


def test_looking_reads_nothing(world, client_for):
    turn = world.walk("assigned")
    make_arrived(world.contributor, turn)
    client = client_for(world.contributor)

    page_of(client)
    client.get("/items/council/r1-1.2-c18/")
    client.get("/notifications/1/follow/")
    client.get("/notifications/read/")

    assert access.unread(world.contributor) == 1


def test_one_is_marked_as_read_and_leads_back_to_the_same_filters(world, client_for):
    turn = world.walk("assigned")
    one, other = make_arrived(world.contributor, turn), make_arrived(world.contributor, turn)

    answer = client_for(world.contributor).post(
        f"{PLACE}read/", {"notice": one.pk, "query": "show=unread&page=2&x=//e"}
    )

    assert answer["Location"] == f"{PLACE}?show=unread&page=2"
    assert list(Notice.objects.filter(read_at__isnull=False)) == [one]
    assert list(Notice.objects.filter(read_at=None, arrived_at__isnull=False)) == [other]


def test_all_are_marked_as_read_and_nobody_elses(world, client_for):
    turn = world.walk("assigned")
    make_arrived(world.contributor, turn)
    make_arrived(world.contributor, turn)
    make_arrived(world.chair, turn)

    client_for(world.contributor).post(f"{PLACE}read/", {"all": "1"})

    assert (access.unread(world.contributor), access.unread(world.chair)) == (0, 1)


def test_somebody_elses_stays_as_it_is(world, client_for):
    theirs = make_arrived(world.chair, world.walk("assigned"))
    client = client_for(world.contributor)

    client.post(f"{PLACE}read/", {"notice": [theirs.pk, "x", "-1", "9" * 30]})
    answer = client.post(f"{PLACE}{theirs.pk}/follow/")

    assert answer.status_code == 404
    assert access.unread(world.chair) == 1


def test_what_was_read_keeps_its_moment(world):
    first = clock.now() - timedelta(days=1)
    one = make_arrived(world.contributor, world.walk("assigned"), read_at=first)

    assert mark_read(by=world.contributor) == 0
    one.refresh_from_db()
    assert one.read_at == first


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, "/items/council/r1-1.2-c18/"),
        ({"step": "accept"}, "/items/council/r1-1.2-c18/steps/accept/"),
        ({"step": "//elsewhere.example"}, "/items/council/r1-1.2-c18/"),
    ],
)
def test_following_one_marks_it_as_read_and_leads_to_its_item(world, client_for, given, place):
    one = make_arrived(world.contributor, world.walk("assigned"))

    answer = client_for(world.contributor).post(f"{PLACE}{one.pk}/follow/", given)

    assert answer["Location"] == place
    assert access.unread(world.contributor) == 0


def test_reading_is_no_act_on_record(world, client_for):
    make_arrived(world.contributor, world.walk("assigned"))
    before = Event.objects.count()

    client_for(world.contributor).post(f"{PLACE}read/", {"all": "1"})

    assert Event.objects.count() == before
