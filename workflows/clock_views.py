"""How the clock is doing: its rounds, its workers, what waits, what fails. For whoever runs the machine."""

import logging

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from huey.contrib import djhuey

from tracker import access, ticking
from tracker.log import health

log = logging.getLogger(__name__)
PARTS = {
    "horizon": gettext_lazy("new turns"),
    "sweep": gettext_lazy("sweep over what a round may have missed"),
    "retention": gettext_lazy("erasing what was kept for its time"),
}


@login_required
@require_safe
@never_cache
def clock_page(request: HttpRequest) -> HttpResponse:
    """When the clock last ticked and by whom, what waits, and what fails or failed."""
    access.require_watch_clock(request.user)
    clock = ticking.ticking()
    context = {
        "clock": clock,
        "reason": _(clock.reason) if clock.reason else "",
        "daily": [(PARTS.get(name, name), day, at) for name, day, at in ticking.daily_parts()],
        "workers": [(one, one.name.removeprefix(ticking.WORKER)) for one in ticking.workers()],
        "waiting": ticking.waiting(),
        "unsealed": health.health()["waiting"],
        "jobs": _jobs(),
        "standing": ticking.standing_failures(),
        "past": ticking.past_failures(),
    }
    return render(request, "workflows/clock.html", context)


def _jobs() -> int | None:
    """How many jobs wait in the worker's queue; None where the queue does not answer."""
    try:
        return int(djhuey.HUEY.pending_count())
    except Exception:  # whatever keeps the queue, its trouble must not break the page that is looked at for it
        log.exception("The worker's queue does not answer.")
        return None
