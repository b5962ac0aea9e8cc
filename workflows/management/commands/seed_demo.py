"""Enters the demonstration: Resolution 1306, the calendar known on 16 February 2018, its history and the present work."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker import audit
from tracker.models import Means
from workflows.management import demo_story

STAGES = {
    "import": (demo_story.ground, demo_story.imported),
    "intake": (demo_story.intake_confirmed,),
    "history": (demo_story.history_entered,),
    "work": (demo_story.work_begun, demo_story.absence_set, demo_story.policy_drafted),
}


class Command(BaseCommand):
    help = "Enters the demonstration's data; what is there already is left as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until", choices=list(STAGES), default="work", help="the last stage to enter (default: work)"
        )

    def handle(self, *args: Any, until: str, verbosity: int, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError(
                "These are a demonstration's accounts, and everybody knows their password: not in production."
            )
        with audit.acting(Means.COMMAND):
            for stage, chapters in STAGES.items():
                for chapter in chapters:
                    said = chapter()
                    if verbosity:
                        self.stdout.write(said)
                if stage == until:
                    return
