"""Who hears of what, and the only sender of mail.

`announce` plans notices from new events, `gather` puts what is due into mails, one per person and occurrence, `send`
sends them; `post` queues a mail of an account (an invitation has its own notice), `mail_heads` that of the newest head of the
log. The round of the clock runs them.
"""

from workflows.notices.alarms import alarm, tell_restored
from workflows.notices.gathering import gather
from workflows.notices.heads import mail_heads, note_answers
from workflows.notices.hearing import HEARS, announce, unannounced
from workflows.notices.sending import post, send

__all__ = [
    "HEARS",
    "alarm",
    "announce",
    "gather",
    "mail_heads",
    "note_answers",
    "post",
    "send",
    "tell_restored",
    "unannounced",
]
