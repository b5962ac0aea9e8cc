"""The verbs of the path: from assignment to endorsement. One function each."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tracker import access
from tracker.models import Assignment, Decision, Occurrence, Office, Person, Precision, Report, Visibility
from workflows.steps.asking import asked, ended, refusal
from workflows.steps.beats import Act, acting_on, said
from workflows.steps.bodies import NotTheMoment
from workflows.steps.dates import due_from_now, overtaken
from workflows.steps.decisions import citable
from workflows.steps.files import kept, stored

Part = Assignment.Part
Acceptance = Assignment.Acceptance


def assign(  # noqa: PLR0913  (what is asked for has that many parts)
    occurrence: Occurrence,
    *,
    lead: Office | Person,
    by: Person,
    contributors: Sequence[Office | Person] = (),
    note: str = "",
    due_on: date | None = None,
) -> Occurrence:
    """Ask an office or a person to lead, and others to contribute; where the turn is to be done by another day, the note
    says why. What stood before ends."""
    with acting_on(occurrence, "assign", by=by) as act:
        if due_on is not None and due_on != act.occurrence.due_on:
            if act.occurrence.due_on is not None and not note.strip():
                raise ValidationError({"note": _("Say why it is due on another day: it goes on record.")})
            due_from_now(act, due_on)
        fresh = asked(act, lead=lead, contributors=contributors, note=note)
        before = ended(act, act.standing())
        act.fire(parts=len(contributors))
        act.record("occurrence.assigned", words={"note": note}, also=[*before, *fresh])
    return act.occurrence


def unassign(occurrence: Occurrence, *, by: Person, reason: str) -> Occurrence:
    """Take the assignment back before it was accepted."""
    with acting_on(occurrence, "unassign", by=by) as act:
        reason = said("reason", reason)
        rows = [*ended(act, act.standing()), *overtaken(act)]
        act.fire()
        act.record("occurrence.unassigned", words={"reason": reason}, also=rows)
    return act.occurrence


def reassign(
    occurrence: Occurrence,
    *,
    lead: Office | Person,
    by: Person,
    reason: str,
    contributors: Sequence[Office | Person] | None = None,
) -> Occurrence:
    """Pass it on to another lead, saying why: both are told, and the new one is asked. Who contributes stays, with what
    they have done, unless others are named; a contributor who now leads no longer contributes, nor one who has left and
    whose part is open."""
    with acting_on(occurrence, "reassign", by=by) as act:
        reason = said("reason", reason)
        before = _the_lead(act)
        if before.assignee == lead:
            raise ValidationError({"lead": _("%(name)s leads this already.") % {"name": lead}})
        helping = {one.assignee: one for one in act.standing() if one.part == Part.CONTRIBUTOR}
        wanted = _who_stays(act, helping, lead) if contributors is None else list(contributors)
        done = [who for who in wanted if who in helping and helping[who].done_at]
        fresh = asked(act, lead=lead, contributors=wanted, done=done)
        fresh = [one for one in fresh if one.part == Part.LEAD or one.assignee not in helping]
        gone = ended(act, [before, *(one for who, one in helping.items() if who not in wanted)])
        undone = [who for who in wanted if who not in helping or helping[who].done_at is None]
        rows = [*gone, *fresh, *overtaken(act)]
        act.fire(parts=len(undone))
        act.record("occurrence.reassigned", words={"reason": reason}, also=rows)
    return act.occurrence


def _who_stays(act: Act, helping: Mapping[Office | Person, Assignment], lead: Office | Person) -> list[Office | Person]:
    """The contributors who go on: not the new lead, nor who can't be asked any more and has not done their part."""
    there = [who for who in helping if who != lead]
    return [who for who in there if helping[who].done_at or not refusal(act.occurrence.obligation, who, act.today)]


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
        rows = [lead, *overtaken(act)]
        act.fire()
        act.record("occurrence.declined", words={"reason": reason}, also=rows)
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
    is public stands in the public register once it is endorsed. Where the lead's office has a validator, it is validated
    first. A new date that was asked for is no longer needed."""
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
        act.fire(
            effective_on=act.today,
            precision=Precision.DAY,
            nothing_happened=nothing_happened,
            needs_validation=_has_a_validator(act),
        )
        act.record("occurrence.submitted", also=[report, *kept(saved, act, report=report), *overtaken(act)])
    return act.occurrence


def withdraw(occurrence: Occurrence, *, by: Person, reason: str = "") -> Occurrence:
    """The lead takes the report back before it is endorsed; the clock runs again as if it had not come."""
    with acting_on(occurrence, "withdraw", by=by) as act:
        act.fire()
        act.record("occurrence.withdrawn", words={"reason": reason}, also=_report(act, Report.State.WITHDRAWN))
    return act.occurrence


def send_back(occurrence: Occurrence, *, by: Person, reason: str) -> Occurrence:
    """The endorser, or before them the validator, sends the report back, saying why; the holder's clock runs again as if
    it had not come. Contributions that were done stay done; who is to do more is asked anew."""
    with acting_on(occurrence, "send_back", by=by) as act:
        if not act.occurrence.needs_validation and access.ENDORSER not in access.capacities(by, act.occurrence):
            raise NotTheMoment(_("It is validated: now the endorser may send it back."), object=act.occurrence)
        reason = said("reason", reason)
        act.fire()
        act.record("occurrence.sent_back", words={"reason": reason}, also=_report(act, Report.State.SENT_BACK))
    return act.occurrence


def validate(occurrence: Occurrence, *, by: Person, note: str = "") -> Occurrence:
    """The validator of the lead's office finds the report fit to go to the endorser; the status stays."""
    with acting_on(occurrence, "validate", by=by) as act:
        reports = _standing_report(act)
        for report in reports:
            report.validated_by, report.validated_at = by, act.now
        act.fire()
        act.record("occurrence.validated", words={"note": note}, also=reports)
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
            fresh = asked(act, lead=lead)
        reports = _report(act, Report.State.SENT_BACK)
        act.fire()
        act.occurrence.decision = None
        act.record("occurrence.reopened", words={"reason": reason}, facts=facts, also=[*reports, *fresh])
    return act.occurrence


def _the_lead(act: Act) -> Assignment:
    lead = act.lead()
    assert lead is not None  # noqa: S101  (an assigned occurrence has one: the machine and access saw to it)
    return lead


def _has_a_validator(act: Act) -> bool:
    """Whether somebody other than who hands it in holds the office that validates for the lead's office."""
    office = _the_lead(act).office
    if office is None or office.validator is None:
        return False
    holder = office.validator.holder(act.today)
    return holder is not None and holder not in (act.by, act.acting_for)


def _report(act: Act, state: str) -> list[Report]:
    """The standing report in a new state (an entry from the record may have none)."""
    found = _standing_report(act)
    for report in found:
        report.state = state
    return found


def _standing_report(act: Act) -> list[Report]:
    return list(act.occurrence.reports.filter(state__in=[Report.State.SUBMITTED, Report.State.ENDORSED]))
