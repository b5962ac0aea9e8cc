"""Where the link of a mail leads: what it will do (GET changes nothing, so a mail scanner does no harm), and doing it (POST)."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_fsm import TransitionNotAllowed

from tracker import clock, mailed, queries
from tracker.models import MailedLink, Person
from workflows import steps, throttle
from workflows.forms import StepForm
from workflows.link_forms import LINK_FORMS
from workflows.steps.catalogue import CATALOGUE
from workflows.views import moments
from workflows.views.step import found as occurrence_of

POSTS_FROM_ONE_PLACE, POSTS_OF_ONE_LINK, WINDOW = 30, 10, timedelta(minutes=15)


@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("Cookie", "Accept-Language")
def act(request: HttpRequest, token: str) -> HttpResponse:
    """What a mailed link will do (GET), and doing it (POST, once). 404 where it is not ours, 410 where it was used, is too
    old or its account is another one now, 403 where it is somebody else's, 409 where its moment is over, 429 for who tries
    too often, 400 with the form where words are missing."""
    if request.method == "POST" and not _within_limits(request, token):
        return _over(request, HTTPStatus.TOO_MANY_REQUESTS, _("Too many tries"), _("Wait a quarter of an hour."))
    found = mailed.find(token)
    if found is None:
        words = _("It may have been cut off by a mail program: check that it is whole, or log in instead.")
        return _over(request, HTTPStatus.NOT_FOUND, _("There is no such link"), words)
    with translation.override(_language(request, found.link.person)):
        return _answer(request, token, found)


def _within_limits(request: HttpRequest, token: str) -> bool:
    counted = (
        throttle.attempt("link-from", throttle.address(request), limit=POSTS_FROM_ONE_PLACE, within=WINDOW),
        throttle.attempt("link", token, limit=POSTS_OF_ONE_LINK, within=WINDOW),
    )
    return all(counted)


def _language(request: HttpRequest, person: Person) -> str:
    """That of whom the link was mailed to, unless the reader has chosen one."""
    chosen = request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return translation.get_language() if chosen or not person.language else person.language


def _answer(request: HttpRequest, token: str, found: mailed.Found) -> HttpResponse:
    link = found.link
    if request.user.is_authenticated and request.user.pk != link.person_id:
        words = _("You are logged in as %(name)s. Nothing has been changed.") % {"name": request.user}
        return _over(request, HTTPStatus.FORBIDDEN, _("This link was mailed to somebody else"), words)
    if found.over:
        return _good_no_longer(request, found)
    try:
        acting_for = steps.require_as_mailed(found, link.occurrence)
        occurrence = occurrence_of(link.person, link.occurrence.reference)
        today = clock.today(occurrence.body.time_zone)
        given = (request.POST,) if request.method == "POST" else ()
        form = LINK_FORMS[link.step](*given, occurrence=occurrence, by=link.person, today=today)
        if request.method == "POST" and form.is_valid() and _is_taken(request, token, form):
            return _done(request, found)
    except steps.LinkOver as refusal:
        return _good_no_longer(request, refusal.found or found)
    except PermissionDenied:
        words = _("It is not for %(name)s to do any more. Nothing has been changed.") % {"name": link.person}
        return _over(request, HTTPStatus.FORBIDDEN, _("This is somebody else's now"), words, link=link)
    except TransitionNotAllowed as refusal:
        words = f"{refusal} {_('Nothing has been changed.')}"
        return _over(request, HTTPStatus.CONFLICT, _("This is not possible now"), words, link=link)
    page = {
        "link": link,
        "occurrence": occurrence,
        "label": mailed.STEPS[link.step],
        "effects": CATALOGUE[link.step].effects,
        "nothing": link.step == "submit",
        "form": form,
        "seen": steps.edition(occurrence),
        "acting_for": acting_for,
        "today": today,
        "before": queries.mark(occurrence, today),
        "after": moments.after(occurrence, link.step, today),
    }
    # Without any referrer a browser would send the form as from nowhere, and it would be refused as another site's.
    return _page(request, "workflows/link.html", page, 400 if form.errors else 200, referrer="same-origin")


def _is_taken(request: HttpRequest, token: str, form: StepForm) -> bool:
    """Take the step; False where the verb asks for other words, which are then errors of the form."""
    try:
        steps.take_by_link(token, seen=request.POST.get("seen", ""), **form.arguments())
    except ValidationError as error:
        form.refused(error)
        return False
    return True


def _done(request: HttpRequest, found: mailed.Found) -> HttpResponse:
    occurrence = occurrence_of(found.link.person, found.link.occurrence.reference)
    today = clock.today(occurrence.body.time_zone)
    page = {
        "link": found.link,
        "occurrence": occurrence,
        "label": mailed.STEPS[found.link.step],
        "today": today,
        "mark": queries.mark(occurrence, today),
    }
    return _page(request, "workflows/link_done.html", page, 200)


def _good_no_longer(request: HttpRequest, found: mailed.Found) -> HttpResponse:
    """Used, too old, or of an account that is another one now."""
    if found.over == mailed.USED:
        title, words = _("This link was used already"), _("It serves once. Nothing has been changed now.")
    elif found.over == mailed.EXPIRED:
        title, words = _("This link is too old"), _("It was good for 14 days. Nothing has been changed.")
    else:
        title = _("This link is no longer good")
        words = _("The password or the address of its account has changed since, or the account was closed.")
    return _over(request, HTTPStatus.GONE, title, words, link=found.link, used=found.over == mailed.USED)


def _over(  # noqa: PLR0913  (an answer has that many parts)
    request: HttpRequest,
    status: HTTPStatus,
    title: str,
    words: str,
    *,
    link: MailedLink | None = None,
    used: bool = False,
) -> HttpResponse:
    page = {"code": int(status), "title": title, "text": words, "link": link, "used": used}
    return _page(request, "workflows/link_over.html", page, status)


def _page(
    request: HttpRequest, template: str, page: dict[str, Any], status: int, *, referrer: str = "no-referrer"
) -> HttpResponse:
    """A page that no search engine keeps and that tells nobody its address."""
    response = render(request, template, page, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = referrer
    response["Content-Language"] = translation.get_language()
    return response
