"""Calendar feeds: a person's own list of them, making and ending one, and the secret address that calendar programs read."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_fsm import TransitionNotAllowed

from tracker import access, feeds
from tracker.models import CalendarFeed, Person
from workflows import steps, throttle
from workflows.forms.base import WordsForm

OFTEN = 120
"""How often one feed is read within an hour at most: calendar programs ask every quarter of an hour, from a few places."""
WITHIN = timedelta(hours=1)
MINE = str(CalendarFeed.Kind.PERSON)


class FeedForm(WordsForm):
    """What a feed is about: the person's own duties, a resolution, or a body."""

    about = forms.ChoiceField(label=gettext_lazy("What falls due"))

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resolutions = {f"resolution:{one.reference}": one for one in access.resolutions(by)}
        self.bodies = {f"body:{one.slug}": one for one in access.bodies(by)}
        field: Any = self.fields["about"]
        field.choices = [
            (MINE, _("for me")),
            (_("of a resolution"), [(key, f"{one.symbol}: {one.title}"[:90]) for key, one in self.resolutions.items()]),
            (_("of a body"), [(key, one.name) for key, one in self.bodies.items()]),
        ]

    def arguments(self) -> dict[str, Any]:
        """The verb's arguments, from clean fields."""
        about = str(self.cleaned_data["about"])
        kind = about.partition(":")[0]
        return {"kind": kind, "resolution": self.resolutions.get(about), "body": self.bodies.get(about)}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feeds_page(request: HttpRequest) -> HttpResponse:
    """A person's own feeds with their addresses (GET); another one (POST)."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    form = FeedForm(request.POST or None, by=person)
    if request.method == "POST" and form.is_valid():
        try:
            made = steps.make_feed(by=person, **form.arguments())
        except ValidationError as error:
            form.refused(ValidationError(error.messages))
        else:
            messages.success(request, _("The feed is made. Copy its address into your calendar program."))
            return redirect(f"{reverse('feeds')}#feed-{made.pk}")
    status = 400 if form.errors else 200
    rows = [(one, address(one), _name(one)) for one in access.feeds(person)]
    return render(request, "workflows/feeds.html", {"form": form, "rows": rows}, status=status)


def address(feed: CalendarFeed) -> str:
    """The secret address of a feed."""
    return settings.SITE_URL + reverse("feed", args=[feed.secret])


def _name(feed: CalendarFeed) -> str:
    return str(feed.resolution or feed.body or _("What falls due for me"))


@login_required
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own feeds."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    try:
        steps.end_feed(access.feed(person, number), by=person)
    except TransitionNotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The feed has ended: its address answers nobody any more."))
    return redirect("feeds")


@require_safe
def read(request: HttpRequest, secret: str) -> HttpResponseBase:
    """A feed, for whoever knows its address. 304 where the program has it already, 429 where it asks too often."""
    feed = access.feed_of_secret(secret)
    if not throttle.attempt("feed", str(feed.pk), limit=OFTEN, within=WITHIN):
        response = HttpResponse(_("Asked for too often: try again later."), "text/plain; charset=utf-8", status=429)
        response["Retry-After"] = str(int(WITHIN.total_seconds()))
        return response
    published = feeds.publish(feed)
    response = HttpResponse(published.content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="resolves.ics"'
    response["Content-Language"] = published.language
    changed, etag = int(published.changed_at.timestamp()), f'"{published.digest}"'
    response["ETag"], response["Last-Modified"] = etag, http_date(changed)
    answer = get_conditional_response(request, etag=etag, last_modified=changed, response=response) or response
    answer["Cache-Control"] = "private, max-age=600"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
