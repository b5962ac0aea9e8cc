"""The data of the benchmarks: `python -m benchmarks.data` fills an empty database and prints what the clients need.

The turns whose steps are timed are entered by the real step, with their events and flow runs. The 1,000 and 10,000 turns of
the overview are not walked there, which would take many minutes: they are inserted in bulk, in the states that the real
steps would have left them in, each with chained events of its planning and of
its last move, without flow runs (the overview reads none).
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import django

django.setup()

from django.conf import settings  # noqa: E402  (set up first)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402

from tracker import audit  # noqa: E402
from tracker.models import (  # noqa: E402
    Assignment,
    Body,
    Decision,
    Event,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Resolution,
    Session,
    Term,
    Version,
)
from workflows import flows, steps  # noqa: E402

YEARS = range(1994, 2019)
SIZES = {"small": 1_000, "large": 10_000}
STEP_TURNS = 250
RECORDED = datetime(2018, 2, 1, 12, tzinfo=UTC)
OPENED = datetime(2017, 6, 1, 12, tzinfo=UTC)
BATCH = 500
DECIDED = 100


class House:
    """A council with a group, their offices and people, one resolution and a session a year; `leads` offices lead in turn,
    of which every fifth is vacant."""

    def __init__(self, slug: str, leads: int = 1) -> None:
        self.council = Body.objects.create(slug=slug, name=slug, short_name=slug, time_zone="Europe/Zurich")
        self.group = Body.objects.create(
            slug=f"{slug}-group",
            name="Group",
            short_name="Group",
            kind="group",
            parent=self.council,
            time_zone="Europe/Zurich",
        )
        self.people: dict[str, Person] = {}
        self.offices: dict[str, Office] = {}
        for body, role in ((self.council, "secretary"), (self.group, "chair"), (self.group, "member")):
            person = Person.objects.create(username=f"{slug}-{role}", name=role, password="!")
            office = Office.objects.create(body=body, slug=role, title=f"{role}, {slug}", role=role)
            Term.objects.create(office=office, person=person)
            self.people[role], self.offices[role] = person, office
        self.leads = [self.offices["member"], *(self._lead(slug, number) for number in range(1, leads))]
        self.sessions = Session.objects.bulk_create(
            Session(
                body=self.council,
                code=f"C{year}",
                name=f"Council {year}",
                opens=date(year, 4, 17),
                closes=date(year, 4, 27),
                state="planned" if year == YEARS[-1] else "held",
            )
            for year in YEARS
        )
        self.resolution = Resolution.objects.create(
            body=self.council, slug="r1", symbol="Resolution 1", title="A resolution"
        )
        self.version = Version.objects.create(
            resolution=self.resolution, label="C93", in_force_from=date(1993, 5, 1), tracking="confirmed", text="…"
        )

    def _lead(self, slug: str, number: int) -> Office:
        """A further office that leads; every fifth is held by nobody."""
        office = Office.objects.create(
            body=self.group, slug=f"member-{number}", title=f"member {number}, {slug}", role="member"
        )
        if number % 5:
            person = Person.objects.create(username=f"{slug}-member-{number}", name=f"member {number}", password="!")
            Term.objects.create(office=office, person=person)
        return office

    def duties(self, count: int) -> list[Obligation]:
        """As many yearly duties, each drawn from a paragraph of its own."""
        paragraphs = Paragraph.objects.bulk_create(
            Paragraph(
                version=self.version,
                kind="operative",
                position=number,
                path=str(number),
                label=str(number),
                text=f"to report on matter {number};",
                disposition="tracked",
            )
            for number in range(1, count + 1)
        )
        return Obligation.objects.bulk_create(
            Obligation(
                paragraph=paragraph,
                resolution=self.resolution,
                title=f"Report on matter {paragraph.path}",
                kind="each_session",
                anchor="session",
                anchor_body=self.council,
                offset_days=-30,
                responsible=self.group,
                endorser=self.offices["chair"],
                lead_office=self.offices["member"],
                confirmed=True,
            )
            for paragraph in paragraphs
        )

    def token(self, role: str) -> str:
        return str(Token.objects.create(user=self.people[role]).key)


def fill(house: House, count: int) -> None:
    """As many turns, a mix of every state: most of the past closed by a decision, some silent, the present under way."""
    decisions = {
        session.pk: Decision.objects.create(
            body=house.council,
            session=session,
            document="C/1",
            paragraph="1",
            outcome="noted",
            decided_on=session.opens,
            recorded_at=RECORDED,
        )
        for session in house.sessions
    }
    duties = house.duties(count // len(YEARS))
    made = (_turn(house, duty, session, decisions) for duty in duties for session in house.sessions)
    while batch := list(islice(made, BATCH)):
        turns = Occurrence.objects.bulk_create(batch)
        Assignment.objects.bulk_create(
            Assignment(
                occurrence=turn,
                part="lead",
                office=house.leads[turn.obligation_id % len(house.leads)],
                acceptance="accepted",
                assigned_at=turn.status_since,
                told_at=turn.status_since,
            )
            for turn in turns
            if turn.status != "planned"
        )
        planned = Event.objects.bulk_create(_planned(turns))
        Event.objects.bulk_create(_moved(house, turns, planned))


def _turn(house: House, duty: Obligation, session: Session, decisions: dict[int, Decision]) -> Occurrence:
    assert session.opens is not None
    place = (duty.number + duty.pk * 7 + session.opens.year * 3) % 10
    past = session.opens.year < YEARS[-1]
    status = "closed endorsed planned assigned closed closed closed endorsed in_progress closed".split()[place]
    if not past:
        status = "planned assigned in_progress submitted in_progress".split()[place % 5]
    due = session.opens - timedelta(days=30)
    handed_in = due + timedelta(days=place - 6) if status in {"submitted", "endorsed", "closed"} else None
    return Occurrence(
        obligation=duty,
        body=house.council,
        resolution=house.resolution,
        reference=f"{duty.reference}-{session.slug}",
        session=session,
        due_on=due,
        first_due_on=due,
        status=status,
        submitted_on=handed_in,
        submitted_precision="day" if handed_in else "",
        discharged_on=handed_in if status in {"endorsed", "closed"} else None,
        discharged_precision="day" if status in {"endorsed", "closed"} else "",
        decision=decisions[session.pk] if status == "closed" else None,
        status_since=RECORDED - timedelta(days=(duty.pk * 13 + session.opens.year * 5) % 120),
        opened_at=OPENED,
    )


def _planned(turns: list[Occurrence]) -> Iterator[Event]:
    for turn in turns:
        first = audit.hashlib.sha256(audit.stream(turn).encode()).hexdigest()
        changes = {"due_on": [None, str(turn.due_on)], "status": [None, "planned"]}
        yield _event(turn, 1, "occurrence.planned", changes, OPENED, first)


BEFORE = {
    "assigned": ("planned", "assigned"),
    "in_progress": ("assigned", "accepted"),
    "submitted": ("in_progress", "submitted"),
    "endorsed": ("submitted", "endorsed"),
    "closed": ("endorsed", "closed"),
}


def _moved(house: House, turns: list[Occurrence], planned: list[Event]) -> Iterator[Event]:
    """The last move of each turn that has moved: from which status, when, and by whom, the people of the house in turn."""
    people = list(house.people.values())
    for turn, event in zip(turns, planned, strict=True):
        if turn.status in BEFORE:
            before, done = BEFORE[turn.status]
            changes = {"status": [before, str(turn.status)]}
            by = people[turn.pk % len(people)]
            yield _event(turn, 2, f"occurrence.{done}", changes, turn.status_since, event.hash, by)


def _event(  # noqa: PLR0913  (an event has that many parts)
    turn: Occurrence,
    number: int,
    verb: str,
    changes: dict[str, list[str | None]],
    at: datetime,
    previous: str,
    by: Person | None = None,
) -> Event:
    event = Event(
        stream=audit.stream(turn),
        number=number,
        verb=verb,
        subject_type="occurrence",
        subject_id=turn.pk,
        subject_reference=turn.reference,
        body=turn.body,
        actor=by,
        means="command",
        changes=changes,
        effective_on=at.date(),
        effective_precision="day",
        recorded_at=at,
        request_id="benchmark",
        previous_hash=previous,
    )
    event.hash = audit.digest(event)
    return event


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    told: dict[str, object] = {}
    with transaction.atomic():
        house = House("steps")
        for duty in house.duties(STEP_TURNS // len(YEARS)):
            steps.plan_turns(duty)
        told["turns"] = list(Occurrence.objects.filter(body=house.council).values_list("reference", flat=True))
        told["tokens"] = {role: house.token(role) for role in house.people}
        told["lead"] = house.people["member"].username
        for size, count in SIZES.items():
            house = House(size)
            fill(house, count)
            found = Occurrence.objects.filter(body=house.council).count()
            assert found == count, found
            told[size] = {"body": size, "token": house.token("secretary"), "pk": house.council.pk}
        with connection.cursor() as cursor:
            key = "serial" if connection.vendor == "postgresql" else "integer"
            cursor.execute(f"CREATE TABLE floor_turn (id {key} PRIMARY KEY, status varchar(12) NOT NULL)")
            cursor.execute(
                f"CREATE TABLE floor_event (id {key} PRIMARY KEY, turn integer NOT NULL, said varchar(200) NOT NULL)"
            )
            cursor.executemany("INSERT INTO floor_turn (status) VALUES (%s)", [["planned"]] * STEP_TURNS)
    analyzed()
    json.dump(told, sys.stdout)


def crowd(count: int) -> None:
    """As many turns in one house, for the lists: `python -m benchmarks.data 100000`. Prints the session of each reader, and
    the turns that wait for a decision and have a flow run, for the batch."""
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        house = House("crowd", leads=20)
        fill(house, count)
        assert Occurrence.objects.count() == count
        last = house.sessions[-2]
        waiting = Occurrence.objects.filter(session=last, status="endorsed").order_by("pk")[:DECIDED]
        for turn in waiting:
            flows.enter(turn)
        cookies = {role: _cookie(house.people[role]) for role in house.people}
        token = house.token("secretary")
    analyzed()
    told = {"body": "crowd", "pk": house.council.pk, "cookies": cookies, "token": token}
    told |= {"session": f"crowd/{last.slug}", "waiting": [turn.reference for turn in waiting]}
    json.dump(told, sys.stdout)


def _cookie(person: Person) -> str:
    """A session in which a person is logged in, as the door makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def analyzed() -> None:
    """What either database does by itself in time: look at how its tables are filled."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    crowd(int(sys.argv[1])) if sys.argv[1:] else main()
