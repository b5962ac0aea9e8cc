"""The receipt of an occurrence, for programs."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.talk import REFERENCE
from api.views import refusals
from tracker import access, showing, visits
from tracker.log import receipts


class ReceiptEntryOut(serializers.Serializer[Any]):
    """An event in full (null where it is not for the caller to see), its hash, the words beside it with their salt, its place in
    the log and the path from it to the head, in base64 (null while it is not sealed)."""

    number = serializers.IntegerField()
    hash = serializers.CharField()
    event = serializers.DictField(allow_null=True)
    salt = serializers.CharField(required=False)
    words = serializers.DictField(required=False)
    position = serializers.IntegerField(allow_null=True)
    path = serializers.ListField(child=serializers.CharField(), allow_null=True)


class ReceiptOut(serializers.Serializer[Any]):
    """What `resolves_verify.py receipt` checks: the stream of an item, or one entry of it, and one signed head."""

    form = serializers.CharField()
    stream = serializers.CharField()
    whole = serializers.BooleanField()
    head = serializers.CharField(allow_blank=True)
    entries = ReceiptEntryOut(many=True)


class ReceiptView(APIView):
    """The receipt of an occurrence."""

    @extend_schema(
        operation_id="occurrence_receipt",
        description="The history of an occurrence as a receipt that proves itself: keep it, and check it with "
        "`resolves_verify.py` wherever you like.",
        parameters=[REFERENCE, OpenApiParameter("entry", int, description="That entry alone.")],
        responses={200: ReceiptOut, **refusals(400, 401, 404)},
    )
    def get(self, request: Request, reference: str) -> Response:
        turn = access.occurrence(request.user, reference)
        asked = request.query_params
        if unknown := sorted(set(asked) - {"entry"}):
            raise ValidationError({name: [_("There is no such filter.")] for name in unknown})
        entry = asked.get("entry", "")
        if "entry" in asked and not (entry.isascii() and entry.isdigit() and len(entry) < 10 and int(entry)):
            raise ValidationError({"entry": [_("Give the number of an entry.")]})
        found = receipts.receipt(turn, number=int(entry) if entry else None, shut=showing.shut_to(request.user))
        if found is None:
            raise NotFound(_("There is no such entry."))
        visits.about(turn, sensitive=True)
        return Response(found)
