"""A round by hand, and the worker's queue that only wakes."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from huey.contrib import djhuey

from tracker import clock
from tracker.models import Heartbeat, Notice
from workflows import rounds, steps, tasks


def tick(**options: str) -> str:
    said = io.StringIO()
    call_command("tick", stdout=said, **options)
    return said.getvalue()


def test_tick_takes_one_round(world, mailoutbox):
    world.walk("assigned")
    assert "1 sent" in tick()
    assert len(mailoutbox) == 1


def test_tick_takes_a_round_as_if_it_were_another_day(world, mailoutbox):
    world.walk("in_progress")
    tick(now="2018-03-19T09:00")
    assert mailoutbox[0].subject == "Late: Annual report (r1-1.2-c18) was due 1 day ago"
    assert clock.today().isoformat() == "2018-02-16"


@pytest.mark.parametrize("now", ["tomorrow", "2018-13-01", "9999-12-31T23:59", "0001-01-01"])
def test_tick_says_what_is_wrong_with_a_moment(world, now):
    with pytest.raises(CommandError, match=r"moment|far"):
        tick(now=now)


def test_tick_moves_no_clock_in_production(world, settings):
    settings.MODE = "production"
    with pytest.raises(CommandError, match="real clock"):
        tick(now="2018-03-19T09:00")


def test_round_beats_in_real_time(world, mailoutbox):
    rounds.run()
    beat = Heartbeat.objects.get(name="clock").beat_at
    assert timezone.now() - beat < timedelta(minutes=1)


def test_turns_are_rolled_once_a_day(world, mailoutbox):
    rounds.run()
    world.due.notices.all().delete()
    assert Heartbeat.objects.get(name="horizon").note == "2018-02-16"
    steps_taken = Heartbeat.objects.get(name="horizon").beat_at
    rounds.run()
    assert Heartbeat.objects.get(name="horizon").beat_at == steps_taken


def test_a_part_that_fails_stops_no_other(world, mailoutbox, settings, monkeypatch):
    def broken() -> int:
        raise RuntimeError("a calendar that cannot be read")

    monkeypatch.setattr(steps, "roll", broken)
    world.walk("assigned")
    done = rounds.run()
    assert done.failed == ["horizon"]
    assert len(mailoutbox) == 1
    assert "failed: horizon" in Heartbeat.objects.get(name="clock").note


@pytest.mark.django_db(transaction=True)
def test_a_step_asks_for_one_round_however_many_are_taken(world):
    djhuey.HUEY.flush()
    world.walk("submitted")
    assert djhuey.HUEY.pending_count() == 1
    djhuey.HUEY.flush()


def test_a_task_is_a_round(world, mailoutbox):
    tasks.round_now.call_local()
    assert Notice.objects.exists()
