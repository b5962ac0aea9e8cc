"""`manage.py verify_audit`: is the record as it was written?"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker import keys
from tracker.log import verifying
from tracker.log.findings import KINDS, Found
from tracker.proofs import notes

EXIT_FOUND, EXIT_UNREADABLE = 1, 2


class Command(BaseCommand):
    help = "Checks that the record is as it was written, and names every row that is not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        since = "check what was sealed after this head: a number of events, or a file with a signed head"
        parser.add_argument("--since", metavar="HEAD", default="0", help=since)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")
        parser.add_argument(
            "--no-replay", action="store_true", help="do not compare what stands with what the record says"
        )

    def handle(self, *args: Any, since: str, no_replay: bool, **options: Any) -> None:
        size, held = beginning(since)
        terminal = self.stderr if sys.stderr.isatty() else None
        report = verifying.verify(
            since=size, held=held, replay=not no_replay, progress=_Told(terminal) if terminal else None
        )
        self.stdout.write(json.dumps(as_json(report, size), indent=2) if options["json"] else said(report, size))
        if report.found:
            sys.exit(EXIT_FOUND)


def beginning(since: str) -> tuple[int, notes.Head | None]:
    """Where to begin: after so many events, or after a head that somebody kept."""
    if since.isascii() and since.isdigit():
        return int(since), None
    try:
        head = notes.read(Path(since).read_text(), keys.known_keys())
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{since!r} is neither a number nor a file: {error}", returncode=EXIT_UNREADABLE) from error
    except notes.NotAHead as error:
        raise CommandError(f"{since!r} holds no head of this log: {error}", returncode=EXIT_UNREADABLE) from error
    return head.size, head


def as_json(report: verifying.Report, since: int) -> dict[str, Any]:
    """The report; its form is in docs/verifying.md."""
    return {
        "since": since,
        "size": report.size,
        "events": report.events,
        "root": report.root,
        "seconds": round(report.seconds, 3),
        "found": report.found,
        "findings": [
            {
                "kind": one.kind,
                "words": KINDS[one.kind],
                "event": one.event,
                "stream": one.stream,
                "number": one.number,
                "position": one.position,
                "facts": one.facts,
            }
            for one in report.findings
        ],
    }


def said(report: verifying.Report, since: int) -> str:
    """The report in sentences."""
    what = f"{report.events} events{f' after the first {since}' if since else ''}"
    lines = [f"{where(one)}: {KINDS[one.kind]}{beside(one)}." for one in report.findings]
    if report.found > len(report.findings):
        lines.append(f"… and {report.found - len(report.findings)} more.")
    lines.append(
        f"Read {what} in {report.seconds:.1f} s; the log has {report.size}. "
        + (f"Found: {report.found}." if report.found else "Nothing was found: the record is as it was written.")
    )
    if report.size:
        lines.append(f"Root {report.root}")
    return "\n".join(lines)


def where(one: Found) -> str:
    """The row that a finding names."""
    parts = [one.stream] if one.stream else []
    named = {"number": one.number, "event": one.event, "position": one.position}
    parts += [f"{name} {number}" for name, number in named.items() if number is not None]
    return ", ".join(parts) or "the log"


def beside(one: Found) -> str:
    return f" ({', '.join(f'{name} {value}' for name, value in one.facts.items())})" if one.facts else ""


class _Told:
    """Progress on a terminal, on one line."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal
        self._percent = -1

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // total
        if percent != self._percent:
            self._percent = percent
            ending = "\n" if done >= total else "\r"
            self._terminal.write(f"{done:,} of {total:,} events ({percent} %)", ending=ending)
            self._terminal.flush()
