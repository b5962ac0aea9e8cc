"""What arrived for a person in the product, marked as read: a note of their own, an act on nothing, so it leaves no event."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from tracker import access, clock
from tracker.models import Person


def mark_read(numbers: Iterable[int] | None = None, *, by: Person) -> int:
    """Mark what arrived for `by` as read, all of it or those of these numbers; returns how many were unread. What is
    somebody else's, or not there, stays as it is."""
    if not by.is_active:
        raise PermissionDenied(_("This account has been deactivated."))
    found = access.notifications(by).filter(read_at=None)
    if numbers is not None:
        found = found.filter(pk__in=set(numbers))
    return found.update(read_at=clock.now())
