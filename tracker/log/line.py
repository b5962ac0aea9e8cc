"""The line at the foot of every page: what the last check of the record said. One question to the database."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tracker.log import checks, findings
from tracker.models import Check, Person


@dataclass(frozen=True)
class Standing:
    """How the record stands: when it was last checked as a whole (None: never), how many findings stand, and how far the
    check has come that is waiting or under way (percent; None: none is)."""

    checked_at: datetime | None = None
    found: int = 0
    percent: int | None = None

    @property
    def sound(self) -> bool:
        return self.checked_at is not None and not self.found


def standing(reader: Person) -> Standing:
    """Asked beside the reader's own row, so that it is one question."""
    ended = Check.objects.filter(since=0, state__in=checks.ENDED).order_by("-ended_at", "-pk")
    waiting = checks.living()
    found = (
        findings.standing()
        .order_by()
        .annotate(all=OuterRef("pk"))
        .values("all")
        .annotate(count=Count("pk"))
        .values("count")
    )
    row = (
        Person.objects.filter(pk=reader.pk)
        .values_list(
            _first(ended, "ended_at"), _first(waiting, "done"), _first(waiting, "total"), Coalesce(Subquery(found), 0)
        )
        .first()
    )
    if row is None:
        return Standing()
    checked_at, done, total, count = row
    return Standing(checked_at, count, None if done is None else percent(done, total))


def _first(rows: QuerySet[Check], name: str) -> Subquery:
    return Subquery(rows.values(name)[:1])


def percent(done: int, total: int | None) -> int:
    """How far a check has come; 100 only when it has ended."""
    return min(99, 100 * done // total) if total else 0
