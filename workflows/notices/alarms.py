"""Alarms about the record: what a check found, or the sealing refused, is told once, together, to auditors and administrators.

A finding and the mails that tell of it are one transaction, so that two workers never tell it twice and a killed one leaves
it to the next round. What is told stays told (`Finding.told_at`) until it has gone and come back.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tracker import clock
from tracker.ball import Roster
from tracker.log import findings, words
from tracker.models import Finding, Office, Person, Role
from workflows.notices.addressing import reachable
from workflows.notices.letters import letter
from workflows.notices.sending import post

log = logging.getLogger(__name__)
NAMED = 20  # rows that a mail names; the page has all


def alarm() -> int:
    """Tell of the findings that stand and were not told; returns how many mails it made. Where nobody can be told they stay
    untold, and the log file says so in each round."""
    with transaction.atomic():
        new = list(findings.standing().filter(told_at=None).order_by("pk").select_for_update(no_key=True))
        if not new:
            return 0
        with translation.override("en"):
            for one in new[:NAMED]:
                log.critical("The record does not hold. %s", words.line(one))
        log.critical("The record does not hold: new findings: %s. Run manage.py verify_audit.", len(new))
        people = told_of_alarms()
        if not people:
            log.critical("No auditor or administrator has an e-mail address: nobody was told.")
            return 0
        _mail("alarm", people, lambda: _of(new))
        Finding.objects.filter(pk__in=[one.pk for one in new]).update(told_at=timezone.now())
    return len(people)


def tell_restored(*, by: str, reason: str, kept: int, given_out: int) -> int:
    """Tell them that a log was accepted which is shorter than heads that were given out say. Called within the transaction
    of the event that says so; returns how many mails it made."""
    log.critical("A log of %s events was accepted where a head of %s had been given out.", kept, given_out)
    people = told_of_alarms()
    _mail("restored", people, lambda: {"by": by, "said": reason, "kept": kept, "given_out": given_out})
    return len(people)


def told_of_alarms() -> list[Person]:
    """Who hears of alarms: those who are auditors today or act for one, and administrators, as far as a mail reaches them."""
    roster = Roster.on(clock.today())
    auditors = {person.pk for office in Office.objects.filter(role=Role.AUDITOR) for person in roster.people(office)}
    people = Person.objects.filter(Q(pk__in=auditors) | Q(is_superuser=True) | Q(is_staff=True), is_active=True)
    return [person for person in people.order_by("pk") if reachable(person)]


def _of(new: list[Finding]) -> dict[str, Any]:
    """What the mail says of findings, in the language that is on."""
    return {
        "count": len(new),
        "lines": [words.line(one) for one in new[:NAMED]],
        "more": max(0, len(new) - NAMED),
        "to_do": words.all_to_do({one.kind for one in new}),
    }


def _mail(name: str, people: list[Person], facts: Callable[[], dict[str, Any]]) -> None:
    """Queue the mail for each, in their own language."""
    for person in people:
        with translation.override(person.language or settings.LANGUAGE_CODE):
            about = {
                "site": settings.SITE_URL,
                "link": settings.SITE_URL + _page(),
                "language": translation.get_language(),
                "right_to_left": translation.get_language_bidi(),
                "why": _("you are an auditor or an administrator"),
            }
            said = letter(name, about | facts())
        post(person, person.email, said.subject, said.text, html=said.html)


def _page() -> str:
    """Where the findings stand."""
    try:
        return reverse("findings")
    except NoReverseMatch:
        return reverse("history")
