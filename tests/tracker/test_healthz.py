"""Whether all is well: 503 when the database or the guard of the record fails, and only then."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from tests.record import new_heads
from tracker import ticking, triggers
from tracker.log import findings, health, sealing
from tracker.models import Check, Event, Finding, Heartbeat
from workflows import steps


def asked():
    response = Client().get("/healthz")
    return response.status_code, response.json()


def test_all_is_well_before_the_worker_has_gone_round(db):
    status, said = asked()

    assert (status, said["ok"], said["database"], said["triggers_missing"]) == (200, True, True, [])
    assert said["clock"] == {
        "ok": False,
        "ticking": False,
        "reason": "the worker has not gone round yet",
        "failing": [],
        "last_beat_seconds_ago": None,
        "note": "",
    }


def test_last_round_of_the_clock_is_said_in_seconds(db):
    Heartbeat.objects.create(name="clock", beat_at=timezone.now() - timedelta(seconds=90))

    status, said = asked()

    assert status == 200
    assert 90 <= said["clock"]["last_beat_seconds_ago"] < 100
    assert (said["clock"]["ok"], said["clock"]["ticking"], said["clock"]["reason"]) == (True, True, "")


@pytest.mark.parametrize(("minutes", "reason"), [(6, "more than 5 minutes"), (-60, "was put back")])
def test_clock_that_stands_still_is_said_and_the_site_stays_up(db, minutes, reason):
    Heartbeat.objects.create(name="clock", beat_at=timezone.now() - timedelta(minutes=minutes))

    status, said = asked()

    assert (status, said["ok"]) == (200, True)
    assert (said["clock"]["ok"], said["clock"]["ticking"]) == (False, False)
    assert reason in said["clock"]["reason"]


def test_part_of_a_round_that_fails_is_said_and_the_site_stays_up(db):
    Heartbeat.objects.create(name="clock", beat_at=timezone.now())
    ticking.failed("mails", RuntimeError("no room"))

    status, said = asked()

    assert (status, said["ok"]) == (200, True)
    assert (said["clock"]["ok"], said["clock"]["ticking"], said["clock"]["failing"]) == (False, True, ["mails"])


def test_missing_trigger_is_a_failure_that_names_it(db):
    gone = next(iter(triggers._wanted("default")))
    with connection.cursor() as cursor:
        on = f" ON {triggers._table(gone)}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {gone}{on}")

    status, said = asked()

    assert (status, said["ok"], said["triggers_missing"]) == (503, False, [gone])


def test_database_that_does_not_answer_is_a_failure(db):
    def refuse(*_args):
        raise DatabaseError("gone")

    with connection.execute_wrapper(refuse):
        status, said = asked()

    assert (status, said) == (503, {"ok": False, "database": False})


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_health_is_only_read(db, method):
    assert getattr(Client(), method)("/healthz").status_code == 405


# --- the log of the record --------------------------------------------------------------------------------------------


def test_log_of_an_empty_register_is_sound(db):
    assert asked()[1]["record"] == {
        "state": "sound",
        "head": None,
        "waiting": {"events": 0, "more": False, "oldest_seconds": None},
        "last_check": None,
        "findings": 0,
    }


def test_newest_head_and_what_waits_are_said(world):
    new_heads()
    sealing.seal()
    sealed = Event.objects.count()
    steps.hold(world.due, by=world.chair, reason="Waiting.")

    said = asked()[1]["record"]

    assert said["head"]["events"] == sealed
    assert 0 <= said["head"]["seconds_ago"] < 60
    assert (said["waiting"]["events"], said["waiting"]["more"]) == (1, False)
    assert 0 <= said["waiting"]["oldest_seconds"] < 60
    assert said["state"] == "sound"


@pytest.mark.parametrize(("minutes", "state"), [(4, "sound"), (6, "behind")])
def test_log_is_behind_after_five_minutes_and_the_site_stays_up(world, settings, minutes, state):
    first = Event.objects.order_by("recorded_at")[0].recorded_at
    settings.RESOLVES_NOW = (first + timedelta(minutes=minutes)).isoformat()

    status, said = asked()

    assert (status, said["ok"], said["record"]["state"]) == (200, True, state)


@pytest.mark.parametrize(
    ("kind", "state"), [("changed", "findings"), ("late", "findings"), ("tail", "broken"), ("exported", "broken")]
)
def test_finding_is_said_and_the_site_stays_up(db, kind, state):
    findings.keep([findings.Found(kind, 1, "occurrence:x", 1)])

    status, said = asked()

    assert (status, said["ok"]) == (200, True)
    assert (said["record"]["state"], said["record"]["findings"]) == (state, 1)
    Finding.objects.update(gone_at=timezone.now())
    assert asked()[1]["record"]["state"] == "sound"


def test_last_whole_check_is_said(db):
    ended = timezone.now() - timedelta(hours=2)
    given = {"asked_at": ended, "ended_at": ended}
    Check.objects.create(state="passed", **given)
    Check.objects.create(state="failed", since=500, found=3, **given)  # not of the whole record
    Check.objects.create(state="broken", **given)

    said = asked()[1]["record"]["last_check"]

    assert (said["state"], said["found"]) == ("passed", 0)
    assert 7200 <= said["seconds_ago"] < 7300


def test_it_asks_few_questions_however_much_waits(world, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(health, "MOST", 2)
    with django_assert_num_queries(9):
        waiting = asked()[1]["record"]["waiting"]

    assert (waiting["events"], waiting["more"]) == (2, True)
