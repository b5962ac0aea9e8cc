"""The ledger of completeness: is every operative item of a version accounted for? "7 of 7 items accounted for"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from tracker.models import Paragraph, Resolution, Version

NAMED = 12


@dataclass(frozen=True)
class Ledger:
    """How far the intake of a version has come. `missing` names the first items that nobody has accounted for."""

    body: str
    slug: str
    symbol: str
    title: str
    label: str
    designation: str
    text_recorded: bool
    confirmed: bool
    items: int
    accounted: int
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Every item is accounted for, and there is one."""
        return self.items > 0 and self.items == self.accounted


def ledgers(paragraphs: QuerySet[Paragraph], versions: Iterable[Version]) -> list[Ledger]:
    """The ledger of each version, in the order given, from the paragraphs that a reader may see. Two queries for any
    number."""
    versions = list(versions)
    operative = paragraphs.filter(version__in=[v.pk for v in versions], kind=Paragraph.Kind.OPERATIVE)
    counted = {
        row["version"]: row
        for row in operative.order_by()
        .values("version")
        .annotate(items=Count("pk"), open=Count("pk", filter=Q(disposition="")))
    }
    missing: dict[int, list[str]] = {}
    for version_id, label, path in (
        operative.filter(disposition="").order_by("position").values_list("version_id", "label", "path")
    ):
        missing.setdefault(version_id, []).append(label or path)
    return [_ledger(v, v.resolution, counted.get(v.pk), missing.get(v.pk, [])) for v in versions]


def _ledger(version: Version, resolution: Resolution, row: Any, missing: list[str]) -> Ledger:
    items = row["items"] if row else 0
    return Ledger(
        body=resolution.body.slug,
        slug=resolution.slug,
        symbol=resolution.symbol,
        title=version.title or resolution.title,
        label=version.label,
        designation=version.designation or version.label,
        text_recorded=version.text_recorded,
        confirmed=version.tracking == Version.Tracking.CONFIRMED,
        items=items,
        accounted=items - (row["open"] if row else 0),
        missing=tuple(missing[:NAMED]),
    )
