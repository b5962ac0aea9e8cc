"""Every request carries an id that its events share, and the reader's own language where one is set. What it saw of what is
sensitive, or was refused, is kept once it is answered."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tracker import audit, clock, visits
from tracker.models import Means


class RecordContextMiddleware:
    """Sets means and request id for the record; `/api/` comes in by the API, all else by a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        means = Means.API if request.path.startswith("/api/") else Means.PAGE
        if (
            request.encoding
        ):  # our pages and programs speak UTF-8; what a request says of itself could be no text at all
            request.encoding = "utf-8"
        with audit.acting(means) as context, visits.noting() as noted:
            user = request.user
            chosen = getattr(user, "language", "") if user.is_authenticated else ""
            if chosen and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(chosen)
            response = self.get_response(request)
            response["X-Request-ID"] = context.request_id
            visits.keep(noted, request, response, means=means, request_id=context.request_id, now=clock.now())
            return response
