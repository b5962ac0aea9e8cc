"""A paper as DOCX, in the form of a Council document: head with symbol, session, agenda item, day and original language; summary,
action required, references; then numbered paragraphs and annexes."""

import io
from datetime import UTC, datetime, time
from typing import Any

import docx
from django.utils import translation
from django.utils.translation import gettext as _
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table as Grid

from tracker.packs.paper import Block, Facts, Paper, Paragraph, Section, Table, printable
from tracker.templatetags.resolves import day_in_words

INK = RGBColor(0x1B, 0x2A, 0x41)
QUIET = RGBColor(0x51, 0x60, 0x6F)
LANGUAGES = {"en": "en-GB", "fr": "fr-CH", "es": "es-ES", "ru": "ru-RU", "ar": "ar-SA", "zh-hans": "zh-CN"}


# What comes after an element where the schema has an order (ECMA-376, 17.3.1.26, 17.4.59, 17.6.17): Word asks to repair a
# file that does not keep it.
AFTER_BIDI = (
    "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap",
    "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr",
    "w:sectPr", "w:pPrChange",
)  # fmt: skip
AFTER_BIDI_OF_TABLE = (
    "w:tblStyleRowBandSize", "w:tblStyleColBandSize", "w:tblW", "w:jc", "w:tblCellSpacing", "w:tblInd", "w:tblBorders",
    "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook",
)  # fmt: skip
AFTER_BIDI_OF_SECTION = ("w:rtlGutter", "w:docGrid", "w:printerSettings", "w:sectPrChange")


def _put(where: Any, name: str, after: tuple[str, ...]) -> None:
    """Put an element where the schema wants it, once."""
    if where.find(qn(name)) is None:
        where.insert_element_before(OxmlElement(name), *after)


def docx_file(paper: Paper) -> bytes:
    """The paper as a DOCX file."""
    with translation.override(paper.language):
        return _Writer(paper).made()


class _Writer:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.file: Document = docx.Document()
        self.number = 0

    def made(self) -> bytes:
        self._style()
        self._head()
        self._front()
        for section in self.paper.sections:
            self._section(section)
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()

    # What the whole file has ---------------------------------------------------------------------------------------------

    def _style(self) -> None:
        properties = self.file.core_properties
        properties.title = self.paper.title
        properties.author = self.paper.body
        properties.subject = self.paper.session
        properties.comments = ""
        properties.language = LANGUAGES.get(self.paper.language, self.paper.language)
        made = datetime.combine(self.paper.day, time(), UTC)
        properties.created = properties.modified = made  # the day it stands for: two runs give the same file
        styles: Any = self.file.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = "Calibri", Pt(11)
        fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:cs", "w:eastAsia"):
            fonts.set(qn(script), {"w:cs": "Arial", "w:eastAsia": "SimSun"}[script])
        language = OxmlElement("w:lang")
        for script in ("w:val", "w:bidi", "w:eastAsia"):
            language.set(qn(script), LANGUAGES.get(self.paper.language, self.paper.language))
        normal.element.get_or_add_rPr().insert_element_before(language, "w:eastAsianLayout", "w:specVanish", "w:oMath")
        for name, size in (("Title", 20), ("Heading 1", 14), ("Heading 2", 12)):
            style = styles[name]
            style.font.name, style.font.size, style.font.bold = "Calibri", Pt(size), True
            style.font.color.rgb = INK
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for script in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
                fonts.attrib.pop(qn(script), None)  # a theme's font would go before ours
        page = self.file.sections[0]
        page.page_width, page.page_height = Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(2.2)
        page.top_margin = page.bottom_margin = Cm(2.2)
        if self.paper.right_to_left:
            _put(page._sectPr, "w:bidi", AFTER_BIDI_OF_SECTION)
        above = page.header.paragraphs[0]
        above.text = f"{self.paper.body} · {self.paper.session}\t\t{self.paper.symbol}"
        self._turn(above)
        below = page.footer.paragraphs[0]
        below.text = _("As of %(day)s") % {"day": day_in_words(self.paper.day)} + "\t\t"
        self._field(below, "PAGE")
        self._turn(below)

    def _head(self) -> None:
        """The head of a Council document; what is not known says so."""
        unknown = _("not recorded")
        rows = [
            (self.paper.body, _("Document: %(symbol)s") % {"symbol": self.paper.symbol or unknown}),
            (self.paper.session, day_in_words(self.paper.day)),
            (
                _("Agenda item: %(item)s") % {"item": self.paper.agenda_item or unknown},
                _("Original: %(language)s") % {"language": unknown},  # which language it was drafted in is on no record
            ),
        ]
        table = self.file.add_table(rows=0, cols=2)
        for left, right in rows:
            cells = table.add_row().cells
            for cell, words, end in ((cells[0], left, False), (cells[1], right, True)):
                cell.text = printable(words)
                line = cell.paragraphs[0]
                line.runs[0].bold = True
                if end:
                    line.alignment = WD_ALIGN_PARAGRAPH.LEFT if self.paper.right_to_left else WD_ALIGN_PARAGRAPH.RIGHT
                self._turn(line)
        if self.paper.right_to_left:
            _put(table._tbl.tblPr, "w:bidiVisual", AFTER_BIDI_OF_TABLE)
        self._turn(self.file.add_heading(self.paper.title, 0))

    def _front(self) -> None:
        """Summary, action required, references: what is read when nothing else is."""
        lede = next(one for one in self.paper.section("summary").blocks if isinstance(one, Paragraph))
        self._heading(_("Summary"))
        self._plain(lede.text)
        self._heading(_("Action required"))
        self._plain(
            _("%(body)s is invited to note this document and to decide on what is complete, as drafted in it.")
            % {"body": self.paper.body}
        )
        self._heading(_("References"))
        for one in self.paper.references or (_("none"),):
            self._plain(one)

    # Sections ------------------------------------------------------------------------------------------------------------

    def _section(self, section: Section) -> None:
        if section.wide:
            self._page(across=True)
        heading = _("Where things stand") if section.name == "summary" else section.heading
        self._heading(heading)
        for block in section.blocks:
            if section.name == "summary" and isinstance(block, Paragraph) and block.style == "lede":
                continue  # said in the summary of the front
            self._block(block)
        if section.wide:
            self._page(across=False)

    def _page(self, *, across: bool) -> None:
        section = self.file.add_section()
        section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (Cm(29.7), Cm(21)) if across else (Cm(21), Cm(29.7))
        if self.paper.right_to_left:
            _put(section._sectPr, "w:bidi", AFTER_BIDI_OF_SECTION)

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph(text, "code"):
                line = self.file.add_paragraph()
                run = line.add_run(printable(text))
                run.font.name, run.font.size = "Consolas", Pt(8)
            case Paragraph(text, "quiet"):
                self._plain(text).runs[0].font.color.rgb = QUIET
            case Paragraph(text, style):
                self.number += 1
                line = self._plain(f"{self.number}\t{text}")
                line.paragraph_format.tab_stops.add_tab_stop(Cm(1))
                if style == "item":
                    line.runs[0].bold = True
                    line.paragraph_format.keep_with_next = True
            case Facts(rows):
                for label, value in rows:
                    line = self._plain("")
                    line.paragraph_format.space_after = Pt(0)
                    line.paragraph_format.left_indent = Cm(1)
                    line.add_run(f"{label}: ").font.color.rgb = QUIET
                    line.add_run(printable(value))
                self._plain("").paragraph_format.space_after = Pt(2)
            case Table():
                self._table(block)

    def _table(self, block: Table) -> None:
        caption = self._plain(block.caption)
        caption.runs[0].bold = True
        caption.paragraph_format.keep_with_next = True
        rows = [*block.rows, *([block.total] if block.total else [])]
        table = self.file.add_table(rows=1, cols=len(block.header), style="Table Grid")
        table.autofit = False
        small = Pt(7) if len(block.header) > 6 or block.name == "receipts" else Pt(9)
        self._row(table, 0, block.header, small, bold=True)
        for cell in table.rows[0].cells:
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), "EEF1F4")
            cell._tc.get_or_add_tcPr().append(shade)
        head = OxmlElement("w:tblHeader")  # repeated on each page, and told as its header to who cannot see it
        table.rows[0]._tr.get_or_add_trPr().append(head)
        for row in rows:
            table.add_row()
            self._row(table, len(table.rows) - 1, row, small, bold=row is block.total)
        page = self.file.sections[-1]
        width = int(page.page_width or 0) - int(page.left_margin or 0) - int(page.right_margin or 0)
        whole = sum(block.shares)
        for column, share in zip(table.columns, block.shares, strict=True):
            column.width = int(width * share / whole)
            for cell in column.cells:
                cell.width = column.width
        if self.paper.right_to_left:
            _put(table._tbl.tblPr, "w:bidiVisual", AFTER_BIDI_OF_TABLE)
        self._plain("")

    def _row(self, table: Grid, place: int, row: tuple[Any, ...], size: Pt, *, bold: bool) -> None:
        table.rows[place]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, value in zip(table.rows[place].cells, row, strict=True):
            line = cell.paragraphs[0]
            line.paragraph_format.space_after = Pt(0)
            run = line.add_run(printable(value))
            run.font.size, run.bold = size, bold
            self._turn(line)

    # Lines ---------------------------------------------------------------------------------------------------------------

    def _heading(self, words: str) -> None:
        self._turn(self.file.add_heading(words, 1))

    def _plain(self, words: str) -> Any:
        line = self.file.add_paragraph(printable(words))
        self._turn(line)
        return line

    def _turn(self, line: Any) -> None:
        """A paragraph reads from right to left where the language does."""
        if self.paper.right_to_left:
            _put(line._p.get_or_add_pPr(), "w:bidi", AFTER_BIDI)
            for run in line.runs:
                run.font.rtl = True

    def _field(self, line: Any, name: str) -> None:
        """A field that the program fills in, such as the number of the page."""
        run = line.add_run()
        for kind, text in (("begin", ""), ("", name), ("end", "")):
            if kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark = OxmlElement("w:instrText")
                mark.text = text
            run._r.append(mark)
