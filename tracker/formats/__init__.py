"""A file of any format to the text of a resolution: plain text, PDF, DOCX, HTML, Akoma Ntoso.

The format is told from the content, never from the name. What comes out is plain text, its paragraphs apart by blank lines,
each label printed before its words as the document prints it: the text that is kept, and that `tracker.parsing` reads. Nothing
is fetched. What is hostile or of no use is refused in a sentence that says what to do (`tracker.parsing.errors`).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.formats import akn, docx, html, pdf, zipped
from tracker.formats.kinds import named
from tracker.parsing import SIZE_LIMIT
from tracker.parsing.errors import BinarySource, Damaged, EmptySource, TooLarge
from tracker.parsing.source import bytes_of, decode

__all__ = ["FILE_LIMIT", "Document", "read_document"]

# A document with pictures is larger than its words; what is taken out of it must keep to SIZE_LIMIT all the same.
FILE_LIMIT = 20 * 1024 * 1024
_BLANK = "\ufeff \t\r\n\f\v\u00a0"
# Taken as a whole (a group that is never entered again): else comments side by side could be parted in endless ways.
_BEFORE = r"(?>(?:<\?xml\b[^>]*\?>|<!--.*?-->|\s)*)"
_JSON = re.compile(r"\s*\{\s*\"form\"\s*:\s*\"resolves-version/1\"")
_AKN = re.compile(rf"{_BEFORE}(?:<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>\s*)?<(?:\w+:)?akomaNtoso\b", re.DOTALL)
_HTML = re.compile(
    rf"{_BEFORE}<(?:!doctype\s+html|html|head|body|article|section|main|div|p|ol|ul|h[1-6]|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rf"{_BEFORE}(?:<!DOCTYPE\b|<[A-Za-z_][\w.-]*(?::[\w.-]+)?[\s/>])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """What was read of a file: its `text`, and what `kind` it was ("plain text", "PDF", "DOCX", "HTML", "Akoma Ntoso", "JSON").
    `carried` is the reading that a JSON file of ours brings along, as plain values."""

    text: str
    kind: str
    carried: dict[str, Any] | None = None


def read_document(source: str | os.PathLike[str] | bytes, *, name: str = "") -> Document:
    """A path, or the bytes of a file, to its text. Raises a ParseError that says what is wrong and what to do."""
    if isinstance(source, bytes):
        shown, data = name or "The file", source
        if len(data) > FILE_LIMIT:
            raise TooLarge(name=shown, size=len(data), limit=FILE_LIMIT)
    else:
        path = Path(source)
        shown = name or path.name or str(path)
        data = bytes_of(path, shown, FILE_LIMIT)
    document = _read(data, shown)
    if not document.text.strip(_BLANK):
        raise EmptySource(name=shown)
    if len(document.text) > SIZE_LIMIT:
        raise TooLarge(name=shown, size=len(document.text), limit=SIZE_LIMIT)
    return document


def _own(text: str, name: str) -> Document:
    """A version as `tracker.outward` writes it into JSON."""
    if "\\u0000" in text:  # a character that no database keeps
        raise Damaged(name=name, format="a version in JSON")
    try:
        carried = json.loads(text)
        return Document(carried["text"].encode().decode(), "JSON", carried)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(name=name, format="a version in JSON") from error


def _read(data: bytes, name: str) -> Document:
    if b"%PDF-" in data[:1024]:
        return Document(pdf.read(data, name=name), "PDF")
    if data.startswith(b"PK\x03\x04"):
        with zipped.opened(data, name=name) as parts:
            return Document(docx.read(parts, name=name), "DOCX")
    if kind := named(data):
        raise BinarySource(name=name, format=kind)
    if len(data) > SIZE_LIMIT:
        raise TooLarge(name=name, size=len(data), limit=SIZE_LIMIT)
    text = decode(data, name)
    if _JSON.match(text[:200]):
        return _own(text, name)
    if _AKN.match(text[:20_000]):
        return Document(akn.read(data, name=name), "Akoma Ntoso")
    if _HTML.match(text[:20_000]):
        return Document(html.read(text, name=name), "HTML")
    if _MARKUP.match(text[:20_000]):
        raise BinarySource(name=name, format="XML of another kind than Akoma Ntoso")
    return Document(text, "plain text")
