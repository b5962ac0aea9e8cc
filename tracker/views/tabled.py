"""Tabled summaries: their list, each one drawn from what was frozen and from nothing else, its files, and a feed."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, packs, tabling
from tracker.frozen import thaw
from tracker.models import Tabled
from tracker.summaries import compare, draft_decisions, overview
from tracker.views import pages


@require_safe
@login_required
def tabled_list(request: HttpRequest, body: str) -> HttpResponse:
    """Every summary that was tabled in a body, newest first, each with how it stands."""
    organ = access.body(request.user, body)
    page = pages.page_of(request, access.tabled(request.user).filter(session__body=organ), per_page=20)
    rows = tabling.standings(page)
    return render(request, "tracker/tabled_list.html", {"body": organ, "rows": rows, "page_obj": page})


@require_safe
@login_required
def tabled(request: HttpRequest, body: str, code: str, number: int) -> HttpResponse:
    """One tabled summary, drawn from the frozen data alone, in the reader's language. It never changes."""
    found = access.tabled_summary(request.user, body, code, number)
    standing = tabling.standing(found)
    context = {
        "tabled": found,
        "standing": standing,
        "packs": [
            (kind, reverse("tabled_pack", args=[body, code, number, kind])) for kind in packs.KINDS if kind != "json"
        ],
        "correctable": getattr(found, "corrected_by", None) is None
        and access.may_on_body(request.user, "table_summary", found.session.body),
    }
    try:
        seen = thaw(found.frozen.encode()).view(translation.get_language() or "en")
    except ValidationError as error:  # somebody has spoilt it: the page says so, and nothing of it is shown
        return render(request, "tracker/tabled.html", context | {"unreadable": error.messages[0]})
    drawn = {
        "overview": seen,
        "grid": seen.grid.folded(),
        "body": found.session.body,
        "session": found.session,
        "bar": pages.bar(seen),
        "every": f"{reverse('occurrences')}?",
        "list": reverse("occurrences"),
        "drafts": draft_decisions(seen.pending, body=seen.body_name),
    }
    html = render_to_string("tracker/_tabled.html", drawn, request=request)
    return render(request, "tracker/tabled.html", context | {"page": pages.as_words(html), "seen": seen})


@require_safe
@login_required
def changes(request: HttpRequest, body: str, code: str, number: int) -> HttpResponse:
    """What moved since a summary was tabled: until now, or until another one of the body (`?until=c18/2`). What all members
    see is compared with what all members see, so that nothing looks new because its reader may see more."""
    found = access.tabled_summary(request.user, body, code, number)
    language = translation.get_language() or "en"
    organ = found.session.body
    choice = list(access.tabled(request.user).filter(session__body=organ).exclude(pk=found.pk).defer("frozen"))
    asked = request.GET.get("until", "")
    later = next((one for one in choice if _key(one) == asked.lower()), None)
    if asked and later is None:
        raise Http404(_("There is no such summary."))
    try:
        before = thaw(found.frozen.encode()).view(language)
        if later is not None:
            after = thaw(later.frozen.encode()).view(language)
        else:
            after = overview(access.Members(organ), organ, None, rows=None, in_full=0)
    except ValidationError as error:
        why = {"title": _("This cannot be compared"), "why": error.messages[0]}
        return render(request, "tracker/no_pack.html", why, status=503)
    context = {
        "tabled": found,
        "later": later,
        "choice": [(_key(one), one) for one in choice],
        "changes": compare(before, after),
        "until": after.today,
    }
    return render(request, "tracker/changes.html", context)


def _key(one: Tabled) -> str:
    return f"{one.session.slug}/{one.number}"


@require_safe
@login_required
def pack(request: HttpRequest, body: str, code: str, number: int, kind: str) -> HttpResponse:
    """A file of a tabled summary, made from the frozen data alone; `json` is what was frozen with its signature."""
    found = access.tabled_summary(request.user, body, code, number)
    if kind not in packs.KINDS:
        raise Http404(_("There is no such file."))
    language = translation.get_language() or "en"
    try:
        if kind == "json":
            made = tabling.handed_out(found)
        else:
            made = packs.make(found.frozen.encode(), kind, language, symbol=found.symbol, agenda_item=found.agenda_item)
    except (ValidationError, ImproperlyConfigured) as error:
        why = error.messages[0] if isinstance(error, ValidationError) else str(error)
        context = {"title": _("This file cannot be made"), "why": why}
        return render(request, "tracker/no_pack.html", context, status=503)
    response = HttpResponse(made, content_type=packs.KINDS[kind])
    name = f"{found.session.body.slug}-{found.session.slug}-summary-{found.number}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@login_required
def atom(request: HttpRequest, body: str) -> HttpResponse:
    """The tabled summaries of a body as an Atom feed (RFC 4287), newest first, the last hundred."""
    organ = access.body(request.user, body)
    here = request.build_absolute_uri(reverse("tabled_list", args=[organ.slug]))
    feed = Atom1Feed(
        title=_("Summaries tabled in %(body)s") % {"body": organ.name},
        link=here,
        description="",
        language=translation.get_language(),
        feed_url=request.build_absolute_uri(),
        author_name=organ.name,
    )
    for one in access.tabled(request.user).filter(session__body=organ)[:100]:
        address = request.build_absolute_uri(_page(one))
        feed.add_item(
            title=str(one),
            link=address,
            description=_said(one),
            pubdate=one.tabled_at,
            updateddate=one.tabled_at,
            unique_id=address,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _page(one: Tabled) -> str:
    return reverse("tabled", args=[one.session.body.slug, one.session.slug, one.number])


def _said(one: Tabled) -> str:
    known = {"session": one.session, "hash": one.sha256}
    said = _("%(session)s. SHA-256 of what was frozen: %(hash)s.") % known
    return said + " " + _("It corrects %(other)s.") % {"other": one.corrects} if one.corrects else said
