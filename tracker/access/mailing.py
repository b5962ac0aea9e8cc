"""Whose mails somebody looks after: a secretary those to the people of their bodies, an administrator all."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from tracker.access.acting import BODY_GRANTS, who_may
from tracker.access.seeing import occurrences
from tracker.access.standing import Reader, seats
from tracker.models import Assignment, Body, Message, Notice, Person, Term

UNSETTLED = (Message.State.QUEUED, Message.State.CLAIMED)


def _kept_bodies(reader: Reader) -> set[int]:
    """The bodies whose mails a reader looks after, and the groups under them."""
    found = {seat.office.body_id for seat in seats(reader) if seat.office.role in BODY_GRANTS["send_again"]}
    level = found
    while level and (level := set(Body.objects.filter(parent__in=level).values_list("pk", flat=True)) - found):
        found |= level
    return found


def _theirs(reader: Reader, person: str) -> Q | None:
    """The condition that somebody (by the name of the column) is a person whose mails the reader looks after; None: nobody is."""
    if not isinstance(reader, Person) or not reader.is_active:
        return None
    if reader.is_staff or reader.is_superuser:
        return Q()
    bodies = _kept_bodies(reader)
    if not bodies:
        return None
    terms = Term.objects.filter(person=OuterRef(person))
    asked = Assignment.objects.filter(person=OuterRef(person))
    theirs = Q(Exists(terms.filter(office__body__in=bodies)))
    theirs |= Q(Exists(asked.filter(occurrence__obligation__responsible__in=bodies)))
    return theirs | (~Exists(terms) & ~Exists(asked) & Q(**{f"{person}__isnull": False}))  # invited, and nobody's yet


def _kept(reader: Reader) -> QuerySet[Message]:
    found, theirs = Message.objects.select_related("person", "resent_by"), _theirs(reader, "person")
    return found.none() if theirs is None else found.filter(theirs)


def unwritten(reader: Reader) -> QuerySet[Person]:
    """People of theirs to whom something could not be told since they have no usable address, with how much (`untold`)."""
    theirs = _theirs(reader, "pk")
    if theirs is None:
        return Person.objects.none()
    failed = Q(notices__state=Notice.State.FAILED, notices__message=None)
    return Person.objects.filter(theirs, is_active=True).annotate(untold=Count("notices", failed)).filter(untold__gt=0)


def failed_mails(reader: Reader) -> QuerySet[Message]:
    """The mails that failed, of those that are the reader's to look after; the newest first."""
    return _kept(reader).filter(state=Message.State.FAILED).order_by("-pk")


def retried_mails(reader: Reader) -> QuerySet[Message]:
    """As `failed_mails`, those that are being tried again; the next one first."""
    return _kept(reader).filter(state__in=UNSETTLED).exclude(answer="").order_by("not_before", "pk")


def told_of(reader: Reader, mails: list[Message]) -> set[int]:
    """Of some mails those whose subject a reader may see: all that they tell of is visible to them."""
    rows = list(Notice.objects.filter(message__in=mails).exclude(occurrence=None).values_list("message", "occurrence"))
    seen = set(
        occurrences(reader).filter(pk__in={turn for _mail, turn in rows}).order_by().values_list("pk", flat=True)
    )
    return {one.pk for one in mails} - {mail for mail, turn in rows if turn not in seen}


def may_send_again(reader: Reader) -> bool:
    """Whether any mails are the reader's to look after."""
    if not isinstance(reader, Person) or not reader.is_active:
        return False
    return reader.is_staff or reader.is_superuser or bool(_kept_bodies(reader))


def require_send_again(reader: Reader) -> None:
    """PermissionDenied unless they may."""
    if not may_send_again(reader):
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": who_may("send_again")})
