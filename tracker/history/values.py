"""What changed in an event, in words: labels of fields, and values from and to."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import erasures, rungs
from tracker.history.columns import FACTS, Entry, Pair, columns, field, target
from tracker.history.names import Names, kind
from tracker.models import Assignment, Event, Visibility
from tracker.models.legible import UNREADABLE
from tracker.templatetags.resolves import day_in_words

# Columns that bind rows together, or repeat what the event itself says of who and when.
SILENT = frozenset(
    "acting_for activity answered_at answered_by asked_at asked_by assigned_at assigned_by body confirmed_by created_at "
    "disposed_at disposed_by done_at duties ended_at erased file is_staff is_superuser made moved_by_choice "
    "moved_with_calendar number occurrence opened_at paragraph password_set position proposal recorded_at recorded_by "
    "reference report resolution restore set_by sha256 size slug spans submitted_at submitted_by text_hash token told_at "
    "username_print validated_at validated_by version".split()
)
# Columns of an added row that only repeat the sentence.
SILENT_WHERE_ADDED = {
    "occurrence": frozenset({"obligation", "first_due_on", "status", "parts_open"}),
    "daterequest": frozenset({"wanted_on", "answer"}),
    "report": frozenset({"state"}),
    "assignment": frozenset({"acceptance", "note"}),
    "comment": frozenset({"author", "posted_at"}),
    "reminderpolicy": frozenset({"scope", "state"}),
    "mention": frozenset({"comment"}),
    "watch": frozenset({"person", "since"}),
    "paragraph": frozenset({"kind", "path", "label", "parent", "heading", "section", "text"}),
}
# Fields that are called something plainer than their column is.
PLAIN: dict[tuple[str, str], Any] = {
    ("activity", "happened_on"): gettext_lazy("day"),
    ("activity", "source"): gettext_lazy("document"),
    ("activity", "stakeholder"): gettext_lazy("contribution of"),
    ("activity", "text"): gettext_lazy("what was done"),
    ("comment", "text"): gettext_lazy("comment"),
    ("daterequest", "answer"): gettext_lazy("request for a new date"),
    ("daterequest", "answer_note"): gettext_lazy("answer"),
    ("daterequest", "wanted_on"): gettext_lazy("new day asked for"),
    ("decision", "outcome"): gettext_lazy("what the body did"),
    ("decision", "words"): gettext_lazy("words of the decision"),
    ("mention", "person"): gettext_lazy("mentioned"),
    ("occurrence", "parts_open"): gettext_lazy("contributions still open"),
    ("reminderpolicy", "grace_days"): gettext_lazy("days of peace"),
    ("reminderpolicy", "keeps_quiet"): gettext_lazy("on working days only"),
    ("reminderpolicy", "kind"): gettext_lazy("kind of duty"),
    ("reminderpolicy", "most_per_item"): gettext_lazy("at most"),
    ("reminderpolicy", "rungs"): gettext_lazy("reminders"),
    ("report", "nothing_happened"): gettext_lazy("nothing to report"),
    ("report", "state"): gettext_lazy("report"),
    ("report", "symbol"): gettext_lazy("document symbol"),
    ("report", "text"): gettext_lazy("report"),
}
PROSE = 500
"""A column that holds so many letters is written in sentences."""
WORDS: dict[str, Any] = {
    "reason": gettext_lazy("reason"),
    "note": gettext_lazy("note"),
    "source": gettext_lazy("source"),
    UNREADABLE: gettext_lazy("words"),
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
    said = [
        Said(capfirst(str(WORDS.get(key, key))), _("cannot be read") if key == UNREADABLE else str(value))
        for key, value in words.items()
        if not isinstance(value, list)
    ]
    everything = [*columns(event, event.changes, shut), *columns(event, words, shut)]
    known = {(one.model, one.row, one.name): one.pair for one in everything}
    found = []
    for one in everything:
        if one.model == "assignment" or _says_nothing(event, one, known):
            continue
        how = _precisions(known, one)
        before, after = (_value(one.model, one.name, *each, names) for each in zip(one.pair, how, strict=True))
        if before == after or any(after == words_.text for words_ in said):
            continue
        added = one.pair[0] in (None, "")
        if added and _is_prose(one):
            said.append(Said(_label(event, one), after))
        else:
            found.append(Change(_label(event, one), before, after, added))
    asked, answered = _assignments(event, everything, names)
    said += [one for one in answered if one.text not in {already.text for already in said}]
    return (*found, *asked), tuple(said)


def _assignments(event: Event, everything: list[Entry], names: Names) -> tuple[list[Change], list[Said]]:
    """Who was asked, who was released, and what they answered: rows of assignment, each told as one thing."""
    rows: dict[int, dict[str, Pair]] = {}
    for one in everything:
        if one.model == "assignment" and one.row is not None:
            rows.setdefault(one.row, {})[one.name] = one.pair
    ended = [
        names.get("assignment", {}).get(pk, f"#{pk}") for pk, columns_ in rows.items() if _is_set(columns_, "ended_at")
    ]
    found: list[Change] = []
    said: list[Said] = []
    for columns_ in rows.values():
        if "part" in columns_:
            of = "office" if _is_set(columns_, "office") else "person"
            name = _value("assignment", of, columns_.get(of, (None, None))[1], "", names)
            leads = columns_["part"][1] == Assignment.Part.LEAD
            before = ended.pop(0) if leads and ended else ""
            found.append(Change(_("Lead") if leads else _("Contributor"), before, name, not before))
        elif "acceptance" in columns_:
            before, after = (_value("assignment", "acceptance", value, "", names) for value in columns_["acceptance"])
            found.append(Change(_("Answer"), before, after))
        notes = (columns_[name][1] for name in ("note", "done_note") if _is_set(columns_, name))
        said.extend(Said(_("Note"), str(words)) for words in notes)
    nobody = _("Contributor") if event.verb == "occurrence.contributor_released" else _("Lead")
    return [*found, *(Change(nobody, name, _("released")) for name in ended)], said


def _is_set(columns_: dict[str, Pair], name: str) -> bool:
    return bool(name in columns_ and columns_[name][1])


def _is_prose(one: Entry) -> bool:
    """Whether a column holds what somebody wrote in sentences, which is set apart like a reason."""
    column = field(one.model, one.name)
    if column is None or column.choices:
        return False
    return isinstance(column, models.TextField) or (
        isinstance(column, models.CharField) and (column.max_length or 0) >= PROSE
    )


def _says_nothing(event: Event, one: Entry, known: Container[tuple[str, int | None, str]]) -> bool:
    """Whether an entry is left out: it binds rows together, repeats another, or is an added row's empty column."""
    if one.name in SILENT or one.name == "precision" or one.name.endswith("_precision"):
        return True
    if (one.model, one.name) == ("report", "effective_on"):
        return (event.subject_type, None, "submitted_on") in known
    if one.pair[0] not in (None, ""):
        return False
    beside = one.model != event.subject_type or event.number == 1
    silent = beside and one.name in SILENT_WHERE_ADDED.get(one.model, ())
    return one.pair[1] is False or silent or one.pair[1] == Visibility.MEMBERS


def _label(event: Event, one: Entry) -> str:
    """What a field is called for whoever reads it; a row beside the subject names its kind where that is not plain."""
    if not one.model:
        return capfirst(str(FACTS[one.name]))
    if (one.model, one.name) in PLAIN:
        return capfirst(str(PLAIN[one.model, one.name]))
    column = field(one.model, one.name)
    words = str(column.verbose_name) if column is not None else one.name.replace("_", " ")
    return capfirst(words) if one.model == event.subject_type else f"{capfirst(kind(one.model))}: {words}"


def _precisions(known: dict[tuple[str, int | None, str], Pair], one: Entry) -> Pair:
    """How far the days before and after were known; a companion column says so where there is one."""
    for companion in (f"{one.name}_precision", f"{one.name.removesuffix('_on')}_precision", "precision"):
        if pair := known.get((one.model, one.row, companion)):
            return pair
    return "day", "day"


def _value(model: str, name: str, value: Any, precision: Any, names: Names) -> str:
    """A recorded value in words."""
    if not model and name in erasures.FACTS:
        return erasures.FACTS[name](value)
    if not model and name == UNREADABLE and value:
        return _("cannot be read")
    if of := target(model, name):
        found = names.get(of, {}).get(value) if isinstance(value, int) else None
        return (found or f"#{value}") if value else _("none")
    if (model, name) == ("reminderpolicy", "rungs"):
        return rungs.recorded(value) if value else _("none")
    column = field(model, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", [], {}):
        is_day = isinstance(column, models.DateField)
        return _("not recorded") if is_day else _("none")
    if column is not None and column.choices and isinstance(value, str | int):
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
