"""Whom an occurrence can be given to: one rule for page, API and bulk alike."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker import access
from tracker.models import Assignment, Body, Obligation, Office, Person, Role
from workflows.steps.beats import Act

Part = Assignment.Part
CAN_BE_ASKED = frozenset(Role.values) - {Role.AUDITOR}


def family(obligation: Obligation) -> list[Body]:
    """The responsible body, the groups under it and the bodies above it: those whose people can be asked."""
    responsible = obligation.responsible
    found = [responsible]
    level = [responsible]
    while level:
        level = [body for body in Body.objects.filter(parent__in=level).order_by("name") if body not in found]
        found += level
    return [*found, *(body for body in responsible.lineage() if body not in found)]


def refusal(obligation: Obligation, who: Office | Person, day: date) -> str:
    """Why an office or a person cannot be asked on a day ("" where they can): they have left, or they hold no seat in the
    family of the responsible body. An auditor's seat is none: who checks does not do."""
    if isinstance(who, Person) and not who.is_active:
        return _("%(name)s has left.") % {"name": who}
    seats = [who] if isinstance(who, Office) else [seat.office for seat in access.seats(who, day)]
    bodies = {body.pk for body in family(obligation)}
    if any(office.body_id in bodies and office.role in CAN_BE_ASKED for office in seats):
        return ""
    return _("%(name)s is not a member of %(body)s.") % {"name": who, "body": obligation.responsible}


def asked(
    act: Act,
    *,
    lead: Office | Person | None = None,
    contributors: Sequence[Office | Person] = (),
    note: str = "",
    done: Sequence[Office | Person] = (),
) -> list[Assignment]:
    """New assignments, not yet saved; nobody is asked twice, and nobody who cannot be asked. What the contributors of `done`
    have done stands, wherever they are now."""
    if lead in contributors or len(set(contributors)) != len(contributors):
        raise ValidationError({"contributors": _("Name each office or person once.")})
    parts = [(Part.LEAD, lead)] if lead is not None else []
    parts += [(Part.CONTRIBUTOR, who) for who in contributors]
    for part, who in parts:
        if who in done:
            continue
        if why := refusal(act.occurrence.obligation, who, act.today):
            raise ValidationError({"lead" if part == Part.LEAD else "contributors": why})
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


def ended(act: Act, assignments: Sequence[Assignment]) -> list[Assignment]:
    """Assignments that end now, not yet saved."""
    for assignment in assignments:
        assignment.ended_at = act.now
    return list(assignments)
