"""Django's `migrate`, which puts back the triggers that guard the record instead of refusing because one is missing, and
writes the public key of the log where an earlier version wrote none."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.utils.translation import gettext as _

from tracker import keys, triggers


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
            self._publish_key()
        return super().execute(*args, **options)

    def _publish_key(self) -> None:
        """An earlier version kept no public line beside the key of the log."""
        try:
            keys.make_public()
        except (OSError, ValueError) as error:  # the worker, which may read the key, does it before it seals
            self.stderr.write(
                self.style.WARNING(_("The public key of the log is not written: %(why)s") % {"why": error})
            )
