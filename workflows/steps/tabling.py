"""Tabling: a summary is laid before a session, frozen and kept for good; a correction is a new one that names it.

What is frozen is what every member of the body may see, in every language, as it stands at that moment.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from tracker import access, clock, frozen, tabling
from tracker.models import Person, Session, State, Tabled, TabledSignature
from workflows.steps.bodies import NotTheMoment, acting_on_body, checked

# What changes from one moment to the next without anything having happened on the page.
PASSING = ("at", "head", "receipts", "more_receipts")


def would_table(session: Session) -> tuple[bytes, str]:
    """What would be frozen now, and a print of what it says, by which `table_summary` knows that it was looked at."""
    languages = [code for code, _name in settings.LANGUAGES]
    plain = frozen.freeze(access.Members(session.body), session.body, session, languages=languages)
    lasting = {name: value for name, value in plain.items() if name not in PASSING}
    return frozen.canonical(plain), frozen.digest(frozen.canonical(lasting))


def table_summary(  # noqa: PLR0913  (a document has that many parts)
    session: Session,
    *,
    by: Person,
    symbol: str = "",
    agenda_item: str = "",
    corrects: Tabled | None = None,
    seen: str = "",
) -> Tabled:
    """Freeze the summary for a session and table it; `corrects` names the one that it corrects, `seen` the print of what was
    looked at (see `would_table`). Councillors are told of it by the clock.

    Raises PermissionDenied; NotTheMoment for a cancelled session, for what somebody else has corrected already, or where
    the summary says something else than what was looked at; ValidationError for a symbol that is taken or too long.
    """
    with acting_on_body(session.body, "table_summary", by=by) as act:
        if session.state == State.CANCELLED:
            raise NotTheMoment(_("This session was cancelled: nothing is tabled for it."))
        if corrects is not None:
            _require_open(corrects, session)
        symbol, agenda_item = symbol.strip(), agenda_item.strip()
        taken = Tabled.objects.filter(session__body=session.body, symbol=symbol) if symbol else Tabled.objects.none()
        if taken.exists():
            raise ValidationError({"symbol": _("Another summary was tabled as %(symbol)s.") % {"symbol": symbol}})
        text, print_ = would_table(session)
        if seen and seen != print_:
            raise NotTheMoment(_("Something has changed since you looked: look at it again before you table it."))
        last = Tabled.objects.filter(session=session).aggregate(last=Max("number"))["last"] or 0
        tabled = checked(
            Tabled(
                session=session,
                number=last + 1,
                symbol=symbol,
                agenda_item=agenda_item,
                day=act.today,
                frozen=text.decode(),
                sha256=frozen.digest(text),
                corrects=corrects,
                tabled_at=clock.now(),
            )
        )
        act.record(tabled, "summary.corrected" if corrects else "summary.tabled")
    return tabled


def _require_open(corrects: Tabled, session: Session) -> None:
    if corrects.session_id != session.pk:
        raise ValidationError({"corrects": _("A correction is tabled for the same session.")})
    if Tabled.objects.filter(corrects=corrects).exists():
        raise NotTheMoment(_("This summary has been corrected already: correct the newest one."))


def sign_tabled() -> int:
    """Sign what was tabled and is not signed yet; returns how many. The worker's: it has the log's key. Safe to run twice."""
    count = 0
    for tabled in Tabled.objects.filter(signature=None).select_related("session__body").order_by("pk"):
        if not tabling.standing(tabled).hash_holds:
            continue  # somebody has changed it: checks name it, and nobody vouches for it
        signature = TabledSignature(tabled=tabled, note=tabling.sign(tabled), signed_at=clock.now())
        count += len(TabledSignature.objects.bulk_create([signature], ignore_conflicts=True))
    return count
