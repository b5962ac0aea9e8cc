"""The run of a flow over one occurrence, and the door's count of attempts."""

from django.db import models
from viewflow.workflow.models import Process

from tracker.models import Occurrence


class Run(Process):
    """A viewflow process bound to its occurrence: what the inbox and the diagram are drawn from, never the truth."""

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="runs")


class Attempt(models.Model):
    """One try at the door, in real time: a log-in or a mail asked for. `key` is a salted hash of what is counted, so that
    no address and no name is kept; rows end with the window that they are counted in."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["key", "at"], name="attempt_counted"),
            models.Index(fields=["at"], name="attempt_over"),
        ]

    def __str__(self) -> str:
        return self.key
