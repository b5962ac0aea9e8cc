"""The fold of a replay: what some events, one after the other, say of the columns of the rows that they name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from tracker.audit import EMPTY
from tracker.log.findings import Found
from tracker.recorded import OUTSIDE, WORDS, uncompared

BLANKS = (None, "", "…", "about:blank")
"""What an erasure leaves in a column, some of which must not be empty (`workflows.steps.erasing`)."""

Last = tuple[int | None, str, int | None]
"""The event that said something last: its id, stream and number."""


@cache
def audited() -> dict[str, type[models.Model]]:
    """Every model on record, by its name."""
    ours = apps.get_app_config("tracker").get_models()
    return {str(model._meta.model_name): model for model in ours if model._meta.model_name not in OUTSIDE}


@cache
def fields_of(name: str) -> list[Any]:
    """The columns of a model that a replay gives; a version's text too, which its hash stands for."""
    left = uncompared(name) - ({"text"} if name == "version" else set())
    return [f for f in audited()[name]._meta.concrete_fields if not f.primary_key and f.name not in left]


@cache
def _names(name: str) -> frozenset[str]:
    """The columns that are read from events."""
    return frozenset(f.name for f in audited()[name]._meta.concrete_fields if not f.primary_key) - uncompared(name)


@cache
def _birthmarks(name: str) -> frozenset[str]:
    """Columns that the event of an added row always tells of: by them the first event of a row is known."""
    sure = [f for f in fields_of(name) if not f.null and not f.blank and not f.has_default()]
    words = WORDS.get(name, frozenset())
    return frozenset(f.name for f in sure if f.name not in words) or frozenset({"created_at"})


@dataclass
class Row:
    """What the record says of one row. `known`: column → (value, event that set it); `lost`: columns whose words were
    erased; `born`: whether its beginning is on record; `erased`: what an erasure says stands now."""

    last: Last
    born: bool = False
    gone: bool = False
    known: dict[str, tuple[Any, Last]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    erased: dict[str, str] = field(default_factory=dict)

    def surely(self, name: str, value: Any) -> bool:
        """Whether a value is at first sight what the record says; most are."""
        if self.erased:
            return False
        known = self.known.get(name)
        return value is None or value == "" if known is None else known[0] == value

    def differs(self, column: Any, value: Any) -> bool:
        """Whether a value cannot stand in a column."""
        name = column.name
        if name in self.erased:
            rule = self.erased[name]
            if rule == "":
                return value not in BLANKS
            return not str(value).startswith(rule[:-1]) if rule.endswith("*") else value != rule
        if name in self.lost:
            return False
        if name in self.known:
            return not same(self.known[name][0], value, column)
        return self.born and value not in EMPTY and value != _default(column)


def _default(column: Any) -> Any:
    """What a column held that was added to rows which were there."""
    return column.get_default() if column.has_default() and not callable(column.default) else None


def same(one: Any, other: Any, column: Any) -> bool:
    """Whether two plain values are one: a moment may be written in two time zones, nothing as "" or null."""
    if one == other or (one in EMPTY and other in EMPTY):
        return True
    if isinstance(column, models.DateTimeField) and isinstance(one, str) and isinstance(other, str):
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    return False


class Fold:
    """What events say of rows; `lies` are those that say something else stood before than the record has."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, Row]] = defaultdict(dict)
        self.lies: list[Found] = []
        self._references: dict[str, list[tuple[int, Row]]] = defaultdict(list)

    def add(self, event: Any, words: dict[str, Any], *, erased: bool) -> None:
        """The next event."""
        last: Last = (event.pk, event.stream, event.number)
        for (model, pk), pairs in _by_row(event, words).items():
            row = self.rows[model].get(pk)
            if row is None:
                row = self.rows[model][pk] = Row(last, born=_birthmarks(model) <= set(pairs))
            if model == "obligation" and all(
                known is not row for _, known in self._references[event.subject_reference]
            ):
                self._references[event.subject_reference].append((event.pk, row))  # a duty is renamed with its item
            row.last = last
            row.born = row.born or _birthmarks(model) <= set(pairs)
            self._set(model, pk, row, pairs, last)
            if erased:
                row.lost |= WORDS.get(model, frozenset()) - set(row.erased)
        if event.verb == "words.erased":
            self._blanked(event.changes.get("erased"))
        if event.verb == "person.anonymised":
            _anonymised(self.rows["person"][event.subject_id], event.subject_id)

    def _set(self, model: str, pk: int, row: Row, pairs: dict[str, Any], last: Last) -> None:
        names = _names(model)
        for column, (before, after) in pairs.items():
            if column not in names:
                continue  # a fact beside the columns
            if not row.surely(column, before) and row.differs(audited()[model]._meta.get_field(column), before):
                facts = {"model": model, "id": pk, "field": column}
                if column not in WORDS.get(model, ()):
                    facts |= {"recorded": row.known.get(column, (None,))[0], "before": before}
                self.lies.append(Found("state", *last, facts=facts))
            row.known[column] = (after, last)
            if row.lost or row.erased:
                row.lost.discard(column)
                row.erased.pop(column, None)

    def _blanked(self, columns: Any) -> None:
        """Columns of which an erasure says that it took the words out: nobody puts others in without an event."""
        for key in columns[1] if isinstance(columns, list) else ():
            where, _dot, column = key.rpartition(".")
            model, _colon, pk = where.partition(":")
            row = self.rows[model].get(int(pk))
            if row is not None:
                row.erased[column] = ""

    def dropped(self, drops: Iterable[tuple[str, int]]) -> None:
        """Duties that were dropped: the latest of that reference which was there then."""
        for reference, at in drops:
            before = [row for pk, row in self._references.get(reference, ()) if pk < at and (row.last[0] or 0) < at]
            if before:
                before[-1].gone = True


def _by_row(event: Any, words: dict[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    """From and to by row and column; the subject itself is always named. What is no pair is a reason, a note."""
    subject = (event.subject_type, event.subject_id)
    touched: dict[tuple[str, int], dict[str, Any]] = {subject: {}}
    for key, pair in (*event.changes.items(), *words.items()):
        if not (isinstance(pair, list) and len(pair) == 2):
            continue
        if ":" in key:
            model, _colon, rest = key.partition(":")
            number, _dot, column = rest.partition(".")
            touched.setdefault((model, int(number)), {})[column] = pair
        else:
            touched[subject][key] = pair
    if len(touched) == 1:
        return touched
    return {row: pairs for row, pairs in touched.items() if row[0] in audited()}


def _anonymised(row: Row, pk: int) -> None:
    """What `workflows.steps.anonymity` leaves in the row."""
    row.erased |= {"name": f"anonymised person {pk}", "username": "anonymised-*", "email": "", "language": ""}
