"""Several things in one mail: what asks something of its reader, what is late until it is discharged, what is coming, what is
for their information, and the weekly summary. One row an item, however much there is to say of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker import clock
from tracker.access import CHAIR, LEAD
from tracker.ball import Ball
from tracker.models import Notice, Occurrence
from tracker.templatetags.resolves import comma, distance
from workflows.machines import UNDISCHARGED, Status
from workflows.notices import facts
from workflows.notices.letters import subject_line

Kind, Audience = Notice.Kind, Notice.Audience
ASKS, LATE, COMING, TOLD, WEEK = "asks", "late", "coming", "told", "week"
SECTIONS = (ASKS, LATE, COMING, TOLD, WEEK)
LINKED = (ASKS, LATE, COMING)
ASKING = frozenset(
    {
        Kind.LINK_USED,
        Kind.BOUNCED,
        Kind.ASSIGNED,
        Kind.SENT_BACK,
        Kind.DECLINED,
        Kind.TO_VALIDATE,
        Kind.SUBMITTED,
        Kind.DATE_ASKED,
        Kind.HANDED_OVER,
    }
)
WITH_LINKS = 40
"""Items for which a list has one-use links; below them their pages are linked."""
NEVER = date.max


@dataclass
class Item:
    """A row: what there is to say of one item, the most pressing first."""

    section: str
    due_on: date
    notices: list[Notice] = field(default_factory=list)
    occurrence: Occurrence | None = None
    said_before: bool = False


def lay_out(  # noqa: PLR0913  (a mail has that many parts)
    ordered: list[Notice],
    reader: facts.Reader,
    balls: dict[int, Ball | None],
    before: Iterable[Occurrence],
    more_before: int,
    most: int,
) -> dict[str, Any]:
    """What the templates say: the sections with their rows, and the parts of the subject. `ordered` are the notices, what asks
    for an act first; `before` what is late and was said before, and `more_before` how much more of that there is. At most
    `most` rows are shown, the rest is counted."""
    items = sorted(_items(ordered, before), key=lambda one: (SECTIONS.index(one.section), one.said_before, one.due_on))
    linkable = [one.occurrence for one in items if one.occurrence and one.section in LINKED and not one.said_before]
    reader.expect(linkable[:WITH_LINKS])
    sections, shown, linked = [], 0, 0
    for code in SECTIONS:
        here = [one for one in items if one.section == code]
        count = len(here) + (more_before if code == LATE else 0)
        if not count:
            continue
        rows = []
        for one in here if code == WEEK else here[: most - shown]:
            said = _row(one, reader, balls)
            if code in LINKED and not one.said_before and linked < WITH_LINKS:
                said, linked = facts.with_links(said, reader), linked + 1
            rows.append(said)
        shown = min(most, shown + len(rows))
        sections.append(
            {
                "code": code,
                "name": _names()[code],
                "rows": rows,
                "more": count - len(rows),
                "count": count,
                "first": here,
            }
        )
    return {
        "sections": sections,
        "count": sum(section["count"] for section in sections),
        "parts": comma().join(_part(section) for section in sections),
        "tasks": settings.SITE_URL + reverse("tasks"),
    }


def _names() -> dict[str, str]:
    return {
        ASKS: _("Asked of you"),
        LATE: _("Late until it is handed in"),
        COMING: _("Coming"),
        TOLD: _("For your information"),
        WEEK: _("The week"),
    }


def _items(ordered: list[Notice], before: Iterable[Occurrence]) -> list[Item]:
    """One row an item, in the most pressing of the sections that its notices belong to."""
    found: dict[object, Item] = {}
    for notice in ordered:
        section, occurrence = _section(notice), notice.occurrence
        due_on = (occurrence.due_on if occurrence else None) or NEVER
        item = found.setdefault(notice.occurrence_id or notice.key, Item(section, due_on, occurrence=occurrence))
        if SECTIONS.index(section) < SECTIONS.index(item.section):
            item.section = section
            item.notices.insert(0, notice)
        else:
            item.notices.append(notice)
    late = [Item(LATE, one.due_on or NEVER, occurrence=one, said_before=True) for one in before]
    return [*found.values(), *late]


def _section(notice: Notice) -> str:
    if notice.kind == Kind.WEEKLY:
        return WEEK
    if notice.kind in ASKING:
        return ASKS
    occurrence = notice.occurrence
    if notice.kind != Kind.REMINDER or notice.audience in {Audience.CHAIR, Audience.SECRETARIAT} or occurrence is None:
        return TOLD
    if occurrence.status not in UNDISCHARGED:  # it waits to be read
        return ASKS
    return LATE if occurrence.due_on and occurrence.due_on < clock.today(occurrence.body.time_zone) else COMING


def _row(item: Item, reader: facts.Reader, balls: dict[int, Ball | None]) -> dict[str, Any]:
    """What the templates say of an item."""
    if not item.notices:
        return _said_before(item)
    first, *others = [facts.of_notice(notice, reader, balls.get(notice.pk)) for notice in item.notices]
    dated = item.section == ASKS  # its row says when it is due: that need not be said beside it
    also = [subject_line(one["kind"], one) for one in others if not (dated and one["kind"] == Kind.REMINDER)]
    if first["kind"] == Kind.WEEKLY:
        return first
    return first | {"headline": subject_line(first["kind"], first), "also": also}


def _said_before(item: Item) -> dict[str, Any]:
    assert item.occurrence is not None  # noqa: S101  (it is late by its day)
    capacity = CHAIR if item.occurrence.status == Status.PLANNED else LEAD
    said = {"kind": Kind.REMINDER, "occurrence": item.occurrence, "capacity": capacity, "said_before": True}
    said |= facts.of_occurrence(item.occurrence)
    return said | {"headline": subject_line(Kind.REMINDER, said), "also": []}


def _part(section: dict[str, Any]) -> str:
    """A section in the subject: "1 late", "2 due, the first in 3 days"."""
    count: int = section["count"]
    if section["code"] == WEEK:
        return _("the week in %(body)s") % {"body": section["rows"][0]["body"]} if count == 1 else _("the week")
    if section["code"] == COMING:
        first: Item = section["first"][0]
        today = clock.today(first.occurrence.body.time_zone) if first.occurrence else clock.today()
        said = ngettext("%(count)s due %(away)s", "%(count)s due, the first %(away)s", count)
        return said % {"count": count, "away": distance(first.due_on, today)}
    said = {
        ASKS: ngettext("%(count)s asked of you", "%(count)s asked of you", count),
        LATE: ngettext("%(count)s late", "%(count)s late", count),
        TOLD: ngettext("%(count)s to know", "%(count)s to know", count),
    }[section["code"]]
    return said % {"count": count}
