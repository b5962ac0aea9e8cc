"""Append-only is held by the database itself: whatever is tried through Django or past it is refused, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction

from tests.people import World
from tests.record import everything, verified
from tracker import triggers
from tracker.models import Event, EventWords
from workflows import steps


@pytest.fixture
def record(world: World) -> World:
    """A history with events that have words and events that have none."""
    steps.hold(world.due, by=world.chair, reason="Waiting for figures.")
    return world


def wordless() -> Event:
    return Event.objects.filter(words=None).latest("pk")


def raw(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _update_all() -> None:
    Event.objects.update(verb="occurrence.closed")


def _update_one() -> None:
    event = wordless()
    event.verb = "occurrence.closed"
    event.save()


def _bulk_update() -> None:
    events = list(Event.objects.all())
    for event in events:
        event.verb = "occurrence.closed"
    Event.objects.bulk_update(events, ["verb"])


def _bulk_create_over() -> None:
    event = wordless()
    event.verb = "occurrence.closed"
    Event.objects.bulk_create([event], update_conflicts=True, unique_fields=["id"], update_fields=["verb"])


def _delete_one() -> None:
    wordless().delete()


def _delete_past_django() -> None:
    Event.objects.filter(pk=wordless().pk)._raw_delete(using="default")


ATTACKS: dict[str, Callable[[], None]] = {
    "queryset update": _update_all,
    "save": _update_one,
    "bulk_update": _bulk_update,
    "bulk_create over what is there": _bulk_create_over,
    "delete": _delete_one,
    "queryset delete": _delete_past_django,
    "raw update": lambda: raw("UPDATE tracker_event SET recorded_at = recorded_at"),
    "raw delete": lambda: raw(f"DELETE FROM tracker_event WHERE id = {wordless().pk}"),
    "words changed": lambda: raw("""UPDATE tracker_eventwords SET words = '{"hold_reason": ["", "None."]}'"""),
    "salt alone": lambda: raw("UPDATE tracker_eventwords SET salt = ''"),
    "words alone": lambda: raw("UPDATE tracker_eventwords SET words = '{}'"),
    "words given to another": lambda: raw(
        f"UPDATE tracker_eventwords SET salt = '', words = '{{}}', event_id = {wordless().pk}"
    ),
    "words deleted": lambda: raw("DELETE FROM tracker_eventwords"),
}


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("attack", ATTACKS)
def test_record_cannot_be_changed_or_deleted(record: World, attack: str) -> None:
    before = everything()

    with pytest.raises(IntegrityError, match=r"append-only|only be erased"), transaction.atomic():
        ATTACKS[attack]()

    assert everything() == before
    assert verified() > 0


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name != "raw update"])
def test_without_triggers_the_same_attack_goes_through(record: World, attack: str) -> None:
    before = everything()
    triggers.remove()

    with undone():
        ATTACKS[attack]()
        assert everything() != before


REPLACE = "INSERT OR REPLACE INTO tracker_event SELECT * FROM tracker_event WHERE id = {0}"


@pytest.mark.sqlite
def test_replacing_an_event_is_refused_on_sqlite(record: World) -> None:
    pk = wordless().pk

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        raw(REPLACE.format(pk))

    raw("PRAGMA recursive_triggers = OFF")  # control: without this setting of ours the replacement goes unseen
    try:
        with undone():
            raw(REPLACE.format(pk))
    finally:
        raw("PRAGMA recursive_triggers = ON")


@pytest.mark.postgres
@pytest.mark.parametrize(
    "tables", ["tracker_event CASCADE", "tracker_eventwords", "tracker_event, tracker_body CASCADE"]
)
def test_truncating_the_record_is_refused_on_postgresql(record: World, tables: str) -> None:
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        raw(f"TRUNCATE {tables}")

    triggers.remove()
    with undone():  # control
        raw(f"TRUNCATE {tables}")


def test_words_can_be_erased_and_nothing_else(record: World) -> None:
    event = Event.objects.get(verb="occurrence.held")

    EventWords.objects.filter(event=event).update(salt="", words={})

    event = Event.objects.get(pk=event.pk)
    assert (event.words.salt, event.words.words) == ("", {})
    with pytest.raises(IntegrityError), transaction.atomic():
        EventWords.objects.filter(event=event).update(salt="", words={"reason": "Put back."})


def test_new_events_are_welcome(record: World) -> None:
    count = Event.objects.count()

    steps.resume(record.due, by=record.chair, note="The figures came.")

    assert Event.objects.count() == count + 1


# Is every trigger there? ---------------------------------------------------------------------------------------------------

TABLED = ("tracker_tabled", "tracker_tabledsignature")
LOG = ("tracker_head", "tracker_leaf", "tracker_node")
VISITS = ("tracker_visit_no_update", "tracker_visit_only_over")
WORDS = ("tracker_eventwords_no_delete", "tracker_eventwords_only_erase")
NAMES = {
    "sqlite": [
        *(f"{table}_no_{act}" for table in ("tracker_event", *LOG, *TABLED) for act in ("delete", "update")),
        *WORDS,
        *VISITS,
    ],
    "postgresql": [
        *(f"{table}_no_{act}" for table in ("tracker_event", *LOG, *TABLED) for act in ("change", "truncate")),
        *(f"{table}_no_truncate" for table in ("tracker_eventwords", "tracker_visit")),
        *WORDS,
        *VISITS,
    ],
}
NAMES = {vendor: tuple(sorted(names)) for vendor, names in NAMES.items()}


def drop(name: str) -> None:
    table = triggers._table(name)
    raw(f"DROP TRIGGER {name}{f' ON {table}' if connection.vendor == 'postgresql' else ''}")


def test_nothing_is_missing_after_migrate_and_all_is_named_when_removed(db: None) -> None:
    assert triggers.missing() == []

    triggers.remove()

    assert triggers.missing() == list(NAMES[connection.vendor])


@pytest.mark.parametrize("place", range(5))
def test_dropped_trigger_is_named_and_put_back(db: None, place: int) -> None:
    names = NAMES[connection.vendor]
    name = names[place % len(names)]

    drop(name)

    assert triggers.missing() == [name]
    triggers.install()
    assert triggers.missing() == []


@pytest.mark.postgres
@pytest.mark.parametrize("name", NAMES["postgresql"])
def test_disabled_trigger_is_named(db: None, name: str) -> None:
    table = triggers._table(name)

    raw(f"ALTER TABLE {table} DISABLE TRIGGER {name}")

    assert triggers.missing() == [name]


def test_system_check_reports_a_missing_trigger(db: None) -> None:
    call_command("check", databases=["default"])  # control: all is well

    drop(NAMES[connection.vendor][0])

    with pytest.raises(SystemCheckError, match=f"tracker.E001.*{NAMES[connection.vendor][0]} is missing"):
        call_command("check", databases=["default"])


@pytest.mark.django_db(transaction=True)
def test_migrate_puts_back_what_was_dropped_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """With its checks, as somebody types it: they must not stop it before it has put the trigger back."""
    name = NAMES[connection.vendor][0]
    drop(name)

    call_command("migrate", verbosity=0, skip_checks=False)

    assert triggers.missing() == []
    assert f"{name} was missing" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_migrate_that_only_looks_puts_nothing_back() -> None:
    name = NAMES[connection.vendor][0]
    drop(name)

    with pytest.raises(SystemCheckError):
        call_command("migrate", verbosity=0, plan=True, skip_checks=False)

    assert triggers.missing() == [name]
    triggers.install()


@pytest.mark.sqlite
@pytest.mark.parametrize("name", NAMES["sqlite"])
def test_trigger_that_was_replaced_by_one_that_refuses_nothing_is_named(db: None, name: str) -> None:
    table = triggers._table(name)
    drop(name)
    raw(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT 1; END")

    assert triggers.missing() == [name]


MADE_ANEW = (
    "CREATE OR REPLACE TRIGGER tracker_event_no_change BEFORE {} ON tracker_event FOR EACH ROW {} EXECUTE FUNCTION {}()"
)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE tracker_event ENABLE REPLICA TRIGGER tracker_event_no_change",
        MADE_ANEW.format("INSERT", "", "resolves_refuse"),
        MADE_ANEW.format("UPDATE OF id OR DELETE", "", "resolves_refuse"),
        MADE_ANEW.format("UPDATE OR DELETE", "WHEN (false)", "resolves_refuse"),
        MADE_ANEW.format("UPDATE OR DELETE", "", "suppress_redundant_updates_trigger"),
    ],
)
def test_trigger_that_was_made_to_refuse_nothing_is_named(db: None, statement: str) -> None:
    raw(statement)

    assert triggers.missing() == ["tracker_event_no_change"]


@pytest.mark.postgres
def test_function_that_was_made_to_refuse_nothing_is_named(db: None) -> None:
    raw("CREATE OR REPLACE FUNCTION resolves_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$")

    assert "tracker_event_no_change" in triggers.missing()
