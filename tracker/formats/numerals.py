"""Numbers as labels print them."""

from __future__ import annotations

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
    (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_ROMAN = 3999
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def numeral(value: int, kind: str) -> str:
    """`value` in a numbering format of ECMA-376 §17.18.59 ("decimal", "lowerLetter", "upperRoman", "bullet", …)."""
    if kind == "none":
        return ""
    if kind in ("lowerLetter", "upperLetter") and value > 0:
        letter = chr(97 + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter.upper() if kind == "upperLetter" else letter
    if kind in ("lowerRoman", "upperRoman") and 0 < value <= _MOST_ROMAN:
        written = roman(value)
        return written.upper() if kind == "upperRoman" else written
    if kind == "decimalZero":
        return f"{value:02}"
    if kind == "ordinal":
        return f"{value}{'th' if value % 100 in (11, 12, 13) else _ORDINALS.get(value % 10, 'th')}"
    return str(value)


def roman(value: int) -> str:
    """A number from 1 to 3999 in small Roman letters."""
    written = ""
    for worth, letters in _ROMAN:
        while value >= worth:
            written += letters
            value -= worth
    return written
