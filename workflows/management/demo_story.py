"""The chapters of the demonstration, in order. Each enters what is not there yet and says in a line what it did; a second
run changes nothing, and what somebody has moved on since is left where it is."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from tracker import audit
from tracker.models import Body, Meeting, Office, Person, Precision, Session, Sitting, State, Term
from workflows import demo_data

Row = TypeVar("Row", bound=models.Model)


def ground() -> str:
    """Bodies, offices, accounts and the calendar: entered by the system itself, for there is no secretary before."""
    with transaction.atomic():
        bodies: dict[str, Body] = {}
        for fact in demo_data.BODIES:
            named = {
                "name": fact.name,
                "short_name": fact.short_name,
                "kind": fact.kind,
                "time_zone": demo_data.TIME_ZONE,
            }
            bodies[fact.slug] = _entered(
                Body, "body.added", {"slug": fact.slug}, {**named, "parent": bodies.get(fact.parent)}
            )
        _offices(bodies, _people())
        sessions = _sessions(bodies)
        _meetings(bodies["cwg-cop"], sessions)
    counts = [f"{len(bodies)} bodies", f"{len(demo_data.ACCOUNTS)} accounts", f"{len(sessions)} sessions"]
    return f"Offices and calendar: {', '.join(counts)}, {len(demo_data.MEETINGS)} meetings of CWG-COP."


def person(username: str) -> Person:
    """One of the demonstration's accounts."""
    return Person.objects.get(username=username)


def _entered(model: type[Row], verb: str, key: Mapping[str, Any], rest: Mapping[str, Any]) -> Row:
    """The row of that key; entered, and recorded, where it is not there."""
    found = model._default_manager.filter(**key).first()
    if found is not None:
        return found
    row = model(**key, **rest)
    audit.record(row, verb, by=None)
    return row


def _people() -> dict[str, Person]:
    names = [username for username, _role in demo_data.ACCOUNTS]
    people = {one.username: one for one in Person.objects.filter(username__in=names)}
    absent = [name for name in names if name not in people]
    encoded = make_password(demo_data.PASSWORD) if absent else ""  # once: it is slow on purpose
    for name in absent:
        email = f"{name}@resolves.example"
        people[name] = Person.objects.create(username=name, name=demo_data.NAMES[name], email=email, password=encoded)
    return people


def _offices(bodies: Mapping[str, Body], people: Mapping[str, Person]) -> None:
    """Each office with its holder; since when they hold it is not recorded."""
    for fact in demo_data.OFFICES:
        key = {"body": bodies[fact.body], "slug": fact.slug}
        office = _entered(Office, "office.added", key, {"title": fact.title, "role": fact.role})
        if not office.terms.exists():
            audit.record(
                Term(office=office, person=people[fact.held_by]),
                "term.begun",
                by=None,
                effective_precision=Precision.UNKNOWN,
            )


def _sessions(bodies: Mapping[str, Body]) -> dict[str, Session]:
    found = {}
    for fact in demo_data.SESSIONS:
        dates = {"opens": fact.opens, "closes": fact.closes, "precision": fact.precision, "state": fact.state}
        rest = {**dates, "name": fact.name, "kind": fact.kind, "place": fact.place, "source": fact.source}
        session = _entered(Session, "session.added", {"body": bodies[fact.body], "code": fact.code}, rest)
        main = demo_data.SittingFact(Sitting.Kind.MAIN, fact.opens, fact.closes, fact.precision, fact.place)
        for part in (main, *fact.more):
            _entered(
                Sitting,
                "sitting.added",
                {"session": session, "kind": part.kind},
                {name: value for name, value in {**part._asdict(), "state": fact.state}.items() if name != "kind"},
            )
        found[fact.code] = session
    return found


def _meetings(group: Body, sessions: Mapping[str, Session]) -> None:
    for fact in demo_data.MEETINGS:
        rest = {**fact._asdict(), "session": sessions.get(fact.before), "state": State.HELD}
        del rest["number"], rest["before"]
        _entered(Meeting, "meeting.added", {"body": group, "number": fact.number}, rest)


def imported() -> str:
    return ""


def intake_confirmed() -> str:
    return ""


def history_entered() -> str:
    return ""


def work_begun() -> str:
    return ""
