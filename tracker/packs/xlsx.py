"""A paper as a spreadsheet: typed cells (numbers are numbers, days are days), frozen headers, filters, and no formula from data."""

import io
from collections.abc import Iterable, Iterator
from datetime import date

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from tracker.exports import holder
from tracker.frozen import Frozen
from tracker.packs.paper import Facts, Paper, Paragraph, Table, Value, slips
from tracker.summaries import Overview

# A cell of a spreadsheet holds no more than this (ECMA-376, and Excel's own limit).
MOST = 32_767
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))


def xlsx_file(frozen: Frozen, paper: Paper) -> bytes:
    """The frozen summary as an XLSX file: the paper's first page, then one row an occurrence, and the other lists in full."""
    seen = frozen.view(paper.language)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with translation.override(paper.language), xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": paper.title, "author": paper.body, "subject": paper.session})
        sheets = _Sheets(book, right_to_left=paper.right_to_left)
        sheets.add(_("Summary"), *_front(paper), widths=(46, 40), plain=True)
        sheets.add(_("Occurrences"), *_occurrences(seen), widths=(22, 9, 60, 22, 12, 32, 9, 14, 18, 34, 28))
        sheets.add(_("Past due"), *_late(seen), widths=(26, 9, 60, 28, 9, 14, 14, 30, 34, 18, 40))
        sheets.add(_("Awaiting a decision"), *_pending(seen), widths=(26, 9, 60, 22, 18, 16, 28))
        receipts = next((one for one in paper.section("annex").blocks if isinstance(one, Table)), None)
        if receipts:
            sheets.add(_("Record"), receipts.header, receipts.rows, widths=(28, 10, 16, 70))
    return out.getvalue()


class _Sheets:
    def __init__(self, book: xlsxwriter.Workbook, *, right_to_left: bool) -> None:
        self.book, self.right_to_left = book, right_to_left
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.words = book.add_format({"text_wrap": True, "valign": "top"})
        self.number = book.add_format({"num_format": "0", "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})

    def add(
        self, name: str, header: Iterable[str], rows: Iterable[Iterable[Value]], *, widths: tuple[int, ...],
        plain: bool = False,
    ) -> None:  # fmt: skip
        sheet = self.book.add_worksheet(name.translate(FORBIDDEN)[:31])
        if self.right_to_left:
            sheet.right_to_left()
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        columns = list(header)
        for column, words in enumerate(columns):
            sheet.write_string(0, column, words, self.head)
        last = 0
        for last, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self._cell(sheet, last, column, value)
        if not plain:
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def _cell(self, sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Value) -> None:
        match value:
            case None | "":
                return
            case int():
                sheet.write_number(row, column, value, self.number)
            case date():
                sheet.write_datetime(row, column, value, self.day)
            case _:
                sheet.write_string(row, column, value[:MOST], self.words)


def _front(paper: Paper) -> tuple[tuple[str, str], Iterator[tuple[Value, ...]]]:
    """The paper's first page: what it is, its sentence, its counts."""

    def rows() -> Iterator[tuple[Value, ...]]:
        yield from paper.facts.rows
        for block in paper.section("summary").blocks:
            match block:
                case Paragraph(text):
                    yield (text,)
                case Facts(facts):
                    yield from facts
                case Table():
                    yield ()
                    yield block.header
                    yield from block.rows
                    if block.total:
                        yield block.total

    return (paper.title, ""), rows()


def _occurrences(seen: Overview) -> tuple[tuple[str, ...], Iterator[tuple[Value, ...]]]:
    """One row an occurrence: what the grid shows, without its form."""

    def rows() -> Iterator[tuple[Value, ...]]:
        for group in seen.grid.groups:
            for row in group.rows:
                for cell in row.cells:
                    for one in cell.entries:
                        yield (
                            f"{group.symbol} ({group.designation})", row.number, row.text, cell.column, one.meeting,
                            one.mark.text, one.mark.days, one.due_on, one.document, holder(row.holder), one.reference,
                        )  # fmt: skip

    header = (
        _("Resolution"), _("Item"), _("Words"), _("Session"), _("Meeting"), _("How it stands"), _("Days"), _("Due"),
        _("Document"), _("Holder"), _("Reference"),
    )  # fmt: skip
    return header, rows()


def _late(seen: Overview) -> tuple[tuple[str, ...], Iterator[tuple[Value, ...]]]:
    header = (
        _("Reference"), _("Item"), _("Words"), _("How it stands"), _("Days"), _("Due"), _("First promise"),
        _("Changes of the date"), _("Holder"), _("Reminders"), _("Reason given"),
    )  # fmt: skip
    rows: Iterator[tuple[Value, ...]] = (
        (
            one.reference, one.number, one.text, one.mark.text, one.days, one.due_on, one.first_due_on, slips(one),
            holder(one.holder), _("%(sent)s of %(most)s sent") % {"sent": one.reminders_sent, "most": one.reminders_at_most},
            one.reason,
        )
        for one in seen.late
    )  # fmt: skip
    return header, rows


def _pending(seen: Overview) -> tuple[tuple[str, ...], Iterator[tuple[Value, ...]]]:
    header = (
        _("Reference"), _("Item"), _("In short"), _("Belongs to"), _("Document"), _("Received"), _("How it stands"),
    )  # fmt: skip
    rows: Iterator[tuple[Value, ...]] = (
        (
            one.reference, one.number, one.title, one.belongs_to, one.document,
            one.received_on if one.received_precision == "day" else None, one.mark.text,
        )
        for one in seen.pending
    )  # fmt: skip
    return header, rows
