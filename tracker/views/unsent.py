"""The page of what was written and could not be sent: look it through, send it, or throw it away."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_http_methods

from tracker import unsent


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """What waits (GET); throw one of it away (POST: `key`). Sending goes to the address that it was written for."""
    if request.method == "POST":
        unsent.forget(request, request.POST.get("key", ""))
        messages.success(request, _("It has been thrown away."))
        return redirect("unsent")
    return render(request, "tracker/unsent.html", {"waiting": unsent.of(request), "sent": unsent.SENT})


@requires_csrf_token
def stale(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """A form whose token is too old, or not ours: nothing is done; the words are kept for whoever wrote them."""
    return render(request, "403_csrf.html", {"kept": unsent.keep(request)}, status=403)
