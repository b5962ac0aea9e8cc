"""What goes out of the API (…Out). Nothing here saves."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker import clock, history
from tracker.duepoints import in_words
from tracker.marks import MARKS, discharge
from tracker.models import Event, Obligation, Occurrence, Paragraph, Person, Resolution, Version
from tracker.models.legible import NO_DAY, NO_MOMENT
from tracker.queries import mark


class PartyOut(serializers.Serializer[Any]):
    """An office or a person: `office` as body/office, or `person` as a user name; `name` to show."""

    office = serializers.CharField(allow_null=True)
    person = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class MarkOut(serializers.Serializer[Any]):
    """What a cell shows: code and glyph of the closed list, the words in full, days where it counts them."""

    code = serializers.ChoiceField(choices=list(MARKS))
    glyph = serializers.CharField()
    text = serializers.CharField()
    days = serializers.IntegerField(allow_null=True)


class DischargeOut(serializers.Serializer[Any]):
    """Whether the duty is done as far as its holder is concerned; no day where it is not recorded."""

    done = serializers.BooleanField()
    on = serializers.DateField(allow_null=True)
    late_days = serializers.IntegerField(allow_null=True)


class DecisionOut(serializers.Serializer[Any]):
    """The decision that closed or waived."""

    session = serializers.CharField(source="session.slug")
    document = serializers.CharField()
    paragraph = serializers.CharField()
    outcome = serializers.CharField()
    decided_on = serializers.DateField(allow_null=True)
    precision = serializers.CharField(source="decided_precision")


class VersionOut(serializers.ModelSerializer[Version]):
    """One adopted state of a resolution; `unaccounted` items keep its tracking in intake."""

    unaccounted = serializers.IntegerField()  # plainly: the range of a column is the database's own
    text_recorded = serializers.BooleanField()

    class Meta:
        model = Version
        fields = [
            "label",
            "designation",
            "in_force_from",
            "in_force_from_precision",
            "in_force_until",
            "tracking",
            "unaccounted",
            "text_recorded",
        ]


class ResolutionOut(serializers.ModelSerializer[Resolution]):
    """A resolution with its versions."""

    body = serializers.CharField(source="body.slug")
    versions = VersionOut(many=True)

    class Meta:
        model = Resolution
        fields = ["reference", "body", "slug", "symbol", "title", "visibility", "versions"]
        extra_kwargs = {"reference": {"help_text": "Such as itu-council/r1306."}}


class ParagraphOut(serializers.ModelSerializer[Paragraph]):
    """A paragraph; `spans` are [start, end] character offsets into the version's text."""

    resolution = serializers.CharField(source="version.resolution.reference")
    version = serializers.CharField(source="version.label")
    parent = serializers.CharField(source="parent.path", allow_null=True, default=None)  # type: ignore[assignment]
    covered_by = serializers.CharField(source="covered_by.path", allow_null=True, default=None)

    class Meta:
        model = Paragraph
        fields = [
            "resolution",
            "version",
            "kind",
            "path",
            "label",
            "parent",
            "heading",
            "section",
            "text",
            "spans",
            "disposition",
            "covered_by",
            "disposition_reason",
        ]


class ObligationOut(serializers.ModelSerializer[Obligation]):
    """One thing one addressee is to do."""

    resolution = serializers.CharField(source="resolution.reference")
    paragraph = serializers.CharField(source="paragraph.path")
    anchor_body = serializers.CharField(source="anchor_body.slug", allow_null=True, default=None)
    anchor_session = serializers.CharField(source="anchor_session.slug", allow_null=True, default=None)
    anchor_meeting = serializers.IntegerField(source="anchor_meeting.number", allow_null=True, default=None)
    anchor_rule = serializers.CharField(source="anchor_rule.slug", allow_null=True, default=None)
    responsible = serializers.CharField(source="responsible.slug")
    endorser = serializers.CharField(source="endorser.title")
    number = serializers.IntegerField()
    offset_days = serializers.IntegerField()
    interval_months = serializers.IntegerField(allow_null=True)
    due = serializers.SerializerMethodField(help_text="The due point in words, in the reader's language.")

    class Meta:
        model = Obligation
        fields = [
            "reference",
            "resolution",
            "paragraph",
            "number",
            "title",
            "kind",
            "anchor",
            "anchor_body",
            "anchor_session",
            "anchor_meeting",
            "anchor_rule",
            "offset_days",
            "offset_working",
            "due_date",
            "interval_months",
            "counted_from",
            "trigger",
            "due",
            "responsible",
            "endorser",
            "visibility",
            "confirmed",
        ]

    def get_due(self, duty: Obligation) -> str:
        return in_words(duty)


def party(office: Any, person: Any) -> dict[str, str | None]:
    """An office or a person as the API names it."""
    if office is not None:
        return {"office": f"{office.body.slug}/{office.slug}", "person": None, "name": office.title}
    return {"office": None, "person": person.username, "name": str(person)}


class OccurrenceOut(serializers.ModelSerializer[Occurrence]):
    """One turn of an obligation as it stands now."""

    obligation = serializers.CharField(source="obligation.reference")
    resolution = serializers.CharField(source="obligation.resolution.reference")
    item = serializers.CharField(source="obligation.paragraph.path")
    title = serializers.CharField(source="obligation.title")
    kind = serializers.CharField(source="obligation.kind")
    body = serializers.CharField(source="body.slug")
    session = serializers.CharField(source="session.slug", allow_null=True, default=None)
    meeting = serializers.IntegerField(source="meeting.number", allow_null=True, default=None)
    mark = serializers.SerializerMethodField()
    discharge = serializers.SerializerMethodField()
    lead = serializers.SerializerMethodField()
    contributors = serializers.SerializerMethodField()
    waiting_on_body = serializers.CharField(source="waiting_on_body.slug", allow_null=True, default=None)
    waiting_on_session = serializers.SerializerMethodField()
    waiting_on_meeting = serializers.SerializerMethodField()
    decision = DecisionOut(allow_null=True)

    class Meta:
        model = Occurrence
        fields = [
            "reference",
            "obligation",
            "resolution",
            "item",
            "title",
            "kind",
            "body",
            "session",
            "meeting",
            "status",
            "status_since",
            "mark",
            "due_on",
            "first_due_on",
            "on_hold",
            "hold_reason",
            "waiting_on",
            "waiting_on_body",
            "waiting_on_session",
            "waiting_on_meeting",
            "lead",
            "contributors",
            "submitted_on",
            "submitted_precision",
            "discharge",
            "nothing_happened",
            "decision",
        ]

    @extend_schema_field(MarkOut)
    def get_mark(self, occurrence: Occurrence) -> dict[str, Any]:
        return dict(MarkOut(mark(occurrence, clock.today(occurrence.body.time_zone))).data)

    @extend_schema_field(DischargeOut)
    def get_discharge(self, occurrence: Occurrence) -> dict[str, Any]:
        return dict(DischargeOut(discharge(occurrence)).data)

    @extend_schema_field(PartyOut(allow_null=True))
    def get_lead(self, occurrence: Occurrence) -> dict[str, Any] | None:
        return next((party(a.office, a.person) for a in self._standing(occurrence) if a.part == "lead"), None)

    @extend_schema_field(PartyOut(many=True))
    def get_contributors(self, occurrence: Occurrence) -> list[dict[str, Any]]:
        return [party(a.office, a.person) for a in self._standing(occurrence) if a.part == "contributor"]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_waiting_on_session(self, occurrence: Occurrence) -> str | None:
        session = occurrence.waiting_on_session
        return f"{session.body.slug}/{session.slug}" if session else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_waiting_on_meeting(self, occurrence: Occurrence) -> str | None:
        meeting = occurrence.waiting_on_meeting
        return f"{meeting.body.slug}/{meeting.number}" if meeting else None

    def _standing(self, occurrence: Occurrence) -> list[Any]:
        return list(getattr(occurrence, "standing"))  # noqa: B009  (put there by queries.with_facts)


class EventOut(serializers.ModelSerializer[Event]):
    """One entry of the record. `changes` holds from and to by field; `words` what was said, empty once erased. What they
    tell of a paper that the caller may not see is left out, and `whole` is false: then the hash cannot be computed again.

    `does_not_verify` is true where a check found that the entry is not as it was written, or that it was never written by
    Resolves, and where it cannot be read: don't rely on it. Of what cannot be read days and moments are null, numbers 0, texts
    `unreadable`; `changes` and `words` say `unreadable`."""

    actor = serializers.SerializerMethodField()
    acting_for = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()
    whole = serializers.SerializerMethodField()
    does_not_verify = serializers.SerializerMethodField()
    recorded_at = serializers.DateTimeField(allow_null=True)
    body = serializers.CharField(source="body.slug", allow_null=True, default=None)
    subject = serializers.CharField(source="subject_reference")
    number = serializers.IntegerField()

    class Meta:
        model = Event
        fields = [
            "stream",
            "number",
            "verb",
            "subject_type",
            "subject",
            "body",
            "actor",
            "acting_for",
            "means",
            "changes",
            "words",
            "whole",
            "does_not_verify",
            "effective_on",
            "effective_precision",
            "recorded_at",
            "request_id",
            "words_hash",
            "previous_hash",
            "hash",
        ]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_actor(self, event: Event) -> str | None:
        return _username(event.actor)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_acting_for(self, event: Event) -> str | None:
        return _username(event.acting_for)

    @extend_schema_field(serializers.DictField())
    def get_changes(self, event: Event) -> dict[str, Any]:
        return history.told(event.changes, self._shut)

    @extend_schema_field(serializers.DictField())
    def get_words(self, event: Event) -> dict[str, Any]:
        return history.told(event.words.words, self._shut) if hasattr(event, "words") else {}

    def get_whole(self, event: Event) -> bool:
        words = event.words.words if hasattr(event, "words") else {}
        return all(history.told(pairs, self._shut) == pairs for pairs in (event.changes, words))

    def get_does_not_verify(self, event: Event) -> bool:
        read = event.is_legible and (not hasattr(event, "words") or event.words.is_legible)
        return not read or event.pk in self.context.get("wrong", ())

    def to_representation(self, event: Event) -> dict[str, Any]:
        shown = super().to_representation(event)
        if event.recorded_at == NO_MOMENT:
            shown["recorded_at"] = None
        if event.effective_on == NO_DAY:
            shown["effective_on"] = None
        return shown

    @property
    def _shut(self) -> set[tuple[str, int]]:
        return self.context.get("shut", set())


def _username(person: Person | None) -> str | None:
    return person.username if person else None
