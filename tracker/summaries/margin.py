"""What stands in the margin beside each operative item of a resolution: its duties, how they stand, who holds them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tracker import queries
from tracker.ball import Roster
from tracker.marks import Mark
from tracker.models import Obligation, Occurrence, Paragraph
from tracker.summaries.rows import Holder, holder_words, in_full
from tracker.summaries.scope import UNDISCHARGED, Sight


@dataclass(frozen=True)
class Turn:
    """The occurrence that a reader asks about first: the next one due, else the last one past due, else the last one."""

    mark: Mark
    body: str
    short: str
    belongs_to: str
    due_on: date | None


@dataclass(frozen=True)
class Duty:
    """A duty of an item. `confirmed`: by a person; until then its kind is the machine's. `past_due` is how many are past their day."""

    title: str
    kind: str
    hangs_on: str
    confirmed: bool
    holder: Holder | None
    turn: Turn | None
    past_due: int
    turns: int


@dataclass(frozen=True)
class Margin:
    """The margin of one item."""

    duties: tuple[Duty, ...]


def margins(sight: Sight, paragraphs: Iterable[Paragraph], *, today: date) -> dict[int, Margin]:
    """Paragraph → margin. A constant number of queries."""
    ids = [paragraph.pk for paragraph in paragraphs]
    duties = list(
        sight.obligations.filter(paragraph__in=ids).select_related(
            "anchor_body", "anchor_session", "anchor_meeting__body", "lead_office", "responsible"
        )
    )
    turns: dict[int, list[Occurrence]] = {}
    for turn in in_full(sight.occurrences.filter(obligation__in=duties).exclude(status="superseded")):
        turns.setdefault(turn.obligation_id, []).append(turn)
    roster = Roster.on(today)
    found: dict[int, list[Duty]] = {}
    for duty in sorted(duties, key=lambda d: d.number):
        mine = sorted(turns.get(duty.pk, []), key=lambda t: (t.due_on or date.max, t.reference))
        found.setdefault(duty.paragraph_id, []).append(_duty(sight, duty, mine, roster, today))
    return {pk: Margin(tuple(several)) for pk, several in found.items()}


def _duty(sight: Sight, duty: Obligation, turns: list[Occurrence], roster: Roster, today: date) -> Duty:
    late = [turn for turn in turns if turn.due_on and turn.due_on < today and turn.status in UNDISCHARGED]
    to_come = [turn for turn in turns if turn.is_open and turn.due_on and turn.due_on >= today]
    standing = [turn for turn in turns if turn.is_open]
    first = next(iter([*to_come, *reversed(late), *reversed(standing), *reversed(turns)]), None)
    return Duty(
        title=duty.title,
        kind=str(duty.get_kind_display()),
        hangs_on=_hangs_on(duty),
        confirmed=duty.confirmed,
        holder=holder_words(first, roster, sight.reader) if first else None,
        turn=_turn(first, today) if first else None,
        past_due=len(late),
        turns=len(turns),
    )


def _turn(turn: Occurrence, today: date) -> Turn:
    return Turn(
        queries.mark(turn, today),
        turn.body.slug,
        turn.short_reference,
        str(turn.meeting or turn.session or ""),
        turn.due_on,
    )


def _hangs_on(duty: Obligation) -> str:
    """What the due point hangs on, in words."""
    if duty.anchor == Obligation.Anchor.DATE:
        return ""
    return str(duty.anchor_meeting or duty.anchor_session or duty.anchor_body or "")
