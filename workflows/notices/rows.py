"""Rows set by hand-made statements: what is asked for every mail, or for thousands of rows that each get values of their own.

Django makes the question anew each time, which takes longer than the answer.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

Named = dict[str, Any]


def set_row(model: type[Model], columns: Named, where: Named) -> int:
    """As `filter(**where).update(**columns)`; returns how many rows that were."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, columns, where), _values(model, columns, where))
        return int(cursor.rowcount)


def set_rows(model: type[Model], changes: Iterable[tuple[Named, Named]]) -> None:
    """The same of many rows, one statement for those whose columns have the same names."""
    alike: dict[tuple[Sequence[str], Sequence[str]], list[tuple[Named, Named]]] = {}
    for columns, where in changes:
        alike.setdefault((tuple(columns), tuple(where)), []).append((columns, where))
    with connection.cursor() as cursor:
        for same in alike.values():
            cursor.executemany(_statement(model, *same[0]), [_values(model, *one) for one in same])


def _statement(model: type[Model], columns: Named, where: Named) -> str:
    def terms(named: Named) -> list[str]:
        fields: list[Any] = [model._meta.get_field(name) for name in named]
        return [f"{connection.ops.quote_name(field.column)} = %s" for field in fields]

    table = connection.ops.quote_name(model._meta.db_table)
    return f"UPDATE {table} SET {', '.join(terms(columns))} WHERE {' AND '.join(terms(where))}"  # noqa: S608


def _values(model: type[Model], *named: Named) -> list[Any]:
    """As the database takes them; a thing stands for its key."""
    found = []
    for name, value in ((name, value) for one in named for name, value in one.items()):
        field: Any = model._meta.get_field(name)
        found.append(field.get_db_prep_save(value.pk if isinstance(value, Model) else value, connection))
    return found
