"""What the path and its people should do, in dictionaries: small enough to be read and believed.

The tables of the steps are in `model_steps`, who acts in which office in `model_offices`.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.reliability.model_offices import Offices
from tests.reliability.model_steps import ABOVE, COLUMNS, DONE, EMPTY, OVERTAKEN, STEPS, Turn
from tracker.deadlines import next_from_completion


class Model(Offices):
    """Turns by reference, and the offices of those who move them."""

    def __init__(self, today: date) -> None:
        super().__init__(today)
        self.turns: dict[str, Turn] = {}

    def enter(self, ref: str, **turn: Any) -> None:
        """A new turn, nobody asked yet. `helpers` are who contributes, in the order in which they were asked: done or not."""
        fresh = {"status": "planned", "held": False, "unvalidated": False, "helpers": {}, "chosen": 0, "slipped": 0}
        self.turns[ref] = {**EMPTY, **fresh, "first": turn["due"], **turn}

    def capacities(self, who: str, turn: Turn) -> dict[str, str | None]:
        """In what capacities somebody acts on a turn, and whom for: themselves where that is one of them, else the last."""
        seats = self.seats(who, here=True)
        found = [(role, acting) for _office, role, body, acting in seats if body in ABOVE[turn["responsible"]]]
        found += [("lead", acting) for acting in self.as_asked(who, turn["lead"])]
        found += [("contributor", acting) for one in turn["helpers"] for acting in self.as_asked(who, one)]
        own = set(turn["report"] or ()) - {None}
        if who not in own and who not in self.left:
            found += [("endorser", acting) for office, *_, acting in seats if office == turn["endorser"]]
            if (chair := self.holder(turn["endorser"])) in own:
                beside = [acting for _office, role, body, acting in seats if (role, body) == ("vice_chair", "group")]
                found += [("endorser", acting or chair) for acting in beside]
            checks = self.validator_of(turn["lead"])
            found += [("validator", acting) for office, *_, acting in seats if checks and office == checks]
            if turn["unvalidated"] and not self.acting_in(checks) - own:
                found += [("validator", acting) for name, acting in found if name == "endorser"]
        return {name: None if (name, None) in found else acting for name, acting in found}

    def acting(self, step: str, who: str, turn: Turn) -> str | None:
        """Whom somebody acts for in a step that they may take."""
        if step == "finish_part":
            return self.part_of(who, turn)[1]
        held = self.capacities(who, turn)
        allowed = [held[one] for one in STEPS[step].who.split() if one in held]
        return None if None in allowed else allowed[0]

    def part_of(self, who: str, turn: Turn) -> tuple[str, str | None]:
        """The next contribution that is somebody's to finish, and whom for: what was asked in person first."""
        undone = [(one, self.as_asked(who, one)) for one, done in turn["helpers"].items() if not done]
        parts = [(one, None if None in acting else acting[-1]) for one, acting in undone if acting]
        return min(parts, key=lambda part: part[0][:1] == "/", default=("", None))

    def moment(self, step: str, who: str, turn: Turn, held: dict[str, str | None]) -> bool:
        """What a step asks for beside the status."""
        match step:
            case "hold":
                return not turn["held"]
            case "resume":
                return bool(turn["held"])
            case "submit":
                return all(turn["helpers"].values())
            case "finish_part":
                return bool(self.part_of(who, turn)[0])
            case "ask_new_date":
                return turn["asked"] is None and bool(turn["due"])
            case "grant_new_date" | "refuse_new_date":
                return bool(turn["asked"])
            case "validate":
                return bool(turn["unvalidated"])
            case "endorse":
                return not turn["unvalidated"]
            case "send_back":
                return turn["unvalidated"] or "endorser" in held
        return True

    def answer(self, step: str, who: str, ref: str) -> str:
        """may not · not now · "" (go on)."""
        turn = self.turns[ref]
        return self._answer(step, who, turn, self.capacities(who, turn))

    def possible(self, ref: str, people: Iterable[str]) -> dict[str, list[str]]:
        """The steps that are possible on a turn, and who of some people may take each."""
        turn, found = self.turns[ref], defaultdict(list)
        held = {who: self.capacities(who, turn) for who in people}
        for step in STEPS:
            for who, capacities in held.items():
                if not self._answer(step, who, turn, capacities):
                    found[step].append(who)
        return dict(found)

    def _answer(self, step: str, who: str, turn: Turn, held: dict[str, str | None]) -> str:
        row = STEPS[step]
        if not any(capacity in held for capacity in row.who.split()):
            return "may not"
        return "" if turn["status"] in row.when.split() and self.moment(step, who, turn, held) else "not now"

    def effect(self, step: str, who: str, ref: str, **words: Any) -> None:
        """What an accepted step changes: the status, what the words say (`words` are columns), and the lines here."""
        turn, acting = self.turns[ref], self.acting(step, who, self.turns[ref])
        part, ended = self.part_of(who, turn)[0], step in ("unassign", "waive", "supersede")
        checks = self.validator_of(turn["lead"])
        turn.update(status=STEPS[step].to or turn["status"])
        turn.update(COLUMNS.get(step, {}))
        if step == "submit":
            waits = bool(checks) and self.holder(checks) not in (None, who, acting)
            turn.update(report=(who, acting), submitted=self.today, unvalidated=waits)
        if step == "endorse":
            turn["discharged"] = turn["submitted"]
        if step == "finish_part":
            turn["helpers"][part] = True
        if ended:
            turn.update(lead=None, helpers={}, asked=None, unvalidated=False)
        self.chosen(turn, words.pop("due", turn["due"]))
        turn["asked"] = None if step in OVERTAKEN else turn["asked"]
        turn.update(words)

    def chosen(self, turn: Turn, due: date | None) -> None:
        """Another due day by somebody's choice."""
        turn["chosen"] += turn["due"] not in (None, due)
        turn.update(due=due, first=turn["first"] or due)

    def moved(self, thing: str, old: date | None, new: date | None) -> None:
        """A session or a meeting has another first day (None: none known)."""
        for turn in self.turns.values():
            if turn["hangs_on"] == thing and turn["status"] not in (*DONE, "superseded"):
                due = turn["due"] + (new - old) if new and old and turn["due"] else new and new + turn["offset"]
                turn.update(slipped=turn["slipped"] + (turn["due"] not in (None, due)), first=turn["first"] or due)
                turn.update(asked=turn["asked"] if due == turn["due"] else None, due=due)

    def follows(self, duty: str, months: int) -> date | None:
        """When the next turn of a duty that is counted from its last completion falls due, once that one is discharged."""
        last = max((t for t in self.turns.values() if t["duty"] == duty), key=lambda turn: turn["period"])
        return next_from_completion(last["discharged"], last["period"], months) if last["status"] in DONE else None
