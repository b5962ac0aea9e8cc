"""What lists can be narrowed by. A name that is no filter is refused, so that a typing error never shows too much."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError as BadInput
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tracker import clock, queries
from tracker.models import (
    Body,
    Event,
    Means,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    ReminderPolicy,
    Resolution,
    Role,
    Session,
    State,
)
from tracker.verbs import VERBS

PAGING = {"page", "page_size", "format"}


class StrictFilters(DjangoFilterBackend):
    """django-filter's backend, with 400 for names that it does not know."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        known = PAGING | set(filterset.base_filters if filterset else ())
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: [_("There is no such filter.")] for name in unknown})
        return super().filter_queryset(request, queryset, view)


class MomentField(django_filters.fields.IsoDateTimeField):
    """A moment that has a place in UTC: at the ends of the calendar another zone can lie beyond it."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment.astimezone(UTC) if moment else None
        except OverflowError as error:
            raise BadInput(_("That moment is beyond the calendar.")) from error


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class ResolutionFilters(FilterSet):
    body = django_filters.CharFilter("body__slug", help_text="A body's short name, such as itu-council.")

    class Meta:
        model = Resolution
        fields = ["body"]


class ParagraphFilters(FilterSet):
    body = django_filters.CharFilter("version__resolution__body__slug")
    resolution = django_filters.CharFilter("version__resolution__slug", help_text="Such as r1306.")
    version = django_filters.CharFilter("version__label", help_text="Such as C15.")
    kind = django_filters.ChoiceFilter(choices=Paragraph.Kind.choices)
    disposition = django_filters.ChoiceFilter(choices=Paragraph.Disposition.choices)

    class Meta:
        model = Paragraph
        fields = ["body", "resolution", "version", "kind", "disposition"]


class ObligationFilters(FilterSet):
    body = django_filters.CharFilter("resolution__body__slug")
    resolution = django_filters.CharFilter("resolution__slug")
    kind = django_filters.ChoiceFilter(choices=Obligation.Kind.choices)

    class Meta:
        model = Obligation
        fields = ["body", "resolution", "kind"]


class OccurrenceFilters(FilterSet):
    body = django_filters.CharFilter("body__slug")
    resolution = django_filters.CharFilter("resolution__slug")
    session = django_filters.CharFilter("session__code", lookup_expr="iexact", help_text="Such as c18.")
    kind = django_filters.ChoiceFilter("obligation__kind", choices=Obligation.Kind.choices)
    status = django_filters.MultipleChoiceFilter(choices=Occurrence._meta.get_field("status").choices)
    due_from = django_filters.DateFilter("due_on", lookup_expr="gte", help_text="Due on this day or later.")
    due_until = django_filters.DateFilter("due_on", lookup_expr="lte", help_text="Due on this day or earlier.")
    on_hold = django_filters.BooleanFilter()
    lead = django_filters.CharFilter(method="led_by", help_text="A user name, or an office as body/office.")

    vacant = django_filters.BooleanFilter(method="led_by_no_one", help_text="Led by an office that no one holds today.")

    class Meta:
        model = Occurrence
        fields = [
            "body",
            "resolution",
            "session",
            "kind",
            "status",
            "due_from",
            "due_until",
            "on_hold",
            "lead",
            "vacant",
        ]

    def led_by_no_one(self, queryset: QuerySet[Occurrence], _name: str, value: bool) -> QuerySet[Occurrence]:
        empty = queries.vacant(queryset, clock.today())
        return empty if value else queryset.exclude(pk__in=empty.order_by().values("pk"))

    def led_by(self, queryset: QuerySet[Occurrence], _name: str, value: str) -> QuerySet[Occurrence]:
        leads = {"assignments__part": "lead", "assignments__ended_at": None}
        body, slash, office = value.partition("/")
        if slash:
            return queryset.filter(**leads, assignments__office__body__slug=body, assignments__office__slug=office)
        return queryset.filter(**leads, assignments__person__username=value)


class EventFilters(FilterSet):
    body = django_filters.CharFilter("body__slug")
    verb = django_filters.ChoiceFilter(choices=[(verb, verb) for verb in VERBS])
    subject = django_filters.CharFilter(
        "subject_reference", help_text="A reference, such as itu-council/r1306-1.2-c17."
    )
    actor = django_filters.CharFilter("actor__username")
    means = django_filters.ChoiceFilter(choices=Means.choices)
    recorded_from = MomentFilter("recorded_at", lookup_expr="gte")
    recorded_until = MomentFilter("recorded_at", lookup_expr="lte")
    effective_from = django_filters.DateFilter("effective_on", lookup_expr="gte")
    effective_until = django_filters.DateFilter("effective_on", lookup_expr="lte")

    class Meta:
        model = Event
        fields = ["body", "verb", "subject", "actor", "means"]


class PolicyFilters(FilterSet):
    body = django_filters.CharFilter("body__slug", help_text="Such as cwg-cop.")
    kind = django_filters.ChoiceFilter(choices=Obligation.Kind.choices)
    resolution = django_filters.CharFilter(method="of_resolution", help_text="Such as itu-council/r1306.")
    state = django_filters.ChoiceFilter(choices=ReminderPolicy.State.choices)

    class Meta:
        model = ReminderPolicy
        fields = ["body", "kind", "state"]

    def of_resolution(self, queryset: QuerySet[ReminderPolicy], _name: str, value: str) -> QuerySet[ReminderPolicy]:
        body, _slash, slug = value.partition("/")
        return queryset.filter(resolution__body__slug=body, resolution__slug=slug)


class BodyFilters(FilterSet):
    kind = django_filters.ChoiceFilter(choices=Body.Kind.choices)
    parent = django_filters.CharFilter("parent__slug", help_text="The body that it is a group of.")

    class Meta:
        model = Body
        fields = ["kind", "parent"]


class OfficeFilters(FilterSet):
    body = django_filters.CharFilter("body__slug", help_text="Such as cwg-cop.")
    role = django_filters.ChoiceFilter(choices=Role.choices)

    class Meta:
        model = Office
        fields = ["body", "role"]


class SessionFilters(FilterSet):
    body = django_filters.CharFilter("body__slug", help_text="Such as itu-council.")
    kind = django_filters.ChoiceFilter(choices=Session.Kind.choices)
    state = django_filters.ChoiceFilter(choices=State.choices)
    opens_from = django_filters.DateFilter("opens", lookup_expr="gte", help_text="Opens on this day or later.")
    opens_until = django_filters.DateFilter("opens", lookup_expr="lte", help_text="Opens on this day or earlier.")

    class Meta:
        model = Session
        fields = ["body", "kind", "state"]


class MeetingFilters(FilterSet):
    body = django_filters.CharFilter("body__slug", help_text="The group, such as cwg-cop.")
    state = django_filters.ChoiceFilter(choices=State.choices)
    begins_from = django_filters.DateFilter("begins", lookup_expr="gte", help_text="Begins on this day or later.")
    begins_until = django_filters.DateFilter("begins", lookup_expr="lte", help_text="Begins on this day or earlier.")

    class Meta:
        model = Meeting
        fields = ["body", "state"]
