"""Bodies, their offices, and the people who hold them for a term. The office holds the duty; the person holds the office."""

from collections.abc import Callable
from datetime import date
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def known_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not an IANA time zone, such as Europe/Zurich."), params={"name": name})


class Role(models.TextChoices):
    """What an office lets its holder do. `access` has the table."""

    CHAIR = "chair", _("chair")
    VICE_CHAIR = "vice_chair", _("vice-chair")
    SECRETARY = "secretary", _("secretary")
    COUNCILLOR = "councillor", _("councillor")
    MEMBER = "member", _("member")
    FOCAL_POINT = "focal_point", _("focal point")
    AUDITOR = "auditor", _("auditor")


_added: list[Callable[["Person"], object]] = []


def on_added(answer: Callable[["Person"], object]) -> None:
    """Register who puts on record that an administrator was added (the record does, at start-up)."""
    if answer not in _added:
        _added.append(answer)


class People(BaseUserManager["Person"]):
    """Creates people; `createsuperuser` uses it too."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "Person":
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, username: str, password: str | None = None, **fields: object) -> "Person":
        with transaction.atomic(using=self._db):
            person = self.create_user(username, password, is_staff=True, is_superuser=True, **fields)
            for answer in _added:
                answer(person)
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in. Never deleted: leaving means deactivation, and history goes on naming its actors."""

    username = models.CharField(
        _("user name"),
        max_length=80,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+$", _("Letters, digits and . @ + - _ only."))],
    )
    name = models.CharField(_("name"), max_length=160)
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    anonymised_at = models.DateTimeField(_("anonymised"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = People()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.username

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise models.ProtectedError("People are never deleted: deactivate them.", {self})


class Body(models.Model):
    """An organ that adopts texts, or a group under one. `country` and `subdivision` are those of its duty station (ISO
    3166-1 alpha-2 and the second half of ISO 3166-2), whose public holidays are no working days; a group without its own
    has its parent's."""

    class Kind(models.TextChoices):
        GOVERNING = "governing", _("governing body")
        GROUP = "group", _("group")

    slug = models.SlugField(_("short name in addresses"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.GOVERNING)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="groups", verbose_name=_("under")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[known_time_zone])
    country = models.CharField(_("country of the duty station"), max_length=2, blank=True)
    subdivision = models.CharField(_("subdivision of the country"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.short_name

    def lineage(self) -> list["Body"]:
        """This body and those above it, nearest first."""
        found: list[Body] = []
        body: Body | None = self
        while body is not None and body not in found:
            found.append(body)
            body = body.parent
        return found


class Office(models.Model):
    """A seat of a body that can hold duties, whoever sits in it. Where it has a `validator`, a report handed in for it is
    validated by the holder of that office before it goes to the endorser."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="offices", verbose_name=_("body"))
    slug = models.SlugField(_("short name in addresses"), max_length=60)
    title = models.CharField(_("title"), max_length=160)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    validator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="validates", verbose_name=_("validated by")
    )

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["body", "title"]
        constraints = [models.UniqueConstraint(fields=["body", "slug"], name="office_slug_in_body")]

    def __str__(self) -> str:
        return self.title

    def term_on(self, day: date) -> "Term | None":
        """The term that runs on a day, or None: no one holds this office."""
        return self.terms.running(day).holding().select_related("person").first()

    def holder(self, day: date) -> Person | None:
        """Who holds this office on a day; substitutes are `access`'s business."""
        term = self.term_on(day)
        return term.person if term else None


class TermSet(models.QuerySet["Term"]):
    def running(self, day: date) -> "TermSet":
        """Terms that run on a day, the latest first; an end or a beginning that is not recorded leaves that side open."""
        return self.filter(
            Q(begins=None) | Q(begins__lte=day), Q(ends=None) | Q(ends__gte=day), person__is_active=True
        ).latest_first()

    def latest_first(self) -> "TermSet":
        """The latest begun first, those whose beginning is not recorded last: databases differ in where they put what is
        empty, and the first one is who holds the office."""
        return self.order_by(models.F("begins").desc(nulls_last=True), "-pk")

    def holding(self) -> "TermSet":
        """Of those, the terms of holders: alternates stand beside one."""
        return self.filter(part=Term.Part.HOLDER)


class Term(models.Model):
    """A person in an office, from a day to a day (both included; a day that is not recorded is empty). Its holder holds
    it; an alternate acts for the holder at any time, both names on each act."""

    class Part(models.TextChoices):
        HOLDER = "holder", _("holder")
        ALTERNATE = "alternate", _("alternate")

    office = models.ForeignKey(Office, models.PROTECT, related_name="terms", verbose_name=_("office"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="terms", verbose_name=_("person"))
    begins = models.DateField(_("begins"), null=True, blank=True)
    ends = models.DateField(_("ends"), null=True, blank=True)
    part = models.CharField(_("as"), max_length=10, choices=Part.choices, default=Part.HOLDER)

    objects = TermSet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["office", "begins"]
        constraints = [
            models.CheckConstraint(
                condition=Q(begins=None) | Q(ends=None) | Q(ends__gte=models.F("begins")),
                name="term_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.office}"

    def runs(self, day: date) -> bool:
        """Whether it runs on a day; an end or a beginning that is not recorded leaves that side open."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or self.ends >= day)


class HandOver(models.Model):
    """What a successor is handed when a term begins: the page of what is open, until they accept it. `predecessor` is the
    term before theirs, empty where the office was vacant or the person before is not recorded."""

    term = models.OneToOneField(Term, models.PROTECT, related_name="hand_over", verbose_name=_("term"))
    predecessor = models.ForeignKey(
        Term, models.PROTECT, null=True, blank=True, related_name="handed_over", verbose_name=_("term before")
    )
    note = models.TextField(_("open questions"), blank=True)
    note_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(_("opened"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")

    def __str__(self) -> str:
        return str(self.term)


class Substitution(models.Model):
    """A acts for B between two days (both included); both names stand on each act. The scope: one office of theirs, or
    (without an office) whatever they hold and were asked for in person; within one resolution, or any."""

    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="substitutions", verbose_name=_("office")
    )
    resolution = models.ForeignKey(
        "tracker.Resolution",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="substitutions",
        verbose_name=_("only for"),
    )
    principal = models.ForeignKey(Person, models.PROTECT, related_name="substituted_by", verbose_name=_("for"))
    substitute = models.ForeignKey(Person, models.PROTECT, related_name="substitutes_for", verbose_name=_("substitute"))
    begins = models.DateField(_("begins"))
    ends = models.DateField(_("ends"))
    set_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=models.F("begins")), name="substitution_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(principal=models.F("substitute")), name="substitute_is_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.substitute} → {self.principal}" + (f", {self.office}" if self.office else "")
