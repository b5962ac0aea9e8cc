"""Policies of reminders, for programs: what holds for what, a ladder in words, and a year foretold."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import filters
from api.views import Reading, listed, refusals
from tracker import access, ladders, rungs
from tracker.ladders import Rung
from tracker.models import DeadlineRule, ReminderPolicy
from tracker.policies import as_ladder
from workflows import foretelling, ruling
from workflows.foretelling import Foretold, Outlook

NUMBER = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The number of a policy.")


# What goes out ----------------------------------------------------------------------------------------------------------


class RungOut(serializers.Serializer[Any]):
    """One reminder: so many days (`working`: working days) before (negative) or after what it hangs on, to whom; `deadline` is
    the short name of the document deadline that it hangs on."""

    days = serializers.IntegerField()
    working = serializers.BooleanField()
    anchor = serializers.ChoiceField(choices=ladders.ANCHORS)
    deadline = serializers.CharField(allow_null=True)
    audience = serializers.ChoiceField(choices=ladders.AUDIENCES)
    words = serializers.CharField()


class PolicyOut(serializers.ModelSerializer[ReminderPolicy]):
    """A policy of reminders. The one in force with the nearest scope holds; see `for_what`."""

    number = serializers.IntegerField(source="pk")
    body = serializers.CharField(source="body.slug")
    resolution = serializers.CharField(source="resolution.reference", allow_null=True, default=None)
    obligation = serializers.CharField(source="obligation.reference", allow_null=True, default=None)
    for_what = serializers.SerializerMethodField()
    rungs = serializers.SerializerMethodField()
    contract = serializers.SerializerMethodField()

    class Meta:
        model = ReminderPolicy
        fields = [
            "number",
            "name",
            "body",
            "resolution",
            "obligation",
            "kind",
            "for_what",
            "state",
            "in_force_since",
            "ended_at",
            "most_per_item",
            "grace_days",
            "keeps_quiet",
            "rungs",
            "contract",
        ]

    def get_for_what(self, policy: ReminderPolicy) -> str:
        return rungs.subject(policy)

    @extend_schema_field(RungOut(many=True))
    def get_rungs(self, policy: ReminderPolicy) -> Any:
        ladder = as_ladder(policy)
        rules = self.context["rules"] if "rules" in self.context else rungs.deadlines(ladder.rungs)
        return [
            {
                "days": one.days,
                "working": one.working,
                "anchor": one.anchor,
                "deadline": _slug(one, rules),
                "audience": one.audience,
                "words": rungs.in_words(one, rules),
            }
            for one in rungs.ordered(ladder.rungs)
        ]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_contract(self, policy: ReminderPolicy) -> list[str]:
        return ruling.contract(as_ladder(policy))


def _slug(rung: Rung, rules: dict[int, DeadlineRule]) -> str | None:
    rule = rules.get(rung.deadline or 0)
    return f"{rule.body.slug}/{rule.slug}" if rule else None


class ReminderOut(serializers.Serializer[Any]):
    """A reminder in a mail; `foreseen` where the calendar has still to bring the turn."""

    occurrence = serializers.CharField(source="occurrence.reference")
    due_on = serializers.DateField(source="occurrence.due_on")
    when = serializers.SerializerMethodField()
    audience = serializers.CharField(source="rung.audience")
    foreseen = serializers.BooleanField()

    def get_when(self, reminder: Any) -> str:
        return rungs.when(reminder.rung, self.context.get("rules"))


class ForetoldMailOut(serializers.Serializer[Any]):
    """What one mail of a person would hold."""

    day = serializers.DateField()
    reminders = ReminderOut(many=True)


class MonthOut(serializers.Serializer[Any]):
    """How many mails in a month, now and with the draft."""

    month = serializers.CharField(help_text="Such as 2018-03.")
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class OutlookOut(serializers.Serializer[Any]):
    """A person's year: how many mails now and with the draft, by month; `mails` those with the draft, where they were asked
    for."""

    person = serializers.CharField()
    name = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    months = MonthOut(many=True)
    mails = ForetoldMailOut(many=True, allow_null=True)


class ForetoldOut(serializers.Serializer[Any]):
    """A year of mails with reminders, should nobody report anything."""

    first = serializers.DateField()
    last = serializers.DateField()
    turns = serializers.IntegerField()
    foreseen = serializers.IntegerField()
    undated = serializers.IntegerField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    people = OutlookOut(many=True)


# Reading ----------------------------------------------------------------------------------------------------------------


class PolicyViews(Reading):
    """Policies of reminders: those in force, those that were, and the drafts of whoever may change them."""

    serializer_class = PolicyOut
    filterset_class = filters.PolicyFilters
    lookup_value_regex = "[0-9]{1,15}"

    def get_queryset(self) -> QuerySet[Any]:
        return (
            access.policies(self.reader)
            .select_related("resolution__body", "obligation__resolution__body")
            .order_by("pk")
        )

    @listed(PolicyOut)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(found) or []
        rules = rungs.deadlines(rung for one in page for rung in ladders.read(one.rungs))
        shown = PolicyOut(page, many=True, context={"request": request, "rules": rules})
        return self.get_paginated_response(shown.data)

    @extend_schema(parameters=[NUMBER], responses={200: PolicyOut, **refusals(401, 404)})
    def retrieve(self, _request: Request, pk: str) -> Response:
        return Response(PolicyOut(access.policy(self.reader, int(pk))).data)


class SimulationView(APIView):
    """What the coming year would mail to whom."""

    @extend_schema(
        operation_id="simulation",
        description="How many mails with reminders each person would get within a year about what the caller may see, should nobody "
        "report anything: with a draft in place of what holds for the same; of a policy in force, as it is. With "
        "`person` also which mails that person would get.",
        parameters=[NUMBER, OpenApiParameter("person", str, description="A user name.")],
        responses={200: ForetoldOut, **refusals(400, 401, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        policy = access.policy(request.user, pk)
        if unknown := sorted(set(request.query_params) - {"person"}):
            raise ValidationError({name: [_("There is no such filter.")] for name in unknown})
        draft = policy if policy.state == ReminderPolicy.State.DRAFT else None
        found = foretelling.foretell(request.user, body=policy.body, draft=draft)
        return Response(_foretold(found, request.query_params.get("person", "")))


def _foretold(found: Foretold, person: str) -> Any:
    named = next((one for one in found.people if one.person.username == person), None)
    shown = [said.rung for told in (named.then.days.values() if named else ()) for said in told]
    told = {name: getattr(found, name) for name in ("first", "last", "turns", "foreseen", "undated", "before", "after")}
    people = [_outlook(one, found.months, one is named) for one in found.people]
    return ForetoldOut({**told, "people": people}, context={"rules": rungs.deadlines(shown)}).data


def _outlook(one: Outlook, months: Sequence[date], in_full: bool) -> dict[str, Any]:
    pairs = zip(months, one.before.by_month(months), one.then.by_month(months), strict=True)
    mails = [{"day": day, "reminders": told} for day, told in one.then.days.items()] if in_full else None
    return {
        "person": one.person.username,
        "name": one.person.name,
        "before": one.before.mails,
        "after": one.then.mails,
        "months": [{"month": f"{month:%Y-%m}", "before": was, "after": then} for month, was, then in pairs],
        "mails": mails,
    }
