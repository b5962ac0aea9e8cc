"""Events as sentences."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker import access
from tracker.history.columns import shut_papers, words_of
from tracker.history.names import Names, kind, names_in
from tracker.history.troubles import Trouble, troubles
from tracker.history.values import Change, Said, changed
from tracker.models import Event, Person
from tracker.models.legible import UNREADABLE
from tracker.verbs import VERBS

SAYS_ITSELF = {"person", "term", "substitution", "watch"}
"""Subjects whose name, after the verb, needs no word for what they are."""


@dataclass(frozen=True)
class Line:
    """An event in words. `occurrence` is (body, short reference) where the subject is one. `erased`: it had words that
    somebody asked to have erased. `trouble`: what is wrong with it, where it does not verify."""

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
    erasable: bool = False
    who: str = ""
    principal: str = ""
    body: str = ""
    request_id: str = ""
    trouble: Trouble | None = None

    @property
    def recorded_on(self) -> date:
        """The day of recording where the body keeps its days."""
        return self.recorded_at.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def same_day(self) -> bool:
        """Whether the effective day is the day of recording, so that it need not be said apart."""
        return self.effective_precision == "day" and self.effective_on == self.recorded_on


def lines(events: Iterable[Event], *, reader: access.Reader | None = None, traces: Container[int] = ()) -> list[Line]:
    """Each event in words, in the order given. The events come from `access.events` (with actor, words and body). What a
    paper says is told only to a reader who may see that paper; without a reader, of public ones. `traces`: ids of people
    whose names lead to their trace."""
    events = list(events)
    names, shut = names_in(events), shut_papers(events, reader or AnonymousUser())
    wrong = troubles(events)
    return [_line(event, names, shut, wrong.get(event.pk), traces) for event in events]


def verb_words(verb: str) -> str:
    """A verb of the register without its actor, for lists to choose from."""
    return capfirst((str(VERBS[verb]) % {"actor": ""}).strip())


def actor_words(event: Event, traces: Container[int] = ()) -> SafeString:
    """Who acted, and for whom."""
    who = format_html("<strong>{}</strong>", _traced(event.actor, traces) if event.actor else _("The system"))
    if event.acting_for is None:
        return who
    return format_html(_("{who}, for {principal},"), who=who, principal=_traced(event.acting_for, traces))


def _traced(person: Person, traces: Container[int]) -> SafeString:
    """A name, leading to the person's trace where that is the reader's to follow."""
    if person.pk not in traces:
        return format_html("{}", person)
    return format_html('<a href="{}">{}</a>', reverse("trace", args=[person.pk]), person)


def _line(
    event: Event, names: Names, shut: set[tuple[str, int]], trouble: Trouble | None, traces: Container[int]
) -> Line:
    words, erased = words_of(event)
    changes, said = changed(event, words, names, shut)
    subject = names.get(event.subject_type, {}).get(event.subject_id, event.subject_reference)
    body, _slash, short = event.subject_reference.partition("/")
    return Line(
        id=event.pk,
        number=event.number,
        verb=event.verb,
        sentence=_sentence(event, traces),
        subject=subject,
        subject_kind="" if event.subject_type in SAYS_ITSELF else kind(event.subject_type),
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
        erasable=bool(words) and UNREADABLE not in words and event.body is not None,
        who=str(event.actor or _("The system")),
        principal=str(event.acting_for or ""),
        body=event.body.slug if event.body else "",
        request_id=event.request_id,
        trouble=trouble,
    )


def _sentence(event: Event, traces: Container[int]) -> SafeString:
    """The register's sentence. Its own words are ours, the actor's name is escaped; a verb that is not in it is shown bare."""
    if event.verb not in VERBS:
        return format_html("{}: {}", actor_words(event, traces), event.verb)
    return format_html(str(VERBS[event.verb]).replace("%(actor)s", "{actor}"), actor=actor_words(event, traces))
