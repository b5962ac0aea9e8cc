"""Who saw what when, and who was refused: a page for auditors and secretaries, each for their own bodies."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tracker import access, history, visits
from tracker.models import Person, Visit
from tracker.views import pages
from tracker.views.filters import VisitFilters

AT_THE_DOOR = frozenset({"login", "api-token"})
PAGES = {
    "visits": gettext_lazy("this list"),
    "history_csv": gettext_lazy("the history, taken along"),
    "history_jsonl": gettext_lazy("the history, taken along"),
    "ledger": gettext_lazy("the ledger of mails"),
    "ledger_csv": gettext_lazy("the ledger of mails, taken along"),
    "log_export": gettext_lazy("the whole log, taken along"),
    "people": gettext_lazy("the list of people"),
    "checks": gettext_lazy("checks of the history"),
    "findings": gettext_lazy("what checks found"),
}
"""What a page without a subject of its own is about."""


@require_safe
@login_required
def seen(request: HttpRequest) -> HttpResponse:
    """Search by person, item, kind and day; newest first."""
    bodies = access.require_watchman(request.user)
    people = list(access.known_people(request.user, bodies))
    form = VisitFilters(request.GET, people)
    if not form.is_valid():
        return pages.refused(request, form)
    everything = access.visits(request.user, bodies)
    found = _narrowed(everything, form.cleaned_data)
    visits.sensitive()
    narrowed = any(form.cleaned_data.values())
    total = _counted(everything)
    rows, older = _page(found, pages.entry_number(request, "before"))
    context = {
        "filters": form,
        "shown": _counted(found) if narrowed else total,
        "total": total,
        "at_most": history.AT_MOST,
        "reset": request.path,
        "visits": in_words(rows),
        "older": older,
        "newer": "before" in request.GET,
        "traces": {one.pk for one in people},
        "watches": True,
    }
    return render(request, "tracker/visits.html", context)


@dataclass(frozen=True)
class Row:
    """A visit with what it was about, in words; `href` leads there."""

    visit: Visit
    about: str
    href: str = ""

    @property
    def beyond(self) -> bool:
        """Whether the row stands for what went beyond the rows that are kept of a minute."""
        return self.visit.address == visits.BEYOND


def in_words(found: list[Visit]) -> list[Row]:
    """Visits with the names of the people and turns that they were about. One query for the people."""
    people = {visit.subject_id or 0 for visit in found if visit.subject_type == "person"}
    names = {one.pk: str(one) for one in Person.objects.filter(pk__in=people)} if people else {}
    return [_row(visit, names) for visit in found]


def _row(visit: Visit, names: dict[int, str]) -> Row:
    if visit.subject_type == "person":
        name = names.get(visit.subject_id or 0, f"#{visit.subject_id}")
        words = _("account of %(name)s") if visit.page in AT_THE_DOOR else _("trace of %(name)s")
        return Row(visit, (_("mails of %(name)s") if visit.page == "person-mails" else words) % {"name": name})
    body, _slash, short = visit.subject_reference.partition("/")
    if visit.subject_type in {"occurrence", "evidence", "comment"} and short:
        return Row(visit, visit.subject_reference, reverse("occurrence", args=[body, short]))
    return Row(visit, visit.subject_reference or str(PAGES.get(visit.page, "")))


def _page(found: QuerySet[Visit], before: int | None) -> tuple[list[Visit], int | None]:
    """A page, and the row before which it goes on."""
    rows = list((found.filter(pk__lt=before) if before else found).order_by("-pk")[: pages.PER_PAGE + 1])
    return rows[: pages.PER_PAGE], rows[pages.PER_PAGE - 1].pk if len(rows) > pages.PER_PAGE else None


def _counted(found: QuerySet[Visit]) -> int:
    return found.order_by()[: history.AT_MOST + 1].count()


def _narrowed(found: QuerySet[Visit], given: dict[str, Any]) -> QuerySet[Visit]:
    if person := given["person"]:
        found = found.filter(person=int(person))
    if given["kind"]:
        found = found.filter(kind=given["kind"])
    if item := given["item"].strip():
        found = found.filter(subject_reference__icontains=item)
    if given["since"]:
        found = found.filter(at__gte=datetime.combine(given["since"], time.min, tzinfo=UTC))
    if given["until"]:
        found = found.filter(at__lt=datetime.combine(given["until"] + timedelta(days=1), time.min, tzinfo=UTC))
    return found
