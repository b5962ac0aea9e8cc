"""HTML to text: paragraphs, headings, lists with the labels that a browser would print, tables as lines. Nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as parser

from tracker.formats.blocks import Blocks, flat
from tracker.formats.numerals import numeral
from tracker.formats.xml import DEEPEST, holders
from tracker.parsing.errors import Damaged, Hostile

_DROPPED = frozenset(
    "head script style template noscript svg math iframe object video audio canvas select button form nav".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hgroup hr html li main menu ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_TYPES = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_STYLES = {
    "decimal": "decimal",
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "none": "none",
}
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_OWN_LABEL = re.compile(r"\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s|\d{1,3}(?:\.\d{1,3})+\s", re.IGNORECASE)
_NOTE = re.compile(r"\[?\d{1,3}\]?$|\*+$")


def read(text: str, *, name: str) -> str:
    """The text of an HTML document. Damaged where nothing can be made of it, Hostile where it is nested past all use."""
    try:
        root = parser.document_fromstring(
            re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=parser.HTMLParser(no_network=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Damaged(name=name, format="HTML") from error
    walk = _Walk(name, holders(root, _is_block))
    try:
        walk.block(root, depth=0)
    except RecursionError as error:
        raise Hostile(name=name) from error
    return walk.blocks.text()


class _Walk:
    def __init__(self, name: str, holders: set[etree._Element]) -> None:
        self.name = name
        self.holders = holders  # elements that hold blocks
        self.blocks = Blocks()
        self.pending = ""  # the label of a list item whose first words are still to come

    def block(self, element: etree._Element, *, depth: int) -> None:
        """An element that begins on a line of its own, with all that is in it."""
        if depth > DEEPEST:
            raise Hostile(name=self.name)
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _DROPPED or _is_hidden(element):
            return
        if tag == "table":
            self._table(element)
            return
        if tag == "pre":
            self._flush(element.text_content().replace("\t", " "))
            return
        words = [element.text or ""]
        labels = _labels(element) if tag in ("ol", "ul", "menu") else iter(())
        for child in element:
            name = child.tag if isinstance(child.tag, str) else ""
            if name in _BLOCKS or child in self.holders:
                self._flush("".join(words))
                words = []
                if name == "li":
                    self.pending = next(labels, "")
                self.block(child, depth=depth + 1)
                self.pending = "" if name == "li" else self.pending
            else:
                words.append(_inline(child))
            words.append(child.tail or "")
        self._flush("".join(words))

    def _flush(self, words: str) -> None:
        if not flat(words):
            return
        label, self.pending = self.pending, ""
        if label and _OWN_LABEL.match(flat(words)):
            label = ""  # the document prints its own
        self.blocks.add(words, label=label)

    def _table(self, table: etree._Element) -> None:
        rows = []
        for row in table.iter("tr"):
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            rows.append([_inline(cell) for cell in cells])
        if all(len(row) <= 1 for row in rows) or _is_layout(rows):
            for row in rows:
                label = row[0] if len(row) == 2 and len(flat(row[0])) < 8 else ""
                self.blocks.add(" ".join(row[1:] if label else row), label=label)
        else:
            self.blocks.rows(rows)


def _is_layout(rows: list[list[str]]) -> bool:
    """Whether a table only puts labels before their paragraphs."""
    return bool(rows) and all(len(row) == 2 and len(flat(row[0])) < 8 and len(flat(row[1])) > 40 for row in rows)


def _is_hidden(element: etree._Element) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


def _is_block(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and element.tag in _BLOCKS


def _inline(element: etree._Element) -> str:
    """The words of an element within a line; footnote marks are left out, a break is a line end."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if not tag or tag in _DROPPED or _is_hidden(element):
        return ""
    if tag == "br":
        return "\n"
    if tag == "sup" and _NOTE.match(flat(element.text_content())):
        return ""
    inside = "".join([element.text or "", *(part for child in element for part in (_inline(child), child.tail or ""))])
    return f" {inside} " if tag in _BLOCKS else inside


def _labels(listing: etree._Element) -> Iterator[str]:
    """The label of each item of a list, as a browser prints it (HTML Living Standard §4.4.5)."""
    items = [child for child in listing if child.tag == "li"]
    style = _LIST_STYLE.search(listing.get("style", ""))
    kind = _STYLES.get(style[1].lower(), "bullet") if style else ""
    if listing.tag != "ol":
        for _ in items:
            yield "" if kind == "none" else "•"
        return
    kind = kind if kind not in ("", "bullet") else _TYPES.get(listing.get("type", "1"), "decimal")
    backwards = listing.get("reversed") is not None
    value = _whole(listing.get("start"), len(items) if backwards else 1)
    for item in items:
        value = _whole(item.get("value"), value)
        yield f"{numeral(value, kind)}." if kind != "none" else ""
        value += -1 if backwards else 1


def _whole(given: str | None, otherwise: int) -> int:
    return int(given) if given and re.fullmatch(r"-?\d{1,6}", given.strip()) else otherwise
