"""Printed labels ("1", "1.2", "(a)", "ii)", "Section 3.", "•") and how they follow one another."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ROMAN_FORM = re.compile(r"(?:x{0,3})(?:ix|iv|v?i{0,3})$")

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sec", re.compile(r"(?:Section|SECTION|Sec\.|Article|ARTICLE|Art\.)\s+(?P<v>\d{1,3})\s*[.:)–—-]?(?=\s|$)")),
    ("dec", re.compile(r"(?P<v>\d{1,3}(?:\.\d{1,3}){1,3})[.)]?(?=\s|$)")),
    ("num.", re.compile(r"(?P<v>\d{1,3})\.(?:(?=\s|$)|(?=[A-Z(“\"]))")),
    ("num)", re.compile(r"(?P<v>\d{1,3})\)(?=\s|$|[A-Za-z])")),
    ("(num)", re.compile(r"\((?P<v>\d{1,3})\)(?=\s|$|[A-Za-z])")),
    ("num", re.compile(r"(?P<v>\d{1,3})(?=\s+[A-Za-z“\"(])")),
    ("(x)", re.compile(r"\((?P<v>[a-z]{1,5})\)(?=\s|$|[A-Za-z])")),
    ("x)", re.compile(r"(?P<v>[a-z]{1,5})\)(?=\s|$|[A-Za-z])")),
    ("x.", re.compile(r"(?P<v>[a-z]|[ivx]{1,5})\.(?=\s|$)")),
    ("X", re.compile(r"\(?(?P<v>[A-Z])[.)](?=\s|$)")),
    ("*", re.compile(r"(?P<v>[•*·▪‣◦●○■□–—\uf0b7\uf0a7-])(?=\s)")),
)
_SECTION = re.compile(
    r"(?:(?:PART|Part|SECTION|Section|CHAPTER|Chapter)\s+)?(?P<v>[IVX]{1,6}"
    r"|[A-H])(?P<dot>[.)]?)(?:\s+[-–—]?\s*(?P<title>\S.*))?$"
)


# Most lines are told apart from labels by their first characters.
_MAYBE = re.compile(r"\d|\(|[A-Za-z]{1,5}[.)]|[•*·▪‣◦●○■□–—\uf0b7\uf0a7-]\s|S(?:ection|ECTION|ec\.)|A(?:rt|RT)")

_AFTER_BRACKET = tuple(one for one in _PATTERNS if one[0] in ("(num)", "(x)", "X"))
_AFTER_DIGIT = tuple(one for one in _PATTERNS if one[0] in ("dec", "num.", "num)", "num"))


@dataclass(frozen=True, slots=True)
class Label:
    """One reading of a label: `style` with its brackets, `value` in order, `parts` of a decimal, `length` in "
    "characters."""

    printed: str
    style: str
    value: int
    length: int
    parts: tuple[int, ...] = ()
    mark: str = ""  # what it should have read where it is misprinted

    @property
    def name(self) -> str:
        """The label's piece of a path: "1", "1.2", "(a)", "(ii)", "(1)"."""
        bare = (self.mark or self.printed).strip("().")
        if self.style in ("num.", "num", "num)"):
            return str(self.value)
        if self.style == "sec":
            return str(self.value)
        if self.style == "dec":
            return ".".join(str(part) for part in self.parts)
        return f"({bare})" if self.style != "X" else bare


def roman(word: str) -> int:
    """The value of a small roman number up to 39, or 0 when it is none."""
    word = word.lower()
    if not word or not _ROMAN_FORM.match(word):
        return 0
    total = 0
    for letter, after in zip(word, word[1:] + " ", strict=False):
        worth = _ROMAN[letter]
        total += -worth if _ROMAN.get(after, 0) > worth else worth
    return total


def read_labels(text: str) -> list[Label]:
    """The readings of the label that opens `text`, best first; "(i)" reads as a letter and as a number. [] when "
    "none."""
    if not _MAYBE.match(text):
        return []
    for style, pattern in _AFTER_BRACKET if text[0] == "(" else _AFTER_DIGIT if text[0].isdigit() else _PATTERNS:
        if (found := pattern.match(text)) and (readings := _readings(style, found)):
            return readings
    return []


def _readings(style: str, found: re.Match[str]) -> list[Label]:
    word, printed, length = found["v"], found.group().strip(), found.end()
    if style == "*":
        return [Label(printed, "*", 1, length)]
    if style == "dec":
        parts = tuple(int(part) for part in word.split("."))
        return [Label(printed.rstrip(".)"), "dec", parts[-1], length, parts)]
    if style == "X":
        return [Label(printed.rstrip("."), "X", ord(word) - 64, length)]
    if word.isdigit():
        shown = printed.rstrip(".:–—- ") if style in ("num.", "sec") else printed
        return [Label(shown, style, int(word), length)] if int(word) else []
    shown, bracket = printed.rstrip("."), style.replace("x", "")
    number = roman(word)
    readings = []
    if len(word) == 1:
        readings.append(Label(shown, f"a{bracket}", ord(word) - 96, length))
    elif len(word) == 2 and word[0] == word[1] and not number:
        readings.append(Label(shown, f"a{bracket}", 26 + ord(word[0]) - 96, length))
    if number:
        readings.append(Label(shown, f"i{bracket}", number, length))
    return readings


def read_section(text: str) -> tuple[str, int, str] | None:
    """A section's printed mark, its place in order and its title ("I Activities of …" -> "I", 1, "Activities of …")."""
    found = _SECTION.match(text)
    if not found:
        return None
    mark = found["v"]
    value = roman(mark) or (ord(mark) - 64 if len(mark) == 1 else 0)
    return (mark, value, (found["title"] or "").strip()) if value else None
