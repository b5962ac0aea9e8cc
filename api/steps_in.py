"""What each step takes (…In): one serializer a step, checked before the step is tried. Nothing here saves."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker import access
from tracker.models import Activity, Decision, Office, Person, Precision, Visibility

LONGEST_NAME = 200


class NameField(serializers.CharField):
    """A name of something that there is. Names that no database could hold are refused before one is asked."""

    def words(self, data: Any) -> str:
        """The name as text, or ValidationError."""
        name: str = super().to_internal_value(data)
        if not name.isprintable():  # NUL and lone surrogates too
            raise serializers.ValidationError(_("This holds a character that cannot be kept."))
        if len(name) > LONGEST_NAME:
            raise serializers.ValidationError(_("This is longer than any name."))
        return name


class PartyField(NameField):
    """A user name (`contributor`) or an office as body/office (`cwg-cop/chair`)."""

    default_error_messages = {"unknown": _("There is no person or office named %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        found = access.party(name)
        if found is None:
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return f"{value.body.slug}/{value.slug}" if isinstance(value, Office) else value.username


class SessionField(NameField):
    """A session as body/code, such as itu-council/c18."""

    default_error_messages = {"unknown": _("There is no session %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        body, _slash, code = name.partition("/")
        found = access.sessions(_reader(self)).filter(body__slug=body, code__iexact=code).first()
        if found is None:
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return f"{value.body.slug}/{value.slug}"


class BodyField(NameField):
    """A body by its short name, such as itu-council."""

    default_error_messages = {"unknown": _("There is no body %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        found = access.bodies(_reader(self)).filter(slug=name).first()
        if found is None:
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.slug)


class MeetingField(NameField):
    """A meeting as group/number, such as cwg-cop/14."""

    default_error_messages = {"unknown": _("There is no meeting %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        body, _slash, number = name.partition("/")
        known = number.isascii() and number.isdigit() and len(number) < 9
        found = access.meetings(_reader(self)).filter(body__slug=body, number=number).first() if known else None
        if found is None:
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return f"{value.body.slug}/{value.number}"


def _reader(field: serializers.Field[Any, Any, Any, Any]) -> Any:
    request = field.context.get("request")
    return request.user if request else Person()


class DecisionIn(serializers.Serializer[Any]):
    """A citation: the body's session, document and paragraph, what it did, and the day as far as it is known."""

    session = SessionField()
    document = serializers.CharField(max_length=80)
    paragraph = serializers.CharField(max_length=40)
    outcome = serializers.ChoiceField(choices=Decision.Outcome.choices)
    decided_on = serializers.DateField(required=False, allow_null=True)
    precision = serializers.ChoiceField(choices=Precision.choices, default=Precision.DAY)
    words = serializers.CharField(required=False, allow_blank=True, max_length=20_000, default="")


def _reason(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=4000, **more)


def _optional() -> serializers.CharField:
    return serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class AssignIn(serializers.Serializer[Any]):
    lead = PartyField()
    contributors = serializers.ListField(child=PartyField(), required=False, max_length=50, default=list)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    due_on = serializers.DateField(required=False, allow_null=True, default=None)


class ReassignIn(serializers.Serializer[Any]):
    lead = PartyField()
    reason = _reason()
    contributors = serializers.ListField(
        child=PartyField(), required=False, allow_null=True, max_length=50, default=None
    )


class AddContributorsIn(serializers.Serializer[Any]):
    contributors = serializers.ListField(child=PartyField(), min_length=1, max_length=50)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ReleaseContributorIn(serializers.Serializer[Any]):
    contributor = PartyField()
    reason = _reason()


class FinishPartIn(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class AskNewDateIn(serializers.Serializer[Any]):
    wanted_on = serializers.DateField()
    reason = serializers.CharField(max_length=1000)


class GrantNewDateIn(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    due_on = serializers.DateField(required=False, allow_null=True, default=None)


class RefuseNewDateIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)


class ReasonIn(serializers.Serializer[Any]):
    reason = _reason()


class OptionalReasonIn(serializers.Serializer[Any]):
    reason = _optional()


class NoteIn(serializers.Serializer[Any]):
    note = _optional()


class RecordActivityIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=100_000)
    happened_on = serializers.DateField(required=False, allow_null=True)
    precision = serializers.ChoiceField(choices=Precision.choices, default=Precision.DAY)
    stakeholder = serializers.ChoiceField(
        choices=Activity.Stakeholder.choices, required=False, allow_blank=True, default=""
    )
    source = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")  # type: ignore[assignment]
    files = serializers.ListField(child=serializers.FileField(), required=False, max_length=20, default=list)


class SubmitIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=500_000, required=False, allow_blank=True, default="")
    symbol = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    nothing_happened = serializers.BooleanField(default=False)
    visibility = serializers.ChoiceField(choices=Visibility.choices, default=Visibility.MEMBERS)
    files = serializers.ListField(child=serializers.FileField(), required=False, max_length=20, default=list)


class CloseIn(serializers.Serializer[Any]):
    decision = DecisionIn()
    note = _optional()


class WaiveIn(serializers.Serializer[Any]):
    decision = DecisionIn()
    reason = _optional()


class ReopenIn(serializers.Serializer[Any]):
    reason = _reason()
    decision = DecisionIn(required=False, allow_null=True, default=None)
    lead = PartyField(required=False, allow_null=True, default=None)


class EnterFromRecordIn(serializers.Serializer[Any]):
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]
    effective_on = serializers.DateField(required=False, allow_null=True, default=None)
    precision = serializers.ChoiceField(choices=Precision.choices, default=Precision.UNKNOWN)
    symbol = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=500_000, required=False, allow_blank=True, default="")
    nothing_happened = serializers.BooleanField(default=False)
    decision = DecisionIn(required=False, allow_null=True, default=None)
    visibility = serializers.ChoiceField(choices=Visibility.choices, default=Visibility.MEMBERS)


class HoldIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)
    waiting_on = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    waiting_on_body = BodyField(required=False, allow_null=True, default=None)
    waiting_on_session = SessionField(required=False, allow_null=True, default=None)
    waiting_on_meeting = MeetingField(required=False, allow_null=True, default=None)


class ChangeDueDateIn(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    reason = _reason()


class CorrectIn(serializers.Serializer[Any]):
    event = serializers.IntegerField(min_value=1, max_value=2_000_000_000)
    reason = _reason()
    effective_on = serializers.DateField(required=False, allow_null=True, default=None)
    precision = serializers.ChoiceField(choices=Precision.choices, required=False, allow_blank=True, default="")
    symbol = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


STEP_INPUT: dict[str, type[serializers.Serializer[Any]]] = {
    "assign": AssignIn,
    "unassign": ReasonIn,
    "accept": NoteIn,
    "decline": ReasonIn,
    "record_activity": RecordActivityIn,
    "submit": SubmitIn,
    "withdraw": OptionalReasonIn,
    "send_back": ReasonIn,
    "endorse": NoteIn,
    "close": CloseIn,
    "waive": WaiveIn,
    "supersede": ReasonIn,
    "reopen": ReopenIn,
    "enter_from_record": EnterFromRecordIn,
    "hold": HoldIn,
    "resume": NoteIn,
    "change_due_date": ChangeDueDateIn,
    "correct": CorrectIn,
    "reassign": ReassignIn,
    "add_contributors": AddContributorsIn,
    "release_contributor": ReleaseContributorIn,
    "finish_part": FinishPartIn,
    "ask_new_date": AskNewDateIn,
    "grant_new_date": GrantNewDateIn,
    "refuse_new_date": RefuseNewDateIn,
    "validate": NoteIn,
}
