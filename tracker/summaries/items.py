"""The operative items of a body's resolutions in force, and how each stands: by the worst of its occurrences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, FilteredRelation, Min, Q, QuerySet

from tracker import queries
from tracker.marks import ORDER
from tracker.models import Assignment, Occurrence, Paragraph, Version
from tracker.summaries.scope import UNDISCHARGED, Sight

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
    version that is not in force any more, with occurrences all the same). Two queries, or three."""
    versions = sight.versions.defer("text")
    if resolution:
        versions = versions.filter(resolution__slug=resolution)
    current = {version.pk for version in in_force(versions, day).values()}
    found = _items(sight, Q(version__in=current), current)
    if missing := set(beside) - {
        item.id for item in found
    }:  # named by their ids only where that is needed: they may be many
        found = _items(sight, Q(version__in=current) | Q(pk__in=missing), current)
    return found


def _items(sight: Sight, chosen: Q, current: set[int]) -> list[Item]:
    paragraphs = (
        sight.paragraphs.filter(chosen, kind=Paragraph.Kind.OPERATIVE)
        .order_by("version__resolution__slug", "-version__in_force_from", "position")
        .values_list(
            "pk", "version_id", "version__resolution_id", "version__resolution__symbol", "path", "label", "disposition"
        )
    )
    return [
        Item(pk, version, owner, symbol, path, label, version in current, disposition)
        for pk, version, owner, symbol, path, label, disposition in paragraphs
    ]


@dataclass(frozen=True)
class Tally:
    """What was counted of some occurrences: how many bear which mark, how many are past due, how many are led by an office
    that no one holds; and of each paragraph its worst mark, with the days of the oldest past due one that bears it."""

    marks: dict[str, int]
    past_due: int
    vacant: int
    worst: dict[int, tuple[str, int | None]]

    @property
    def endorsed(self) -> int:
        """How many await the body's decision."""
        return sum(self.marks.get(code, 0) for code in ("endorsed", "received", "nothing"))


def tally(found: QuerySet[Occurrence], today: date) -> Tally:
    """Count the occurrences that `queries.ranked` ranked, by paragraph and mark. Three queries."""
    past = Q(due_on__lt=today, status__in=UNDISCHARGED)
    empty = Q(status__in=UNDISCHARGED, lead__office__in=queries.vacant_offices(today))
    led = Q(assignments__part=Assignment.Part.LEAD, assignments__ended_at=None)
    rows = (
        found.order_by()
        .alias(lead=FilteredRelation("assignments", condition=led))
        .values("obligation__paragraph", "mark_rank")
        .annotate(
            number=Count("pk"), late=Count("pk", filter=past), oldest=Min("due_on", filter=past),
            vacant=Count("pk", filter=empty),
        )
        .values_list("obligation__paragraph", "mark_rank", "number", "late", "oldest", "vacant")
    )  # fmt: skip
    every = list(rows)
    marks: dict[str, int] = {}
    worst: dict[int, int] = {}
    late_since: dict[int, date] = {}
    due_since: dict[int, date] = {}
    for paragraph, rank, number, _late, oldest, _vacant in every:
        marks[CODES[rank]] = marks.get(CODES[rank], 0) + number
        worst[paragraph] = min(rank, worst.get(paragraph, rank))
        if oldest:
            due_since[paragraph] = min(oldest, due_since.get(paragraph, oldest))
        if oldest and CODES[rank] == "late":
            late_since[paragraph] = oldest
    since = due_since | late_since  # late by so many days is said of what is late, not of older silence
    return Tally(
        {code: marks[code] for code in CODES if code in marks},
        sum(row[3] for row in every),
        sum(row[5] for row in every),
        {pk: (CODES[rank], (today - since[pk]).days if pk in since else None) for pk, rank in worst.items()},
    )


def worst_marks(found: QuerySet[Occurrence], today: date) -> dict[int, tuple[str, int | None]]:
    """Paragraph → code of the worst mark of its occurrences, and the days of the oldest past due one that bears it."""
    return tally(found, today).worst


def item_lines(items: Iterable[Item], worst: dict[int, tuple[str, int | None]]) -> list[ItemLine]:
    """Each item with how it stands."""
    return [ItemLine(item, *worst.get(item.id, (NOTHING_DUE, None))) for item in items]
