"""The Council's page as of a past day, and what moved between two days."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tracker import access, asof, clock
from tracker.models import Body, Session
from tracker.summaries import Overview, compare
from tracker.views import pages
from tracker.views.council import session_of
from tracker.views.filters import day_field

SAID = {
    asof.KNOWN: gettext_lazy("as it was known: what had been recorded by that day"),
    asof.STOOD: gettext_lazy("as it stood: what had taken effect by that day, by today's knowledge"),
}
BASES = [(asof.KNOWN, gettext_lazy("as it was known")), (asof.STOOD, gettext_lazy("as it stood"))]


class DayForm(forms.Form):
    """Which day, meant how, and perhaps a day before with which it is compared."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    since = day_field(gettext_lazy("Compare with"))
    basis = forms.ChoiceField(label=gettext_lazy("Meant"), choices=BASES, required=False)


@require_safe
@login_required
def page(request: HttpRequest, body: str, code: str = "") -> HttpResponse:
    """The page of a session, or of all, as of `?day=` (a past day), `&basis=known|stood`; `&since=` compares with another day.
    The address is permanent: what was known on a day never changes. 400 says what is wrong with a day."""
    organ = access.body(request.user, body)
    session = session_of(organ, code)
    today = clock.today(organ.time_zone)
    form = DayForm(request.GET if request.GET.get("day") else None, initial={"day": today - timedelta(days=1)})
    context: dict[str, Any] = {"body": organ, "session": session, "form": form, "today": today}
    if not form.is_bound:
        return render(request, "tracker/asof.html", context)
    if not form.is_valid():
        return render(request, "tracker/asof.html", context, status=400)
    day: date = form.cleaned_data["day"]
    basis = form.cleaned_data["basis"] or asof.KNOWN
    seen, before = (_seen(request, form, name, organ, session, basis) for name in ("day", "since"))
    if seen is None or form.errors:
        return render(request, "tracker/asof.html", context, status=400)
    drawn = {
        "overview": seen,
        "grid": seen.grid.folded(),
        "body": organ,
        "session": session,
        "bar": pages.bar(seen),
        "every": f"{reverse('occurrences')}?",
        "list": reverse("occurrences"),
    }
    html = render_to_string("tracker/_tabled.html", drawn, request=request)
    context |= {
        "day": day,
        "since": form.cleaned_data.get("since"),
        "basis": basis,
        "said": SAID[basis],
        "past": day < today,
        "page": pages.as_words(html),
        "changes": compare(before, seen) if before else None,
    }
    return render(request, "tracker/asof.html", context)


def _seen(  # noqa: PLR0913  (a question has that many parts)
    request: HttpRequest, form: DayForm, name: str, organ: Body, session: Session | None, basis: str
) -> Overview | None:
    """The page of the day in a field of the form; None where it is empty or makes no sense, which the field then says."""
    day = form.cleaned_data.get(name)
    if day is None:
        return None
    try:
        return asof.overview_on(request.user, organ, session, day=day, basis=basis)
    except ValidationError as error:
        form.add_error(name, error.messages)
        return None
