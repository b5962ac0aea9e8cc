"""What only the body can do: close and waive by a cited decision; supersede by amendment; what the record says happened before."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tracker import audit, clock
from tracker.models import (
    Assignment,
    DateRequest,
    Decision,
    Evidence,
    Occurrence,
    Person,
    Precision,
    Report,
    Session,
    Visibility,
)
from workflows import refusals
from workflows.steps.beats import Act, acting_on, partial, said
from workflows.steps.dates import overtaken


def record_decision(  # noqa: PLR0913  (a citation has that many parts)
    session: Session,
    *,
    document: str,
    paragraph: str,
    outcome: str,
    by: Person,
    decided_on: date | None = None,
    precision: str = Precision.DAY,
    words: str = "",
) -> Decision:
    """Put a decision of a session on record, once: the same citation again, by anyone, also at the same moment, gives the
    same decision."""
    with transaction.atomic():
        citation = {
            "session": session,
            "document": document.strip(),
            "paragraph": paragraph.strip(),
            "outcome": outcome,
        }
        if same := Decision.objects.filter(**citation).first():
            return same
        acting_for = refusals.require_on_body(by, "record_decision", session.body)
        document, paragraph = said("document", document), said("paragraph", paragraph)
        if outcome not in Decision.Outcome.values:
            raise ValidationError({"outcome": _("Choose what the body did.")})
        decided_on, precision = partial(decided_on, precision)
        today = clock.today(session.body.time_zone)
        if decided_on and decided_on > today:
            raise ValidationError({"decided_on": _("A decision cannot be cited before it is taken.")})
        if session.opens and session.opens > today:
            words = _("%(session)s has not opened yet: there is no decision to cite.") % {"session": session}
            raise ValidationError({"session": f"{words} {refusals.not_opened(session)}"})
        if decided_on and precision == Precision.DAY and session.opening_day and decided_on < session.opening_day:
            raise ValidationError({"decided_on": _("%(session)s had not opened on that day.") % {"session": session}})
        decision = Decision(
            body=session.body,
            session=session,
            document=document,
            paragraph=paragraph,
            outcome=outcome,
            decided_on=decided_on,
            decided_precision=precision,
            words=words.strip(),
            recorded_by=by,
            recorded_at=clock.now(),
        )
        try:
            with transaction.atomic():
                audit.record(
                    decision,
                    "decision.recorded",
                    by=by,
                    acting_for=acting_for,
                    effective_on=decided_on,
                    effective_precision=precision,
                )
        except IntegrityError:  # somebody else was faster: theirs is the one
            return Decision.objects.get(**citation)
    return decision


def citable(decision: Decision | None, act: Act) -> Decision:
    """The decision, if it is one of the occurrence's own body or of the body of its session."""
    if decision is None:
        raise ValidationError({"decision": _("Cite the decision: session, document and paragraph.")})
    bodies = {act.occurrence.body_id, act.occurrence.session.body_id if act.occurrence.session else None}
    if decision.body_id not in bodies:
        raise ValidationError({"decision": _("That decision is another body's.")})
    return decision


def closing(decision: Decision) -> Decision:
    """The decision, if it settles anything: what the body deferred stays open until it decides."""
    if decision.outcome == Decision.Outcome.DEFERRED:
        raise ValidationError({"decision": _("The body deferred it: that closes nothing, the item stays open.")})
    return decision


def close(occurrence: Occurrence, *, by: Person, decision: Decision | None, note: str = "") -> Occurrence:
    """Close what was endorsed, citing the body's decision."""
    with acting_on(occurrence, "close", by=by) as act:
        act.occurrence.decision = closing(citable(decision, act))
        act.fire()
        act.record("occurrence.closed", words={"note": note}, **_of(act.occurrence.decision))
    return act.occurrence


def waive(occurrence: Occurrence, *, by: Person, decision: Decision | None, reason: str = "") -> Occurrence:
    """Release from the duty, citing the body's decision."""
    with acting_on(occurrence, "waive", by=by) as act:
        decision = act.occurrence.decision = closing(citable(decision, act))
        act.fire(decided_on=decision.decided_on, precision=decision.decided_precision)
        act.record("occurrence.waived", words={"reason": reason}, also=_leave(act), **_of(decision))
    return act.occurrence


def supersede(occurrence: Occurrence, *, by: Person, reason: str) -> Occurrence:
    """Mark as superseded by an amendment, naming it."""
    with acting_on(occurrence, "supersede", by=by) as act:
        reason = said("reason", reason)
        act.fire()
        act.record("occurrence.superseded", words={"reason": reason}, also=_leave(act))
    return act.occurrence


def enter_from_record(  # noqa: PLR0913  (what a record says has that many parts)
    occurrence: Occurrence,
    *,
    by: Person,
    source: str,
    effective_on: date | None = None,
    precision: str = Precision.UNKNOWN,
    symbol: str = "",
    text: str = "",
    nothing_happened: bool = False,
    decision: Decision | None = None,
    visibility: str = Visibility.MEMBERS,
) -> Occurrence:
    """Enter what happened before, citing the document that says so: endorsed, or closed where a decision is cited. The
    effective day as far as it is known; recorded now."""
    with acting_on(occurrence, "enter_from_record", by=by) as act:
        source = said("source", source)
        effective_on, precision = partial(effective_on, precision)
        if effective_on and effective_on > act.today:
            raise ValidationError({"effective_on": _("That day has not come yet.")})
        if visibility not in Visibility.values:
            raise ValidationError({"visibility": _("Choose who may see it.")})
        report = Report(
            occurrence=act.occurrence,
            state=Report.State.ENDORSED,
            symbol=symbol.strip(),
            text=text.strip(),
            nothing_happened=nothing_happened,
            effective_on=effective_on,
            effective_precision=precision,
            visibility=visibility,
            submitted_by=None,
            submitted_at=act.now,
        )
        evidence = Evidence(
            occurrence=act.occurrence,
            report=report,
            title=source[:200],  # whole in the words of the event
            symbol=symbol.strip() or source[:80],
            visibility=visibility,
            recorded_by=by,
            recorded_at=act.now,
        )
        if decision is not None:
            act.occurrence.decision = citable(decision, act)
        act.fire(
            effective_on=effective_on,
            precision=precision,
            nothing_happened=nothing_happened,
            decided=decision is not None,
        )
        act.record(
            "occurrence.entered_from_record",
            words={"source": source},
            also=[report, evidence],
            effective_on=effective_on,
            effective_precision=precision,
        )
    return act.occurrence


def _of(decision: Decision) -> dict[str, Any]:
    """The effective day of a step that a decision makes: the decision's own."""
    return {"effective_on": decision.decided_on, "effective_precision": decision.decided_precision}


def _leave(act: Act) -> list[Assignment | DateRequest]:
    """What nobody is asked for any more, and what nobody need answer."""
    standing = act.standing()
    for assignment in standing:
        assignment.ended_at = act.now
    return [*standing, *overtaken(act)]
