"""The verbs of the path: from assignment to endorsement. One function each."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tracker.models import Assignment, Decision, Occurrence, Office, Person, Precision, Report, Visibility
from workflows.steps.beats import Act, acting_on, said
from workflows.steps.decisions import citable
from workflows.steps.files import kept, stored

Part = Assignment.Part
Acceptance = Assignment.Acceptance


def assign(
    occurrence: Occurrence,
    *,
    lead: Office | Person,
    by: Person,
    contributors: Sequence[Office | Person] = (),
    note: str = "",
) -> Occurrence:
    """Ask an office or a person to lead, and others to contribute. What stood before ends."""
    with acting_on(occurrence, "assign", by=by) as act:
        fresh = _asked(act, lead, contributors, note)
        ended = _ended(act, act.standing())
        act.fire()
        act.record("occurrence.assigned", words={"note": note}, also=[*ended, *fresh])
    return act.occurrence


def unassign(occurrence: Occurrence, *, by: Person, reason: str) -> Occurrence:
    """Take the assignment back before it was accepted."""
    with acting_on(occurrence, "unassign", by=by) as act:
        reason = said("reason", reason)
        act.fire()
        act.record("occurrence.unassigned", words={"reason": reason}, also=_ended(act, act.standing()))
    return act.occurrence


def accept(occurrence: Occurrence, *, by: Person, note: str = "") -> Occurrence:
    """The lead accepts; work starts."""
    with acting_on(occurrence, "accept", by=by) as act:
        lead = _the_lead(act)
        lead.acceptance = Acceptance.ACCEPTED
        lead.told_at = lead.told_at or act.now
        act.fire()
        act.record("occurrence.accepted", words={"note": note}, also=[lead])
    return act.occurrence


def decline(occurrence: Occurrence, *, by: Person, reason: str) -> Occurrence:
    """The lead declines, saying why; somebody else must be found."""
    with acting_on(occurrence, "decline", by=by) as act:
        reason = said("reason", reason)
        lead = _the_lead(act)
        lead.acceptance = Acceptance.DECLINED
        lead.told_at = lead.told_at or act.now
        lead.ended_at = act.now
        act.fire()
        act.record("occurrence.declined", words={"reason": reason}, also=[lead])
    return act.occurrence


def submit(  # noqa: PLR0913  (a report has that many parts)
    occurrence: Occurrence,
    *,
    by: Person,
    text: str = "",
    symbol: str = "",
    nothing_happened: bool = False,
    visibility: str = Visibility.MEMBERS,
    files: Sequence[UploadedFile] = (),
) -> Occurrence:
    """The lead hands in the report: words, a document symbol or files; that nothing happened is a report too. One that
    is public stands in the public register once it is endorsed."""
    with stored(files) as saved, acting_on(occurrence, "submit", by=by) as act:
        if not (text.strip() or symbol.strip() or saved or nothing_happened):
            raise ValidationError(
                {"text": _("Write the report, give its document symbol or add a file; or say that nothing happened.")}
            )
        if visibility not in Visibility.values:
            raise ValidationError({"visibility": _("Choose who may see it.")})
        report = Report(
            occurrence=act.occurrence,
            symbol=symbol.strip(),
            text=text.strip(),
            nothing_happened=nothing_happened,
            visibility=visibility,
            effective_on=act.today,
            effective_precision=Precision.DAY,
            submitted_by=by,
            acting_for=act.acting_for,
            submitted_at=act.now,
        )
        act.fire(effective_on=act.today, precision=Precision.DAY, nothing_happened=nothing_happened)
        act.record("occurrence.submitted", also=[report, *kept(saved, act, report=report)])
    return act.occurrence


def withdraw(occurrence: Occurrence, *, by: Person, reason: str = "") -> Occurrence:
    """The lead takes the report back before it is endorsed; the clock runs again as if it had not come."""
    with acting_on(occurrence, "withdraw", by=by) as act:
        act.fire()
        act.record("occurrence.withdrawn", words={"reason": reason}, also=_report(act, Report.State.WITHDRAWN))
    return act.occurrence


def send_back(occurrence: Occurrence, *, by: Person, reason: str) -> Occurrence:
    """The endorser sends the report back, saying why; the holder's clock runs again as if it had not come."""
    with acting_on(occurrence, "send_back", by=by) as act:
        reason = said("reason", reason)
        act.fire()
        act.record("occurrence.sent_back", words={"reason": reason}, also=_report(act, Report.State.SENT_BACK))
    return act.occurrence


def endorse(occurrence: Occurrence, *, by: Person, note: str = "") -> Occurrence:
    """The endorser endorses; the duty is discharged on the day on which the report was handed in."""
    with acting_on(occurrence, "endorse", by=by) as act:
        act.fire()
        act.record("occurrence.endorsed", words={"note": note}, also=_report(act, Report.State.ENDORSED))
    return act.occurrence


def reopen(
    occurrence: Occurrence,
    *,
    by: Person,
    reason: str,
    decision: Decision | None = None,
    lead: Office | Person | None = None,
) -> Occurrence:
    """Back to work, saying why; from closed only by citing a decision. Where nobody leads it any more, a lead is named."""
    with acting_on(occurrence, "reopen", by=by) as act:
        reason = said("reason", reason)
        facts = {}
        if act.occurrence.status == "closed":
            cited = citable(decision, act)
            if cited == act.occurrence.decision:
                raise ValidationError({"decision": _("That decision closed it: cite the one that reopens it.")})
            facts["cited"] = [None, cited.pk]
        fresh = []
        if act.lead() is None:
            if lead is None:
                raise ValidationError({"lead": _("Nobody leads this any more: name who is to take it up.")})
            fresh = _asked(act, lead, (), "")
        reports = _report(act, Report.State.SENT_BACK)
        act.fire()
        act.occurrence.decision = None
        act.record("occurrence.reopened", words={"reason": reason}, facts=facts, also=[*reports, *fresh])
    return act.occurrence


def _the_lead(act: Act) -> Assignment:
    lead = act.lead()
    assert lead is not None  # noqa: S101  (an assigned occurrence has one: the machine and access saw to it)
    return lead


def _asked(act: Act, lead: Office | Person, contributors: Sequence[Office | Person], note: str) -> list[Assignment]:
    """New assignments, not yet saved; nobody is asked twice, and nobody who has left."""
    if lead in contributors or len(set(contributors)) != len(contributors):
        raise ValidationError({"contributors": _("Name each office or person once.")})
    for asked in (lead, *contributors):
        if isinstance(asked, Person) and not asked.is_active:
            raise ValidationError({"lead": _("%(name)s has left.") % {"name": asked}})
    parts = [(Part.LEAD, lead), *((Part.CONTRIBUTOR, who) for who in contributors)]
    return [
        Assignment(
            occurrence=act.occurrence,
            part=part,
            office=who if isinstance(who, Office) else None,
            person=who if isinstance(who, Person) else None,
            note=note,
            assigned_by=act.by,
            assigned_at=act.now,
        )
        for part, who in parts
    ]


def _ended(act: Act, assignments: Sequence[Assignment]) -> list[Assignment]:
    for assignment in assignments:
        assignment.ended_at = act.now
    return list(assignments)


def _report(act: Act, state: str) -> list[Report]:
    """The standing report in a new state (an entry from the record may have none)."""
    found = list(act.occurrence.reports.filter(state__in=[Report.State.SUBMITTED, Report.State.ENDORSED]))
    for report in found:
        report.state = state
    return found
