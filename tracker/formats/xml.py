"""XML read without trust: no document type, no entity, no address is followed."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from tracker.parsing.errors import Damaged, Hostile

_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WIDE = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
DEEPEST = 200


def parsed(data: bytes, *, name: str, format: str) -> etree._Element:  # noqa: A002  (the word that the message has)
    """The root of an XML document. Hostile where it declares a document type or entities (XML 1.0 §2.8, §4.2): no text needs
    them, and bombs are made of them. Damaged where it is not well-formed."""
    plain = data
    for mark, encoding in _WIDE:
        if data.startswith(mark):
            plain = data.decode(encoding, errors="replace").encode()
    if _DECLARES.search(plain):
        raise Hostile(name=name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise Damaged(name=name, format=format) from error
    return root


def holders(root: etree._Element, wanted: Callable[[etree._Element], bool]) -> set[etree._Element]:
    """The elements that hold, at any depth, one that is wanted. Each is climbed to once, so that it takes no longer than the
    document is."""
    found: set[etree._Element] = set()
    for element in root.iter():
        above = element.getparent() if wanted(element) else None
        while above is not None and above not in found:
            found.add(above)
            above = above.getparent()
    return found


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; "" for what is no element (an entity that was not resolved)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
