"""What a successor is handed: what is open, what was promised for when, what was reported last, what is asked. Built from
what `access` lets the reader see; a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access, clock, queries
from tracker.marks import Mark
from tracker.models import (
    Assignment,
    Comment,
    DateRequest,
    Event,
    HandOver,
    Occurrence,
    Office,
    Report,
    Substitution,
)

MOST_COMMENTS = 3


@dataclass(frozen=True)
class Slip:
    """A due day that was changed: from what to what, by whom, why."""

    before: str
    after: str
    by: str
    reason: str


@dataclass(frozen=True)
class Item:
    """An open turn: why it is handed over, how it stands, its slips, the last report on its duty, and what is asked."""

    occurrence: Occurrence
    mark: Mark
    part: str
    slips: tuple[Slip, ...]
    report: Report | None
    sent_back: str | None
    request: DateRequest | None
    comments: tuple[Comment, ...]

    @property
    def asked(self) -> bool:
        """Whether a question is open."""
        return self.sent_back is not None or self.request is not None or bool(self.comments)


@dataclass(frozen=True)
class Pack:
    """All that a hand-over shows. `personal` is what the predecessor was asked for in person, where they have left."""

    hand_over: HandOver
    today: date
    items: tuple[Item, ...]
    personal: tuple[Item, ...]
    substitutions: tuple[Substitution, ...]

    @property
    def questions(self) -> list[Item]:
        return [one for one in (*self.items, *self.personal) if one.asked]

    @property
    def begun(self) -> bool:
        begins = self.hand_over.term.begins
        return begins is None or begins <= self.today

    @property
    def over(self) -> bool:
        ends = self.hand_over.term.ends
        return ends is not None and ends < self.today


@dataclass
class _Told:
    """What the events of an occurrence say of its days and of its last return."""

    slips: list[Slip] = field(default_factory=list)
    returned: str = ""


def pack(reader: access.Reader, hand_over: HandOver) -> Pack:
    """A hand-over as a reader sees it today."""
    office = hand_over.term.office
    today = clock.today(office.body.time_zone)
    seen = queries.with_facts(queries.still_open(access.occurrences(reader))).prefetch_related(
        Prefetch("reports", Report.objects.order_by("-pk").defer("text"), to_attr="newest_first"),
        Prefetch("date_requests", DateRequest.objects.filter(answer=DateRequest.Answer.OPEN), to_attr="unanswered"),
        Prefetch(
            "comments",
            access.comments(reader, Comment.objects.filter(taken_back_at=None))
            .select_related("author")
            .order_by("-pk"),
            to_attr="said",
        ),
    )
    owed = list(seen.filter(_of_office(office)).order_by("due_on", "reference"))
    personal = list(_of_predecessor(seen, hand_over, today).order_by("due_on", "reference"))
    told = _told({one.pk for one in (*owed, *personal)})
    reports = _last_reports(reader, {one.obligation_id for one in (*owed, *personal)})

    def items(found: Iterable[Occurrence]) -> tuple[Item, ...]:
        return tuple(_item(one, office, told.get(one.pk, _Told()), reports, today) for one in found)

    return Pack(hand_over, today, items(owed), items(personal), _substitutions(hand_over, today))


def _of_office(office: Office) -> Q:
    """What the office was asked for, and what waits for its endorsement."""
    asked = Assignment.objects.standing().filter(office=office).values("occurrence")
    return Q(pk__in=asked) | Q(status="submitted", obligation__endorser=office)


def _of_predecessor(seen: QuerySet[Occurrence], hand_over: HandOver, today: date) -> QuerySet[Occurrence]:
    """What the predecessor was asked for in person, where they have left."""
    term = hand_over.predecessor
    if term is None or not access.leavers(today).has(term.person, hand_over.term.office.body):
        return seen.none()
    return seen.filter(pk__in=Assignment.objects.standing().filter(person=term.person).values("occurrence"))


def _item(occurrence: Any, office: Office, told: _Told, reports: dict[int, Report], today: date) -> Item:
    newest = occurrence.newest_first[0] if occurrence.newest_first else None
    returned = occurrence.status == "in_progress" and newest is not None and newest.state == Report.State.SENT_BACK
    return Item(
        occurrence=occurrence,
        mark=queries.mark(occurrence, today),
        part=_part(occurrence, office),
        slips=tuple(told.slips),
        report=reports.get(occurrence.obligation_id),
        sent_back=told.returned if returned else None,
        request=next(iter(occurrence.unanswered), None),
        comments=tuple(occurrence.said[:MOST_COMMENTS]),
    )


def _part(occurrence: Any, office: Office) -> str:
    mine = next((one for one in occurrence.standing if one.office_id == office.pk), None)
    if mine is not None:
        return str(mine.get_part_display())
    if occurrence.obligation.endorser_id == office.pk and occurrence.status == "submitted":
        return _("to endorse")
    return _("asked for in person")


def _told(ids: set[int]) -> dict[int, _Told]:
    """What the events of some occurrences say, in their order. One query."""
    found: dict[int, _Told] = {}
    events = Event.objects.filter(subject_type="occurrence", subject_id__in=ids).filter(
        Q(changes__has_key="due_on") | Q(verb__in=["occurrence.sent_back", "occurrence.reopened"])
    )
    for event in events.select_related("words", "actor").order_by("pk"):
        one = found.setdefault(event.subject_id, _Told())
        words = event.words.words if hasattr(event, "words") else {}
        reason = str(words.get("reason", ""))
        before, after = event.changes.get("due_on", [None, None])
        if before:
            one.slips.append(Slip(str(before), str(after or ""), str(event.actor or _("The system")), reason))
        if event.verb in {"occurrence.sent_back", "occurrence.reopened"}:
            one.returned = reason
    return found


def _last_reports(reader: access.Reader, duties: set[int]) -> dict[int, Report]:
    """The last report that stands, or was endorsed, of each of these duties. One query."""
    standing = Report.objects.filter(
        occurrence__obligation__in=duties, state__in=[Report.State.SUBMITTED, Report.State.ENDORSED]
    )
    seen = access.papers(reader, standing).select_related("occurrence__body").defer("text")
    return {one.occurrence.obligation_id: one for one in seen.order_by("submitted_at", "pk")}


def _substitutions(hand_over: HandOver, today: date) -> tuple[Substitution, ...]:
    """Who stands in for the office, or for the successor in everything, today or to come."""
    term = hand_over.term
    whole = Q(office=None, principal=term.person)
    found = Substitution.objects.filter(Q(office=term.office) | whole, ends__gte=today)
    return tuple(found.select_related("principal", "substitute", "office", "resolution").order_by("begins", "pk"))
