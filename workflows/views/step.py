"""One page for every step: from which mark to which, what it will do, the form; and a plain answer where it is refused."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_fsm import TransitionNotAllowed

from tracker import access, audit, clock, erasures, queries, visits
from tracker.ball import ball_holders
from tracker.models import Occurrence, Person
from workflows import refusals, steps
from workflows.forms import FORMS, StepForm
from workflows.steps.catalogue import CATALOGUE
from workflows.views import moments


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, body: str, short: str, step: str) -> HttpResponse:
    """Ask for the words of a step (GET) or take it (POST). 403 for who may not, 404 for who may not see it, 409 when its
    moment is not now, 400 with the form where words are missing."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    if step not in FORMS:
        raise Http404(_("There is no such step."))
    occurrence = found(person, f"{body}/{short}")
    today = clock.today(occurrence.body.time_zone)
    try:
        acting_for = refusals.require(person, step, occurrence)
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        form = FORMS[step](*given, occurrence=occurrence, by=person, today=today)
        if request.method == "POST" and form.is_valid() and (taken := _taken(request, occurrence, form)) is not None:
            mark = queries.mark(found(person, taken.reference), today)
            messages.success(
                request,
                _("%(step)s: done. It now reads “%(mark)s”.") % {"step": CATALOGUE[step].label, "mark": mark.text},
            )
            return redirect("occurrence", body=body, short=short)
    except PermissionDenied as refusal:
        return refused(request, occurrence, step, HTTPStatus.FORBIDDEN, refusal)
    except steps.ChangedSince as refusal:
        return refused(request, found(person, f"{body}/{short}"), step, HTTPStatus.CONFLICT, refusal)
    except TransitionNotAllowed as refusal:
        return refused(request, found(person, f"{body}/{short}"), step, HTTPStatus.CONFLICT, refusal)
    page = {
        "occurrence": occurrence,
        "step": step,
        "entry": CATALOGUE[step],
        "form": form,
        "seen": steps.edition(occurrence),
        "acting_for": acting_for,
        "today": today,
        "before": queries.mark(occurrence, today),
        "after": moments.after(occurrence, step, today),
        "has_files": "files" in form.fields,
    }
    return render(request, "workflows/step.html", page, status=HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _taken(request: HttpRequest, occurrence: Occurrence, form: StepForm) -> Occurrence | None:
    """Take the step, unless somebody has changed the occurrence since the page was opened."""
    with transaction.atomic():
        steps.require_unchanged(occurrence, request.POST.get("seen", ""))
        return form.take()


def found(person: Any, reference: str) -> Occurrence:
    """An occurrence with what its mark needs, or Http404."""
    seen = access.occurrences(person).filter(reference=reference)
    related = (
        "obligation__resolution__body",
        "obligation__endorser__body",
        "obligation__lead_office__body",
        "decision",
        "occasion",
        *queries.WAITED_FOR,
    )
    occurrence = queries.with_facts(seen).select_related(*related).first() if "\x00" not in reference else None
    if occurrence is None:
        visits.missed(Occurrence, reference=reference)
        raise Http404(_("There is no such occurrence, or you may not see it."))
    visits.about(occurrence, sensitive=visits.is_restricted(occurrence))
    return occurrence


def refused(request: HttpRequest, occurrence: Occurrence, step: str, status: HTTPStatus, refusal: Any) -> HttpResponse:
    """Say that a step was not taken, who may take it and when."""
    today = clock.today(occurrence.body.time_zone)
    page = {
        "occurrence": occurrence,
        "step": step,
        "entry": CATALOGUE[step],
        "code": int(status),
        "why": str(refusal),
        "capacities": access.who_may(step),
        "who": refusals.who_can(step, occurrence),
        "when": refusals.labels_of(step),
        "ball": ball_holders(occurrence, today),
        "mark": queries.mark(occurrence, today),
        "today": today,
    }
    return render(request, "workflows/refused.html", page, status=status)


@require_safe
def file(request: HttpRequest, number: int) -> FileResponse | HttpResponse:
    """A file that was handed in, always as a download: it came from outside and is never shown as a page of ours. One that
    was erased is gone (410), with the reason for those who may read the history."""
    evidence = access.evidence(request.user, number)
    if evidence.erased_at:
        events = access.events(request.user).filter(stream=audit.stream(evidence.occurrence))
        erasures.marked_files([evidence], erasures.files(events))
        return render(request, "tracker/erased_file.html", {"file": evidence}, status=HTTPStatus.GONE)
    if not evidence.file.name or not evidence.file.storage.exists(evidence.file.name):
        raise Http404(_("There is no such file, or you may not see it."))
    return FileResponse(
        evidence.file.open("rb"), as_attachment=True, filename=evidence.title, content_type="application/octet-stream"
    )
