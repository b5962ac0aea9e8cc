"""Says how many mails with reminders the coming year would bring to whom."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker import exports
from tracker.models import Body, ReminderPolicy
from workflows import foretelling
from workflows.foretelling.shown import table


class Command(BaseCommand):
    help = (
        "Says how many mails with reminders the coming year would bring to whom, should nobody report anything; with --draft what "
        "a draft of a policy would make of it. It changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--body", metavar="SLUG", help="only what this body and those below it answer for")
        parser.add_argument("--draft", type=int, metavar="NUMBER", help="try this draft of a policy out")
        parser.add_argument("--csv", action="store_true", help="the whole table, each reminder with its day")

    def handle(self, *args: Any, **options: Any) -> None:
        body = _one(Body.objects.select_related("parent__parent"), "body", slug=options["body"])
        draft = _one(
            ReminderPolicy.objects.select_related("body__parent__parent").filter(state="draft"),
            "draft",
            pk=options["draft"],
        )
        found = foretelling.foretell(None, body=body or (draft and draft.body), draft=draft)
        if options["csv"]:
            self.stdout.write(exports.table(table(found)), ending="")
            return
        self.stdout.write(f"{found.first} to {found.last}, {found.turns} open turns, {found.foreseen} to come:")
        for one in found.people:
            change = f" -> {one.then.mails}" if draft else ""
            self.stdout.write(f"  {one.before.mails}{change}  {one.person}")
        change = f" -> {found.after}" if draft else ""
        self.stdout.write(f"  {found.before}{change}  in all")


def _one(rows: Any, what: str, **named: Any) -> Any:
    """The row of that name; None where none is named. Raises CommandError where there is none."""
    if None in named.values():
        return None
    found = rows.filter(**named).first()
    if found is None:
        raise CommandError(f"There is no {what} {next(iter(named.values()))}.")
    return found
