"""Events spoilt past reading by the owner of the database, on a turn that has everything; and every place that shows them."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.histories import past_the_guards
from tests.people import PASSWORD, World
from tests.reliability.recorded import found, seal
from tracker.models import CalendarFeed, Event, HandOver, Occurrence, Person, Term
from workflows import steps

DEEP = "[" * 100_000 + "]" * 100_000
LONG = "9" * 5_000

# Column of an event and what is written over it: on either database, on each.
EITHER = [
    ("changes", "'[1]'"),
    ("changes", "'\"text\"'"),
    ("changes", "'null'"),
    ("changes", '\'{"due_on": 5, "status": null, "comment:1.text": {}, "assignment:1.part": [1]}\''),
    ("changes", '\'{"due_on": [[1], {"a": 2}], "status": [{}, []], "person": [[], {}], "assignments": [1, 2]}\''),
    ("changes", '\'{"due_on": [' + LONG + ", " + LONG + "]}'"),
    ("changes", '\'{"due_on": [null, ' + "[" * 3_000 + "]" * 3_000 + "]}'"),
]
POSTGRES = [
    ("effective_on", "'infinity'"),
    ("effective_on", "'0044-03-15 BC'"),
    ("recorded_at", "'infinity'"),
    ("recorded_at", "'-infinity'"),
    ("recorded_at", "'12018-03-15'"),
]
SQLITE = [
    ("changes", "'{'"),
    ("changes", "x'ff00'"),
    ("changes", "CAST(x'7b22ff223a5b6e756c6c2c315d7d' AS TEXT)"),
    ("changes", f"'{DEEP}'"),
    ("effective_on", "'some day'"),
    ("recorded_at", "'some day'"),
    ("recorded_at", "CAST(x'ff' AS TEXT)"),
    ("verb", "x'ff'"),
    ("verb", "CAST(x'61ff' AS TEXT)"),
    ("number", "'third'"),
]
FURTHER_EITHER = [
    ("changes", "'5'"),
    ("changes", "'[[\"status\", 1]]'"),
    (
        "changes",
        '\'{"due_on": ["soon", "2018-02-31"], "assignment:'
        + LONG
        + '.part": ["", "lead"], "body": [-1, 9007199254740991]}\'',
    ),
    (
        "changes",
        '\'{"assignment:²7.part": ["", "lead"], "comment:x.text": ["", "a"], "mention:7.person": [null, "who"]}\'',
    ),
    (
        "changes",
        '\'{"assignment:7.part": [null, "lead"], "assignment:7.office": [null, {"a": 1}], "erased": [null, 5]}\'',
    ),
    ("changes", "'{\"due_on\": [1e400, -1e400]}'"),
    ("changes", '\'{"due_on": [null, ' + "[" * 500 + "]" * 500 + "]}'"),
    ("hash", "'no hash'"),
    ("previous_hash", "'no hash'"),
    ("verb", "'no.verb'"),
    ("subject_type", "'no kind'"),
    ("subject_id", "9223372036854775807"),
    ("actor_id", "9007199254740991"),
    ("means", "'by air'"),
    ("effective_precision", "'hour'"),
    ("effective_on", "'0001-01-01'"),
    ("effective_on", "'9999-12-31'"),
    ("recorded_at", "'0001-01-01 00:00:00'"),
    ("recorded_at", "'9999-12-31 23:59:59'"),
    ("number", "-5"),
    ("number", "2147483647"),
    ("algorithm", "77"),
]
FURTHER_POSTGRES = [
    ("effective_on", "'-infinity'"),
    ("effective_on", "'12018-03-15'"),
    ("recorded_at", "'0044-03-15 BC'"),
]
FURTHER_SQLITE = [
    ("changes", "''"),
    ("changes", "x'7b7d'"),
    ("changes", "CAST(x'7b22737461747573223a5b22ff222c2022ff225d7d' AS TEXT)"),
    ("changes", '\'{"status": ["\\ud800", "a"]}\''),
    ("changes", "'{\"due_on\": [NaN, Infinity]}'"),
    ("effective_on", "'2018-02-31'"),
    ("effective_on", "5"),
    ("effective_on", "x'00'"),
    ("effective_on", "CAST(x'ff' AS TEXT)"),
    ("recorded_at", "'2018-13-41 25:61:61'"),
    ("recorded_at", "5"),
    ("recorded_at", "x'00'"),
    ("actor_id", "'nobody'"),
    ("acting_for_id", "x'ff'"),
    ("body_id", "'nobody'"),
    ("subject_id", "'nothing'"),
    ("algorithm", "'second'"),
    ("number", "9223372036854775807"),
    ("number", "2.5"),
    *((column, "x'ff'") for column in ("means", "subject_type", "effective_precision", "request_id", "mac")),
    *((column, "CAST(x'61ff' AS TEXT)") for column in ("subject_reference", "request_id", "words_hash", "hash")),
    *((column, "x'00'") for column in ("hash", "previous_hash", "words_hash")),
    ("subject_reference", "'a' || char(0) || 'b'"),
]
# The same of the words beside an event.
WORDS_EITHER = [
    "'[1]'",
    "'\"text\"'",
    "'null'",
    '\'{"reason": {"a": [1]}, "text": 5, "note": null}\'',
    '\'{"reason": ' + LONG + "}'",
    '\'{"reason": ' + "[" * 3_000 + "]" * 3_000 + "}'",
]
WORDS_SQLITE = ["'{'", "x'ff'", "CAST(x'7b22ff223a317d' AS TEXT)", f"'{DEEP}'", '\'{"reason": "\\ud800"}\'']

Deed = Callable[[list[int]], None]


def deeds(*, further: bool = False) -> Iterator[tuple[str, Deed]]:
    """What can be done to some events of this database, each with a name."""
    postgres = connection.vendor == "postgresql"
    chosen = [*EITHER, *(POSTGRES if postgres else SQLITE)]
    if further:
        chosen = [*FURTHER_EITHER, *(FURTHER_POSTGRES if postgres else FURTHER_SQLITE)]
    for column, value in chosen:
        yield f"{column} = {value[:60]}", partial(spoil, column, value)


def deeds_on_words() -> Iterator[tuple[str, Deed]]:
    """The same of the words beside them."""
    for value in [*WORDS_EITHER, *([] if connection.vendor == "postgresql" else WORDS_SQLITE)]:
        yield f"words = {value[:60]}", partial(spoil_words, value)


def spoil(column: str, value: str, events: list[int]) -> None:
    """Write something over a column of some events; where no two may have the same, of the last one alone."""
    if column in ("number", "hash", "previous_hash"):
        events = events[-1:]
    statements = [f"UPDATE tracker_event SET {column} = {value} WHERE id = {event}" for event in events]
    if connection.vendor == "postgresql" and column in ("number", "subject_id", "algorithm"):
        statements[:0] = [
            "SET CONSTRAINTS ALL IMMEDIATE",
            f"ALTER TABLE tracker_event DROP CONSTRAINT IF EXISTS tracker_event_{column}_check",
        ]
    past_the_guards(*statements)


def spoil_words(value: str, events: list[int]) -> None:
    past_the_guards(*(f"UPDATE tracker_eventwords SET words = {value} WHERE event_id = {event}" for event in events))


class Spoilable:
    """A turn with an assignment, a moved day, comments and mentions, an erasure; sealed, its head given out. Both turns are due
    on 2 April 2018."""

    def __init__(self, world: World) -> None:
        self.world = world
        people = world.people
        people["administrator"] = Person.objects.create_superuser("administrator", PASSWORD, name="Administrator")
        self.turn = world.walk("in_progress")
        steps.change_due_date(self.turn, by=world.chair, due_on=date(2018, 4, 2), reason="The Council opens later.")
        steps.comment(self.turn, by=world.chair, text="What do you say, @contributor?")
        steps.record_activity(self.turn, by=world.contributor, text="The group met.")
        activity = Event.objects.latest("pk")
        steps.comment(world.past, by=world.chair, text="Nothing came of this one.")
        steps.change_due_date(world.past, by=world.chair, due_on=date(2018, 4, 2), reason="Still wanted.")
        steps.erase_words(activity, by=world.secretary, reason="Asked for.")
        self.feed = CalendarFeed.objects.create(
            kind=CalendarFeed.Kind.PERSON, owner=people["contributor"], secret="s" * 43, made_at=activity.recorded_at
        )
        steps.appoint(world.offices["contributor"], people["outsider"], begins=date(2018, 2, 25), by=world.secretary)
        self.hand_over = HandOver.objects.get(term=Term.objects.get(person=people["outsider"]))
        seal()
        assert found().found == 0
        verbs = "assigned due_date_changed commented".split()
        mine = Event.objects.filter(stream=f"occurrence:{self.turn.reference}")
        self.events = [mine.filter(verb=f"occurrence.{verb}").latest("pk").pk for verb in verbs]
        self.events += [Event.objects.filter(verb="words.erased").latest("pk").pk, mine.latest("number").pk]
        self.events = list(dict.fromkeys(self.events))
        self.worded = list(mine.exclude(words=None).exclude(words__words={}).values_list("pk", flat=True))

    @property
    def other(self) -> Occurrence:
        """Another turn, which nobody touched."""
        return self.world.past

    def places(self) -> Iterator[tuple[str, str]]:
        """Who opens which address: once each place that reads events."""
        item, event = f"/items/{self.turn.reference}/", self.events[-1]
        yield "secretary", item
        yield "secretary", "/history/"
        yield "secretary", "/history/?words=opens"
        yield "secretary", "/history/export.csv"
        yield "secretary", f"/api/v1/events/?subject={self.turn.reference}"
        yield "secretary", f"/api/v1/occurrences/{self.turn.reference}/receipt/"
        yield "secretary", reverse("erase-words", args=[event])
        yield "auditor", f"/people/{self.world.chair.pk}/trace/"
        yield "auditor", "/history/export.jsonl"
        yield "auditor", "/log/export.jsonl?words=1"
        yield "auditor", f"{item}receipt/"
        yield "chair", "/board/"
        yield "councillor", "/council/council/"
        yield "outsider", reverse("hand-over", args=[self.hand_over.pk])
        yield "contributor", f"/feeds/{self.feed.secret}.ics"
        yield "administrator", "/admin/tracker/event/"
        yield "administrator", f"/admin/tracker/event/{event}/change/"

    def further_places(self) -> Iterator[tuple[str, str]]:
        """The others that could, by every filter and for other readers."""
        item = f"/items/{self.turn.reference}/"
        for reader in ("auditor", "contributor", "councillor"):
            yield reader, item
            yield reader, "/history/"
        for query in (
            f"item={self.turn.reference}",
            "item=r1",
            "verb=occurrence.assigned",
            "means=command",
            f"person={self.world.chair.pk}",
            "days=effective&since=2018-01-01&until=2018-12-31",
            "since=2018-01-01&until=2018-12-31",
        ):
            yield "secretary", f"/history/?{query}"
            yield "secretary", f"/history/export.csv?{query}"
        for event in self.events:
            yield "secretary", reverse("erase-words", args=[event])
        for person in ("contributor", "secretary"):
            yield "auditor", f"/people/{self.world.people[person].pk}/trace/"
        for address in ("visits", "findings", "checks"):
            yield "auditor", f"/history/{address}/"
        for address in ("/log/", "/log/export.jsonl", "/retention/", "/search/?q=report"):
            yield "auditor", address
        for address in ("/tasks/", "/occurrences/", "/calendar/agenda/", f"{item}steps/change_due_date/"):
            yield "chair", address
        yield "contributor", "/tasks/"
        yield "administrator", "/admin/tracker/notice/"
        yield "administrator", "/healthz"
        for query in ("", "?verb=occurrence.assigned", "?page_size=1"):
            yield "secretary", f"/api/v1/events/{query}"
        yield "secretary", f"/api/v1/occurrences/{self.turn.reference}/"
        yield "secretary", f"/api/v1/occurrences/{self.turn.reference}/receipt/?entry=2"
        yield "secretary", "/api/v1/occurrences/"
        yield "secretary", "/api/v1/overview/?body=council"

    def answer(self, reader: str, address: str) -> tuple[int, str]:
        """The status and the body of what an address says to somebody."""
        client = Client(raise_request_exception=False)
        client.force_login(self.world.people[reader])
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer.status_code, body.decode()
