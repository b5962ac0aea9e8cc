"""Texts of every format: told by content, read alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tracker import documents
from tracker.formats import read_document
from tracker.formats.pdf import rejoined
from tracker.parsing import ParsedResolution, parse


def said(reading: ParsedResolution) -> list[object]:
    """What a reading says, places in the text apart."""
    return [
        reading.symbol,
        reading.title,
        reading.enacting,
        [(one.heading, one.label, one.text) for one in reading.preambular],
        [
            (
                one.path,
                one.label,
                one.text,
                one.kind,
                [(act.verb, act.force, [who.name for who in act.addressees]) for act in one.acts],
                [(due.kind, due.body, due.text, due.session, due.date) for due in one.due],
            )
            for one in reading.operative
        ],
    ]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        pytest.param(documents.TEXT.encode, "plain text", id="plain"),
        pytest.param(lambda: documents.TEXT.encode("utf-16"), "plain text", id="utf-16"),
        pytest.param(lambda: b"\xef\xbb\xbf" + documents.TEXT.encode(), "plain text", id="byte-order-mark"),
        pytest.param(documents.pdf, "PDF", id="pdf"),
        pytest.param(documents.word, "DOCX", id="docx"),
        pytest.param(documents.page, "HTML", id="html"),
    ],
)
def test_resolution_1306_is_read_alike_from_every_format(make: object, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a text.bin"  # the name says nothing
    path.write_bytes(make())  # type: ignore[operator]

    document = read_document(path)

    assert document.kind == kind
    assert said(parse(document.text)) == said(parse(documents.TEXT))


# DOCX ------------------------------------------------------------------------------------------------------------------

NUMBERING = """<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="(%3)"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="3">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="Article %1"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:isLgl/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="3"/></w:num>
<w:num w:numId="4"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
</w:numbering>"""
STYLES = """<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:style w:styleId="Item"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="Sub"><w:basedOn w:val="Item"/></w:style></w:styles>"""


def numbered(words: str, number: int, level: int = 0) -> str:
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"


def styled(words: str, style: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'


def lines(body: str) -> list[str]:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    data = documents.archive(
        word__document_xml=f"<w:document {space}><w:body>{body}</w:body></w:document>".encode(),
        word__numbering_xml=NUMBERING.encode(),
        word__styles_xml=STYLES.encode(),
    )
    return read_document(data).text.strip().split("\n\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            [("a", 1, 0), ("b", 1, 1), ("c", 1, 1), ("d", 1, 2), ("e", 1, 0), ("f", 1, 1)],
            ["1.\ta", "(a)\tb", "(b)\tc", "(i)\td", "2.\te", "(a)\tf"],
            id="levels-restart",
        ),
        pytest.param([("a", 2, 0), ("b", 2, 0)], ["•\ta", "•\tb"], id="bullets"),
        pytest.param(
            [("a", 3, 0), ("b", 3, 1), ("c", 3, 0), ("d", 3, 1)],
            ["Article I\ta", "1.1\tb", "Article II\tc", "2.1\td"],
            id="legal",
        ),
        pytest.param([("a", 1, 0), ("b", 4, 0), ("c", 4, 0)], ["1.\ta", "5.\tb", "6.\tc"], id="override"),
        pytest.param([("a", 1, 0), ("", 1, 0), ("b", 1, 0)], ["1.\ta", "2.\tb"], id="empty-paragraph"),
        pytest.param([("a", 9, 0), ("b", 0, 0)], ["a", "b"], id="no-such-list"),
    ],
)
def test_labels_are_those_that_word_prints(body: list[tuple[str, int, int]], expected: list[str]) -> None:
    assert lines("".join(numbered(*one) for one in body)) == expected


def test_numbering_comes_from_styles_too() -> None:
    assert lines(styled("a", "Item") + styled("b", "Sub")) == ["1.\ta", "2.\tb"]


def test_deleted_words_notes_and_fields_are_left_out_and_inserted_ones_are_there() -> None:
    body = (
        "<w:p><w:r><w:t>1. Requests the </w:t></w:r><w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
        '<w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:r><w:instrText>REF x</w:instrText></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
        "<w:r><w:t>Director</w:t><w:noBreakHyphen/><w:t>General</w:t><w:br/><w:t>to report.</w:t></w:r></w:p>"
    )

    assert lines(body) == ["1. Requests the new Director-General\nto report."]


def test_table_is_lines_and_a_table_of_layout_is_paragraphs() -> None:
    def row(*cells: str) -> str:
        return "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{one}</w:t></w:r></w:p></w:tc>" for one in cells) + "</w:tr>"

    long = "Requests the Director to report to the Council in good time"
    figures = "<w:tbl>" + row("2013", "36 651", "x") + row("2014", "36 651", "y") + "</w:tbl>"
    layout = "<w:tbl>" + row("1.", long) + row("2.", long) + "</w:tbl>"

    assert lines(figures + layout) == ["2013\t36 651\tx\n2014\t36 651\ty", f"1.\t{long}", f"2.\t{long}"]


# HTML ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<ol><li>a</li><li>b</li></ol>", ["1.\ta", "2.\tb"]),
        ("<ol start=3 type=a><li>a<li>b</ol>", ["c.\ta", "d.\tb"]),
        ("<ol type=I><li>a<li value=5>b</ol>", ["I.\ta", "V.\tb"]),
        ("<ol reversed><li>a<li>b</ol>", ["2.\ta", "1.\tb"]),
        ("<ol style='list-style-type: lower-roman'><li>a</ol>", ["i.\ta"]),
        ("<ol><li>a<ol type=a><li>b<li>c</ol><li>d</ol>", ["1.\ta", "a.\tb", "b.\tc", "2.\td"]),
        ("<ol><li><p>a</p><p>b</p></ol>", ["1.\ta", "b"]),
        ("<ul><li>a<li>b</ul>", ["•\ta", "•\tb"]),
        ("<ol><li>1. Requests a;<li>2. Requests b.</ol>", ["1. Requests a;", "2. Requests b."]),
        ("<p>a<br>b</p><div>c <b>d</b><p>e</p>f</div>", ["a\nb", "c d", "e", "f"]),
        ("<p>a &amp; b&nbsp;c &#8211; d</p>", ["a & b c – d"]),
        ("<table><tr><td>2013<td>36<td>x<tr><td>2014<td>37<td>y</table>", ["2013\t36\tx\n2014\t37\ty"]),
        ("<p>report<sup>1</sup> of m<sup>2nd</sup></p>", ["report of m2nd"]),
    ],
)
def test_page_is_read_as_a_browser_shows_it(markup: str, expected: list[str]) -> None:
    assert read_document(f"<!doctype html><body>{markup}".encode()).text.strip().split("\n\n") == expected


# Akoma Ntoso ---------------------------------------------------------------------------------------------------------------

UN = """<?xml version="1.0" encoding="UTF-8"?>
<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><statement name="resolution">
<meta><identification source="#x"><FRBRWork><FRBRthis value="/akn/un/x/!main"/></FRBRWork></identification></meta>
<coverPage><p><docNumber>S/RES/9999 (2030)</docNumber></p></coverPage>
<preamble><formula name="enactingFormula"><p><span>The Security Council</span>,</p></formula>
<container name="Recalling"><p xml:space="preserve">\t<span>Recalling</span> its resolution <a href="https://example.org">1</a>,<authorialNote><p>A
note.</p></authorialNote></p></container></preamble>
<mainBody><paragraph><subheading>\t\tMandate </subheading></paragraph>
<paragraph><num>1.</num><content>
<p xml:space="preserve">\t<span>Decides</span> to extend the mandate until 30 April 2031; </p></content></paragraph>
<paragraph><num>2.</num><list><intro><p>\tDecides that the Mission shall have these tasks:</p></intro>
<point><num>(a)</num><content><p>Protection:</p></content></point>
<sublist><point><num>(i)</num><content><p>\tTo protect civilians;</p></content></point></sublist></list></paragraph>
</mainBody>
<attachments><attachment><doc><mainBody>
<paragraph><num>1.</num><content><p>Requests nothing.</p></content></paragraph></mainBody></doc></attachment>
</attachments></statement></akomaNtoso>"""


def test_akoma_ntoso_of_the_united_nations_is_read() -> None:
    document = read_document(UN.encode())

    reading = parse(document.text)
    assert document.kind == "Akoma Ntoso"
    assert (reading.symbol, reading.enacting) == ("S/RES/9999 (2030)", "The Security Council")
    assert [one.text for one in reading.preambular] == ["Recalling its resolution 1,"]
    assert [(one.path, one.text) for one in reading.operative] == [
        ("1", "Decides to extend the mandate until 30 April 2031;"),
        ("2", "Decides that the Mission shall have these tasks:"),
        ("2(a)", "Protection:"),
        ("2(a)(i)", "To protect civilians;"),
    ]
    assert [one.title for one in reading.annexes] == ["Annex 1"]


# PDF ---------------------------------------------------------------------------------------------------------------------


def test_word_broken_at_a_line_end_is_made_whole() -> None:
    text = "the CWG-\nCOP and imple-\nmentation of self-\nregulation; the implementation is self-regulation\n"

    assert rejoined(text).split() == (
        "the CWG-COP and implementation of self-regulation; the implementation is self-regulation".split()
    )


def test_running_headers_of_a_pdf_are_no_part_of_items() -> None:
    kinds = ["honey", "bumble", "mason", "carpenter", "sweat", "mining"]
    blocks = [
        *documents.paragraphs(),
        *(f"{6 + at} to keep {kind} bees{f', {kind}s' * 40};" for at, kind in enumerate(kinds)),
    ]

    reading = parse(read_document(documents.pdf(blocks)).text)

    assert [one.path for one in reading.operative][-6:] == ["6", "7", "8", "9", "10", "11"]
    assert not any("C18/12" in one.text for one in reading.operative)
