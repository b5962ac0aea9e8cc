"""Looking at what a step would do before it is taken: `dry_run=true` changes nothing and gives a mark of what was seen; the
mark sent back as `If-Match` takes just that, or is refused (412) where it would be something else by now."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from workflows import steps

DRY_RUN = OpenApiParameter("dry_run", bool, description="Only say what would change.")
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of a dry run: refused where it would now be other."
)


def require_known(request: Request, *names: str) -> None:
    """ValidationError for a filter that there is not: a typing error never shows or changes too much."""
    if unknown := sorted(set(request.query_params) - set(names)):
        raise ValidationError({name: [_("There is no such filter.")] for name in unknown})


def is_dry(request: Request) -> bool:
    """Whether nothing is to be changed. ValidationError for a filter that there is not."""
    require_known(request, "dry_run")
    dry: bool = serializers.BooleanField().run_validation(request.query_params.get("dry_run", "false"))
    return dry


def marked(request: Request, facts: Any, words: str, thing: Any = None) -> dict[str, str]:
    """The header with the mark of what would change. `ChangedSince` with these words where the request has seen something else."""
    mark = hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
    read = request.headers.get("If-Match", "").strip().strip('"')
    if read and read != mark:
        raise steps.ChangedSince(words, object=thing)
    return {"ETag": f'"{mark}"'}
