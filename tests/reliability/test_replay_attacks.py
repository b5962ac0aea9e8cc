"""H9: the owner of the database changes what stands, and leaves the record alone. The replay finds it and names the row.

Every column on record of every model; a row taken away, a row put in, of every model. As SQL, with the constraints gone, on
both databases. The controls: what is bookkeeping is not found, and nothing is where nothing was done.
"""

from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.people import NOW, World, make_world
from tests.record import taken_in
from tracker import audit, triggers
from tracker.log import folding, replay
from tracker.models import Assignment, Event, Occurrence, Paragraph, RetentionRule
from tracker.recorded import WORDS
from workflows import steps

MODELS = sorted({name for family in replay.FAMILIES for name in (family.root, *family.beside)})
FRESH = 99_999


@pytest.fixture(scope="module")
def lived(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[World, None, None]:
    """A world in which every model on record has a row, once for all attacks, with nothing in the database against them."""
    with override_settings(RESOLVES_NOW=NOW), django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        taken_in()
        _live(world)
        _unguard()
        yield world
        if connection.vendor == "sqlite":
            sql("PRAGMA ignore_check_constraints = OFF")
        transaction.set_rollback(True)


@pytest.fixture
def attacked(lived: World, db: None, clock_pinned: str) -> Iterator[World]:
    """Put right after each attack, without asking whether what is left could stand."""
    assert list(replay.differences()) == []
    yield lived
    transaction.set_rollback(True)


def _live(world: World) -> None:
    people, offices = world.people, world.offices
    secretary, chair, lead = people["secretary"], people["chair"], people["contributor"]
    steps.add_session(world.council, code="C19", name="Council 2019", opens=date(2019, 4, 9), by=secretary)
    steps.add_sitting(world.sessions["C18"], by=secretary, kind="final", begins=date(2018, 4, 27))
    steps.add_meeting(world.group, begins=date(2018, 9, 17), by=secretary)
    steps.add_deadline_rule(world.council, name="Papers", days_before=42, by=secretary)
    steps.add_closed_day(world.council, day=date(2018, 12, 24), name="Eve", by=secretary)
    steps.set_substitute(
        offices["chair"], people["vice_chair"], begins=date(2018, 7, 2), ends=date(2018, 7, 9), by=chair
    )
    steps.appoint(offices["vice_chair"], people["helper"], by=secretary, begins=date(2018, 6, 1))
    steps.assign(world.due, lead=lead, by=chair, note="Please lead.", contributors=[people["helper"]])
    steps.accept(world.due, by=lead)
    steps.finish_part(world.due, by=people["helper"], note="Figures.")
    steps.record_activity(world.due, by=lead, text="A call was held.", happened_on=date(2018, 2, 1))
    steps.ask_new_date(world.due, by=lead, wanted_on=date(2018, 3, 30), reason="Late figures.")
    steps.comment(world.due, by=chair, text="What does @contributor say?")
    steps.watch(world.due, by=people["chair"])
    steps.make_feed(by=chair, kind="person")
    steps.set_preferences({"digest_hour": 9}, by=chair)
    steps.draft_policy(world.group, by=secretary, name="Fewer reminders")
    steps.table_summary(world.sessions["C18"], by=secretary, symbol="C18/41")
    files = [SimpleUploadedFile("figures.txt", b"1 2 3")]
    steps.submit(world.due, by=lead, text="What was done.", symbol="C18/12", files=files)
    steps.endorse(world.due, by=chair)
    steps.close(world.due, by=secretary, decision=world.decide())
    rule = RetentionRule(what="visits", months=12, reason="As decided.", since=date(2018, 2, 16))
    audit.record(rule, "rule.added", by=secretary)
    duty = steps.draft_obligation(
        Paragraph.objects.get(path="1.2"),
        by=secretary,
        title="To consult",
        kind="on_event",
        anchor="none",
        trigger="a request",
        responsible=world.group,
        endorser=offices["chair"],
    )
    steps.confirm_obligation(duty, by=secretary)
    steps.record_occasion(duty, happened_on=date(2018, 2, 1), words="A request came.", by=secretary)


# The owner's hands -----------------------------------------------------------------------------------------------------------


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _unguard() -> None:
    """Take away what the database holds against changes of the rows."""
    triggers.remove()
    if connection.vendor == "sqlite":
        sql("PRAGMA ignore_check_constraints = ON")
    else:
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.cursor() as cursor:
            cursor.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'")
            for table, one in cursor.fetchall():
                sql(f'ALTER TABLE {table} DROP CONSTRAINT "{one}"')
    for name in MODELS:
        table = folding.audited()[name]._meta.db_table
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, table)
        if connection.vendor == "postgresql":
            for one, facts in found.items():
                if facts["check"] or (facts["unique"] and not facts["primary_key"]):
                    sql(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{one}" CASCADE')
        for one, facts in found.items():
            if facts["unique"] and not facts["primary_key"] and not one.startswith(("__", "sqlite_")):
                sql(f'DROP INDEX IF EXISTS "{one}"')


def row_of(name: str) -> Any:
    """The row that is attacked: the occurrence that was walked, else the newest."""
    rows = folding.audited()[name]._base_manager.order_by("-pk")
    return rows.get(reference="council/r1-1.2-c18") if name == "occurrence" else rows[0]


def another(column: Any, standing: Any) -> Any:
    """Another value that the column takes."""
    match column:
        case models.ForeignKey():
            return FRESH
        case models.BooleanField():
            return not standing
        case models.DateTimeField():
            return (standing or datetime(2018, 1, 1, tzinfo=UTC)) + timedelta(seconds=1)
        case models.DateField():
            return (standing or date(2018, 1, 1)) + timedelta(days=1)
        case models.IntegerField():
            return (standing or 0) + 40
        case models.JSONField():
            return '["something else"]'
    if column.choices:
        return next(value for value, _label in column.choices if value != standing)
    return f"x{standing or ''}"[: column.max_length]


# Attacks ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_each_changed_column_is_found_and_named(attacked: World, name: str) -> None:
    row = row_of(name)
    for column in folding.fields_of(name):
        standing = column.value_from_object(row)
        value = another(column, standing)
        with transaction.atomic():
            sql(f'UPDATE "{row._meta.db_table}" SET "{column.column}" = %s WHERE id = %s', value, row.pk)

            found = [one for one in replay.differences() if (one.facts["model"], one.facts["id"]) == (name, row.pk)]

            assert [(one.kind, one.facts.get("field")) for one in found] == [("state", column.name)], column
            _names_the_event_that_said_it(found[0], name, row, column)
            if column.name in WORDS.get(name, ()):
                assert str(value) not in str(found[0].facts)
            transaction.set_rollback(True)


def _names_the_event_that_said_it(found: Any, name: str, row: Any, column: Any) -> None:
    event = Event.objects.select_related("words").get(pk=found.event)
    assert (event.stream, event.number) == (found.stream, found.number)
    said = set(event.changes) | set(event.words.words if hasattr(event, "words") else ())
    if column.value_from_object(row) not in audit.EMPTY and (name, column.name) != ("version", "text"):
        assert said & {column.name, f"{name}:{row.pk}.{column.name}"}, column


@pytest.mark.parametrize("name", MODELS)
def test_row_that_was_taken_away_is_found_and_named(attacked: World, name: str) -> None:
    row = row_of(name)
    if connection.vendor == "sqlite":
        sql("PRAGMA defer_foreign_keys = ON")
    sql(f'DELETE FROM "{row._meta.db_table}" WHERE id = %s', row.pk)

    found = {(one.kind, one.facts["model"], one.facts["id"]) for one in replay.differences()}

    assert ("state_missing", name, row.pk) in found
    assert {kind for kind, *_rest in found} == {"state_missing"} or name in {"occurrence", "version", "comment"}


@pytest.mark.parametrize("name", MODELS)
def test_row_that_was_put_in_is_found_and_named(attacked: World, name: str) -> None:
    row = row_of(name)
    fresh = {field.column: another(field, field.value_from_object(row)) for field in _only_once(row)}
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    copied = ["%s" if column in fresh else f'"{column}"' for column in columns]
    into = ", ".join(f'"{column}"' for column in columns)
    table = row._meta.db_table
    statement = f'INSERT INTO "{table}" (id, {into}) SELECT {FRESH}, {", ".join(copied)} FROM "{table}" WHERE id = %s'
    sql(statement, *(fresh[column] for column in columns if column in fresh), row.pk)

    found = [(one.kind, one.facts["model"], one.facts["id"]) for one in replay.differences()]

    assert found == [("state_unrecorded", name, FRESH)]


def _only_once(row: Any) -> set[Any]:
    """Columns that no two rows share: a row put in has others (SQLite takes no UNIQUE away)."""
    once = {field.name for field in row._meta.concrete_fields if field.unique and not field.primary_key}
    once |= {one.fields[-1] for one in row._meta.constraints if isinstance(one, models.UniqueConstraint)}
    return {row._meta.get_field(name) for name in once}


def test_row_that_was_moved_to_another_subject_is_found_once(attacked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the two subjects are not looked at together."""
    assignment = Assignment.objects.filter(occurrence=attacked.due).latest("pk")
    sql("UPDATE tracker_assignment SET occurrence_id = %s WHERE id = %s", attacked.past.pk, assignment.pk)

    for batch in (1, 2_000):
        monkeypatch.setattr(replay, "BATCH", batch)
        found = list(replay.differences())
        assert [(one.kind, one.facts["model"], one.facts.get("field")) for one in found] == [
            ("state", "assignment", "occurrence")
        ]


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_batches_change_nothing_of_what_is_found(attacked: World, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    sql("UPDATE tracker_occurrence SET moved_by_choice = 5")
    sql(
        "DELETE FROM tracker_paragraph"
        if connection.vendor == "postgresql"
        else "UPDATE tracker_sitting SET place = 'x'"
    )
    whole = {one.key for one in replay.differences()}

    monkeypatch.setattr(replay, "BATCH", batch)

    assert {one.key for one in replay.differences()} == whole
    assert len(whole) >= Occurrence.objects.count()


@pytest.mark.parametrize("name", MODELS)
def test_each_emptied_column_is_found(attacked: World, name: str) -> None:
    """What is nothing where something was on record differs, too."""
    row = row_of(name)
    for column in folding.fields_of(name):
        empty = None if column.null else "[]" if isinstance(column, models.JSONField) else ""
        text = isinstance(column, models.CharField | models.TextField | models.JSONField | models.FileField)
        if column.value_from_object(row) in audit.EMPTY or not (column.null or text):
            continue
        with transaction.atomic():
            sql(f'UPDATE "{row._meta.db_table}" SET "{column.column}" = %s WHERE id = %s', empty, row.pk)
            assert [one.facts.get("field") for one in replay.differences()] == [column.name]
            transaction.set_rollback(True)


def test_control_bookkeeping_is_not_found(attacked: World) -> None:
    sql("UPDATE tracker_assignment SET told_at = %s", datetime(2018, 2, 2, tzinfo=UTC))
    sql("UPDATE tracker_person SET last_login = %s, password = 'x'", datetime(2018, 2, 2, tzinfo=UTC))

    assert list(replay.differences()) == []


def test_control_a_replay_that_leaves_columns_out_finds_nothing(
    attacked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attacks are found by the comparison alone."""
    sql("UPDATE tracker_occurrence SET status = 'closed'")
    assert list(replay.differences()) != []

    monkeypatch.setattr(replay, "fields_of", lambda _name: [])

    assert list(replay.differences()) == []
