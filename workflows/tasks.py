"""The worker's queue. huey only wakes: it loses what a killed worker was doing and does not run what it missed, so a task
is never more than "take a round"."""

import logging

from django.db import close_old_connections
from huey import crontab
from huey.contrib import djhuey

from workflows import rounds

log = logging.getLogger(__name__)


@djhuey.db_periodic_task(crontab(minute="*"))
def each_minute() -> None:
    """The round that comes whatever happens, from every consumer."""
    rounds.run()


@djhuey.db_task()
def round_now() -> None:
    """The round that something asked for."""
    rounds.run()


@djhuey.on_startup()
def first_round() -> None:
    """A worker that starts looks around at once."""
    close_old_connections()
    try:
        log.info("First round: %s.", rounds.run())
    finally:
        close_old_connections()


def wake() -> None:
    """Ask for a round; one that is waiting already will see what we have just written."""
    if not djhuey.HUEY.pending_count():
        round_now()
