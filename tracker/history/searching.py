"""The search through the history: what narrows it, and pages that cost the same at a thousand events and at a million.

A page is a stretch of the history before or after an entry, never the n-th one, so that nothing has to be counted off. What
no index answers (words, part of a reference) is looked for in a window of the history at a time; the page says how far back
it looked and goes on from there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from tracker.models import Event

AT_MOST = 10_000
"""Up to here rows are counted; beyond it the page says "more than"."""
WINDOW = 50_000
"""So many entries are looked through for words in one go."""
SYSTEM = "system"
SUBJECTS = (
    "occurrence obligation resolution version paragraph body office session meeting deadlinerule occasion person term "
    "substitution sitting decision handover closedday watch calendarfeed"
).split()


@dataclass(frozen=True)
class Search:
    """What was asked for. `slow`: no index answers it, so it is looked for in windows."""

    found: QuerySet[Event]
    slow: bool


@dataclass(frozen=True)
class Stretch:
    """A page of the history, newest first. `older` and `newer` are the entries before and after which it goes on, None where
    the history ends; `looked_from` is the entry down to which a slow search looked, None where it looked through all."""

    keys: list[int] = field(default_factory=list)
    older: int | None = None
    newer: int | None = None
    looked_from: int | None = None


def searched(seen: QuerySet[Event], given: dict[str, Any]) -> Search:
    """Of the events that a reader may see, those that the filters ask for."""
    found, slow = seen, False
    found = found.filter(_whose(given.get("person") or "", given.get("acting") or ""))
    for name in ("verb", "means"):
        if given.get(name):
            found = found.filter(**{name: given[name]})
    if request := (given.get("request") or "").strip():
        found = found.filter(request_id=request)
    if item := (given.get("item") or "").strip():
        whole = Event.objects.filter(stream__in=[f"{kind}:{item}" for kind in SUBJECTS])
        if whole.exists():
            found = found.filter(pk__in=whole.order_by().values("pk"))
        else:
            found, slow = found.filter(subject_reference__icontains=item), True
    found = _within(found, given)
    if words := (given.get("words") or "").split():
        found, slow = _saying(found, words), True
    return Search(found, slow)


def _whose(person: str, acting: str) -> Q:
    """Who did it and for whom: `own` for themselves, `for` for somebody else, `name` by others in their name."""
    if person == SYSTEM:
        return Q(actor=None)
    who = int(person) if person else None
    match acting:
        case "own":
            return Q(acting_for=None) & (Q(actor=who) if who else Q(actor__isnull=False))
        case "for":
            return Q(acting_for__isnull=False) & (Q(actor=who) if who else Q())
        case "name":
            return Q(acting_for=who) if who else Q(acting_for__isnull=False)
        case _:
            return Q(actor=who) | Q(acting_for=who) if who else Q()


def _within(found: QuerySet[Event], given: dict[str, Any]) -> QuerySet[Event]:
    """Between two days: of recording, which are days in UTC as the history has events of many bodies; or of taking effect."""
    since, until = given.get("since"), given.get("until")
    if given.get("days") == "effective":
        if since:
            found = found.filter(effective_on__gte=since)
        return found.filter(effective_on__lte=until) if until else found
    if since:
        found = found.filter(recorded_at__gte=_start(since))
    return found.filter(recorded_at__lt=_start(until + timedelta(days=1))) if until else found


def _start(day: Any) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo("UTC"))


def _saying(found: QuerySet[Event], words: Iterable[str]) -> QuerySet[Event]:
    """Events that say every word: in their reasons and notes, in what changed, or in their reference. JSON on SQLite is kept
    with letters beyond ASCII escaped, so both forms are looked for."""
    found = found.annotate(all_changes=Cast("changes", TextField()), all_words=Cast("words__words", TextField()))
    for word in words:
        saying = Q(subject_reference__icontains=word)
        for form in {word, json.dumps(word)[1:-1]}:
            saying |= Q(all_changes__icontains=form) | Q(all_words__icontains=form)
        found = found.filter(saying)
    return found


def stretch(search: Search, per_page: int, *, before: int | None = None, after: int | None = None) -> Stretch:
    """The page before an entry (the newest without one), or the page after one."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if after is not None:
        return _forwards(search, per_page, after, newest)
    upper = newest + 1 if before is None else min(before, newest + 1)
    found = search.found.filter(pk__lt=upper)
    floor = upper - WINDOW if search.slow else 0
    if floor > 0:
        found = found.filter(pk__gte=floor)
    keys = list(found.order_by("-pk").values_list("pk", flat=True)[: per_page + 1])
    rest, keys = len(keys) > per_page, keys[:per_page]
    older = keys[-1] if rest else floor if floor > 1 else None
    newer = (keys[0] if keys else upper - 1) if upper <= newest else None
    return Stretch(keys, older, newer, None if rest or floor <= 1 else floor)


def _forwards(search: Search, per_page: int, after: int, newest: int) -> Stretch:
    found = search.found.filter(pk__gt=after)
    ceiling = after + WINDOW if search.slow else newest
    if search.slow:
        found = found.filter(pk__lte=ceiling)
    keys = list(found.order_by("pk").values_list("pk", flat=True)[: per_page + 1])
    rest, keys = len(keys) > per_page, keys[:per_page][::-1]
    newer = keys[0] if rest else ceiling if ceiling < newest else None
    return Stretch(keys, keys[-1] if keys else after + 1, newer)


def counted(found: QuerySet[Event]) -> int:
    """How many there are, counted up to `AT_MOST`; one more where there are more."""
    return found.order_by()[: AT_MOST + 1].count()
