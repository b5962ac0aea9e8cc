"""The turns of many items at once, read as plain columns: as much of each as a cell or a margin shows."""

from dataclasses import dataclass, fields
from datetime import date

from django.db.models import FilteredRelation, Q, QuerySet

from tracker.marks import ORDER, Facts, Mark, mark_of
from tracker.models import Assignment, Occurrence, Report, Session
from tracker.summaries.scope import UNDISCHARGED

STANDING = [Report.State.SUBMITTED, Report.State.ENDORSED]


@dataclass(frozen=True, slots=True)
class Columns:
    """What a cell shows of an occurrence, and what decides its mark, in the order in which it is asked for. `lead` is the
    standing lead's assignment and `document` the symbol of the paper that stands; there is at most one of each."""

    pk: int
    paragraph: int
    session: int | None
    reference: str
    body: str
    title: str
    status: str
    due_on: date | None
    submitted_on: date | None
    discharged_on: date | None
    discharged_precision: str
    nothing_happened: bool
    on_hold: bool
    meeting: int | None
    meeting_on: date | None
    meeting_precision: str | None
    document: str | None
    lead: int | None
    told: object

    @property
    def is_open(self) -> bool:
        return self.status in UNDISCHARGED | {"submitted", "endorsed"}


PATHS = {
    "paragraph": "obligation__paragraph",
    "body": "body__slug",
    "title": "obligation__title",
    "meeting": "meeting__number",
    "meeting_on": "meeting__begins",
    "meeting_precision": "meeting__precision",
    "document": "paper__symbol",
    "told": "lead__told_at",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn with its mark."""

    columns: Columns
    mark: Mark

    @property
    def order(self) -> tuple[int, date, str]:
        """Worst first, within a mark the oldest day first: as `queries.worst_first` has it."""
        return ORDER[self.mark.code], self.columns.due_on or date.max, self.columns.reference


def read(found: QuerySet[Occurrence], today: date) -> list[Turn]:
    """The turns of a queryset, worst first. Two queries, whatever their number."""
    led = Q(assignments__part=Assignment.Part.LEAD, assignments__ended_at=None)
    stands = Q(reports__state__in=STANDING)
    rows = (
        found.order_by()
        .alias(lead=FilteredRelation("assignments", condition=led), paper=FilteredRelation("reports", condition=stands))
        .values_list(*[PATHS.get(one.name, one.name) for one in fields(Columns)])
    )
    over = {one.pk for one in Session.objects.filter(opens__lt=today) if one.is_over(today)}

    def turn(one: Columns) -> Turn:
        facts = Facts(one.lead is not None, one.told is not None, one.session in over)
        return Turn(one, mark_of(one, facts, today))

    return sorted((turn(Columns(*row)) for row in rows), key=lambda one: one.order)
