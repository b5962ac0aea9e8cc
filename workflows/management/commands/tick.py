"""One round of the clock by hand."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker import clock
from workflows import rounds


class Command(BaseCommand):
    help = "Takes one round of the clock: plans and sends what is due. Safe beside a running worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = "as if it were this moment, such as 2018-03-19T09:00 (demo and tests only)"
        parser.add_argument("--now", metavar="ISO", help=words)

    def handle(self, *args: Any, now: str | None, **options: Any) -> None:
        done = self.taken_at(now)
        if done.failed:
            raise CommandError(f"{done}; the log says why.")
        self.stdout.write(f"{done}.")

    def taken_at(self, now: str | None) -> rounds.Round:
        """The round, at the moment asked for."""
        if now is None:
            return rounds.run()
        if settings.MODE == "production":
            raise CommandError("--now is for the demo and the tests: a real register lives on the real clock.")
        try:
            moment = datetime.fromisoformat(now)
        except ValueError:
            raise CommandError(f"{now!r} is no moment: write it as 2018-03-19T09:00.") from None
        if not 1900 <= moment.year <= 2200:
            raise CommandError(f"{now!r} is too far away.")
        with clock.at(moment):
            return rounds.run()
