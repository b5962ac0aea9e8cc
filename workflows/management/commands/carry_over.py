"""Takes open work to the present version of the path."""

from typing import Any

from django.core.management.base import BaseCommand

from tracker import audit
from tracker.models import Means
from workflows import steps


class Command(BaseCommand):
    help = "Takes what is open under an earlier version of the path to the present one. Safe to run twice."

    def handle(self, *args: Any, **options: Any) -> None:
        with audit.acting(Means.COMMAND):
            carried = steps.carry_over()
        self.stdout.write(f"{carried} carried over to the present path.")
