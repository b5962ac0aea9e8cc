"""The history: every event that the reader may see, in words, with a search; the same list to take along."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import access, exports, history, showing, visits
from tracker.log import exporting
from tracker.models import Event, Person
from tracker.views import pages
from tracker.views.filters import HistoryFilters

AT_A_TIME = 500
"""Rows of a file that are put into words together: it needs no more memory with a million than with a thousand."""


@require_safe
@login_required
def events(request: HttpRequest) -> HttpResponse:
    """Search by person, act, item, day, way, words and request; newest first."""
    seen = access.events(request.user)
    bodies = access.watched_bodies(request.user)
    people = list(access.known_people(request.user, bodies))
    form = HistoryFilters(request.GET, people)
    if not form.is_valid():
        return pages.refused(request, form)
    search = history.searched(seen, form.cleaned_data)
    narrowed = any(form.cleaned_data.values())
    total = history.counted(seen)
    page = listed(request, seen, search, people, watches=bool(bodies))
    shown = total if not narrowed else _shown(search, page)
    context = {
        "filters": form,
        "more_open": any(form.cleaned_data[name] for name in form.more),
        "shown": shown,
        "total": total,
        "at_most": history.AT_MOST,
        "narrowed": narrowed,
        "reset": request.path,
        **page,
    }
    return render(request, "tracker/history.html", context)


def _shown(search: history.Search, page: dict[str, Any]) -> int | None:
    """How many were found; None where not everything was looked through yet."""
    if not search.slow:
        return history.counted(search.found)
    stretch = page["stretch"]
    return None if stretch.older or stretch.newer else len(page["lines"])


def listed(
    request: HttpRequest, seen: QuerySet[Event], search: history.Search, people: list[Person], *, watches: bool
) -> dict[str, Any]:
    """What a page with a stretch of the history needs."""
    before, after = pages.entry_number(request, "before"), pages.entry_number(request, "after")
    stretch = history.stretch(search, pages.PER_PAGE, before=before, after=None if before else after)
    found = {event.pk: event for event in seen.filter(pk__in=stretch.keys).order_by()}
    own = {request.user.pk} if isinstance(request.user, Person) else set()
    looked_from = (
        Event.objects.filter(pk__gte=stretch.looked_from).order_by("pk").first() if stretch.looked_from else None
    )
    return {
        "stretch": stretch,
        "looked_from": looked_from,
        "lines": history.lines(
            [found[key] for key in stretch.keys if key in found],
            reader=request.user,
            traces={one.pk for one in people} if watches else own,
        ),
        "with_hash": watches,
        "may_erase": access.SECRETARY in access.roles(request.user),
        "watches": watches,
    }


@require_safe
@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as a table for spreadsheets, oldest first, all of it."""
    seen = access.events(request.user)
    form = HistoryFilters(request.GET, ())
    if not form.is_valid():
        return pages.refused(request, form)
    visits.sensitive()
    found = history.searched(seen, form.cleaned_data).found
    rows = exports.history_rows(_in_words(seen, found, request.user))
    response = StreamingHttpResponse(exports.streamed(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="history.csv"'
    return response


@require_safe
@login_required
def export_lines(request: HttpRequest) -> HttpResponseBase:
    """The filtered list as JSON lines, each entry with its own proof, for the program that checks them elsewhere."""
    form = HistoryFilters(request.GET, ())
    if not form.is_valid():
        return pages.refused(request, form)
    found = history.searched(access.events(request.user), form.cleaned_data).found
    try:
        lines = exporting.lines(found, words=True, shut=showing.shut_to(request.user))
    except exporting.NothingSealed as error:
        return JsonResponse({"detail": str(error)}, status=HTTPStatus.CONFLICT)
    visits.sensitive()
    response = StreamingHttpResponse((line.encode() for line in lines), content_type="application/x-ndjson")
    response["Content-Disposition"] = 'attachment; filename="history.jsonl"'
    return response


def _in_words(seen: QuerySet[Event], found: QuerySet[Event], reader: Any) -> Iterator[history.Line]:
    """Lines of everything that was found, a few hundred at a time."""
    last = 0
    while keys := list(found.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]):
        yield from history.lines(seen.filter(pk__in=keys).order_by("pk"), reader=reader)
        last = keys[-1]
