"""What a text names, in the styles of the houses, and what it does to them."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.parsing.citations import citations

R1306 = (Path(__file__).parents[2] / "tracker/texts/itu-council-r1306-c15.txt").read_text(encoding="utf-8")

CASES = {
    "Resolution 179 (Rev. Busan, 2014) of the ITU Plenipotentiary Conference on": [
        ("resolution", "179", "Rev. Busan, 2014", "cites")
    ],
    "implementing Resolution 67 (Rev. Dubai,\n2014) of WTDC,": [("resolution", "67", "Rev. Dubai, 2014", "cites")],
    "recalling its resolution 75/270 of 16 April 2021,": [("resolution", "75/270", "", "cites")],
    "in A/RES/75/270 and S/RES/242 (1967)": [
        ("resolution", "75/270", "", "cites"),
        ("resolution", "242", "1967", "cites"),
    ],
    "recalling resolution WHA66.23, on the form of reports": [("resolution", "WHA66.23", "", "cites")],
    "see WHA66.23.": [("resolution", "WHA66.23", "", "cites")],
    "Decision 11 (Buenos Aires, 2017)": [("decision", "11", "Buenos Aires, 2017", "cites")],
    "abrogates Resolution 5": [("resolution", "5", "", "abrogates")],
    "to repeal Resolution 5 (Geneva, 1992)": [("resolution", "5", "Geneva, 1992", "abrogates")],
    "which supersedes Decision 4": [("decision", "4", "", "supersedes")],
    "revises Resolution 1306 (C09)": [("resolution", "1306", "C09", "revises")],
    "decides to extend the mandate set out in resolution 70/1": [("resolution", "70/1", "", "extends")],
    "Resolution 12, as amended by Resolution 30": [
        ("resolution", "12", "", "cites"),
        ("resolution", "30", "", "amends by"),
    ],
    "recalling resolutions 31/192 of 22 December 1976, 48/218 B of 29 July 1994 and 61/275 of 29 June 2007": [
        ("resolution", "31/192", "", "cites"),
        ("resolution", "48/218 B", "", "cites"),
        ("resolution", "61/275", "", "cites"),
    ],
    "resolutions 2712 (2023) and 2720 (2023)": [
        ("resolution", "2712", "2023", "cites"),
        ("resolution", "2720", "2023", "cites"),
    ],
    "RESOLUTION NO. 2019-01": [("resolution", "2019-01", "", "cites")],
    "the resolution of 25 January 1946; a decision in 1999; resolutions pertaining to 4 offices": [],
}


@pytest.mark.parametrize("text", CASES)
def test_what_is_named_is_read(text):
    found = [(one.noun, one.number, one.designation, f"{one.relation}{' by' * one.passive}") for one in citations(text)]

    assert found == CASES[text]


def test_the_body_the_day_and_the_organ_are_read():
    (first,) = citations(
        "Resolution 67 (Rev. Dubai, 2014) of the World Telecommunication Development Conference (WTDC)"
    )
    (second,) = citations("resolution 75/270 of 16 April 2021")
    (third,) = citations("A/HRC/RES/53/7")

    assert first.body == "World Telecommunication Development Conference"
    assert second.day == "16 April 2021"
    assert third.organ == "A/HRC"


def test_resolution_1306_names_five_texts():
    found = citations(R1306)[1:]  # its own symbol comes first

    assert [(one.number, one.designation) for one in found] == [
        ("179", "Rev. Busan, 2014"),
        ("67", "Rev. Dubai, 2014"),
        ("45", "Rev. Dubai, 2014"),
        ("175", "Rev. Busan, 2014"),
        ("179", "Rev. Busan, 2014"),
    ]
    assert {one.relation for one in found} == {"cites"}
    assert found[2].body == "WTDC"


@given(st.text(alphabet="resolutiondc RWHA/.()0123456789,\n "))
def test_the_span_of_a_citation_holds_its_words(text):
    ends = [0]
    for one in citations(text):
        start, end = one.span
        assert " ".join(text[start:end].split()) == one.text
        assert start >= ends[-1]
        ends.append(end)


@pytest.mark.parametrize(
    "unit", ["resolution ", "resolutions 1, ", "(Rev. 1 ", "A/RES/1/", "amended by the the ", "Resolution 1 of A "]
)
def test_a_long_text_is_read_in_time_by_its_length(unit):
    begun = time.monotonic()
    citations(unit * (200_000 // len(unit)))
    assert time.monotonic() - begun < 10
