"""The calendar, the offices and the whole path walked at random beside a small model, on both databases.

After every act: what the model says of each turn is what its row says; what was refused has left every row as it was; there
is one event for each act that was accepted, every chain is sound, and the events' changes replayed from nothing give the
rows; the open step of the flow belongs to the status; counts add up; nothing is doubled, promised anew or rewritten.

A new step: a line in `model.STEPS` and one in `model_words.WORDS`. A new verb on calendar or people: one rule.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction
from django_fsm import TransitionNotAllowed
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.people import World, make_world
from tests.record import verified
from tests.reliability.model import STEPS, UNDISCHARGED, Model
from tests.reliability.model_words import DAYS, WORDS
from tests.reliability.together import path_agrees
from tracker import clock, summaries
from tracker.access import GRANTS
from tracker.models import (
    Event,
    EventWords,
    Meeting,
    Message,
    Notice,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Session,
)
from workflows import machines, rounds, steps

START = date(2018, 2, 16)
DAY = timedelta(days=1)
MANY = {"chair", "vice_chair", "secretary", "contributor", "helper", "council_chair", "outsider"}
PEOPLE = st.sampled_from(sorted(MANY))
# Of two draws one is somebody who may well be allowed: else most steps would be refused.
OFFICES = st.sampled_from(["chair", "vice_chair", "contributor", "secretary"])

walked: Counter[tuple[str, str, str]] = Counter()
pairs: Counter[tuple[str, str]] = Counter()


class Walk(RuleBasedStateMachine):
    """One walk: a world, its model, and the rules."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        mail.outbox.clear()
        self.model, self.today = Model(START), START
        self.added = 0
        self.last_move: dict[str, str] = {}
        with clock.at(self.noon()):
            self.decisions = [self.world.decide(), self.world.decide(outcome="approved")]
        for office in Office.objects.select_related("body").prefetch_related("terms__person"):
            for term in office.terms.all():
                self.seated(office, term.person.username, term.begins, term.ends)
        self.last_event = 0
        self.adopt()
        self.expected_events = self.last_event = self.newest()
        self.expected_events = Event.objects.count()

    def teardown(self) -> None:
        self.look()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # The path ---------------------------------------------------------------------------------------------------------

    @rule(data=st.data(), step=st.sampled_from(sorted(WORDS)), who=PEOPLE, number=st.integers(0, 3))
    def take(self, data: st.DataObject, step: str, who: str, number: int) -> None:
        """Any step by anybody at any moment: most are refused."""
        self.step(data, step, who, self.reference(number))

    @initialize(data=st.data(), number=st.integers(0, 1))
    def begin(self, data: st.DataObject, number: int) -> None:
        self.walk_on(data, number, 6)

    @rule(data=st.data(), number=st.integers(0, 1), count=st.integers(3, 8))
    def take_likely_ones(self, data: st.DataObject, number: int, count: int) -> None:
        self.walk_on(data, number, count)

    @rule(data=st.data(), number=st.integers(0, 3), count=st.integers(3, 8))
    def take_more_likely_ones(self, data: st.DataObject, number: int, count: int) -> None:
        """The same, under a second name: a walk that leaves one of the rules out still gets somewhere."""
        self.walk_on(data, number, count)

    def walk_on(self, data: st.DataObject, number: int, count: int) -> None:
        """Steps that are possible, one after the other, by those who may."""
        ref = self.reference(number)
        for _ in range(count):
            if likely := self.likely(ref):
                step = data.draw(st.sampled_from(sorted(likely)), label="step")
                self.step(data, step, data.draw(st.sampled_from(likely[step]), label="who"), ref)
                self.rows_are_as_the_model_says()

    def likely(self, ref: str) -> dict[str, list[str]]:
        """The steps that are possible on a turn, and who may take each."""
        found = {step: [who for who in sorted(MANY) if not self.model.answer(step, who, ref)] for step in WORDS}
        return {step: who for step, who in found.items() if who}

    @rule(data=st.data(), number=st.integers(0, 3), statement=st.integers(1, 25))
    def take_one_that_breaks(self, data: st.DataObject, number: int, statement: int) -> None:
        """The database goes away at some statement of a step: all of it happened, or nothing."""
        ref = self.reference(number)
        if likely := self.likely(ref):
            step = data.draw(st.sampled_from(sorted(likely)), label="step")
            self.step(data, step, likely[step][0], ref, breaks_at=statement)

    def step(self, data: st.DataObject, step: str, who: str, ref: str, breaks_at: int = 0) -> None:
        turn = self.model.turns[ref]
        arguments, fine, about = WORDS[step](self, data, turn)
        refused = self.model.answer(step, who, ref) or ("" if fine else "words")
        before, status = self.checksum(), turn["status"]
        occurrence = Occurrence.objects.get(reference=ref)
        answer = self.done(
            lambda: steps.ON_OCCURRENCE[step](occurrence, by=self.person(who), **arguments), breaks_at=breaks_at
        )
        if answer == "broke":
            assert self.checksum() == before
            return
        note(f"{step} by {who} on {ref} ({status}): {answer or 'done'}")
        assert answer == refused, f"{step} by {who} on {ref} ({status}): {answer!r}, the model says {refused!r}"
        if answer:
            assert self.checksum() == before, f"{step} was refused and changed something"
            return
        self.model.effect(step, who, ref, **about)
        new = self.new_events()
        assert [(e.verb, e.subject_reference, e.actor.username) for e in new] == [
            (f"occurrence.{STEPS[step].verb}", ref, who)
        ]
        walked[status, step, turn["status"]] += 1
        if ref in self.last_move:
            pairs[self.last_move[ref], step] += 1
        self.last_move[ref] = step

    # The calendar -----------------------------------------------------------------------------------------------------

    @rule(who=PEOPLE, days=st.integers(30, 700), dated=st.booleans())
    def add_session(self, who: str, days: int, dated: bool) -> None:
        self.added += 1
        opens = self.today + days * DAY if dated else None
        call = lambda: steps.add_session(  # noqa: E731
            self.world.council, code=f"X{self.added}", name=f"Session {self.added}", opens=opens, by=self.person(who)
        )
        self.on_calendar(who, "session.added", call)

    @rule(who=PEOPLE, days=st.integers(10, 300), dated=st.booleans())
    def add_meeting(self, who: str, days: int, dated: bool) -> None:
        begins = self.today + days * DAY if dated else None
        call = lambda: steps.add_meeting(self.world.group, begins=begins, by=self.person(who))  # noqa: E731
        self.on_calendar(who, "meeting.added", call)

    @rule(data=st.data(), who=st.sampled_from(["secretary", "secretary", "chair"]), days=DAYS, dated=st.booleans())
    def move_session(self, data: st.DataObject, who: str, days: int, dated: bool) -> None:
        thing = data.draw(st.sampled_from(list(Session.objects.order_by("pk"))), label="session")
        opens = self.today + days * DAY if dated else None
        call = lambda: steps.move_session(thing, opens=opens, by=self.person(who), reason="It moved.")  # noqa: E731
        self.on_calendar(who, "session.moved", call, thing)

    @rule(data=st.data(), who=st.sampled_from(["secretary", "secretary", "chair"]), days=DAYS, dated=st.booleans())
    def move_meeting(self, data: st.DataObject, who: str, days: int, dated: bool) -> None:
        thing = data.draw(st.sampled_from(list(Meeting.objects.order_by("pk"))), label="meeting")
        begins = self.today + days * DAY if dated else None
        call = lambda: steps.move_meeting(thing, begins=begins, by=self.person(who), reason="It moved.")  # noqa: E731
        self.on_calendar(who, "meeting.moved", call, thing)

    @rule(data=st.data(), who=st.sampled_from(["secretary", "secretary", "helper"]))
    def say_what_became_of_it(self, data: st.DataObject, who: str) -> None:
        things = [*Session.objects.order_by("pk"), *Meeting.objects.order_by("pk")]
        thing = data.draw(st.sampled_from(things), label="thing")
        state = data.draw(st.sampled_from(["postponed", "cancelled", "held", "planned"]), label="state")
        change: Any = steps.change_session if isinstance(thing, Session) else steps.change_meeting
        call = lambda: change(thing, state=state, reason="So it is.", by=self.person(who))  # noqa: E731
        verb = "moved" if state == "postponed" else "changed"
        self.on_calendar(who, f"{thing._meta.model_name}.{verb}", call, thing)

    def on_calendar(self, who: str, verb: str, call: Callable[[], Any], thing: Session | Meeting | None = None) -> None:
        """A verb of the secretary's. What hangs on the thing moves with it, one event for each that changed."""
        before, old = self.checksum(), thing.opening_day if thing else None
        dues = {ref: turn["due"] for ref, turn in self.model.turns.items()}
        answer = self.done(call)
        secretary = any(role == "secretary" for _office, role, *_ in self.model.seats(who))
        assert (answer == "may not") == (not secretary)
        if answer:
            assert self.checksum() == before, f"{verb} was refused and changed something"
            return
        if thing is not None:
            fresh = type(thing).objects.get(pk=thing.pk)
            gone = fresh.state == "cancelled"
            if verb.endswith("moved") or gone:
                self.model.moved(f"{thing._meta.model_name}:{thing.pk}", old, None if gone else fresh.opening_day)
        new = Counter(event.verb for event in self.new_events())
        moved = sum(turn["due"] != dues[ref] for ref, turn in self.model.turns.items())
        with_it = new.pop("occurrence.moved", 0)
        assert with_it >= moved  # a turn of a meeting may pass to another session and keep its day
        assert new.pop("occurrence.planned", 0) == self.adopt()
        assert new == {verb: 1}

    # Offices and people -----------------------------------------------------------------------------------------------

    @rule(
        who=st.sampled_from(["secretary", "secretary", "chair"]), office=OFFICES, person=PEOPLE, days=st.integers(0, 9)
    )
    def appoint(self, who: str, office: str, person: str, days: int) -> None:
        begins = self.today + days * DAY
        seat = self.office(office)
        if self.on_people(
            who, lambda: steps.appoint(seat, self.person(person), by=self.person(who), begins=begins), "term.begun"
        ):
            for term in self.model.terms:
                if term["office"] == office and (term["ends"] is None or term["ends"] >= begins):
                    term["ends"] = begins - DAY
            self.seated(seat, person, begins, None)

    @rule(who=st.sampled_from(["secretary", "secretary", "helper"]), office=OFFICES)
    def end_term(self, who: str, office: str) -> None:
        term = self.office(office).term_on(self.today)
        if term is not None and self.on_people(who, lambda: steps.end_term(term, by=self.person(who)), "term.ended"):
            row = next(
                one
                for one in reversed(self.model.terms)
                if one["office"] == office and one["person"] == term.person.username and self.model._runs(one)
            )
            row["ends"] = self.today

    @rule(
        who=st.sampled_from(["secretary", "secretary", "helper"]),
        office=OFFICES,
        person=PEOPLE,
        days=st.integers(0, 30),
    )
    def substitute(self, who: str, office: str, person: str, days: int) -> None:
        principal = self.model.holder(office)
        first, last = self.today, self.today + days * DAY
        call = lambda: steps.set_substitute(  # noqa: E731
            self.office(office), self.person(person), begins=first, ends=last, by=self.person(who)
        )
        if self.on_people(who, call, "substitution.set"):
            for row in self.model.standing_in:
                if (row["office"], row["principal"]) == (office, principal) and row["ends"] >= first:
                    row["ends"] = first - DAY
            self.model.standing_in.append(
                {"office": office, "principal": principal, "substitute": person, "begins": first, "ends": last}
            )

    @precondition(lambda self: len(self.model.left) < 2)
    @rule(who=st.sampled_from(["secretary", "chair"]), person=st.sampled_from(["helper", "vice_chair", "contributor"]))
    def deactivate(self, who: str, person: str) -> None:
        if self.on_people(
            who,
            lambda: steps.deactivate(self.person(person), by=self.person(who), reason="They left."),
            "person.deactivated",
        ):
            self.model.left.add(person)

    def on_people(self, who: str, call: Callable[[], Any], verb: str) -> bool:
        """A verb of the secretary's on offices and people; whether it was accepted."""
        before, answer = self.checksum(), self.done(call)
        secretary = any(role == "secretary" for _office, role, *_ in self.model.seats(who))
        assert (answer == "may not") == (not secretary), (verb, who, answer)
        if answer:
            assert self.checksum() == before, f"{verb} was refused and changed something"
            return False
        new = [event.verb for event in self.new_events()]
        assert new.count(verb) >= 1
        assert set(new) <= {verb, "term.ended"}
        return True

    # Time -------------------------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 1, 3, 14, 40]))
    def time_passes(self, days: int) -> None:
        self.today += days * DAY
        self.model.today = self.today

    @rule()
    def the_clock_goes_round(self) -> None:
        """A round: new turns, reminders, mails. None is doubled, and nobody is reminded of what is over."""
        sent_before = set(Notice.objects.filter(state="sent").values_list("pk", flat=True))
        with clock.at(self.noon()):
            done = rounds.run()
        assert done.failed == []
        for event in self.new_events():
            assert event.verb == "occurrence.planned"
        self.adopt()
        fresh = Notice.objects.filter(state="sent", kind="reminder").exclude(pk__in=sent_before)
        for told in fresh.select_related("occurrence"):
            assert told.occurrence is not None
            assert told.occurrence.status not in ("endorsed", "closed", "waived", "superseded")
            assert told.occurrence.due_on == told.due_on
        ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
        assert len(ids) == len(set(ids))
        assert set(ids) == set(Message.objects.filter(state="sent").values_list("message_id", flat=True))

    @rule()
    def plan_again(self) -> None:
        """Planning what is planned adds nothing but what time brought within the horizon."""
        with clock.at(self.noon()):
            steps.roll()
            before = self.checksum_after(self.adopt)
            assert steps.roll() == 0
        assert self.checksum() == before

    @rule()
    def look(self) -> None:
        """The Council's page counts what the model counts."""
        with clock.at(self.noon()):
            seen = summaries.overview(self.person("auditor"), self.world.council, None, today=self.today)
        turns = list(self.model.turns.values())
        counts = {count.code: count.number.count for count in seen.counts}
        standing = [turn for turn in turns if turn["status"] != "superseded"]
        owed = [turn for turn in turns if turn["status"] in UNDISCHARGED]
        assert seen.occurrences.count == sum(counts.values()) == len(standing)
        assert seen.superseded == len(turns) - len(standing)
        assert seen.past_due.count == sum(bool(turn["due"] and turn["due"] < self.today) for turn in owed)
        assert seen.awaiting.count == sum(turn["status"] == "endorsed" for turn in turns)
        for code in ("submitted", "closed", "waived"):
            assert counts.get(code, 0) == sum(turn["status"] == code for turn in turns), code
        assert counts.get("unassigned", 0) == sum(turn["lead"] is None for turn in owed)
        assert counts.get("waiting", 0) == sum(turn["lead"] is not None and turn["due"] is None for turn in owed)

    # What always holds ------------------------------------------------------------------------------------------------

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        rows = {row.reference: row for row in Occurrence.objects.prefetch_related("assignments__person")}
        assert set(rows) == set(self.model.turns)
        for ref, turn in self.model.turns.items():
            row = rows[ref]
            found = (row.status, row.on_hold, row.due_on, row.first_due_on, row.submitted_on, row.discharged_on)
            wanted = ("status", "held", "due", "first", "submitted", "discharged")
            assert dict(zip(wanted, found, strict=True)) == {name: turn[name] for name in wanted}, ref
            leads = [a for a in row.assignments.all() if a.ended_at is None and a.part == "lead"]
            assert [_name(a) for a in leads] == ([turn["lead"]] if turn["lead"] else []), ref

    @invariant()
    def open_step_belongs_to_the_status(self) -> None:
        for row in Occurrence.objects.all():
            assert path_agrees(row), row

    @invariant()
    def record_is_whole_and_gives_the_rows(self) -> None:
        assert verified() == self.expected_events
        words = dict(EventWords.objects.values_list("event", "words"))
        replayed: dict[int, dict[str, Any]] = defaultdict(dict)
        columns = [f for f in Occurrence._meta.concrete_fields if f.name not in ("id", "status_since")]
        names = {column.name for column in columns}
        for event in Event.objects.filter(subject_type="occurrence").order_by("stream", "number"):
            for name, pair in (event.changes | words.get(event.pk, {})).items():
                if name in names:  # else a fact beside the columns, a reason, or a row that belongs to it
                    assert event.number == 1 or replayed[event.subject_id].get(name, pair[0]) == pair[0], (event, name)
                    replayed[event.subject_id][name] = pair[1]
        for row in Occurrence.objects.values():
            for column in columns:
                value = row[column.attname]
                value = value.isoformat() if isinstance(value, date) else value
                empty = None if column.null else column.get_default()
                assert replayed[row["id"]].get(column.name, empty) == value, (row["reference"], column.name)

    @invariant()
    def nothing_is_doubled(self) -> None:
        turns = list(Occurrence.objects.values_list("obligation", "session", "meeting"))
        hung = [(duty, session if meeting is None else None, meeting) for duty, session, meeting in turns]
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

    def reference(self, number: int) -> str:
        """One of the turns that the walk keeps to: few, so that it comes back to them."""
        refs = sorted(self.model.turns)
        return refs[number % len(refs)]

    def seated(self, office: Office, person: str, begins: date | None, ends: date | None) -> None:
        row = {"office": office.slug.replace("-", "_"), "role": office.role, "body": office.body.slug}
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

    def newest(self) -> int:
        return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def new_events(self) -> list[Event]:
        """What was written since the last look; the tally of what was accepted grows by it."""
        found = list(Event.objects.filter(pk__gt=self.last_event).select_related("actor").order_by("pk"))
        self.last_event = found[-1].pk if found else self.last_event
        self.expected_events += len(found)
        return found

    def adopt(self) -> int:
        """Take the turns that the calendar brought into the model; how many they were."""
        fresh = Occurrence.objects.exclude(reference__in=self.model.turns).select_related(
            "obligation__endorser", "obligation__responsible", "session", "meeting"
        )
        for row in fresh:
            hung = row.meeting or row.session
            assert hung is not None
            offset = row.obligation.offset_days * DAY
            dated = hung.opening_day if hung.state not in ("postponed", "cancelled") else None
            assert row.due_on == (dated + offset if dated else None)
            self.model.enter(
                row.reference,
                due=row.due_on,
                offset=offset,
                hangs_on=f"{hung._meta.model_name}:{hung.pk}",
                responsible=row.obligation.responsible.slug,
                endorser=row.obligation.endorser.slug,
            )
        return len(fresh)

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

    def checksum_after(self, act: Callable[[], Any]) -> str:
        act()
        self.new_events()
        return self.checksum()


ROLE_OF = {"chair": "chair", "vice_chair": "vice_chair", "contributor": "member", "secretary": "secretary"}


def _name(assignment: Any) -> str:
    if assignment.person:
        return str(assignment.person.username)
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


def second_duty(world: World) -> None:
    """A duty before each meeting of the group, beside the yearly one."""
    paragraph = Paragraph.objects.create(
        version=world.version, kind="operative", position=2, path="2", text="to consult;", disposition="tracked"
    )
    duty = Obligation.objects.create(
        paragraph=paragraph,
        resolution=world.resolution,
        title="Consultation",
        kind="before_each_meeting",
        anchor="meeting",
        anchor_body=world.group,
        offset_days=-1,
        responsible=world.group,
        endorser=world.offices["chair"],
        confirmed=True,
    )
    steps.plan_turns(duty)


def walk(monkeypatch: pytest.MonkeyPatch, examples: int, length: int, *, seed: int | None = None) -> None:
    """So many walks of so many acts."""
    walked.clear()
    pairs.clear()
    world = make_world()
    second_duty(world)
    monkeypatch.setattr(Walk, "world", world, raising=False)
    options = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        derandomize=seed is None,
        phases=[Phase.generate],
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Walk, settings=options)


def coverage() -> dict[str, Any]:
    """Of the transitions that the model knows, and of the pairs that can follow each other, which were walked."""
    possible = {(state, step) for step, row in STEPS.items() for state in row.when.split()}
    seen = {(state, step) for state, step, _to in walked}
    after = {step: {to for state, one, to in walked if one == step} for step in STEPS}
    follow = {(one, two) for one in STEPS for two, row in STEPS.items() if after[one] & set(row.when.split())}
    return {
        "transitions": f"{len(seen)} of {len(possible)}",
        "missing": sorted(possible - seen),
        "pairs": f"{len(set(pairs) & follow)} of {len(follow)}",
        "steps": sum(walked.values()),
    }


def test_model_and_words_name_every_step() -> None:
    assert set(STEPS) == set(WORDS) == set(machines.STEPS), "one line in model.STEPS and one in WORDS for each new step"


def test_walk_agrees_with_the_model(db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    walk(monkeypatch, examples=10, length=12)

    assert sum(walked.values()) > 20


@pytest.mark.slow
def test_long_walks_agree_with_the_model(
    db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walk(monkeypatch, examples=200, length=50)

    with capsys.disabled():
        print(f"\n200 walks of 50: {coverage()}")  # noqa: T201


def test_walk_goes_wrong_where_product_and_model_differ(
    db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a grant that the model knows and the product has lost is found within a few acts."""
    for step in ("hold", "correct", "change_due_date"):
        monkeypatch.setitem(GRANTS, step, ())

    with pytest.raises(AssertionError, match="the model says"):
        walk(monkeypatch, examples=15, length=5)
