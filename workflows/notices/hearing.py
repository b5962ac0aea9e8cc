"""Who hears of which event: one table. Notices are planned from events; an `Announcement` marks that it was done."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_noop

from tracker import access, clock
from tracker.audiences import standing
from tracker.ball import Roster
from tracker.history import columns_of_row
from tracker.log import live
from tracker.models import Announcement, Assignment, Comment, Event, Notice, Occurrence, Person
from workflows.machines import Status
from workflows.notices import bounced, handing, tabled

log = logging.getLogger(__name__)
Kind, Audience = Notice.Kind, Notice.Audience
LOOK_BACK = 2000  # events; far more than can be written while one transaction is open. The daily sweep looks at all.
BATCH = 500


@dataclass(frozen=True)
class To:
    """Whom a notice is for: who has the ball when it is sent, those who then hold what was assigned, or one person."""

    audience: str
    assignment: Assignment | None = None
    person: Person | None = None

    @property
    def name(self) -> str:
        if self.assignment is not None:
            return f"assignment-{self.assignment.pk}"
        return f"person-{self.person.pk}" if self.person else str(self.audience)


@dataclass(frozen=True)
class Heard:
    """An event on an occurrence, with the occurrence and its assignments as they stand now."""

    event: Event
    occurrence: Occurrence
    assignments: list[Assignment]
    day: date

    def changed(self, field: str) -> set[int]:
        """The assignments for which the event set a field that was empty before."""
        rows = columns_of_row(self.event, "assignment")
        return {pk for pk, column, (before, after) in rows if column == field and before in (None, "") and after}

    def added(self, noun: str, column: str) -> set[int]:
        """The values of a column in the rows of a kind that the event added."""
        rows = columns_of_row(self.event, noun)
        return {after for _pk, name, (_before, after) in rows if name == column and isinstance(after, int)}


def asked(heard: Heard) -> list[To]:
    """Each office or person newly asked."""
    new = heard.changed("part")
    return [To(Audience.HOLDER, assignment=one) for one in heard.assignments if one.pk in new]


def released(heard: Heard) -> list[To]:
    """Each whose assignment ended by this event, unless they were asked again by it."""
    again = {(one.office_id, one.person_id) for one in heard.assignments if one.pk in heard.changed("part")}
    ended = [one for one in heard.assignments if one.pk in heard.changed("ended_at")]
    return [To(Audience.HOLDER, assignment=one) for one in ended if (one.office_id, one.person_id) not in again]


def lead(heard: Heard) -> list[To]:
    """The lead: the standing one, or the last one where none stands any more."""
    leads = [one for one in heard.assignments if one.part == Assignment.Part.LEAD]
    leads.sort(key=lambda one: (one.ended_at is None, one.pk))
    return [To(Audience.HOLDER, assignment=leads[-1])] if leads else []


def left(heard: Heard) -> list[To]:
    """The lead whose assignment ended by this event."""
    return [to for to in released(heard) if to.assignment and to.assignment.part == Assignment.Part.LEAD]


def helpers_released(heard: Heard) -> list[To]:
    """Each contributor who is no longer asked, unless asked again by it."""
    return [to for to in released(heard) if to.assignment and to.assignment.part == Assignment.Part.CONTRIBUTOR]


def validator(heard: Heard) -> list[To]:
    """The validator of the lead's office, where the report waits for one."""
    return ball(heard) if _to_be_validated(heard) else []


def next_reader(heard: Heard) -> list[To]:
    """Who has the ball when the mail goes out, unless the report waits for a validator first."""
    return [] if _to_be_validated(heard) else ball(heard)


def _to_be_validated(heard: Heard) -> bool:
    return bool(heard.event.changes.get("needs_validation", [False, False])[1])


def granter(_heard: Heard) -> list[To]:
    """Who may grant it: the chair of the responsible body, else the secretary; `gathering` asks who that is then."""
    return [To(Audience.HOLDER)]


def assigner(heard: Heard) -> list[To]:
    """Who had asked, so that somebody else is found; else who has the ball."""
    ended = [one for one in heard.assignments if one.pk in heard.changed("ended_at") and one.assigned_by]
    return [To(Audience.PERSON, person=ended[0].assigned_by)] if ended else ball(heard)


def ball(_heard: Heard) -> list[To]:
    """Who has the ball when the mail goes out: after a submission the endorser, after an endorsement the secretary."""
    return [To(Audience.HOLDER)]


def touched_if_due_moved(heard: Heard) -> list[To]:
    """Everyone whom a moved session touches, where the due day moved (that a turn stands in another session's column is no
    news): who has the ball, each who was asked to contribute, and the chair of the responsible body."""
    if "due_on" not in heard.event.changes:
        return []
    helping = [one for one in heard.assignments if one.part == Assignment.Part.CONTRIBUTOR and one.ended_at is None]
    return [*ball(heard), *(To(Audience.HOLDER, assignment=one) for one in helping), To(Audience.CHAIR)]


def mentioned(heard: Heard) -> list[To]:
    """Each who was named in a comment."""
    named = heard.added("mention", "person")
    return [To(Audience.PERSON, person=person) for person in Person.objects.filter(pk__in=named).order_by("pk")]


def watchers(heard: Heard) -> list[To]:
    """Each who watches the item; whether they may still see it is asked when the mail is made and again when it is sent."""
    watching = heard.occurrence.obligation.watches.all()  # prefetched for all events of a batch
    return [
        To(Audience.PERSON, person=one.person)
        for one in watching
        if one.ended_at is None and one.since <= heard.event.recorded_at
    ]


Who = Callable[[Heard], list[To]]

# The one table. What is not in it is read in the history.
HEARS: dict[str, tuple[tuple[str, Who], ...]] = {
    "occurrence.assigned": ((Kind.ASSIGNED, asked), (Kind.UNASSIGNED, released)),
    "occurrence.unassigned": ((Kind.UNASSIGNED, released),),
    "occurrence.declined": ((Kind.DECLINED, assigner),),
    "occurrence.submitted": ((Kind.SUBMITTED, next_reader), (Kind.TO_VALIDATE, validator)),
    "occurrence.validated": ((Kind.SUBMITTED, ball),),
    "occurrence.reassigned": (
        (Kind.ASSIGNED, asked),
        (Kind.REASSIGNED, left),
        (Kind.UNASSIGNED, helpers_released),
    ),
    "occurrence.contributors_added": ((Kind.ASSIGNED, asked),),
    "occurrence.contributor_released": ((Kind.UNASSIGNED, released),),
    "occurrence.part_done": ((Kind.PART_DONE, lead),),
    "occurrence.date_asked": ((Kind.DATE_ASKED, granter),),
    "occurrence.date_granted": ((Kind.DATE_ANSWERED, lead),),
    "occurrence.date_refused": ((Kind.DATE_ANSWERED, lead),),
    "occurrence.sent_back": ((Kind.SENT_BACK, lead),),
    "occurrence.reopened": ((Kind.ASSIGNED, asked), (Kind.SENT_BACK, lead)),
    "occurrence.endorsed": ((Kind.ENDORSED, lead), (Kind.ENDORSED, ball)),
    "occurrence.closed": ((Kind.CLOSED, lead),),
    "occurrence.waived": ((Kind.CLOSED, lead),),
    "occurrence.due_date_changed": ((Kind.MOVED, ball),),
    "occurrence.moved": ((Kind.MOVED, touched_if_due_moved),),
    "occurrence.commented": ((Kind.MENTIONED, mentioned),),
}
# What is about no occurrence is heard elsewhere: a hand-over by its successor (`handing`).
# What those who watch an item hear of, beside whom the table names.
FOLLOWED = frozenset(
    {
        "occurrence.assigned",
        "occurrence.reassigned",
        "occurrence.submitted",
        "occurrence.endorsed",
        "occurrence.closed",
        "occurrence.waived",
        "occurrence.superseded",
        "occurrence.reopened",
        "occurrence.due_date_changed",
        "occurrence.date_granted",
        "occurrence.moved",
        "occurrence.commented",
    }
)

HEARD = frozenset(HEARS) | FOLLOWED

# Reasons are kept in English and translated where they are shown.
ANSWERED = gettext_noop("answered already")
NOT_ASKED = gettext_noop("no longer asked")
ASKED_AGAIN = gettext_noop("asked again since")
SOMEONE_ASKED = gettext_noop("somebody was asked since")
NOT_WAITING = gettext_noop("not waiting any more")
HANDED_IN = gettext_noop("handed in again since")
ENDED = gettext_noop("nothing is owed any more")
OVERTAKEN = gettext_noop("overtaken by a later step")
DATE_ANSWERED = gettext_noop("answered since")
JOINED = gettext_noop("joined already")
TAKEN_BACK = gettext_noop("the comment was taken back")
NOT_TO_SEE = gettext_noop("may not see it any more")
NOT_WATCHED = gettext_noop("watches it no longer")


def outdated(notice: Notice, occurrence: Occurrence | None) -> str:
    """Why a notice of an event has been overtaken by what happened since ("" where it has not)."""
    if occurrence is None:
        return _outdated_beside(notice)
    if notice.kind in {Kind.ASSIGNED, Kind.UNASSIGNED, Kind.REASSIGNED}:
        return _of_the_asked(notice, occurrence)
    return _of_the_turn(notice.kind, occurrence)


def _of_the_asked(notice: Notice, occurrence: Occurrence) -> str:
    """As `outdated`, of notices to those who are asked or no longer asked."""
    assignment = notice.assignment
    if assignment is None:
        return ""
    if notice.kind != Kind.ASSIGNED:
        return ASKED_AGAIN if _standing_again(assignment, occurrence) else ""
    if assignment.ended_at:
        return NOT_ASKED
    return ANSWERED if assignment.done_at or assignment.acceptance != Assignment.Acceptance.PENDING else ""


def _standing_again(assignment: Assignment, occurrence: Occurrence) -> Assignment | None:
    """The standing assignment of the same office or person."""
    asked = (assignment.office_id, assignment.person_id)
    return next((one for one in standing(occurrence) if (one.office_id, one.person_id) == asked), None)


def since_of(notice: Notice, reason: str) -> datetime | None:
    """Since when a reason of `outdated` holds, as far as the turn itself tells."""
    occurrence, assignment = notice.occurrence, notice.assignment
    if occurrence is None:
        return None
    if assignment is not None and reason in {NOT_ASKED, ASKED_AGAIN}:
        again = _standing_again(assignment, occurrence)
        return again.assigned_at if again else assignment.ended_at
    if assignment is not None and reason == ANSWERED and assignment.done_at:
        return assignment.done_at
    by_status = {ANSWERED, SOMEONE_ASKED, NOT_WAITING, HANDED_IN, ENDED, OVERTAKEN}
    return occurrence.status_since if reason in by_status else None


def _of_the_turn(kind: str, occurrence: Occurrence) -> str:
    """As `outdated`, of notices that hold as long as the turn stands where it stood."""
    status = occurrence.status
    over = status in {Status.ENDORSED, Status.CLOSED, Status.WAIVED, Status.SUPERSEDED}
    holds: dict[str, tuple[bool, str]] = {
        Kind.DECLINED: (status == Status.PLANNED, SOMEONE_ASKED),
        Kind.SUBMITTED: (status == Status.SUBMITTED and not occurrence.needs_validation, NOT_WAITING),
        Kind.TO_VALIDATE: (status == Status.SUBMITTED and occurrence.needs_validation, NOT_WAITING),
        Kind.SENT_BACK: (status == Status.IN_PROGRESS, HANDED_IN),
        Kind.ENDORSED: (status == Status.ENDORSED, OVERTAKEN),
        Kind.MOVED: (not over, ENDED),
        Kind.PART_DONE: (status == Status.IN_PROGRESS, OVERTAKEN),
        Kind.DATE_ASKED: (occurrence.asked_due_on is not None, DATE_ANSWERED),
        Kind.DATE_ANSWERED: (status in {Status.ASSIGNED, Status.IN_PROGRESS}, OVERTAKEN),
    }
    still, why = holds.get(kind, (True, ""))
    return "" if still else why


def _outdated_beside(notice: Notice) -> str:
    """The same for what is about no occurrence: an invitation, a hand-over, an address."""
    if notice.kind == Kind.HANDED_OVER:
        return handing.outdated(notice)
    if notice.kind == Kind.BOUNCED:
        return bounced.outdated(notice)
    if notice.kind == Kind.TABLED:
        return tabled.outdated(notice)
    return JOINED if notice.person and notice.person.has_usable_password() else ""


def shut(notice: Notice) -> str:
    """Why somebody who was mentioned, or who watches, is not told after all ("" where they are)."""
    occurrence, person = notice.occurrence, notice.person
    if notice.kind not in {Kind.MENTIONED, Kind.WATCHED} or occurrence is None or person is None:
        return ""
    said = comment_of(notice)
    if said is not None and said.taken_back_at is not None:
        return TAKEN_BACK
    if notice.kind == Kind.WATCHED and access.watch(person, occurrence.obligation) is None:
        return NOT_WATCHED
    sees = access.may_read(person, occurrence, said.visibility) if said else access.sees(person, occurrence)
    return "" if sees else NOT_TO_SEE


def comment_of(notice: Notice) -> Comment | None:
    """The comment that the event of a notice posted, or None."""
    if notice.event is None or notice.event.verb != "occurrence.commented":
        return None
    rows = {pk for pk, _column, _pair in columns_of_row(notice.event, "comment")}
    return Comment.objects.filter(pk__in=rows).first()


def unannounced(*, everything: bool = False) -> list[Event]:
    """The next events that nobody was told of, oldest first, at most a batch. An event becomes visible when its transaction
    ends, which need not be in the order of ids: so a stretch behind the newest announced one is looked at, and all of
    them when `everything` is asked. Nobody is told of an event that Resolves did not write, or that was changed since:
    sealing and checks name it. Whether it is sealed already makes no difference, so that nobody waits where nothing can be."""
    found = Event.objects.filter(announced=None).select_related("actor", "body").order_by("pk")
    newest = Announcement.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest is not None and not everything:
        found = found.filter(pk__gt=newest - LOOK_BACK)
    after = 0
    while waiting := list(found.filter(pk__gt=after)[:BATCH]):
        ours = live.ours([event.pk for event in waiting])
        if heard := [event for event in waiting if event.pk in ours]:
            return heard
        after = waiting[-1].pk
    return []


def announce(events: list[Event]) -> int:
    """Plan the notices of some events and mark them as announced; returns how many were announced. Twice is once: keys
    and marks are unique. An event that cannot be read stays behind and is tried again, the others go on."""
    try:
        return _announce(events)
    except Exception:
        if len(events) <= 1:
            log.exception("Nobody could be told of event %s.", [event.pk for event in events])
            return 0
        return sum(announce([event]) for event in events)


def _announce(events: list[Event]) -> int:
    occurrences = Occurrence.objects.select_related("body", "obligation").prefetch_related(
        "assignments__assigned_by", "obligation__watches__person"
    )
    subjects = occurrences.in_bulk([event.subject_id for event in events if event.verb in HEARD])
    notices = [
        notice
        for event in events
        if event.verb in HEARD and event.subject_type == "occurrence"
        for notice in _notices(event, subjects[event.subject_id])
    ]
    notices += handing.notices_of(events) + tabled.notices_of(events)
    _name(notices)
    now = clock.now()
    with transaction.atomic():
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        marks = [Announcement(event=event, announced_at=now) for event in events]
        Announcement.objects.bulk_create(marks, ignore_conflicts=True)
    return len(events)


def _notices(event: Event, occurrence: Occurrence) -> Iterable[Notice]:
    day = event.recorded_at.astimezone(ZoneInfo(occurrence.body.time_zone)).date()
    heard = Heard(event, occurrence, list(occurrence.assignments.all()), day)
    followed = ((Kind.WATCHED, watchers),) if event.verb in FOLLOWED else ()
    for kind, who in (*HEARS.get(event.verb, ()), *followed):
        for to in who(heard):
            yield Notice(
                key=f"{kind}:{event.stream}:{event.number}:{to.name}",
                kind=kind,
                audience=to.audience,
                occurrence=occurrence,
                event=event,
                assignment=to.assignment,
                person=to.person,
                due_on=occurrence.due_on,
                planned_for=day,
                created_at=clock.now(),
            )


def _name(notices: list[Notice]) -> None:
    """Who holds what was assigned, as far as is known, for the ledger."""
    rosters: dict[date, Roster] = {}
    for notice in notices:
        if notice.assignment is None or notice.person is not None:
            continue
        if notice.planned_for not in rosters:
            rosters[notice.planned_for] = Roster.on(notice.planned_for)
        within = notice.occurrence.resolution_id if notice.occurrence else None
        people = holders(notice.assignment, rosters[notice.planned_for], within)
        notice.person = people[0] if people else None


def holders(assignment: Assignment, roster: Roster, within: int | None) -> tuple[Person, ...]:
    """Those who hold what was assigned, within a resolution: the holder or the person asked, and who stands in."""
    return roster.asked(assignment, within)
