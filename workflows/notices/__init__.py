"""Who hears of what, and the only sender of mail.

`announce` plans notices from new events and `plan_weekly` the summaries of a week; `gather` lets arrive what is due and puts it
into mails, at most three a day for each person; `send` sends them. `post` queues a mail of an account (an invitation has its own
notice), `mail_heads` that of the newest head of the log. The round of the clock runs them.
"""

from workflows.notices.alarms import alarm, tell_restored
from workflows.notices.gathering import gather
from workflows.notices.heads import mail_heads, note_answers
from workflows.notices.hearing import HEARS, announce, unannounced
from workflows.notices.sending import post, send
from workflows.notices.weekly import plan as plan_weekly

__all__ = [
    "HEARS",
    "alarm",
    "announce",
    "gather",
    "mail_heads",
    "note_answers",
    "plan_weekly",
    "post",
    "send",
    "tell_restored",
    "unannounced",
]
