"""A page to try the API on: Swagger UI from its package, under the strict content policy (its script is a request of its own)."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView


@method_decorator(csp_update({"img-src": [SELF, "data:"]}), name="dispatch")  # its style sheet holds small pictures
class TryPage(SpectacularSwaggerSplitView):
    """The description at `/api/schema/`, to read and to try."""

    permission_classes: list[Any] = []
    authentication_classes: list[Any] = []
    url_name = "api-schema"
    template_name = "api/try.html"
