"""The demonstration's command: it can stop after a chapter, goes on where it stopped, and is not for production."""

import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tracker.models import Occurrence, Person, Report, Version


def seed(until: str = "work") -> str:
    out = StringIO()
    call_command("seed_demo", until=until, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("until", "unaccounted", "turns", "reports", "assigned"),
    [("import", 7, 0, 0, 0), ("intake", 0, 22, 0, 0), ("history", 0, 22, 4, 0)],
)
def test_demo_can_stop_after_a_chapter(
    db: None, clock_pinned: str, until: str, unaccounted: int, turns: int, reports: int, assigned: int
) -> None:
    said = seed(until)

    assert Version.objects.get(label="C15").unaccounted == unaccounted
    assert Occurrence.objects.count() == turns
    assert Report.objects.count() == reports
    assert Occurrence.objects.filter(assignments__isnull=False).count() == assigned
    assert "of 7 items accounted for" in said


def test_demo_goes_on_where_an_earlier_run_stopped(db: None, clock_pinned: str) -> None:
    seed("import")

    seed()

    assert Occurrence.objects.get(reference="itu-council/r1306-1.2-c18").status == "in_progress"


def test_demo_is_entered_in_seconds(db: None, clock_pinned: str) -> None:
    began = time.process_time()  # its own: whoever waits beside other jobs waits longer

    seed()

    assert time.process_time() - began < 15


def test_demo_is_refused_in_production(db: None, settings: Any) -> None:
    settings.MODE = "production"

    with pytest.raises(CommandError, match="not in production"):
        seed()

    assert not Person.objects.exists()
