"""The session pack from the Council's page: what is on it, as a file to take into the room."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, packs
from tracker.frozen import canonical, freeze, thaw
from tracker.summaries import Choices, Sight
from tracker.views import pages
from tracker.views.council import session_of
from tracker.views.filters import CouncilFilters

AT_ONCE = 5_000
"""Occurrences that a page has made into a file while its reader waits: some seconds. What is longer is made by
`manage.py session_pack`."""


@require_safe
@login_required
def pack(request: HttpRequest, body: str, kind: str, code: str = "") -> HttpResponse:
    """One file of the pack (see `packs.KINDS`), of what the reader may see, in the reader's language, under the filters of
    the page. 413 where it is too long to be made at once: the page says how to get it."""
    if kind not in packs.KINDS:
        raise Http404(_("There is no such file."))
    organ = access.body(request.user, body)
    session = session_of(organ, code)
    form = CouncilFilters({**request.GET.dict(), "session": ""}, Choices([], [], [], [], []))
    chosen = form.filters()
    if not form.is_valid():
        return pages.refused(request, form)
    count = Sight.of(request.user, organ).occurrences.count()
    if count > AT_ONCE and kind != "csv":
        return _too_long(request, body=organ.slug, code=session.slug if session else "", count=count)
    language = translation.get_language() or "en"
    try:
        frozen = canonical(freeze(request.user, organ, session, filters=chosen, languages=[language]))
        made = packs.make(frozen, kind, language)
    except ValidationError as error:
        return pages.refused(request, form, error)
    except ImproperlyConfigured as error:
        return _refused(request, str(error), 503)
    response = HttpResponse(made, content_type=packs.KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{packs.name(thaw(frozen), kind)}"'
    return response


def _too_long(request: HttpRequest, *, body: str, code: str, count: int) -> HttpResponse:
    words = _(
        "This pack holds %(count)s occurrences, more than a page makes at once. Whoever runs the server makes it by "
        "“manage.py session_pack %(session)s --body %(body)s --out FOLDER”; the CSV file can be had here."
    )
    return _refused(request, words % {"count": count, "session": code or "SESSION", "body": body}, 413)


def _refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    context = {"title": _("This pack cannot be made here"), "why": why}
    return render(request, "tracker/no_pack.html", context, status=status)
