"""What an event names: the columns that it speaks of, by model and field, and which of the papers behind them are shut."""

import re
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from tracker import access
from tracker.models import Activity, Comment, Event, Evidence, Mention, Person, Report
from tracker.models.legible import UNREADABLE

PAPERS: dict[str, type[Any]] = {"report": Report, "activity": Activity, "evidence": Evidence}
FACTS: dict[str, Any] = {
    "corrects": gettext_lazy("corrects entry number"),
    "cited": gettext_lazy("decision cited"),
    "invitation": gettext_lazy("invitation number"),
    "joined": gettext_lazy("joined"),
    "obligation": gettext_lazy("duty"),
    "emptied": gettext_lazy("words erased"),
    "went": gettext_lazy("how many were erased"),
    "newest": gettext_lazy("the newest of them"),
    UNREADABLE: gettext_lazy("what changed"),
}
_ROW = re.compile(r"^(?P<model>[a-z]+):(?P<id>[0-9]{1,18})\.(?P<field>\w+)$")

Pair = tuple[Any, Any]


class Entry(NamedTuple):
    """What an event says of one column: of its subject (no row), or of a row beside it; a fact has an empty model."""

    model: str
    row: int | None
    name: str
    pair: Pair


def model_of(name: str) -> type[models.Model] | None:
    try:
        return apps.get_model("tracker", name)
    except LookupError:
        return None


def pairs_in(kept: Any) -> dict[str, Pair]:
    """What is kept as from and to, by field; words of another shape are left out."""
    if not isinstance(kept, dict):
        return {}
    return {key: (pair[0], pair[1]) for key, pair in kept.items() if isinstance(pair, list) and len(pair) == 2}


def words_of(event: Event) -> tuple[dict[str, Any], bool]:
    """The words that stand beside an event, and whether it had some that were erased."""
    kept = event.words.words if event.words_hash and hasattr(event, "words") else {}
    return kept, bool(event.words_hash) and not kept


def rows(event: Event) -> Iterator[tuple[str, int]]:
    """The rows beside the subject that an event changed, as (model, id); also where only their words were changed."""
    for key in (*pairs_in(event.changes), *words_of(event)[0]):
        if row := _ROW.match(key):
            yield row["model"], int(row["id"])


def shut_papers(events: list[Event], reader: access.Reader) -> set[tuple[str, int]]:
    """The papers named by the events that a reader may not see."""
    named = {row for event in events for row in rows(event) if row[0] in PAPERS}
    for name, model in PAPERS.items():
        if ids := {pk for kind, pk in named if kind == name}:
            seen = access.papers(reader, model.objects.filter(pk__in=ids)).values_list("pk", flat=True)
            named -= {(name, pk) for pk in seen}
    return named | _shut_comments(events, reader)


def _shut_comments(events: list[Event], reader: access.Reader) -> set[tuple[str, int]]:
    """The comments named by the events that a reader may not read, with whom they mention; what was taken back is read by
    its author alone."""
    named = {row for event in events for row in rows(event) if row[0] == "comment"}
    if not named:
        return set()
    found = Comment.objects.filter(pk__in=[pk for _name, pk in named])
    mine = Q(author=reader) if isinstance(reader, Person) else Q(pk__in=())
    open_ = access.comments(reader, found.filter(Q(taken_back_at=None) | mine)).values_list("pk", flat=True)
    shut = named - {("comment", pk) for pk in open_}
    mentions = (
        Mention.objects.filter(comment__in=[pk for _name, pk in shut]).values_list("pk", flat=True) if shut else ()
    )
    return shut | {("mention", pk) for pk in mentions}


def told(pairs: dict[str, Any], shut: Container[tuple[str, int]]) -> dict[str, Any]:
    """Of an event's changes or words, by field, those that are not about a paper that is shut."""
    rows = {key: _ROW.match(key) for key in pairs}
    return {key: pairs[key] for key, row in rows.items() if not row or (row["model"], int(row["id"])) not in shut}


def columns(event: Event, kept: Any, shut: Container[tuple[str, int]] = ()) -> Iterator[Entry]:
    """Each entry of an event's changes or words that is not about a paper that is shut."""
    for key, pair in pairs_in(kept).items():
        row = _ROW.match(key)
        if row:
            if (row["model"], int(row["id"])) not in shut:
                yield Entry(row["model"], int(row["id"]), row["field"], pair)
        elif key in FACTS and field(event.subject_type, key) is None:
            yield Entry("", None, key, pair)
        else:
            yield Entry(event.subject_type, None, key, pair)


def columns_of_row(event: Event, model: str) -> Iterator[tuple[int, str, Pair]]:
    """(id, column, from and to) of each entry about a row of a kind beside the subject."""
    for key, pair in pairs_in(event.changes).items():
        row = _ROW.match(key)
        if row and row["model"] == model:
            yield int(row["id"]), row["field"], pair


def field(model: str, name: str) -> Any:
    found = model_of(model) if model else None
    if found is None:
        return None
    try:
        column = found._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return column if column.concrete else None


def target(model: str, name: str) -> str:
    """The model that a column's ids are of, or ""."""
    if not model:
        return "decision" if name == "cited" else ""
    column = field(model, name)
    return str(column.related_model._meta.model_name) if column is not None and column.is_relation else ""
