"""The one search over everything."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.access import Findable
from tracker.search import LONGEST, MOST_WORDS, SOURCES, Asked, hits, matching, search, shortened
from tracker.views import pages


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """What holds every word of `q`, by kind; with `kind` all of that kind, in pages. Whoever has not logged in finds what is
    public."""
    asked = Asked.of(request.GET.get("q", ""))
    kind = request.GET.get("kind", "")
    if kind and kind not in SOURCES:
        raise Http404(_("There is no such list."))
    context: dict[str, Any] = {
        "asked": asked,
        "title": shortened(asked.text),
        "kind": kind,
        "longest": LONGEST,
        "most_words": MOST_WORDS,
        "all_kinds": [(key, source.title) for key, source in SOURCES.items()],
    }
    if kind and asked.words:
        seen = Findable.by(request.user)
        page = pages.page_of(request, matching(seen, kind, asked), wide=False)
        context |= {
            "page_obj": page,
            "kind_title": SOURCES[kind].title,
            "hits": hits(seen, kind, page, asked),
            "total": page.paginator.count,
        }
    else:
        context["groups"] = search(request.user, asked)
        context["total"] = sum(group.total for group in context["groups"])
    return render(request, "tracker/search.html", context)
