"""My tasks: what waits for whoever is logged in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import access, clock
from tracker.models import Person
from workflows.inbox import my_tasks


@login_required
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """The list, grouped by urgency."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    groups = my_tasks(person)
    counts = {group.key: 0 for group in groups}
    for group in groups:
        counts[group.key] += len(group.rows)
    page = {
        "to_close": sum(row.step == "close" for group in groups for row in group.rows),
        "groups": groups,
        "counts": counts,
        "owed": sum(count for key, count in counts.items() if key != "waiting"),
        "roles": access.roles(person),
        "today": clock.today(),
    }
    return render(request, "workflows/tasks.html", page)
