"""The words of each step, good and bad, as the walk draws them. A new step is one line in `WORDS`.

Each draws the verb's arguments, says whether they are good, and what the turn has from them once the step is taken.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st

from tracker.models import Meeting, Session

DAY = timedelta(days=1)
DAYS = st.integers(-5, 90)
REASON = st.sampled_from(["", "A reason.", "A reason.", "Another reason."])
PARTIES = st.sampled_from(["contributor", "/contributor", "/contributor", "chair", "helper", "/vice_chair", "outsider"])
HELPERS = st.sampled_from([(), ("helper",), ("/vice_chair",), ("helper", "/vice_chair"), ("helper", "/contributor")])
Turn = dict[str, Any]
Drawn = tuple[dict[str, Any], bool, dict[str, Any]]


def words_of(name: str, **after: Any) -> Callable[..., Drawn]:
    """A reason, which may be missing."""

    def drawn(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
        said = data.draw(REASON, label=name)
        return {name: said}, bool(said), after

    return drawn


def nothing(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    return {}, True, {}


def assign(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    lead, helpers = data.draw(PARTIES, label="lead"), data.draw(HELPERS, label="helpers")
    due, note = data.draw(st.sampled_from([None, None, 20, -3]), label="due in"), data.draw(REASON, label="note")
    day = None if due is None else self.today + due * DAY
    asked: dict[str, Any] = {"lead": self.party(lead), "contributors": [self.party(one) for one in helpers]}
    another = day not in (None, turn["due"])
    fine = lead not in helpers and self.can_be_asked(lead, *helpers)
    fine = fine and (not another or (bool(note or turn["due"] is None) and day >= self.today))
    after = {"lead": lead, "helpers": dict.fromkeys(helpers, False)} | ({"due": day} if another else {})
    return asked | {"due_on": day, "note": note}, fine, after


def reassign(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    lead, reason = data.draw(PARTIES, label="lead"), data.draw(REASON)
    named = data.draw(st.one_of(st.none(), HELPERS), label="helpers")
    helping = turn["helpers"]
    wanted = [one for one in helping if one != lead] if named is None else list(named)
    kept = {one: done for one, done in helping.items() if one in wanted}
    helpers = kept | {one: False for one in wanted if one not in helping}
    asked = {"lead": self.party(lead), "reason": reason}
    asked |= {} if named is None else {"contributors": [self.party(one) for one in named]}
    fine = bool(reason) and lead != turn["lead"] and lead not in wanted and self.can_be_asked(lead, *wanted)
    return asked, fine, {"lead": lead, "helpers": helpers}


def add_contributors(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    more = data.draw(HELPERS, label="more")
    fine = bool(more) and self.can_be_asked(*more)
    fine = fine and all(one != turn["lead"] and turn["helpers"].get(one, True) for one in more)
    helpers = {one: done for one, done in turn["helpers"].items() if one not in more} | dict.fromkeys(more, False)
    return {"contributors": [self.party(one) for one in more]}, fine, {"helpers": helpers}


def release_contributor(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    who = data.draw(st.sampled_from([*turn["helpers"], "helper"]), label="whom")
    reason = data.draw(REASON)
    helpers = {one: done for one, done in turn["helpers"].items() if one != who}
    return (
        {"contributor": self.party(who), "reason": reason},
        bool(reason) and who in turn["helpers"],
        {"helpers": helpers},
    )


def ask_new_date(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    day, reason = self.today + data.draw(DAYS) * DAY, data.draw(REASON)
    return {"wanted_on": day, "reason": reason}, bool(reason) and self.another(day, turn), {"asked": day}


def grant_new_date(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    other = data.draw(st.sampled_from([None, None, 30, -2]), label="due in")
    due_on = None if other is None else self.today + other * DAY
    day = due_on or turn["asked"]
    return {"due_on": due_on}, bool(day) and self.another(day, turn), {"due": day}


def submit(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    said = data.draw(st.sampled_from([{}, {"text": "Done."}, {"text": "Done."}, {"nothing_happened": True}]))
    return said, bool(said), {}


def cited(self: Any, data: st.DataObject, turn: Turn) -> tuple[Any, int | None, date | None]:
    which = data.draw(st.sampled_from([None, 0, 1, 1]), label="decision")
    decision = None if which is None else self.decisions[which]
    return decision, which, decision.decided_on if decision else None


def close(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    decision, which, _day = cited(self, data, turn)
    return {"decision": decision}, decision is not None, {"decision": which}


def waive(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    decision, which, day = cited(self, data, turn)
    return {"decision": decision}, decision is not None, {"decision": which, "discharged": day}


def reopen(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    decision, which, _day = cited(self, data, turn)
    reason, lead = data.draw(REASON), data.draw(st.sampled_from([None, "contributor"]), label="lead")
    fine = bool(reason) and (turn["status"] != "closed" or which not in (None, turn["decision"]))
    fine = fine and (bool(turn["lead"]) or (lead is not None and self.can_be_asked(lead)))
    asked = {"decision": decision, "reason": reason, "lead": lead and self.party(lead)}
    return asked, fine, {"lead": turn["lead"] or lead, "decision": None}


def enter(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    decision, which, _day = cited(self, data, turn)
    day = data.draw(st.sampled_from([None, date(2018, 1, 5), date(2030, 1, 1)]), label="effective_on")
    source = data.draw(REASON, label="source")
    asked = {"decision": decision, "source": source, "effective_on": day, "precision": "day" if day else "unknown"}
    after = {"report": (), "submitted": day, "discharged": day, "decision": which}
    after |= {"status": "endorsed" if decision is None else "closed"}
    return asked, bool(source) and (day is None or day <= self.today), after


def hold(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    reason = data.draw(REASON)
    events = [None, *Session.objects.order_by("pk"), *Meeting.objects.order_by("pk")]
    event = data.draw(st.sampled_from(events), label="waits for")
    if event is None:
        return {"reason": reason}, bool(reason), {}
    last = event.closes or event.opens if isinstance(event, Session) else event.ends or event.begins
    to_come = event.state in ("planned", "postponed") and not (last and last < self.today)
    return {"reason": reason, f"waiting_on_{event._meta.model_name}": event}, bool(reason) and to_come, {}


def change_due(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    due, reason = self.today + data.draw(DAYS) * DAY, data.draw(REASON)
    return {"due_on": due, "reason": reason}, bool(reason) and self.another(due, turn), {"due": due}


def correct(self: Any, data: st.DataObject, turn: Turn) -> Drawn:
    reason, event = data.draw(REASON), data.draw(st.sampled_from([1, 1, 999]), label="event")
    day = data.draw(st.sampled_from([None, date(2018, 1, 9)]), label="day")
    asked = {"reason": reason, "event": event} | ({"effective_on": day, "precision": "day"} if day else {})
    after = {"submitted": day} if day else {}
    after |= {"discharged": day} if day and turn["status"] in ("endorsed", "closed") else {}
    return asked, bool(reason) and event == 1 and (day is None or turn["report"] is not None), after


WORDS: dict[str, Callable[..., Drawn]] = {
    "assign": assign,
    "unassign": words_of("reason"),
    "reassign": reassign,
    "accept": nothing,
    "decline": words_of("reason"),
    "record_activity": words_of("text"),
    "add_contributors": add_contributors,
    "release_contributor": release_contributor,
    "finish_part": nothing,
    "ask_new_date": ask_new_date,
    "grant_new_date": grant_new_date,
    "refuse_new_date": words_of("reason"),
    "submit": submit,
    "withdraw": nothing,
    "send_back": words_of("reason"),
    "validate": nothing,
    "endorse": nothing,
    "close": close,
    "waive": waive,
    "supersede": words_of("reason"),
    "reopen": reopen,
    "enter_from_record": enter,
    "hold": hold,
    "resume": nothing,
    "change_due_date": change_due,
    "correct": correct,
}
