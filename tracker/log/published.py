"""Heads in a folder that the owner of the database cannot reach (`LOG_HEADS`): each one a line of `heads.jsonl`, the newest
also alone in `checkpoint`, ready to be served or copied.

What was written there is what the log in the database is held against: a log that was cut or put back to an earlier state
does not go on from it.
"""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from tracker import keys
from tracker.log import findings
from tracker.log.tree import Tree
from tracker.models import Head
from tracker.proofs import notes

log = logging.getLogger(__name__)


def write() -> bool:
    """Write the newest head where it is not written yet; whether it was."""
    head = Head.objects.first()
    if head is None:
        return False
    kept = newest()
    if kept is not None and kept.size >= head.size:
        return False
    folder = _folder()
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    _clear_the_end(folder / "heads.jsonl")
    with (folder / "heads.jsonl").open("a") as file:
        file.write(json.dumps({"size": head.size, "note": head.note}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft = folder / f".checkpoint.{os.getpid()}"
    draft.write_text(head.note)
    draft.replace(folder / "checkpoint")
    return True


def set_aside() -> Path | None:
    """Put the heads that were written aside, in the same folder under the present moment; where they are now, or None where
    there were none. From here on heads are written anew."""
    folder = _folder()
    if not (folder / "heads.jsonl").exists():
        return None
    until = timezone.now().strftime("%Y%m%dT%H%M%S%f")
    kept = folder / f"heads-until-{until}.jsonl"
    (folder / "checkpoint").unlink(missing_ok=True)  # the last line of the others says the same
    (folder / "heads.jsonl").rename(kept)
    return kept


def newest() -> notes.Head | None:
    """The newest head that was written, its signature checked; None where none was. `notes.NotAHead` where the last line is
    no head of ours."""
    file = _folder() / "heads.jsonl"
    if not file.exists():
        return None
    with file.open("rb") as opened:
        opened.seek(0, os.SEEK_END)
        opened.seek(max(0, opened.tell() - 16_384))
        lines = [line for line in opened.read().splitlines(keepends=True) if line.strip() and not _torn(line)]
    return _read(lines[-1]) if lines else None


def _torn(line: bytes) -> bool:
    """Whether a line is what is left of one whose writing was cut off (the power went, the disk was full): it has no end, and
    what there is of it is no JSON. That head was not given out; it is in the database and is written again."""
    if line.endswith(b"\n"):
        return False
    try:
        json.loads(line)
    except ValueError:
        return True
    return False


def _clear_the_end(file: Path) -> None:
    """Take away what is left of a line whose writing was cut off, so that the next one stands on a line of its own."""
    if not file.exists():
        return
    with file.open("r+b") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - 16_384))
        last = opened.read().rpartition(b"\n")[2]
        if _torn(last) and last:
            log.warning("The last line of %s was cut off while it was written: it is written anew.", file)
            opened.truncate(size - len(last))
        elif last:
            opened.write(b"\n")


def everything() -> Iterator[notes.Head]:
    """Every head that was written, oldest first."""
    for _number, head in lines():
        if isinstance(head, notes.NotAHead):
            raise head
        yield head


def lines() -> Iterator[tuple[int, notes.Head | notes.NotAHead]]:
    """Every line of the file with its number: a head, or why it is none."""
    file = _folder() / "heads.jsonl"
    if not file.exists():
        return
    with file.open("rb") as opened:
        for number, line in enumerate(opened, start=1):
            if line.strip() and not _torn(line):
                try:
                    yield number, _read(line)
                except notes.NotAHead as error:
                    yield number, error


def require_continues(size: int) -> None:
    """Raise `LogBroken` unless a log of `size` events goes on from the newest head that was written."""
    try:
        head = newest()
    except notes.NotAHead as error:
        found = findings.Found("exported", facts={"why": str(error)[:200]})
        raise LogBroken(f"The newest head in {_folder()}: {error}", found) from error
    if head is None:
        return
    if head.size > size:
        raise LogBroken(
            f"A head of {head.size} events was given out, and the log in the database has {size}: it was cut, or an older "
            "backup was put back. Run manage.py verify_audit.",
            findings.Found("tail", position=size, facts={"given_out": head.size, "log": size}),
        )
    if _root(head.size) != head.root:
        raise LogBroken(
            f"The log in the database does not go on from the head of {head.size} events that was given out: it was "
            "written anew. Run manage.py verify_audit.",
            findings.Found("exported", position=head.size - 1, facts={"size": head.size}),
        )


def _root(size: int) -> bytes:
    """The root of the log at a size; none where leaves below it are missing."""
    try:
        return Tree().root(size)
    except LookupError:
        return b""


class LogBroken(RuntimeError):
    """The log in the database does not go on from a head that was given out: nothing is signed until somebody has looked.
    `found` is what is kept of it, so that an alarm goes out once."""

    def __init__(self, words: str, found: findings.Found) -> None:
        super().__init__(words)
        self.found = found


def keep(broken: LogBroken) -> None:
    """Keep why the sealing refused, unless a finding of that kind stands already."""
    if not findings.standing().filter(kind=broken.found.kind).exists():
        findings.keep([broken.found])


def _folder() -> Path:
    return Path(settings.LOG_HEADS)


def _read(line: bytes) -> notes.Head:
    try:
        return notes.read(json.loads(line)["note"], keys.known_keys())
    except (ValueError, KeyError, TypeError) as error:
        raise notes.NotAHead(f"A line of the file is no signed head: {error}") from error
