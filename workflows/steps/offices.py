"""Bodies, their offices, and who holds them: set up by a secretary, one step each."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access, audit, clock
from tracker.models import Body, Office, Person, Role, Substitution, Term
from workflows.steps.beats import said
from workflows.steps.bodies import BodyAct, NotTheMoment, acting_on_body, checked, one_act

DAY = timedelta(days=1)


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


def appoint(
    office: Office, person: Person, *, by: Person, begins: date | None = None, ends: date | None = None
) -> Term:
    """Begin a term (today unless a day is given). What the office's holder had left of a term ends the day before."""
    with acting_on_body(office.body, "appoint", by=by) as act:
        begins = begins or act.today
        if not person.is_active:
            raise ValidationError({"person": _("%(name)s has left.") % {"name": person}})
        if ends and ends < begins:
            raise ValidationError({"ends": _("The last day cannot come before the first.")})
        for term in _overlapping(office.terms.select_for_update(no_key=True), begins, ends):
            if term.person_id == person.pk:
                raise ValidationError({"person": _("%(name)s holds this office then.") % {"name": person}})
            if term.begins and term.begins >= begins:
                raise ValidationError(
                    {
                        "begins": _("%(name)s takes this office then: end before it, or end that term.")
                        % {"name": term.person}
                    }
                )
            _end(act, term, begins - DAY)
        fresh = Term(office=office, person=person, begins=begins, ends=ends)
        act.record(checked(fresh), "term.begun", effective_on=begins)
    return fresh


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


def set_substitute(  # noqa: PLR0913  (what is said of it has that many parts)
    office: Office, substitute: Person, *, begins: date, ends: date, by: Person, principal: Person | None = None
) -> Substitution:
    """Somebody acts for the holder of an office between two days; both names stand on each act. What is left of an
    earlier substitution for the same holder ends the day before."""
    with acting_on_body(office.body, "substitute", by=by) as act:
        principal = principal or office.holder(begins)
        if principal is None or not office.terms.running(begins).filter(person=principal).exists():
            raise ValidationError({"begins": _("No one holds this office on that day.")})
        if not substitute.is_active:
            raise ValidationError({"substitute": _("%(name)s has left.") % {"name": substitute}})
        if substitute == principal:
            raise ValidationError({"substitute": _("Nobody acts for themselves.")})
        if ends < begins:
            raise ValidationError({"ends": _("The last day cannot come before the first.")})
        if ends < act.today:
            raise ValidationError({"ends": _("That day is over: choose today or a day to come.")})
        earlier = office.substitutions.select_for_update(no_key=True).filter(
            principal=principal, begins__lte=ends, ends__gte=begins
        )
        for other in earlier:
            if other.begins >= begins:
                raise ValidationError({"begins": _("%(name)s acts for them then.") % {"name": other.substitute}})
            other.ends = begins - DAY
            act.record(other, "substitution.set")
        fresh = Substitution(office=office, principal=principal, substitute=substitute, begins=begins, ends=ends)
        act.record(checked(fresh), "substitution.set", effective_on=begins)
    return fresh


def end_substitution(substitution: Substitution, *, by: Person, ends: date | None = None) -> Substitution:
    """The holder is back sooner: the substitution ends on a day (today unless given)."""
    with acting_on_body(substitution.office.body, "substitute", by=by) as act:
        substitution = (
            Substitution.objects.select_for_update(of=("self",), no_key=True)
            .select_related("office__body")
            .get(pk=substitution.pk)
        )
        ends = ends or act.today
        if substitution.ends < act.today:
            raise NotTheMoment(_("This substitution is over."), object=substitution)
        if ends >= substitution.ends:
            raise ValidationError({"ends": _("It ends by then already.")})
        if ends < substitution.begins:
            raise ValidationError({"ends": _("It begins on a later day.")})
        substitution.ends = ends
        act.record(substitution, "substitution.set", effective_on=ends)
    return substitution


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
    if term.office.role != Role.SECRETARY:
        return
    others = Term.objects.running(ends + DAY).exclude(pk=term.pk).exclude(person=leaving)
    if not others.filter(office__role=Role.SECRETARY, office__body__in=term.office.body.lineage()).exists():
        raise ValidationError(_("No secretary would be left to go on from here: appoint another one first."))
