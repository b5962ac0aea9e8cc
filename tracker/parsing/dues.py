"""Due points: when the words of a paragraph say that something falls due, and how often."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

# Months and ordinals as printed in English.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth \
sixteenth seventeenth eighteenth nineteenth".split()
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_MONTH = "(?:" + "|".join(_MONTHS) + ")"
_DATE = rf"(?:\d{{1,2}}\s+{_MONTH}(?:\s+\d{{2,4}})?|{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}|{_MONTH}\s+\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}})"
_YEAR = r"(?:(?:19|20|21)\d\d)(?![\d/–-]|\s+session)"
_ORDINAL = (
    rf"(?:(?:{'|'.join(_TENS)})-(?:{'|'.join(_UNITS[:9])})|{'|'.join(_UNITS)}|{'|'.join(t[:-1] + 'ieth' for t in _TENS)}\
|(?:one )?hundredth|\d{{1,3}}(?:st|nd|rd|th))"
)
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(_NUMBERS)})"
_NAME = r"[A-Z][\w’'-]*(?:\s+(?:(?:of|on|for|and|to)\s+)?(?:the\s+)?[A-Z][\w’'-]*)*"
_ORGAN = r"(?:Council|Assembly|Conference|Congress|Commission|Board|Committee|Parliament|Summit|Forum)"
_BY = (
    r"(?:(?:for\s+(?:its\s+|their\s+|further\s+)?(?:consideration|approval|adoption|decision|agreement|review)|to be "
    r"submitted)\s+)?"
    r"(?:(?:no|not)\s+later\s+than(?:\s+at)?|by|at|to|before|until|prior to|through|for|from|in time for|in "
    r"conjunction with|"
    r"during(?:\s+the\s+remainder\s+of)?|in|(?:provisional\s+)?agenda\s+of)\s+"
)
SESSION_BODIES = re.compile(r"\b(?:Council|Assembly|Conference|Congress|Board|Parliament)\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A due point as found: text[start:end], and the kind of paragraph it speaks for ("" when it doesn't say)."""

    kind: str
    start: int
    end: int
    pace: str = ""
    body: str = ""
    session: str = ""
    date: str = ""


def ordinal(word: str) -> str:
    """ "seventy-seventh" or "28th" to its digits ("77", "28"); "" when it is no ordinal."""
    word = word.lower()
    if digits := re.match(r"\d+", word):
        return digits.group()
    tens, _, unit = word.partition("-")
    total = 0
    for index, ten in enumerate(_TENS):
        if tens in (ten, ten[:-1] + "ieth"):
            total = (index + 2) * 10
    last = unit or (tens if not total else "")
    if last in _UNITS:
        total += _UNITS.index(last) + 1
    return str(total or (100 if "hundredth" in word else "")) if total or "hundredth" in word else ""


def iso(words: str) -> str:
    """A printed date to ISO form with the precision it has: "25 September 2024", "September 2024", "2035"; "" when "
    "unsure."""
    year = re.search(r"\b(?:19|20|21)\d\d\b", words)
    if not year:
        return ""
    month = next((index for index, name in enumerate(_MONTHS, 1) if name in words), 0)
    if not month:
        return words if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words) else year.group()
    day = re.search(r"\b(\d{1,2})\b(?!\d)", words.replace(year.group(), ""))
    return f"{year.group()}-{month:02}" + (f"-{int(day[1]):02}" if day and 1 <= int(day[1]) <= 31 else "")


_MORE_YEARS = re.compile(r"(?:,\s+(?:and\s+)?|\s+and\s+)(?:in\s+)?(?P<year>(?:19|20|21)\d\d)\b(?![\d/–-])")
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Found]]


def _body(words: str | None) -> str:
    return re.sub(r"^(?:the|its)\s+", "", words or "").strip(" ,.;")


def _meeting(found: re.Match[str]) -> Found:
    every = bool(found["each"]) or found["noun"].endswith("s")
    before = not found["how"].lower().startswith(("at", "during"))
    pace = ("before_each_meeting" if before else "each_session") if every else "once"
    kind = "meeting" if "meeting" in found["noun"] else "session"
    if every and kind == "session":
        pace = "each_session"
    return Found(
        kind, found.start(), found.end(), pace, _body(found["of"]) or ("its" if "its" in found.group() else "")
    )


def _session(found: re.Match[str]) -> Found:
    groups = found.groupdict()
    number = ordinal(groups.get("ord") or "") or groups.get("year") or ""
    body = _body(groups.get("of") or groups.get("organ")) or ("its" if re.search(r"\bits\b", found.group()) else "")
    kind = (
        "meeting"
        if groups.get("noun") == "meeting" and not SESSION_BODIES.search(body) and "C" not in body[:1]
        else "session"
    )
    return Found(kind, found.start(), found.end(), "once", body, session=number)


def _short(found: re.Match[str]) -> Found:
    body = {"C": "Council", "PP": "Plenipotentiary Conference"}.get(found["organ"], found["organ"])
    year = found["year"] if len(found["year"]) == 4 else "20" + found["year"]
    return Found("session", found.start(), found.end(), "once", body, session=year)


def _dated(found: re.Match[str]) -> Found:
    return Found("date", found.start(), found.end(), "once", date=iso(found["on"]))


def _plain(kind: str, pace: str) -> Callable[[re.Match[str]], Found]:
    return lambda found: Found(kind, found.start(), found.end(), pace)


def _rule(pattern: str, make: Callable[[re.Match[str]], Found]) -> Rule:
    return re.compile(pattern), make


# Tried in order; what one has taken the later ones leave alone.
RULES: tuple[Rule, ...] = (
    _rule(
        rf"\bwithin\s+{_COUNT}\s+(?:working\s+|business\s+|calendar\s+)?(?:hours?|days?|weeks?|months?|years?)"
        r"(?:\s+(?:of|after|from|following)\s+[^,;.]{2,90})?",
        _plain("event", "on_event"),
    ),
    _rule(
        rf"\b(?:at least|not less than|no later than|not later than|no less than)\s+{_COUNT}\s+(?:working\s+"
        rf"|calendar\s+)?"
        r"(?:hours?|days?|weeks?|months?)\s+(?:before|prior to|in advance of|after|following|from)\s+[^,;.]{2,80}",
        _plain("event", "on_event"),
    ),
    _rule(
        r"\b(?P<how>(?:well\s+)?(?:prior to|before|in advance of|ahead of|at|during|to))\s+(?:all\s+(?:of\s+)?)?"
        r"(?:(?P<each>each|every)\s+(?:of\s+)?)?(?:its\s+|their\s+|the\s+)?(?:(?:regular|ordinary|annual|formal)\s+)?"
        rf"(?P<noun>meetings|sessions|(?<=each )(?:meeting|session)|(?<=every )(?:meeting|session)|(?<=ordinary "
        rf")(?:meeting|session)"
        rf"|(?<=regular )(?:meeting|session)|(?<=annual )(?:meeting"
        rf"|session))\b(?:\s+of\s+(?P<of>(?:the\s+)?(?:[a-z]+\s+organs\b|{_NAME})))?",
        _meeting,
    ),
    _rule(
        r"\b(?:at|to)\s+(?:all\s+)?future\s+(?:sessions|meetings)(?:\s+of\s+(?:the\s+)?" + _NAME + ")?",
        _plain("continuing", "continuing"),
    ),
    _rule(
        rf"(?<!\w){_BY}(?:(?:the|its)\s+)?(?P<ord>(?i:{_ORDINAL}))\s+(?:(?i:regular|ordinary|special|annual|substantive"
        rf"|resumed)\s+)*"
        rf"(?P<noun>(?i:session|meeting))(?:\s+of\s+(?P<of>(?:the\s+)?{_NAME}))?(?:\s*\((?:{_MONTH}\s+)?(?P<year>\d{{4}})\))?",
        _session,
    ),
    _rule(
        rf"(?<!\w){_BY}(?:the\s+)?(?P<ord>(?i:{_ORDINAL}))\s+(?P<organ>(?:[A-Z]\w+\s+)*{_ORGAN})\b(?:\s*\((?P<year>\d{{4}})\))?",
        _session,
    ),
    _rule(
        rf"(?<!\w){_BY}(?:the\s+)?(?P<year>{_YEAR})\s+(?:session\s+of\s+the\s+)?(?P<organ>(?:[A-Z][\w-]*\s+)*{_ORGAN})\b",
        _session,
    ),
    _rule(rf"(?<!\w){_BY}(?:the\s+)?(?P<organ>(?:[A-Z][\w-]*\s+)*{_ORGAN})(?:\s+in)?\s+(?P<year>{_YEAR})", _session),
    _rule(rf"(?<!\w){_BY}(?:the\s+)?(?P<organ>C|PP|WTDC|WRC|WTSA|RA|COP)(?:-?’?(?P<year>[12]\d)\b)", _short),
    _rule(rf"(?<!\w){_BY}(?:the\s+)?(?P<organ>PP|WTDC|WRC|WTSA)[-\s](?P<year>20\d\d)\b", _short),
    _rule(
        rf"(?<!\w){_BY}(?:its|the)\s+(?:next|following|forthcoming|first|coming)\s+(?i:regular\s+|ordinary\s+)?"
        rf"(?P<noun>(?i:session|meeting))(?:\s+of\s+(?P<of>(?:the\s+)?{_NAME}))?",
        _session,
    ),
    _rule(
        rf"(?<!\w){_BY}(?:the\s+)?(?:next|following|forthcoming)\s+(?P<organ>(?:[A-Z][\w-]*\s+)*{_ORGAN})\b", _session
    ),
    _rule(
        r"\b(?:in|by|on|before|no later than|not later than|until|after)(?:,\s*or\s+(?:before|by|after),)?\s+"
        rf"(?:(?:the\s+)?(?:end|beginning|start|middle)\s+of\s+)?(?P<on>{_DATE})(?!\s*,?\s+(?:adopted|entitled))",
        _dated,
    ),
    _rule(
        rf"\b(?:by|before|no later than|not later than|until)(?:,\s*or\s+(?:before|by),|\s+or\s+before)?\s+"
        rf"(?:(?:the\s+)?(?:end|beginning|start|middle)\s+of\s+)?(?P<on>{_YEAR})\b",
        _dated,
    ),
    _rule(rf"\bin,\s*or\s+before,\s*(?P<on>{_YEAR})", _dated),
    _rule(
        rf"(?<!\w){_BY}(?:the\s+)?next\s+(?:(?:plenipotentiary|ordinary|regular|general|annual)\s+)*"
        r"(?P<noun>session|meeting|conference|assembly|congress)\b(?:\s+of\s+(?P<of>(?:the\s+)?" + _NAME + "))?",
        _session,
    ),
    _rule(
        r"\b(?:by|before)\s+(?P<on>(?:the\s+)?end\s+of\s+(?:this|the\s+(?:current|present|next"
        r"|coming))\s+(?:calendar\s+|financial\s+)?year)",
        _dated,
    ),
    _rule(rf"\b(?:from|over\s+the\s+(?:period|years?))\s+(?P<on>{_YEAR})\s+(?:to|until)\s+(?:19|20|21)\d\d", _dated),
    _rule(
        rf"\b(?:at\s+least\s+|no\s+less\s+than\s+)?(?:once|twice|{_COUNT}\s+times)\s+(?:a|an|per|each|every|in\s+each)\s+"
        r"(?:calendar\s+|financial\s+)?(?:year|month|quarter|week|biennium)\b|\b(?:each|every)\s+biennium\b"
        rf"|\b(?:every\s+(?:{_COUNT}\s+)?(?:other\s+|second\s+|third\s+|fourth\s+)?(?:days?|weeks?|months?|quarters?"
        rf"|years?)|once\s+(?:a|every|per)\s+"
        r"(?:year|month|quarter|week)|each\s+(?:year|month|quarter)|on\s+an?\s+(?:annual|yearly|biennial|quarterly"
        r"|monthly|regular|periodic|"
        r"biannual)\s+basis|(?:semi-?)?annually|yearly|biennially|biannually|quarterly|monthly|weekly|daily"
        r"|periodically|regularly|at regular "
        r"intervals|from time to time)\b",
        _plain("interval", "periodic"),
    ),
    _rule(
        r"\b(?:(?:the|its|their|an?)\s+)?(?:annual|yearly|biennial|quarterly|monthly|periodic"
        r"|regular)\s+(?:progress\s+)?"
        r"(?:reports?|updates?|reviews?|briefings?|statements?)\b",
        _plain("interval", "periodic"),
    ),
    _rule(
        r"\b(?:upon|on)\s+(?:request|the\s+request\s+of\s+[^,;.]{2,60}|receipt\s+of\s+[^,;.]{2,60}"
        r"|completion\s+of\s+[^,;.]{2,60})"
        r"|\bwhenever\s+[^,;.]{3,80}|\bin\s+the\s+event\s+of\s+[^,;.]{3,80}|\beach\s+time\s+[^,;.]{3,80}"
        r"|\b(?:upon|immediately\s+after|following)\s+the\s+(?:entry|adoption|casting|expiry|conclusion"
        r"|publication)\s+[^,;.]{2,80}",
        _plain("event", "on_event"),
    ),
    _rule(
        r"\bin\s+time\s+for\s+(?:its|their|the)?\s*(?:consideration|discussion"
        r"|review)\s+[^,;.]{2,60}?(?=\s+and\s+to\b|[,;.]|$)",
        _plain("event", "on_event"),
    ),
    _rule(
        r"\b(?:until|pending)\s+(?:it|its|the|they|such|a|an|further|death)\b[^,;.]{0,80}",
        _plain("event", "continuing"),
    ),
    _rule(
        rf"\bfor\s+(?:a\s+(?:further\s+)?period\s+of\s+)?(?:up\s+to\s+|a\s+further\s+)?{_COUNT}\s+(?:working\s+|calendar\s+)?"
        r"(?:days|weeks|months|years)\b(?!\s+(?:ago|old))",
        _plain("none", ""),
    ),
    _rule(
        r"\bif\s+(?:the\s+|any\s+|a\s+)?[A-Z]?[\w’'-]+(?:\s+[\w’'-]+){0,4}?\s+(?:does|do|fails?|has|have)\s+[^,;.]{3,90}",
        _plain("event", ""),
    ),
    _rule(r"\bfor\s+the\s+(?:month|duration|period)\s+of\s+(?:the\s+)?[A-Z]\w+", _plain("date", "once")),
    _rule(
        r"\b(?:to\s+)?continue\s+(?:to\s+[a-z]+|its|their)\b|\bcontinuing\s+to\s+[a-z]+\b|\bon\s+an?\s+(?:ongoing"
        r"|continuous|continuing|permanent)\s+basis\b"
        r"|\bremain\s+(?:actively\s+)?seized\b|\bcontinuously\b|\bkeep\s+[a-z ]{2,40}under\s+(?:constant\s+)?review\b",
        _plain("continuing", "continuing"),
    ),
    _rule(
        r"\b(?:as\s+soon\s+as\s+(?:possible|practicable|feasible)|without\s+(?:further\s+|undue\s+)?delay"
        r"|in\s+a\s+timely\s+manner|"
        r"at\s+(?:the|its)\s+earliest\s+(?:convenience|opportunity)|in\s+due\s+course|immediately(?!\s+(?:above|below"
        r"|after|following))|expeditiously|promptly|timely\s+provision)\b",
        _plain("none", ""),
    ),
)


def _further_years(text: str, first: Found, taken: bytearray) -> list[Found]:
    """The years that follow a session's ("to the Assembly in 2024, 2026 and 2028"): one due point each."""
    made: list[Found] = []
    while len(first.session) == 4 and (more := _MORE_YEARS.match(text, made[-1].end if made else first.end)):
        start, end = more.span("year")
        taken[start:end] = b"\x01" * (end - start)
        made.append(replace(first, start=start, end=end, session=more["year"]))
    return made


def find_dues(text: str) -> list[Found]:
    """The due points of `text` in reading order, none overlapping."""
    found: list[Found] = []
    taken = bytearray(len(text))
    for pattern, make in RULES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                found.append(make(match))
                found += _further_years(text, found[-1], taken)
    return sorted(found, key=lambda one: one.start)
