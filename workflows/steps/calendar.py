"""The calendar of a body: its sessions, their sittings, the meetings of its groups. Dates move by `moves`."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from tracker.models import Body, Meeting, Person, Precision, Session, Sitting, State
from workflows.steps.beats import said
from workflows.steps.bodies import BodyAct, NotTheMoment, acting_on_body, checked, one_act, span
from workflows.steps.columns import Seating, session_after
from workflows.steps.moves import (
    MOVABLE,
    carry,
    lock_duties,
    locked_session,
    move_meeting,
    move_session,
    replan,
    without_a_date,
)

# What may become of a session or a meeting without a change of its dates. Held is taken back where it was marked by
# mistake; a cancelled one comes back by a move to a date.
NEXT_STATES: dict[str, tuple[str, ...]] = {
    State.PLANNED: (State.HELD, State.POSTPONED, State.CANCELLED),
    State.POSTPONED: (State.CANCELLED,),
    State.HELD: (State.PLANNED,),
    State.CANCELLED: (),
}


def add_session(  # noqa: PLR0913  (what is said of it has that many parts)
    body: Body,
    *,
    code: str,
    name: str,
    by: Person,
    kind: str = Session.Kind.ORDINARY,
    opens: date | None = None,
    closes: date | None = None,
    precision: str = Precision.DAY,
    state: str = State.PLANNED,
    place: str = "",
    source: str = "",
) -> Session:
    """A session of a body. Without a first day it waits for a date. Its code is part of references and never changes."""
    with acting_on_body(body, "add_session", by=by) as act:
        hung = lock_duties(act.body)
        seating = Seating.of(act.body)
        code, name = said("code", code), said("name", name)
        if Session.objects.filter(body=act.body, code__iexact=code).exists():
            raise ValidationError(
                {"code": _("%(body)s has a session %(code)s already.") % {"body": act.body, "code": code}}
            )
        opens, precision, closes = span(opens, closes, precision, names=("opens", "closes"))
        session = Session(
            body=act.body,
            code=code,
            name=name,
            kind=kind,
            state=state,
            opens=opens,
            closes=closes,
            precision=precision,
            place=place.strip(),
            source=source.strip(),
        )
        _first_state(act, session, opens, "opens")
        act.record(checked(session), "session.added")
        seating.set_right(act)
        replan(hung, by)
    return session


def change_session(  # noqa: PLR0913  (what is said of it has that many parts)
    session: Session,
    *,
    by: Person,
    reason: str = "",
    state: str = "",
    name: str | None = None,
    place: str | None = None,
    source: str | None = None,
) -> Session:
    """What became of a session, its name, place or source (None: as it is). Cancelled, what hangs on it waits for a date
    or a decision; postponed, it loses its dates. Raises NotTheMoment where it cannot become that."""
    if state == State.POSTPONED and session.state != State.POSTPONED:
        with one_act():
            session = move_session(session, opens=None, by=by, reason=reason)
            words = {"name": name, "place": place, "source": source}
            if not _differs(session, words):
                return session
            return change_session(session, by=by, reason=reason, name=name, place=place, source=source)
    with acting_on_body(session.body, "move_session", by=by) as act:
        hung = lock_duties(session.body)
        session = locked_session(session)
        seating = Seating.of(act.body, session)
        before = dict(vars(session))
        session.name = said("name", session.name if name is None else name)
        session.place = session.place if place is None else place.strip()
        session.source = session.source if source is None else source.strip()
        recorded = _next_state(act, session, state, reason, session.opens)
        waiting = without_a_date(session) if state == State.CANCELLED else []
        if before == vars(session):
            raise ValidationError(_("Nothing was changed."))
        sittings = _sittings_follow(session) if state else ()
        act.record(checked(session), "session.changed", words=recorded, also=sittings)
        carry(act, waiting)
        seating.set_right(act)
        replan(hung, by)
    return session


def add_sitting(  # noqa: PLR0913  (what is said of it has that many parts)
    session: Session,
    *,
    by: Person,
    kind: str,
    form: str = Sitting.Form.PHYSICAL,
    begins: date | None = None,
    ends: date | None = None,
    precision: str = Precision.DAY,
    state: str = State.PLANNED,
    place: str = "",
) -> Sitting:
    """One dated part of a session. Its main sitting has the session's own dates: those change by moving the session."""
    with acting_on_body(session.body, "add_session", by=by) as act:
        session = locked_session(session)
        if session.state == State.CANCELLED:
            raise NotTheMoment(_("%(what)s is cancelled: it sits no more.") % {"what": session}, object=session)
        begins, precision, ends = span(begins, ends, precision, names=("begins", "ends"))
        if kind == Sitting.Kind.MAIN:
            if session.sittings.filter(kind=kind).exclude(state=State.CANCELLED).exists():
                raise ValidationError({"kind": _("%(what)s has a main sitting already.") % {"what": session}})
            if begins and begins != session.opens:
                raise ValidationError(
                    {"begins": _("The main sitting begins as the session opens: move the session instead.")}
                )
            begins, precision, ends = session.opens, session.precision, ends or session.closes
        sitting = Sitting(
            session=session,
            kind=kind,
            form=form,
            state=state,
            begins=begins,
            ends=ends,
            precision=precision,
            place=place.strip(),
        )
        _first_state(act, sitting, begins, "begins")
        act.record(checked(sitting), "sitting.added")
    return sitting


def change_sitting(  # noqa: PLR0913  (what is said of it has that many parts)
    sitting: Sitting,
    *,
    by: Person,
    reason: str = "",
    state: str = "",
    form: str = "",
    begins: date | None = None,
    ends: date | None = None,
    precision: str = Precision.UNKNOWN,
    place: str | None = None,
) -> Sitting:
    """What became of a sitting, its form and place (None, or empty: as it is), and its dates as they are to be from now
    on. Its main sitting has the session's dates and state: those change with the session. No duty hangs on a sitting, so
    nothing else moves."""
    with acting_on_body(sitting.session.body, "move_session", by=by) as act:
        sitting = (
            Sitting.objects.select_for_update(of=("self",), no_key=True)
            .select_related("session__body")
            .get(pk=sitting.pk)
        )
        dates = span(begins, ends, precision, names=("begins", "ends"))
        before, first = dict(vars(sitting)), sitting.begins
        sitting.form = form or sitting.form
        sitting.place = sitting.place if place is None else place.strip()
        if sitting.kind == Sitting.Kind.MAIN:
            if (state or sitting.state) != sitting.state or dates[0] not in (None, sitting.begins):
                raise NotTheMoment(
                    _("The main sitting goes with its session: move or change the session instead."), object=sitting
                )
        else:
            sitting.begins, sitting.precision, sitting.ends = dates
        recorded = _next_state(act, sitting, state, reason, sitting.begins)
        _dates_as_state(act, sitting, first, before["state"])
        if before == vars(sitting):
            raise ValidationError(_("Nothing was changed."))
        act.record(checked(sitting), "sitting.changed", words=recorded)
    return sitting


def add_meeting(  # noqa: PLR0913  (what is said of it has that many parts)
    body: Body,
    *,
    by: Person,
    number: int | None = None,
    begins: date | None = None,
    ends: date | None = None,
    precision: str = Precision.DAY,
    session: Session | None = None,
    state: str = State.PLANNED,
    note: str = "",
    source: str = "",
) -> Meeting:
    """A meeting of a group, numbered after the last one unless a number is given. It belongs to the first ordinary session
    of the body above that opens after it, unless a session is given."""
    with acting_on_body(body, "add_meeting", by=by) as act:
        hung = lock_duties(act.body)
        if number is None:
            number = (act.body.meetings.aggregate(last=Max("number"))["last"] or 0) + 1
        if act.body.meetings.filter(number=number).exists():
            raise ValidationError(
                {"number": _("%(body)s has a meeting %(number)s already.") % {"body": act.body, "number": number}}
            )
        begins, precision, ends = span(begins, ends, precision, names=("begins", "ends"))
        if session is not None and session.body not in act.body.lineage():
            raise ValidationError({"session": _("That session is another body's.")})
        if session is None and begins is not None:
            session = session_after(act.body, begins)
        meeting = Meeting(
            body=act.body,
            number=number,
            begins=begins,
            ends=ends,
            precision=precision,
            state=state,
            session=session,
            note=note.strip(),
            source=source.strip(),
        )
        _first_state(act, meeting, begins, "begins")
        act.record(checked(meeting), "meeting.added")
        replan(hung, by)
    return meeting


def change_meeting(  # noqa: PLR0913  (what is said of it has that many parts)
    meeting: Meeting,
    *,
    by: Person,
    reason: str = "",
    state: str = "",
    note: str | None = None,
    source: str | None = None,
) -> Meeting:
    """As `change_session`, for a meeting."""
    if state == State.POSTPONED and meeting.state != State.POSTPONED:
        with one_act():
            meeting = move_meeting(meeting, begins=None, by=by, reason=reason)
            words = {"note": note, "source": source}
            if not _differs(meeting, words):
                return meeting
            return change_meeting(meeting, by=by, reason=reason, note=note, source=source)
    with acting_on_body(meeting.body, "move_meeting", by=by) as act:
        hung = lock_duties(meeting.body)
        meeting = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("body").get(pk=meeting.pk)
        before = dict(vars(meeting))
        meeting.note = meeting.note if note is None else note.strip()
        meeting.source = meeting.source if source is None else source.strip()
        recorded = _next_state(act, meeting, state, reason, meeting.begins)
        waiting = without_a_date(meeting) if state == State.CANCELLED else []
        if before == vars(meeting):
            raise ValidationError(_("Nothing was changed."))
        act.record(checked(meeting), "meeting.changed", words=recorded)
        carry(act, waiting)
        replan(hung, by)
    return meeting


def _differs(thing: Session | Meeting, words: dict[str, str | None]) -> bool:
    """Whether any of the words given is not what stands."""
    return any(said is not None and said.strip() != getattr(thing, name) for name, said in words.items())


def _first_state(act: BodyAct, thing: Session | Sitting | Meeting, first: date | None, name: str) -> None:
    """What is entered is planned, or was held already (history from the record); without a day it waits."""
    if thing.state not in {State.PLANNED, State.HELD, State.POSTPONED}:
        raise ValidationError({"state": _("Enter it as planned or held.")})
    if thing.state == State.HELD and first and first > act.today:
        raise ValidationError({name: _("That day has not come: it cannot have been held.")})
    if thing.state == State.POSTPONED and first:
        raise ValidationError({name: _("A postponed one has no date: leave it empty, or enter it as planned.")})


def _dates_as_state(act: BodyAct, sitting: Sitting, first: date | None, state: str) -> None:
    """A sitting's dates and state made to agree: without a day it is postponed, with one planned; what was held stays."""
    if sitting.kind == Sitting.Kind.MAIN:
        return
    if sitting.state in {State.POSTPONED, State.CANCELLED} and sitting.state != state:
        if sitting.state == State.POSTPONED:
            sitting.begins, sitting.ends, sitting.precision = None, None, Precision.UNKNOWN
        return
    if sitting.begins == first:
        return
    if state not in MOVABLE or sitting.state == State.HELD:
        raise NotTheMoment(_("%(what)s was held: what is over does not move.") % {"what": sitting}, object=sitting)
    if sitting.begins and sitting.precision == Precision.DAY and sitting.begins < act.today:
        raise ValidationError({"begins": _("That day is over: choose today or a day to come.")})
    sitting.state = State.PLANNED if sitting.begins else State.POSTPONED


def _sittings_follow(session: Session) -> tuple[Sitting, ...]:
    """The main sitting shares the state of its session; with a cancelled session all that were still to come are off."""
    found = session.sittings.exclude(state=session.state)
    if session.state == State.CANCELLED:
        found = found.filter(state__in=[State.PLANNED, State.POSTPONED])
    else:
        found = found.filter(kind=Sitting.Kind.MAIN).exclude(state=State.CANCELLED)
    sittings = tuple(found)
    for sitting in sittings:
        sitting.state = session.state
    return sittings


def _next_state(
    act: BodyAct, thing: Session | Sitting | Meeting, state: str, reason: str, first: date | None
) -> dict[str, str]:
    """Set the state, where one is asked for; the words that go on record with it."""
    if not state or state == thing.state:
        return {"reason": reason.strip()}
    if state not in State.values:
        raise ValidationError({"state": _("Choose what became of it.")})
    if state not in NEXT_STATES[thing.state]:
        was, wanted = State(thing.state).label, State(state).label
        raise NotTheMoment(
            _("It is %(was)s: it cannot become %(wanted)s.") % {"was": was, "wanted": wanted}, object=thing
        )
    if state == State.HELD:
        if first and first > act.today:
            raise ValidationError({"state": _("It has not begun yet: it cannot have been held.")})
        thing.state = state
        return {"reason": reason.strip()}
    thing.state = state
    return {"reason": said("reason", reason)}
