"""The Council's page as data: one sentence, counts that add up, the grid, what is past due, what awaits a decision."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tracker import access, clock
from tracker.ball import Roster
from tracker.marks import MARKS, ORDER, Mark
from tracker.models import Body, Session
from tracker.summaries.grid import Grid, grid
from tracker.summaries.items import NOTHING_DUE, Item, in_force, item_lines, items_of, tally
from tracker.summaries.ledger import Ledger, ledgers
from tracker.summaries.rows import Late, Pending, late_rows, pending_rows
from tracker.summaries.scope import Filters, Number, Sight, select, session_key

ROWS_A_PAGE = 40
IN_FULL = 12
NAMED = 3


@dataclass(frozen=True)
class Statement:
    """A part of the sentence: how many items read so at their worst; the first are named. `code` is a mark's, or "none"
    where nothing is due."""

    code: str
    number: Number
    days: int | None
    named: str

    @property
    def words(self) -> str:
        """Such as "3 are due", "1 is late by 25 days"."""
        n = self.number.count
        if self.code == "late" and n == 1 and self.days:
            return ngettext("1 is late by %(days)s day", "1 is late by %(days)s days", self.days) % {"days": self.days}
        return _sentence(self.code, n) % {"n": n}


def _sentence(code: str, n: int) -> str:
    """The words of a part of the sentence, for a number of items."""
    return {
        "late": ngettext("%(n)s is late", "%(n)s are late", n),
        "unassigned": ngettext("%(n)s has no one assigned", "%(n)s have no one assigned", n),
        "never_asked": ngettext("%(n)s was never asked for", "%(n)s were never asked for", n),
        "not_reported": ngettext("%(n)s was not reported", "%(n)s were not reported", n),
        "waiting": ngettext("%(n)s waits for a date", "%(n)s wait for a date", n),
        "on_hold": ngettext("%(n)s is on hold", "%(n)s are on hold", n),
        "due": ngettext("%(n)s is due", "%(n)s are due", n),
        "submitted": ngettext(
            "%(n)s is submitted and awaits endorsement", "%(n)s are submitted and await endorsement", n
        ),
        "endorsed": ngettext("%(n)s is complete and awaits the body", "%(n)s are complete and await the body", n),
        "received": ngettext("%(n)s was received", "%(n)s were received", n),
        "nothing": ngettext("%(n)s is reported with nothing to tell", "%(n)s are reported with nothing to tell", n),
        "closed": ngettext("%(n)s is closed by decision", "%(n)s are closed by decision", n),
        "waived": ngettext("%(n)s is waived", "%(n)s are waived", n),
        NOTHING_DUE: ngettext("on %(n)s nothing is due", "on %(n)s nothing is due", n),
    }[code]


@dataclass(frozen=True)
class Count:
    """How many occurrences bear a mark."""

    code: str
    number: Number

    @property
    def mark(self) -> Mark:
        return Mark(self.code, str(MARKS[self.code][1]))


@dataclass(frozen=True)
class SessionLine:
    """The session that a page is about."""

    key: str
    name: str
    opens: date | None
    closes: date | None
    precision: str
    place: str
    state: str


@dataclass(frozen=True)
class Overview:
    """All that the Council's page says. `counts` are of occurrences and add up to `occurrences`; `statements` are of
    items and add up to `items`; `past_due` is the sum of those past their day, whatever their mark, `vacant` of those
    led by an office that no one holds, whatever their mark too; `carried` are past due and belong to earlier sessions,
    beside the counts and not in them."""

    body: str
    body_name: str
    time_zone: str
    today: date
    session: SessionLine | None
    filters: Filters
    items: Number
    items_in_all: int
    symbols: tuple[str, ...]
    statements: tuple[Statement, ...]
    occurrences: Number
    superseded: int
    counts: tuple[Count, ...]
    past_due: Number
    vacant: Number
    carried: Number
    ledgers: tuple[Ledger, ...]
    grid: Grid
    grid_page: int
    grid_pages: int
    late: tuple[Late, ...]
    awaiting: Number
    pending: tuple[Pending, ...]


def overview(  # noqa: PLR0913  (a question has that many parts)
    reader: access.Reader,
    body: Body,
    session: Session | None,
    *,
    filters: Filters | None = None,
    today: date | None = None,
    page: int = 1,
    rows: int | None = ROWS_A_PAGE,
    sight: Sight | None = None,
    in_full: int = IN_FULL,
) -> Overview:
    """What a reader may see of a body before a session of it (None: before none in particular, all there is).

    `filters` narrow everything but the columns of the grid, `page` and `rows` cut its rows (None: all of them), `sight` is
    what the reader may see, where that is known already; `in_full` rows of the late and the awaiting list are told. The
    number of queries does not grow with the number of items or occurrences. ValidationError for a filter without sense.
    """
    today = today or clock.today(body.time_zone)
    chosen = (filters or Filters()).but(session=session_key(session, body) if session else "")
    sight = sight or Sight.of(reader, body)
    found = select(sight, chosen, today)
    counted = tally(found, today)
    worst = counted.worst
    items = items_of(sight, resolution=chosen.resolution, day=_day(session, today), beside=worst)
    shown = [item for item in items if item.id in worst] if chosen.narrowed else items
    roster = Roster.on(today)
    pages = max(1, -(-len(shown) // rows)) if rows else 1
    page = min(max(1, page), pages)
    on_page = shown[(page - 1) * rows : page * rows] if rows else shown
    earlier = select(sight, chosen.but(session="", before=chosen.session, past_due=True), today) if session else None
    awaited = chosen.but(session="", until=chosen.session, awaiting=True)
    awaiting = select(sight, awaited, today)
    counts = tuple(
        Count(code, Number(number, chosen.but(mark=code).query(body))) for code, number in counted.marks.items()
    )
    return Overview(
        body=body.slug,
        body_name=body.name,
        time_zone=body.time_zone,
        today=today,
        session=_line(session, body),
        filters=chosen,
        items=Number(len(shown), _by_item(body, chosen, "")),
        items_in_all=len(items),
        symbols=tuple(dict.fromkeys(item.symbol for item in items)),
        statements=_statements(body, chosen, shown, worst),
        occurrences=Number(sum(count.number.count for count in counts), chosen.query(body)),
        superseded=_superseded(sight, session),
        counts=counts,
        past_due=Number(counted.past_due, chosen.but(past_due=True).query(body)),
        vacant=Number(counted.vacant, chosen.but(vacant=True).query(body)),
        carried=Number(
            earlier.count() if earlier is not None else 0,
            chosen.but(session="", before=chosen.session, past_due=True).query(body),
        ),
        ledgers=tuple(_ledgers(sight, chosen, today)),
        grid=grid(sight, items=on_page, this=session, roster=roster, today=today),
        grid_page=page,
        grid_pages=pages,
        late=late_rows(reader, found, roster=roster, today=today, limit=in_full) if counted.past_due else (),
        awaiting=Number(
            counted.endorsed if awaited == chosen.but(awaiting=True) else awaiting.count(), awaited.query(body)
        ),
        pending=pending_rows(awaiting, today=today, limit=in_full),
    )


def _day(session: Session | None, today: date) -> date | None:
    """The day on which a text must be in force to be asked about."""
    return session.opens if session and session.opens else today


def _by_item(body: Body, filters: Filters, worst: str) -> str:
    """The query string of a list of items."""
    return f"{filters.query(body)}&by=item" + (f"&worst={worst}" if worst else "")


def _statements(
    body: Body, filters: Filters, items: list[Item], worst: dict[int, tuple[str, int | None]]
) -> tuple[Statement, ...]:
    """The parts of the sentence, worst first; every item is in exactly one."""
    several = len({item.resolution_id for item in items}) > 1
    by_code: dict[str, list[tuple[Item, int | None]]] = {}
    for line in item_lines(items, worst):
        by_code.setdefault(line.code, []).append((line.item, line.days))
    return tuple(
        Statement(
            code,
            Number(len(lines), _by_item(body, filters, code)),
            lines[0][1] if len(lines) == 1 else None,
            _named(lines, several=several),
        )
        for code in (*ORDER, NOTHING_DUE)
        if (lines := by_code.get(code))
    )


def _named(lines: list[tuple[Item, int | None]], *, several: bool) -> str:
    """The items of a part, where they are few: "item 3", "items 1, 1.1 and 4"."""
    if len(lines) > NAMED:
        return ""
    comma = pgettext("between the parts of a list", ", ")
    names = [f"{item.symbol}{comma}{item.number}" if several else item.number for item, _days in lines]
    joined = names[0]
    if names[1:]:
        joined = _("%(first)s and %(last)s") % {"first": comma.join(names[:-1]), "last": names[-1]}
    return ngettext("item %(names)s", "items %(names)s", len(names)) % {"names": joined}


def _superseded(sight: Sight, session: Session | None) -> int:
    """How many an amendment has taken the place of: said beside the counts."""
    gone = sight.occurrences.filter(status="superseded")
    return (gone.filter(session=session) if session else gone).count()


def _ledgers(sight: Sight, filters: Filters, today: date) -> list[Ledger]:
    """The ledgers of the versions in force, and of those whose intake is not finished."""
    versions = sight.versions.order_by("resolution__slug", "pk")
    if filters.resolution:
        versions = versions.filter(resolution__slug=filters.resolution)
    found = list(versions)
    standing = {version.pk for version in in_force(found, today).values()}
    texts = set(sight.paragraphs.filter(version__in=found).values_list("version", flat=True))
    return ledgers(
        sight.paragraphs, [v for v in found if v.pk in standing or (v.tracking == "intake" and v.pk in texts)]
    )


def _line(session: Session | None, body: Body) -> SessionLine | None:
    if session is None:
        return None
    return SessionLine(
        key=session_key(session, body),
        name=session.name,
        opens=session.opens,
        closes=session.closes,
        precision=session.precision,
        place=session.place,
        state=session.state,
    )
