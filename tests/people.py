"""The people of the tests, a small body with a calendar, and steps walked for real. A pytest plugin."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tracker import audit
from tracker.models import (
    Body,
    Decision,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Resolution,
    Session,
    State,
    Term,
    Version,
)
from tracker.proofs.digests import text_hash
from workflows import steps

PASSWORD = "a-long-password-of-the-tests"
NOW = "2018-02-16T09:00"


@dataclass
class World:
    """A council, its group, their offices, the people in them, a resolution with one confirmed yearly duty."""

    council: Body
    group: Body
    offices: dict[str, Office]
    people: dict[str, Person]
    sessions: dict[str, Session]
    meetings: dict[int, Meeting]
    resolution: Resolution
    version: Version
    obligation: Obligation

    def __getattr__(self, name: str) -> Any:
        people = self.__dict__.get("people", {})
        if name in people:
            return people[name]
        raise AttributeError(name)

    @property
    def due(self) -> Occurrence:
        """The turn for Council 2018: due on 18 March 2018, today being 16 February."""
        return Occurrence.objects.get(reference="council/r1-1.2-c18")

    @property
    def past(self) -> Occurrence:
        """The turn for Council 2017: due on 15 April 2017, never assigned."""
        return Occurrence.objects.get(reference="council/r1-1.2-c17")

    def decide(self, *, session: str = "C17", outcome: str = "noted") -> Decision:
        """A decision on record."""
        return steps.record_decision(
            self.sessions[session],
            document="C17/119",
            paragraph="4.2",
            outcome=outcome,
            by=self.people["secretary"],
            decided_on=date(2017, 5, 17),
        )

    def walk(self, status: str, occurrence: Occurrence | None = None) -> Occurrence:
        """An occurrence walked to a status by the real steps, led by the contributor and endorsed by the chair."""
        turn = occurrence or self.due
        lead, chair, secretary = (self.people[name] for name in ("contributor", "chair", "secretary"))
        path: list[tuple[str, Callable[[], Any]]] = [
            ("planned", lambda: turn),
            ("assigned", lambda: steps.assign(turn, lead=lead, by=chair)),
            ("in_progress", lambda: steps.accept(turn, by=lead)),
            ("submitted", lambda: steps.submit(turn, by=lead, text="What was done.")),
            ("endorsed", lambda: steps.endorse(turn, by=chair)),
            ("closed", lambda: steps.close(turn, by=secretary, decision=self.decide())),
        ]
        if status == "waived":
            return steps.waive(turn, by=secretary, decision=self.decide(outcome="waived"))
        if status == "superseded":
            return steps.supersede(turn, by=secretary, reason="Amended by a later text.")
        for name, step in path:
            turn = step()
            if name == status:
                return turn
        raise ValueError(status)


def once_a_member(world: World, name: str) -> Callable[[], Any]:
    """Seat somebody in the group; what is returned ends their term again."""
    office = Office.objects.create(body=world.group, slug=f"once-{name}", title=f"Once {name}", role="member")
    term = Term.objects.create(office=office, person=world.people[name])
    return lambda: Term.objects.filter(pk=term.pk).update(ends=date(2018, 2, 15))


def make_person(username: str) -> Person:
    return Person.objects.create_user(
        username, PASSWORD, name=username.replace("_", "-").capitalize(), email=f"{username}@resolves.example"
    )


def make_world() -> World:
    """Built by hand up to the confirmed duty; every turn is entered by the real step."""
    council = Body.objects.create(slug="council", name="The Council", short_name="Council", time_zone="Europe/Zurich")
    group = Body.objects.create(
        slug="group",
        name="Working group",
        short_name="Group",
        kind=Body.Kind.GROUP,
        parent=council,
        time_zone="Europe/Zurich",
    )
    seats = [
        (council, "council_chair", "chair"),
        (council, "secretary", "secretary"),
        (council, "councillor", "councillor"),
        (council, "auditor", "auditor"),
        (group, "chair", "chair"),
        (group, "vice_chair", "vice_chair"),
        (group, "contributor", "member"),
    ]
    offices, people = {}, {}
    for body, name, role in seats:
        people[name] = make_person(name)
        offices[name] = Office.objects.create(
            body=body, slug=name.replace("_", "-"), title=f"{name.replace('_', '-').capitalize()}, {body}", role=role
        )
        Term.objects.create(office=offices[name], person=people[name])
    people["helper"] = make_person("helper")
    Term.objects.create(
        office=offices["contributor"].__class__.objects.create(
            body=group, slug="helper", title="Helper, Group", role="member"
        ),
        person=people["helper"],
    )
    people["outsider"] = make_person("outsider")
    spans = {"C15": (2015, 5, 12, 22), "C16": (2016, 5, 25, 31), "C17": (2017, 5, 15, 25), "C18": (2018, 4, 17, 27)}
    sessions = {
        code: Session.objects.create(
            body=council,
            code=code,
            name=f"Council {year}",
            opens=date(year, month, first),
            closes=date(year, month, last),
            state=State.PLANNED if code == "C18" else State.HELD,
        )
        for code, (year, month, first, last) in spans.items()
    }
    meetings = {
        12: Meeting.objects.create(
            body=group, number=12, begins=date(2016, 10, 10), session=sessions["C17"], state=State.HELD
        ),
        14: Meeting.objects.create(
            body=group, number=14, begins=date(2018, 1, 23), session=sessions["C18"], state=State.HELD
        ),
    }
    resolution = Resolution.objects.create(body=council, slug="r1", symbol="Resolution 1", title="A working group")
    version = Version.objects.create(
        resolution=resolution,
        label="C15",
        designation="C09, last amended C15",
        adopted_at=sessions["C15"],
        in_force_from=date(2015, 5, 1),
        in_force_from_precision="month",
        enacting="The Council,",
        text="1.2 to report annually;",
        text_hash=text_hash("1.2 to report annually;"),
        tracking=Version.Tracking.CONFIRMED,
    )
    paragraph = Paragraph.objects.create(
        version=version,
        kind=Paragraph.Kind.OPERATIVE,
        position=1,
        path="1.2",
        label="1.2",
        heading="resolves",
        text="to report annually;",
        spans=[[4, 23]],
        disposition=Paragraph.Disposition.TRACKED,
    )
    obligation = Obligation.objects.create(
        paragraph=paragraph,
        resolution=resolution,
        title="Annual report",
        kind=Obligation.Kind.EACH_SESSION,
        anchor=Obligation.Anchor.SESSION,
        anchor_body=council,
        offset_days=-30,
        responsible=group,
        endorser=offices["chair"],
        lead_office=offices["contributor"],
        confirmed=True,
    )
    with audit.acting("command"):
        steps.plan_turns(obligation)
    return World(council, group, offices, people, sessions, meetings, resolution, version, obligation)


@pytest.fixture
def clock_pinned(settings: Any) -> str:
    """The tests' present moment, the demo's: 16 February 2018, 09:00 UTC."""
    settings.RESOLVES_NOW = NOW
    return NOW


@pytest.fixture
def world(db: None, clock_pinned: str) -> World:
    """A council, its group, their people and one yearly duty with turns for Council 2016, 2017 and 2018."""
    return make_world()


@pytest.fixture
def chair(world: World) -> Person:
    return world.people["chair"]


@pytest.fixture
def contributor(world: World) -> Person:
    return world.people["contributor"]


@pytest.fixture
def councillor(world: World) -> Person:
    return world.people["councillor"]


@pytest.fixture
def secretary(world: World) -> Person:
    return world.people["secretary"]


@pytest.fixture
def outsider(world: World) -> Person:
    return world.people["outsider"]


@pytest.fixture
def client_for() -> Callable[[Person], Client]:
    """A browser's stand-in, logged in as a person."""

    def logged_in(person: Person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return logged_in
