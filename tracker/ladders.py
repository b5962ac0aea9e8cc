"""Ladders of reminders: which day each rung falls on. Pure: rungs and days in, days out. No Django, no clock, no database.

A ladder is what a policy says, as a value: `policies` reads it from the database, beneath it stand those built in here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from tracker.deadlines import LONGEST_CLOSURE, Works, due_point

HOLDER, ALTERNATE, CONTRIBUTORS = "holder", "alternate", "contributors"
CHAIR, SECRETARIAT = "chair", "secretariat"
AUDIENCES = (HOLDER, ALTERNATE, CONTRIBUTORS, CHAIR, SECRETARIAT)
DUE, DEADLINE, UNTOUCHED = "due", "deadline", "untouched"
ANCHORS = (DUE, DEADLINE, UNTOUCHED)
ASKED = frozenset({HOLDER, ALTERNATE, CONTRIBUTORS})
"""Those who have something to do; the others hear of it in copy, and are counted apart."""

OVER = frozenset({"endorsed", "closed", "waived", "superseded"})
OWED = frozenset({"planned", "assigned", "in_progress"})
AT_WORK = frozenset({"assigned", "in_progress"})


def gettext_noop(words: str) -> str:
    """Marks words as ones to translate where they are shown."""
    return words


PASSED = gettext_noop("its day had passed already")
GRACE = gettext_noop("asked only shortly before")
QUIET = gettext_noop("no working day was left for it")
SAME_DAY = gettext_noop("another reminder falls on the same day")


@dataclass(frozen=True)
class Rung:
    """One reminder: so many days (or working days) before (negative) or after what it hangs on, to whom. `deadline` is the
    key of the document deadline that it hangs on, where it hangs on one."""

    days: int
    audience: str = HOLDER
    anchor: str = DUE
    working: bool = False
    deadline: int | None = None


@dataclass(frozen=True)
class Ladder:
    """A policy as a value. `policy` is its key, None for one that is built in."""

    name: str
    rungs: tuple[Rung, ...]
    most: int = 6
    grace_days: int = 3
    keeps_quiet: bool = True
    policy: int | None = None


def written(rungs: tuple[Rung, ...]) -> list[dict[str, Any]]:
    """Rungs as JSON, as `ReminderPolicy.rungs` keeps them."""
    return [
        {
            "days": one.days,
            "audience": one.audience,
            "anchor": one.anchor,
            "working": one.working,
            "deadline": one.deadline,
        }
        for one in rungs
    ]


def read(rungs: list[Mapping[str, Any]]) -> tuple[Rung, ...]:
    """The reverse of `written`."""
    return tuple(Rung(**one) for one in rungs)


def _ladder(name: str, holder: tuple[int, ...], chair: tuple[int, ...], secretariat: tuple[int, ...]) -> Ladder:
    told = ((HOLDER, holder), (CHAIR, chair), (SECRETARIAT, secretariat))
    return Ladder(name, tuple(Rung(days, audience) for audience, all_days in told for days in all_days))


GENERAL = _ladder("general", (-30, -14, -3, 1, 8, 15), (8,), (15,))
ANNUAL_REPORT = _ladder("annual report", (-60, -30, -14, -3, 1, 8), (1, 8), (15,))
FINAL_REPORT = _ladder("final report", (-120, -60, -30, -14, -3, 1), (-14, 1), (1, 8))
BUILT_IN: dict[str, Ladder] = {"each_session": ANNUAL_REPORT, "once": FINAL_REPORT}
"""By kind of duty; `GENERAL` for all others. Escalation goes up, and not louder: whoever has the ball hears six times at most."""


def built_in(kind: str) -> Ladder:
    """The ladder of a kind of duty for which no policy is in force."""
    return BUILT_IN.get(kind, GENERAL)


# Days -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What the days of a ladder follow from, all of them in the body's own time zone. `entered_on` is the day from which
    the due day has been known, `asked_on` the day on which the standing lead was asked, `touched_on` that of the last act on
    the turn; `deadlines` has the day of each document deadline before its session, by its key."""

    reference: str
    status: str
    due_on: date | None
    entered_on: date
    asked_on: date | None = None
    deadlines: Mapping[int, date] = field(default_factory=dict)
    touched_on: date | None = None


@dataclass(frozen=True)
class Planned:
    """A rung of a turn and the day that it falls on, or why it is left out. `key` is the same for the same rung of the same
    turn and due day, whatever policy it is of, so that nothing is promised twice; `nominal` is the day before it was put off or
    moved to a working day."""

    key: str
    rung: Rung
    day: date
    nominal: date
    left_out: str = ""

    @property
    def audience(self) -> str:
        return self.rung.audience


def schedule(ladder: Ladder, facts: Facts, works: Works) -> list[Planned]:
    """The rungs of a turn in the order of their days, those that are left out among them. None once the duty is discharged
    or while it has no day; a draft changes nothing. While a report stands nothing is late: who has the ball is reminded, nobody
    is told in copy. `works` says on which days the duty station works; raises ValueError where it never does."""
    return named(facts.reference, shape(ladder, facts, works))


def shape(ladder: Ladder, facts: Facts, works: Works) -> list[Planned]:
    """The same, whatever the turn is called: turns whose facts are alike but for their reference share it. The keys lack their
    beginning, which `named` adds."""
    if facts.due_on is None or facts.status in OVER:
        return []
    found: list[Planned] = []
    for audience in AUDIENCES:
        if audience in {HOLDER, ALTERNATE} or facts.status in OWED:
            found += _of_audience(audience, ladder, facts, works)
    return sorted(found, key=lambda one: (one.day, AUDIENCES.index(one.audience), one.nominal))


def named(reference: str, found: list[Planned]) -> list[Planned]:
    """A shape as the rungs of one turn."""
    start = _start(reference)
    return [Planned(start + one.key, one.rung, one.day, one.nominal, one.left_out) for one in found]


def _start(reference: str) -> str:
    return f"reminder:{reference}:"


def _of_audience(audience: str, ladder: Ladder, facts: Facts, works: Works) -> Iterator[Planned]:
    """Those of one audience. Of two on one day the later one stands."""
    rungs = [rung for rung in ladder.rungs if rung.audience == audience]
    dated = [(day, rung, key) for rung in rungs for day, key in _nominal(rung, facts, works)]
    dated.sort(key=lambda one: (one[0], -ANCHORS.index(one[1].anchor)))
    days = Days(ladder, facts, works)
    placed = [
        days.place(Planned(key, rung, day, day), next((later for later, *_ in dated if later > day), None))
        for day, rung, key in dated
    ]
    last = {one.day: one for one in placed if not one.left_out}
    for one in placed:
        doubled = not one.left_out and last[one.day] is not one
        yield replace(one, left_out=SAME_DAY) if doubled else one


def _nominal(rung: Rung, facts: Facts, works: Works) -> Iterator[tuple[date, str]]:
    """The day that a rung falls on by the letter, with its key; nothing where what it hangs on has no day. Nobody is told that
    a turn is untouched once it is late: that is told anyway."""
    hung = {
        DUE: facts.due_on,
        DEADLINE: facts.deadlines.get(rung.deadline or 0),
        UNTOUCHED: facts.touched_on if facts.status in AT_WORK else None,
    }[rung.anchor]
    day = due_point(hung, rung.days, works if rung.working else None)
    if day is None or (rung.anchor == UNTOUCHED and facts.due_on and day > facts.due_on):
        return
    on = {DUE: "", DEADLINE: f"d{rung.deadline}.", UNTOUCHED: "u"}[rung.anchor]
    yield day, f"{hung}:{on}{rung.days}{'w' * rung.working}:{rung.audience}"


def hung_on(key: str, reference: str) -> date:
    """The day that a promised rung of a turn hangs on, from the key of its row."""
    return date.fromisoformat(key.removeprefix(_start(reference)).partition(":")[0])


@dataclass(frozen=True)
class Days:
    """Puts rungs on days on which they may go out."""

    ladder: Ladder
    facts: Facts
    works: Works

    def place(self, one: Planned, following: date | None) -> Planned:
        """A rung on the first day that suits it, or left out. Those who were just asked are let alone for some days: what
        falls there is put off, unless the next rung (`following`) or the due day comes before. To keep quiet, a rung before what it
        hangs on moves back to a working day, one after it moves forward."""
        if one.nominal < self.facts.entered_on:
            return replace(one, left_out=PASSED)
        assert self.facts.due_on is not None  # noqa: S101  (there is no schedule without)
        late = one.nominal > self.facts.due_on
        peace = self._peace(one)
        earliest = peace if peace and self._falls_in(one.nominal, peace) else None
        day = self._quiet(earliest or one.nominal, one, peace)
        if peace and self._falls_in(day, peace):
            day = self._quiet(peace, one, peace)
            earliest = peace
        if not late:
            if day > self.facts.due_on:
                return replace(one, left_out=GRACE if earliest else QUIET)
            if earliest and following and day >= following:
                return replace(one, left_out=GRACE)
        return replace(one, day=day)

    def _peace(self, one: Planned) -> date | None:
        """The first day on which those who were asked hear of it again."""
        asked = self.facts.asked_on if one.audience in ASKED and self.ladder.grace_days else None
        return asked + timedelta(days=self.ladder.grace_days) if asked else None

    def _falls_in(self, day: date, peace: date) -> bool:
        assert self.facts.asked_on is not None  # noqa: S101  (else there is no peace)
        return self.facts.asked_on <= day < peace

    def _quiet(self, day: date, one: Planned, peace: date | None) -> date:
        """The nearest working day, where the ladder keeps quiet on others."""
        if not self.ladder.keeps_quiet or self.works(day):
            return day
        if one.rung.days <= 0:
            floor = max(self.facts.entered_on, peace if peace and day >= peace else self.facts.entered_on)
            back = self._worked(day, -1, floor)
            if back is not None:
                return back
        forward = self._worked(day, 1, day + timedelta(days=LONGEST_CLOSURE))
        if forward is None:
            raise ValueError("a duty station that never works has no day for a reminder")
        return forward

    def _worked(self, day: date, step: int, limit: date) -> date | None:
        """The first day worked on from a day as far as a limit."""
        span = abs((limit - day).days) if (limit - day).days * step >= 0 else -1
        days = (day + timedelta(days=step * number) for number in range(span + 1))
        return next((one for one in days if self.works(one)), None)


def at_most(ladder: Ladder, audience: str) -> int:
    """How often somebody of an audience hears of one item and due day, at most."""
    return min(ladder.most, sum(rung.audience == audience for rung in ladder.rungs))
