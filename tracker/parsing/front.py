"""Symbol and title, from the lines above the enacting words."""

from __future__ import annotations

import re

# "RESOLUTION 1306 (C09, …)", "A/RES/75/270", "WHA66.14", "Resolution 4 of the 27th CGPM (2022)", "1 (1946) Resolution of …".
_SYMBOL = re.compile(
    r"(?:[A-Z]{1,4}(?:/[A-Z]{2,5})*/(?:RES|DEC)/\S+(?:\s+\(\d{4}\))?|WHA\d+\.\d+|EB\d+\.R\d+|[A-Z]{2,5}/RC\d+/R\d+"
    r"|(?:[A-Z][\w/]*(?:\s\d+)?\s+){0,4}(?:RESOLUTION|Resolution|DECISION|Decision|ORDINANCE|Ordinance|RECOMMENDATION"
    r"|Recommendation)"
    r"\s+(?:(?:NO|No|no)\.?\s*)?[\w./-]*\d[\w./-]*(?:\s+of\s+the\s+\d+\w*\s+\w+)?(?:\s+\([^)]{2,60}\))?"
    r"|\d{1,4}\s+\(\d{4}\))"
)
_ADOPTED = re.compile(
    r"(?:resolution|decision)\s+adopted\b|adopted\s+(?:by|at|on)\b|\[|\(|of\s+\d|plenary$|agenda item|distr|original:"
    r"|\d{1,2}\s\w+\s\d{4}$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,4}/\d{1,4}\.?\s+")


def read_front(lines: list[str]) -> tuple[str, str]:
    """The lines of the front matter to (symbol, title); either is "" when the lines don't hold it."""
    symbol, title = "", ""
    for line in lines:
        rest = line
        found = _SYMBOL.match(line)
        if found:
            if not symbol:
                symbol = re.sub(
                    r"\b(?:RESOLUTION|DECISION|RECOMMENDATION|ORDINANCE|NO)\b",
                    lambda m: m.group().title(),
                    found.group(),
                )
            rest = line[found.end() :].strip(" .:–—-")
        rest = _NUMBER.sub("", rest, count=1)
        if not title and rest and not _ADOPTED.match(rest) and not re.match(r"Resolution of\b", rest):
            title = rest
    return symbol, title
