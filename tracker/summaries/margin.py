"""What stands in the margin beside each operative item of a resolution: its duties, how they stand, who holds them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker import queries
from tracker.ball import Roster
from tracker.marks import Mark
from tracker.models import Obligation, Occurrence, Paragraph
from tracker.summaries.rows import Holder, holder_words, in_full
from tracker.summaries.scope import UNDISCHARGED, Sight

AT_ONCE = 500


class Place(NamedTuple):
    """As much of a turn as its place among those of its duty depends on."""

    pk: int
    status: str
    due_on: date | None
    reference: str

    @property
    def is_open(self) -> bool:
        return self.status in UNDISCHARGED | {"submitted", "endorsed"}


class Sum(NamedTuple):
    """The turns of a duty: the one to show, how many are past their day, how many there are."""

    first: int
    past_due: int
    turns: int


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
    """Paragraph → margin. A constant number of queries, for each 500 duties."""
    ids = [paragraph.pk for paragraph in paragraphs]
    duties = list(
        sight.obligations.filter(paragraph__in=ids).select_related(
            "anchor_body", "anchor_session", "anchor_meeting__body", "lead_office", "responsible"
        )
    )
    mine: dict[int, list[Place]] = {}
    places = sight.occurrences.filter(obligation__paragraph__in=ids).exclude(status="superseded").order_by()
    for duty_id, pk, status, due_on, reference in places.values_list(
        "obligation", "pk", "status", "due_on", "reference"
    ):
        mine.setdefault(duty_id, []).append(Place(pk, status, due_on, reference))
    sums = {duty_id: _sum(several, today) for duty_id, several in mine.items()}
    firsts = _firsts([one.first for one in sums.values()])
    roster = Roster.on(today)
    found: dict[int, list[Duty]] = {}
    for duty in sorted(duties, key=lambda d: d.number):
        of_duty = sums.get(duty.pk)
        first = firsts.get(of_duty.first) if of_duty else None
        found.setdefault(duty.paragraph_id, []).append(
            Duty(
                title=duty.title,
                kind=str(duty.get_kind_display()),
                hangs_on=_hangs_on(duty),
                confirmed=duty.confirmed,
                holder=holder_words(first, roster, sight.reader) if first else None,
                turn=_turn(first, today) if first else None,
                past_due=of_duty.past_due if of_duty else 0,
                turns=of_duty.turns if of_duty else 0,
            )
        )
    return {pk: Margin(tuple(several)) for pk, several in found.items()}


def _sum(turns: list[Place], today: date) -> Sum:
    """The turns of one duty, summed up."""
    turns = sorted(turns, key=lambda turn: (turn.due_on or date.max, turn.reference))
    late = [turn for turn in turns if turn.due_on and turn.due_on < today and turn.status in UNDISCHARGED]
    to_come = [turn for turn in turns if turn.is_open and turn.due_on and turn.due_on >= today]
    standing = [turn for turn in turns if turn.is_open]
    first = next(iter([*to_come, *reversed(late), *reversed(standing), *reversed(turns)]))
    return Sum(first.pk, len(late), len(turns))


def _firsts(numbers: Sequence[int]) -> dict[int, Occurrence]:
    """The turns that are shown, in full, by their keys: so many at a time as every database takes in one question."""
    found: dict[int, Occurrence] = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = Occurrence.objects.filter(pk__in=numbers[start : start + AT_ONCE]).order_by()
        found |= {one.pk: one for one in in_full(some)}
    return found


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
