"""What is promised when: each turn's ladder, kept as `Notice` rows, future rungs included, so that the ledger shows what will come.

`plan` makes the rows of some turns agree with what the ladders say, `touched` says of which turns that is to be asked after some
events; `sweep` (once a day) and `look_on` (each round a slice) ask it of what no event spoke of. `needless` says whether a promised
reminder still holds, when it is gathered and once more right before it is sent. What falls due is asked by a range
(`planned_for <= today`), never by an exact day: a missed run loses nothing.
"""

from workflows.reminders.finding import look_on, sweep, touched
from workflows.reminders.planning import plan
from workflows.reminders.reasons import Why, needless, outdated, why_not

__all__ = ["Why", "look_on", "needless", "outdated", "plan", "sweep", "touched", "why_not"]
