"""What the path and its people should do, in dictionaries: small enough to be read and believed.

A new step is one line in `STEPS`: who may take it, in which statuses, where it leads ("" keeps the status), and the verb
of its event. What it does beside the status is a line in `Model.effect`.
"""

from datetime import date
from typing import Any, NamedTuple


class Row(NamedTuple):
    who: str
    when: str
    to: str
    verb: str


OPEN = "planned assigned in_progress submitted endorsed"
STEPS: dict[str, Row] = {
    "assign": Row("chair vice_chair secretary", "planned", "assigned", "assigned"),
    "unassign": Row("chair vice_chair secretary", "assigned", "planned", "unassigned"),
    "accept": Row("lead", "assigned", "in_progress", "accepted"),
    "decline": Row("lead", "assigned", "planned", "declined"),
    "record_activity": Row("lead contributor secretary", "assigned in_progress submitted", "", "activity_recorded"),
    "submit": Row("lead", "in_progress", "submitted", "submitted"),
    "withdraw": Row("lead", "submitted", "in_progress", "withdrawn"),
    "send_back": Row("endorser validator", "submitted", "in_progress", "sent_back"),
    "endorse": Row("endorser", "submitted", "endorsed", "endorsed"),
    "close": Row("secretary", "endorsed", "closed", "closed"),
    "waive": Row("secretary", OPEN, "waived", "waived"),
    "supersede": Row("secretary", OPEN, "superseded", "superseded"),
    "reopen": Row("endorser secretary", "endorsed closed", "in_progress", "reopened"),
    "enter_from_record": Row("secretary", "planned", "endorsed", "entered_from_record"),
    "hold": Row("chair vice_chair secretary lead", OPEN, "", "held"),
    "resume": Row("chair vice_chair secretary lead", OPEN, "", "resumed"),
    "change_due_date": Row(
        "chair vice_chair secretary", "planned assigned in_progress submitted", "", "due_date_changed"
    ),
    "correct": Row("secretary", f"{OPEN} closed waived superseded", "", "corrected"),
}
UNDISCHARGED = ("planned", "assigned", "in_progress")
ABOVE = {"group": ("group", "council"), "council": ("council",)}


class Model:
    """Turns by reference; terms and substitutions as rows; who has left; the day."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.turns: dict[str, dict[str, Any]] = {}
        self.terms: list[dict[str, Any]] = []
        self.standing_in: list[dict[str, Any]] = []
        self.left: set[str] = set()

    def enter(self, ref: str, **turn: Any) -> None:
        """A new turn, nobody asked yet."""
        empty = {"lead": None, "helpers": (), "report": None, "submitted": None, "discharged": None, "decision": None}
        self.turns[ref] = {"status": "planned", "held": False, "first": turn["due"], **empty, **turn}

    def holder(self, office: str) -> str | None:
        running = [t for t in self.terms if t["office"] == office and self._runs(t) and t["person"] not in self.left]
        return running[-1]["person"] if running else None

    def seats(self, who: str) -> list[tuple[str, str, str, str | None]]:
        """Office, role, body and whom they act for."""
        if who in self.left:
            return []
        own = [(t["office"], t["role"], t["body"], None) for t in self.terms if t["person"] == who and self._runs(t)]
        lent = [s for s in self.standing_in if s["substitute"] == who and self._runs(s)]
        held = {(t["office"], t["person"]): t for t in self.terms if self._runs(t) and t["person"] not in self.left}
        found = [(held.get((s["office"], s["principal"])), s["principal"]) for s in lent]
        return own + [(t["office"], t["role"], t["body"], principal) for t, principal in found if t]

    def capacities(self, who: str, turn: dict[str, Any]) -> dict[str, str | None]:
        """In what capacities somebody acts on a turn, and whom for (themselves where that is one of them)."""
        if who in self.left:
            return {}
        found: list[tuple[str, str | None]] = []
        seats = self.seats(who)
        found += [(role, acting) for _office, role, body, acting in seats if body in ABOVE[turn["responsible"]]]
        parts = [("lead", turn["lead"])] * bool(turn["lead"]) + [("contributor", one) for one in turn["helpers"]]
        found += [(part, None) for part, asked in parts if asked == who]
        found += [(part, acting) for part, asked in parts for office, *_, acting in seats if asked == f"/{office}"]
        own = set(turn["report"] or ())
        if who not in own:
            found += [("endorser", acting) for office, *_, acting in seats if office == turn["endorser"]]
            chair = self.holder(turn["endorser"])
            if chair in own:
                beside = [acting for _office, role, body, acting in seats if (role, body) == ("vice_chair", "group")]
                found += [("endorser", acting or chair) for acting in beside]
        return {name: None if (name, None) in found else acting for name, acting in reversed(found)}

    def answer(self, step: str, who: str, ref: str) -> str:
        """may not · not now · "" (go on)."""
        turn, row = self.turns[ref], STEPS[step]
        if not set(row.who.split()) & set(self.capacities(who, turn)):
            return "may not"
        held = {"hold": not turn["held"], "resume": turn["held"]}.get(step, True)
        return "" if turn["status"] in row.when.split() and held else "not now"

    def effect(self, step: str, who: str, ref: str, **words: Any) -> None:  # noqa: C901, PLR0912  (a line a step)
        """What an accepted step changes."""
        turn, to = self.turns[ref], STEPS[step].to
        held = self.capacities(who, turn)
        allowed = [held[one] for one in STEPS[step].who.split() if one in held]
        acting = None if None in allowed else allowed[0]
        turn["status"] = "closed" if words.get("closed") else to or turn["status"]
        turn["held"] = {"hold": True, "resume": False}.get(step, turn["held"])
        if step in ("assign", "reopen") and words.get("lead"):
            turn["lead"], turn["helpers"] = words["lead"], words.get("helpers", turn["helpers"])
        if step in ("unassign", "waive", "supersede"):
            turn["lead"], turn["helpers"] = None, ()
        if step == "decline":
            turn["lead"] = None
        if step in ("withdraw", "send_back", "reopen"):
            turn.update(report=None, submitted=None, discharged=None)
        if step == "submit":
            turn.update(report=(who, acting), submitted=self.today)
        if step == "endorse":
            turn["discharged"] = turn["submitted"]
        if step == "enter_from_record":
            turn.update(report=(), submitted=words["day"], discharged=words["day"])
        if step in ("close", "waive", "reopen", "enter_from_record"):
            turn["decision"] = words.get("decision")
        if step == "waive":
            turn["discharged"] = words["day"]
        if step == "change_due_date":
            turn["due"], turn["first"] = words["due"], turn["first"] or words["due"]
        if step == "correct" and words.get("day"):
            turn["submitted"] = words["day"]
            turn["discharged"] = words["day"] if turn["status"] in ("endorsed", "closed") else turn["discharged"]

    def done(self, turn: dict[str, Any]) -> bool:
        return turn["status"] in ("endorsed", "closed", "waived", "superseded")

    def moved(self, thing: str, old: date | None, new: date | None) -> None:
        """A session or a meeting has another first day (None: none known)."""
        for turn in self.turns.values():
            if turn["hangs_on"] == thing and not self.done(turn):
                counted = new + turn["offset"] if new else None
                turn["due"] = turn["due"] + (new - old) if new and old and turn["due"] else counted
                turn["first"] = turn["first"] or turn["due"]

    def _runs(self, row: dict[str, Any]) -> bool:
        return (row["begins"] or self.today) <= self.today <= (row["ends"] or self.today)
