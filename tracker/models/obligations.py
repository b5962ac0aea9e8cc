"""What is to be done, each of its turns, and who was asked."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.dates import Precision, Visibility
from tracker.models.people import Body, Office, Person
from tracker.models.resolutions import Paragraph, Resolution
from tracker.models.sessions import DeadlineRule, Meeting, Session
from workflows.machines import OccurrenceMachine


class Obligation(models.Model):
    """One thing one addressee is to do, drawn from an operative paragraph. `responsible` is the body or group whose
    chair assigns it; `endorser` the office that endorses. Until `confirmed` its kind and due point are the machine's.

    The due point is an expression: what it hangs on (`anchor`, for a session perhaps one of its document deadlines),
    and so many days from there, or working days of the responsible body's duty station. `trigger` says in words what event opens a
    turn of a duty on event; a periodic one counts from the calendar or from the last completion."""

    class Kind(models.TextChoices):
        ONCE = "once", _("once")
        EACH_SESSION = "each_session", _("each session")
        BEFORE_EACH_MEETING = "before_each_meeting", _("before each meeting")
        PERIODIC = "periodic", _("periodic")
        CONTINUING = "continuing", _("continuing")
        ON_EVENT = "on_event", _("on event")

    class Anchor(models.TextChoices):
        """What a due point hangs on."""

        SESSION = "session", _("the opening of a session")
        MEETING = "meeting", _("a meeting")
        DATE = "date", _("a date")
        NONE = "none", _("nothing: it falls due when its event is recorded")

    class CountedFrom(models.TextChoices):
        """What the next turn of a periodic duty counts from."""

        CALENDAR = "calendar", _("the calendar")
        COMPLETION = "completion", _("the last completion")

    paragraph = models.ForeignKey(Paragraph, models.PROTECT, related_name="obligations", verbose_name=_("paragraph"))
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="obligations", verbose_name=_("resolution"))
    number = models.PositiveSmallIntegerField(_("number within the paragraph"), default=1)
    title = models.CharField(_("in short"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    anchor = models.CharField(_("due point hangs on"), max_length=10, choices=Anchor.choices)
    anchor_body = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sessions or meetings of")
    )
    anchor_session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("this session only")
    )
    anchor_rule = models.ForeignKey(
        DeadlineRule, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("its document deadline")
    )
    anchor_meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("this meeting only")
    )
    offset_days = models.SmallIntegerField(_("days from there (negative: before)"), default=0)
    offset_working = models.BooleanField(_("counted in working days"), default=False)
    due_date = models.DateField(_("date"), null=True, blank=True)
    interval_months = models.PositiveSmallIntegerField(_("months between turns"), null=True, blank=True)
    counted_from = models.CharField(
        _("counted from"), max_length=12, choices=CountedFrom.choices, default=CountedFrom.CALENDAR
    )
    trigger = models.CharField(_("event that opens it"), max_length=300, blank=True)
    responsible = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name=_("responsible"))
    endorser = models.ForeignKey(Office, models.PROTECT, related_name="endorses", verbose_name=_("endorsed by"))
    lead_office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="owes", verbose_name=_("usual lead")
    )
    visibility = models.CharField(
        _("visible to"), max_length=12, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    confirmed = models.BooleanField(_("confirmed by a person"), default=False)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        ordering = ["paragraph__position", "number"]
        constraints = [
            models.UniqueConstraint(fields=["paragraph", "number"], name="obligation_number_in_paragraph"),
            models.CheckConstraint(
                condition=~Q(anchor="date") | Q(due_date__isnull=False), name="obligation_due_on_a_date_has_it"
            ),
            models.CheckConstraint(
                condition=~Q(anchor__in=["session", "meeting"]) | Q(anchor_body__isnull=False),
                name="obligation_hung_on_a_calendar_names_its_body",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reference(self) -> str:
        """Such as `itu-council/r1306-1.2`, or `…-5~2` for a paragraph's second obligation."""
        more = f"~{self.number}" if self.number > 1 else ""
        return f"{self.resolution.reference}-{self.paragraph.path}{more}"


class Occasion(models.Model):
    """An event that somebody recorded and that opens one turn of a duty on event (such as a veto cast, a request made).
    Not an `Event`: those are the record of what people did here."""

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="occasions", verbose_name=_("obligation"))
    number = models.PositiveIntegerField(_("number"))
    happened_on = models.DateField(_("day"))
    words = models.CharField(_("what happened"), max_length=500)
    source = models.CharField(_("document"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        ordering = ["obligation", "number"]
        constraints = [models.UniqueConstraint(fields=["obligation", "number"], name="occasion_number_in_obligation")]

    def __str__(self) -> str:
        return self.words


class Occurrence(OccurrenceMachine):
    """One turn of an obligation. `session` is the session that it belongs to (its column), `meeting` the meeting that it
    hangs on. `first_due_on` is the first promise and never changes. `submitted_on` is the effective day of the
    submission that stands; `discharged_on` that of the one that was endorsed. Late is computed, never stored.

    `period` is the day that a periodic turn stands for, `occasion` the event that opened it. `moved_with_calendar` counts
    the slips that a session, a meeting or a rule caused, `moved_by_choice` changes of mind. What the machine asks of the
    people beside it is counted here: `parts_open` contributions not done yet, `asked_due_on` a new day asked for and not
    answered, `needs_validation` a submission that its office's validator has not validated."""

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="occurrences", verbose_name=_("obligation"))
    body = models.ForeignKey(Body, models.PROTECT, related_name="occurrences", verbose_name=_("body"))
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="occurrences", verbose_name=_("resolution"))
    reference = models.CharField(_("reference"), max_length=160, unique=True)
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, related_name="occurrences", verbose_name=_("session")
    )
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, related_name="occurrences", verbose_name=_("meeting")
    )
    occasion = models.OneToOneField(
        Occasion, models.PROTECT, null=True, blank=True, related_name="occurrence", verbose_name=_("occasion")
    )
    period = models.DateField(_("period"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True)
    first_due_on = models.DateField(_("first promise"), null=True)
    moved_with_calendar = models.PositiveSmallIntegerField(_("slips with the calendar"), default=0)
    moved_by_choice = models.PositiveSmallIntegerField(_("changes of mind"), default=0)
    on_hold = models.BooleanField(_("on hold"), default=False)
    hold_reason = models.CharField(_("held because"), max_length=500, blank=True)
    waiting_on = models.CharField(_("waiting on"), max_length=200, blank=True)
    waiting_on_body = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("waiting on the body")
    )
    waiting_on_session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("waiting on the session")
    )
    waiting_on_meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("waiting on the meeting")
    )
    parts_open = models.PositiveSmallIntegerField(_("contributions not done"), default=0)
    asked_due_on = models.DateField(_("new day asked for"), null=True, blank=True)
    needs_validation = models.BooleanField(_("awaiting validation"), default=False)
    submitted_on = models.DateField(_("submitted"), null=True)
    submitted_precision = models.CharField(max_length=8, choices=Precision.choices, blank=True)
    discharged_on = models.DateField(_("discharged"), null=True)
    discharged_precision = models.CharField(max_length=8, choices=Precision.choices, blank=True)
    nothing_happened = models.BooleanField(_("reported: nothing happened"), default=False)
    decision = models.ForeignKey(
        "Decision", models.PROTECT, null=True, related_name="occurrences", verbose_name=_("decision")
    )
    status_since = models.DateTimeField(_("in this status since"))
    opened_at = models.DateTimeField(_("entered"))

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        ordering = ["due_on", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["obligation", "session"],
                condition=Q(meeting=None, period=None, occasion=None),
                name="occurrence_once_a_session",
            ),
            models.UniqueConstraint(
                fields=["obligation", "period"], condition=Q(period__isnull=False), name="occurrence_once_a_period"
            ),
            models.UniqueConstraint(
                fields=["obligation", "meeting"], condition=Q(meeting__isnull=False), name="occurrence_once_a_meeting"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["closed", "waived"]) | Q(decision__isnull=False),
                name="occurrence_closed_or_waived_cites_a_decision",
            ),
        ]
        indexes = [
            # All that the counts of a list look at, so that they are made without reading a row.
            models.Index(
                fields=["body", "status", "due_on", "session", "obligation", "on_hold", "nothing_happened"],
                name="occurrence_counted",
            ),
            models.Index(  # the same for those of a group, whose duties say who answers for them
                fields=["obligation", "status", "status_since", "due_on", "opened_at", "body"],
                name="occurrence_of_duty",
            ),
            models.Index(fields=["status", "due_on"], name="occurrence_due"),
        ]

    def __str__(self) -> str:
        return self.short_reference

    @property
    def short_reference(self) -> str:
        """The reference without its body, for places where that is clear."""
        return self.reference.partition("/")[2]


class AssignmentSet(models.QuerySet["Assignment"]):
    def standing(self) -> "AssignmentSet":
        """Those that have not ended (unassigned, declined, reassigned)."""
        return self.filter(ended_at=None)


class Assignment(models.Model):
    """An office or a person asked to lead or to contribute; a contributor marks their part done. `told_at` is when a mail
    of it was accepted for delivery, or when the person acted on it without one: until then they were never asked."""

    class Part(models.TextChoices):
        LEAD = "lead", _("lead")
        CONTRIBUTOR = "contributor", _("contributor")

    class Acceptance(models.TextChoices):
        PENDING = "pending", _("under consideration")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="assignments", verbose_name=_("occurrence"))
    part = models.CharField(_("part"), max_length=12, choices=Part.choices)
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("office")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name=_("person")
    )
    acceptance = models.CharField(
        _("acceptance"), max_length=10, choices=Acceptance.choices, default=Acceptance.PENDING
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    assigned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(_("assigned"))
    told_at = models.DateTimeField(_("told"), null=True)
    done_at = models.DateTimeField(_("part done"), null=True, blank=True)
    done_note = models.CharField(_("what was contributed"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = AssignmentSet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["part", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(office__isnull=False, person__isnull=True) | Q(office__isnull=True, person__isnull=False),
                name="assignment_to_an_office_or_a_person",
            ),
            models.UniqueConstraint(
                fields=["occurrence"], condition=Q(part="lead", ended_at=None), name="assignment_one_standing_lead"
            ),
        ]
        indexes = [
            # Who leads, who led at a moment, and whether they were told: without reading a row.
            models.Index(
                fields=["occurrence", "part", "ended_at", "assigned_at", "told_at", "office", "person"],
                name="assignment_of_part",
            ),
        ]

    def __str__(self) -> str:
        return str(self.assignee)

    @property
    def assignee(self) -> Office | Person:
        """The office or the person asked."""
        found = self.office or self.person
        assert found is not None  # noqa: S101  (held by the database: one of the two)
        return found

    def holder(self, day: date) -> Person | None:
        """The person who holds the office asked on a day, or the person asked; None where no one holds the office."""
        return self.office.holder(day) if self.office else self.person


class DateRequest(models.Model):
    """A new due day asked for by the lead, granted or refused by those who may change it."""

    class Answer(models.TextChoices):
        OPEN = "open", _("not answered")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        OVERTAKEN = "overtaken", _("overtaken by a later step")

    occurrence = models.ForeignKey(
        Occurrence, models.PROTECT, related_name="date_requests", verbose_name=_("occurrence")
    )
    wanted_on = models.DateField(_("new day asked for"))
    reason = models.CharField(_("reason"), max_length=1000)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    acting_for = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, default=Answer.OPEN)
    answer_note = models.CharField(_("words of the answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for a new date")
        verbose_name_plural = _("requests for a new date")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["occurrence"], condition=Q(answer="open"), name="date_request_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.occurrence}: {self.wanted_on}"
