"""A version as JSON: its text, its paragraphs with their places, what was read of each, how each is accounted for, its duties."""

from collections.abc import Iterable, Sequence
from typing import Any

from tracker.models import Obligation, Paragraph, Version

FORM = "resolves-version/1"


def as_json(version: Version, paragraphs: Sequence[Paragraph], duties: Iterable[Obligation]) -> dict[str, Any]:
    """Plain values, days in ISO 8601. Offsets of `spans` count characters of `text`."""
    resolution = version.resolution
    owed: dict[int, list[dict[str, Any]]] = {}
    for duty in duties:
        owed.setdefault(duty.paragraph_id, []).append(_duty(duty))
    paths = {one.pk: one.path for one in paragraphs}
    return {
        "form": FORM,
        "resolution": {
            "reference": resolution.reference,
            "symbol": resolution.symbol,
            "title": resolution.title,
            "body": {"slug": resolution.body.slug, "name": resolution.body.name},
        },
        "version": {
            "label": version.label,
            "designation": version.designation,
            "title": version.title,
            "enacting": version.enacting,
            "adopted_at": version.adopted_at.code if version.adopted_at else None,
            "in_force_from": _day(version.in_force_from),
            "in_force_from_precision": version.in_force_from_precision,
            "in_force_until": _day(version.in_force_until),
            "tracking": version.tracking,
            "text_sha256": version.text_hash,
        },
        "text": version.text,
        "paragraphs": [_paragraph(one, paths, owed.get(one.pk, [])) for one in paragraphs],
    }


def _paragraph(one: Paragraph, paths: dict[int, str], duties: list[dict[str, Any]]) -> dict[str, Any]:
    said = {
        "kind": one.kind,
        "path": one.path,
        "label": one.label,
        "parent": paths.get(one.parent_id or 0),
        "heading": one.heading,
        "section": one.section,
        "text": one.text,
        "spans": one.spans,
    }
    if one.kind == Paragraph.Kind.PREAMBULAR:
        return said
    return said | {
        "read": one.proposal,
        "disposition": one.disposition or None,
        "disposition_reason": one.disposition_reason,
        "covered_by": paths.get(one.covered_by_id or 0),
        "duties": duties,
    }


def _duty(duty: Obligation) -> dict[str, Any]:
    return {
        "reference": duty.reference,
        "title": duty.title,
        "kind": duty.kind,
        "anchor": duty.anchor,
        "anchor_body": duty.anchor_body.slug if duty.anchor_body else None,
        "anchor_session": duty.anchor_session.code if duty.anchor_session else None,
        "offset_days": duty.offset_days,
        "offset_working": duty.offset_working,
        "due_date": _day(duty.due_date),
        "interval_months": duty.interval_months,
        "trigger": duty.trigger,
        "responsible": duty.responsible.slug,
        "endorser": duty.endorser.slug,
        "confirmed": duty.confirmed,
    }


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
