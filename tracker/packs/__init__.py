"""The session pack: a frozen summary as files to take into the room. All are made from one paper, so that all say the same."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tracker import exports
from tracker.frozen import Frozen, thaw
from tracker.packs.docx import docx_file
from tracker.packs.paper import Paper, paper, sentence
from tracker.packs.pdf import pdf_file
from tracker.packs.xlsx import xlsx_file

__all__ = ["KINDS", "Paper", "make", "paper", "sentence", "write"]

KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
"""Kind of file → its media type."""


def make(frozen: bytes, kind: str, language: str, *, symbol: str = "", agenda_item: str = "") -> bytes:
    """One file of the pack from the canonical bytes of a frozen summary, in a language. ValueError for an unknown kind,
    ValidationError where the bytes are no frozen summary, ImproperlyConfigured where the machine lacks a font."""
    if kind == "json":
        thaw(frozen)
        return frozen
    thawed = thaw(frozen)
    if kind == "csv":
        return exports.council_csv(thawed.view(language)).encode()
    sheet = paper(thawed, language, symbol=symbol, agenda_item=agenda_item)
    match kind:
        case "pdf":
            return pdf_file(sheet)
        case "docx":
            return docx_file(sheet)
        case "xlsx":
            return xlsx_file(thawed, sheet)
    raise ValueError(f"{kind} is no kind of file of a pack: {', '.join(KINDS)}.")


def name(frozen: Frozen, kind: str) -> str:
    """What a file of the pack is called: body, session, day."""
    return "-".join(filter(None, (frozen.body, frozen.session.replace("/", "-"), frozen.day.isoformat()))) + f".{kind}"


def write(
    frozen: bytes, folder: Path, language: str, *, kinds: Iterable[str] = tuple(KINDS), symbol: str = ""
) -> list[Path]:
    """The files of the pack in a folder, which is made where it is missing. A file is there whole or not at all, and takes
    the place of one of its name. OSError where the folder cannot be written to."""
    folder.mkdir(parents=True, exist_ok=True)
    thawed = thaw(frozen)
    written = []
    for kind in kinds:
        made = make(frozen, kind, language, symbol=symbol)
        place = folder / name(thawed, kind)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=f".{kind}")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(made)
            Path(draft).chmod(0o644)
            Path(draft).replace(place)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        written.append(place)
    return written
