"""What is put on record about an occurrence: activity, reports, files, and the decisions of a body."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.dates import Precision, Visibility
from tracker.models.obligations import Occurrence
from tracker.models.people import Body, Person
from tracker.models.sessions import Session


def evidence_path(_evidence: models.Model, _name: str) -> str:
    """Where a file lies: a name of ours, never one that came from outside."""
    return f"evidence/{uuid.uuid4().hex}"


class Activity(models.Model):
    """Something that was done, in words, with the day on which it happened as far as that is known."""

    class Stakeholder(models.TextChoices):
        """Whose contribution it was, where that is asked (Resolution 1306, resolves 2)."""

        MEMBER_STATE = "member_state", _("Member State")
        SECTOR_MEMBER = "sector_member", _("Sector Member")
        CIVIL_SOCIETY = "civil_society", _("civil society")
        YOUTH = "youth", _("youth")
        INDUSTRY = "industry", _("industry")
        ORGANISATION = "organisation", _("international organisation")
        OTHER = "other", _("other")

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="activities", verbose_name=_("occurrence"))
    text = models.TextField(_("what was done"))
    happened_on = models.DateField(_("day"), null=True, blank=True)
    happened_precision = models.CharField(max_length=8, choices=Precision.choices, default=Precision.DAY)
    stakeholder = models.CharField(_("contribution of"), max_length=16, choices=Stakeholder.choices, blank=True)
    source = models.CharField(_("document"), max_length=300, blank=True)
    visibility = models.CharField(
        _("visible to"), max_length=12, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-recorded_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Report(models.Model):
    """A paper that answers an obligation. Only one that stands (submitted or endorsed) counts; a draft never does.
    `effective_on` is the day on which it was handed in, as far as that is known."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        WITHDRAWN = "withdrawn", _("withdrawn")
        SENT_BACK = "sent_back", _("sent back")
        ENDORSED = "endorsed", _("endorsed")

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="reports", verbose_name=_("occurrence"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SUBMITTED)
    symbol = models.CharField(_("document symbol"), max_length=80, blank=True)
    text = models.TextField(_("text"), blank=True)
    nothing_happened = models.BooleanField(_("nothing to report"), default=False)
    effective_on = models.DateField(_("handed in"), null=True)
    effective_precision = models.CharField(max_length=8, choices=Precision.choices)
    visibility = models.CharField(
        _("visible to"), max_length=12, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    submitted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("recorded"))
    validated_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    validated_at = models.DateTimeField(_("validated"), null=True, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence"], condition=Q(state__in=["submitted", "endorsed"]), name="report_one_standing"
            )
        ]

    def __str__(self) -> str:
        return self.symbol or str(_("report on %(reference)s") % {"reference": self.occurrence.short_reference})


class Evidence(models.Model):
    """A file, a link or a document symbol that shows that something was done. The file keeps its own name only as a
    label; on disk it has ours."""

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="evidence", verbose_name=_("occurrence"))
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="files", verbose_name=_("report"))
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, related_name="evidence", verbose_name=_("activity")
    )
    title = models.CharField(_("title"), max_length=200)
    symbol = models.CharField(_("document symbol"), max_length=80, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to=evidence_path, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    visibility = models.CharField(
        _("visible to"), max_length=12, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))
    erased_at = models.DateTimeField(_("file erased"), null=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(file="") | ~Q(url="") | ~Q(symbol=""), name="evidence_is_a_file_a_link_or_a_symbol"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_file(self) -> bool:
        """Whether there is a file to hand out: one came with it, and was not erased since."""
        return bool(self.file) and self.erased_at is None


class Decision(models.Model):
    """An act of a body at a session, cited by document and paragraph: the only thing that closes or waives."""

    class Outcome(models.TextChoices):
        NOTED = "noted", _("noted")
        APPROVED = "approved", _("approved")
        ADOPTED = "adopted", _("adopted")
        DEFERRED = "deferred", _("deferred")
        WAIVED = "waived", _("no longer required")

    body = models.ForeignKey(Body, models.PROTECT, related_name="decisions", verbose_name=_("body"))
    session = models.ForeignKey(Session, models.PROTECT, related_name="decisions", verbose_name=_("session"))
    document = models.CharField(_("document"), max_length=80)
    paragraph = models.CharField(_("paragraph"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    decided_on = models.DateField(_("day"), null=True, blank=True)
    decided_precision = models.CharField(max_length=8, choices=Precision.choices, default=Precision.DAY)
    words = models.TextField(_("words"), blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-decided_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "document", "paragraph", "outcome"], name="decision_once"),
            models.CheckConstraint(
                condition=~Q(document="") & ~Q(paragraph=""), name="decision_cites_document_and_paragraph"
            ),
        ]

    def __str__(self) -> str:
        return str(
            _("%(session)s, %(document)s, paragraph %(paragraph)s")
            % {"session": self.session, "document": self.document, "paragraph": self.paragraph}
        )
