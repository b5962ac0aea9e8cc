"""In which session's column a turn stands that hangs on no session: kept right as sessions are added and move.

A meeting belongs to the first ordinary session of the body above that opens after it; a periodic turn, and one opened by
an event, to the first that opens on or after its due day. What is discharged, and what belongs to a session that is over,
stays where it stands.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from tracker.marks import discharge
from tracker.models import Body, Meeting, Occurrence, Session, State
from workflows.machines import OPEN
from workflows.steps.bodies import BodyAct

SETTLED = frozenset({State.HELD})


def ordinary(body: Body) -> list[Session]:
    """The ordinary sessions of a body that have a first day and were not cancelled, in order."""
    found = Session.objects.filter(body=body, kind=Session.Kind.ORDINARY, opens__isnull=False)
    return list(found.exclude(state=State.CANCELLED).order_by("opens", "pk"))


def column_on(body: Body, due_on: date | None) -> Session | None:
    """The session whose column a turn stands in that falls due on a day: None where that is not known yet."""
    return _first(ordinary(body), due_on) if due_on else None


def seat(turn: Occurrence) -> None:
    """Put a turn that hangs on no session, a periodic one or one opened by an event, into the column of its due day."""
    if turn.period or turn.occasion_id:
        turn.session = column_on(turn.body, turn.due_on)


def session_after(body: Body, day: date) -> Session | None:
    """The session that a meeting of `body` belongs to: the first ordinary session of the body above it (its own where it
    is under none) that opens after the day."""
    return _first(ordinary(body.parent or body), day, after=True)


def _first(sessions: list[Session], day: date, *, after: bool = False) -> Session | None:
    return next((one for one in sessions if one.opens and (one.opens > day or (one.opens == day and not after))), None)


@dataclass(frozen=True)
class Seating:
    """Where everything stood before the sessions of a body changed. A meeting that was put under another session by
    choice stays there."""

    body: Body
    meetings: tuple[Meeting, ...]

    @classmethod
    def of(cls, body: Body, session: Session | None = None) -> "Seating":
        """The meetings that stand where the calendar puts them, their rows locked; and all turns that may move with them,
        or with a session, in one order: who decides several at once locks them in the same."""
        sessions = ordinary(body)
        groups = Q(body__parent=body) | Q(body=body, body__parent=None)
        found = Meeting.objects.filter(groups, begins__isnull=False)
        found = found.exclude(session__state__in=SETTLED).order_by("pk").select_for_update(of=("self",), no_key=True)
        here = [one for one in found if one.begins and one.session_id == _pk(_first(sessions, one.begins, after=True))]
        _lock_turns(body, session, here)
        return cls(body, tuple(here))

    def set_right(self, act: BodyAct) -> None:
        """Put meetings and undischarged turns into the columns where they now belong, each change on record."""
        sessions = ordinary(self.body)
        changed: dict[int, Session | None] = {}
        for meeting in self.meetings:
            session = _first(sessions, meeting.begins, after=True) if meeting.begins else None
            if _pk(session) != meeting.session_id:
                meeting.session = changed[meeting.pk] = session
                act.record(meeting, "meeting.changed")
        for turn in _turns(self.body, list(changed)):
            if discharge(turn).done:
                continue
            if turn.meeting_id:
                turn.session = changed[turn.meeting_id]
            else:
                turn.session = _first(sessions, turn.due_on) if turn.due_on else None
            act.record(turn, "occurrence.moved")


def _lock_turns(body: Body, session: Session | None, meetings: list[Meeting]) -> None:
    hung = Q(session=session) if session else Q()
    found = Occurrence.objects.filter(_loose(body) | Q(meeting__in=meetings) | hung, status__in=OPEN)
    list(found.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))


def _loose(body: Body) -> Q:
    """What stands in a column of the body without hanging on its session."""
    return Q(body=body, meeting=None) & (Q(period__isnull=False) | Q(occasion__isnull=False))


def _turns(body: Body, meetings: list[int]) -> list[Occurrence]:
    """The open turns of those meetings, and those of the body that stand in a column without hanging on its session."""
    found = Occurrence.objects.filter(_loose(body) | Q(meeting__in=meetings), status__in=OPEN)
    found = found.exclude(session__state__in=SETTLED).order_by("pk")
    return list(found.select_related("body", "obligation").select_for_update(of=("self",), no_key=True))


def _pk(session: Session | None) -> int | None:
    return session.pk if session else None
