"""`manage.py export_resolution itu-council/r1306@C15 --format akn`: a version for other systems."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker import outward
from tracker.models import Obligation, Version

FORMATS = ("akn", "json")


class Command(BaseCommand):
    """Prints the file, or writes it. Whoever runs the machine sees everything."""

    help = "Writes a version of a resolution as Akoma Ntoso or JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "version", metavar="BODY/RESOLUTION@LABEL", help="such as itu-council/r1306@C15; without @LABEL the newest"
        )
        parser.add_argument("--format", choices=FORMATS, default="akn", help="akn (the default) or json")
        parser.add_argument("--out", type=Path, metavar="FILE", help="where to (default: to the terminal)")

    def handle(self, *args: Any, version: str, out: Path | None, **options: Any) -> None:
        found = _version(version)
        paragraphs = list(found.paragraphs.order_by("position"))
        if options["format"] == "akn":
            made = outward.akoma_ntoso(found, paragraphs).decode()
        else:
            duties = Obligation.objects.filter(paragraph__version=found).order_by("paragraph", "number")
            made = json.dumps(outward.as_json(found, paragraphs, duties), ensure_ascii=False, indent=2) + "\n"
        if out is None:
            self.stdout.write(made, ending="")
            return
        try:
            out.write_text(made, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error


def _version(named: str) -> Version:
    reference, _at, label = named.partition("@")
    body, _slash, slug = reference.partition("/")
    versions = Version.objects.select_related("resolution__body", "adopted_at").filter(
        resolution__body__slug=body, resolution__slug=slug
    )
    found = (versions.filter(label__iexact=label) if label else versions.order_by("-in_force_from", "-pk")).first()
    if found is None:
        known = ", ".join(f"{one.resolution.reference}@{one.label}" for one in Version.objects.all()[:20]) or "none yet"
        raise CommandError(f"There is no version {named!r} here. Known: {known}.")
    return found
