"""Who may do what: one table of steps, and the capacities in which somebody may act."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import clock
from tracker.models import (
    Assignment,
    Body,
    Occurrence,
    Office,
    Person,
    Report,
    Role,
    Substitution,
    Term,
)

LEAD, CONTRIBUTOR, ENDORSER, VALIDATOR = "lead", "contributor", "endorser", "validator"
CHAIR, VICE_CHAIR, SECRETARY = str(Role.CHAIR), str(Role.VICE_CHAIR), str(Role.SECRETARY)
WHO_WORDS: dict[str, Any] = {
    **dict(Role.choices),
    LEAD: gettext_lazy("lead"),
    CONTRIBUTOR: gettext_lazy("contributor"),
    ENDORSER: gettext_lazy("endorser"),
    VALIDATOR: gettext_lazy("validator"),
}

# The one table: who may take which step on an occurrence.
GRANTS: dict[str, tuple[str, ...]] = {
    "assign": (CHAIR, VICE_CHAIR, SECRETARY),
    "unassign": (CHAIR, VICE_CHAIR, SECRETARY),
    "accept": (LEAD,),
    "decline": (LEAD,),
    "record_activity": (LEAD, CONTRIBUTOR, SECRETARY),
    "submit": (LEAD,),
    "withdraw": (LEAD,),
    "send_back": (ENDORSER, VALIDATOR),
    "endorse": (ENDORSER,),
    "close": (SECRETARY,),
    "waive": (SECRETARY,),
    "supersede": (SECRETARY,),
    "reopen": (ENDORSER, SECRETARY),
    "enter_from_record": (SECRETARY,),
    "hold": (CHAIR, VICE_CHAIR, SECRETARY, LEAD),
    "resume": (CHAIR, VICE_CHAIR, SECRETARY, LEAD),
    "change_due_date": (CHAIR, VICE_CHAIR, SECRETARY),
    "correct": (SECRETARY,),
    "reassign": (CHAIR, VICE_CHAIR, SECRETARY),
    "add_contributors": (CHAIR, VICE_CHAIR, SECRETARY, LEAD),
    "release_contributor": (CHAIR, VICE_CHAIR, SECRETARY),
    "finish_part": (CONTRIBUTOR,),
    "ask_new_date": (LEAD,),
    "grant_new_date": (CHAIR, VICE_CHAIR, SECRETARY),
    "refuse_new_date": (CHAIR, VICE_CHAIR, SECRETARY),
    "validate": (VALIDATOR,),
}
# And on a body: its texts, its calendar, its offices. The secretary of the body or of one above it.
BODY_GRANTS: dict[str, tuple[str, ...]] = {
    "import": (SECRETARY,),
    "confirm_intake": (SECRETARY,),
    "add_group": (SECRETARY,),
    "add_office": (SECRETARY,),
    "appoint": (SECRETARY,),
    "substitute": (SECRETARY,),
    "add_session": (SECRETARY,),
    "move_session": (SECRETARY,),
    "add_meeting": (SECRETARY,),
    "move_meeting": (SECRETARY,),
    "record_decision": (SECRETARY,),
    "invite": (SECRETARY,),
    "set_rules": (SECRETARY,),
    "record_occasion": (CHAIR, VICE_CHAIR, SECRETARY),
    "hand_over": (SECRETARY,),
    "anonymise": (SECRETARY,),
}

Reader = Person | AnonymousUser


@dataclass(frozen=True)
class Seat:
    """An office in which somebody acts on a day; `acting_for` names the principal of a substitute."""

    office: Office
    acting_for: Person | None = None


def seats(person: Reader, day: date | None = None) -> list[Seat]:
    """The offices in which a person may act on a day (today in UTC unless given)."""
    if not isinstance(person, Person) or not person.is_active:
        return []
    day = day or clock.today()
    held = Term.objects.running(day).filter(person=person).select_related("office__body__parent")
    in_office = Term.objects.running(day).filter(office=OuterRef("office"), person=OuterRef("principal"))
    substituted = Substitution.objects.filter(Exists(in_office), substitute=person, begins__lte=day, ends__gte=day)
    return [Seat(term.office) for term in held] + [
        Seat(sub.office, sub.principal) for sub in substituted.select_related("office__body__parent", "principal")
    ]


def capacities(person: Reader, occurrence: Occurrence, *, day: date | None = None) -> dict[str, Person | None]:
    """Each capacity in which a person may act on an occurrence, with the person acted for (None: for themselves)."""
    day = day or clock.today(occurrence.body.time_zone)
    found: dict[str, Person | None] = {}
    if not isinstance(person, Person) or not person.is_active:
        return found
    obligation = occurrence.obligation
    above = {body.pk for body in obligation.responsible.lineage()}
    mine = seats(person, day)
    for seat in mine:
        if seat.office.body_id in above:
            _add(found, seat.office.role, seat.acting_for)
    standing = list(occurrence.assignments.standing().select_related("office"))
    for assignment in standing:
        part = LEAD if assignment.part == Assignment.Part.LEAD else CONTRIBUTOR
        if assignment.person_id is not None and assignment.person_id == person.pk:
            _add(found, part, None)
        for seat in mine:
            if assignment.office_id == seat.office.pk:
                _add(found, part, seat.acting_for)
    _add_endorser(found, person, occurrence, mine, day)
    _add_validator(found, standing, mine)
    return found


def _add(found: dict[str, Person | None], capacity: str, acting_for: Person | None) -> None:
    """Acting for oneself wins over acting for somebody."""
    if capacity not in found or found[capacity] is not None:
        found[capacity] = acting_for


def _add_endorser(
    found: dict[str, Person | None], person: Reader, occurrence: Occurrence, mine: list[Seat], day: date
) -> None:
    """The endorsing office endorses; nobody endorses what they submitted themselves or had submitted for them: then the
    vice-chair of its body or a substitute does."""
    report = occurrence.reports.filter(state__in=[Report.State.SUBMITTED, Report.State.ENDORSED]).first()
    own = {report.submitted_by_id, report.acting_for_id} - {None} if report else set()
    if person.pk in own:
        return
    endorser = occurrence.obligation.endorser
    for seat in mine:
        if seat.office.pk == endorser.pk:
            _add(found, ENDORSER, seat.acting_for)
    beside = [s for s in mine if s.office.role == Role.VICE_CHAIR and s.office.body_id == endorser.body_id]
    holder = endorser.holder(day) if own and beside else None
    if holder and holder.pk in own:
        for seat in beside:
            _add(found, ENDORSER, seat.acting_for or holder)


def _add_validator(found: dict[str, Person | None], standing: list[Assignment], mine: list[Seat]) -> None:
    """The holder of the office that validates for the lead's office."""
    leads = [one.office for one in standing if one.part == Assignment.Part.LEAD and one.office]
    for seat in mine:
        if seat.office.pk in {office.validator_id for office in leads}:
            _add(found, VALIDATOR, seat.acting_for)


def require(by: Person, step: str, occurrence: Occurrence) -> Person | None:
    """The person acted for when `by` may take a step now (None: for themselves); else PermissionDenied, saying who may."""
    held = capacities(by, occurrence)
    allowed = [capacity for capacity in GRANTS[step] if capacity in held]
    if not allowed:
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": who_may(step)})
    return next((None for capacity in allowed if held[capacity] is None), held[allowed[0]])


def who_may(step: str) -> str:
    """The capacities that may take a step, in words."""
    grants = GRANTS[step] if step in GRANTS else BODY_GRANTS[step]
    return " / ".join(str(WHO_WORDS[who]) for who in grants)


def may_on_body(person: Reader, step: str, body: Body, *, day: date | None = None) -> bool:
    """Whether a person may take a step on a body, holding the office there or above it."""
    above = {one.pk for one in body.lineage()}
    return any(
        seat.office.body_id in above and seat.office.role in BODY_GRANTS[step]
        for seat in seats(person, day or clock.today(body.time_zone))
    )


def require_on_body(by: Person, step: str, body: Body) -> Person | None:
    """As `require`, for steps on a body."""
    day = clock.today(body.time_zone)
    above = {one.pk for one in body.lineage()}
    held = [s for s in seats(by, day) if s.office.body_id in above and s.office.role in BODY_GRANTS[step]]
    if not held:
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": who_may(step)})
    return next((None for seat in held if seat.acting_for is None), held[0].acting_for)


def require_new_body(by: Person) -> None:
    """A body under none is set up by a secretary of any body, or, where there is no body yet, by an administrator."""
    if any(seat.office.role == Role.SECRETARY for seat in seats(by)):
        return
    if by.is_superuser and by.is_active and not Body.objects.exists():
        return
    raise PermissionDenied(_("Only a secretary can set up a body."))


def roles(person: Reader) -> set[str]:
    """Every role that a person holds somewhere today, for menus."""
    return {seat.office.role for seat in seats(person)}
