"""`manage.py export_log [--out FILE] [--since SIZE]`: the whole log as JSON lines."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.log import exporting


class Command(BaseCommand):
    help = "Writes the whole log, up to its newest signed head, as JSON lines that resolves_verify.py checks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", metavar="FILE", help="where to (default: to the terminal)")
        parser.add_argument(
            "--since", type=int, default=0, metavar="SIZE", help="only what came after the head of that size"
        )
        parser.add_argument(
            "--words", action="store_true", help="with the words beside the events, which may be erased"
        )

    def handle(self, *args: Any, out: str | None, since: int, words: bool, **options: Any) -> None:
        try:
            lines = exporting.lines(since=since, words=words)
            if out is None:
                for line in lines:
                    self.stdout.write(line, ending="")
                return
            self.stdout.write(f"{_written(Path(out), lines)} events.")
        except exporting.NothingSealed as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error


def _written(file: Path, lines: Any) -> int:
    """Write all of it or nothing: what is there already stays until the new one is whole."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    count = -1
    try:
        with beside.open("w", encoding="utf-8") as opened:
            os.fchmod(opened.fileno(), 0o600)
            for line in lines:
                opened.write(line)
                count += 1
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return count
