"""Steps on the calendar and on offices, for programs. A move can be looked at first (`dry_run=true`): it is made and undone."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.calendar import OfficeOut, full_offices
from api.dry import IF_MATCH, is_dry, marked
from api.steps_in import NameField
from api.views import refusals
from tracker import access
from tracker.models import Meeting, Office, Person, Precision, Session, Term
from workflows import steps
from workflows.refusals import require_on_body

LONGEST_REASON = 4000
DRY_RUN = OpenApiParameter("dry_run", bool, description="Only say what would move and who would be told.")


class PersonField(NameField):
    """An active person by user name."""

    default_error_messages = {"unknown": gettext_lazy("There is no person named %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        found = access.party(name)
        if not isinstance(found, Person):
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.username)


class ResolutionField(NameField):
    """A resolution that the caller may see, as body/resolution."""

    default_error_messages = {"unknown": gettext_lazy("There is no resolution %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:
        name = self.words(data)
        body, _slash, slug = name.partition("/")
        found = access.resolutions(self.context["request"].user).filter(body__slug=body, slug=slug).first()
        if found is None:
            raise serializers.ValidationError(self.error_messages["unknown"] % {"name": name})
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.reference)


def _known_to() -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=Precision.choices, required=False, default=Precision.DAY)


class MoveSessionIn(serializers.Serializer[Any]):
    """The new days; `opens` null postpones it without a date."""

    opens = serializers.DateField(allow_null=True)
    closes = serializers.DateField(required=False, allow_null=True, default=None)
    precision = _known_to()
    reason = serializers.CharField(max_length=LONGEST_REASON)


class MoveMeetingIn(serializers.Serializer[Any]):
    """The new days; `begins` null postpones it without a date."""

    begins = serializers.DateField(allow_null=True)
    ends = serializers.DateField(required=False, allow_null=True, default=None)
    precision = _known_to()
    reason = serializers.CharField(max_length=LONGEST_REASON)


class AppointIn(serializers.Serializer[Any]):
    """Whom, from when (without a day: today) to when (null: open), and as what."""

    person = PersonField()
    begins = serializers.DateField(required=False, allow_null=True, default=None)
    ends = serializers.DateField(required=False, allow_null=True, default=None)
    part = serializers.ChoiceField(choices=Term.Part.choices, required=False, default=Term.Part.HOLDER)


class EndIn(serializers.Serializer[Any]):
    """The last day; without it: today."""

    ends = serializers.DateField(required=False, allow_null=True, default=None)


class SubstituteIn(serializers.Serializer[Any]):
    """Who acts for the holder, between which days, for every resolution or for one."""

    substitute = PersonField()
    begins = serializers.DateField()
    ends = serializers.DateField()
    resolution = ResolutionField(required=False, allow_null=True, default=None)


class MovedOut(serializers.Serializer[Any]):
    """The turn of a duty that moves along."""

    reference = serializers.CharField()
    title = serializers.CharField()
    due_before = serializers.DateField(allow_null=True)
    due_after = serializers.DateField(allow_null=True)


class MoveOut(serializers.Serializer[Any]):
    """What moves with it (of what the caller may not see only the number), how many turns are new, and who is told. `done` is
    false for a dry run."""

    done = serializers.BooleanField()
    moved = MovedOut(many=True)
    unseen = serializers.IntegerField()
    opened = serializers.IntegerField()
    told = serializers.ListField(child=serializers.CharField())


class BodyStep(APIView):
    """A step on a thing of a body. Asked in the order of every step: is it there (404), may you (403), are the words there
    (400); then the very verb that the pages call."""

    step = ""
    takes: type[serializers.Serializer[Any]]

    def asked(self, request: Request, thing: Any) -> dict[str, Any]:
        """The words, once it is clear that the caller may."""
        assert isinstance(request.user, Person)  # noqa: S101  (authentication gave one)
        require_on_body(request.user, self.step, thing.body)
        given = self.takes(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)


def _moved(request: Request, thing: Any, move: Callable[[], Any]) -> Response:
    """Look at a move, and make it unless it is a dry run."""
    by, dry = request.user, is_dry(request)
    assert isinstance(by, Person)  # noqa: S101  (authentication gave one)
    with transaction.atomic():
        found = steps.foresee(move, by=by)
        facts = [(one.occurrence.pk, one.old, one.new) for one in found.moved]
        mark = marked(
            request, (facts, found.opened), _("Something else would move by now: look at it once more."), thing
        )
        if not dry:
            move()
    ids = [one.occurrence.pk for one in found.moved]
    visible = set(access.occurrences(by).filter(pk__in=ids).values_list("pk", flat=True))
    shown = [one for one in found.moved if one.occurrence.pk in visible]
    told = {
        "done": not dry,
        "moved": [
            {
                "reference": one.occurrence.reference,
                "title": one.occurrence.obligation.title,
                "due_before": one.old,
                "due_after": one.new,
            }
            for one in shown
        ],
        "unseen": len(found.moved) - len(shown),
        "opened": found.opened,
        "told": [person.username for person in found.told],
    }
    return Response(MoveOut(told).data, headers=mark)


class MoveSessionView(BodyStep):
    """Moves a session, and all that hangs on it."""

    step, takes = "move_session", MoveSessionIn

    @extend_schema(
        operation_id="move_session",
        description=f"Other days for a session; what hangs on it moves along. May be taken by: {access.who_may('move_session')}.",
        parameters=[DRY_RUN, IF_MATCH],
        request=MoveSessionIn,
        responses={200: MoveOut, **refusals(400, 401, 403, 404, 409, 412)},
    )
    def post(self, request: Request, body: str, code: str) -> Response:
        session: Session = access.session(request.user, body, code)
        given = self.asked(request, session)
        return _moved(request, session, lambda: steps.move_session(session, by=request.user, **given))  # type: ignore[arg-type]


class MoveMeetingView(BodyStep):
    """Moves a meeting, and all that hangs on it."""

    step, takes = "move_meeting", MoveMeetingIn

    @extend_schema(
        operation_id="move_meeting",
        description=f"Other days for a meeting; what hangs on it moves along. May be taken by: {access.who_may('move_meeting')}.",
        parameters=[DRY_RUN, IF_MATCH],
        request=MoveMeetingIn,
        responses={200: MoveOut, **refusals(400, 401, 403, 404, 409, 412)},
    )
    def post(self, request: Request, body: str, number: int) -> Response:
        meeting: Meeting = access.meeting(request.user, body, number)
        given = self.asked(request, meeting)
        return _moved(request, meeting, lambda: steps.move_meeting(meeting, by=request.user, **given))  # type: ignore[arg-type]


def _answer(office: Office, reader: Any) -> Response:
    """The office as it stands afterwards."""
    return Response(OfficeOut(full_offices(access.offices(reader)).get(pk=office.pk)).data)


def _row(rows: Any, number: int) -> Any:
    found = rows.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such term."))
    return found


class AppointView(BodyStep):
    """Appoints somebody to an office."""

    step, takes = "appoint", AppointIn

    @extend_schema(
        operation_id="appoint",
        description="Begin a term. What the present holder has left of one ends the day before, and a hand-over is opened. May be "
        f"taken by: {access.who_may('appoint')}.",
        request=AppointIn,
        responses={200: OfficeOut, **refusals(400, 401, 403, 404)},
    )
    def post(self, request: Request, body: str, office: str) -> Response:
        seat = access.office(request.user, body, office)
        steps.appoint(seat, by=request.user, **self.asked(request, seat))  # type: ignore[arg-type]
        return _answer(seat, request.user)


class EndTermView(BodyStep):
    """Ends a term."""

    step, takes = "appoint", EndIn

    @extend_schema(
        operation_id="end_term",
        description=f"End a term on a day; its duties stay with the office. May be taken by: {access.who_may('appoint')}.",
        request=EndIn,
        responses={200: OfficeOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, body: str, office: str, pk: int) -> Response:
        seat = access.office(request.user, body, office)
        term = _row(seat.terms, pk)
        steps.end_term(term, by=request.user, **self.asked(request, seat))  # type: ignore[arg-type]
        return _answer(seat, request.user)


class SubstituteView(BodyStep):
    """Names somebody who acts for the holder of an office."""

    step, takes = "substitute", SubstituteIn

    @extend_schema(
        operation_id="substitute",
        description=f"Somebody acts for the holder between two days. May be taken by: {access.who_may('substitute')}.",
        request=SubstituteIn,
        responses={200: OfficeOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, body: str, office: str) -> Response:
        seat = access.office(request.user, body, office)
        given = self.asked(request, seat)
        steps.set_substitute(seat, given.pop("substitute"), by=request.user, **given)  # type: ignore[arg-type]
        return _answer(seat, request.user)


class EndSubstitutionView(BodyStep):
    """Ends a substitution sooner."""

    step, takes = "substitute", EndIn

    @extend_schema(
        operation_id="end_substitution",
        description=f"The holder is back sooner. May be taken by: {access.who_may('substitute')}.",
        request=EndIn,
        responses={200: OfficeOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, body: str, office: str, pk: int) -> Response:
        seat = access.office(request.user, body, office)
        row = _row(seat.substitutions, pk)
        steps.end_substitution(row, by=request.user, **self.asked(request, seat))  # type: ignore[arg-type]
        return _answer(seat, request.user)
