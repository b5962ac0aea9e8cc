"""The program that checks all this on another machine, as it is handed out."""

import hashlib
from functools import cache
from pathlib import Path

from tracker.log import resolves_verify


@cache
def text() -> bytes:
    """The one file."""
    return Path(resolves_verify.__file__).read_bytes()


@cache
def sha256() -> str:
    """By which whoever has it sees that they have the same one."""
    return hashlib.sha256(text()).hexdigest()
