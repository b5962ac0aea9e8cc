"""Akoma Ntoso 3.0 and AKN4UN to text: preface, preamble, body with its numbers, annexes (OASIS LegalDocML 1.0).

Any document type of the standard is taken; elements are told by their names, whatever their namespace or version.
"""

from __future__ import annotations

import base64
import hashlib
from itertools import islice

from lxml import etree

from tracker.formats.blocks import Blocks, flat
from tracker.formats.xml import DEEPEST, holders, local, parsed
from tracker.parsing.errors import Damaged, Hostile

# The element in which a document of ours carries the text that it was made from.
CARRIED = "{urn:resolves:text:1}text"
_DROPPED = frozenset(
    "meta authorialNote img remark toc presentation noteRef sup eop eol marker placeholder headerFirstPage footerFirstPage".split()
)
# Elements that stand in a line of text.
_INLINE = frozenset(
    "a abbr affectedDocument b br change concept courtType date decoration def del docAuthority docCommittee docDate docIntroducer "
    "docJurisdiction docNumber docProponent docPurpose docStage docStatus docTitle docType docketNumber embeddedText entity event "
    "extractText fillIn i inline ins judge lawyer legislature location mmod mref mod neutralCitation object omissis "
    "opinion organization outcome party person process quantity quotedText ref relatedDocument rmod role rref session shortTitle "
    "signature span sub term time tocItem u vote".split()
)
_LINES = frozenset("p block longTitle formula listIntroduction listWrapUp".split())
_ANNEXES = frozenset(("attachments", "annexes"))


def read(data: bytes, *, name: str) -> str:
    """The text of an Akoma Ntoso document; Hostile and Damaged as `xml.parsed` says."""
    root = parsed(data, name=name, format="Akoma Ntoso")
    if local(root) != "akomaNtoso" or not len(root):
        raise Damaged(name=name, format="Akoma Ntoso")
    text = _rendered(root, name)
    return _carried(root, text) or text


def body_hash(root: etree._Element) -> str:
    """SHA-256 (hex) of the text that the document shows: what binds the text that is carried along to it."""
    return hashlib.sha256(_rendered(root, "").encode()).hexdigest()


def _rendered(root: etree._Element, name: str) -> str:
    walk = _Walk(name, holders(root, _holds_others))
    try:
        walk.container(root, depth=0)
    except RecursionError as error:
        raise Hostile(name=name) from error
    return walk.blocks.text()


def _carried(root: etree._Element, text: str) -> str:
    """The text as it once came in, where this document carries it and still shows what it was made from; else ""."""
    found = root.find(f".//{CARRIED}")
    if found is None or found.get("body") != hashlib.sha256(text.encode()).hexdigest():
        return ""
    try:
        return base64.b64decode(found.text or "", validate=True).decode()
    except ValueError:
        return ""


class _Walk:
    def __init__(self, name: str, holders: set[etree._Element]) -> None:
        self.name = name
        self.holders = holders  # elements that hold lines
        self.blocks = Blocks()
        self.label = ""  # a number whose words are still to come

    def container(self, element: etree._Element, *, depth: int) -> None:
        """An element that holds paragraphs, with all that is in it."""
        if depth > DEEPEST:
            raise Hostile(name=self.name)
        if local(element) in _ANNEXES:
            self._settle()
        for place, child in enumerate((one for one in element if local(one) and local(one) not in _DROPPED), 1):
            if local(element) in _ANNEXES:
                self._annex(child, place)
            self._take(child, depth)
        if depth and local(element) not in ("content", "intro", "wrapUp"):
            self._settle()

    def _take(self, child: etree._Element, depth: int) -> None:
        tag = local(child)
        if tag == "num":
            self._settle()
            self.label = flat(_words(child))
        elif tag == "table":
            self._settle()
            self.blocks.rows([[_words(cell) for cell in row] for row in child.iter("{*}tr")])
        elif self._is_line(child, tag):
            self._say(_words(child))
        else:
            self.container(child, depth=depth + 1)

    def _is_line(self, child: etree._Element, tag: str) -> bool:
        """Whether an element is a line of text, not a container of lines."""
        if tag in _INLINE or tag in ("heading", "subheading"):
            return True
        if tag in _LINES:
            return child not in self.holders
        return not len(child) and bool((child.text or "").strip())

    def _annex(self, child: etree._Element, number: int) -> None:
        """An attachment that does not call itself an annex is called one, so that its paragraphs are not taken for items."""
        opening = flat(" ".join(islice(child.itertext(), 20))).lower()
        if not any(opening.startswith(word) for word in ("annex", "appendix", "attachment", "schedule")):
            self.blocks.add(f"Annex {number}")

    def _say(self, words: str) -> None:
        if not flat(words):
            return
        label, self.label = self.label, ""
        self.blocks.add(words, label=label)

    def _settle(self) -> None:
        """A number without words of its own stands alone."""
        if self.label:
            self.blocks.add("", label=self.label)
            self.label = ""


def _holds_others(element: etree._Element) -> bool:
    """Whether what holds this is a container and no line; a note within a line is none of it."""
    tag = local(element)
    if tag not in _LINES and tag not in ("list", "blockList", "item", "point"):
        return False
    return not any(local(one) in _DROPPED for one in element.iterancestors())


def _words(element: etree._Element) -> str:
    """The words of an element that is a line, notes left out."""
    if local(element) in _DROPPED or not local(element):
        return ""
    if local(element) == "br":
        return "\n"
    inside = [(element.text or "").replace("\n", " ")]
    for child in element:
        inside += [_words(child), (child.tail or "").replace("\n", " ")]
    return "".join(inside)
