"""The parts of a text while it is being read: chunks sorted into front matter, preamble, operative tree and annexes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker.parsing import words
from tracker.parsing.chunks import Chunk
from tracker.parsing.labels import Label, read_section
from tracker.parsing.lines import Passage, pieces_of
from tracker.parsing.model import Annex, Complaint
from tracker.parsing.tree import Node

# Words of an item under a heading: "to maintain …", "that the provisions …".
LEADS_ON = re.compile(r"(?:to|that|the|a|an|its|all)\b", re.IGNORECASE)
Parts = list[tuple[int, bool]]  # the index of a chunk, and whether its label is left out


@dataclass(slots=True)
class Preamble:
    """A preambular paragraph while it is being put together."""

    heading: str
    label: str
    section: str
    chunks: Parts


@dataclass(slots=True)
class Skeleton:
    """The structure of `source`, its words still in chunks."""

    source: str
    chunks: list[Chunk]
    front: list[int] = field(default_factory=list)
    enacting: list[int] = field(default_factory=list)
    preamble: list[Preamble] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    annexes: list[Annex] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, index: int, code: str, message: str) -> None:
        """Notes something that a person should look at, at the line of a chunk."""
        self.complaints.append(Complaint(self.chunks[index].line, code, message))

    def passage(self, parts: Parts) -> Passage:
        """The words of several chunks. Each span but the last takes the line end after it, so that words stay apart
        however the spans are joined."""
        pieces: list[tuple[int, int]] = []
        for index, bare in parts:
            chunk = self.chunks[index]
            new = pieces_of(self.source, chunk.lines, chunk.skip if bare else 0)
            if not new:
                continue
            if pieces:
                start, end = pieces[-1]
                end = _past_line_end(self.source, end)
                if not chunk.gap and not bare and end >= new[0][0]:
                    pieces[-1] = (start, new[0][1])
                    new = new[1:]
                else:
                    pieces[-1] = (start, end)
            pieces.extend(new)
        return Passage(self.source, [_trimmed(self.source, piece) for piece in pieces])


def _past_line_end(source: str, end: int) -> int:
    while end < len(source) and source[end] in " \t\r\u00a0":
        end += 1
    return min(end + 1, len(source))


def _trimmed(source: str, piece: tuple[int, int]) -> tuple[int, int]:
    start, end = piece
    while start < end - 1 and source[start].isspace():
        start += 1
    return start, end


class Context:
    """Questions about a chunk that need its neighbours."""

    def __init__(self, chunks: list[Chunk]) -> None:
        self.chunks = chunks
        self.next_labels: list[list[Label]] = [[] for _ in chunks]  # the next labelled chunk's, for each chunk
        seen: list[Label] = []
        for index in range(len(chunks) - 1, -1, -1):
            self.next_labels[index] = seen
            seen = chunks[index].labels or seen
        self.whereas = any(
            words.WHEREAS.match(one.text) and one.text[0].isupper() and len(one.text) > 20 for one in chunks
        )
        formal = (index for index in range(len(chunks)) if self.formal_start(index))
        self.first_formal = next(formal, -1)

    def numbers_run_on(self, index: int) -> bool:
        """Whether the section after the first one, which opens at `index`, carries the numbering of items on."""
        for place in range(index + 1, len(self.chunks)):
            found = read_section(self.chunks[place].text) if len(self.chunks[place].text) <= 150 else None
            if found and found[1] == 2 and not self.chunks[place].text.endswith((".", ";", ",")):
                following = self.next_labels[place]
                return bool(following) and following[0].style.startswith("num") and following[0].value > 1
        return False

    def formal_start(self, index: int) -> bool:
        """Where the operative part begins beyond doubt: RESOLVED, or a finite verb that stands above its items."""
        chunk = self.chunks[index]
        if chunk.labels or chunk.quoted:
            return False
        if words.RESOLVED.match(chunk.text) or words.ADOPTS_THIS.match(chunk.text):
            return True
        return self.operative_heading(index)

    def operative_heading(self, index: int) -> bool:
        """A finite verb above its items: alone ("resolves"), or with the addressee ("instructs the Director")."""
        chunk = self.chunks[index]
        if chunk.labels or chunk.quoted or index + 1 >= len(self.chunks) or len(chunk.text) > 250:
            return False
        if words.ADOPTS_THIS.match(chunk.text):
            return True
        if not words.finite_base(chunk.text) or chunk.text.endswith((".", ";")):
            return False
        if words.FINITE_HEADING.match(chunk.text):
            return True
        after = self.chunks[index + 1]
        if after.labels:
            style = after.labels[0].style
            if after.labels[0].value != 1 or style == "*":
                return False
            return style.startswith(("num", "sec")) or not chunk.text.endswith(":")
        return bool(LEADS_ON.match(after.text)) and after.text[0].islower() and not chunk.text.endswith((":", ","))

    def apart(self, index: int) -> bool:
        """Whether the chunk begins anew: it isn't the rest of a sentence that a page break has cut."""
        chunk = self.chunks[index]
        if index == 0 or chunk.gap == "blank" or chunk.text[:1].isupper():
            return True
        return words.ends_clause(self.chunks[index - 1].text)

    def cut_short(self, index: int) -> bool:
        """Whether a page break stands before the chunk, in the middle of a sentence."""
        return self.chunks[index].gap == "page" and not words.ends_clause(self.chunks[index - 1].text)
