"""Everything that falls due: the agenda in pages, and a year month by month."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tracker import access, clock
from tracker.marks import MARKS
from tracker.summaries.diary import DATES, LATE, MONTH, TURNS, WAITING, WEEK, Narrowed, diary, spans, year_of
from tracker.views import pages
from tracker.views.filters import Choice, day_field

FIRST_YEAR, LAST_YEAR = 1850, 2150


class YearFilters(forms.Form):
    """What narrows the year."""

    body = Choice(gettext_lazy("Body"), gettext_lazy("All bodies"))
    resolution = Choice(gettext_lazy("Resolution"), gettext_lazy("All"))
    mark = Choice(gettext_lazy("How it stands"), gettext_lazy("All"))
    what = Choice(
        gettext_lazy("What"),
        gettext_lazy("All"),
        [(TURNS, gettext_lazy("duties")), (DATES, gettext_lazy("sessions and deadlines"))],
    )
    mine = Choice(gettext_lazy("Whose"), gettext_lazy("Everybody's"), [("1", gettext_lazy("mine"))])

    def __init__(self, data: Any, reader: access.Reader) -> None:
        super().__init__(data)
        texts = [(one.reference, one.symbol) for one in access.resolutions(reader)]
        marks = [(code, str(word)) for code, (_glyph, word, _tone) in MARKS.items() if code != "blank"]
        bodies = [(one.slug, one.short_name) for one in access.bodies(reader)]
        for name, pairs in (("body", bodies), ("resolution", texts), ("mark", marks)):
            field: Any = self.fields[name]
            field.choices = [field.choices[0], *pairs]

    def clean_what(self) -> str:
        what = str(self.cleaned_data["what"])
        if what not in {"", TURNS, DATES}:
            raise ValidationError(_("There is no such list."))
        return what

    def narrowed(self) -> Narrowed:
        """What was chosen."""
        given = {name: value for name, value in self.cleaned_data.items() if name in Narrowed.__dataclass_fields__}
        return Narrowed(**given | {"mine": bool(given["mine"])})


class AgendaFilters(YearFilters):
    """What narrows the agenda; `show` comes with a section's link."""

    since = day_field(gettext_lazy("From"))
    until = day_field(gettext_lazy("Until"))
    group = Choice(gettext_lazy("Grouped"), gettext_lazy("by month"), [(WEEK, gettext_lazy("by week"))])
    show = forms.ChoiceField(
        required=False, widget=forms.HiddenInput, choices=[("", ""), (LATE, LATE), (WAITING, WAITING)]
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("That day comes before the first one."))
        return given


@require_safe
@login_required
def agenda(request: HttpRequest) -> HttpResponse:
    """What falls due, in the order of its days, from today on unless another day is asked for; late ones first."""
    form = AgendaFilters(request.GET, request.user)
    if not form.is_valid():
        return pages.refused(request, form)
    chosen = form.narrowed()
    try:
        found = diary(request.user, chosen)
    except ValidationError as error:
        return pages.refused(request, form, error)
    page = pages.page_of(request, found.ahead)
    context = {
        "filters": form,
        "diary": found,
        "page_obj": page,
        "first_page": page.number == 1,
        "spans": spans(page, WEEK if form.cleaned_data["group"] == WEEK else MONTH),
        "chosen": chosen,
        "span_asked": bool(chosen.since or chosen.until),
        "reset": request.path,
        "this_year": found.today.year,
    }
    return render(request, "tracker/agenda.html", context)


@require_safe
@login_required
def year_start(request: HttpRequest) -> HttpResponse:
    """To the present year."""
    query = request.GET.urlencode()
    place = redirect("year", year=clock.today().year)
    place["Location"] += f"?{query}" if query else ""
    return place


@require_safe
@login_required
def year(request: HttpRequest, year: int) -> HttpResponse:
    """Twelve months with what falls due on which day."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404(_("That year lies outside any calendar kept here."))
    form = YearFilters(request.GET, request.user)
    if not form.is_valid():
        return pages.refused(request, form)
    try:
        found = year_of(request.user, year, form.narrowed())
    except ValidationError as error:
        return pages.refused(request, form, error)
    context = {
        "filters": form,
        "year": found,
        "earlier": year - 1 if year > FIRST_YEAR else None,
        "later": year + 1 if year < LAST_YEAR else None,
        "query": request.GET.urlencode(),
        "reset": request.path,
    }
    return render(request, "tracker/year.html", context)
