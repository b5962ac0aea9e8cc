"""The operative part: labelled, unlabelled and bulleted paragraphs, RESOLVED clauses, headings between them."""

from __future__ import annotations

import re

from tracker.parsing import words
from tracker.parsing.chunks import ENDS_OPEN, Chunk
from tracker.parsing.labels import Label
from tracker.parsing.skeleton import LEADS_ON, Context, Skeleton
from tracker.parsing.tree import Node, Tree

_MODAL = re.compile(r"\b(?:shall|is hereby|are hereby|takes? effect|will (?:take effect|enter))\b")
# A bullet that says what to do ("propose a new maximum value"), not one that names a thing ("Storm sewers").
_BARE_VERB = re.compile(
    r"(?:to\s+)?(?:[a-z]+ly\s+)?[a-z]+(?<!ing)(?<!s)(?<!tion)\s+(?:a|an|the|its|their|all|any|with|to|for|on|and)\b"
)
_FOOTNOTE_DIGITS = re.compile(r"(?<=[.;:,])\s?\d{1,2}$")


class OperativeReader:
    """Takes the chunks of the operative part, in order, and grows the tree."""

    def __init__(self, skeleton: Skeleton, context: Context, tree: Tree) -> None:
        self.it = skeleton
        self.ask = context
        self.chunks = skeleton.chunks
        self.tree = tree

    def take(self, index: int) -> bool:
        """Takes a chunk; False when the operative part has ended before it."""
        chunk = self.chunks[index]
        if self.ask.operative_heading(index):
            heading = chunk.text.rstrip(" ,:")
            self.tree.open_section(heading, heading=heading)
            return True
        if words.THEREFORE_ALONE.match(chunk.text) and not chunk.labels:
            return True
        if not chunk.quoted and (self._labelled(index) if chunk.labels else self._unlabelled(index)):
            return True
        current = self.tree.current
        if current is None:
            self._add(index, None, None)
            return True
        return self._continue(index, current)

    def resumes(self, index: int) -> bool:
        """After a closing line: a label that carries the numbering on, with a verb that acts."""
        chunk, top = self.chunks[index], self.tree.top
        if not chunk.labels or top is None or top.label is None or not words.finite_base(chunk.words):
            return False
        return any(one.style == top.label.style and one.value == top.label.value + 1 for one in chunk.labels)

    def _add(self, index: int, label: Label | None, parent: Node | None) -> None:
        self.tree.add(label, parent).chunks.append((index, label is not None))

    # -- labels --------------------------------------------------------------------------------------------------

    def _labelled(self, index: int) -> bool:
        chunk = self.chunks[index]
        acts = bool(words.finite_base(chunk.words)) or self._leads_on(chunk)
        bullet = chunk.labels[0].style == "*"
        if not bullet and self.ask.cut_short(index) and (not acts or ENDS_OPEN.search(self.chunks[index - 1].text)):
            return False
        opens = self._opens_list()
        if bullet:
            return self._bullet(index, opens=opens)
        placed = self.tree.place(self._mended(index), self.ask.next_labels[index], acts=acts, opens=opens)
        if placed is None:
            if words.finite_base(chunk.words):
                printed = chunk.labels[0].printed
                self.it.complain(index, "label_out_of_order", f"The label {printed} is out of order; read as text.")
            return False
        if self.tree.skipped:
            printed = chunk.labels[0].printed
            self.it.complain(index, "label_skipped", f"The label {printed} doesn't follow the one before.")
        self._add(index, *placed)
        return True

    def _leads_on(self, chunk: Chunk) -> bool:
        """Whether the words go on from a heading or a lead ("to report …"); after a bare number only when they are "
        "small."""
        if not LEADS_ON.match(chunk.words):
            return False
        return chunk.labels[0].style != "num" or chunk.words[0].islower()

    def _opens_list(self) -> bool:
        """Whether the paragraph before leads into a list."""
        current = self.tree.current
        if current is None:
            return False
        last = _FOOTNOTE_DIGITS.sub("", self.chunks[current.chunks[-1][0]].text)
        return last.endswith((":", ",")) or not words.ends_clause(last)

    def _mended(self, index: int) -> list[Label]:
        """A misprinted "(1)" before "(ii)" is read as "(i)"."""
        readings = self.chunks[index].labels
        first = readings[0]
        if first.value != 1 or first.style not in ("(num)", "num)"):
            return readings
        if not any(one.style[0] == "i" and one.value == 2 for one in self.ask.next_labels[index]):
            return readings
        self.it.complain(index, "label_mended", f"The label {first.printed} stands before (ii): read as (i).")
        style = "i" + first.style.replace("num", "")
        return [Label(first.printed, style, 1, first.length, mark=first.printed.replace("1", "i"))]

    def _bullet(self, index: int, *, opens: bool) -> bool:
        """A bullet is an item when it says what to do; one that only names a thing belongs to its paragraph."""
        chunk, current = self.chunks[index], self.tree.current
        if self.tree.awaits_item:
            self._add(index, chunk.labels[0], None)
            return True
        if current is None or not (words.finite_base(chunk.words) or _BARE_VERB.match(chunk.words)):
            return False
        if current.label is not None and current.label.style == "*":
            self._add(index, chunk.labels[0], current.parent)
            return True
        if opens:
            self._add(index, chunk.labels[0], current)
        return opens

    # -- without labels ------------------------------------------------------------------------------------------

    def _unlabelled(self, index: int) -> bool:
        chunk = self.chunks[index]
        if words.RESOLVED.match(chunk.text):
            if self._heads_list(index):
                heading = chunk.text.rstrip(": ")
                self.tree.open_section(heading, heading=heading)
            else:
                self._add(index, None, None)
            return True
        if self.tree.awaits_item:
            self._add(index, None, None)
            return True
        if words.finite_base(chunk.text) and self.ask.apart(index):
            return self._finite(index)
        if self._between(index):
            self.tree.name_section(chunk.text)
            return True
        if self._effect(index):
            self._add(index, None, None)
            return True
        return False

    def _finite(self, index: int) -> bool:
        """An opening like "Requests …" is an item, unless the text numbers its items and this stands small inside "
        "one."""
        top = self.tree.top
        if self.chunks[index].text[0].islower() and top and top.label and not self.tree.heading:
            return False
        self._add(index, None, None)
        return True

    def _heads_list(self, index: int) -> bool:
        """Whether a RESOLVED clause stands above a labelled list ("BE IT RESOLVED by the Council:", "Section 1.")."""
        if not self.chunks[index].text.endswith(":") or index + 1 >= len(self.chunks):
            return False
        labels = self.chunks[index + 1].labels
        return bool(labels) and labels[0].value == 1 and labels[0].style != "*"

    def _effect(self, index: int) -> bool:
        """A sentence of its own after a full stop that rules something ("This resolution shall take effect …")."""
        chunk = self.chunks[index]
        ended = self.tree.current is not None and self.chunks[index - 1].text.endswith(".")
        return ended and bool(chunk.gap) and chunk.text[:1].isupper() and bool(_MODAL.search(chunk.text))

    def _between(self, index: int) -> bool:
        """A short line without punctuation between two items, the numbers running on."""
        chunk, top = self.chunks[index], self.tree.top
        if top is None or top.label is None or not chunk.gap or index + 1 >= len(self.chunks):
            return False
        if not is_title(chunk) or not self.chunks[index + 1].labels or not self._after_end(index):
            return False
        wanted = top.label
        return any(one.style == wanted.style and one.value == wanted.value + 1 for one in self.ask.next_labels[index])

    def _after_end(self, index: int) -> bool:
        return _FOOTNOTE_DIGITS.sub("", self.chunks[index - 1].text).endswith((".", ";"))

    def _continue(self, index: int, current: Node) -> bool:
        """Words that open no paragraph belong to the one before, unless that has ended and no item follows."""
        chunk = self.chunks[index]
        following = self.ask.next_labels[index]
        more = any(one.style != "*" and one.value > 1 for one in following)
        ended = self.chunks[index - 1].text.endswith(".")
        if chunk.gap and ended and not more and not chunk.quoted and (chunk.labels or chunk.text[:1].isupper()):
            self.it.complain(index, "text_after_last_item", "These words follow the last item; read as no item.")
            return False
        node = current
        if (
            node.parent
            and self._after_end(index)
            and re.match(r"and\s", chunk.text)
            and words.finite_base(chunk.text[4:])
        ):
            node = self.tree.top or current  # "and requests …" below a list speaks for the whole item
        node.chunks.append((index, False))
        return True


def is_title(chunk: Chunk) -> bool:
    """Whether a chunk could be a heading: short, with a capital, without punctuation at its end."""
    if chunk.labels or chunk.quoted:
        return False
    return len(chunk.text) <= 120 and chunk.text[:1].isupper() and not chunk.text.endswith((".", ";", ":", ","))
