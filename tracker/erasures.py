"""What events say of erased words: which entries lost theirs, and which rows."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.utils.translation import ngettext

from tracker.models import Event, Evidence
from tracker.templatetags.resolves import day_in_words

VERB = "words.erased"
FILE = "file.erased"
_COLUMN = re.compile(r"^(?P<model>[a-z]+):(?P<id>[0-9]{1,18})\.(?P<field>\w+)$")


def columns_of(event: Event, pairs: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """The columns whose values stand in an event's changes or words, as (model, id, column)."""
    for key, pair in pairs.items():
        if not isinstance(pair, list):
            continue
        if named := _COLUMN.match(key):
            if _is_column(named["model"], named["field"]):
                yield named["model"], int(named["id"]), named["field"]
        elif _is_column(event.subject_type, key):
            yield event.subject_type, event.subject_id, key


def rows(subject_type: str, subject_id: int) -> dict[str, Event]:
    """Row ("report:12") → the last event that says that its words were erased, of one subject; of a file that was erased
    ("evidence:7.file") the event that says so."""
    found: dict[str, Event] = {}
    events = Event.objects.filter(subject_type=subject_type, subject_id=subject_id)
    for event in _telling(events, VERB, FILE):
        if event.verb == VERB:
            erased = event.changes.get("erased", [None, None])[1]
            found |= {str(key).partition(".")[0]: event for key in (erased if isinstance(erased, list) else ())}
        else:
            found |= _files_of(event)
    return found


def files(events: QuerySet[Event]) -> dict[str, Event]:
    """As `rows`, of files alone, among some events."""
    return {key: event for event in _telling(events, FILE) for key in _files_of(event)}


def _telling(events: QuerySet[Event], *verbs: str) -> QuerySet[Event]:
    return events.filter(verb__in=verbs).select_related("actor", "body", "words").order_by("number")


def _files_of(event: Event) -> dict[str, Event]:
    return {
        f"evidence:{pk}.file": event for model, pk, _name in columns_of(event, event.changes) if model == "evidence"
    }


def marked(papers: Iterable[Any], erased: dict[str, Event]) -> list[Any]:
    """Rows, each with the event that erased its words as `erased` (None: they stand)."""
    found = list(papers)
    for one in found:
        one.erased = erased.get(f"{one._meta.model_name}:{one.pk}")
    return found


def marked_files(files: Iterable[Evidence], erased: dict[str, Event]) -> None:
    """Give each file the event that erased it as `erased` (None: it stands)."""
    for one in files:
        one.erased = erased.get(f"evidence:{one.pk}.file")  # type: ignore[attr-defined]


def _beside(emptied: Any) -> str:
    """Beside how many entries the words went."""
    count = len(emptied) if isinstance(emptied, list) else 0
    words = ngettext("those beside %(number)s entry", "those beside %(number)s entries", count)
    return words % {"number": count} if count else ""


def _day(newest: Any) -> str:
    """The day of the newest row that went."""
    try:
        return day_in_words(date.fromisoformat(str(newest)))
    except ValueError:
        return str(newest or "")


# The facts that erasures record, in words.
FACTS = {"emptied": _beside, "newest": _day}


def _is_column(model: str, name: str) -> bool:
    try:
        return bool(apps.get_model("tracker", model)._meta.get_field(name).concrete)
    except (LookupError, FieldDoesNotExist):
        return False
