"""Saved filters: a list's filters under a name of one's own. The address of the list stays the truth: a saved filter is a
link to it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_fsm import TransitionNotAllowed

from tracker import access
from tracker.models import Person, SavedFilter
from workflows.forms.base import WordsForm, line
from workflows.steps import own

# The lists that have filters: the name of the page, and what a person calls it.
LISTS: dict[str, Any] = {
    "agenda": gettext_lazy("Agenda"),
    "board": gettext_lazy("Board"),
    "council": gettext_lazy("Council"),
    "history": gettext_lazy("History"),
    "occurrences": gettext_lazy("Occurrences"),
}
IN_THE_PATH = {"council": ("of", "at")}
"""What the address of the Council's page says before its question mark: the body, and perhaps the session."""


class NameForm(WordsForm):
    name = line(gettext_lazy("Name"), required=True, most=80)


@dataclass(frozen=True)
class Kept:
    """A saved filter and the address that it stands for."""

    saved: SavedFilter
    href: str
    present: bool


def address(page: str, query: str) -> str:
    """The address of a list with these filters; of the list alone where they no longer make one."""
    given = QueryDict(query, mutable=True)
    parts = [part for name in IN_THE_PATH.get(page, ()) for part in given.pop(name, [])[:1]]
    name = "council_start" if page == "council" and not parts else page
    try:
        place = reverse(name, args=parts)
    except NoReverseMatch:
        place = reverse("council_start" if page == "council" else page)
    return f"{place}?{given.urlencode()}" if given else place


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved(request: HttpRequest, page: str) -> HttpResponse:
    """A person's saved filters of a list, and room to keep the present ones (`query`) under a name."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    if page not in LISTS:
        raise Http404(_("There is no such list."))
    given = request.POST if request.method == "POST" else request.GET
    form = NameForm(request.POST or None)
    try:
        query = own.filters_of(given.get("query", ""))
    except ValidationError as error:
        query = ""
        form = NameForm({})
        form.refused(ValidationError(error.messages))
    if request.method == "POST" and form.is_valid():
        try:
            kept = own.keep_filter(by=person, page=page, name=form.cleaned_data["name"], query=query)
        except ValidationError as error:
            form.refused(error)
        else:
            messages.success(request, _("Kept as “%(name)s”.") % {"name": kept.name})
            return redirect(address(page, query))
    rows = [Kept(one, address(page, one.query), one.query == query) for one in access.saved_filters(person, page)]
    context = {
        "form": form,
        "page": page,
        "title": LISTS[page],
        "query": query,
        "back": address(page, query),
        "rows": rows,
        "lists": [(key, words) for key, words in LISTS.items() if key != page],
    }
    return render(request, "workflows/saved.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def rename(request: HttpRequest, number: int) -> HttpResponse:
    """Give a saved filter another name."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    kept = access.saved_filter(person, number)
    try:
        kept = own.rename_filter(kept, by=person, name=request.POST.get("name", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except TransitionNotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is called “%(name)s” now.") % {"name": kept.name})
    return redirect(_back(request, kept.page))


@login_required
@require_POST
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Delete a saved filter."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    kept = access.saved_filter(person, number)
    try:
        own.drop_filter(kept, by=person)
    except TransitionNotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": kept.name})
    return redirect(_back(request, kept.page))


def _back(request: HttpRequest, page: str) -> str:
    query = request.POST.get("query", "")[:2000].replace("\x00", "")
    place = reverse("saved_filters", args=[page])
    return f"{place}?{urlencode({'query': query})}" if query else place
