"""What the reading pages share: paging, marks with their lists, and how a bad filter is answered."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tracker.marks import Mark
from tracker.queries import KeysFirst
from tracker.summaries import Overview

PER_PAGE = 50
_LISTS = re.compile(r' href="/occurrences/\?[^"]*"')


def page_of(request: HttpRequest, rows: Any, *, per_page: int = PER_PAGE, wide: bool = True) -> Page[Any]:
    """The page of a list that the address asks for; one that is not there gives the nearest. `wide` False: the queryset has
    nothing but keys, which need not be sorted out first."""
    keys_first = wide and isinstance(rows, QuerySet)
    paginator = KeysFirst(rows, per_page) if keys_first else Paginator(rows, per_page)
    try:
        return paginator.page(request.GET.get("page", 1))
    except PageNotAnInteger:
        return paginator.page(1)
    except EmptyPage:
        return paginator.page(paginator.num_pages)


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for, 1 where it asks for none."""
    asked = request.GET.get("page", "")
    return int(asked) if asked.isdecimal() and len(asked) < 9 else 1


def entry_number(request: HttpRequest, name: str) -> int | None:
    """The number of an entry that the address names, or None."""
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and 0 < len(asked) < 18 else None


def bar(overview: Overview) -> list[tuple[Mark, int, str]]:
    """The rows of the stacked bar, each with the address of its list."""
    address = reverse("occurrences")
    return [(count.mark, count.number.count, f"{address}?{count.number.query}") for count in overview.counts]


def as_words(html: str) -> SafeString:
    """A drawn page of another day, with its links to lists as words only: today's lists have other rows."""
    return mark_safe(_LISTS.sub("", html))  # noqa: S308  (drawn by our own templates)


def refused(request: HttpRequest, form: Form, error: ValidationError | None = None) -> HttpResponse:
    """A filter that makes no sense: nothing is shown rather than too much, and the field says why. 400."""
    if error is not None:
        for name, messages in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
            form.add_error(name if name in form.fields else None, messages)
    context = {"form": form, "reset": request.path, "title": _("There is no such list")}
    return render(request, "tracker/bad_filter.html", context, status=400)
