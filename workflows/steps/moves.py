"""Moving a session or a meeting: what hangs on it moves with it, in one audited act.

An undischarged turn that stands at its due point gets the new due point: over its document deadline, and in working days
where it counts those. One whose day was changed by choice keeps its distance in days. The first promise stays; a
discharged turn is never rewritten. Without a day known to the day a turn waits for a date, which is not late.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker.duepoints import Stations, due_day
from tracker.marks import discharge
from tracker.models import Body, Meeting, Obligation, Occurrence, Person, Precision, Session, Sitting, State
from workflows.machines import OPEN
from workflows.steps.beats import said
from workflows.steps.bodies import BodyAct, NotTheMoment, acting_on_body, checked, span
from workflows.steps.columns import Seating, seat, session_after
from workflows.steps.dates import overtake
from workflows.steps.horizon import plan_turns

MOVABLE = (State.PLANNED, State.POSTPONED, State.CANCELLED)


class Moved(NamedTuple):
    """A turn that a move would carry along: due then, due now (None: waiting for a date)."""

    occurrence: Occurrence
    old: date | None
    new: date | None


def would_move(thing: Session | Meeting, opens: date | None, precision: str = Precision.DAY) -> list[Moved]:
    """What moving a session or a meeting would change, in the order of due days; changes nothing. `opens` None: postponed
    without a date."""
    turns = _carried(_hung_on(thing), thing.opening_day, opens if precision == Precision.DAY else None)
    return [turn for turn in turns if turn.new != turn.old]


def move_session(  # noqa: PLR0913  (what is said of it has that many parts)
    session: Session,
    *,
    opens: date | None,
    by: Person,
    reason: str,
    closes: date | None = None,
    precision: str = Precision.DAY,
) -> Session:
    """Another opening (and closing) day, saying why; `opens` None postpones it without a date. A planned main sitting
    goes with it. Raises NotTheMoment once the session was held."""
    with acting_on_body(session.body, "move_session", by=by) as act:
        hung = lock_duties(session.body)
        session = locked_session(session)
        seating = Seating.of(act.body, session)
        _require_movable(session)
        reason = said("reason", reason)
        opens, precision, closes = span(opens, closes, precision, names=("opens", "closes"))
        dates = (opens, closes, precision)
        if dates == (session.opens, session.closes, session.precision) and session.state != State.CANCELLED:
            raise ValidationError({"opens": _("Those are its dates already.")})
        _require_to_come(act, opens, precision, session.opens, "opens")
        carried = _carried(_locked(session), session.opening_day, opens if precision == Precision.DAY else None)
        main = session.sittings.filter(kind=Sitting.Kind.MAIN, state__in=MOVABLE)
        sittings = tuple(_with_session(sitting, dates) for sitting in main)
        session.opens, session.closes, session.precision = dates
        session.state = State.PLANNED if opens else State.POSTPONED
        act.record(checked(session), "session.moved", words={"reason": reason}, also=sittings)
        carry(act, carried)
        seating.set_right(act)
        replan(hung, by)
    return session


def move_meeting(  # noqa: PLR0913  (what is said of it has that many parts)
    meeting: Meeting,
    *,
    begins: date | None,
    by: Person,
    reason: str,
    ends: date | None = None,
    precision: str = Precision.DAY,
) -> Meeting:
    """As `move_session`, for a meeting of a group. It then belongs to the first ordinary session that opens after it."""
    with acting_on_body(meeting.body, "move_meeting", by=by) as act:
        hung = lock_duties(meeting.body)
        meeting = (
            Meeting.objects.select_for_update(of=("self",), no_key=True)
            .select_related("body__parent")
            .get(pk=meeting.pk)
        )
        _require_movable(meeting)
        reason = said("reason", reason)
        begins, precision, ends = span(begins, ends, precision, names=("begins", "ends"))
        dates = (begins, ends, precision)
        if dates == (meeting.begins, meeting.ends, meeting.precision) and meeting.state != State.CANCELLED:
            raise ValidationError({"begins": _("Those are its dates already.")})
        _require_to_come(act, begins, precision, meeting.begins, "begins")
        carried = _carried(_locked(meeting), meeting.opening_day, begins if precision == Precision.DAY else None)
        meeting.begins, meeting.ends, meeting.precision = dates
        meeting.state = State.PLANNED if begins else State.POSTPONED
        if begins:
            meeting.session = session_after(meeting.body, begins) or meeting.session
        act.record(checked(meeting), "meeting.moved", words={"reason": reason})
        for turn in carried:
            turn.occurrence.session = meeting.session
        carry(act, carried)
        replan(hung, by)
    return meeting


def locked_session(session: Session) -> Session:
    """The session as it stands now, its row locked. Rows that name it can still be entered meanwhile: a turn that is
    discharged just now may bring the next one."""
    found = Session.objects.select_for_update(of=("self",), no_key=True).select_related("body")
    return found.get(pk=session.pk)


def lock_duties(body: Body) -> list[Obligation]:
    """The confirmed duties hung on a body's calendar, their rows locked: nobody enters a turn of theirs from dates that
    are just changing. Always before the session and the turns, in one order."""
    hung = Obligation.objects.filter(Q(anchor_body=body) | Q(anchor_session__body=body), confirmed=True)
    return list(hung.order_by("pk").select_for_update(of=("self",), no_key=True))


def replan(hung: list[Obligation], by: Person) -> None:
    """Enter the turns that the calendar now brings."""
    for obligation in hung:
        plan_turns(obligation, by=by)


def carry(act: BodyAct, carried: list[Moved]) -> None:
    """Move the turns, one event for each that changes; the first promise is kept, or made with the first date. A known
    day that changes, or goes, is a slip with the calendar; a first day is none."""
    for turn in carried:
        slipped = turn.old is not None and turn.new != turn.old
        turn.occurrence.moved_with_calendar += slipped
        turn.occurrence.due_on = turn.new
        turn.occurrence.first_due_on = turn.occurrence.first_due_on or turn.new
        seat(turn.occurrence)
        also = overtake(turn.occurrence) if turn.new != turn.old else []
        act.record(turn.occurrence, "occurrence.moved", also=tuple(also))


def without_a_date(thing: Session | Meeting) -> list[Moved]:
    """What cancelling changes: the turns wait, until a decision waives them or another date is set."""
    return _carried(_locked(thing), thing.opening_day, None)


def _carried(turns: Iterable[Occurrence], old_day: date | None, new_day: date | None) -> list[Moved]:
    """The undischarged ones among the turns, with their due days then and now."""
    stations = Stations()
    return [
        Moved(turn, turn.due_on, _new_due(turn, old_day, new_day, stations))
        for turn in turns
        if not discharge(turn).done
    ]


def _hung_on(thing: Session | Meeting) -> QuerySet[Occurrence]:
    """The open turns that hang on it. A periodic one, or one opened by an event, only stands in a session's column."""
    found = with_due_points(Occurrence.objects.filter(status__in=OPEN)).order_by("due_on", "pk")
    if isinstance(thing, Meeting):
        return found.filter(meeting=thing)
    return found.filter(session=thing, meeting=None, period=None, occasion=None)


def with_due_points(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Turns with what their due points hang on."""
    return found.select_related(
        "obligation__anchor_rule__body", "obligation__responsible", "body", "session", "meeting", "occasion"
    )


def _locked(thing: Session | Meeting) -> QuerySet[Occurrence]:
    return _hung_on(thing).order_by("pk").select_for_update(of=("self",), no_key=True)


def _new_due(turn: Occurrence, old_day: date | None, new_day: date | None, stations: Stations) -> date | None:
    """The duty's own due point, counted from the new day; by the same days as what it hangs on where the turn's day had
    been changed by choice."""
    due = due_day(turn.obligation, new_day, stations)
    if new_day is None or old_day is None or turn.due_on is None:
        return due
    if turn.due_on == due_day(turn.obligation, old_day, stations):
        return due
    return turn.due_on + (new_day - old_day)


def _require_movable(thing: Session | Meeting) -> None:
    if thing.state not in MOVABLE:
        raise NotTheMoment(_("%(what)s was held: what is over does not move.") % {"what": thing}, object=thing)


def _require_to_come(act: BodyAct, first: date | None, precision: str, before: date | None, name: str) -> None:
    """Turns must not become late by a date set after the fact; a first day that stays may lie in the past."""
    if first and first != before and precision == Precision.DAY and first < act.today:
        raise ValidationError({name: _("That day is over: choose today or a day to come.")})


def _with_session(sitting: Sitting, dates: tuple[date | None, date | None, str]) -> Sitting:
    sitting.begins, sitting.ends, sitting.precision = dates
    sitting.state = State.PLANNED if sitting.begins else State.POSTPONED
    return sitting
