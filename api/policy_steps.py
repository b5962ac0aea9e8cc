"""Steps on policies of reminders, for programs."""

from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.calendar_steps import LONGEST_REASON, BodyStep, ResolutionField
from api.policies import NUMBER, PolicyOut
from api.steps_in import NameField, ReasonIn
from api.views import refusals
from tracker import access, ladders
from tracker.ladders import Rung
from tracker.models import Obligation, ReminderPolicy
from workflows import steps
from workflows.steps.policies import MOST_DAYS, MOST_RUNGS


class DeadlineField(NameField):
    """A document deadline as body/deadline, such as itu-council/contributions."""

    default_error_messages = {"unknown": gettext_lazy("There is no document deadline %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        body, _slash, slug = name.partition("/")
        found = access.deadline_rules(self.context["request"].user).filter(body__slug=body, slug=slug).first()
        if found is None:
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return f"{value.body.slug}/{value.slug}"


class ObligationField(NameField):
    """A duty that the caller may see, by its reference, such as itu-council/r1306-1.2."""

    default_error_messages = {"unknown": gettext_lazy("There is no duty %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        reference, _tilde, number = name.partition("~")
        body, _slash, short = reference.partition("/")
        seen = access.obligations(self.context["request"].user).filter(
            resolution__body__slug=body, number=int(number) if number.isdecimal() and len(number) < 5 else 1
        )
        texts = seen.filter(resolution__slug=short.partition("-")[0]) if "-" in short else seen.none()
        ours = texts.select_related("responsible__parent__parent").order_by("pk")
        found: Obligation | None = next((one for one in ours if one.reference == name), None)
        if found is None:
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.reference)


class RungIn(serializers.Serializer[Any]):
    """One reminder, as in the answer."""

    days = serializers.IntegerField(min_value=-MOST_DAYS, max_value=MOST_DAYS)
    working = serializers.BooleanField(required=False, default=False)
    anchor = serializers.ChoiceField(choices=ladders.ANCHORS, required=False, default=ladders.DUE)
    deadline = DeadlineField(required=False, allow_null=True, default=None)
    audience = serializers.ChoiceField(choices=ladders.AUDIENCES, required=False, default=ladders.HOLDER)

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        rule = given.pop("deadline")
        return Rung(**given, deadline=rule.pk if rule else None)


class ChangePolicyIn(serializers.Serializer[Any]):
    """Other parts of a draft; null or left out: as it is."""

    name = serializers.CharField(max_length=160, required=False, allow_null=True, default=None)
    rungs = serializers.ListField(
        child=RungIn(), max_length=2 * MOST_RUNGS, required=False, allow_null=True, default=None
    )
    most_per_item = serializers.IntegerField(required=False, allow_null=True, default=None)
    grace_days = serializers.IntegerField(required=False, allow_null=True, default=None)
    keeps_quiet = serializers.BooleanField(required=False, allow_null=True, default=None)


class DraftPolicyIn(ChangePolicyIn):
    """What it is for, and its parts; what is left out is as in the ladder that is built in for the kind."""

    name = serializers.CharField(max_length=160)
    kind = serializers.ChoiceField(choices=Obligation.Kind.choices, required=False, allow_blank=True, default="")
    resolution = ResolutionField(required=False, allow_null=True, default=None)
    obligation = ObligationField(required=False, allow_null=True, default=None)


class DropIn(serializers.Serializer[Any]):
    """Why, where there is something to say; it goes on record."""

    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True, default="")


class PolicyStep(BodyStep):
    """A step on a policy of reminders."""

    step = "set_policies"

    def answer(self, request: Request, policy: ReminderPolicy) -> Response:
        """The policy as it stands afterwards."""
        return Response(PolicyOut(access.policy(request.user, policy.pk)).data)


MAY = f" May be taken by: {access.who_may('set_policies')}."


class DraftPolicyView(PolicyStep):
    """Drafts a policy of reminders."""

    takes = DraftPolicyIn

    @extend_schema(
        operation_id="draft_policy",
        description=f"A draft of a body, for a resolution of its or one duty where named; it tells nobody.{MAY}",
        request=DraftPolicyIn,
        responses={201: PolicyOut, **refusals(400, 401, 403, 404)},
    )
    def post(self, request: Request, body: str) -> Response:
        organ = access.body(request.user, body)
        draft = steps.draft_policy(organ, by=request.user, **self.asked(request, SimpleNamespace(body=organ)))  # type: ignore[arg-type]
        answer = self.answer(request, draft)
        answer.status_code = 201
        return answer


class ChangePolicyView(PolicyStep):
    """Changes a draft."""

    takes = ChangePolicyIn

    @extend_schema(
        operation_id="change_policy",
        description=f"Other parts of a draft; a policy in force is never changed.{MAY}",
        parameters=[NUMBER],
        request=ChangePolicyIn,
        responses={200: PolicyOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        policy = access.policy(request.user, pk)
        steps.change_policy(policy, by=request.user, **self.asked(request, policy))  # type: ignore[arg-type]
        return self.answer(request, policy)


class PutInForceView(PolicyStep):
    """Puts a draft in force."""

    takes = ReasonIn

    @extend_schema(
        operation_id="put_in_force",
        description=f"The draft holds from now on; the policy that held for just the same ends.{MAY}",
        parameters=[NUMBER],
        request=ReasonIn,
        responses={200: PolicyOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        policy = access.policy(request.user, pk)
        steps.put_in_force(policy, by=request.user, **self.asked(request, policy))  # type: ignore[arg-type]
        return self.answer(request, policy)


class EndPolicyView(PolicyStep):
    """Ends a policy."""

    takes = ReasonIn

    @extend_schema(
        operation_id="end_policy",
        description=f"The next nearest policy holds instead, or what is built in.{MAY}",
        parameters=[NUMBER],
        request=ReasonIn,
        responses={200: PolicyOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        policy = access.policy(request.user, pk)
        steps.end_policy(policy, by=request.user, **self.asked(request, policy))  # type: ignore[arg-type]
        return self.answer(request, policy)


class DropDraftView(PolicyStep):
    """Gives a draft up."""

    takes = DropIn

    @extend_schema(
        operation_id="drop_draft",
        description=f"The draft stays on record and was never in force.{MAY}",
        parameters=[NUMBER],
        request=DropIn,
        responses={200: PolicyOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        policy = access.policy(request.user, pk)
        steps.drop_draft(policy, by=request.user, **self.asked(request, policy))  # type: ignore[arg-type]
        return self.answer(request, policy)
