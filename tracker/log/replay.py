"""Replay: what the events of the record say stands, held against the rows that stand.

The events of a row, in the order of their ids, give its columns; a difference is a finding that names the event which last
set the column. What each event says that stood before must be so, too. The order of ids is the order of the changes of one
row, for a step holds its lock before it writes; across rows it says nothing, and nothing here relies on it.

Read in batches of subjects, so that memory stays bounded. Somebody may be writing meanwhile: what a batch finds is looked for
again before it counts. Words that were erased are compared with nothing, but for what the erasure itself says stands.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models

from tracker import audit
from tracker.log import rows
from tracker.log.findings import Found
from tracker.log.folding import Fold, Last, Row, audited, fields_of
from tracker.models import Event, EventWords
from tracker.models.legible import UNREADABLE
from tracker.proofs import digests
from tracker.recorded import HASHED, WORDS

BATCH = 2_000
PLAIN = frozenset({str, int, bool, type(None)})
Key = tuple[str, int]


@dataclass(frozen=True)
class Family:
    """A kind of subject with what hangs on it. `beside`: model → path to the subject; `own`: those of them that are
    subjects of events themselves."""

    root: str
    beside: dict[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = ()


FAMILIES = (
    Family(
        "occurrence",
        {
            "assignment": "occurrence",
            "activity": "occurrence",
            "report": "occurrence",
            "evidence": "occurrence",
            "daterequest": "occurrence",
            "comment": "occurrence",
            "mention": "comment__occurrence",
        },
    ),
    Family("version", {"paragraph": "version"}, own=("paragraph",)),
    Family("session", {"sitting": "session"}, own=("sitting",)),
    Family("person", {"preferences": "person"}),
    *map(
        Family,
        (
            "obligation",
            "resolution",
            "body",
            "office",
            "term",
            "substitution",
            "handover",
            "meeting",
            "deadlinerule",
            "closedday",
            "decision",
            "occasion",
            "watch",
            "calendarfeed",
            "retentionrule",
            "reminderpolicy",
            "tabled",
        ),
    ),
)


def differences(*, subjects: Iterable[models.Model] | None = None) -> Iterator[Found]:
    """Where record and rows differ; of some subjects alone (what hangs on another is looked at with it), or of all."""
    if subjects is not None:
        wanted: dict[str, set[int]] = defaultdict(set)
        for one in subjects:
            family, root = _root_of(one)
            wanted[family].add(root)
        for family_ in FAMILIES:
            if ids := wanted.get(family_.root):
                yield from _Window(family_, ids=sorted(ids)).confirmed()
        return
    for family_ in FAMILIES:
        lost: dict[Key, Found] = {}
        known: set[Key] = set()
        for window in _windows(family_):
            for found in window.confirmed():
                if found.kind == "state_unrecorded":
                    lost[found.facts["model"], found.facts["id"]] = found
                else:
                    yield found
            known |= window.elsewhere
        yield from (found for key, found in lost.items() if key not in known)
        yield from _orphans(family_, known)


def is_subject(name: str) -> bool:
    """Whether events can be about a row of this model itself."""
    return any(name == family.root or name in family.own for family in FAMILIES)


def told_of(thing: models.Model) -> frozenset[str]:
    """The columns of a row of which the record says anything."""
    family, root = _root_of(thing)
    window = _Window(next(one for one in FAMILIES if one.root == family), ids=[root])
    row = window.folded().rows.get(str(thing._meta.model_name), {}).get(thing.pk)
    return frozenset(row.known) if row else frozenset()


def _root_of(thing: models.Model) -> tuple[str, int]:
    name = str(thing._meta.model_name)
    for family in FAMILIES:
        if name == family.root:
            return name, thing.pk
        if name in family.beside:
            root = type(thing)._base_manager.filter(pk=thing.pk).values_list(family.beside[name], flat=True).get()
            return family.root, root
    raise ValueError(f"{name} is not on record.")


def _windows(family: Family) -> Iterator["_Window"]:
    """The subjects of a family in batches: by id, from one to before the next, the last without an end."""
    after = 0
    ids = audited()[family.root]._base_manager.order_by("pk").values_list("pk", flat=True)
    while True:
        last = ids.filter(pk__gt=after)[BATCH - 1 : BATCH].first()
        yield _Window(family, after=after, until=last)
        if last is None:
            return
        after = last


def _orphans(family: Family, known: set[Key]) -> Iterator[Found]:
    """What hangs on nothing that is there: subjects that are gone, when nothing says any more on what they hung; rows put in
    beside what is not there."""
    for name, path in family.beside.items():
        between = path.rpartition("__")[0]
        if between:
            column: Any = audited()[name]._meta.get_field(between)
            there = column.related_model._base_manager.values("pk")
            loose = audited()[name]._base_manager.exclude(**{f"{between}__in": there}).values_list("pk", flat=True)
            yield from (
                Found("state_unrecorded", facts={"model": name, "id": pk}) for pk in loose if (name, pk) not in known
            )
    for name in family.own:
        events = Event.objects.filter(subject_type=name).exclude(
            subject_id__in=audited()[name]._base_manager.values("pk")
        )
        gone: dict[int, tuple[int, str, int]] = {}
        for pk, stream, number, subject in events.order_by("pk").values_list("pk", "stream", "number", "subject_id"):
            gone[subject] = (pk, stream, number)
        for subject, last in gone.items():
            yield Found("state_missing", *last, facts={"model": name, "id": subject})


class _Window:
    """One batch of subjects: its events folded, its rows read, the two compared."""

    def __init__(
        self, family: Family, *, after: int = 0, until: int | None = None, ids: list[int] | None = None
    ) -> None:
        self.family = family
        self.after, self.until, self.ids = after, until, ids
        self.elsewhere: set[Key] = set()  # rows that these events know and that hang on another subject now

    def confirmed(self) -> list[Found]:
        """What is found twice: a step that was committed between two of our questions is not found again. A subject that
        somebody spoilt past reading is named, and keeps no other one from being looked at."""
        try:
            with rows.as_it_lies():
                return self._twice()
        except rows.UNREADABLE as error:
            if not rows.is_about_a_value(error):
                raise
            subjects = self._subjects()
            if len(subjects) <= 1:
                return [self._unreadable(subjects, error)]
        found, self.elsewhere = [], set()
        middle = len(subjects) // 2
        for some in (subjects[:middle], subjects[middle:]):
            part = _Window(self.family, ids=some)
            found += part.confirmed()
            self.elsewhere |= part.elsewhere
        return found

    def _subjects(self) -> list[int]:
        """The subjects of the window: those that stand, and those that events speak of."""
        if self.ids is not None:
            return self.ids
        told = self._within(Event.objects.filter(subject_type=self.family.root), "subject_id").order_by()
        return sorted(
            {*self._live(self.family.root).values_list("pk", flat=True), *told.values_list("subject_id", flat=True)}
        )

    def _unreadable(self, subjects: list[int], error: Exception) -> Found:
        """One subject of which a row or an event cannot be read: named by its last event."""
        events = Event.objects.filter(subject_type=self.family.root, subject_id__in=subjects).order_by("-pk")
        row = next(iter(rows.of_ids(list(events.values_list("pk", flat=True)[:1]), 0)), None)
        last: Last = (row[0], str(row[1]), row[2]) if row else (None, "", None)
        named: dict[str, Any] = (
            {"model": self.family.root, "id": subjects[0]} if subjects else {"model": self.family.root}
        )
        return Found("state", *last, facts={**named, "unreadable": f"{type(error).__name__}: {error}"[:200]})

    def _twice(self) -> list[Found]:
        first = self._found()
        if not first:
            return []
        again = {found.key for found in self._found()}
        return [found for found in first if found.key in again]

    def _found(self) -> list[Found]:
        self.elsewhere = set()
        fold = self.folded()
        found = list(fold.lies)
        for name in (self.family.root, *self.family.beside):
            found += self._compared(name, fold)
        return found

    def folded(self) -> Fold:
        """What the events of these subjects say."""
        fold = Fold()
        for event, words, erased in self._events():
            fold.add(event, words, erased=erased)
        if self.family.root == "obligation":
            fold.dropped(drops())
        return fold

    # Events ---------------------------------------------------------------------------------------------------------------

    def _events(self) -> Iterator[tuple[Any, dict[str, Any], bool]]:
        roots = self._within(Event.objects.filter(subject_type=self.family.root), "subject_id")
        if not self.family.own:
            yield from with_words(roots)
            return
        mine = list(with_words(roots))
        named: dict[str, set[int]] = {
            name: set(self._live(name).values_list("pk", flat=True)) for name in self.family.own
        }
        for event, _words, _erased in mine:
            for key in event.changes:
                model, colon, rest = key.partition(":")
                if colon and model in named:
                    named[model].add(int(rest.partition(".")[0]))
        for name, ids in named.items():
            for some in _chunks(sorted(ids), 500):
                mine += with_words(Event.objects.filter(subject_type=name, subject_id__in=some))
        yield from sorted(mine, key=lambda one: one[0].pk)

    def _within(self, rows: models.QuerySet[Any], path: str) -> models.QuerySet[Any]:
        if self.ids is not None:
            return rows.filter(**{f"{path}__in": self.ids})
        rows = rows.filter(**{f"{path}__gt": self.after})
        return rows if self.until is None else rows.filter(**{f"{path}__lte": self.until})

    # Rows -----------------------------------------------------------------------------------------------------------------

    def _live(self, name: str) -> models.QuerySet[Any]:
        path = "pk" if name == self.family.root else self.family.beside[name]
        return self._within(
            audited()[name]._base_manager.order_by(), path
        )  # an order of its own could join, and lose rows

    def _compared(self, name: str, fold: Fold) -> Iterator[Found]:
        told = fold.rows.get(name, {})
        seen: set[int] = set()
        columns = fields_of(name)
        names = ["pk", *(column.attname for column in columns)]
        for pk, *values in self._live(name).values_list(*names).iterator(chunk_size=2_000):
            seen.add(pk)
            yield from _row(name, pk, columns, values, told.get(pk), self.family)
        absent = [pk for pk, row in told.items() if pk not in seen and not row.gone]
        for some in _chunks(absent, 500):
            rows = audited()[name]._base_manager.order_by().filter(pk__in=some).values_list(*names)
            moved = {pk: values for pk, *values in rows}
            for pk in some:
                if pk in moved:  # it hangs on another subject than the record says
                    self.elsewhere.add((name, pk))
                    yield from _row(name, pk, columns, moved[pk], told[pk], self.family)
                else:
                    yield Found("state_missing", *told[pk].last, facts={"model": name, "id": pk})


def with_words(events: models.QuerySet[Event]) -> Iterator[tuple[Any, dict[str, Any], bool]]:
    """Events by id, each with the words beside it, and whether words were erased. ValueError where one cannot be read: then
    nothing can be said of its subject."""
    columns = (
        "pk",
        "stream",
        "number",
        "verb",
        "subject_type",
        "subject_id",
        "subject_reference",
        "changes",
        "words_hash",
    )
    words = EventWords.objects.filter(event__in=events.order_by()).values_list("event_id", "words")
    said = dict(words.iterator(chunk_size=2_000))
    for event in events.order_by("pk").values_list(*columns, named=True).iterator(chunk_size=2_000):
        kept = said.get(event.pk, {}) if event.words_hash else {}
        if UNREADABLE in event.changes or UNREADABLE in kept:
            raise ValueError(f"what event {event.pk} says of from and to, or its words, cannot be read")
        yield event, kept, bool(event.words_hash) and not kept


def drops() -> list[tuple[str, int]]:
    """Duties that were dropped, by reference, with the id of the event that says so."""
    found = []
    for text, pk in rows.changes_and_ids("obligation.dropped"):
        try:
            pair = json.loads(text).get("obligation")
            if pair:
                found.append((str(pair[0]), pk))
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):  # named already: it was changed
            continue
    return found


def _row(  # noqa: PLR0913  (one row and what the record says of it)
    name: str, pk: int, columns: list[Any], values: list[Any], told: Row | None, family: Family
) -> Iterator[Found]:
    """How a row that stands differs from what the record says of it."""
    if told is None or told.gone or not told.born:
        last = told.last if told else (None, _stream(name, pk, family), None)
        yield Found("state_unrecorded", *last, facts={"model": name, "id": pk})
        if told is None or told.gone:
            return
    for column, value in zip(columns, values, strict=True):
        standing = value if value.__class__ in PLAIN else audit.plain(value)
        if column.name == "text" and name == "version":
            recorded, last = told.known.get("text_hash", ("", told.last))
            if told.born and (digests.text_hash(standing) if standing else "") != (recorded or ""):
                yield Found("state", *last, facts={"model": name, "id": pk, "field": "text"})
            continue
        if told.surely(column.name, standing):
            continue
        if column.name in HASHED.get(name, ()) and standing not in audit.EMPTY:
            standing = digests.print_of(standing)
        if not told.differs(column, standing):
            continue
        recorded, last = told.known.get(column.name, (None, told.last))
        facts = {"model": name, "id": pk, "field": column.name}
        if column.name in WORDS.get(name, ()):
            facts |= {"recorded": _veiled(last, recorded), "standing": _veiled(last, standing)}
        else:
            facts |= {"recorded": recorded, "standing": standing}
        yield Found("state", *last, facts=facts)


def _veiled(last: tuple[int | None, str, int | None], value: Any) -> str:
    """A word in a finding: told apart from another one, and not to be read."""
    salt = EventWords.objects.filter(event=last[0]).values_list("salt", flat=True).first() or f"{last}"
    return digests.commitment(salt, {"": value})[:16]


def _stream(name: str, pk: int, family: Family) -> str:
    """The stream in which a row should have been told of; "" where what it hangs on is not there."""
    thing: Any = audited()[name]._base_manager.filter(pk=pk).first()
    path = [] if name == family.root or name in family.own else family.beside[name].split("__")
    try:
        for step in path:
            thing = getattr(thing, step)
        return audit.stream(thing)
    except (ObjectDoesNotExist, AttributeError):
        return ""


def _chunks(ids: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
