"""The session pack: the same numbers in every file, nothing from the record run as anything, tagged, in every script."""

import csv
import io
import json
import re
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from docx.oxml.ns import qn
from lxml import html

from tracker import access, frozen, packs
from tracker.models import Obligation, Occurrence, Paragraph
from tracker.packs.pdf import fonts

HOSTILE = '=HYPERLINK("http://x") #import "x" <script>alert(1)</script> $#sym.arrow$ \\ @label *b* `r` ﷽ 网络 \x01\x0b \ue000 𐒀'


@pytest.fixture
def busy(world):
    """Turns that stand in several ways."""
    world.walk("endorsed", world.past)
    world.walk("assigned", world.due)
    return world


def bytes_of(world, session="C18", reader=None, languages=("en",)):
    at = world.sessions[session] if session else None
    return frozen.canonical(frozen.freeze(reader or world.councillor, world.council, at, languages=languages))


def text_of_pdf(made: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)


def counts_of_page(page) -> dict[str, int]:
    """Word of a mark → its number in the table beneath the bar."""
    rows = html.fromstring(page.content.decode()).xpath("//table[contains(@class, 'counts')]/tbody/tr/td/a/@aria-label")
    return {word: int(number) for word, _colon, number in (row.rpartition(": ") for row in rows)}


def table(rows, first: str) -> dict[str, int]:
    """Of rows of cells, those after the row that begins with `first`, to the first that is no word and number."""
    found: dict[str, int] = {}
    lines = iter(rows)
    next(row for row in lines if row and str(row[0]) == first)
    for row in lines:
        cells = [cell for cell in row if cell not in (None, "")]
        if len(cells) != 2 or not str(cells[1]).isdigit():
            break
        found[str(cells[0])] = int(cells[1])
    return found


@pytest.mark.parametrize("session", ["C16", "C17", "C18", None])
def test_every_file_has_the_numbers_of_the_page(busy, client_for, session):
    client = client_for(busy.councillor)
    address = f"/council/council/{session.lower() + '/' if session else ''}"
    page = client.get(address)
    on_page = counts_of_page(page)
    whole = sum(on_page.values())
    made = {kind: client.get(f"{address}pack.{kind}") for kind in packs.KINDS}
    api = client.get(f"/api/v1/overview/?body=council{f'&session={session.lower()}' if session else ''}").json()

    assert {kind: one.status_code for kind, one in made.items()} == dict.fromkeys(packs.KINDS, 200)
    said = frozen.thaw(made["json"].content).view("en")
    assert {one.mark.word: one.number.count for one in said.counts} == on_page
    if session:  # of all sessions the API says nothing
        assert {one["code"]: one["number"]["count"] for one in api["counts"]} == {
            one.code: one.number.count for one in said.counts
        }
    rows = list(csv.reader(io.StringIO(made["csv"].content.decode("utf-8-sig"))))
    assert table(rows, "Mark") == on_page | {"In all": whole} | beside(said)
    book = openpyxl.load_workbook(io.BytesIO(made["xlsx"].content))
    assert table(book.worksheets[0].iter_rows(values_only=True), "How it stands") == on_page | {"In all": whole}
    shown = [cell for group in said.grid.groups for row in group.rows for cell in row.cells]
    assert book.worksheets[1].max_row - 1 == sum(len(cell.entries) for cell in shown)
    paper = docx.Document(io.BytesIO(made["docx"].content))
    by_caption = [[[cell.text for cell in row.cells] for row in one.rows] for one in paper.tables]
    counted = next(one for one in by_caption if one[0] == ["How it stands", "Occurrences"])
    assert {word: int(number) for word, number in counted[1:]} == on_page | {"In all": whole}
    pdf = re.sub(r"\s+", " ", text_of_pdf(made["pdf"].content))
    for word, number in (on_page | {"In all": whole}).items():
        assert f"{word} {number}" in pdf
    sentence = packs.sentence(said)
    assert sentence in pdf
    assert sentence in [line.text for line in paper.paragraphs]
    seen = re.sub(r"\s+", " ", html.fromstring(page.content.decode()).xpath("string(//p[@class='lede'])")).strip()
    assert seen == sentence


def beside(said) -> dict[str, int]:
    return {
        "Of these past due": said.past_due.count,
        "Of these led by an office that no one holds": said.vacant.count,
        "Past due from earlier sessions, beside these": said.carried.count,
    }


def test_sections_come_in_the_order_of_the_room(busy):
    pdf = text_of_pdf(packs.make(bytes_of(busy), "pdf", "en"))

    places = [
        pdf.index(heading)
        for heading in (
            "Summary",
            "Every item, every session",
            "Past due\n",
            "Draft decisions",
            "Annex: how the record",
        )
    ]

    assert places == sorted(places)


def test_pdf_is_tagged_and_says_that_it_is_accessible(busy):
    file = pypdf.PdfReader(io.BytesIO(packs.make(bytes_of(busy), "pdf", "en")))

    root = file.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "en"
    assert re.search(rb"pdfuaid:part(>|=.)1", root["/Metadata"].get_object().get_data())
    assert file.metadata.title == "Council 2018: what was resolved, and what was done"


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh-hans"])
def test_pack_speaks_every_language(busy, language):
    made = bytes_of(busy, languages=[language])
    try:
        fonts(language)
    except ImproperlyConfigured as lacking:
        pytest.skip(str(lacking))

    assert packs.make(made, "pdf", language).startswith(b"%PDF-")
    paper = docx.Document(io.BytesIO(packs.make(made, "docx", language)))
    book = openpyxl.load_workbook(io.BytesIO(packs.make(made, "xlsx", language)))

    turned = bool(paper.element.xpath("//w:p/w:pPr/w:bidi"))
    assert turned == (language == "ar")
    assert bool(book.worksheets[0].sheet_view.rightToLeft) == turned


def test_machine_without_a_font_says_which_package_brings_one(busy, client_for, monkeypatch):
    monkeypatch.setattr("tracker.packs.pdf._families", lambda: frozenset({"Libertinus Serif"}))
    client = client_for(busy.councillor)
    client.cookies["language"] = "zh-hans"

    page = client.get("/council/council/c18/pack.pdf")

    assert page.status_code == 503
    assert "fonts-noto-cjk" in page.content.decode()


def test_nothing_of_the_record_becomes_a_command(busy):
    turn = Occurrence.objects.get(pk=busy.due.pk)
    Paragraph.objects.filter(pk=turn.obligation.paragraph_id).update(text=HOSTILE)
    Obligation.objects.filter(pk=turn.obligation_id).update(title=HOSTILE[:100])
    made = bytes_of(busy, session=None)

    pdf = text_of_pdf(packs.make(made, "pdf", "en"))
    book = openpyxl.load_workbook(io.BytesIO(packs.make(made, "xlsx", "en")))
    paper = docx.Document(io.BytesIO(packs.make(made, "docx", "en")))

    assert '#import "x"' in pdf
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in cells)
    assert any(str(cell.value).startswith(HOSTILE[:60]) for cell in cells)
    assert any("<script>" in line.text for line in paper.paragraphs)


def test_frozen_form_of_long_ago_is_read_today(busy):
    """A summary that was tabled stays readable: its form is kept here as it was first written, byte for byte."""
    kept = (Path(__file__).parent / "summary-1.json").read_bytes()

    view = frozen.thaw(kept).view("en")

    assert frozen.digest(kept) == "dedf3156561d1e15a2f0a87092f4a9856354e0859d16632f743685737e68a88d"
    assert (view.body_name, view.occurrences.count) == ("The Council", 3)
    assert [one.code for one in view.counts] == ["unassigned", "due", "received"]
    assert packs.make(kept, "pdf", "en").startswith(b"%PDF-")


def test_spreadsheet_has_days_as_days_and_keeps_its_header(busy):
    book = openpyxl.load_workbook(io.BytesIO(packs.make(bytes_of(busy, session=None), "xlsx", "en")))

    turns = book.worksheets[1]
    header = [cell.value for cell in turns[1]]
    due = {row[header.index("Due")].value for row in turns.iter_rows(min_row=2)}
    assert turns.freeze_panes == "A2"
    assert turns.auto_filter.ref
    assert date(2018, 3, 18) in {one.date() for one in due if isinstance(one, datetime)}


def test_docx_says_what_is_not_known_and_has_headers_that_repeat(busy):
    paper = docx.Document(io.BytesIO(packs.make(bytes_of(busy), "docx", "en")))

    head = [cell.text for row in paper.tables[0].rows for cell in row.cells]
    headings = [line.text for line in paper.paragraphs if line.style.name == "Heading 1"]
    assert head == [
        "The Council", "Document: not recorded", "Council 2018", "16 February 2018", "Agenda item: not recorded",
        "Original: not recorded",
    ]  # fmt: skip
    assert headings[:4] == ["Summary", "Action required", "References", "Where things stand"]
    assert all(one.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for one in paper.tables[1:])


def test_frozen_summary_comes_back_as_it_was(busy):
    made = bytes_of(busy, languages=["en", "fr"])

    thawed = frozen.thaw(made)

    assert frozen.canonical(frozen._converter.unstructure(thawed)) == made
    assert thawed.day == date(2018, 2, 16)
    assert thawed.view("fr").counts == thawed.view("en").counts
    assert {one.reference for one in thawed.receipts} == set(Occurrence.objects.values_list("reference", flat=True))


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"\xff", b"[]", b'{"form": "other"}', b"[" * 20_000, "less", "more", "type"],
    ids=["empty", "bytes", "list", "form", "deep", "less", "more", "type"],
)
def test_what_is_no_frozen_summary_is_refused_in_words(busy, spoilt):
    plain = json.loads(bytes_of(busy))
    match spoilt:
        case "less":
            del plain["views"]["en"]["counts"]
        case "more":
            plain["views"]["en"]["surplus"] = 1
        case "type":
            plain["views"]["en"]["occurrences"]["count"] = "many"

    with pytest.raises(ValidationError) as refused:
        frozen.thaw(json.dumps(plain).encode() if isinstance(spoilt, str) else spoilt)

    assert "frozen summary" in refused.value.messages[0]


def test_pack_shows_its_reader_what_its_reader_may_see(world, client_for):
    """What is restricted is in the secretary's pack and in nobody's who may not see it, and in none for all members."""
    Obligation.objects.filter(pk=world.obligation.pk).update(visibility="restricted")

    kept = client_for(world.secretary).get("/council/council/pack.json").content
    open_ = client_for(world.councillor).get("/council/council/pack.json").content
    for_all = bytes_of(world, session=None, reader=access.Members(world.council))

    assert b"r1-1.2-c18" in kept
    assert b"r1-1.2-c18" not in open_
    assert b"r1-1.2-c18" not in for_all


def test_filters_of_the_page_are_those_of_its_pack(busy, client_for):
    client = client_for(busy.councillor)

    chosen = frozen.thaw(client.get("/council/council/pack.json?holder=nobody").content).view("en")
    refused = client.get("/council/council/pack.pdf?mark=nonsense")

    assert chosen.filters.holder == "nobody"
    assert refused.status_code == 400


def test_pack_that_is_too_long_for_a_page_says_how_to_get_it(busy, client_for, monkeypatch):
    monkeypatch.setattr("tracker.views.packs.AT_ONCE", 2)

    page = client_for(busy.councillor).get("/council/council/c18/pack.pdf")

    assert page.status_code == 413
    assert "session_pack c18 --body council" in html.fromstring(page.content.decode()).xpath("string(//main)")
    assert client_for(busy.councillor).get("/council/council/c18/pack.csv").status_code == 200


# --- the command ------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("session_pack", *arguments, stdout=out)
    return out.getvalue().split()


def test_command_writes_the_whole_pack(busy, tmp_path: Path):
    written = run("c18", "--out", str(tmp_path / "new"), "--symbol", "C18/99")

    assert sorted(Path(one).suffix for one in written) == [".csv", ".docx", ".json", ".pdf", ".xlsx"]
    assert sorted(tmp_path.glob("new/*")) == sorted(Path(one) for one in written)
    assert "C18/99" in text_of_pdf(next(tmp_path.glob("new/*.pdf")).read_bytes())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["c99"], "There is no session c99."),
        (["c18", "--body", "nobody"], "There is no body nobody: choose from board, council"),
        (["c18", "--kinds", "pdf,exe"], "There is no kind exe: choose from pdf, docx, xlsx, csv, json."),
    ],
)
def test_command_says_what_is_wrong(busy, tmp_path, arguments, words):
    with pytest.raises(CommandError) as refused:
        run(*arguments, "--out", str(tmp_path))

    assert words.split(":")[0] in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_command_leaves_nothing_half_written_where_it_may_not_write(busy, tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CommandError, match="cannot be written to"):
        run("c18", "--out", str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "in the way"
