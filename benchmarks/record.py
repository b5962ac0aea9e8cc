"""`python -m benchmarks.record`: what the record costs, as `benchmarks.bench` prints it. The same steps through the API on two
servers of one database, one with its record and one without (`benchmarks.recordless`), in runs that alternate; a sealer
goes round beside both. One client, then eight on different subjects. `value` is with the record, `floor` without it;
`ratio` is value by floor, in steps a second: 0.67 is a step that costs 1.5 times as much.
"""

import itertools
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.bench import ROOT, environment_of, figure, main, rate, say, serving, walk

ROUNDS = 6
TURNS_OF_ONE, TURNS_OF_EIGHT = 5, 24
SEALER = """
import time
import django
django.setup()
from tracker.log import sealing
while True:
    sealing.seal()
    time.sleep(1)
"""


@contextmanager
def sealing(environment: dict[str, str]) -> Iterator[None]:
    """A process that seals once a second, sixty times as often as the clock."""
    process = subprocess.Popen([sys.executable, "-c", SEALER], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def compared(  # noqa: PLR0913  (two servers, and what is asked of them)
    on: int, off: int, told: dict[str, Any], turns: Iterator[str], clients: int, each: int
) -> dict[str, Any]:
    """Steps a second with the record and without it, median over the rounds; which of the two comes first changes."""
    found: dict[int, list[float]] = {on: [], off: []}
    for number in range(ROUNDS):
        for port in (on, off) if number % 2 else (off, on):
            works = [walk(iter(list(itertools.islice(turns, each))), told, each * 4) for _ in range(clients)]
            found[port].append(rate(port, works))
    say(f"  on {[round(one, 1) for one in found[on]]}, off {[round(one, 1) for one in found[off]]}")
    return {"value": statistics.median(found[on]), "floor": statistics.median(found[off])}


def measure(name: str, url: str, folder: Path) -> None:
    """Both figures of one database."""
    environment = environment_of(url, folder)
    needed = 2 * ROUNDS * (TURNS_OF_ONE + TURNS_OF_EIGHT) + 4
    say(f"{name}: making {needed} turns …")
    command = [sys.executable, "-m", "benchmarks.data", "walks", str(needed)]
    filled = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    told = json.loads(filled.stdout)
    turns = iter(told["turns"])
    with serving(environment) as on, serving(environment, "benchmarks.recordless:application") as off:
        for port in (on, off):
            rate(port, [walk(turns, told, 8)])
        with sealing(environment):
            for clients, each in ((1, TURNS_OF_ONE), (8, TURNS_OF_EIGHT // 8)):
                say(f"{name}: steps with the record and without, {clients} at once …")
                found = compared(on, off, told, turns, clients, each)
                label = f"record_{clients}_client{'s' if clients > 1 else ''}_{name}"
                print(json.dumps(figure(label, found["value"], "steps/s", found["floor"])), flush=True)


if __name__ == "__main__":
    main(measure)
