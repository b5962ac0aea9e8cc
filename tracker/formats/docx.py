"""DOCX to text (ECMA-376, WordprocessingML): paragraphs with the labels that Word numbers them with, tables as lines.

What a person sees with all changes accepted: inserted words are there, deleted ones are not. Notes, headers, footers and
pictures are left out.
"""

from __future__ import annotations

from lxml import etree

from tracker.formats.blocks import Blocks, flat
from tracker.formats.numbering import Numbering
from tracker.formats.xml import DEEPEST, local, parsed
from tracker.formats.zipped import Parts
from tracker.parsing.errors import Damaged, Hostile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_DROPPED = frozenset(
    "del moveFrom delText instrText footnoteReference endnoteReference annotationRef footnoteRef pPr rPr tblPr sectPr Fallback "
    "drawing pict object fldData commentReference".split()
)
_PRINTED = {"tab": "\t", "noBreakHyphen": "-", "softHyphen": "\u00ad", "cr": "\n", "ptab": "\t"}


def read(parts: Parts, *, name: str) -> str:
    """The text of a DOCX file; Damaged where its parts are no XML."""
    body = _root(parts, "word/document.xml", name)
    numbering = _root(parts, "word/numbering.xml", name) if parts.has("word/numbering.xml") else None
    styles = _root(parts, "word/styles.xml", name) if parts.has("word/styles.xml") else None
    walk = _Walk(name, Numbering(numbering, styles))
    walk.container(body, depth=0)
    return walk.blocks.text()


def _root(parts: Parts, part: str, name: str) -> etree._Element:
    data = parts.read(part)
    if _STRICT[1:-1].encode() in data[:20_000]:  # the strict form differs from the usual one in its namespaces alone
        data = data.replace(_STRICT[1:-1].encode(), W[1:-1].encode())
    root = parsed(data, name=name, format="a DOCX file")
    if not root.tag.startswith(W):
        raise Damaged(name=name, format="a DOCX file")
    return root


class _Walk:
    def __init__(self, name: str, numbering: Numbering) -> None:
        self.name = name
        self.numbering = numbering
        self.blocks = Blocks()

    def container(self, element: etree._Element, *, depth: int) -> None:
        """Paragraphs and tables, also those within content controls and insertions."""
        if depth > DEEPEST:
            raise Hostile(name=self.name)
        for child in element:
            tag = local(child)
            if tag == "p":
                self._paragraph(child)
            elif tag == "tbl":
                self._table(child)
            elif tag and tag not in _DROPPED:
                self.container(child, depth=depth + 1)

    def _paragraph(self, paragraph: etree._Element) -> None:
        words = _words(paragraph)
        if not flat(words):
            return  # Word numbers no empty paragraph that a reader would see
        self.blocks.add(words, label=self.numbering.label(paragraph))

    def _table(self, table: etree._Element) -> None:
        """A table of figures is lines; one that only lays paragraphs out (a column of labels, a frame) is its paragraphs."""
        rows = [[cell for cell in row if cell.tag == f"{W}tc"] for row in table if row.tag == f"{W}tr"]
        if all(len(row) == 1 for row in rows):
            for row in rows:
                self.container(row[0], depth=1)
            return
        said = [[" ".join(self._numbered(one) for one in cell.iter(f"{W}p")) for cell in row] for row in rows]
        if all(len(row) == 2 and len(flat(row[0])) < 8 and len(flat(row[1])) > 40 for row in said):
            for label, words in said:
                self.blocks.add(words, label=label)
        else:
            self.blocks.rows(said)

    def _numbered(self, paragraph: etree._Element) -> str:
        words = _words(paragraph)
        label = self.numbering.label(paragraph) if flat(words) else ""
        return f"{label} {words}" if label else words


def _words(element: etree._Element) -> str:
    """The words of a paragraph in the order in which they are read."""
    said: list[str] = []
    stack = list(reversed(element))
    while stack:
        one = stack.pop()
        tag = local(one)
        if not tag or tag in _DROPPED:
            continue
        if tag == "t":
            said.append(one.text or "")
        elif tag == "br":
            said.append("\n" if one.get(f"{W}type") in (None, "textWrapping") else " ")
        elif tag in _PRINTED:
            said.append(_PRINTED[tag])
        elif tag != "p":
            stack.extend(reversed(one))
    return "".join(said)
