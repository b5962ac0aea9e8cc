"""Who is reminded when: policies of reminders as data, and how each person wants to be told."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.obligations import Obligation
from tracker.models.people import Body, Person, known_time_zone
from tracker.models.resolutions import Resolution


class ReminderPolicy(models.Model):
    """A ladder of reminders and its caps, for one duty, for a resolution, or for a body and those below it; perhaps for one
    kind of duty alone. The nearest one in force holds; beneath all stand those that are built in.

    A policy in force is never changed: a draft takes its place, which can be tried out before. `scope` names what it is for
    (`body:3:once`, `resolution:5:`, `obligation:7:`), so that one at most is in force for it. `rungs` is a list of `ladders.Rung` as JSON
    (`ladders.read` and `ladders.written`)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_FORCE = "in_force", _("in force")
        ENDED = "ended", _("ended")

    body = models.ForeignKey(Body, models.PROTECT, related_name="reminder_policies", verbose_name=_("body"))
    resolution = models.ForeignKey(
        Resolution,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reminder_policies",
        verbose_name=_("resolution"),
    )
    obligation = models.ForeignKey(
        Obligation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reminder_policies",
        verbose_name=_("duty"),
    )
    kind = models.CharField(_("kind of duty"), max_length=20, choices=Obligation.Kind.choices, blank=True)
    scope = models.CharField(max_length=60, editable=False)
    name = models.CharField(_("name"), max_length=160)
    most_per_item = models.PositiveSmallIntegerField(
        _("reminders to one person about one item and due day, at most"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days without a reminder after somebody was asked"), default=3, validators=[MaxValueValidator(60)]
    )
    rungs = models.JSONField(_("rungs"), default=list)
    keeps_quiet = models.BooleanField(_("on working days of the duty station only"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    in_force_since = models.DateTimeField(_("in force since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder policy")
        verbose_name_plural = _("reminder policies")
        ordering = ["scope", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], condition=Q(state="in_force"), name="reminder_policy_one_in_force"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Preferences(models.Model):
    """How a person wants to be told. Without a row everything is as the defaults say; the language is the person's own.

    They hold back and bundle; nobody can ask for more than the policies promise."""

    class Channel(models.TextChoices):
        BOTH = "both", _("by mail and here")
        MAIL = "mail", _("by mail")
        APP = "app", _("here only")

    class Pace(models.TextChoices):
        PROMPT = "prompt", _("what asks something of me at once, the rest once a day")
        DAILY = "daily", _("everything once a day")

    person = models.OneToOneField(Person, models.PROTECT, related_name="preferences", verbose_name=_("person"))
    channel = models.CharField(_("how I am told"), max_length=4, choices=Channel.choices, default=Channel.BOTH)
    pace = models.CharField(_("how often"), max_length=6, choices=Pace.choices, default=Pace.PROMPT)
    digest_hour = models.PositiveSmallIntegerField(
        _("hour of the daily mail"), default=7, validators=[MaxValueValidator(23)]
    )
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[known_time_zone])
    lead_days = models.PositiveSmallIntegerField(
        _("first reminder at most so many days ahead"), null=True, blank=True, validators=[MaxValueValidator(366)]
    )
    weekly = models.BooleanField(_("a weekly summary of the group that I chair"), default=True)

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.person)
