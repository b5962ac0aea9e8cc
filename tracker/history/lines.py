"""Events as sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker import access
from tracker.history.columns import shut_papers
from tracker.history.names import Names, kind, names_in
from tracker.history.values import Change, Said, changed
from tracker.models import Event, Person
from tracker.verbs import VERBS


@dataclass(frozen=True)
class Line:
    """An event in words. `occurrence` is (body, short reference) where the subject is one. `erased`: it had words that
    somebody asked to have erased."""

    id: int
    number: int
    verb: str
    sentence: SafeString
    subject: str
    subject_kind: str
    reference: str
    occurrence: tuple[str, str] | None
    changes: tuple[Change, ...]
    words: tuple[Said, ...]
    effective_on: date | None
    effective_precision: str
    recorded_at: datetime
    time_zone: str
    means: str
    hash: str
    erased: bool

    @property
    def same_day(self) -> bool:
        """Whether the effective day is the day of recording, so that it need not be said apart."""
        return self.effective_precision == "day" and self.effective_on == self.recorded_at.date()


def lines(events: Iterable[Event], *, reader: access.Reader | None = None) -> list[Line]:
    """Each event in words, in the order given. The events come from `access.events` (with actor, words and body). What a
    paper says is told only to a reader who may see that paper; without a reader, of public ones."""
    events = list(events)
    names, shut = names_in(events), shut_papers(events, reader or AnonymousUser())
    return [_line(event, names, shut) for event in events]


def actors(seen: QuerySet[Event]) -> QuerySet[Person]:
    """Who acted in these events, or was acted for."""
    acted = seen.order_by()
    return Person.objects.filter(
        Q(pk__in=acted.filter(actor__isnull=False).values("actor"))
        | Q(pk__in=acted.filter(acting_for__isnull=False).values("acting_for"))
    )


def verb_words(verb: str) -> str:
    """A verb of the register without its actor, for lists to choose from."""
    return capfirst((str(VERBS[verb]) % {"actor": ""}).strip())


def actor_words(event: Event) -> SafeString:
    """Who acted, and for whom."""
    who = format_html("<strong>{}</strong>", event.actor or _("The system"))
    if event.acting_for is None:
        return who
    return format_html(_("{who}, for {principal},"), who=who, principal=event.acting_for)


def _line(event: Event, names: Names, shut: set[tuple[str, int]]) -> Line:
    words, erased = _words_of(event)
    changes, said = changed(event, words, names, shut)
    subject = names.get(event.subject_type, {}).get(event.subject_id, event.subject_reference)
    body, _slash, short = event.subject_reference.partition("/")
    return Line(
        id=event.pk,
        number=event.number,
        verb=event.verb,
        sentence=_sentence(event),
        subject=subject,
        subject_kind=kind(event.subject_type),
        reference=event.subject_reference,
        occurrence=(body, short) if event.subject_type == "occurrence" else None,
        changes=changes,
        words=said,
        effective_on=event.effective_on,
        effective_precision=event.effective_precision,
        recorded_at=event.recorded_at,
        time_zone=event.body.time_zone if event.body else "UTC",
        means=str(event.get_means_display()),
        hash=event.hash,
        erased=erased,
    )


def _sentence(event: Event) -> SafeString:
    """The register's sentence. Its own words are ours, the actor's name is escaped."""
    words = str(VERBS.get(event.verb, event.verb)).replace("%(actor)s", "{actor}")
    return format_html(words, actor=actor_words(event)) if "{actor}" in words else format_html("{}", words)


def _words_of(event: Event) -> tuple[dict[str, Any], bool]:
    kept = event.words.words if event.words_hash and hasattr(event, "words") else {}
    kept = kept if isinstance(kept, dict) else {}
    return kept, bool(event.words_hash) and not kept
