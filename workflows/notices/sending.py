"""Mails are claimed, sent one after the other, and each answer is written down before the next mail is handed over.

A worker that dies before the server took a mail loses nothing: the lease ends, and the next round claims it again, under the same
`Message-ID`. One that dies between the server's "accepted" and the record of it may double that one mail; the
`Message-ID` tells the receiver so.
"""

import logging
import uuid
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from tracker import clock
from tracker.models import Message, Notice, Person
from workflows.notices.addressing import Present, WhyNot
from workflows.notices.claiming import claim, give_back, held
from workflows.notices.gathering import message_id
from workflows.notices.letters import one_line
from workflows.notices.line import Line, trouble
from workflows.notices.preparing import Prepared, Reading
from workflows.notices.recording import Tally, record_sent, record_trouble

log = logging.getLogger(__name__)


def post(  # noqa: PLR0913  (a mail has that many parts)
    person: Person | None, address: str, subject: str, text: str, *, html: str = "", key: str = ""
) -> Message:
    """Queue a mail of an account (a new password); the same `key` queues it once. It is written to this address alone, and
    its text is forgotten once it is sent. Call it within the transaction of what it tells of."""
    columns: dict[str, Any] = {
        "person": person,
        "address": one_line(address)[:254],
        "subject": one_line(subject)[:300],
        "text": text,
        "html": html,
        "created_at": clock.now(),
    }
    message, _new = Message.objects.get_or_create(
        message_id=message_id("post", key or uuid.uuid4().hex), defaults=columns
    )
    clock.wake()
    return message


def send(reminder_outdated: WhyNot) -> Tally:
    """Send what is queued and record each answer. One bad address never stops the others. `reminder_outdated` says why a
    reminder no longer holds."""
    tally, present = Tally(), Present(reminder_outdated)
    with Line() as line:
        while line.patient() and (claimed := claim()):
            for reading in _readings(claimed, present, tally):
                _Batch(reading, line, tally).send()
    return tally


def _readings(claimed: list[Message], present: Present, tally: Tally) -> Iterator[Reading]:
    """The state that the mails depend on: of all together, or, where one of them cannot be read, of each alone."""
    try:
        found = Reading(claimed, present)
    except Exception as error:  # noqa: BLE001  (it concerns one of them; the others must go on)
        if len(claimed) == 1:
            record_trouble(claimed[0], (), trouble(error))
            tally.delayed += 1
            return
        for message in claimed:
            yield from _readings([message], present, tally)
        return
    yield found


@dataclass
class _Away:
    """A mail on the line, whose answer is awaited."""

    prepared: Prepared
    answer: Future[str]


class _Batch:
    """Mails that were claimed together. While one is on the line the next is written; it is handed over only once the answer to
    the one before is on record, so that a killed worker doubles one mail at most."""

    def __init__(self, reading: Reading, line: Line, tally: Tally) -> None:
        self.left = deque(reading.to_go.values())
        self.reading, self.line, self.tally = reading, line, tally
        self.away: _Away | None = None

    def send(self) -> None:
        try:
            while self.left and self.line.patient():
                message = self.left[0]
                prepared = self._prepared(message)
                self._hear()
                if not self.line.patient():
                    break
                if prepared and self.reading.freshen():
                    prepared = self._prepared(message)
                self.left.popleft()
                if prepared:
                    self._hand_over(prepared)
            self._hear()
        finally:
            give_back(self.left)

    def _prepared(self, message: Message) -> Prepared | None:
        """The mail, written; None where it is settled without being sent."""
        try:
            prepared = self.reading.prepare(message)
        except Exception as error:  # noqa: BLE001  (whatever it is, it concerns this mail; the others must go on)
            self._trouble(message, self.reading.queued(message), error)
            return None
        if prepared.mail is None:
            self.tally.skipped += 1
            self.reading.done_with(message)
            return None
        return prepared

    def _hand_over(self, prepared: Prepared) -> None:
        assert prepared.mail is not None  # noqa: S101  (`_prepared` saw to it)
        if held(prepared.message):
            self.away = _Away(prepared, self.line.begin(prepared.mail))
            return
        log.warning("The lease of mail %s ended before it was sent.", prepared.message.pk)
        self.reading.done_with(prepared.message)
        self.line.troubles += 1  # something is very slow here: it must not go round for ever

    def _hear(self) -> None:
        """Wait for the answer to the mail on the line, and write it down."""
        away, self.away = self.away, None
        if away is None:
            return
        message, notices = away.prepared.message, away.prepared.notices
        try:
            answer = away.answer.result()
        except Exception as error:  # noqa: BLE001  (as above)
            self._trouble(message, notices, error)
            return
        self.line.troubles = 0
        self.tally.sent += 1
        record_sent(message, notices, answer)
        self.reading.done_with(message)

    def _trouble(self, message: Message, notices: list[Notice], error: Exception) -> None:
        found = trouble(error)
        self.line.troubles += found.of_server
        if record_trouble(message, notices, found):
            self.tally.failed += 1
        else:
            self.tally.delayed += 1
        self.reading.done_with(message)
