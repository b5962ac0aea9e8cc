"""A new date: asked for by the lead, granted or refused by those who may change it. And what every change of a due day keeps."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker import clock
from tracker.models import DateRequest, Occurrence, Person
from workflows.steps.beats import Act, acting_on, said

Answer = DateRequest.Answer


def ask_new_date(occurrence: Occurrence, *, by: Person, wanted_on: date, reason: str) -> Occurrence:
    """The lead asks for another due day, saying why. Until it is answered the present one counts."""
    with acting_on(occurrence, "ask_new_date", by=by) as act:
        reason = said("reason", reason)
        _require_another(act, wanted_on, "wanted_on")
        request = DateRequest(
            occurrence=act.occurrence,
            wanted_on=wanted_on,
            reason=reason,
            asked_by=by,
            acting_for=act.acting_for,
            asked_at=act.now,
        )
        act.fire(wanted_on=wanted_on)
        act.record("occurrence.date_asked", words={"reason": reason}, also=[request])
    return act.occurrence


def grant_new_date(occurrence: Occurrence, *, by: Person, note: str = "", due_on: date | None = None) -> Occurrence:
    """Grant the day that was asked for, or another one; the first promise stays on record."""
    with acting_on(occurrence, "grant_new_date", by=by) as act:
        request = _answered(act, Answer.GRANTED, note)
        due_from_now(act, due_on or request.wanted_on)
        act.fire()
        act.record("occurrence.date_granted", words={"note": note}, also=[request])
    return act.occurrence


def refuse_new_date(occurrence: Occurrence, *, by: Person, reason: str) -> Occurrence:
    """Refuse the day that was asked for, saying why; the present one stays."""
    with acting_on(occurrence, "refuse_new_date", by=by) as act:
        reason = said("reason", reason)
        request = _answered(act, Answer.REFUSED, reason)
        act.fire()
        act.record("occurrence.date_refused", words={"reason": reason}, also=[request])
    return act.occurrence


def due_from_now(act: Act, day: date) -> None:
    """Another due day by somebody's choice: today or later. The first promise is kept, or made with the first day; a change
    of mind is counted."""
    _require_another(act, day, "due_on")
    if act.occurrence.due_on is not None:
        act.occurrence.moved_by_choice += 1
    act.occurrence.due_on = day
    act.occurrence.first_due_on = act.occurrence.first_due_on or day


def overtaken(act: Act) -> list[DateRequest]:
    """The request that a step makes needless, not yet saved."""
    return overtake(act.occurrence)


def overtake(occurrence: Occurrence) -> list[DateRequest]:
    """Mark a new date that was asked for as overtaken by what happens now; the rows, not yet saved, go with the event."""
    if occurrence.asked_due_on is None:
        return []
    occurrence.asked_due_on = None
    requests = list(occurrence.date_requests.filter(answer=Answer.OPEN))
    for request in requests:
        request.answer, request.answered_at = Answer.OVERTAKEN, clock.now()
    return requests


def _answered(act: Act, answer: str, words: str) -> DateRequest:
    request = act.occurrence.date_requests.get(answer=Answer.OPEN)
    request.answer, request.answer_note = answer, words
    request.answered_by, request.answered_at = act.by, act.now
    return request


def _require_another(act: Act, day: date, name: str) -> None:
    if day == act.occurrence.due_on:
        raise ValidationError({name: _("It is due on that day already.")})
    if day < act.today:
        raise ValidationError({name: _("That day is over: choose today or a day to come.")})
