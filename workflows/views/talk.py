"""Comments and watching: what people say about an item and follow beside its path."""

from datetime import date
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_fsm import TransitionNotAllowed

from tracker import access, clock, queries
from tracker.marks import Mark
from tracker.models import Occurrence, Person
from workflows import steps
from workflows.forms.talk import CommentForm
from workflows.views import item
from workflows.views.step import found

PAGE = 100


@login_required
@require_POST
def comments(request: HttpRequest, body: str, short: str) -> HttpResponse:
    """Post a comment; what is wrong with it is shown on the page of the item, its words kept."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    turn = found(person, f"{body}/{short}")
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            posted = steps.comment(turn, by=person, **form.cleaned_data)
        except ValidationError as error:
            form.refused(error)
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
            return item.shown(request, turn, comment_form=form, status=HTTPStatus.FORBIDDEN)
        else:
            messages.success(request, _("Your comment has been posted."))
            return redirect(f"{_place(body, short)}#comment-{posted.pk}")
    return item.shown(request, turn, comment_form=form, status=HTTPStatus.BAD_REQUEST)


@login_required
@require_POST
def take_back(request: HttpRequest, body: str, short: str, number: int) -> HttpResponse:
    """Take a comment back."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    turn = found(person, f"{body}/{short}")
    comment = access.comment(person, turn, number)
    try:
        steps.take_back_comment(comment, by=person)
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
        return item.shown(request, turn, status=HTTPStatus.CONFLICT)
    messages.success(request, _("The comment has been taken back."))
    return redirect(f"{_place(body, short)}#comments")


@login_required
@require_POST
def watch(request: HttpRequest, body: str, short: str) -> HttpResponse:
    """Watch an item, or (`act=end`) watch it no longer; then back to where it was asked."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    turn = found(person, f"{body}/{short}")
    if request.POST.get("act") == "end":
        if standing := access.watch(person, turn.obligation):
            steps.unwatch(standing, by=person)
        messages.success(request, _("You no longer watch this item."))
    else:
        steps.watch(turn, by=person)
        messages.success(request, _("You watch this item: mails tell you what happens to it, in all its turns."))
    return redirect("watching" if request.POST.get("back") == "watching" else _place(body, short))


def _place(body: str, short: str) -> str:
    return reverse("occurrence", kwargs={"body": body, "short": short})


@login_required
@require_safe
def watching(request: HttpRequest) -> HttpResponse:
    """What I watch: each item with how its present turn stands."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    watches = list(access.watches(person)[:PAGE])
    turns = access.occurrences(person).filter(obligation__in=[one.obligation_id for one in watches])
    present: dict[int, tuple[Occurrence, Mark, date]] = {}
    for turn in queries.with_facts(turns).select_related("resolution__body").order_by("due_on", "reference"):
        known = present.get(turn.obligation_id)
        if known is None or not _to_come(*known):
            today = clock.today(turn.body.time_zone)
            present[turn.obligation_id] = (turn, queries.mark(turn, today), today)
    rows = [(one, *present[one.obligation_id]) for one in watches if one.obligation_id in present]
    return render(request, "workflows/watching.html", {"rows": rows})


def _to_come(turn: Occurrence, _mark: Mark, today: date) -> bool:
    """Whether a turn is the one that an item is at: open, and its day is not over. Where none is, the last one shows."""
    return turn.is_open and (turn.due_on is None or turn.due_on >= today)
