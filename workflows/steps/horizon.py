"""The turns of a duty, made from the calendar: one a session or meeting, never twice, never rewritten."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from tracker import audit, clock
from tracker.deadlines import due_point, periodic
from tracker.models import Meeting, Obligation, Occurrence, Person, Session, State, Version
from workflows import flows

HORIZON = timedelta(days=800)
Kind = Obligation.Kind
NO_DATE = frozenset({State.POSTPONED, State.CANCELLED})


@dataclass(frozen=True)
class Turn:
    """One turn as the calendar has it: the end of its reference, what it hangs on, and its due day as far as known."""

    suffix: str
    session: Session | None
    meeting: Meeting | None
    due_on: date | None


def turns(obligation: Obligation, *, today: date) -> list[Turn]:
    """The turns of an obligation that the calendar knows of, up to the horizon. A turn starts with the version that it
    is drawn from: nothing is asked for sessions or meetings before it was adopted."""
    version = obligation.paragraph.version
    match obligation.kind:
        case Kind.ONCE if obligation.anchor == Obligation.Anchor.DATE:
            return [Turn(f"{obligation.due_date:%Y%m%d}", None, None, obligation.due_date)]
        case Kind.ONCE if obligation.anchor_session:
            return [_of_session(obligation, obligation.anchor_session)]
        case Kind.EACH_SESSION | Kind.CONTINUING if obligation.anchor == Obligation.Anchor.SESSION:
            found = _sessions(obligation, version, today)
            return [_of_session(obligation, session) for session in found]
        case Kind.BEFORE_EACH_MEETING:
            return [_of_meeting(obligation, meeting) for meeting in _meetings(obligation, version, today)]
        case Kind.PERIODIC if obligation.due_date and obligation.interval_months:
            until = today + HORIZON
            return [
                Turn(f"{due:%Y%m%d}", None, None, due)
                for _number, due in periodic(obligation.due_date, obligation.interval_months, until)
            ]
    return []


def _sessions(obligation: Obligation, version: Version, today: date) -> list[Session]:
    found = Session.objects.filter(body=obligation.anchor_body, kind=Session.Kind.ORDINARY).exclude(
        state=State.CANCELLED
    )
    if since := _since(version):
        found = found.filter(Q(opens=None) | Q(opens__gt=since))
    if version.in_force_until:
        found = found.filter(Q(opens=None) | Q(opens__lte=version.in_force_until))
    return list(found.filter(Q(opens=None) | Q(opens__lte=today + HORIZON)))


def _meetings(obligation: Obligation, version: Version, today: date) -> list[Meeting]:
    found = Meeting.objects.filter(body=obligation.anchor_body).exclude(state=State.CANCELLED).select_related("session")
    if since := _since(version):
        found = found.filter(Q(begins=None) | Q(begins__gt=since))
        held = Meeting.objects.filter(body=obligation.anchor_body, begins__lte=since)
        before = held.order_by("-number").values_list("number", flat=True).first()
        if before:  # meetings are numbered in their order: one without a day was held before, too
            found = found.filter(number__gt=before)
    if version.in_force_until:
        found = found.filter(Q(begins=None) | Q(begins__lte=version.in_force_until))
    return list(found.filter(Q(begins=None) | Q(begins__lte=today + HORIZON)))


def _since(version: Version) -> date | None:
    return version.adopted_at.opens if version.adopted_at and version.adopted_at.opens else version.in_force_from


def _of_session(obligation: Obligation, session: Session) -> Turn:
    due = due_point(session.opening_day if session.state not in NO_DATE else None, obligation.offset_days)
    return Turn(session.slug, session, None, due)


def _of_meeting(obligation: Obligation, meeting: Meeting) -> Turn:
    due = due_point(meeting.opening_day if meeting.state not in NO_DATE else None, obligation.offset_days)
    return Turn(f"m{meeting.number}", meeting.session, meeting, due)


def plan_turns(obligation: Obligation, *, by: Person | None = None) -> list[Occurrence]:
    """Enter the turns that are not there yet; returns the new ones. Safe to run at any time and by several workers."""
    with transaction.atomic():
        obligation = (
            Obligation.objects.select_for_update(of=("self",), no_key=True)
            .select_related("paragraph__version__adopted_at", "resolution__body", "anchor_session")
            .get(pk=obligation.pk)
        )
        body = obligation.resolution.body
        if not obligation.confirmed or obligation.paragraph.version.tracking != Version.Tracking.CONFIRMED:
            return []
        known = set(obligation.occurrences.values_list("reference", flat=True))
        wanted = {
            f"{obligation.reference}-{turn.suffix}": turn
            for turn in turns(obligation, today=clock.today(body.time_zone))
        }
        return [_enter(obligation, ref, turn, by) for ref, turn in wanted.items() if ref not in known]


def _enter(obligation: Obligation, reference: str, turn: Turn, by: Person | None) -> Occurrence:
    now = clock.now()
    occurrence = Occurrence(
        obligation=obligation,
        body=obligation.resolution.body,
        resolution=obligation.resolution,
        reference=reference,
        session=turn.session,
        meeting=turn.meeting,
        due_on=turn.due_on,
        first_due_on=turn.due_on,
        status_since=now,
        opened_at=now,
    )
    audit.record(occurrence, "occurrence.planned", by=by)
    flows.enter(occurrence)
    return occurrence


def roll(*, by: Person | None = None) -> int:
    """Enter what the calendar brings for every confirmed obligation; returns how many turns were new."""
    confirmed = Obligation.objects.filter(confirmed=True, paragraph__version__tracking=Version.Tracking.CONFIRMED)
    return sum(len(plan_turns(obligation, by=by)) for obligation in confirmed)
