"""The contract of an item in words: how often its reader, or whoever has the ball, hears of it at most, and when next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from tracker import ladders
from tracker.audiences import told
from tracker.ball import Roster
from tracker.ladders import Ladder, at_most
from tracker.models import Notice, Occurrence, Person
from tracker.policies import Policies

State = Notice.State
TOLD = (State.SENT, State.SHOWN)
BUILT_IN = {
    ladders.GENERAL.name: gettext_noop("The general ladder that is built in"),
    ladders.ANNUAL_REPORT.name: gettext_noop("The ladder for annual reports that is built in"),
    ladders.FINAL_REPORT.name: gettext_noop("The ladder for final reports that is built in"),
}


@dataclass(frozen=True)
class Promised:
    """How often at most, how often already, and the day of the next (None: no other is planned)."""

    most: int
    sent: int
    next: date | None


@dataclass(frozen=True)
class Contract:
    """What is promised about a turn: to its reader, where they are asked (`mine`), and in copy, where they are told so; to
    whoever has the ball otherwise. `policy` is the key of the policy, `kind` names the ladder that is built in, without one."""

    words: str
    policy: int | None
    kind: str
    mine: bool
    asked: Promised
    copied: Promised | None


def contract(turn: Occurrence, notices: Iterable[Notice], reader: Any, today: date) -> Contract:
    """The contract of a turn for a reader; `notices` are those of its rows that the reader may see."""
    ladder = Policies.in_force().of(turn.obligation)
    rows = [one for one in notices if one.kind == Notice.Kind.REMINDER and one.due_on == turn.due_on]
    heard = _heard(turn, ladder, reader, today)
    mine, copied = heard & ladders.ASKED, heard - ladders.ASKED
    return Contract(
        words=ladder.name if ladder.policy else BUILT_IN[ladder.name],
        policy=ladder.policy,
        kind=next((kind for kind, one in ladders.BUILT_IN.items() if one is ladder), "general"),
        mine=bool(mine),
        asked=_promised(ladder, rows, mine, reader) if mine else _promised(ladder, rows, {ladders.HOLDER}),
        copied=_promised(ladder, rows, copied, reader) if copied else None,
    )


def _heard(turn: Occurrence, ladder: Ladder, reader: Any, today: date) -> set[str]:
    """The audiences that the reader is of, as things stand today."""
    if not isinstance(reader, Person):
        return set()
    roster = Roster.on(today)
    return {one for one in {rung.audience for rung in ladder.rungs} if reader in told(one, turn, roster)}


def _promised(ladder: Ladder, rows: list[Notice], audiences: set[str], reader: Person | None = None) -> Promised:
    """Of some audiences together: as what one reader hears, else as what whoever it is then hears."""
    most = min(ladder.most, sum(at_most(ladder, one) for one in audiences))
    ours = [row for row in rows if row.audience in audiences]
    days = {row.planned_for for row in ours if row.state in TOLD and (reader is None or row.person_id == reader.pk)}
    coming = [row.planned_for for row in ours if row.state == State.PLANNED]
    return Promised(most, len(days), min(coming, default=None) if len(days) < most else None)
