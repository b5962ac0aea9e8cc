"""The chair's board: what nobody leads on top, then people × status, each number a link to its rows; and assigning several
items at once from it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_fsm import TransitionNotAllowed

from tracker import access, clock, queries
from tracker.ball import Roster
from tracker.marks import Mark
from tracker.models import Assignment, Body, Occurrence, Person, Role
from workflows import refusals
from workflows.forms import AssignForm
from workflows.machines import OPEN, Status
from workflows.steps import ON_OCCURRENCE

COLUMNS = [str(status) for status in OPEN]
NOBODY = "nobody"
OLD = 20
"""Days in one status after which its age is marked."""
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Row:
    """An open occurrence on the board: with whom, since when, and whether it can be assigned."""

    occurrence: Occurrence
    mark: Mark
    who: str
    name: str
    holder: str
    age: int

    @property
    def old(self) -> bool:
        return self.age > OLD

    @property
    def assignable(self) -> bool:
        return self.occurrence.status == Status.PLANNED


@dataclass
class Line:
    """A line of the matrix: somebody's numbers by status, the sum, and how many of them are past due."""

    who: str
    name: str
    holder: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    late: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def cells(self) -> list[tuple[str, str, int]]:
        return [(status, str(Status(status).label), self.counts[status]) for status in COLUMNS]


def boards(person: Person) -> list[Body]:
    """The bodies whose work a person may assign, groups under them included, fullest first."""
    seats = access.seats(person)
    own = {s.office.body_id for s in seats if s.office.role in {Role.CHAIR, Role.VICE_CHAIR, Role.SECRETARY}}
    found = [body for body in access.bodies(person) if own & {one.pk for one in body.lineage()}]
    return sorted(found, key=lambda body: (-_open_of(person, body).count(), body.name))


def _open_of(person: Person, body: Body) -> QuerySet[Occurrence]:
    return queries.still_open(access.occurrences(person)).filter(obligation__responsible=body)


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The board of one group (`?group=`), its list narrowed by `who`, `status` and `late`."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    groups = boards(person)
    if not groups:
        raise PermissionDenied(_("The board is for chairs, vice-chairs and secretaries."))
    group = next((one for one in groups if one.slug == request.GET.get("group")), groups[0])
    now = clock.now()
    today = clock.today(group.time_zone)
    every = _rows(person, group, today, now)
    lines = _lines(every, today)
    filters = {name: request.GET.get(name, "") for name in ("who", "status", "late")}
    filtered = any(filters.values())
    unassigned = [row for row in every if row.who == NOBODY and row.assignable]
    shown = [row for row in every if (_passes(row, filters, today) if filtered else row not in unassigned)]
    page = {
        "groups": groups,
        "group": group,
        "today": today,
        "columns": [(status, Status(status).label) for status in COLUMNS],
        "lines": lines,
        "sum": _sum(lines),
        "unassigned": unassigned,
        "rows": shown,
        "total": len(every),
        "filtered": filtered,
        "filters": filters,
        "who": next((line for line in lines if line.who == filters["who"]), None),
    }
    return render(request, "workflows/board.html", page)


def _rows(person: Person, group: Body, today: date, now: datetime) -> list[Row]:
    """Every open occurrence of a group that a person may see, most urgent first. A constant number of queries."""
    found = queries.with_facts(_open_of(person, group)).select_related(
        "resolution__body", "meeting__body", *queries.WAITED_FOR
    )
    roster = Roster.on(today)
    rows = []
    for occurrence in found.order_by(F("due_on").asc(nulls_last=True), "reference"):
        standing: list[Assignment] = occurrence.standing  # type: ignore[attr-defined]  # prefetched by with_facts
        lead = next((a for a in standing if a.part == Assignment.Part.LEAD), None)
        who, name, holder = _led_by(lead, roster)
        rows.append(
            Row(occurrence, queries.mark(occurrence, today), who, name, holder, (now - occurrence.status_since).days)
        )
    return rows


def _led_by(lead: Assignment | None, roster: Roster) -> tuple[str, str, str]:
    """A key, a name and a holder for who leads."""
    if lead is None:
        return NOBODY, _("no one"), ""
    if lead.office is not None:
        holders = roster.people(lead.office)
        return f"office-{lead.office_id}", str(lead.office), str(holders[0]) if holders else _("nobody at present")
    return f"person-{lead.person_id}", str(lead.person), ""


def _past_due(row: Row, today: date) -> bool:
    due_on = row.occurrence.due_on
    return row.occurrence.status in {Status.PLANNED, Status.ASSIGNED, Status.IN_PROGRESS} and bool(
        due_on and due_on < today
    )


def _passes(row: Row, filters: dict[str, str], today: date) -> bool:
    return (
        filters["who"] in ("", row.who)
        and filters["status"] in ("", "open", row.occurrence.status)
        and (not filters["late"] or _past_due(row, today))
    )


def _lines(rows: list[Row], today: date) -> list[Line]:
    lines: dict[str, Line] = {}
    for row in rows:
        line = lines.setdefault(row.who, Line(row.who, row.name, row.holder))
        line.counts[row.occurrence.status] += 1
        line.late += _past_due(row, today)
    return sorted(lines.values(), key=lambda line: (line.who != NOBODY, -line.late, line.name))


def _sum(lines: list[Line]) -> Line:
    total = Line("", _("all"), "")
    for line in lines:
        total.late += line.late
        for status in COLUMNS:
            total.counts[status] += line.counts[status]
    return total


# Assigning several -----------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What assigning would do, or did, to one item: "" or the reason why it is refused."""

    occurrence: Occurrence
    mark: Mark
    refusal: str = ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """Ask whom (GET, `item` for each reference) and assign each item that can be (POST): one event an item."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    given = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(person, given.getlist("item")[:MOST_AT_ONCE])
    ready = [one for one in chosen if not one.refusal]
    back = reverse("board") + (f"?group={chosen[0].occurrence.obligation.responsible.slug}" if chosen else "")
    if not ready:
        messages.error(request, _("Choose at least one item that can be assigned."))
        return redirect(back)
    first = ready[0].occurrence
    today = clock.today(first.body.time_zone)
    form = AssignForm(*([request.POST] if request.method == "POST" else []), occurrence=first, by=person, today=today)
    if request.method == "POST" and form.is_valid() and _assign_each(form, ready, person):
        refused = [one for one in ready if one.refusal]
        done = len(ready) - len(refused)
        if done:
            messages.success(
                request,
                ngettext("%(count)s item was assigned.", "%(count)s items were assigned.", done) % {"count": done},
            )
        for one in refused:
            messages.error(request, f"{one.occurrence}: {one.refusal}")
        return redirect(back)
    page = {"form": form, "chosen": chosen, "ready": ready, "back": back, "today": today}
    return render(request, "workflows/board_assign.html", page, status=400 if form.errors else 200)


def _chosen(person: Person, references: list[str]) -> list[Outcome]:
    """The items of these references that a person may see, each with the reason why it cannot be assigned, if any."""
    wanted = [reference for reference in references if "\x00" not in reference]
    seen = queries.with_facts(access.occurrences(person).filter(reference__in=wanted))
    outcomes = []
    for occurrence in seen.select_related("obligation__lead_office__body", "obligation__responsible__parent"):
        one = Outcome(occurrence, queries.mark(occurrence, clock.today(occurrence.body.time_zone)))
        try:
            refusals.require(person, "assign", occurrence)
        except (PermissionDenied, TransitionNotAllowed) as refusal:
            one.refusal = str(refusal)
        outcomes.append(one)
    return outcomes


def _assign_each(form: AssignForm, ready: list[Outcome], person: Person) -> bool:
    """Assign each in a transaction of its own; what was refused meanwhile says so. False where the form's words are
    refused before anything was done."""
    done: list[Any] = []
    for one in ready:
        try:
            done.append(ON_OCCURRENCE["assign"](one.occurrence, by=person, **form.arguments()))
        except (PermissionDenied, TransitionNotAllowed):
            one.refusal = _("somebody else was faster: it can no longer be assigned")
        except ValidationError as error:
            if not done:
                form.refused(error)
                return False
            one.refusal = " ".join(error.messages)
    return True
