"""Each thing promised to be told, and the mail that carried one or several of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.events import Event
from tracker.models.obligations import Assignment, Occurrence
from tracker.models.people import Person


class Message(models.Model):
    """A mail. Claimed by a lease in real time, so that a killed worker loses nothing; `message_id` is the same at every
    attempt, so that a receiver can drop a double."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("not sent")

    message_id = models.CharField(max_length=200, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="messages", verbose_name=_("to"))
    address = models.EmailField(_("address"), blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True)
    leased_until = models.DateTimeField(null=True)
    answer = models.CharField(_("answer of the mail server"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("made"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["not_before", "id"], condition=Q(state__in=["queued", "claimed"]), name="message_to_send"
            )
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id


class Notice(models.Model):
    """A promise to tell somebody something. `key` is unique: the same thing is never promised twice. The recipient is
    who has the ball when it is sent; until then `person` is who has it as far as is known."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("reminder")
        ASSIGNED = "assigned", _("you were asked")
        UNASSIGNED = "unassigned", _("you are no longer asked")
        DECLINED = "declined", _("declined")
        SUBMITTED = "submitted", _("handed in")
        SENT_BACK = "sent_back", _("sent back")
        ENDORSED = "endorsed", _("endorsed")
        CLOSED = "closed", _("closed")
        MOVED = "moved", _("a date moved")
        INVITED = "invited", _("invitation")
        REASSIGNED = "reassigned", _("passed on to somebody else")
        PART_DONE = "part_done", _("a part is done")
        DATE_ASKED = "date_asked", _("a new date is asked for")
        DATE_ANSWERED = "date_answered", _("your request for a new date")
        TO_VALIDATE = "to_validate", _("waits for your validation")
        MENTIONED = "mentioned", _("you were mentioned")
        WATCHED = "watched", _("something you watch")
        HANDED_OVER = "handed_over", _("a hand-over waits for you")

    class Audience(models.TextChoices):
        HOLDER = "holder", _("who has the ball")
        CHAIR = "chair", _("the chair, in copy")
        PERSON = "person", _("this person")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        QUEUED = "queued", _("on its way")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("skipped")

    key = models.CharField(max_length=220, unique=True)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    audience = models.CharField(_("to"), max_length=10, choices=Audience.choices)
    rung = models.SmallIntegerField(_("days from the due date"), null=True)
    occurrence = models.ForeignKey(
        Occurrence, models.PROTECT, null=True, related_name="notices", verbose_name=_("occurrence")
    )
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="notices", verbose_name=_("event"))
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="notices")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="notices", verbose_name=_("to"))
    due_on = models.DateField(_("due"), null=True)
    planned_for = models.DateField(_("planned for"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(_("why not sent"), max_length=200, blank=True)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="notices", verbose_name=_("message"))
    created_at = models.DateTimeField(_("promised"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["planned_for", "pk"]
        indexes = [
            models.Index(fields=["planned_for"], condition=Q(state="planned"), name="notice_to_send"),
        ]

    def __str__(self) -> str:
        return self.key


class Announcement(models.Model):
    """How far telling people of events has come: kept beside the append-only events, never in them."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="announced")
    announced_at = models.DateTimeField()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")

    def __str__(self) -> str:
        return f"{self.event_id}"


class Heartbeat(models.Model):
    """When the clock last went round, in real time."""

    name = models.CharField(max_length=30, primary_key=True)
    beat_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
