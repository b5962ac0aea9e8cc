"""The page of an item's turn: its words, where it stands, what was done, what was promised, what happened, what comes next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import access, audit, clock, history, queries
from tracker.ball import ball_holders
from tracker.deadlines import LADDER
from tracker.marks import Mark
from tracker.models import Event, Notice, Occurrence
from workflows.diagram import diagram
from workflows.inbox import BESIDE, next_step
from workflows.machines import Status
from workflows.views import moments
from workflows.views.step import found

PATH = (Status.PLANNED, Status.ASSIGNED, Status.IN_PROGRESS, Status.SUBMITTED, Status.ENDORSED, Status.CLOSED)


@require_safe
def occurrence(request: HttpRequest, body: str, short: str) -> HttpResponse:
    """The page of an occurrence; who is not logged in and may not see it is asked to log in, whether it exists or not."""
    reader = request.user
    try:
        turn = found(reader, f"{body}/{short}")
    except Http404:
        if isinstance(reader, AnonymousUser):
            return redirect_to_login(request.get_full_path())
        raise
    today = clock.today(turn.body.time_zone)
    events = list(access.events(reader).filter(stream=audit.stream(turn)).order_by("-number"))
    reminders = list(turn.notices.select_related("person", "message").order_by("planned_for", "pk"))
    mine = moments.mine(turn, reader)
    page = {
        "occurrence": turn,
        "obligation": turn.obligation,
        "paragraph": turn.obligation.paragraph,
        "today": today,
        "mark": queries.mark(turn, today),
        "ball": ball_holders(turn, today),
        "assignments": turn.standing,  # type: ignore[attr-defined]  # prefetched by with_facts
        "endorser": turn.obligation.endorser.holder(today),
        "path": _path(turn),
        "diagram": diagram(turn),
        "next": _next(turn, mine, today),
        "others": [step for step in mine if step not in moments.RARE],
        "rare": [step for step in mine if step in moments.RARE],
        "for_others": [step for step in moments.ready(turn) if step not in mine and step not in moments.RARE],
        "siblings": _siblings(reader, turn, today),
        "activities": access.papers(
            reader, turn.activities.select_related("recorded_by", "acting_for").prefetch_related("evidence")
        ),
        "reports": access.papers(
            reader, turn.reports.select_related("submitted_by", "acting_for").prefetch_related("files")
        ),
        "evidence": access.papers(reader, turn.evidence.filter(report=None, activity=None)),
        "slips": _slips(events),
        "lines": history.lines(events, reader=reader),
        "reminders": reminders,
        "contract": _contract(reminders, today),
    }
    page["others"] = [step for step in page["others"] if step != page["next"]]
    return render(request, "workflows/occurrence.html", page)


def _path(turn: Occurrence) -> list[dict[str, Any]]:
    """The statuses of the path, done, present or to come; a state beside the path stands at its end."""
    if turn.status in PATH:
        here = PATH.index(Status(turn.status))
        states = ["done" if at < here else "present" if at == here else "to-come" for at in range(len(PATH))]
        return [{"word": status.label, "state": state} for status, state in zip(PATH, states, strict=True)]
    return [{"word": Status.PLANNED.label, "state": "done"}, {"word": turn.get_status_display(), "state": "present"}]


def _next(turn: Occurrence, mine: list[str], today: date) -> str:
    """The one step that a person should see first: the one that is owed if it is theirs, or what is owed beside it."""
    step = next((one for one in (next_step(turn), *BESIDE) if one in mine), "")
    return "" if step == "close" and not moments.has_opened(turn, today) else step


@dataclass(frozen=True)
class Sibling:
    """Another turn of the same duty, in the line of sessions."""

    occurrence: Occurrence
    mark: Mark
    place: str
    here: bool


def _siblings(reader: Any, turn: Occurrence, today: date) -> list[Sibling]:
    seen = access.occurrences(reader).filter(obligation=turn.obligation_id)
    rows = queries.with_facts(seen).order_by(
        "meeting__number", F("session__opens").asc(nulls_last=True), "due_on", "reference"
    )
    found = []
    for row in rows:
        place = (
            "present"
            if row.pk == turn.pk
            else "done"
            if row.status in {Status.ENDORSED, Status.CLOSED, Status.WAIVED}
            else "to-come"
        )
        found.append(Sibling(row, queries.mark(row, today), place, row.pk == turn.pk))
    return found


@dataclass(frozen=True)
class Slip:
    """A due day that was changed: from what to what, by whom, whether with its session or meeting."""

    before: str
    after: str
    event: Event
    reason: str
    with_session: bool


def _slips(events: list[Event]) -> list[Slip]:
    """Every change of the due day, first one first."""
    found = []
    for event in reversed(events):
        if "due_on" in event.changes and event.verb != "occurrence.planned":
            before, after = event.changes["due_on"]
            words = event.words.words if hasattr(event, "words") else {}
            found.append(
                Slip(
                    before or "",
                    after or "",
                    event,
                    str(words.get("reason") or words.get("note") or ""),
                    event.verb.endswith("moved"),
                )
            )
    return found


def _contract(notices: list[Notice], today: date) -> dict[str, Any]:
    """How many reminders at most, how many went out, and the day of the next."""
    own = [one for one in notices if one.kind == Notice.Kind.REMINDER and one.audience == Notice.Audience.HOLDER]
    planned = [one.planned_for for one in own if one.state == Notice.State.PLANNED]
    return {
        "most": len(LADDER),
        "sent": sum(one.state == Notice.State.SENT for one in own),
        "next": min(planned, default=None),
        "today": today,
    }
