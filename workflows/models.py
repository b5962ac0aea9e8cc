"""The run of a flow over one occurrence."""

from django.db import models
from viewflow.workflow.models import Process

from tracker.models import Occurrence


class Run(Process):
    """A viewflow process bound to its occurrence: what the inbox and the diagram are drawn from, never the truth."""

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="runs")
