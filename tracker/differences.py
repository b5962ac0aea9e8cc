"""What differs between two wordings, word by word: pure, no Django."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORDS = re.compile(r"\w+|[^\w\s]|\s+")


@dataclass(frozen=True)
class Piece:
    """Words that stand in both, only in the old (`removed`) or only in the new (`added`)."""

    kind: Literal["same", "removed", "added"]
    text: str


def words(old: str, new: str) -> list[Piece]:
    """The two wordings as one run of pieces: what is same and removed gives the old one, what is same and added the new
    one, but for white space between words, of which the new one's is kept."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    plain = [" " if one.isspace() else one for one in before], [" " if one.isspace() else one for one in after]
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *plain, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(after[j1:j2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(before[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(after[j1:j2])))
    return pieces
