"""The log over the record: its leaves, its tree, its signed heads; where heads went; checks and what they found.

Leaves, nodes and heads are append-only, as events are.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.models.events import Event
from tracker.models.people import Person


class Leaf(models.Model):
    """The place of an event in the log, counted from 0: sealing fixes it. `hash` is the leaf's (RFC 9162 §2.1.1) over the
    bytes of the event's own hash."""

    position = models.PositiveBigIntegerField(_("position"), primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="leaf", verbose_name=_("event"))
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("leaf of the log")
        verbose_name_plural = _("leaves of the log")

    def __str__(self) -> str:
        return f"{self.position}"


class Node(models.Model):
    """The hash of a complete subtree of 256, 65,536 … leaves (level 8, 16 …), so that a proof reads few rows."""

    level = models.PositiveSmallIntegerField(_("level"))
    position = models.PositiveBigIntegerField(_("position at its level"))
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("node of the log")
        verbose_name_plural = _("nodes of the log")
        constraints = [models.UniqueConstraint(fields=["level", "position"], name="node_once")]

    def __str__(self) -> str:
        return f"{self.level}:{self.position}"


class Head(models.Model):
    """A signed head: so many events, this root. `note` is the whole signed text (C2SP signed note), the others are read
    from it."""

    size = models.PositiveBigIntegerField(_("events"), unique=True)
    root = models.CharField(_("root"), max_length=64)
    signed_at = models.DateTimeField(_("signed"))
    note = models.TextField(_("signed text"))

    class Meta:
        verbose_name = _("head of the log")
        verbose_name_plural = _("heads of the log")
        ordering = ["-size"]

    def __str__(self) -> str:
        return f"{self.size}"


class Delivery(models.Model):
    """A head on its way to where the owner of the database cannot reach."""

    class Way(models.TextChoices):
        FILE = "file", _("file")
        MAIL = "mail", _("mail to the auditors")
        WITNESS = "witness", _("witness")

    head = models.ForeignKey(Head, models.PROTECT, related_name="deliveries", verbose_name=_("head"))
    way = models.CharField(_("way"), max_length=10, choices=Way.choices)
    to = models.CharField(_("to"), max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tried_at = models.DateTimeField(_("last tried"), null=True)
    done_at = models.DateTimeField(_("delivered"), null=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("delivery of a head")
        verbose_name_plural = _("deliveries of heads")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["head", "way", "to"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.head_id} {self.way}"


class Check(models.Model):
    """One check of the record: asked for, under way, done. `since` is the size of the head that it began at (0: the whole
    record). Its moments are real time."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        RUNNING = "running", _("under way")
        PASSED = "passed", _("passed")
        FAILED = "failed", _("found something")
        BROKEN = "broken", _("did not end")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    since = models.PositiveBigIntegerField(_("from position"), default=0)
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    done = models.PositiveBigIntegerField(_("events checked"), default=0)
    total = models.PositiveBigIntegerField(_("events to check"), default=0)
    size = models.PositiveBigIntegerField(_("size of the log"), default=0)
    root = models.CharField(_("root"), max_length=64, blank=True)
    found = models.PositiveIntegerField(_("findings"), default=0)

    class Meta:
        verbose_name = _("check of the record")
        verbose_name_plural = _("checks of the record")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "id"], name="check_state")]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="asked"), name="check_asked_once"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="running"), name="check_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Finding(models.Model):
    """Something that a check found. Names the row by numbers, not by foreign keys: the row may be gone. It stands until a
    check of the whole record no longer finds it (`gone_at`)."""

    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=30)
    event_number = models.PositiveBigIntegerField(_("id of the event"), null=True)
    stream = models.CharField(_("stream"), max_length=160, blank=True)
    number = models.PositiveBigIntegerField(_("number"), null=True)
    position = models.PositiveBigIntegerField(_("position"), null=True)
    facts = models.JSONField(_("facts"), default=dict)
    found_by = models.ForeignKey(Check, models.PROTECT, null=True, related_name="findings", verbose_name=_("check"))
    found_at = models.DateTimeField(_("found"))
    gone_at = models.DateTimeField(_("no longer found"), null=True)
    told_at = models.DateTimeField(_("alarm sent"), null=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["event_number"], name="finding_event"),
            models.Index(fields=["stream"], name="finding_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.stream} {self.number or ''}"


class Visit(models.Model):
    """Logged apart from the record: a sensitive page that was seen, or an access that was refused. Kept for as long as the
    rule of retention says."""

    class Kind(models.TextChoices):
        SEEN = "seen", _("seen")
        REFUSED = "refused", _("refused")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="visits", verbose_name=_("person"))
    at = models.DateTimeField(_("moment"), db_index=True)
    means = models.CharField(_("means"), max_length=10)
    method = models.CharField(_("method"), max_length=8)
    address = models.CharField(_("address"), max_length=300)
    page = models.CharField(_("page"), max_length=60, blank=True)
    subject_type = models.CharField(_("kind of subject"), max_length=30, blank=True)
    subject_id = models.PositiveBigIntegerField(_("subject"), null=True)
    subject_reference = models.CharField(_("reference"), max_length=160, blank=True)
    answer = models.PositiveSmallIntegerField(_("answer"), default=200)
    request_id = models.CharField(_("request"), max_length=40)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="visit_subject"),
            models.Index(fields=["person", "at"], name="visit_person"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"


class Repeat(models.Model):
    """The same visit again, within a short time: counted beside the first, which is never changed."""

    visit = models.OneToOneField(
        Visit, models.CASCADE, primary_key=True, related_name="repeat", verbose_name=_("visit")
    )
    times = models.PositiveIntegerField(_("how often more"))
    last_at = models.DateTimeField(_("last time"))

    class Meta:
        verbose_name = _("repeated visit")
        verbose_name_plural = _("repeated visits")

    def __str__(self) -> str:
        return f"{self.visit_id} +{self.times}"


class RetentionRule(models.Model):
    """How long something is kept that is not the record itself; data, so that a body's own rules can stand. A rule that
    ended stays, for what was erased under it."""

    class What(models.TextChoices):
        VISITS = "visits", _("who saw sensitive pages, and refused accesses")
        MAILS = "mails", _("the texts of mails that were sent")
        WORDS = "words", _("the words of people who have left, beside the events about their account")

    what = models.CharField(_("what"), max_length=12, choices=What.choices)
    months = models.PositiveSmallIntegerField(_("kept for (months)"))
    reason = models.CharField(_("ground"), max_length=500)
    since = models.DateField(_("in force since"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering = ["what", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["what"], condition=models.Q(ended_at=None), name="retention_rule_one_standing"
            )
        ]

    def __str__(self) -> str:
        kept = ngettext("%(number)s month", "%(number)s months", self.months) % {"number": self.months}
        return f"{self.get_what_display()} ({kept})"
