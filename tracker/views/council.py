"""The Council's page: by session or for all, on screen and as CSV."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, clock, exports
from tracker.models import Body, Session, Tabled
from tracker.summaries import Choices, Filters, Sight, choices, draft_decisions, overview, present_session
from tracker.templatetags.resolves import distance
from tracker.views import pages
from tracker.views.filters import CouncilFilters


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """To the Council's page where there is one body with resolutions; else the bodies to choose from."""
    found = list(access.bodies(request.user).filter(pk__in=access.resolutions(request.user).order_by().values("body")))
    if len(found) == 1:
        return redirect(_page(found[0], present_session(found[0], clock.today(found[0].time_zone))))
    return render(request, "tracker/bodies.html", {"bodies": found})


@require_safe
@login_required
@access.asked_once()
def council(request: HttpRequest, body: str, code: str = "") -> HttpResponse:
    """What was resolved and what was done, before a session or in all."""
    organ = access.body(request.user, body)
    session = session_of(organ, code)
    asked = request.GET.get("session")
    if asked is not None and asked.lower() != (session.slug if session else ""):
        return redirect(_elsewhere(request, organ, asked))
    sight = Sight.of(request.user, organ)
    offered = choices(sight)
    form = CouncilFilters({**request.GET.dict(), "session": session.slug if session else ""}, _own(offered))
    chosen = form.filters()
    if not form.is_valid():
        return pages.refused(request, form)
    try:
        seen = overview(request.user, organ, session, filters=chosen, page=pages.page_number(request), sight=sight)
    except ValidationError as error:
        return pages.refused(request, form, error)
    context = {
        "body": organ,
        "session": session,
        "overview": seen,
        "grid": seen.grid.folded(),
        "grid_pages": pages.page_of(request, range(seen.items.count), per_page=40),
        "bar": pages.bar(seen),
        "every": f"{reverse('occurrences')}?{seen.occurrences.query}",
        "filters": form,
        "reset": request.path,
        "days_away": _days_away(session, seen.today),
        "list": reverse("occurrences"),
        "decisions": _decisions(request, session),
        "drafts": draft_decisions(seen.pending, body=organ.name),
        "saved_path": urlencode({"of": organ.slug} | ({"at": session.slug} if session else {})),
        "packs": _packs(request, organ, session),
        "tabled": _tabled(request, organ, session),
        "may_table": session is not None and access.may_on_body(request.user, "table_summary", organ),
    }
    return render(request, "tracker/council.html", context)


@require_safe
@login_required
def council_csv(request: HttpRequest, body: str, code: str = "") -> HttpResponse:
    """The same as CSV, every row of the grid, under the same filters."""
    organ = access.body(request.user, body)
    session = session_of(organ, code)
    form = CouncilFilters({**request.GET.dict(), "session": ""}, Choices([], [], [], [], []))
    chosen: Filters = form.filters()
    if not form.is_valid():
        return pages.refused(request, form)
    try:
        seen = overview(request.user, organ, session, filters=chosen, rows=None)
    except ValidationError as error:
        return pages.refused(request, form, error)
    response = HttpResponse(exports.council_csv(seen), content_type="text/csv; charset=utf-8")
    name = "-".join(filter(None, [organ.slug, session.slug if session else "", seen.today.isoformat()]))
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _packs(request: HttpRequest, organ: Body, session: Session | None) -> list[tuple[str, str]]:
    """The files of the session pack: what each is called, and its address under the filters of the page."""
    of = [organ.slug, *([session.slug] if session else [])]
    names = {
        "pdf": _("PDF, to print and hand out"),
        "docx": _("DOCX, as a Council document"),
        "xlsx": _("Spreadsheet (XLSX)"),
        "csv": _("CSV, every row"),
        "json": _("JSON, frozen, for programs"),
    }
    return [(name, f"{reverse('pack', args=[*of, kind])}?{_query(request)}") for kind, name in names.items()]


def _tabled(request: HttpRequest, organ: Body, session: Session | None) -> list[Tabled]:
    """What was tabled for the session, or in the body, newest first: the last three."""
    found = access.tabled(request.user).filter(session__body=organ)
    return list((found.filter(session=session) if session else found).defer("frozen")[:3])


def _decisions(request: HttpRequest, session: Session | None) -> str:
    """The page on which the decisions of a session are put on record, for whoever may, once it has opened."""
    opened = session is not None and session.opens is not None and session.opens <= clock.today(session.body.time_zone)
    if session is None or not opened or not access.may_on_body(request.user, "record_decision", session.body):
        return ""
    return f"{reverse('decisions')}?{urlencode({'session': f'{session.body.slug}/{session.slug}'})}"


def _days_away(session: Session | None, today: date) -> str:
    """How far the opening of a session to come is away, in words."""
    day = session.opening_day if session else None
    return distance(day, today) if day and day >= today else ""


def session_of(organ: Body, code: str) -> Session | None:
    """The session that an address names; None where it names none, Http404 where there is none."""
    if not code:
        return None
    found = access.sessions(None).filter(body=organ, code__iexact=code).first()  # type: ignore[arg-type]
    if found is None:
        raise Http404(_("There is no such session."))
    return found


def _page(organ: Body, session: Session | None) -> str:
    return reverse("council", args=[organ.slug, session.slug]) if session else reverse("council", args=[organ.slug])


def _elsewhere(request: HttpRequest, organ: Body, key: str) -> str:
    """The address of the page of the session that was chosen, with the other filters kept."""
    session = access.sessions(request.user).filter(body=organ, code__iexact=key).first() if "\x00" not in key else None
    if key and session is None:
        raise Http404(_("There is no such session."))
    query = _query(request)
    return _page(organ, session) + (f"?{query}" if query else "")


def _query(request: HttpRequest) -> str:
    kept = {name: str(value) for name, value in request.GET.items() if value and name not in {"session", "page"}}
    return urlencode(kept)


def _own(offered: Choices) -> Choices:
    """The sessions that have a page: the body's own."""
    own = [(key, name) for key, name in offered.sessions if "/" not in key and key != "none"]
    return Choices(own, offered.resolutions, offered.marks, offered.holders, offered.kinds)
