"""`python -m benchmarks.mails fill COUNT` fills an empty database with so many turns, of which one in a hundred is due to be told
of today, each to a person of its own; `python -m benchmarks.mails measure` plans, gathers and sends those mails to the server of
EMAIL_URL and prints what it cost, one JSON object a line as `benchmarks.bench` does.

The floor of sending is what the server itself takes on one connection: a bare loop of smtplib over one finished mail that is
as large, by turns with the sending.
"""

import json
import smtplib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  (set up first)
from django.core.mail import EmailMultiAlternatives  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.bench import figure  # noqa: E402
from benchmarks.data import OPENED, RECORDED, House, analyzed  # noqa: E402
from tracker.models import Assignment, Message, Notice, Occurrence, Person  # noqa: E402
from workflows import notices, reminders  # noqa: E402

SHARE = 100  # one in so many is due
BATCH = 2000
WARM_UP = 50
HALVES = 2  # how often floor and value take turns
DUE = date(2018, 3, 18)  # thirty days ahead: the first rung is today's


def fill(count: int) -> None:
    """The past is endorsed, the present under way; each turn that is due is led by a person of its own."""
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        house = House("mails")
        Person.objects.filter(email="").update(email="office@resolves.example")
        people = Person.objects.bulk_create(
            Person(
                username=f"lead-{number}", name=f"lead {number}", password="!", email=f"lead-{number}@resolves.example"
            )
            for number in range(count // SHARE)
        )
        turns = _turns(house, count)
        due: list[Occurrence] = []
        while batch := list(islice(turns, BATCH)):
            due += [turn for turn in Occurrence.objects.bulk_create(batch) if turn.status == "in_progress"]
        Assignment.objects.bulk_create(
            Assignment(
                occurrence=turn,
                part="lead",
                person=person,
                acceptance="accepted",
                assigned_at=RECORDED,
                told_at=RECORDED,
            )
            for turn, person in zip(due, people, strict=True)
        )
    analyzed()


def _turns(house: House, count: int) -> Iterator[Occurrence]:
    duties = house.duties(count // len(house.sessions) + 1)
    left = count // SHARE
    made = ((duty, session) for session in reversed(house.sessions) for duty in duties)
    for number, (duty, session) in enumerate(islice(made, count)):
        assert session.opens is not None
        due = number < left
        day = DUE if due else session.opens - timedelta(days=30)
        yield Occurrence(
            obligation=duty,
            body=house.council,
            resolution=house.resolution,
            reference=f"{duty.reference}-{session.slug}",
            session=session,
            due_on=day,
            first_due_on=day,
            status="in_progress" if due else "endorsed",
            discharged_on=None if due else day,
            discharged_precision="" if due else "day",
            status_since=RECORDED,
            opened_at=OPENED,
        )


def timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def bare(mail: bytes, count: int) -> float:
    """Mails a second of a loop that has nothing to write and nothing to record."""
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as line:

        def loop() -> None:
            for _ in range(count):
                line.sendmail("floor@resolves.example", ["floor@resolves.example"], mail)

        return count / timed(loop)


def finished(message: Message) -> bytes:
    """A mail that was sent, as it went over the line but for its name."""
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.address], headers={"Message-ID": ""})
    mail.attach_alternative(message.html, "text/html")
    content = mail.message().as_bytes(linesep="\r\n")
    return b"\r\n".join(line for line in content.split(b"\r\n") if not line.startswith(b"Message-ID:"))


def measure() -> None:
    wanted = Occurrence.objects.filter(status="in_progress").count()
    planning = timed(reminders.sweep)
    gathering = timed(lambda: notices.gather(reminders.outdated))
    queued = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    Message.objects.update(not_before=timezone.now() + timedelta(days=1))
    warm = queued[:WARM_UP]
    sending = timed(lambda: _send(warm))
    mail = finished(Message.objects.get(pk=warm[0]))
    size = -(-len(queued[WARM_UP:]) // HALVES)
    values, floors, processor = [], [], [0.0, 0.0]
    for start in range(WARM_UP, len(queued), size):
        part = queued[start : start + size]
        began = time.process_time()
        floors.append(bare(mail, len(part)))
        between = time.process_time()
        took = timed(lambda p=part: _send(p))
        processor = [processor[0] + between - began, processor[1] + time.process_time() - between]
        values.append(len(part) / took)
        sending += took
    sent = Notice.objects.filter(kind="reminder", state="sent").count()
    if sent != wanted:
        raise SystemExit(f"{sent} of {wanted} were told.")
    count = Occurrence.objects.count()
    name = f"{count}_{connection.vendor}"
    found = figure(f"mails_sending_{name}", statistics.mean(values), "mails/s", statistics.mean(floors))
    bare_cpu, cpu = (round(1000 * seconds / (len(queued) - WARM_UP), 2) for seconds in processor)
    say(found | {"cpu": cpu, "floor_cpu": bare_cpu})
    whole = planning + gathering + sending
    say(figure(f"mails_whole_{name}", whole, "s", wanted / statistics.mean(floors)))
    parts = {"planning": planning, "gathering": gathering, "sending": sending}
    say({"name": f"mails_parts_{name}", "unit": "s"} | {part: round(took, 2) for part, took in parts.items()})
    say({"name": f"mails_size_{name}", "value": len(mail), "unit": "bytes"})


def _send(part: list[int]) -> None:
    Message.objects.filter(pk__in=part).update(not_before=None)
    tally = notices.send(reminders.outdated)
    if tally.sent != len(part):
        raise SystemExit(f"{tally.sent} of {len(part)} mails were sent.")


def say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["fill"]:
        fill(int(arguments[1]))
    elif arguments == ["measure"]:
        measure()
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
