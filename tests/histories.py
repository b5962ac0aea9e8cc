"""Histories made quickly: well-formed events of many subjects at random, sealed for real; and ways to spoil one.

They say nothing of rows that stand, so they are checked without replay.
"""

import contextlib
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from tracker import audit, keys, triggers
from tracker.log import published, sealing
from tracker.models import Event, EventWords
from tracker.proofs import digests
from tracker.verbs import VERBS

START = datetime(2016, 1, 4, 8, tzinfo=UTC)
LETTERS = 'abcdefghij éßŵ中—"\\\n\t\x7f\x01\U0001f600\U00010000\uffee{}[]:,0123456789.eE+-'
NAMES = ["status", "due_on", "report:7.state", "assignment:12.assigned_at", "assignment:12.person"]
HARD_NAMES = [*NAMES, "décision", "a\U0001f600b", "a\uffeeb", "z", ""]
SEALED_EVERY = 999  # one batch of the sealing


def events(random_: random.Random, count: int, *, streams: int, hard: bool = True) -> Iterator[Event]:
    """So many events, unsaved, each after the one before it in its stream; ids from 1. `hard`: among their values are those
    that are hard to write."""
    last: dict[str, tuple[int, str]] = {}
    verbs = [verb for verb in VERBS if verb != "person.anonymised"]
    at = START
    for pk in range(1, count + 1):
        subject = int(streams * random_.random() ** 2)
        stream = f"occurrence:council/r{subject // 100}-{subject % 100}"
        number, before = last.get(stream, (0, digests.first(stream)))
        at += timedelta(microseconds=random_.choice([0, 1, 250_000, 1_000_000, 3_600_000_000]))
        event = Event(
            pk=pk,
            stream=stream,
            number=number + 1,
            verb=random_.choice(verbs),
            subject_type="occurrence",
            subject_id=subject + 1,
            subject_reference=stream.partition(":")[2],
            means=random_.choice(["page", "api", "command", "clock", "link"]),
            changes=changes(random_, hard=hard),
            effective_on=random_.choice([None, date(2016, 2, 29), at.date()]),
            effective_precision=random_.choice(["day", "month", "year"]),
            recorded_at=at,
            request_id=f"{random_.getrandbits(128):032x}",
            words_hash="",
            algorithm=digests.PRESENT_FORM,
            previous_hash=before,
        )
        if random_.random() < 0.3:
            salt, said = (
                f"{random_.getrandbits(128):032x}",
                {"reason": text(random_, 60) if hard else "What the group was waiting for came."},
            )
            event.words_hash = audit.commitment(salt, said)
            event.words = EventWords(event=event, salt=salt, words=said)
        columns = audit.columns(event)
        event.mac = columns["mac"] = digests.code(columns, keys.event_key())
        event.hash = digests.digest(columns)
        last[stream] = (event.number, event.hash)
        yield event


def changes(random_: random.Random, *, hard: bool) -> dict[str, Any]:
    """From and to by field."""
    found: dict[str, Any] = {"status": ["planned", "assigned"]}
    names = HARD_NAMES if hard else NAMES
    for _ in range(random_.randrange(4)):
        found[random_.choice(names)] = [value(random_, hard=hard), value(random_, hard=hard)]
    return found


def value(random_: random.Random, *, hard: bool) -> Any:
    kind = random_.random() if hard else 0
    if kind < 0.5:
        return random_.choice([None, True, False, "endorsed", 0, 7, "2018-03-18", "2018-02-16T09:00:00.000120+00:00"])
    if kind < 0.8:
        return text(random_, 12)
    if kind < 0.95:
        return random_.randrange(-(2**53) + 1, 2**53)
    return random_.choice([1.5, -0.0, 5e-7, [1, [2, {"a": None}]], {"b": 1, "a": 2}])


def text(random_: random.Random, longest: int) -> str:
    return "".join(random_.choices(LETTERS, k=random_.randrange(longest)))


def fill(seed: int, count: int, *, hard: bool = True, sealed_every: int = SEALED_EVERY) -> None:
    """An empty record filled with a random history, sealed step by step and its heads given out."""
    random_ = random.Random(seed)
    waiting: list[Event] = []
    for event in events(random_, count, streams=max(1, count // 12), hard=hard):
        waiting.append(event)
        if len(waiting) == sealed_every:
            _write(waiting)
            waiting = []
    _write(waiting)


def _write(made: list[Event]) -> None:
    if made:
        Event.objects.bulk_create(made, batch_size=200)
        EventWords.objects.bulk_create([event.words for event in made if event.words_hash], batch_size=200)
        sealing.seal()
        published.write()


# Spoiling ------------------------------------------------------------------------------------------------------------------

TEXTS = {
    "tracker_event": "stream verb subject_type subject_reference means effective_precision request_id words_hash mac "
    "previous_hash hash".split(),
    "tracker_leaf": ["hash"],
    "tracker_eventwords": ["salt"],
}
NUMBERS = {"tracker_event": "number subject_id algorithm".split(), "tracker_leaf": ["position"]}


def sql(statement: str, params: list[Any] | None = None) -> None:
    """As the owner of the database would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params or [])


def flip(random_: random.Random) -> str:
    """One bit of one column of one row of the record, anywhere; says where."""
    while True:
        with contextlib.suppress(IntegrityError), transaction.atomic():  # a number that is taken: another one
            return _flip(random_)


def _flip(random_: random.Random) -> str:
    table = random_.choices(["tracker_event", "tracker_leaf", "tracker_eventwords"], [8, 2, 2])[0]
    key = "id" if table == "tracker_event" else "event_id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key} FROM {table} ORDER BY {key}")
        pk = random_.choice([row[0] for row in cursor.fetchall()])
    column = random_.choice([*TEXTS[table], *NUMBERS.get(table, []), *JSONS.get(table, [])])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {key} = %s", [pk])
        (old,) = cursor.fetchone()
    if column in JSONS.get(table, []):
        new: Any = json.dumps(_other_json(random_, json.loads(old) if isinstance(old, str) else old))
    elif isinstance(old, int):
        new = old ^ (1 << random_.randrange(12))
    else:
        new = flipped(random_, old)
    past_the_guards(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", params=[new, pk])
    return f"{table} {key}={pk} {column}: {old!r} -> {new!r}"


JSONS = {"tracker_event": ["changes"], "tracker_eventwords": ["words"]}


def flipped(random_: random.Random, old: str) -> str:
    """One bit of a text; where it is empty, a letter."""
    if not old:
        return "x"
    place = random_.randrange(len(old))
    bits = [1 << bit for bit in range(7)]
    letter = random_.choice([chr(ord(old[place]) ^ bit) for bit in bits if ord(old[place]) ^ bit >= 32])
    return old[:place] + letter + old[place + 1 :]


def _other_json(random_: random.Random, old: Any) -> Any:
    """The same, one value deep within it changed."""
    if isinstance(old, dict) and old:
        name = random_.choice(sorted(old))
        if random_.random() < 0.2:
            return {flipped(random_, key) if key == name else key: kept for key, kept in old.items()}
        return {**old, name: _other_json(random_, old[name])}
    if isinstance(old, list) and old:
        place = random_.randrange(len(old))
        return [*old[:place], _other_json(random_, old[place]), *old[place + 1 :]]
    if isinstance(old, str):
        return flipped(random_, old)
    if isinstance(old, bool) or old is None:
        return {True: False, False: None, None: True}[old]
    return old + 1 if isinstance(old, int) else "x"


def past_the_guards(*statements: str, params: list[Any] | None = None) -> None:
    """Statements of the database's owner, with every trigger off, those of foreign keys too; afterwards they stand as if
    nothing had been. (SQLite asks for foreign keys at the end of the transaction: the test must take it back.)"""
    postgres = connection.vendor == "postgresql"
    if postgres:
        sql("SET session_replication_role = replica")
    else:
        triggers.remove()
        sql("PRAGMA ignore_check_constraints = ON")
    try:
        for statement in statements:
            sql(statement, params)
    finally:
        if postgres:
            sql("SET session_replication_role = origin")
        else:
            triggers.install()
            sql("PRAGMA ignore_check_constraints = OFF")


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
