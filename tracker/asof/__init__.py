"""The Council's page as of a past day, rebuilt from the record."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker import access
from tracker.asof.states import BASES, KNOWN, STOOD, past
from tracker.models import Body, Session
from tracker.summaries import Filters, Overview, overview

__all__ = ["BASES", "KNOWN", "STOOD", "overview_on", "past"]


def overview_on(  # noqa: PLR0913  (a question has that many parts)
    reader: access.Reader, body: Body, session: Session | None, *, day: date, basis: str, filters: Filters | None = None
) -> Overview:
    """What the Council's page of a session said on a day, in the language that is on: of what the reader may see today.
    ValidationError for a day, a basis or a filter without sense, and for a session that was not on the calendar then."""
    with past(reader, body, day, basis):
        then = Body.objects.filter(pk=body.pk).select_related("parent").first()
        at = Session.objects.filter(pk=session.pk).select_related("body").first() if session else None
        if then is None or (session is not None and at is None):
            raise ValidationError({"day": _("This was not on the calendar yet on that day.")})
        return overview(access.Members(then), then, at, filters=filters, today=day, rows=None)
