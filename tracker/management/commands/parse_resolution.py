"""`manage.py parse_resolution FILE [--json]`: what is read of a resolution's text. Changes nothing."""

from __future__ import annotations

import json
import textwrap
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from tracker.parsing import Operative, ParsedResolution, ParseError, parse, read_source

EXIT_UNREADABLE = 2
WIDTH = 100


class Command(BaseCommand):
    """Prints the reading of one file: for people, or as JSON."""

    help = "Reads the text of a resolution and prints its paragraphs, duties and due points. Changes nothing."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the text of a resolution: plain text in UTF-8")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a listing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the reading, or ends with exit code 2 and one sentence that says what is wrong."""
        try:
            resolution = parse(read_source(options["file"]))
        except ParseError as error:
            raise CommandError(gettext(error.template) % error.params, returncode=EXIT_UNREADABLE) from error
        if options["json"]:
            self.stdout.write(json.dumps(resolution.to_json(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(listing(resolution)))


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
