"""`python -m benchmarks.record fill COUNT` fills an empty database with a sealed history of so many events at random;
`python -m benchmarks.record measure` prints what verifying it costs, one JSON object a line as `benchmarks.bench` does.

The floor of verifying is canonical JSON and SHA-256 over the same events, held in memory: no database, no tree, no codes.
"""

import hashlib
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (set up first)
from django.db import connection  # noqa: E402

from benchmarks.bench import figure  # noqa: E402
from tests.histories import fill  # noqa: E402
from tracker import audit  # noqa: E402
from tracker.log.tree import Tree, size  # noqa: E402
from tracker.log.verifying import verify  # noqa: E402
from tracker.models import Event  # noqa: E402
from tracker.proofs.canonical import canonical  # noqa: E402

SAMPLE = 20_000
RECEIPTS = 21


def bare() -> float:
    """Events a second by canonical JSON and SHA-256 alone."""
    held = [audit.columns(event) for event in Event.objects.order_by("pk")[:SAMPLE]]
    began = time.perf_counter()
    for columns in held:
        hashlib.sha256(canonical(columns)).hexdigest()
    return len(held) / (time.perf_counter() - began)


def memory() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def milliseconds(act: Callable[[], Any], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def measure() -> None:
    before = memory()
    report = verify(replay=False)
    if report.found:
        raise SystemExit(f"A history that nobody touched: {report.findings[:3]}")
    grown = memory() - before
    name = f"{report.events}_{connection.vendor}"
    say(figure(f"verify_{name}", report.events / report.seconds, "events/s", bare()))
    say(figure(f"verify_memory_{name}", before + grown, "MB", before))
    whole = size()
    places = [whole * place // RECEIPTS for place in range(RECEIPTS)]
    path = milliseconds(lambda: Tree().inclusion(places[len(places) // 3], whole), RECEIPTS)
    one = milliseconds(lambda: Event.objects.get(pk=1), RECEIPTS)
    say(figure(f"receipt_path_{name}", path, "ms", one))


def say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["fill"]:
        call_command("migrate", verbosity=0)
        fill(1, int(arguments[1]), hard=False)
    elif arguments == ["measure"]:
        measure()
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
