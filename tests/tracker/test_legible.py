"""What cannot be read of an event is read as something that says so, and never as what an honest event holds."""

import json
import random
import sqlite3
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Max, Subquery

from config.sqlite import Connection
from tests import histories
from tests.histories import past_the_guards
from tests.people import World
from tests.reliability.spoiling import deeds, deeds_on_words
from tracker import audit
from tracker.history.columns import FACTS
from tracker.models import Event, EventWords, legible
from tracker.models.legible import NO_DAY, NO_MOMENT, UNREADABLE
from workflows import steps

NONE = {UNREADABLE: [None, True]}
HONEST = ({}, {"status": ["planned", "assigned"], "spans": [None, [[4, 23], [30, 31]]], "number": [1, -(2**53) + 1]})


@pytest.mark.parametrize(
    "changes",
    [
        *HONEST,
        {
            "text": [
                "é中\U0001f600\\u",
                "\\ud800 as letters, \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
            ]
        },
    ],
)
def test_what_is_from_and_to_is_read_as_it_is(changes: dict[str, Any]) -> None:
    for text in (json.dumps(changes), json.dumps(changes, ensure_ascii=False, indent=1)):
        assert legible.pairs(text) == legible.words(text) == changes


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "{", b"\xff", b"{}", "[1]", '"text"', "null", "5", "{} {}", '{"a": NaN}', '{"a": [1e400, 1]}'),
        '{"a": [null, 9007199254740992]}',
        '{"a": [null, ' + "9" * 5_000 + "]}",
        '{"a": ["\\ud800", 1]}',
        '{"a": [1, ' + "[" * 40 + "]" * 40 + "]}",
        '{"a": [1, ' + "[" * 100_000 + "]" * 100_000 + "]}",
        '{"a": ' * 50 + "1" + "}" * 50,
    ],
)
def test_what_is_no_such_thing_says_so(text: Any) -> None:
    assert legible.pairs(text) == NONE
    assert legible.words(text) == {UNREADABLE: True}


def test_pairs_beside_what_is_none_are_kept() -> None:
    found = legible.pairs('{"status": ["planned", "assigned"], "due_on": 5, "title": ["a"], "body": null}')

    assert found == {"status": ["planned", "assigned"], **NONE}
    assert legible.words('{"reason": "Late.", "text": ["", "a"], "n": 5}') == {
        "reason": "Late.",
        "text": ["", "a"],
        "n": 5,
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2018-02-16 09:00:00", datetime(2018, 2, 16, 9, tzinfo=UTC)),
        ("2018-02-16T09:00:00.00012", datetime(2018, 2, 16, 9, 0, 0, 120, tzinfo=UTC)),
        (None, None),
        *(
            (one, NO_MOMENT)
            for one in ("infinity", "-infinity", "0044-03-15T00:00:00 BC", "12018-03-15T00:00:00", "soon", "")
        ),
        *(
            (one, NO_MOMENT)
            for one in ("2018-02-16", "2018-02-30 09:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59", 5, b"")
        ),
    ],
)
def test_moment_that_is_none_says_so(written: Any, read: Any) -> None:
    assert legible.moment(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2018-02-28", date(2018, 2, 28)),
        (None, None),
        *(
            (one, NO_DAY)
            for one in (
                "2018-02-30",
                "20180228",
                "2018-W09-3",
                "infinity",
                "0001-01-01",
                "soon",
                "",
                5,
                b"\xff",
                [1],
                {"a": 2},
            )
        ),
    ],
)
def test_day_that_is_none_says_so(written: Any, read: Any) -> None:
    assert legible.day(written) == read


def test_no_column_and_no_fact_has_the_name_of_what_cannot_be_read() -> None:
    named = {f.name for model in apps.get_app_config("tracker").get_models() for f in model._meta.get_fields()}

    assert UNREADABLE not in named
    assert [str(FACTS[UNREADABLE])] == ["what changed"]


def test_nothing_spoilt_is_read_with_the_hash_that_the_event_had(world: World) -> None:
    """Also where what stood there is what an unreadable value might be taken for: nothing, no day, no words."""
    steps.comment(world.past, by=world.chair, text="A line.")
    emptiest = Event.objects.filter(verb="occurrence.commented").latest("pk")
    past_the_guards(
        "UPDATE tracker_event SET changes = '{}', effective_on = NULL, actor_id = NULL, body_id = NULL, request_id = '' WHERE id = %s",
        params=[emptiest.pk],
    )
    emptiest.refresh_from_db()
    assert emptiest.is_legible
    columns, words = audit.columns(emptiest), emptiest.words.words
    alike = ("acting_for_id", "actor_id", "body_id")
    for name, deed in [*deeds(), *deeds(further=True)]:
        with histories.undone():
            deed([emptiest.pk])
            read = Event.objects.select_related("actor", "acting_for", "words", "body").get(pk=emptiest.pk)
            assert (audit.columns(read), read.hash) != (columns, emptiest.hash), name
            assert json.loads(json.dumps(audit.columns(read))) == audit.columns(read), name
            assert read.actor is None or not name.startswith(alike)
    for name, deed in deeds_on_words():
        with histories.undone():
            deed([emptiest.pk])
            assert EventWords.objects.get(pk=emptiest.pk).words != words, name


def test_history_at_random_is_read_as_it_was_written(db: None) -> None:
    made = {event.pk: audit.columns(event) for event in histories.events(random.Random(3), 300, streams=25)}
    histories.fill(3, 300)

    found = {event.pk: audit.columns(event) for event in Event.objects.all()}

    assert found == made
    assert all(event.is_legible for event in Event.objects.all())
    assert all(row.is_legible for row in EventWords.objects.all())


def test_moments_are_asked_for_in_every_way(world: World) -> None:
    steps.comment(world.past, by=world.chair, text="A line.")
    last = Event.objects.latest("pk")
    newest = Event.objects.order_by("-pk").values("recorded_at", "effective_on")[:1]

    assert Event.objects.aggregate(last=Max("recorded_at")) == {"last": last.recorded_at}
    assert list(newest) == [{"recorded_at": last.recorded_at, "effective_on": last.effective_on}]
    within = Event.objects.annotate(newest=Subquery(newest.values("recorded_at"))).filter(pk=last.pk)
    assert within.get().newest == last.recorded_at
    assert Event.objects.filter(recorded_at__in=newest.values("recorded_at"), recorded_at=last.recorded_at).exists()
    assert Event.objects.filter(recorded_at__gte=last.recorded_at, effective_on=last.effective_on).exists()
    assert Event.objects.only("number").get(pk=last.pk).recorded_at == last.recorded_at


@pytest.mark.sqlite
def test_keys_are_looked_up_whatever_stands_in_other_rows(world: World) -> None:
    steps.comment(world.past, by=world.chair, text="A line.")
    spoilt = Event.objects.latest("pk").pk
    moved = Event.objects.filter(changes__has_key="due_on")
    before = moved.count()
    was = legible.KeyText(1, legible.Key("due_on", "changes"))
    days = sorted(moved.annotate(was=was).values_list("was", flat=True))
    assert before == len(days) > 0
    assert days[0] is not None

    past_the_guards("UPDATE tracker_event SET changes = '{' WHERE id = %s", params=[spoilt])

    assert moved.count() == before
    assert sorted(moved.annotate(was=was).values_list("was", flat=True)) == days
    assert Event.objects.filter(changes__due_on__1=days[0]).exists()


@pytest.mark.sqlite
def test_letters_that_are_none_are_read(db: None) -> None:
    text = "SELECT CAST(x'61ff' AS TEXT)"
    assert sqlite3.connect(":memory:", factory=Connection).execute(text).fetchone() == ("a\ufffd",)
    with pytest.raises(sqlite3.OperationalError, match="decode"):  # control: as Python has it
        sqlite3.connect(":memory:").execute(text).fetchone()
    connection.ensure_connection()
    assert isinstance(connection.connection, Connection)
