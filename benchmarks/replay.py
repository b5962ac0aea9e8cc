"""`python -m benchmarks.replay [occurrences]`: how long the replay of the record takes, and how much memory, as
`benchmarks.bench` prints it: every row of a body with so many turns (100,000 unless said otherwise), three events and an
assignment each, held against the events. The floor reads the same events and decodes them, and does nothing else.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks.bench import ROOT, environment_of, main

COUNT = 100_000
BATCH = 1_000


def fill(count: int) -> None:
    """Turns that were planned, assigned and accepted, with the events that the steps would have written, in bulk."""
    from benchmarks.data import OPENED, YEARS, House, _event  # noqa: PLC0415  (sets Django up)
    from tests.record import taken_in  # noqa: PLC0415
    from tracker import audit  # noqa: PLC0415
    from tracker.models import Assignment, Event, Occurrence  # noqa: PLC0415

    house = House("crowd", leads=20)
    duties = house.duties(count // len(YEARS))
    taken_in()
    made = (
        Occurrence(
            obligation=duty,
            body=house.council,
            resolution=house.resolution,
            reference=f"{duty.reference}-{session.slug}",
            session=session,
            due_on=session.opens,
            first_due_on=session.opens,
            status="in_progress",
            status_since=OPENED,
            opened_at=OPENED,
        )
        for duty in duties
        for session in house.sessions
    )
    while batch := list(islice(made, BATCH)):
        turns = Occurrence.objects.bulk_create(batch)
        asked = Assignment.objects.bulk_create(
            Assignment(occurrence=turn, part="lead", office=house.leads[0], acceptance="accepted", assigned_at=OPENED)
            for turn in turns
        )
        events = []
        for turn, one in zip(turns, asked, strict=True):
            planned = audit._save(turn, anew=True)[0] | {"status": [None, "planned"]}
            beside = {f"assignment:{one.pk}.{name}": pair for name, pair in audit._save(one, anew=True)[0].items()}
            beside[f"assignment:{one.pk}.acceptance"] = [None, "pending"]
            accepted = {"status": ["assigned", "in_progress"]}
            accepted[f"assignment:{one.pk}.acceptance"] = ["pending", "accepted"]
            for number, (verb, changes) in enumerate(
                (
                    ("planned", planned),
                    ("assigned", {"status": ["planned", "assigned"]} | beside),
                    ("accepted", accepted),
                ),
                start=1,
            ):
                event = _event(turn, number, f"occurrence.{verb}", changes, OPENED, f"{turn.pk}:{number}")
                events.append(event)
        Event.objects.bulk_create(events, batch_size=500)


def run(count: int) -> None:
    """In a process of its own: fill, then read, then replay."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from tracker.log import replay  # noqa: PLC0415
    from tracker.models import Event  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        fill(count)
    for read in (_read, replay.differences):
        began, worked = time.perf_counter(), time.process_time()
        found = sum(1 for _one in read())
        print(
            json.dumps(
                {
                    "what": read.__name__,
                    "seconds": round(time.perf_counter() - began, 2),
                    "processor": round(time.process_time() - worked, 2),
                    "found": found,
                    "events": Event.objects.count(),
                    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                }
            ),
            flush=True,
        )


def _read() -> Iterator[object]:
    from tracker.models import Event  # noqa: PLC0415

    yield from (
        None
        for _row in Event.objects.order_by("pk").values_list("pk", "changes").iterator(chunk_size=2_000)
        if not _row
    )


def measure(name: str, url: str, folder: Path) -> None:
    """One database."""
    count = sys.argv[1] if sys.argv[1:] else str(COUNT)
    command = [sys.executable, "-m", "benchmarks.replay", "in", count]
    done = subprocess.run(
        command, cwd=ROOT, env=environment_of(url, folder), check=True, stdout=subprocess.PIPE, text=True
    )
    floor, value = (json.loads(line) for line in done.stdout.splitlines())
    if value["found"]:
        raise SystemExit(f"{name}: {value['found']} differences where there are none.")
    for what, unit in (("seconds", "s"), ("processor", "s"), ("mb", "MB")):
        told = {"name": f"replay_{what}_{count}_{name}", "value": value[what], "unit": unit, "floor": floor[what]}
        print(json.dumps({**told, "ratio": round(value[what] / max(floor[what], 0.01), 4)}), flush=True)


if __name__ == "__main__":
    run(int(sys.argv[2])) if sys.argv[1:2] == ["in"] else main(measure)
