"""A mail server refused somebody's address while they hold something: who answers for it is told, once for each person, address
and body, so that the address is put right or somebody else is asked."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tracker import clock
from tracker.access import CHAIR, SECRETARY
from tracker.ball import Roster
from tracker.models import Assignment, Body, Message, Notice, Occurrence, Person
from tracker.templatetags.resolves import day_in_words

Kind = Notice.Kind

CHANGED = gettext_noop("the address was changed since")
LEFT = gettext_noop("they have left since")


def tell(message: Message, notices: Iterable[Notice]) -> None:
    """Promise a notice to each body that asked the person of a refused mail for what it told of; within the transaction that
    records the refusal."""
    person = message.person
    if person is None:
        return
    occurrences = {one.occurrence.pk: one.occurrence for one in notices if one.occurrence}
    bodies = {
        one.obligation.responsible_id: one.obligation.responsible for one in occurrences.values() if holds(person, one)
    }
    Notice.objects.bulk_create(
        (
            Notice(
                key=f"{Kind.BOUNCED}:{person.pk}:{body.pk}:{_print(message.address)}",
                kind=Kind.BOUNCED,
                audience=Notice.Audience.CHAIR,
                body=body,
                person=next(iter(_answering(body, person)), None),
                planned_for=clock.today(body.time_zone),
                created_at=clock.now(),
            )
            for body in bodies.values()
        ),
        ignore_conflicts=True,
    )


def holds(person: Person, occurrence: Occurrence) -> bool:
    """Whether somebody was asked for a turn that still runs, in person, by their office or for somebody, or has to answer it."""
    roster, within = Roster.on(clock.today(occurrence.body.time_zone)), occurrence.resolution_id
    standing = occurrence.assignments.standing().select_related("office", "person").order_by("part", "pk")
    lead = next((one for one in standing if one.part == Assignment.Part.LEAD), None)
    if any(person in roster.asked(one, within) for one in standing):
        return True
    return person in roster.ball(occurrence, lead=lead, submitters=()).people


def people(notice: Notice) -> tuple[Person, ...]:
    """Who answers for what the person holds: the chair of the body, else the secretary nearest to it; not that person."""
    found = _about(notice)
    return _answering(notice.body, found) if found and notice.body else ()


def _answering(body: Body, person: Person) -> tuple[Person, ...]:
    roster = Roster.on(clock.today(body.time_zone))
    offices = [roster.seated(body, CHAIR), *(roster.seated(one, SECRETARY) for one in body.lineage())]
    for office in filter(None, offices):
        if others := tuple(one for one in roster.people(office) if one != person):
            return others
    return ()


def outdated(notice: Notice) -> str:
    """Why nobody need be told any more ("" where they do)."""
    person = _about(notice)
    if person is None or not person.is_active:
        return LEFT
    return "" if notice.key.rpartition(":")[2] == _print(person.email) or _is_copy(notice, person) else CHANGED


def _is_copy(notice: Notice, person: Person) -> bool:
    """A further recipient's row has their number at the end of its key."""
    return f":{_print(person.email)}:" in notice.key


def _about(notice: Notice) -> Person | None:
    """Whose mail came back."""
    return Person.objects.filter(pk=int(notice.key.split(":")[1])).first()


def _print(address: str) -> str:
    """An address in a key: to be compared, not read."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:16]


def facts(notice: Notice) -> dict[str, Any]:
    """What its mail says."""
    person = _about(notice)
    assert person is not None  # noqa: S101  (`outdated` was asked)
    assert notice.body is not None  # noqa: S101
    failed = Message.objects.filter(person=person, address__iexact=person.email, state=Message.State.FAILED)
    newest = failed.order_by("-pk").first()
    turns = Occurrence.objects.filter(notices__message__in=failed, obligation__responsible=notice.body).distinct()
    turns = turns.select_related("body", "obligation__responsible__parent__parent", "obligation__endorser__body")
    items = [_item(one) for one in turns.order_by("due_on", "pk") if holds(person, one)]
    return {
        "holder": str(person),
        "address": person.email,
        "answer": newest.answer if newest else "",
        "organ": str(notice.body),
        "items": items,
        "count": len(items),
        "people_link": settings.SITE_URL + reverse("people") + f"?q={person.username}",
        "why": _("you answer for what %(body)s has asked them for") % {"body": notice.body},
    }


def _item(occurrence: Occurrence) -> dict[str, Any]:
    address = reverse("occurrence", kwargs={"body": occurrence.body.slug, "short": occurrence.short_reference})
    return {
        "title": occurrence.obligation.title,
        "reference": occurrence.short_reference,
        "due_day": day_in_words(occurrence.due_on) if occurrence.due_on else "",
        "link": settings.SITE_URL + address,
    }
