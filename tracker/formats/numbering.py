"""The labels that Word prints before numbered paragraphs (ECMA-376 §17.9): levels, formats, restarts, overrides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from tracker.formats.numerals import numeral

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
LEVELS = 9


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    restart: int | None = None  # the level whose advance begins this one anew; 0: never
    legal: bool = False


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    shared: str = ""  # instances of one abstract list go on with its count, unless they override their start


class Numbering:
    """Counts through a document: `label` is asked for each paragraph once, in order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._styles: dict[str, tuple[str, str, str]] = {}  # style: (list, level, the style that it builds on)
        self._begun: set[str] = set()
        if numbering is not None:
            self._read(numbering)
        for style in styles.iter(f"{W}style") if styles is not None else ():
            number, level = _number_of(style.find(f"{W}pPr"))
            self._styles[style.get(f"{W}styleId", "")] = (number, level, _value(style, "basedOn"))

    def label(self, paragraph: etree._Element) -> str:
        """What Word prints before the paragraph; "" where it is not numbered."""
        number, level = self._of(paragraph)
        listing = self._lists.get(number)
        if listing is None or number == "0":
            return ""
        depth = int(level) if level.isdecimal() and int(level) < LEVELS else 0
        form = listing.levels.get(depth)
        if form is None:
            return ""
        counts = self._advance(number, listing, depth)
        if form.kind == "bullet":
            return "•"
        if form.kind == "none" or not form.text:
            return ""

        def printed(found: re.Match[str]) -> str:
            place = int(found[1]) - 1
            other = listing.levels.get(place, _Level())
            return numeral(counts.get(place, other.start), "decimal" if form.legal else other.kind)

        return _PLACE.sub(printed, form.text).strip()

    def _advance(self, number: str, listing: _List, depth: int) -> dict[int, int]:
        counts = self._counts.setdefault(listing.shared or number, {})
        if number not in self._begun:
            self._begun.add(number)
            for place in self._overridden.get(number, ()):
                counts.pop(place, None)
        form = listing.levels[depth]
        counts[depth] = counts[depth] + 1 if depth in counts else form.start
        for below in range(depth + 1, LEVELS):
            restart = listing.levels.get(below, _Level()).restart
            if restart is None or (restart > 0 and depth < restart):
                counts.pop(below, None)
        for above in range(depth):
            counts.setdefault(above, listing.levels.get(above, _Level()).start)
        return counts

    def _of(self, paragraph: etree._Element) -> tuple[str, str]:
        """The list and level of a paragraph: its own, or those of its style and the styles that this builds on."""
        number, level = _number_of(paragraph.find(f"{W}pPr"))
        style = _value(paragraph.find(f"{W}pPr"), "pStyle")
        seen: set[str] = set()
        while not number and style in self._styles and style not in seen:
            seen.add(style)
            number, inherited, style = self._styles[style]
            level = level or inherited
        return number, level or "0"

    def _read(self, root: etree._Element) -> None:
        self._overridden: dict[str, set[int]] = {}
        abstract: dict[str, dict[int, _Level]] = {}
        linked: dict[str, str] = {}
        for one in root.iter(f"{W}abstractNum"):
            identity = one.get(f"{W}abstractNumId", "")
            abstract[identity] = {_depth(level): _level(level) for level in one.iter(f"{W}lvl")}
            if link := _value(one, "styleLink"):
                linked[link] = identity
        for one in root.iter(f"{W}abstractNum"):
            if (link := _value(one, "numStyleLink")) in linked:
                abstract[one.get(f"{W}abstractNumId", "")] = abstract[linked[link]]
        for one in root.iter(f"{W}num"):
            number, base = one.get(f"{W}numId", ""), _value(one, "abstractNumId")
            levels = dict(abstract.get(base, {}))
            for change in one.iter(f"{W}lvlOverride"):
                depth = _depth(change)
                if (own := change.find(f"{W}lvl")) is not None:
                    levels[depth] = _level(own)
                start = _value(change, "startOverride")
                if start.isdecimal():
                    before = levels.get(depth, _Level())
                    levels[depth] = _Level(int(start), before.kind, before.text, before.restart, before.legal)
                    self._overridden.setdefault(number, set()).add(depth)
            self._lists[number] = _List(levels, shared=f"abstract {base}")


def _number_of(properties: etree._Element | None) -> tuple[str, str]:
    found = properties.find(f"{W}numPr") if properties is not None else None
    return ("", "") if found is None else (_value(found, "numId"), _value(found, "ilvl"))


def _value(element: etree._Element | None, name: str) -> str:
    found = element.find(f"{W}{name}") if element is not None else None
    return found.get(f"{W}val", "") if found is not None else ""


def _depth(element: etree._Element) -> int:
    given = element.get(f"{W}ilvl", "0")
    return int(given) if given.isdecimal() else 0


def _level(element: etree._Element) -> _Level:
    start, restart = _value(element, "start"), _value(element, "lvlRestart")
    legal = element.find(f"{W}isLgl")
    return _Level(
        start=int(start) if start.isdecimal() else 0,
        kind=_value(element, "numFmt") or "decimal",
        text=_value(element, "lvlText"),
        restart=int(restart) if restart.isdecimal() else None,
        legal=legal is not None and legal.get(f"{W}val", "1") not in ("0", "false"),
    )
