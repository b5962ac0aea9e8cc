"""The operative items of a body's resolutions in force, and how each stands: by the worst of its occurrences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce

from tracker.marks import ORDER
from tracker.models import Occurrence, Paragraph, Version
from tracker.summaries.scope import Sight

CODES = list(ORDER)
NOTHING_DUE = "none"


@dataclass(frozen=True)
class Item:
    """An operative paragraph. `in_force` on the day that was asked for."""

    id: int
    version_id: int
    resolution_id: int
    symbol: str
    path: str
    label: str
    in_force: bool
    disposition: str

    @property
    def number(self) -> str:
        """As printed, else as we count it."""
        return self.label or self.path


@dataclass(frozen=True)
class ItemLine:
    """An item with its worst mark's code ("none": nothing due in what was chosen) and days past due where it has any."""

    item: Item
    code: str
    days: int | None


def in_force(versions: Iterable[Version], day: date | None) -> dict[int, Version]:
    """Resolution → the version in force on a day: the last one that had come into force by then and not ended. A version
    adopted at a session is in force from the end of it; one without any date counts as there from the beginning."""
    found: dict[int, Version] = {}
    for version in sorted(versions, key=lambda v: (since(v) or date.min, v.pk)):
        if is_over(version, day):
            continue
        found[version.resolution_id] = version
    return found


def since(version: Version) -> date | None:
    """The day after which a version counts: the opening of the session that adopted it, else its own date."""
    if version.adopted_at and version.adopted_at.opens:
        return version.adopted_at.opens
    return version.in_force_from


def is_over(version: Version, day: date | None) -> bool:
    """Whether a version is not in force on a day, because it has ended or has not begun."""
    if day is None:
        return version.in_force_until is not None
    begun = since(version)
    return bool((begun and begun >= day) or (version.in_force_until and version.in_force_until < day))


def items_of(sight: Sight, *, resolution: str, day: date | None, beside: Iterable[int]) -> list[Item]:
    """The operative paragraphs in force on a day, in the order of the texts, and those named `beside` (drawn from a
    version that is not in force any more, with occurrences all the same). Two queries."""
    versions = sight.versions.defer("text")
    if resolution:
        versions = versions.filter(resolution__slug=resolution)
    current = {version.pk for version in in_force(versions, day).values()}
    paragraphs = (
        sight.paragraphs.filter(Q(version__in=current) | Q(pk__in=set(beside)), kind=Paragraph.Kind.OPERATIVE)
        .order_by("version__resolution__slug", "-version__in_force_from", "position")
        .values_list(
            "pk", "version_id", "version__resolution_id", "version__resolution__symbol", "path", "label", "disposition"
        )
    )
    return [
        Item(pk, version, owner, symbol, path, label, version in current, disposition)
        for pk, version, owner, symbol, path, label, disposition in paragraphs
    ]


def worst_marks(found: QuerySet[Occurrence], today: date) -> dict[int, tuple[str, int | None]]:
    """Paragraph → code of the worst mark of its occurrences, and the days of the oldest past due one that bears it (late
    by so many days is said of what is late, not of older silence). One query."""
    past = Q(due_on__lt=today, status__in=["planned", "assigned", "in_progress"])
    late = past & Q(mark_rank=ORDER["late"])
    rows = (
        found.order_by()
        .values("obligation__paragraph")
        .annotate(worst=Min("mark_rank"), oldest=Coalesce(Min("due_on", filter=late), Min("due_on", filter=past)))
        .values_list("obligation__paragraph", "worst", "oldest")
    )
    return {pk: (CODES[worst], (today - oldest).days if oldest else None) for pk, worst, oldest in rows}


def item_lines(items: Iterable[Item], worst: dict[int, tuple[str, int | None]]) -> list[ItemLine]:
    """Each item with how it stands."""
    return [ItemLine(item, *worst.get(item.id, (NOTHING_DUE, None))) for item in items]
