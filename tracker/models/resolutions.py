"""Resolutions, the versions they were adopted in, and the paragraphs of a version."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.dates import Precision, Visibility
from tracker.models.people import Body, Person
from tracker.models.sessions import Session


class Resolution(models.Model):
    """A formal text of a body, through all its versions."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="resolutions", verbose_name=_("body"))
    slug = models.SlugField(_("short name in addresses"), max_length=60)
    symbol = models.CharField(_("symbol"), max_length=120)
    title = models.CharField(_("title"), max_length=400)
    visibility = models.CharField(_("visible to"), max_length=12, choices=Visibility.choices, default=Visibility.PUBLIC)

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        ordering = ["body", "slug"]
        constraints = [models.UniqueConstraint(fields=["body", "slug"], name="resolution_slug_in_body")]

    def __str__(self) -> str:
        return self.symbol

    @property
    def reference(self) -> str:
        return f"{self.body.slug}/{self.slug}"


class Version(models.Model):
    """One adopted state of a resolution. In force is law (its dates); tracking is ours: *intake* until every operative
    paragraph is accounted for. `unaccounted` counts those that are not, and the database refuses *confirmed* above 0."""

    class Tracking(models.TextChoices):
        INTAKE = "intake", _("intake")
        CONFIRMED = "confirmed", _("confirmed")

    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="versions", verbose_name=_("resolution"))
    label = models.CharField(_("label"), max_length=30)
    designation = models.CharField(_("designation"), max_length=120, blank=True)
    title = models.CharField(_("title"), max_length=400, blank=True)
    adopted_at = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="adopted", verbose_name=_("adopted at")
    )
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    in_force_from_precision = models.CharField(max_length=8, choices=Precision.choices, default=Precision.UNKNOWN)
    in_force_until = models.DateField(_("in force until"), null=True, blank=True)
    enacting = models.CharField(_("enacting words"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    text_hash = models.CharField(max_length=64, blank=True, db_index=True)
    tracking = models.CharField(_("tracking"), max_length=12, choices=Tracking.choices, default=Tracking.INTAKE)
    unaccounted = models.PositiveIntegerField(_("items not accounted for"), default=0)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["resolution", "in_force_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["resolution", "label"], name="version_label_in_resolution"),
            models.CheckConstraint(
                condition=Q(unaccounted=0) | Q(tracking="intake"), name="version_confirmed_only_when_all_accounted_for"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resolution.symbol} ({self.designation or self.label})"

    @property
    def text_recorded(self) -> bool:
        return bool(self.text)


class Paragraph(models.Model):
    """A paragraph of a version; one that is *set aside* was read as one and is none. An operative one ends intake with
    exactly one disposition. `spans` are [start, end] character offsets into the version's text; `proposal` is what the
    machine read, kept as it read it."""

    class Kind(models.TextChoices):
        PREAMBULAR = "preambular", _("preambular")
        OPERATIVE = "operative", _("operative")
        ASIDE = "aside", _("set aside")

    class Disposition(models.TextChoices):
        TRACKED = "tracked", _("tracked")
        COVERED = "covered", _("covered by another item")
        DECLARATORY = "declaratory", _("declaratory")

    version = models.ForeignKey(Version, models.PROTECT, related_name="paragraphs", verbose_name=_("version"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    position = models.PositiveIntegerField(_("position"))
    path = models.CharField(_("path"), max_length=60)
    label = models.CharField(_("label"), max_length=40, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("under")
    )
    heading = models.CharField(_("heading"), max_length=120, blank=True)
    section = models.CharField(_("section"), max_length=200, blank=True)
    text = models.TextField(_("words"))
    spans = models.JSONField(_("places in the text"), default=list)
    proposal = models.JSONField(_("as read by the machine"), default=dict)
    disposition = models.CharField(_("disposition"), max_length=12, choices=Disposition.choices, blank=True)
    covered_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="covers", verbose_name=_("covered by")
    )
    disposition_reason = models.CharField(_("reason"), max_length=500, blank=True)
    disposed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    disposed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("paragraph")
        verbose_name_plural = _("paragraphs")
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "kind", "path"], name="paragraph_path_in_version"),
            models.UniqueConstraint(fields=["version", "position"], name="paragraph_position_in_version"),
            models.CheckConstraint(
                condition=Q(disposition="covered", covered_by__isnull=False)
                | (~Q(disposition="covered") & Q(covered_by__isnull=True)),
                name="paragraph_covered_names_its_cover",
            ),
            models.CheckConstraint(
                condition=~Q(disposition="declaratory") | ~Q(disposition_reason=""),
                name="paragraph_declaratory_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version.resolution.symbol}, {self.path}"

    @property
    def depth(self) -> int:
        """0 for an item, 1 for a sub-item, and so on."""
        return 0 if self.parent is None else self.parent.depth + 1
