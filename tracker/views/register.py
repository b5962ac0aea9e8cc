"""The public register: output documents that anybody may read, without logging in."""

import mimetypes
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, erasures
from tracker.models import Evidence, Report
from tracker.views import pages
from tracker.views.filters import RegisterFilters

SAFE_TYPES = {
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/zip",
    "text/plain",
    "text/csv",
    "image/png",
    "image/jpeg",
}


@dataclass(frozen=True)
class Document:
    """An output document: a report with its files, or a file, link or symbol that stands by itself."""

    kind: str
    id: int
    symbol: str
    title: str
    body: str
    about: tuple[str, ...]
    day: date | None
    precision: str
    sources: tuple[str, ...]
    files: tuple[Evidence, ...]


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Every output document that is public, newest first."""
    form = RegisterFilters(request.GET)
    if not form.is_valid():
        return pages.refused(request, form)
    reports, files = access.public_reports(), access.public_evidence()
    everything = _documents(reports, files)
    found = everything
    for word in form.cleaned_data["words"].casefold().split():
        found = [one for one in found if word in _words(one)]
    context = {
        "filters": form,
        "shown": len(found),
        "total": len(everything),
        "reset": request.path,
        "page_obj": pages.page_of(request, found),
    }
    return render(request, "tracker/register.html", context)


@require_safe
def report(request: HttpRequest, number: int) -> HttpResponse:
    """A public report in full."""
    found = get_object_or_404(access.public_reports(), pk=number)
    files = access.public_evidence().filter(report=found)
    erasures.marked([found], erasures.rows("occurrence", found.occurrence_id))
    return render(request, "tracker/public_report.html", {"report": found, "files": files})


@require_safe
def document(request: HttpRequest, number: int) -> HttpResponse | FileResponse:
    """A public file, to be kept and never run: sent as an attachment, under the type of its name where that is harmless. One
    that was erased is gone (410)."""
    found = get_object_or_404(access.public_evidence().exclude(file=""), pk=number)
    if found.erased_at:  # why is for those who may read the history
        return render(request, "tracker/erased_file.html", {"file": found}, status=HTTPStatus.GONE)
    try:
        opened = found.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("The file is not there.")) from None
    guessed = mimetypes.guess_type(found.title)[0] or ""
    response = FileResponse(
        opened,
        as_attachment=True,
        filename=found.title,
        content_type=guessed if guessed in SAFE_TYPES else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _documents(reports: QuerySet[Report], files: QuerySet[Evidence]) -> list[Document]:
    with_report: dict[int, list[Evidence]] = {}
    alone: list[Evidence] = []
    standing = {one.pk for one in reports}
    for file in files:
        if file.report_id in standing:
            with_report.setdefault(file.report_id or 0, []).append(file)
        else:
            alone.append(file)
    found = [_of_report(one, with_report.get(one.pk, [])) for one in reports] + [_of_file(one) for one in alone]
    return sorted(found, key=lambda one: (one.day or date.min, one.symbol, one.title), reverse=True)


def _of_report(report: Report, files: list[Evidence]) -> Document:
    turn = report.occurrence
    return Document(
        "report",
        report.pk,
        report.symbol,
        turn.obligation.title,
        turn.body.slug,
        tuple(filter(None, (str(turn.session or turn.meeting or ""), turn.resolution.symbol))),
        report.effective_on,
        report.effective_precision,
        tuple(one.title for one in files if not one.file and not one.url and one.title != report.symbol),
        tuple(one for one in files if one.file or one.url),
    )


def _of_file(file: Evidence) -> Document:
    turn = file.occurrence
    return Document(
        "file",
        file.pk,
        file.symbol,
        file.title,
        turn.body.slug,
        tuple(filter(None, (str(turn.session or turn.meeting or ""), turn.resolution.symbol))),
        None,
        "unknown",
        (),
        (file,) if file.file or file.url else (),
    )


def _words(one: Document) -> str:
    return " ".join([one.symbol, one.title, *one.about, *one.sources, *(file.title for file in one.files)]).casefold()
