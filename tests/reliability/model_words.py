"""The words of each step, good and bad, as the walk draws them. A new step is one line in `WORDS`."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st

DAY = timedelta(days=1)
DAYS = st.integers(-5, 90)
REASON = st.sampled_from(["", "A reason.", "A reason.", "Another reason."])


def words_of(name: str) -> Callable[..., Any]:
    """A reason, which may be missing."""

    def drawn(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
        said = data.draw(REASON, label=name)
        return {name: said}, bool(said), {}

    return drawn


def nothing(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    return {}, True, {}


def assign(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    lead = data.draw(st.sampled_from(["contributor", "/contributor", "chair", "helper"]), label="lead")
    helpers = data.draw(st.sampled_from([(), ("helper",), ("/vice_chair",)]), label="helpers")
    fine = lead not in helpers and not {lead, *helpers} & self.model.left
    asked = {"lead": self.party(lead), "contributors": [self.party(one) for one in helpers]}
    return asked, fine, {"lead": lead, "helpers": helpers}


def submit(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    said = data.draw(st.sampled_from([{}, {"text": "Done."}, {"text": "Done."}, {"nothing_happened": True}]))
    return said, bool(said), {}


def cited(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    which = data.draw(st.sampled_from([None, 0, 1, 1]), label="decision")
    decision = None if which is None else self.decisions[which]
    about = {"decision": which, "day": decision.decided_on if decision else None}
    return {"decision": decision}, decision is not None, about


def reopen(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    asked, has_decision, about = cited(self, data, turn)
    reason = data.draw(REASON)
    lead = data.draw(st.sampled_from([None, "contributor"]), label="lead")
    new = about["decision"] != turn["decision"]
    fine = bool(reason) and (turn["status"] != "closed" or (has_decision and new))
    fine = fine and (bool(turn["lead"]) or (lead is not None and lead not in self.model.left))
    asked |= {"reason": reason, "lead": lead and self.party(lead)}
    return asked, fine, {"lead": None if turn["lead"] else lead}


def enter(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    asked, has_decision, about = cited(self, data, turn)
    day = data.draw(st.sampled_from([None, date(2018, 1, 5), date(2030, 1, 1)]), label="effective_on")
    source = data.draw(REASON, label="source")
    asked |= {"source": source, "effective_on": day, "precision": "day" if day else "unknown"}
    fine = bool(source) and (day is None or day <= self.today)
    return asked, fine, {"day": day, "decision": about["decision"], "closed": has_decision}


def change_due(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    due, reason = self.today + data.draw(DAYS) * DAY, data.draw(REASON)
    return {"due_on": due, "reason": reason}, bool(reason) and due >= self.today and due != turn["due"], {"due": due}


def correct(self: Any, data: st.DataObject, turn: dict[str, Any]) -> tuple[dict[str, Any], bool, dict[str, Any]]:
    reason, event = data.draw(REASON), data.draw(st.sampled_from([1, 1, 999]), label="event")
    day = data.draw(st.sampled_from([None, date(2018, 1, 9)]), label="day")
    asked = {"reason": reason, "event": event} | ({"effective_on": day, "precision": "day"} if day else {})
    return asked, bool(reason) and event == 1 and (day is None or turn["report"] is not None), {"day": day}


# step → its words: the verb's arguments, whether they are good, and what the model must know of them.
WORDS: dict[str, Callable[..., tuple[dict[str, Any], bool, dict[str, Any]]]] = {
    "assign": assign,
    "unassign": words_of("reason"),
    "accept": nothing,
    "decline": words_of("reason"),
    "record_activity": words_of("text"),
    "submit": submit,
    "withdraw": nothing,
    "send_back": words_of("reason"),
    "endorse": nothing,
    "close": cited,
    "waive": cited,
    "supersede": words_of("reason"),
    "reopen": reopen,
    "enter_from_record": enter,
    "hold": words_of("reason"),
    "resume": nothing,
    "change_due_date": change_due,
    "correct": correct,
}
