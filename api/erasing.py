"""Erasing on request, and how long something is kept that is not the record itself, for programs. What would go can be
looked at first (`dry_run=true`)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.dry import DRY_RUN, IF_MATCH, is_dry, marked, require_known
from api.views import refusals
from tracker import access, audit
from tracker.models import Event, Evidence, Person, RetentionRule, Role
from workflows import steps
from workflows.steps.erasing import require_eraser
from workflows.steps.files import require_file_eraser
from workflows.steps.retention import MOST_MONTHS, PROPOSED, require_keeper

What = RetentionRule.What
REFERENCE = OpenApiParameter("reference", str, OpenApiParameter.PATH, description="Such as itu-council/r1306-1.2-c17.")
ENTRY = OpenApiParameter(
    "number", int, OpenApiParameter.PATH, description="The number of the entry in the item's history."
)
FILE = OpenApiParameter("number", int, OpenApiParameter.PATH, description="The number of the file, as in its address.")
WHAT = OpenApiParameter("what", str, OpenApiParameter.PATH, enum=What.values, description="What the rule is about.")


class WhyIn(serializers.Serializer[Any]):
    """Why. It stays on record: leave names and the words themselves out."""

    reason = serializers.CharField(max_length=2000)


class WordsGoOut(serializers.Serializer[Any]):
    """What goes: the words beside these entries of the item's history, the same words in these columns, the kept texts of so
    many mails. `done` is false for a dry run."""

    done = serializers.BooleanField()
    entries = serializers.ListField(child=serializers.IntegerField())
    places = serializers.ListField(child=serializers.CharField())
    mails = serializers.IntegerField()


class FileGoesOut(serializers.Serializer[Any]):
    """The file that goes; its name, size and hash stay. `done` is false for a dry run."""

    done = serializers.BooleanField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class RetentionOut(serializers.Serializer[Any]):
    """How long something is kept: the rule in force (null: none is, and nothing is erased), what would be proposed, and how
    much that rule, or the proposed one, would erase today."""

    what = serializers.ChoiceField(choices=What.choices)
    words = serializers.CharField()
    months = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    since = serializers.DateField(allow_null=True)
    proposed = serializers.IntegerField()
    over = serializers.IntegerField()


class RetentionIn(serializers.Serializer[Any]):
    """For how many months, and on what ground: the rule of the body or the law that says so."""

    months = serializers.IntegerField(min_value=1, max_value=MOST_MONTHS)
    reason = serializers.CharField(max_length=500)


class RetentionSetOut(serializers.Serializer[Any]):
    """How much the rule would erase today. `done` is false for a dry run."""

    done = serializers.BooleanField()
    what = serializers.ChoiceField(choices=What.choices)
    months = serializers.IntegerField()
    over = serializers.IntegerField()


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101  (authentication gave one)
    return request.user


def _given(takes: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = takes(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


class EraseWordsView(APIView):
    """Erases the words beside an entry."""

    @extend_schema(
        operation_id="erase_words",
        description="Erase the words beside an entry of an item's history, wherever else they stand, for good. The entry stays, and "
        f"every proof holds. May be taken by: {access.who_may('erase_words')}.",
        parameters=[REFERENCE, ENTRY, DRY_RUN, IF_MATCH],
        request=WhyIn,
        responses={200: WordsGoOut, **refusals(400, 401, 403, 404, 409, 412)},
    )
    def post(self, request: Request, reference: str, number: int) -> Response:
        by, dry = _person(request), is_dry(request)
        event = self._entry(by, reference, int(number))
        require_eraser(by, event)
        with transaction.atomic():
            goes = steps.would_erase(event)
            given = _given(WhyIn, request)
            told = {
                "done": not dry,
                "entries": [one.number for one in goes.events],
                "places": [column.key for column in goes.columns],
                "mails": goes.mails,
            }
            facts = (goes.words, told["entries"], told["places"], goes.mails)
            mark = marked(request, facts, _("Something else would go by now: look at it once more."), event)
            if not dry:
                steps.erase_words(event, by=by, **given)
        return Response(WordsGoOut(told).data, headers=mark)

    def _entry(self, by: Person, reference: str, number: int) -> Event:
        turn = access.occurrence(by, reference)
        found = access.events(by).filter(stream=audit.stream(turn), number=number).first() if number < 2**31 else None
        if found is None:
            raise Http404(_("There is no such occurrence, or you may not see it."))
        return found


class EraseFileView(APIView):
    """Erases a file that was handed in."""

    @extend_schema(
        operation_id="erase_file",
        description="Erase a file that was handed in, for good. Its name, size and hash stay. May be taken by: "
        f"{access.who_may('erase_words')}.",
        parameters=[FILE, DRY_RUN],
        request=WhyIn,
        responses={200: FileGoesOut, **refusals(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, number: int) -> Response:
        by, dry = _person(request), is_dry(request)
        evidence: Evidence = access.evidence(by, number)
        require_file_eraser(by, evidence)
        if not evidence.has_file:
            raise steps.NotTheMoment(_("There is no file, or it was erased already."), object=evidence)
        given = _given(WhyIn, request)
        if not dry:
            steps.erase_file(evidence, by=by, **given)
        told = {"done": not dry, "name": evidence.title, "size": evidence.size, "sha256": evidence.sha256}
        return Response(FileGoesOut(told).data)


class RetentionView(APIView):
    """What is kept for how long."""

    @extend_schema(operation_id="retention", responses={200: RetentionOut(many=True), **refusals(400, 401, 403)})
    def get(self, request: Request) -> Response:
        if not access.roles(request.user) & {Role.SECRETARY, Role.AUDITOR}:
            raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("set_retention")})
        require_known(request)
        rules = {rule.what: rule for rule in RetentionRule.objects.filter(ended_at=None)}
        return Response(RetentionOut([_kept(what, rules.get(what)) for what in What.values], many=True).data)


def _kept(what: str, rule: RetentionRule | None) -> dict[str, Any]:
    return {
        "what": what,
        "words": What(what).label,
        "months": rule.months if rule else None,
        "reason": rule.reason if rule else None,
        "since": rule.since if rule else None,
        "proposed": PROPOSED[what],
        "over": steps.would_go(what, months=rule.months if rule else PROPOSED[what]),
    }


class SetRetentionView(APIView):
    """Sets how long something is kept."""

    @extend_schema(
        operation_id="set_retention",
        description="From today on something is kept for so many months; the rule that stood ends by it. May be taken by a "
        "secretary of a body that is under none.",
        parameters=[WHAT, DRY_RUN, IF_MATCH],
        request=RetentionIn,
        responses={200: RetentionSetOut, **refusals(400, 401, 403, 404, 412)},
    )
    def post(self, request: Request, what: str) -> Response:
        by, dry = _person(request), is_dry(request)
        if what not in What.values:
            raise Http404(_("There is no such rule."))
        require_keeper(by)
        given = _given(RetentionIn, request)
        with transaction.atomic():
            over = steps.would_go(what, months=given["months"])
            mark = marked(
                request, (what, given["months"], over), _("Something else would go by now: look at it once more.")
            )
            if not dry:
                steps.set_retention(what, by=by, **given)
        told = {"done": not dry, "what": what, "months": given["months"], "over": over}
        return Response(RetentionSetOut(told).data, headers=mark)


class EndRetentionView(APIView):
    """Ends a rule of retention."""

    @extend_schema(
        operation_id="end_retention",
        description="From now on nothing is erased by this rule. May be taken by a secretary of a body that is under none.",
        parameters=[WHAT],
        request=WhyIn,
        responses={200: RetentionOut, **refusals(400, 401, 403, 404)},
    )
    def post(self, request: Request, what: str) -> Response:
        by = _person(request)
        require_keeper(by)
        rule = RetentionRule.objects.filter(what=what, ended_at=None).first()
        if rule is None:
            raise Http404(_("No such rule is in force."))
        steps.end_retention(rule, by=by, **_given(WhyIn, request))
        return Response(RetentionOut(_kept(what, None)).data)
