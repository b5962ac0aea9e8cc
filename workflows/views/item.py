"""The page of an item's turn: its words, where it stands, what was done, what was promised, what happened, what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Max
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import access, audit, clock, erasures, history, ledger, queries, visits
from tracker.ball import Roster, ball_holders
from tracker.log import live
from tracker.marks import Mark
from tracker.models import Assignment, DateRequest, Event, Head, Notice, Occurrence, Person, Visibility, Visit
from workflows import refusals
from workflows.desk import BESIDE, next_step
from workflows.diagram import diagram
from workflows.forms.talk import CommentForm
from workflows.machines import Status
from workflows.views import moments
from workflows.views.contract import contract
from workflows.views.step import found

SLIPPED = {"occurrence.due_date_changed", "occurrence.date_granted", "occurrence.moved"}
ANSWERS = ("grant_new_date", "refuse_new_date")
"""Steps that are offered beside the request that they answer."""
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
    return shown(request, turn)


def shown(
    request: HttpRequest, turn: Occurrence, *, comment_form: CommentForm | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page of an occurrence that `found` fetched; a comment that was refused keeps its words."""
    reader = request.user
    today = clock.today(turn.body.time_zone)
    events = list(access.events(reader).filter(stream=audit.stream(turn)).order_by("-number"))
    reminders = list(ledger.in_full(access.notices_about(reader, turn)).order_by("planned_for", "pk"))
    mine = moments.mine(turn, reader)
    erased = erasures.rows("occurrence", turn.pk)
    lines = history.lines(events, reader=reader)
    page = {
        "occurrence": turn,
        "obligation": turn.obligation,
        "paragraph": turn.obligation.paragraph,
        "today": today,
        "hold_erased": erased.get(f"occurrence:{turn.pk}"),
        "mark": queries.mark(turn, today),
        "ball": ball_holders(turn, today),
        "assignments": _lead_first(turn.standing),  # type: ignore[attr-defined]  # prefetched by with_facts
        "asked_date": turn.date_requests.filter(answer=DateRequest.Answer.OPEN).select_related("asked_by").first(),
        "answers": [step for step in ANSWERS if step in mine],
        "endorser": turn.obligation.endorser.holder(today),
        "path": _path(turn),
        "diagram": diagram(turn),
        "next": _next(turn, mine, today),
        "others": [step for step in mine if step not in {*moments.RARE, *ANSWERS}],
        "rare": [step for step in mine if step in moments.RARE],
        "for_others": _for_others(turn, mine, today),
        "siblings": _siblings(reader, turn, today),
        **_papers(reader, turn, erased),
        "slips": _slips(turn, events),
        "stays": history.stays(turn, events),
        "lines": lines,
        **_proof(turn, events, lines, reader),
        "reminders": ledger.rows(one for one in reminders if one.state != Notice.State.SKIPPED),
        "skipped": ledger.rows(one for one in reminders if one.state == Notice.State.SKIPPED),
        "contract": contract(turn, reminders, reader, today),
        **_talk(reader, turn, comment_form, erased),
    }
    page["others"] = [step for step in page["others"] if step != page["next"]]
    return render(request, "workflows/occurrence.html", page, status=status)


def _papers(reader: Any, turn: Occurrence, erased: Any) -> dict[str, Any]:
    """What was done and handed in, as far as the reader may see it; that something restricted was seen is kept."""
    activities = turn.activities.select_related("recorded_by", "acting_for").prefetch_related("evidence")
    reports = turn.reports.select_related("submitted_by", "acting_for", "validated_by").prefetch_related("files")
    seen: dict[str, list[Any]] = {
        "activities": list(erasures.marked(access.papers(reader, activities), erased)),
        "reports": list(erasures.marked(access.papers(reader, reports), erased)),
        "evidence": list(access.papers(reader, turn.evidence.filter(report=None, activity=None))),
    }
    if any(paper.visibility == Visibility.RESTRICTED for papers in seen.values() for paper in papers):
        visits.about(turn, sensitive=True)
    files = [*seen["evidence"], *(file for one in seen["activities"] for file in one.evidence.all())]
    files += [file for one in seen["reports"] for file in one.files.all()]
    erasures.marked_files(files, erased)
    may_erase = any(file.has_file for file in files) and access.may_on_body(reader, "erase_words", turn.body)
    return {**seen, "may_erase_files": may_erase}


def _proof(turn: Occurrence, events: list[Event], lines: list[history.Line], reader: Any) -> dict[str, Any]:
    """Whether the item's own history is sound, for those who may read it; and who saw it, where it is restricted, for those
    who may know."""
    if not events:
        return {}
    found: dict[str, Any] = {
        "stream": live.stream_state(audit.stream(turn)),
        "head": Head.objects.defer("note").first(),
    }
    if found["stream"].problem:
        found["trouble"] = history.Trouble.of(found["stream"].problem)
        found["entry_troubled"] = any(line.trouble for line in lines)
    if visits.is_restricted(turn) and (bodies := access.watched_bodies(reader)):
        seen = access.visits(reader, bodies).filter(kind=Visit.Kind.SEEN, subject_type="occurrence", subject_id=turn.pk)
        found["seen"] = seen.order_by().aggregate(
            people=Count("person", distinct=True), last=Max(Coalesce("repeat__last_at", "at"))
        )
    return found


def _lead_first(standing: Iterable[Assignment]) -> list[Assignment]:
    return sorted(standing, key=lambda one: (one.part != Assignment.Part.LEAD, one.pk))


def _talk(reader: Any, turn: Occurrence, form: CommentForm | None, erased: dict[str, Event]) -> dict[str, Any]:
    """What was said about it, as far as the reader may read it, and whether they watch it."""
    if not isinstance(reader, Person):
        return {}
    said = access.comments(reader, turn.comments.select_related("author", "acting_for")).order_by("pk")
    keeps = access.SECRETARY in access.capacities(reader, turn)
    comments = [
        (one, not one.taken_back_at and (keeps or one.author_id == reader.pk)) for one in erasures.marked(said, erased)
    ]
    may_comment = _may_comment(reader, turn)
    return {
        "comments": comments,
        "comment_form": form or (CommentForm() if may_comment else None),
        "watch": access.watch(reader, turn.obligation),
        "may_watch": True,
    }


def _may_comment(reader: Person, turn: Occurrence) -> bool:
    try:
        access.require_talk(reader, "comment", turn)
    except PermissionDenied:
        return False
    return True


def _for_others(turn: Occurrence, mine: list[str], today: date) -> list[tuple[str, list[refusals.Who]]]:
    """The steps whose moment is now and that somebody else may take, with who that is."""
    roster = Roster.on(today)
    steps = [step for step in moments.ready(turn) if step not in {*mine, *moments.RARE, *ANSWERS}]
    standing = turn.standing  # type: ignore[attr-defined]  # prefetched by with_facts
    who = {step: refusals.who_can(step, turn, roster=roster, standing=standing) for step in steps}
    return [(step, list({one.words: one for one in those}.values())) for step, those in who.items()]


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


@dataclass(frozen=True)
class Slips:
    """Every change of the due day, first one first: those that the calendar caused, and changes of mind. The counts are
    the occurrence's own where the reader may not read its history."""

    with_calendar: list[Slip]
    by_choice: list[Slip]
    calendar_count: int
    choice_count: int

    def __bool__(self) -> bool:
        return bool(self.calendar_count or self.choice_count)


def _slips(turn: Occurrence, events: list[Event]) -> Slips:
    found = []
    for event in reversed(events):
        if event.verb in SLIPPED and "due_on" in event.changes:
            before, after = event.changes["due_on"]
            words = event.words.words if hasattr(event, "words") else {}
            found.append(
                Slip(
                    str(before or ""),
                    str(after or ""),
                    event,
                    str(words.get("reason") or words.get("note") or ""),
                    event.verb.endswith("moved"),
                )
            )
    moved = [one for one in found if one.with_session]
    changed = [one for one in found if not one.with_session]
    if not events:
        return Slips([], [], turn.moved_with_calendar, turn.moved_by_choice)
    return Slips(moved, changed, len(moved), len(changed))
