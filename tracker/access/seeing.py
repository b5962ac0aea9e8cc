"""Who may see what: one function that fetches each noun. What is restricted and what is missing look alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from tracker import clock, visits
from tracker.access.acting import BODY_GRANTS, roles
from tracker.access.standing import Members, Reader, Seat, Standing, standing
from tracker.models import (
    Activity,
    Assignment,
    Body,
    DeadlineRule,
    Event,
    Evidence,
    HandOver,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    ReminderPolicy,
    Report,
    Resolution,
    Role,
    Session,
    Substitution,
    Term,
    Version,
    Visibility,
)

Paper = TypeVar("Paper", Activity, Report, Evidence)
Noun = TypeVar("Noun", bound=Model)


@dataclass(frozen=True)
class Sight:
    """What the offices of a reader open to them today: `family`, the bodies whose members' papers they see (those of their
    offices and all above), `officer_of`, those whose restricted papers too (with the groups under them), and their roles.
    `principals` are those for whom they act in person; `narrow` has what is open to them within one resolution only."""

    person: Person | None
    seats: list[Seat]
    family: set[int]
    officer_of: set[int]
    principals: list[Person] = field(default_factory=list)
    narrow: dict[int, "Sight"] = field(default_factory=dict)

    @property
    def roles(self) -> set[str]:
        return {seat.office.role for seat in self.seats}

    def visible(self, owner: str, prefix: str = "") -> Q:
        """What its own visibility opens: public things, and members' things of a body of the family."""
        members = Q(**{f"{prefix}visibility": Visibility.MEMBERS, f"{owner}__in": self.family})
        return Q(**{f"{prefix}visibility": Visibility.PUBLIC}) | members

    def asked(self) -> QuerySet[Assignment, Any]:
        """The occurrences that they were asked to work on, in person or by an office of theirs; and those whose lead's
        office they validate for: nobody validates what they cannot see."""
        offices = [seat.office.pk for seat in self.seats]
        mine = Q(person__in=[self.person, *self.principals]) | Q(office__in=offices)
        mine |= Q(part=Assignment.Part.LEAD, office__validator__in=offices)
        found = Assignment.objects.standing().filter(mine) if self.person else Assignment.objects.none()
        return found.values("occurrence")

    def opens(self, question: Callable[["Sight"], Q], resolution: str) -> Q:
        """What a question opens by what they hold everywhere, and within one resolution by what they hold there;
        `resolution` is the way to it."""
        opened = question(self)
        for pk, narrow in self.narrow.items():
            opened |= Q(**{resolution: pk}) & question(narrow)
        return opened


def _sight(reader: Reader) -> Sight:
    if isinstance(reader, Members):
        return Sight(None, [], {body.pk for body in reader.body.lineage()}, set())
    person = reader if isinstance(reader, Person) and reader.is_active else None
    everything = standing(reader)
    narrow = {pk: _opened(person, part) for pk, part in everything.narrowed().items()}
    return _opened(person, everything.within(None), narrow)


def _opened(person: Person | None, part: Standing, narrow: dict[int, Sight] | None = None) -> Sight:
    officers = {Role.CHAIR, Role.VICE_CHAIR, Role.SECRETARY, Role.AUDITOR}
    below = {seat.office.body_id for seat in part.seats if seat.office.role in officers}
    level = below
    while level and (level := set(Body.objects.filter(parent__in=level).values_list("pk", flat=True)) - below):
        below |= level
    family = {body.pk for seat in part.seats for body in seat.office.body.lineage()}
    return Sight(person, list(part.seats), family, below, [one.principal for one in part.stand_ins], narrow or {})


def _one(found: QuerySet[Noun], missing: str) -> Noun:
    one = found.first()
    if one is None:
        raise Http404(missing)
    return one


def _open(found: QuerySet[Noun], missing: str, **named: Any) -> Noun:
    """The one of that name among what a reader may see, or Http404. The log of visits notes it: what is restricted when it
    is shown, and what was asked for in vain."""
    one = found.filter(**named).first()
    if one is None:
        visits.missed(found.model, **named)
        raise Http404(missing)
    visits.about(one, sensitive=visits.is_restricted(one))
    return one


def occurrences(person: Reader) -> QuerySet[Occurrence]:
    """The occurrences that a person may see."""
    return _occurrences(_sight(person))


def _turns() -> QuerySet[Occurrence]:
    return Occurrence.objects.select_related(
        "obligation__paragraph", "obligation__responsible__parent", "obligation__endorser", "session", "meeting", "body"
    )


def afresh(occurrence: Occurrence) -> QuerySet[Occurrence]:
    """An occurrence that was given to somebody, as it stands now: also after an act of theirs that ends their seeing it."""
    return _turns().filter(pk=occurrence.pk)


def _occurrences(sight: Sight) -> QuerySet[Occurrence]:
    def seen(by: Sight) -> Q:
        return by.visible("body", "obligation__") | Q(obligation__responsible__in=by.officer_of) | Q(pk__in=by.asked())

    return _turns().filter(sight.opens(seen, "resolution"))


def occurrence(person: Reader, reference: str) -> Occurrence:
    """One of them by its reference (`itu-council/r1306-1.2-c17`), or Http404: missing and not visible look alike."""
    found = occurrences(person).select_related("resolution")
    return _open(found, _("There is no such occurrence, or you may not see it."), reference=reference)


def obligations(person: Reader) -> QuerySet[Obligation]:
    """The obligations that a person may see, or has occurrences of that they may see."""
    return _obligations(_sight(person))


def _obligations(sight: Sight) -> QuerySet[Obligation]:
    seen = sight.opens(lambda by: by.visible("resolution__body") | Q(responsible__in=by.officer_of), "resolution") | Q(
        pk__in=_occurrences(sight).values("obligation")
    )
    return Obligation.objects.select_related("paragraph", "resolution__body", "responsible", "endorser").filter(seen)


def papers(person: Reader, found: QuerySet[Paper]) -> QuerySet[Paper]:
    """Of activities, reports or evidence, those that a person may see: public ones; members' papers in the family of the
    body; all of an occurrence that they were asked to work on or that is under an office of theirs."""
    return found.filter(_paper_seen(_sight(person)))


def _paper_seen(sight: Sight) -> Q:
    def seen(by: Sight) -> Q:
        own = Q(occurrence__obligation__responsible__in=by.officer_of) | Q(occurrence__in=by.asked())
        return by.visible("occurrence__body") | own

    return sight.opens(seen, "occurrence__resolution")


def evidence(person: Reader, number: int) -> Evidence:
    """One piece of evidence by its number, or Http404: missing and not visible look alike."""
    found = papers(person, Evidence.objects.select_related("occurrence__obligation", "occurrence__resolution"))
    return _open(found, _("There is no such file, or you may not see it."), pk=number)


# What anybody may read: public papers, under texts and duties that are not restricted themselves.
_OPEN_TO_ALL = Q(visibility=Visibility.PUBLIC, occurrence__resolution__visibility=Visibility.PUBLIC) & ~Q(
    occurrence__obligation__visibility=Visibility.RESTRICTED
)


def public_reports() -> QuerySet[Report]:
    """The output documents that anybody may read: public reports that were endorsed."""
    return Report.objects.filter(_OPEN_TO_ALL, state=Report.State.ENDORSED).select_related(
        "occurrence__obligation",
        "occurrence__body",
        "occurrence__resolution",
        "occurrence__session",
        "occurrence__meeting__body",
    )


def public_evidence() -> QuerySet[Evidence]:
    """Public files, links and symbols, but for those of a report that does not stand or is not endorsed yet."""
    return Evidence.objects.filter(
        _OPEN_TO_ALL, Q(report=None) | Q(report__state=Report.State.ENDORSED)
    ).select_related(
        "occurrence__obligation",
        "occurrence__body",
        "occurrence__resolution",
        "occurrence__session",
        "occurrence__meeting__body",
    )


def resolutions(person: Reader) -> QuerySet[Resolution]:
    """The resolutions that a person may see."""
    return _resolutions(_sight(person))


def _resolutions(sight: Sight) -> QuerySet[Resolution]:
    seen = sight.opens(lambda by: by.visible("body") | Q(body__in=by.officer_of), "pk")
    return Resolution.objects.select_related("body").filter(seen)


def resolution(person: Reader, body: str, slug: str) -> Resolution:
    """One of them by its body's and its own short name, or Http404."""
    missing = _("There is no such resolution, or you may not see it.")
    return _open(resolutions(person), missing, body__slug=body, slug=slug)


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
    own, and what was done in their name. A secretary and an auditor also see those about people."""
    found = Event.objects.select_related("actor", "acting_for", "words", "body")
    sight = _sight(person)
    if sight.person is None:
        return found.none()
    guarded: dict[str, QuerySet[Any]] = {
        "occurrence": _occurrences(sight),
        "obligation": _obligations(sight),
        "resolution": _resolutions(sight),
        "version": Version.objects.filter(resolution__in=_resolutions(sight)),
        "paragraph": Paragraph.objects.filter(version__resolution__in=_resolutions(sight)),
        "handover": _hand_overs(sight),
        "reminderpolicy": _policies(sight),
    }
    seen = (
        Q(actor=sight.person)
        | Q(acting_for=sight.person)
        | Q(body__in=sight.family | sight.officer_of) & ~Q(subject_type__in=guarded)
    )
    for kind, visible in guarded.items():
        subject = Exists(visible.order_by().filter(pk=OuterRef("subject_id")))  # asked of the events of a page alone
        seen |= Q(subject_type=kind) & Q(subject)
    if sight.roles & {Role.SECRETARY, Role.AUDITOR}:
        seen |= Q(body=None)
    return found.filter(seen)


def bodies(_person: Reader) -> QuerySet[Body]:
    """Bodies are public knowledge."""
    return Body.objects.select_related("parent")


def body(person: Reader, slug: str) -> Body:
    """One body by its short name, or Http404."""
    return _one(bodies(person).filter(slug=slug), _("There is no such body."))


def sessions(_person: Reader) -> QuerySet[Session]:
    """The calendar is public knowledge."""
    return Session.objects.select_related("body")


def deadline_rules(_person: Reader) -> QuerySet[DeadlineRule]:
    """The document deadlines that stand, as public as the calendar."""
    return DeadlineRule.objects.filter(ended_at=None).select_related("body__parent")


def policies(person: Reader) -> QuerySet[ReminderPolicy]:
    """The policies of reminders that speak for what a person can see, to whoever has an account. Drafts, and those given up,
    are read by the secretaries who may change them."""
    return _policies(_sight(person)).select_related(
        "body__parent__parent",
        "resolution",
        "obligation__paragraph",
        "obligation__resolution",
        "obligation__responsible",
    )


def _policies(sight: Sight) -> QuerySet[ReminderPolicy]:
    found = ReminderPolicy.objects.order_by("scope", "-pk")
    if sight.person is None:
        return found.none()
    seen = Q(resolution=None) | Q(resolution__in=_resolutions(sight))
    seen &= Q(obligation=None) | Q(obligation__in=_obligations(sight))
    kept = [seat.office.body_id for seat in sight.seats if seat.office.role in BODY_GRANTS["set_policies"]]
    keeps = Q()
    for above in ("body", "body__parent", "body__parent__parent"):
        keeps |= Q(**{f"{above}__in": kept})
    return found.filter(seen, ~Q(in_force_since=None) | keeps)


def policy(person: Reader, number: int) -> ReminderPolicy:
    """One of them by its number, or Http404: missing and not visible look alike."""
    return _open(policies(person), _("There is no such policy, or you may not see it."), pk=number)


def meetings(_person: Reader) -> QuerySet[Meeting]:
    """Meetings of groups, as public as the calendar."""
    return Meeting.objects.select_related("body", "session")


def party(name: str) -> Office | Person | None:
    """The office (`cwg-cop/chair`) or the active person (`contributor`) of that name, or None."""
    body_slug, slash, office = name.partition("/")
    if slash:
        return Office.objects.select_related("body").filter(body__slug=body_slug, slug=office).first()
    return Person.objects.filter(username=name, is_active=True).first()


def session(person: Reader, body: str, code: str) -> Session:
    """One session by its body's short name and its code (case does not matter), or Http404."""
    return _one(sessions(person).filter(body__slug=body, code__iexact=code), _("There is no such session."))


def meeting(person: Reader, body: str, number: int) -> Meeting:
    """One meeting by its group's short name and its number, or Http404."""
    return _one(meetings(person).filter(body__slug=body, number=number), _("There is no such meeting."))


def offices(_person: Reader) -> QuerySet[Office]:
    """Offices, and who holds them, are as public as the bodies."""
    return Office.objects.select_related("body__parent")


def office(person: Reader, body: str, slug: str) -> Office:
    """One office by its body's and its own short name, or Http404."""
    return _one(offices(person).filter(body__slug=body, slug=slug), _("There is no such office."))


def people(person: Reader) -> QuerySet[Person]:
    """The accounts: a secretary's and an auditor's business; nobody else sees the list."""
    found = Person.objects.all()
    return found if roles(person) & {Role.SECRETARY, Role.AUDITOR} else found.none()


def colleagues(person: Reader) -> QuerySet[Person]:
    """Those who can be asked to stand in: everybody who holds an office today, which is no secret, but for themselves.
    A secretary's choice is everybody."""
    found = people(person).filter(is_active=True)
    if not isinstance(person, Person):
        return found
    if person.is_active and Role.SECRETARY not in roles(person):
        found = Person.objects.filter(pk__in=Term.objects.running(clock.today()).values("person"))
    return found.exclude(pk=person.pk)


def hand_overs(person: Reader) -> QuerySet[HandOver]:
    """The hand-overs that a person may read: those of their own terms, those that they hand over, those of an office in
    which they stand in, and those of the bodies that they keep or check."""
    return _hand_overs(_sight(person)).select_related(
        "term__office__body__parent", "term__person", "predecessor__person", "note_by", "accepted_by"
    )


def _hand_overs(sight: Sight) -> QuerySet[HandOver]:
    found = HandOver.objects.order_by("-pk")
    if sight.person is None:
        return found.none()
    keepers = {*BODY_GRANTS["hand_over"], Role.AUDITOR}
    kept = [seat.office.body_id for seat in sight.seats if seat.office.role in keepers]
    seen = Q(term__person=sight.person) | Q(predecessor__person=sight.person)
    seen |= Q(term__office__in=[seat.office.pk for seat in sight.seats])
    for above in ("body", "body__parent", "body__parent__parent"):
        seen |= Q(**{f"term__office__{above}__in": kept})
    return found.filter(seen)


def substitutions(person: Reader) -> QuerySet[Substitution]:
    """Who acts for whom, as far as it is a person's business: those of which they are a part; a secretary and an auditor
    see all."""
    found = Substitution.objects.select_related(
        "principal", "substitute", "office__body__parent", "resolution", "set_by"
    )
    if not isinstance(person, Person) or not person.is_active:
        return found.none()
    if roles(person) & {Role.SECRETARY, Role.AUDITOR}:
        return found
    return found.filter(Q(principal=person) | Q(substitute=person))
