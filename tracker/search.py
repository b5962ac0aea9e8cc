"""One search over everything that a reader may see: every word must stand somewhere in a thing. What a reader may not see is
neither counted nor quoted: the questions start from what `access` gives.

Words are looked for as they are written, without patterns, so that no query can cost more than reading the columns once.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import clock
from tracker.access import Findable, Reader
from tracker.models import (
    Activity,
    Comment,
    Decision,
    Evidence,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Report,
    Resolution,
    Session,
    Term,
)

LONGEST = 200
MOST_WORDS = 8
SOME = 5
AROUND = 90
"""Letters of a text that are quoted before and after the first word found."""

Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Asked:
    """What was asked for: as it was written, cut to what is looked for, and its words."""

    text: str
    words: tuple[str, ...]
    cut: bool

    @classmethod
    def of(cls, text: str) -> "Asked":
        written = text.replace("\x00", " ").strip()
        short = written[:LONGEST]
        words = tuple(dict.fromkeys(short.split()))
        return cls(short, words[:MOST_WORDS], len(written) > LONGEST or len(words) > MOST_WORDS)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Any of the words, the longest first: plain text, so that it is found in time that grows with the text alone."""
        return re.compile(
            "|".join(re.escape(word) for word in sorted(self.words, key=len, reverse=True)), re.IGNORECASE
        )

    def lit(self, text: str) -> Pieces:
        """A text in pieces, those that were looked for apart."""
        found: list[tuple[str, bool]] = []
        start = 0
        for hit in self.pattern.finditer(text):
            found += [(text[start : hit.start()], False), (hit.group(), True)]
            start = hit.end()
        return tuple(piece for piece in [*found, (text[start:], False)] if piece[0])

    def quote(self, text: str) -> Pieces:
        """The part of a text around the first word that was looked for."""
        hit = self.pattern.search(text)
        middle = hit.start() if hit else 0
        start, end = max(0, middle - AROUND), middle + AROUND
        before, after = text[start:middle], text[middle:end]
        if start:  # whole words only, where there are any
            before = f"…{before.partition(' ')[2] or before}"
        if end < len(text):
            after = f"{after.rpartition(' ')[0] or after}…"
        return self.lit(before + after)


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, where it stands, and the words in which it was found. Without an address where the reader
    has no page of it."""

    title: Pieces
    href: str
    beside: str = ""
    quoted: Pieces = ()


@dataclass(frozen=True)
class Group:
    """What was found of one kind: the first of them, and how many there are."""

    key: str
    title: str
    hits: list[Hit]
    total: int


@dataclass(frozen=True)
class Source:
    """A kind of thing that is searched: what may be seen of it, where words are looked for, in which order it is shown."""

    title: Any
    rows: Callable[[Findable], QuerySet[Any]]
    within: Callable[[str, Findable], Q]
    order: tuple[Any, ...]
    hit: Callable[[Any, Asked, Reader], Hit]


def _says(field: str, word: str) -> Q:
    """A field holds a word, in whichever case. SQLite knows the case of ASCII letters only."""
    forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    found = Q()
    for form in forms:
        found |= Q(**{f"{field}__icontains": form})
    return found


def _in(*fields: str) -> Callable[[str, Findable], Q]:
    def within(word: str, _seen: Findable) -> Q:
        found = Q()
        for field in fields:
            found |= _says(field, word)
        return found

    return within


def _in_a_turn(word: str, _seen: Findable) -> Q:
    """A turn by its reference, or by the title of its duty: the duties are few, and are looked through once."""
    named = Obligation.objects.filter(_says("title", word)).order_by().values("pk")
    return _says("reference", word) | Q(obligation__in=named)


def _in_an_office(word: str, seen: Findable) -> Q:
    """An office by its title, its body, or (for those who have logged in) who holds it today."""
    held = seen.people().filter(_says("name", word)).order_by().values("pk")
    running = Term.objects.running(clock.today()).filter(person__in=held).order_by().values("office")
    return _in("title", "body__name", "body__short_name")(word, seen) | Q(pk__in=running)


# How each is shown -------------------------------------------------------------------------------------------------------


def _item(turn: Occurrence) -> str:
    return reverse("occurrence", args=[turn.body.slug, turn.short_reference])


def _resolution(one: Resolution, asked: Asked, _reader: Reader) -> Hit:
    href = reverse("resolution", args=[one.body.slug, one.slug])
    return Hit(asked.lit(f"{one.symbol}: {one.title}"), href, one.body.name)


def _paragraph(one: Paragraph, asked: Asked, _reader: Reader) -> Hit:
    version = one.version
    query = urlencode({"version": version.label})
    place = f"#item-{one.path}" if one.kind == Paragraph.Kind.OPERATIVE else ""
    href = reverse("resolution", args=[version.resolution.body.slug, version.resolution.slug])
    title = _("%(symbol)s, item %(item)s") if place else _("%(symbol)s, preamble %(item)s")
    words = title % {"symbol": version.resolution.symbol, "item": one.label or one.path}
    beside = version.designation or version.label
    return Hit(asked.lit(words), f"{href}?{query}{place}", beside, asked.quote(one.text))


def _obligation(one: Obligation, asked: Asked, reader: Reader) -> Hit:
    beside = f"{one.resolution.symbol}, {one.paragraph.label or one.paragraph.path} · {one.get_kind_display()}"
    query = {"body": one.resolution.body.slug, "resolution": one.resolution.slug, "item": one.paragraph.path}
    return Hit(asked.lit(one.title), _known(reader, f"{reverse('occurrences')}?{urlencode(query)}"), beside)


def _occurrence(one: Occurrence, asked: Asked, _reader: Reader) -> Hit:
    beside = " · ".join(filter(None, [str(one.session or ""), str(one.get_status_display())]))
    return Hit(asked.lit(f"{one.obligation.title} ({one.short_reference})"), _item(one), beside)


def _report(one: Report, asked: Asked, _reader: Reader) -> Hit:
    title = " ".join(filter(None, [one.symbol, one.occurrence.obligation.title]))
    return Hit(asked.lit(title), _paper(one), one.occurrence.short_reference, asked.quote(one.text) if one.text else ())


def _paper(one: Report) -> str:
    """A public report has a page of its own, for those who see nothing else of the item."""
    public = one.visibility == "public" and one.state == Report.State.ENDORSED
    return reverse("public_report", args=[one.pk]) if public else _item(one.occurrence)


def _evidence(one: Evidence, asked: Asked, _reader: Reader) -> Hit:
    title = one.title if one.symbol in one.title else f"{one.symbol} {one.title}"
    return Hit(asked.lit(title), _place_of(one), one.occurrence.short_reference)


def _place_of(one: Evidence) -> str:
    """The thing itself where it has an address, else its item; of a public one the register, which strangers may open."""
    if one.url.startswith(("https://", "http://")):
        return one.url
    if one.visibility != "public":
        return _item(one.occurrence)
    if one.has_file:
        return reverse("public_file", args=[one.pk])
    return f"{reverse('register')}?{urlencode({'words': one.symbol})}"


def _activity(one: Activity, asked: Asked, _reader: Reader) -> Hit:
    return Hit(asked.quote(one.text), _item(one.occurrence), " · ".join(filter(None, [_about(one), one.source])))


def _comment(one: Comment, asked: Asked, _reader: Reader) -> Hit:
    return Hit(asked.quote(one.text), _item(one.occurrence), f"{one.author} · {_about(one)}")


def _about(one: Activity | Comment) -> str:
    return f"{one.occurrence.obligation.title} ({one.occurrence.short_reference})"


def _decision(one: Decision, asked: Asked, reader: Reader) -> Hit:
    href = _known(reader, reverse("council", args=[one.body.slug, one.session.slug])) if _own(one) else ""
    return Hit(asked.lit(str(one)), href, one.get_outcome_display(), asked.quote(one.words) if one.words else ())


def _own(one: Decision) -> bool:
    return one.session.body_id == one.body_id


def _office(one: Office, asked: Asked, reader: Reader) -> Hit:
    query = {"body": one.body.lineage()[-1].slug, "holder": f"{one.body.slug}/{one.slug}"}
    return Hit(asked.lit(one.title), _known(reader, f"{reverse('occurrences')}?{urlencode(query)}"), one.body.name)


def _person(one: Person, asked: Asked, reader: Reader) -> Hit:
    query = urlencode({"holder": one.username})
    return Hit(asked.lit(str(one)), _known(reader, f"{reverse('occurrences')}?{query}"))


def _session(one: Session, asked: Asked, reader: Reader) -> Hit:
    href = f"{reverse('calendar')}?year={one.opens.year if one.opens else 'all'}#{one.body.slug}-{one.slug}"
    return Hit(
        asked.lit(one.name), _known(reader, href), " · ".join(filter(None, [one.code, one.body.name, one.place]))
    )


def _meeting(one: Meeting, asked: Asked, reader: Reader) -> Hit:
    year = one.begins.year if one.begins else "all"
    href = f"{reverse('calendar')}?year={year}#{one.body.slug}-m{one.number}"
    return Hit(asked.lit(str(one)), _known(reader, href), one.note)


def _known(reader: Reader, href: str) -> str:
    """Pages for those who have logged in."""
    return href if isinstance(reader, Person) else ""


SOURCES: dict[str, Source] = {
    "resolutions": Source(
        gettext_lazy("Resolutions"), Findable.resolutions, _in("symbol", "title", "slug"), ("body", "slug"), _resolution
    ),
    "paragraphs": Source(
        gettext_lazy("Items and paragraphs"),
        Findable.paragraphs,
        _in("text", "heading", "section"),
        (F("version__in_force_from").desc(nulls_last=True), "version", "position"),
        _paragraph,
    ),
    "obligations": Source(
        gettext_lazy("Duties"),
        Findable.obligations,
        _in("title", "trigger"),
        ("resolution", "paragraph__position", "number"),
        _obligation,
    ),
    "occurrences": Source(
        gettext_lazy("Occurrences"), Findable.occurrences, _in_a_turn, ("-due_on", "reference"), _occurrence
    ),
    "reports": Source(
        gettext_lazy("Reports"), Findable.reports, _in("symbol", "text"), ("-submitted_at", "-pk"), _report
    ),
    "documents": Source(
        gettext_lazy("Documents and files"), Findable.evidence, _in("symbol", "title", "url"), ("-pk",), _evidence
    ),
    "activities": Source(
        gettext_lazy("Activity"), Findable.activities, _in("text", "source"), ("-recorded_at", "-pk"), _activity
    ),
    "comments": Source(gettext_lazy("Comments"), Findable.comments, _in("text"), ("-pk",), _comment),
    "decisions": Source(
        gettext_lazy("Decisions"),
        Findable.decisions,
        _in("document", "paragraph", "words", "session__name", "session__code"),
        (F("decided_on").desc(nulls_last=True), "-pk"),
        _decision,
    ),
    "offices": Source(gettext_lazy("Offices"), Findable.offices, _in_an_office, ("body", "title"), _office),
    "people": Source(gettext_lazy("People"), Findable.people, _in("name", "username"), ("name", "pk"), _person),
    "sessions": Source(
        gettext_lazy("Sessions"),
        Findable.sessions,
        _in("name", "code", "place", "body__short_name"),
        (F("opens").desc(nulls_last=True), "pk"),
        _session,
    ),
    "meetings": Source(
        gettext_lazy("Meetings"),
        Findable.meetings,
        _in("note", "body__name", "body__short_name"),
        (F("begins").desc(nulls_last=True), "pk"),
        _meeting,
    ),
}


def matching(seen: Findable, key: str, asked: Asked) -> QuerySet[Any, Any]:
    """The keys of what holds every word, of one kind, in the order in which it is shown: what a row needs beside them is
    read for the rows shown alone."""
    source = SOURCES[key]
    found = source.rows(seen)
    for word in asked.words:
        found = found.filter(source.within(word, seen))
    return found.order_by(*source.order).values_list("pk", flat=True)


def hits(seen: Findable, key: str, keys: Iterable[int], asked: Asked) -> list[Hit]:
    """Things of one kind, by their keys, as they are shown."""
    wanted = list(keys)
    held = {row.pk: row for row in SOURCES[key].rows(seen).filter(pk__in=wanted).order_by()}
    return [SOURCES[key].hit(held[one], asked, seen.reader) for one in wanted if one in held]


def search(reader: Reader, asked: Asked) -> list[Group]:
    """The first few of each kind with how many there are, kinds without any left out. At most three questions a kind."""
    seen = Findable.by(reader)
    found = []
    for key, source in SOURCES.items() if asked.words else ():
        keys = matching(seen, key, asked)
        first = list(keys[: SOME + 1])
        if first:
            total = keys.count() if len(first) > SOME else len(first)
            found.append(Group(key, str(source.title), hits(seen, key, first[:SOME], asked), total))
    return found


def shortened(text: str) -> str:
    """A query as a title can hold it."""
    return str(Truncator(text).chars(60))
