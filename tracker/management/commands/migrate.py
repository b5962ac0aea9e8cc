"""Django's `migrate`, which puts back the triggers that guard the record instead of refusing because one is missing."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.utils.translation import gettext as _

from tracker import triggers


class Command(migrate.Command):
    """As Django's, else."""

    help = "Brings the database to the present version. Names the triggers over the record that are missing, and puts them back."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for action in parser._actions:
            action.metavar = {"app_label": "APP", "migration_name": "MIGRATION", "database": "NAME"}.get(
                action.dest, action.metavar
            )

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Name what is missing, put it back, then go on: the system check would stop Django's command before it could."""
        if not (options["plan"] or options["check_unapplied"]):
            for name in triggers.gone(options["database"]):
                self.stderr.write(
                    self.style.WARNING(_("The trigger %(name)s was missing. It is put back.") % {"name": name})
                )
            triggers.reinstall(options["database"])
        return super().execute(*args, **options)
