"""A version of a resolution as a file, for other systems: Akoma Ntoso or JSON."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, outward, visits
from tracker.models import Version

KINDS = {"xml": "application/akn+xml", "json": "application/json"}


@require_safe
def version_file(request: HttpRequest, body: str, slug: str, label: str, kind: str) -> HttpResponse:
    """`xml`: Akoma Ntoso 3.0; `json`: text, paragraphs with their places, what was read, how each is accounted for, its duties;
    both of what the reader may see."""
    named = {"resolution__body__slug": body, "resolution__slug": slug, "label__iexact": label}
    found = access.versions(request.user).filter(**named).select_related("resolution__body", "adopted_at").first()
    if found is None or kind not in KINDS:
        visits.missed(Version, **named)
        raise Http404(_("There is no such version, or you may not see it."))
    visits.about(found, sensitive=visits.is_restricted(found.resolution))
    paragraphs = list(access.paragraphs(request.user).filter(version=found).order_by("position"))
    if kind == "xml":
        made = outward.akoma_ntoso(found, paragraphs)
    else:
        duties = access.obligations(request.user).filter(paragraph__version=found).order_by("paragraph", "number")
        duties = duties.select_related(
            "resolution__body", "paragraph", "anchor_body", "anchor_session", "responsible", "endorser"
        )
        plain = outward.as_json(found, paragraphs, duties)
        made = (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()
    response = HttpResponse(made, content_type=KINDS[kind])
    name = f"{found.resolution.slug}-{found.label.lower()}.{'akn.xml' if kind == 'xml' else 'json'}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
