"""A database in memory with the register's own tables, for as long as one past state is read.

It has no constraints: a state between two acts of one day, or one cut by effective days, need not fit them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.sqlite3.base import DatabaseWrapper

from tracker.asof import router

PAST = "past"
"""The name of the database in the settings: SQLite in memory."""
AT_ONCE = 500


@contextmanager
def scratch() -> Iterator[str]:
    """The name of an empty database with every table of the register, for this thread alone; gone afterwards. One at a time."""
    opened = DatabaseWrapper(connections.databases[PAST], PAST)
    opened.connect()
    connections[PAST] = opened  # of this thread; the table of databases, which all threads read, stays as it is
    try:
        with opened.cursor() as cursor:
            for model in apps.get_app_config("tracker").get_models():
                for statement in _table(model):
                    cursor.execute(statement)
        yield PAST
    finally:
        opened.close()
        del connections[PAST]


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Within this block every question is asked of that database, and nothing can be written anywhere."""
    token = router.here.set(name)
    try:
        yield
    finally:
        router.here.reset(token)


def fill(name: str, rows: Iterable[models.Model]) -> None:
    """Put rows of one model there."""
    some = list(rows)
    if some:
        type(some[0])._base_manager.using(name).bulk_create(some, batch_size=AT_ONCE)


def _table(model: type[models.Model]) -> Iterator[str]:
    connection = connections[PAST]
    quoted = connection.ops.quote_name
    table = quoted(model._meta.db_table)
    columns = [
        f"{quoted(str(one.column))} {'integer PRIMARY KEY' if one.primary_key else _affinity(one)}"
        for one in model._meta.concrete_fields
    ]
    yield f"CREATE TABLE {table} ({', '.join(columns)})"
    for one in model._meta.concrete_fields:
        if one.is_relation and not one.primary_key:
            index = quoted(f"{model._meta.db_table}_{one.column}")
            yield f"CREATE INDEX {index} ON {table} ({quoted(str(one.column))})"


def _affinity(column: Any) -> str:
    """How SQLite compares a column: as a number, or as a text (days and moments too, which sort as they are written)."""
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    return "integer" if isinstance(target, models.IntegerField | models.BooleanField) else "text"
