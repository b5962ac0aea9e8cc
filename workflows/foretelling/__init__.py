"""What a year of the real calendar would mail to whom: under the policies in force, or with a draft in place of one of them.

The worst case: nobody reports anything and nobody acts; today's holders stay, substitutions run as they are entered. The
turns are those that are open and those that the calendar brings within the year. The days are those of `ladders.schedule`, as the
planner has them, so that what is shown is what then goes out; nothing is written.
"""

from tracker.access import Reader
from tracker.models import Body, ReminderPolicy
from tracker.policies import Policies, as_ladder
from workflows.foretelling.outlook import Forecast, Foretold, Outlook, Reminder
from workflows.foretelling.stage import Stage

__all__ = ["Forecast", "Foretold", "Outlook", "Reminder", "foretell"]


def foretell(reader: Reader | None, *, body: Body | None = None, draft: ReminderPolicy | None = None) -> Foretold:
    """What the coming year would mail about what a reader may see (None: a command, which sees all), of a body and those below
    it or of everything. The number of queries does not grow with the turns."""
    stage = Stage.read(reader, body, draft)
    before = stage.mails(stage.ground.policies)
    if draft is None:
        return stage.foretold(before, None)
    tried = Policies({**stage.ground.policies.by_scope, draft.scope: as_ladder(draft)})
    return stage.foretold(before, stage.mails(tried))
