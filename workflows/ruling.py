"""Which policy of reminders speaks for what a reader sees, and what it comes to: for pages and programs alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker import access, clock, ladders, rungs
from tracker.access import Reader
from tracker.duepoints import Stations, anchor_day, deadline_day
from tracker.ladders import Facts, Ladder, Rung, schedule
from tracker.models import Body, DeadlineRule, Obligation, Occurrence, ReminderPolicy, Session, State, Version
from tracker.policies import Policies, as_ladder
from workflows.machines import OPEN

KINDS = tuple(Obligation.Kind)
LONG_AGO = date(1850, 1, 1)


# What holds ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """The ladder that holds for one kind of duty of a body: by which policy and since when (None: built in; `slug` is then
    what its address calls it)."""

    kind: str
    label: str
    ladder: Ladder
    policy: ReminderPolicy | None = None
    since: date | None = None
    slug: str = ""

    @property
    def name(self) -> str:
        return rungs.called(self.ladder)


class Named(NamedTuple):
    """A policy, and in words what it is for."""

    policy: ReminderPolicy
    for_what: str


@dataclass(frozen=True)
class Ruled:
    """A body with what holds for its duties by kind, the policies of its own for a text or a duty, and its drafts."""

    body: Body
    keeps: bool
    held: tuple[Held, ...]
    special: tuple[Named, ...]
    drafts: tuple[Named, ...]


def ruled(reader: Reader, bodies: Sequence[Body], kept: Iterable[int]) -> list[Ruled]:
    """What holds in some bodies (those above them loaded), as far as a reader may know it. One query."""
    keeps = set(kept)
    found = list(access.policies(reader).filter(ended_at=None))
    in_force = {one.scope: one for one in found if one.state == ReminderPolicy.State.IN_FORCE}
    return [
        Ruled(
            body,
            body.pk in keeps,
            tuple(_held(body, kind, in_force) for kind in KINDS),
            _named(one for one in in_force.values() if one.body_id == body.pk and not one.scope.startswith("body:")),
            _named(one for one in found if one.body_id == body.pk and one.state == ReminderPolicy.State.DRAFT),
        )
        for body in bodies
    ]


def _named(found: Iterable[ReminderPolicy]) -> tuple[Named, ...]:
    return tuple(Named(one, rungs.subject(one)) for one in found)


def _held(body: Body, kind: Obligation.Kind, in_force: dict[str, ReminderPolicy]) -> Held:
    for one in body.lineage():
        for scope in (f"body:{one.pk}:{kind}", f"body:{one.pk}:"):
            if policy := in_force.get(scope):
                since = policy.in_force_since
                day = since.astimezone(ZoneInfo(policy.body.time_zone)).date() if since else None
                return Held(kind, str(kind.label), as_ladder(policy), policy, day)
    return Held(kind, str(kind.label), ladders.built_in(kind), slug=slug_of(kind))


BUILT_IN: dict[str, Ladder] = {"general": ladders.GENERAL, **ladders.BUILT_IN}
"""The ladders that are built in, by what their addresses call them: the kind of duty that they are for."""


def slug_of(kind: str) -> str:
    """What the address of the ladder that is built in for a kind of duty calls it."""
    return kind if kind in BUILT_IN else "general"


# What one speaks for ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SpeaksFor:
    """How many duties and open turns a ladder speaks for, as far as the reader may see them, and the next of the turns."""

    duties: int
    turns: int
    next: Occurrence | None


def speaks_for(reader: Reader, policy: ReminderPolicy) -> SpeaksFor:
    """What a policy speaks for while it is in force; a draft: what it would speak for."""
    policies = Policies.in_force()
    if policy.state == ReminderPolicy.State.DRAFT:
        policies.by_scope[policy.scope] = as_ladder(policy)
    return _spoken(reader, policies, _candidates(policy), as_ladder(policy))


def built_in_speaks_for(reader: Reader, ladder: Ladder) -> SpeaksFor:
    """What a ladder that is built in speaks for."""
    kinds = [kind for kind in KINDS if ladders.built_in(kind) == ladder]
    return _spoken(reader, Policies.in_force(), Q(kind__in=kinds), ladder)


def kinds_of(ladder: Ladder) -> list[str]:
    """The kinds of duty that a built-in ladder is for, in words."""
    return [str(kind.label) for kind in KINDS if ladders.built_in(kind) == ladder]


def _candidates(policy: ReminderPolicy) -> Q:
    """The duties that a policy is for, where none is nearer."""
    if policy.obligation_id:
        return Q(pk=policy.obligation_id)
    narrowed = Q(kind=policy.kind) if policy.kind else Q()
    if policy.resolution_id:
        return narrowed & Q(resolution=policy.resolution_id)
    within = Q()
    for above in ("responsible", "responsible__parent", "responsible__parent__parent"):
        within |= Q(**{above: policy.body_id})
    return narrowed & within


def _spoken(reader: Reader, policies: Policies, candidates: Q, ladder: Ladder) -> SpeaksFor:
    tracked = Q(confirmed=True, paragraph__version__tracking=Version.Tracking.CONFIRMED)
    asked = access.obligations(reader).filter(candidates, tracked).order_by()
    related = asked.select_related(None).select_related("responsible__parent__parent")
    found = {one.pk for one in related if policies.of(one) == ladder}
    turns = access.occurrences(reader).filter(obligation__in=asked.values("pk"), status__in=OPEN).order_by()
    counts = turns.values_list("obligation").annotate(n=Count("pk"))
    ahead = turns.filter(due_on__gte=clock.today()).order_by("due_on", "pk")[:AHEAD]
    return SpeaksFor(
        len(found),
        sum(number for duty, number in counts if duty in found),
        next((one for one in ahead if one.obligation_id in found), None),
    )


AHEAD = 200
"""So many of the turns that may be spoken for are looked at for an example."""


# In words --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """What the days of a ladder are shown for: a turn, or a session that something would be due at."""

    words: str
    due_on: date
    session: Session | None
    body: Body
    turn: Occurrence | None = None


@dataclass(frozen=True)
class Line:
    """A rung in words, with its day in the example: none where it has none, or why it would be left out there."""

    rung: Rung
    when: str
    whom: str
    day: date | None
    left_out: str


def example(body: Body | None, turn: Occurrence | None) -> Example | None:
    """The next turn that a ladder speaks for, else the coming session of a body, as if something were due when it opens."""
    if turn is not None and turn.due_on is not None:
        words = f"{turn.obligation}, {turn.session or turn.meeting or turn.short_reference}"
        return Example(words, turn.due_on, turn.session, turn.obligation.responsible, turn)
    for one in body.lineage() if body else ():
        found = one.sessions.filter(kind=Session.Kind.ORDINARY, state=State.PLANNED, precision="day")
        session = found.filter(opens__gte=clock.today(one.time_zone)).order_by("opens").first()
        if session is not None and session.opens is not None and body is not None:
            return Example(_("due when %(session)s opens") % {"session": session}, session.opens, session, body)
    return None


def lines(ladder: Ladder, shown: Example | None, rules: Mapping[int, DeadlineRule] | None = None) -> list[Line]:
    """A ladder in words, in the order of its days, each with its day in an example."""
    rules = rungs.deadlines(ladder.rungs) if rules is None else rules
    stations = Stations()
    days: dict[Rung, Any] = {}
    if shown is not None:
        opening = anchor_day(shown.session)
        hung = {pk: day for pk, rule in rules.items() if (day := deadline_day(rule, opening, stations))}
        facts = Facts("", "in_progress", shown.due_on, LONG_AGO, deadlines=hung)
        days = {one.rung: one for one in schedule(ladder, facts, stations.of(shown.body).works)}
    found = []
    for rung in rungs.ordered(ladder.rungs):
        planned = days.get(rung)
        left_out = planned.left_out if planned else ""
        day = planned.day if planned and not left_out else None
        found.append(Line(rung, rungs.when(rung, rules), rungs.whom(rung), day, left_out))
    return found


def contract(ladder: Ladder) -> list[str]:
    """What is promised of a ladder, in a sentence for each of those who are told."""
    found = []
    for audience in ladders.AUDIENCES:
        if most := ladders.at_most(ladder, audience):
            words = ngettext(
                "%(who)s: at most %(most)s time about one item and one due day",
                "%(who)s: at most %(most)s times about one item and one due day",
                most,
            )
            found.append(words % {"who": rungs.AUDIENCES[audience], "most": most})
    return found
