"""Who may read which tabled summary."""

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from tracker.access.seeing import _sight
from tracker.access.standing import Reader
from tracker.models import Tabled


def tabled(person: Reader) -> QuerySet[Tabled]:
    """The tabled summaries that a person may read: they hold what every member of the body sees, so its members do, and the
    officers of it."""
    sight = _sight(person)
    found = Tabled.objects.select_related("session__body", "corrects__session", "corrected_by__session", "signature")
    found = found.defer("corrects__frozen", "corrected_by__frozen")  # long, and only their names are shown
    return found.filter(session__body__in=sight.family | sight.officer_of)


def tabled_summary(person: Reader, body: str, code: str, number: int) -> Tabled:
    """One of them by its session and number, or Http404."""
    found = tabled(person).filter(session__body__slug=body, session__code__iexact=code, number=number).first()
    if found is None:
        raise Http404(_("There is no such summary."))
    return found
