"""The door for programs: lists and single things that the caller may see, and one address a step."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_204_NO_CONTENT
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from api import filters
from api.errors import PROBLEM
from api.parsers import BoundedJSON
from api.serializers import EventOut, ObligationOut, OccurrenceOut, ParagraphOut, ResolutionOut
from api.steps_in import STEP_INPUT
from tracker import access, history, queries, visits
from tracker.log import findings
from tracker.models import Decision, Occurrence, Person
from workflows import steps
from workflows.refusals import require
from workflows.steps.catalogue import CATALOGUE

REFERENCE = r"[-a-z0-9]{1,60}/[-A-Za-z0-9_.()~*]{1,120}"


class WhoOut(serializers.Serializer[Any]):
    """Who may take the step: a capacity, the office as body/office (null: in person), its name, and who holds it now
    (empty: nobody)."""

    capacity = serializers.CharField()
    office = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    holder = serializers.CharField(allow_blank=True)


class WhenOut(serializers.Serializer[Any]):
    """Where the occurrence stands, since when, and when the step will be possible, in words."""

    status = serializers.CharField()
    since = serializers.DateTimeField()
    possible = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """A refusal: what is wrong, where, and what to do."""

    status = serializers.IntegerField()
    title = serializers.CharField()
    detail = serializers.CharField()
    who = WhoOut(many=True, required=False)
    when = WhenOut(required=False)
    fields_ = serializers.DictField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        return found


_REFUSALS = {
    400: OpenApiResponse(ProblemOut, "Bad input: `fields` names what."),
    401: OpenApiResponse(ProblemOut, "Not logged in."),
    403: OpenApiResponse(ProblemOut, "You may not; the detail says who may."),
    404: OpenApiResponse(ProblemOut, "Missing, or not for you to see."),
    409: OpenApiResponse(ProblemOut, "Not the moment: the present status does not permit it."),
    412: OpenApiResponse(ProblemOut, "It has changed since it was read: see `If-Match`."),
    429: OpenApiResponse(ProblemOut, "Too many tries: wait."),
}


def refusals(*codes: int) -> dict[tuple[int, str], OpenApiResponse]:
    """How an operation may refuse, for its description."""
    return {(code, PROBLEM): _REFUSALS[code] for code in codes}


class Reading(viewsets.GenericViewSet[Any], mixins.ListModelMixin):
    """A list of what the caller may see."""

    filter_backends = [filters.StrictFilters]

    @property
    def reader(self) -> Any:
        return self.request.user


def listed(out: type[serializers.Serializer[Any]]) -> Any:
    return extend_schema(responses={200: out(many=True), **refusals(400, 401, 404)})


def _one(out: type[serializers.Serializer[Any]], name: str = "reference") -> Any:
    parameter = OpenApiParameter(name, str, OpenApiParameter.PATH, description="Such as itu-council/r1306-1.2-c17.")
    return extend_schema(parameters=[parameter], responses={200: out, **refusals(401, 404)})


class ResolutionViews(Reading):
    """Resolutions and their versions."""

    serializer_class = ResolutionOut
    filterset_class = filters.ResolutionFilters
    lookup_field, lookup_value_regex = "reference", r"[-a-z0-9]{1,60}/[-a-z0-9]{1,60}"

    def get_queryset(self) -> QuerySet[Any]:
        return access.resolutions(self.reader).prefetch_related("versions").order_by("pk")

    @listed(ResolutionOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @_one(ResolutionOut)
    def retrieve(self, _request: Request, reference: str) -> Response:
        body, _slash, slug = reference.partition("/")
        return Response(ResolutionOut(access.resolution(self.reader, body, slug)).data)


class ParagraphViews(Reading):
    """Paragraphs of every version, with the words as adopted."""

    serializer_class = ParagraphOut
    filterset_class = filters.ParagraphFilters

    def get_queryset(self) -> QuerySet[Any]:
        return access.paragraphs(self.reader).select_related("covered_by").order_by("version_id", "position")

    @listed(ParagraphOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


DUE_POINT = ("anchor_body", "anchor_session", "anchor_meeting__body", "anchor_rule")


class ObligationViews(Reading):
    """What is to be done, by kind and due point."""

    serializer_class = ObligationOut
    filterset_class = filters.ObligationFilters

    def get_queryset(self) -> QuerySet[Any]:
        return access.obligations(self.reader).select_related(*DUE_POINT).order_by("pk")

    @listed(ObligationOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


def _full(found: QuerySet[Any]) -> QuerySet[Any]:
    return queries.with_facts(
        found.select_related("obligation__resolution__body", "decision__session", *queries.WAITED_FOR)
    )


class OccurrenceViews(Reading):
    """The turns of every duty, as they stand now."""

    serializer_class = OccurrenceOut
    filterset_class = filters.OccurrenceFilters
    lookup_field, lookup_value_regex = "reference", REFERENCE

    def get_queryset(self) -> QuerySet[Any]:
        return _full(access.occurrences(self.reader)).order_by("due_on", "pk")

    @listed(OccurrenceOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @_one(OccurrenceOut)
    def retrieve(self, _request: Request, reference: str) -> Response:
        return _answer(access.occurrence(self.reader, reference))


class EventViews(Reading):
    """The record: what happened, in the order in which it was written."""

    serializer_class = EventOut
    filterset_class = filters.EventFilters
    shut: set[tuple[str, int]] = set()  # papers that the page tells of and the reader may not see
    wrong: Collection[int] = ()  # entries of the page about which a finding stands

    def get_queryset(self) -> QuerySet[Any]:
        return access.events(self.reader).order_by("pk")

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        found = super().paginate_queryset(queryset)
        self.shut = history.shut_papers(found or [], self.reader)
        self.wrong = findings.of(found or [])
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "shut": self.shut, "wrong": self.wrong}

    @listed(EventOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class StepView(APIView):
    """One step on an occurrence. Asked in this order: may you see it (404), may you (403), is it the moment (409), are
    the words there (400); then the very verb that the pages call. What cannot be read at all is refused before."""

    step = ""
    takes: type[serializers.Serializer[Any]]

    def post(self, request: Request, reference: str) -> Response:
        by = request.user
        occurrence = access.occurrence(by, reference)
        assert isinstance(by, Person)  # noqa: S101  (authentication gave one)
        asked = self.takes(data=request.data, context={"request": request})
        if not asked.is_valid() or "decision" in asked.validated_data:  # else the verb itself asks first
            require(by, self.step, occurrence)
            asked.is_valid(raise_exception=True)
        arguments = dict(asked.validated_data)
        with transaction.atomic():
            if read := request.headers.get("If-Match", ""):
                access.require(by, self.step, occurrence)
            steps.require_unchanged(occurrence, read.strip().strip('"'))
            if "decision" in arguments:
                arguments["decision"] = _decided(arguments["decision"], by)
            steps.ON_OCCURRENCE[self.step](occurrence, by=by, **arguments)
        return _answer(occurrence)


def _answer(occurrence: Occurrence) -> Response:
    """An occurrence as it stands, with the mark of its edition: a step that sends it back as `If-Match` is refused (412)
    where somebody was faster."""
    return Response(_out(occurrence), headers={"ETag": f'"{steps.edition(occurrence)}"'})


def _decided(cited: dict[str, Any] | None, by: Person) -> Decision | None:
    return steps.record_decision(by=by, **cited) if cited else None


def _out(occurrence: Occurrence) -> dict[str, Any]:
    return dict(OccurrenceOut(_full(access.afresh(occurrence)).get()).data)


def step_view(step: str) -> Any:
    """The view of one step, named and described from the catalogue."""
    entry, takes = CATALOGUE[step], STEP_INPUT[step]

    @extend_schema(
        operation_id=f"occurrence_{step}",
        tags=["steps"],
        summary=str(entry.label),
        description=" ".join(map(str, entry.effects)) + f" May be taken by: {access.who_may(step)}.",
        parameters=[
            OpenApiParameter("reference", str, OpenApiParameter.PATH),
            OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag of what was read."),
        ],
        request=takes,
        responses={200: OccurrenceOut, **refusals(400, 401, 403, 404, 409, 412)},
    )
    def post(self: StepView, request: Request, reference: str) -> Response:
        return StepView.post(self, request, reference)

    view = type(f"{step.title().replace('_', '')}View", (StepView,), {"step": step, "takes": takes, "post": post})
    return view.as_view()  # type: ignore[attr-defined]


class TokenOut(serializers.Serializer[Any]):
    token = serializers.CharField()


class TokenView(ObtainAuthToken):
    """A token for a user name and a password; send it as `Authorization: Token …`."""

    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "token"
    parser_classes = (BoundedJSON, MultiPartParser)

    @extend_schema(request=AuthTokenSerializer, responses={200: TokenOut, **refusals(400, 429)})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = self.get_serializer(data=request.data)
        try:
            asked.is_valid(raise_exception=True)
        except serializers.ValidationError:
            visits.refused_at_the_door(str(request.data.get("username", "")) if isinstance(request.data, dict) else "")
            raise
        return Response({"token": steps.make_token(by=asked.validated_data["user"]).key})


class EndTokenView(APIView):
    """The caller's own token ends: it opens nothing any more."""

    @extend_schema(operation_id="end_token", request=None, responses={204: None, **refusals(401, 409)})
    def post(self, request: Request) -> Response:
        assert isinstance(request.user, Person)  # noqa: S101  (authentication gave one)
        steps.end_own_token(by=request.user)
        return Response(status=HTTP_204_NO_CONTENT)
