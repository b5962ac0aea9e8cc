"""A text's parts: front matter, enacting words, preamble, operative tree, closing lines, annexes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker.parsing import words
from tracker.parsing.chunks import Chunk, cut, is_heading
from tracker.parsing.labels import Label, read_section
from tracker.parsing.lines import Line, Passage, pieces_of
from tracker.parsing.model import Annex, Complaint
from tracker.parsing.tree import Node, Tree

_LEADS_ON = re.compile(r"(?:to|that|the|a|an|its|all)\b", re.IGNORECASE)
_MODAL = re.compile(r"\b(?:shall|is hereby|are hereby|takes? effect|will (?:take effect|enter))\b")
_BARE_VERB = re.compile(
    r"(?:to\s+)?[a-z]+\b(?<!ing)(?<!s)(?<!tion)\s+(?:a|an|the|its|their|all|any|with|to|for|on|and)\b"
)


@dataclass(slots=True)
class Preamble:
    """A preambular paragraph while it is being put together."""

    heading: str
    label: str
    section: str
    chunks: list[tuple[int, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Skeleton:
    """The structure of a text, its words still in chunks."""

    source: str
    chunks: list[Chunk]
    front: list[int] = field(default_factory=list)
    enacting: list[int] = field(default_factory=list)
    preamble: list[Preamble] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    annexes: list[Annex] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)

    def passage(self, parts: list[tuple[int, bool]]) -> Passage:
        """The words of several chunks, labels left out where so marked."""
        pieces: list[tuple[int, int]] = []
        for index, bare in parts:
            chunk = self.chunks[index]
            new = pieces_of(self.source, chunk.lines, chunk.skip if bare else 0)
            if pieces and pieces[-1][1] < len(self.source):
                last = chunk_end(self.source, pieces[-1][1])
                touches = new and not chunk.gap and not bare and last >= new[0][0]
                pieces[-1] = (pieces[-1][0], new[0][1]) if touches else (pieces[-1][0], last)
                pieces.extend(new[1:] if touches else new)
            else:
                pieces.extend(new)
        return Passage(self.source, [_trimmed(self.source, piece) for piece in pieces])


def chunk_end(source: str, end: int) -> int:
    """Past the white space that follows `end` in its line and the line end."""
    while end < len(source) and source[end] in " \t\r\u00a0":
        end += 1
    return min(end + 1, len(source))


def _trimmed(source: str, piece: tuple[int, int]) -> tuple[int, int]:
    start, end = piece
    while start < end - 1 and source[start].isspace():
        start += 1
    return start, end


def read_structure(source: str, lines: list[Line]) -> Skeleton:
    """The parts of `source`, whose printed lines are `lines`."""
    return _Reader(Skeleton(source, cut(lines))).read()


class _Reader:
    """Goes through the chunks once, front to end; each method takes the chunk at one index."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.it = skeleton
        self.chunks = skeleton.chunks
        self.tree = Tree()
        self.phase = "front"
        self.heading = ""
        self.lettered = False
        self.section = ""
        self.last_mark = 0
        self.whereas = any(words.WHEREAS.match(one.text) and one.text[:7] == "WHEREAS" for one in self.chunks)
        acting = [index for index in range(len(self.chunks)) if self._formal_start(index)]
        self.formal = acting[0] if acting else -1
        self.next_labels = self._next_labels()

    def _next_labels(self) -> list[list[Label]]:
        """For each chunk the label of the next labelled chunk."""
        following: list[list[Label]] = [[] for _ in self.chunks]
        seen: list[Label] = []
        for index in range(len(self.chunks) - 1, -1, -1):
            following[index] = seen
            if self.chunks[index].labels:
                seen = self.chunks[index].labels
        return following

    def _formal_start(self, index: int) -> bool:
        """Where the operative part begins beyond doubt: RESOLVED, or a finite verb alone as a heading."""
        chunk = self.chunks[index]
        if chunk.labels or chunk.quoted:
            return False
        return bool(words.RESOLVED.match(chunk.text)) or self._operative_heading(index)

    def _operative_heading(self, index: int) -> bool:
        """A finite verb that stands above its items: alone ("resolves"), or with the addressee ("instructs the Director")."""
        chunk = self.chunks[index]
        if chunk.labels or chunk.quoted or index + 1 >= len(self.chunks) or len(chunk.text) > 250:
            return False
        if not words.finite_base(chunk.text) or re.search(r"[.;]$", chunk.text):
            return False
        after = self.chunks[index + 1]
        if words.FINITE_HEADING.match(chunk.text):
            return True
        if after.labels:
            style = after.labels[0].style
            return (
                after.labels[0].value == 1 and style != "*" and (style.startswith("num") or chunk.text[-1] not in ":")
            )
        return bool(_LEADS_ON.match(after.text)) and chunk.text[-1] not in ":," and after.text[0].islower()

    def read(self) -> Skeleton:
        for index, chunk in enumerate(self.chunks):
            if self.phase == "annex":
                break
            if self.phase == "closed" and not self._resumes(index):
                if words.ANNEX.match(chunk.text):
                    self._annex(index)
                continue
            if self.phase == "operative":
                self._operative(index)
            else:
                self._before(index)
        self._settle_front()
        self.it.nodes = self.tree.nodes
        return self.it

    def _complain(self, index: int, code: str, message: str) -> None:
        self.it.complaints.append(Complaint(self.chunks[index].line, code, message))

    # -- before the operative part -------------------------------------------------------------------------------

    def _starts_operative(self, index: int) -> bool:
        chunk = self.chunks[index]
        if chunk.quoted:
            return False
        if self._formal_start(index):
            return True
        if index < self.formal and (self.whereas or self.heading):
            return False
        if chunk.labels and chunk.labels[0].style != "*":
            return chunk.labels[0].value == 1 and bool(words.finite_base(chunk.words))
        if self.phase == "front" and not chunk.text.endswith((".", ";", ",", ":")):
            return False
        return bool(words.finite_base(chunk.text)) and (self._apart(index) or self.phase == "enacted")

    def _apart(self, index: int) -> bool:
        """Whether the chunk begins a new sentence: not the rest of one that a page break has cut."""
        chunk = self.chunks[index]
        if index == 0 or chunk.gap == "blank" or chunk.text[:1].isupper():
            return True
        return words.ends_clause(self.chunks[index - 1].text)

    def _enacts(self, index: int) -> bool:
        text = self.chunks[index].text
        if self.it.enacting or not words.ENACTING.match(text) or index + 1 >= len(self.chunks):
            return False
        after = self.chunks[index + 1]
        return bool(
            is_heading(after.text)
            or words.is_participle(after.text)
            or words.finite_base(after.words)
            or words.WHEREAS.match(after.text)
            or words.RESOLVED.match(after.text)
            or read_section(after.text)
        )

    def _before(self, index: int) -> None:
        chunk = self.chunks[index]
        text = chunk.text
        if self._enacts(index):
            self.it.enacting.append(index)
            self.phase = "enacted" if self.phase == "front" else self.phase
            return
        if self._starts_operative(index):
            self.phase = "operative"
            self._operative(index)
            return
        if self.phase != "front" and self._section(index):
            return
        if words.THEREFORE_ALONE.match(text) and self.phase != "front":
            return
        if not chunk.quoted and not chunk.labels and words.PARTICIPLE_HEADING.match(text) and len(text) <= 80:
            if self.phase != "front" or text[0].islower() or text[-1] in ",:" or text.isupper():
                self.heading, self.lettered, self.phase = text.rstrip(" ,:"), False, "preamble"
                return
        self._preamble(index)

    def _preamble(self, index: int) -> None:
        chunk = self.chunks[index]
        opens = bool(words.WHEREAS.match(chunk.text)) or (words.is_participle(chunk.text) and not chunk.labels)
        if self.phase == "front":
            if not opens or not (words.ends_clause(chunk.text) or chunk.text[0].islower()):
                self.it.front.append(index)
                return
            self.phase = "preamble"
        self.phase = "preamble"
        last = self.it.preamble[-1] if self.it.preamble else None
        fresh = last is None or last.heading != self.heading or last.section != self.section
        if self.heading:
            labelled = bool(chunk.labels) and not chunk.quoted and self._next_letter(chunk, fresh, last)
            if labelled:
                self.lettered = True
                self._new_preamble(index, chunk.labels[0].printed)
            elif last is None or fresh or (not self.lettered and not chunk.quoted and self._new_sentence(index)):
                self._new_preamble(index, "")
            else:
                last.chunks.append((index, False))
        elif last is None or fresh or (opens and not chunk.quoted and self._apart(index)):
            self._new_preamble(index, "")
        elif not self.whereas and not chunk.labels and not chunk.quoted and self._new_sentence(index):
            self._new_preamble(index, "")
        else:
            last.chunks.append((index, False))

    def _next_letter(self, chunk: Chunk, fresh: bool, last: Preamble | None) -> bool:
        """Whether the chunk's label opens the heading's list or carries it on."""
        value = chunk.labels[0].value
        if chunk.labels[0].style == "*":
            return True
        if fresh or last is None or not last.label:
            return value == 1 and fresh
        before = self.chunks[last.chunks[0][0]].labels
        return any(a.style == b.style and b.value - a.value == 1 for a in before for b in chunk.labels)

    def _new_sentence(self, index: int) -> bool:
        before = self.chunks[index - 1].text
        return bool(self.chunks[index].gap) and before.rstrip().endswith((",", ";", ".")) and self._apart(index)

    def _new_preamble(self, index: int, label: str) -> None:
        self.it.preamble.append(Preamble(self.heading, label, self.section, [(index, bool(label))]))

    def _settle_front(self) -> None:
        """Without enacting words, whole sentences at the end of the front matter are its reasons."""
        if self.it.enacting or self.it.preamble:
            return
        for index in [one for one in self.it.front if self._is_reason(one)]:
            self.it.front.remove(index)
            self.it.preamble.append(Preamble("", "", "", [(index, False)]))

    def _is_reason(self, index: int) -> bool:
        text = self.chunks[index].text
        return len(text) > 80 and text.endswith((";", ",", ".", ":"))

    # -- the operative part --------------------------------------------------------------------------------------

    def _section(self, index: int) -> bool:
        """A section with a printed number or letter; its own preamble may follow."""
        chunk = self.chunks[index]
        found = read_section(chunk.text)
        if not found or chunk.quoted or len(chunk.text) > 150 or index + 1 >= len(self.chunks):
            return False
        mark, value, title = found
        if value != self.last_mark + 1 or title.endswith((".", ";", ",")) or words.finite_base(title):
            return False
        if not title and self.chunks[index + 1].text.endswith((".", ";")):
            return False
        self.last_mark = value
        self.section = title or mark
        self.heading, self.lettered = "", False
        self.tree.open_section(self.section, mark=mark)
        self.phase = "enacted"
        return True

    def _operative(self, index: int) -> None:
        chunk = self.chunks[index]
        current = self.tree.current
        if current and words.ANNEX.match(chunk.text) and not chunk.quoted:
            self._annex(index)
            return
        if current and not chunk.quoted and words.CLOSING.match(chunk.text) and not self._cut_short(index):
            self.phase = "closed"
            return
        if current and self._section(index):
            return
        if self._operative_heading(index):
            base = chunk.text.rstrip(" ,:")
            self.tree.open_section(base, heading=base)
            return
        if chunk.labels and not chunk.quoted and self._labelled(index):
            return
        if words.THEREFORE_ALONE.match(chunk.text) and not chunk.labels:
            return
        if not chunk.quoted and not chunk.labels and self._unlabelled(index):
            return
        if current is None:
            node = self.tree.add(None, None)
            node.chunks.append((index, False))
            return
        self._continue(index, current)

    def _cut_short(self, index: int) -> bool:
        """Whether the paragraph before was cut in mid-sentence by a page break."""
        return self.chunks[index].gap == "page" and not words.ends_clause(self.chunks[index - 1].text)

    def _labelled(self, index: int) -> bool:
        chunk = self.chunks[index]
        current = self.tree.current
        if chunk.gap != "blank" and self._cut_short(index):
            return False
        last = self.chunks[current.chunks[-1][0]].text if current and current.chunks else ""
        opens = last.endswith((":", ",")) or not words.ends_clause(last)
        if chunk.labels[0].style == "*":
            return self._bullet(index, opens)
        acts = bool(words.finite_base(chunk.words)) or bool(_LEADS_ON.match(chunk.words))
        if chunk.labels[0].style == "num" and not chunk.words[:1].isalpha():
            return False
        readings = self._mended(index)
        placed = self.tree.place(readings, self.next_labels[index], acts=acts, opens=opens)
        if placed is None:
            if acts and words.finite_base(chunk.words):
                self._complain(
                    index, "label_out_of_order", f"The label {chunk.labels[0].printed} is out of order; read as text."
                )
            return False
        label, parent = placed
        node = self.tree.add(label, parent)
        node.chunks.append((index, True))
        return True

    def _mended(self, index: int) -> list[Label]:
        """A misprinted "(1)" before "(ii)" is read as "(i)"."""
        readings, following = self.chunks[index].labels, self.next_labels[index]
        first = readings[0]
        if (
            first.value == 1
            and first.style in ("(num)", "num)")
            and any(one.style[0] == "i" and one.value == 2 for one in following)
        ):
            self._complain(index, "label_mended", f"The label {first.printed} stands before (ii): read as (i).")
            return [Label(first.printed.replace("1", "i"), "i" + first.style.replace("num", ""), 1, first.length)]
        return readings

    def _bullet(self, index: int, opens: bool) -> bool:
        """A bullet is an item when it says what to do; a bullet that only names a thing belongs to its paragraph."""
        chunk = self.chunks[index]
        current = self.tree.current
        acts = bool(words.finite_base(chunk.words) or _BARE_VERB.match(chunk.words))
        if current is None or (self.tree.heading and current.heading != self.tree.heading):
            if not self.tree.heading:
                return False
            self.tree.add(chunk.labels[0], None).chunks.append((index, True))
            return True
        if current.label is not None and current.label.style == "*":
            parent: Node | None = current.parent
        else:
            parent = current
        if not acts or (parent is current and not opens):
            return False
        self.tree.add(chunk.labels[0], parent).chunks.append((index, True))
        return True

    def _unlabelled(self, index: int) -> bool:
        """RESOLVED clauses, finite openings, words under a heading, headings between items."""
        chunk = self.chunks[index]
        current = self.tree.current
        under_heading = bool(self.tree.heading) and (
            current is None or current.heading != self.tree.heading or self.tree._fresh
        )
        if words.RESOLVED.match(chunk.text):
            following = self.next_labels[index]
            listed = chunk.text.endswith(":") and index + 1 < len(self.chunks) and self.chunks[index + 1].labels
            if listed and following and following[0].value == 1 and following[0].style != "*":
                self.tree.open_section(chunk.text.rstrip(": "), heading=chunk.text.rstrip(": "))
                return True
        elif not (words.finite_base(chunk.text) and self._apart(index)) and not under_heading:
            if self._between(index):
                self.tree.name_section(chunk.text)
                return True
            closed = current is not None and self.chunks[index - 1].text.rstrip().endswith(".")
            if not (closed and chunk.gap and chunk.text[:1].isupper() and _MODAL.search(chunk.text)):
                return False
        if current and not under_heading and chunk.text[:1].islower() and current.label and not self.tree.heading:
            return False
        node = self.tree.add(None, None)
        node.chunks.append((index, False))
        return True

    def _between(self, index: int) -> bool:
        """A short line without punctuation between two items, the numbers running on."""
        chunk, following = self.chunks[index], self.next_labels[index]
        current = self.tree.current
        if current is None or len(chunk.text) > 120 or not chunk.gap or index + 1 >= len(self.chunks):
            return False
        if re.search(r"[.;:,]$", chunk.text) or not chunk.text[:1].isupper() or not self.chunks[index + 1].labels:
            return False
        before = self.chunks[index - 1].text
        top = current
        while top.parent is not None:
            top = top.parent
        return bool(
            re.search(r"[.;]\s*$", before)
            and top.label
            and any(one.style == top.label.style and one.value == top.label.value + 1 for one in following)
        )

    def _continue(self, index: int, current: Node) -> None:
        """Words that open no paragraph belong to the one before, unless that has ended and nothing follows."""
        chunk = self.chunks[index]
        last = self.chunks[index - 1].text.rstrip()
        if chunk.gap and last.endswith(".") and chunk.text[:1].isupper() and not self._more(index) and not chunk.quoted:
            self.phase = "closed"
            self._complain(index, "text_after_last_item", "These words follow the last item and were read as no item.")
            return
        current.chunks.append((index, False))

    def _more(self, index: int) -> bool:
        """Whether a labelled paragraph follows that could carry on."""
        return bool(self.next_labels[index]) and any(
            one.style != "*" and one.value > 1 for one in self.next_labels[index]
        )

    def _resumes(self, index: int) -> bool:
        """After a closing line: a label that carries the numbering on, with a verb that acts."""
        chunk, current = self.chunks[index], self.tree.current
        if not chunk.labels or current is None or not words.finite_base(chunk.words):
            return False
        top = current
        while top.parent is not None:
            top = top.parent
        if top.label and any(one.style == top.label.style and one.value == top.label.value + 1 for one in chunk.labels):
            self.phase = "operative"
            return True
        return False

    def _annex(self, index: int) -> None:
        rest = self.chunks[index:]
        acting = any(one.labels and words.finite_base(one.words) for one in rest) or any(
            words.ENACTING.match(one.text) for one in rest
        )
        span = ((rest[0].lines[0].start, rest[-1].lines[-1].end),)
        self.it.annexes.append(Annex(rest[0].text, span, rest[0].line, instrument=acting))
        self._complain(index, "annex", "An annex begins here; its paragraphs were read as no items of this resolution.")
        self.phase = "annex"
