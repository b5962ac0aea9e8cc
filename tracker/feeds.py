"""Calendar feeds: what falls due, as iCalendar (RFC 5545), for calendar programs.

A feed says what the record says and nothing that changes by itself from day to day, so that the same record gives the same
bytes: no lateness, no "now". Days are whole days without a time zone. A name (UID) is made of references and stays; its
SEQUENCE counts the events that changed it and only rises.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, Timezone, TimezoneStandard, Todo

from tracker import access, clock
from tracker.models import (
    Assignment,
    Body,
    CalendarFeed,
    Meeting,
    Occurrence,
    Precision,
    Session,
    Sitting,
)
from tracker.models import Event as Recorded
from tracker.models.legible import NO_MOMENT
from tracker.summaries.dates import DEADLINE, Dated, dated

BACK = timedelta(days=366)
MOST = 500
"""Turns in a feed at most: those to come first, then the latest of those gone by."""
ALARMS = (timedelta(days=-14, hours=9), timedelta(days=-3, hours=9))
"""Nine in the morning, 14 and 3 days before the due day."""
CHANGES_A_TURN = (
    "occurrence.moved",
    "occurrence.due_date_changed",
    "occurrence.date_granted",
    "occurrence.waived",
    "occurrence.superseded",
    "occurrence.reopened",
)
CHANGES_A_DATE = (
    "session.moved",
    "session.changed",
    "meeting.moved",
    "meeting.changed",
    "sitting.changed",
    "rule.changed",
    "closed_day.added",
    "closed_day.ended",
)
OVER = frozenset({"waived", "superseded"})
TODO_STATUS = {
    "planned": "NEEDS-ACTION",
    "assigned": "NEEDS-ACTION",
    "in_progress": "IN-PROCESS",
    "waived": "CANCELLED",
    "superseded": "CANCELLED",
}
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Published:
    """A feed as it is sent, the hash of it, its language, and the moment before which nothing of it can have changed."""

    content: bytes
    digest: str
    language: str
    changed_at: datetime


@dataclass(frozen=True)
class Trace:
    """What the record says of a thing: how many of its events changed it, and when the last one was recorded."""

    changes: int = 0
    last: datetime | None = None


def publish(feed: CalendarFeed, *, now: datetime | None = None) -> Published:
    """A feed as its owner may see it now, in the owner's language. A constant number of queries."""
    now = now or clock.now()
    language = feed.owner.language or settings.LANGUAGE_CODE
    with translation.override(language):
        content = _calendar(feed, now.date()).to_ical()
    latest = Recorded.objects.order_by("-pk").values_list("recorded_at", flat=True).first()
    midnight = datetime.combine(now.date(), time.min, tzinfo=UTC)
    changed_at = max(moment for moment in (latest, midnight, feed.made_at) if moment and moment <= now)
    return Published(content, hashlib.sha256(content).hexdigest(), language, changed_at)


def _calendar(feed: CalendarFeed, today: date) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Resolves//Calendar feed//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", one_line(_name(feed)))
    calendar.add("x-published-ttl", "PT4H")
    turns, dates = _turns(feed, today), _dates(feed, today)
    for component in [*_of_turns(feed, turns), *_of_dates(feed, dates)]:
        calendar.add_component(component)
    if not calendar.subcomponents:
        calendar.add_component(_nothing())
    return calendar


def _name(feed: CalendarFeed) -> str:
    if feed.resolution:
        return _("%(what)s: what falls due") % {"what": feed.resolution.symbol}
    if feed.body:
        return _("%(what)s: what falls due") % {"what": feed.body.short_name}
    return _("My duties")


def one_line(text: object) -> str:
    """Words that no calendar program can take for the end of a line."""
    return _BREAKS.sub(" ", str(text)).strip()


# Which turns and dates ---------------------------------------------------------------------------------------------------


def _turns(feed: CalendarFeed, today: date) -> list[Occurrence]:
    """Those to come, then those of a year back, latest first; what waits for a date last."""
    found = _meant(feed, access.occurrences(feed.owner)).select_related(
        "resolution", "meeting__body", "session__body", "body", "obligation__paragraph"
    )
    ahead = list(found.filter(due_on__gte=today).order_by("due_on", "reference")[:MOST])
    gone = found.filter(due_on__lt=today, due_on__gte=today - BACK).order_by("-due_on", "reference")
    ahead += gone[: MOST - len(ahead)]
    if feed.kind == CalendarFeed.Kind.PERSON:
        ahead += found.filter(due_on=None).order_by("reference")[: MOST - len(ahead)]
    return ahead


def _meant(feed: CalendarFeed, found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    if feed.kind == CalendarFeed.Kind.RESOLUTION:
        return found.filter(resolution=feed.resolution)
    if feed.kind == CalendarFeed.Kind.BODY:
        return found.filter(Q(body=feed.body) | Q(obligation__responsible=feed.body))
    return found.filter(pk__in=_asked(feed).values("occurrence"))


def _asked(feed: CalendarFeed) -> QuerySet[Assignment]:
    """What the owner was asked to do, in person or by an office of theirs: what stands, and what a decision or an amendment
    took from them, so that their calendar hears that it is off."""
    offices = [seat.office for seat in access.seats(feed.owner)]
    until_it_ended = Q(occurrence__status__in=OVER, ended_at=F("occurrence__status_since"))
    return Assignment.objects.filter(Q(person=feed.owner) | Q(office__in=offices), Q(ended_at=None) | until_it_ended)


def _dates(feed: CalendarFeed, today: date) -> list[Dated]:
    found = dated(feed.owner, _bodies(feed))
    if feed.kind == CalendarFeed.Kind.RESOLUTION:
        mine = access.occurrences(feed.owner).filter(resolution=feed.resolution).order_by()
        sessions = set(mine.values_list("session", flat=True).distinct())
        meetings = set(mine.values_list("meeting", flat=True).distinct())
        found = [one for one in found if one.thing.pk in (meetings if isinstance(one.thing, Meeting) else sessions)]
    known = [one for one in found if one.first and one.precision == Precision.DAY]
    return [one for one in known if (one.last or one.first or today) >= today - BACK]


def _bodies(feed: CalendarFeed) -> set[int]:
    """The bodies whose calendar belongs into a feed: with the groups under them, for a person with those above."""
    if feed.kind == CalendarFeed.Kind.PERSON:
        return {body.pk for seat in access.seats(feed.owner) for body in seat.office.body.lineage()}
    top = feed.resolution.body_id if feed.resolution else feed.body_id
    below = set(Body.objects.filter(Q(pk=top) | Q(parent=top) | Q(parent__parent=top)).values_list("pk", flat=True))
    if feed.resolution:  # a duty may hang on another body's session
        others = access.occurrences(feed.owner).filter(resolution=feed.resolution).order_by()
        below |= set(others.exclude(session=None).values_list("session__body", flat=True).distinct())
    return below


# What the record says of them --------------------------------------------------------------------------------------------


def _traces(kind: str, ids: Iterable[int], verbs: tuple[str, ...]) -> dict[int, Trace]:
    rows = Recorded.objects.filter(subject_type=kind, subject_id__in=set(ids)).order_by().values("subject_id")
    moves = Q(verb__in=verbs) | Q(verb="occurrence.assigned", changes__has_key="due_on")
    found = rows.annotate(changes=Count("pk", filter=moves), last=Max("recorded_at"))
    return {row["subject_id"]: Trace(row["changes"], _moment(row["last"])) for row in found}


def _of_turns(feed: CalendarFeed, turns: list[Occurrence]) -> Iterator[Event | Todo]:
    traces = _traces("occurrence", (turn.pk for turn in turns), CHANGES_A_TURN)
    owed: dict[int, Assignment] = {}
    if feed.kind == CalendarFeed.Kind.PERSON:
        asked = _asked(feed).filter(occurrence__in=[turn.pk for turn in turns])
        owed = {one.occurrence_id: one for one in asked.order_by("part", "pk")}  # leading ("lead") comes last and wins
    for turn in turns:
        trace = traces.get(turn.pk, Trace())
        mine = owed.get(turn.pk)
        owes = mine is not None and mine.ended_at is None and mine.done_at is None and turn.status in TODO_STATUS
        if turn.due_on:
            yield _due_day(turn, trace, alarmed=owes)
        if mine is not None:
            yield _todo(turn, trace, mine)


def _due_day(turn: Occurrence, trace: Trace, *, alarmed: bool) -> Event:
    event = Event()
    title = one_line(_("Due: %(title)s") % {"title": turn.obligation.title})
    _describe(event, _uid(f"due/{turn.reference}"), title, trace, turn.opened_at)
    assert turn.due_on is not None  # noqa: S101  (asked for by the caller)
    _days(event, turn.due_on, turn.due_on)
    event.add("status", "CANCELLED" if turn.status in OVER else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    _of_the_turn(event, turn)
    if alarmed:
        for before in ALARMS:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", title)
            alarm.add("trigger", before)
            event.add_component(alarm)
    return event


def _todo(turn: Occurrence, trace: Trace, mine: Assignment) -> Todo:
    """The turn as a task of the owner's: to do, at work, done, or off."""
    todo = Todo()
    _describe(todo, _uid(f"task/{turn.reference}"), one_line(turn.obligation.title), trace, turn.opened_at)
    if turn.due_on:
        todo.add("due", turn.due_on)
        todo.add("related-to", _uid(f"due/{turn.reference}"))
    done = mine.done_at is not None and turn.status not in OVER
    todo.add("status", "COMPLETED" if done else TODO_STATUS.get(turn.status, "COMPLETED"))
    _of_the_turn(todo, turn)
    return todo


def _of_the_turn(component: Event | Todo, turn: Occurrence) -> None:
    paragraph = turn.obligation.paragraph
    lines = [
        _("%(symbol)s, item %(item)s") % {"symbol": turn.resolution.symbol, "item": paragraph.label or paragraph.path},
        str(turn.meeting or turn.session or ""),
        _("Status: %(status)s") % {"status": turn.get_status_display()},
        turn.reference,
    ]
    component.add("description", "\n".join(one_line(line) for line in lines if line))
    component.add("categories", [one_line(turn.body.short_name), one_line(turn.resolution.symbol)])
    component.add("url", settings.SITE_URL + reverse("occurrence", args=[turn.body.slug, turn.short_reference]))


def _of_dates(feed: CalendarFeed, dates: list[Dated]) -> Iterator[Event]:
    things: dict[str, set[int]] = {"session": set(), "sitting": set(), "meeting": set(), "deadlinerule": set()}
    for one in dates:
        things[_kind(one.thing)].add(one.thing.pk)
        if isinstance(one.thing, Sitting):
            things["session"].add(one.thing.session_id)
        if one.rule is not None:
            things["deadlinerule"].add(one.rule.pk)
    traces = {kind: _traces(kind, ids, CHANGES_A_DATE) for kind, ids in things.items() if ids}
    closed = _closings(one.body.pk for one in dates if one.rule is not None and one.rule.working)
    for one in dates:
        parts = [traces.get(_kind(one.thing), {}).get(one.thing.pk)]
        if isinstance(one.thing, Sitting):
            parts.append(traces.get("session", {}).get(one.thing.session_id))
        if one.rule is not None:
            parts.append(traces.get("deadlinerule", {}).get(one.rule.pk))
            parts.append(closed.get(one.body.pk) if one.rule.working else None)
        yield _date(one, _together(part for part in parts if part), feed.made_at)


def _kind(thing: Session | Sitting | Meeting) -> str:
    return str(thing._meta.model_name)


def _closings(bodies: Iterable[int]) -> dict[int, Trace]:
    """What changed the working calendar of a body: it moves deadlines that count in working days."""
    these = set(bodies)
    if not these:
        return {}
    rows = Recorded.objects.filter(subject_type="closedday", body__in=these).order_by().values("body")
    found = rows.annotate(changes=Count("pk", filter=Q(verb__in=CHANGES_A_DATE)), last=Max("recorded_at"))
    return {row["body"]: Trace(row["changes"], _moment(row["last"])) for row in found}


def _moment(moment: datetime | None) -> datetime | None:
    return None if moment == NO_MOMENT else moment


def _together(traces: Iterable[Trace]) -> Trace:
    found = list(traces)
    return Trace(sum(one.changes for one in found), max((one.last for one in found if one.last), default=None))


def _date(one: Dated, trace: Trace, otherwise: datetime) -> Event:
    event = Event()
    _describe(event, _uid(one.key), one_line(one.title), trace, otherwise)
    assert one.first is not None  # noqa: S101  (only what is known to the day comes here)
    _days(event, one.first, one.last or one.first)
    event.add("status", "CANCELLED" if one.is_off else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if one.place:
        event.add("location", one_line(one.place))
    event.add("categories", [one_line(one.body.short_name), _("Deadline") if one.kind == DEADLINE else _("Session")])
    event.add("url", settings.SITE_URL + one.href)
    return event


# How it is written -------------------------------------------------------------------------------------------------------


def _uid(key: str) -> str:
    return f"{key}@{urlsplit(settings.SITE_URL).hostname or 'resolves'}"


def _describe(component: Event | Todo, uid: str, title: str, trace: Trace, otherwise: datetime) -> None:
    """What every component has; without an event of its own in the record it is as old as what it stands on."""
    moment = (trace.last or otherwise).astimezone(UTC).replace(microsecond=0)
    component.add("uid", uid)
    component.add("dtstamp", moment)
    component.add("last-modified", moment)
    component.add("sequence", trace.changes)
    component.add("summary", title)


def _days(event: Event, first: date, last: date) -> None:
    """Whole days: the end is the day after the last one."""
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))


def _nothing() -> Any:
    """A calendar must hold a component, and an empty one has nothing else to say."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "UTC")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  (RFC 5545: local time)
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone.add_component(standard)
    return zone
