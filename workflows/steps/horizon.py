"""The turns of a duty, made from the calendar: one a session, meeting, period or event, never twice, never rewritten."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction

from tracker import audit, clock
from tracker.deadlines import add_months, next_from_completion, periodic
from tracker.duepoints import Stations, anchor_day, due_day
from tracker.marks import discharge
from tracker.models import Meeting, Obligation, Occasion, Occurrence, Person, Session, State, Version
from workflows import flows
from workflows.steps.columns import seat

HORIZON = timedelta(days=800)
Anchor, Kind = Obligation.Anchor, Obligation.Kind


@dataclass(frozen=True)
class Turn:
    """One turn as the calendar has it: the end of its reference, what it hangs on, and its due day as far as known.
    `period` is the day that a periodic turn stands for; it keeps it when its due day is changed. What hangs on no session
    is given its column when it is entered."""

    suffix: str
    session: Session | None
    meeting: Meeting | None
    due_on: date | None
    period: date | None = None
    occasion: Occasion | None = None


@dataclass
class Dates:
    """The sessions and meetings of bodies, read once for any number of duties."""

    _sessions: dict[int | None, list[Session]] = field(default_factory=dict)
    _meetings: dict[int | None, list[Meeting]] = field(default_factory=dict)

    def sessions(self, body: int | None) -> list[Session]:
        """The ordinary sessions of a body."""
        if body not in self._sessions:
            found = Session.objects.filter(body=body, kind=Session.Kind.ORDINARY)
            self._sessions[body] = list(found)
        return self._sessions[body]

    def meetings(self, body: int | None) -> list[Meeting]:
        """The meetings of a body."""
        if body not in self._meetings:
            self._meetings[body] = list(Meeting.objects.filter(body=body).select_related("session"))
        return self._meetings[body]


def turns(
    obligation: Obligation, *, today: date, stations: Stations | None = None, dates: Dates | None = None
) -> list[Turn]:
    """The turns of an obligation that the calendar knows of, up to the horizon. A turn starts with the version that it
    is drawn from: nothing is asked for sessions or meetings before it was adopted."""
    stations, dates = stations or Stations(), dates or Dates()
    version = obligation.paragraph.version
    match obligation.kind:
        case Kind.ONCE if obligation.anchor == Anchor.DATE:
            return [Turn(f"{obligation.due_date:%Y%m%d}", None, None, obligation.due_date)]
        case Kind.ONCE if obligation.anchor_meeting:
            return [_of_meeting(obligation, obligation.anchor_meeting, stations)]
        case Kind.ONCE if obligation.anchor_session:
            return [_of_session(obligation, obligation.anchor_session, stations)]
        case Kind.EACH_SESSION | Kind.CONTINUING if obligation.anchor == Anchor.SESSION:
            found = _sessions(dates.sessions(obligation.anchor_body_id), version, today)
            return [_of_session(obligation, session, stations) for session in found]
        case Kind.BEFORE_EACH_MEETING:
            held = _meetings(dates.meetings(obligation.anchor_body_id), version, today)
            return [_of_meeting(obligation, meeting, stations) for meeting in held]
        case Kind.PERIODIC if obligation.due_date and obligation.interval_months:
            return _periods(obligation, obligation.due_date, obligation.interval_months, today)
        case Kind.ON_EVENT:
            return [_of_occasion(obligation, one, stations) for one in obligation.occasions.all()]
    return []


def _sessions(known: list[Session], version: Version, today: date) -> list[Session]:
    return [one for one in known if one.state != State.CANCELLED and _asked_for(one.opens, version, today)]


def _meetings(known: list[Meeting], version: Version, today: date) -> list[Meeting]:
    """Meetings are numbered in their order: one without a day was held before the version, where a later one was."""
    since = since_when(version)
    before = [one.number for one in known if since and one.begins and one.begins <= since]
    later = [one for one in known if one.number > max(before, default=-1)]
    return [one for one in later if one.state != State.CANCELLED and _asked_for(one.begins, version, today)]


def _asked_for(day: date | None, version: Version, today: date) -> bool:
    """Whether a version asks for something at a session or meeting of a day (None: not known yet), up to the horizon."""
    if day is None:
        return True
    since = since_when(version)
    until = min(version.in_force_until or date.max, today + HORIZON)
    return (since is None or day > since) and day <= until


def since_when(version: Version) -> date | None:
    """From when a version asks for anything: the session that adopted it, or else its entry into force."""
    return version.adopted_at.opens if version.adopted_at and version.adopted_at.opens else version.in_force_from


def _of_session(obligation: Obligation, session: Session, stations: Stations) -> Turn:
    return Turn(session.slug, session, None, due_day(obligation, anchor_day(session), stations))


def _of_meeting(obligation: Obligation, meeting: Meeting, stations: Stations) -> Turn:
    due = due_day(obligation, anchor_day(meeting), stations)
    return Turn(f"m{meeting.number}", meeting.session, meeting, due)


def _of_occasion(obligation: Obligation, occasion: Occasion, stations: Stations) -> Turn:
    due = due_day(obligation, occasion.happened_on, stations)
    return Turn(f"e{occasion.number}", None, None, due, occasion=occasion)


def _periods(obligation: Obligation, start: date, every_months: int, today: date) -> list[Turn]:
    """By the calendar, up to the horizon: start + one period, + two … Counted from the last completion: the first, and
    then one more when the last one is discharged, so that no two are ever open. No period begins after the version's end."""
    if obligation.counted_from == Obligation.CountedFrom.COMPLETION:
        days = [_after_completion(obligation, start, every_months)]
    else:
        days = [due for _number, due in periodic(start, every_months, today + HORIZON)]
    until = obligation.paragraph.version.in_force_until or date.max
    return [Turn(f"{day:%Y%m%d}", None, None, day, period=day) for day in days if day is not None and day <= until]


def _after_completion(obligation: Obligation, start: date, every_months: int) -> date | None:
    last = obligation.occurrences.exclude(period=None).order_by("-period").first()
    if last is None or last.period is None:
        return add_months(start, every_months)
    done = discharge(last)
    return next_from_completion(done.on, last.period, every_months) if done.done else None


def plan_turns(obligation: Obligation, *, by: Person | None = None) -> list[Occurrence]:
    """Enter the turns that are not there yet; returns the new ones. Safe to run at any time and by several workers."""
    with transaction.atomic():
        obligation = (
            Obligation.objects.select_for_update(of=("self",), no_key=True)
            .select_related(
                "paragraph__version__adopted_at",
                "resolution__body",
                "responsible",
                "anchor_session",
                "anchor_meeting__session",
                "anchor_rule__body",
            )
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
        occasion=turn.occasion,
        period=turn.period,
        due_on=turn.due_on,
        first_due_on=turn.due_on,
        status_since=now,
        opened_at=now,
    )
    seat(occurrence)
    audit.record(occurrence, "occurrence.planned", by=by)
    flows.enter(occurrence)
    return occurrence


def is_followed(duty: Obligation) -> bool:
    """Whether the discharge of one turn brings the next."""
    return duty.kind == Kind.PERIODIC and duty.counted_from == Obligation.CountedFrom.COMPLETION


def follow(occurrence: Occurrence, *, by: Person | None) -> None:
    """Enter the next turn of a duty that is counted from its last completion, once that one is discharged. The daily
    round does the same for whatever this missed."""
    if is_followed(occurrence.obligation):
        plan_turns(occurrence.obligation, by=by)


def roll(*, by: Person | None = None) -> int:
    """Enter what the calendar brings for every confirmed obligation; returns how many turns were new."""
    confirmed = Obligation.objects.filter(confirmed=True, paragraph__version__tracking=Version.Tracking.CONFIRMED)
    return sum(len(plan_turns(obligation, by=by)) for obligation in confirmed)
