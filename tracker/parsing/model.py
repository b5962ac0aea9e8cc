"""What a reading of a resolution consists of: frozen values, each with the place in the text that made it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Character offsets into the text that was given, [start, end); several where something stands between the parts.
Spans = tuple[tuple[int, int], ...]

DUE_KINDS = ("date", "session", "meeting", "interval", "event", "continuing", "none")
KINDS = ("once", "each_session", "before_each_meeting", "periodic", "continuing", "on_event", "")
FORCES = ("decides", "instructs", "requests", "urges", "invites", "encourages", "notes")


def spans_to_json(spans: Spans) -> list[list[int]]:
    """Spans as nested lists, the form that JSON has."""
    return [[start, end] for start, end in spans]


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something in the text that a person should look at; `line` counts from 1."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class DuePoint:
    """When something is due, as the words say it.

    `text` and `span` are the words that made the proposal; `body` whose session or meeting it is ("" when not said).
    `session` ("2018", "62") and `date` ("2025-12-31", "2035", "2024-09") hold what can be computed with.
    """

    kind: str
    body: str
    text: str
    span: Spans
    session: str = ""
    date: str = ""
    confidence: float = 0.9

    def to_json(self) -> dict[str, Any]:
        """The four keys that leave this package."""
        return {"kind": self.kind, "body": self.body, "text": self.text, "span": spans_to_json(self.span)}


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is to act: `name` in full where the text gives a full name, `printed` the very words, `implied` when "
    "carried over."""

    name: str
    printed: str
    span: Spans
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """One verb of an operative paragraph with its force (see FORCES), addressees and due points."""

    verb: str
    force: str
    addressees: tuple[Addressee, ...] = ()
    due: tuple[DuePoint, ...] = ()
    span: Spans = ()

    def to_json(self) -> dict[str, Any]:
        """Verb, force, addressees by name, due points."""
        return {
            "verb": self.verb,
            "force": self.force,
            "addressees": [one.name for one in self.addressees],
            "due": [one.to_json() for one in self.due],
        }


@dataclass(frozen=True, slots=True)
class Preambular:
    """One paragraph of the preamble; `heading` is the word printed above a list of them ("considering")."""

    heading: str
    label: str
    text: str
    span: Spans
    line: int = 0
    section: str = ""

    def to_json(self) -> dict[str, Any]:
        """Heading, label, text, span."""
        return {"heading": self.heading, "label": self.label, "text": self.text, "span": spans_to_json(self.span)}


@dataclass(frozen=True, slots=True)
class Operative:
    """One operative paragraph: its place in the tree (`path`, `parent`), its words, and what they were read to ask."""

    path: str
    label: str
    parent: str
    section: str
    text: str
    span: Spans
    line: int = 0
    acts: tuple[Act, ...] = ()
    addressees: tuple[Addressee, ...] = ()
    kind: str = ""
    kind_span: Spans = ()
    kind_confidence: float = 0.0
    due: tuple[DuePoint, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All that is read of the paragraph, addressees by name."""
        return {
            "path": self.path,
            "label": self.label,
            "parent": self.parent,
            "section": self.section,
            "text": self.text,
            "span": spans_to_json(self.span),
            "acts": [one.to_json() for one in self.acts],
            "addressees": [one.name for one in self.addressees],
            "kind": self.kind,
            "due": [one.to_json() for one in self.due],
        }


@dataclass(frozen=True, slots=True)
class Annex:
    """A part that follows the resolution; its paragraphs are no items. `instrument` when it is a text that itself "
    "acts."""

    title: str
    span: Spans
    line: int
    instrument: bool = False


@dataclass(frozen=True, slots=True)
class ParsedResolution:
    """A resolution as read from its text."""

    symbol: str
    title: str
    enacting: str
    preambular: tuple[Preambular, ...] = ()
    operative: tuple[Operative, ...] = ()
    annexes: tuple[Annex, ...] = ()
    complaints: tuple[Complaint, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The reading as plain values; complaints and annexes stay on the object."""
        return {
            "symbol": self.symbol,
            "title": self.title,
            "enacting": self.enacting,
            "preambular": [one.to_json() for one in self.preambular],
            "operative": [one.to_json() for one in self.operative],
        }
