"""How long a turn stayed in each status, and with whom it was, read from its events alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tracker import clock
from tracker.history.columns import columns_of_row, pairs_in
from tracker.models import Assignment, Event, Occurrence, Office, Person
from tracker.models.legible import NO_MOMENT

WITH_THE_LEAD = frozenset({"assigned", "in_progress"})


@dataclass
class Stay:
    """One stay in a status: whole days of the body's calendar, `until` None while it lasts. `whom`: who had the ball in it,
    one after the other. `held`: of its days, those on hold."""

    status: str
    word: str
    since: date
    days: int = 0
    held: int = 0
    until: date | None = None
    whom: list[str] = field(default_factory=list)

    @property
    def here(self) -> bool:
        return self.until is None


@dataclass
class _Lead:
    """Who led, from when until when."""

    since: datetime
    office: int | None = None
    person: int | None = None
    until: datetime | None = None


def stays(turn: Occurrence, events: Iterable[Event]) -> list[Stay]:
    """The stays of a turn in the order in which they came; empty where its events may not be seen."""
    events = sorted((one for one in events if one.recorded_at != NO_MOMENT), key=lambda event: event.number)
    zone, now = ZoneInfo(turn.body.time_zone), clock.now()
    words = dict(Occurrence._meta.get_field("status").flatchoices)
    told = [(pairs_in(event.changes), event.recorded_at) for event in events]
    moves = [(str(pairs["status"][1]), moment) for pairs, moment in told if "status" in pairs]
    leads, holds = _leads(events), _holds(events, now)
    named = _names(leads)
    found = []
    for place, (status, start) in enumerate(moves):
        end = moves[place + 1][1] if place + 1 < len(moves) else None
        stay = Stay(status, str(words.get(status, status)), _day(start, zone), until=end and _day(end, zone))
        stay.days = max((_day(end or now, zone) - stay.since).days, 0)
        held = (
            (_day(min(until, end or now), zone) - _day(max(since, start), zone)).days
            for since, until in holds
            if since < (end or now) and until > start
        )
        stay.held = min(sum(days for days in held if days > 0), stay.days)
        stay.whom = _whom(turn, status, start, end or now, leads, named)
        found.append(stay)
    return found


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _leads(events: list[Event]) -> list[_Lead]:
    """Who led, from the rows of assignment that the events opened and ended."""
    open_: dict[int, _Lead] = {}
    parts: dict[int, dict[str, Any]] = {}
    found = []
    for event in events:
        rows: dict[int, dict[str, Any]] = {}
        for row, name, pair in columns_of_row(event, "assignment"):
            rows.setdefault(row, {})[name] = pair[1]
        for row, said in rows.items():
            parts.setdefault(row, {}).update(said)
            if row not in open_ and parts[row].get("part") == Assignment.Part.LEAD and "ended_at" not in said:
                office, person = (parts[row].get(name) for name in ("office", "person"))
                open_[row] = _Lead(event.recorded_at, _number(office), _number(person))
                found.append(open_[row])
            if row in open_ and said.get("ended_at"):
                open_[row].until = event.recorded_at
    return found


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _holds(events: list[Event], now: datetime) -> list[tuple[datetime, datetime]]:
    """From when until when it was on hold."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for event in events:
        on_hold = pairs_in(event.changes).get("on_hold")
        if on_hold and on_hold[1]:
            since = since or event.recorded_at
        elif on_hold and since:
            found.append((since, event.recorded_at))
            since = None
    return [*found, (since, now)] if since else found


def _names(leads: list[_Lead]) -> dict[tuple[str, int], str]:
    offices = Office.objects.filter(pk__in=[one.office for one in leads if one.office]) if leads else ()
    people = Person.objects.filter(pk__in=[one.person for one in leads if one.person]) if leads else ()
    return {("office", one.pk): str(one) for one in offices} | {("person", one.pk): str(one) for one in people}


def _whom(  # noqa: PLR0913  (a stay of a turn, its leads and their names)
    turn: Occurrence,
    status: str,
    start: datetime,
    end: datetime,
    leads: list[_Lead],
    named: dict[tuple[str, int], str],
) -> list[str]:
    """Who had the ball: those who had to assign it, the leads one after the other, the endorser, the body."""
    if status == "planned":
        return [_("%(body)s, to assign it") % {"body": turn.obligation.responsible}]
    if status in WITH_THE_LEAD:
        during = [one for one in leads if one.since < end and (one.until is None or one.until > start)]
        names = [
            named.get(("office", one.office)) if one.office else named.get(("person", one.person or 0))
            for one in during
        ]
        return list(dict.fromkeys(name for name in names if name))
    if status == "submitted":
        return [str(turn.obligation.endorser)]
    if status == "endorsed":
        return [_("%(body)s, to decide") % {"body": turn.body}]
    return []
