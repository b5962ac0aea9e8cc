"""The worker's queue. huey only wakes: it loses what a killed worker was doing and does not run what it missed, so a task
is never more than "take a round"."""

import logging
from typing import Any

from django.db import close_old_connections
from huey import crontab
from huey.contrib import djhuey
from huey.signals import SIGNAL_COMPLETE, SIGNAL_ERROR

from tracker import ticking
from workflows import rounds

log = logging.getLogger(__name__)


def take_a_round() -> rounds.Round:
    """A round by this worker, which is seen to be alive before it and after it."""
    ticking.worker_beat("going round")
    done = rounds.run()
    ticking.worker_beat(str(done))
    return done


@djhuey.db_periodic_task(crontab(minute="*"))
def each_minute() -> None:
    """The round that comes whatever happens, from every consumer."""
    take_a_round()


@djhuey.db_task()
def round_now() -> None:
    """The round that something asked for."""
    take_a_round()


@djhuey.on_startup()
def first_round() -> None:
    """A worker that starts looks around at once."""
    close_old_connections()
    try:
        log.info("First round: %s.", take_a_round())
    finally:
        close_old_connections()


@djhuey.signal(SIGNAL_ERROR)
def job_failed(_signal: str, task: Any, error: BaseException | None = None) -> None:
    """A job of the queue failed as a whole, which a part of a round alone never makes it do."""
    ticking.failed(f"job: {task.name}", error or RuntimeError("it failed"))


@djhuey.signal(SIGNAL_COMPLETE)
def job_went_well(_signal: str, task: Any) -> None:
    """And goes well again."""
    ticking.went_well([f"job: {task.name}"])


def wake() -> None:
    """Ask for a round; one that is waiting already will see what we have just written."""
    if not djhuey.HUEY.pending_count():
        round_now()
