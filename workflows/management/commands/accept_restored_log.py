"""After an older backup was put back: accept its log, so that sealing goes on."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django_fsm import TransitionNotAllowed

from tracker import audit
from tracker.models import Means, Person
from workflows import notices, steps


class Command(BaseCommand):
    help = (
        "Accepts the log of a backup that was put back: on record, told to the auditors; without it nothing is sealed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="USERNAME", help="the administrator who answers for it")
        parser.add_argument("--reason", required=True, help="why the backup was put back; it stays on record")

    def handle(self, *args: Any, by: str, reason: str, **options: Any) -> None:
        person = Person.objects.filter(username=by).first()
        if person is None:
            raise CommandError(f"There is no account {by}.")
        try:
            with audit.acting(Means.COMMAND), transaction.atomic():
                event = steps.accept_restored_log(by=person, reason=reason)
                kept, given_out = event.changes["log"][1], event.changes["given_out"][1]
                told = notices.tell_restored(by=str(person), reason=reason, kept=kept, given_out=given_out)
        except (PermissionDenied, TransitionNotAllowed) as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from wrong
        self.stdout.write(
            f"Accepted: the log has {kept} events, where a head of {given_out} had been given out. That head and those "
            f"before it were put aside beside the new ones. Told by mail: {told}. Now run manage.py verify_audit."
        )
