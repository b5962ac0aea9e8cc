"""`manage.py rotate_log_key`: a new key signs the heads of the log."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker import keys
from tracker.models import Heartbeat
from tracker.proofs.notes import NotAKey

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Makes a new key for the heads of the log. The next head is signed by the old and the new one, later ones by the new."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            old, new = keys.rotate()
        except NotAKey as error:
            raise CommandError(str(error)) from error
        said = f"{old.public} gives way to {new.public}"
        Heartbeat.objects.update_or_create(
            name="log key", defaults={"beat_at": timezone.now(), "note": f"{old.public} > {new.public}"[:300]}
        )
        log.warning("The key of the log was changed: %s.", said)
        self.stdout.write(
            f"Old: {old.public}\nNew: {new.public}\nTell those who check the log. The next head is signed by both."
        )
