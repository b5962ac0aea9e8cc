"""The rules of a body's calendar: its document deadlines, its duty station, and the days on which that departs from its
country's calendar. A change moves the open turns that hang on it and lie ahead, in one audited act, counted as moved with
the calendar. What is discharged, and what has passed its day, is never rewritten.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker import clock
from tracker.duepoints import Stations, due_day, hangs_on, known_station
from tracker.marks import discharge
from tracker.models import Body, ClosedDay, DeadlineRule, Obligation, Occurrence, Person
from workflows.machines import OPEN
from workflows.steps.beats import said
from workflows.steps.bodies import YEARS, BodyAct, NotTheMoment, acting_on_body, checked
from workflows.steps.moves import Moved, carry, with_due_points

MOST_DAYS = 1000
LONGEST_CLOSURE = 60


# Document deadlines ----------------------------------------------------------------------------------------------------


def add_deadline_rule(  # noqa: PLR0913  (a rule has that many parts)
    body: Body, *, name: str, days_before: int, by: Person, working: bool = False, source: str = ""
) -> DeadlineRule:
    """A document deadline before each session of a body. Its short name in addresses is made of its name and stays."""
    with acting_on_body(body, "set_rules", by=by) as act:
        name = said("name", name)
        rule = DeadlineRule(
            body=act.body,
            slug=_free_slug(act.body, name),
            name=name,
            days_before=_days(days_before),
            working=working,
            source=source.strip(),
        )
        act.record(checked(rule), "rule.added")
    return rule


def change_deadline_rule(  # noqa: PLR0913  (a rule has that many parts)
    rule: DeadlineRule,
    *,
    by: Person,
    reason: str,
    name: str | None = None,
    days_before: int | None = None,
    working: bool | None = None,
    source: str | None = None,
) -> DeadlineRule:
    """Another number of days, name or source (None: as it is), saying why. The open turns that hang on it and lie ahead
    move with it; one whose day was changed by choice keeps its distance from the deadline."""
    with acting_on_body(rule.body, "set_rules", by=by) as act:
        hung = Recount.of(act, Q(anchor_rule=rule))
        rule = _standing_rule(rule)
        reason = said("reason", reason)
        before = dict(vars(rule))
        rule.name = said("name", rule.name if name is None else name)
        rule.days_before = rule.days_before if days_before is None else _days(days_before)
        rule.working = rule.working if working is None else working
        rule.source = rule.source if source is None else source.strip()
        if before == vars(rule):
            raise ValidationError(_("Nothing was changed."))
        act.record(checked(rule), "rule.changed", words={"reason": reason})
        hung.set_right(act, keep_distance=True)
    return rule


def end_deadline_rule(rule: DeadlineRule, *, by: Person, reason: str) -> DeadlineRule:
    """The deadline is set no more; nothing new can hang on it. Raises NotTheMoment while a duty in force hangs on it: change
    its days instead."""
    with acting_on_body(rule.body, "set_rules", by=by) as act:
        rule = _standing_rule(rule)
        reason = said("reason", reason)
        until = "paragraph__version__in_force_until"
        in_force = Q(**{until: None}) | Q(**{f"{until}__gte": act.today})
        hanging = Obligation.objects.filter(in_force, anchor_rule=rule).count()
        if hanging:
            words = ngettext(
                "%(number)s duty hangs on it: change the deadline instead of ending it.",
                "%(number)s duties hang on it: change the deadline instead of ending it.",
                hanging,
            )
            raise NotTheMoment(words % {"number": hanging}, object=rule)
        rule.ended_at = clock.now()
        act.record(rule, "rule.ended", words={"reason": reason})
    return rule


def _standing_rule(rule: DeadlineRule) -> DeadlineRule:
    found = DeadlineRule.objects.select_for_update(of=("self",), no_key=True).select_related("body").get(pk=rule.pk)
    if found.ended_at:
        raise NotTheMoment(_("This document deadline was ended."), object=found)
    return found


def _days(days: int) -> int:
    if not 0 <= days <= MOST_DAYS:
        raise ValidationError(
            {"days_before": _("Give the days before the opening: between 0 and %(most)s.") % {"most": MOST_DAYS}}
        )
    return days


def _free_slug(body: Body, name: str) -> str:
    stem = slugify(name)[:36].strip("-") or "deadline"
    taken = set(body.deadline_rules.values_list("slug", flat=True))
    return next(
        slug for number in range(1, 10_000) if (slug := f"{stem}-{number}" if number > 1 else stem) not in taken
    )


# Working days ----------------------------------------------------------------------------------------------------------


def set_duty_station(body: Body, *, country: str, by: Person, reason: str, subdivision: str = "") -> Body:
    """Where a body's days are worked, by the codes of country and part of the country; none: as the body above has it,
    else Monday to Friday."""
    with acting_on_body(body, "set_rules", by=by) as act:
        hung = Recount.in_working_days(act)
        reason = said("reason", reason)
        country, subdivision = country.strip().upper(), subdivision.strip()
        if not country and subdivision:
            raise ValidationError({"subdivision": _("Name the country too, or leave both empty.")})
        if country and not known_station(country):
            raise ValidationError(
                {"country": _("The holidays of %(country)s are not known here.") % {"country": country}}
            )
        if country and not known_station(country, subdivision):
            words = _("%(country)s has no part %(part)s whose holidays are known here.")
            raise ValidationError({"subdivision": words % {"country": country, "part": subdivision}})
        if (country, subdivision) == (act.body.country, act.body.subdivision):
            raise ValidationError({"country": _("That is its duty station already.")})
        act.body.country, act.body.subdivision = country, subdivision
        act.record(checked(act.body), "body.changed", words={"reason": reason})
        hung.set_right(act)
    return act.body


def add_closed_day(  # noqa: PLR0913  (a closure has that many parts)
    body: Body, *, day: date, name: str, by: Person, until: date | None = None, works: bool = False
) -> list[ClosedDay]:
    """Days on which the duty station does not work though its country does (`works`: the reverse), from a day until a
    day. A weekend or holiday within a closure needs no row of its own and gets none."""
    with acting_on_body(body, "set_rules", by=by) as act:
        hung = Recount.in_working_days(act)
        name = said("name", name)
        until = until or day
        for field, one in (("day", day), ("until", until)):
            if one.year not in YEARS:
                raise ValidationError({field: _("Check the year: it lies outside any calendar kept here.")})
        if not timedelta(0) <= until - day < timedelta(days=LONGEST_CLOSURE):
            words = _("The last day comes after the first, and at most %(most)s days are entered at a time.")
            raise ValidationError({"until": words % {"most": LONGEST_CLOSURE}})
        station = Stations().of(act.body)
        days = [day + timedelta(days=number) for number in range((until - day).days + 1)]
        rows = [
            ClosedDay(body=act.body, day=one, name=name, works=works) for one in days if station.works(one) != works
        ]
        if not rows:
            said_so = _("It works then already.") if works else _("It does not work then anyway.")
            raise ValidationError({"day": said_so})
        for row in rows:
            act.record(checked(row), "closed_day.added", effective_on=row.day)
        hung.set_right(act)
    return rows


def end_closed_day(closed: ClosedDay, *, by: Person, reason: str) -> ClosedDay:
    """Take a day back that was entered: it is as the country has it again."""
    with acting_on_body(closed.body, "set_rules", by=by) as act:
        hung = Recount.in_working_days(act)
        closed = ClosedDay.objects.select_for_update(of=("self",), no_key=True).select_related("body").get(pk=closed.pk)
        reason = said("reason", reason)
        if closed.ended_at:
            raise NotTheMoment(_("This day was taken back already."), object=closed)
        closed.ended_at = clock.now()
        act.record(closed, "closed_day.ended", words={"reason": reason})
        hung.set_right(act)
    return closed


# What moves with them --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recount:
    """Open turns that lie ahead, with the due points that they had before a rule changed."""

    turns: tuple[tuple[Occurrence, date | None], ...]

    @classmethod
    def of(cls, act: BodyAct, which: Q) -> "Recount":
        """The turns of those duties. The duties' rows are locked first, so that no turn is entered by a rule that is just
        changing; then the turns'."""
        duties = list(Obligation.objects.filter(which).order_by("pk").select_for_update(of=("self",), no_key=True))
        found = Occurrence.objects.filter(obligation__in=duties, status__in=OPEN, due_on__gte=act.today)
        stations = Stations()
        locked = with_due_points(found).order_by("pk").select_for_update(of=("self",), no_key=True)
        return cls(
            tuple(
                (turn, due_day(turn.obligation, hangs_on(turn), stations))
                for turn in locked
                if not discharge(turn).done
            )
        )

    @classmethod
    def in_working_days(cls, act: BodyAct) -> "Recount":
        """The turns whose due points count the working days of a body or of one below it."""
        family = level = {act.body.pk}
        while level := set(Body.objects.filter(parent__in=level).values_list("pk", flat=True)) - family:
            family |= level
        by_days = Q(offset_working=True, responsible__in=family)
        return cls.of(act, by_days | Q(anchor_rule__working=True, anchor_rule__body__in=family))

    def set_right(self, act: BodyAct, *, keep_distance: bool = False) -> None:
        """Move each turn from its old due point to the new one. One whose day was changed by choice stays where it was put,
        or (`keep_distance`) as far from its due point as it was put."""
        stations = Stations()
        afresh = Obligation.objects.select_related("anchor_rule__body", "responsible")
        duties = afresh.in_bulk({turn.obligation_id for turn, _before in self.turns})
        moved = []
        for turn, before in self.turns:
            due = due_day(duties[turn.obligation_id], hangs_on(turn), stations)
            if due is None or before is None or turn.due_on is None or due == before:
                continue
            if turn.due_on == before or keep_distance:
                moved.append(Moved(turn, turn.due_on, due + (turn.due_on - before)))
        carry(act, moved)
