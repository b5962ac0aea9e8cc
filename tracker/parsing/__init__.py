"""The text of a resolution to its paragraphs, duties and due points. Pure Python: no database, no settings, no "
"network."""

from __future__ import annotations

import re

from tracker.parsing import words
from tracker.parsing.chunks import flat
from tracker.parsing.duties import READ_AT_MOST, Reader, Reading
from tracker.parsing.errors import (
    BinarySource,
    EmptySource,
    FileMissing,
    NotAResolution,
    ParseError,
    TooLarge,
    WrongEncoding,
)
from tracker.parsing.front import read_front
from tracker.parsing.lines import LineFinder, read_lines
from tracker.parsing.model import (
    Act,
    Addressee,
    Annex,
    Complaint,
    DuePoint,
    Operative,
    ParsedResolution,
    Preambular,
    Spans,
)
from tracker.parsing.skeleton import Skeleton
from tracker.parsing.source import SIZE_LIMIT, read_source
from tracker.parsing.structure import read_structure
from tracker.parsing.tree import Node

__all__ = [
    "SIZE_LIMIT",
    "Act",
    "Addressee",
    "Annex",
    "BinarySource",
    "Complaint",
    "DuePoint",
    "EmptySource",
    "FileMissing",
    "NotAResolution",
    "Operative",
    "ParseError",
    "ParsedResolution",
    "Preambular",
    "Spans",
    "TooLarge",
    "WrongEncoding",
    "parse",
    "read_source",
]


def parse(text: str) -> ParsedResolution:
    """The text of one resolution to what it says, with offsets into `text`; NotAResolution when nothing in it acts."""
    if len(text) > SIZE_LIMIT:
        raise TooLarge(name="The text", size=len(text), limit=SIZE_LIMIT)
    lines = read_lines(text)
    if not lines:
        raise EmptySource(name="The text")
    skeleton = read_structure(text, lines)
    if not skeleton.nodes:
        raise NotAResolution(lines=lines[-1].number, line=lines[-1].number)
    finder = LineFinder(lines)
    enacting = flat(" ".join(skeleton.chunks[index].text for index in skeleton.enacting)).rstrip(" ,:")
    symbol, title = read_front([[line.text for line in skeleton.chunks[index].lines] for index in skeleton.front])
    preambular = []
    for draft in skeleton.preamble:
        passage = skeleton.passage(draft.chunks)
        line = finder.line(passage.spans[0][0]) if passage.spans else 0
        preambular.append(Preambular(draft.heading, draft.label, passage.text, passage.spans, line, draft.section))
    return ParsedResolution(
        symbol=symbol,
        title=title,
        enacting=enacting or _repeated_subject(skeleton) or _resolved_by(skeleton),
        preambular=tuple(preambular),
        operative=_operative(
            skeleton,
            finder,
            body_of(enacting or _repeated_subject(skeleton) or _resolved_by(skeleton)) or _body_in_symbol(symbol),
        ),
        annexes=tuple(skeleton.annexes),
        complaints=tuple(skeleton.complaints),
    )


def body_of(enacting: str) -> str:
    """The body's name in its enacting words ("The Council" -> "Council"; "At its 53rd meeting, …, the General "
    "Assembly")."""
    if re.match(r"at its", enacting, re.IGNORECASE):
        found = re.search(r"\bthe\s+([A-Z]\w*(?:\s+[A-Z]\w*)*)", enacting)
        return found[1] if found else ""
    name = re.sub(r"^(?:now,?\s+)?(?:therefore,?\s+)?the\s+", "", enacting, flags=re.IGNORECASE)
    name = re.sub(r"\s*\([^)]*\).*$|,.*$", "", name)
    return re.sub(r"^(?:Sixty|Seventy|Eighty|Fifty|Forty|Thirty|Twenty)?-?[a-z]*(?:th|st|nd|rd|ieth)\s+", "", name)


def _body_in_symbol(symbol: str) -> str:
    """Without enacting words: who stands before "Resolution" in the symbol ("ISO/TC 154 Resolution 2019-01")."""
    found = re.match(r"(.+?)\s+(?:Resolution|Decision)\b", symbol)
    return found[1] if found else ""


def _repeated_subject(skeleton: Skeleton) -> str:
    """Without enacting words: the subject that each item repeats ("1. The Security Council requests …")."""
    for node in skeleton.nodes:
        said = skeleton.chunks[node.chunks[0][0]].words
        found = _SUBJECT.match(said)
        if found:
            return found[1]
    return ""


_SUBJECT = re.compile(
    r"(The\s+[A-Z]\w*(?:\s+(?:of\s+)?(?:the\s+)?[A-Z]\w*)*)\s+(?:hereby\s+)?(?!(?:is|has|was|does)\b)[a-z]+s\b"
)
# "RESOLVED BY THE CITY COUNCIL OF THE CITY OF LAKEVIEW", "Resolved by the House of Representatives (…)".
_BY_NAME = (
    r"(?i:\bresolved,?\s+by)\s+(?P<body>(?i:the)\s+[A-Z][\w’'.-]*"
    r"(?:\s+(?:(?i:of|for|and)\s+)?(?:(?i:the)\s+)?[A-Z][\w’'.-]*)*)"
)


def _resolved_by(skeleton: Skeleton) -> str:
    """Without enacting words: whom the first RESOLVED names ("BE IT RESOLVED BY THE CITY COUNCIL OF …, AS FOLLOWS:")."""
    for chunk in skeleton.chunks:
        if words.RESOLVED.match(chunk.text):
            found = re.search(_BY_NAME, chunk.text[:300])
            return found["body"] if found else ""
    return ""


def _operative(skeleton: Skeleton, finder: LineFinder, body: str) -> tuple[Operative, ...]:
    reader = Reader(" ".join(chunk.text for chunk in skeleton.chunks), body)
    readings: dict[str, Reading] = {}
    items = []
    for node in skeleton.nodes:
        passage = skeleton.passage(node.chunks)
        if not passage.text:  # "Article 2" alone above its numbered paragraphs: its label is all the words it has
            passage = skeleton.passage([(index, False) for index, _ in node.chunks])
        parent = node.parent
        reading = reader.read(
            passage,
            heading="" if parent else node.heading,
            parent=readings[parent.path] if parent else None,
        )
        readings[node.path] = reading
        if len(passage.text) > READ_AT_MOST:
            skeleton.complain(
                node.chunks[0][0], "long_paragraph", "This paragraph is too long to be searched to its end."
            )
        items.append(
            Operative(
                path=node.path,
                label=_printed(node),
                parent=parent.path if parent else "",
                section=node.section,
                text=passage.text,
                span=passage.spans,
                line=finder.line(passage.spans[0][0]) if passage.spans else 0,
                acts=reading.acts,
                addressees=reading.addressees,
                kind=reading.kind,
                kind_span=reading.kind_span,
                kind_confidence=reading.confidence,
                due=reading.due,
            )
        )
    return tuple(items)


def _printed(node: Node) -> str:
    return node.label.printed if node.label else ""
