"""What the matrix is played on: two bodies, their people, and a thing of every kind for each answer that there can be."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from rest_framework.authtoken.models import Token

from tests.access.beside import FOREIGN_WORDS, GONE, RESTRICTED_WORDS, Objects, rows_of, short_of, tabled, talk, told
from tests.access.rules import ROLES
from tests.people import World, make_person, make_world
from tracker import clock
from tracker.log import sealing
from tracker.models import (
    Body,
    Event,
    Evidence,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Report,
    Resolution,
    Session,
    Substitution,
    Term,
    Version,
)
from workflows import steps


@dataclass
class Stage:
    """The world, its other body, and a client for each role."""

    world: World
    people: dict[str, Person]
    tokens: dict[str, str]
    objects: Objects
    own: Occurrence
    restricted: Occurrence
    foreign: Occurrence

    def client(self, role: str, *, csrf: bool = False) -> Client:
        """A caller of a role; whoever was deactivated still has the session, or the token, of before."""
        client = Client(enforce_csrf_checks=csrf, raise_request_exception=True)
        if role in self.tokens:
            client.defaults["HTTP_AUTHORIZATION"] = f"Token {self.tokens[role]}"
        elif role != "anonymous":
            client.force_login(self.people[role])
        return client


def make_stage() -> Stage:
    """Built on the small world of the tests; every status is walked to by the real steps."""
    world = make_world()
    board, foreign = _another_body()
    restricted = _restricted(world)
    validator = _validator(world)
    own, open_one = handed_in(world, world.due), handed_in(world, _open(world))
    closed = _closed(world, handed_in(world, world.past), validator)
    files = {
        "own": _file(own, "members"),
        "restricted": _file(restricted, "restricted", RESTRICTED_WORDS),
        "foreign": _file(foreign, "members", FOREIGN_WORDS),
        "public": _file(closed, "public"),
    }
    public = _report(closed)
    people = _cast(world, board) | {"validator": validator}
    tokens = {
        "token": Token.objects.create(user=people["contributor"]).key,
        "dead_token": Token.objects.create(user=people["deactivated"]).key,
    }
    turns = {"own": own, "restricted": restricted, "foreign": foreign, "closed": closed, "open": open_one}
    objects = (
        _objects(world, board, turns, files, public)
        | talk(turns, people)
        | told(turns, people)
        | tabled(world, board, people)
    )
    objects |= rows_of(world, board, people)
    head = sealing.seal().head
    objects["head"] = {"own": {"size": head.size if head else 0}, "missing": {"size": GONE}}
    return Stage(world, people, tokens, objects, own, restricted, foreign)


def handed_in(world: World, turn: Occurrence) -> Occurrence:
    """A turn that is led by the contributor's office, helped by the helper, and handed in: it waits for its validation."""
    lead, helper = world.people["contributor"], world.people["helper"]
    steps.assign(turn, lead=world.offices["contributor"], contributors=[helper], by=world.people["chair"])
    steps.accept(turn, by=lead)
    steps.finish_part(turn, by=helper)
    return steps.submit(turn, by=lead, text="What was done.")


def _closed(world: World, turn: Occurrence, validator: Person) -> Occurrence:
    steps.validate(turn, by=validator)
    steps.endorse(turn, by=world.people["chair"])
    return steps.close(turn, by=world.people["secretary"], decision=world.decide())


def _validator(world: World) -> Person:
    """Somebody whose office validates what the contributor's hands in."""
    person = make_person("validator")
    office = Office.objects.create(body=world.group, slug="validator", title="Validator, Group", role="member")
    Term.objects.create(office=office, person=person)
    steps.set_validator(world.offices["contributor"], office, by=world.people["secretary"])
    world.offices["contributor"].refresh_from_db()
    return person


def _open(world: World) -> Occurrence:
    """A turn of a duty that is public itself."""
    given = {name: getattr(world.obligation, name) for name in ("paragraph", "resolution", "responsible", "endorser")}
    duty = Obligation.objects.create(
        **given,
        number=2,
        title="Open report",
        kind="each_session",
        anchor="session",
        anchor_body=world.council,
        visibility="public",
        confirmed=True,
    )
    steps.plan_turns(duty)
    return duty.occurrences.get(session__code="C18")


def _cast(world: World, board: Body) -> dict[str, Person]:
    people = {role: world.people[role] for role in ROLES if role in world.people}
    for name in ("substitute", "stranger", "deactivated", "administrator", "newcomer"):
        people[name] = make_person(name)
    Person.objects.filter(pk=people["administrator"].pk).update(is_staff=True, is_superuser=True)
    Term.objects.create(office=board.offices.get(role="secretary"), person=people["stranger"])
    Substitution.objects.create(
        office=world.offices["chair"],
        principal=world.people["chair"],
        substitute=people["substitute"],
        begins=date(2018, 2, 1),
        ends=date(2018, 2, 28),
    )
    Term.objects.create(office=world.offices["chair"], person=people["deactivated"])
    Person.objects.filter(pk=people["deactivated"].pk).update(is_active=False)
    return {name: Person.objects.get(pk=person.pk) for name, person in people.items()}


def _another_body() -> tuple[Body, Occurrence]:
    board = Body.objects.create(slug="board", name="Another board", short_name="Board")
    offices = [
        Office.objects.create(body=board, slug=role, title=f"{role.capitalize()}, Board", role=role)
        for role in ("secretary", "chair")
    ]
    session = Session.objects.create(
        body=board, code="B18", name="Board 2018", opens=date(2018, 5, 1), closes=date(2018, 5, 4)
    )
    Meeting.objects.create(body=board, number=3, begins=date(2018, 3, 1), session=session)
    resolution = Resolution.objects.create(
        body=board, slug="b1", symbol="Text 1", title=FOREIGN_WORDS, visibility="members"
    )
    duty = _duty(resolution, board, board, offices[1], FOREIGN_WORDS)
    holder = make_person("board_member")
    Term.objects.create(office=offices[1], person=holder)
    Substitution.objects.create(
        office=offices[1],
        principal=holder,
        substitute=make_person("board_helper"),
        begins=date(2018, 2, 1),
        ends=date(2018, 2, 28),
    )
    (turn,) = steps.plan_turns(duty)
    Session.objects.create(body=board, code="B17", name="Board 2017", opens=date(2017, 5, 2), state="held")
    return board, turn


def _restricted(world: World) -> Occurrence:
    resolution = Resolution.objects.create(
        body=world.council, slug="r2", symbol="Resolution 2", title=RESTRICTED_WORDS, visibility="restricted"
    )
    duty = _duty(resolution, world.council, world.group, world.offices["chair"], RESTRICTED_WORDS, "restricted")
    steps.plan_turns(duty)
    return duty.occurrences.get(session__code="C18")


def _duty(  # the text, whose calendar, who is responsible, who endorses
    resolution: Resolution, body: Body, responsible: Body, endorser: Office, words: str, visibility: str = "members"
) -> Obligation:
    version = Version.objects.create(
        resolution=resolution, label="V1", enacting="The body,", text=f"1 {words};", tracking="confirmed"
    )
    paragraph = Paragraph.objects.create(
        version=version, kind="operative", position=1, path="1", label="1", text=f"{words};", disposition="tracked"
    )
    return Obligation.objects.create(
        paragraph=paragraph,
        resolution=resolution,
        title=words,
        kind="each_session",
        anchor="session",
        anchor_body=body,
        responsible=responsible,
        endorser=endorser,
        visibility=visibility,
        confirmed=True,
    )


def _file(occurrence: Occurrence, visibility: str, title: str = "paper") -> Evidence:
    file = ContentFile(title.encode(), name="paper.txt")
    return Evidence.objects.create(
        occurrence=occurrence, title=f"{title}.txt", file=file, visibility=visibility, recorded_at=clock.now()
    )


def _report(occurrence: Occurrence) -> Report:
    report = occurrence.reports.get()
    Report.objects.filter(pk=report.pk).update(visibility="public")
    return report


def _objects(
    world: World, board: Body, turns: dict[str, Occurrence], files: dict[str, Evidence], public: Report
) -> Objects:
    """By kind and whose it is, what stands in the address. One line a kind."""
    texts, gone = {name: turns[name] for name in ("own", "restricted", "foreign")}, GONE
    slugs = {name: {"body": t.resolution.body.slug, "slug": t.resolution.slug} for name, t in texts.items()}
    slugs["missing"] = {"body": "council", "slug": "r9"}
    labels = {name: {**slug, "label": "C15" if name == "own" else "V1"} for name, slug in slugs.items()}
    items = {name: {**label, "item": "1.2" if name == "own" else "1"} for name, label in labels.items()}
    shorts = {name: short_of(t.reference) for name, t in turns.items()} | {"missing": short_of("council/r1-1.2-c99")}
    theirs = Office.objects.get(body=board, role="chair")
    ours = world.offices["chair"]
    seats = {"own": _seat(ours), "foreign": _seat(theirs), "missing": {"body": "council", "office": "gone"}}
    return {
        "": {"": {}},
        "administration": {"": {}},
        "body": {"own": {"body": "council"}, "foreign": {"body": "board"}, "missing": {"body": "gone"}},
        "pack": {
            "own": {"body": "council", "kind": "json"},
            "foreign": {"body": "board", "kind": "json"},
            "missing": {"body": "council", "kind": "exe"},
        },
        "session's pack": {
            "own": {"body": "council", "code": "c18", "kind": "json"},
            "missing": {"body": "council", "code": "c99", "kind": "json"},
        },
        "body and session": {
            "own": {"body": "council", "code": "c18"},
            "foreign": {"body": "board", "code": "b18"},
            "missing": {"body": "council", "code": "c99"},
        },
        "meeting": {
            "own": {"body": "group", "number": 14},
            "foreign": {"body": "board", "number": 3},
            "missing": {"body": "group", "number": 99},
        },
        "office": seats,
        "term": {
            name: {**seat, "pk": _first(Term, seat) if name != "missing" else gone} for name, seat in seats.items()
        },
        "substitution": {
            name: {**seat, "pk": _first(Substitution, seat) if name != "missing" else gone}
            for name, seat in seats.items()
        },
        "resolution": slugs,
        "resolution reference": {name: {"reference": f"{slug['body']}/{slug['slug']}"} for name, slug in slugs.items()},
        "version": labels,
        "version's file": {name: {**place, "kind": "json"} for name, place in labels.items()},
        "item": items,
        "duty": {
            name: {**item, "number": turns[name].obligation_id if name in turns else gone}
            for name, item in items.items()
        },
        "occurrence": shorts,
        "occurrence step": shorts,
        "occurrence reference": {
            **{name: {"reference": t.reference} for name, t in turns.items()},
            "missing": {"reference": "council/r1-1.2-c99"},
        },
        "entry": {name: {"pk": _entry(turn)} for name, turn in texts.items()} | {"missing": {"pk": gone}},
        "entry reference": {
            **{name: {"reference": turn.reference, "number": 1} for name, turn in texts.items()},
            "missing": {"reference": turns["own"].reference, "number": gone},
        },
        "file": {
            **{name: {"number": file.pk} for name, file in files.items() if name != "public"},
            "missing": {"number": gone},
        },
        "public report": {
            "public": {"number": public.pk},
            "own": {"number": turns["own"].reports.get().pk},
            "missing": {"number": gone},
        },
        "public file": {
            **{name: {"number": file.pk} for name, file in files.items()},
            "missing": {"number": gone},
        },
        "person": {"own": {"pk": world.people["outsider"].pk}, "missing": {"pk": gone}},
        "traced person": {
            "own": {"number": world.people["contributor"].pk},
            "foreign": {"number": Person.objects.get(username="board_member").pk},
            "missing": {"number": gone},
        },
        "person who left": {
            "own": {"pk": Person.objects.get(username="deactivated").pk},
            "missing": {"pk": gone},
        },
        "mailed link": {"missing": {}},
        "bulk step": {step: {"step": step} for step in ("assign", "reassign", "change_due_date")}
        | {"missing": {"step": "accept"}},
        "list": {"own": {"page": "occurrences"}, "missing": {"page": "gone"}},
        "year": {"own": {"year": 2018}, "missing": {"year": 1}},
        "decided session": {"own": {}},
    }


def _entry(turn: Occurrence) -> int:
    """The first event of a turn."""
    return Event.objects.filter(subject_type="occurrence", subject_id=turn.pk).order_by("pk")[0].pk


def _seat(office: Office) -> dict[str, str]:
    return {"body": office.body.slug, "office": office.slug}


def _first(model: Any, seat: dict[str, str]) -> int:
    """The last row that hangs on an office: it may lie ahead."""
    office = Office.objects.filter(body__slug=seat["body"], slug=seat["office"]).first()
    found = model.objects.filter(office=office).order_by("-pk").values_list("pk", flat=True).first()
    return int(found or 0)
