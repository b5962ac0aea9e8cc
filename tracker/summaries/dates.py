"""What stands in the calendar besides duties: sessions, sittings, meetings, and the document deadlines before sessions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker import access
from tracker.duepoints import Stations, deadline_day
from tracker.models import Body, DeadlineRule, Meeting, Precision, Session, Sitting, State

OPENING, SITTING, MEETING, DEADLINE = "opening", "sitting", "meeting", "deadline"


@dataclass(frozen=True)
class Dated:
    """One thing of the calendar with its days. `key` is its stable name, made of references and never of ids."""

    kind: str
    key: str
    title: str
    body: Body
    thing: Session | Sitting | Meeting
    first: date | None
    last: date | None
    precision: str
    state: str
    place: str = ""
    rule: DeadlineRule | None = None

    @property
    def is_off(self) -> bool:
        """Whether it will not take place."""
        return self.state == State.CANCELLED

    @property
    def state_words(self) -> str:
        """Its state, where that is not plain from the dates."""
        return "" if self.state in {State.PLANNED, State.HELD} else str(State(self.state).label)

    @property
    def href(self) -> str:
        """Its entry in the calendar."""
        thing = self.thing.session if isinstance(self.thing, Sitting) else self.thing
        year = self.first.year if self.first else "all"
        label = thing.slug if isinstance(thing, Session) else f"m{thing.number}"
        return f"{reverse('calendar')}?year={year}#{thing.body.slug}-{label}"


def dated(reader: access.Reader, bodies: Iterable[int] | None = None) -> list[Dated]:
    """The calendar of some bodies (None: of all), in the order of its days, what has none last. Four queries, and two more
    where a deadline counts in working days."""
    of_these = Q() if bodies is None else Q(body__in=set(bodies))
    sessions = list(access.sessions(reader).filter(of_these).prefetch_related("sittings"))
    found = [one for session in sessions for one in _of_session(session)]
    found += [_of_meeting(meeting) for meeting in access.meetings(reader).filter(of_these)]
    rules = list(DeadlineRule.objects.select_related("body__parent__parent").filter(of_these, ended_at=None))
    found += _deadlines(sessions, rules)
    return sorted(found, key=lambda one: (one.first is None, one.first or date.max, one.key))


def _of_session(session: Session) -> Iterator[Dated]:
    key = f"session/{session.body.slug}/{session.slug}"
    named = _("%(session)s opens") % {"session": session.name}
    yield Dated(
        OPENING,
        key,
        named,
        session.body,
        session,
        session.opens,
        session.closes,
        session.precision,
        session.state,
        session.place,
    )
    numbers: Counter[str] = Counter()
    for sitting in sorted(session.sittings.all(), key=lambda one: one.pk):
        numbers[sitting.kind] += 1
        if sitting.kind == Sitting.Kind.MAIN and sitting.begins == session.opens:
            continue  # the session itself
        title = _("%(session)s: %(kind)s sitting, %(form)s") % {
            "session": session.name,
            "kind": sitting.get_kind_display(),
            "form": sitting.get_form_display(),
        }
        yield Dated(
            SITTING,
            f"{key}/{sitting.kind}-{numbers[sitting.kind]}",
            title,
            session.body,
            sitting,
            sitting.begins,
            sitting.ends,
            sitting.precision,
            sitting.state,
            sitting.place,
        )


def _of_meeting(meeting: Meeting) -> Dated:
    return Dated(
        MEETING,
        f"meeting/{meeting.body.slug}/m{meeting.number}",
        str(meeting)[:1].upper() + str(meeting)[1:],
        meeting.body,
        meeting,
        meeting.begins,
        meeting.ends,
        meeting.precision,
        meeting.state,
    )


def _deadlines(sessions: list[Session], rules: list[DeadlineRule]) -> Iterator[Dated]:
    """The deadlines of each session whose opening is known to the day."""
    stations = Stations()
    for rule in rules:
        for session in sessions:
            day = deadline_day(rule, session.opening_day, stations)
            if session.body_id != rule.body_id or day is None:
                continue
            yield Dated(
                DEADLINE,
                f"deadline/{rule.body.slug}/{session.slug}/{rule.slug}",
                _("%(rule)s: deadline for %(session)s") % {"rule": rule.name, "session": session.name},
                session.body,
                session,
                day,
                None,
                Precision.DAY,
                session.state,
                rule=rule,
            )
