"""What stands beside the path on the stage: comments, rows of calendars and offices, and what is a person's own."""

from datetime import date
from typing import Any

from tests.people import World
from tests.told import make_arrived, make_notice
from tracker import clock
from tracker.models import (
    Body,
    CalendarFeed,
    ClosedDay,
    DeadlineRule,
    HandOver,
    Obligation,
    Occurrence,
    Person,
    Resolution,
    SavedFilter,
    Sitting,
    Substitution,
    Term,
)
from workflows import steps

# Words that stand only in what is restricted, and only in what is another body's: wherever else they turn up, it leaks.
RESTRICTED_WORDS, FOREIGN_WORDS = "quartz-and-amber", "basalt-and-ivory"
# And words that stand only in a comment for those who work on the item.
SAID_WORDS = "slate-and-copper"
GONE = 987_654


# By kind and by whose it is, the values that stand in the address.
Objects = dict[str, dict[str, dict[str, Any]]]


def talk(turns: dict[str, Occurrence], people: dict[str, Person]) -> Objects:
    """Comments: for all who see the item, for those who work on it, and another body's."""
    holder = Person.objects.get(username="board_member")
    said = {
        "own": steps.comment(turns["own"], by=people["contributor"], text="For all."),
        "restricted": steps.comment(turns["own"], by=people["contributor"], text=SAID_WORDS, visibility="restricted"),
        "foreign": steps.comment(turns["foreign"], by=holder, text=FOREIGN_WORDS),
    }
    numbers = {name: (one.occurrence.reference, one.pk) for name, one in said.items()}
    numbers |= {"gone": (turns["own"].reference, GONE), "missing": ("council/r1-1.2-c99", GONE)}
    return {
        "comment": {name: {**short_of(turn), "number": number} for name, (turn, number) in numbers.items()},
        "comment reference": {name: {"reference": turn, "number": number} for name, (turn, number) in numbers.items()},
    }


def told(turns: dict[str, Occurrence], people: dict[str, Person]) -> Objects:
    """What was promised about a turn of each kind, and what arrived for the contributor and for the stranger."""
    to = {
        "own": people["helper"],
        "restricted": people["chair"],
        "foreign": Person.objects.get(username="board_member"),
    }
    notices = {name: make_notice(person, turns[name]).pk for name, person in to.items()}
    arrived = {
        "own": make_arrived(people["contributor"], turns["own"]).pk,
        "foreign": make_arrived(people["stranger"], turns["foreign"]).pk,
    }
    return {
        "preferences": {"own": {}},
        "notice": {name: {"number": pk} for name, pk in {**notices, "missing": GONE}.items()},
        "notification": {name: {"number": pk} for name, pk in {**arrived, "missing": GONE}.items()},
    }


def tabled(world: World, board: Body, people: dict[str, Person]) -> Objects:
    """A summary that was tabled in each body."""
    rows = {
        "own": steps.table_summary(world.sessions["C18"], by=people["secretary"]),
        "foreign": steps.table_summary(board.sessions.get(code="B18"), by=people["stranger"]),
    }
    places: dict[str, dict[str, Any]] = {
        name: {"body": one.session.body.slug, "code": one.session.slug, "number": one.number}
        for name, one in rows.items()
    }
    places["missing"] = {**places["own"], "number": 99}
    return {"tabled": places, "tabled pack": {name: {**place, "kind": "json"} for name, place in places.items()}}


def rows_of(world: World, board: Body, people: dict[str, Person]) -> Objects:
    """What hangs on the calendars and offices of both bodies, and what is a person's own."""
    calendars = {"own": (world.council, world.sessions["C18"]), "foreign": (board, board.sessions.get(code="B18"))}
    found: Objects = {kind: {} for kind in ("sitting", "deadline", "closed day", "absence", "hand-over")}
    for name, (body, session) in calendars.items():
        row = {"body": body.slug}
        sitting = Sitting.objects.create(session=session, begins=session.opens)
        found["sitting"][name] = {**row, "code": session.slug, "pk": sitting.pk}
        rule = DeadlineRule.objects.create(body=body, slug="papers", name="Papers", days_before=14)
        found["deadline"][name] = {**row, "rule": rule.slug}
        day = ClosedDay.objects.create(body=body, day=date(2018, 12, 27), name="Closed")
        found["closed day"][name] = {**row, "pk": day.pk}
    missing = {"body": "council"}
    found["sitting"]["missing"] = {**missing, "code": "c18", "pk": GONE}
    found["deadline"]["missing"] = {**missing, "rule": "gone"}
    found["closed day"]["missing"] = {**missing, "pk": GONE}
    stood_in = {"own": people["chair"], "foreign": Person.objects.get(username="board_member")}
    absences = {name: Substitution.objects.get(principal=one).pk for name, one in stood_in.items()}
    found["absence"] = {name: {"pk": pk} for name, pk in {**absences, "missing": GONE}.items()}
    handed = {"own": _hand_over(people["helper"], people["contributor"]), "foreign": _hand_over(stood_in["foreign"])}
    found["hand-over"] = {name: {"pk": pk} for name, pk in {**handed, "missing": GONE}.items()}
    return found | _event_duties() | _own(people, board) | _policies(world, people, board)


def _policies(world: World, people: dict[str, Person], board: Body) -> Objects:
    """Of each body, a policy in force, which every account reads, and a draft, which its secretary alone reads."""
    found: Objects = {kind: {"missing": {"pk": GONE}} for kind in ("policy", "draft policy")}
    for name, body, by in (("own", world.group, world.people["secretary"]), ("foreign", board, people["stranger"])):
        policy = steps.draft_policy(body, name="Fewer", kind="on_event", by=by)
        found["policy"][name] = {"pk": steps.put_in_force(policy, reason="Enough.", by=by).pk}
        found["draft policy"][name] = {"pk": steps.draft_policy(body, name="Fewer still", by=by).pk}
    return found | {"ladder": {"own": {"kind": "once"}, "missing": {"kind": "gone"}}}


def _hand_over(successor: Person, predecessor: Person | None = None) -> int:
    term = successor.terms.get()
    before = predecessor and Term.objects.create(
        office=term.office, person=predecessor, begins=date(2016, 1, 1), ends=date(2017, 12, 31)
    )
    return HandOver.objects.create(term=term, predecessor=before, opened_at=clock.now()).pk


def _event_duties() -> Objects:
    """Beside the first duty of each text, one that waits for an event."""
    found: Objects = {"event duty": {"missing": {"body": "council", "pk": GONE}}}
    for name, (body, slug) in {
        "own": ("council", "r1"),
        "restricted": ("council", "r2"),
        "foreign": ("board", "b1"),
    }.items():
        first = Obligation.objects.filter(resolution__body__slug=body, resolution__slug=slug).earliest("number")
        names = ("paragraph", "resolution", "responsible", "endorser", "title", "visibility")
        duty = Obligation.objects.create(
            **{one: getattr(first, one) for one in names},
            number=9,
            kind="on_event",
            offset_days=10,
            trigger="a veto is cast",
            confirmed=True,
        )
        found["event duty"][name] = {"body": body, "pk": duty.pk}
    return found


def _own(people: dict[str, Person], board: Body) -> Objects:
    """Feeds and saved filters of the contributor and of the stranger; secret addresses that answer nobody any more."""
    mine, theirs = (steps.make_feed(by=people[name], kind="person") for name in ("contributor", "stranger"))
    texts = Resolution.objects.get(slug="r2")
    secrets = {
        "own": mine,
        "foreign": steps.make_feed(by=people["outsider"], kind="body", body=board),  # read with an outsider's eyes
        "ended": steps.end_feed(steps.make_feed(by=people["contributor"], kind="person"), by=people["contributor"]),
        "left": _feed(people["deactivated"]),
        "restricted": _feed(people["contributor"], kind="resolution", resolution=texts),
    }
    kept = {
        "own": SavedFilter.objects.create(person=people["contributor"], page="occurrences", name="Mine"),
        "foreign": SavedFilter.objects.create(person=people["stranger"], page="occurrences", name=FOREIGN_WORDS),
    }
    return {
        "feed": {name: {"number": pk} for name, pk in {"own": mine.pk, "foreign": theirs.pk, "missing": GONE}.items()},
        "secret address": {
            **{name: {"secret": feed.secret} for name, feed in secrets.items()},
            "missing": {"secret": "x" * 43},
        },
        "saved filter": {
            **{name: {"number": one.pk} for name, one in kept.items()},
            "missing": {"number": GONE},
        },
    }


def _feed(owner: Person, **about: Any) -> CalendarFeed:
    secret = f"{owner.username}-{'y' * 43}"[:43]
    return CalendarFeed.objects.create(owner=owner, secret=secret, made_at=clock.now(), **{"kind": "person", **about})


def short_of(reference: str) -> dict[str, str]:
    body, _slash, short = reference.partition("/")
    return {"body": body, "short": short}
