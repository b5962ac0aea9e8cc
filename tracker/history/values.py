"""What changed in an event, in words: labels of fields, and values from and to."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.history.columns import FACTS, Pair, columns, field, target
from tracker.history.names import Names, kind
from tracker.models import Event, Visibility
from tracker.templatetags.resolves import day_in_words

# Columns that bind rows together, or repeat what the event itself says of who and when.
SILENT = frozenset(
    "acting_for activity answered_at answered_by asked_at asked_by assigned_at assigned_by body "
    "confirmed_by created_at disposed_at disposed_by done_at ended_at file is_staff is_superuser moved_by_choice "
    "moved_with_calendar number occurrence opened_at paragraph position proposal recorded_at recorded_by reference report resolution "
    "sha256 size slug spans submitted_at submitted_by text_hash told_at username_print validated_at "
    "validated_by version".split()
)
# Columns of an added row that only repeat the sentence.
SILENT_WHERE_ADDED = {
    "occurrence": frozenset({"obligation", "first_due_on", "status", "parts_open"}),
    "daterequest": frozenset({"wanted_on", "answer"}),
    "report": frozenset({"state"}),
    "assignment": frozenset({"acceptance", "note"}),
    "comment": frozenset({"author", "posted_at"}),
    "mention": frozenset({"comment"}),
    "watch": frozenset({"person", "since"}),
}
WORDS: dict[str, Any] = {
    "reason": gettext_lazy("reason"),
    "note": gettext_lazy("note"),
    "source": gettext_lazy("source"),
}


@dataclass(frozen=True)
class Change:
    """A field with what it was and what it is, in words; `added` where there was nothing before."""

    label: str
    before: str
    after: str
    added: bool = False


@dataclass(frozen=True)
class Said:
    """Free words that came with an act, such as a reason."""

    label: str
    text: str


def changed(
    event: Event, words: dict[str, Any], names: Names, shut: set[tuple[str, int]]
) -> tuple[tuple[Change, ...], tuple[Said, ...]]:
    """Changes by field, and the free words that came with the act."""
    said = tuple(
        Said(capfirst(str(WORDS.get(key, key))), str(value))
        for key, value in words.items()
        if not isinstance(value, list)
    )
    everything = [*columns(event, event.changes, shut), *columns(event, words, shut)]
    known = {(model, name): pair for model, name, pair in everything}
    found = []
    for model, name, pair in everything:
        if _says_nothing(event, model, name, pair, known):
            continue
        precisions = _precisions(known, model, name)
        before, after = (_value(model, name, value, how, names) for value, how in zip(pair, precisions, strict=True))
        if before != after and not any(after == one.text for one in said):
            found.append(Change(_label(event, model, name), before, after, pair[0] in (None, "")))
    return tuple(found), said


def _says_nothing(event: Event, model: str, name: str, pair: Pair, known: Container[tuple[str, str]]) -> bool:
    """Whether an entry is left out: it binds rows together, repeats another, or is an added row's empty column."""
    if name in SILENT or name == "precision" or name.endswith("_precision"):
        return True
    if (model, name) == ("report", "effective_on"):
        return (event.subject_type, "submitted_on") in known
    if pair[0] not in (None, ""):
        return False
    beside = model != event.subject_type or event.number == 1
    return pair[1] is False or (beside and name in SILENT_WHERE_ADDED.get(model, ())) or pair[1] == Visibility.MEMBERS


def _label(event: Event, model: str, name: str) -> str:
    if not model:
        return capfirst(str(FACTS[name]))
    column = field(model, name)
    words = str(column.verbose_name) if column is not None else name.replace("_", " ")
    return capfirst(words) if model == event.subject_type else f"{capfirst(kind(model))}: {words}"


def _precisions(known: dict[tuple[str, str], Pair], model: str, name: str) -> Pair:
    """How far the days before and after were known; a companion column says so where there is one."""
    for companion in (f"{name}_precision", f"{name.removesuffix('_on')}_precision", "precision"):
        if pair := known.get((model, companion)):
            return pair
    return "day", "day"


def _value(model: str, name: str, value: Any, precision: Any, names: Names) -> str:
    """A recorded value in words."""
    if of := target(model, name):
        return names.get(of, {}).get(value, f"#{value}") if value else _("none")
    column = field(model, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", [], {}):
        is_day = isinstance(column, models.DateField)
        return _("not recorded") if is_day else _("none")
    if column is not None and column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(column, models.DateTimeField):
        return _moment(value)
    if isinstance(column, models.DateField):
        return _day(value, precision)
    return str(value)


def _day(value: Any, precision: Any) -> str:
    try:
        return day_in_words(date.fromisoformat(str(value)), str(precision or "day"))
    except ValueError:
        return str(value)


def _moment(value: Any) -> str:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{day_in_words(found.date())}, {found:%H:%M} {found:%Z}"
