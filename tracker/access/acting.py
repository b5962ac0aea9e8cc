"""Who may do what: one table of steps, and the capacities in which somebody may act."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import clock
from tracker.access.standing import Reader, Standing, acting_in, seats, standing
from tracker.models import Assignment, Body, Occurrence, Person, Report, Role

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
    "table_summary": (SECRETARY,),
    "invite": (SECRETARY,),
    "set_rules": (SECRETARY,),
    "set_policies": (SECRETARY,),
    "record_occasion": (CHAIR, VICE_CHAIR, SECRETARY),
    "hand_over": (SECRETARY,),
    "anonymise": (SECRETARY,),
    "erase_words": (SECRETARY,),
    "set_retention": (SECRETARY,),
    "send_again": (SECRETARY,),
}


def capacities(person: Reader, occurrence: Occurrence, *, day: date | None = None) -> dict[str, Person | None]:
    """Each capacity in which a person may act on an occurrence, with the person acted for (None: for themselves)."""
    day = day or clock.today(occurrence.body.time_zone)
    found: dict[str, Person | None] = {}
    if not isinstance(person, Person) or not person.is_active:
        return found
    above = {body.pk for body in occurrence.obligation.responsible.lineage()}
    mine = standing(person, day).within(occurrence.resolution_id)
    for seat in mine.seats:
        if seat.office.body_id in above:
            _add(found, seat.office.role, seat.acting_for)
    asked = list(occurrence.assignments.standing().select_related("office"))
    _add_asked(found, person, asked, mine)
    own = _submitters(occurrence)
    if person.pk not in own:
        _add_endorser(found, occurrence, mine, own, day)
        _add_validator(found, occurrence, asked, mine, own, day)
    return found


def asked_as(
    person: Person, occurrence: Occurrence, asked: Iterable[Assignment], *, day: date | None = None
) -> dict[str, Person | None]:
    """Of `capacities`, those that follow from what somebody was asked: lead and contributor. `asked` are the standing assignments of
    the occurrence. It asks nothing of the database that `standing` does not, so that it can be asked of many."""
    found: dict[str, Person | None] = {}
    if person.is_active:
        mine = standing(person, day or clock.today(occurrence.body.time_zone)).within(occurrence.resolution_id)
        _add_asked(found, person, asked, mine)
    return found


def _add(found: dict[str, Person | None], capacity: str, acting_for: Person | None) -> None:
    """Acting for oneself wins over acting for somebody."""
    if capacity not in found or found[capacity] is not None:
        found[capacity] = acting_for


def _add_asked(found: dict[str, Person | None], person: Person, asked: Iterable[Assignment], mine: Standing) -> None:
    """Who was asked, in person or by an office, and who acts for them."""
    for assignment in asked:
        part = LEAD if assignment.part == Assignment.Part.LEAD else CONTRIBUTOR
        for acting_for in _asked_as(person, assignment, mine):
            _add(found, part, acting_for)


def _asked_as(person: Person, assignment: Assignment, mine: Standing) -> list[Person | None]:
    """Whom a person acts for in what was asked (None: themselves); empty where it is not theirs."""
    found: list[Person | None] = [None] if assignment.person_id == person.pk else []
    found += [one.principal for one in mine.stand_ins if one.principal.pk == assignment.person_id]
    return found + [seat.acting_for for seat in mine.seats if seat.office.pk == assignment.office_id]


def unfinished(person: Person, occurrence: Occurrence, day: date) -> list[tuple[Assignment, Person | None]]:
    """The contributions that are not done and are somebody's to do on a day, each with whom they act for in it. What was
    asked of a person comes before what was asked of an office."""
    mine = standing(person, day).within(occurrence.resolution_id)
    found: list[tuple[Assignment, Person | None]] = []
    for part in occurrence.assignments.standing().filter(part=Assignment.Part.CONTRIBUTOR, done_at=None).order_by("pk"):
        acting: dict[str, Person | None] = {}
        for acting_for in _asked_as(person, part, mine):
            _add(acting, CONTRIBUTOR, acting_for)
        found += [(part, acting_for) for acting_for in acting.values()]
    return sorted(found, key=lambda one: one[0].person_id is None)


def _submitters(occurrence: Occurrence) -> set[int | None]:
    """Who handed the standing report in, and for whom."""
    report = occurrence.reports.filter(state__in=[Report.State.SUBMITTED, Report.State.ENDORSED]).first()
    return {report.submitted_by_id, report.acting_for_id} - {None} if report else set()


def _add_endorser(
    found: dict[str, Person | None], occurrence: Occurrence, mine: Standing, own: set[int | None], day: date
) -> None:
    """The endorsing office endorses; nobody endorses what they submitted themselves or had submitted for them: then the
    vice-chair of its body or a substitute does."""
    endorser = occurrence.obligation.endorser
    for seat in mine.seats:
        if seat.office.pk == endorser.pk:
            _add(found, ENDORSER, seat.acting_for)
    beside = [s for s in mine.seats if s.office.role == Role.VICE_CHAIR and s.office.body_id == endorser.body_id]
    holder = endorser.holder(day) if own and beside else None
    if holder and holder.pk in own:
        for seat in beside:
            _add(found, ENDORSER, seat.acting_for or holder)


def _add_validator(  # noqa: PLR0913  (who may is asked of that many)
    found: dict[str, Person | None],
    occurrence: Occurrence,
    asked: list[Assignment],
    mine: Standing,
    own: set[int | None],
    day: date,
) -> None:
    """The validator of the lead's office validates; nobody what they submitted themselves. Where a report waits for a
    validation that nobody can give, the endorser does."""
    lead = next((one.office for one in asked if one.part == Assignment.Part.LEAD), None)
    validator = lead.validator_id if lead else None
    for seat in mine.seats:
        if validator is not None and seat.office.pk == validator:
            _add(found, VALIDATOR, seat.acting_for)
    waits = occurrence.needs_validation and ENDORSER in found and VALIDATOR not in found
    if waits and (validator is None or not acting_in(validator, day, within=occurrence.resolution_id) - own):
        _add(found, VALIDATOR, found[ENDORSER])


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
