"""`manage.py import_resolution FILE`: the text of a resolution to a draft in intake, for a person to confirm."""

from argparse import ArgumentParser
from textwrap import shorten
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from tracker import audit, intake
from tracker.formats import read_document
from tracker.models import Body, Means, Obligation, Person, Session, Version
from tracker.parsing import ParsedResolution, ParseError, parse
from workflows import steps

EXIT_UNREADABLE = 2
Anchor = Obligation.Anchor


class Command(BaseCommand):
    help = "Reads the text of a resolution and enters it as a draft: its items and the duties proposed from its words."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a resolution: plain text, PDF, DOCX, HTML or Akoma Ntoso")
        parser.add_argument("--dry-run", action="store_true", help="print what would be entered, and change nothing")
        parser.add_argument(
            "--body", metavar="SLUG", help="whose resolution it is (default: as its enacting words say)"
        )
        parser.add_argument(
            "--slug", default="", help="its short name in addresses (default: from its symbol, as r1306)"
        )
        parser.add_argument("--symbol", default="", help="its symbol, where the text has none")
        parser.add_argument("--label", default="", help="the label of this version (default: from its symbol, as C15)")
        parser.add_argument(
            "--adopted-at", metavar="CODE", help="the session that adopted it (default: that of the label)"
        )
        parser.add_argument("--by", metavar="USERNAME", help="who imports it: a secretary (default: the system itself)")

    def handle(self, *args: Any, file: str, dry_run: bool, **options: Any) -> None:
        try:
            document = read_document(file)
            text = document.text
            parsed = parse(text)
        except ParseError as error:
            raise CommandError(gettext(error.template) % error.params, returncode=EXIT_UNREADABLE) from error
        body = body_of(parsed, options["body"])
        given = {name: options[name] for name in ("slug", "symbol", "label")}
        given["adopted_at"] = session_of(body, options["adopted_at"])
        if dry_run:
            made = intake.draft(parsed, text, body=body, **given)
            self.stdout.write("\n".join([*listing(made), "", "Nothing was changed."]))
            return
        before = set(Version.objects.values_list("pk", flat=True))
        try:
            with audit.acting(Means.COMMAND):
                version = steps.import_version(
                    body, text=text, carried=document.carried, by=importer(options["by"]), **given
                )
        except PermissionDenied as refused:
            raise CommandError(str(refused)) from refused
        except ValidationError as wrong:
            raise CommandError(
                " ".join(f"{name}: {' '.join(words)}" for name, words in wrong.message_dict.items())
            ) from wrong
        self.stdout.write(said(version, new=version.pk not in before))


def body_of(parsed: ParsedResolution, slug: str | None) -> Body:
    """The body named, or the one that the enacting words name ("The Council" is the ITU Council where there is no other)."""
    bodies = list(Body.objects.all())
    if slug:
        found = [one for one in bodies if one.slug == slug]
    else:
        words = parsed.enacting.casefold().removeprefix("the ").strip(" ,")
        found = [one for one in bodies if words and words in {one.name.casefold(), one.short_name.casefold()}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted(one.slug for one in bodies)) or "none yet"
    if slug:
        raise CommandError(f"There is no body {slug!r} here. Known: {known}.")
    raise CommandError(
        f"Whose resolution is it? Its enacting words ({parsed.enacting!r}) do not say: add --body ({known})."
    )


def session_of(body: Body, code: str | None) -> Session | None:
    """The session of that code; None where none is named."""
    if not code:
        return None
    found = Session.objects.filter(body=body, code__iexact=code).first()
    if found is None:
        raise CommandError(f"{body} has no session {code!r} in its calendar.")
    return found


def importer(username: str | None) -> Person | None:
    """The person who imports; None is the system itself."""
    if username is None:
        return None
    found = Person.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise CommandError(f"There is no account {username!r}.")
    return found


def said(version: Version, *, new: bool) -> str:
    """What became of the import, in two lines."""
    done, total, _missing = intake.accounted(version)
    name = f"{version.resolution.reference}@{version.label}"
    first = f"Entered {version} as {name}." if new else f"{version} is here already, as {name}: nothing was changed."
    return f"{first}\n{done} of {total} items accounted for."


def listing(made: intake.Draft) -> list[str]:
    """A draft as lines for people."""
    name = f"{made.resolution.reference}@{made.version.label}"
    if made.already is not None:
        return [f"{made.already} is here already, as {name}."]
    version = made.version
    lines = [f"{version}, to be entered as {name}", version.title]
    if version.adopted_at and version.in_force_from:
        known = {"month": "%B %Y", "year": "%Y"}.get(version.in_force_from_precision, "%d %B %Y")
        lines.append(f"adopted at {version.adopted_at}, in force from {version.in_force_from:{known}}")
    operative = made.operative
    lines += [f"{len(made.paragraphs) - len(operative)} preambular paragraphs, {len(operative)} operative items", ""]
    width = max((len(one.path) for one in operative), default=0)
    for paragraph in operative:
        lines.append(f"{paragraph.path:<{width}}  {shorten(paragraph.text, 100, placeholder=' …')}")
        lines += [f"{'':<{width}}  → {duty(one)}" for one in made.obligations if one.paragraph is paragraph]
    if made.notes:
        lines += ["", "To look at:", *(f"  {note}" for note in made.notes)]
    return lines


def duty(obligation: Obligation) -> str:
    """A proposed duty in one line."""
    when = {
        Anchor.SESSION: f"{obligation.anchor_session or f'sessions of {obligation.anchor_body}'}, {obligation.offset_days:+} days",
        Anchor.MEETING: f"meetings of {obligation.anchor_body}, {obligation.offset_days:+} days",
        Anchor.DATE: f"{obligation.due_date}",
    }.get(Anchor(obligation.anchor), "due point to be settled")
    return f"{obligation.get_kind_display()}: {when}; {obligation.responsible}, endorsed by {obligation.endorser}"
