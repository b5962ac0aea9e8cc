"""A file or its bytes to text, or a clear refusal. Nothing is fetched and nothing is translated: offsets stay true."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from tracker.parsing.errors import BinarySource, EmptySource, FileMissing, TooLarge, WrongEncoding

SIZE_LIMIT = 5 * 1024 * 1024

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a DOCX or ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"{\\rtf", "an RTF file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_source(source: str | os.PathLike[str] | bytes, *, name: str = "") -> str:
    """A path, or the bytes of a file, to its text with line ends as they are; raises a ParseError that says what to "
    "do."""
    if isinstance(source, bytes):
        return decode(source, name or "The file")
    path = Path(source)
    shown = name or path.name or str(path)
    return decode(bytes_of(path, shown, SIZE_LIMIT), shown)


def bytes_of(path: Path, shown: str, limit: int) -> bytes:
    """What a file holds. FileMissing where there is none to read, TooLarge where it has more than `limit` bytes."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileMissing(name=shown, reason="not a file")
        if status.st_size > limit:
            raise TooLarge(name=shown, size=status.st_size, limit=limit)
        with path.open("rb") as handle:
            return handle.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no usable path"
        raise FileMissing(name=shown, reason=reason) from error


def decode(data: bytes, name: str) -> str:
    """Bytes to text: UTF-8, or UTF-16 that begins with its mark; whatever else is refused in a sentence."""
    if len(data) > SIZE_LIMIT:
        raise TooLarge(name=name, size=len(data), limit=SIZE_LIMIT)
    for signature, shape in _SIGNATURES:
        if data.startswith(signature):
            raise BinarySource(name=name, format=shape)
    if data.startswith(_UTF16):
        data = _from_utf16(data, name)
    if _CONTROL.search(data):
        raise BinarySource(name=name, format="binary data")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WrongEncoding(name=name, line=data.count(b"\n", 0, error.start) + 1) from error
    if not text.strip("\ufeff \t\r\n\f\v\u00a0"):
        raise EmptySource(name=name)
    return text


def _from_utf16(data: bytes, name: str) -> bytes:
    """UTF-16 with its mark (Unicode 15, §3.10) as UTF-8."""
    try:
        return data.decode("utf-16").encode()
    except UnicodeError as error:
        raise WrongEncoding(name=name, line=1) from error
