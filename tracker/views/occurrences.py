"""The lists behind the numbers: occurrences, or items by their worst mark, as many rows as the number said."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, clock, queries
from tracker.ball import Roster
from tracker.marks import MARKS, Mark
from tracker.models import Body
from tracker.summaries import (
    Filters,
    Sight,
    choices,
    find_session,
    holder_words,
    in_full,
    item_lines,
    items_of,
    select,
    worst_marks,
)
from tracker.views import pages
from tracker.views.filters import OccurrenceFilters


@require_safe
@login_required
def occurrences(request: HttpRequest) -> HttpResponse:
    """Every occurrence that the reader may see and the filters leave, worst first; or with `by=item` the items."""
    organ = _organ(request)
    if organ is None:
        return render(request, "tracker/occurrences.html", {"body": None, "page_obj": None})
    today = clock.today(organ.time_zone)
    sight = Sight.of(request.user, organ)
    form = OccurrenceFilters(request.GET, choices(sight))
    if not form.is_valid():
        return pages.refused(request, form)
    chosen = form.filters()
    try:
        rows: Any = in_full(queries.worst_first(select(sight, chosen, today)))
        if form.cleaned_data["by"]:
            rows = _items(sight, chosen, form.cleaned_data["worst"], today)
    except ValidationError as error:
        return pages.refused(request, form, error)
    context: dict[str, Any] = {
        "body": organ,
        "filters": form,
        "today": today,
        "by_item": bool(form.cleaned_data["by"]),
        "worst": form.cleaned_data["worst"],
        "reset": f"{request.path}?body={organ.slug}",
        "said": _said(chosen, sight, form.cleaned_data["worst"]),
        "page_obj": pages.page_of(request, rows),
    }
    if context["by_item"]:
        context["rows"] = _with_words(sight, context["page_obj"])
    else:
        roster = Roster.on(today)
        every = chosen == Filters()
        context["total"] = (
            context["page_obj"].paginator.count if every else sight.occurrences.exclude(status="superseded").count()
        )
        context["rows"] = [
            (
                one,
                queries.mark(one, today),
                holder_words(one, roster, request.user) if one.is_open and one.status != "endorsed" else None,
            )
            for one in context["page_obj"]
        ]
    return render(request, "tracker/occurrences.html", context)


def _organ(request: HttpRequest) -> Body | None:
    """The body whose occurrences are listed: the one asked for, else the first that has any resolution to see."""
    if slug := request.GET.get("body", ""):
        if "\x00" in slug:
            raise Http404
        return access.body(request.user, slug)
    return access.bodies(request.user).filter(pk__in=access.resolutions(request.user).order_by().values("body")).first()


def _said(chosen: Filters, sight: Sight, worst: str) -> list[str]:
    """What narrows the list and is no field of the form, in words."""
    found = []
    if chosen.past_due:
        found.append(_("past due"))
    if chosen.awaiting:
        found.append(_("complete, awaiting a decision"))
    if chosen.vacant:
        found.append(_("led by an office that no one holds"))
    if chosen.item:
        found.append(_("of item %(path)s") % {"path": chosen.item})
    if chosen.before:
        found.append(_("of sessions before %(session)s") % {"session": find_session(sight.body, chosen.before)})
    if chosen.until:
        found.append(_("of sessions up to %(session)s") % {"session": find_session(sight.body, chosen.until)})
    if worst in MARKS:
        found.append(_("at their worst: %(mark)s") % {"mark": MARKS[worst][1]})
    elif worst:
        found.append(_("with nothing due"))
    return found


def _with_words(sight: Sight, page: Any) -> list[tuple[Any, Mark | None, str]]:
    """The items of a page with their words."""
    words = dict(sight.paragraphs.filter(pk__in=[line.item.id for line, _mark in page]).values_list("pk", "text"))
    return [(line, mark, words.get(line.item.id, "")) for line, mark in page]


def _items(sight: Sight, chosen: Filters, worst: str, today: Any) -> list[tuple[Any, Mark | None]]:
    """The items behind a part of the Council's sentence, each with its worst mark."""
    marks = worst_marks(select(sight, chosen, today), today)
    session = find_session(sight.body, chosen.session) if chosen.session else None
    day = session.opens if session and session.opens else today
    items = items_of(sight, resolution=chosen.resolution, day=day, beside=marks)
    if chosen.narrowed:
        items = [item for item in items if item.id in marks]
    lines = [line for line in item_lines(items, marks) if not worst or line.code == worst]
    return [(line, Mark(line.code, str(MARKS[line.code][1])) if line.code in MARKS else None) for line in lines]
