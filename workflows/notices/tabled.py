"""Who hears that a summary was tabled: everybody who holds a councillor's office in the body, once, in a minute's reading drawn from
what was frozen. Of a correction too; the one that it corrects need not be told any more."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from tracker import clock, packs
from tracker.ball import Roster
from tracker.frozen import thaw
from tracker.models import Event, Notice, Office, Role, Tabled

VERBS = frozenset({"summary.tabled", "summary.corrected"})
CORRECTED = gettext_noop("a correction was tabled since")
NAMED = 5


def tabled_of(event: Event | None) -> Tabled | None:
    """The tabled summary that an event is about."""
    if event is None or event.subject_type != "tabled":
        return None
    return Tabled.objects.select_related("session__body", "corrects").filter(pk=event.subject_id).first()


def notices_of(events: Iterable[Event]) -> list[Notice]:
    """A promise for each councillor of each summary that was tabled, not yet saved."""
    return [notice for event in events if event.verb in VERBS for notice in _of(event)]


def _of(event: Event) -> Iterable[Notice]:
    tabled = tabled_of(event)
    if tabled is None:
        return
    body = tabled.session.body
    day = event.recorded_at.astimezone(ZoneInfo(body.time_zone)).date()
    roster = Roster.on(day, [body.pk])
    offices = Office.objects.filter(body=body, role=Role.COUNCILLOR).order_by("pk")
    people = {one.pk: one for office in offices for one in roster.told(office, roster.people(office)).people}
    for person in people.values():
        yield Notice(
            key=f"{Notice.Kind.TABLED}:{event.stream}:{event.number}:person-{person.pk}",
            kind=Notice.Kind.TABLED,
            audience=Notice.Audience.PERSON,
            body=body,
            event=event,
            person=person,
            planned_for=day,
            created_at=clock.now(),
        )


def outdated(notice: Notice) -> str:
    """Why it need not be told any more ("" where it does)."""
    found = tabled_of(notice.event)
    return CORRECTED if found and Tabled.objects.filter(corrects=found).exists() else ""


def page_of(tabled: Tabled) -> str:
    """The address of a tabled summary's page, within the site."""
    session = tabled.session
    return reverse("tabled", args=[session.body.slug, session.slug, tabled.number])


def facts(tabled: Tabled) -> dict[str, Any]:
    """What the mail says, in the language that is on: the sentence, the worst of what is late, what awaits a decision."""
    seen = thaw(tabled.frozen.encode()).view(get_language() or "en")
    return {
        "session": str(tabled.session),
        "organ": str(tabled.session.body),
        "symbol": tabled.symbol,
        "sentence": packs.sentence(seen),
        "late": [{"number": one.number, "text": one.text, "mark": one.mark.text} for one in seen.late[:NAMED]],
        "late_more": max(0, seen.past_due.count - NAMED),
        "awaiting": seen.awaiting.count,
        "corrects": str(tabled.corrects) if tabled.corrects else "",
        "link": settings.SITE_URL + page_of(tabled),
        "why": _("you sit in %(body)s") % {"body": tabled.session.body},
    }
