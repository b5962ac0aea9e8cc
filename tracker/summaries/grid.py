"""The grid: items down, sessions across. A cell holds the occurrences of an item that belong to a session, worst first,
or words that say why there is none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from tracker import access
from tracker.ball import Roster
from tracker.marks import Mark
from tracker.models import Assignment, Body, Obligation, Paragraph, Session, State, Version
from tracker.summaries.items import Item, in_force, since
from tracker.summaries.rows import Holder, lead_words
from tracker.summaries.scope import NO_SESSION, Sight, session_key
from tracker.summaries.turns import Turn, read

Kind = Obligation.Kind


@dataclass(frozen=True)
class Entry:
    """One occurrence in a cell."""

    mark: Mark
    reference: str
    body: str
    short: str
    title: str
    due_on: date | None
    discharged: bool
    meeting: int | None
    meeting_on: date | None
    meeting_precision: str
    document: str

    @property
    def silent(self) -> bool:
        """Whether the mark is one of silence, said by its word alone; its day stands beside it."""
        return self.mark.code in {"unassigned", "never_asked", "not_reported"}


@dataclass(frozen=True)
class Cell:
    """Occurrences, worst first; without any, `words` say why. `span` columns wide."""

    entries: tuple[Entry, ...] = ()
    words: str = ""
    column: str = ""
    this: bool = False
    nothing_due: bool = False


@dataclass(frozen=True)
class Column:
    """A session, or a run of sessions in which there is nothing but the same words; `key` as in filters."""

    key: str
    label: str
    until: str = ""
    sessions: int = 1
    opens: date | None = None
    precision: str = ""
    own: bool = True
    this: bool = False

    @property
    def heading(self) -> str:
        return _("%(first)s to %(last)s") % {"first": self.label, "last": self.until} if self.until else self.label


@dataclass(frozen=True)
class Row:
    """An item with its cells."""

    number: str
    path: str
    title: str
    text: str
    depth: int
    words: str
    cells: tuple[Cell, ...]
    holder: Holder | None


@dataclass(frozen=True)
class Group:
    """The rows of one version of a resolution."""

    body: str
    slug: str
    symbol: str
    designation: str
    title: str
    in_force: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Grid:
    """Columns and groups of rows."""

    columns: tuple[Column, ...] = ()
    groups: tuple[Group, ...] = ()

    def folded(self) -> "Grid":
        """With neighbouring columns made one where every row says the same words in both and nothing else."""
        rows = [row for group in self.groups for row in group.rows]
        columns: list[Column] = []
        kept: list[int] = []
        for place, column in enumerate(self.columns):
            before = self.columns[place - 1] if place else None
            if (
                before
                and not (column.this or before.this)
                and all(_alike(r.cells[place - 1], r.cells[place]) for r in rows)
            ):
                last = columns[-1]
                columns[-1] = replace(last, until=column.label, sessions=last.sessions + 1)
                continue
            columns.append(column)
            kept.append(place)
        headings = [column.heading for column in columns]

        def narrow(row: Row) -> Row:
            return replace(
                row, cells=tuple(replace(row.cells[p], column=h) for p, h in zip(kept, headings, strict=True))
            )

        return Grid(tuple(columns), tuple(replace(g, rows=tuple(narrow(r) for r in g.rows)) for g in self.groups))


def _alike(left: Cell, right: Cell) -> bool:
    return not left.entries and not right.entries and left.words == right.words


@dataclass
class _Sheet:
    """What the cells are filled from."""

    sight: Sight
    today: date
    roster: Roster
    sessions: list[Session | None]
    this: Session | None
    versions: dict[int, list[Version]]
    obligations: dict[int, list[Obligation]]
    found: dict[tuple[int, int | None], list[Turn]]
    leads: dict[int, Assignment]


def grid(
    sight: Sight,
    *,
    items: Sequence[Item],
    this: Session | None,
    roster: Roster,
    today: date,
) -> Grid:
    """The grid of these items. A constant number of queries, whatever the number of items, sessions and occurrences."""
    ids = [item.id for item in items]
    texts = sight.paragraphs.select_related("version__resolution__body", "covered_by")
    paragraphs = {p.pk: p for p in texts.filter(pk__in=ids).defer("proposal", "version__text")}
    found: dict[tuple[int, int | None], list[Turn]] = {}
    for turn in read(sight.occurrences.filter(obligation__paragraph__in=ids), today):
        found.setdefault((turn.columns.paragraph, turn.columns.session), []).append(turn)
    obligations: dict[int, list[Obligation]] = {}
    for obligation in sight.obligations.filter(paragraph__in=ids).select_related("anchor_session"):
        obligations.setdefault(obligation.paragraph_id, []).append(obligation)
    versions: dict[int, list[Version]] = {}
    for version in sight.versions.filter(resolution__in={item.resolution_id for item in items}):
        versions.setdefault(version.resolution_id, []).append(version)
    sessions = _columns(sight, versions, this)
    if any(session_id is None for _pk, session_id in found):
        sessions.append(None)
    leads = _leads(turn.columns.lead for several in found.values() for turn in several if turn.columns.is_open)
    sheet = _Sheet(sight, today, roster, sessions, this, versions, obligations, found, leads)
    columns = tuple(_column(session, sight.body, this) for session in sessions)
    return Grid(columns, _groups(sheet, items, paragraphs, columns))


def _leads(numbers: Iterable[int | None]) -> dict[int, Assignment]:
    """The standing leads of these numbers, with office and person."""
    wanted = {number for number in numbers if number is not None}
    return Assignment.objects.select_related("office__body", "person").in_bulk(wanted) if wanted else {}


def _columns(sight: Sight, versions: dict[int, list[Version]], this: Session | None) -> list[Session | None]:
    """The body's ordinary sessions since its first text was adopted, and every session that something hangs on."""
    begun = [day for several in versions.values() for version in several if (day := since(version))]
    hung = Q(pk__in=sight.sessions)
    if this is not None:
        hung |= Q(pk=this.pk)
    if begun:
        hung |= Q(body=sight.body, kind=Session.Kind.ORDINARY, opens__gt=min(begun)) & ~Q(state=State.CANCELLED)
    found = access.sessions(sight.reader).filter(hung)
    dated: list[Session] = sorted(found, key=lambda s: (s.opens or date.max, s.code))
    return [*dated]


def _column(session: Session | None, body: Body, this: Session | None) -> Column:
    if session is None:
        return Column(NO_SESSION, _("Session not recorded"), own=False)
    own = session.body_id == body.pk
    return Column(
        session_key(session, body),
        str(session),
        opens=session.opens,
        precision=session.precision,
        own=own,
        this=session == this,
    )


def _groups(
    sheet: _Sheet, items: Sequence[Item], paragraphs: dict[int, Paragraph], columns: Sequence[Column]
) -> tuple[Group, ...]:
    groups: dict[int, list[Row]] = {}
    heads: dict[int, tuple[Paragraph, bool]] = {}
    for item in items:
        paragraph = paragraphs.get(item.id)
        if paragraph is None:
            continue
        heads.setdefault(item.version_id, (paragraph, item.in_force))
        groups.setdefault(item.version_id, []).append(_row(sheet, item, paragraph, columns))
    return tuple(
        Group(
            body=sheet.sight.body.slug,
            slug=first.version.resolution.slug,
            symbol=first.version.resolution.symbol,
            designation=first.version.designation or first.version.label,
            title=first.version.title or first.version.resolution.title,
            in_force=current,
            rows=tuple(groups[version_id]),
        )
        for version_id, (first, current) in heads.items()
    )


def _row(sheet: _Sheet, item: Item, paragraph: Paragraph, columns: Sequence[Column]) -> Row:
    duties = sheet.obligations.get(item.id, [])
    cells = tuple(
        _cell(sheet, item, session, column, duties) for session, column in zip(sheet.sessions, columns, strict=True)
    )
    shown = [
        turn for session in sheet.sessions for turn in sheet.found.get((item.id, session.pk if session else None), [])
    ]
    return Row(
        number=item.number,
        path=item.path,
        title=duties[0].title if duties else paragraph.text,
        text=paragraph.text,
        depth=item.path.count(".") + item.path.count("(") if paragraph.parent_id else 0,
        words=_disposition(paragraph) if not shown else "",
        cells=cells,
        holder=_holder(sheet, shown),
    )


def _holder(sheet: _Sheet, shown: list[Turn]) -> Holder | None:
    """Who leads the item now: this session's occurrence first, then the first one still open. None: nothing is open."""
    open_ones = [turn.columns for turn in shown if turn.columns.is_open]
    here = [turn for turn in open_ones if sheet.this and turn.session == sheet.this.pk] or open_ones
    if not here:
        return None
    first = min(here, key=lambda turn: turn.due_on or date.max)
    return lead_words(sheet.leads.get(first.lead or 0), sheet.roster, sheet.sight.reader)


def _disposition(paragraph: Paragraph) -> str:
    if paragraph.disposition == Paragraph.Disposition.DECLARATORY:
        return _("declaratory: %(reason)s") % {"reason": paragraph.disposition_reason}
    if paragraph.disposition == Paragraph.Disposition.COVERED and paragraph.covered_by:
        return _("covered by %(item)s") % {"item": paragraph.covered_by.label or paragraph.covered_by.path}
    if not paragraph.disposition:
        return _("not accounted for yet")
    return ""


def _cell(sheet: _Sheet, item: Item, session: Session | None, column: Column, duties: Iterable[Obligation]) -> Cell:
    turns = sheet.found.get((item.id, session.pk if session else None), [])
    if turns:
        return Cell(tuple(_entry(turn) for turn in turns), "", column.heading, column.this)
    words = "" if session is None else _why_blank(sheet, item, session, list(duties))
    return Cell((), words, column.heading, column.this, nothing_due=words in {"", _("nothing due")})


def _entry(turn: Turn) -> Entry:
    one = turn.columns
    return Entry(
        mark=turn.mark,
        reference=one.reference,
        body=one.body,
        short=one.reference.partition("/")[2],
        title=one.title,
        due_on=one.due_on,
        discharged=one.status in {"endorsed", "closed", "waived", "superseded"},
        meeting=one.meeting,
        meeting_on=one.meeting_on,
        meeting_precision=one.meeting_precision or "",
        document=one.document or "",
    )


def _why_blank(sheet: _Sheet, item: Item, session: Session, duties: list[Obligation]) -> str:
    """Why an item has nothing in a session."""
    if session.body_id != sheet.sight.body.pk:
        return _("nothing due")
    standing = in_force(sheet.versions.get(item.resolution_id, []), session.opens).get(item.resolution_id)
    if standing is None:
        return _("not in force")
    if standing.pk != item.version_id:
        return _("not in this version") if standing.text_recorded else _("text of this version not recorded")
    if not duties:
        return _("nothing due")
    if all(duty.kind == Kind.BEFORE_EACH_MEETING for duty in duties):
        return _("no meeting recorded")
    if any(_still_to_come(duty, session, sheet.today) for duty in duties):
        return _("not yet due")
    return _("nothing due")


def _still_to_come(duty: Obligation, session: Session, today: date) -> bool:
    if duty.anchor_session and duty.anchor_session.opens and session.opens:
        return session.opens < duty.anchor_session.opens
    return session.opens is None or session.opens > today
