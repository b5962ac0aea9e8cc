"""The log for everybody: its newest signed head, its keys, proofs that it only grows, and how to check all of it oneself.
And for those who may see an item, or the record, what there is to check: receipts and the export."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import etag, require_safe

from tracker import access, keys, showing, visits
from tracker.log import exporting, program, receipts, rows, witness
from tracker.log.tree import Tree
from tracker.models import Head, Role

TEXT = "text/plain; charset=utf-8"
SHOWN = 20  # heads on the page
FOR_EVER = "public, max-age=31536000, immutable"
ANSWERED = timedelta(minutes=10)  # by then a witness has answered, or is shown a newer head


@require_safe
@never_cache
def log(request: HttpRequest) -> HttpResponse:
    """What the log is, where it stands, how to check it."""
    heads = list(Head.objects.all()[:SHOWN])
    context = {
        "newest": heads[0] if heads else None,
        "checkpoint": _checkpoint(heads[0]) if heads else "",
        "heads": heads,
        "keys": [str(key) for key in keys.known_keys()],
        "verifier_hash": program.sha256(),
        "may_export": _may_export(request),
    }
    return render(request, "tracker/log.html", context)


@require_safe
@never_cache
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """The newest signed head, as it was signed, with what the witness says of it."""
    head = Head.objects.first()
    if head is None:
        raise Http404
    return HttpResponse(_checkpoint(head), content_type=TEXT)


@require_safe
def head(_request: HttpRequest, size: int) -> HttpResponse:
    """An earlier signed head. It never changes, and says so; the newest one may still be cosigned by the witness."""
    found = get_object_or_404(Head, size=size)
    answer = HttpResponse(_checkpoint(found), content_type=TEXT)
    answer["Cache-Control"] = FOR_EVER if _settled(found) else "no-cache"
    return answer


@require_safe
@never_cache
def consistency(request: HttpRequest) -> HttpResponse:
    """The proof that the log of `new` events (the newest head) goes on from that of `old`: JSON, or with `form=text` lines as
    a witness takes them. 400 where the sizes make no sense."""
    newest = Head.objects.first()
    most = newest.size if newest else 0
    old, new = (_number(request.GET.get(name, default)) for name, default in (("old", ""), ("new", str(most))))
    if old is None or new is None or not 0 < old <= new <= most:
        said = _("Give old and new: whole numbers, from 1 to %(most)s, the old one not above the new one.")
        return JsonResponse({"detail": said % {"most": most}}, status=400)
    try:
        proof = receipts.in_base64(Tree().consistency(old, new))
    except (LookupError, ValueError):
        return _not_whole()
    if request.GET.get("form") == "text":
        return HttpResponse(f"old {old}\n" + "".join(f"{one}\n" for one in proof), content_type=TEXT)
    return JsonResponse(
        {"origin": newest.note.partition("\n")[0] if newest else "", "old": old, "new": new, "proof": proof}
    )


@require_safe
@etag(lambda _request: f'"{program.sha256()}"')
@cache_control(public=True, max_age=3_600)
def verify(_request: HttpRequest) -> HttpResponse:
    """The program that checks all this on another machine, to keep."""
    return _kept(HttpResponse(program.text()), "resolves_verify.py", "text/x-python; charset=utf-8")


@require_safe
@login_required
@never_cache
def receipt(request: HttpRequest, body: str, short: str) -> HttpResponse:
    """The receipt of an item, or with `entry` of one entry of its history. What the reader may not see stands in it by its
    hash alone."""
    turn = access.occurrence(request.user, f"{body}/{short}")
    number = _number(request.GET["entry"]) if "entry" in request.GET else None
    if "entry" in request.GET and not number:
        raise Http404(_("There is no such entry."))
    try:
        found = receipts.receipt(turn, number=number, shut=showing.shut_to(request.user))
        written = json.dumps(found, ensure_ascii=False, indent=1).encode()
    except rows.UNREADABLE as error:
        if not rows.is_about_a_value(error):
            raise
        return _not_whole()
    if found is None:
        raise Http404(_("There is no such entry."))
    visits.about(turn, sensitive=True)
    name = f"receipt-{body}-{short}" + (f"-{number}" if number else "")
    return _kept(HttpResponse(written), f"{name}.json", "application/json")


@require_safe
@login_required
@never_cache
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The whole log, for auditors and secretaries; events that are not for their eyes by their hash alone. With `words`
    what stands beside the events too; with `since` only what came after so many events."""
    if not _may_export(request):
        raise PermissionDenied(_("Only secretaries and auditors can take the log along."))
    since = _number(request.GET.get("since", "0"))
    try:
        lines = exporting.lines(
            since=-1 if since is None else since,
            words=request.GET.get("words") == "1",
            shut=showing.shut_to(request.user),
        )
    except exporting.NothingSealed as error:
        return JsonResponse({"detail": str(error)}, status=400)
    visits.sensitive()
    answer = StreamingHttpResponse(line.encode() for line in lines)
    return _kept(answer, "log.jsonl", "application/x-ndjson")


def _not_whole() -> HttpResponse:
    """What is said where rows are gone, or were spoilt past reading: the check names them."""
    said = _(
        "The record in the database is not whole: no proof can be given. A check of the record names what is wrong."
    )
    return JsonResponse({"detail": said}, status=503)


def _kept(answer: Any, name: str, kind: str) -> Any:
    """An answer as a file to keep."""
    answer["Content-Type"] = kind
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _settled(head: Head) -> bool:
    """Whether nothing is added to a head any more: a newer one stands, and a witness that was shown it has answered."""
    asked = timezone.now() - head.signed_at < ANSWERED if settings.LOG_WITNESS_URL else False
    return not asked and Head.objects.filter(size__gt=head.size).exists()


def _checkpoint(head: Head) -> str:
    return head.note + "".join(f"{line}\n" for line in witness.lines(head))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _may_export(request: HttpRequest) -> bool:
    return bool(access.roles(request.user) & {Role.SECRETARY, Role.AUDITOR})
