"""Erasing words on request: what stands beside an event, and wherever else Resolves keeps the same words.

The event stays, with the salted hash of what stood there; the erasure is an event of its own, which names every event that
it emptied, so that whoever verifies the record can tell an erasure from tampering.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.html import escape
from django.utils.translation import gettext as _

from tracker import audit, erasures
from tracker.models import Event, EventWords, Message, Person
from workflows import refusals
from workflows.steps.beats import require_present, said
from workflows.steps.bodies import NotTheMoment, one_act

ERASED = "…"  # where a column must not be empty
NEVER_EMPTY = {
    ("evidence", "title"): ERASED,
    ("evidence", "symbol"): ERASED,
    ("evidence", "url"): "about:blank",
    ("paragraph", "disposition_reason"): ERASED,
}
SHORTEST = 4  # letters of words that are looked for in mails and in the reason


@dataclass(frozen=True)
class Column:
    """A column of a row in which the words stand, as the record names it."""

    model: str
    pk: int
    field: str

    @property
    def key(self) -> str:
        return f"{self.model}:{self.pk}.{self.field}"


@dataclass(frozen=True)
class Goes:
    """What an erasure takes: the words beside these events, these columns, the texts of so many mails."""

    events: tuple[Event, ...]
    words: tuple[str, ...]
    columns: tuple[Column, ...]
    mails: int


def would_erase(event: Event) -> Goes:
    """What erasing the words of an event takes. Raises NotTheMoment where there are none."""
    kept = _kept(event)
    if not kept:
        raise NotTheMoment(_("There are no words beside this entry, or they were erased already."), object=event)
    events = (event, *_repeated(event, kept))
    words = tuple(dict.fromkeys(text for one in events for text in _texts(_kept(one) if one != event else kept)))
    return Goes(events, words, tuple(_standing(events, words)), _mails(event, events, words).count())


def erase_words(event: Event, *, by: Person, reason: str) -> Event:
    """Erase the words beside an event, wherever the same words stand in its rows, its stream and its mails. It cannot be
    undone. Only a secretary of the body may do it; the words about an account go by anonymising it."""
    with one_act():
        require_present(by)
        acting_for = require_eraser(by, event)
        _subject(event, lock=True)
        goes = would_erase(event)
        reason = said("reason", reason)
        if any(text.casefold() in reason.casefold() for text in goes.words if len(text) >= SHORTEST):
            raise ValidationError({"reason": _("Leave the words themselves out: this reason stays on record.")})
        _mails(event, goes.events, goes.words).update(text="", html="")
        for column in goes.columns:
            blank = NEVER_EMPTY.get((column.model, column.field), "")
            _rows(column.model).filter(pk=column.pk).update(**{column.field: blank})
        emptied = empty(EventWords.objects.filter(event__in=[one.pk for one in goes.events]))
        facts: dict[str, Any] = {"emptied": [None, emptied]}
        if goes.columns:
            facts["erased"] = [None, [column.key for column in goes.columns]]
        done = audit.record(
            _subject(event),
            "words.erased",
            by=by,
            acting_for=acting_for,
            words={"reason": reason},
            facts=facts,
        )
    assert done is not None  # noqa: S101  (a reason is always there)
    return done


def empty(found: QuerySet[EventWords]) -> list[int]:
    """Empty the words beside some events, salt and all; returns the ids of those beside which something stood. Whoever calls
    it names them in the event that says so."""
    ids = sorted(found.exclude(words={}).values_list("pk", flat=True))
    EventWords.objects.filter(pk__in=ids).update(salt="", words={})
    return ids


def require_eraser(by: Person, event: Event) -> Person | None:
    """Whom a person acts for in erasing the words of an event (None: themselves); else PermissionDenied, saying who may."""
    if event.subject_type == "person" or event.body is None:
        raise PermissionDenied(_("The words about an account go when it is anonymised."))
    return refusals.require_on_body(by, "erase_words", event.body)


def _kept(event: Event) -> dict[str, Any]:
    found = EventWords.objects.filter(pk=event.pk).values_list("words", flat=True).first()
    return found or {}


def _texts(words: dict[str, Any]) -> Iterator[str]:
    """The words themselves, of columns those before and after."""
    for value in words.values():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and text:
                yield text


def _repeated(event: Event, kept: dict[str, Any]) -> list[Event]:
    """The other events of the stream that say the same words of the same column: what it became there, it was here."""
    said_of = {key: set(_texts({key: pair})) for key, pair in kept.items() if isinstance(pair, list)}
    others = EventWords.objects.filter(event__stream=event.stream).exclude(pk=event.pk).exclude(words={})
    return [
        row.event
        for row in others.select_related("event").order_by("pk")
        if any(said_of.get(key, set()) & set(_texts({key: pair})) for key, pair in row.words.items())
    ]


def _standing(events: Iterable[Event], words: tuple[str, ...]) -> Iterator[Column]:
    """The columns named beside the events in which one of the words still stands."""
    seen: set[Column] = set()
    for event in events:
        for model, pk, field in erasures.columns_of(event, _kept(event)):
            column = Column(model, pk, field)
            if column in seen:
                continue
            seen.add(column)
            if _rows(model).filter(pk=pk, **{f"{field}__in": words}).exists():
                yield column


def _mails(event: Event, events: Iterable[Event], words: tuple[str, ...]) -> QuerySet[Message]:
    """The kept texts of mails that told of the events, or that quote the words about the same item."""
    about = Q(notices__event__in=[one.pk for one in events])
    if event.subject_type == "occurrence":
        for text in words:
            if len(text) >= SHORTEST:
                quotes = Q(text__icontains=text) | Q(html__icontains=str(escape(text)))
                about |= Q(notices__occurrence=event.subject_id) & quotes
    found = Message.objects.filter(about).exclude(text="", html="")
    return Message.objects.filter(pk__in=found.order_by().values("pk"))


def _rows(model: str) -> models.Manager[Any]:
    return apps.get_model("tracker", model)._base_manager


def _subject(event: Event, *, lock: bool = False) -> models.Model:
    """What an event is about, as it stands now. Raises NotTheMoment where that cannot be told."""
    try:
        rows: QuerySet[Any] = _rows(event.subject_type).all()
        if lock:
            rows = rows.select_for_update(of=("self",), no_key=True)
        found: models.Model = rows.get(pk=event.subject_id)
    except (LookupError, ObjectDoesNotExist) as error:
        raise NotTheMoment(_("What this entry is about cannot be found."), object=event) from error
    return found
