"""Days that are known to the day, the month or the year, or not at all."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Precision(models.TextChoices):
    """How much of a date is known. The stored day of a month or a year is its first."""

    DAY = "day", _("day known")
    MONTH = "month", _("month known")
    YEAR = "year", _("year known")
    UNKNOWN = "unknown", _("not recorded")


class Visibility(models.TextChoices):
    """Who may see a thing. Restricted and missing look alike to those who may not."""

    PUBLIC = "public", _("public")
    MEMBERS = "members", _("members")
    RESTRICTED = "restricted", _("restricted")
