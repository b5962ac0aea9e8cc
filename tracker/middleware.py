"""Every request carries an id that its events share, and the reader's own language where one is set. What was typed is not lost.
What a request saw of what is sensitive, or was refused, is kept once it is answered."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from tracker import audit, clock, unsent, visits
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


class UnsentMiddleware:
    """A form that comes in after the log-in ran out: its words wait (`tracker.unsent`), and the log-in leads to them. Where there
    are none (a mere button), it leads back to the page with the button, since the address itself may answer no GET."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or request.path.startswith("/api/"):
            return response
        if request.user.is_authenticated:
            if request.path == reverse(settings.LOGIN_URL):
                unsent.forget_others(request)
            elif response.status_code < HTTPStatus.BAD_REQUEST and (key := request.POST.get(unsent.SENT, "")):
                unsent.forget(request, key)
        elif _asks_to_log_in(response):
            return _kept(request, response)
        return response


def _asks_to_log_in(response: HttpResponse) -> bool:
    place = response.headers.get("Location", "").partition("?")
    return response.status_code == HTTPStatus.FOUND and place[0] == resolve_url(settings.LOGIN_URL) and bool(place[2])


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if unsent.keep(request):
        messages.warning(request, _("Your log-in had run out. What you wrote is kept: log in, and send it."))
        return redirect_to_login(reverse("unsent"))
    if page := unsent.page_of(request):
        messages.warning(request, _("Your log-in had run out, and nothing was done. Log in, and do it once more."))
        return redirect_to_login(page)
    return response
