"""The floor: what the least that Django can do for such a request costs, in the same server process.

`/floor/step/` is one atomic UPDATE and INSERT, `/floor/overview/` one GROUP BY rendered as JSON: no middleware, no log-in,
no rights, no record. Everything else is Resolves as it is deployed.
"""

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.test.utils import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def step(request: HttpRequest) -> JsonResponse:
    """One row changed, one written, together."""
    sent = json.loads(request.body)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE floor_turn SET status = %s WHERE id = %s", [sent["status"], sent["turn"]])
        cursor.execute("INSERT INTO floor_event (turn, said) VALUES (%s, %s)", [sent["turn"], sent["status"]])
    return JsonResponse(sent)


def overview(request: HttpRequest) -> JsonResponse:
    """Turns of a body by status."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, COUNT(*) FROM tracker_occurrence WHERE body_id = %s GROUP BY status",
            [int(request.GET["body"])],
        )
        return JsonResponse(dict(cursor.fetchall()))


urlpatterns = [path("floor/step/", step), path("floor/overview/", overview)]


class Bare(WSGIHandler):
    """A handler without middleware, with the addresses above."""

    def get_response(self, request: Any) -> Any:
        request.urlconf = __name__
        return super().get_response(request)


resolves = get_wsgi_application()
with override_settings(MIDDLEWARE=[]):
    bare = Bare()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The floor under `/floor/`, Resolves everywhere else."""
    handler = bare if environ["PATH_INFO"].startswith("/floor/") else resolves
    return handler(environ, start_response)
