"""Mails are claimed, sent and their answers recorded.

A claim is a conditional update with a lease in real time. A worker that dies between claim and send loses nothing: the
lease ends, and the next round claims the mail again, under the same `Message-ID`. One that dies between the server's
"accepted" and the record of it may double a mail; the `Message-ID` tells the receiver so.
"""

import logging
import smtplib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import formatdate
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker import clock
from tracker.models import Message, Notice, Person
from workflows.notices.addressing import NO_ADDRESS, Present, WhyNot, reachable
from workflows.notices.arrival import tell
from workflows.notices.composing import Composer
from workflows.notices.gathering import message_id
from workflows.notices.letters import list_headers, one_line

log = logging.getLogger(__name__)
State = Message.State

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=24)
MOST_ATTEMPTS = 15  # the delays add up to five and a half days
PATIENCE = 3  # troubles of the server in a row, after which the round leaves it alone
REFUSED = gettext_noop("the mail server refused it")
GAVE_UP = gettext_noop("the mail server could not be reached for days")


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


@dataclass
class Tally:
    """What became of the mails of a round."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    delayed: int = 0


@dataclass
class Trouble:
    """Why a mail did not go: for good or for now; because of the mail or because of the server."""

    answer: str
    for_good: bool = False
    of_server: bool = False


@dataclass
class Line:
    """The open line to the mail server, kept for a whole round."""

    open: Any = None
    troubles: int = field(default=0)

    def send(self, mail: EmailMultiAlternatives) -> str:
        """Send one mail; returns what the server answered."""
        if self.open is None:
            self.open = get_connection()
            self.open.open()
        mail.connection = self.open
        mail.send()
        self.troubles = 0
        said = str(getattr(getattr(self.open, "connection", None), "answer", ""))
        if not said:  # a folder of mails: one file each
            self.close()
        return said

    def close(self) -> None:
        open_, self.open = self.open, None
        if open_ is not None:
            try:
                open_.close()
            except (OSError, smtplib.SMTPException):
                log.info("The mail server had hung up already.")


def send(reminder_outdated: WhyNot) -> Tally:
    """Send what is queued, one after the other, and record each answer. One bad address never stops the others."""
    tally, composer = Tally(), Composer(Present(reminder_outdated))
    with _line() as line:
        while line.troubles < PATIENCE and (message := claim()):
            _deliver(message, line, tally, composer)
    return tally


@contextmanager
def _line() -> Iterator[Line]:
    line = Line()
    try:
        yield line
    finally:
        line.close()


# Claiming -------------------------------------------------------------------------------------------------------------


def claim() -> Message | None:
    """The next mail, claimed for as long as the lease; or None. Of many who ask at once each gets another one."""
    now = timezone.now()
    free = Q(state=State.QUEUED) & (Q(not_before=None) | Q(not_before__lte=now))
    free |= Q(state=State.CLAIMED, leased_until__lt=now)
    with transaction.atomic():
        waiting = Message.objects.filter(free).order_by("not_before", "pk")
        skip = database.features.has_select_for_update_skip_locked
        message = waiting.select_for_update(of=("self",), no_key=True, skip_locked=skip).first()
        if message is None:
            return None
        mine = Message.objects.filter(free, pk=message.pk).update(
            state=State.CLAIMED, leased_until=now + settings.MAIL_LEASE, attempts=F("attempts") + 1
        )
        message.refresh_from_db()
    return message if mine else None


def _held(message: Message) -> bool:
    """Whether our lease still runs: a worker that was frozen must not send what another has claimed since."""
    return message.leased_until is not None and (not settings.MAIL_LEASE or timezone.now() < message.leased_until)


# Delivering -----------------------------------------------------------------------------------------------------------


def _deliver(message: Message, line: Line, tally: Tally, composer: Composer) -> None:
    try:
        mail = _prepared(message, composer)
        if mail is None:
            tally.skipped += 1
            return
        if not _held(message):
            log.warning("The lease of mail %s ended before it was sent.", message.pk)
            line.troubles += 1  # something is very slow here: it must not go round for ever
            return
        answer = line.send(mail)
    except Exception as error:  # noqa: BLE001  (whatever it is, it concerns this mail; the others must go on)
        line.close()
        trouble = _trouble(error)
        line.troubles += trouble.of_server
        _record_trouble(message, trouble, tally)
        return
    tally.sent += 1
    _record_sent(message, answer)


def _prepared(message: Message, composer: Composer) -> EmailMultiAlternatives | None:
    """The mail, written from the state as it is now; None where nothing in it holds any more."""
    if tells := message.notices.exists():
        written = composer.compose(message)
        if written is None:
            mine = Message.objects.filter(pk=message.pk, attempts=message.attempts)
            mine.update(state=State.SKIPPED, leased_until=None)
            return None
        message.subject, message.text, message.html = written.subject, written.text, written.html
        message.address = message.person.email if message.person else ""
    if not reachable(Person(email=message.address)):
        raise UnicodeError(NO_ADDRESS)
    headers = {
        "Message-ID": message.message_id,
        "Date": formatdate(clock.now().timestamp()),
        "Auto-Submitted": "auto-generated",
    }
    if tells:
        headers |= list_headers()
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.address], headers=headers)
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _trouble(error: Exception) -> Trouble:
    """What an error means. What the server says of the mail or its address counts as it says (4xx for now, 5xx for good);
    what it says before (greeting, log-in, our own address) or not at all is its own trouble and is tried again."""
    said: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
        case smtplib.SMTPDataError():
            code, said = error.smtp_code, error.smtp_error
        case smtplib.SMTPResponseException():
            said = error.smtp_error
            return Trouble(f"{error.smtp_code} {_decoded(said)}", of_server=True)
        case smtplib.SMTPException() | OSError():
            return Trouble(f"{type(error).__name__}: {error}", of_server=True)
        case UnicodeError() | ValueError():
            return Trouble(str(error), for_good=True)
        case _:
            log.error("A mail could not be written.", exc_info=error)
            return Trouble(f"{type(error).__name__}: {error}")
    return Trouble(f"{code} {_decoded(said)}", for_good=500 <= code < 600, of_server=code == 421)


def _decoded(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


# Recording ------------------------------------------------------------------------------------------------------------


def _mine(message: Message) -> Any:
    """The row, as long as nobody else has claimed it since."""
    return Message.objects.filter(pk=message.pk, state=State.CLAIMED, attempts=message.attempts)


def _kept(message: Message, *, over: bool) -> dict[str, Any]:
    """The words to keep. A link that opens an account is no record: it is forgotten once the mail is done with."""
    notices = list(message.notices.all())
    secret = not notices or any(notice.kind == Notice.Kind.INVITED for notice in notices)
    columns = {"address": message.address, "subject": message.subject}
    if notices and not secret:
        return columns | {"text": message.text, "html": message.html}
    return columns | {"text": "", "html": ""} if over else {}


def _record_sent(message: Message, answer: str) -> None:
    """With the answer goes what follows from it: the ledger's rows, and that those asked were told."""
    with transaction.atomic():
        columns = {"state": State.SENT, "sent_at": clock.now(), "answer": one_line(answer)[:500], "leased_until": None}
        if not _mine(message).update(**columns, **_kept(message, over=True)):
            log.warning("Mail %s was sent after its lease had ended, and may have been sent twice.", message.pk)
            return
        carried = list(message.notices.filter(state=Notice.State.QUEUED))
        Notice.objects.filter(pk__in=[notice.pk for notice in carried]).update(
            state=Notice.State.SENT, reason="", settled_at=clock.now()
        )
        tell(carried)


def _record_trouble(message: Message, trouble: Trouble, tally: Tally) -> None:
    answer = one_line(trouble.answer)[:500]
    over = trouble.for_good or message.attempts >= MOST_ATTEMPTS
    with transaction.atomic():
        if over:
            tally.failed += 1
            done = _mine(message).update(
                state=State.FAILED, answer=answer, leased_until=None, **_kept(message, over=True)
            )
            reason = NO_ADDRESS if answer == NO_ADDRESS else REFUSED if trouble.for_good else GAVE_UP
            if done:
                message.notices.filter(state=Notice.State.QUEUED).update(state=Notice.State.FAILED, reason=reason)
            return
        tally.delayed += 1
        again = timezone.now() + delay(message.attempts)
        columns = {"state": State.QUEUED, "not_before": again, "answer": answer, "leased_until": None}
        _mine(message).update(**columns, **_kept(message, over=False))


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts: a minute, then twice as long each time, a day at most."""
    return min(FIRST_DELAY * 2 ** (min(attempts, 20) - 1), LONGEST_DELAY)
