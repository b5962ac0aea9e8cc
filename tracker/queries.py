"""Named questions about occurrences. Each takes a queryset that `access` gave (what the asker may see) and returns one."""

from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When

from tracker.marks import ORDER, Facts, Mark, mark_of
from tracker.models import Assignment, Heartbeat, Occurrence, Office, Person, Session, Term
from workflows.machines import OPEN, UNDISCHARGED, Status


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
    held = Term.objects.running(day).holding().order_by().filter(office=OuterRef("office"))
    leads = Assignment.objects.standing().filter(
        ~Exists(held), occurrence=OuterRef("pk"), part=Assignment.Part.LEAD, office__isnull=False
    )
    return undischarged(found).filter(Exists(leads))


def still_open(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Not closed, waived or superseded."""
    return found.filter(status__in=OPEN)


def held_by(found: QuerySet[Occurrence], person: Person, offices: list[Office]) -> QuerySet[Occurrence]:
    """Those that a person leads or contributes to, in person or by one of these offices."""
    asked = Assignment.objects.standing().filter(Q(person=person) | Q(office__in=offices)).values("occurrence")
    return found.filter(pk__in=asked)


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


def last_round() -> Heartbeat | None:
    """When the clock's worker last went round, or None: it never has."""
    return Heartbeat.objects.filter(name="clock").first()


def worst_first(found: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Those that `ranked` ranked: worst mark first, within a mark the oldest day first."""
    return found.order_by("mark_rank", F("due_on").asc(nulls_last=True), "reference")  # type: ignore[misc]
