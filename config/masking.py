"""Log lines without what opens something by itself: one-use links, invitations, new passwords, the addresses of feeds."""

import logging
import re

# A line may hold an address as it was asked for, in a referrer, or quoted in the query of another (`?next=%2Fact%2F…`). All up
# to the next blank or quotation mark goes: what follows a secret says nothing that the log needs.
_OPENING = re.compile(
    r"(?P<shown>(?:/|%2F)(?:act|invitation|feeds|password(?:/|%2F)[^\s/%\"'<>]+)(?:/|%2F))[^\s\"'<>]+", re.IGNORECASE
)


def masked(line: str) -> str:
    """The same line with … in place of what opens something."""
    return _OPENING.sub(r"\g<shown>…", line)


class Masked(logging.Formatter):
    """Masks the finished line, with its arguments and its traceback: a filter of records would see neither."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
