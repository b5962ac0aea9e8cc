"""Files that are no text, told by their first bytes."""

from __future__ import annotations

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word file, or a document behind a password"),
    (b"{\\rtf", "an RTF file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ\x00", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file"),
    (b"Rar!\x1a\x07", "a compressed file"),
    (b"PK\x05\x06", "an empty ZIP file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"%!PS", "a PostScript file"),
    (b"SQLite format 3", "a database"),
)


def named(data: bytes) -> str:
    """What a file is that can't be read here ("a picture"); "" when its first bytes don't say."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature) and not (
            signature in (b"MZ", b"BZh") and data[:512].isascii() and b"\x00" not in data[:512]
        ):
            return kind
    return ""
