"""`python -m benchmarks.reminders fill COUNT` fills an empty database with so many turns, of which one in a hundred has a
reminder on the day that is measured; `python -m benchmarks.reminders measure` prints what planning that day costs, one
JSON object a line as `benchmarks.bench` does.

Each turn is inserted in bulk as the real steps would have left it, with no events: planning reads none but those of dates that
moved. The floor of planning is to write the same rows in bulk, with nothing decided: what any other program would have to do.
Three days are measured: one on which nothing was promised yet (every row is made), one on which all is promised (nothing is
to be done), and a slice of what a round looks at beside it.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (set up first)
from django.db import connection, transaction  # noqa: E402

from benchmarks.bench import figure  # noqa: E402
from benchmarks.data import House  # noqa: E402
from tracker import clock  # noqa: E402
from tracker.models import Assignment, Decision, Heartbeat, Notice, Obligation, Occurrence  # noqa: E402
from workflows import reminders  # noqa: E402
from workflows.reminders import finding  # noqa: E402

TODAY = datetime(2018, 3, 19, 9, tzinfo=UTC)
LATE = date(2018, 3, 18)  # its fourth rung falls on the day measured
ENTERED = datetime(2017, 6, 1, 12, tzinfo=UTC)
DUTIES = 1_000
BATCH = 2_000
ONE_IN = 100


# Filling --------------------------------------------------------------------------------------------------------------


def fill(count: int) -> None:
    house = House("bench", leads=50)
    duties = house.duties(DUTIES)
    decision = Decision.objects.create(
        body=house.council,
        session=house.sessions[0],
        document="C/1",
        paragraph="1",
        outcome="noted",
        decided_on=house.sessions[0].opens,
        recorded_at=ENTERED,
    )
    made = (_turn(house, duties[number % DUTIES], number, decision) for number in range(count))
    while batch := list(islice(made, BATCH)):
        with transaction.atomic():
            turns = Occurrence.objects.bulk_create(batch)
            Assignment.objects.bulk_create(_leads(house, turns))


def _turn(house: House, duty: Obligation, number: int, decision: Decision) -> Occurrence:
    """One in a hundred is late by a day; of the others most are closed, and the rest fall due over years to come, on days
    that have no rung about the day measured."""
    due_today = number % ONE_IN == 0
    closed = not due_today and number % 10 != 5
    due = LATE if due_today else date(1995, 1, 1) + timedelta(days=number % 8_000)
    if not due_today and not closed:
        due = date(2019, 1, 1) + timedelta(days=number % 8_000)
    return Occurrence(
        obligation=duty,
        body=house.council,
        resolution=house.resolution,
        reference=f"{duty.reference}-n{number}",
        period=date(1, 1, 1) + timedelta(days=number),
        due_on=due,
        first_due_on=due,
        status="closed" if closed else "in_progress",
        decision=decision if closed else None,
        status_since=ENTERED,
        opened_at=ENTERED,
    )


def _leads(house: House, turns: list[Occurrence]) -> Iterator[Assignment]:
    for number, turn in enumerate(turns):
        yield Assignment(
            occurrence=turn,
            part="lead",
            office=house.leads[number % len(house.leads)],
            acceptance="accepted",
            assigned_at=ENTERED,
            told_at=ENTERED,
        )


# Measuring ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Took:
    """Seconds by the wall and of this process alone: on SQLite, which works in it, the second does not see a busy machine."""

    wall: float
    own: float


def seconds(act: Callable[[], Any]) -> tuple[Took, Any]:
    began, worked = time.perf_counter(), time.process_time()
    found = act()
    return Took(time.perf_counter() - began, time.process_time() - worked), found


def measure() -> None:
    name = f"{Occurrence.objects.count()}_{connection.vendor}"
    with clock.at(TODAY):
        Notice.objects.all().delete()
        Heartbeat.objects.update_or_create(name="sweep", defaults={"note": "2018-03-18", "beat_at": TODAY})
        first, rows = seconds(reminders.sweep)
        turns = Notice.objects.values("occurrence").distinct().count()
        again, nothing = seconds(reminders.sweep)
        if nothing or not rows:
            raise SystemExit(f"{rows} rows were planned, and then {nothing}.")
        Heartbeat.objects.update_or_create(name="reminders", defaults={"note": "2018-03-19 0", "beat_at": TODAY})
        slice_, _rows = seconds(reminders.look_on)
        floor = _written_bare()
    for what, took, looked_at in (("first", first, turns), ("again", again, turns), ("slice", slice_, finding.SLICE)):
        whole = figure(f"plan_{what}_{name}", took.wall, "s", floor.wall)
        say(whole | {"own": round(took.own, 2), "turns": looked_at, "rows": rows if what == "first" else 0})


def _written_bare() -> Took:
    """What writing the same rows in bulk takes; then they are gone again."""
    rows = list(Notice.objects.all())
    for row in rows:
        row.pk, row.key = None, f"{row.key}:bare"
    with transaction.atomic():
        took, _made = seconds(lambda: Notice.objects.bulk_create(rows, batch_size=500))
        transaction.set_rollback(True)
    return took


def say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["fill"]:
        call_command("migrate", verbosity=0)
        fill(int(arguments[1]))
    elif arguments == ["measure"]:
        measure()
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
