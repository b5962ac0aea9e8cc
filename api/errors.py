"""One shape for every refusal; 400, 403, 404 and 409 told apart."""

from typing import Any

from django_fsm import TransitionNotAllowed
from rest_framework.response import Response
from rest_framework.views import exception_handler


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler, with 409 for a step at the wrong moment."""
    if isinstance(error, TransitionNotAllowed):
        return Response({"detail": str(error)}, status=409)
    return exception_handler(error, context)
