"""`manage.py score_parsing DIR`: how well the texts of a folder are read, against the ground truth in its index.json."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.formats import read_document
from tracker.parsing import ParsedResolution, ParseError, parse
from tracker.parsing.scoring import FIELDS, Score, score, total

EXIT_UNREADABLE = 2
HEADINGS = ("text", "labels", "items", "preamble", "verbs", "addressees", "due points")


class Command(BaseCommand):
    """Prints a table, a line for each text and one for all; with --misses also what was not read."""

    help = "Scores the reading of the texts of a folder against the ground truth in its index.json."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="holds the texts and index.json")
        parser.add_argument("--misses", action="store_true", help="also list what was not read, part by part")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, folder: Path, misses: bool, **options: Any) -> None:
        """Prints the scores; a text that cannot be read counts as nothing read, and is named."""
        scores = [_scored(folder, entry, self.stderr.write) for entry in _index(folder)]
        scores.append(total(scores))
        if options["json"]:
            self.stdout.write(json.dumps([_plain(one) for one in scores], ensure_ascii=False, indent=2))
            return
        self.stdout.write("\n".join(table(scores)))
        if misses:
            self.stdout.write("\n".join(["", *_missed(scores[:-1])]))


def _index(folder: Path) -> list[dict[str, Any]]:
    place = folder / "index.json"
    try:
        entries = json.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{place} can't be read ({error.strerror}).", returncode=EXIT_UNREADABLE) from error
    except ValueError as error:
        raise CommandError(f"{place} is no JSON: {error}.", returncode=EXIT_UNREADABLE) from error
    if not isinstance(entries, list) or not entries:
        raise CommandError(f"{place} holds no list of texts.", returncode=EXIT_UNREADABLE)
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or not isinstance(entry.get("file"), str) or not _items(entry.get("items")):
            raise CommandError(
                f"Entry {number} of {place} needs `file` and `items`, each item with a `label`.",
                returncode=EXIT_UNREADABLE,
            )
    return entries


def _items(items: object) -> bool:
    return isinstance(items, list) and all(isinstance(one, dict) and "label" in one for one in items)


def _scored(folder: Path, entry: dict[str, Any], complain: Any) -> Score:
    reading: ParsedResolution | None = None
    try:
        reading = parse(read_document(folder / Path(entry["file"]).name).text)
    except ParseError as error:
        complain(f"{entry['file']}: {error.message}")
    return score(entry, reading)


def table(scores: list[Score]) -> list[str]:
    """The scores as lines of aligned columns, the last one for all texts."""
    rows = [HEADINGS, *(_row(one) for one in scores)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    rule = "-" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _row(one: Score) -> tuple[str, ...]:
    labels = (
        "all" if one.labels else f"{len(one.lost)} lost, {len(one.false)} false" if one.lost or one.false else "order"
    )
    return (one.file, labels, _share(one.items), _of(one.preambular), *(_share(one.counts[name]) for name in FIELDS))


def _of(pair: tuple[int, int]) -> str:
    return f"{pair[0]} of {pair[1]}"


def _share(pair: tuple[int, int]) -> str:
    found, wanted = pair
    return f"{found}/{wanted} {100 * found / wanted:.1f} %" if wanted else "-"


def _missed(scores: list[Score]) -> list[str]:
    lines = []
    for one in scores:
        lines += [f"{one.file}: {path} was not read" for path in one.lost]
        lines += [f"{one.file}: {path} is no item" for path in one.false]
        lines += [
            f"{one.file}: {miss.label} {miss.field}: wanted “{miss.wanted.strip()}”, read {', '.join(miss.read) or 'nothing'}"
            for miss in one.misses
        ]
    return lines


def _plain(one: Score) -> dict[str, Any]:
    counts = {name: {"found": found, "wanted": wanted} for name, (found, wanted) in one.counts.items()}
    return {
        "file": one.file,
        "labels": one.labels,
        "lost": list(one.lost),
        "false": list(one.false),
        "items": {"found": one.items[0], "wanted": one.items[1]},
        "preambular": {"found": one.preambular[0], "wanted": one.preambular[1]},
        **counts,
    }
