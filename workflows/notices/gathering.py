"""What has arrived and waits goes into mails: one for each person and place of their day, however many runs were missed."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from tracker import clock
from tracker.ball import Ball
from tracker.duepoints import Station, Stations
from tracker.models import Body, Message, Notice, Person
from tracker.preferences import wishes_of
from workflows.notices.addressing import NO_ADDRESS, NOT_THEIRS, Present, WhyNot, is_copy, reachable
from workflows.notices.arrival import Changes, arrive
from workflows.notices.rows import set_rows
from workflows.notices.slots import OF_THE_DAY, PROMPT, Place, place

log = logging.getLogger(__name__)
Kind, State = Notice.Kind, Notice.State
PEOPLE_AT_ONCE = 100


def gather(reminder_outdated: WhyNot) -> int:
    """Let arrive what is due, and put what waits into mails; returns how many mails were made. `reminder_outdated` says why a
    reminder no longer holds."""
    present = Present(reminder_outdated)
    fresh = arrive(present)
    return _invite() + _make(present, fresh)


# Who has a mail coming ------------------------------------------------------------------------------------------------


@dataclass
class Waiting:
    """What waits for one person: the rows' keys with their kinds and occurrences, oldest first, and the body that the first
    is about."""

    person: int
    rows: list[tuple[int, str, int | None]] = field(default_factory=list)
    body: int | None = None

    @property
    def prompt(self) -> bool:
        return any(kind in PROMPT for _pk, kind, _occurrence in self.rows)

    def of(self, found: Place) -> list[int]:
        """The rows that a mail of a place carries: the mail of the day all; any other what should not wait, and what is
        about the same items."""
        if found.slot == OF_THE_DAY:
            return [pk for pk, _kind, _occurrence in self.rows]
        items = {occurrence for _pk, kind, occurrence in self.rows if kind in PROMPT} - {None}
        return [pk for pk, kind, occurrence in self.rows if kind in PROMPT or occurrence in items]


def _waiting(people: Iterable[int] | None = None) -> dict[int, Waiting]:
    """What has arrived and is in no mail yet, of everybody or of some people. One query."""
    rows = Notice.objects.filter(state=State.PLANNED, arrived_at__isnull=False, message=None, person__isnull=False)
    if people is not None:
        rows = rows.filter(person__in=people)
    found: dict[int, Waiting] = {}
    for pk, kind, person, occurrence, *bodies in (
        rows.exclude(kind=Kind.INVITED)
        .order_by("planned_for", "pk")
        .values_list("pk", "kind", "person", "occurrence", "occurrence__obligation__responsible", "body", "event__body")
    ):
        one = found.setdefault(person, Waiting(person))
        one.rows.append((pk, kind, occurrence))
        one.body = one.body or next(filter(None, bodies), None)
    return found


@dataclass
class Days:
    """The days of people: their zones, their duty stations' calendars, and which places of them are taken."""

    bodies: dict[int, Body] = field(default_factory=dict)
    stations: Stations = field(default_factory=Stations)

    def station(self, body: int | None) -> Station:
        return self.stations.of(self.bodies[body]) if body in self.bodies else Station()

    def zone(self, body: int | None) -> str:
        return self.bodies[body].time_zone if body in self.bodies else "UTC"

    def place(self, waiting: Waiting, present: Present, taken: dict[date, set[int]]) -> Place | None:
        """The place that is free now for what waits for somebody."""
        wishes = present.wishes[waiting.person]
        return place(
            clock.now(),
            wishes.time_zone or self.zone(waiting.body),
            wishes,
            works=self.station(waiting.body).works,
            taken=taken,
            prompt=waiting.prompt,
        )


@dataclass
class Slots:
    """The mails of people's present days: which places are taken, and which mails still take something up."""

    taken: dict[int, dict[date, set[int]]] = field(default_factory=dict)
    waiting: dict[int, Message] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[int]) -> "Slots":
        """One query, and one for mails of earlier days that never went out."""
        slots = cls()
        mails = Message.objects.filter(person__in=people, slot__isnull=False)
        recent = mails.filter(day__gte=clock.today() - timedelta(days=2))
        for mail in [*mails.filter(state=Message.State.QUEUED, attempts=0).order_by("slot", "pk"), *recent]:
            slots._note(mail)
        return slots

    def _note(self, mail: Message) -> None:
        if (
            mail.state == Message.State.SKIPPED and mail.attempts <= 1
        ):  # nothing in it held and nothing was sent: it is free
            return
        person, place = mail.person_id or 0, place_of(mail)
        self.taken.setdefault(person, {}).setdefault(place.day, set()).add(place.slot)
        if mail.state == Message.State.QUEUED and not mail.attempts:
            self.waiting.setdefault(person, mail)


def place_of(mail: Message) -> Place:
    """The place of a mail that has one."""
    assert mail.day is not None  # noqa: S101  (asked of those)
    assert mail.slot is not None  # noqa: S101
    return Place(mail.day, mail.slot)


# Making them -----------------------------------------------------------------------------------------------------------


def _make(present: Present, fresh: set[int]) -> int:
    """The mails of everybody who has one coming now. `fresh` are rows whose recipients were read a moment ago."""
    waiting = _waiting()
    if not waiting:
        return 0
    present.wishes.clear()
    days = Days({body.pk: body for body in Body.objects.select_related("parent__parent__parent")})
    made = 0
    for people in _in_parts(list(waiting)):
        try:
            made += _make_for({person: waiting[person] for person in people}, present, days, fresh)
        except Exception as error:
            log.warning("The mails of %s people could not be made together.", len(people), exc_info=error)
            made += sum(_alone(waiting[person], present, days, fresh) for person in people)
    return made


def _in_parts(people: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        yield people[start : start + PEOPLE_AT_ONCE]


def _alone(waiting: Waiting, present: Present, days: Days, fresh: set[int]) -> int:
    try:
        return _make_for({waiting.person: waiting}, present, days, fresh)
    except Exception:
        log.exception("What waits for person %s could not be made into a mail.", waiting.person)
        return 0


def _make_for(waiting: dict[int, Waiting], present: Present, days: Days, fresh: set[int]) -> int:
    """The mails of those of these people who have a place for what waits for them; that is asked once more with it locked."""
    people = list(waiting)
    present.wishes |= wishes_of(people)
    if not (people := list(_places(waiting, Slots.of(people), present, days))):
        return 0
    with transaction.atomic():
        waiting = _still_theirs(_locked(_waiting(people)), present, fresh)
        places = _places(waiting, Slots.of(people), present, days)
        reached = Person.objects.in_bulk(places)
        for person in [person for person in places if not reachable(reached[person])]:
            _settle(waiting[person].of(places.pop(person)), state=State.FAILED, reason=NO_ADDRESS)
        mails, new = _mails({reached[person]: found for person, found in places.items()})
        carried = ((pk, mail) for person, mail in mails.items() for pk in waiting[person].of(places[person]))
        set_rows(Notice, (({"state": State.QUEUED, "reason": "", "message": mail}, {"id": pk}) for pk, mail in carried))
    return new


def _places(waiting: dict[int, Waiting], slots: Slots, present: Present, days: Days) -> dict[int, Place]:
    """Where what waits for these people goes now: into a mail that was not sent yet, else into a place that is free."""
    found: dict[int, Place] = {}
    for person, one in waiting.items():
        mail = slots.waiting.get(person)
        open_ = place_of(mail) if mail else None
        if open_ and one.of(open_):
            found[person] = open_
        elif free := days.place(one, present, slots.taken.get(person, {})):
            found[person] = free
    return found


def _locked(waiting: dict[int, Waiting]) -> dict[int, Waiting]:
    """The same, with the rows locked until the end of the transaction; without those that another worker was faster with."""
    keys = [pk for one in waiting.values() for pk, _kind, _occurrence in one.rows]
    rows = Notice.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    mine = set(rows.filter(state=State.PLANNED, message=None).values_list("pk", flat=True))
    return _only(waiting, mine)


def _only(waiting: dict[int, Waiting], mine: set[int]) -> dict[int, Waiting]:
    for one in waiting.values():
        one.rows = [row for row in one.rows if row[0] in mine]
    return {person: one for person, one in waiting.items() if one.rows}


def _still_theirs(waiting: dict[int, Waiting], present: Present, fresh: set[int]) -> dict[int, Waiting]:
    """The same, without what no longer holds and what is another's now, which arrives anew."""
    keys = {pk for one in waiting.values() for pk, _kind, _occurrence in one.rows}
    changes = Changes()
    for notice in present.load(Notice.objects.filter(pk__in=keys - fresh), many=True) if keys - fresh else ():
        if not keep(notice, notice.person, present, changes):
            keys.discard(notice.pk)
    changes.save()
    return _only(waiting, keys)


def keep(notice: Notice, person: Person | None, present: Present, changes: Changes) -> Ball | bool | None:
    """Whether a notice still holds for the person it arrived for: who has the ball, or True; None where it does not. Then
    what becomes of it is noted in `changes`."""
    to = present.recipients(notice)
    if person in to.people:
        return to.ball or True
    if not to.people:
        changes.skip(notice, to.reason, to.since)
    elif is_copy(notice):
        changes.skip(notice, NOT_THEIRS)
    else:
        changes.set(notice, state=State.PLANNED, message=None, arrived_at=None, read_at=None)
    return None


def _mails(places: dict[Person, Place]) -> tuple[dict[int, Message], int]:
    """A mail that is not being sent yet for each of these places, locked, and how many are new. Where another worker was
    faster there is none, and what waits goes on waiting."""
    fresh = {
        message_id("day", str(person.pk), str(day), str(slot)): Message(
            person=person, address=person.email, day=day, slot=slot, created_at=clock.now()
        )
        for person, (day, slot) in places.items()
    }
    for name, mail in fresh.items():
        mail.message_id = name
    known = Message.objects.filter(message_id__in=fresh)
    before = known.count()
    Message.objects.bulk_create(fresh.values(), ignore_conflicts=True)  # one a place: held by the database
    locked = known.select_for_update(of=("self",), no_key=True).order_by("pk")
    spare = [mail.pk for mail in locked.filter(state=Message.State.SKIPPED, attempts__lte=1)]
    Message.objects.filter(pk__in=spare).update(state=Message.State.QUEUED)
    open_ = locked.filter(Q(attempts=0) | Q(pk__in=spare), state=Message.State.QUEUED)
    return {mail.person_id: mail for mail in open_ if mail.person_id}, len(fresh) - before + len(spare)


def _settle(rows: list[int], **columns: object) -> None:
    Notice.objects.filter(pk__in=rows).update(settled_at=clock.now(), **columns)


def _invite() -> int:
    """Invitations are mails of an account: each goes alone and at once, beside the day's places."""
    with transaction.atomic():
        rows = Notice.objects.select_for_update(of=("self",), no_key=True).select_related("person")
        due = rows.filter(kind=Kind.INVITED, state=State.PLANNED, arrived_at__isnull=False, message=None)
        made = 0
        for notice in due.order_by("pk"):
            person = notice.person
            if person is None or not reachable(person):
                _settle([notice.pk], state=State.FAILED, reason=NO_ADDRESS)
                continue
            columns = {"person": person, "address": person.email, "created_at": clock.now()}
            mail, _new = Message.objects.update_or_create(
                message_id=message_id(notice.key, str(person.pk)),
                defaults={"state": Message.State.QUEUED, "address": person.email},
                create_defaults=columns,
            )
            Notice.objects.filter(pk=notice.pk).update(state=State.QUEUED, message=mail)
            made += 1
    return made


def message_id(*parts: str) -> str:
    """The same at every attempt and after every crash, so that a receiver can drop a double."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:40]}@{host}>"
