"""Open work goes on when the path gets a new version."""

from django.db import transaction

from tracker import audit
from tracker.models import Occurrence
from workflows import flows
from workflows.steps.beats import lock


def carry_over() -> int:
    """Take whatever is open under an earlier version of the path to the present one; returns how many. The status stays. On
    record is only what it changes: contributions that were asked for before are counted from now on."""
    carried = 0
    for pk in flows.behind():
        with transaction.atomic():
            occurrence = lock(Occurrence(pk=pk))
            if flows.is_behind(occurrence):
                flows.carry_over(occurrence)
                audit.record(occurrence, "occurrence.carried_over", by=None)
                carried += 1
    return carried
