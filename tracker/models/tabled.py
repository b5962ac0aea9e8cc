"""Summaries that were tabled: frozen, signed, and never changed; a later correction is a new one that names it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.sessions import Session


class Tabled(models.Model):
    """A summary that was laid before a session. `frozen` is the canonical text (RFC 8785) of the frozen summary, in every
    language, and `sha256` its hash in hexadecimal, which the event that tabled it says too. Append-only, held by triggers."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="tabled", verbose_name=_("session"))
    number = models.PositiveIntegerField(_("number"))
    symbol = models.CharField(_("document symbol"), max_length=80, blank=True)
    agenda_item = models.CharField(_("agenda item"), max_length=80, blank=True)
    day = models.DateField(_("as of"))
    frozen = models.TextField(_("frozen summary"))
    sha256 = models.CharField(_("hash"), max_length=64)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name=_("corrects")
    )
    tabled_at = models.DateTimeField(_("tabled"))

    class Meta:
        verbose_name = _("tabled summary")
        verbose_name_plural = _("tabled summaries")
        ordering = ["-tabled_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="tabled_once"),
            models.CheckConstraint(condition=~Q(frozen="") & ~Q(sha256=""), name="tabled_is_frozen"),
        ]

    def __str__(self) -> str:
        return self.symbol or str(
            _("%(session)s, summary %(number)s") % {"session": self.session, "number": self.number}
        )


class TabledSignature(models.Model):
    """The signature of a tabled summary (C2SP signed note, Ed25519), put beside it by the worker, which has the log's key.
    Append-only."""

    tabled = models.OneToOneField(Tabled, models.PROTECT, related_name="signature", verbose_name=_("tabled summary"))
    note = models.TextField(_("signed text"))
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature of a tabled summary")
        verbose_name_plural = _("signatures of tabled summaries")

    def __str__(self) -> str:
        return f"{self.tabled_id}"
