"""What was promised to be told, what arrived for the caller, and how they want to be told, for programs."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.views import Reading, listed, refusals
from tracker import access, ledger
from tracker.models import Message, Notice, Occurrence, Person, Preferences
from tracker.preferences import DEFAULTS, LEADS, NAMES, in_words, wishes_of
from workflows import steps
from workflows.steps.preferences import edition
from workflows.steps.reading import mark_read

USUAL = {name: getattr(DEFAULTS, name) for name in NAMES}
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="The number of the notice.")
READ = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag of what was read.")


# Notices ---------------------------------------------------------------------------------------------------------------


class MailOut(serializers.ModelSerializer[Message]):
    """The mail that carried it, or is to carry it: when a worker last claimed it, when the server took it, what it said."""

    attempts = serializers.IntegerField(help_text="How often the mail server was asked.")

    class Meta:
        model = Message
        fields = ["message_id", "state", "attempts", "claimed_at", "sent_at", "answer"]


class NoticeOut(serializers.ModelSerializer[Notice]):
    """Something promised to be told to somebody. A reminder comes `rung` days after (negative: before) its `anchor`, by a
    `policy` (null: the built-in ladder). `read_at` is shown to whom it is for alone."""

    number = serializers.IntegerField(source="pk")
    to = serializers.SerializerMethodField(help_text="A user name; null while only the audience is known.")
    occurrence = serializers.SerializerMethodField(
        help_text="Null where it is about none, or none that the caller sees."
    )
    policy = serializers.CharField(source="policy.name", allow_null=True, default=None)
    rung = serializers.IntegerField(allow_null=True, help_text="Days from the due date; before it, negative.")
    why = serializers.SerializerMethodField(help_text="In words.")
    why_not = serializers.SerializerMethodField(
        help_text="Why it was not sent, in words; empty where nothing is to say."
    )
    read_at = serializers.SerializerMethodField()
    mail = MailOut(source="message", allow_null=True)

    class Meta:
        model = Notice
        fields = [
            "number", "kind", "audience", "to", "occurrence", "policy", "rung", "anchor", "why", "due_on", "planned_for", "state",
            "why_not", "reason_since", "created_at", "arrived_at", "read_at", "settled_at", "mail",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_to(self, notice: Notice) -> str | None:
        return notice.person.username if notice.person else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_occurrence(self, notice: Notice) -> str | None:
        about = notice.occurrence
        return about.reference if about is not None and about.pk in self.context["seen"] else None

    def get_why(self, notice: Notice) -> str:
        return ledger.why(notice)

    def get_why_not(self, notice: Notice) -> str:
        return ledger.reason(notice, ledger.zone_of(notice))

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_read_at(self, notice: Notice) -> Any:
        reader = self.context["request"].user
        if notice.read_at is None or notice.person_id != reader.pk:
            return None
        return serializers.DateTimeField().to_representation(notice.read_at)


class NoticeFilters(FilterSet):
    person = django_filters.CharFilter("person__username", help_text="A user name.")
    occurrence = django_filters.CharFilter("occurrence__reference", help_text="Such as itu-council/r1306-1.2-c17.")
    resolution = django_filters.CharFilter("occurrence__resolution__slug", help_text="Such as r1306.")
    kind = django_filters.MultipleChoiceFilter(choices=Notice.Kind.choices)
    audience = django_filters.ChoiceFilter(choices=Notice.Audience.choices)
    state = django_filters.MultipleChoiceFilter(choices=Notice.State.choices)
    planned_from = django_filters.DateFilter(
        "planned_for", lookup_expr="gte", help_text="Planned for this day or later."
    )
    planned_until = django_filters.DateFilter(
        "planned_for", lookup_expr="lte", help_text="Planned for this day or earlier."
    )
    words = django_filters.CharFilter(method="saying", help_text="Words of a reason or of a mail server's answer.")
    arrived = django_filters.BooleanFilter(method="has_arrived", help_text="Arrived for the caller, in the product.")
    unread = django_filters.BooleanFilter(method="is_unread", help_text="Of what arrived for the caller, the unread.")

    class Meta:
        model = Notice
        fields = ["person", "occurrence", "resolution", "kind", "audience", "state"]

    def saying(self, queryset: QuerySet[Notice], _name: str, value: str) -> QuerySet[Notice]:
        return ledger.narrowed(queryset, {"words": value})

    def has_arrived(self, queryset: QuerySet[Notice], _name: str, value: bool) -> QuerySet[Notice]:
        mine = Q(pk__in=access.notifications(self.request.user).values("pk"))
        return queryset.filter(mine if value else ~mine)

    def is_unread(self, queryset: QuerySet[Notice], _name: str, value: bool) -> QuerySet[Notice]:
        arrived = access.notifications(self.request.user)
        return queryset.filter(pk__in=arrived.filter(read_at__isnull=value).values("pk"))


class NoticeViews(Reading):
    """What was promised to be told: the caller's own; that about the bodies of which they are chair, vice-chair, secretary or
    auditor; and with `occurrence` all about that item, as its page shows it."""

    serializer_class = NoticeOut
    filterset_class = NoticeFilters
    lookup_field, lookup_value_regex = "number", r"[0-9]{1,15}"
    seen: set[int] = set()  # of the occurrences that the page is about, those that the reader sees

    def get_queryset(self) -> QuerySet[Any]:
        about = self._about()
        found = access.notices_about(self.reader, about) if about else access.notices(self.reader)
        return ledger.in_full(found).order_by("pk")

    def _about(self) -> Occurrence | None:
        reference = self.request.query_params.get("occurrence", "")
        if not reference or "\x00" in reference:
            return None
        return access.occurrences(self.reader).filter(reference=reference).first()

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        found = super().paginate_queryset(queryset)
        self.seen = ledger.seen_of(found or [], self.reader)
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "seen": self.seen}

    @listed(NoticeOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[NUMBER], responses={200: NoticeOut, **refusals(401, 404)})
    def retrieve(self, _request: Request, number: str) -> Response:
        found = access.notice(self.reader, int(number))
        notice = ledger.in_full(Notice.objects.filter(pk=found.pk)).get()
        self.seen = ledger.seen_of([notice], self.reader)
        return Response(self.get_serializer(notice).data)


# What was read ---------------------------------------------------------------------------------------------------------


class ReadIn(serializers.Serializer[Any]):
    """Which of the caller's notifications they have read: `numbers`, or `all`."""

    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62), required=False, max_length=1000
    )
    all = serializers.BooleanField(default=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if bool(given.get("numbers")) == given["all"]:
            raise serializers.ValidationError(_("Give numbers, or all."))
        return given


class ReadOut(serializers.Serializer[Any]):
    """How many were unread until now, and how many still are (99 at most, then 100)."""

    marked = serializers.IntegerField()
    unread = serializers.IntegerField()


class NotificationsReadView(APIView):
    """Marks what arrived for the caller as read."""

    @extend_schema(
        operation_id="notifications_read",
        request=ReadIn,
        responses={200: ReadOut, **refusals(400, 401)},
    )
    def post(self, request: Request) -> Response:
        by = request.user
        assert isinstance(by, Person)  # noqa: S101  (authentication gave one)
        given = ReadIn(data=request.data)
        given.is_valid(raise_exception=True)
        numbers = None if given.validated_data["all"] else given.validated_data["numbers"]
        marked = mark_read(numbers, by=by)
        return Response(ReadOut({"marked": marked, "unread": access.unread(by)}).data)


# Preferences -----------------------------------------------------------------------------------------------------------


class PreferencesIn(serializers.Serializer[Any]):
    """How the caller wants to be told. What is not named goes back to how it is for everybody who never said."""

    language = serializers.CharField(allow_blank=True, required=False, max_length=10)
    channel = serializers.ChoiceField(choices=Preferences.Channel.choices, required=False)
    pace = serializers.ChoiceField(choices=Preferences.Pace.choices, required=False)
    digest_hour = serializers.IntegerField(min_value=0, max_value=23, required=False)
    time_zone = serializers.CharField(
        allow_blank=True,
        required=False,
        max_length=60,
        help_text="Such as Europe/Zurich; empty: that of the body that writes.",
    )
    lead_days = serializers.ChoiceField(
        choices=[(days, days) for days in LEADS],
        allow_null=True,
        required=False,
        help_text="Null: as early as the policy says.",
    )
    weekly = serializers.BooleanField(required=False)


class PreferencesOut(serializers.Serializer[Any]):
    """How the caller is told; `words` says in sentences what it means."""

    language = serializers.CharField()
    channel = serializers.ChoiceField(choices=Preferences.Channel.choices)
    pace = serializers.ChoiceField(choices=Preferences.Pace.choices)
    digest_hour = serializers.IntegerField()
    time_zone = serializers.CharField()
    lead_days = serializers.IntegerField(allow_null=True)
    weekly = serializers.BooleanField()
    words = serializers.ListField(child=serializers.CharField())


class PreferencesView(APIView):
    """How the caller wants to be told."""

    @extend_schema(operation_id="preferences", responses={200: PreferencesOut, **refusals(401)})
    def get(self, request: Request) -> Response:
        return _preferences(request)

    @extend_schema(
        operation_id="preferences_set",
        description="Set all of it: what is not named goes back to its default.",
        parameters=[READ],
        request=PreferencesIn,
        responses={200: PreferencesOut, **refusals(400, 401, 412)},
    )
    def put(self, request: Request) -> Response:
        given = PreferencesIn(data=request.data)
        given.is_valid(raise_exception=True)
        read = request.headers.get("If-Match", "").strip().strip('"')
        steps.set_preferences(USUAL | {"language": ""} | given.validated_data, by=_caller(request), read=read)
        return _preferences(request)

    @extend_schema(
        operation_id="preferences_reset",
        description="Back to how it is for everybody who never said; the language stays.",
        responses={200: PreferencesOut, **refusals(401)},
    )
    def delete(self, request: Request) -> Response:
        steps.set_preferences(USUAL, by=_caller(request))
        return _preferences(request)


def _caller(request: Request) -> Person:
    by = request.user
    assert isinstance(by, Person)  # noqa: S101  (authentication gave one)
    return by


def _preferences(request: Request) -> Response:
    """As they stand, with the mark of their edition."""
    by = _caller(request)
    wishes = wishes_of([by.pk])[by.pk]
    said = {name: getattr(wishes, name) for name in NAMES}
    words = in_words(wishes, by.language, chairs=access.CHAIR in access.roles(by))
    out = PreferencesOut({"language": by.language, **said, "words": words}).data
    return Response(out, headers={"ETag": f'"{edition(by)}"'})
