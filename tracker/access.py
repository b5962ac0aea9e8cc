"""Who may see and do what. One table of steps, one function that fetches each noun.

Roles follow from offices held today (by term or as a substitute) and from assignments; nothing else gives a right, being
an administrator neither. Every door starts here, never from `Model.objects`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import clock
from tracker.models import (
    Activity,
    Assignment,
    Body,
    Event,
    Evidence,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Report,
    Resolution,
    Role,
    Session,
    Substitution,
    Term,
    Version,
    Visibility,
)

LEAD, CONTRIBUTOR, ENDORSER = "lead", "contributor", "endorser"
CHAIR, VICE_CHAIR, SECRETARY = str(Role.CHAIR), str(Role.VICE_CHAIR), str(Role.SECRETARY)
WHO_WORDS: dict[str, Any] = {
    **{value: label for value, label in Role.choices},
    LEAD: gettext_lazy("lead"),
    CONTRIBUTOR: gettext_lazy("contributor"),
    ENDORSER: gettext_lazy("endorser"),
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
    "send_back": (ENDORSER,),
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
}

Reader = Person | AnonymousUser
Paper = TypeVar("Paper", Activity, Report, Evidence)


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
    substituted = Substitution.objects.filter(
        substitute=person, begins__lte=day, ends__gte=day, principal__is_active=True
    ).select_related("office__body__parent", "principal")
    return [Seat(term.office) for term in held] + [
        Seat(sub.office, sub.principal)
        for sub in substituted
        if Term.objects.running(day).filter(office=sub.office, person=sub.principal).exists()
    ]


def capacities(person: Reader, occurrence: Occurrence, *, day: date | None = None) -> dict[str, Person | None]:
    """Each capacity in which a person may act on an occurrence, with the person acted for (None: for themselves)."""
    day = day or clock.today(occurrence.body.time_zone)
    found: dict[str, Person | None] = {}
    obligation = occurrence.obligation
    above = {body.pk for body in obligation.responsible.lineage()}
    mine = seats(person, day)
    for seat in mine:
        if seat.office.body_id in above:
            _add(found, seat.office.role, seat.acting_for)
    for assignment in occurrence.assignments.standing():
        part = LEAD if assignment.part == Assignment.Part.LEAD else CONTRIBUTOR
        if assignment.person_id is not None and assignment.person_id == person.pk:
            _add(found, part, None)
        for seat in mine:
            if assignment.office_id == seat.office.pk:
                _add(found, part, seat.acting_for)
    _add_endorser(found, person, occurrence, mine, day)
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
    holder = endorser.holder(day)
    if holder and holder.pk in own:
        for seat in mine:
            if seat.office.role == Role.VICE_CHAIR and seat.office.body_id == endorser.body_id:
                _add(found, ENDORSER, seat.acting_for or holder)


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


# Seeing ----------------------------------------------------------------------------------------------------------------


def _family(person: Reader) -> set[int]:
    """The bodies whose members' papers a person sees: those of their offices and all above them."""
    return {body.pk for seat in seats(person) for body in seat.office.body.lineage()}


def _officer_of(person: Reader) -> set[int]:
    """The bodies whose restricted papers a person sees, with the groups under them."""
    officers = {Role.CHAIR, Role.VICE_CHAIR, Role.SECRETARY, Role.AUDITOR}
    found = {seat.office.body_id for seat in seats(person) if seat.office.role in officers}
    level = found
    while level := set(Body.objects.filter(parent__in=level).values_list("pk", flat=True)) - found:
        found |= level
    return found


def _visible(person: Reader, prefix: str, family: Iterable[int]) -> Q:
    public = Q(**{f"{prefix}visibility": Visibility.PUBLIC})
    if not isinstance(person, Person):
        return public
    return public | Q(**{f"{prefix}visibility": Visibility.MEMBERS}) & Q(body__in=family)


def occurrences(person: Reader) -> QuerySet[Occurrence]:
    """The occurrences that a person may see."""
    found = Occurrence.objects.select_related("obligation__paragraph", "obligation__responsible", "session", "meeting", "body")
    seen = _visible(person, "obligation__", _family(person))
    if isinstance(person, Person) and person.is_active:
        offices = [seat.office.pk for seat in seats(person)]
        asked = Assignment.objects.standing().filter(Q(person=person) | Q(office__in=offices)).values("occurrence")
        seen |= Q(obligation__responsible__in=_officer_of(person)) | Q(pk__in=asked)
    return found.filter(seen)


def occurrence(person: Reader, reference: str) -> Occurrence:
    """One of them by its reference (`itu-council/r1306-1.2-c17`), or Http404: missing and not visible look alike."""
    found = occurrences(person).filter(reference=reference).first()
    if found is None:
        raise Http404(_("There is no such occurrence, or you may not see it."))
    return found


def obligations(person: Reader) -> QuerySet[Obligation]:
    """The obligations that a person may see, or has occurrences of that they may see."""
    family = _family(person)
    seen = Q(visibility=Visibility.PUBLIC)
    if isinstance(person, Person):
        seen |= Q(visibility=Visibility.MEMBERS, resolution__body__in=family)
        seen |= Q(responsible__in=_officer_of(person)) | Q(pk__in=occurrences(person).values("obligation"))
    return Obligation.objects.select_related("paragraph", "resolution__body", "responsible", "endorser").filter(seen)


def papers(person: Reader, found: QuerySet[Paper]) -> QuerySet[Paper]:
    """Of activities, reports or evidence, those that a person may see: public ones; members' papers in the family of the
    body; all of an occurrence that they were asked to work on or that is under an office of theirs."""
    seen = Q(visibility=Visibility.PUBLIC)
    if isinstance(person, Person) and person.is_active:
        offices = [seat.office.pk for seat in seats(person)]
        asked = Assignment.objects.standing().filter(Q(person=person) | Q(office__in=offices)).values("occurrence")
        seen |= Q(visibility=Visibility.MEMBERS, occurrence__body__in=_family(person))
        seen |= Q(occurrence__obligation__responsible__in=_officer_of(person)) | Q(occurrence__in=asked)
    return found.filter(seen)


def evidence(person: Reader, number: int) -> Evidence:
    """One piece of evidence by its number, or Http404: missing and not visible look alike."""
    found = papers(person, Evidence.objects.filter(pk=number)).first()
    if found is None:
        raise Http404(_("There is no such file, or you may not see it."))
    return found


def resolutions(person: Reader) -> QuerySet[Resolution]:
    """The resolutions that a person may see."""
    seen = _visible(person, "", _family(person))
    if isinstance(person, Person):
        seen |= Q(body__in=_officer_of(person))
    return Resolution.objects.select_related("body").filter(seen)


def resolution(person: Reader, body: str, slug: str) -> Resolution:
    """One of them by its body's and its own short name, or Http404."""
    found = resolutions(person).filter(body__slug=body, slug=slug).first()
    if found is None:
        raise Http404(_("There is no such resolution, or you may not see it."))
    return found


def versions(person: Reader) -> QuerySet[Version]:
    """The versions of the resolutions that a person may see."""
    return Version.objects.select_related("resolution__body", "adopted_at").filter(resolution__in=resolutions(person))


def paragraphs(person: Reader) -> QuerySet[Paragraph]:
    """The paragraphs of the resolutions that a person may see."""
    return Paragraph.objects.select_related("version__resolution__body", "parent").filter(
        version__resolution__in=resolutions(person)
    )


def events(person: Reader) -> QuerySet[Event]:
    """The events that a person may see: of their own bodies and what is under them; of occurrences they may see; their
    own. A secretary and an auditor also see those about people."""
    found = Event.objects.select_related("actor", "acting_for", "words", "body")
    if not isinstance(person, Person) or not person.is_active:
        return found.none()
    family = _family(person) | _officer_of(person)
    open_kinds = Q(body__in=family) & ~Q(subject_type__in=["occurrence", "obligation"])
    seen = Q(actor=person) | open_kinds
    seen |= Q(subject_type="occurrence", subject_id__in=occurrences(person).values("pk"))
    seen |= Q(subject_type="obligation", subject_id__in=obligations(person).values("pk"))
    if roles(person) & {Role.SECRETARY, Role.AUDITOR}:
        seen |= Q(body=None)
    return found.filter(seen)


def bodies(_person: Reader) -> QuerySet[Body]:
    """Bodies are public knowledge."""
    return Body.objects.select_related("parent")


def body(person: Reader, slug: str) -> Body:
    """One body by its short name, or Http404."""
    found = bodies(person).filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no such body."))
    return found


def sessions(_person: Reader) -> QuerySet[Session]:
    """The calendar is public knowledge."""
    return Session.objects.select_related("body")


def meetings(_person: Reader) -> QuerySet[Meeting]:
    """Meetings of groups, as public as the calendar."""
    return Meeting.objects.select_related("body", "session")


def party(name: str) -> Office | Person | None:
    """The office (`cwg-cop/chair`) or the active person (`contributor`) of that name, or None."""
    body_slug, slash, office = name.partition("/")
    if slash:
        return Office.objects.select_related("body").filter(body__slug=body_slug, slug=office).first()
    return Person.objects.filter(username=name, is_active=True).first()
