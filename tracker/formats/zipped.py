"""A ZIP archive opened with care: what it says of itself is checked before anything is unpacked, and unpacking stops at the
limit whatever it said."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from tracker.parsing.errors import BinarySource, Damaged, Encrypted, Hostile

MOST_ENTRIES = 5_000
MOST_UNPACKED = 200 * 1024 * 1024  # what all parts together say that they are; pictures are not unpacked
MOST_OF_A_PART = 32 * 1024 * 1024
MOST_TIMES = 200  # a part that grows more than so many times and is large besides is a bomb
_ENCRYPTED = 0x1


class Parts:
    """The parts of an archive by name."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name

    def has(self, part: str) -> bool:
        return part in self._archive.NameToInfo

    def read(self, part: str) -> bytes:
        """The bytes of a part. Hostile where there are more than they may be, Damaged where they can't be unpacked."""
        info = self._archive.NameToInfo[part]
        if info.flag_bits & _ENCRYPTED:
            raise Encrypted(name=self._name)
        try:
            with self._archive.open(info) as opened:
                data = opened.read(MOST_OF_A_PART + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise Damaged(name=self._name, format="a DOCX file") from error
        if len(data) > MOST_OF_A_PART:
            raise Hostile(name=self._name)
        return data


@contextmanager
def opened(data: bytes, *, name: str) -> Iterator[Parts]:
    """The parts of a DOCX file; another archive is named, one that would swell is refused."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as error:
        raise Damaged(name=name, format="a DOCX or ZIP file") from error
    with archive:
        infos = archive.infolist()
        swollen = sum(info.file_size for info in infos) > MOST_UNPACKED
        bomb = any(
            info.file_size > 1024 * 1024 and info.file_size > MOST_TIMES * max(1, info.compress_size) for info in infos
        )
        if len(infos) > MOST_ENTRIES or swollen or bomb:
            raise Hostile(name=name)
        parts = Parts(archive, name)
        if not parts.has("word/document.xml"):
            raise BinarySource(name=name, format=_kind(parts))
        yield parts


def _kind(parts: Parts) -> str:
    if parts.has("xl/workbook.xml"):
        return "a spreadsheet"
    if parts.has("ppt/presentation.xml"):
        return "a presentation"
    if parts.has("mimetype") and parts.has("content.xml"):
        return "an OpenDocument file"
    return "a ZIP file without a Word document in it"
