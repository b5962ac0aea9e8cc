"""Correcting the reading of a text, item by item: one page with what can be done with an item, one for words left out."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_fsm import TransitionNotAllowed

from tracker.models import Paragraph, Person
from workflows import refusals, steps
from workflows.forms.correcting import PlaceForm, SplitForm, TakeUpForm
from workflows.views.intake import find_item, find_version

Kind = Paragraph.Kind


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, body: str, slug: str, label: str, item: str) -> HttpResponse:
    """What can be corrected of an item (GET), or one correction (POST `act`: place, split, merge, preamble, aside)."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    version = find_version(person, body, slug, label)
    paragraph = find_item(version, item)
    refusals.require_on_body(person, "confirm_intake", version.resolution.body)
    act = request.POST.get("act", "")
    others = version.paragraphs.filter(kind=Kind.OPERATIVE).exclude(pk=paragraph.pk).order_by("position")
    now = {"label": paragraph.label, "path": paragraph.path, "parent": paragraph.parent_id}
    place = PlaceForm(request.POST if act == "place" else None, others=others, initial=now, prefix="place")
    split = SplitForm(request.POST if act == "split" else None, initial={"path": f"{paragraph.path}-2"}, prefix="split")
    acts: dict[str, tuple[Any, Callable[[], object]]] = {
        "place": (place, lambda: steps.relabel_item(paragraph, by=person, **place.cleaned_data)),
        "split": (split, lambda: steps.split_item(paragraph, by=person, **split.cleaned_data)),
        "merge": (None, lambda: steps.merge_item(paragraph, by=person)),
        "preamble": (None, lambda: steps.set_item_aside(paragraph, preamble=True, by=person)),
        "aside": (None, lambda: steps.set_item_aside(paragraph, preamble=False, by=person)),
    }
    status = HTTPStatus.OK
    if request.method == "POST":
        if act not in acts:
            messages.error(request, _("There is no such step."))
            status = HTTPStatus.BAD_REQUEST
        else:
            status = _taken(request, *acts[act])
        if status == HTTPStatus.OK:
            messages.success(request, _("Item %(path)s: the reading is corrected.") % {"path": paragraph.path})
            return redirect("intake", body=body, slug=slug, label=label)
    earlier = others.filter(position__lt=paragraph.position).last()
    context = {"version": version, "paragraph": paragraph, "place": place, "split": split, "earlier": earlier}
    return render(request, "workflows/correct.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_up(request: HttpRequest, body: str, slug: str, label: str) -> HttpResponse:
    """Make an item of words that were read as none; `words` in the address are put into the form."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    version = find_version(person, body, slug, label)
    refusals.require_on_body(person, "confirm_intake", version.resolution.body)
    others = version.paragraphs.filter(kind=Kind.OPERATIVE).order_by("position")
    given = request.POST if request.method == "POST" else None
    form = TakeUpForm(given, others=others, initial={"words": request.GET.get("words", "")[:2000]})
    status = HTTPStatus.OK
    if given is not None:
        status = _taken(request, form, lambda: steps.take_up_words(version, by=person, **form.cleaned_data))
        if status == HTTPStatus.OK:
            messages.success(request, _("The words are an item now: account for it."))
            return redirect("intake", body=body, slug=slug, label=label)
    return render(request, "workflows/take_up.html", {"version": version, "form": form}, status=status)


def _taken(request: HttpRequest, form: Any, act: Callable[[], object]) -> HTTPStatus:
    """Take one step: 200, 400 with errors in the form, or 409 with the reason as a message."""
    if form is not None and not form.is_valid():
        return HTTPStatus.BAD_REQUEST
    try:
        act()
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
        return HTTPStatus.CONFLICT
    except ValidationError as error:
        if form is None:
            messages.error(request, " ".join(error.messages))
        else:
            form.refused(error)
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.OK
