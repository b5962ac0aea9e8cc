"""Whom a notice goes to as things stand: asked when it arrives, when its mail is made, and once more right before it is sent.

What the answer follows from is read once for any number of notices (`Present`): a roster for each day, and with the
notices themselves the assignments and reports of what they are about.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext_noop

from tracker import clock
from tracker.audiences import Shared, ball_of, whom
from tracker.ball import Ball, Roster, Told
from tracker.ladders import ASKED, built_in
from tracker.models import Assignment, Body, Event, Notice, Occurrence, Person, Report, Role
from tracker.preferences import DEFAULTS, Wishes, too_early, wishes_of
from workflows.notices import bounced, weekly
from workflows.notices.hearing import holders, outdated, shut, since_of
from workflows.notices.lateness import Late
from workflows.notices.recorded import Recorded

Kind, Audience, State = Notice.Kind, Notice.Audience, Notice.State
WhyNot = Callable[[Notice, Occurrence], Any]
"""Why a reminder no longer holds: words ("" where it does), alone or with the moment since when (`words` and `since`)."""

# Reasons are kept in English and translated where they are shown.
CAUGHT_UP = gettext_noop("caught up in one mail")
SAME_PERSON = gettext_noop("told already as who has the ball")
SUBSTITUTE_TOLD = gettext_noop("substitute told instead")
NOT_THEIRS = gettext_noop("somebody else acts now")
NO_HOLDER = gettext_noop("no one holds this office")
NO_ADDRESS = gettext_noop("no usable e-mail address")
TOLD_OTHERWISE = gettext_noop("told of it in another way")
OWN_ACT = gettext_noop("did it themselves")
NOT_WANTED = gettext_noop("not wanted")
TOO_EARLY = gettext_noop("not wanted so early")
CAP = gettext_noop("told as often as is promised at most")

# Nearest to the matter first: who is told as one of these is not told as a later one too.
CENTRE = (Audience.PERSON, Audience.HOLDER, Audience.ALTERNATE, Audience.CONTRIBUTORS, Audience.CHAIR)
AT_ONCE = 900
"""Notices whose things are fetched together: SQLite takes less than a thousand keys in such a question."""
COPIED = (Audience.CHAIR, Audience.SECRETARIAT)


Heard = tuple[int, date | None, int, bool]
"""A turn, a due day, a person, and whether as one of those asked: the reminders of that which were told, or are about to be
(False): of those the earlier ones count, so that of two that wait in one mail one stands."""


class Recipients(NamedTuple):
    """Whom a notice goes to as things stand: the people, or why nobody, and since when. `ball` is set where it goes to who
    has it, `instead_of` where substitutes are told and the holder is not."""

    people: tuple[Person, ...] = ()
    reason: str = ""
    ball: Ball | None = None
    instead_of: Person | None = None
    since: datetime | None = None


@dataclass
class Present:
    """What addressing asks of the state, read once for any number of notices; `refresh` reads anew what may have changed."""

    why_not: WhyNot
    rosters: dict[date, Roster] = field(default_factory=dict)
    wishes: dict[int, Wishes] = field(default_factory=dict)
    beside: dict[int, list[Notice]] = field(default_factory=dict)
    heard: dict[Heard, dict[int, bool]] = field(default_factory=dict)
    recorded: Recorded = field(default_factory=Recorded)
    shared: Shared = field(default_factory=Shared)
    _late: Late | None = None

    def refresh(self) -> bool:
        """Forget what was read if anything was recorded since; returns whether it was. One short query."""
        if not self.recorded.anything():
            return False
        for known in (self.rosters, self.wishes, self.beside, self.heard):
            known.clear()
        self._late, self.shared = None, Shared()
        return True

    def late(self) -> Late:
        """What is late, and whose it is."""
        if self._late is None:
            self._late = Late(self.roster_of(clock.today()))
        return self._late

    def roster(self, body: Body) -> Roster:
        """Who holds what today in the calendar of a body."""
        return self.roster_of(clock.today(body.time_zone))

    def roster_of(self, day: date) -> Roster:
        if day not in self.rosters:
            self.rosters[day] = Roster.on(day)
        return self.rosters[day]

    def wish(self, person: Person) -> Wishes:
        """How a person wants to be told."""
        if person.pk not in self.wishes:
            self.wishes |= wishes_of([person.pk])
        return self.wishes.get(person.pk, DEFAULTS)

    def load(self, found: models.QuerySet[Notice], *, many: bool = False) -> list[Notice]:
        """Notices with all that deciding and writing ask of them; `many` with what deciding asks. A constant number of queries."""
        notices = with_what_mails_need(found, self.shared if many else None)
        watched = {one.event_id for one in notices if one.kind == Kind.WATCHED} - {None} - self.beside.keys()
        if watched:
            self.beside |= {event: [] for event in watched}  # type: ignore[misc]
            others = Notice.objects.filter(event__in=watched).exclude(kind=Kind.WATCHED).exclude(state=State.SKIPPED)
            for one in with_what_mails_need(others):
                self.beside[one.event_id].append(one)  # type: ignore[index]
        self._count(notices)
        self.wishes |= wishes_of({one.person_id for one in notices if one.person_id} - self.wishes.keys())
        return notices

    def today(self, notice: Notice) -> date:
        """Today in the calendar of what a notice is about."""
        body = body_of(notice)
        return clock.today(body.time_zone if body else "UTC")

    # Whom ------------------------------------------------------------------------------------------------------------

    def recipients(self, notice: Notice) -> Recipients:
        """Who is to be told now, from the state as it is now."""
        if needless := self._needless(notice):
            return needless
        (people, instead_of), ball = self._addressed(notice)
        people = tuple(person for person in people if person.is_active)
        if not people:
            return Recipients(reason=NO_HOLDER)
        own = notice.event.actor_id if notice.event and notice.kind != Kind.LINK_USED else None
        others = tuple(person for person in people if person.pk != own)
        if not others:
            return Recipients(reason=OWN_ACT, ball=ball)
        if notice.kind == Kind.WATCHED and self._told_otherwise(notice, others[0]):
            return Recipients(reason=TOLD_OTHERWISE)
        wanting = tuple(p for p in others if not self._unwanted(notice, p))
        if not wanting:
            return Recipients(reason=self._unwanted(notice, others[0]))
        return Recipients(wanting, "", ball, instead_of)

    def _needless(self, notice: Notice) -> Recipients | None:
        """Why nobody need be told of it any more, or None."""
        occurrence = notice.occurrence
        if occurrence is not None and notice.kind == Kind.REMINDER:
            found = self.why_not(notice, occurrence)
            words, since = (found, None) if isinstance(found, str) else (found.words, found.since)
            return Recipients(reason=words, since=since) if words else None
        if notice.kind == Kind.WEEKLY:
            words = weekly.outdated(notice, self.today(notice))
        else:
            words = outdated(notice, occurrence) or shut(notice)
        return Recipients(reason=words, since=since_of(notice, words)) if words else None

    def _addressed(self, notice: Notice) -> tuple[Told, Ball | None]:
        """The people a notice is for, and who has the ball where that decides."""
        occurrence = notice.occurrence
        if notice.kind == Kind.BOUNCED:
            return Told(bounced.people(notice)), None
        if notice.kind == Kind.WEEKLY and notice.body is not None:
            return self._chair(notice.body), None
        if notice.person and (notice.audience == Audience.PERSON or occurrence is None):
            return Told((notice.person,)), None
        if occurrence is None:
            return Told(), None
        roster = self.roster(occurrence.body)
        if notice.kind == Kind.REMINDER or notice.audience in COPIED:
            if notice.audience == Audience.HOLDER:
                ball = ball_of(occurrence, roster)
                return roster.told(ball.office, ball.people, occurrence.resolution_id), ball
            near = notice.audience == Audience.ALTERNATE
            return whom(notice.audience, occurrence, roster), ball_of(occurrence, roster) if near else None
        if notice.kind == Kind.DATE_ASKED:
            ball = roster.granter(occurrence)
        elif notice.assignment:
            return Told(holders(notice.assignment, roster, occurrence.resolution_id)), None
        else:
            ball = ball_of(occurrence, roster)
        return Told(ball.people), ball

    def _chair(self, body: Body) -> Told:
        roster = self.roster(body)
        office = roster.seated(body, Role.CHAIR)
        return roster.told(office, roster.people(office)) if office else Told()

    def _unwanted(self, notice: Notice, person: Person) -> str:
        """Why what holds is not for this person ("" where it is): they do not want it, or not so early, or have heard of it as
        often as was promised. Those who are told in copy are counted apart."""
        if notice.kind == Kind.WEEKLY:
            return "" if self.wish(person).weekly else NOT_WANTED
        if notice.kind != Kind.REMINDER or notice.occurrence is None:
            return ""
        if too_early(
            self.wish(person).lead_days,
            day=notice.planned_for,
            due_on=notice.due_on,
            rung=notice.rung,
            anchor=notice.anchor,
        ):
            return TOO_EARLY
        heard = self.heard.get((notice.occurrence.pk, notice.due_on, person.pk, notice.audience in ASKED), {})
        before = sum(went or pk < notice.pk for pk, went in heard.items() if pk != notice.pk)
        policy = notice.policy
        at_most = policy.most_per_item if policy else built_in(notice.occurrence.obligation.kind).most
        return CAP if before >= at_most else ""

    def _count(self, notices: list[Notice]) -> None:
        """How often people have heard of the turns of these reminders. One query."""
        turns = {one.occurrence_id for one in notices if one.kind == Kind.REMINDER} - {None}
        if not turns:
            return
        self.heard = {key: rows for key, rows in self.heard.items() if key[0] not in turns}
        gone = Notice.objects.filter(
            occurrence__in=turns, kind=Kind.REMINDER, state__in=[State.SENT, State.SHOWN, State.QUEUED]
        )
        rows = gone.order_by().values_list("pk", "state", "occurrence", "due_on", "person", "audience")
        for pk, state, turn, due_on, person, audience in rows:
            self.heard.setdefault((turn, due_on, person, audience in ASKED), {})[pk] = state != State.QUEUED

    def _told_otherwise(self, notice: Notice, person: Person) -> bool:
        """Whether another notice of the same event tells the same person: then they need not hear of it as who watches."""
        for one in self.beside.get(notice.event_id or 0, ()):
            if one.state == State.PLANNED:
                if person in self.recipients(one).people:
                    return True
            elif one.person_id == person.pk and one.state != State.FAILED:
                return True
        return False


OWN = ("body__parent__parent", "policy", "assignment__office", "assignment__person")
OF_EVENT = ("actor", "body", "words")
OF_TURN = ("body", "session", "obligation")
OF_DUTY = ("paragraph", "resolution", "endorser__body", "responsible__parent__parent")


def with_what_mails_need(found: models.QuerySet[Notice], shared: Shared | None = None) -> list[Notice]:
    """Notices with what deciding and writing ask of them; with `shared` what deciding asks, each thing once and not once a row:
    many notices share most of it."""
    if shared is not None:
        notices = list(found)
        for start in range(0, len(notices), AT_ONCE):
            _share(notices[start : start + AT_ONCE], shared)
        return notices
    handed_in = Prefetch("occurrence__reports", Report.objects.filter(state=Report.State.SUBMITTED).defer("text"))
    asked = Prefetch("occurrence__assignments", Assignment.objects.select_related("office", "person"))
    beside = [f"event__{name}" for name in OF_EVENT] + [f"occurrence__{name}" for name in OF_TURN]
    duty = [f"occurrence__obligation__{name}" for name in OF_DUTY]
    notices = list(found.select_related("person", *OWN, *beside, *duty))
    for start in range(0, len(notices), AT_ONCE):
        models.prefetch_related_objects(notices[start : start + AT_ONCE], asked, handed_in)
    return notices


def _share(notices: list[Notice], shared: Shared) -> None:
    """Give notices the things that they share."""
    people = Person.objects.in_bulk({one.person_id for one in notices if one.person_id})
    events = Event.objects.select_related(*OF_EVENT).in_bulk({one.event_id for one in notices if one.event_id})
    turns = Occurrence.objects.in_bulk({one.occurrence_id for one in notices if one.occurrence_id})
    shared.give(list(turns.values()))
    for one in notices:
        one.person = people.get(one.person_id or 0)
        one.event = events.get(one.event_id or 0)
        one.occurrence = turns.get(one.occurrence_id or 0)
    models.prefetch_related_objects(notices, *OWN)


def body_of(notice: Notice) -> Body | None:
    """The body in whose calendar a notice falls due."""
    if notice.occurrence:
        return notice.occurrence.body
    return notice.body or (notice.event.body if notice.event else None)


def reachable(person: Person) -> bool:
    """Whether a mail can be addressed to a person at all."""
    try:
        validate_email(person.email)
    except ValidationError:
        return False
    return True


def is_copy(notice: Notice) -> bool:
    """Whether it is the row of a further recipient: its key is that of the first one's and their number."""
    return notice.kind != Kind.INVITED and notice.key.rpartition(":")[2] == str(notice.person_id)


def superseded(notices: Iterable[Notice]) -> dict[str, str]:
    """Of what waits for one person, the keys of what need not be told beside the rest, and why: of reminders of one
    occurrence the newest rung stands, of its moves the last, of weekly summaries the newest."""
    kept: dict[object, Notice] = {}
    left: dict[str, str] = {}
    for notice in sorted(notices, key=age):
        matter: object = notice.key
        if notice.kind in {Kind.REMINDER, Kind.MOVED}:
            matter = (notice.kind, notice.occurrence_id)
        elif notice.kind == Kind.WEEKLY:
            matter = (notice.kind, notice.body_id)
        if older := kept.get(matter):
            left[older.key] = _why_left(older, notice)
        kept[matter] = notice
    return left


def _why_left(older: Notice, newer: Notice) -> str:
    if older.event_id is not None and older.event_id == newer.event_id:
        return TOLD_OTHERWISE
    copied = older.planned_for == newer.planned_for and older.audience != newer.audience
    return SAME_PERSON if copied else CAUGHT_UP


def age(notice: Notice) -> tuple[object, ...]:
    """Oldest first; of one day the copies before the reminder to who has the ball, which then stands."""
    return notice.planned_for, -rank(notice.audience), notice.key


def rank(audience: str) -> int:
    """How near to the matter an audience is; 0 is nearest."""
    return CENTRE.index(Audience(audience)) if audience in CENTRE else len(CENTRE)
