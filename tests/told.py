"""Notices made by hand, for what is shown of them: in the tests of pages nobody waits for a round of the clock."""

from datetime import date
from itertools import count
from typing import Any

from tests.people import NOW
from tracker import clock
from tracker.models import Message, Notice, Occurrence, Person

_numbers = count(1)
TODAY = date.fromisoformat(NOW[:10])


def make_notice(person: Person | None, occurrence: Occurrence | None = None, **columns: Any) -> Notice:
    """A reminder to who has the ball, planned for today, unless the columns say otherwise."""
    given = {
        "key": f"by-hand:{next(_numbers)}",
        "kind": Notice.Kind.REMINDER,
        "audience": Notice.Audience.HOLDER,
        "rung": -30,
        "due_on": occurrence.due_on if occurrence else None,
        "planned_for": TODAY,
        "created_at": clock.now(),
    }
    return Notice.objects.create(person=person, occurrence=occurrence, **{**given, **columns})


def make_arrived(person: Person, occurrence: Occurrence | None = None, **columns: Any) -> Notice:
    """One that was mailed and arrived in the product, unread."""
    return make_notice(person, occurrence, **{"state": Notice.State.SENT, "arrived_at": clock.now(), **columns})


def make_mail(person: Person, **columns: Any) -> Message:
    """A mail that the server took."""
    given = {
        "message_id": f"<by-hand-{next(_numbers)}@resolves.example>",
        "state": Message.State.SENT,
        "attempts": 1,
        "answer": "250 OK",
        "created_at": clock.now(),
        "claimed_at": clock.now(),
        "sent_at": clock.now(),
    }
    return Message.objects.create(person=person, address=person.email, **{**given, **columns})
