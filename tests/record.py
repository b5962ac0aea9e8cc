"""What the tests ask of the record as a whole: is every chain sound, and has anything changed at all."""

import hashlib
import json
import uuid
from collections import defaultdict

from django.apps import apps
from django.conf import settings
from django.core import serializers

from tracker import audit
from tracker.log import folding, replay
from tracker.models import Event, EventWords, Repeat, Visit


def new_heads() -> None:
    """From here on heads of the log are given out to a new folder, as for a new database."""
    settings.LOG_HEADS = settings.VAR_DIR / "heads" / uuid.uuid4().hex


def verified(*, words: bool = True) -> int:
    """The number of events, after every stream was found gapless, chained from the hash of its name and unchanged; and,
    where nothing was erased, every word true to its hash. AssertionError names the first that is not."""
    streams: dict[str, list[Event]] = defaultdict(list)
    for event in Event.objects.order_by("stream", "number"):
        streams[event.stream].append(event)
    said = {row.event_id: row for row in EventWords.objects.all()}
    for stream, events in streams.items():
        assert [event.number for event in events] == list(range(1, len(events) + 1)), stream
        before = hashlib.sha256(stream.encode()).hexdigest()
        for event in events:
            assert event.previous_hash == before, event
            assert audit.digest(event) == event.hash, event
            before = event.hash
            if words and event.words_hash:
                assert audit.commitment(said[event.pk].salt, said[event.pk].words) == event.words_hash, event
    return sum(map(len, streams.values()))


def taken_in() -> int:
    """Put on record what the tests have added by hand, so that the record gives every row; how many rows."""
    rows = [found for found in replay.differences() if found.kind == "state_unrecorded"]
    for found in rows:
        thing = folding.audited()[found.facts["model"]]._base_manager.get(pk=found.facts["id"])
        audit.record(thing, f"{TAKEN_IN[found.facts['model']]}", by=None, anew=True)
    assert list(replay.differences()) == []
    return len(rows)


TAKEN_IN = {
    "body": "body.added",
    "meeting": "meeting.added",
    "obligation": "obligation.drafted",
    "office": "office.added",
    "paragraph": "paragraph.disposed",
    "person": "person.invited",
    "resolution": "resolution.imported",
    "session": "session.added",
    "term": "term.begun",
    "version": "version.imported",
}


def everything() -> list[str]:
    """Every row of every table of ours and of the engine, to show that nothing changed; but for who saw what and who was
    refused, which is logged apart."""
    ours = ("tracker", "workflows", "workflow")
    models = [model for model in apps.get_models() if model._meta.app_label in ours and model not in {Visit, Repeat}]
    found = [
        row for model in models for row in json.loads(serializers.serialize("json", model._base_manager.order_by("pk")))
    ]
    return [json.dumps(row, sort_keys=True) for row in found]
