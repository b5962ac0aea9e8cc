"""The resolutions and decisions that a text names, with the places of the words and what it does to them: text in, citations
out. Reads the styles of the houses: `Resolution 179 (Rev. Busan, 2014)`, `resolution 75/270 of 16 April 2021`, `A/RES/75/270`,
`S/RES/242 (1967)`, `resolution WHA66.23`, `Decision 11 (Buenos Aires, 2017)`; and lists such as `resolutions 71/7 and 72/18`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Relation = Literal["cites", "revises", "amends", "supersedes", "abrogates", "extends"]

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_GAP = r"\s{1,12}"
_NUMBER = (
    r"(?:WHA\d{1,3}\.\d{1,3}|EB\d{1,4}\.R\d{1,3}|[A-Z]{2,5}/RC\d{1,3}/R\d{1,3}|[IVXL]{1,6}/\d{1,3}|\d{4}-\d{1,3}"
    r"|\d{1,4}/\d{1,4}(?:\s[A-Z]\b)?|\d{1,4}(?!\d|[.,]\d))"
)
_DESIGNATION = r"(?:\s{0,12}\((?P<designation>[^()\n]{0,60}\n?[^()\n]{0,40}\d{2,4}[^()\n]{0,20})\))?"
_DAY = rf"(?:{_GAP}of{_GAP}(?P<day>\d{{1,2}}{_GAP}(?:{_MONTHS}){_GAP}\d{{4}}))?"
_BODY = (
    rf"(?:{_GAP}(?:of|by){_GAP}(?:the{_GAP})?"
    rf"(?P<body>[A-Z][\w’'-]{{1,40}}(?:{_GAP}(?:(?:of|for|on|and){_GAP})?[A-Z][\w-]{{1,40}}\b(?!['’])){{0,6}}))?"
)
_NOUN = r"\b(?P<noun>resolution|decision|recommendation)s?"
_NAMED = re.compile(rf"(?i:{_NOUN}){_GAP}(?:[Nn][Oo]\.?{_GAP})?(?P<number>{_NUMBER}){_DESIGNATION}{_DAY}{_BODY}")
_NEXT = re.compile(rf"(?:,|,?{_GAP}and(?:{_GAP}its)?){_GAP}(?P<number>{_NUMBER}){_DESIGNATION}{_DAY}")
_BARE = re.compile(
    r"\b(?:(?P<organ>[A-Z]{1,4}(?:/[A-Z]{2,5})?)/(?P<form>RES|DEC)/(?P<number>\d{1,4}(?:/\d{1,4})?)"
    r"|(?P<plain>WHA\d{1,3}\.\d{1,3}|EB\d{1,4}\.R\d{1,3}))" + _DESIGNATION
)
_ACTS: tuple[tuple[Relation, str], ...] = (
    ("abrogates", r"abrogat\w+|repeal\w*|rescind\w*"),
    ("supersedes", r"supersed\w+|replac(?:es|ing|ed|e)"),
    ("revises", r"revis(?:es|ing|ed|e)"),
    ("amends", r"amend(?:s|ing|ed)?|modif(?:ies|ying|ied|y)"),
    ("extends", r"extend(?:s|ing|ed)?|renew(?:s|ing|ed)?|prolong\w*"),
)
_BEFORE = re.compile(
    r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _ACTS) + r")"
    r"(?P<by>\s+by)?(?:\s+(?:the|its|of|mandate|in|to|further|provisions|set|out|forth|term|Council|also)){0,6}\s*$",
    re.IGNORECASE,
)
NEAR = 120
"""Characters before a name in which its verb may stand."""


@dataclass(frozen=True)
class Citation:
    """A resolution or decision that is named. `text` as it stands in the words, at `span`; `organ` from a symbol (`A`, `S`),
    `body` from the words (`WTDC`). `passive`: it is the one named that does it ("as amended by Resolution 30")."""

    noun: str
    number: str
    designation: str
    day: str
    body: str
    organ: str
    relation: Relation
    passive: bool
    text: str
    span: tuple[int, int]

    @property
    def key(self) -> tuple[str, str, str]:
        """By what two mentions are of one text."""
        return (self.noun, self.number, self.designation)


def citations(text: str) -> list[Citation]:
    """What a text names, in the order of the words; no word belongs to two."""
    found: list[Citation] = []
    for one in sorted([*_named(text), *_bare(text)], key=lambda one: (one.span[0], -one.span[1])):
        if not found or one.span[0] >= found[-1].span[1]:
            found.append(one)
    return found


def _named(text: str) -> Iterator[Citation]:
    for match in _NAMED.finditer(text):
        relation, passive = _act(text, match.start())
        noun = match["noun"].lower()
        yield _made(text, match, noun, relation, passive, start=match.start(), body=match["body"] or "")
        end = match.end()
        while match.group().lower().startswith(f"{noun}s") and (more := _NEXT.match(text, end)):
            yield _made(text, more, noun, relation, passive, start=more.start("number"))
            end = more.end()


def _bare(text: str) -> Iterator[Citation]:
    for match in _BARE.finditer(text):
        relation, passive = _act(text, match.start())
        noun = "decision" if match["form"] == "DEC" else "resolution"
        organ = match["organ"] or ""
        yield _made(text, match, noun, relation, passive, start=match.start(), organ=organ, number=match["plain"] or "")


def _made(  # noqa: PLR0913  (a citation has that many parts)
    text: str,
    match: re.Match[str],
    noun: str,
    relation: Relation,
    passive: bool,
    *,
    start: int,
    body: str = "",
    organ: str = "",
    number: str = "",
) -> Citation:
    parts = match.groupdict()
    return Citation(
        noun=noun,
        number=_flat(number or parts["number"]),
        designation=_flat(parts["designation"] or ""),
        day=_flat(parts.get("day") or ""),
        body=_flat(body),
        organ=organ,
        relation=relation,
        passive=passive,
        text=_flat(text[start : match.end()]),
        span=(start, match.end()),
    )


def _act(text: str, start: int) -> tuple[Relation, bool]:
    """What is done to what is named from here on: the verb right before it, else it is cited."""
    before = _BEFORE.search(text, max(0, start - NEAR), start)
    if before is None:
        return "cites", False
    relation = next(name for name, _words in _ACTS if before[name])
    return relation, bool(before["by"])


def _flat(words: str) -> str:
    return " ".join(words.split())
