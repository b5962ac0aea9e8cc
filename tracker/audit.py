"""The record: save a thing and say why, in one transaction. The only writer of `Event`.

`record()` compares the thing in hand with its row in the database, saves what differs and writes one event with from and
to by field. Where nothing differs it writes nothing. `tracker.verbs` is the register: what is not in it is refused.
"""

import contextlib
import secrets
import uuid
from collections.abc import Container, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from tracker import clock, keys
from tracker.models import (
    Body,
    ClosedDay,
    DeadlineRule,
    Decision,
    Event,
    EventWords,
    HandOver,
    Means,
    Meeting,
    Obligation,
    Occasion,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Precision,
    ReminderPolicy,
    Resolution,
    Session,
    Sitting,
    Substitution,
    Tabled,
    Term,
    Version,
    Watch,
)
from tracker.proofs import digests
from tracker.proofs.digests import commitment
from tracker.recorded import HASHED, SILENT, WORDS
from tracker.verbs import VERBS


@dataclass(frozen=True)
class Context:
    """By which means the present acts come in, and the request that binds them together."""

    means: str
    request_id: str


_context: ContextVar[Context | None] = ContextVar("resolves_record_context", default=None)


@contextlib.contextmanager
def acting(means: str, request_id: str = "") -> Iterator[Context]:
    """Within this block events carry these means and one request id."""
    context = Context(means, request_id or uuid.uuid4().hex)
    token = _context.set(context)
    try:
        yield context
    finally:
        _context.reset(token)


def context() -> Context:
    """The present context; outside any, a command's, with an id of its own."""
    return _context.get() or Context(Means.COMMAND, uuid.uuid4().hex)


def reference(thing: models.Model) -> str:
    """The immutable name of a subject. People go by an opaque number: names can be erased, references can't."""
    match thing:
        case Occurrence() | Resolution() | Obligation():
            return str(thing.reference)
        case Version():
            return f"{thing.resolution.reference}@{thing.label}"
        case Paragraph():
            return f"{thing.version.resolution.reference}@{thing.version.label}:{thing.kind}:{thing.path}"
        case Body():
            return thing.slug
        case Office() | Session() | DeadlineRule():
            return f"{thing.body.slug}/{thing.slug}"
        case Meeting():
            return f"{thing.body.slug}/m{thing.number}"
        case Occasion():
            return f"{thing.obligation.reference}-e{thing.number}"
        case Tabled():
            return f"{thing.session.body.slug}/{thing.session.slug}/{thing.number}"
        case _:
            return str(thing.pk)


def body_of(thing: models.Model) -> Body | None:
    """The body whose record an event belongs to; None for people, and for what is not one body's."""
    match thing:
        case Body():
            return thing
        case Occurrence() | Resolution() | Office() | Session() | Meeting() | Decision() | DeadlineRule() | ClosedDay():
            return thing.body
        case ReminderPolicy():
            return thing.body
        case Version() | Obligation():
            return thing.resolution.body
        case Paragraph():
            return thing.version.resolution.body
        case Occasion() | Watch():
            return thing.obligation.resolution.body
        case Term() | Substitution():
            return thing.office.body if thing.office else None
        case HandOver():
            return thing.term.office.body
        case Sitting() | Tabled():
            return thing.session.body
        case _:
            return None


def stream(thing: models.Model) -> str:
    """The name of the stream that a subject's events run in."""
    return f"{thing._meta.model_name}:{reference(thing)}"


def record(  # noqa: PLR0913  (an event has that many parts)
    thing: models.Model,
    verb: str,
    *,
    by: Person | None,
    acting_for: Person | None = None,
    words: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    also: Iterable[models.Model] = (),
    effective_on: date | None = None,
    effective_precision: str = Precision.DAY,
    anew: bool = False,
    leave: Container[str] = (),
) -> Event | None:
    """Save `thing` (and `also`: rows that belong to it) and write one event about it.

    `words` are free words that may have to be erased (reason, note); `facts` structured ones beyond the columns that
    changed. `by` is None for the system itself. Without an effective day it is today in the body's time zone.
    `anew` is for a row that was added by somebody else's code (a command of Django's): its event says
    what it holds, but for the columns to `leave`.
    Returns the event, or None where nothing changed. The caller holds the row's lock; everything is one transaction.
    """
    if verb not in VERBS:
        raise ValueError(f"{verb} is not in the register of verbs")
    with transaction.atomic(savepoint=False):  # part of the caller's, where there is one: whole or not at all
        changes, erasable = _save(thing, anew=anew, leave=leave)
        for row in also:
            row_changes, row_words = _save(row, anew=anew)
            name = f"{row._meta.model_name}:{row.pk}"
            changes |= {f"{name}.{field}": pair for field, pair in row_changes.items()}
            erasable |= {f"{name}.{field}": pair for field, pair in row_words.items()}
        changes |= facts or {}
        erasable |= {key: value for key, value in (words or {}).items() if value not in ("", None)}
        if not changes and not erasable:
            return None
        event = _append(thing, verb, by, acting_for, changes, erasable, effective_on, effective_precision)
    clock.wake()
    return event


def administrator_added(person: Person) -> None:
    """`createsuperuser` has added somebody: the only account that comes past the steps."""
    record(person, "person.added", by=None, anew=True)


def _save(
    thing: models.Model, *, anew: bool = False, leave: Container[str] = ()
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Save what differs from the row; the differences, apart by whether they may have to be erased. `anew`: the row stands,
    and the record is to say of it what it would have said when it was added."""
    name = str(thing._meta.model_name)
    fields = [f for f in thing._meta.concrete_fields if not f.primary_key]
    adding = thing._state.adding or anew
    if thing._state.adding:
        thing.save(force_insert=True)
    before: dict[str, Any] = {}
    if not adding:
        before = type(thing)._base_manager.filter(pk=thing.pk).values(*[f.attname for f in fields]).get()
    changed = [f for f in fields if plain(before.get(f.attname)) != plain(f.value_from_object(thing))]
    if changed and not adding:
        thing.save(update_fields=[f.name for f in changed])
    as_it_is: dict[str, list[Any]] = {}
    erasable: dict[str, list[Any]] = {}
    for field in changed:
        if field.name in SILENT.get(name, ()) or field.name in leave:
            continue
        pair = [plain(before.get(field.attname)), plain(field.value_from_object(thing))]
        if adding and pair[1] in EMPTY:
            continue
        if field.name in HASHED.get(name, ()):
            pair = [value if value in EMPTY else digests.print_of(value) for value in pair]
        (erasable if field.name in WORDS.get(name, ()) else as_it_is)[field.name] = pair
    return as_it_is, erasable


MOST_IN_STREAM = 2**31 - 1
"""No column holds a number beyond."""
EMPTY: tuple[Any, ...] = ("", None, [], {})
"""What an added row's event leaves out."""


def plain(value: Any) -> Any:
    """A value as canonical JSON can hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, models.fields.files.FieldFile):
        return value.name or ""
    return value


def _append(  # noqa: PLR0913
    thing: models.Model,
    verb: str,
    by: Person | None,
    acting_for: Person | None,
    changes: dict[str, Any],
    words: dict[str, Any],
    effective_on: date | None,
    effective_precision: str,
) -> Event:
    name = stream(thing)
    number, before = _end_of(name)
    body = body_of(thing)
    if effective_on is None and effective_precision == Precision.DAY:
        effective_on = clock.today(body.time_zone if body else "UTC")
    here = context()
    salt = secrets.token_hex(16) if words else ""
    event = Event(
        stream=name,
        number=number + 1,
        verb=verb,
        subject_type=str(thing._meta.model_name),
        subject_id=thing.pk,
        subject_reference=reference(thing),
        body=body,
        actor=by,
        acting_for=acting_for,
        means=here.means,
        changes=changes,
        effective_on=effective_on,
        effective_precision=effective_precision,
        recorded_at=clock.now(),
        request_id=here.request_id,
        words_hash=commitment(salt, words) if words else "",
        algorithm=digests.PRESENT_FORM,
        previous_hash=before,
    )
    event.mac = digests.code(columns(event), keys.event_key())
    event.hash = digest(event)
    event.save(force_insert=True)
    if words:
        EventWords.objects.create(event=event, salt=salt, words=words)
    return event


def _end_of(name: str) -> tuple[int, str]:
    """The number and the hash that the next event of a stream goes on from."""
    events = Event.objects.filter(stream=name).order_by("-number")
    followed = Exists(Event.objects.filter(stream=name, previous_hash=OuterRef("hash")))
    last = events.only("number", "hash").annotate(followed=followed).first()
    if last is None:
        return 0, digests.first(name)
    if 0 < last.number < MOST_IN_STREAM and not last.followed:
        return last.number, last.hash
    # Somebody changed numbers or hashes past us, which a check names. Work goes on after the event that none goes on from.
    rows = list(events.only("number", "hash", "previous_hash"))
    taken = {row.previous_hash for row in rows}
    number = max((row.number for row in rows if row.number < MOST_IN_STREAM), default=0)
    return max(number, 0), next((row.hash for row in rows if row.hash not in taken), "")


def columns(event: Event) -> dict[str, Any]:
    """An event as what its hash is made over (`tracker.proofs.digests`)."""
    return {
        "algorithm": event.algorithm,
        "stream": event.stream,
        "number": event.number,
        "verb": event.verb,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "subject_reference": event.subject_reference,
        "body": event.body_id,
        "actor": event.actor_id,
        "acting_for": event.acting_for_id,
        "means": str(event.means),
        "changes": event.changes,
        "effective_on": event.effective_on.isoformat() if event.effective_on else None,
        "effective_precision": str(event.effective_precision),
        "recorded_at": event.recorded_at.isoformat(),
        "request_id": event.request_id,
        "words_hash": event.words_hash,
        "mac": event.mac,
        "previous_hash": event.previous_hash,
    }


def digest(event: Event) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of the columns of an event, in the form that it names."""
    return digests.digest(columns(event))
