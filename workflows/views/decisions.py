"""The decisions of a session on one page: choose the session, cite document and paragraph, tick what was decided, look at
what will happen to each item, and put it on record."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from django_fsm import TransitionNotAllowed

from tracker import access, clock, queries
from tracker.marks import Mark
from tracker.models import Decision, Occurrence, Person, Session
from tracker.summaries import (
    IN_FULL,
    Filters,
    Pending,
    Sight,
    draft_decisions,
    pending_rows,
    select,
    session_key,
)
from workflows import steps
from workflows.agenda import keeps
from workflows.forms.batch import CitationForm, RowForm
from workflows.machines import Status

MOST = 150
"""Rows of each list on the page; what is more is counted and comes up once these are decided."""


@dataclass
class Row:
    """An item that a decision can settle, its form, and what would happen to it ("" before a preview)."""

    occurrence: Occurrence
    mark: Mark
    form: RowForm
    result: steps.Decided | None = None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request: HttpRequest) -> HttpResponse:
    """The form for a session (`?session=body/code`; `&draft=1` fills in what the Council's page drafts); POST previews it
    (`act=preview`) or puts it on record."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    sessions = _sessions(person)
    if not sessions and keeps(person, access.bodies(person), "record_decision"):
        raise Http404(_("No session has opened yet: there is no decision to put on record."))
    if not sessions:
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("record_decision")})
    session = _chosen(sessions, request.GET.get("session", ""))
    bound = request.POST if request.method == "POST" else None
    drafted = _drafted(person, session) if request.GET.get("draft") else ()
    words = draft_decisions(drafted, body=session.body.name)
    form = CitationForm(bound, initial={"words": words, "outcome": Decision.Outcome.NOTED} if words else None)
    lists = _lists(person, session, bound, drafted)
    rows = [row for _key, _title, some, _more in lists for row in some]
    status = HTTPStatus.OK
    results: list[steps.Decided] = []
    if request.method == "POST":
        status, results = _act(request, person, session, form, rows)
        if status == HTTPStatus.FOUND:
            return redirect(_address(session))
    page = {
        "form": form,
        "session": session,
        "sessions": sessions,
        "lists": lists,
        "any": bool(rows),
        "results": results,
        "closing": sum(one.done and not one.waived for one in results),
        "waiving": sum(one.done and one.waived for one in results),
        "refused": [one for one in results if not one.done],
        "today": clock.today(session.body.time_zone),
    }
    return render(request, "workflows/decisions.html", page, status=status)


def _sessions(person: Person) -> list[Session]:
    """The sessions whose decisions a person may put on record: those that have opened, latest first."""
    own = keeps(person, access.bodies(person), "record_decision")
    found = access.sessions(person).filter(body__in=own, opens__lte=clock.now().date()).order_by("-opens", "pk")
    return [one for one in found if one.opens and one.opens <= clock.today(one.body.time_zone)]


def _chosen(sessions: list[Session], key: str) -> Session:
    if not key:
        return sessions[0]
    found = next((one for one in sessions if f"{one.body.slug}/{one.slug}" == key.lower()), None)
    if found is None:
        raise Http404(_("There is no such session, or it has not opened yet."))
    return found


def _address(session: Session) -> str:
    return f"{reverse('decisions')}?{urlencode({'session': f'{session.body.slug}/{session.slug}'})}"


def _drafted(person: Person, session: Session) -> tuple[Pending, ...]:
    """What the Council's page of a session drafts closing words for: they are filled in and ticked, and nothing more."""
    today = clock.today(session.body.time_zone)
    awaiting = Filters(until=session_key(session, session.body), awaiting=True)
    found = select(Sight.of(person, session.body), awaiting, today)
    return pending_rows(found, today=today, limit=IN_FULL)


def _lists(
    person: Person, session: Session, bound: Any, drafted: tuple[Pending, ...]
) -> list[tuple[str, str, list[Row], int]]:
    """What waits for the body's decision, of that session first; then what is open and could be waived. Each list with its
    key, its title, its rows, and how many more there are."""
    seen = access.occurrences(person).filter(Q(body=session.body_id) | Q(session__body=session.body_id))
    first = Case(When(session=session, then=Value(0)), default=Value(1), output_field=IntegerField())
    ordered = seen.annotate(first=first).order_by(
        "first", F("session__opens").desc(nulls_last=True), "due_on", "reference"
    )
    waiting = ordered.filter(status=Status.ENDORSED)
    undecided = (
        queries.still_open(ordered)
        .exclude(status=Status.ENDORSED)
        .filter(Q(session=session) | Q(due_on__lt=clock.now()))
    )
    return [
        ("awaiting", _("Complete, awaiting a decision"), *_rows(waiting, session, bound, drafted)),
        ("open", _("Open: can be waived only"), *_rows(undecided, session, bound, ())),
    ]


def _rows(
    found: QuerySet[Occurrence], session: Session, bound: Any, drafted: tuple[Pending, ...]
) -> tuple[list[Row], int]:
    ticked = {one.reference for one in drafted}
    today = clock.today(session.body.time_zone)
    keys = list(found.values_list("pk", flat=True)[: MOST + 1])
    wide = queries.with_facts(found.filter(pk__in=keys[:MOST])).select_related("resolution__body", "meeting__body")
    rows = [
        Row(one, queries.mark(one, today), RowForm(bound, occurrence=one, chosen=one.reference in ticked))
        for one in wide
    ]
    return rows, found.count() - MOST if len(keys) > MOST else 0


def _act(
    request: HttpRequest, person: Person, session: Session, form: CitationForm, rows: list[Row]
) -> tuple[HTTPStatus, list[steps.Decided]]:
    """Preview the batch or put it on record. FOUND where it is on record."""
    valid = all([form.is_valid(), *(row.form.is_valid() for row in rows)])
    chosen = [row for row in rows if row.form.is_bound and not row.form.errors and row.form.cleaned_data["chosen"]]
    if not valid:
        return HTTPStatus.BAD_REQUEST, []
    if not chosen:
        form.add_error(None, _("Choose at least one item."))
        return HTTPStatus.BAD_REQUEST, []
    act = steps.decide if request.POST.get("act") == "decide" else steps.would_decide
    note = form.cleaned_data["note"]
    try:
        results = act(session, by=person, cited=form.citation(), items=[row.form.item() for row in chosen], note=note)
    except ValidationError as error:
        form.refused(error)
        return HTTPStatus.BAD_REQUEST, []
    except TransitionNotAllowed as error:
        form.add_error(None, str(error))
        return HTTPStatus.CONFLICT, []
    for row, result in zip(chosen, results, strict=True):
        row.result = result
    if act is steps.decide:
        _tell(request, results)
        return HTTPStatus.FOUND, results
    return HTTPStatus.OK, results


def _tell(request: HttpRequest, results: list[steps.Decided]) -> None:
    """What became of each, once it is on record."""
    closed = sum(one.done and not one.waived for one in results)
    waived = sum(one.done and one.waived for one in results)
    if closed:
        messages.success(
            request, ngettext("%(count)s item was closed.", "%(count)s items were closed.", closed) % {"count": closed}
        )
    if waived:
        messages.success(
            request, ngettext("%(count)s item was waived.", "%(count)s items were waived.", waived) % {"count": waived}
        )
    for one in results:
        if not one.done:
            messages.error(request, f"{one.occurrence}: {one.why}")
