"""`manage.py parse_resolution FILE…`: what is read of the texts of resolutions. Changes nothing but the files of --out."""

from __future__ import annotations

import json
import textwrap
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from tracker.formats import read_document
from tracker.parsing import Operative, ParsedResolution, ParseError, parse

EXIT_UNREADABLE = 2
WIDTH = 100
NO_TEXTS = {".json", ".md", ".py"}  # what stands beside texts in a folder


class Command(BaseCommand):
    """Prints the reading of files, for people or as JSON, or writes each into a folder."""

    help = "Reads the texts of resolutions and prints their paragraphs, duties and due points. Changes nothing."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            metavar="FILE",
            nargs="+",
            help="a resolution in any format that is read, or a folder of such files",
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a listing (a list of several)")
        parser.add_argument("--out", metavar="DIR", type=Path, help="write NAME.json for each text into this folder")

    def handle(self, *args: Any, files: list[str], out: Path | None, **options: Any) -> None:
        """Prints the readings. A text that cannot be read is named in one sentence; the others are read all the same, and
        the command ends with exit code 2."""
        places = list(texts(files))
        if not places:
            raise CommandError("There are no files in this folder.", returncode=EXIT_UNREADABLE)
        names = _names(places) if out else []
        readings, refused = [], []
        for number, place in enumerate(places):
            try:
                reading = parse(read_document(place).text)
            except ParseError as error:
                refused.append(gettext(error.template) % error.params)
                continue
            if out:
                self._write(out / names[number], reading)
            elif options["json"]:
                several = {"file": str(place)} if len(places) > 1 else {}
                readings.append({**several, **reading.to_json()})
            else:
                self.stdout.write("\n".join([*([f"== {place}"] if len(places) > 1 else []), *listing(reading), ""]))
        if readings:
            self.stdout.write(json.dumps(readings if len(places) > 1 else readings[0], ensure_ascii=False, indent=2))
        if out:
            self.stdout.write(f"{len(places) - len(refused)} of {len(places)} texts read; written into {out}.")
        if refused:
            raise CommandError("\n".join(refused), returncode=EXIT_UNREADABLE)

    @staticmethod
    def _write(place: Path, reading: ParsedResolution) -> None:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(reading.to_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{place} can't be written ({error.strerror}).") from error


def texts(files: list[str]) -> Iterator[Path]:
    """The files named, and for a folder the files in it, in the order of their names."""
    for name in files:
        place = Path(name)
        if not place.is_dir():
            yield place
            continue
        inside = (one for one in place.iterdir() if one.is_file() and not one.name.startswith("."))
        yield from sorted(one for one in inside if one.suffix.lower() not in NO_TEXTS)


def _names(places: list[Path]) -> list[str]:
    """NAME.json for each; where two files share a stem, the whole file name stands before .json."""
    stems = [one.stem for one in places]
    names = [f"{one.stem if stems.count(one.stem) == 1 else one.name}.json" for one in places]
    if double := sorted({one for one in names if names.count(one) > 1}):
        raise CommandError(f"Several texts would be written as {', '.join(double)}: give them different names.")
    return names


def listing(resolution: ParsedResolution) -> list[str]:
    """A reading as lines for people: preamble in short, each item with what was read of it, complaints last."""
    lines = [line for line in (resolution.symbol, resolution.title, resolution.enacting) if line]
    lines.append("")
    for paragraph in resolution.preambular:
        mark = " ".join(part for part in (paragraph.heading, paragraph.label) if part)
        lines.append(textwrap.shorten(f"{mark} {paragraph.text}".strip(), WIDTH, placeholder=" …"))
    for item in resolution.operative:
        lines += ["", *_item(item)]
    if resolution.complaints:
        lines += ["", "To look at:"]
        lines += [f"  line {one.line}: {one.message}" for one in resolution.complaints]
    return lines


def _item(item: Operative) -> list[str]:
    facts = [
        ("acts", "; ".join(f"{act.verb} ({act.force})" for act in item.acts)),
        ("addressees", "; ".join(one.name for one in item.addressees)),
        ("kind", item.kind),
        ("due", "; ".join(f"{one.text} ({one.kind})" for one in item.due)),
    ]
    words = textwrap.fill(f"{item.path}  {item.text}", WIDTH, subsequent_indent="    ")
    return [words, *(f"    {name}: {value}" for name, value in facts if value)]
