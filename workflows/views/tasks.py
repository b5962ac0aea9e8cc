"""My tasks: what waits for whoever is logged in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import access, clock
from tracker.models import Person
from workflows.inbox import PER_PAGE, my_tasks, waiting_hand_overs


@login_required
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """The list, grouped by urgency; with `group` all of one group, in pages."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    only = request.GET.get("group", "")
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    groups = my_tasks(person, only=only, page=max(1, number))
    page = _page(groups[0].total, number) if only and groups else None
    if page and page.number != number:  # beyond the end: the nearest that there is
        groups = my_tasks(person, only=only, page=page.number)
    counts: dict[str, int] = {}
    for group in groups:
        counts[group.key] = counts.get(group.key, 0) + group.total
    context: dict[str, Any] = {
        "to_close": any(row.step == "close" for group in groups for row in group.rows),
        "groups": groups,
        "counts": counts,
        "hand_overs": waiting_hand_overs(person),
        "owed": sum(count for key, count in counts.items() if key != "waiting"),
        "only": only,
        "page_obj": page,
        "roles": access.roles(person),
        "today": clock.today(),
        "listing": True,
    }
    return render(request, "workflows/tasks.html", context)


def _page(total: int, number: int) -> Page[int]:
    """The numbers of the pages under a list whose rows are already in hand."""
    return Paginator(range(total), PER_PAGE).get_page(max(1, number))
