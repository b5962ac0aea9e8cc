"""`python -m benchmarks.reading`: what reading texts costs, one JSON object a line as `benchmarks.bench` does.

The texts are Resolution 1306 and, where they stand beside the checkout, those of the corpus. The floor is what any reader has
to do: find the words of the same texts by one regular expression.
"""

import contextlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import figure
from tracker.parsing import NotAResolution, parse, read_source

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "tracker" / "texts" / "itu-council-r1306-c15.txt"
CORPUS = ROOT.parent / "shared" / "corpus"
SECONDS = 3.0
MEGABYTE = 1_000_000
# What a text of a megabyte could be made of: items, letters, one endless sentence, reasons, white space, marks.
FILLERS = {
    "items": "1. Requests the Secretary-General to report annually;\n\n",
    "letters": "(a) x\n",
    "sentence": "and requests the Council to report, ",
    "reasons": "Considering that bees are few,\n\n",
    "blank": "   \n",
    "quotations": "“ ",
    "names": "the Council of the Union ",
}
_WORDS = re.compile(r"\S+")


def texts() -> list[str]:
    """The texts that are there."""
    return [read_source(one) for one in [SHIPPED, *sorted(CORPUS.glob("*.txt"))]]


def rate(read: Callable[[str], object], given: list[str]) -> float:
    """Texts a second."""
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        for text in given:
            read(text)
        count += len(given)
    return count / (time.perf_counter() - began)


def longest(filler: str) -> float:
    """Seconds that a text of a megabyte takes."""
    text = "The Council,\n\nNoting bees,\n\n1. Requests the Director " + filler * (MEGABYTE // len(filler))
    began = time.perf_counter()
    with contextlib.suppress(NotAResolution):
        parse(text)
    return time.perf_counter() - began


def measure() -> None:
    """Prints the figures."""
    given = texts()
    floor = rate(_WORDS.findall, given)
    print(json.dumps(figure(f"texts_read_of_{len(given)}", rate(parse, given), "1/s", floor)), flush=True)
    words = "The Council " * (MEGABYTE // 12)
    began = time.perf_counter()
    _WORDS.findall(words)
    floor = time.perf_counter() - began
    for name, filler in FILLERS.items():
        print(json.dumps(figure(f"text_of_1_mb_{name}", longest(filler), "s", floor)), flush=True)


if __name__ == "__main__":
    measure()
