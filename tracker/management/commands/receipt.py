"""`manage.py receipt REFERENCE`: the history of one item as a file that proves itself."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.log import receipts


class Command(BaseCommand):
    help = "Prints the receipt of an item: its events, each with its place in the log and the path to a signed head."

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = "an item, such as itu-council/r1306-1.2-c17, or a whole stream, such as resolution:itu-council/r1306"
        parser.add_argument("reference", metavar="REFERENCE", help=words)
        parser.add_argument("--entry", type=int, metavar="NUMBER", help="that entry alone")
        parser.add_argument(
            "--words", action="store_true", help="with the words beside the events, which may be erased"
        )

    def handle(self, *args: Any, reference: str, entry: int | None, words: bool, **options: Any) -> None:
        stream = reference if ":" in reference else f"occurrence:{reference}"
        found = receipts.receipt(stream, number=entry, words=words) if entry is None or entry > 0 else None
        if found is None:
            raise CommandError(f"There is no entry {entry} of {stream}." if entry else f"Nothing is known of {stream}.")
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
