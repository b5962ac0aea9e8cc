"""What of the record cannot be read, and how it is read all the same.

Whoever owns the database can write into an event, past us, what no process of ours would have: JSON that is none or has no
end, a day that is none, a text where a number belongs. Here, where rows become objects, such a value becomes one that says
so, and nothing above has to expect it. What checks the record (`tracker.log`) reads the columns as they lie, and names the row.

No value that stands here for another can stand in an honest event, so none of them ever has the hash of one.
"""

import json
import math
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, Never, Self

from django.db import models
from django.db.models.fields import json as lookups

UNREADABLE = "unreadable"
"""What a text that is none is read as, and the one name in JSON that is none: no column and no fact is called that."""
NO_MOMENT = datetime(1, 1, 3, tzinfo=UTC)
"""A moment that is none: so far from the end of the calendar that it has a place in every time zone."""
NO_DAY = NO_MOMENT.date()

_SAFE = 2**53  # numbers from here on have no canonical form, so no event of ours holds one
_MARKS = frozenset({"-- ::", "--T::"})  # what stands between the numbers of a moment
_DEEP = 32  # lists within lists; what is read near the end of Python's stack could not be written again
_DAYS = 4_096  # as many are kept in mind: events come many a day


# JSON ----------------------------------------------------------------------------------------------------------------


def _whole(digits: str) -> int:
    if len(digits) > 17 or not -_SAFE < (found := int(digits)) < _SAFE:
        raise ValueError("a number without a canonical form")
    return found


def _fraction(digits: str) -> float:
    if not math.isfinite(found := float(digits)):
        raise ValueError("a number without end")
    return found


def _no_number(_name: str) -> Never:
    raise ValueError("not a number")


_decoder: Any = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_no_number)
_scan, _decode = _decoder.scan_once, _decoder.decode


def _said(text: Any) -> Any:
    """What a JSON text says. Raises what `UNREAD` names where it is none, or could not be written again."""
    try:
        found, end = _scan(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):  # blanks around it, or none
        found = _decode(text)
    if "\\u" in text and ("\\ud" in text or "\\uD" in text):
        json.dumps(found, ensure_ascii=False).encode()  # half of a surrogate pair raises
    if text.count("[") + text.count("{") > _DEEP:
        _require_flat(found)
    return found


UNREAD = (RecursionError, TypeError, ValueError)


def _require_flat(value: Any) -> None:
    level = [value]
    for _ in range(_DEEP):
        level = [one for each in level for one in _within(each) if isinstance(one, dict | list)]
        if not level:
            return
    raise ValueError("lists within lists without end")


def _within(value: Any) -> Collection[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def pairs(text: Any) -> dict[str, Any]:
    """From and to by field, from the JSON of an event; of what is something else `unreadable` is said."""
    try:
        found = _said(text)
    except UNREAD:
        found = None
    if type(found) is not dict:
        return {UNREADABLE: [None, True]}
    for pair in found.values():
        if type(pair) is not list or len(pair) != 2:
            kept = {name: pair for name, pair in found.items() if isinstance(pair, list) and len(pair) == 2}
            return {**kept, UNREADABLE: [None, True]}
    return found


def words(text: Any) -> dict[str, Any]:
    """The words beside an event by name, from JSON; of what is something else `unreadable` is said."""
    try:
        found = _said(text)
    except UNREAD:
        found = None
    return found if type(found) is dict else {UNREADABLE: True}


class _JSON(models.JSONField):
    """A column of JSON that is always read as what it should be, and that a key can be looked up in whatever stands there."""

    read: Callable[[Any], dict[str, Any]]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None or isinstance(expression, lookups.KeyTransform):
            return super().from_db_value(value, expression, connection)
        if connection.vendor == "sqlite" and isinstance(value, str) and "\ufffd" in value:
            value = None  # ours is ASCII there: these were letters that are none
        return self.read(value)

    def get_transform(self, lookup_name: str) -> Any:
        return super(models.JSONField, self).get_transform(lookup_name) or (lambda *args: Key(lookup_name, *args))

    def deconstruct(self) -> Any:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options


class PairsField(_JSON):
    """From and to by field."""

    read = staticmethod(pairs)


class WordsField(_JSON):
    """Words by name."""

    read = staticmethod(words)


def _valid(sql: str, params: Any, connection: Any) -> tuple[str, list[Any]]:
    """SQLite's functions on JSON raise at a text that is none, for the whole question: there it counts as nothing."""
    if connection.vendor != "sqlite":
        return sql, list(params)
    return f"CASE WHEN JSON_VALID({sql}) THEN {sql} END", [*params, *params]


class Key(lookups.KeyTransform):
    """What stands under a key."""

    def preprocess_lhs(self, compiler: Any, connection: Any) -> tuple[str, list[Any], list[str]]:
        sql, params, keys = super().preprocess_lhs(compiler, connection)
        return *_valid(sql, params, connection), keys


class KeyText(Key, lookups.KeyTextTransform):
    """The same, as text."""


@_JSON.register_lookup
class HasKey(lookups.HasKey):
    """Whether there is a key."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        return _valid(*super().process_lhs(compiler, connection, lhs), connection)


# Days and moments ----------------------------------------------------------------------------------------------------


def moment(written: Any) -> datetime | None:
    """A moment in UTC from how the database writes it."""
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
    except UNREAD:
        return NO_MOMENT
    # Python reads more forms of a moment than any database of ours writes.
    in_form = written[4:17:3] in _MARKS and (len(written) == 19 or (written[19] == "." and len(written) <= 26))
    return found.replace(tzinfo=UTC) if in_form and found.tzinfo is None and 1 < found.year < 9999 else NO_MOMENT


def day(written: Any) -> date | None:
    """A day from how the database writes it; what is no text, as somebody may have put into an event, is no day."""
    if written is None:
        return None
    return _day(written) if isinstance(written, str) else NO_DAY


@lru_cache(_DAYS)
def _day(written: str) -> date:
    try:
        found = date.fromisoformat(written)
    except UNREAD:
        return NO_DAY
    return found if written == found.isoformat() and 1 < found.year < 9999 else NO_DAY


class _Calendar:
    """A column of the calendar that is fetched as text: what the database's own driver, or Django, makes of a value that is
    none, is an error in whatever page the row is wanted for."""

    in_postgres: str
    column: str
    read: Callable[[Any], Any]

    def get_internal_type(self) -> str:
        return type(self).__name__  # so that Django does not read it first

    def db_type(self, connection: Any) -> str:
        return str(connection.data_types[self.column])

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        if compiler.query.subquery:  # compared there, not read
            return sql, params
        if compiler.connection.vendor == "postgresql":  # JSON writes ISO 8601 whatever the session says
            return self.in_postgres % sql, params
        return f"({sql} || '')", params

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return self.read(value)

    def deconstruct(self) -> Any:
        name, _path, args, options = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.column}", args, options


class MomentField(_Calendar, models.DateTimeField):
    """A moment."""

    column = "DateTimeField"
    in_postgres = "(to_json(%s AT TIME ZONE 'UTC') #>> '{}')"
    read = staticmethod(moment)


class DayField(_Calendar, models.DateField):
    """A day."""

    column = "DateField"
    in_postgres = "(to_json(%s) #>> '{}')"
    read = staticmethod(day)


# Rows ----------------------------------------------------------------------------------------------------------------


class Legible(models.Model):
    """A row that is always read: SQLite keeps anything in any column, and a column may lose its NOT NULL."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any) -> Self:
        kinds = tuple(map(type, values))
        if kinds in _sound(cls):
            return super().from_db(db, field_names, values, **how)
        columns = _columns(cls)
        wrong = _wrong(columns, field_names, values)
        if not wrong and len(kinds) == len(columns):
            _sound(cls).add(kinds)
        instead = {place: columns[name].instead() for place, name in wrong.items()}
        row = super().from_db(db, field_names, [instead.get(at, one) for at, one in enumerate(values)], **how)
        for relation in filter(None, (columns[name].relation for name in wrong.values())):
            row._state.fields_cache[relation] = None
        return row

    @property
    def is_legible(self) -> bool:
        """Whether every column could be read."""
        return all(_reads(getattr(self, name), column) for name, column in _columns(type(self)).items())


class _Column(NamedTuple):
    """What a column holds, whether it may be empty, what is read for what is none, and the relation that hangs on it."""

    kind: type
    may_be_empty: bool
    instead: Callable[[], Any]
    relation: str = ""


@cache
def _columns(model: type[models.Model]) -> dict[str, _Column]:
    return {column.attname: _column(column) for column in model._meta.concrete_fields}


@cache
def _sound(_model: type[models.Model]) -> set[tuple[type, ...]]:
    """The kinds of value that whole rows of a model were found to have, and may."""
    return set()


def _column(column: models.Field) -> _Column:
    match column:
        case _JSON():
            return _Column(dict, column.null, lambda: column.read(None))
        case models.DateTimeField():
            return _Column(datetime, column.null, lambda: NO_MOMENT)
        case models.DateField():
            return _Column(date, column.null, lambda: NO_DAY)
        case models.CharField():
            return _Column(str, column.null, lambda: UNREADABLE)
        case models.ForeignKey():
            return _Column(int, column.null, lambda: 0, column.name)
        case _:
            return _Column(int, column.null, lambda: 0)


def _wrong(columns: dict[str, _Column], names: Collection[str], values: Collection[Any]) -> dict[int, str]:
    """The columns, by their place in a row, whose values are not of their kind."""
    found = {}
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        column = columns[name]
        if type(value) is not column.kind and not (value is None and column.may_be_empty):
            found[place] = name
    return found


def _reads(value: Any, column: _Column) -> bool:
    if isinstance(value, str):
        return "\ufffd" not in value and value != UNREADABLE
    return UNREADABLE not in value if isinstance(value, dict) else value != column.instead()
