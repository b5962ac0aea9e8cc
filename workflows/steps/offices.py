"""Bodies, their offices, and who holds them: set up by a secretary, one step each."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access, audit, clock
from tracker.models import Body, Office, Person, Role, Term
from workflows.steps.beats import said
from workflows.steps.bodies import BodyAct, NotTheMoment, acting_on_body, checked, one_act
from workflows.steps.handing import open_hand_over

DAY = timedelta(days=1)
Part = Term.Part


def add_body(*, name: str, short_name: str, slug: str, by: Person, time_zone: str = "UTC") -> Body:
    """A governing body under none. Whoever sets it up gets its secretariat for a term from today, so that they can go on."""
    with one_act():
        access.require_new_body(by)
        body = checked(
            Body(
                slug=said("slug", slug),
                name=said("name", name),
                short_name=said("short_name", short_name),
                time_zone=time_zone,
            )
        )
        audit.record(body, "body.added", by=by)
        title = _("Secretariat of %(body)s") % {"body": body.short_name}
        office = checked(Office(body=body, slug="secretariat", title=title, role=Role.SECRETARY))
        audit.record(office, "office.added", by=by)
        term = Term(office=office, person=by, begins=clock.today(body.time_zone))
        audit.record(term, "term.begun", by=by)
    return body


def add_group(parent: Body, *, name: str, short_name: str, slug: str, by: Person, time_zone: str = "") -> Body:  # noqa: PLR0913  (what is said of it has that many parts)
    """A group under a body. The body's secretariat serves it too; its clock is the body's unless another is named."""
    with acting_on_body(parent, "add_group", by=by) as act:
        group = Body(
            slug=said("slug", slug),
            name=said("name", name),
            short_name=said("short_name", short_name),
            kind=Body.Kind.GROUP,
            parent=act.body,
            time_zone=time_zone or act.body.time_zone,
        )
        act.record(checked(group), "body.added")
    return group


def add_office(body: Body, *, title: str, role: str, slug: str, by: Person) -> Office:
    """A seat of a body, which can hold duties whoever sits in it. Its role says what its holder may do."""
    with acting_on_body(body, "add_office", by=by) as act:
        office = Office(body=act.body, slug=said("slug", slug), title=said("title", title), role=role)
        act.record(checked(office), "office.added")
    return office


def set_validator(office: Office, validator: Office | None, *, by: Person) -> Office:
    """From now on a report handed in for an office is validated by the holder of another one before it is endorsed; or
    (None) no longer. What was handed in before waits as it did."""
    with acting_on_body(office.body, "add_office", by=by) as act:
        office = Office.objects.select_for_update(of=("self",), no_key=True).select_related("body").get(pk=office.pk)
        if validator is not None and validator.pk == office.pk:
            raise ValidationError({"validator": _("No office validates what it handed in itself.")})
        if validator is not None and access.uppermost(validator.body) != access.uppermost(office.body):
            raise ValidationError(
                {"validator": _("Choose an office of this body, of one above it or of one under it.")}
            )
        if office.validator_id == (validator.pk if validator else None):
            raise ValidationError({"validator": _("It is so already.")})
        office.validator = validator
        act.record(checked(office), "office.changed")
    return office


def appoint(  # noqa: PLR0913  (what is said of it has that many parts)
    office: Office,
    person: Person,
    *,
    by: Person,
    begins: date | None = None,
    ends: date | None = None,
    part: str = Part.HOLDER,
) -> Term:
    """Begin a term (today unless a day is given). What the office's holder had left of a term ends the day before, and the
    successor is handed what is open. An alternate stands beside the holder, and ends nobody's term."""
    with acting_on_body(office.body, "appoint", by=by) as act:
        begins = begins or act.today
        if part not in Part.values:
            raise ValidationError({"part": _("Choose whether they hold the office or are an alternate.")})
        if not person.is_active:
            raise ValidationError({"person": _("%(name)s has left.") % {"name": person}})
        if ends and ends < begins:
            raise ValidationError({"ends": _("The last day cannot come before the first.")})
        terms = _overlapping(
            office.terms.select_for_update(of=("self",), no_key=True).select_related("person"), begins, ends
        )
        if any(term.person_id == person.pk for term in terms):
            raise ValidationError({"person": _("%(name)s has a term in this office then.") % {"name": person}})
        for term in terms if part == Part.HOLDER else ():
            _make_room(act, term, begins)
        fresh = Term(office=office, person=person, begins=begins, ends=ends, part=part)
        act.record(checked(fresh), "term.begun", effective_on=begins)
        open_hand_over(act, fresh)
    return fresh


def _make_room(act: BodyAct, term: Term, begins: date) -> None:
    """End what a holder has left of a term on the day before another one's begins; an alternate's goes on."""
    if term.part != Part.HOLDER:
        return
    if term.begins and term.begins >= begins:
        raise ValidationError(
            {"begins": _("%(name)s takes this office then: end before it, or end that term.") % {"name": term.person}}
        )
    _end(act, term, begins - DAY)


def end_term(term: Term, *, by: Person, ends: date | None = None) -> Term:
    """End a term on a day (today unless given). The last secretary of a body does not leave it without another."""
    with acting_on_body(term.office.body, "appoint", by=by) as act:
        term = (
            Term.objects.select_for_update(of=("self",), no_key=True)
            .select_related("office__body", "person")
            .get(pk=term.pk)
        )
        ends = ends or act.today
        if term.ends and term.ends < act.today:
            raise NotTheMoment(_("This term is over."), object=term)
        if ends == term.ends:
            raise ValidationError({"ends": _("It ends on that day already.")})
        if term.begins and ends < term.begins:
            raise ValidationError({"ends": _("It begins on a later day.")})
        if term.ends and ends > term.ends:
            raise ValidationError({"ends": _("A term is not made longer: appoint again.")})
        require_another_secretary(term, ends)
        _end(act, term, ends)
    return term


def _overlapping(terms: QuerySet[Term], begins: date, ends: date | None) -> list[Term]:
    """Terms that share a day with the span; a holder who left counts, so that their term is ended too."""
    found = terms.filter(Q(ends=None) | Q(ends__gte=begins))
    if ends is not None:
        found = found.filter(Q(begins=None) | Q(begins__lte=ends))
    return list(found.order_by("pk"))


def _end(act: BodyAct, term: Term, ends: date) -> None:
    term.ends = ends
    act.record(term, "term.ended", effective_on=ends)


def require_another_secretary(term: Term, ends: date, *, leaving: Person | None = None) -> None:
    """Refuse to end the term of the last secretary that a body has (`leaving` does not count): nobody could appoint a
    successor any more."""
    if term.office.role != Role.SECRETARY or term.part != Part.HOLDER:
        return
    others = Term.objects.running(ends + DAY).holding().exclude(pk=term.pk).exclude(person=leaving)
    if not others.filter(office__role=Role.SECRETARY, office__body__in=term.office.body.lineage()).exists():
        raise ValidationError(_("No secretary would be left to go on from here: appoint another one first."))
