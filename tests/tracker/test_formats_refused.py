"""What is refused, quickly and in a sentence that says what to do: bombs, scans, passwords, other formats, damage."""

from __future__ import annotations

import contextlib
import io
import random
import re
import resource
import time
import zipfile
import zlib
from collections.abc import Callable

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tracker import documents
from tracker.formats import FILE_LIMIT, read_document, xml, zipped
from tracker.parsing import ParseError
from tracker.parsing.errors import Damaged, Encrypted, Hostile, Scanned, TooLarge

LAUGHS = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def locked() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(documents.pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def blank() -> bytes:
    """Pages of pictures, as far as their text goes."""
    writer = pypdf.PdfWriter()
    for _ in range(3):
        writer.add_blank_page(width=300, height=300)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def looping() -> bytes:
    """Pages whose tree leads back to itself."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


def swelling() -> bytes:
    """A page whose words unpack to a gigabyte."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(b"BT (a) Tj ET\n" * 100_000) for _ in range(800)) + packer.flush()
    return (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF"
        % (len(stream), stream)
    )


def bomb(part: str = "word/document.xml") -> bytes:
    """An archive with a part of 300 MB of nothing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        if part != "word/document.xml":
            made.writestr("word/document.xml", b"<x/>")
        with made.open(part, "w", force_zip64=True) as opened:
            for _ in range(300):
                opened.write(b" " * 1024 * 1024)
    return buffer.getvalue()


def lying() -> bytes:
    """A bomb that says it is small."""
    data = bytearray(bomb())
    size = (300 * 1024 * 1024).to_bytes(4, "little")
    at = data.find(b"PK\x01\x02")
    assert data[at + 24 : at + 28] == size
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def many() -> bytes:
    return documents.archive(word__document_xml=b"<x/>", **{f"p{number}": b"" for number in range(6_000)})


def nested(depth: int) -> bytes:
    return f"<!doctype html><body>{'<div>' * depth}1. Requests the Director to report.".encode()


HOSTILE: list[tuple[str, Callable[[], bytes], type[ParseError]]] = [
    ("zip-bomb", bomb, Hostile),
    ("zip-bomb-beside-the-text", lambda: bomb("word/media/picture.png"), Hostile),
    ("zip-bomb-that-lies", lying, ParseError),
    ("zip-of-many", many, Hostile),
    ("xml-bomb-in-word", lambda: documents.word_xml("<w:p/>", before=LAUGHS), Hostile),
    ("xml-entity-in-word", lambda: documents.word_xml("<w:p/>", before=OUTSIDE), Hostile),
    ("xml-bomb", f"<?xml version='1.0'?>{LAUGHS}<akomaNtoso>&lol2;</akomaNtoso>".encode, Hostile),
    ("xml-entity", f"{OUTSIDE}<akomaNtoso><doc>&e;</doc></akomaNtoso>".encode, Hostile),
    ("xml-deep", f"<akomaNtoso>{'<a><div>' * 30_000}".encode, ParseError),
    ("word-deep", lambda: documents.word_xml("<w:sdt>" * 10_000 + "</w:sdt>" * 10_000), ParseError),
    ("html-deep", lambda: nested(100_000), ParseError),
    ("pdf-locked", locked, Encrypted),
    ("pdf-scanned", blank, Scanned),
    ("pdf-loop", looping, ParseError),
    ("pdf-swelling", swelling, ParseError),
    ("pdf-damaged", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 50, ParseError),
    ("zip-damaged", lambda: documents.word()[:-400], Damaged),
    ("word-damaged", lambda: documents.archive(word__document_xml=b"<w:document"), Damaged),
    ("akn-damaged", lambda: b"<akomaNtoso><doc>", Damaged),
    ("too-large", lambda: b"a" * (FILE_LIMIT + 1), TooLarge),
]


@pytest.mark.parametrize(("make", "error"), [pytest.param(make, error, id=name) for name, make, error in HOSTILE])
def test_hostile_file_is_refused_quickly(make: Callable[[], bytes], error: type[ParseError]) -> None:
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()

    with pytest.raises(error) as caught:
        read_document(data, name="given.bin")

    assert time.process_time() - began < 2  # this process; a PDF is read in another, which is limited
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    assert caught.value.message.startswith("given.bin ")
    assert len(caught.value.message) < 300


SLOW = {
    "many-within-many": b"<!doctype html><body>" + b"<span>" * 190 + b"<i></i>" * 150_000 + b"<p>x",
    "lines-within-lines": b"".join(
        [
            b"<akomaNtoso><doc>",
            b"<p>" * 190,
            b"<b/>" * 150_000,
            b"x<block>y</block>",
            b"</p>" * 190,
            b"</doc></akomaNtoso>",
        ]
    ),
    "comments-in-a-row": b"<!-- -->" * 2_000 + b"x",
}


@pytest.mark.parametrize("case", SLOW)
def test_file_that_is_made_to_take_for_ever_is_answered_quickly(case: str) -> None:
    began = time.process_time()

    with contextlib.suppress(ParseError):
        read_document(SLOW[case])

    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "an old Word file"),
        (b"{\\rtf1 x}", "an RTF file"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b"MZ\x90\x00" + b"\x00" * 50, "a program"),
        (documents.archive(xl__workbook_xml=b"x"), "a spreadsheet"),
        (documents.archive(ppt__presentation_xml=b"x"), "a presentation"),
        (documents.archive(mimetype=b"x", content_xml=b"x"), "an OpenDocument file"),
        (documents.archive(a_txt=b"x"), "a ZIP file"),
        (b"<?xml version='1.0'?><rss><item/></rss>", "XML of another kind"),
        (b"abc\x00\x01\x02def", "binary data"),
    ],
)
def test_other_formats_are_named_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words) as caught:
        read_document(data)

    assert "save it as plain text in UTF-8, PDF, DOCX or HTML" in caught.value.message


@pytest.mark.parametrize("data", ["Évora".encode("latin-1"), "Requests".encode("utf-16-le"), b"\xff\xfe\x00"])
def test_wrong_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        read_document(data)


def test_archive_with_paths_that_lead_out_writes_nothing() -> None:
    buffer = io.BytesIO(documents.word())
    with zipfile.ZipFile(buffer, "a") as made:
        made.writestr("../../evil.txt", b"x")
        made.writestr("/etc/evil.txt", b"x")

    assert read_document(buffer.getvalue()).kind == "DOCX"


GOOD = {
    "docx": documents.word(),
    "html": documents.page(),
    "akn": b"<akomaNtoso><doc><p>1. Requests x.</p></doc></akomaNtoso>",
}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(sorted(GOOD)), seed=st.integers(0, 2**32), cuts=st.integers(0, 20))
def test_damaged_file_is_read_or_refused(kind: str, seed: int, cuts: int) -> None:
    random_, data = random.Random(seed), bytearray(GOOD[kind])
    for _ in range(cuts):
        at = random_.randrange(len(data))
        data[at : at + random_.randrange(4)] = random_.randbytes(random_.randrange(4))

    try:
        text = read_document(bytes(data)).text
    except ParseError as error:
        text = error.message

    assert text


@pytest.mark.parametrize("seed", range(6))
def test_damaged_pdf_is_read_or_refused(seed: int) -> None:
    random_, data = random.Random(seed), bytearray(documents.pdf())
    for _ in range(40):
        data[random_.randrange(20, len(data))] = random_.randrange(256)

    try:
        text = read_document(bytes(data)).text
    except ParseError as error:
        text = error.message

    assert text


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        text = read_document(data).text
    except ParseError as error:
        text = error.message

    assert text


# Controls: without the guard each of these is taken for a text. ----------------------------------------------------------------


def test_control_without_the_look_at_sizes_a_bomb_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bomb("word/media/picture.png")

    monkeypatch.setattr(zipped, "MOST_UNPACKED", 2**40)
    monkeypatch.setattr(zipped, "MOST_TIMES", 2**40)

    with zipped.opened(data, name="x") as parts:
        assert parts.has("word/media/picture.png")


def test_control_without_the_look_at_declarations_a_document_type_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = f"{OUTSIDE}<akomaNtoso><doc><p>1. Requests x.</p></doc></akomaNtoso>".encode()

    monkeypatch.setattr(xml, "_DECLARES", re.compile(rb"(?!)"))

    assert "Requests x." in read_document(data).text
