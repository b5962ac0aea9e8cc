"""The very summary of the Council's page: its frozen dataclasses, field by field, so that page and API cannot differ."""

import dataclasses
import types
from datetime import date
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.views import refusals
from tracker import access, clock, summaries

PLAIN: dict[type, type[serializers.Field[Any, Any, Any, Any]]] = {
    str: serializers.CharField,
    int: serializers.IntegerField,
    bool: serializers.BooleanField,
    date: serializers.DateField,
}


@cache
def serializer_of(summary: type) -> type[serializers.Serializer[Any]]:
    """A serializer with a field for every field and every typed property of a frozen dataclass."""
    hints = dict(get_type_hints(summary))
    for name, member in vars(summary).items():
        if isinstance(member, property) and member.fget is not None:
            hints[name] = get_type_hints(member.fget)["return"]
    fields = {name: _field(hint) for name, hint in hints.items() if _can_go_out(hint)}
    name = f"Overview{summary.__name__.removeprefix('Overview')}Out"
    return type(name, (serializers.Serializer,), {**fields, "__doc__": summary.__doc__, "__module__": __name__})


def _can_go_out(hint: Any) -> bool:
    inner = [a for a in get_args(hint) if a not in (type(None), Ellipsis)] or [hint]
    return all(one in PLAIN or dataclasses.is_dataclass(one) for one in inner)


def _field(hint: Any, *, nullable: bool = False) -> serializers.Field[Any, Any, Any, Any]:
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (a for a in get_args(hint) if a is not type(None))
        return _field(inner, nullable=True)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        if dataclasses.is_dataclass(inner):
            return serializer_of(inner)(many=True)  # type: ignore[arg-type]
        return serializers.ListField(child=_field(inner))
    if dataclasses.is_dataclass(hint):
        return serializer_of(hint)(allow_null=nullable)  # type: ignore[arg-type]
    return PLAIN[hint](allow_null=nullable)


OverviewOut = serializer_of(summaries.Overview)
FILTERS = [
    name for name in summaries.Filters.__dataclass_fields__ if name not in {"session", "past_due", "awaiting", "vacant"}
]


class OverviewView(APIView):
    """What stands where before a session of a body."""

    @extend_schema(
        operation_id="overview",
        description="The summary that the Council's page shows: counts that add up, the grid, what is late and what awaits "
        "the body. A number comes with the query of its list.",
        parameters=[
            OpenApiParameter("body", str, required=True, description="Such as itu-council."),
            OpenApiParameter(
                "session", str, description="Such as c18; without it the one that the body is heading for."
            ),
            OpenApiParameter("page", int, description="Page of the grid's rows."),
            *[OpenApiParameter(name, str) for name in FILTERS],
        ],
        responses={200: OverviewOut, **refusals(400, 401, 404)},
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        if unknown := sorted(set(asked) - {"body", "session", "page", *FILTERS}):
            raise ValidationError({name: [_("There is no such filter.")] for name in unknown})
        if not asked.get("body"):
            raise ValidationError({"body": [_("Name the body, such as itu-council.")]})
        if any("\x00" in value for value in asked.values()):
            raise ValidationError({"detail": [_("This holds a character that cannot be kept.")]})
        body = access.body(request.user, asked["body"])
        today = clock.today(body.time_zone)
        session = (
            summaries.find_session(body, asked["session"])
            if asked.get("session")
            else summaries.present_session(body, today)
        )
        page = asked.get("page", "1")
        found = summaries.overview(
            request.user,
            body,
            session,
            filters=summaries.Filters().but(**{name: asked.get(name, "") for name in FILTERS}),
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )
        return Response(OverviewOut(found).data)
