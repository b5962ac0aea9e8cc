"""The resolutions of all bodies, and the text of each with its margin."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, clock
from tracker.models import Paragraph, Version
from tracker.summaries import Sight, in_force, ledgers
from tracker.summaries.margin import Margin, margins
from tracker.summaries.named import named
from tracker.views import pages

SHOWN_OF_PREAMBLE = 3


@dataclass(frozen=True)
class Piece:
    """A paragraph as it is set: under its heading where that changes, with its depth and its margin."""

    paragraph: Paragraph
    heading: str
    section: str
    depth: int
    margin: Margin | None
    cover: str


@require_safe
def resolutions(request: HttpRequest) -> HttpResponse:
    """Every resolution that the reader may see, with how far the intake of its present version has come."""
    found = access.resolutions(request.user).order_by("body__name", "slug")
    page = pages.page_of(request, found)
    versions = list(access.versions(request.user).filter(resolution__in=list(page)).defer("text"))
    standing = in_force(versions, clock.today()) or {}
    current = {
        ledger.body + "/" + ledger.slug: ledger
        for ledger in ledgers(access.paragraphs(request.user), standing.values())
    }
    rows = [(one, standing.get(one.pk), current.get(one.reference)) for one in page]
    may_import = access.SECRETARY in access.roles(request.user)
    return render(request, "tracker/resolutions.html", {"rows": rows, "page_obj": page, "may_import": may_import})


@require_safe
def resolution(request: HttpRequest, body: str, slug: str) -> HttpResponse:
    """The text of a resolution as its body sets it, in the version in force or the one asked for."""
    text = access.resolution(request.user, body, slug)
    today = clock.today(text.body.time_zone)
    sight = Sight.of(request.user, text.body)
    versions = list(sight.versions.filter(resolution=text).order_by("-in_force_from", "-pk"))
    version = _version(request, versions, in_force(versions, today).get(text.pk))
    paragraphs = list(sight.paragraphs.filter(version=version).order_by("position")) if version else []
    beside = margins(sight, [p for p in paragraphs if p.kind == Paragraph.Kind.OPERATIVE], today=today)
    preamble = _pieces([p for p in paragraphs if p.kind == Paragraph.Kind.PREAMBULAR], {})
    books = ledgers(sight.paragraphs, versions)
    ledger = next((one for one, its in zip(books, versions, strict=True) if its == version), None)
    context: dict[str, Any] = {
        "resolution": text,
        "version": version,
        "current": in_force(versions, today).get(text.pk),
        "versions": list(zip(versions, books, strict=True)),
        "ledger": ledger,
        "preamble": preamble[:SHOWN_OF_PREAMBLE],
        "more_preamble": preamble[SHOWN_OF_PREAMBLE:],
        "operative": _pieces([p for p in paragraphs if p.kind == Paragraph.Kind.OPERATIVE], beside),
        "enacting": _enacting(version),
        "named": named(version, paragraphs, access.resolutions(request.user)) if version else [],
        "may_intake": access.may_on_body(request.user, "confirm_intake", text.body),
    }
    return render(request, "tracker/resolution.html", context)


def _version(request: HttpRequest, versions: list[Version], current: Version | None) -> Version | None:
    asked = request.GET.get("version", "")
    if asked:
        found = next((version for version in versions if version.label.lower() == asked.lower()), None)
        if found is None:
            raise Http404(_("There is no such version."))
        return found
    return current or next(iter(versions), None)


def _enacting(version: Version | None) -> str:
    """The enacting words as they are set, with the comma that leads on."""
    words = version.enacting.strip() if version else ""
    return words if not words or words[-1] in ",:;" else f"{words},"


def _pieces(paragraphs: list[Paragraph], beside: dict[int, Margin]) -> list[Piece]:
    """Paragraphs with a heading only where it differs from the one before."""
    depths: dict[int, int] = {}
    labels = {paragraph.pk: paragraph.label or paragraph.path for paragraph in paragraphs}
    found: list[Piece] = []
    heading = section = ""
    for paragraph in paragraphs:
        depth = depths[paragraph.pk] = depths.get(paragraph.parent_id or 0, -1) + 1
        found.append(
            Piece(
                paragraph,
                paragraph.heading if paragraph.heading != heading else "",
                paragraph.section if paragraph.section != section else "",
                depth,
                beside.get(paragraph.pk),
                labels.get(paragraph.covered_by_id or 0, ""),
            )
        )
        heading, section = paragraph.heading, paragraph.section
    return found
