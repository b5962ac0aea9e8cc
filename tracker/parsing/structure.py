"""A text's parts, read once from front to end: front matter, enacting words, preamble, operative tree, annexes."""

from __future__ import annotations

from tracker.parsing import words
from tracker.parsing.chunks import Chunk, cut, is_heading
from tracker.parsing.labels import read_section
from tracker.parsing.lines import Line
from tracker.parsing.model import Annex
from tracker.parsing.operative import OperativeReader, is_title
from tracker.parsing.preamble import PreambleReader
from tracker.parsing.skeleton import Context, Skeleton
from tracker.parsing.tree import Tree


def read_structure(source: str, lines: list[Line]) -> Skeleton:
    """The parts of `source`, whose printed lines are `lines`."""
    return _Reader(Skeleton(source, cut(lines))).read()


class _Reader:
    """Knows the phase (front, enacted, preamble, operative, closed) and hands each chunk to the reader of its part."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.it = skeleton
        self.chunks = skeleton.chunks
        self.ask = Context(skeleton.chunks)
        self.tree = Tree()
        self.before = PreambleReader(skeleton, self.ask)
        self.acting = OperativeReader(skeleton, self.ask, self.tree)
        self.phase = "front"
        self.last_mark = 0
        self.runs_on = False  # items are numbered through all sections

    def read(self) -> Skeleton:
        for index, chunk in enumerate(self.chunks):
            annexed = words.ANNEX.match(chunk.text) and not chunk.quoted
            if annexed and self.tree.current is not None:
                self._annex(index)
                break
            if self.phase == "closed" and self.acting.resumes(index):
                self.phase = "operative"
            if self.phase == "operative":
                self._operative(index)
            elif self.phase != "closed":
                self._before(index)
        self.before.settle()
        self.it.nodes = self.tree.nodes
        return self.it

    def _before(self, index: int) -> None:
        front = self.phase == "front"
        if self._enacts(index):
            self.it.enacting.append(index)
            self.phase = "enacted" if front else self.phase
        elif self._starts_operative(index):
            self.phase = "operative"
            self._operative(index)
        elif not front and (
            self._section(index) or self._title(index) or words.THEREFORE_ALONE.match(self.chunks[index].text)
        ):
            return
        elif self.before.heads(index, front=front) or self.before.take(index, front=front):
            self.phase = "preamble"

    def _operative(self, index: int) -> None:
        chunk = self.chunks[index]
        closing = not chunk.quoted and words.CLOSING.match(chunk.text) and not self.ask.cut_short(index)
        if self.tree.current is not None:
            if closing:
                self.phase = "closed"
                return
            if self._section(index):
                return
        if not self.acting.take(index):
            self.phase = "closed"

    def _starts_operative(self, index: int) -> bool:
        chunk = self.chunks[index]
        if chunk.quoted:
            return False
        if self.ask.formal_start(index):
            return True
        if index < self.ask.first_formal and (self.ask.whereas or self.before.heading):
            return False
        if chunk.labels and chunk.labels[0].style != "*":
            return self._numbering_starts(chunk) and bool(words.finite_base(chunk.words))
        if self.phase == "front" and not chunk.text.endswith((".", ";", ",", ":")):
            return False
        return bool(words.finite_base(chunk.text)) and (self.ask.apart(index) or self.phase == "enacted")

    def _numbering_starts(self, chunk: Chunk) -> bool:
        """Whether a label may be the first of the operative part: a 1, or the number after those of the preamble or "
        "section."""
        if chunk.labels[0].value == 1:
            return True
        before = self.tree.top.label if self.tree.top else None
        if before is None and self.it.preamble:
            labels = self.chunks[self.it.preamble[-1].chunks[0][0]].labels
            before = labels[0] if labels else None
        self.tree.first = before.value + 1 if before else 1
        return any(before and one.style == before.style and one.value == self.tree.first for one in chunk.labels)

    def _enacts(self, index: int) -> bool:
        """The words that name the body: once, and with a lead word, a label or a section after them."""
        text = self.chunks[index].text
        bare = words.ENACTING_BARE.match(text) and (text.isupper() or self.phase != "front")
        if self.it.enacting or index + 1 >= len(self.chunks) or not (bare or words.ENACTING.match(text)):
            return False
        after = self.chunks[index + 1]
        openings = (
            is_heading(after.text),
            words.is_participle(after.words),
            words.finite_base(after.words),
            words.WHEREAS.match(after.text),
            words.RESOLVED.match(after.text),
            read_section(after.text),
        )
        return any(openings)

    def _section(self, index: int) -> bool:
        """Takes a section with a printed number or letter; its own preamble may follow. False when the chunk is "
        "none."""
        chunk = self.chunks[index]
        found = read_section(chunk.text)
        if not found or chunk.quoted or len(chunk.text) > 150 or index + 1 >= len(self.chunks):
            return False
        mark, value, title = found
        if value != self.last_mark + 1 or title.endswith((".", ";", ",")) or words.finite_base(title):
            return False
        following = self.chunks[index + 1]
        if not title and following.text.endswith((".", ";")):
            return False
        self.last_mark = value
        self.before.open_section(title or mark)
        if self.last_mark == 1:
            self.runs_on = self.ask.numbers_run_on(index)
        if self.runs_on:
            self.tree.name_section(title or mark)
        else:
            self.tree.open_section(title or mark, mark=mark)
        self.phase = "enacted"
        return True

    def _title(self, index: int) -> bool:
        """Takes a heading without a number above the first item."""
        chunk = self.chunks[index]
        if not chunk.gap or not is_title(chunk) or index + 1 >= len(self.chunks):
            return False
        after = self.chunks[index + 1]
        if not after.labels or after.labels[0].value != 1 or not words.finite_base(after.words):
            return False
        self.tree.name_section(chunk.text)
        return True

    def _annex(self, index: int) -> None:
        rest = self.chunks[index:]
        instrument = any(words.ENACTING.match(one.text) or words.finite_base(one.words) for one in rest[1:])
        span = ((rest[0].lines[0].start, rest[-1].lines[-1].end),)
        self.it.annexes.append(Annex(rest[0].text, span, rest[0].line, instrument=instrument))
        self.it.complain(
            index, "annex", "An annex begins here; its paragraphs were read as no items of this resolution."
        )
