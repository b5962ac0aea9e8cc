"""Who may read what was promised to be told, and to whom it was told."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from tracker.access.acting import WHO_WORDS
from tracker.access.seeing import Sight, _occurrences, _sight
from tracker.access.standing import Reader
from tracker.models import Notice, Occurrence, Person, Role

PRIVATE = (Notice.Kind.WATCHED, Notice.Kind.MENTIONED)
"""Who watches an item, and who was mentioned in which comment, is shown to themselves alone."""
MOST_UNREAD = 99
OFFICERS = (Role.CHAIR, Role.VICE_CHAIR, Role.SECRETARY, Role.AUDITOR)


def notices(reader: Reader) -> QuerySet[Notice]:
    """What was promised, as far as it is a reader's to search: what is for them; and of the bodies of which they are chair,
    vice-chair, secretary or auditor, and the groups under them, all but what is private. Invitations are the
    secretaries' and auditors' to see, as accounts are."""
    sight = _sight(reader)
    return Notice.objects.filter(_seen(sight)) if sight.person else Notice.objects.none()


def _seen(sight: Sight) -> Q:
    seen = sight.opens(lambda by: Q(occurrence__obligation__responsible__in=by.officer_of), "occurrence__resolution")
    seen |= Q(occurrence=None) & (Q(body__in=sight.officer_of) | Q(event__body__in=sight.officer_of))
    if sight.roles & {Role.SECRETARY, Role.AUDITOR}:
        seen |= Q(occurrence=None, kind=Notice.Kind.INVITED)
    return Q(person=sight.person) | seen & ~Q(kind__in=PRIVATE)


def notices_about(reader: Reader, occurrence: Occurrence) -> QuerySet[Notice]:
    """What was promised about an occurrence that a reader was given to see."""
    own = Q(person=reader) if isinstance(reader, Person) else Q(pk__in=())
    return occurrence.notices.filter(~Q(kind__in=PRIVATE) | own)


def notice(reader: Reader, number: int) -> Notice:
    """One of them by its number, theirs to search or about an occurrence that they see; or Http404."""
    sight = _sight(reader)
    if sight.person is not None and number < 2**63:
        about = Q(occurrence__in=_occurrences(sight).order_by().values("pk")) & ~Q(kind__in=PRIVATE)
        found = Notice.objects.filter(_seen(sight) | about, pk=number).first()
        if found is not None:
            return found
    raise Http404(_("There is no such notice, or it is not yours to read."))


def notifications(reader: Reader) -> QuerySet[Notice]:
    """What arrived in the product for a reader."""
    if not isinstance(reader, Person) or not reader.is_active:
        return Notice.objects.none()
    return Notice.objects.filter(person=reader, arrived_at__isnull=False).exclude(state=Notice.State.SKIPPED)


def unread(reader: Reader) -> int:
    """How much of it is unread, counted up to one more than `MOST_UNREAD`."""
    return notifications(reader).filter(read_at=None).order_by()[: MOST_UNREAD + 1].count()


def searches_notices(reader: Reader) -> bool:
    """Whether a reader has more to search than what is for themselves."""
    sight = _sight(reader)
    return bool(sight.officer_of or any(part.officer_of for part in sight.narrow.values()))


def require_ledger(reader: Reader) -> None:
    """Raise PermissionDenied unless they have."""
    if not searches_notices(reader):
        who = " / ".join(str(WHO_WORDS[role]) for role in OFFICERS)
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": who})
