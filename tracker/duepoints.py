"""Due points where the database may be read: on which day one falls, by whose working days, and what it says in words.

`deadlines` does the sums. Here: which days a body's duty station works on, what a turn hangs on, and the chain from there
over a document deadline to the due day. Nothing here changes anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import holidays
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.deadlines import Works, due_point, working_day
from tracker.models import Body, ClosedDay, DeadlineRule, Meeting, Obligation, Occurrence, Session, State

Anchor, Kind = Obligation.Anchor, Obligation.Kind
NO_DATE = frozenset({State.POSTPONED, State.CANCELLED})


# Duty stations ---------------------------------------------------------------------------------------------------------


def known_station(country: str, subdivision: str = "") -> bool:
    """Whether the public holidays of a country, and of a part of it, are known."""
    countries = holidays.list_supported_countries()
    if len(country) != 2 or country not in countries:
        return False
    return not subdivision or subdivision in countries[country]


@dataclass(frozen=True)
class Station:
    """The duty station of a body: where it is ("" where none is recorded: Monday to Friday), whose record says so, and
    the days on which it departs from its country's calendar."""

    country: str = ""
    subdivision: str = ""
    of: Body | None = None
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    public: holidays.HolidayBase | None = None

    def works(self, day: date) -> bool:
        """Whether it works on a day: what the body itself says of the day, else its country's weekend and holidays."""
        if day in self.opened or day in self.closed:
            return day in self.opened
        return self.public.is_working_day(day) if self.public is not None else working_day(day)

    @property
    def place(self) -> str:
        """Such as `CH-GE`; empty where none is recorded."""
        return "-".join(filter(None, (self.country, self.subdivision)))

    def public_holidays(self, year: int) -> list[tuple[date, str]]:
        """The public holidays of a year, in order, with their names in the reader's language where they are known in it."""
        if self.public is None:
            return []
        spoken = (get_language() or "en").partition("-")[0]
        known = [one for one in self.public.supported_languages if one.partition("_")[0] == spoken]
        found = holidays.country_holidays(
            self.country, subdiv=self.subdivision or None, years=year, language=next(iter(known), None)
        )
        return sorted(found.items())


@dataclass
class Stations:
    """The working days of bodies, read once for any number of questions."""

    known: dict[int, Station] = field(default_factory=dict)

    def of(self, body: Body) -> Station:
        """A body's duty station: its own, or that of the nearest body above it that has one. Closed days count from the
        body itself up to there; where two speak of one day, the nearer body's word holds."""
        if body.pk not in self.known:
            self.known[body.pk] = _station(body)
        return self.known[body.pk]


def _station(body: Body) -> Station:
    lineage = body.lineage()
    seat = next((one for one in lineage if one.country), None)
    heard = lineage[: lineage.index(seat) + 1] if seat else lineage
    days: dict[date, bool] = {}
    rank = {one.pk: place for place, one in enumerate(heard)}
    rows = ClosedDay.objects.filter(body__in=heard, ended_at=None)
    for row in sorted(rows, key=lambda row: rank[row.body_id]):
        days.setdefault(row.day, row.works)
    closed = frozenset(day for day, works in days.items() if not works)
    opened = frozenset(day for day, works in days.items() if works)
    if seat is None or not known_station(seat.country, seat.subdivision):
        return Station(closed=closed, opened=opened)
    public = holidays.country_holidays(seat.country, subdiv=seat.subdivision or None)
    return Station(seat.country, seat.subdivision, seat, closed, opened, public)


# The day ---------------------------------------------------------------------------------------------------------------


def deadline_day(rule: DeadlineRule, opening: date | None, stations: Stations) -> date | None:
    """The day of a document deadline before a session that opens on a day."""
    return due_point(opening, -rule.days_before, stations.of(rule.body).works if rule.working else None)


def due_day(obligation: Obligation, anchor: date | None, stations: Stations) -> date | None:
    """The due day of a duty, counted from the day of what it hangs on: over its document deadline where it has one, then
    by its own days. Working days are those of the body that is responsible."""
    if obligation.anchor_rule is not None:
        anchor = deadline_day(obligation.anchor_rule, anchor, stations)
    works: Works | None = stations.of(obligation.responsible).works if obligation.offset_working else None
    return due_point(anchor, obligation.offset_days, works)


def anchor_day(thing: Session | Meeting | None) -> date | None:
    """The day that a due point counts from: the first day, where it is known to the day and stands."""
    return thing.opening_day if thing is not None and thing.state not in NO_DATE else None


def hangs_on(turn: Occurrence) -> date | None:
    """The day that a turn hangs on: its meeting's, its event's, or its session's. A periodic turn hangs on none: it only
    stands in the column of a session."""
    if turn.occasion is not None:
        return turn.occasion.happened_on
    if turn.meeting is not None:
        return anchor_day(turn.meeting)
    return anchor_day(turn.session) if turn.period is None else None


def counts_working_days(obligation: Obligation) -> bool:
    """Whether any part of its due point is counted in working days."""
    return obligation.offset_working or bool(obligation.anchor_rule and obligation.anchor_rule.working)


# In words --------------------------------------------------------------------------------------------------------------


def in_words(duty: Obligation) -> str:
    """When a duty is due, in words: "30 days before each session of the Council"."""
    if duty.kind == Kind.PERIODIC:
        return _periodic_words(duty)
    if duty.anchor == Anchor.DATE:
        return date_format(duty.due_date, "DATE_FORMAT") if duty.due_date else _("date not recorded")
    return _offset_words(duty.offset_days, duty.offset_working, _point_words(duty))


def rule_in_words(rule: DeadlineRule) -> str:
    """A document deadline in words: "14 days before each session of the Council"."""
    every = _("each session of %(body)s") % {"body": rule.body}
    return _offset_words(-rule.days_before, rule.working, every)


def _periodic_words(duty: Obligation) -> str:
    months = duty.interval_months or 0
    if duty.counted_from == Obligation.CountedFrom.COMPLETION:
        said = ngettext(
            "%(months)s month after the last completion", "%(months)s months after the last completion", months
        )
    else:
        said = ngettext("every %(months)s month", "every %(months)s months", months)
    words = said % {"months": months} if months else _("period not recorded")
    if duty.due_date is None:
        return words
    day = date_format(duty.due_date, "DATE_FORMAT")
    return _("%(every)s, counted from %(day)s") % {"every": words, "day": day}


def _point_words(duty: Obligation) -> str:
    """What the days are counted from."""
    if duty.anchor == Anchor.NONE:
        return _("the event (%(event)s)") % {"event": duty.trigger} if duty.trigger else _("its event")
    if duty.anchor == Anchor.MEETING:
        each = _("each meeting of %(body)s") % {"body": duty.anchor_body}
        return str(duty.anchor_meeting) if duty.anchor_meeting else each
    session = str(duty.anchor_session or _("each session of %(body)s") % {"body": duty.anchor_body})
    if duty.anchor_rule is None:
        return session
    return _("the document deadline “%(rule)s” of %(session)s") % {"rule": duty.anchor_rule, "session": session}


def _offset_words(days: int, working: bool, point: str) -> str:
    if not days:
        on = _("on the day of %(point)s")
        return on % {"point": point}
    number = abs(days)
    phrase: Callable[[int], str] = {
        (False, True): lambda n: ngettext("%(days)s day before %(point)s", "%(days)s days before %(point)s", n),
        (False, False): lambda n: ngettext("%(days)s day after %(point)s", "%(days)s days after %(point)s", n),
        (True, True): lambda n: ngettext(
            "%(days)s working day before %(point)s", "%(days)s working days before %(point)s", n
        ),
        (True, False): lambda n: ngettext(
            "%(days)s working day after %(point)s", "%(days)s working days after %(point)s", n
        ),
    }[working, days < 0]
    return phrase(number) % {"days": number, "point": point}
