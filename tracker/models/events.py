"""The record: one append-only row for everything that happened. Triggers refuse changes and deletions on both databases."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models import legible
from tracker.models.dates import Precision
from tracker.models.people import Body, Person


class Means(models.TextChoices):
    """By which way an act came in."""

    PAGE = "page", _("page")
    API = "api", _("API")
    COMMAND = "command", _("command")
    ADMIN = "admin", _("administration")
    CLOCK = "clock", _("the clock")
    LINK = "link", _("mailed link")


class Event(legible.Legible):
    """Who did what, acting for whom, by which means, effective when, from what to what. `number` and `hash` run within
    the stream of its subject. What may have to be erased (reasons, names, free words) stands beside it in `EventWords`,
    and only its salted hash stands here. An empty actor is the system itself. `mac` is a code that only a process with the
    key of the record can write (form 2 of the hash). What somebody wrote past us is read as `legible` says."""

    stream = models.CharField(_("stream"), max_length=160)
    number = models.PositiveIntegerField(_("number"))
    verb = models.CharField(_("verb"), max_length=60, db_index=True)
    subject_type = models.CharField(_("kind of subject"), max_length=30)
    subject_id = models.PositiveBigIntegerField(_("subject"))
    subject_reference = models.CharField(_("reference"), max_length=160)
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="events", verbose_name=_("body"))
    actor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="acts", verbose_name=_("actor"))
    acting_for = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="acts_by_others", verbose_name=_("acting for")
    )
    means = models.CharField(_("means"), max_length=10, choices=Means.choices)
    changes = legible.PairsField(_("from and to"), default=dict)
    effective_on = legible.DayField(_("effective day"), null=True)
    effective_precision = models.CharField(_("day known to"), max_length=8, choices=Precision.choices)
    recorded_at = legible.MomentField(_("recorded"), db_index=True)
    request_id = models.CharField(_("request"), max_length=40)
    words_hash = models.CharField(_("hash of the words"), max_length=64, blank=True)
    algorithm = models.PositiveSmallIntegerField(_("form of the hash"), default=1)
    mac = models.CharField(_("code of the writer"), max_length=80, blank=True)
    previous_hash = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "number"], name="event_number_in_stream"),
            models.UniqueConstraint(fields=["stream", "previous_hash"], name="event_has_one_successor"),
        ]
        indexes = [
            # The history of one subject, and all that decides who may see an event: counted without reading a row.
            models.Index(
                fields=["subject_type", "subject_id", "number", "actor", "body", "verb"], name="event_of_subject"
            ),
            # Few act for somebody: an index of everybody's would look too coarse to SQLite to be of use.
            models.Index(fields=["acting_for"], condition=Q(acting_for__isnull=False), name="event_by_stand_in"),
            models.Index(fields=["request_id"], name="event_request"),
            models.Index(fields=["effective_on"], name="event_effective"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.number}: {self.verb}"


class EventWords(legible.Legible):
    """The words of an event that a person may ask to have erased, with the salt of their hash. May be emptied, once,
    and never changed otherwise."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="words", verbose_name=_("event"))
    salt = models.CharField(max_length=32)
    words = legible.WordsField(_("words"), default=dict)

    class Meta:
        verbose_name = _("words of an event")
        verbose_name_plural = _("words of events")

    def __str__(self) -> str:
        return f"{self.event_id}"
