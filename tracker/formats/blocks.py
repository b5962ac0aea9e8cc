"""Paragraphs as they come out of a document, put together as plain text."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[ \t\r\n\v\f\u00a0\u2002\u2003\u2009\u202f]+")
_LONE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def flat(words: str) -> str:
    """White space made single; characters that no text holds left out."""
    return _SPACES.sub(" ", _LONE.sub("", words)).strip()


class Blocks:
    """Collects paragraphs; lines that belong together (rows of a table, an address) stay together."""

    def __init__(self) -> None:
        self._blocks: list[str] = []

    def add(self, words: str, *, label: str = "") -> None:
        """A paragraph, its label before it. Breaks within it ("\\n") stay line ends."""
        lines = [one for one in (flat(line) for line in words.split("\n")) if one]
        if label and not lines:
            self._blocks.append(flat(label))
            return
        if label:
            lines[0] = f"{flat(label)}\t{lines[0]}"
        if lines:
            self._blocks.append("\n".join(lines))

    def rows(self, rows: list[list[str]]) -> None:
        """A table: a line for each row, cells apart by tabs."""
        lines = ["\t".join(flat(cell) for cell in row).strip() for row in rows]
        if kept := [line for line in lines if line]:
            self._blocks.append("\n".join(kept))

    def text(self) -> str:
        """All paragraphs, a blank line between two."""
        return "\n\n".join(self._blocks) + "\n" if self._blocks else ""
