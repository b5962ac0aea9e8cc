"""What an earlier version left goes on: open work on the present path, and what stands in a record that begins now."""

from django.db import transaction

from tracker import audit
from tracker.log import folding, replay
from tracker.models import Event, Head, Occurrence
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


def take_in() -> int:
    """Before the log begins: put on record what an earlier version wrote past it (the paragraphs of an import, accounts that
    a command had added), so that from its first head on record and rows agree. Returns how many rows. Once there is a
    head, a row that the record does not know is a finding."""
    taken = 0
    with transaction.atomic():
        if Head.objects.exists() or not Event.objects.exists():
            return 0
        for found in [one for one in replay.differences() if one.kind == "state_unrecorded"]:
            model, pk = found.facts["model"], found.facts["id"]
            if replay.is_subject(model):
                thing = folding.audited()[model]._base_manager.select_for_update(of=("self",), no_key=True).get(pk=pk)
                known = replay.told_of(thing)
                audit.record(thing, "record.taken_in", by=None, anew=True, leave=known)
                taken += 1
    return taken
