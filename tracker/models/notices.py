"""Each thing promised to be told, and the mail that carried one or several of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.events import Event
from tracker.models.obligations import Assignment, Occurrence
from tracker.models.people import Body, Person


class Message(models.Model):
    """A mail. Claimed by a lease in real time, so that a killed worker loses nothing; `message_id` is the same at every
    attempt, so that a receiver can drop a double.

    What tells a person of notices has a day (theirs) and a slot of it: 0 is the mail of the day, the next ones are for what
    could not wait. The key over the three caps what one person gets in a day."""

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
    claimed_at = models.DateTimeField(_("last claimed"), null=True)
    day = models.DateField(_("day of the reader"), null=True)
    slot = models.PositiveSmallIntegerField(_("place in the day"), null=True)
    answer = models.CharField(_("answer of the mail server"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("made"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    resent_at = models.DateTimeField(_("sent again"), null=True)
    resent_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "day", "slot"], name="message_one_a_slot")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="failed"), name="message_failed"),
            models.Index(
                fields=["not_before", "id"], condition=Q(state__in=["queued", "claimed"]), name="message_to_send"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id


class Notice(models.Model):
    """A promise to tell somebody something. `key` is unique: the same thing is never promised twice. The recipient is
    who has the ball when it is sent; until then `person` is who has it as far as is known.

    A reminder names the policy and what its rung was counted from (`rung` days from `anchor`). `arrived_at` is when it was
    put before its reader in the product, `read_at` when they saw it there; `settled_at` when it was sent, shown, skipped or
    failed, and `reason_since` the moment of what made it needless ("report received 2 hours earlier")."""

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
        WEEKLY = "weekly", _("summary of the week")
        BOUNCED = "bounced", _("mail to somebody came back")
        LINK_USED = "link_used", _("done by a mailed link")
        TABLED = "tabled", _("a summary was tabled")

    class Audience(models.TextChoices):
        HOLDER = "holder", _("who has the ball")
        ALTERNATE = "alternate", _("the alternates, in copy")
        CONTRIBUTORS = "contributors", _("the contributors")
        CHAIR = "chair", _("the chair, in copy")
        SECRETARIAT = "secretariat", _("the secretariat, in copy")
        PERSON = "person", _("this person")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        QUEUED = "queued", _("on its way")
        SENT = "sent", _("sent")
        SHOWN = "shown", _("shown here, no mail wanted")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("skipped")

    key = models.CharField(max_length=220, unique=True)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    audience = models.CharField(_("to"), max_length=14, choices=Audience.choices)
    rung = models.SmallIntegerField(_("days from the due date"), null=True)
    anchor = models.CharField(_("counted from"), max_length=10, blank=True)
    policy = models.ForeignKey(
        "tracker.ReminderPolicy", models.PROTECT, null=True, related_name="notices", verbose_name=_("policy")
    )
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+", verbose_name=_("body"))
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
    arrived_at = models.DateTimeField(_("shown since"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    reason_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["planned_for", "pk"]
        indexes = [
            models.Index(fields=["planned_for"], condition=Q(state="planned"), name="notice_to_send"),
            models.Index(fields=["person"], condition=Q(arrived_at__isnull=False, read_at=None), name="notice_unread"),
            models.Index(fields=["person", "planned_for"], name="notice_of_person"),
            models.Index(fields=["planned_for", "id"], name="notice_by_day"),
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


class MailedLink(models.Model):
    """A link in a mail by which one person takes one step on one turn, once, without logging in. What is mailed is signed and
    names this row; `key` keeps it to one row a mail, turn and step. In real time."""

    key = models.CharField(max_length=200, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="mailed_links", verbose_name=_("person"))
    occurrence = models.ForeignKey(
        Occurrence, models.PROTECT, related_name="mailed_links", verbose_name=_("occurrence")
    )
    step = models.CharField(_("step"), max_length=40)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="links", verbose_name=_("message"))
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+", verbose_name=_("event"))

    class Meta:
        verbose_name = _("mailed link")
        verbose_name_plural = _("mailed links")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.step}: {self.occurrence}"


class Failure(models.Model):
    """A part of the clock's round, or a job of a worker, that failed, in real time: once for as long as it goes on failing."""

    part = models.CharField(_("part"), max_length=60)
    worker = models.CharField(_("worker"), max_length=120, blank=True)
    words = models.TextField(_("what went wrong"))
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    times = models.PositiveIntegerField(_("times"), default=1)
    over_at = models.DateTimeField(_("over"), null=True)

    class Meta:
        verbose_name = _("failure")
        verbose_name_plural = _("failures")
        ordering = ["-last_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["part"], condition=Q(over_at=None), name="failure_one_standing")]

    def __str__(self) -> str:
        return self.part


class Heartbeat(models.Model):
    """When the clock last went round, in real time; and each worker of it (`worker:` and its machine and process)."""

    name = models.CharField(max_length=120, primary_key=True)
    beat_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
