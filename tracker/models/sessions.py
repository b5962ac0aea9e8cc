"""The calendar: sessions of a body, their sittings, and meetings of its groups."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.dates import Precision
from tracker.models.people import Body, Person


class State(models.TextChoices):
    """What became of a date in the calendar."""

    PLANNED = "planned", _("planned")
    POSTPONED = "postponed", _("postponed")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


class Session(models.Model):
    """A numbered or yearly term of a body. `opens` is the first day of its main sitting (for a date known to the month
    or the year, the first of it); empty when the session has no date."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("ordinary")
        EXTRAORDINARY = "extraordinary", _("extraordinary")
        ADDITIONAL = "additional", _("additional")

    body = models.ForeignKey(Body, models.PROTECT, related_name="sessions", verbose_name=_("body"))
    code = models.SlugField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.ORDINARY)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.PLANNED)
    opens = models.DateField(_("opens"), null=True, blank=True)
    closes = models.DateField(_("closes"), null=True, blank=True)
    precision = models.CharField(_("date known to"), max_length=8, choices=Precision.choices, default=Precision.DAY)
    place = models.CharField(_("place"), max_length=160, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["opens", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["body", "code"], name="session_code_in_body"),
            models.CheckConstraint(
                condition=Q(opens=None) | Q(closes=None) | Q(closes__gte=models.F("opens")),
                name="session_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=False) | Q(precision=Precision.UNKNOWN),
                name="session_without_day_is_not_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        """The code as it stands in references, such as `c18`."""
        return self.code.lower()

    @property
    def opening_day(self) -> date | None:
        """The opening day when it is known to the day, and the session is not postponed without a date; else None."""
        return self.opens if self.precision == Precision.DAY else None

    def is_over(self, today: date) -> bool:
        """Whether the session lies wholly before a day. A session known to the year is over when the year is."""
        if self.opens is None or self.state in {State.POSTPONED, State.CANCELLED}:
            return False
        last = {
            Precision.YEAR: date(self.opens.year, 12, 31),
            Precision.MONTH: date(self.opens.year + self.opens.month // 12, self.opens.month % 12 + 1, 1),
        }.get(Precision(self.precision), self.closes or self.opens)
        return last < today


class Sitting(models.Model):
    """One dated part of a session."""

    class Kind(models.TextChoices):
        MAIN = "main", _("main")
        FINAL = "final", _("final")
        EXTRAORDINARY = "extraordinary", _("extraordinary")
        ADDITIONAL = "additional", _("additional")

    class Form(models.TextChoices):
        PHYSICAL = "physical", _("physical")
        VIRTUAL = "virtual", _("virtual")
        CORRESPONDENCE = "correspondence", _("by correspondence")

    session = models.ForeignKey(Session, models.PROTECT, related_name="sittings", verbose_name=_("session"))
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices, default=Kind.MAIN)
    form = models.CharField(_("form"), max_length=16, choices=Form.choices, default=Form.PHYSICAL)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.PLANNED)
    begins = models.DateField(_("begins"), null=True, blank=True)
    ends = models.DateField(_("ends"), null=True, blank=True)
    precision = models.CharField(_("date known to"), max_length=8, choices=Precision.choices, default=Precision.DAY)
    place = models.CharField(_("place"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("sitting")
        verbose_name_plural = _("sittings")
        ordering = ["begins", "pk"]

    def __str__(self) -> str:
        return f"{self.session}: {self.get_kind_display()}"


class Meeting(models.Model):
    """One dated gathering of a group. `session` is the first ordinary session of the parent body that opens after it;
    empty while that is not known."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name=_("group"))
    number = models.PositiveIntegerField(_("number"))
    begins = models.DateField(_("begins"), null=True, blank=True)
    ends = models.DateField(_("ends"), null=True, blank=True)
    precision = models.CharField(_("date known to"), max_length=8, choices=Precision.choices, default=Precision.DAY)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.PLANNED)
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("before session")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["body", "number"]
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="meeting_number_in_body"),
            models.CheckConstraint(
                condition=Q(begins__isnull=False) | Q(precision=Precision.UNKNOWN),
                name="meeting_without_day_is_not_dated",
            ),
        ]

    def __str__(self) -> str:
        return str(_("meeting %(number)s of %(body)s") % {"number": self.number, "body": self.body.short_name})

    @property
    def opening_day(self) -> date | None:
        """The first day when it is known to the day, else None."""
        return self.begins if self.precision == Precision.DAY else None


class DeadlineRule(models.Model):
    """A document deadline before each session of a body, as data: so many days (or working days) before it opens. Due
    points may hang on it, and then move when the rule does."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="deadline_rules", verbose_name=_("body"))
    slug = models.SlugField(_("short name in addresses"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    days_before = models.PositiveSmallIntegerField(_("days before the opening"))
    working = models.BooleanField(_("counted in working days"), default=False)
    source = models.CharField(_("source"), max_length=300, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("document deadline")
        verbose_name_plural = _("document deadlines")
        ordering = ["body", "-days_before", "pk"]
        constraints = [models.UniqueConstraint(fields=["body", "slug"], name="deadline_rule_slug_in_body")]

    def __str__(self) -> str:
        return self.name


class ClosedDay(models.Model):
    """A day on which the duty station of a body does not work though its country does, or (`works`) the reverse. The
    public holidays themselves come from the `holidays` package."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="closed_days", verbose_name=_("body"))
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=160)
    works = models.BooleanField(_("is a working day all the same"), default=False)
    ended_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["body", "day"], condition=Q(ended_at=None), name="closed_day_once_in_body")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"


class CalendarFeed(models.Model):
    """A secret address under which a calendar program reads what falls due: for one person, a resolution or a body, with
    the eyes of the person who made it. A feed that leaked is ended, and another one made."""

    class Kind(models.TextChoices):
        PERSON = "person", _("my tasks")
        RESOLUTION = "resolution", _("a resolution")
        BODY = "body", _("a body")

    secret = models.CharField(max_length=64, unique=True)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="feeds", verbose_name=_("of"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    resolution = models.ForeignKey(
        "tracker.Resolution", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resolution")
    )
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("body"))
    made_at = models.DateTimeField(_("made"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", resolution=None, body=None)
                | Q(kind="resolution", resolution__isnull=False, body=None)
                | Q(kind="body", resolution=None, body__isnull=False),
                name="calendar_feed_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.resolution or self.body or self.get_kind_display()}"
