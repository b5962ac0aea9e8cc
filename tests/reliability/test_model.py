"""The calendar, the offices and the whole path walked at random beside a small model, on both databases.

After every act: what the model says of each turn is what its row says; what was refused has left every row as it was; there
is one event for each act that was accepted, with the names of who acted and for whom; every chain is sound, and the events'
changes replayed from nothing give the rows; the open steps of the flow belong to the status; counts add up; nothing is
doubled, promised anew or rewritten.

A new step: a line in `model_steps.STEPS` and one in `model_words.WORDS`. A new verb on calendar or people: one rule.
"""

from collections import Counter
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tests.reliability.model_steps import DONE, STEPS
from tests.reliability.model_words import WORDS
from tests.reliability.walk_calendar import Calendar
from tests.reliability.walk_ground import MANY, MONTHS, PEOPLE, make_ground
from tests.reliability.walk_people import NUMBERS, People
from tracker.access import GRANTS
from tracker.models import Occurrence
from workflows import machines, steps

LAST, SELDOM = ("waive", "supersede"), st.sampled_from([False, False, False, True])  # after these little is possible
WALKS, ACTS = 30, 40  # the long profile, as much as fits into some minutes on each database
STRAIGHT = ("assign", "accept", "finish_part", "submit", "validate", "endorse", "close")

walked: Counter[tuple[str, str, str]] = Counter()
pairs: Counter[tuple[str, str]] = Counter()


class Walk(Calendar, People):
    """One walk: the steps of the path, among what happens to calendar and people."""

    def __init__(self) -> None:
        super().__init__()
        self.last_move: dict[str, str] = {}
        self.taken: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        self.look()
        super().teardown()

    @rule(data=st.data(), step=st.sampled_from(sorted(WORDS)), who=PEOPLE, number=NUMBERS)
    def take(self, data: st.DataObject, step: str, who: str, number: int) -> None:
        """Any step by anybody at any moment: most are refused."""
        self.step(data, step, who, self.reference(number))

    @initialize(data=st.data(), number=st.integers(0, 1), far=st.integers(0, 9))
    def begin(self, data: st.DataObject, number: int, far: int) -> None:
        """Some way along the path; from there the walk goes where it likes."""
        ref = self.reference(number)
        for _ in range(far):
            likely = self.likely(ref)
            if step := next((one for one in reversed(STRAIGHT) if one in likely), ""):
                self.step(data, step, data.draw(st.sampled_from(likely[step]), label="who"), ref)
        self.walk_on(data, number, 14)

    @rule(data=st.data(), number=st.integers(0, 1), count=st.integers(8, 20))
    def take_likely_ones(self, data: st.DataObject, number: int, count: int) -> None:
        self.walk_on(data, number, count)

    @rule(data=st.data(), number=NUMBERS, count=st.integers(8, 20))
    def take_more_likely_ones(self, data: st.DataObject, number: int, count: int) -> None:
        """The same, under a second name: a walk that leaves one of the rules out still gets somewhere."""
        self.walk_on(data, number, count)

    def walk_on(self, data: st.DataObject, number: int, count: int) -> None:
        """Steps that are possible, one after the other, by those who may; rather those that this walk has not taken yet."""
        live = [ref for ref, turn in self.model.turns.items() if turn["status"] not in ("waived", "superseded")]
        ref = live[number % len(live)] if live else self.reference(number)
        for _ in range(count):
            if likely := self.likely(ref):
                status = self.model.turns[ref]["status"]
                fresh = [step for step in sorted(likely) if (status, step) not in self.taken]
                choice = [step for step in fresh if step not in LAST or data.draw(SELDOM)] or sorted(likely)
                step = data.draw(st.sampled_from(choice), label="step")
                self.step(data, step, data.draw(st.sampled_from(likely[step]), label="who"), ref)
                self.rows_are_as_the_model_says()

    def likely(self, ref: str) -> dict[str, list[str]]:
        """The steps that are possible on a turn, and who may take each."""
        found = {step: [who for who in MANY if not self.model.answer(step, who, ref)] for step in WORDS}
        return {step: who for step, who in found.items() if who}

    @rule(data=st.data(), number=NUMBERS, statement=st.integers(1, 25))
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
        acting = self.model.acting(step, who, turn)
        self.model.effect(step, who, ref, **about)
        came = self.followed(ref, status)
        found = [
            (e.verb, e.subject_reference, e.actor.username, e.acting_for and e.acting_for.username)
            for e in self.new_events()
        ]
        assert found == [
            (f"occurrence.{STEPS[step].verb}", ref, who, acting),
            *(("occurrence.planned", one, who, None) for one in came),
        ], f"the model says for {acting!r}"
        self.taken.add((status, step))
        walked[status, step, turn["status"]] += 1
        if ref in self.last_move:
            pairs[self.last_move[ref], step] += 1
        self.last_move[ref] = step

    def followed(self, ref: str, before: str) -> list[str]:
        """The turn that comes with the completion of the one before."""
        turn, came = self.model.turns[ref], []
        if turn["period"] and before not in DONE and turn["status"] in DONE:
            due = self.model.follows(turn["duty"], MONTHS)
            came = [f"{turn['duty']}-{due:%Y%m%d}"] if due else []
        came = [one for one in came if one not in self.model.turns]
        assert self.adopt() == came, f"the model says {came} follows"
        return came


def walk(monkeypatch: pytest.MonkeyPatch, examples: int, length: int) -> None:
    """So many walks of so many acts."""
    walked.clear()
    pairs.clear()
    monkeypatch.setattr(Walk, "world", make_ground(), raising=False)
    options = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        derandomize=True,
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
    assert set(STEPS) == set(WORDS) == set(machines.STEPS), (
        "one line in model_steps.STEPS and one in WORDS for each new step"
    )


def test_walk_agrees_with_the_model(db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    walk(monkeypatch, examples=10, length=12)

    assert sum(walked.values()) > 20


@pytest.mark.soak
def test_long_walks_agree_with_the_model(
    db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walk(monkeypatch, examples=WALKS, length=ACTS)

    with capsys.disabled():
        print(f"\n{WALKS} walks of {ACTS}: {coverage()}")  # noqa: T201


def test_walk_goes_wrong_where_product_and_model_differ(
    db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a grant that the model knows and the product has lost is found within a few acts."""
    for step in ("hold", "correct", "change_due_date"):
        monkeypatch.setitem(GRANTS, step, ())

    with pytest.raises(AssertionError, match="the model says"):
        walk(monkeypatch, examples=15, length=5)
