"""Which steps the model lets follow each other on one turn, found by a search of the model itself: no database, no chance.

What is found is what a walk can be asked to cover: transitions (a status and a step from it), and pairs of steps (the
second straight after the first) with the statuses in which the first of them is taken.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.reliability.model import Model
from tests.reliability.model_steps import STEPS, Turn

PEOPLE = ("chair", "vice_chair", "secretary", "contributor")
HELPER = "/vice_chair"
# What has to come first where a step is not possible in its own status, the likeliest first.
BEFORE: dict[str, tuple[str, ...]] = {
    "hold": ("resume",),
    "resume": ("hold",),
    "submit": ("finish_part", "release_contributor"),
    "endorse": ("validate",),
    "validate": ("reassign", "withdraw"),  # until an office is asked whose papers are validated
    "finish_part": ("add_contributors",),
    "release_contributor": ("add_contributors",),
    "ask_new_date": ("refuse_new_date", "change_due_date"),
    "grant_new_date": ("ask_new_date", "change_due_date"),
    "refuse_new_date": ("ask_new_date", "change_due_date"),
}


class Reach(NamedTuple):
    """The transitions, and the statuses from which each pair can be taken."""

    transitions: frozenset[tuple[str, str]]
    pairs: dict[tuple[str, str], frozenset[str]]


def words_that_matter(step: str, turn: Turn, today: date) -> list[dict[str, Any]]:
    """What an accepted step may say, as far as it decides what can follow; none where no words would be good."""
    helpers, later = turn["helpers"], today + timedelta(days=50)
    leads: list[dict[str, Any]] = [{"lead": "contributor"}, {"lead": "/contributor"}]
    dated = {"report": (), "submitted": today, "discharged": today}
    decided = {"decision": 0}
    found: dict[str, list[dict[str, Any]]] = {
        "assign": [lead | {"helpers": dict(some)} for lead in leads for some in ({}, {HELPER: False})],
        "reassign": [lead | {"helpers": dict(helpers)} for lead in leads if lead["lead"] != turn["lead"]],
        "add_contributors": [{"helpers": helpers | {HELPER: False}}] if helpers.get(HELPER, True) else [],
        "release_contributor": [{"helpers": {}}] if helpers else [],
        "ask_new_date": [{"asked": later}],
        "grant_new_date": [{"due": turn["asked"]}],
        "change_due_date": [{"due": later + timedelta(days=turn["due"] == later)}],
        "reopen": [{"lead": turn["lead"] or "contributor", "decision": None}],
        "enter_from_record": [dated | {"status": "endorsed"}, dated | decided | {"status": "closed"}],
        "close": [decided],
        "waive": [decided],
    }
    return found.get(step, [{}])


def after(model: Model, step: str, who: str, ref: str) -> list[Turn]:
    """The turn as it may stand after a step, for each of the words that matter."""
    before, found = model.turns[ref], []
    for words in words_that_matter(step, before, model.today):
        model.turns[ref] = {**before, "helpers": dict(before["helpers"])}
        model.effect(step, who, ref, **words)
        found.append(model.turns[ref])
    model.turns[ref] = before
    return found


def possible_on(model: Model, ref: str, turn: Turn) -> dict[str, list[str]]:
    """The steps that would be possible if the turn stood like that."""
    before, model.turns[ref] = model.turns[ref], turn
    found = model.possible(ref, PEOPLE)
    model.turns[ref] = before
    return {step: who for step, who in found.items() if words_that_matter(step, turn, model.today)}


def allows(model: Model, step: str, who: str, ref: str, then: str) -> bool:
    """Whether another step can come straight after a step."""
    return any(then in possible_on(model, ref, turn) for turn in after(model, step, who, ref))


def search(model: Model, ref: str) -> Reach:
    """Every state that a turn can come into by steps alone, from where it stands."""
    start = model.turns[ref]
    seen, open_ones = {_key(start)}, [start]
    transitions: set[tuple[str, str]] = set()
    pairs: dict[tuple[str, str], set[str]] = defaultdict(set)
    while open_ones:
        turn = open_ones.pop()
        model.turns[ref] = turn
        for step, people in possible_on(model, ref, turn).items():
            transitions.add((turn["status"], step))
            for fresh in (one for who in people for one in after(model, step, who, ref)):
                for then in possible_on(model, ref, fresh):
                    pairs[step, then].add(turn["status"])
                if _key(fresh) not in seen:
                    seen.add(_key(fresh))
                    open_ones.append(fresh)
    model.turns[ref] = start
    return Reach(frozenset(transitions), {pair: frozenset(statuses) for pair, statuses in pairs.items()})


def _key(turn: Turn) -> tuple[Any, ...]:
    """What of a turn decides which steps are possible."""
    held = (turn["status"], turn["held"], turn["unvalidated"], turn["lead"], turn["report"], turn["decision"])
    return (*held, bool(turn["asked"]), bool(turn["due"]), *sorted(turn["helpers"].items()))


def way(status: str, to: str) -> str:
    """The first step of the shortest way from one status to another; "" where there is none."""
    firsts = {status: ""}
    queue = [status]
    for here in queue:
        for step, row in STEPS.items():
            ends = ["endorsed", "closed"] if step == "enter_from_record" else [row.to]
            for end in ends if here in row.when.split() else []:
                if end and end not in firsts:
                    firsts[end] = firsts[here] or step
                    queue.append(end)
    return firsts.get(to, "")
