"""Why a text could not be read. `code` is stable (doors translate by it); the message is one English sentence or "
"two."""

from __future__ import annotations


def gettext_noop(words: str) -> str:
    """Marks words for the catalogues; the doors translate them."""
    return words


class ParseError(Exception):
    """Base of all refusals: `code` names the reason, `params` the values that its message holds."""

    code = "unreadable"
    template = gettext_noop("The text can't be read.")

    def __init__(self, **params: object) -> None:
        self.params = params
        self.message = self.template % params
        super().__init__(self.message)


class FileMissing(ParseError):
    """There is no file, or it may not be read."""

    code = "file_missing"
    template = gettext_noop("%(name)s can't be opened (%(reason)s): check the path and its permissions.")


class EmptySource(ParseError):
    """Nothing but white space."""

    code = "empty"
    template = gettext_noop("%(name)s is empty: give a file that holds the text of a resolution.")


class TooLarge(ParseError):
    """More than the limit; told from the size alone."""

    code = "too_large"
    template = gettext_noop(
        "%(name)s is too large (%(size)s bytes; the limit is %(limit)s bytes): give the resolution alone, as plain text."
    )


class TooLong(ParseError):
    """More pages or letters than a text has."""

    code = "too_long"
    template = gettext_noop(
        "%(name)s is too long (over %(pages)s pages or %(letters)s letters): give the resolution alone, without what it came in."
    )


class BinarySource(ParseError):
    """Not text at all."""

    code = "binary"
    template = gettext_noop(
        "%(name)s can't be read (it looks like %(format)s): save it as plain text in UTF-8, PDF, DOCX or HTML and try again."
    )


class WrongEncoding(ParseError):
    """Text in another encoding than UTF-8."""

    code = "not_utf8"
    template = gettext_noop(
        "%(name)s is not in UTF-8 (first seen in line %(line)s): save it again with the encoding UTF-8."
    )


class Encrypted(ParseError):
    """Behind a password."""

    code = "encrypted"
    template = gettext_noop("%(name)s is protected by a password: save it without one and try again.")


class Scanned(ParseError):
    """A PDF of pictures."""

    code = "scanned"
    template = gettext_noop(
        "%(name)s holds pictures of pages and no text: have its text recognised (OCR) and save it with a text layer, or give the "
        "text itself."
    )


class Damaged(ParseError):
    """It says that it is of a format and can't be read as one."""

    code = "damaged"
    template = gettext_noop("%(name)s looks like %(format)s but is damaged: open it, save it again and try once more.")


class Hostile(ParseError):
    """It asks for more time or memory than a text needs, or declares what a text never does."""

    code = "hostile"
    template = gettext_noop(
        "%(name)s is not opened: it would unpack to far more than it shows, or is built so that reading it does not end. Save the "
        "resolution alone as plain text in UTF-8 and try again."
    )


class NotAResolution(ParseError):
    """No operative item was found."""

    code = "not_a_resolution"
    template = gettext_noop(
        "No operative item was found in %(lines)s lines (looked up to line %(line)s): a resolution needs at least one "
        'paragraph that acts, such as "decides …", "1. Requests …" or "RESOLVED, that …"; check that the file holds '
        "the whole text."
    )
