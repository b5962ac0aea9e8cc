"""Every refusal says who could do it and when. One function asks both questions of a step (`require`), and what it raises
carries the answers: in words (`str`), and apart (`who`, `when`). Pages, the API and the rows of a batch show the same.

`WHEN` is the one table: for each step and each status that does not permit it, when it will be possible.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_fsm import TransitionNotAllowed

from tracker import access, clock
from tracker.ball import Roster
from tracker.models import Assignment, Body, Occurrence, Office, Person, Report, Role
from tracker.templatetags.resolves import comma, day_in_words
from workflows.machines import Status


@dataclass(frozen=True)
class Who:
    """A capacity that may take a step, by which office (None: in person), and who holds it ("": nobody at present)."""

    capacity: str
    office: Office | None = None
    holder: str = ""

    @property
    def words(self) -> str:
        if self.office is None:
            return self.holder
        if not self.holder:
            return _("%(office)s (nobody at present)") % {"office": self.office}
        if self.holder == str(self.office):
            return self.holder
        return _("%(office)s (%(holder)s)") % {"office": self.office, "holder": self.holder}


@dataclass(frozen=True)
class When:
    """Where an occurrence stands, since when, and when the step will be possible, in words."""

    status: str
    since: datetime
    possible: str


class NotYours(PermissionDenied):
    """A step that somebody else may take: `who` says who."""

    def __init__(self, words: str, who: Iterable[Who] = ()) -> None:
        super().__init__(words)
        self.who = tuple(who)


class NotNow(TransitionNotAllowed):
    """A step whose moment is not now: `when` says when it will be, `who` whose it then is."""

    def __init__(self, words: str, who: Iterable[Who], when: When, **about: Any) -> None:
        super().__init__(words, **about)
        self.who, self.when = tuple(who), when


def require(by: Person, step: str, occurrence: Occurrence) -> Person | None:
    """May they (NotYours), and is it the moment (NotNow)? The person acted for, None for themselves."""
    try:
        acting_for = access.require(by, step, occurrence)
    except PermissionDenied as refusal:
        who = who_can(step, occurrence)
        raise NotYours(_only(access.who_may(step), who), who) from refusal
    if not occurrence.can(step):
        raise not_now(step, occurrence)
    return acting_for


def require_on_body(by: Person, step: str, body: Body) -> Person | None:
    """As `access.require_on_body`, naming the offices and who holds them."""
    try:
        return access.require_on_body(by, step, body)
    except PermissionDenied as refusal:
        roster = Roster.on(clock.today(body.time_zone), [one.pk for one in body.lineage()])
        who = [one for role in access.BODY_GRANTS[step] for one in _seated(role, body, roster)]
        raise NotYours(_only(access.who_may(step), who), who) from refusal


def not_now(step: str, occurrence: Occurrence) -> NotNow:
    """The refusal of a step whose moment is not now."""
    when = when_possible(step, occurrence)
    since = when.since.astimezone(ZoneInfo(occurrence.body.time_zone)).date()
    words = _("It is %(status)s since %(day)s. %(when)s") % {
        "status": occurrence.get_status_display(),
        "day": day_in_words(since),
        "when": when.possible,
    }
    method = getattr(occurrence, step, None)
    return NotNow(words, who_can(step, occurrence), when, object=occurrence, method=method)


# Who ------------------------------------------------------------------------------------------------------------------


def _only(capacities: str, who: Iterable[Who]) -> str:
    names = [one.words for one in who]
    if not names:
        return _("Only the %(who)s can do this: at present there is none.") % {"who": capacities}
    return _("Only the %(who)s can do this: at present %(names)s.") % {
        "who": capacities,
        "names": comma().join(dict.fromkeys(names)),
    }


def who_can(
    step: str,
    occurrence: Occurrence,
    *,
    roster: Roster | None = None,
    standing: list[Assignment] | None = None,
) -> list[Who]:
    """The offices and people that may take a step on an occurrence today, each capacity of the table in its order. Who asks
    of several steps gives the roster of the day and the standing assignments, read once."""
    roster = roster or Roster.on(clock.today(occurrence.body.time_zone))
    if standing is None:
        standing = list(occurrence.assignments.standing().select_related("office__body", "person"))
    found: list[Who] = []
    for capacity in access.GRANTS.get(step, ()):
        match capacity:
            case access.LEAD | access.CONTRIBUTOR:
                part = Assignment.Part.LEAD if capacity == access.LEAD else Assignment.Part.CONTRIBUTOR
                found += [_asked(capacity, one, roster) for one in standing if one.part == part]
            case access.ENDORSER:
                found += _endorser(occurrence, standing, roster)
            case "validator":
                found += [
                    _office(capacity, one.office.validator, roster)
                    for one in standing
                    if one.part == Assignment.Part.LEAD and one.office and one.office.validator
                ]
            case _:
                found += _seated(capacity, occurrence.obligation.responsible, roster)
    return found


def _asked(capacity: str, assignment: Assignment, roster: Roster) -> Who:
    if assignment.office is not None:
        return _office(capacity, assignment.office, roster)
    return Who(capacity, None, str(assignment.person))


def _office(capacity: str, office: Office, roster: Roster) -> Who:
    holder = next(iter(roster.people(office)), None)
    return Who(capacity, office, str(holder) if holder else "")


def _endorser(occurrence: Occurrence, standing: list[Assignment], roster: Roster) -> list[Who]:
    """The endorsing office; where its holder handed the report in, whoever endorses instead."""
    report = occurrence.reports.filter(state=Report.State.SUBMITTED).first()
    if report is not None and occurrence.status == Status.SUBMITTED:
        lead = next((one for one in standing if one.part == Assignment.Part.LEAD), None)
        submitters = (report.submitted_by_id, report.acting_for_id)
        ball = roster.ball(occurrence, lead=lead, submitters=submitters)
        if ball.capacity == access.ENDORSER and ball.office is not None:
            return [Who(access.ENDORSER, ball.office, str(ball.people[0]) if ball.people else "")]
    return [_office(access.ENDORSER, occurrence.obligation.endorser, roster)]


def _seated(role: str, body: Body, roster: Roster) -> list[Who]:
    """The nearest office of a role, in a body or above it: one that somebody holds before one that nobody does."""
    lineage = body.lineage()
    for one in lineage:
        if office := roster.seated(one, role):
            return [_office(role, office, roster)]
    vacant = Office.objects.filter(body__in=lineage, role=role).select_related("body").order_by("pk")
    nearest = sorted(vacant, key=lambda office: [one.pk for one in lineage].index(office.body_id))
    return [Who(role, nearest[0])] if nearest and role in Role.values else []


# When -----------------------------------------------------------------------------------------------------------------

ASKED = gettext_lazy("Possible once somebody has been asked to lead it.")
ACCEPTED = gettext_lazy("Possible once the lead has accepted.")
HANDED_IN = gettext_lazy("Possible once the lead has submitted the report.")
ENDORSED = gettext_lazy("Possible once the report has been endorsed.")
TAKEN_BACK = gettext_lazy("Possible again once the lead has declined or the assignment has been taken back.")
SENT_BACK = gettext_lazy("Possible again once the report has been sent back or withdrawn.")
REOPENED = gettext_lazy("Possible again only if it is reopened.")
DATE_ASKED = gettext_lazy("Possible once the lead has asked for a new date.")
LED = gettext_lazy("Somebody leads it already. It can be passed on to another lead instead.")
STARTED = gettext_lazy("Work has started: not possible any more. It can be passed on to another lead instead.")
AGREED = gettext_lazy("The lead has accepted already.")
APPROVED = gettext_lazy("The report has been endorsed already.")
UNTOUCHED = gettext_lazy("Only a turn that nobody leads yet can be entered from the record.")
ALREADY_OPEN = gettext_lazy("It is open already. Possible once the report has been endorsed.")
BY_DECISION = gettext_lazy("Closed by decision: possible again only if another decision reopens it.")
WAIVED = gettext_lazy("Waived by decision: nobody owes this any more, and nothing leads on from here.")
SUPERSEDED = gettext_lazy("An amendment has taken its place: what is to be done stands there.")
ANY_OPEN = gettext_lazy("Possible while it is open.")

FIRST = (Status.PLANNED, Status.ASSIGNED, Status.IN_PROGRESS, Status.SUBMITTED, Status.ENDORSED)
LAST = {Status.CLOSED: BY_DECISION, Status.WAIVED: WAIVED, Status.SUPERSEDED: SUPERSEDED}

# Step → when it is possible, seen from: planned, assigned, in progress, submitted, endorsed. From closed, waived and
# superseded the words of `LAST` hold. Where the machine permits the step the words are never said.
_ROWS: dict[str, tuple[Any, ...]] = {
    "assign": (ANY_OPEN, TAKEN_BACK, LED, LED, REOPENED),
    "unassign": (ASKED, ANY_OPEN, STARTED, STARTED, REOPENED),
    "accept": (ASKED, ANY_OPEN, AGREED, AGREED, AGREED),
    "decline": (ASKED, ANY_OPEN, STARTED, STARTED, REOPENED),
    "record_activity": (ASKED, ANY_OPEN, ANY_OPEN, ANY_OPEN, REOPENED),
    "submit": (ASKED, ACCEPTED, ANY_OPEN, SENT_BACK, REOPENED),
    "withdraw": (HANDED_IN, HANDED_IN, HANDED_IN, ANY_OPEN, REOPENED),
    "send_back": (HANDED_IN, HANDED_IN, HANDED_IN, ANY_OPEN, REOPENED),
    "endorse": (HANDED_IN, HANDED_IN, HANDED_IN, ANY_OPEN, APPROVED),
    "close": (ENDORSED, ENDORSED, ENDORSED, ENDORSED, ANY_OPEN),
    "waive": (ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN),
    "supersede": (ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN),
    "reopen": (ALREADY_OPEN, ALREADY_OPEN, ALREADY_OPEN, ALREADY_OPEN, ANY_OPEN),
    "enter_from_record": (ANY_OPEN, UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED),
    "hold": (ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN),
    "resume": (ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN),
    "change_due_date": (ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN, REOPENED),
    "correct": (ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN, ANY_OPEN),
    "reassign": (ASKED, ANY_OPEN, ANY_OPEN, SENT_BACK, REOPENED),
    "add_contributors": (ASKED, ANY_OPEN, ANY_OPEN, SENT_BACK, REOPENED),
    "release_contributor": (ASKED, ANY_OPEN, ANY_OPEN, SENT_BACK, REOPENED),
    "finish_part": (ASKED, ACCEPTED, ANY_OPEN, SENT_BACK, REOPENED),
    "ask_new_date": (ASKED, ACCEPTED, ANY_OPEN, SENT_BACK, REOPENED),
    "grant_new_date": (DATE_ASKED, DATE_ASKED, DATE_ASKED, DATE_ASKED, REOPENED),
    "refuse_new_date": (DATE_ASKED, DATE_ASKED, DATE_ASKED, DATE_ASKED, REOPENED),
    "validate": (HANDED_IN, HANDED_IN, HANDED_IN, ANY_OPEN, APPROVED),
}
WHEN: dict[str, dict[str, Any]] = {
    step: {str(status): words for status, words in (*zip(FIRST, row, strict=True), *LAST.items())}
    for step, row in _ROWS.items()
}


def when_possible(step: str, occurrence: Occurrence) -> When:
    """Where an occurrence stands, since when, and when a step will be possible."""
    words = _beside(step, occurrence) if occurrence.status in sources(step) else ""
    words = words or str(WHEN.get(step, {}).get(occurrence.status) or _while(step))
    if step == "close" and (to_come := _to_come(occurrence)):
        words = f"{words} {to_come}"
    return When(occurrence.status, occurrence.status_since, words)


def sources(step: str) -> list[str]:
    """The statuses from which the machine's own table permits a step."""
    transitions = list(Occurrence._meta.get_field("status").get_all_transitions(Occurrence))
    found = {one.source for one in transitions if one.name == step}
    return [str(status) for status in Status if "*" in found or status in found]


def labels_of(step: str) -> list[str]:
    """The same statuses in words."""
    return [str(Status(status).label) for status in sources(step)]


def _while(step: str) -> str:
    labels = comma().join(labels_of(step))
    return _("Possible while it is: %(statuses)s.") % {"statuses": labels}


def _beside(step: str, occurrence: Occurrence) -> str:
    """Why a step is not possible though the status permits it: something beside the status stands in the way."""
    match step:
        case "hold":
            return _("It is on hold already. Possible again once it has been taken off hold.")
        case "resume":
            return _("It is not on hold.")
        case "submit" if occurrence.parts_open:
            return _contributions(occurrence)
        case "endorse" if occurrence.needs_validation:
            return _validated(occurrence)
        case "validate":
            return _("Nothing waits for validation here.")
        case "ask_new_date" if occurrence.asked_due_on:
            return _("A new date is asked for already. Possible again once that is answered.")
        case "grant_new_date" | "refuse_new_date":
            return str(DATE_ASKED)
    return ""


def _contributions(occurrence: Occurrence) -> str:
    open_ = occurrence.assignments.standing().filter(part=Assignment.Part.CONTRIBUTOR, done_at=None)
    names = [str(one.assignee) for one in open_.select_related("office", "person")]
    words = ngettext(
        "Possible once %(count)s contribution is done: %(names)s.",
        "Possible once %(count)s contributions are done: %(names)s.",
        len(names),
    )
    return words % {"count": len(names), "names": comma().join(names)} if names else ""


def _validated(occurrence: Occurrence) -> str:
    lead = (
        occurrence.assignments.standing().filter(part=Assignment.Part.LEAD).select_related("office__validator").first()
    )
    validator = lead.office.validator if lead and lead.office else None
    if validator is None:
        return _("Possible once the report has been validated.")
    return _("Possible once %(office)s has validated the report.") % {"office": validator}


def _to_come(occurrence: Occurrence) -> str:
    """That the session which decides has not opened yet."""
    session = occurrence.session
    if session is None or (session.opens and session.opens <= clock.today(occurrence.body.time_zone)):
        return ""
    return not_opened(session)


def not_opened(session: Any) -> str:
    """That a decision of a session cannot be cited before it opens, and when that is."""
    if session.opens is None:
        return _("A decision can be cited once %(session)s has opened; it has no date yet.") % {"session": session}
    return _("A decision can be cited once %(session)s has opened on %(day)s.") % {
        "session": session,
        "day": day_in_words(session.opens, session.precision),
    }
