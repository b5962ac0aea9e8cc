"""Rows made to agree with what the ladders say, turn by turn."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max

from tracker import clock, ladders
from tracker.audiences import Shared, standing, told
from tracker.ball import Roster
from tracker.duepoints import Stations, anchor_day, deadline_day
from tracker.ladders import Facts, Ladder, Planned, named, shape
from tracker.models import Assignment, Body, DeadlineRule, Notice, Occurrence
from tracker.policies import Policies
from workflows.reminders.reasons import ANOTHER_POLICY, MOVED, OURS, TOUCHED, Why, acts_on, moves_of, needless

log = logging.getLogger(__name__)
Kind, State = Notice.Kind, Notice.State
BATCH = 200
SHAPES = 1000
"""Ladders with their days that are kept at once."""


def plan(occurrences: Iterable[int], *, sure: bool = False) -> int:
    """Make the rows of these turns agree with what is promised; returns how many rows changed. Safe to run twice, and by two
    workers at once: each turn is locked while its rows are set right. They are compared before without locks, unless it is
    `sure` that most of them differ."""
    ids = sorted(set(occurrences))
    if not ids:
        return 0
    ground = Ground.read()
    batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    return sum(_set_right(batch if sure else _differing(batch, ground), ground) for batch in batches)


@dataclass
class Ground:
    """What planning asks beside the turns themselves: read once for any number of them."""

    policies: Policies
    stations: Stations = field(default_factory=Stations)
    rules: dict[int, DeadlineRule] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)
    counts_acts: bool = False
    _shapes: dict[tuple[object, ...], list[Planned]] = field(default_factory=dict)
    _rosters: dict[date, Roster] = field(default_factory=dict)
    _deadlines: dict[tuple[int, int], date | None] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Ground":
        ground = cls(Policies.in_force())
        rungs = [rung for one in ground.policies.ladders() for rung in one.rungs]
        if named := {rung.deadline or 0 for rung in rungs if rung.anchor == ladders.DEADLINE}:
            standing = DeadlineRule.objects.filter(pk__in=named, ended_at=None)
            ground.rules = {rule.pk: rule for rule in standing.select_related("body__parent__parent")}
        ground.counts_acts = any(rung.anchor == ladders.UNTOUCHED for rung in rungs)
        return ground

    def roster(self, day: date) -> Roster:
        if day not in self._rosters:
            self._rosters[day] = Roster.on(day)
        return self._rosters[day]

    def scheduled(self, ladder: Ladder, facts: Facts, responsible: Body) -> list[Planned]:
        """As `ladders.schedule`. Many turns of a session have the same days: those are found once."""
        alike = (facts.status, facts.due_on, facts.entered_on, facts.asked_on, facts.touched_on)
        key = (ladder.policy, ladder.name, responsible.pk, *alike, *facts.deadlines.items())
        if key not in self._shapes:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            self._shapes[key] = shape(ladder, facts, self.stations.of(responsible).works)
        return named(facts.reference, self._shapes[key])

    def deadlines(self, turn: Occurrence) -> dict[int, date]:
        """The day of each document deadline that some ladder names, before the session of a turn."""
        days = {}
        for rule in self.rules.values() if turn.session else ():
            key = (rule.pk, turn.session_id or 0)
            if key not in self._deadlines:
                ours = turn.session is not None and turn.session.body_id == rule.body_id
                self._deadlines[key] = deadline_day(rule, anchor_day(turn.session), self.stations) if ours else None
            if day := self._deadlines[key]:
                days[rule.pk] = day
        return days


# Turns ----------------------------------------------------------------------------------------------------------------


@dataclass
class Turn:
    """A turn with its rows, and what its ladder says of it."""

    occurrence: Occurrence
    ladder: Ladder
    scheduled: list[Planned]
    roster: Roster
    today: date
    policy_since: datetime | None = None

    @property
    def made_up_from(self) -> date | None:
        """The day before which nothing is made up for: that on which its ladder came to hold."""
        zone = ZoneInfo(self.occurrence.body.time_zone)
        return self.policy_since.astimezone(zone).date() if self.policy_since else None

    @property
    def rows(self) -> list[Notice]:
        return self.occurrence.promised  # type: ignore[attr-defined]  # given by `_loaded`


COLUMNS = (
    *("body", "session", "obligation", "resolution", "reference", "status", "status_since", "due_on", "opened_at"),
    "needs_validation",
)


def _loaded(ids: list[int], ground: "Ground") -> list[Occurrence]:
    """With all that is asked of them."""
    turns = list(Occurrence.objects.filter(pk__in=ids).only(*COLUMNS).order_by("pk"))
    ground.shared.give(turns)
    promised: dict[int, list[Notice]] = {turn.pk: [] for turn in turns}
    for row in Notice.objects.filter(occurrence__in=promised, kind=Kind.REMINDER).order_by():
        promised[row.occurrence_id or 0].append(row)
    for turn in turns:
        vars(turn)["promised"] = promised[turn.pk]
    return turns


def _turns(ids: list[int], ground: Ground) -> Iterable[tuple[Turn, "Difference"]]:
    """Each turn with what is to be done to its rows; one that cannot be planned must not keep the others from being
    reminded."""
    moved = dict(moves_of(ids).order_by().values_list("subject_id").annotate(Max("recorded_at")))
    acts = acts_on(ids).order_by() if ground.counts_acts else ()
    touched = dict(acts.values_list("subject_id").annotate(Max("recorded_at"))) if acts else {}
    for occurrence in _loaded(ids, ground):
        try:
            turn = _turn(occurrence, moved.get(occurrence.pk), touched.get(occurrence.pk), ground)
            yield turn, Difference.of(turn)
        except Exception:
            log.exception("The reminders of %s could not be planned.", occurrence.reference)


def _turn(occurrence: Occurrence, moved: datetime | None, touched: datetime | None, ground: Ground) -> Turn:
    zone = ZoneInfo(occurrence.body.time_zone)
    duty = occurrence.obligation
    known = max(occurrence.opened_at, moved or occurrence.opened_at)
    lead = next((one for one in standing(occurrence) if one.part == Assignment.Part.LEAD), None)
    facts = Facts(
        occurrence.reference,
        occurrence.status,
        occurrence.due_on,
        known.astimezone(zone).date(),
        lead.assigned_at.astimezone(zone).date() if lead else None,
        ground.deadlines(occurrence),
        touched.astimezone(zone).date() if touched else None,
    )
    ladder, since = ground.policies.of(duty), ground.policies.since(duty)
    scheduled = ground.scheduled(ladder, facts, duty.responsible)
    today = clock.today(occurrence.body.time_zone)
    return Turn(occurrence, ladder, scheduled, ground.roster(today), today, since)


# Differences ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Missing:
    """A row to be made. Not yet a `Notice`: thousands may have to be made at once, and most of the time would go there."""

    turn: Turn
    rung: Planned
    person: int | None


@dataclass
class Difference:
    """What is to be done to the rows of one turn."""

    missing: list[Missing] = field(default_factory=list)
    changed: list[tuple[Notice, dict[str, object]]] = field(default_factory=list)
    ended: list[tuple[Notice, Why]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.missing) + len(self.changed) + len(self.ended)

    @classmethod
    def of(cls, turn: Turn) -> "Difference":
        """A rung stands as a row; one that is left out has a row that says why, unless its day had passed before the turn was
        entered or another policy came: that is not made up for. What has arrived with its reader is theirs; whether it still
        holds is asked when its mail is made."""
        found, rows = cls(), {row.key: row for row in turn.rows}
        stand = {one.key: one for one in turn.scheduled if not one.left_out}
        left_out = {one.key: one for one in turn.scheduled if one.left_out}
        first: dict[str, int | None] = {}
        day = turn.made_up_from
        for key, one in (stand | left_out).items():
            row = rows.get(key)
            fresh = day is None or one.day >= day
            if row is None and fresh and one.left_out != ladders.PASSED:
                found.missing.append(Missing(turn, one, _first(turn, one.audience, first)))
            elif row is not None and not one.left_out:
                found._compare(turn, row, one, first)
        for key, row in rows.items():
            if row.state == State.PLANNED and row.arrived_at is None and key not in stand:
                found.ended.append((row, _why_ended(turn, row, left_out.get(key))))
        return found

    def _compare(self, turn: Turn, row: Notice, one: Planned, first: dict[str, int | None]) -> None:
        """A row that stands: whether it is to be promised again, and whether it still says when, to whom and by which policy."""
        again = row.state == State.SKIPPED and row.reason in OURS and one.day >= turn.today
        if not again and (row.state != State.PLANNED or row.arrived_at):
            return
        says: dict[str, object] = {
            "person_id": _first(turn, one.audience, first),
            "planned_for": one.day,
            "policy_id": turn.ladder.policy,
        }
        if again:
            says |= {"state": State.PLANNED, "reason": "", "reason_since": None, "settled_at": None}
            says |= {"arrived_at": None, "read_at": None}
        differing = {name: value for name, value in says.items() if getattr(row, name) != value}
        if differing:
            self.changed.append((row, differing))


def _first(turn: Turn, audience: str, known: dict[str, int | None]) -> int | None:
    """Who would be told today, for the ledger; who is told is asked again on the day."""
    if audience not in known:
        people = told(audience, turn.occurrence, turn.roster)
        known[audience] = people[0].pk if people else None
    return known[audience]


def _why_ended(turn: Turn, row: Notice, left_out: Planned | None) -> Why:
    """Why a promised row stands no more."""
    if reason := needless(row, turn.occurrence):
        return reason
    if left_out is not None and left_out.left_out != ladders.PASSED:
        return Why(left_out.left_out)
    if left_out is None and row.policy_id != turn.ladder.policy:
        return Why(ANOTHER_POLICY, turn.policy_since)
    return Why({ladders.UNTOUCHED: TOUCHED}.get(row.anchor, MOVED))


def _differing(ids: list[int], ground: Ground) -> list[int]:
    return [turn.occurrence.pk for turn, difference in _turns(ids, ground) if difference]


def _set_right(ids: list[int], ground: Ground) -> int:
    """The same comparison with the turns locked, so that it cannot be out of date, and then done."""
    if not ids:
        return 0
    try:
        with transaction.atomic():
            locked = Occurrence.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
            list(locked.order_by("pk").values_list("pk"))
            return _write([difference for _turn, difference in _turns(ids, ground)])
    except Exception:
        if len(ids) == 1:
            log.exception("The reminders of occurrence %s could not be written.", ids[0])
            return 0
        return sum(_set_right([pk], ground) for pk in ids)


def _write(found: list[Difference]) -> int:
    """A row that was taken for a mail meanwhile stays as it is."""
    _insert([row for one in found for row in one.missing])
    ended: dict[Why, list[int]] = defaultdict(list)
    for row, reason in (pair for one in found for pair in one.ended):
        ended[reason].append(row.pk)
    now = clock.now()
    for reason, rows in ended.items():
        Notice.objects.filter(pk__in=rows, state=State.PLANNED, arrived_at=None).update(
            state=State.SKIPPED, reason=reason.words, reason_since=reason.since, settled_at=now
        )
    changed: dict[tuple[str, tuple[tuple[str, object], ...]], list[int]] = defaultdict(list)
    for row, says in (pair for one in found for pair in one.changed):
        changed[row.state, tuple(says.items())].append(row.pk)
    for (was, said), rows in changed.items():
        Notice.objects.filter(pk__in=rows, state=was).update(**dict(said))
    return sum(map(len, found))


def _insert(rows: list[Missing]) -> None:
    """Make rows, one statement for all of them; one that stands by now is left as it is. In SQL, as `bulk_create` takes five
    times as long, most of it preparing columns that are empty."""
    if not rows:
        return
    now = clock.now()
    planned, skipped, kind = State.PLANNED.value, State.SKIPPED.value, Kind.REMINDER.value
    says: dict[str, Iterable[object]] = {
        "key": [one.rung.key for one in rows],
        "kind": [kind] * len(rows),
        "audience": [one.rung.rung.audience for one in rows],
        "rung": [one.rung.rung.days for one in rows],
        "anchor": [one.rung.rung.anchor for one in rows],
        "policy_id": [one.turn.ladder.policy for one in rows],
        "occurrence_id": [one.turn.occurrence.pk for one in rows],
        "person_id": [one.person for one in rows],
        "due_on": [one.turn.occurrence.due_on for one in rows],
        "planned_for": [one.rung.day for one in rows],
        "state": [skipped if one.rung.left_out else planned for one in rows],
        "reason": [one.rung.left_out for one in rows],
        "created_at": [now] * len(rows),
        "settled_at": [now if one.rung.left_out else None for one in rows],
    }
    columns = [values if name == "key" else map(_prepared(name), values) for name, values in says.items()]
    table, names = connection.ops.quote_name(Notice._meta.db_table), map(connection.ops.quote_name, says)
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(columns))})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(f"{statement} ON CONFLICT DO NOTHING", list(zip(*columns, strict=True)))


def _prepared(name: str) -> Callable[[Any], Any]:
    """What turns a value of a column into what the database takes; the same value once."""
    column = Notice._meta.get_field(name.removesuffix("_id"))
    return lru_cache(None)(lambda value: column.get_db_prep_save(value, connection))  # type: ignore[union-attr]
