"""Canonical JSON after RFC 8785, quick where the value is a plain one.

Python's own encoder writes the same bytes as RFC 8785 as long as there are no fractions, no numbers beyond 2⁵³ and no
letters beyond U+FFFF (RFC 8785 §3.2.3 sorts by UTF-16 units, Python by code points). All else goes to the `rfc8785` package.
"""

import json
import re
from typing import Any

import rfc8785

_SAFE = 2**53 - 1
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value, in UTF-8. Raises `rfc8785.CanonicalizationError` for what JSON can't hold."""
    if _plain(value):
        written = _encode(value)
        if written.isascii():
            return written.encode("ascii")
        if not _BEYOND.search(written):
            try:
                return written.encode()
            except UnicodeEncodeError:  # half of a surrogate pair: refused below, in RFC 8785's words
                pass
    return rfc8785.dumps(value)


def _plain(value: Any) -> bool:
    """Whether Python's encoder writes this value as RFC 8785 does, letters beyond U+FFFF apart."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -_SAFE <= value <= _SAFE
    if kind is list or kind is tuple:
        return all(map(_plain, value))
    if kind is dict:
        return all(type(key) is str for key in value) and all(map(_plain, value.values()))
    return False
