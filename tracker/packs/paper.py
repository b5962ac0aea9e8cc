"""The session pack as a paper: what it says, in the reader's language, before anything is typeset. PDF, DOCX and spreadsheet are
made from this one, so that all say the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tracker.exports import holder
from tracker.frozen import Frozen
from tracker.marks import MARKS
from tracker.summaries import Cell, Entry, Group, Late, Overview, Pending, draft_decision
from tracker.templatetags.resolves import as_symbol, day_in_words

Value = str | int | date | None
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `style` is "", "lede", "quiet", "code" or "numbered"."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Facts:
    """Labels, each with what is known."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table under its caption. Cells are texts, numbers or days; the first `heads` cells of each row are its heading.
    `shares` are the widths of the columns, as parts of the whole."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    shares: tuple[float, ...]
    name: str = ""
    total: tuple[Value, ...] = ()


Block = Paragraph | Facts | Table


@dataclass(frozen=True)
class Section:
    """A part of the paper under its heading; `wide` wants a page across."""

    name: str
    heading: str
    blocks: tuple[Block, ...]
    wide: bool = False


@dataclass(frozen=True)
class Paper:
    """A session pack in one language. Of the document symbol, the agenda item and the original language, what is not known is
    said to be not recorded."""

    title: str
    body: str
    session: str
    language: str
    right_to_left: bool
    day: date
    symbol: str
    agenda_item: str
    facts: Facts
    sections: tuple[Section, ...]
    references: tuple[str, ...] = field(default=())

    def section(self, name: str) -> Section:
        """The section of a name."""
        return next(one for one in self.sections if one.name == name)


def paper(frozen: Frozen, language: str, *, symbol: str = "", agenda_item: str = "") -> Paper:
    """A frozen summary as a paper in a language. No question to the database."""
    seen = frozen.view(language)
    with translation.override(language):
        session = seen.session.name if seen.session else _("all sessions")
        unknown = _("not recorded")
        return Paper(
            title=_("%(session)s: what was resolved, and what was done") % {"session": session},
            body=seen.body_name,
            session=session,
            language=language,
            right_to_left=translation.get_language_bidi(),
            day=frozen.day,
            symbol=symbol,
            agenda_item=agenda_item,
            facts=Facts(
                (
                    (_("Body"), seen.body_name),
                    (_("Session"), session),
                    (_("Document"), symbol or unknown),
                    (_("Agenda item"), agenda_item or unknown),
                    (_("As of"), day_in_words(frozen.day)),
                    (_("Language"), str(translation.get_language_info(language)["name_local"])),
                )
            ),
            sections=(
                _summary(seen),
                _grid(seen),
                _late(seen),
                _decisions(seen),
                _annex(frozen),
            ),
            references=_references(seen),
        )


def printable(text: object) -> str:
    """A text without the control characters that no paper can show and XML 1.0 forbids (section 2.2); nothing as ""."""
    words = "" if text is None else str(text)
    return _UNPRINTABLE.sub("", words)


def sentence(seen: Overview) -> str:
    """The Council's one sentence as text: the very words of the page."""
    html = render_to_string("tracker/_sentence.html", {"overview": seen, "list": ""})
    return " ".join(strip_tags(html).replace("&quot;", '"').split()).replace(" .", ".").replace(" ,", ",")


def _summary(seen: Overview) -> Section:
    blocks: list[Block] = [Paragraph(sentence(seen), "lede")]
    for ledger in seen.ledgers:
        accounted = ngettext(
            "%(symbol)s: %(done)s of %(all)s item accounted for",
            "%(symbol)s: %(done)s of %(all)s items accounted for",
            ledger.items,
        )
        known = {"symbol": f"{ledger.symbol} ({ledger.designation})", "done": ledger.accounted, "all": ledger.items}
        words = accounted % known
        blocks.append(Paragraph(words if ledger.confirmed else f"{words} · {_('intake is not finished')}"))
    rows = tuple((str(MARKS[count.code][1]), count.number.count) for count in seen.counts)
    blocks.append(
        Table(
            _("Occurrences by how they stand"),
            (_("How it stands"), _("Occurrences")),
            rows,
            (3, 1),
            name="counts",
            total=(_("In all"), seen.occurrences.count),
        )
    )
    beside = [
        (_("Of these past due"), seen.past_due.count),
        (_("Of these led by an office that no one holds"), seen.vacant.count),
        (_("Past due from earlier sessions, beside these"), seen.carried.count),
        (_("Complete, awaiting a decision"), seen.awaiting.count),
    ]
    if seen.superseded:
        beside.append((_("Superseded by amendment, not counted"), seen.superseded))
    blocks.append(Table(_("Beside these"), (_("What"), _("Occurrences")), tuple(beside), (3, 1), name="beside"))
    return Section("summary", _("Summary"), tuple(blocks))


def _grid(seen: Overview) -> Section:
    folded = seen.grid.folded()
    columns = [column.heading for column in folded.columns]
    blocks: list[Block] = [_of_group(group, columns) for group in folded.groups]
    if not blocks:
        blocks.append(Paragraph(_("No item fits these filters"), "quiet"))
    return Section("grid", _("Every item, every session"), tuple(blocks), wide=True)


def _of_group(group: Group, columns: Sequence[str]) -> Table:
    caption = f"{group.symbol} ({group.designation}): {group.title}"
    if not group.in_force:
        caption = f"{caption} · {_('not in force on the day')}"
    return Table(
        caption,
        (_("Item and holder"), *columns),
        tuple(
            (_named(row.number, row.title, holder(row.holder)), *(_cell(cell, row.words) for cell in row.cells))
            for row in group.rows
        ),
        (2.4, *(1.0 for _column in columns)),
        name="grid",
    )


def _named(number: str, title: str, held: str) -> str:
    return "\n".join(filter(None, (f"{number} {title}", held)))


def _cell(cell: Cell, words: str) -> str:
    return "\n".join(entry(one) for one in cell.entries) if cell.entries else words or cell.words


def entry(one: Entry) -> str:
    """An occurrence in a cell, in words."""
    words = [f"{one.mark.glyph} {one.mark.text}".strip()]
    if one.meeting is not None:
        words.append(_("meeting %(number)s") % {"number": one.meeting})
    if one.document:
        words.append(one.document)
    if not one.discharged and one.meeting is None and one.due_on:
        due = day_in_words(one.due_on)
        if due not in one.mark.text:  # a mark of silence says the day itself
            words.append(_("due %(on)s") % {"on": due})
    return pgettext("between the parts of a list", ", ").join(words)


def _late(seen: Overview) -> Section:
    blocks: list[Block] = []
    for one in seen.late:
        blocks += [Paragraph(f"{one.number} {one.text}", "item"), Facts(tuple(_facts_of(one)))]
    if not seen.late:
        blocks.append(
            Paragraph(
                _("Nothing is past due.")
                if not seen.session
                else _("Nothing that belongs to this session is past due."),
                "quiet",
            )
        )
    if seen.past_due.count > len(seen.late):
        known = {"shown": len(seen.late), "total": seen.past_due.count}
        blocks.append(Paragraph(_("The worst %(shown)s of %(total)s.") % known, "quiet"))
    return Section("late", _("Past due"), tuple(blocks))


def _facts_of(one: Late) -> Iterator[tuple[str, str]]:
    yield _("Reference"), one.reference
    yield _("How it stands"), f"{one.mark.glyph} {one.mark.text}".strip()
    if one.belongs_to:
        yield _("Session"), one.belongs_to
    if one.meeting:
        yield _("Before"), one.meeting
    yield _("Due"), day_in_words(one.due_on)
    yield _("Holder"), holder(one.holder)
    yield (
        _("First promise"),
        "; ".join(
            filter(None, (day_in_words(one.first_due_on) if one.first_due_on else _("not recorded"), slips(one)))
        ),
    )
    yield _("Reminders"), _("%(sent)s of %(most)s sent") % {"sent": one.reminders_sent, "most": one.reminders_at_most}
    yield _("Reason given"), one.reason or _("none")


def slips(one: Late) -> str:
    """How often the date was changed and moved, in words."""
    said = []
    if one.changed:
        said.append(ngettext("changed once", "changed %(n)s times", one.changed) % {"n": one.changed})
    if one.moved:
        said.append(
            ngettext(
                "moved once with its session or meeting", "moved %(n)s times with its session or meeting", one.moved
            )
            % {"n": one.moved}
        )
    return pgettext("between the parts of a list", ", ").join(said) or _("never moved")


def _decisions(seen: Overview) -> Section:
    blocks: list[Block] = []
    if seen.pending:
        blocks.append(
            Paragraph(
                _("Made from what is on record, for whoever drafts the decision. Nothing is closed by it."), "quiet"
            )
        )
        blocks += [Paragraph(draft_decision(one, body=seen.body_name), "numbered") for one in seen.pending]
        blocks.append(_awaiting(seen.pending))
    else:
        blocks.append(Paragraph(_("Nothing awaits a decision of the body."), "quiet"))
    if seen.awaiting.count > len(seen.pending):
        known = {"shown": len(seen.pending), "total": seen.awaiting.count}
        blocks.append(Paragraph(_("%(shown)s of %(total)s.") % known, "quiet"))
    return Section("decisions", _("Draft decisions"), tuple(blocks))


def _awaiting(rows: Sequence[Pending]) -> Table:
    return Table(
        _("Complete, awaiting a decision"),
        (_("Item"), _("Belongs to"), _("Document"), _("Received"), _("How it stands")),
        tuple(
            (
                f"{one.number} {one.title}",
                one.belongs_to,
                one.document or _("no symbol"),
                day_in_words(one.received_on, one.received_precision) if one.received_on else _("day not recorded"),
                f"{one.mark.glyph} {one.mark.text}".strip(),
            )
            for one in rows
        ),
        (3, 1.2, 1, 1.2, 1.6),
        name="awaiting",
    )


def _annex(frozen: Frozen) -> Section:
    blocks: list[Block] = [
        Paragraph(
            _(
                "Each entry of the record is hashed into a log that only grows (RFC 9162). This is its newest signed head "
                "on the day; whoever keeps it can show later that nothing before it was changed."
            )
        ),
        Paragraph(frozen.head, "code") if frozen.head else Paragraph(_("No head had been signed yet."), "quiet"),
    ]
    if frozen.receipts:
        blocks.append(
            Table(
                _("Where the history of each occurrence stood"),
                (_("Reference"), _("Entries"), _("Place in the log"), _("Hash of the last entry")),
                tuple(
                    (
                        one.reference,
                        one.entries,
                        _("not sealed yet") if one.position is None else one.position,
                        one.hash,
                    )
                    for one in frozen.receipts
                ),
                (2, 0.7, 0.9, 4),
                name="receipts",
            )
        )
    if frozen.more_receipts:
        words = ngettext("%(n)s more is not printed.", "%(n)s more are not printed.", frozen.more_receipts)
        blocks.append(Paragraph(words % {"n": frozen.more_receipts}, "quiet"))
    return Section("annex", _("Annex: how the record stood"), tuple(blocks))


def _references(seen: Overview) -> tuple[str, ...]:
    """The resolutions and the documents that the paper speaks of, each once."""
    symbols = [str(as_symbol(group.symbol)) for group in seen.grid.groups]
    papers = [
        one.document for group in seen.grid.groups for row in group.rows for cell in row.cells for one in cell.entries
    ]
    return tuple(dict.fromkeys(strip_tags(one) for one in (*symbols, *papers) if one))
