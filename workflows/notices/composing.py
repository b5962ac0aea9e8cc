"""A mail right before it is sent: its state is read once more, and it is written from that.

What no longer holds is left out and says why; what is another's now goes back to arrive there. The mail of the day goes on
listing what its reader owes that is late, whatever else it carries.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker import access, clock
from tracker.ball import Ball
from tracker.models import Message, Notice, Occurrence, Person
from workflows.notices.addressing import Present, superseded
from workflows.notices.arrival import Changes
from workflows.notices.gathering import keep
from workflows.notices.lateness import Late
from workflows.notices.letters import Written
from workflows.notices.slots import OF_THE_DAY
from workflows.notices.writing import MOST_IN_FULL, SaidBefore, write

State = Notice.State


@dataclass
class Composer:
    """Writes mails from the state as it is, for as long as nothing is recorded meanwhile reading it once for all of them."""

    present: Present
    late: Late | None = None

    def compose(self, message: Message, also: Iterable[int] = ()) -> Written | None:
        """A mail in words; None where nothing in it holds any more. `also` are the readers of the mails that come next."""
        if self.present.refresh():
            self.late = None
        queued = Notice.objects.filter(message=message, state=State.QUEUED).order_by("pk")
        return self.write(message, self.present.load(queued), also)

    def write(self, message: Message, queued: list[Notice], also: Iterable[int] = ()) -> Written | None:
        """The same of notices that `Present.load` read a moment ago."""
        person = message.person
        assert person is not None  # noqa: S101  (a notice always goes to a person)
        changes, balls = Changes(), dict[int, Ball | None]()
        carried = []
        for notice in queued:
            if held := keep(notice, self.present, changes):
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
        before = self._said_before(person, carried, also) if message.slot == OF_THE_DAY else SaidBefore()
        with access.asked_once():
            return write(person, carried, balls, before=before, message=message)

    def _said_before(self, person: Person, carried: list[Notice], also: Iterable[int]) -> SaidBefore:
        """What the reader owes that is late, beside what the mail tells anyhow."""
        if self.late is None:
            self.late = Late(self.present.roster_of(clock.today()))
        shown = {notice.occurrence_id for notice in carried}
        rest = [one for one in self.late.of(person, also) if one.pk not in shown]
        room = max(0, MOST_IN_FULL - len(shown))
        found = Occurrence.objects.select_related(
            "body", "session", "obligation__paragraph", "obligation__resolution", "obligation__responsible"
        ).in_bulk([one.pk for one in rest[:room]])
        named = [found[one.pk] for one in rest[:room] if one.pk in found]
        return SaidBefore(named, len(rest) - len(named))
