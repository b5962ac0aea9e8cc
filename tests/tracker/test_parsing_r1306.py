"""Resolution 1306 (C15), read from the text that ships with the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.parsing import Operative, ParsedResolution, parse, read_source

TEXT = Path(__file__).parents[2] / "tracker" / "texts" / "itu-council-r1306-c15.txt"


@pytest.fixture(scope="module")
def text() -> str:
    return read_source(TEXT)


@pytest.fixture(scope="module")
def parsed(text: str) -> ParsedResolution:
    return parse(text)


def item(parsed: ParsedResolution, path: str) -> Operative:
    return next(one for one in parsed.operative if one.path == path)


def words_at(text: str, spans: object, glue: str = "") -> str:
    return " ".join(glue.join(text[start:end] for start, end in spans).split())  # type: ignore[attr-defined]


def test_front_matter_of_1306(parsed: ParsedResolution) -> None:
    assert parsed.symbol == "Resolution 1306 (C09, last amended C15)"
    assert parsed.title == "Council Working Group on Child Online Protection"
    assert parsed.enacting == "The Council"


def test_preamble_of_1306_has_sixteen_paragraphs(parsed: ParsedResolution) -> None:
    assert [(one.heading, one.label) for one in parsed.preambular] == [
        *(("considering", f"{letter})") for letter in "abcdefghij"),
        *(("recognizing", f"{letter})") for letter in "abcde"),
        ("recalling", ""),
    ]


def test_preamble_of_1306_keeps_quotations_inside_their_paragraph(parsed: ParsedResolution) -> None:
    considering_j = parsed.preambular[9]

    assert considering_j.text.startswith("that during the World Summit")
    assert "(paragraph 24); and the Tunis Agenda stating:" in considering_j.text
    assert considering_j.text.endswith("(paragraph 90q.)")
    assert len(considering_j.span) > 1


def test_operative_part_of_1306_has_exactly_seven_items(parsed: ParsedResolution) -> None:
    assert [(one.path, one.label, one.parent, one.section) for one in parsed.operative] == [
        ("1", "1", "", "resolves"),
        ("1.1", "1.1", "1", "resolves"),
        ("1.2", "1.2", "1", "resolves"),
        ("2", "2", "", "resolves"),
        ("3", "3", "", "resolves"),
        ("4", "4", "", "resolves"),
        ("5", "5", "", "resolves"),
    ]


@pytest.mark.parametrize(
    ("path", "kind", "kind_words"),
    [
        ("1", "continuing", "to maintain"),
        ("1.1", "continuing", "to exchange"),
        ("1.2", "each_session", "to the Council annually"),
        ("2", "continuing", "to facilitate"),
        ("3", "before_each_meeting", "prior to its meetings"),
        ("4", "continuing", "to continue to make"),
        ("5", "once", "for consideration by Council 2018"),
    ],
)
def test_kind_of_1306_is_proposed_from_its_words(
    parsed: ParsedResolution, text: str, path: str, kind: str, kind_words: str
) -> None:
    read = item(parsed, path)

    assert read.kind == kind
    assert words_at(text, read.kind_span) == kind_words


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("1", []),
        ("1.1", []),
        ("1.2", [("session", "Council", "", "to the Council annually")]),
        ("2", []),
        ("3", [("meeting", "CWG-COP", "", "prior to its meetings")]),
        ("4", [("continuing", "", "", "to continue to make")]),
        (
            "5",
            [
                ("session", "Council", "2018", "for consideration by Council 2018"),
                (
                    "session",
                    "Plenipotentiary Conference",
                    "2018",
                    "to be submitted to the 2018 Plenipotentiary Conference",
                ),
            ],
        ),
    ],
)
def test_due_points_of_1306(
    parsed: ParsedResolution, text: str, path: str, expected: list[tuple[str, str, str, str]]
) -> None:
    due = item(parsed, path).due

    assert [(one.kind, one.body, one.session, one.text) for one in due] == expected
    assert [words_at(text, one.span) for one in due] == [one.text for one in due]


@pytest.mark.parametrize(
    ("path", "verb", "force", "addressees"),
    [
        ("1", "to maintain", "decides", ["Council"]),
        ("1.1", "to exchange", "decides", ["CWG-COP"]),
        ("1.2", "to report", "decides", ["CWG-COP"]),
        ("2", "to facilitate", "decides", []),
        ("3", "to encourage", "encourages", ["CWG-COP"]),
        ("4", "to continue to make", "decides", []),
        ("5", "to prepare", "decides", []),
    ],
)
def test_acts_of_1306(parsed: ParsedResolution, path: str, verb: str, force: str, addressees: list[str]) -> None:
    read = item(parsed, path)

    assert [(act.verb, act.force) for act in read.acts] == [(verb, force)]
    assert [one.name for one in read.addressees] == addressees


def test_spans_of_1306_give_back_the_words(parsed: ParsedResolution, text: str) -> None:
    for one in (*parsed.preambular, *parsed.operative):
        assert words_at(text, one.span) == one.text
        assert words_at(text, one.span, " ") == one.text


def test_json_of_1306_has_the_agreed_keys(parsed: ParsedResolution) -> None:
    read = parsed.to_json()

    assert list(read) == ["symbol", "title", "enacting", "preambular", "operative"]
    assert list(read["preambular"][0]) == ["heading", "label", "text", "span"]
    assert list(read["operative"][2]) == [
        "path",
        "label",
        "parent",
        "section",
        "text",
        "span",
        "acts",
        "addressees",
        "kind",
        "due",
    ]
    assert list(read["operative"][2]["acts"][0]) == ["verb", "force", "addressees", "due"]
    assert list(read["operative"][2]["due"][0]) == ["kind", "body", "text", "span"]
    assert read["operative"][3]["span"] == [[3866, 4054]]


def test_reading_1306_with_windows_line_ends_finds_the_same(text: str, parsed: ParsedResolution) -> None:
    again = parse(text.replace("\n", "\r\n"))

    assert [(one.path, one.text) for one in again.operative] == [(one.path, one.text) for one in parsed.operative]
    assert [one.text for one in again.preambular] == [one.text for one in parsed.preambular]
