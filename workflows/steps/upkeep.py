"""The verbs beside the path: activity, hold and resume, another due date, a correction."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tracker.models import Activity, Body, Meeting, Occurrence, Person, Precision, Report, Session, State
from workflows.machines import Status
from workflows.steps.beats import Act, acting_on, partial, said
from workflows.steps.dates import due_from_now, overtaken
from workflows.steps.files import kept, stored


def record_activity(  # noqa: PLR0913  (an entry has that many parts)
    occurrence: Occurrence,
    *,
    by: Person,
    text: str,
    happened_on: date | None = None,
    precision: str = Precision.DAY,
    stakeholder: str = "",
    source: str = "",
    files: Sequence[UploadedFile] = (),
) -> Occurrence:
    """Put on record what was done, and the day as far as it is known (today unless said)."""
    with stored(files) as saved, acting_on(occurrence, "record_activity", by=by) as act:
        text = said("text", text)
        if stakeholder not in ("", *Activity.Stakeholder.values):
            raise ValidationError({"stakeholder": _("Choose one of the kinds of stakeholder.")})
        if happened_on is None and precision == Precision.DAY:
            happened_on = act.today
        happened_on, precision = partial(happened_on, precision)
        if happened_on and happened_on > act.today:
            raise ValidationError({"happened_on": _("That day has not come yet.")})
        activity = Activity(
            occurrence=act.occurrence,
            text=text,
            happened_on=happened_on,
            happened_precision=precision,
            stakeholder=stakeholder,
            source=source.strip(),
            recorded_by=by,
            acting_for=act.acting_for,
            recorded_at=act.now,
        )
        act.fire()
        act.record(
            "occurrence.activity_recorded",
            also=[activity, *kept(saved, act, activity=activity)],
            effective_on=happened_on,
            effective_precision=precision,
        )
    return act.occurrence


def hold(  # noqa: PLR0913  (what it waits for is one of four things)
    occurrence: Occurrence,
    *,
    by: Person,
    reason: str,
    waiting_on: str = "",
    waiting_on_body: Body | None = None,
    waiting_on_session: Session | None = None,
    waiting_on_meeting: Meeting | None = None,
) -> Occurrence:
    """Mark as on hold, saying why and what it waits for: a body, a session, a meeting, or something in words. The clock
    runs on."""
    with acting_on(occurrence, "hold", by=by) as act:
        act.occurrence.hold_reason = said("reason", reason)
        waiting_on = said("waiting_on", waiting_on) if waiting_on.strip() else ""
        given = {
            "waiting_on": waiting_on,
            "waiting_on_body": waiting_on_body,
            "waiting_on_session": waiting_on_session,
            "waiting_on_meeting": waiting_on_meeting,
        }
        named = [name for name, what in given.items() if what]
        if len(named) > 1:
            raise ValidationError({named[1]: _("Name one thing that it waits for.")})
        if (over := _over(waiting_on_session or waiting_on_meeting, act)) is not None:
            raise ValidationError({named[0]: over})
        for name, what in given.items():
            setattr(act.occurrence, name, what)
        act.fire()
        act.record("occurrence.held")
    return act.occurrence


def _over(event: Session | Meeting | None, act: Act) -> str | None:
    """Why nothing can wait for a session or a meeting any more; None where it can."""
    if event is None:
        return None
    if event.state == State.CANCELLED:
        return _("%(what)s is cancelled: nothing can wait for it.") % {"what": event}
    last = (event.closes or event.opens) if isinstance(event, Session) else (event.ends or event.begins)
    over = event.state == State.HELD or (event.precision == Precision.DAY and last is not None and last < act.today)
    return _("%(what)s is over: nothing waits for it any more.") % {"what": event} if over else None


def resume(occurrence: Occurrence, *, by: Person, note: str = "") -> Occurrence:
    """Take off hold."""
    with acting_on(occurrence, "resume", by=by) as act:
        act.occurrence.hold_reason = act.occurrence.waiting_on = ""
        act.occurrence.waiting_on_body = act.occurrence.waiting_on_session = act.occurrence.waiting_on_meeting = None
        act.fire()
        act.record("occurrence.resumed", words={"note": note})
    return act.occurrence


def change_due_date(occurrence: Occurrence, *, by: Person, due_on: date, reason: str) -> Occurrence:
    """Another due day, saying why; the first promise stays on record. A new date that was asked for is overtaken."""
    with acting_on(occurrence, "change_due_date", by=by) as act:
        reason = said("reason", reason)
        due_from_now(act, due_on)
        act.fire()
        act.record("occurrence.due_date_changed", words={"reason": reason}, also=overtaken(act))
    return act.occurrence


def correct(  # noqa: PLR0913  (what may be wrong has that many parts)
    occurrence: Occurrence,
    *,
    by: Person,
    event: int,
    reason: str,
    effective_on: date | None = None,
    precision: str = "",
    symbol: str = "",
) -> Occurrence:
    """Right a wrong record by a further event that names it: the day on which the standing report was handed in, or its
    document symbol, or in words alone. `event` is the number of the wrong event in the occurrence's history."""
    with acting_on(occurrence, "correct", by=by) as act:
        reason = said("reason", reason)
        wrong = act.occurrence_event(event)
        if wrong is None:
            raise ValidationError({"event": _("There is no event %(number)s in this history.") % {"number": event}})
        reports = _righted(act, effective_on, precision, symbol)
        act.fire()
        act.record("occurrence.corrected", words={"reason": reason}, facts={"corrects": [None, event]}, also=reports)
    return act.occurrence


def _righted(act: Act, effective_on: date | None, precision: str, symbol: str) -> list[Report]:
    """The standing report with its day or symbol put right, and the occurrence's columns that follow from it."""
    if not (precision or symbol.strip()):
        return []
    report = act.occurrence.reports.filter(state__in=[Report.State.SUBMITTED, Report.State.ENDORSED]).first()
    if report is None:
        raise ValidationError({"precision": _("No report stands here whose day or symbol could be put right.")})
    if symbol.strip():
        report.symbol = symbol.strip()
    if precision:
        effective_on, precision = partial(effective_on, precision)
        if effective_on and effective_on > act.today:
            raise ValidationError({"effective_on": _("That day has not come yet.")})
        report.effective_on, report.effective_precision = effective_on, precision
        act.occurrence.submitted_on, act.occurrence.submitted_precision = effective_on, precision
        if act.occurrence.status in {Status.ENDORSED, Status.CLOSED}:
            act.occurrence.discharged_on, act.occurrence.discharged_precision = effective_on, precision
    return [report]
