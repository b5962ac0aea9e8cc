"""Mails are claimed, some at a time, each with a lease in real time; what a worker could not get to goes back.

A claim is a conditional update. A worker that dies leaves its claims to the end of their lease, and the next round takes them up.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from tracker import clock
from tracker.models import Message

State = Message.State

AT_ONCE = 50
# What may still pass while a mail is on the line: connecting, greeting and each answer may take as long as the server is given.
LONGEST_TALK = 6


def claim(most: int = AT_ONCE) -> list[Message]:
    """The next mails, claimed for as long as the lease. Of many who ask at once each gets other ones."""
    now = timezone.now()
    with transaction.atomic():
        skip = database.features.has_select_for_update_skip_locked
        waiting = Message.objects.filter(_free(now)).order_by("not_before", "pk")
        found = list(waiting.select_for_update(of=("self",), no_key=True, skip_locked=skip)[:most])
        claims: dict[str, Any] = {
            "state": State.CLAIMED,
            "leased_until": now + settings.MAIL_LEASE,
            "claimed_at": clock.now(),
        }
        Message.objects.filter(pk__in=[one.pk for one in found]).update(attempts=F("attempts") + 1, **claims)
    for message in found:
        message.attempts += 1
        for name, value in claims.items():
            setattr(message, name, value)
    return found


def _free(now: datetime) -> Q:
    queued = Q(state=State.QUEUED) & (Q(not_before=None) | Q(not_before__lte=now))
    return queued | Q(state=State.CLAIMED, leased_until__lt=now)


def mine(message: Message) -> Any:
    """The row, as long as nobody else has claimed it since."""
    return Message.objects.filter(pk=message.pk, state=State.CLAIMED, attempts=message.attempts)


def held(message: Message) -> bool:
    """Whether our lease runs long enough to send it now: a worker that was frozen must not send what another has claimed
    since. A lease that is short because the mails before took their time is made longer, unless it has ended."""
    if not settings.MAIL_LEASE:
        return True
    assert message.leased_until is not None  # noqa: S101  (it was claimed)
    now = timezone.now()
    if now >= message.leased_until:
        return False
    talk = min(timedelta(seconds=LONGEST_TALK * settings.EMAIL_TIMEOUT), settings.MAIL_LEASE / 2)
    if message.leased_until - now >= talk:
        return True
    message.leased_until = now + settings.MAIL_LEASE
    return bool(mine(message).filter(leased_until__gt=now).update(leased_until=message.leased_until))


def give_back(messages: Iterable[Message]) -> None:
    """What was claimed and not tried waits again, at once and with as many attempts as before."""
    for message in messages:
        mine(message).update(state=State.QUEUED, leased_until=None, attempts=F("attempts") - 1)
