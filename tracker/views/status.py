"""Where a reader starts, and whether all is well."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tracker import ticking, triggers
from tracker.log import health


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To my tasks for whoever has logged in, else to what anybody may read."""
    if request.user.is_authenticated:
        return redirect("tasks")
    return redirect("register")


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Whether the database answers, whether the record is guarded, whether the clock goes (`clock`), and how the log of the
    record is doing (`record`). 503 where one of the first two fails. What the other two say is no failure of the web process: a
    site that people read must not go away because a worker is down or somebody tampered with its past."""
    state: dict[str, object] = {"ok": True, "database": True, "triggers_missing": []}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = triggers.missing()
        clock = ticking.ticking()
        failing = list(ticking.standing_failures().order_by("part").values_list("part", flat=True))
        record = health.health()
    except DatabaseError:
        return JsonResponse({"ok": False, "database": False}, status=503)
    state["triggers_missing"] = missing
    state["ok"] = not missing
    state["clock"] = {
        "ok": clock.ticking and not failing,
        "ticking": clock.ticking,
        "reason": clock.reason,
        "failing": failing,
        "last_beat_seconds_ago": clock.seconds,
        "note": clock.last.note if clock.last else "",
    }
    state["record"] = record
    return JsonResponse(state, status=503 if missing else 200)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """What was sent can't be understood."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not theirs to do; the refusal says whose it is."""
    return render(request, "403.html", {"exception": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (says no more than that)
    """Missing, or not theirs to see: both look alike."""
    return render(request, "404.html", status=404)
