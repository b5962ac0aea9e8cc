"""Bodies, offices and the calendar, for programs: who sits where, what meets when, and what falls due."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import filters
from api.pagination import Pages
from api.serializers import MarkOut
from api.views import Reading, listed, refusals
from tracker import access, clock
from tracker.marks import MARKS
from tracker.models import Body, Meeting, Office, Precision, Session, Sitting, Substitution, Term
from tracker.summaries.dates import Dated
from tracker.summaries.diary import DATES, LATE, TURNS, WAITING, Line, Narrowed, Turn, diary

HANGS = ("opening", "sitting", "meeting", "deadline")


class BodyOut(serializers.ModelSerializer[Body]):
    """A governing body, or a group under one."""

    parent = serializers.CharField(source="parent.slug", allow_null=True, default=None)  # type: ignore[assignment]

    class Meta:
        model = Body
        fields = ["slug", "name", "short_name", "kind", "parent", "time_zone"]


class TermOut(serializers.ModelSerializer[Term]):
    """Somebody in an office, both days included; a day that is not recorded is null. `number` names it in addresses."""

    number = serializers.IntegerField(source="pk")
    person = serializers.CharField(source="person.username")
    name = serializers.CharField(source="person.name")

    class Meta:
        model = Term
        fields = ["number", "person", "name", "part", "begins", "ends"]


class SubstitutionOut(serializers.ModelSerializer[Substitution]):
    """Somebody acts for the holder of an office between two days; `limited` where it is for one resolution only."""

    number = serializers.IntegerField(source="pk")
    substitute = serializers.CharField(source="substitute.username")
    principal = serializers.CharField(source="principal.username")
    limited = serializers.SerializerMethodField()

    class Meta:
        model = Substitution
        fields = ["number", "substitute", "principal", "begins", "ends", "limited"]

    def get_limited(self, substitution: Substitution) -> bool:
        return substitution.resolution_id is not None


class OfficeOut(serializers.ModelSerializer[Office]):
    """A seat of a body: who holds it today (null: no one), with the terms and substitutions that are not over."""

    reference = serializers.SerializerMethodField(help_text="Such as cwg-cop/chair.")
    body = serializers.CharField(source="body.slug")
    validator = serializers.SerializerMethodField()
    holder = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()
    substitutions = serializers.SerializerMethodField()

    class Meta:
        model = Office
        fields = ["reference", "body", "slug", "title", "role", "validator", "holder", "terms", "substitutions"]

    def get_reference(self, office: Office) -> str:
        return f"{office.body.slug}/{office.slug}"

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_validator(self, office: Office) -> str | None:
        return f"{office.validator.body.slug}/{office.validator.slug}" if office.validator else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_holder(self, office: Office) -> str | None:
        today = clock.today(office.body.time_zone)
        running = [one for one in _standing(office) if one.part == Term.Part.HOLDER and one.runs(today)]
        running.sort(key=lambda one: (one.begins or date.min, one.pk), reverse=True)
        return running[0].person.username if running else None

    @extend_schema_field(TermOut(many=True))
    def get_terms(self, office: Office) -> Any:
        return TermOut(_standing(office), many=True).data

    @extend_schema_field(SubstitutionOut(many=True))
    def get_substitutions(self, office: Office) -> Any:
        today = clock.today(office.body.time_zone)
        return SubstitutionOut([one for one in office.substitutions.all() if one.ends >= today], many=True).data


def _standing(office: Office) -> list[Term]:
    """The terms that are not over, of people who have not left."""
    today = clock.today(office.body.time_zone)
    found = [one for one in office.terms.all() if one.person.is_active and (one.ends is None or one.ends >= today)]
    return sorted(found, key=lambda one: (one.begins or date.min, one.pk))


class SittingOut(serializers.ModelSerializer[Sitting]):
    """One dated part of a session."""

    class Meta:
        model = Sitting
        fields = ["kind", "form", "state", "begins", "ends", "precision", "place"]


class SessionOut(serializers.ModelSerializer[Session]):
    """A session of a body; a day that is not known is null."""

    reference = serializers.SerializerMethodField(help_text="Such as itu-council/c18.")
    body = serializers.CharField(source="body.slug")
    code = serializers.CharField(source="slug")
    sittings = SittingOut(many=True)

    class Meta:
        model = Session
        fields = [
            "reference",
            "body",
            "code",
            "name",
            "kind",
            "state",
            "opens",
            "closes",
            "precision",
            "place",
            "source",
            "sittings",
        ]

    def get_reference(self, session: Session) -> str:
        return f"{session.body.slug}/{session.slug}"


class MeetingOut(serializers.ModelSerializer[Meeting]):
    """A meeting of a group, and the session that it comes before."""

    reference = serializers.SerializerMethodField(help_text="Such as cwg-cop/14.")
    body = serializers.CharField(source="body.slug")
    number = serializers.IntegerField()
    session = serializers.SerializerMethodField()

    class Meta:
        model = Meeting
        fields = ["reference", "body", "number", "state", "begins", "ends", "precision", "session", "note", "source"]

    def get_reference(self, meeting: Meeting) -> str:
        return f"{meeting.body.slug}/{meeting.number}"

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_session(self, meeting: Meeting) -> str | None:
        return f"{meeting.session.body.slug}/{meeting.session.slug}" if meeting.session else None


class BodyViews(Reading):
    """Governing bodies and the groups under them."""

    serializer_class = BodyOut
    filterset_class = filters.BodyFilters

    def get_queryset(self) -> QuerySet[Any]:
        return access.bodies(self.reader).order_by("pk")

    @listed(BodyOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


def full_offices(found: QuerySet[Office]) -> QuerySet[Office]:
    """Offices with what their answer needs, whatever their number."""
    people = ("terms__person", "substitutions__substitute", "substitutions__principal")
    return found.select_related("body__parent", "validator__body").prefetch_related(*people)


class OfficeViews(Reading):
    """Offices, and who holds them."""

    serializer_class = OfficeOut
    filterset_class = filters.OfficeFilters

    def get_queryset(self) -> QuerySet[Any]:
        return full_offices(access.offices(self.reader)).order_by("pk")

    @listed(OfficeOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class SessionViews(Reading):
    """Sessions of bodies, with their sittings, in the order of their opening."""

    serializer_class = SessionOut
    filterset_class = filters.SessionFilters

    def get_queryset(self) -> QuerySet[Any]:
        return access.sessions(self.reader).prefetch_related("sittings").order_by("opens", "pk")

    @listed(SessionOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class MeetingViews(Reading):
    """Meetings of groups, in the order of their days."""

    serializer_class = MeetingOut
    filterset_class = filters.MeetingFilters

    def get_queryset(self) -> QuerySet[Any]:
        return access.meetings(self.reader).select_related("session__body").order_by("begins", "pk")

    @listed(MeetingOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


# What falls due ---------------------------------------------------------------------------------------------------------


class AgendaIn(serializers.Serializer[Any]):
    """What narrows the agenda."""

    body = serializers.CharField(max_length=60, required=False, default="")
    resolution = serializers.CharField(
        max_length=130, required=False, default="", help_text="Such as itu-council/r1306."
    )
    mark = serializers.ChoiceField(choices=list(MARKS), required=False, default="")
    what = serializers.ChoiceField(choices=[TURNS, DATES], required=False, default="", help_text="Only these.")
    mine = serializers.BooleanField(required=False, default=False, help_text="What you were asked for.")
    since = serializers.DateField(required=False, default=None, help_text="Without it: today.")
    until = serializers.DateField(required=False, default=None)
    show = serializers.ChoiceField(
        choices=[LATE, WAITING], required=False, default="", help_text="What is past due, or waits for a date, instead."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["since"] and given["until"] and given["since"] > given["until"]:
            raise ValidationError({"until": [_("That day comes before the first one.")]})
        return given


class AgendaHolderOut(serializers.Serializer[Any]):
    """The office or person that leads, who holds that office, and whom a substitute acts for; empty: nobody."""

    office = serializers.CharField(allow_blank=True)
    person = serializers.CharField(allow_blank=True)
    acting_for = serializers.CharField(allow_blank=True)


class AgendaLineOut(serializers.Serializer[Any]):
    """Something that falls on a day: the turn of a duty with its mark and holder, or a date of the calendar with its state."""

    kind = serializers.ChoiceField(choices=["turn", *HANGS])
    day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    day_precision = serializers.ChoiceField(choices=Precision.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    occurrence = serializers.CharField(allow_null=True)
    mark = MarkOut(allow_null=True)
    holder = AgendaHolderOut(allow_null=True)
    state = serializers.CharField(allow_null=True)


class _Lines(Pages):
    """Pages of the agenda, which is no queryset: a slice of it costs no more than its rows."""

    django_paginator_class = Paginator


class AgendaView(APIView):
    """Everything that falls due, in the order of its days."""

    @extend_schema(
        operation_id="agenda",
        description="What the page Agenda shows: turns of duties, sessions, sittings, meetings and document deadlines, from "
        "today on unless other days are asked for.",
        parameters=[
            AgendaIn,
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
        ],
        responses={200: AgendaLineOut(many=True), **refusals(400, 401, 404)},
        filters=False,
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        if unknown := sorted(set(asked) - {*AgendaIn().fields, *filters.PAGING}):
            raise ValidationError({name: [_("There is no such filter.")] for name in unknown})
        given = AgendaIn(data={name: value for name, value in asked.items() if name not in filters.PAGING})
        given.is_valid(raise_exception=True)
        found = diary(request.user, Narrowed(**given.validated_data))
        lines: Sequence[Line] = found.ahead
        if given.validated_data["show"] == WAITING:
            lines = [*found.waiting.dates, *found.waiting.rows]
        pages = _Lines()
        page = pages.paginate_queryset(lines, request, view=self)
        out = AgendaLineOut([_line(one) for one in page or []], many=True)
        return pages.get_paginated_response(out.data)


def _line(line: Line) -> dict[str, Any]:
    if isinstance(line, Turn):
        turn = line.occurrence
        return {
            "kind": "turn",
            "day": turn.due_on,
            "last_day": None,
            "day_precision": Precision.DAY if turn.due_on else Precision.UNKNOWN,
            "title": turn.obligation.title,
            "body": turn.body.slug,
            "occurrence": turn.reference,
            "mark": line.mark,
            "holder": line.holder,
            "state": None,
        }
    return _date(line)


def _date(line: Dated) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "day": line.first,
        "last_day": line.last,
        "day_precision": line.precision,
        "title": line.title,
        "body": line.body.slug,
        "occurrence": None,
        "mark": None,
        "holder": None,
        "state": line.state,
    }
