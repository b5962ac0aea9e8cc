"""One shape for every refusal, RFC 9457's: status, title, detail, and `fields` for bad input, as `application/problem+json`.

400 bad input · 401 who are you · 403 you may not · 404 missing or not for you to see · 409 not the moment ·
412 changed since it was read.
"""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as BadWords
from django.db import DataError
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django_fsm import TransitionNotAllowed
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from api.parsers import TooLarge
from workflows.steps import ChangedSince

PROBLEM = "application/problem+json"
TITLES = {
    400: gettext_lazy("Bad input"),
    401: gettext_lazy("Not logged in"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Not possible at this address"),
    406: gettext_lazy("Not in that form"),
    409: gettext_lazy("Not now"),
    412: gettext_lazy("Changed since"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Not in that form"),
    429: gettext_lazy("Too many tries"),
}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the steps' own refusals, then DRF's."""
    told = who_and_when(error)
    if isinstance(error, ChangedSince):
        error = NotAsRead(str(error))
    if isinstance(error, TransitionNotAllowed):
        error = NotTheMoment(str(error))
    if isinstance(error, BadWords):
        error = exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        )
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    if isinstance(error, OverflowError | DataError):  # a number or a day that no database holds
        error = exceptions.ValidationError({"detail": [_("That number is out of range.")]})
    response = exception_handler(error, context)
    if response is not None:
        response.data = _problem(response.status_code, response.data) | told
        response.content_type = PROBLEM
    return response


def refusal_of(error: Exception) -> dict[str, Any]:
    """The same for one row of a batch that was refused."""
    if isinstance(error, BadWords):
        fields = error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        return _problem(400, fields)
    code = 409 if isinstance(error, TransitionNotAllowed) else 403
    return _problem(code, {"detail": str(error)}) | who_and_when(error)


def who_and_when(error: Exception) -> dict[str, Any]:
    """What a step's refusal says apart from its words: who could take it, and when."""
    told: dict[str, Any] = {}
    if who := getattr(error, "who", ()):
        told["who"] = [
            {
                "capacity": one.capacity,
                "office": f"{one.office.body.slug}/{one.office.slug}" if one.office else None,
                "name": str(one.office or one.holder),
                "holder": one.holder,
            }
            for one in who
        ]
    if when := getattr(error, "when", None):
        told["when"] = {"status": when.status, "since": when.since, "possible": when.possible}
    return told


class NotTheMoment(exceptions.APIException):
    """A step that the present status does not permit."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class NotAsRead(exceptions.APIException):
    """It has changed since it was read (`If-Match`)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed"


def _problem(code: int, data: Any) -> dict[str, Any]:
    problem: dict[str, Any] = {"status": code, "title": str(TITLES.get(code, _("Refused")))}
    if code == status.HTTP_400_BAD_REQUEST and not (isinstance(data, dict) and set(data) == {"detail"}):
        fields = data if isinstance(data, dict) else {"detail": data}
        return problem | {"detail": _("Some of what was sent is not right: see fields."), "fields": fields}
    detail = data.get("detail", "") if isinstance(data, dict) else data
    return problem | {"detail": " ".join(map(str, detail)) if isinstance(detail, list) else str(detail)}


@csrf_exempt  # it does nothing, and a program has no cookie to be asked for
def not_found(_request: Any, *_args: Any) -> JsonResponse:
    """An address under `/api/` that there is not: an unknown step too."""
    return JsonResponse(
        _problem(404, {"detail": _("There is nothing at this address.")}), status=404, content_type=PROBLEM
    )
