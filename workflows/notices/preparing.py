"""Mails are written from the state as it is: read at once for all that were claimed together, and read again for those that
are still to go as soon as anything was put on record since.

Whatever decides whom a mail goes to and what it says is changed by steps, and each step writes an event. So one question about
events, asked right before a mail goes, tells whether what was read is still so.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import formatdate

from tracker import clock, mailed
from tracker.audiences import standing
from tracker.models import Message, Notice, Person
from workflows.notices.addressing import COPIED, NO_ADDRESS, Present, reachable
from workflows.notices.claiming import mine
from workflows.notices.composing import compose
from workflows.notices.digest import WITH_LINKS
from workflows.notices.letters import list_headers
from workflows.notices.smtp import FinishedMail

log = logging.getLogger(__name__)
Kind = Notice.Kind

FRESH = 5.0  # seconds; then it is read again whatever happened, so that a new day is noticed too


LINKING = frozenset({Kind.REMINDER, Kind.ASSIGNED, Kind.SENT_BACK})
"""Kinds of notices that go to the lead as a rule, who has links."""


@dataclass
class Prepared:
    """A mail that may go, and what it carries."""

    message: Message
    notices: list[Notice] = field(default_factory=list)
    mail: FinishedMail | None = None


class Reading:
    """The state that some claimed mails depend on. Asked for a mail it writes it; asked whether it is out of date it looks."""

    def __init__(self, messages: Iterable[Message], present: Present) -> None:
        self.present = present
        self.to_go = {message.pk: message for message in messages}
        present.refresh()
        self._read()

    def _read(self) -> None:
        self.read_at = time.monotonic()
        claims = Message.objects.filter(pk__in=self.to_go, state=Message.State.CLAIMED).values_list("pk", "attempts")
        self.ours = {pk for pk, attempts in claims if attempts == self.to_go[pk].attempts}
        self.people = Person.objects.in_bulk({one.person_id for one in self.to_go.values() if one.person_id})
        self.notices: dict[int, list[Notice]] = {pk: [] for pk in self.to_go}
        for notice in self.present.load(Notice.objects.filter(message__in=self.to_go).order_by("pk")):
            assert notice.message_id is not None  # noqa: S101  (asked for by it)
            self.notices[notice.message_id].append(notice)
        self.links = self._links()

    def _links(self) -> mailed.Links:
        """The links that most of these mails will carry, made at once; what else a mail links it makes itself."""
        links = mailed.Links(clock.now())
        wanted = []
        for pk, message in self.to_go.items():
            queued = self.queued(message) if pk in self.ours and message.person_id in self.people else []
            linked = {
                one.occurrence
                for one in queued
                if one.occurrence and one.kind in LINKING and one.audience not in COPIED
            }
            if len(linked) <= WITH_LINKS:
                person = self.people[message.person_id or 0] if linked else None
                wanted += [mailed.Wanted(person, one, standing(one), message) for one in linked if person]
        try:
            links.make(wanted)
        except Exception as error:
            log.warning("The links of %s mails could not be made together.", len(self.to_go), exc_info=error)
        return links

    def freshen(self) -> bool:
        """Read again if anything may have changed; returns whether it did so."""
        changed = self.present.refresh()
        if not changed and time.monotonic() - self.read_at < FRESH:
            return False
        self._read()
        return True

    def queued(self, message: Message) -> list[Notice]:
        """The notices that a mail is to carry."""
        return [one for one in self.notices.get(message.pk, ()) if one.state == Notice.State.QUEUED]

    def done_with(self, message: Message) -> None:
        """It is settled: nothing more has to be read for it."""
        self.to_go.pop(message.pk, None)

    def prepare(self, message: Message) -> Prepared:
        """The mail as things stand; without a `mail` where nothing in it holds any more, which is then on the ledger. What no
        longer holds is left out, what is another's now goes back to be gathered. Raises what `line.trouble` understands."""
        prepared = Prepared(message)
        if message.pk not in self.ours:
            return prepared
        if self.notices[message.pk] and not self._written(prepared):
            return prepared
        if not reachable(Person(email=message.address)):
            raise UnicodeError(NO_ADDRESS)
        headers = {
            "Message-ID": message.message_id,
            "Date": formatdate(clock.now().timestamp()),
            "Auto-Submitted": "auto-generated",
        }
        if prepared.notices:
            headers |= list_headers()
        mail = FinishedMail(message.subject, message.text, to=[message.address], headers=headers)
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        assert mail.envelope  # noqa: S101  (made here, or refused here)
        prepared.mail = mail
        return prepared

    def _written(self, prepared: Prepared) -> bool:
        message = prepared.message
        assert message.person_id is not None  # noqa: S101  (a notice always goes to a person)
        person = self.people[message.person_id]
        composed = compose(message, person, self.queued(message), self.present, links=self.links, also=self.people)
        if composed is None:
            mine(message).update(state=Message.State.SKIPPED, leased_until=None)
            return False
        prepared.notices, written = composed
        message.subject, message.text, message.html = written.subject, written.text, written.html
        message.address = person.email
        return True
