"""The day of a person, and the places for mails in it. Three at most, so that nobody ever gets more mails than that in a day.

| place | what it is | when |
|---|---|---|
| 0 | the mail of the day, with all that is due | from the reader's hour on, on working days of the duty station |
| 1, 2 | what asks something of them by an act of somebody | at once, where they want that |

Whoever wants everything once a day has place 0 alone. What finds no place waits for the next day.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tracker.models import Notice
from tracker.preferences import Pace, Wishes

Kind = Notice.Kind
PLACES = 3
OF_THE_DAY = 0
# What asks something of somebody, or tells them that it is no longer asked, by an act of somebody else.
PROMPT = frozenset(
    {
        Kind.ASSIGNED,
        Kind.SENT_BACK,
        Kind.DECLINED,
        Kind.TO_VALIDATE,
        Kind.SUBMITTED,
        Kind.DATE_ASKED,
        Kind.DATE_ANSWERED,
        Kind.HANDED_OVER,
        Kind.UNASSIGNED,
        Kind.REASSIGNED,
        Kind.MENTIONED,
        Kind.BOUNCED,
        Kind.LINK_USED,
    }
)


class Place(NamedTuple):
    """A mail's place: the reader's day, and which of it."""

    day: date
    slot: int


def place(  # noqa: PLR0913  (a place follows from that much)
    now: datetime,
    zone: str,
    wishes: Wishes,
    *,
    works: Callable[[date], bool],
    taken: Mapping[date, Collection[int]],
    prompt: bool,
) -> Place | None:
    """The place that is free now, or None: then it waits. `zone` is the reader's, `works` their duty station's calendar,
    `taken` the places that are taken by day; `prompt` whether anything is due that should not wait."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date()
    if day + timedelta(days=1) in taken:  # the reader's zone, or the clock, was further on: that day goes on
        day += timedelta(days=1)
    used = taken.get(day, ())
    at_once = prompt and wishes.pace == Pace.PROMPT
    if OF_THE_DAY not in used and local.hour >= wishes.digest_hour and (works(day) or at_once):
        return Place(day, OF_THE_DAY)
    later = [slot for slot in range(1, PLACES) if slot not in used] if at_once else []
    return Place(day, later[0]) if later else None
