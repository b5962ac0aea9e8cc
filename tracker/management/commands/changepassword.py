"""`changepassword`: as Django's, and on record in the same transaction."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from tracker import audit
from tracker.models import Person

TRIES = 3


class Command(changepassword.Command):
    """The record says that a password was set, not to what. Asked for outside any transaction: somebody is typing."""

    help = "Sets somebody's password anew. On record is that it was set, not to what."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for action in parser._actions:
            if action.dest == "username":
                action.metavar = "NAME"

    def handle(self, *args: Any, **options: Any) -> str:
        username, database = options["username"] or getpass.getuser(), options["database"]
        person = Person.objects.using(database).filter(username=username).first()
        if person is None:
            raise CommandError(_("There is no account %(name)s.") % {"name": username})
        self.stdout.write(_("A new password for %(name)s.") % {"name": username})
        password = self._asked(person)
        with transaction.atomic(using=database):
            person = Person.objects.using(database).select_for_update(no_key=True).get(pk=person.pk)
            person.set_password(password)
            audit.record(person, "person.password_changed", by=None, facts={"password_set": [False, True]})
        return _("The password of %(name)s is set.") % {"name": username}

    def _asked(self, person: Person) -> str:
        """A password that was typed twice and will do. CommandError where three tries bring none."""
        for _try in range(TRIES):
            password = getpass.getpass(prompt=_("Password: "))
            if password != getpass.getpass(prompt=_("Password (again): ")):
                self.stderr.write(_("These are two passwords. Try again."))
                continue
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
            else:
                return password
        raise CommandError(_("No password was set: %(tries)s tries brought none that will do.") % {"tries": TRIES})
