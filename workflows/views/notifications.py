"""What arrived for whoever is logged in: read here, marked as read by a button, never by looking."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from tracker import access, clock, ledger
from tracker.models import Notice, Occurrence, Person
from tracker.verbs import VERBS
from workflows.desk import Desk
from workflows.steps.catalogue import CATALOGUE
from workflows.steps.reading import mark_read

PER_PAGE = 30


class Filters(forms.Form):
    """What narrows the list."""

    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[("", gettext_lazy("Read and unread")), ("unread", gettext_lazy("Unread"))],
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Why"), required=False, choices=[("", gettext_lazy("Anything")), *Notice.Kind.choices]
    )


@dataclass(frozen=True)
class Row:
    """A notification: `why` it came, `said` what happened in a sentence, the item where its reader still sees it, and the
    step that waits for them there."""

    notice: Notice
    why: str
    said: str
    occurrence: Occurrence | None
    step: str
    today: date


@require_safe
@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    form = Filters(request.GET)
    if not form.is_valid():
        wrong = {"form": form, "reset": request.path, "title": _("There is no such list")}
        return render(request, "tracker/bad_filter.html", wrong, status=HTTPStatus.BAD_REQUEST)
    everything = access.notifications(person)
    found = everything.filter(read_at=None) if form.cleaned_data["show"] else everything
    if form.cleaned_data["kind"]:
        found = found.filter(kind=form.cleaned_data["kind"])
    keys = found.order_by("-arrived_at", "-pk").values_list("pk", flat=True)
    page = Paginator(keys, PER_PAGE).get_page(request.GET.get("page"))
    total = everything.count()
    context = {
        "filters": form,
        "shown": page.paginator.count,
        "total": total,
        "unread": everything.filter(read_at=None).count(),
        "page_obj": page,
        "rows": _rows(person, list(page)),
        "searches": access.searches_notices(person),
        "filters_query": request.GET.urlencode(),
    }
    return render(request, "workflows/notifications.html", context)


def _rows(person: Person, numbers: list[int]) -> list[Row]:
    """Notices in words, with the items that the reader may still see. The number of queries does not grow with them."""
    shown = list(ledger.in_full(Notice.objects.filter(pk__in=numbers)).select_related("event__actor"))
    shown.sort(key=lambda one: numbers.index(one.pk))
    turns = {one.occurrence_id for one in shown if one.occurrence_id}
    found_turns = access.occurrences(person).filter(pk__in=turns).select_related("resolution")
    seen = {one.pk: one for one in found_turns} if turns else {}
    desk = Desk(person, clock.now()).rows(list(seen)) if seen else {}
    return [_row(one, seen, desk) for one in shown]


def _row(notice: Notice, seen: dict[int, Occurrence], desk: dict[int, Any]) -> Row:
    turn = seen.get(notice.occurrence_id or 0)
    mine = desk.get(turn.pk) if turn else None
    today = clock.today(ledger.zone_of(notice))
    return Row(notice, ledger.why(notice), _said(notice), turn, mine.step if mine else "", today)


def _said(notice: Notice) -> str:
    """What happened, of a notice about an event."""
    event = notice.event
    return VERBS[event.verb] % {"actor": event.actor or _("the system")} if event and event.verb in VERBS else ""


@require_POST
@login_required
def read(request: HttpRequest) -> HttpResponse:
    """Mark as read those that are named (`notice`, repeated), or all (`all=1`); then back to the list."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    if request.POST.get("all"):
        count = mark_read(by=person)
    else:
        count = mark_read(_numbers(request.POST.getlist("notice")), by=person)
    if count:
        words = ngettext("%(count)s is marked as read.", "%(count)s are marked as read.", count)
        messages.success(request, words % {"count": count})
    given = QueryDict(request.POST.get("query", "")[:1000].replace("\x00", ""))
    query = "&".join(f"{name}={given[name]}" for name in ("show", "kind", "page") if given.get(name, "").isalnum())
    return redirect(f"{reverse('notifications')}?{query}" if query else reverse("notifications"))


@require_POST
@login_required
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Go to what a notification is about, or to a step there (`step`); on the way it is marked as read."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    notice = access.notifications(person).filter(pk=number).first() if number < 2**63 else None
    if notice is None:
        raise Http404(_("There is no such notification."))
    mark_read([notice.pk], by=person)
    turn = access.occurrences(person).filter(pk=notice.occurrence_id).first() if notice.occurrence_id else None
    if turn is None:
        return redirect("notifications")
    place: dict[str, Any] = {"body": turn.body.slug, "short": turn.short_reference}
    step = request.POST.get("step", "")
    return redirect("step", step=step, **place) if step in CATALOGUE else redirect("occurrence", **place)


def _numbers(given: list[str]) -> list[int]:
    return [int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < 18]
