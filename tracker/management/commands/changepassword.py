"""`changepassword`: Django's own, on record."""

from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.core.management.base import CommandParser

from tracker import audit
from tracker.models import Person


class Command(changepassword.Command):
    """The record says that a password was set, not to what. Asked for outside any transaction: somebody is typing."""

    help = "Sets somebody's password anew. On record is that it was set, not to what."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for action in parser._actions:
            if action.dest == "username":
                action.metavar = "NAME"

    def handle(self, *args: Any, **options: Any) -> str | None:
        said = super().handle(*args, **options)
        person = Person.objects.get(username=options["username"])
        audit.record(person, "person.password_changed", by=None, facts={"password_set": [False, True]})
        return said
