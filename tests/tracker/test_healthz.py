"""Whether all is well: 503 when the database or the guard of the record fails, and only then."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from tracker import triggers
from tracker.models import Heartbeat


def asked():
    response = Client().get("/healthz")
    return response.status_code, response.json()


def test_all_is_well_before_the_worker_has_gone_round(db):
    status, said = asked()

    assert (status, said["ok"], said["database"], said["triggers_missing"]) == (200, True, True, [])
    assert said["clock"] == {"last_beat_seconds_ago": None, "note": "the worker has not gone round yet"}


def test_last_round_of_the_clock_is_said_in_seconds(db):
    Heartbeat.objects.create(name="clock", beat_at=timezone.now() - timedelta(seconds=90))

    status, said = asked()

    assert status == 200
    assert 90 <= said["clock"]["last_beat_seconds_ago"] < 100


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
