"""The nouns. One module a family; import them from here."""

from tracker.models.dates import Precision, Visibility
from tracker.models.events import Event, EventWords, Means
from tracker.models.log import Check, Delivery, Finding, Head, Leaf, Node, Repeat, RetentionRule, Visit
from tracker.models.notices import Announcement, Failure, Heartbeat, MailedLink, Message, Notice
from tracker.models.obligations import Assignment, DateRequest, Obligation, Occasion, Occurrence
from tracker.models.people import Body, HandOver, Office, Person, Role, Substitution, Term
from tracker.models.policies import Preferences, ReminderPolicy
from tracker.models.records import Activity, Decision, Evidence, Report
from tracker.models.resolutions import Paragraph, Resolution, Version
from tracker.models.sessions import CalendarFeed, ClosedDay, DeadlineRule, Meeting, Session, Sitting, State
from tracker.models.tabled import Tabled, TabledSignature
from tracker.models.talk import Comment, Mention, SavedFilter, Watch

__all__ = [
    "Activity",
    "Announcement",
    "Assignment",
    "Body",
    "CalendarFeed",
    "Check",
    "ClosedDay",
    "Comment",
    "DateRequest",
    "DeadlineRule",
    "Decision",
    "Delivery",
    "Event",
    "EventWords",
    "Evidence",
    "Failure",
    "Finding",
    "HandOver",
    "Head",
    "Heartbeat",
    "Leaf",
    "MailedLink",
    "Means",
    "Meeting",
    "Mention",
    "Message",
    "Node",
    "Notice",
    "Obligation",
    "Occasion",
    "Occurrence",
    "Office",
    "Paragraph",
    "Person",
    "Precision",
    "Preferences",
    "ReminderPolicy",
    "Repeat",
    "Report",
    "Resolution",
    "RetentionRule",
    "Role",
    "SavedFilter",
    "Session",
    "Sitting",
    "State",
    "Substitution",
    "Tabled",
    "TabledSignature",
    "Term",
    "Version",
    "Visibility",
    "Visit",
    "Watch",
]
