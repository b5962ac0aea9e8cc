"""Lines and passages: hard-wrapped text un-wrapped, with every character's place in the given text kept."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from tracker.parsing.model import Spans

_LINE = re.compile(r"([^\n\r\f\u2028\u2029]*)(\r\n|[\n\r\f\u2028\u2029]|$)")
_BLANK = " \t\v\u00a0\u2002\u2003\u2009\u200b\u202f\ufeff\u3000\x1c\x1d\x1e\x1f\x85"
_PAGE_MARK = re.compile(
    r"[-–—\[(]?\s*\d{1,4}\s*[-–—\])]$|(?:page|p\.)\s*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?$|\d{1,4}\s*/\s*\d{1,4}$"
    r"|\d{2}-\d{5}(?:\s+\(?[A-Z]\)?)?(?:\s+\d+/\d+)?$|please recycle$|[-–—]\s*\d{1,4}$",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\d{1,4}$")
_DIGITS = re.compile(r"\d+")
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line that holds words: `start` and `end` without the white space around; `gap` is what stands "
    "before it."""

    number: int
    start: int
    end: int
    text: str
    gap: str  # "" next line, "blank" one blank line, "page" several blank lines, a form feed or a page header


def read_lines(text: str) -> list[Line]:
    """The lines of `text` that belong to it: blank ones, page numbers and repeated page headers become gaps."""
    raw: list[tuple[int, int, int, str, int, bool]] = []  # number, start, end, words, blank lines before, page break
    blank, broke = 0, False
    for number, match in enumerate(_LINE.finditer(text), 1):
        words = match[1].strip(_BLANK)
        if words:
            start = match.start(1) + (len(match[1]) - len(match[1].lstrip(_BLANK)))
            raw.append((number, start, start + len(words), words, blank, broke))
            blank, broke = 0, False
        else:
            blank += 1
        broke = broke or match[2] == "\f"
        if match.end() == len(text):
            break
    noise = _page_lines(raw)
    lines: list[Line] = []
    page = False
    for index, (line, start, end, words, gaps, broken) in enumerate(raw):
        if index in noise:
            page = True
            continue
        gap = "page" if page or broken or gaps > 1 else "blank" if gaps else ""
        lines.append(Line(line, start, end, words, gap))
        page = False
    return lines


def _page_lines(raw: list[tuple[int, int, int, str, int, bool]]) -> set[int]:
    """Which lines are page numbers or running headers.

    A running header is a short line that comes back (its digits may change) at page breaks: beside a form feed, or beside
    a page number. What stands once, or comes back elsewhere ("resolves", "and"), is text.
    """
    noise: set[int] = set()
    last = len(raw) - 1
    for index, (_, _, _, words, gaps, broken) in enumerate(raw):
        apart = (gaps or broken or index == 0) and (index == last or raw[index + 1][4] or raw[index + 1][5])
        if len(words) <= 40 and (_PAGE_MARK.match(words) or (apart and _BARE_NUMBER.match(words))):
            noise.add(index)
    masked = [_DIGITS.sub("#", words) if len(words) <= 120 else "" for _, _, _, words, _, _ in raw]
    again = Counter(masked)
    for index in range(len(raw)):
        if index in noise or not masked[index] or again[masked[index]] < 2:
            continue
        at_break = raw[index][5] or (index < last and raw[index + 1][5])
        beside = (index - 1 in noise and raw[index][4] < 2) or (index + 1 in noise and raw[index + 1][4] < 2)
        first = masked.index(masked[index]) == index and not beside and not raw[index][5]
        if (at_break or beside) and not first:
            noise.add(index)
    return noise


class Passage:
    """Words of the given text with white space made single: `text`, and where each of its characters stands."""

    __slots__ = ("_places", "spans", "text")

    def __init__(self, source: str, pieces: list[tuple[int, int]]) -> None:
        """`pieces` are [start, end) in `source`, in order; a piece reaches up to the next one's start where it may."""
        letters: list[str] = []
        places: list[int] = []
        for start, end in pieces:
            for place in range(start, end):
                letter = source[place]
                if not letter.isspace() and letter != "\ufeff":
                    letters.append(letter)
                elif letters and letters[-1] != " ":
                    letters.append(" ")
                else:
                    continue
                places.append(place)
        while letters and letters[-1] == " ":
            letters.pop()
            places.pop()
        self.text = "".join(letters)
        self._places = places
        last = places[-1] + 1 if places else (pieces[0][0] if pieces else 0)
        kept = [(start, min(end, last)) for start, end in pieces if start < last]
        self.spans: Spans = tuple(kept)

    def locate(self, start: int, end: int) -> Spans:
        """Where text[start:end] stands in the given text."""
        if start >= end or end > len(self._places):
            return ()
        first, last = self._places[start], self._places[end - 1] + 1
        low = max(bisect_right(self.spans, (first, len(self._places) + first)) - 1, 0)
        high = bisect_right(self.spans, (last, 0))
        return tuple((max(a, first), min(b, last)) for a, b in self.spans[low:high] if a < last and b > first)


def pieces_of(source: str, lines: list[Line], skip: int = 0) -> list[tuple[int, int]]:
    """Pieces that cover `lines`: one for each unbroken run, ending where the next word begins; `skip` characters left out
    at the front (a label). A soft hyphen at a line's end is left out, so that the halves of its word meet."""
    pieces: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        start = line.start + (skip if index == 0 else 0)
        end = line.end
        soft = index + 1 < len(lines) and source[end - 1 : end] == _SOFT_HYPHEN
        if soft:
            end -= 1
        elif index + 1 < len(lines):
            end += 1  # the line end itself: white space between two runs
        joined = index > 0 and not line.gap and pieces and source[lines[index - 1].end - 1] != _SOFT_HYPHEN
        if joined:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return [(start, end) for start, end in pieces if start < end]


class LineFinder:
    """Offsets to line numbers, for complaints."""

    def __init__(self, lines: list[Line]) -> None:
        self._starts = [line.start for line in lines]
        self._numbers = [line.number for line in lines]

    def line(self, offset: int) -> int:
        """The number of the line that holds `offset` (1 when there is none before it)."""
        place = bisect_right(self._starts, offset) - 1
        return self._numbers[place] if place >= 0 else 1
