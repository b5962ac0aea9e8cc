"""Summaries as files to take along. No questions of their own."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tracker.history import Line
from tracker.ledger import Row
from tracker.marks import MARKS
from tracker.models.legible import NO_MOMENT
from tracker.summaries import Cell, Entry, Holder, Overview
from tracker.templatetags.resolves import day_in_words

# What a spreadsheet takes for the start of a formula, in their full-width forms too, which some programs fold into these.
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"


def defused(text: object) -> str:
    """A cell that no spreadsheet runs: an apostrophe goes before what would start a formula, blanks before it or not."""
    words = "" if text is None else str(text)
    if words.startswith(STARTS_A_FORMULA) or words.lstrip().startswith(STARTS_A_FORMULA):
        return f"'{words}"
    return words


def table(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV in UTF-8 with a byte order mark, for spreadsheets that guess badly; every cell defused."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return text.getvalue()


def streamed(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The same row by row, for what is too long to be held at once."""
    yield BYTE_ORDER_MARK
    for row in rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow([defused(cell) for cell in row])
        yield text.getvalue()


def history_rows(lines: Iterable[Line]) -> Iterator[list[object]]:
    """Events in words, one a row: moments in UTC, what changed and what was said in one cell each."""
    yield [
        _("Number"), _("Recorded (UTC)"), _("Effective"), _("Body"), _("About"), _("Reference"), _("Entry of it"), _("What was done"),
        _("Verb"), _("By"), _("For"), _("By which way"), _("From and to"), _("Words"), _("Request"), _("Hash"), _("Does not verify"),
    ]  # fmt: skip
    for line in lines:
        effective = day_in_words(line.effective_on, line.effective_precision) if line.effective_on else ""
        changes = [f"{one.label}: {one.after if one.added else f'{one.before} → {one.after}'}" for one in line.changes]
        said = [f"{one.label}: {one.text}" for one in line.words]
        yield [
            line.id, _moment(line.recorded_at), effective, line.body,
            f"{line.subject_kind} {line.subject}".strip(), line.reference, line.number, strip_tags(line.sentence), line.verb, line.who,
            line.principal, line.means, "\n".join(changes), _("erased") if line.erased else "\n".join(said), line.request_id,
            line.hash, line.trouble.seen if line.trouble else "",
        ]  # fmt: skip


def ledger_rows(rows: Iterable[Row]) -> Iterator[list[object]]:
    """Notices in words, one a row: moments in UTC."""
    yield [
        _("Number"), _("Planned for"), _("Kind"), _("Why"), _("Policy"), _("Item"), _("Due"), _("To"), _("As"),
        _("What became of it"), _("Reason"), _("Promised (UTC)"), _("Last claimed (UTC)"), _("Sent (UTC)"), _("Tries"),
        _("Answer of the mail server"), _("Message"),
    ]  # fmt: skip
    for row in rows:
        one, mail = row.notice, row.notice.message
        yield [
            one.pk, one.planned_for.isoformat(), one.get_kind_display(), row.why, row.policy,
            row.turn.reference if row.turn else "", one.due_on.isoformat() if one.due_on else "", one.person or "",
            one.get_audience_display(), one.get_state_display(), row.reason, _moment(one.created_at),
            _moment(mail.claimed_at if mail else None), _moment(mail.sent_at if mail else None), mail.attempts if mail else "",
            mail.answer if mail else "", mail.message_id if mail else "",
        ]  # fmt: skip


def _moment(value: datetime | None) -> str:
    """A moment in UTC, as programs read it."""
    if value == NO_MOMENT:
        return _("cannot be read")
    return value.astimezone(UTC).isoformat(timespec="seconds") if value else ""


def council_csv(seen: Overview) -> str:
    """The Council's page: what it is about, the counts, the grid, what is past due, what awaits a decision; an empty row
    between them."""
    blocks = [_head(seen), _counts(seen), _grid(seen), _late(seen), _pending(seen)]
    rows: list[Iterable[object]] = []
    for block in blocks:
        rows += [*block, []]
    return table(rows[:-1])


def _head(seen: Overview) -> Iterator[list[object]]:
    yield [_("Body"), seen.body_name]
    yield [_("Session"), seen.session.name if seen.session else _("all sessions")]
    yield [_("As of"), seen.today.isoformat()]
    yield [_("Operative items"), seen.items.count]
    for ledger in seen.ledgers:
        words = _("%(done)s of %(all)s items accounted for") % {"done": ledger.accounted, "all": ledger.items}
        yield [f"{ledger.symbol} ({ledger.designation})", words]


def _counts(seen: Overview) -> Iterator[list[object]]:
    yield [_("Mark"), _("Occurrences")]
    for count in seen.counts:
        yield [str(MARKS[count.code][1]), count.number.count]
    yield [_("In all"), seen.occurrences.count]
    yield [_("Of these past due"), seen.past_due.count]
    yield [_("Of these led by an office that no one holds"), seen.vacant.count]
    yield [_("Past due from earlier sessions, beside these"), seen.carried.count]


def _grid(seen: Overview) -> Iterator[list[object]]:
    yield [_("Resolution"), _("Item"), _("Words"), *(column.heading for column in seen.grid.columns), _("Holder")]
    for group in seen.grid.groups:
        for row in group.rows:
            cells = [_cell(cell) or row.words for cell in row.cells]
            yield [f"{group.symbol} ({group.designation})", row.number, row.text, *cells, holder(row.holder)]


def _cell(cell: Cell) -> str:
    return "; ".join(_entry(entry) for entry in cell.entries) if cell.entries else cell.words


def _entry(entry: Entry) -> str:
    words = [entry.mark.text]
    if entry.meeting is not None:
        words.append(_("meeting %(number)s") % {"number": entry.meeting})
    if entry.document:
        words.append(entry.document)
    return pgettext("between the parts of a list", ", ").join(words)


def holder(held: Holder | None) -> str:
    """Who leads, in words; nothing where nothing is open."""
    if held is None:
        return ""
    return " · ".join(filter(None, (held.office, held.person))) or _("nobody")


def _late(seen: Overview) -> Iterator[list[object]]:
    yield [
        _("Past due"), _("Item"), _("Words"), _("How it stands"), _("Days"), _("Due"), _("First promise"), _("Changed"),
        _("Moved with its session or meeting"), _("Holder"), _("Reminders sent"), _("Reason given"),
    ]  # fmt: skip
    for one in seen.late:
        yield [
            one.reference, one.number, one.text, one.mark.text, one.days, one.due_on.isoformat(),
            one.first_due_on.isoformat() if one.first_due_on else "", one.changed, one.moved, holder(one.holder),
            _("%(sent)s of %(most)s") % {"sent": one.reminders_sent, "most": one.reminders_at_most}, one.reason,
        ]  # fmt: skip


def _pending(seen: Overview) -> Iterator[list[object]]:
    yield [_("Awaiting a decision"), _("Item"), _("In short"), _("Belongs to"), _("Document"), _("Received")]
    for one in seen.pending:
        received = day_in_words(one.received_on, one.received_precision) if one.received_on else _("day not recorded")
        yield [one.reference, one.number, one.title, one.belongs_to, one.document, received]
