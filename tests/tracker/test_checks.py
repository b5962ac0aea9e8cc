"""Checks of the record as rows: asked for or due, done once, given up where their worker was killed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.histories import past_the_guards
from tests.people import World
from tests.record import taken_in
from tracker.log import checks, line, sealing
from tracker.log.tree import Tree
from tracker.models import Check, Event, Finding, Heartbeat, Leaf
from workflows import rounds


def test_check_that_was_asked_for_is_done_once(world: World) -> None:
    taken_in()
    sealing.seal()
    asked = checks.ask(by=world.auditor)
    assert checks.ask(by=world.chair) == asked == checks.under_way()

    done = checks.run_due()

    assert done is not None
    assert (done.pk, done.state, done.asked_by, done.found) == (asked.pk, "passed", world.auditor, 0)
    assert (done.size, done.root, done.done) == (Leaf.objects.count(), Tree().root(done.size).hex(), done.total)
    assert (checks.latest(), checks.under_way(), checks.run_due()) == (done, None, None)


def test_findings_of_a_check_stand_until_one_no_longer_shows_them(world: World) -> None:
    taken_in()
    sealing.seal()
    event = Event.objects.latest("pk")
    past_the_guards("UPDATE tracker_event SET means = 'admin' WHERE id = %s", params=[event.pk])
    checks.ask(by=None)
    check = checks.run_due()
    assert check is not None
    assert (check.state, check.found) == ("failed", 1)
    finding = Finding.objects.get()
    assert (finding.kind, finding.event_number, finding.gone_at, finding.found_by) == ("changed", event.pk, None, check)

    past_the_guards("UPDATE tracker_event SET means = %s WHERE id = %s", params=[event.means, event.pk])
    checks.ask(by=None)
    checks.run_due()

    assert Finding.objects.get().gone_at is not None


def test_round_checks_the_record_at_its_first_head_and_then_once_a_day(world: World) -> None:
    taken_in()
    assert checks.run_due() is None  # nothing is sealed yet
    rounds.run()
    rounds.run()
    assert list(Check.objects.values_list("state", flat=True)) == ["passed"]
    assert line.standing(world.chair).sound

    Check.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    rounds.run()
    rounds.run()
    assert Check.objects.count() == 2


def test_two_workers_do_one_check(world: World) -> None:
    check = checks.ask(by=None)
    assert checks._take(check)

    assert not checks._take(check)
    assert checks.run_due() is None
    assert Check.objects.count() == 1


def test_check_of_a_killed_worker_is_broken_and_asked_for_anew(world: World) -> None:
    taken_in()
    check = checks.ask(by=world.auditor)
    assert checks._take(check)
    long_ago = timezone.now() - timedelta(minutes=11)
    Check.objects.update(started_at=long_ago)
    assert checks.run_due() is None  # it still beats
    Heartbeat.objects.filter(name="check").update(beat_at=long_ago)

    done = checks.run_due()

    assert done is not None
    assert (done.state, done.asked_by) == ("passed", world.auditor)
    assert sorted(Check.objects.values_list("state", flat=True)) == ["broken", "passed"]


def test_check_that_fails_to_end_is_broken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(**_given: Any) -> None:
        raise RuntimeError("The disk is gone.")

    monkeypatch.setattr(checks.verifying, "verify", fall)
    checks.ask(by=None)
    with pytest.raises(RuntimeError):
        checks.run_due()

    assert Check.objects.get().state == "broken"
    assert checks.latest() is None


def test_progress_is_written_now_and_then(world: World) -> None:
    check = checks.ask(by=None)
    checks._take(check)
    ticks = iter([10.0, 10.0, 10.2, 10.4, 11.5, 11.5, 11.6])
    tell = checks._Progress(check.pk, now=lambda: next(ticks))
    seen = []
    for done in (10, 20, 30, 40):
        tell(done, 100)
        seen.append(Check.objects.get().done)

    assert seen == [10, 10, 10, 40]
