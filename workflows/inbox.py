"""What waits for whom: one list a person, grouped by urgency, each row with the reason why it is there and its next step. What
is somebody's business is `desk`'s to say; in full come only the rows that are shown."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from tracker import access, clock
from tracker.models import HandOver, Person, Session, State
from workflows.desk import Desk, Row, Turn, day_in
from workflows.machines import UNDISCHARGED, Status

WITHOUT_A_SESSION = timedelta(days=60)
LATE, BEFORE, WAITING, LATER = "late", "before", "waiting", "later"
SHOWN = 20
"""Rows of a group before a link leads to all of them."""
PER_PAGE = 50


@dataclass(frozen=True)
class Group:
    """Rows of one urgency: `late`, `before` (the next session of a body), `waiting` or `later`. `rows` are those shown of
    `total`; `slug` names the group in addresses."""

    key: str
    title: str
    rows: list[Row]
    session: Session | None = None
    today: date | None = None
    total: int = 0

    @property
    def slug(self) -> str:
        return f"{self.key}-{self.session.body.slug}-{self.session.slug}" if self.session else self.key

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


def my_tasks(person: Person, *, now: datetime | None = None, only: str = "", page: int = 1) -> list[Group]:
    """What waits for a person, most urgent group first; empty groups are left out. Each group has its first rows, or with
    `only` (a group's slug) that group alone has a page of them."""
    now = now or clock.now()
    desk = Desk(person, now)
    sessions = _next_sessions(person, now)
    placed: dict[tuple[str, Session | None], list[Turn]] = {}
    for turn, waiting in desk.turns():
        placed.setdefault(_place(turn, desk.day(turn.body), sessions.get(turn.body), waiting=waiting), []).append(turn)
    groups = [_group(key, session, turns, now) for (key, session), turns in placed.items()]
    found = [(group, turns) for group, turns in zip(groups, placed.values(), strict=True) if only in ("", group.slug)]
    found.sort(key=lambda pair: (_ORDER[pair[0].key], pair[0].title, pair[0].slug))
    shown = slice((page - 1) * PER_PAGE, page * PER_PAGE) if only else slice(SHOWN)
    chosen = [sorted(turns, key=_by_day)[shown] for _group_, turns in found]
    rows = desk.rows([turn.number for turns in chosen for turn in turns])
    return [
        replace(group, rows=[rows[one.number] for one in turns if one.number in rows])
        for (group, _turns), turns in zip(found, chosen, strict=True)
    ]


_ORDER = {LATE: 0, BEFORE: 1, WAITING: 2, LATER: 3}


def _by_day(turn: Turn) -> tuple[date, str]:
    return turn.due_on or date.max, turn.reference


def _place(turn: Turn, today: date, session: Session | None, *, waiting: bool) -> tuple[str, Session | None]:
    """The urgency of a turn, and the session before which it is due where it is one."""
    if waiting:
        return WAITING, None
    if turn.status in UNDISCHARGED and turn.due_on and turn.due_on < today:
        return LATE, None
    until = session.opens if session and session.opens else today + WITHOUT_A_SESSION
    pressing = turn.due_on is not None and turn.due_on <= until
    if not (pressing or turn.status in {Status.SUBMITTED, Status.ENDORSED}):
        return LATER, None
    return BEFORE, session


def _group(key: str, session: Session | None, turns: list[Turn], now: datetime) -> Group:
    """A group by its urgency, with no rows in it yet."""
    if session is not None:
        title = _("Before %(session)s") % {"session": session}
        return Group(key, title, [], session, day_in(now, session.body), total=len(turns))
    titles = {
        LATE: _("Late"),
        BEFORE: _("In the next 60 days"),
        WAITING: _("Waiting on others"),
        LATER: _("Later"),
    }
    return Group(key, titles[key], [], total=len(turns))


def _next_sessions(person: Person, now: datetime) -> dict[int, Session]:
    """The next ordinary session of each body that has one to come."""
    to_come = access.sessions(person).filter(
        kind=Session.Kind.ORDINARY, state=State.PLANNED, opens__gt=now.date() - timedelta(days=1)
    )
    found: dict[int, Session] = {}
    for session in to_come.order_by("opens"):
        if session.opens and session.opens > day_in(now, session.body):
            found.setdefault(session.body_id, session)
    return found


def waiting_hand_overs(person: Person, *, now: datetime | None = None) -> list[HandOver]:
    """The hand-overs of a person's own terms that run and that they have not accepted yet."""
    day = (now or clock.now()).date()
    mine = access.hand_overs(person).filter(term__person=person, accepted_at=None)
    return [one for one in mine if one.term.runs(day)]
