"""Attacks on the record by the owner of the database, with triggers off: each is found and the row named, or it is within
the window that `docs/verifying.md` states. Over a history made by the real steps, on both databases.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from tests import histories
from tests.histories import past_the_guards, sql, undone
from tests.people import World
from tests.reliability.recorded import found, kinds
from tracker import audit, triggers
from tracker.log import findings, published, sealing
from tracker.log.findings import Found
from tracker.models import Event, EventWords, Head, Leaf, Node
from tracker.proofs import digests, merkle

PLACES = ("first", "second", "middle", "last but one", "last")


def rows_of(model: type[models.Model]) -> list[Any]:
    """Rows at the first, second, middle, last but one and last place (of the log, where it is the record)."""
    order = {"Event": "leaf__position", "EventWords": "event__leaf__position", "Leaf": "position", "Head": "size"}
    rows = list(model._default_manager.order_by(order.get(model.__name__, "pk")))
    return [rows[0], rows[1], rows[len(rows) // 2], rows[-2], rows[-1]]


def named(one: Found, row: Any) -> bool:
    """Whether a finding names the row."""
    match row:
        case Event():
            leaf = Leaf.objects.filter(event_id=row.pk).first()
            return (
                one.event == row.pk
                or (one.stream, one.number) == (row.stream, row.number)
                or (leaf is not None and one.position == leaf.position)
            )
        case EventWords():
            return one.event == row.event_id
        case Leaf():
            return one.position == row.position or one.event == row.event_id
        case Node():
            return (one.facts.get("level"), one.facts.get("node")) == (row.level, row.position)
        case Head():
            return one.facts.get("size") == row.size
    raise TypeError(row)


# H1: every column ----------------------------------------------------------------------------------------------------------


def other(field: models.Field, old: Any) -> Any:
    """Another value that the column can hold; as little different as can be."""
    match old:
        case bool():
            return not old
        case int():
            return old + (1_000 if field.unique or field.name in ("number", "position", "event", "size") else 1)
        case str():
            return ("1" if old[0] == "0" else "0") + old[1:] if old else "x"
        case datetime():
            return old + timedelta(microseconds=1)
        case date():
            return old + timedelta(days=1)
        case dict():
            return {**old, "status": ["planned", "closed"]} if "status" in old else {**old, "status": [None, None]}
    return date(2018, 1, 1) if isinstance(field, models.DateField) else 1


def change(row: models.Model, field: models.Field) -> None:
    new = other(field, field.value_from_object(row))
    value = json.dumps(new) if isinstance(new, dict) else field.get_db_prep_save(new, connection)
    key = row._meta.pk
    assert key is not None
    past_the_guards(
        f"UPDATE {row._meta.db_table} SET {field.column} = %s WHERE {key.column} = %s", params=[value, row.pk]
    )


# What is no part of the history: where a row of these lies.
ADDRESSES = {("tracker_node", "id"), ("tracker_head", "id")}


@pytest.mark.parametrize("model", [Event, EventWords, Leaf, Head])
def test_any_change_of_any_column_is_found_and_the_row_is_named(record: World, model: type[models.Model]) -> None:
    missed = []
    for place, row in zip(PLACES, rows_of(model), strict=True):
        for field in model._meta.concrete_fields:
            if (model._meta.db_table, field.column) in ADDRESSES:
                continue
            with undone():
                change(row, field)
                report = found()
                if not any(named(one, row) for one in report.findings):
                    missed.append((place, field.name, report.findings))
                assert report.found <= 6, (place, field.name, report.findings)  # one deed does not drown the report
    assert missed == []


def test_any_change_of_a_node_is_found_and_named(db: None) -> None:
    histories.fill(1, 1_300)
    assert found().found == 0
    for row in rows_of(Node):
        for field in Node._meta.concrete_fields:
            if field.column == "id":
                continue
            with undone():
                change(row, field)
                report = found()
                assert any(named(one, row) for one in report.findings), (row, field.name, report.findings)
                assert report.found <= 2, report.findings


def test_changed_column_is_one_finding(record: World) -> None:
    """Not a thousand that follow from it."""
    for row in rows_of(Event):
        with undone():
            change(row, Event._meta.get_field("verb"))
            assert [(one.kind, one.event) for one in found().findings] == [("changed", row.pk)]


def test_changed_words_are_one_finding(record: World) -> None:
    for row in rows_of(EventWords):
        with undone():
            change(row, EventWords._meta.get_field("words"))
            assert [(one.kind, one.event) for one in found().findings] == [("words", row.pk)]


def test_control_without_the_hashes_compared_a_changed_column_is_not_found(
    record: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.log.streams.judged", lambda row, *_asked, **_known: ("", row[20]))
    change(rows_of(Event)[2], Event._meta.get_field("verb"))

    assert found().found == 0


def test_changed_event_with_its_hash_made_anew_is_found(record: World) -> None:
    """By somebody without the key of the record: the code is wrong, and the leaf and the next event disagree."""
    for row in rows_of(Event):
        with undone():
            row.verb = "occurrence.closed" if row.verb != "occurrence.closed" else "occurrence.held"
            past_the_guards(
                "UPDATE tracker_event SET verb = %s, hash = %s WHERE id = %s",
                params=[row.verb, audit.digest(row), row.pk],
            )
            report = found()
            assert "forged" in kinds(report)
            assert named(report.findings[0], row)


# H2: deleted ---------------------------------------------------------------------------------------------------------------


def delete(pks: Iterable[int], *, leaves: bool) -> None:
    ids = ", ".join(map(str, pks))
    past_the_guards(
        *([f"DELETE FROM tracker_leaf WHERE event_id IN ({ids})"] if leaves else []),
        f"DELETE FROM tracker_eventwords WHERE event_id IN ({ids})",
        f"DELETE FROM tracker_event WHERE id IN ({ids})",
    )


@pytest.mark.parametrize("leaves", [False, True])
def test_deleted_row_is_found_and_its_place_named(record: World, leaves: bool) -> None:
    for row in rows_of(Event):
        position = row.leaf.position
        with undone():
            delete([row.pk], leaves=leaves)
            report = found()
            places = {one.position for one in report.findings}
            gap = any(one.kind == "gap" and one.stream == row.stream for one in report.findings)
            cut = "tail" in kinds(report) and position == Leaf.objects.count()
            assert position in places or cut, report.findings
            assert gap or row.number == Event.objects.filter(stream=row.stream).count() + 1, report.findings
            assert report.found <= 4, report.findings


@pytest.mark.parametrize("leaves", [False, True])
def test_deleted_range_and_deleted_case_are_found_and_named(record: World, leaves: bool) -> None:
    order = list(Event.objects.order_by("leaf__position"))
    case = [event for event in order if event.stream == audit.stream(record.past)]
    for gone in (order[5:12], case):
        with undone():
            positions = {event.leaf.position for event in gone}
            delete([event.pk for event in gone], leaves=leaves)
            report = found()
            told = set()
            for one in report.findings:
                if one.kind in ("missing", "leaf_gap") and one.position is not None:
                    told |= set(range(one.position, one.facts.get("to", one.position) + 1))
                if one.kind == "tail":
                    told |= set(range(one.facts["log"], one.facts["given_out"]))
            assert told == positions
            assert report.found <= 10, report.findings


# H3: swapped, renumbered, another moment ------------------------------------------------------------------------------------


def swap(one: Event, two: Event) -> None:
    """Each lies where the other lay."""
    past_the_guards(
        f"UPDATE tracker_event SET id = 999999 WHERE id = {one.pk}",
        f"UPDATE tracker_event SET id = {one.pk} WHERE id = {two.pk}",
        f"UPDATE tracker_event SET id = {two.pk} WHERE id = 999999",
    )


def test_swapped_rows_are_found_and_named(record: World) -> None:
    rows = rows_of(Event)
    for one, two in pairwise(rows):
        with undone():
            swap(one, two)
            told = {found_.event for found_ in found().findings if found_.kind == "leaf"}
            assert told == {one.pk, two.pk}


def test_renumbered_stream_is_found_from_the_row_on(record: World) -> None:
    stream = audit.stream(record.past)
    rows = list(Event.objects.filter(stream=stream).order_by("number"))
    for row in rows:
        with undone():
            for step in ("number + 1000", "number - 999"):
                past_the_guards(
                    f"UPDATE tracker_event SET number = {step} WHERE stream = '{stream}' AND number >= {row.number}"
                )
            report = found()
            later = [event.pk for event in rows if event.number >= row.number]
            assert {one.event for one in report.findings if one.kind == "changed"} == set(later)


def test_swapped_places_in_the_log_are_found(record: World) -> None:
    """Leaves that change their places fit their events, but no longer the heads."""
    one, two = (Leaf.objects.get(position=position) for position in (9, 13))
    past_the_guards(
        "UPDATE tracker_leaf SET position = 99999 WHERE position = 9",
        "UPDATE tracker_leaf SET position = 9 WHERE position = 13",
        "UPDATE tracker_leaf SET position = 13 WHERE position = 99999",
    )
    report = found()
    assert kinds(report) == {"head", "exported"}
    heads = list(Head.objects.order_by("size").values_list("size", flat=True))
    (told,) = (found_.facts for found_ in report.findings if found_.kind == "head")
    assert told["after"] <= one.position < told["size"] or told["after"] <= two.position < told["size"]
    assert told["after"] in [0, *heads]


# H4: forged rows -------------------------------------------------------------------------------------------------------------


def forged(stream: str, *, number: int, before: str, form: int = 2, key: bytes = b"a key of their own") -> Event:
    """A well-formed event that no process of ours wrote."""
    like = Event.objects.filter(subject_type="occurrence").latest("pk")
    made = Event(**{field.attname: field.value_from_object(like) for field in Event._meta.concrete_fields})
    made.pk, made.stream, made.number, made.previous_hash = 777_777, stream, number, before
    made.words_hash, made.algorithm, made.mac = "", form, ""
    if form > 1:
        made.mac = digests.code(audit.columns(made), key)
    made.hash = audit.digest(made)
    return made


@pytest.mark.parametrize("form", [1, 2])
def test_forged_row_at_the_end_is_found_and_never_sealed(record: World, form: int) -> None:
    last = Event.objects.filter(stream=audit.stream(record.past)).latest("number")
    made = forged(last.stream, number=last.number + 1, before=last.hash, form=form)
    made.save(force_insert=True)

    assert [(one.kind, one.event) for one in found().findings] == [("forged", made.pk)]
    sealed = sealing.seal()
    assert sealed.added == 0
    assert [(one.kind, one.event) for one in sealed.refused] == [("forged", made.pk)]


def test_forged_row_with_a_leaf_of_its_own_is_found_and_never_signed(record: World) -> None:
    last = Event.objects.filter(stream=audit.stream(record.past)).latest("number")
    made = forged(last.stream, number=last.number + 1, before=last.hash)
    made.save(force_insert=True)
    leaf = merkle.leaf_hash(bytes.fromhex(made.hash)).hex()
    Leaf.objects.create(position=Leaf.objects.count(), event=made, hash=leaf)

    assert [(one.kind, one.event) for one in found().findings] == [("forged", made.pk)]
    with pytest.raises(published.LogBroken, match="no head covers"):
        sealing.seal()


def test_forged_row_in_the_middle_is_found(record: World) -> None:
    """Those after it are moved on by one, and made to fit."""
    stream = audit.stream(record.past)
    after = Event.objects.filter(stream=stream).order_by("number")[2]
    made = forged(stream, number=after.number, before=after.previous_hash)
    for step in ("number + 1000", "number - 999"):
        past_the_guards(
            f"UPDATE tracker_event SET number = {step} WHERE stream = '{stream}' AND number >= {after.number}"
        )
    sql("UPDATE tracker_event SET previous_hash = %s WHERE 1 = 0", [made.hash])
    past_the_guards("UPDATE tracker_event SET previous_hash = %s WHERE id = %s", params=[made.hash, after.pk])
    made.save(force_insert=True)

    report = found()
    assert ("forged", made.pk) in {(one.kind, one.event) for one in report.findings}
    assert {one.event for one in report.findings if one.kind == "changed"} >= {after.pk}


def test_control_without_codes_a_forged_row_is_not_found(record: World, monkeypatch: pytest.MonkeyPatch) -> None:
    last = Event.objects.filter(stream=audit.stream(record.past)).latest("number")
    key = b"a key of their own"
    forged(last.stream, number=last.number + 1, before=last.hash, key=key).save(force_insert=True)
    monkeypatch.setattr("tracker.keys.event_keys", lambda: {digests.key_name(key): key})

    assert "forged" not in {one.kind for one in found().findings if one.event == 777_777}


# H11: forks ------------------------------------------------------------------------------------------------------------------


def made_anew(*, also: Event | None = None) -> None:
    """The table of events as the owner may make it anew: the same rows and one more, and nothing that is unique."""
    fields = Event._meta.concrete_fields
    names = ", ".join(field.column for field in fields)
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")  # a table with questions open cannot be dropped
    past_the_guards(f"CREATE TABLE anew AS SELECT {names} FROM tracker_event")
    if also is not None:
        values = [field.get_db_prep_save(field.value_from_object(also), connection) for field in fields]
        sql(f"INSERT INTO anew ({names}) VALUES ({', '.join(['%s'] * len(fields))})", values)
    past_the_guards(
        f"DROP TABLE tracker_event{' CASCADE' if connection.vendor == 'postgresql' else ''}",
        "ALTER TABLE anew RENAME TO tracker_event",
    )
    triggers.install()


@pytest.mark.parametrize(("further", "kind"), [(0, "double"), (1, "chain")])
def test_fork_is_found_and_named(record: World, further: int, kind: str) -> None:
    """Two events with the same one before them; the database refuses it as long as its columns are unique."""
    tip = Event.objects.filter(stream=audit.stream(record.past)).latest("number")
    made = forged(tip.stream, number=tip.number + further, before=tip.previous_hash)
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)

    with undone():
        made_anew(also=made)
        assert (kind, made.pk) in {(one.kind, one.event) for one in found().findings}
    with undone():
        made_anew()  # control: the table made anew is not what is found
        assert found().findings == ()


def test_missing_guard_is_found(record: World) -> None:
    postgres = connection.vendor == "postgresql"
    name = "tracker_leaf_no_change" if postgres else "tracker_leaf_no_update"
    sql(f"DROP TRIGGER {name}{' ON tracker_leaf' if postgres else ''}")

    assert [(one.kind, one.facts) for one in found().findings] == [("trigger", {"trigger": name})]


def test_words_that_were_taken_away_or_added_are_found(record: World) -> None:
    worded = EventWords.objects.order_by("pk")[3]
    wordless = Event.objects.filter(words=None).order_by("pk")[3]
    deeds = {
        "words_missing": f"DELETE FROM tracker_eventwords WHERE event_id = {worded.pk}",
        "words_emptied": f"UPDATE tracker_eventwords SET salt = '', words = '{{}}' WHERE event_id = {worded.pk}",
        "words_added": f"INSERT INTO tracker_eventwords (event_id, salt, words) VALUES ({wordless.pk}, 'ab', '{{\"a\": 1}}')",
    }
    for kind, deed in deeds.items():
        with undone():
            past_the_guards(deed)
            row = wordless.pk if kind == "words_added" else worded.pk
            assert [(one.kind, one.event) for one in found().findings] == [(kind, row)]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("table", "column", "value", "kind"),
    [
        ("tracker_event", "changes", "'{'", "changed"),
        ("tracker_event", "changes", "x'ff'", "changed"),
        ("tracker_event", "verb", "x'ff'", "changed"),
        ("tracker_event", "actor_id", "'null'", "changed"),
        ("tracker_event", "number", "'many'", "changed"),
        ("tracker_event", "subject_id", "1.5", "changed"),
        ("tracker_event", "recorded_at", "'soon'", "changed"),
        ("tracker_event", "effective_on", "5", "changed"),
        ("tracker_event", "hash", "x'00'", "changed"),
        ("tracker_eventwords", "words", "'{'", "words"),
        ("tracker_leaf", "hash", "'none'", "leaf"),
        ("tracker_leaf", "event_id", "'none'", "missing"),
        ("tracker_head", "note", "x'ff'", "head_signature"),
        ("tracker_head", "signed_at", "'soon'", "head"),
        ("tracker_head", "root", "5", "head"),
    ],
)
def test_what_is_no_value_at_all_is_found(record: World, table: str, column: str, value: str, kind: str) -> None:
    """SQLite keeps anything in any column: verifying must not stumble over it."""
    places = {
        "tracker_event": "id",
        "tracker_eventwords": "event_id",
        "tracker_leaf": "position",
        "tracker_head": "size",
    }
    key = places[table]
    with undone():
        past_the_guards(f"UPDATE {table} SET {column} = {value} WHERE {key} = (SELECT MAX({key}) FROM {table})")
        report = found()
        assert kind in kinds(report)
        findings.keep(report.findings)
