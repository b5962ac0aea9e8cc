"""The summary of the week that a chair gets: on the first working day of each week, where anything is open in their group.

One a week and body is promised; a week that was missed is not made up for. What it says is read when it is sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_noop

from tracker import clock, queries
from tracker.ball import Roster
from tracker.duepoints import Stations
from tracker.models import Body, Notice, Occurrence, Role
from tracker.templatetags.resolves import day_in_words, distance
from workflows.machines import OPEN, UNDISCHARGED, Status

NOTHING_TO_SAY = gettext_noop("nothing to say")
WEEK_OVER = gettext_noop("its week is over")
AHEAD = timedelta(days=30)
WEEK = timedelta(days=7)
NAMED = {"late": 20}
FEW = 10


def plan() -> int:
    """Promise the summaries of this week, unless its first working day has passed, and of the next; returns how many are new.
    A week without a working day has none. Safe to run twice."""
    open_in = set(_open().order_by().values_list("obligation__responsible", flat=True).distinct())
    stations, rosters = Stations(), dict[date, Roster]()
    notices: list[Notice] = []
    for body in Body.objects.filter(pk__in=open_in).select_related("parent__parent__parent"):
        today = clock.today(body.time_zone)
        if today not in rosters:
            rosters[today] = Roster.on(today)
        if rosters[today].seated(body, Role.CHAIR) is None:
            continue
        weeks = (_monday(today), _monday(today + WEEK))
        first_days = [next(filter(stations.of(body).works, _days(week)), None) for week in weeks]
        notices += [_promise(body, day) for day in first_days if day is not None and day >= today]
    known = set(Notice.objects.filter(key__in=[one.key for one in notices]).values_list("key", flat=True))
    new = [one for one in notices if one.key not in known]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def outdated(notice: Notice, today: date) -> str:
    """Why a summary need not be told any more ("" where it does)."""
    if notice.body is None or _monday(notice.planned_for) != _monday(today):
        return WEEK_OVER
    return "" if _open().filter(obligation__responsible=notice.body).exists() else NOTHING_TO_SAY


def _promise(body: Body, day: date) -> Notice:
    year, week, _weekday = day.isocalendar()
    return Notice(
        key=f"{Notice.Kind.WEEKLY}:{body.pk}:{year}-{week:02}",
        kind=Notice.Kind.WEEKLY,
        audience=Notice.Audience.CHAIR,
        body=body,
        planned_for=day,
        created_at=clock.now(),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days(monday: date) -> Iterator[date]:
    return (monday + timedelta(days=days) for days in range(7))


def _open() -> QuerySet[Occurrence]:
    return Occurrence.objects.filter(status__in=OPEN)


# What it says ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A number of the summary, in which state, and where its list is."""

    label: str
    count: int
    link: str


@dataclass(frozen=True)
class Line:
    """An item that it names."""

    title: str
    reference: str
    link: str
    due_day: str
    away: str


@dataclass(frozen=True)
class Part:
    """The first of a kind, how many there are, and where they all are."""

    lines: list[Line] = field(default_factory=list)
    count: int = 0
    link: str = ""

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def facts(body: Body) -> dict[str, Any]:
    """What the summary of a group says today, in the language that is on: counts by status, what is past due, unassigned,
    waiting for endorsement, and what falls due within 30 days. A constant number of queries."""
    today = clock.today(body.time_zone)
    found = _open().filter(obligation__responsible=body)
    counts = dict(found.order_by().values("status").annotate(number=Count("pk")).values_list("status", "number"))
    undischarged = found.filter(status__in=UNDISCHARGED)
    by_day = (F("due_on").asc(nulls_last=True), "reference")
    parts = {
        "late": (queries.past_due(found, today), "only=late"),
        "unassigned": (found.filter(status=Status.PLANNED), f"status={Status.PLANNED}"),
        "endorsement": (found.filter(status=Status.SUBMITTED), f"status={Status.SUBMITTED}"),
        "coming": (undischarged.filter(due_on__gte=today, due_on__lte=today + AHEAD), "order=due"),
    }
    return {
        "body": str(body),
        "board": _board(body, ""),
        "figures": [
            Figure(str(Status(status).label), counts[status], _board(body, f"status={status}"))
            for status in OPEN
            if status in counts
        ],
        "total": sum(counts.values()),
        "parts": {
            name: _part(rows.order_by(*by_day), _board(body, query), today, NAMED.get(name, FEW))
            for name, (rows, query) in parts.items()
        },
    }


def _board(body: Body, query: str) -> str:
    return settings.SITE_URL + reverse("board") + f"?group={body.slug}" + (f"&{query}" if query else "")


def _part(found: QuerySet[Occurrence], link: str, today: date, named: int) -> Part:
    rows = list(found.select_related("body", "obligation")[: named + 1])
    count = len(rows) if len(rows) <= named else found.count()
    return Part([_line(one, today) for one in rows[:named]], count, link)


def _line(one: Occurrence, today: date) -> Line:
    place = {"body": one.body.slug, "short": one.short_reference}
    return Line(
        title=one.obligation.title,
        reference=one.short_reference,
        link=settings.SITE_URL + reverse("occurrence", kwargs=place),
        due_day=day_in_words(one.due_on) if one.due_on else "",
        away=distance(one.due_on, today) if one.due_on else "",
    )
