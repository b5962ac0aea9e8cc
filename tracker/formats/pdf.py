"""PDF to text, where it has a text layer. Read by pypdf in a process of its own, with a limit to its time and memory: a file
from a stranger can ask for more of either than any text needs.
"""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from tracker.parsing.errors import Damaged, Encrypted, Hostile, ParseError, Scanned, TooLong
from tracker.parsing.source import SIZE_LIMIT

SECONDS = 20
MEMORY = 1024**3
MOST_PAGES = 1_000
_ROOT = Path(__file__).resolve().parents[2]
_SPACES = re.compile(r"[ \t\u00a0]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LEAST_WORDS = 5
_FIGURES = re.compile(r"\d+")
_WHOLE = re.compile(r"(?<![\w-])[^\W_]+(?:-[^\W_]+)*(?![\w-])")
_SLASHED = re.compile(r"(?<=\w/)\n([^\W_]+[^\s\w]*) ?\n?")
_BROKEN = re.compile(r"(?P<first>[^\W\d_]{2,})-\n(?P<second>[^\W_]+)(?P<after>[^\s\w-]*) ?\n?")
# What the process that reads says by its exit code.
_CODES: dict[int, type[ParseError]] = {3: Encrypted, 4: Scanned, 5: Damaged, 6: Hostile, 7: TooLong}


def read(data: bytes, *, name: str) -> str:
    """The text of a PDF, pages apart by form feeds. Encrypted, Scanned, Damaged or Hostile as it may be."""
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")}
    program = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from tracker.formats.pdf import child; child()"
    command = [sys.executable, "-I", "-c", program]
    try:
        done = subprocess.run(  # noqa: S603  (our own program)
            command, input=data, capture_output=True, timeout=SECONDS + 5, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Hostile(name=name) from error
    if done.returncode == 0:
        return done.stdout.decode("utf-8", errors="replace")
    refused = _CODES.get(done.returncode, Hostile)
    if refused is Damaged:
        raise Damaged(name=name, format="a PDF")
    if refused is TooLong:
        raise TooLong(name=name, pages=MOST_PAGES, letters=SIZE_LIMIT)
    raise refused(name=name)


def child() -> None:
    """Reads a PDF from standard input, writes its text to standard output; the exit code says why not."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        text = extracted(sys.stdin.buffer.read())
    except Encrypted:
        os._exit(3)
    except Scanned:
        os._exit(4)
    except TooLong:
        os._exit(7)
    except (MemoryError, RecursionError):
        os._exit(6)
    except Exception:  # noqa: BLE001  (whatever a broken file makes of the reader: it is the file that is broken)
        os._exit(5)
    sys.stdout.buffer.write(text.encode("utf-8", errors="replace"))
    sys.stdout.flush()
    os._exit(0)


def extracted(data: bytes) -> str:
    """The text of a PDF, in this process; blank lines where the page leaves space between paragraphs."""
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Encrypted(name="")
    if len(reader.pages) > MOST_PAGES:
        raise TooLong(name="", pages=MOST_PAGES, letters=SIZE_LIMIT)
    pages = []
    for page in reader.pages:
        try:
            pages.append(_page(page.extract_text(extraction_mode="layout", layout_mode_space_vertically=True)))
        except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, ZeroDivisionError):
            pages.append(_page(page.extract_text()))
    text = "\n\f".join(_without_running_lines(pages))
    if len(text) > SIZE_LIMIT:
        raise TooLong(name="", pages=MOST_PAGES, letters=SIZE_LIMIT)
    if len(_WORD.findall(text)) < _LEAST_WORDS:
        raise Scanned(name="")
    return rejoined(text)


def _without_running_lines(pages: list[str]) -> list[str]:
    """Pages without the header and footer that they share: a first or last line that comes back on most of them, its figures
    apart, and bare page numbers there."""
    split = [page.strip("\n").split("\n") for page in pages]
    for end in (0, -1, 0, -1):  # two lines at most at either end
        ends = Counter(_FIGURES.sub("#", lines[end]) for lines in split if len(lines) > 1)
        running = {line for line, count in ends.items() if count > 1 and count * 2 > len(pages) and line}
        for lines in split:
            while len(lines) > 1 and (not lines[end] or _FIGURES.sub("#", lines[end]) in running):
                ended = bool(lines[end])
                del lines[end]
                if ended:
                    break
    return ["\n".join(lines) + "\n" for lines in split]


def rejoined(text: str) -> str:
    """A word that is broken at a line's end made whole, on the first of its lines. The hyphen stays where the document has the
    word with one elsewhere, or where what follows is a capital or a figure ("CWG-COP")."""
    known = {word.lower() for word in _WHOLE.findall(text)}

    def whole(found: re.Match[str]) -> str:
        first, second = found["first"], found["second"]
        if not second[0].islower() or f"{first}-{second}".lower() in known:
            return f"{first}-{second}{found['after']}\n"
        plain = f"{first}{second}".lower() in known
        parts = first.lower() in known and second.lower() in known
        return f"{first}{'-' if parts and not plain else ''}{second}{found['after']}\n"

    return _SLASHED.sub(r"\1\n", _BROKEN.sub(whole, text))


def _page(text: str) -> str:
    """The lines of a page: indentation and runs of spaces gone, several blank lines one."""
    lines = [_SPACES.sub(" ", line).strip() for line in text.splitlines()]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n") + "\n"
