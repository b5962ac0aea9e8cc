"""One spoilt row must not silence the log: what nobody of ours could have written is named, all others are sealed and checked.

The owner of the database writes what Python cannot read, or what no column of ours can keep. On both databases, as far as
each lets it in.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.histories import past_the_guards, undone
from tests.people import World
from tests.record import taken_in
from tests.reliability.recorded import found, seal
from tracker.log import checks, sealing
from tracker.models import Announcement, Check, Event, Finding, Leaf
from workflows import rounds, steps

sqlite = pytest.mark.sqlite
DEEP = "[" * 100_000 + "]" * 100_000
# What is written over which column of an event.
EVERYWHERE = [
    ("changes", "'{\"a\": 1e400}'"),
    ("changes", "'{\"a\": 123456789012345678901234567890}'"),
    ("changes", "'" + '{"a": ' + "[" * 3_000 + "]" * 3_000 + "}'"),
    ("changes", "'[1]'"),
    ("changes", "'null'"),
    ("hash", "'no hash'"),
    ("mac", "''"),
    ("effective_on", "'0001-01-01'"),
    ("number", "-5"),
]
POSTGRES = [
    ("effective_on", "'infinity'"),
    ("effective_on", "'0044-03-15 BC'"),
    ("recorded_at", "'infinity'"),
    ("recorded_at", "'-infinity'"),
]
SQLITE = [
    ("changes", "'{\"a\": NaN}'"),
    ("changes", "'{'"),
    ("changes", "x'ff00'"),
    ("changes", "CAST(x'7b22ff227d' AS TEXT)"),
    ("changes", '\'{"a": "\\ud800"}\''),
    ("changes", f"'{DEEP}'"),
    ("changes", '\'{"a": ' + "9" * 5_000 + "}'"),
    ("effective_on", "'some day'"),
    ("effective_on", "5"),
    ("recorded_at", "'some day'"),
    ("recorded_at", "x'00'"),
    ("actor_id", "'nobody'"),
    ("subject_id", "'nothing'"),
    ("subject_id", "9223372036854775807"),
    ("algorithm", "'second'"),
    ("number", "'third'"),
    ("number", "9223372036854775807"),
    ("number", "2.5"),
    ("verb", "x'ff'"),
    ("verb", "CAST(x'ff' AS TEXT)"),
    ("stream", "CAST(x'ff' AS TEXT)"),
    ("stream", "x'ff'"),
    ("stream", "'a' || char(0) || 'b'"),
    ("request_id", "CAST(x'eda080' AS TEXT)"),
    ("words_hash", "5"),
    ("hash", "x'00'"),
    ("hash", "7"),
    ("mac", "7"),
    ("previous_hash", "CAST(x'ff' AS TEXT)"),
]


@pytest.fixture
def record(world: World) -> Iterator[World]:
    """A short history, sealed and given out. What a test does to it is taken back: rows may hang on nothing."""
    steps.hold(world.past, by=world.chair, reason="Waiting for figures.")
    seal()
    assert found().found == 0
    with undone():
        yield world


def poisons() -> list[Any]:
    postgres = [pytest.param(*one, marks=pytest.mark.postgres) for one in POSTGRES]
    return [*EVERYWHERE, *postgres, *(pytest.param(*one, marks=pytest.mark.sqlite) for one in SQLITE)]


def spoil(event: int, column: str, value: str) -> None:
    statements = [f"UPDATE tracker_event SET {column} = {value} WHERE id = {event}"]
    if connection.vendor == "postgresql" and column == "number":
        statements[:0] = [
            "SET CONSTRAINTS ALL IMMEDIATE",
            "ALTER TABLE tracker_event DROP CONSTRAINT tracker_event_number_check",
        ]
    past_the_guards(*statements)


def names(findings: Any, event: int) -> bool:
    return any(one.event == event for one in findings)


@pytest.mark.parametrize(("column", "value"), poisons())
def test_spoilt_event_that_waits_is_named_and_all_others_are_sealed(record: World, column: str, value: str) -> None:
    steps.comment(record.past, by=record.chair, text="A line.")
    spoilt = Event.objects.latest("pk").pk
    steps.comment(record.past, by=record.chair, text="Another line.")
    spoil(spoilt, column, value)

    done = sealing.seal()

    assert [one.event for one in done.refused] == [spoilt]
    assert done.added >= 1
    assert Leaf.objects.count() == Event.objects.count() - 1
    assert Finding.objects.filter(gone_at=None, event_number=spoilt).exists()
    assert names(found().findings, spoilt)


@pytest.mark.parametrize(("column", "value"), poisons())
def test_check_of_a_spoilt_event_ends_and_says_so(record: World, column: str, value: str) -> None:
    taken_in()
    sealing.seal()
    spoilt = Event.objects.filter(verb="occurrence.held").latest("pk").pk
    spoil(spoilt, column, value)
    checks.ask(by=None)

    check = checks.run_due()

    assert check is not None
    assert check.state == Check.State.FAILED
    assert Finding.objects.filter(gone_at=None, event_number=spoilt).exists()


def test_forged_event_whose_number_no_column_holds_is_kept_as_a_finding(record: World) -> None:
    names_ = [
        f.column for f in Event._meta.concrete_fields if f.column not in ("id", "number", "previous_hash", "hash")
    ]
    columns = ", ".join(names_)
    past_the_guards(
        f"INSERT INTO tracker_event (id, number, previous_hash, hash, {columns}) SELECT -7, 999999, '', '', {columns} FROM tracker_event "
        "WHERE id = (SELECT MAX(id) FROM tracker_event)"
    )
    checks.ask(by=None)

    check = checks.run_due()

    assert check is not None
    assert check.state == Check.State.FAILED
    kept = Finding.objects.filter(facts__has_key="event_number")
    assert {one.facts["event_number"] for one in kept} == {"-7"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("recorded_at", "'infinity'", marks=pytest.mark.postgres),
        pytest.param("request_id", "CAST(x'ff' AS TEXT)", marks=pytest.mark.sqlite),
    ],
)
def test_everybody_is_told_of_the_other_events(record: World, column: str, value: str) -> None:
    for text in ("A line.", "Another line."):
        steps.comment(record.past, by=record.chair, text=text)
    other, spoilt = Event.objects.order_by("-pk").values_list("pk", flat=True)[:2]
    spoil(spoilt, column, value)

    done = rounds.run()

    assert "events" not in done.failed
    assert Announcement.objects.filter(event=other).exists()
    assert not Announcement.objects.filter(event=spoilt).exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("recorded_at", "'infinity'", marks=pytest.mark.postgres),
        pytest.param("recorded_at", "'some day'", marks=pytest.mark.sqlite),
    ],
)
def test_spoilt_moment_takes_no_site_from_its_load_balancer(
    record: World, client: Client, column: str, value: str
) -> None:
    for text in ("A line.", "Another line."):
        steps.comment(record.past, by=record.chair, text=text)
    spoil(Event.objects.latest("pk").pk, column, value)

    answer = client.get("/healthz")

    assert answer.status_code == 200
    said = answer.json()["record"]
    assert said["state"] == "findings"
    assert said["unreadable"]


def test_proofs_of_a_log_that_is_not_whole_are_refused_in_words(record: World, client: Client) -> None:
    past = record.past
    client.force_login(record.people["auditor"])
    receipt = f"/items/{past.reference}/receipt/"
    assert [client.get(path).status_code for path in ("/log/consistency?old=1", receipt)] == [200, 200]  # control
    past_the_guards("DELETE FROM tracker_leaf WHERE position = 0")

    for path in ("/log/consistency?old=1", receipt):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "not whole" in answer.json()["detail"]


# Rows that stand ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("due_on", "'infinity'", marks=pytest.mark.postgres),
        pytest.param("due_on", "'some day'", marks=pytest.mark.sqlite),
        pytest.param("hold_reason", "CAST(x'ff' AS TEXT)", marks=pytest.mark.sqlite),
        pytest.param("status_since", "'some day'", marks=pytest.mark.sqlite),
    ],
)
def test_row_past_reading_is_named_and_the_others_are_compared(record: World, column: str, value: str) -> None:
    taken_in()
    sealing.seal()
    due, past = record.due.pk, record.past.pk
    past_the_guards(
        f"UPDATE tracker_occurrence SET {column} = {value} WHERE id = {due}",
        f"UPDATE tracker_occurrence SET due_on = '2031-01-01' WHERE id = {past}",
    )
    checks.ask(by=None)

    check = checks.run_due()

    assert check is not None
    assert check.state == Check.State.FAILED
    told = {one.facts["id"] for one in Finding.objects.filter(kind="state")}
    assert told >= ({past} if column == "status_since" else {due, past})


# Leaves -------------------------------------------------------------------------------------------------------------------------


def test_leaf_far_beyond_the_log_is_named_at_once(record: World) -> None:
    """Nobody walks a million million places one by one."""
    steps.comment(record.past, by=record.chair, text="A line.")
    event = Event.objects.latest("pk")
    past_the_guards(f"INSERT INTO tracker_leaf (position, event_id, hash) VALUES ({10**15}, {event.pk}, '{'00' * 32}')")

    kinds = {one.kind for one in found().findings}

    assert "leaf_gap" in kinds


@sqlite
def test_leaf_in_no_place_at_all_keeps_nobody_waiting(record: World) -> None:
    steps.comment(record.past, by=record.chair, text="A line.")
    event = Event.objects.latest("pk")
    past_the_guards(f"INSERT INTO tracker_leaf (position, event_id, hash) VALUES ('here', {event.pk}, '{'00' * 32}')")
    steps.comment(record.past, by=record.chair, text="Another line.")

    assert sealing.seal().added == 1
