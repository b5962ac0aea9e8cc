"""The turns that the year is foretold for, with what the days of their ladders follow from: those that are open, and those that
the calendar will bring. Nothing is written."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, QuerySet

from tracker import ladders, rungs
from tracker.ladders import Facts
from tracker.models import Assignment, Meeting, Obligation, Occurrence, ReminderPolicy, Session, Version
from workflows.reminders.planning import Ground
from workflows.reminders.reasons import acts_on, moves_of
from workflows.steps import horizon
from workflows.steps.horizon import HORIZON, Dates, turns

Kind = Obligation.Kind


@dataclass(frozen=True)
class Turn:
    """A turn that may be reminded of, with what the days of its ladder follow from."""

    occurrence: Occurrence
    facts: Facts
    foreseen: bool = False


def ground_of(draft: ReminderPolicy | None) -> Ground:
    """What the planner plans from, with what a draft asks beside."""
    ground = Ground.read()
    if draft is not None:
        asked = ladders.read(draft.rungs)
        ground.rules |= {pk: rule for pk, rule in rungs.deadlines(asked).items() if rule.ended_at is None}
        ground.counts_acts |= any(rung.anchor == ladders.UNTOUCHED for rung in asked)
    return ground


def open_turns(found: QuerySet[Occurrence], ground: Ground) -> list[Turn]:
    """The turns that are there."""
    ids: Any = found.values("pk")  # a question within the question, however many there are
    moved = dict(moves_of(ids).order_by().values_list("subject_id").annotate(Max("recorded_at")))
    acts = acts_on(ids).order_by().values_list("subject_id").annotate(Max("recorded_at"))
    touched = dict(acts) if ground.counts_acts else {}
    loaded = found.select_related(None).prefetch_related(
        "body",
        "session",
        "meeting",
        "obligation__responsible__parent__parent",
        "obligation__endorser__body",
        "assignments__office__body",
        "assignments__person",
        "reports",
    )
    return [Turn(one, _facts(one, moved.get(one.pk), touched.get(one.pk), ground)) for one in loaded.order_by("pk")]


def _facts(occurrence: Occurrence, moved: datetime | None, touched: datetime | None, ground: Ground) -> Facts:
    zone = ZoneInfo(occurrence.body.time_zone)
    standing = (one for one in occurrence.assignments.all() if one.ended_at is None)
    lead = next((one for one in standing if one.part == Assignment.Part.LEAD), None)
    return Facts(
        occurrence.reference,
        occurrence.status,
        occurrence.due_on,
        max(occurrence.opened_at, moved or occurrence.opened_at).astimezone(zone).date(),
        lead.assigned_at.astimezone(zone).date() if lead else None,
        ground.deadlines(occurrence),
        touched.astimezone(zone).date() if touched else None,
    )


# What the calendar will bring ------------------------------------------------------------------------------------------


@dataclass
class Ahead(Dates):
    """Only what lies so far ahead that its turns are not entered yet; what is nearer has them since it was entered."""

    beyond: date = date.min

    def sessions(self, body: int | None) -> list[Session]:
        return [one for one in super().sessions(body) if one.opens and one.opens > self.beyond]

    def meetings(self, body: int | None) -> list[Meeting]:
        return [one for one in super().meetings(body) if one.begins and one.begins > self.beyond]


def foreseen(asked: QuerySet[Obligation], ground: Ground, today: date, last: date) -> list[Turn]:
    """The turns that come within the horizon as the year goes by, entered by the clock then; nobody is asked for them yet. What
    an event opens, and what follows a completion, is not foreseen: nobody does anything."""
    duties = (
        asked.filter(confirmed=True, paragraph__version__tracking=Version.Tracking.CONFIRMED, kind__in=COMING)
        .exclude(counted_from=Obligation.CountedFrom.COMPLETION, kind=Kind.PERIODIC)
        .select_related(
            "paragraph__version__adopted_at",
            "resolution__body",
            "responsible__parent__parent",
            "endorser__body",
            "anchor_session",
            "anchor_meeting__session",
            "anchor_rule__body__parent__parent",
        )
        .order_by("pk")
    )
    known = set(Occurrence.objects.filter(obligation__in=asked.values("pk")).values_list("reference", flat=True))
    dates = Ahead(beyond=today + HORIZON - MARGIN)
    found: list[Turn] = []
    for duty in duties:
        for turn in turns(duty, today=last, stations=ground.stations, dates=dates):
            reference = f"{duty.reference}-{turn.suffix}"
            if turn.due_on is None or turn.due_on < today or reference in known:
                continue
            anchor = turn.meeting.begins if turn.meeting else turn.session.opens if turn.session else turn.due_on
            row = _row(-1 - len(found), duty, turn, reference)
            entered = max(today, (anchor or turn.due_on) - HORIZON)
            facts = Facts(reference, row.status, turn.due_on, entered, None, ground.deadlines(row))
            found.append(Turn(row, facts, foreseen=True))
    return found


COMING = (Kind.ONCE, Kind.EACH_SESSION, Kind.CONTINUING, Kind.BEFORE_EACH_MEETING, Kind.PERIODIC)
MARGIN = timedelta(days=7)
"""The clock may not have gone round for some days."""


def _row(pk: int, duty: Obligation, turn: horizon.Turn, reference: str) -> Occurrence:
    """A turn as the clock would enter it, never saved. Its key is its own, so that it can be told apart, and it says of
    itself that nobody is asked and nothing handed in."""
    row = Occurrence(
        pk=pk,
        obligation=duty,
        body=duty.resolution.body,
        resolution=duty.resolution,
        reference=reference,
        session=turn.session,
        meeting=turn.meeting,
        due_on=turn.due_on,
    )
    row._prefetched_objects_cache = {"assignments": [], "reports": []}  # type: ignore[attr-defined]  # Django's own
    return row
