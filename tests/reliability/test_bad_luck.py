"""Bad luck, which is no attack: a write that was cut off, a clock that ran ahead and was put back. Nothing is blocked for ever, and
nobody is accused."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from tests.histories import past_the_guards
from tests.people import World
from tests.reliability.recorded import found, seal
from tracker.log import checks, published, sealing
from tracker.models import Check, Heartbeat
from workflows import steps


@pytest.fixture
def record(world: World) -> World:
    """A short history, sealed and given out."""
    steps.hold(world.past, by=world.chair, reason="Waiting for figures.")
    seal()
    assert found().found == 0
    return world


# Bad luck with the heads that are given out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [b'{"size": 9, "no', b"\0" * 40, b"{"])
def test_line_that_was_cut_off_while_it_was_written_is_written_anew(
    record: World, settings: LazySettings, left: bytes
) -> None:
    """The power goes, or the disk is full, while a head is written: nothing is blocked, and nobody is accused."""
    steps.comment(record.past, by=record.chair, text="Another line.")
    sealing.seal()
    file = Path(settings.LOG_HEADS) / "heads.jsonl"
    before = file.read_bytes()
    file.write_bytes(before + left)
    assert found().findings == ()
    steps.comment(record.past, by=record.chair, text="One more.")

    sealing.seal()
    assert published.write()

    assert file.read_bytes().startswith(before)
    assert [isinstance(head, Exception) for _line, head in published.lines()] == [False, False]
    assert found().findings == ()


def test_line_without_its_end_stays_a_line(record: World, settings: LazySettings) -> None:
    file = Path(settings.LOG_HEADS) / "heads.jsonl"
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    steps.comment(record.past, by=record.chair, text="Another line.")

    seal()

    assert [isinstance(head, Exception) for _line, head in published.lines()] == [False, False]
    assert found().findings == ()


def test_control_a_whole_line_that_is_no_head_stops_the_sealing(record: World, settings: LazySettings) -> None:
    with (Path(settings.LOG_HEADS) / "heads.jsonl").open("ab") as file:
        file.write(b'{"size": 9, "no\n')

    with pytest.raises(published.LogBroken):
        sealing.seal()


# Moments that are still to come -------------------------------------------------------------------------------------------------


def test_check_of_a_day_to_come_keeps_nobody_from_checking(record: World) -> None:
    """The clock ran ahead and was put back; or somebody wrote the row."""
    far = timezone.now() + timedelta(days=4_000)
    Check.objects.create(state=Check.State.PASSED, asked_at=far, started_at=far, ended_at=far)
    past_the_guards("UPDATE tracker_head SET signed_at = '2001-01-01 00:00:00'")

    assert checks.run_due() is not None


def test_check_that_beats_in_days_to_come_is_given_up(record: World) -> None:
    far = timezone.now() + timedelta(days=4_000)
    Check.objects.create(state=Check.State.RUNNING, asked_at=far, started_at=far)
    Heartbeat.objects.create(name="check", beat_at=far)

    assert checks.run_due() is not None
    assert not Check.objects.filter(state=Check.State.RUNNING).exists()


def test_log_that_began_in_days_to_come_is_checked_all_the_same(record: World) -> None:
    past_the_guards("UPDATE tracker_head SET signed_at = '2036-01-01 00:00:00'")

    assert checks.run_due() is not None


def test_control_log_that_was_checked_just_now_is_not_checked_again(record: World) -> None:
    assert checks.run_due() is not None
    assert checks.run_due() is None
