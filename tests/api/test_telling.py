"""Notices, what was read, and preferences, for programs."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.authtoken.models import Token

from tests.told import TODAY, make_arrived, make_mail, make_notice
from tracker import access, clock
from tracker.models import Notice, Person, Preferences

PREFERENCES = "/api/v1/preferences/"


def ask(who: Person, method: str, address: str, given: Any = None, **headers: str) -> Any:
    token, _new = Token.objects.get_or_create(user=who)
    headers = {"Authorization": f"Token {token.key}", **headers}
    if method == "get":
        return Client().get(address, given or {}, headers=headers)
    return getattr(Client(), method)(address, given or {}, content_type="application/json", headers=headers)


def numbers(who: Person, **query: Any) -> list[int]:
    answer = ask(who, "get", "/api/v1/notices/", query)
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


# Notices ---------------------------------------------------------------------------------------------------------------


def test_notice_says_to_whom_why_when_and_what_the_server_said(world):
    turn = world.walk("assigned")
    mail = make_mail(world.contributor)
    one = make_notice(world.contributor, turn, state="sent", message=mail, rung=-14)

    row = ask(world.secretary, "get", f"/api/v1/notices/{one.pk}/").json()

    assert row["to"] == "contributor"
    assert row["occurrence"] == "council/r1-1.2-c18"
    assert (row["kind"], row["rung"], row["policy"], row["why"]) == (
        "reminder",
        -14,
        None,
        "14 days before the due day",
    )
    assert row["planned_for"] == TODAY.isoformat()
    assert row["mail"]["answer"] == "250 OK"
    assert row["mail"]["attempts"] == 1
    assert row["mail"]["message_id"] == mail.message_id


def test_why_not_is_said_in_words(world):
    one = make_notice(
        world.contributor,
        world.due,
        state="skipped",
        reason="report received",
        reason_since=clock.now() - timedelta(hours=2),
        settled_at=clock.now(),
    )

    assert (
        ask(world.secretary, "get", f"/api/v1/notices/{one.pk}/").json()["why_not"] == "report received 2 hours earlier"
    )


def test_list_holds_ones_own_and_what_one_keeps(world):
    turn = world.walk("assigned")
    own, other = make_notice(world.contributor, turn), make_notice(world.chair, turn)

    assert numbers(world.contributor) == [own.pk]
    assert numbers(world.secretary) == [own.pk, other.pk]
    assert numbers(world.outsider) == []


def test_of_an_item_a_program_reads_what_its_page_shows(world):
    turn = world.walk("assigned")
    one = make_notice(world.contributor, turn)
    make_notice(world.helper, turn, kind="mentioned")

    assert numbers(world.councillor) == []
    assert numbers(world.councillor, occurrence=turn.reference) == [one.pk]
    assert ask(world.councillor, "get", f"/api/v1/notices/{one.pk}/").status_code == 200
    assert numbers(world.outsider, occurrence=turn.reference) == []
    assert ask(world.outsider, "get", f"/api/v1/notices/{one.pk}/").status_code == 404


def test_item_that_is_no_longer_theirs_to_see_is_not_named(world):
    one = make_notice(world.outsider, world.walk("assigned"))

    assert ask(world.outsider, "get", f"/api/v1/notices/{one.pk}/").json()["occurrence"] is None


def test_when_somebody_read_it_is_theirs_to_know(world):
    one = make_arrived(world.contributor, world.walk("assigned"), read_at=clock.now())

    assert ask(world.contributor, "get", f"/api/v1/notices/{one.pk}/").json()["read_at"].startswith("2018-02-16T09:")
    assert ask(world.secretary, "get", f"/api/v1/notices/{one.pk}/").json()["read_at"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"person": "chair"}, 1),
        ({"kind": ["closed", "moved"]}, 1),
        ({"state": "failed"}, 1),
        ({"audience": "chair"}, 1),
        ({"planned_from": "2018-02-17"}, 1),
        ({"planned_until": "2018-02-16"}, 3),
        ({"resolution": "r1"}, 4),
        ({"words": "mailbox"}, 1),
        ({"unread": "true"}, 1),
        ({"arrived": "true"}, 1),
        ({"arrived": "false"}, 3),
    ],
)
def test_filters_narrow(world, query, found):
    turn = world.walk("assigned")
    Notice.objects.all().delete()
    make_notice(world.chair, turn, audience="chair", kind="closed")
    make_notice(
        world.contributor, turn, state="failed", message=make_mail(world.contributor, answer="550 No such mailbox")
    )
    make_notice(world.contributor, turn, planned_for=date(2018, 3, 1))
    make_arrived(world.secretary, turn)

    assert len(numbers(world.secretary, **query)) == found


@pytest.mark.parametrize("query", ["colour=red", "kind=x", "state=x", "planned_from=x"])
def test_filter_that_makes_no_sense_is_refused(world, query):
    assert ask(world.secretary, "get", f"/api/v1/notices/?{query}").status_code == 400


# What was read ---------------------------------------------------------------------------------------------------------


def test_numbers_or_all_are_marked_as_read_and_nobody_elses(world):
    turn = world.walk("assigned")
    one = make_arrived(world.contributor, turn)
    make_arrived(world.contributor, turn)
    theirs = make_arrived(world.chair, turn)
    place = "/api/v1/notifications/read/"

    assert ask(world.contributor, "post", place, {"numbers": [one.pk, theirs.pk]}).json() == {"marked": 1, "unread": 1}
    assert ask(world.contributor, "post", place, {"all": True}).json() == {"marked": 1, "unread": 0}
    assert access.unread(world.chair) == 1


@pytest.mark.parametrize(
    "given", [{}, {"numbers": []}, {"numbers": ["x"]}, {"numbers": [1], "all": True}, {"numbers": [-1]}, []]
)
def test_reading_without_saying_what_is_refused(world, given):
    make_arrived(world.contributor, world.walk("assigned"))

    assert ask(world.contributor, "post", "/api/v1/notifications/read/", given).status_code == 400
    assert access.unread(world.contributor) == 1


# Preferences -----------------------------------------------------------------------------------------------------------


def test_preferences_are_the_defaults_until_they_are_set(world):
    answer = ask(world.contributor, "get", PREFERENCES)

    said = answer.json()
    assert said.pop("words")[0].startswith("You get at most three mails a day")
    assert said == {
        "language": "",
        "channel": "both",
        "pace": "prompt",
        "digest_hour": 7,
        "time_zone": "",
        "lead_days": None,
        "weekly": True,
    }


def test_put_sets_what_is_named_and_the_rest_goes_back(world):
    ask(world.contributor, "put", PREFERENCES, {"pace": "daily", "lead_days": 7})

    said = ask(world.contributor, "put", PREFERENCES, {"channel": "app"}).json()

    assert (said["channel"], said["pace"], said["lead_days"]) == ("app", "prompt", None)


def test_delete_goes_back_to_the_defaults(world):
    ask(world.contributor, "put", PREFERENCES, {"pace": "daily", "language": "fr"})

    said = ask(world.contributor, "delete", PREFERENCES).json()

    assert (said["pace"], said["language"]) == ("prompt", "fr")


def test_put_on_what_was_changed_since_is_refused(world):
    read = ask(world.contributor, "get", PREFERENCES)["ETag"]
    first = ask(world.contributor, "put", PREFERENCES, {"pace": "daily"}, **{"If-Match": read})

    second = ask(world.contributor, "put", PREFERENCES, {"channel": "app"}, **{"If-Match": read})

    assert (first.status_code, second.status_code) == (200, 412)
    assert first["ETag"] != read
    assert Preferences.objects.get().channel == "both"


@pytest.mark.parametrize(
    "given",
    [
        {"pace": "hourly"},
        {"lead_days": 5},
        {"digest_hour": 24},
        {"time_zone": "Moon"},
        {"language": "tlh"},
        {"weekly": None},
    ],
)
def test_preferences_that_make_no_sense_name_the_field(world, given):
    answer = ask(world.contributor, "put", PREFERENCES, given)

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(given)
    assert not Preferences.objects.exists()
