"""Comments on an occurrence, and watching its item, for programs."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.views import APIView

from api.views import refusals
from tracker import access
from tracker.models import Comment, Person, Visibility
from workflows import steps
from workflows.steps.talk import LONGEST_COMMENT

REFERENCE = OpenApiParameter("reference", str, OpenApiParameter.PATH, description="Such as itu-council/r1306-1.2-c17.")
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="The number of the comment.")


class CommentIn(serializers.Serializer[Any]):
    """What to say. `@` and a user name tells that person, if they may read it; else nothing is posted."""

    text = serializers.CharField(max_length=LONGEST_COMMENT)
    visibility = serializers.ChoiceField(
        choices=Visibility.choices, default=Visibility.MEMBERS, help_text="A comment is never public."
    )


class CommentOut(serializers.ModelSerializer[Comment]):
    """A comment; one that was taken back stays, without its words."""

    number = serializers.IntegerField(source="pk")
    text = serializers.SerializerMethodField()
    author = serializers.CharField(source="author.username")
    acting_for = serializers.CharField(source="acting_for.username", allow_null=True, default=None)
    mentions = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = ["number", "text", "visibility", "author", "acting_for", "mentions", "posted_at", "taken_back_at"]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_text(self, comment: Comment) -> str | None:
        return comment.text if comment.taken_back_at is None else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_mentions(self, comment: Comment) -> list[str]:
        if comment.taken_back_at is not None:
            return []
        return sorted(mention.person.username for mention in comment.mentions.all())


class CommentsView(APIView):
    """The comments on an occurrence that the caller may read, oldest first."""

    @extend_schema(
        operation_id="occurrence_comments",
        parameters=[REFERENCE],
        responses={200: CommentOut(many=True), **refusals(401, 404)},
    )
    def get(self, request: Request, reference: str) -> Response:
        occurrence = access.occurrence(request.user, reference)
        found = occurrence.comments.select_related("author", "acting_for").prefetch_related("mentions__person")
        return Response(CommentOut(access.comments(request.user, found).order_by("pk"), many=True).data)

    @extend_schema(
        operation_id="occurrence_comment",
        description="Post a comment. It moves nothing. Whoever is named in it by @ and a user name is told by mail.",
        parameters=[REFERENCE],
        request=CommentIn,
        responses={201: CommentOut, **refusals(400, 401, 403, 404)},
    )
    def post(self, request: Request, reference: str) -> Response:
        by = request.user
        occurrence = access.occurrence(by, reference)
        assert isinstance(by, Person)  # noqa: S101  (authentication gave one)
        access.require_talk(by, "comment", occurrence)
        given = CommentIn(data=request.data)
        given.is_valid(raise_exception=True)
        posted = steps.comment(occurrence, by=by, **given.validated_data)
        return Response(CommentOut(posted).data, status=HTTP_201_CREATED)


class TakeBackView(APIView):
    """Takes a comment back."""

    @extend_schema(
        operation_id="occurrence_take_back_comment",
        description="Take a comment back: its words no longer show. By its author or the secretary.",
        parameters=[REFERENCE, NUMBER],
        request=None,
        responses={200: CommentOut, **refusals(401, 403, 404, 409)},
    )
    def post(self, request: Request, reference: str, number: int) -> Response:
        by = request.user
        occurrence = access.occurrence(by, reference)
        assert isinstance(by, Person)  # noqa: S101  (authentication gave one)
        comment = access.comment(by, occurrence, number)
        return Response(CommentOut(steps.take_back_comment(comment, by=by)).data)


class WatchOut(serializers.Serializer[Any]):
    """Whether the caller watches the item of an occurrence, and since when."""

    obligation = serializers.CharField()
    watching = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)


class WatchView(APIView):
    """Whether the caller watches the item, in all its turns."""

    def _standing(self, request: Request, reference: str) -> tuple[Any, Any]:
        occurrence = access.occurrence(request.user, reference)
        return occurrence, access.watch(request.user, occurrence.obligation)  # type: ignore[arg-type]

    def _answer(self, occurrence: Any, watch: Any) -> Response:
        since = watch.since if watch and watch.ended_at is None else None
        told = {"obligation": occurrence.obligation.reference, "watching": since is not None, "since": since}
        return Response(WatchOut(told).data)

    @extend_schema(
        operation_id="occurrence_watch", parameters=[REFERENCE], responses={200: WatchOut, **refusals(401, 404)}
    )
    def get(self, request: Request, reference: str) -> Response:
        return self._answer(*self._standing(request, reference))

    @extend_schema(
        operation_id="occurrence_watch_start",
        parameters=[REFERENCE],
        request=None,
        responses={200: WatchOut, **refusals(401, 404)},
    )
    def put(self, request: Request, reference: str) -> Response:
        occurrence, _watch = self._standing(request, reference)
        return self._answer(occurrence, steps.watch(occurrence, by=request.user))  # type: ignore[arg-type]

    @extend_schema(
        operation_id="occurrence_watch_end", parameters=[REFERENCE], responses={200: WatchOut, **refusals(401, 404)}
    )
    def delete(self, request: Request, reference: str) -> Response:
        occurrence, standing = self._standing(request, reference)
        if standing is not None:
            steps.unwatch(standing, by=request.user)  # type: ignore[arg-type]
        return self._answer(occurrence, None)
