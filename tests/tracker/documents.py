"""Resolution 1306 in the formats that people have, made by the libraries that such files are made with."""

from __future__ import annotations

import html
import io
import re
import tempfile
import zipfile
from pathlib import Path

import docx
import typst
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "tracker" / "texts" / "itu-council-r1306-c15.txt").read_text(encoding="utf-8")
_DECIMAL = re.compile(r"(\d)(?:\.(\d))?\s+(.*)", re.DOTALL)


def paragraphs(text: str = TEXT) -> list[str]:
    """The paragraphs of a text, each on one line."""
    return [flat for block in text.split("\n\n") if (flat := " ".join(block.split()))]


def pdf(blocks: list[str] | None = None, *, header: str = "Document C18/12-E") -> bytes:
    """Typeset: justified lines, a header and a page number on each page."""
    escaped = [
        "".join(f"\\{one}" if one in "#[]*_`$<>@\\=-+/\"'~" else one for one in block)
        for block in blocks or paragraphs()
    ]
    source = (
        f'#set page(paper: "a5", header: [{header}], footer: context counter(page).display())\n'
        "#set text(size: 11pt)\n#set par(justify: true)\n\n" + "\n\n".join(escaped)
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "text.typ"
        place.write_text(source, encoding="utf-8")
        made = typst.compile(str(place))
    return bytes(made)


def page(blocks: list[str] | None = None) -> bytes:
    """A web page with what such pages have besides their text."""
    said = "".join(f"<p>{html.escape(block)}<sup>3</sup></p>" for block in blocks or paragraphs())
    return (
        "<!DOCTYPE html><html><head><title>x</title><script>decides()</script><style>p{}</style></head>"
        f"<body><nav>1. Requests Home</nav>{said}<p style='display: none'>9. Decides nothing;</p></body></html>"
    ).encode()


def word(blocks: list[str] | None = None) -> bytes:
    """A Word document whose labels of the operative part are numbered by Word itself, and nowhere written."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    for level_texts, number in ((("%1", "%1.%2"), "41"),):
        numbering.insert(0, _abstract(number, level_texts))
        numbering.append(_instance("42", number))
    operative = False
    for block in blocks or paragraphs():
        operative = operative or block == "resolves"
        found = _DECIMAL.fullmatch(block) if operative else None
        paragraph = document.add_paragraph(found[3] if found else block)
        if found:
            _numbered(paragraph, "42", 1 if found[2] else 0)
    document.add_paragraph("")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _abstract(number: str, texts: tuple[str, ...]) -> OxmlElement:
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), number)
    for depth, text in enumerate(texts):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(depth))
        for name, value in (("start", "1"), ("numFmt", "decimal"), ("lvlText", text)):
            child = OxmlElement(f"w:{name}")
            child.set(qn("w:val"), value)
            level.append(child)
        abstract.append(level)
    return abstract


def _instance(number: str, abstract: str) -> OxmlElement:
    one = OxmlElement("w:num")
    one.set(qn("w:numId"), number)
    base = OxmlElement("w:abstractNumId")
    base.set(qn("w:val"), abstract)
    one.append(base)
    return one


def _numbered(paragraph: docx.text.paragraph.Paragraph, number: str, depth: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    found = OxmlElement("w:numPr")
    for name, value in (("ilvl", str(depth)), ("numId", number)):
        child = OxmlElement(f"w:{name}")
        child.set(qn("w:val"), value)
        found.append(child)
    properties.append(found)


def archive(**parts: bytes) -> bytes:
    """A ZIP archive of parts ("word/document.xml" is written word__document_xml)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return buffer.getvalue()


def word_xml(body: str, *, before: str = "") -> bytes:
    """The smallest Word document with this body."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return archive(word__document_xml=f"{before}<w:document {space}><w:body>{body}</w:body></w:document>".encode())
