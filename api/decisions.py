"""The decisions of a session, many items at once, for programs: all tried, each with its own result."""

from typing import Any

from django.core.exceptions import ValidationError as BadWords
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import refusal_of
from api.serializers import DecisionOut
from api.steps_in import DecisionIn, NameField
from api.views import ProblemOut, refusals
from tracker import access
from tracker.models import Decision, Occurrence, Person
from workflows import steps
from workflows.refusals import require_on_body

MOST = 500


class ReferenceField(NameField):
    """The reference of an occurrence; whether there is such a one that the caller may see is each row's own result."""

    def to_internal_value(self, data: Any) -> str:
        return self.words(data)


class DecidedIn(serializers.Serializer[Any]):
    """An item to settle; its own outcome, document and paragraph where they differ from those of the batch."""

    reference = ReferenceField(help_text="Such as itu-council/r1306-1.2-c18.")
    outcome = serializers.ChoiceField(choices=Decision.Outcome.choices, required=False, allow_blank=True, default="")
    document = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    paragraph = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class DecisionsIn(DecisionIn):
    """One citation and the items that it settles: an outcome of `waived` waives an open item, any other closes an endorsed
    one. With `preview` nothing is changed."""

    occurrences = serializers.ListField(child=DecidedIn(), allow_empty=False, max_length=MOST)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    preview = serializers.BooleanField(default=False)

    def validate_occurrences(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        references = [row["reference"] for row in rows]
        if len(set(references)) != len(references):
            raise serializers.ValidationError(_("Name each item once."))
        return rows


class DecidedOut(serializers.Serializer[Any]):
    """What became of an item: `done`, with its status and the decision now; or the refusal, as any other."""

    reference = serializers.CharField()
    done = serializers.BooleanField()
    status = serializers.CharField(allow_null=True)
    decision = DecisionOut(allow_null=True)
    refusal = ProblemOut(allow_null=True)


class DecisionsOut(serializers.Serializer[Any]):
    """Every row in the order in which it was sent, and how many were closed, waived and refused."""

    preview = serializers.BooleanField()
    closed = serializers.IntegerField()
    waived = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = DecidedOut(many=True)


class DecisionsView(APIView):
    """Put the decisions of a session on record and close or waive what they settle."""

    @extend_schema(
        operation_id="decide",
        tags=["steps"],
        summary="Decide on many items",
        description="Close or waive many items by the decisions of a session, citing document and paragraph: one decision "
        "for each distinct document, paragraph and outcome, one event for each item, all with one request id. Every row is "
        f"tried and has its own result. May be taken by: {access.who_may('record_decision')}.",
        request=DecisionsIn,
        responses={200: DecisionsOut, **refusals(400, 401, 403, 409)},
    )
    def post(self, request: Request) -> Response:
        by = request.user
        assert isinstance(by, Person)  # noqa: S101  (authentication gave one)
        given = DecisionsIn(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        rows, preview, note = asked.pop("occurrences"), asked.pop("preview"), asked.pop("note")
        session = asked.pop("session")
        require_on_body(by, "record_decision", session.body)
        seen = _seen(by, [row["reference"] for row in rows])
        items = [
            steps.Decided(seen[row["reference"]], row["outcome"], row["document"], row["paragraph"])
            for row in rows
            if row["reference"] in seen
        ]
        act = steps.would_decide if preview else steps.decide
        try:
            decided = act(session, by=by, cited=steps.Citation(**asked), items=items, note=note) if items else []
        except BadWords as error:
            raise serializers.ValidationError(error.message_dict) from error
        results = {one.occurrence.reference: one for one in decided}
        found = [_result(row["reference"], results.get(row["reference"])) for row in rows]
        told = {
            "preview": preview,
            "closed": sum(one.done and not one.waived for one in decided),
            "waived": sum(one.done and one.waived for one in decided),
            "refused": sum(not one["done"] for one in found),
            "results": found,
        }
        return Response(DecisionsOut(told).data)


def _seen(by: Person, references: list[str]) -> dict[str, Occurrence]:
    """The occurrences of these references that the caller may see, by reference."""
    return {one.reference: one for one in access.occurrences(by).filter(reference__in=references)}


def _result(reference: str, one: steps.Decided | None) -> dict[str, Any]:
    if one is None:
        missing = {
            "status": 404,
            "title": _("Not found"),
            "detail": _("There is no such occurrence, or you may not see it."),
        }
        return {"reference": reference, "done": False, "status": None, "decision": None, "refusal": missing}
    if not one.done:
        refusal = refusal_of(one.refusal) if one.refusal else None
        return {
            "reference": reference,
            "done": False,
            "status": one.occurrence.status,
            "decision": None,
            "refusal": refusal,
        }
    status = "waived" if one.waived else "closed"
    return {"reference": reference, "done": True, "status": status, "decision": one.decision, "refusal": None}
