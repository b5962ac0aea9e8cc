"""Symbol and title, from the lines above the enacting words."""

from __future__ import annotations

import re

# "RESOLUTION 1306 (C09, …)", "A/RES/75/270", "WHA66.14", "Resolution 4 of the 27th CGPM (2022)", "1 (1946) Resolution of …".
_SYMBOL = re.compile(
    r"(?:[A-Z]{1,4}(?:/[A-Z]{2,5})*/(?:RES|DEC)(?:/|\.\s+)\S+(?:\s+\([^)]{2,20}\))?|WHA\d+\.\d+|EB\d+\.R\d+"
    r"|[A-Z]{2,5}/RC\d+/R\d+"
    r"|(?:[A-Z][\w/]*(?:\s\d+)?\s+){0,4}(?:RESOLUTION|Resolution|DECISION|Decision|ORDINANCE|Ordinance|RECOMMENDATION"
    r"|Recommendation)"
    r"\s+(?:(?:NO|No|no)\.?\s*)?[\w./()-]*\d[\w./()-]*(?:\s+of\s+the\s+\d+\w*\s+\w+)?(?:\s+\([^)]{2,60}\))?"
    r"|\d{1,4}\s+\(\d{4}\))"
)
_ADOPTED = re.compile(
    r"(?:resolution|decision)\s+adopted\b|adopted\s+(?:by|at|on)\b|\[|\(|of\s+\d|plenary$|agenda item|distr|original:"
    r"|\d{1,2}\s\w+\s\d{4}$",
    re.IGNORECASE,
)
_TITLE_CASE = re.compile(r"\b(?:RESOLUTION|DECISION|RECOMMENDATION|ORDINANCE|NO)\b")
_NUMBER = re.compile(r"\d{1,4}/\d{1,4}\.?\s+")


_NO_TITLE = re.compile(r"(?:resolution|decision)(?:\s+of\b.*)?$|doc\b", re.IGNORECASE)


def read_front(groups: list[list[str]]) -> tuple[str, str]:
    """The front matter, as lines grouped by blank ones, to (symbol, title); either is "" when the lines don't hold it.

    The title is the first group that says something besides symbol and dates; its wrapped lines are joined.
    """
    symbol, title = "", ""
    for lines in groups:
        said: list[str] = []
        for line in lines:
            rest = line
            if found := _SYMBOL.match(line):
                symbol = symbol or _TITLE_CASE.sub(lambda match: match.group().title(), found.group())
                rest = line[found.end() :].strip(" .:–—-")
            rest = _NUMBER.sub("", rest, count=1)
            if rest and not _ADOPTED.match(rest) and not _NO_TITLE.match(rest):
                said.append(rest)
            elif said:
                break
        title = title or " ".join(said)
    return symbol, title
