"""Whose trace somebody may follow, and who may read who saw what: auditors and secretaries, each for their own bodies."""

from collections.abc import Container

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from tracker import visits as noted
from tracker.access.acting import WHO_WORDS, roles
from tracker.access.standing import Reader, seats
from tracker.models import Assignment, Body, Event, Occurrence, Person, Resolution, Role, Term, Visit

WATCHMEN = frozenset({str(Role.AUDITOR), str(Role.SECRETARY)})


def watched_bodies(reader: Reader) -> set[int]:
    """The bodies whose people and visits a reader may follow: those for which they are auditor or secretary, and the
    groups under them."""
    found = {seat.office.body_id for seat in seats(reader) if seat.office.role in WATCHMEN}
    level = found
    while level and (level := set(Body.objects.filter(parent__in=level).values_list("pk", flat=True)) - found):
        found |= level
    return found


def traceable(reader: Reader, bodies: set[int] | None = None) -> QuerySet[Person]:
    """The people whose trace a reader may follow: those who hold or held an office in a body that they watch, were asked to
    work there or acted there; and themselves. `bodies`: what `watched_bodies` said, where that was asked already."""
    if not isinstance(reader, Person) or not reader.is_active:
        return Person.objects.none()
    bodies = watched_bodies(reader) if bodies is None else bodies
    if not bodies:
        return Person.objects.filter(pk=reader.pk)
    seated = Term.objects.filter(person=OuterRef("pk"), office__body__in=bodies)
    asked = Assignment.objects.filter(person=OuterRef("pk"), occurrence__obligation__responsible__in=bodies)
    acted = Event.objects.filter(actor=OuterRef("pk"), body__in=bodies)
    return Person.objects.filter(Q(pk=reader.pk) | Exists(seated) | Exists(asked) | Exists(acted))


def known_people(reader: Reader, bodies: set[int] | None = None) -> QuerySet[Person]:
    """The people by whom a reader may search the history: those whose trace is theirs to follow; for everybody else those
    who hold or held an office, which is no secret."""
    bodies = watched_bodies(reader) if bodies is None else bodies
    if not isinstance(reader, Person) or bodies:
        return traceable(reader, bodies)
    return Person.objects.filter(Q(pk=reader.pk) | Exists(Term.objects.filter(person=OuterRef("pk"))))


def traced(reader: Reader, number: int) -> Person:
    """One of them by number, or Http404: missing and not theirs to follow look alike."""
    found = traceable(reader).filter(pk=number).first() if number < 2**63 else None
    if found is None:
        noted.missed(Person, pk=number)
        raise Http404(_("There is no such person, or their trace is not yours to follow."))
    noted.about(found, sensitive=True)
    return found


def require_watchman(reader: Reader) -> set[int]:
    """Who saw what is the auditors' and the secretaries' to read: the bodies that they watch; PermissionDenied for others."""
    bodies = watched_bodies(reader)
    if not bodies:
        who = " / ".join(str(WHO_WORDS[role]) for role in sorted(WATCHMEN))
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": who})
    return bodies


def visits(reader: Reader, bodies: set[int] | None = None) -> QuerySet[Visit]:
    """Of who saw what and who was refused, what a reader may read: their own; and, of the bodies that they watch, that of
    people who are traceable to them, that about their turns and texts, and what nobody known did."""
    found = Visit.objects.select_related("person", "repeat")
    if not isinstance(reader, Person) or not reader.is_active:
        return found.none()
    bodies = watched_bodies(reader) if bodies is None else bodies
    if not bodies:
        return found.filter(person=reader)
    turns = Occurrence.objects.filter(Q(obligation__responsible__in=bodies) | Q(body__in=bodies)).order_by()
    texts = Resolution.objects.filter(body__in=bodies).order_by()
    return found.filter(
        Q(person=None)
        | Q(person__in=traceable(reader, bodies).order_by().values("pk"))
        | Q(subject_reference__in=turns.values("reference"))
        | Q(subject_type="resolution", subject_id__in=texts.values("pk"))
    )


def may_verify(reader: Reader, held: Container[str] | None = None) -> bool:
    """Whether a reader may have the record checked, and read what a check found: auditors, and who runs the machine.
    `held`: what `roles` said, where that was asked already."""
    if not isinstance(reader, Person) or not reader.is_active:
        return False
    return reader.is_superuser or Role.AUDITOR in (roles(reader) if held is None else held)


def may_watch_clock(reader: Reader) -> bool:
    """Whether a reader may see how the worker is doing: who runs the machine, and the secretary of a body under no other."""
    if not isinstance(reader, Person) or not reader.is_active:
        return False
    return reader.is_staff or any(
        seat.office.role == Role.SECRETARY and seat.office.body.parent_id is None for seat in seats(reader)
    )


def require_watch_clock(reader: Reader) -> None:
    """PermissionDenied unless they may."""
    if not may_watch_clock(reader):
        raise PermissionDenied(
            _("Only whoever runs the machine and the secretaries of the highest bodies can do this.")
        )


def require_verify(reader: Reader) -> None:
    """PermissionDenied unless they may."""
    if not may_verify(reader):
        raise PermissionDenied(_("Only the auditors and whoever runs the machine can do this."))
