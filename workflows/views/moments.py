"""Which steps an occurrence stands ready for, whose they are, and how it will read afterwards: asked of the machine's own
table and of `access`, for the pages."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from tracker import access, clock
from tracker.marks import Facts, Mark, mark_of
from tracker.models import Assignment, Occurrence, Person
from workflows.machines import STEPS, Status

# In the order in which a person looks for them; what is rare stands apart.
RARE = (
    "hold",
    "resume",
    "change_due_date",
    "waive",
    "supersede",
    "enter_from_record",
    "correct",
    "reassign",
    "release_contributor",
)


def _transitions() -> list[Any]:
    return list(Occurrence._meta.get_field("status").get_all_transitions(Occurrence))


def ready(occurrence: Occurrence) -> list[str]:
    """The steps whose moment is now, whoever may take them."""
    return [step for step in STEPS if occurrence.can(step)]


def mine(occurrence: Occurrence, person: Any) -> list[str]:
    """Those that a person may take now."""
    held = access.capacities(person, occurrence) if isinstance(person, Person) else {}
    found = [step for step in ready(occurrence) if any(capacity in held for capacity in access.GRANTS[step])]
    return [step for step in found if _is_theirs(step, occurrence, person, held)]


def _is_theirs(step: str, occurrence: Occurrence, person: Person, held: dict[str, Person | None]) -> bool:
    """Whether a step that the grants allow is left for this person to do: a part of theirs that is not done, somebody to
    release, a report that is still to be validated."""
    if step == "finish_part":
        return bool(access.unfinished(person, occurrence, clock.today(occurrence.body.time_zone)))
    if step == "release_contributor":
        return any(one.part == Assignment.Part.CONTRIBUTOR for one in occurrence.assignments.standing())
    return step != "send_back" or access.ENDORSER in held or occurrence.needs_validation


def has_opened(occurrence: Occurrence, today: date) -> bool:
    """Whether the session that will decide on it has opened, so that a decision can be cited."""
    session = occurrence.session
    return session is None or bool(session.opens and session.opens <= today)


def after(occurrence: Any, step: str, today: date) -> Mark | None:
    """How an occurrence that `queries.with_facts` fetched will read once a step is taken; None where it will not change."""
    facts = Facts(occurrence.is_assigned, occurrence.was_told, _over(occurrence, today))
    now = SimpleNamespace(**{f.attname: getattr(occurrence, f.attname) for f in occurrence._meta.concrete_fields})
    targets = {t.target for t in _transitions() if t.name == step} - {None}
    if step in {"assign", "reassign", "accept", "withdraw", "send_back", "reopen"}:
        facts = Facts(assigned=True, told=True, session_over=facts.session_over)
    elif step in {"unassign", "decline"}:
        facts = Facts(assigned=False, told=False, session_over=facts.session_over)
    elif step in {"hold", "resume"}:
        now.on_hold = step == "hold"
    if step == "submit":
        now.submitted_on, now.submitted_precision = today, "day"
    if step == "endorse":
        now.discharged_on, now.discharged_precision = occurrence.submitted_on, occurrence.submitted_precision
    if step == "enter_from_record":
        targets = {Status.ENDORSED}
        now.discharged_on = None
    if not targets and step not in {"hold", "resume"}:
        return None
    now.status = next(iter(targets), now.status)
    return mark_of(now, facts, today)


def _over(occurrence: Occurrence, today: date) -> bool:
    return bool(occurrence.session and occurrence.session.is_over(today))
