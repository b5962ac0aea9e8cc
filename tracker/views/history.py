"""The history: every event that the reader may see, in words, with a search."""

import json
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import access, history
from tracker.models import Event
from tracker.views import pages
from tracker.views.filters import HistoryFilters


@require_safe
@login_required
def events(request: HttpRequest) -> HttpResponse:
    """Search by person, act, item, day of recording and words; newest first."""
    seen = access.events(request.user)
    form = HistoryFilters(request.GET, history.actors(seen))
    if not form.is_valid():
        return pages.refused(request, form)
    found = _narrowed(seen, form.cleaned_data)
    page = pages.page_of(request, found.order_by("-pk"))
    roles = access.roles(request.user)
    context = {
        "filters": form,
        "page_obj": page,
        "shown": page.paginator.count,
        "total": seen.count() if any(form.cleaned_data.values()) else page.paginator.count,
        "reset": request.path,
        "lines": history.lines(page, reader=request.user),
        "may_erase": access.SECRETARY in roles,
        "with_hash": roles & {access.SECRETARY, "auditor"},
    }
    return render(request, "tracker/history.html", context)


def _narrowed(found: QuerySet[Event], given: dict[str, Any]) -> QuerySet[Event]:
    if person := given["person"]:
        found = found.filter(actor=None) if person == "system" else found.filter(_by(int(person)))
    if given["verb"]:
        found = found.filter(verb=given["verb"])
    if item := given["item"].strip():
        found = found.filter(subject_reference__icontains=item)
    if given["since"]:
        found = found.filter(recorded_at__gte=_start(given["since"]))
    if given["until"]:
        found = found.filter(recorded_at__lt=_start(given["until"] + timedelta(days=1)))
    if words := given["words"].split():
        found = found.alias(all_changes=Cast("changes", TextField()), all_words=Cast("words__words", TextField()))
        for word in words:
            found = found.filter(_saying(word))
    return found


def _by(person: int) -> Q:
    return Q(actor=person) | Q(acting_for=person)


def _start(day: Any) -> datetime:
    """The first moment of a day; days of the history are days in UTC, as it has events of many bodies."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo("UTC"))


def _saying(word: str) -> Q:
    """Events that say a word: in their reasons and notes, in what changed, or in their reference. JSON on SQLite is kept
    with letters beyond ASCII escaped, so both forms are looked for."""
    saying = Q(subject_reference__icontains=word)
    for form in {word, json.dumps(word)[1:-1]}:
        saying |= Q(all_changes__icontains=form) | Q(all_words__icontains=form)
    return saying
