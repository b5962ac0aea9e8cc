"""The nouns. One module a family; import them from here."""

from tracker.models.dates import Precision, Visibility
from tracker.models.events import Event, EventWords, Means
from tracker.models.notices import Announcement, Heartbeat, Message, Notice
from tracker.models.obligations import Assignment, Obligation, Occurrence
from tracker.models.people import Body, Office, Person, Role, Substitution, Term
from tracker.models.records import Activity, Decision, Evidence, Report
from tracker.models.resolutions import Paragraph, Resolution, Version
from tracker.models.sessions import Meeting, Session, Sitting, State

__all__ = [
    "Activity",
    "Announcement",
    "Assignment",
    "Body",
    "Decision",
    "Event",
    "EventWords",
    "Evidence",
    "Heartbeat",
    "Means",
    "Meeting",
    "Message",
    "Notice",
    "Obligation",
    "Occurrence",
    "Office",
    "Paragraph",
    "Person",
    "Precision",
    "Report",
    "Resolution",
    "Role",
    "Session",
    "Sitting",
    "State",
    "Substitution",
    "Term",
    "Version",
    "Visibility",
]
