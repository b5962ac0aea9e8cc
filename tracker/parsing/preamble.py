"""The preamble: paragraphs by participle, by letters under a heading ("considering"), or by WHEREAS."""

from __future__ import annotations

from tracker.parsing import words
from tracker.parsing.chunks import Chunk
from tracker.parsing.skeleton import Context, Preamble, Skeleton

# Without enacting words, a reason is told from a title by its length and its punctuation.
_REASON_LENGTH = 80


class PreambleReader:
    """Takes the chunks before the operative part, in order; puts them into the skeleton's front matter or preamble."""

    def __init__(self, skeleton: Skeleton, context: Context) -> None:
        self.it = skeleton
        self.ask = context
        self.chunks = skeleton.chunks
        self.heading = ""
        self.section = ""
        self._lettered = False

    def open_section(self, title: str) -> None:
        """A headed section begins; its preamble starts anew."""
        self.section = title
        self.heading, self._lettered = "", False

    def heads(self, index: int, *, front: bool) -> bool:
        """Takes a participle that stands alone above its paragraphs; False when the chunk is none."""
        chunk = self.chunks[index]
        text = chunk.text
        if chunk.quoted or chunk.labels or len(text) > 80 or not words.PARTICIPLE_HEADING.match(text):
            return False
        if front and not (text[0].islower() or text[-1] in ",:" or text.isupper()):
            return False
        self.heading, self._lettered = text.rstrip(" ,:"), False
        return True

    def take(self, index: int, *, front: bool) -> bool:
        """Takes a chunk; False when it still belongs to the front matter."""
        chunk = self.chunks[index]
        opens = self._opens(chunk)
        if front and not (opens and self._believed(chunk)):
            self.it.front.append(index)
            return False
        last = self.it.preamble[-1] if self.it.preamble else None
        fresh = last is None or last.heading != self.heading or last.section != self.section
        if last is None or (
            self._headed(index, last, fresh=fresh) if self.heading else self._plain(index, fresh=fresh)
        ):
            labelled = bool(chunk.labels) and not chunk.quoted and (bool(self.heading) or opens)
            self._lettered = self._lettered or labelled
            label = chunk.labels[0].printed if labelled else ""
            self.it.preamble.append(Preamble(self.heading, label, self.section, [(index, labelled)]))
        else:
            last.chunks.append((index, False))
        return True

    @staticmethod
    def _opens(chunk: Chunk) -> bool:
        if words.WHEREAS.match(chunk.words):
            return True
        return words.is_participle(chunk.words) and (not chunk.labels or _reasons(chunk))

    def _believed(self, chunk: Chunk) -> bool:
        """Whether a participle among the first lines opens a reason and not a title ("Honoring bees.")."""
        if self.ask.whereas:
            return bool(words.WHEREAS.match(chunk.words))
        return words.ends_clause(chunk.text) or chunk.text[0].islower()

    def _headed(self, index: int, last: Preamble, *, fresh: bool) -> bool:
        """Whether the chunk is a paragraph of its own under the heading: the next letter, or a new sentence."""
        chunk = self.chunks[index]
        if chunk.quoted:
            return fresh
        if chunk.labels:
            return fresh or self._follows(chunk, last)
        return fresh or (not self._lettered and self._new_sentence(index))

    def _follows(self, chunk: Chunk, last: Preamble) -> bool:
        if chunk.labels[0].style == "*":
            return True
        before = self.chunks[last.chunks[0][0]].labels
        return any(a.style == b.style and b.value - a.value == 1 for a in before for b in chunk.labels)

    def _plain(self, index: int, *, fresh: bool) -> bool:
        chunk = self.chunks[index]
        if fresh:
            return True
        if chunk.quoted:
            return False
        if self._opens(chunk) and self.ask.apart(index):
            return True
        return not self.ask.whereas and not chunk.labels and self._new_sentence(index)

    def _new_sentence(self, index: int) -> bool:
        before = self.chunks[index - 1].text
        return bool(self.chunks[index].gap) and before.endswith((",", ";", ".")) and self.ask.apart(index)

    def settle(self) -> None:
        """Without enacting words and participles, whole sentences of the front matter are the reasons."""
        if self.it.enacting or self.it.preamble:
            return
        for index in list(self.it.front):
            text = self.chunks[index].text
            if len(text) > _REASON_LENGTH and text.endswith((";", ",", ".", ":")):
                self.it.front.remove(index)
                self.it.preamble.append(Preamble("", "", "", [(index, False)]))


def _reasons(chunk: Chunk) -> bool:
    """Whether a labelled paragraph that opens with a participle is a reason: a dash, a letter, or a clause that "
    "goes on."""
    return chunk.labels[0].style in ("*", "X") or chunk.text.endswith((",", ";", "and", ":"))
