"""History in words: events as sentences, with from and to by field, ids turned into names.

The history page and the page of an item read the same lines. The number of queries depends on the kinds of things that
the events name, never on how many events there are.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access, erasures
from tracker.models import Activity, Comment, Event, Evidence, Mention, Occurrence, Person, Report, Visibility
from tracker.templatetags.resolves import day_in_words
from tracker.verbs import VERBS

# Columns that bind rows together, or repeat what the event itself says of who and when.
SILENT = frozenset(
    "acting_for activity answered_at answered_by asked_at asked_by assigned_at assigned_by body "
    "confirmed_by created_at disposed_at disposed_by done_at ended_at file is_staff is_superuser moved_by_choice "
    "moved_with_calendar number occurrence opened_at paragraph position proposal recorded_at recorded_by reference report resolution "
    "erased sha256 size slug spans submitted_at submitted_by password_set text_hash token told_at username_print validated_at "
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
    "paragraph": frozenset({"kind", "path", "label", "parent", "heading", "section", "text"}),
}
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
}
WORDS = {"reason": gettext_lazy("reason"), "note": gettext_lazy("note"), "source": gettext_lazy("source")}
NAMED_WITH: dict[str, tuple[str, ...]] = {
    "occurrence": ("obligation",),
    "paragraph": ("version__resolution",),
    "version": ("resolution",),
    "term": ("person", "office"),
    "substitution": ("substitute", "principal", "office"),
    "handover": ("term__person", "term__office"),
    "sitting": ("session",),
    "meeting": ("body",),
    "decision": ("session",),
    "report": ("occurrence",),
    "assignment": ("office", "person"),
    "comment": ("author",),
    "watch": ("person", "obligation"),
}
_ROW = re.compile(r"^(?P<model>[a-z]+):(?P<id>\d+)\.(?P<field>\w+)$")

Pair = tuple[Any, Any]


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


@dataclass(frozen=True)
class Line:
    """An event in words. `occurrence` is (body, short reference) where the subject is one. `erased`: it had words that
    somebody asked to have erased."""

    id: int
    number: int
    verb: str
    sentence: SafeString
    subject: str
    subject_kind: str
    reference: str
    occurrence: tuple[str, str] | None
    changes: tuple[Change, ...]
    words: tuple[Said, ...]
    effective_on: date | None
    effective_precision: str
    recorded_at: datetime
    time_zone: str
    means: str
    hash: str
    erased: bool
    erasable: bool

    @property
    def same_day(self) -> bool:
        """Whether the effective day is the day of recording, so that it need not be said apart."""
        return self.effective_precision == "day" and self.effective_on == self.recorded_at.date()


Names = dict[str, dict[int, str]]


def lines(events: Iterable[Event], *, reader: access.Reader | None = None) -> list[Line]:
    """Each event in words, in the order given. The events come from `access.events` (with actor, words and body). What a
    paper says is told only to a reader who may see that paper; without a reader, of public ones."""
    events = list(events)
    names, shut = _names(events), shut_papers(events, reader or AnonymousUser())
    return [_line(event, names, shut) for event in events]


def actors(seen: QuerySet[Event]) -> QuerySet[Person]:
    """Who acted in these events, or was acted for."""
    acted = seen.order_by().values("pk")
    # The first event of each, not whether there is any: PostgreSQL would read them all to know that.
    of_their_own = Subquery(acted.filter(actor=OuterRef("pk"))[:1])
    by_others = Subquery(acted.filter(acting_for=OuterRef("pk"))[:1])
    return Person.objects.alias(own=of_their_own, others=by_others).filter(
        Q(own__isnull=False) | Q(others__isnull=False)
    )


def verb_words(verb: str) -> str:
    """A verb of the register without its actor, for lists to choose from."""
    return capfirst((str(VERBS[verb]) % {"actor": ""}).strip())


def actor_words(event: Event) -> SafeString:
    """Who acted, and for whom."""
    who = format_html("<strong>{}</strong>", event.actor or _("The system"))
    if event.acting_for is None:
        return who
    return format_html(_("{who}, for {principal},"), who=who, principal=event.acting_for)


def _line(event: Event, names: Names, shut: set[tuple[str, int]]) -> Line:
    words, erased = _words_of(event)
    changes, said = _changes(event, words, names, shut)
    subject = names.get(event.subject_type, {}).get(event.subject_id, event.subject_reference)
    body, _slash, short = event.subject_reference.partition("/")
    return Line(
        id=event.pk,
        number=event.number,
        verb=event.verb,
        sentence=_sentence(event),
        subject=subject,
        subject_kind=_kind(event.subject_type),
        reference=event.subject_reference,
        occurrence=(body, short) if event.subject_type == "occurrence" else None,
        changes=changes,
        words=said,
        effective_on=event.effective_on,
        effective_precision=event.effective_precision,
        recorded_at=event.recorded_at,
        time_zone=event.body.time_zone if event.body else "UTC",
        means=str(event.get_means_display()),
        hash=event.hash,
        erased=erased,
        erasable=bool(words) and event.body is not None,
    )


def _sentence(event: Event) -> SafeString:
    """The register's sentence. Its own words are ours, the actor's name is escaped."""
    words = str(VERBS.get(event.verb, event.verb)).replace("%(actor)s", "{actor}")
    return format_html(words, actor=actor_words(event)) if "{actor}" in words else format_html("{}", words)


def _words_of(event: Event) -> tuple[dict[str, Any], bool]:
    kept = event.words.words if event.words_hash and hasattr(event, "words") else {}
    return kept, bool(event.words_hash) and not kept


def _model(name: str) -> type[models.Model] | None:
    try:
        return apps.get_model("tracker", name)
    except LookupError:
        return None


def _kind(name: str) -> str:
    model = _model(name)
    return str(model._meta.verbose_name) if model else name


# Names of what ids stand for -------------------------------------------------------------------------------------------


def _names(events: list[Event]) -> Names:
    """Model → id → name, one query for each model that is named."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        wanted.setdefault(event.subject_type, set()).add(event.subject_id)
        for model, name, pair in _columns(event, event.changes):
            if target := _target(model, name):
                wanted.setdefault(target, set()).update(value for value in pair if isinstance(value, int))
    return {name: found for name, ids in wanted.items() if (found := _named(name, ids - {0}))}


def _named(name: str, ids: set[int]) -> dict[int, str]:
    model = _model(name)
    if model is None or not ids:
        return {}
    rows = model._base_manager.filter(pk__in=ids).select_related(*NAMED_WITH.get(name, ()))
    if name in {"paragraph", "report", "resolution"}:
        rows = rows.defer(*(f.name for f in model._meta.concrete_fields if isinstance(f, models.TextField)))
    return {row.pk: _name(row) for row in rows}


def _name(row: models.Model) -> str:
    if isinstance(row, Occurrence):
        return f"{row.short_reference} · {row.obligation.title}"
    return str(row)


def rows(event: Event) -> Iterator[tuple[str, int]]:
    """The rows beside the subject that an event changed, as (model, id); also where only their words were changed."""
    for key in (*event.changes, *_words_of(event)[0]):
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


def _columns(
    event: Event, pairs: dict[str, Any], shut: Container[tuple[str, int]] = ()
) -> Iterator[tuple[str, str, Pair]]:
    """(model, column, from and to) of each entry; facts have an empty model."""
    for key, pair in pairs.items():
        if not (isinstance(pair, list) and len(pair) == 2):
            continue
        row = _ROW.match(key)
        if row:
            if (row["model"], int(row["id"])) not in shut:
                yield row["model"], row["field"], (pair[0], pair[1])
        elif key in FACTS and _field(event.subject_type, key) is None:
            yield "", key, (pair[0], pair[1])
        else:
            yield event.subject_type, key, (pair[0], pair[1])


def _field(model: str, name: str) -> Any:
    found = _model(model) if model else None
    if found is None:
        return None
    try:
        return found._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _target(model: str, name: str) -> str:
    """The model that a column's ids are of, or ""."""
    if not model:
        return "decision" if name == "cited" else ""
    column = _field(model, name)
    return str(column.related_model._meta.model_name) if column is not None and column.is_relation else ""


# From and to -----------------------------------------------------------------------------------------------------------


def _changes(
    event: Event, words: dict[str, Any], names: Names, shut: set[tuple[str, int]]
) -> tuple[tuple[Change, ...], tuple[Said, ...]]:
    """Changes by field, and the free words that came with the act."""
    said = tuple(
        Said(capfirst(str(WORDS.get(key, key))), str(value))
        for key, value in words.items()
        if not isinstance(value, list)
    )
    everything = [*_columns(event, event.changes, shut), *_columns(event, words, shut)]
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
    column = _field(model, name)
    words = str(column.verbose_name) if column is not None else name.replace("_", " ")
    return capfirst(words) if model == event.subject_type else f"{capfirst(_kind(model))}: {words}"


def _precisions(known: dict[tuple[str, str], Pair], model: str, name: str) -> Pair:
    """How far the days before and after were known; a companion column says so where there is one."""
    for companion in (f"{name}_precision", f"{name.removesuffix('_on')}_precision", "precision"):
        if pair := known.get((model, companion)):
            return pair
    return "day", "day"


def _value(model: str, name: str, value: Any, precision: Any, names: Names) -> str:
    """A recorded value in words."""
    if not model and name in erasures.FACTS:
        return erasures.FACTS[name](value)
    if target := _target(model, name):
        return names.get(target, {}).get(value, f"#{value}") if value else _("none")
    column = _field(model, name)
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
