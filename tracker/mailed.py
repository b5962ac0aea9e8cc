"""The one-use links of mails: by one, one person takes one step on one turn, once, without logging in.

Each is a row, so that it serves once. What is mailed is signed and names the row, with two prints: one of the person
(another password or address, and the link is dead) and one of the moment (who was asked, and the state of which the mail
spoke). It ends after `LIFETIME`, in real time. What may be done by it is what the person may do logged in, asked when the
mail is written and again by the step itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from tracker import access, clock
from tracker.models import Assignment, Event, MailedLink, Message, Occurrence, Person

LIFETIME = timedelta(days=14)
STEPS: dict[str, Any] = {
    "accept": _("Accept"),
    "submit": _("Nothing to report"),
    "ask_new_date": _("Ask for a new date"),
    "decline": _("I am not the right person"),
}
"""The steps that have links, in the order in which a mail offers them, and what the link is called."""

USED, ENDED, EXPIRED = "used", "ended", "expired"
AT_ONCE = 200
"""Turns whose links are made together: SQLite takes less than a thousand keys in a question, and a turn has four steps."""
_SALT = "resolves.mailed-link"
_ADDRESS = re.compile(r"(/act/)[\w.:-]+/")


class Offer(NamedTuple):
    """A link as a mail writes it: the step, what the link is called, its whole address."""

    step: str
    label: Any
    url: str


@dataclass(frozen=True)
class Found:
    """The link that a token names, and why it is good no longer: `USED`, `ENDED` (the account was closed, or its password
    or address is another one) or `EXPIRED`; "" where it is good, should its moment not have passed (`is_past`)."""

    link: MailedLink
    over: str
    moment: str

    def is_past(self, occurrence: Occurrence) -> bool:
        """Whether the turn, as it stands, has moved on from what the mail spoke of."""
        return not constant_time_compare(self.moment, _moment(self.link.step, occurrence, _lead(occurrence)))


class Wanted(NamedTuple):
    """The links of a mail to a person about a turn. `asked` are the turn's standing assignments; without a `message` it is the
    mail of the day."""

    person: Person
    occurrence: Occurrence
    asked: Sequence[Assignment]
    message: Message | None = None


def links_for(person: Person, occurrence: Occurrence, message: Message | None = None, *, now: datetime) -> list[Offer]:
    """The links that a mail to a person may carry about a turn: one for each step that has links, is theirs and whose moment
    is now; empty where there is none. The same mail (without one, the same day of `now`) has the same rows, however often it
    is written; those that were used are left out."""
    return Links(now).of(Wanted(person, occurrence, list(occurrence.assignments.standing()), message))


@dataclass
class Links:
    """The links of mails that are written together, as of one moment: what they hang on is read at once for many of them, and
    their rows are made at once."""

    now: datetime
    _made: dict[tuple[str, int, int], list[Offer]] = field(default_factory=dict)

    def of(self, wanted: Wanted) -> list[Offer]:
        """As `links_for`."""
        name = self._name(wanted)
        if name not in self._made:
            self.make([wanted])
        return self._made[name]

    def make(self, wanted: Iterable[Wanted]) -> None:
        """Make those that will be asked for: six queries at most for some hundred turns."""
        every = list(wanted)
        for start in range(0, len(every), AT_ONCE):
            self._make(every[start : start + AT_ONCE])

    def _make(self, wanted: list[Wanted]) -> None:
        offered = list(zip(wanted, _offered(wanted), strict=True))
        rows = _rows({self._key(one, step): (one, step) for one, steps in offered for step in steps})
        for one, steps in offered:
            found = ((step, rows[self._key(one, step)]) for step in steps)
            self._made[self._name(one)] = _offers(one, [(step, row) for step, row in found if row.used_at is None])

    def _mail(self, wanted: Wanted) -> str:
        if wanted.message:
            return f"m{wanted.message.pk}"
        return self.now.astimezone(ZoneInfo(wanted.occurrence.body.time_zone)).date().isoformat()

    def _key(self, wanted: Wanted, step: str) -> str:
        return f"{self._mail(wanted)}:{wanted.occurrence.pk}:{step}:{wanted.person.pk}"

    def _name(self, wanted: Wanted) -> tuple[str, int, int]:
        return self._mail(wanted), wanted.occurrence.pk, wanted.person.pk


def find(token: str, *, lock: bool = False) -> Found | None:
    """The link that a token names, with its person and its turn; None where it is not ours. With `lock` its row is locked
    until the end of the transaction, so that of two who use it at once the second finds it used."""
    try:
        pk, print_, moment = _signer().unsign(token).split(".")
    except (signing.BadSignature, ValueError):
        return None
    rows = MailedLink.objects.select_related("person", "occurrence__body", "occurrence__obligation")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    link = rows.filter(pk=int(pk)).first()
    if link is None:
        return None
    return Found(link, _over(link, print_), moment)


def hidden(words: str) -> str:
    """The text of a mail without what opens its links, to be kept: who reads it later must not act in its reader's name."""
    return _ADDRESS.sub(r"\1…/", words)


def spend(link: MailedLink, event: Event | None) -> None:
    """Note that a link was used, in the transaction of the step and with the link's row locked."""
    MailedLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now(), event=event)


def _offered(wanted: list[Wanted]) -> list[list[str]]:
    """Of each, the steps whose moment is now and that the person may take, asked as of somebody who has logged in."""
    ready = [[step for step in STEPS if one.occurrence.can(step)] for one in wanted]
    with access.asked_once():
        people: dict[date, list[Person]] = {}
        for one, steps in zip(wanted, ready, strict=True):
            if steps:
                people.setdefault(clock.today(one.occurrence.body.time_zone), []).append(one.person)
        for day, some in people.items():
            access.ask_together(some, day)
        return [_theirs(one, steps) for one, steps in zip(wanted, ready, strict=True)]


def _theirs(wanted: Wanted, steps: list[str]) -> list[str]:
    """All that has a link is for who was asked."""
    held = access.asked_as(wanted.person, wanted.occurrence, wanted.asked) if steps else {}
    return [step for step in steps if any(capacity in held for capacity in access.GRANTS[step])]


def _rows(wanted: dict[str, tuple[Wanted, str]]) -> dict[str, MailedLink]:
    """The rows of these keys, made where there are none. One that waited too long with its mail is good anew."""
    if not wanted:
        return {}
    now = timezone.now()
    known = {row.key: row for row in MailedLink.objects.filter(key__in=wanted)}
    late = [row.pk for row in known.values() if row.used_at is None and row.expires_at < now]
    if late:
        MailedLink.objects.filter(pk__in=late, used_at=None).update(expires_at=now + LIFETIME)
    fresh = [
        MailedLink(
            key=key,
            person=one.person,
            occurrence=one.occurrence,
            step=step,
            message=one.message,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        for key, (one, step) in wanted.items()
        if key not in known
    ]
    if fresh:
        MailedLink.objects.bulk_create(fresh, ignore_conflicts=True)
        known |= {row.key: row for row in MailedLink.objects.filter(key__in=[row.key for row in fresh])}
    return known


def _offers(wanted: Wanted, rows: list[tuple[str, MailedLink]]) -> list[Offer]:
    """What a mail writes. A token has no time of its own, so that a mail that is written anew says the same; and is short, for
    mail programs that fold."""
    if not rows:
        return []
    occurrence = wanted.occurrence
    lead = next((one.pk for one in wanted.asked if one.part == Assignment.Part.LEAD), None)
    sign, print_ = _signer().sign, _print(wanted.person)
    tokens = (sign(f"{row.pk}.{print_}.{_moment(step, occurrence, lead)}") for step, row in rows)
    return [
        Offer(step, STEPS[step], settings.SITE_URL + reverse("mailed-link", args=[token]))
        for (step, _row), token in zip(rows, tokens, strict=True)
    ]


def _over(link: MailedLink, print_: str) -> str:
    if link.used_at is not None:
        return USED
    if not link.person.is_active or not constant_time_compare(print_, _print(link.person)):
        return ENDED
    return EXPIRED if link.expires_at <= timezone.now() else ""


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)


def _lead(occurrence: Occurrence) -> int | None:
    standing = occurrence.assignments.standing().filter(part=Assignment.Part.LEAD)
    return standing.values_list("pk", flat=True).first()


def _print(person: Person) -> str:
    return salted_hmac(_SALT, f"{person.pk}|{person.password}|{person.email}").hexdigest()[:16]


def _moment(step: str, occurrence: Occurrence, lead: int | None) -> str:
    """A new date may be asked for as long as the same lead has the same due day; all else belongs to one state."""
    of = occurrence.due_on if step == "ask_new_date" else f"{occurrence.status}|{occurrence.status_since.timestamp()}"
    return salted_hmac(_SALT, f"{step}|{occurrence.pk}|{lead}|{of}").hexdigest()[:16]
