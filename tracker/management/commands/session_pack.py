"""`manage.py session_pack c18 --out DIR`: the session pack as files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError

from tracker import access, packs
from tracker.frozen import canonical, freeze
from tracker.models import Body
from tracker.summaries import find_session


class Command(BaseCommand):
    """Prints the files that it wrote, one a line. It sees what every member of the body may see."""

    help = "Write the session pack: PDF, DOCX, XLSX, CSV and JSON of what was resolved and what was done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", help="The session's short name, such as c18.")
        parser.add_argument(
            "--out", required=True, type=Path, metavar="DIR", help="The folder; made where it is missing."
        )
        parser.add_argument(
            "--body", default="", help="The body's short name, where there are several with resolutions."
        )
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])
        parser.add_argument("--kinds", default=",".join(packs.KINDS), help="Some of: pdf, docx, xlsx, csv, json.")
        parser.add_argument("--symbol", default="", help="The pack's own document symbol, where it has one.")

    def handle(self, *_args: Any, **options: Any) -> None:
        kinds = [one.strip().lower() for one in options["kinds"].split(",") if one.strip()]
        if unknown := [one for one in kinds if one not in packs.KINDS]:
            raise CommandError(f"There is no kind {', '.join(unknown)}: choose from {', '.join(packs.KINDS)}.")
        body = _body(options["body"])
        reader = access.Members(body)
        try:
            session = find_session(body, options["session"])
            frozen = canonical(freeze(reader, body, session, languages=[options["language"]]))
            written = packs.write(
                frozen, options["out"], options["language"], kinds=kinds or list(packs.KINDS), symbol=options["symbol"]
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written to: {error.strerror}.") from error
        for place in written:
            self.stdout.write(str(place))


def _body(slug: str) -> Body:
    """The body that is meant: the one named, else the only one that has resolutions."""
    every = list(access.bodies(AnonymousUser()))
    found = [
        one
        for one in every
        if (one.slug == slug if slug else access.resolutions(access.Members(one)).filter(body=one).exists())
    ]
    if len(found) == 1:
        return found[0]
    if slug:
        raise CommandError(f"There is no body {slug}: choose from {', '.join(one.slug for one in every) or 'none'}.")
    names = ", ".join(one.slug for one in found) or "none"
    raise CommandError(f"Name the body with --body; those with resolutions: {names}.")
