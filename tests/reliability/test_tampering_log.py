"""Attacks on the log as a whole: its tail cut, its rows written anew, an older backup put back; and what is no attack.

What holds the owner of the database is what they cannot reach: the heads that were given out and the key of the log. Each
control takes that away, and must not find it any more.
"""

import json
import math
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from tests import histories
from tests.histories import past_the_guards, sql, undone
from tests.people import World
from tests.record import new_heads
from tests.reliability.recorded import found, kinds, seal
from tests.reliability.test_tampering import made_anew
from tracker import audit, keys, triggers
from tracker.log import published, sealing
from tracker.models import Event, EventWords, Head, Leaf, Node
from tracker.proofs import digests, merkle, notes
from workflows import steps

# H5: the tail cut ------------------------------------------------------------------------------------------------------------


def cut(rows: int) -> None:
    """The last rows of the log, as if they had never been: events, words, leaves, nodes, heads."""
    left = Leaf.objects.count() - rows
    gone = list(Leaf.objects.filter(position__gte=left).values_list("event_id", flat=True))
    ids = ", ".join(map(str, gone))
    past_the_guards(
        f"DELETE FROM tracker_head WHERE size > {left}",
        *(f"DELETE FROM tracker_node WHERE level = {level} AND position >= {left >> level}" for level in (8, 16)),
        f"DELETE FROM tracker_leaf WHERE position >= {left}",
        f"DELETE FROM tracker_eventwords WHERE event_id IN ({ids})",
        f"DELETE FROM tracker_event WHERE id IN ({ids})",
    )


def reset_sequence() -> None:
    if connection.vendor == "postgresql":
        sql(
            "SELECT setval(pg_get_serial_sequence('tracker_event', 'id'), COALESCE((SELECT MAX(id) FROM tracker_event), 1))"
        )
    else:
        sql(
            "UPDATE sqlite_sequence SET seq = (SELECT COALESCE(MAX(id), 0) FROM tracker_event) WHERE name = 'tracker_event'"
        )


def share(part: float) -> int:
    return math.ceil(Leaf.objects.count() * part)


CUTS: dict[str, Callable[[], int]] = {
    "one row": lambda: 1,
    "a tenth": lambda: share(0.1),
    "half": lambda: share(0.5),
    "everything": lambda: share(1),
}


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("size", CUTS)
def test_cut_tail_is_found_by_the_heads_that_were_given_out(record: World, size: str, reset: bool) -> None:
    whole, rows = Leaf.objects.count(), CUTS[size]()
    cut(rows)
    if reset:
        reset_sequence()

    report = found()

    assert [(one.kind, one.facts) for one in report.findings] == [("tail", {"given_out": whole, "log": whole - rows})]
    with pytest.raises(published.LogBroken, match="it was cut"):
        sealing.seal()


@pytest.mark.parametrize("size", CUTS)
def test_control_without_heads_given_out_a_cut_tail_is_not_found(record: World, size: str) -> None:
    cut(CUTS[size]())
    new_heads()

    assert found().findings == ()


def test_window_events_younger_than_the_last_head_given_out_can_be_cut(record: World) -> None:
    """The window that `docs/verifying.md` states: from the writing of an event to the next head, at most a minute."""
    steps.hold(record.past, by=record.chair, reason="Waiting for figures.")
    young = Event.objects.filter(leaf=None)
    ids = [str(pk) for pk in young.values_list("pk", flat=True)]
    with undone():
        past_the_guards(
            f"DELETE FROM tracker_eventwords WHERE event_id IN ({', '.join(ids)})",
            f"DELETE FROM tracker_event WHERE id IN ({', '.join(ids)})",
        )
        assert found().findings == ()  # by the proof; replay still sees a row that no event accounts for
    seal()
    cut(len(ids))
    assert kinds(found()) == {"tail"}


# H6 and H7: cut and written anew -----------------------------------------------------------------------------------------------


def written_anew(start: int, *, key: bytes, spoil: Callable[[Event], None]) -> None:
    """The log from one position on, with every hash, code, leaf and node made to fit; signing is what they cannot."""
    tips: dict[str, str] = {}
    growing = merkle.Growing()
    leaves, nodes = [], []
    for leaf in Leaf.objects.order_by("position").select_related("event"):
        event = leaf.event
        if leaf.position == start:
            spoil(event)
        if leaf.position >= start:
            event.previous_hash = tips.get(event.stream, digests.first(event.stream))
            if event.algorithm > 1:
                event.mac = digests.code(audit.columns(event), key)
            event.hash = audit.digest(event)
        tips[event.stream] = event.hash
        leaf.hash = merkle.leaf_hash(bytes.fromhex(event.hash)).hex()
        closed = growing.add(bytes.fromhex(leaf.hash))
        nodes += [(level, position, hash_.hex()) for level, position, hash_ in closed if level % 8 == 0]
        leaves.append(leaf)
    triggers.remove()
    Event.objects.bulk_update(
        [one.event for one in leaves], ["verb", "previous_hash", "mac", "hash"], batch_size=len(leaves)
    )
    Leaf.objects.bulk_update(leaves, ["hash"])
    for level, position, hash_ in nodes:
        Node.objects.filter(level=level, position=position).update(hash=hash_)
    triggers.install()


def another_verb(event: Event) -> None:
    event.verb = "occurrence.commented"


PLACES = [0, 1, 0.5, -2, -1]


def position_of(place: float) -> int:
    whole = Leaf.objects.count()
    return int(whole * place) if place == 0.5 else int(place) % whole


@pytest.mark.parametrize("place", PLACES)
def test_log_written_anew_is_found_by_heads(record: World, place: float) -> None:
    start = position_of(place)
    written_anew(start, key=b"a key of their own", spoil=another_verb)

    report = found()

    assert kinds(report) == {"head", "exported"}
    for one in report.findings:
        assert one.facts["after"] <= start < one.facts["size"]


@pytest.mark.parametrize("place", PLACES)
def test_log_written_anew_with_the_key_of_the_processes_is_found_by_heads(record: World, place: float) -> None:
    """Even who has read SECRET_KEY cannot sign: the heads name the stretch."""
    start = position_of(place)
    written_anew(start, key=keys.event_key(), spoil=another_verb)

    report = found()

    assert kinds(report) == {"head", "exported"}
    for one in report.findings:
        assert one.facts["after"] <= start < one.facts["size"]
    with pytest.raises(published.LogBroken):
        sealing.seal()


@pytest.mark.parametrize("kept", [False, True])
def test_heads_taken_away_are_found_by_those_that_were_given_out(record: World, kept: bool) -> None:
    written_anew(position_of(0.5), key=keys.event_key(), spoil=another_verb)
    past_the_guards("DELETE FROM tracker_head")
    if kept:
        assert kinds(found()) >= {"exported", "head_missing"}
        return
    new_heads()  # control: with no head anywhere and the key of the processes, nobody can tell
    assert found().findings == ()


def test_cut_and_written_on_is_found(record: World) -> None:
    """The tail cut, then as many genuine events and leaves again."""
    whole = Leaf.objects.count()
    cut(1)
    steps.hold(record.past, by=record.chair, reason="Otherwise.")
    event = Event.objects.latest("pk")
    Leaf.objects.create(position=whole - 1, event=event, hash=merkle.leaf_hash(bytes.fromhex(event.hash)).hex())

    report = found()

    assert kinds(report) == {"exported", "head_missing"}
    assert all(one.facts["size"] == whole for one in report.findings)
    with pytest.raises(published.LogBroken, match="written anew"):
        sealing.seal()


@pytest.mark.parametrize("deed", ["note", "copied", "another key"])
def test_forged_heads_are_found(record: World, deed: str) -> None:
    newest = Head.objects.first()
    assert newest is not None
    if deed == "note":
        changed = newest.note.replace(f"\n{newest.size}\n", f"\n{newest.size - 1}\n")
        past_the_guards("UPDATE tracker_head SET note = %s WHERE size = %s", params=[changed, newest.size])
        expected = "head_signature"
    elif deed == "copied":
        Head.objects.create(size=newest.size - 1, root="00" * 32, signed_at=newest.signed_at, note=newest.note)
        expected = "head"
    else:
        note = notes.sign(newest.size - 1, b"\0" * 32, newest.signed_at, [notes.new_key(newest.note.split("\n")[0])])
        Head.objects.create(size=newest.size - 1, root="00" * 32, signed_at=newest.signed_at, note=note)
        expected = "head_signature"
    assert expected in kinds(found())


# H8: an older backup ------------------------------------------------------------------------------------------------------------


def test_older_backup_is_found_by_the_heads_that_were_given_out(record: World) -> None:
    before = Leaf.objects.count()
    with undone():
        steps.hold(record.past, by=record.chair, reason="Waiting for figures.")
        seal()
        after = Leaf.objects.count()

    report = found()

    assert [(one.kind, one.facts) for one in report.findings] == [("tail", {"given_out": after, "log": before})]
    new_heads()  # control
    assert found().findings == ()


def test_spoilt_line_among_the_heads_given_out_is_named(record: World, settings: LazySettings) -> None:
    file = Path(settings.LOG_HEADS) / "heads.jsonl"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], lines[1].replace("time 20", "time 21"), "{", *lines[2:]]) + "\n")

    assert [(one.kind, one.facts["line"]) for one in found().findings] == [("exported", 2), ("exported", 3)]


# H10: what is no attack ---------------------------------------------------------------------------------------------------------


def test_order_and_spacing_of_json_say_nothing(record: World) -> None:
    for event in Event.objects.all():
        turned = json.dumps(dict(reversed(event.changes.items())), indent=3, ensure_ascii=False)
        past_the_guards("UPDATE tracker_event SET changes = %s WHERE id = %s", params=[turned, event.pk])
    for row in EventWords.objects.exclude(words={}):
        turned = json.dumps(dict(reversed(row.words.items())), indent=1, ensure_ascii=True)
        past_the_guards("UPDATE tracker_eventwords SET words = %s WHERE event_id = %s", params=[turned, row.pk])

    assert found().findings == ()


def test_table_made_anew_with_the_same_rows_in_another_order_passes(record: World) -> None:
    with undone():
        made_anew()
        past_the_guards("CREATE TABLE turned AS SELECT * FROM tracker_event ORDER BY hash")
        past_the_guards("DROP TABLE tracker_event", "ALTER TABLE turned RENAME TO tracker_event")
        triggers.install()
        assert found().findings == ()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change",
    [
        "SET TIME ZONE 'Asia/Kathmandu'",
        "SET datestyle = 'German, DMY'",
        "SET IntervalStyle = 'sql_standard'",
        'ALTER TABLE tracker_event ALTER COLUMN stream TYPE varchar(160) COLLATE "C"',
        'ALTER TABLE tracker_event ALTER COLUMN stream TYPE varchar(300) COLLATE "en-x-icu"',
        "ALTER TABLE tracker_event ALTER COLUMN changes TYPE json USING changes::json",
        "ALTER TABLE tracker_eventwords ALTER COLUMN words TYPE json USING words::json",
        "ALTER TABLE tracker_event ALTER COLUMN verb TYPE text",
        "CREATE INDEX another ON tracker_event (recorded_at, id)",
        "ALTER TABLE tracker_event CLUSTER ON tracker_event_hash_key",
    ],
)
def test_harmless_change_of_storage_passes_on_postgresql(record: World, change: str) -> None:
    with undone():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        triggers.remove()
        sql(change)
        triggers.install()
        assert found().findings == ()
    sql("SET datestyle = 'ISO, MDY'")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["VACUUM FULL", "VACUUM", "REINDEX"])
def test_tidying_the_database_passes(statement: str) -> None:
    histories.fill(3, 400, sealed_every=90)
    past_the_guards("DELETE FROM tracker_check")
    if connection.vendor == "sqlite":
        sql(statement.replace(" FULL", ""))
    else:
        tables = "DATABASE " + connection.settings_dict["NAME"] if statement == "REINDEX" else ""
        sql(f"{statement} {tables}" if tables else f"{statement} tracker_event, tracker_eventwords, tracker_leaf")

    assert found().findings == ()


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_copied_database_passes(tmp_path: Path) -> None:
    """Dumped as SQL and read into another file: what the rows are is what counts."""
    histories.fill(4, 300)
    copy = sqlite3.connect(tmp_path / "copy.sqlite3")
    connection.ensure_connection()
    copy.executescript("PRAGMA foreign_keys = OFF;" + "\n".join(connection.connection.iterdump()))
    copy.close()
    name, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], str(tmp_path / "copy.sqlite3")
    connection.close()
    try:
        assert Event.objects.count() == 300
        assert found().findings == ()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


# H12: keys, forms, erasure --------------------------------------------------------------------------------------------------------


def act(world: World, words: str = "Waiting for figures.") -> Event:
    steps.hold(world.past, by=world.chair, reason=words)
    steps.resume(world.past, by=world.chair, note="They came.")
    return Event.objects.latest("pk")


def test_another_secret_key_verifies_before_across_and_after(record: World, settings: LazySettings) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-of-the-tests-that-is-long-enough"
    assert found().findings == ()

    across = act(record)
    assert found().findings == ()
    seal()

    settings.SECRET_KEY_FALLBACKS = []  # the old one forgotten: the log vouches for what it sealed
    assert found().findings == ()
    with undone():
        past_the_guards("UPDATE tracker_event SET means = 'api' WHERE id = %s", params=[across.pk])
        assert [(one.kind, one.event) for one in found().findings] == [("changed", across.pk)]


def test_events_of_a_forgotten_key_that_were_never_sealed_are_found(record: World, settings: LazySettings) -> None:
    event = act(record)
    settings.SECRET_KEY = "another-secret-of-the-tests-that-is-long-enough"

    assert ("forged", event.pk) in {(one.kind, one.event) for one in found().findings}


def test_heads_signed_by_a_key_that_nobody_knows_are_found(
    record: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.LOG_KEYS = tmp_path

    assert "head_signature" in kinds(found())


def test_log_key_rotated_verifies(record: World) -> None:
    keys.rotate()
    assert found().findings == ()
    act(record)
    seal()
    assert found().findings == ()
    old = list(keys.known_keys())
    assert len(old) >= 2


def test_later_form_of_the_hash_verifies_before_across_and_after(
    record: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def form_3(event: Any) -> dict[str, Any]:
        return {"form": "three", **{name: event[name] for name in (*digests.COLUMNS, "mac")}}

    monkeypatch.setitem(digests.FORMS, 3, form_3)
    monkeypatch.setattr(digests, "PRESENT_FORM", 3)
    event = act(record)
    assert event.algorithm == 3
    assert found().findings == ()
    seal()
    monkeypatch.setattr(digests, "PRESENT_FORM", 2)
    act(record)
    seal()
    assert found().findings == ()
    with undone():
        past_the_guards("UPDATE tracker_event SET means = 'api' WHERE id = %s", params=[event.pk])
        assert [(one.kind, one.event) for one in found().findings] == [("changed", event.pk)]
    monkeypatch.delitem(digests.FORMS, 3)  # control: nobody knows the form
    assert kinds(found()) == {"form"}


def test_erasure_that_says_what_it_emptied_passes_and_one_that_does_not_is_found(record: World) -> None:
    event = act(record, "A name that must go.")
    held = Event.objects.filter(stream=event.stream, verb="occurrence.held").latest("number")
    seal()
    EventWords.objects.filter(event=held).update(salt="", words={})
    assert [(one.kind, one.event) for one in found().findings] == [("words_emptied", held.pk)]

    audit.record(record.past, "occurrence.corrected", by=record.secretary, facts={"emptied": [None, [held.pk]]})
    assert kinds(found()) == {"words_emptied"}  # not every event may say so

    audit.record(record.outsider, "person.anonymised", by=record.secretary, facts={"emptied": [None, [held.pk]]})
    assert found().findings == ()
    seal()
    assert found().findings == ()
