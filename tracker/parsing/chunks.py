"""Lines to chunks: what could be a paragraph of its own, told by gaps, labels and opening words. Merging comes "
"later."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.parsing import words
from tracker.parsing.labels import Label, read_labels, read_section
from tracker.parsing.lines import Line

_QUOTE = re.compile(r"[“”]")
_SPACES = re.compile(r"\s+")
# What follows a number in running text ("paragraph 2 above"), never in an item.
_REFERENCE = re.compile(
    r"(?:above|below|of|hereof|thereof|percent|per cent|years?|months?|days?|weeks?|hours?|January|February|March"
    r"|April|May|June|"
    r"July|August|September|October|November|December)\b|(?:and|or|to)\s+[\d(]|[,;)]"
)
_FIXED_LABEL = re.compile(r"\d{1,3}\.\s+[A-Z]|\([a-z]{1,4}\)\s")
ENDS_OPEN = re.compile(
    r"\b(?:paragraphs?|sections?|articles?|resolutions?|decisions?|nos?|rules?|chapters?|annex(?:es)?|parts?|items?"
    r"|and|or|"
    r"considering|recognizing|recalling|noting|resolves|decides|to|of|in|the|by|for|with|from)\.?$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Chunk:
    """Lines that may make a paragraph. `text` is all its words; `words` those after the label; `quoted` inside a "
    "quotation."""

    lines: list[Line]
    gap: str
    text: str
    labels: list[Label]
    quoted: bool = False

    @property
    def words(self) -> str:
        return self.text[self.labels[0].length :].lstrip() if self.labels else self.text

    @property
    def line(self) -> int:
        return self.lines[0].number

    @property
    def skip(self) -> int:
        """Characters of the first line that are label."""
        return self.labels[0].length if self.labels else 0


def flat(text: str) -> str:
    """White space made single."""
    return _SPACES.sub(" ", text).strip()


def is_heading(text: str) -> bool:
    """Whether `text` is a lead word alone ("considering further", "resolves")."""
    if len(text) > 80:
        return False
    return bool(words.PARTICIPLE_HEADING.match(text) or (words.finite_base(text) and words.FINITE_HEADING.match(text)))


def cut(lines: list[Line]) -> list[Chunk]:
    """The chunks of `lines`, in order, with those that stand inside a quotation marked."""
    groups: list[list[Line]] = []
    for index, line in enumerate(lines):
        follower = lines[index + 1] if index + 1 < len(lines) else None
        if not groups or _breaks(groups[-1], line, follower):
            groups.append([line])
        else:
            groups[-1].append(line)
    chunks = []
    for group in groups:
        text = flat(" ".join(line.text for line in group))
        labels = read_labels(group[0].text)
        chunks.append(Chunk(group, group[0].gap, text, labels))
    _mark_quoted(chunks)
    return chunks


def _breaks(group: list[Line], line: Line, follower: Line | None) -> bool:
    """Whether `line` opens a chunk after `group`."""
    before = group[-1].text
    if len(group) == 1 and (labels := read_labels(before)) and labels[0].length == len(before):
        return bool(read_labels(line.text))  # a label alone on its line: the words follow it
    if line.gap or words.RESOLVED_LINE.match(line.text) or words.THEREFORE_ALONE.match(line.text):
        return True
    done = words.ends_clause(before)
    if len(group) == 1 and (is_heading(before) or (done and words.ENACTING.match(before))):
        return True
    if len(group) == 1 and (_small_heading(before, line) or words.ANNEX.match(before)):
        return True
    if _is_section(line.text, done=done) or (len(group) == 1 and _is_section(before, done=True) and _opens(line.text)):
        return True
    if (labels := read_labels(line.text)) and not _REFERENCE.match(line.text, labels[0].length + 1):
        return _label_breaks(before, line.text, labels[0], done=done)
    if line.text[:1].isupper():
        return _capital_breaks(before, line.text, follower, done=done)
    return done and (is_heading(line.text) or _small_heading(line.text, follower))


def _is_section(text: str, *, done: bool) -> bool:
    """Whether a line heads a section by its printed number and title ("II   Finance")."""
    found = read_section(text) if done and len(text) <= 150 else None
    return bool(found and found[2][:1].isupper() and not words.ends_clause(text) and len(found[0]) < len(text))


def _opens(text: str) -> bool:
    return bool(words.is_participle(text) or words.finite_base(text) or read_labels(text))


def _small_heading(text: str, follower: Line | None) -> bool:
    """Whether a line is a heading with an addressee ("instructs the Director"): small, and over a first label or a "
    ""to"."""
    if not follower or not text[:1].islower() or text.endswith((".", ";", ",", ":")) or not words.finite_base(text):
        return False
    labels = read_labels(follower.text)
    return bool(labels and labels[0].value == 1 and labels[0].style != "*") or follower.text.startswith(
        ("to ", "that ")
    )


def _label_breaks(before: str, text: str, label: Label, *, done: bool) -> bool:
    """Whether a label at the start of a line opens a paragraph: not one that a sentence refers to ("in paragraph / "
    "2 of")."""
    if label.style == "*":
        return done or label.printed not in "-–—"
    if ENDS_OPEN.search(before) and not before.endswith((" and", " or")):
        return False
    if done or label.length == len(text):
        return True
    rest = text[label.length :].lstrip()
    if label.value == 1 and label.style in ("a()", "i()") and rest[:1].isupper():
        return True
    return bool(_FIXED_LABEL.match(text) and words.finite_base(rest))


def _capital_breaks(before: str, text: str, follower: Line | None, *, done: bool) -> bool:
    """Whether a line with a capital opens a paragraph, no blank line being before it."""
    if words.ANNEX.match(text):
        return True
    if words.ENACTING.match(text) and follower and (done or len(before) < 120):
        opener = follower.text
        if follower.gap or _opens(opener) or _is_section(opener, done=True):
            return True
    if not done:
        return False
    if words.is_participle(text) or words.finite_base(text) or words.RESOLVED.match(text):
        return True
    return before.endswith((".", "]")) and bool(words.CLOSING.match(text))


def _mark_quoted(chunks: list[Chunk]) -> None:
    """Marks the chunks that begin inside “…”. A mark that is never closed opens nothing: no item may get lost behind it."""
    closes_later = [False] * (len(chunks) + 1)  # whether a quotation left open by a chunk is closed further on
    for index in range(len(chunks) - 1, 0, -1):
        marks = _QUOTE.findall(chunks[index].text)
        again = chunks[index].text.startswith("“")  # each paragraph of a long quotation opens with its mark
        rest = marks[1:] if again else marks
        closes_later[index - 1] = rest[0] == "”" if rest else closes_later[index]
    inside = False
    for index, chunk in enumerate(chunks):
        chunk.quoted = inside
        opens, closes = chunk.text.rfind("“"), chunk.text.rfind("”")
        if opens != closes:
            inside = opens > closes
        inside = inside and closes_later[index]
