"""One step on several items at once: whom or when, then what would happen to each row, then each in a transaction of its own
with its own event, all under the one id of the request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Field, MultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_fsm import TransitionNotAllowed

from tracker import access, clock, queries
from tracker.marks import Mark
from tracker.models import Occurrence, Person
from workflows import refusals, steps
from workflows.forms import FORMS, StepForm
from workflows.steps.rehearsal import refused

MOST_AT_ONCE = 200
MOST_NAMED = 20


@dataclass(frozen=True)
class Words:
    """How a step on several is called, and what is said of so many rows."""

    heading: Callable[[int], str]
    will: Callable[[int], str]
    done: Callable[[int], str]


BULK: dict[str, Words] = {
    "assign": Words(
        lambda n: ngettext("Assign %(n)s item", "Assign %(n)s items", n),
        lambda n: ngettext("%(n)s will be assigned", "%(n)s will be assigned", n),
        lambda n: ngettext("%(n)s item was assigned.", "%(n)s items were assigned.", n),
    ),
    "reassign": Words(
        lambda n: ngettext("Pass %(n)s item on", "Pass %(n)s items on", n),
        lambda n: ngettext("%(n)s will be passed on", "%(n)s will be passed on", n),
        lambda n: ngettext("%(n)s item was passed on.", "%(n)s items were passed on.", n),
    ),
    "change_due_date": Words(
        lambda n: ngettext("Change the due date of %(n)s item", "Change the due date of %(n)s items", n),
        lambda n: ngettext("%(n)s will get the new date", "%(n)s will get the new date", n),
        lambda n: ngettext("%(n)s item got the new date.", "%(n)s items got the new date.", n),
    ),
}


def offered() -> list[str]:
    """The steps that can be taken on several."""
    return [step for step in BULK if step in FORMS]


@dataclass
class Outcome:
    """What a step would do, or did, to one item: refused, and why, or not."""

    occurrence: Occurrence
    mark: Mark
    refusal: steps.Refusal | None = None

    @property
    def ready(self) -> bool:
        return self.refusal is None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest, step: str) -> HttpResponse:
    """Ask for the words (GET, `item` for each reference), show what would happen to each (POST), then do it (POST with
    `confirmed`)."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    if step not in offered():
        raise Http404(_("There is no such step."))
    given = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(person, step, given.getlist("item"))
    if len(given.getlist("item")) > MOST_AT_ONCE:
        messages.warning(request, _("Only the first %(n)s are taken at once.") % {"n": MOST_AT_ONCE})
    ready = [one for one in chosen if one.ready]
    back = reverse("board") + (f"?group={chosen[0].occurrence.obligation.responsible.slug}" if chosen else "")
    if not ready:
        _say(request, step, chosen, done=0)
        messages.error(request, _("Nothing was done: choose at least one item for which this can be done now."))
        return redirect(back)
    today = clock.today(ready[0].occurrence.body.time_zone)
    bound = [request.POST] if request.method == "POST" and "again" not in request.POST else []
    form = FORMS[step](*bound, occurrence=ready[0].occurrence, by=person, today=today)
    if "again" in request.POST:
        form.initial = {name: _given(request, field, name) for name, field in form.fields.items()}
    page = {"form": form, "step": step, "chosen": chosen, "back": back, "today": today}
    if not form.is_bound or not form.is_valid() or not _answered(form, step, ready, person, request):
        page |= {"heading": _n(BULK[step].heading, len(ready)), "ready": ready}
        return render(request, "workflows/board_bulk.html", page, status=400 if form.errors else 200)
    ready = [one for one in chosen if one.ready]
    if "confirmed" in request.POST:
        _say(request, step, chosen, done=len(ready))
        return redirect(back)
    kept = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    page |= {"heading": _n(BULK[step].heading, len(ready)), "ready": ready, "kept": kept}
    page["summary"] = _summary(step, chosen)
    return render(request, "workflows/board_preview.html", page)


@login_required
@require_safe
def chosen(request: HttpRequest) -> HttpResponse:
    """How many rows are chosen, in words: asked anew at each tick where scripts are on."""
    number = min(len(set(request.GET.getlist("item"))), MOST_AT_ONCE)
    words = ngettext("%(n)s item chosen", "%(n)s items chosen", number) % {"n": number} if number else ""
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def _given(request: HttpRequest, field: Field, name: str) -> Any:
    several = isinstance(field, MultipleChoiceField)
    return request.POST.getlist(name) if several else request.POST.get(name)


def _n(words: Callable[[int], str], number: int) -> str:
    return words(number) % {"n": number}


def _chosen(person: Person, step: str, references: list[str]) -> list[Outcome]:
    """The items of these references that a person may see, each with the reason why this is not the moment, if any."""
    wanted = [one for one in references if "\x00" not in one][:MOST_AT_ONCE]
    seen = queries.with_facts(access.occurrences(person).filter(reference__in=wanted))
    outcomes = []
    related = ("obligation__lead_office__body", "obligation__responsible__parent", "obligation__resolution__body")
    for occurrence in seen.select_related(*related).order_by("due_on", "reference"):
        one = Outcome(occurrence, queries.mark(occurrence, clock.today(occurrence.body.time_zone)))
        try:
            refusals.require(person, step, occurrence)
        except (PermissionDenied, TransitionNotAllowed) as refusal:
            one.refusal = refused(refusal, occurrence)
        outcomes.append(one)
    return outcomes


def _answered(form: StepForm, step: str, ready: list[Outcome], person: Person, request: HttpRequest) -> bool:
    """Take or rehearse the step on each. False where its words are refused for every one of them alike: then nothing was
    done, and the form says what is wrong with them."""
    ask = steps.attempt if "confirmed" in request.POST else steps.rehearse
    try:
        arguments = form.arguments()
    except ValidationError as error:
        form.refused(error)
        return False
    for one in ready:
        one.refusal = ask(steps.ON_OCCURRENCE[step], one.occurrence, by=person, **arguments)
    errors = [one.refusal.error for one in ready if one.refusal]
    if len(errors) == len(ready) and errors[0] and len({one.refusal.why for one in ready if one.refusal}) == 1:
        form.refused(errors[0])
        return False
    return True


def _refusals(outcomes: list[Outcome]) -> list[tuple[str, int]]:
    """Each reason with how many rows it refuses."""
    counts: dict[str, int] = {}
    for one in outcomes:
        if one.refusal:
            counts[one.refusal.why] = counts.get(one.refusal.why, 0) + 1
    return list(counts.items())


def _summary(step: str, outcomes: list[Outcome]) -> list[str]:
    """Such as "6 will be assigned", "1 refused: not a member of CWG-COP"."""
    found = [_n(BULK[step].will, sum(one.ready for one in outcomes))]
    for why, number in _refusals(outcomes):
        found.append(
            ngettext("%(n)s refused: %(why)s", "%(n)s refused: %(why)s", number)
            % {"n": number, "why": why.rstrip(".。")}
        )
    return found


def _say(request: HttpRequest, step: str, outcomes: list[Outcome], *, done: int) -> None:
    """What came of each row."""
    if done:
        messages.success(request, _n(BULK[step].done, done))
    refused = [one for one in outcomes if one.refusal]
    for one in refused[:MOST_NAMED]:
        assert one.refusal is not None  # noqa: S101  (chosen so)
        messages.error(request, _("%(item)s was refused: %(why)s") % {"item": one.occurrence, "why": one.refusal.why})
    rest = len(refused) - MOST_NAMED
    if rest > 0:
        messages.error(request, ngettext("%(n)s more was refused.", "%(n)s more were refused.", rest) % {"n": rest})
