"""Checks of the record: ask for one, see how far it is, read what was found. For auditors, and for whoever runs the machine."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tracker import access, clock, history
from tracker.log import checks, findings, line
from tracker.models import Check, Event, Finding, Person
from tracker.views import pages

LATEST = 20


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checks_page(request: HttpRequest) -> HttpResponse:
    """The last checks, and how far the present one is (GET); verify now (POST): the worker does it."""
    reader = request.user
    access.require_verify(reader)
    assert isinstance(reader, Person)  # noqa: S101  (held by require_verify)
    if request.method == "POST":
        checks.ask(by=reader)
        clock.wake()
        return redirect("checks")
    present = checks.living().first()
    ended = Check.objects.exclude(state__in=checks.WAITING)
    context = {
        "present": present,
        "percent": line.percent(present.done, present.total) if present else None,
        "checks": [(one, _seconds(one)) for one in ended.select_related("asked_by")[:LATEST]],
        "standing": findings.standing().count(),
        "watches": bool(access.watched_bodies(reader)),
    }
    return render(request, "tracker/checks.html", context)


def _seconds(check: Check) -> str:
    """How long a check took."""
    if check.started_at is None or check.ended_at is None:
        return "–"
    return f"{(check.ended_at - check.started_at).total_seconds():.1f}"


@dataclass(frozen=True)
class Row:
    """A finding in words, with the line of its event where there still is one and the reader may see it."""

    finding: Finding
    trouble: history.Trouble
    line: history.Line | None
    stands: bool

    @property
    def as_lines(self) -> list[history.Line]:
        """Its event as the history shows it; what is wrong with it is said above."""
        return [replace(self.line, trouble=None)] if self.line else []

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else the check wrote down."""
        return [(name.replace("_", " "), str(value)) for name, value in self.finding.facts.items()]


@require_safe
@login_required
def findings_page(request: HttpRequest) -> HttpResponse:
    """Everything that a check found and that stands, of the latest check first, in the order in which it looks: what was done to
    the record comes before what follows from it. With `?gone=1` what stood once."""
    access.require_verify(request.user)
    gone = request.GET.get("gone") == "1"
    found = Finding.objects.exclude(gone_at=None) if gone else findings.standing()
    page = pages.page_of(request, found.order_by(F("found_by_id").desc(nulls_first=True), "pk"))
    context = {
        "page_obj": page,
        "rows": _rows(list(page), request.user),
        "gone": gone,
        "gone_count": Finding.objects.exclude(gone_at=None).count(),
        "count": page.paginator.count,
        "checked": checks.latest(),
        "watches": bool(access.watched_bodies(request.user)),
    }
    return render(request, "tracker/findings.html", context)


def _rows(found: list[Finding], reader: Any) -> list[Row]:
    events = _events(found, reader)
    told = {one.id: one for one in history.lines(events.values(), reader=reader)}
    places = {(event.stream, event.number): pk for pk, event in events.items()}
    ids = [one.event_number for one in found if one.event_number is not None]
    there = set(Event.objects.filter(pk__in=ids).values_list("pk", flat=True))
    rows = []
    for one in found:
        pk = one.event_number if one.event_number in told else places.get((one.stream, one.number or 0))
        line_ = told.get(pk) if pk is not None else None
        rows.append(Row(one, history.trouble_of(one), line_, one.event_number in there))
    return rows


def _events(found: list[Finding], reader: Any) -> dict[int, Event]:
    """The events that the findings are about, as far as the reader may see them."""
    ids = [one.event_number for one in found if one.event_number is not None]
    return {event.pk: event for event in access.events(reader).filter(pk__in=ids)}
