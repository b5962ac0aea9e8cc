"""The calendar, the offices and the whole path walked at random beside a small model, on both databases.

After every act: what the model says of each turn is what its row says; what was refused has left every row as it was; there
is one event for each act that was accepted, with the names of who acted and for whom; every chain is sound, and the events'
changes replayed from nothing give the rows; the open steps of the flow belong to the status; counts add up; nothing is
doubled, promised anew or rewritten.

The walks go in runs. Each run is for what the runs before it have left: transitions first, then pairs of steps. Each has a
seed of its own, so that every run of the tests is the same. What was covered is counted, and too little fails.

A new step: a line in `model_steps.STEPS` and one in `model_words.WORDS`. A new verb on calendar or people: one rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.people import World
from tests.reliability import model_reach
from tests.reliability.model_reach import Reach
from tests.reliability.model_steps import STEPS
from tests.reliability.model_words import WORDS
from tests.reliability.walk_ground import make_ground
from tests.reliability.walk_path import Walk, pairs, walked
from tracker import audit, ladders
from tracker.access import GRANTS
from workflows import machines
from workflows.reminders import reasons

Aims = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Coverage:
    """Of the transitions that the model allows, and of the pairs of steps that can follow each other, which were walked."""

    transitions: float
    pairs: float
    words: str


def reach_of(world: World) -> Reach:
    """What a turn that falls due on a day can go through, with the people who are in office at first."""
    first: Walk = type("Walk", (Walk,), {"world": world})()
    ref = next(ref for ref, turn in first.model.turns.items() if turn["due"] and not turn["period"])
    first.teardown()
    return model_reach.search(first.model, ref)


def missing(reach: Reach) -> Aims:
    """Transitions that were not walked; where there are none, pairs; where there are none, everything again."""
    seen = {(status, step) for status, step, _to in walked}
    left = [(status, step, "") for status, step in reach.transitions - seen]
    left = left or [
        (status, step, then)
        for (step, then), statuses in reach.pairs.items()
        if (step, then) not in pairs
        for status in statuses
    ]
    return tuple(sorted(left)) or tuple(sorted((*one, "") for one in reach.transitions))


def coverage(reach: Reach) -> Coverage:
    table = {(status, step) for step, row in STEPS.items() for status in row.when.split()}
    assert reach.transitions == table, "a line of model_steps.STEPS names a status from which nobody can take the step"
    seen = {(status, step) for status, step, _to in walked}
    followed = set(pairs) & set(reach.pairs)
    left = sorted(table - seen), sorted(set(reach.pairs) - followed)
    words = f"{len(seen)} of {len(table)} transitions, {len(followed)} of {len(reach.pairs)} pairs"
    words = f"{words}, {sum(walked.values())} steps"
    words += f"; not walked: {left}" if sum(map(len, left)) < 30 else ""
    return Coverage(
        len(seen) / len(table),
        len(followed) / len(reach.pairs),
        words,
    )


def walk(runs: int, *, examples: int, length: int, aims: Aims = (), kind: type[Walk] = Walk) -> Coverage:
    """So many runs of so many walks of so many acts, each run for what is missing, or all of them for some aims."""
    walked.clear()
    pairs.clear()
    world = make_ground()
    reach = reach_of(world)
    options = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    for number in range(runs):
        going = type("Walk", (kind,), {"world": world, "aims": aims or missing(reach)})
        run_state_machine_as_test(seed(number)(going), settings=options)
    return coverage(reach)


def test_model_and_words_name_every_step() -> None:
    assert set(STEPS) == set(WORDS) == set(machines.STEPS), (
        "one line in model_steps.STEPS and one in WORDS for each new step"
    )


def test_walk_agrees_with_the_model(db: None, clock_pinned: str, figure: Callable[[str], None]) -> None:
    covered = walk(8, examples=3, length=6)

    figure(f"The model: {covered.words}")
    assert covered.transitions >= 0.95, covered.words
    assert covered.pairs >= 0.15, covered.words


@pytest.mark.soak
def test_long_walks_agree_with_the_model(db: None, clock_pinned: str, figure: Callable[[str], None]) -> None:
    covered = walk(60, examples=4, length=5)

    figure(f"The model: {covered.words}")
    assert covered.transitions == 1, covered.words
    assert covered.pairs >= 0.8, covered.words


# The controls ---------------------------------------------------------------------------------------------------------


def test_walk_goes_wrong_where_product_and_model_differ(
    db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grant that the model knows and the product has lost is found within a few acts."""
    for step in ("hold", "correct", "change_due_date"):
        monkeypatch.setitem(GRANTS, step, ())

    with pytest.raises(AssertionError, match="the model says"):
        walk(1, examples=4, length=3)


def test_walk_goes_wrong_where_a_status_is_written_past_the_record(
    db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is as the model says, and no event tells how it came to be so."""
    quiet = {**audit.SILENT, "occurrence": {**audit.SILENT["occurrence"], "status": "left out for this test"}}
    monkeypatch.setattr(audit, "SILENT", quiet)  # the writer's own: the replay goes on asking for it

    with pytest.raises(AssertionError, match="no event tells"):
        walk(1, examples=4, length=3, aims=(("planned", "assign", "accept"),))


class Patient(Walk):
    """Walks in which what was endorsed is often waited with."""

    @rule(data=st.data(), number=st.integers(0, 2))
    def endorse_and_wait(self, data: st.DataObject, number: int) -> None:
        self.go_for(data, self.live(number), "submitted", "endorse", "")
        self.weeks_go_by(4)


def test_walk_goes_wrong_where_somebody_is_reminded_of_what_is_over(
    db: None, clock_pinned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is endorsed is discharged, though the secretary still has it: a reminder of it is found."""
    monkeypatch.setattr(reasons, "ENDED", {})
    monkeypatch.setattr(ladders, "OVER", frozenset())

    with pytest.raises(AssertionError, match="reminded of what is over"):
        walk(3, examples=10, length=5, kind=Patient)
