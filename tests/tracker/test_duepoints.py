"""Due points in words, and whose days they are counted in."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.calendars import contributions, duty, each_session, geneva, on_event, periodic
from tests.people import World
from tracker.duepoints import Station, Stations, in_words, known_station, rule_in_words
from tracker.models import Body, ClosedDay, Obligation


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "30 days before each session of Council"),
        ({"offset_days": -1}, "1 day before each session of Council"),
        ({"offset_days": 0}, "on the day of each session of Council"),
        ({"offset_days": 5}, "5 days after each session of Council"),
        ({"offset_working": True}, "30 working days before each session of Council"),
        ({"offset_days": 1, "offset_working": True}, "1 working day after each session of Council"),
        ({"anchor": "date", "due_date": date(2018, 12, 31), "kind": "once"}, "31 December 2018"),
        ({"anchor": "none", "kind": "on_event", "offset_days": 10}, "10 days after its event"),
        (
            {"anchor": "none", "kind": "on_event", "offset_days": 10, "trigger": "a veto is cast"},
            "10 days after the event (a veto is cast)",
        ),
        (
            {"anchor": "date", "due_date": date(2017, 8, 31), "kind": "periodic", "interval_months": 6},
            "every 6 months, counted from 31 August 2017",
        ),
        (
            {"anchor": "date", "due_date": None, "kind": "periodic", "interval_months": 1},
            "every 1 month",
        ),
        (
            {"anchor": "date", "kind": "periodic", "interval_months": 12, "counted_from": "completion"},
            "12 months after the last completion",
        ),
        ({"anchor": "date", "kind": "periodic"}, "period not recorded"),
        ({"anchor": "date", "kind": "once"}, "date not recorded"),
    ],
)
def test_due_point_in_words(world: World, fields: dict[str, Any], words: str):
    for name, value in fields.items():
        setattr(world.obligation, name, value)

    assert in_words(world.obligation) == words


def test_due_point_that_hangs_on_a_deadline_a_session_a_meeting_in_words(world: World):
    rule = contributions(world)
    chained = each_session(world, anchor_rule=rule, offset_days=-2)
    once = duty(
        world,
        "once",
        anchor="session",
        anchor_body=world.council,
        anchor_session=world.sessions["C18"],
        anchor_rule=rule,
    )
    meeting = duty(
        world,
        "once",
        anchor="meeting",
        anchor_body=world.group,
        anchor_meeting=world.meetings[14],
        offset_days=-1,
    )

    assert rule_in_words(rule) == "14 days before each session of Council"
    assert in_words(chained) == "2 days before the document deadline “Contributions” of each session of Council"
    assert in_words(once) == "on the day of the document deadline “Contributions” of Council 2018"
    assert in_words(meeting) == "1 day before meeting 14 of Group"


QUERIES = 7


def test_api_says_the_due_point_in_words_at_the_same_cost_for_many(
    world: World, client_for: Any, django_assert_num_queries: Any
):
    client: Client = client_for(world.councillor)
    contributions(world)
    client.get("/api/v1/obligations/")

    def listed(count: int) -> list[dict[str, Any]]:
        with django_assert_num_queries(count):
            return client.get("/api/v1/obligations/").json()["results"]

    from_one = listed(QUERIES)
    assert [one["due"] for one in from_one] == ["30 days before each session of Council"]
    on_event(world)
    periodic(world, date(2017, 8, 31), 6, completion=True)
    found = listed(QUERIES)

    assert {one["due"] for one in found} == {
        "30 days before each session of Council",
        "10 working days after the event (a veto is cast)",
        "6 months after the last completion, counted from 31 August 2017",
    }
    assert {(one["trigger"], one["offset_working"]) for one in found} == {("", False), ("a veto is cast", True)}


# ── whose days ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("country", "part", "known"),
    [("CH", "", True), ("CH", "GE", True), ("CH", "ZZ", False), ("CHE", "", False), ("ch", "", False), ("", "", False)],
)
def test_stations_that_are_known(country: str, part: str, known: bool):
    assert known_station(country, part) is known


def test_working_days_are_those_of_the_responsible_body(world: World):
    Body.objects.filter(pk=world.group.pk).update(country="AE")
    found = each_session(world, offset_days=-3, offset_working=True)

    due = found.occurrences.get(session__code="C18").due_on

    assert due == date(2018, 4, 12)  # there Friday and Saturday were the weekend then: 16, 15, 12 April


def test_a_weekend_that_was_changed_counts_as_it_was(world: World):
    Body.objects.filter(pk=world.council.pk).update(country="AE")
    station = Stations().of(Body.objects.get(pk=world.council.pk))

    assert (station.works(date(2018, 4, 15)), station.works(date(2018, 4, 13))) == (True, False)  # Sunday, Friday
    assert (station.works(date(2023, 5, 14)), station.works(date(2023, 5, 12))) == (False, True)


def test_station_whose_holidays_are_not_known_any_more_is_none(world: World):
    Body.objects.filter(pk=world.council.pk).update(country="XX")

    assert Stations().of(Body.objects.get(pk=world.council.pk)) == Station()


def test_closed_days_of_the_nearer_body_count_first(world: World):
    geneva(world)
    day = date(2018, 4, 12)
    ClosedDay.objects.create(body=world.council, day=day, name="Closed")
    ClosedDay.objects.create(body=world.group, day=day, name="Meets", works=True)
    council, group = (Stations().of(Body.objects.get(pk=one.pk)) for one in (world.council, world.group))

    assert (council.works(day), group.works(day)) == (False, True)


def test_holidays_are_named_in_the_readers_language(world: World):
    geneva(world)
    station = Stations().of(Body.objects.get(pk=world.council.pk))

    with translation.override("fr"):
        assert (date(2018, 9, 6), "Jeûne genevois") in station.public_holidays(2018)
    with translation.override("en"):
        assert (date(2018, 9, 6), "Genevan Fast") in station.public_holidays(2018)
    assert station.public_holidays(9999) == []
    assert Station().public_holidays(2018) == []


def test_stations_are_asked_for_once(world: World, django_assert_num_queries: Any):
    geneva(world)
    group = Body.objects.select_related("parent").get(pk=world.group.pk)
    stations = Stations()

    with django_assert_num_queries(1):
        for _ in range(3):
            stations.of(group)


def test_duty_form_asks_for_deadline_working_days_and_event(world: World, client_for: Any):
    from_intake = Obligation.objects.get(pk=world.obligation.pk)
    Obligation.objects.update(confirmed=False)
    rule = contributions(world)
    place = {"body": "council", "slug": "r1", "label": "C15", "item": "1.2", "number": from_intake.pk}
    url = reverse("intake_duty", kwargs=place)
    client: Client = client_for(world.secretary)
    page = client.get(url)
    assert page.status_code == 200
    for name in ("anchor_rule", "anchor_meeting", "offset_working", "counted_from", "trigger"):
        assert f'name="{name}"' in page.content.decode()
    given = {
        "title": "Annual report",
        "kind": "each_session",
        "anchor": "session",
        "anchor_body": world.council.pk,
        "anchor_rule": rule.pk,
        "offset_days": "-2",
        "offset_working": "on",
        "responsible": world.group.pk,
        "endorser": world.offices["chair"].pk,
        "visibility": "members",
    }

    assert client.post(url, given).status_code == 302

    from_intake.refresh_from_db()
    assert (from_intake.anchor_rule, from_intake.offset_days, from_intake.offset_working) == (rule, -2, True)
    client.post(url, given | {"anchor": "none", "kind": "on_event", "trigger": "a veto is cast"})
    from_intake.refresh_from_db()
    assert (from_intake.anchor_rule, from_intake.trigger) == (None, "a veto is cast")
