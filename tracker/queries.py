"""Named questions about occurrences. Each takes a queryset that `access` gave (what the asker may see) and returns one."""

from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from tracker import access
from tracker.marks import ORDER, Facts, Mark, mark_of
from tracker.models import (
    Assignment,
    Body,
    Meeting,
    Occurrence,
    Office,
    Person,
    Precision,
    Session,
    State,
    Term,
)
from tracker.templatetags.resolves import day_in_words
from workflows.machines import OPEN, UNDISCHARGED, Status

WAITED_FOR = ("waiting_on_body", "waiting_on_session__body", "waiting_on_meeting__body")
"""What `waited_for` looks at, for `select_related`."""


class KeysFirst(Paginator):
    """Pages of a queryset whose rows are wide: the keys of a page are sorted out first, only its rows are read in full."""

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[start : start + self.per_page])
        found = {row.pk: row for row in rows.filter(pk__in=keys).order_by()}
        return Page([found[key] for key in keys if key in found], number, self)


def with_facts(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """With what a mark needs: `is_assigned` (a lead stands) and `was_told` (that lead was told), and the standing
    assignments prefetched as `standing`."""
    leads = Assignment.objects.standing().filter(occurrence=OuterRef("pk"), part=Assignment.Part.LEAD)
    return found.annotate(
        is_assigned=Exists(leads), was_told=Exists(leads.filter(told_at__isnull=False))
    ).prefetch_related(
        Prefetch(
            "assignments", Assignment.objects.standing().select_related("office__body", "person"), to_attr="standing"
        )
    )


def mark(occurrence: Occurrence, today: date) -> Mark:
    """The mark of an occurrence that `with_facts` fetched."""
    over = bool(occurrence.session and occurrence.session.is_over(today))
    return mark_of(occurrence, Facts(occurrence.is_assigned, occurrence.was_told, over), today)  # type: ignore[attr-defined]


def undischarged(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Those whose holder still owes something."""
    return found.filter(status__in=UNDISCHARGED)


def past_due(found: QuerySet[Occurrence], today: date) -> QuerySet[Occurrence]:
    """Undischarged, and their day is over: by a range, never by an exact day, whatever the status short of submitted."""
    return undischarged(found).filter(due_on__lt=today)


def due_by(found: QuerySet[Occurrence], today: date, until: date) -> QuerySet[Occurrence]:
    """Undischarged and due from today until a day, both included."""
    return undischarged(found).filter(due_on__gte=today, due_on__lte=until)


def awaiting_decision(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Complete, awaiting the body."""
    return found.filter(status=Status.ENDORSED)


def unassigned(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Open, and nobody leads them."""
    leads = Assignment.objects.standing().filter(occurrence=OuterRef("pk"), part=Assignment.Part.LEAD)
    return undischarged(found).filter(~Exists(leads))


def vacant(found: QuerySet[Occurrence], day: date) -> QuerySet[Occurrence]:
    """Undischarged, and led by an office that no one holds on a day: a fact beside the mark, whatever that is."""
    leads = Assignment.objects.standing().filter(
        occurrence=OuterRef("pk"), part=Assignment.Part.LEAD, office__in=vacant_offices(day)
    )
    return undischarged(found).filter(Exists(leads))


def vacant_offices(day: date) -> list[int]:
    """The offices that no one holds on a day. An alternate does not fill one."""
    held = Term.objects.running(day).holding().order_by().values("office")
    return list(Office.objects.exclude(pk__in=held).order_by().values_list("pk", flat=True))


def left_behind(found: QuerySet[Occurrence], day: date) -> QuerySet[Occurrence]:
    """Undischarged, and assigned in person to somebody who has left: deactivated, or without an office in the body's
    family since their last term there was over. Who may assign has the ball."""
    families: dict[int, list[int]] = {}
    for person, family in access.leavers(day).gone:
        families.setdefault(family, []).append(person)
    left = Q(person__is_active=False)
    if families:
        for body in Body.objects.select_related("parent__parent"):
            if gone := families.get(access.uppermost(body)):
                left |= Q(person__in=gone, occurrence__obligation__responsible=body)
    leads = Assignment.objects.standing().filter(left, part=Assignment.Part.LEAD)
    return undischarged(found).filter(pk__in=leads.values("occurrence"))


def still_open(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Not closed, waived or superseded."""
    return found.filter(status__in=OPEN)


def held_by(found: QuerySet[Occurrence], person: Person, offices: list[Office]) -> QuerySet[Occurrence]:
    """Those that a person leads or contributes to, in person or by one of these offices."""
    asked = Assignment.objects.standing().filter(Q(person=person) | Q(office__in=offices)).values("occurrence")
    return found.filter(pk__in=asked)


def waiting_for(
    found: QuerySet[Occurrence],
    *,
    body: Body | None = None,
    session: Session | None = None,
    meeting: Meeting | None = None,
) -> QuerySet[Occurrence]:
    """Those on hold that wait for a body (or for a session or a meeting of it), for one session, or for one meeting."""
    held = found.filter(on_hold=True)
    if session is not None:
        return held.filter(waiting_on_session=session)
    if meeting is not None:
        return held.filter(waiting_on_meeting=meeting)
    of_body = Q(waiting_on_body=body) | Q(waiting_on_session__body=body) | Q(waiting_on_meeting__body=body)
    return held.filter(of_body) if body is not None else held


def waited_for(occurrence: Occurrence) -> Body | Session | Meeting | str:
    """What an occurrence on hold waits for: a session, a meeting, a body, or words ("" where that was not said)."""
    event = occurrence.waiting_on_session or occurrence.waiting_on_meeting
    return event or occurrence.waiting_on_body or occurrence.waiting_on


def waiting_words(what: Body | Session | Meeting | str, today: date) -> str:
    """What is waited for, in words: "Council 2018, opens 17 April 2018". Once it is over the words say so: that is how
    whoever has the ball sees that it can go on."""
    if isinstance(what, Body | str):
        return str(what)
    first = what.opens if isinstance(what, Session) else what.begins
    if what.state == State.CANCELLED:
        return _("%(what)s, which is cancelled") % {"what": what}
    if first is None:
        return _("%(what)s, no date yet") % {"what": what}
    facts = {"what": what, "day": day_in_words(first, what.precision)}
    if what.state == State.HELD or (what.precision == Precision.DAY and first <= today):
        return _("%(what)s, which opened on %(day)s: it can go on") % facts
    return _("%(what)s, opens %(day)s") % facts


def ranked(found: QuerySet[Occurrence], today: date) -> QuerySet[Occurrence]:
    """With `mark_rank`: the place of its mark in `marks.ORDER`, worst first, decided by the database as `marks.mark_of`
    decides it, so that counts, filters and pages of many thousand need no row in hand."""
    over = [one.pk for one in Session.objects.filter(opens__lt=today) if one.is_over(today)]
    leads = Assignment.objects.standing().filter(occurrence=OuterRef("pk"), part=Assignment.Part.LEAD)
    past = Q(due_on__lt=today)
    rules: list[tuple[Any, str]] = [
        (Q(status=Status.SUPERSEDED), "blank"),
        (Q(status=Status.WAIVED), "waived"),
        (Q(status=Status.CLOSED), "closed"),
        (Q(status=Status.ENDORSED, nothing_happened=True), "nothing"),
        (Q(status=Status.ENDORSED, session__in=over), "received"),
        (Q(status=Status.ENDORSED), "endorsed"),
        (Q(status=Status.SUBMITTED), "submitted"),
        (~Exists(leads), "unassigned"),
        (Q(due_on=None), "waiting"),
        (past & ~Exists(leads.filter(told_at__isnull=False)), "never_asked"),
        (past & Q(session__in=over), "not_reported"),
        (past, "late"),
        (Q(on_hold=True), "on_hold"),
    ]
    return found.annotate(
        mark_rank=Case(
            *[When(rule, then=Value(ORDER[code])) for rule, code in rules],
            default=Value(ORDER["due"]),
            output_field=IntegerField(),
        )
    )


def worst_first(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Those that `ranked` ranked: worst mark first, within a mark the oldest day first."""
    return found.order_by("mark_rank", F("due_on").asc(nulls_last=True), "reference")  # type: ignore[misc]
