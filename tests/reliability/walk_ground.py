"""What the walk stands on: a world with its model, how an act is tried, and what must hold after every one."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from django.apps import apps
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django_fsm import TransitionNotAllowed
from hypothesis.stateful import RuleBasedStateMachine, invariant
from viewflow.workflow.models import Task
from viewflow.workflow.status import PROCESS

from tests.people import World, make_world
from tests.record import new_heads, taken_in, verified
from tests.reliability.model import Model
from tracker import clock
from tracker.log import replay
from tracker.models import Assignment, Event, Obligation, Occurrence, Office, Paragraph, Person
from workflows import flows, steps

START = date(2018, 2, 16)
DAY = timedelta(days=1)
MONTHS = 6
MANY = ("chair", "vice_chair", "secretary", "contributor", "helper", "council_chair", "outsider")
PEOPLE = st.sampled_from(sorted(MANY))
ROLE_OF = {"chair": "chair", "vice_chair": "vice_chair", "contributor": "member", "secretary": "secretary"}
OFFICES = st.sampled_from(sorted(ROLE_OF))
STEP_AT = {"planned": "assignment", "assigned": "acceptance", "in_progress": "work", "endorsed": "decision"}


class Ground(RuleBasedStateMachine):
    """A world, its model, and what always holds."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        new_heads()  # a walk's database ends with it, so the next one's log begins anew
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        mail.outbox.clear()
        self.model, self.today = Model(START), START
        self.added = 0
        self.promises: dict[str, date] = {}
        with clock.at(self.noon()):
            self.decisions = [self.world.decide(), self.world.decide(outcome="approved")]
        for office in Office.objects.select_related("body").prefetch_related("terms__person"):
            for term in office.terms.all():
                self.seated(office, term.person.username, term.begins, term.ends)
        self.model.validators = {"contributor": "vice_chair"}
        self.adopt()
        self.last_event = self.newest()
        self.expected_events = Event.objects.count()

    def teardown(self) -> None:
        try:
            untold = list(replay.differences())
            assert untold == [], f"no event tells: {untold}"
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    # What always holds ------------------------------------------------------------------------------------------------

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        standing = defaultdict(list)
        for one in Assignment.objects.standing().select_related("person", "office").order_by("pk"):
            standing[one.occurrence_id].append((one.part, _name(one), one.done_at is not None))
        rows = {row.reference: row for row in Occurrence.objects.all()}
        assert set(rows) == set(self.model.turns)
        for ref, turn in self.model.turns.items():
            row, asked = rows[ref], standing[rows[ref].pk]
            found = {
                "status": row.status,
                "held": row.on_hold,
                "due": row.due_on,
                "first": row.first_due_on,
                "submitted": row.submitted_on,
                "discharged": row.discharged_on,
                "asked": row.asked_due_on,
                "unvalidated": row.needs_validation,
                "chosen": row.moved_by_choice,
                "slipped": row.moved_with_calendar,
                "lead": next((name for part, name, _done in asked if part == "lead"), None),
                "helpers": {name: done for part, name, done in asked if part == "contributor"},
            }
            assert found == {name: turn[name] for name in found}, f"{ref}: {found}, the model says {turn}"
            assert row.parts_open == list(turn["helpers"].values()).count(False), ref
            assert self.promises.setdefault(ref, row.first_due_on) in (None, row.first_due_on), ref
            self.promises[ref] = row.first_due_on

    @invariant()
    def open_steps_belong_to_the_status(self) -> None:
        """The lead's step, and beside it one for each contribution that is not done."""
        found = defaultdict(list)
        tasks = (
            Task.objects.filter(process__status=PROCESS.NEW).exclude(status__in=flows.OVER).select_related("process")
        )
        for task in tasks.annotate(turn=F("process__run__occurrence")):
            if isinstance(task.flow_task, flows.Step):
                found[task.turn].append((task.flow_task.name, (task.data or {}).get("part")))
        parts = Assignment.objects.standing().filter(part="contributor", done_at=None)
        for row in Occurrence.objects.all():
            step = "validation" if row.needs_validation else "endorsement"
            step = step if row.status == "submitted" else STEP_AT.get(row.status, "")
            wanted: list[tuple[str, int | None]] = [(step, None)] if step else []
            if row.status == "in_progress":
                wanted += [("contribution", pk) for pk in parts.filter(occurrence=row).values_list("pk", flat=True)]
            assert Counter(found[row.pk]) == Counter(wanted), row

    @invariant()
    def record_is_whole_and_gives_the_rows(self) -> None:
        assert verified() == self.expected_events
        untold = list(replay.differences(subjects=Occurrence.objects.all()))
        assert untold == [], f"no event tells: {untold}"

    @invariant()
    def nothing_is_doubled(self) -> None:
        turns = Occurrence.objects.values_list("obligation", "session", "meeting", "period", "occasion")
        hung = [(duty, None if any(other) else session, *other) for duty, session, *other in turns]
        assert len(hung) == len(set(hung))

    # Tools ------------------------------------------------------------------------------------------------------------

    def noon(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)

    def person(self, name: str) -> Person:
        return Person.objects.get(username=name)

    def office(self, name: str) -> Office:
        return Office.objects.select_related("body__parent").get(slug=name.replace("_", "-"), role=ROLE_OF[name])

    def party(self, name: str) -> Person | Office:
        return self.office(name[1:]) if name.startswith("/") else self.person(name)

    def can_be_asked(self, *names: str) -> bool:
        """Offices of the family, and people who have a seat in it today."""
        return all(name.startswith("/") or self.model.seats(name) for name in names)

    def is_secretary(self, who: str) -> bool:
        return any(role == "secretary" for _office, role, *_ in self.model.seats(who))

    def another(self, day: date, turn: dict[str, Any]) -> bool:
        """Whether a turn can be put on a day: another one, and not over."""
        return day >= self.today and day != turn["due"]

    def reference(self, number: int) -> str:
        """One of the turns that the walk keeps to: few, so that it comes back to them."""
        refs = list(self.model.turns)
        return refs[number % len(refs)]

    def seated(self, office: Office, person: str, begins: date | None, ends: date | None, part: str = "holder") -> None:
        row = {"office": office.slug.replace("-", "_"), "role": office.role, "body": office.body.slug, "part": part}
        self.model.terms.append({**row, "person": person, "begins": begins, "ends": ends})

    def done(self, call: Callable[[], Any], *, breaks_at: int = 0) -> str:
        """Do it; in the model's words why it was refused, or ""."""
        with clock.at(self.noon()), transaction.atomic():
            try:
                with transaction.atomic(), broken(breaks_at):
                    call()
            except OperationalError:
                return "broke"
            except PermissionDenied:
                return "may not"
            except TransitionNotAllowed:
                return "not now"
            except ValidationError:
                return "words"
        return ""

    def tried(self, call: Callable[[], Any], what: str) -> tuple[str, list[str]]:
        """Do it: why it was refused, and then nothing has changed; or the verbs of what is on record now."""
        before, answer = self.checksum(), self.done(call)
        if answer:
            assert self.checksum() == before, f"{what} was refused and changed something"
        return answer, [event.verb for event in self.new_events()]

    def newest(self) -> int:
        return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def new_events(self) -> list[Event]:
        """What was written since the last look; the tally of what was accepted grows by it."""
        found = list(Event.objects.filter(pk__gt=self.last_event).select_related("actor", "acting_for").order_by("pk"))
        self.last_event = found[-1].pk if found else self.last_event
        self.expected_events += len(found)
        return found

    def adopt(self) -> list[str]:
        """Take the turns that the calendar, a completion or an event brought into the model; which they were."""
        found = Occurrence.objects.exclude(reference__in=self.model.turns).select_related(
            "obligation__endorser",
            "obligation__responsible",
            "obligation__resolution",
            "session",
            "meeting",
            "occasion",
        )
        fresh = sorted(found, key=lambda row: ("-1.2-c18" not in row.reference, row.period is None, row.reference))
        for row in fresh:
            offset = row.obligation.offset_days * DAY
            hung = row.meeting or row.session
            if row.period:
                dated, hung = row.period, None
            elif row.occasion:
                dated, hung = row.occasion.happened_on, None
            else:
                assert hung is not None
                dated = hung.opening_day if hung.state not in ("postponed", "cancelled") else None
            assert row.due_on == (dated + offset if dated else None)
            self.model.enter(
                row.reference,
                due=row.due_on,
                offset=offset,
                hangs_on=f"{hung._meta.model_name}:{hung.pk}" if hung else "",
                period=row.period,
                duty=row.obligation.reference,
                responsible=row.obligation.responsible.slug,
                endorser=row.obligation.endorser.slug,
            )
        return [row.reference for row in fresh]

    def checksum(self) -> str:
        """Of every row of every table but sessions and tokens."""
        found = hashlib.sha256()
        with connection.cursor() as cursor:
            for model in apps.get_models():
                if model._meta.app_label in ("tracker", "workflows", "workflow") and not model._meta.proxy:
                    key = model._meta.pk.column
                    cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY "{key}"')
                    found.update(repr(cursor.fetchall()).encode())
        return found.hexdigest()


def _name(assignment: Assignment) -> str:
    if assignment.person:
        return str(assignment.person.username)
    assert assignment.office is not None
    return f"/{assignment.office.slug.replace('-', '_')}"


@contextmanager
def broken(at: int) -> Iterator[None]:
    """The database goes away at a statement (0: never)."""
    count = 0

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == at and "SAVEPOINT" not in sql:
            raise OperationalError("the database went away")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        yield


def make_ground() -> World:
    """Beside the yearly duty one before each meeting, one counted from its last completion and one on event; what the
    contributor's office hands in is validated by the vice-chair."""
    world = make_world()
    kinds: list[dict[str, Any]] = [
        {"kind": "before_each_meeting", "anchor": "meeting", "anchor_body": world.group, "offset_days": -1},
        {
            "kind": "periodic",
            "anchor": "date",
            "due_date": date(2017, 12, 1),
            "interval_months": MONTHS,
            "counted_from": "completion",
        },
        {"kind": "on_event", "anchor": "none", "trigger": "a request", "offset_days": 10},
    ]
    for number, about in enumerate(kinds, start=2):
        paragraph = Paragraph.objects.create(
            version=world.version,
            kind="operative",
            position=number,
            path=str(number),
            text="to consult;",
            disposition="tracked",
        )
        duty = Obligation.objects.create(
            paragraph=paragraph,
            resolution=world.resolution,
            title=f"Duty {number}",
            responsible=world.group,
            endorser=world.offices["chair"],
            confirmed=True,
            **about,
        )
        steps.plan_turns(duty)
    taken_in()
    steps.set_validator(world.offices["contributor"], world.offices["vice_chair"], by=world.people["secretary"])
    return world
