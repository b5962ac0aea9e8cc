"""Events as the verifier reads them: in pages of the plainest query there is, so that a million can be read in little
memory, without a long transaction, while others write.

Days and moments come as text and are put as `datetime.isoformat` writes them, JSON as the text that the database keeps.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import DatabaseError, DataError, OperationalError, connection, transaction

PAGE = 4_000
_HALF = re.compile("[\ud800-\udfff]")


# What a row can raise that somebody wrote past us: a day that is none, JSON that is none, letters that are none.
UNREADABLE = (ArithmeticError, AttributeError, DatabaseError, LookupError, RecursionError, TypeError, ValueError)


def is_about_a_value(error: Exception) -> bool:
    """Whether it is a value that cannot be read, and not the database that is busy or gone."""
    return not isinstance(error, DatabaseError) or isinstance(error, DataError) or "decode" in str(error)


class Row(NamedTuple):
    """An event as it lies in the database; `sealed` whether a signed head covers it, `words` its salt, a space and its words as
    JSON (None where they are gone, or where the event has none), `before` the hash of the event before it (asked for only
    where that one is not read)."""

    id: int
    stream: str
    number: int
    verb: str
    subject_type: str
    subject_id: int
    subject_reference: str
    body: int | None
    actor: int | None
    acting_for: int | None
    means: str
    changes: str
    effective_on: str | None
    effective_precision: str
    recorded_at: str
    request_id: str
    words_hash: str
    algorithm: int
    mac: str
    previous_hash: str
    hash: str
    sealed: int | None
    words: str | None
    before: str | None


def whole(signed: int) -> Iterator[list[Any]]:
    """Every event, stream by stream in the order of numbers; those before the position `signed` are sealed."""
    return _pages(signed, "", [], before=False)


def since(position: int, signed: int) -> Iterator[list[Any]]:
    """What was sealed at this position or later, and what is not sealed; each with the hash before it."""
    later = "EXISTS (SELECT 1 FROM tracker_leaf l WHERE l.event_id = e.id AND l.position >= %s)"
    unsealed = "NOT EXISTS (SELECT 1 FROM tracker_leaf l WHERE l.event_id = e.id)"
    return _pages(signed, f"({later} OR {unsealed})", [position], before=True)


def of_stream(stream: str, signed: int) -> Iterator[list[Any]]:
    """The events of one stream."""
    return _pages(signed, "e.stream = %s", [stream], before=False)


def of_ids(ids: list[int], signed: int) -> list[Any]:
    """Some events, each with the hash before it."""
    if not ids:
        return []
    wanted = f"e.id IN ({', '.join(['%s'] * len(ids))})"
    return _fetch(f"SELECT {_columns(before=True)} FROM tracker_event e WHERE {wanted}", [signed, *ids])  # noqa: S608


def unsealed(ids: list[int]) -> list[Any]:
    """Some events in the order of their ids, as those that have no place yet: with nothing that stands beside them."""
    wanted = f"e.id IN ({', '.join(['%s'] * len(ids))})"
    columns = f"{_own_columns()}, NULL, NULL, NULL"
    return _fetch(f"SELECT {columns} FROM tracker_event e WHERE {wanted} ORDER BY e.id", ids) if ids else []  # noqa: S608


def loose_words() -> list[tuple[int, str | None, int | None]]:
    """Words beside events that have none, or that there are not: event id, and stream and number where there is one."""
    return _fetch(
        "SELECT w.event_id, e.stream, e.number FROM tracker_eventwords w LEFT JOIN tracker_event e ON e.id = w.event_id "
        "WHERE e.id IS NULL OR e.words_hash = '' ORDER BY w.event_id",
        [],
    )


def leaves(start: int, end: int) -> list[tuple[int, int, str, str | None]]:
    """Leaves from a position to before another: position, event id, hash of the leaf, hash of the event if it is there."""
    with _by_index():
        return _fetch(
            "SELECT l.position, l.event_id, l.hash, (SELECT e.hash FROM tracker_event e WHERE e.id = l.event_id LIMIT 1) "
            "FROM tracker_leaf l WHERE l.position >= %s AND l.position < %s ORDER BY l.position",
            [start, end],
        )


def heads(after: int, last: int, most: int) -> list[tuple[int, str, str, str]]:
    """Heads of the database by size, after one size and up to another: size, root, moment of signing, signed text."""
    at = (
        "to_json(h.signed_at AT TIME ZONE 'UTC') #>> '{}'" if connection.vendor == "postgresql" else "h.signed_at || ''"
    )
    return _fetch(
        f"SELECT h.size, h.root, {at}, h.note FROM tracker_head h WHERE h.size > %s AND h.size <= %s "  # noqa: S608
        f"ORDER BY h.size LIMIT {most}",
        [after, last],
    )


def changes_of(verbs: Sequence[str]) -> list[tuple[str]]:
    """What the events with these verbs say of from and to, as the text that the database keeps."""
    changes = "e.changes::text" if connection.vendor == "postgresql" else "e.changes"
    places = ", ".join(["%s"] * len(verbs))
    return _fetch(f"SELECT {changes} FROM tracker_event e WHERE e.verb IN ({places})", list(verbs))  # noqa: S608


def changes_and_ids(verb: str) -> list[tuple[str, int]]:
    """What the events with a verb say of from and to, as the text that the database keeps, with their ids."""
    changes = "e.changes::text" if connection.vendor == "postgresql" else "e.changes"
    return _fetch(f"SELECT {changes}, e.id FROM tracker_event e WHERE e.verb = %s", [verb])  # noqa: S608


def _pages(signed: int, wanted: str, params: list[Any], *, before: bool) -> Iterator[list[Any]]:
    columns, place = _columns(before=before), ""
    after: list[Any] = []
    while True:
        conditions = " AND ".join(filter(None, [wanted, place]))
        with _by_index():
            found = _fetch(
                f"SELECT {columns} FROM tracker_event e {f'WHERE {conditions}' if conditions else ''} "  # noqa: S608
                f"ORDER BY e.stream, e.number, e.id LIMIT {PAGE}",
                [signed, *params, *after],
            )
        if found:
            yield found
        if len(found) < PAGE:
            return
        last = found[-1]
        place, after = f"(e.stream, e.number, e.id) > ({_name(last[1])}, %s, %s)", [_written(last[1]), last[2], last[0]]


def _whole(name: Any) -> bool:
    return not isinstance(name, str) or not _HALF.search(name)


def _name(name: Any) -> str:
    """How a stream's name is given to the database; one that is no UTF-8 as its bytes."""
    return "%s" if _whole(name) else "CAST(%s AS TEXT)"


def _written(name: Any) -> Any:
    return name if _whole(name) else name.encode(errors="surrogateescape")


def _columns(*, before: bool) -> str:
    """What is selected. Sub-queries rather than joins: the database then looks each one up by its index, whatever it
    believes of the size of the tables."""
    words = "w.words::text" if connection.vendor == "postgresql" else "w.words"
    sealed = "(SELECT 1 FROM tracker_leaf l WHERE l.event_id = e.id AND l.position < %s LIMIT 1)"
    beside = (
        "CASE WHEN e.words_hash <> '' THEN "  # noqa: S608
        f"(SELECT w.salt || ' ' || {words} FROM tracker_eventwords w WHERE w.event_id = e.id LIMIT 1) END"
    )
    earlier = (
        "(SELECT p.hash FROM tracker_event p WHERE p.stream = e.stream AND p.number = e.number - 1 LIMIT 1)"
        if before
        else "NULL"
    )
    return f"{_own_columns()}, {sealed}, {beside}, {earlier}"


def _own_columns() -> str:
    """Those of the event itself."""
    if connection.vendor == "postgresql":  # JSON writes days and moments in ISO 8601 whatever the session says
        changes = "e.changes::text"
        effective_on = "to_json(e.effective_on) #>> '{}'"
        recorded_at = "to_json(e.recorded_at AT TIME ZONE 'UTC') #>> '{}'"
    else:  # an expression has no declared type, so Python is not asked to read it as a day
        changes = "e.changes"
        effective_on, recorded_at = "e.effective_on || ''", "e.recorded_at || ''"
    plain = (
        "id stream number verb subject_type subject_id subject_reference body_id actor_id acting_for_id means".split(),
        "effective_precision".split(),
        "request_id words_hash algorithm mac previous_hash hash".split(),
    )
    first, second, third = (", ".join(f"e.{name}" for name in names) for names in plain)
    return f"{first}, {changes}, {effective_on}, {second}, {recorded_at}, {third}"


def _fetch(query: str, params: list[Any]) -> list[Any]:
    try:
        with as_it_lies():
            return _fetched(query, params)
    except OperationalError as error:
        if connection.vendor != "sqlite" or not is_about_a_value(error):
            raise
    # No hash of ours can be made over halves of surrogate pairs, so that the row is named. Slower, so it is not the rule.
    with _texts(lambda text: text.decode(errors="surrogateescape")):
        return _fetched(query, params)


def _fetched(query: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


def as_it_lies() -> contextlib.AbstractContextManager[None]:
    """Within this block SQLite raises at text that is no UTF-8 instead of putting something in its place."""
    return _texts(str)


@contextlib.contextmanager
def _texts(read: Callable[[bytes], str] | type[str]) -> Iterator[None]:
    """Within this block SQLite's texts are read like this."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    raw: Any = connection.connection
    before, raw.text_factory = raw.text_factory, read
    try:
        yield
    finally:
        raw.text_factory = before


@contextlib.contextmanager
def _by_index() -> Iterator[None]:
    """A page is read by the index, not by sorting the whole table for it: PostgreSQL is told so, for this question alone."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            for off in ("enable_seqscan", "enable_bitmapscan", "jit"):
                cursor.execute(f"SET LOCAL {off} = off")
        yield
