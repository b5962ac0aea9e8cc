"""What became of a mail is written down by itself, right after the server's answer, and with it what follows from it."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from tracker import clock, mailed
from tracker.models import Message, Notice
from workflows.notices import bounced
from workflows.notices.addressing import NO_ADDRESS
from workflows.notices.arrival import tell
from workflows.notices.claiming import mine
from workflows.notices.letters import one_line
from workflows.notices.line import Trouble
from workflows.notices.rows import set_row

log = logging.getLogger(__name__)
State = Message.State

FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=24)
FEW = 20  # rows; more are written down together
MOST_ATTEMPTS = 15  # the delays add up to five and a half days
REFUSED = gettext_noop("the mail server refused it")
GAVE_UP = gettext_noop("the mail server could not be reached for days")


@dataclass
class Tally:
    """What became of the mails of a round."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    delayed: int = 0


def record_sent(message: Message, notices: Iterable[Notice], answer: str) -> None:
    """The server took it: with that go the ledger's rows, and that those asked were told. `notices`: those it carried."""
    now, carried = clock.now(), list(notices)
    columns = {"state": State.SENT, "sent_at": now, "answer": one_line(answer)[:500], "leased_until": None}
    ours = {"id": message.pk, "state": State.CLAIMED, "attempts": message.attempts}  # see `claiming.mine`
    settled = {"state": Notice.State.SENT, "reason": "", "settled_at": now}
    with transaction.atomic():
        if not set_row(Message, columns | _kept(message, carried, over=True), ours):
            log.warning("Mail %s was sent after its lease had ended, and may have been sent twice.", message.pk)
            return
        if len(carried) > FEW:
            Notice.objects.filter(message=message.pk, state=Notice.State.QUEUED).update(**settled)
        for notice in carried if len(carried) <= FEW else ():
            set_row(Notice, settled, {"id": notice.pk, "state": Notice.State.QUEUED})
        tell(carried)


def record_trouble(message: Message, notices: Iterable[Notice], trouble: Trouble) -> bool:
    """It did not go: it waits for its next try, or has failed, and then who answers for its items hears of an address that was
    refused. Returns whether it has failed."""
    carried, answer = list(notices), one_line(trouble.answer)[:500]
    over = trouble.for_good or message.attempts >= MOST_ATTEMPTS
    columns: dict[str, Any] = {"state": State.FAILED if over else State.QUEUED, "answer": answer, "leased_until": None}
    if not over:
        columns["not_before"] = timezone.now() + delay(message.attempts)
    with transaction.atomic():
        if mine(message).update(**columns, **_kept(message, carried, over=over)) and over:
            reason = NO_ADDRESS if answer == NO_ADDRESS else REFUSED if trouble.for_good else GAVE_UP
            rows = Notice.objects.filter(message=message.pk, state=Notice.State.QUEUED)
            rows.update(state=Notice.State.FAILED, reason=reason, settled_at=clock.now())
            if trouble.of_address:
                bounced.tell(message, carried)
    return over


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts: a minute, then twice as long each time, a day at most."""
    return min(FIRST_DELAY * 2 ** (min(attempts, 20) - 1), LONGEST_DELAY)


def _kept(message: Message, notices: list[Notice], *, over: bool) -> dict[str, Any]:
    """The words to keep. A link that opens an account is no record: it is forgotten once the mail is done with."""
    secret = not notices or any(notice.kind == Notice.Kind.INVITED for notice in notices)
    columns = {"address": message.address, "subject": message.subject}
    if not secret:
        return columns | {"text": mailed.hidden(message.text), "html": mailed.hidden(message.html)}
    return columns | {"text": "", "html": ""} if over else {}
