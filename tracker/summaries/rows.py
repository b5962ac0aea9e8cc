"""Rows in full: what is past due, what awaits the body's decision, and who holds a duty."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from tracker import access, queries
from tracker.ball import Roster
from tracker.ladders import HOLDER, at_most
from tracker.marks import Mark
from tracker.models import Assignment, Event, Notice, Occurrence, Person, Report
from tracker.policies import Policies

TOLD = [Notice.State.SENT, Notice.State.SHOWN]
STANDING = [Report.State.SUBMITTED, Report.State.ENDORSED]


@dataclass(frozen=True)
class Holder:
    """The office or person that leads, who holds that office today, and whom a substitute acts for."""

    office: str = ""
    person: str = ""
    acting_for: str = ""


@dataclass(frozen=True)
class Late:
    """An occurrence past its day, with all that a reader asks first. `changed` counts changes of mind, `moved` moves of
    its session or meeting."""

    mark: Mark
    reference: str
    body: str
    short: str
    number: str
    text: str
    symbol: str
    belongs_to: str
    meeting: str
    holder: Holder
    days: int
    due_on: date
    first_due_on: date | None
    changed: int
    moved: int
    reminders_sent: int
    reminders_at_most: int
    reason: str


@dataclass(frozen=True)
class Pending:
    """An occurrence that is complete and awaits the body, with the paper that was handed in."""

    mark: Mark
    reference: str
    body: str
    short: str
    number: str
    title: str
    symbol: str
    belongs_to: str
    document: str
    received_on: date | None
    received_precision: str


def in_full(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """With what a row shows: facts of its mark, standing assignments, and the standing report as `papers`. Constant
    number of queries."""
    shared = (
        "obligation__paragraph",
        "obligation__responsible",
        "resolution",
        "session__body",
        "meeting__body",
        "body",
    )
    return queries.with_facts(
        found.select_related(None).prefetch_related(*shared)  # once each, not once a row: many rows share them
    ).prefetch_related(Prefetch("reports", Report.objects.filter(state__in=STANDING).defer("text"), to_attr="papers"))


def _first(found: QuerySet[Occurrence], limit: int) -> list[Occurrence]:
    """The first of many: their keys are sorted out first, and only these are read in full."""
    keys = list(found.values_list("pk", flat=True)[:limit])
    rows = {one.pk: one for one in in_full(Occurrence.objects.filter(pk__in=keys)).order_by()} if keys else {}
    return [rows[key] for key in keys if key in rows]


def holder_words(occurrence: Occurrence, roster: Roster, reader: access.Reader) -> Holder:
    """Who leads an occurrence that `in_full` or `with_facts` fetched."""
    lead = next((a for a in occurrence.standing if a.part == Assignment.Part.LEAD), None)  # type: ignore[attr-defined]
    return lead_words(lead, roster, reader)


def lead_words(lead: Assignment | None, roster: Roster, reader: access.Reader) -> Holder:
    """Who leads, by the standing assignment. People's names are for those who have logged in, and in no paper that lasts."""
    if lead is None:
        return Holder()
    named = isinstance(reader, Person)  # a paper for all members lasts, so it names offices
    if lead.office is None:
        return Holder(person=str(lead.person) if named else _("a person"))
    holding = roster.holder(lead.office)
    if holding is None:
        return Holder(office=lead.office.title, person=_("no one holds this office"))
    holder = str(holding) if named else ""
    return Holder(office=lead.office.title, person=holder if holder != lead.office.title else "")


def late_rows(
    reader: access.Reader, found: QuerySet[Occurrence], *, roster: Roster, today: date, limit: int
) -> tuple[Late, ...]:
    """The worst of what is past due, at most `limit`. A constant number of queries."""
    rows = _first(queries.worst_first(queries.past_due(found, today)), limit)
    slips, reasons = _slips(rows)
    sent = dict(
        Notice.objects.filter(
            occurrence__in=rows, kind=Notice.Kind.REMINDER, state__in=TOLD, audience=Notice.Audience.HOLDER
        )
        .values_list("occurrence")
        .annotate(count=Count("planned_for", distinct=True))  # told to two who stand in, it is one
    )
    policies = Policies.in_force()
    if policies.by_scope:
        prefetch_related_objects(rows, "obligation__responsible__parent__parent")
    return tuple(
        Late(
            mark=queries.mark(one, today),
            reference=one.reference,
            body=one.body.slug,
            short=one.short_reference,
            number=one.obligation.paragraph.label or one.obligation.paragraph.path,
            text=one.obligation.paragraph.text,
            symbol=one.resolution.symbol,
            belongs_to=str(one.session or ""),
            meeting=str(one.meeting or ""),
            holder=holder_words(one, roster, reader),
            days=(today - one.due_on).days if one.due_on else 0,
            due_on=one.due_on or today,
            first_due_on=one.first_due_on,
            changed=slips.get((one.pk, "occurrence.due_date_changed"), 0),
            moved=slips.get((one.pk, "occurrence.moved"), 0),
            reminders_sent=sent.get(one.pk, 0),
            reminders_at_most=at_most(policies.of(one.obligation), HOLDER),
            reason=one.hold_reason or reasons.get(one.pk, ""),
        )
        for one in rows
    )


def _slips(rows: Iterable[Occurrence]) -> tuple[dict[tuple[int, str], int], dict[int, str]]:
    """How often each was changed and moved, and the reason given last. One query."""
    slips: dict[tuple[int, str], int] = {}
    reasons: dict[int, str] = {}
    moved = Event.objects.filter(
        subject_type="occurrence",
        subject_id__in=[one.pk for one in rows],
        verb__in=["occurrence.due_date_changed", "occurrence.moved"],
    ).select_related("words")
    for event in moved.order_by("pk"):
        if event.changes.get("due_on", [None])[0] is None:  # another column, or the first date given: no slip
            continue
        key = (event.subject_id, event.verb)
        slips[key] = slips.get(key, 0) + 1
        words = event.words.words if hasattr(event, "words") else {}
        reasons[event.subject_id] = str(words.get("reason") or reasons.get(event.subject_id, ""))
    return slips, reasons


def pending_rows(found: QuerySet[Occurrence], *, today: date, limit: int) -> tuple[Pending, ...]:
    """What is complete and awaits the body's decision, at most `limit`, in the order of the sessions."""
    rows = _first(queries.awaiting_decision(found).order_by("session__opens", "reference"), limit)
    return tuple(
        Pending(
            mark=queries.mark(one, today),
            reference=one.reference,
            body=one.body.slug,
            short=one.short_reference,
            number=one.obligation.paragraph.label or one.obligation.paragraph.path,
            title=one.obligation.title,
            symbol=one.resolution.symbol,
            belongs_to=str(one.session or one.meeting or ""),
            document=next((paper.symbol for paper in one.papers if paper.symbol), ""),  # type: ignore[attr-defined]
            received_on=one.discharged_on,
            received_precision=one.discharged_precision,
        )
        for one in rows
    )
