"""What of the record may be handed to a reader in full, and what only by its hash: receipts and exports ask here.

An event is shown in full to whoever may see it with everything that it names. A paper or a comment that is shut to the
reader shuts the event: its columns name the paper, and its words may be the paper's own.
"""

from collections.abc import Collection

from tracker import access, history
from tracker.log.receipts import Shut
from tracker.models import Event


def shut_to(reader: access.Reader) -> Shut:
    """For some events, the ids of those that this reader gets by their hash alone."""

    def shut(events: list[Event]) -> Collection[int]:
        seen = set(access.events(reader).filter(pk__in=[event.pk for event in events]).values_list("pk", flat=True))
        papers = history.shut_papers(events, reader)
        return {event.pk for event in events if event.pk not in seen or papers & set(history.rows(event))}

    return shut
