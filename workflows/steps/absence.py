"""Somebody acts for somebody else between two days: set by themselves, who need nobody for it, or by the secretariat."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from tracker import access, audit, clock
from tracker.models import Office, Person, Resolution, Role, Substitution, Term
from workflows import refusals
from workflows.steps.bodies import YEARS, NotTheMoment, checked, one_act

DAY = timedelta(days=1)


def set_substitute(  # noqa: PLR0913  (what is said of it has that many parts)
    office: Office | None,
    substitute: Person,
    *,
    begins: date,
    ends: date,
    by: Person,
    principal: Person | None = None,
    resolution: Resolution | None = None,
) -> Substitution:
    """Somebody acts for somebody else between two days, both included; both names stand on each act. The scope: one office
    that the principal holds, or (None) all that they hold and were asked for in person; within one resolution, or any.
    What is left of an earlier substitution of the same scope ends the day before."""
    principal = principal or (office.holder(begins) if office else None)
    if principal is None and office is not None:
        refusals.require_on_body(by, "substitute", office.body)
        raise ValidationError({"begins": _("No one holds this office on that day.")})
    if principal is None:
        raise ValidationError({"principal": _("Say for whom.")})
    with _acting(principal, office, by) as act:
        _check_days(begins, ends, act.today)
        if office and not office.terms.running(begins).holding().filter(person=principal).exists():
            raise ValidationError({"begins": _("No one holds this office on that day.")})
        for name, one in (("substitute", substitute), ("principal", principal)):
            if not one.is_active:
                raise ValidationError({name: _("%(name)s has left.") % {"name": one}})
        if substitute == principal:
            raise ValidationError({"substitute": _("Nobody acts for themselves.")})
        scope = {"principal": principal, "office": office, "resolution": resolution}
        earlier = Substitution.objects.select_for_update(of=("self",), no_key=True).filter(**scope)
        for other in earlier.select_related("office__body", "substitute").filter(begins__lte=ends, ends__gte=begins):
            if other.begins >= begins:
                raise ValidationError({"begins": _("%(name)s acts for them then.") % {"name": other.substitute}})
            other.ends = begins - DAY
            act.record(other)
        fresh = Substitution(**scope, substitute=substitute, begins=begins, ends=ends, set_by=by)
        act.record(checked(fresh), effective_on=begins)
    return fresh


def end_substitution(substitution: Substitution, *, by: Person, ends: date | None = None) -> Substitution:
    """The principal is back sooner: it ends on a day (today unless given); by themselves or by the secretariat."""
    with _acting(substitution.principal, substitution.office, by) as act:
        rows = Substitution.objects.select_for_update(of=("self",), no_key=True).select_related(
            "office__body", "principal"
        )
        substitution = rows.get(pk=substitution.pk)
        ends = ends or act.today
        if substitution.ends < act.today:
            raise NotTheMoment(_("This substitution is over."), object=substitution)
        if ends >= substitution.ends:
            raise ValidationError({"ends": _("It ends by then already.")})
        if ends < substitution.begins:
            raise ValidationError({"ends": _("It begins on a later day.")})
        substitution.ends = ends
        act.record(substitution, effective_on=ends)
    return substitution


@dataclass
class _Act:
    """The step being taken: by whom, for whom, on which day."""

    by: Person
    acting_for: Person | None
    today: date

    def record(self, thing: Substitution, *, effective_on: date | None = None) -> None:
        audit.record(
            thing,
            "substitution.set",
            by=self.by,
            acting_for=self.acting_for,
            effective_on=effective_on or self.today,
        )


@contextmanager
def _acting(principal: Person, office: Office | None, by: Person) -> Iterator[_Act]:
    """Open the step, the principal's row locked, so that of two who set a substitute for them one comes after the other."""
    with one_act():
        locked = Person.objects.select_for_update(no_key=True).get(pk=principal.pk)
        acting_for = _may(by, locked, office)
        yield _Act(by, acting_for, clock.today(office.body.time_zone if office else "UTC"))


def _may(by: Person, principal: Person, office: Office | None) -> Person | None:
    """Themselves; or the secretary of the office's body, without an office of every body in which they hold one."""
    if by.pk == principal.pk and by.is_active:
        return None
    if office is not None:
        return refusals.require_on_body(by, "substitute", office.body)
    bodies = {term.office.body for term in Term.objects.running(clock.today()).filter(person=principal)}
    if not bodies and Role.SECRETARY not in access.roles(by):
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("substitute")})
    acting_for = [refusals.require_on_body(by, "substitute", body) for body in bodies]
    return next(filter(None, acting_for), None)


def _check_days(begins: date, ends: date, today: date) -> None:
    for name, day in (("begins", begins), ("ends", ends)):
        if day.year not in YEARS:
            raise ValidationError({name: _("Check the year: it lies outside any calendar kept here.")})
    if ends < begins:
        raise ValidationError({"ends": _("The last day cannot come before the first.")})
    if ends < today:
        raise ValidationError({"ends": _("That day is over: choose today or a day to come.")})
