"""The ledger of what was promised to be told: a person's own page, that of somebody else for secretaries and auditors, and the
search through all notices of a reader's bodies."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import access, clock, exports, ledger, visits
from tracker.ledger import Cursor
from tracker.models import Notice, Person
from tracker.preferences import in_words, wishes_of
from tracker.views import pages
from tracker.views.filters import LedgerFilters

AHEAD = timedelta(days=30)
AT_A_TIME = 500
"""Rows of a file that are read together: it needs no more memory with a million than with a thousand."""


# One person ------------------------------------------------------------------------------------------------------------


@require_safe
@login_required
def mails(request: HttpRequest) -> HttpResponse:
    """What I was told and what is planned for me."""
    assert isinstance(request.user, Person)  # noqa: S101  (held by login_required)
    return _of(request, request.user)


@require_safe
@login_required
def person_mails(request: HttpRequest, number: int) -> HttpResponse:
    """The same of somebody else, as far as it is about the reader's bodies; how they want to be told is seen, not set."""
    return _of(request, access.traced(request.user, number))


def _of(request: HttpRequest, person: Person) -> HttpResponse:
    today = clock.today()
    found = access.notices(request.user).filter(person=person)
    waiting = found.filter(state=Notice.State.PLANNED)
    soon = ledger.in_full(waiting.filter(planned_for__lte=today + AHEAD)).order_by("planned_for", "pk")
    done = found.exclude(state=Notice.State.PLANNED)
    told, older = ledger.stretch(ledger.newest(done, Cursor.read(request.GET.get("before", ""))), pages.PER_PAGE)
    context = {
        "person": person,
        "own": person == request.user,
        "today": today,
        "planned": ledger.rows(soon[: pages.PER_PAGE], request.user),
        "planned_count": ledger.counted(soon),
        "later": ledger.counted(waiting.filter(planned_for__gt=today + AHEAD)),
        "told": ledger.rows(told, request.user),
        "told_count": ledger.counted(done),
        "at_most": ledger.AT_MOST,
        "older": older,
        "newer": "before" in request.GET,
        "wishes": in_words(
            wishes_of([person.pk])[person.pk], person.language, chairs=access.CHAIR in access.roles(person)
        ),
        "searches": access.searches_notices(request.user),
    }
    return render(request, "tracker/mails.html", context)


# All of them -----------------------------------------------------------------------------------------------------------


@require_safe
@login_required
def ledger_page(request: HttpRequest) -> HttpResponse:
    """Search by person, item, resolution, kind, state, day and words: so far newest first, or what is to come, soonest first."""
    access.require_ledger(request.user)
    people = list(access.known_people(request.user))
    form = _form(request, people)
    if not form.is_valid():
        return pages.refused(request, form)
    visits.sensitive()
    today, ahead = clock.today(), form.cleaned_data["show"] == "ahead"
    everything = access.notices(request.user)
    found = ledger.narrowed(everything, form.cleaned_data)
    listed = ledger.to_come if ahead else ledger.so_far
    rows, older = ledger.stretch(listed(found, today, Cursor.read(request.GET.get("before", ""))), pages.PER_PAGE)
    total = ledger.counted(listed(everything, today))
    narrowed = any(value for name, value in form.cleaned_data.items() if name != "show")
    context = {
        "filters": form,
        "more_open": any(form.cleaned_data[name] for name in form.more),
        "narrowed": narrowed,
        "ahead": ahead,
        "today": today,
        "rows": ledger.rows(rows, request.user),
        "shown": ledger.counted(listed(found, today)) if narrowed else total,
        "total": total,
        "at_most": ledger.AT_MOST,
        "reset": f"{request.path}?show=ahead" if ahead else request.path,
        "older": older,
        "newer": "before" in request.GET,
        "traces": {one.pk for one in people} if access.watched_bodies(request.user) else set(),
        "searches": True,
    }
    return render(request, "tracker/ledger.html", context)


@require_safe
@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as a table for spreadsheets, all of it."""
    access.require_ledger(request.user)
    form = _form(request, ())
    if not form.is_valid():
        return pages.refused(request, form)
    visits.sensitive()
    found = ledger.narrowed(access.notices(request.user), form.cleaned_data)
    rows = exports.ledger_rows(_all(request, found, ahead=form.cleaned_data["show"] == "ahead"))
    response = StreamingHttpResponse(exports.streamed(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ledger.csv"'
    return response


def _form(request: HttpRequest, people: Any) -> LedgerFilters:
    return LedgerFilters(request.GET, people, list(access.resolutions(request.user).order_by("body", "slug")))


def _all(request: HttpRequest, found: QuerySet[Notice], *, ahead: bool) -> Iterator[ledger.Row]:
    """Every row that was found, a few hundred at a time."""
    cursor: Cursor | None = None
    today = clock.today()
    while True:
        listed = ledger.to_come(found, today, cursor) if ahead else ledger.so_far(found, today, cursor)
        page, cursor = ledger.stretch(listed, AT_A_TIME)
        yield from ledger.rows(page, request.user)
        if cursor is None:
            return
