"""A mail right before it is sent: its state is read once more, and it is written from that.

What no longer holds is left out and says why; what is another's now goes back to arrive there. The mail of the day goes on
listing what its reader owes that is late, whatever else it carries.
"""

from collections.abc import Iterable

from tracker import access, mailed
from tracker.ball import Ball
from tracker.models import Message, Notice, Occurrence, Person
from workflows.notices.addressing import Present, superseded
from workflows.notices.arrival import Changes
from workflows.notices.gathering import keep
from workflows.notices.letters import Written
from workflows.notices.slots import OF_THE_DAY
from workflows.notices.writing import MOST_IN_FULL, SaidBefore, write

State = Notice.State


def compose(  # noqa: PLR0913  (a mail follows from that much)
    message: Message,
    person: Person,
    queued: list[Notice],
    present: Present,
    *,
    links: mailed.Links | None = None,
    also: Iterable[int] = (),
) -> tuple[list[Notice], Written] | None:
    """What a mail to a person carries of the notices that were put into it (which `present` loaded a moment ago), and its words;
    None where nothing in it holds any more. `links` are those of the mails that were read with it, `also` the readers of
    those that come next."""
    changes, balls = Changes(), dict[int, Ball | None]()
    carried = []
    for notice in queued:
        if held := keep(notice, person, present, changes):
            carried.append(notice)
            balls[notice.pk] = held if isinstance(held, Ball) else None
    left = superseded(carried)
    for notice in carried:
        if reason := left.get(notice.key):
            changes.skip(notice, reason)
    changes.save(State.QUEUED)
    carried = [notice for notice in carried if notice.key not in left]
    if not carried:
        return None
    before = _said_before(person, carried, present, also) if message.slot == OF_THE_DAY else SaidBefore()
    with access.asked_once():
        return carried, write(person, carried, balls, before=before, message=message, links=links)


def _said_before(person: Person, carried: list[Notice], present: Present, also: Iterable[int]) -> SaidBefore:
    """What the reader owes that is late, beside what the mail tells anyhow."""
    shown = {notice.occurrence_id for notice in carried}
    summed_up = {notice.body_id for notice in carried if notice.kind == Notice.Kind.WEEKLY}
    late = present.late().of(person, also)
    rest = [one for one in late if one.pk not in shown and one.responsible not in summed_up]
    room = max(0, MOST_IN_FULL - len(shown))
    related = ("body", "session", "obligation__paragraph", "obligation__resolution", "obligation__responsible")
    found = Occurrence.objects.select_related(*related).in_bulk([one.pk for one in rest[:room]]) if rest else {}
    named = [found[one.pk] for one in rest[:room] if one.pk in found]
    return SaidBefore(named, len(rest) - len(named))
