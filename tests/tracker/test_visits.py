"""Who saw what when, and who was refused: kept apart from the record, without words, without secrets, at most once a page."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone
from rest_framework.authtoken.models import Token

from docs import generate
from tests.people import PASSWORD
from tracker import visits
from tracker.models import Evidence, Obligation, Repeat, Report, Resolution, Visibility, Visit
from workflows import steps

pytestmark = pytest.mark.django_db
ITEM = "/items/council/r1-1.2-c18/"
API = "/api/v1/occurrences/council/r1-1.2-c18/"


@pytest.fixture(autouse=True)
def nobody_knocked():
    visits._strangers.clear()


@pytest.fixture
def restricted(world):
    Obligation.objects.update(visibility=Visibility.RESTRICTED)
    return world.due


def kept() -> list[tuple]:
    return [(one.kind, one.person and one.person.username, one.page, one.subject_reference, one.answer)
            for one in Visit.objects.order_by("pk")]  # fmt: skip


def inserts(client, place: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(place)
    return sum('INSERT INTO "tracker_visit"' in query["sql"] for query in asked)


# Seen ------------------------------------------------------------------------------------------------------------------


def test_restricted_item_that_was_seen_is_kept_with_who_and_when(world, client_for, restricted):
    answer = client_for(world.chair).get(ITEM)

    assert kept() == [("seen", "chair", "occurrence", "council/r1-1.2-c18", 200)]
    one = Visit.objects.get()
    assert (one.means, one.method, one.address, one.subject_id) == ("page", "GET", ITEM, restricted.pk)
    assert one.request_id == answer["X-Request-ID"]
    assert one.at.date().isoformat() == "2018-02-16"


def test_restricted_item_that_a_program_saw_is_kept(world, restricted):
    token = Token.objects.create(user=world.chair).key

    Client().get(API, HTTP_AUTHORIZATION=f"Token {token}")

    assert kept() == [("seen", "chair", "api-occurrences-detail", "council/r1-1.2-c18", 200)]
    assert Visit.objects.get().means == "api"


def test_item_of_a_restricted_text_is_kept(world, client_for):
    Resolution.objects.update(visibility=Visibility.RESTRICTED)

    client_for(world.chair).get(ITEM)

    assert [row[:4] for row in kept()] == [("seen", "chair", "occurrence", "council/r1-1.2-c18")]


def test_restricted_paper_on_an_open_item_is_kept_for_those_who_saw_it(world, client_for):
    world.walk("endorsed")
    Report.objects.update(visibility=Visibility.RESTRICTED)

    client_for(world.councillor).get(ITEM)  # sees the item, and not the paper
    client_for(world.chair).get(ITEM)

    assert [row[:2] for row in kept()] == [("seen", "chair")]


def test_restricted_file_that_was_fetched_is_kept(world, client_for, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    turn = world.walk("in_progress")
    (tmp_path / "paper.txt").write_text("figures")
    paper = Evidence.objects.create(
        occurrence=turn,
        title="paper.txt",
        file="paper.txt",
        visibility=Visibility.RESTRICTED,
        recorded_at=timezone.now(),
    )

    answer = client_for(world.chair).get(f"/files/{paper.pk}/")
    assert b"".join(answer.streaming_content) == b"figures"

    assert kept() == [("seen", "chair", "file", "council/r1-1.2-c18", 200)]


def test_restricted_text_that_was_seen_is_kept(world, client_for):
    Resolution.objects.update(visibility=Visibility.RESTRICTED)

    client_for(world.secretary).get("/resolutions/council/r1/")

    assert [row[:4] for row in kept()] == [("seen", "secretary", "resolution", "council/r1")]


@pytest.mark.parametrize("place", [ITEM, "/tasks/", "/occurrences/", "/resolutions/council/r1/", "/history/"])
def test_page_that_is_not_sensitive_costs_no_row(world, client_for, place):
    assert inserts(client_for(world.chair), place) == 0


def test_sensitive_page_costs_one_row(world, client_for, restricted):
    assert inserts(client_for(world.chair), ITEM) == 1


# Refused ---------------------------------------------------------------------------------------------------------------


def test_refused_page_is_kept_though_its_transaction_was_rolled_back(world, client_for):
    client_for(world.councillor).get("/people/")

    assert kept() == [("refused", "councillor", "people", "", 403)]


def test_refused_step_is_kept_with_its_item(world, client_for):
    world.walk("assigned")
    Visit.objects.all()

    client_for(world.councillor).post(f"{ITEM}steps/accept/")

    assert kept() == [("refused", "councillor", "step", "council/r1-1.2-c18", 403)]


def test_refused_program_is_kept(world):
    token = Token.objects.create(user=world.councillor).key

    Client().post(f"{API}steps/assign/", "{}", content_type="application/json", HTTP_AUTHORIZATION=f"Token {token}")

    assert [row[:2] for row in kept()] == [("refused", "councillor")]
    assert Visit.objects.get().means == "api"


def test_hidden_thing_is_kept_as_refused_with_what_it_was(world, client_for, restricted):
    assert client_for(world.councillor).get(ITEM).status_code == 404

    assert kept() == [("refused", "councillor", "occurrence", "council/r1-1.2-c18", 404)]


def test_hidden_thing_of_a_program_is_kept(world, restricted):
    token = Token.objects.create(user=world.councillor).key

    Client().get(API, HTTP_AUTHORIZATION=f"Token {token}")

    assert [row[:4] for row in kept()] == [("refused", "councillor", "api-occurrences-detail", "council/r1-1.2-c18")]


def test_hidden_and_missing_cost_the_same_queries(world, client_for, restricted):
    """So that the time it takes tells nobody which of them it was."""
    client = client_for(world.councillor)
    with CaptureQueriesContext(connection) as hidden:
        client.get(ITEM)
    with CaptureQueriesContext(connection) as missing:
        client.get("/items/council/r9-1-c18/")

    assert [query["sql"][:16] for query in hidden] == [query["sql"][:16] for query in missing]
    assert [row[3] for row in kept()] == ["council/r1-1.2-c18", ""]


def test_page_that_there_is_not_is_no_refusal(world, client_for):
    client_for(world.chair).get("/no/such/page/")

    assert kept() == []


def test_failed_log_in_is_kept_with_the_account_and_without_a_word(world, client):
    for name in ("chair", "nobody-of-that-name"):
        client.post("/login/", {"username": name, "password": "wrong and secret"})

    assert kept() == [
        ("refused", None, "login", str(world.chair.pk), 400),
        ("refused", None, "login", "", 400),
    ]
    assert "nobody-of-that-name" not in str(list(Visit.objects.values()))


def test_log_ins_that_the_throttle_stops_are_not_kept(world, client):
    for _try in range(8):
        client.post("/login/", {"username": "chair", "password": "wrong"})

    assert [row[4] for row in kept()] == [400]
    assert times() == [4]


def test_failed_token_is_kept_with_the_account(world, client):
    client.post("/api/v1/token/", {"username": "chair", "password": "wrong"}, content_type="application/json")

    assert kept() == [("refused", None, "api-token", str(world.chair.pk), 400)]


def test_log_in_that_was_right_is_not_kept(world, client):
    assert client.post("/login/", {"username": "chair", "password": PASSWORD}).status_code == 302

    assert kept() == []


# Bounded, and nothing lost ----------------------------------------------------------------------------------------------


def times() -> list[int]:
    """How often more each row was seen."""
    return [one.repeat.times if hasattr(one, "repeat") else 0 for one in Visit.objects.order_by("pk")]


def knock(client, count: int, place: str = "/files/%s/", *, first: int = 900_000, **headers) -> None:
    for number in range(count):
        client.get(place % (first + number), **headers)


def test_same_thing_within_minutes_is_one_row_that_says_how_often(world, client_for, restricted):
    client = client_for(world.chair)
    for query in ("", "?page=2", "?page=3"):
        client.get(ITEM + query)
    client_for(world.secretary).get(ITEM)

    assert [row[1] for row in kept()] == ["chair", "secretary"]
    assert times() == [2, 0]
    assert Visit.objects.first().address == ITEM


def test_same_thing_later_is_a_row_of_its_own(world, client_for, restricted, settings):
    client = client_for(world.chair)
    for minute in ("00", "03", "30"):  # the clock runs on: a machine may be busy
        settings.RESOLVES_NOW = f"2018-02-17T11:{minute}"
        client.get(ITEM)

    assert times() == [1, 0]
    assert 3 <= Repeat.objects.get().last_at.minute < 30


def test_seen_and_refused_are_never_one_row(world, client_for, restricted):
    client = client_for(world.councillor)
    client.get(ITEM)
    client.get(f"{ITEM}receipt/")
    steps.watch(world.due, by=world.chair)
    client_for(world.chair).get(ITEM)

    assert [row[:3] for row in kept()] == [
        ("refused", "councillor", "occurrence"),
        ("refused", "councillor", "receipt"),
        ("seen", "chair", "occurrence"),
    ]


def test_somebody_who_asks_without_end_fills_no_disk_and_is_counted(world, client_for):
    knock(client_for(world.councillor), visits.MOST + 7)

    assert Visit.objects.count() == visits.MOST + 1
    last = Visit.objects.order_by("pk").last()
    assert (last.address, last.page, last.person) == (visits.BEYOND, "file", world.councillor)
    assert sum(times()) + Visit.objects.count() == visits.MOST + 7


def test_restricted_thing_does_not_hide_behind_a_flood(world, client_for, restricted):
    client = client_for(world.councillor)
    knock(client, visits.MOST + 7, "/items/council/r9-%s-c18/")
    client.get(ITEM)

    assert [row[3] for row in kept()].count("council/r1-1.2-c18") == 1


def test_one_who_floods_bounds_nobody_else(world, client_for):
    knock(client_for(world.councillor), visits.MOST + 7)
    client_for(world.chair).get("/files/999999/")

    assert kept()[-1] == ("refused", "chair", "file", "", 404)


def test_hidden_and_missing_cost_the_same_queries_again(world, client_for, restricted):
    client = client_for(world.councillor)
    places, asked = (ITEM, "/items/council/r9-1-c18/"), []
    for place in places * 3:
        with CaptureQueriesContext(connection) as found:
            client.get(place)
        asked.append([query["sql"][:16] for query in found])

    assert asked[0::2] == asked[1::2]
    assert times() == [2, 2]


def test_strangers_who_knock_without_end_fill_no_disk(world, client):
    knock(client, visits.STRANGER + 5)
    assert Visit.objects.count() == visits.STRANGER + 1
    assert times()[-1] == 4

    for place in range(20):
        knock(client, 5, first=910_000 + 10 * place, REMOTE_ADDR=f"192.0.2.{place}")
    assert Visit.objects.count() == visits.STRANGERS  # one of them for what went beyond
    assert sum(times()) + Visit.objects.count() == visits.STRANGER + 5 + 20 * 5


def test_one_stranger_who_knocks_hides_no_other(world, client):
    knock(client, 3 * visits.STRANGER)
    client.post("/login/", {"username": "chair", "password": "wrong"}, REMOTE_ADDR="192.0.2.7")

    assert kept()[-1] == ("refused", None, "login", str(world.chair.pk), 400)


def test_without_the_bounds_the_disk_is_filled(world, client_for, monkeypatch):
    """The control."""
    monkeypatch.setattr(visits, "_too_many", lambda *_given: False)
    knock(client_for(world.councillor), visits.MOST + 7)

    assert Visit.objects.count() == visits.MOST + 7


def test_memory_of_addresses_is_bounded(monkeypatch):
    monkeypatch.setattr(visits, "ADDRESSES", 50)
    for number in range(500):
        assert visits._counted(f"address {number}")

    assert len(visits._strangers) <= 51


def test_list_says_how_often_and_how_many_more(world, client_for, restricted):
    client = client_for(world.chair)
    for _again in range(3):
        client.get(ITEM)
    knock(client, visits.MOST + 4)

    page = client_for(world.auditor).get("/history/visits/").content.decode()

    assert "and 2 times more, the last on" in page
    assert "many, too many to keep each" in page
    assert "and 3 times more" in page


def test_repeats_go_with_their_visit(world, client_for, restricted, settings):
    client = client_for(world.chair)
    client.get(ITEM)
    client.get(ITEM)
    assert Repeat.objects.count() == 1
    steps.set_retention("visits", months=12, reason="The rules of the archive.", by=world.secretary)

    settings.RESOLVES_NOW = "2019-03-01T09:00"
    steps.apply_retention()

    assert (Visit.objects.count(), Repeat.objects.count()) == (0, 0)


# What is never in it ---------------------------------------------------------------------------------------------------


def test_address_keeps_no_words_of_a_query(world, client_for):
    client_for(world.councillor).get("/people/?q=Somebody&words=private+words&person=12&since=2018-02-01&x-unknown=y")

    address = Visit.objects.get().address
    assert address == "/people/?q=…&words=…&person=12&since=2018-02-01&…"


def test_address_keeps_no_secret_of_a_path(rf, world):
    secret = "s" * 43
    for path in (f"/feeds/{secret}.ics", f"/invitation/{secret}/", f"/password/MQ/{secret}/"):
        request = rf.get(path)
        request.resolver_match = resolve(path)

        assert secret not in visits.address(request)
        assert "MQ" not in visits.address(request)
        assert "…" in visits.address(request)


def test_every_secret_part_of_an_address_is_known(world):
    parts = {part.partition(">")[0] for _name, path in generate.routes() for part in path.split("<")[1:]}
    assert {part for part in parts if "secret" in part or "token" in part or "uid" in part} == visits.SECRET


# And when it goes wrong ------------------------------------------------------------------------------------------------


def test_page_comes_though_its_visit_cannot_be_kept(world, client_for, restricted, monkeypatch, caplog):
    def broken(_visit, **_given):
        raise DatabaseError("the table is gone")

    monkeypatch.setattr(Visit, "save", broken)

    assert client_for(world.chair).get(ITEM).status_code == 200
    assert "could not be kept" in caplog.text


def test_name_that_no_database_holds_is_answered_as_missing(world, client_for):
    assert client_for(world.chair).get("/items/council/%00/").status_code == 404


def test_acts_on_restricted_items_go_on(world, client_for, restricted):
    steps.assign(restricted, lead=world.contributor, by=world.chair)

    assert kept() == []
