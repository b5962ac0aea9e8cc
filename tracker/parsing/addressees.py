"""Who is to act: the names that follow a verb that directs, short names made full, pronouns led back."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Short names that houses use once the full one has stood ("the Joint Inspection Unit" … "the Unit").
_SHORT = re.compile(
    r"(?:Unit|Office|Assembly|Committee|Commission|Group|Board|Conference|Council|Agency|Fund|Programme|Sector|Bureau"
    r"|Institute|"
    r"Organization|Organisation)$"
)
_PRONOUN = re.compile(r"(?:it|him|her|the latter)$", re.IGNORECASE)
_PARENTHESIS = re.compile(
    r"(?:as|in|including|through|acting|with|within|where|on|at|by|pursuant|taking|subject|when|if|inter alia|while"
    r"|under|for|upon|"
    r"consistent|bearing|based|working|without|from|after|before|particularly|especially|notably|such|until|to|"
    r"once|should|following|either|directly)\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\s+(?:to|that|not to|should|shall|will)\b(?!\s+(?:the|an?|this|these|its)\s)|[:;.](?=\s|\d|$)"
    r"|\s+on\s+the\s+(?:one|basis)\b|\s+in\s+a\s+position\b|\s+(?:that|which|who)\s+(?:have|has|are|is)\b"
)
_SPLIT = re.compile(
    r",(?:\d{1,2}(?:,\s?\d{1,2})?)?\s+(?:and\s+|as\s+well\s+as\s+)?"
    r"|\s+(?:and|as well as)\s+(?:to\s+)?(?=(?:the|all|other|its|any|relevant|each)\s)"
)
_ARTICLE = re.compile(r"^(?:the|its|an?)\s+", re.IGNORECASE)
_FOOTNOTE = re.compile(r"(?<=[a-z])\d{1,2}$")
_NAMED = re.compile(r"\b[Tt]he\s+((?:[A-Z][\w’'-]*)(?:\s+(?:(?:of|on|for|and)\s+)?(?:the\s+)?[A-Z][\w’'-]*)*)")
_MODAL_SUBJECT = re.compile(
    r"(?:^|\bthat\s+|,\s+)(?:the\s+[a-z]+\s+of\s+)?(?P<who>(?:the\s+|all\s+|each\s+|any\s+)?(?:[A-Z][\w’'-]*"
    r"|(?:[a-z][a-z-]*\s+){0,3}(?:group|committee|commission|board|panel|forum|bureau|council|assembly|conference|force|unit)"
    r"|parties|members|member\s+states|secretariat|states|chair|president|governments|officers|director|secretary)(?:\s+(?:of|on|for|and|the|or|parties|[A-Z][\w’'-]*))*)\s+(?:shall|will"
    r"|should|must|is\s+to|are\s+to|may)\b(?!\s+be\s+held\b)"
)
_PLAIN_SUBJECT = re.compile(
    r"\bthat\s+(?P<who>(?:the\s+|all\s+)?(?:[A-Z][\w’'-]*(?:\s+(?:of|on|for|and|the|[A-Z][\w’'-]*))*"
    r"|(?:parties|members|member states|parliaments|governments|authorities|countries|organizations|organisations|institutions"
    r"|agencies|bodies|regulators|operators)(?:\s+and\s+[a-z]+s)?))"
    r"(?:\s*:|\s+(?=[a-z]+(?:[\s,]|$))(?!of|on|for|and|the))"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name at text[start:end], with the form to show."""

    name: str
    start: int
    end: int


class Names:
    """The names of one document."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._full: dict[str, str] = {}

    def full(self, name: str) -> str:
        """The full form of a one-word name where the document has one, else the name itself."""
        if not _SHORT.match(name):
            return name
        if name not in self._full:
            ending = re.search(
                rf"\b((?!The\b)[A-Z][\w’'-]*(?:\s+(?:and\s+)?[A-Z][\w’'-]*){{0,5}}\s+{name})\b(?!\s+[A-Z])", self._words
            )
            opening = re.search(
                rf"\b({name}\s+(?:of|on|for)\s+(?:the\s+)?[A-Z][\w’'-]*(?:\s+(?:(?:of"
                rf"|and)\s+)?(?:the\s+)?[A-Z][\w’'-]*)*)",
                self._words,
            )
            found = ending or opening
            self._full[name] = found[1] if found else name
        return self._full[name]


def clean(name: str) -> str:
    """A name without its article, quotation marks and footnote digits."""
    bare = _ARTICLE.sub("", name.strip(" ,;:."))
    if bare[:1] in '“"' and bare[-1:] in '”"':
        bare = bare[1:-1]
    return _FOOTNOTE.sub("", bare).strip()


def objects(text: str, start: int, end: int, names: Names) -> list[Name]:
    """The addressees in text[start:end], which follows a verb that directs."""
    stretch = text[start:end]
    stop = _STOP.search(stretch)
    if stop:
        stretch = stretch[: stop.start()]
    found: list[Name] = []
    place = 0
    for piece in [*_SPLIT.finditer(stretch), None]:
        until = piece.start() if piece else len(stretch)
        part = stretch[place:until]
        lead = len(part) - len(part.lstrip(" ,"))
        printed = part.strip(" ,")
        if _PARENTHESIS.match(printed) and found:
            break
        if printed and not _PARENTHESIS.match(printed) and len(printed) < 200:
            at = start + place + lead
            found.append(Name(_resolve(printed, text[:start], names), at, at + len(printed)))
        place = piece.end() if piece else until
    return found


def _resolve(printed: str, before: str, names: Names) -> str:
    if _PRONOUN.match(printed):
        earlier = _NAMED.findall(before)
        return names.full(earlier[-1]) if earlier else printed
    return names.full(clean(printed))


def subject(text: str, start: int, end: int, names: Names, *, plain: bool = False) -> list[Name]:
    """Who "shall" do something in text[start:end] ("that the President of the Assembly shall convene …")."""
    found = _MODAL_SUBJECT.search(text, start, end) or (_PLAIN_SUBJECT.search(text, start, end) if plain else None)
    if not found:
        return []
    return [Name(names.full(clean(found["who"])), found.start("who"), found.end("who"))]
