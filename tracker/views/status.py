"""Where a reader starts, and whether all is well."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tracker import queries, triggers
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
    """Whether the database answers, whether the record is guarded, how long ago the clock went round, and how the log of the
    record is doing. 503 where one of the first two fails; a worker that has not gone round yet, and what `record` says, is
    told and no failure: a site that people read must not go away because somebody tampered with its past."""
    state: dict[str, object] = {"ok": True, "database": True, "triggers_missing": []}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        missing = triggers.missing()
        beat = queries.last_round()
        record = health.health()
    except DatabaseError:
        return JsonResponse({"ok": False, "database": False}, status=503)
    state["triggers_missing"] = missing
    state["ok"] = not missing
    state["clock"] = {
        "last_beat_seconds_ago": round((timezone.now() - beat.beat_at).total_seconds(), 1) if beat else None,
        "note": beat.note if beat else "the worker has not gone round yet",
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
