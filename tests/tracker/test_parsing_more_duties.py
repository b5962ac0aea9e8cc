"""Duties in the wording of further houses: clauses of RESOLVED, sections that are sentences, lists below headings."""

from __future__ import annotations

import pytest

from tracker.parsing import Operative, parse

CITY = """RESOLUTION NO. 2030-117

A RESOLUTION OF THE CITY COUNCIL OF THE CITY OF LAKEVIEW ABOUT TREES

WHEREAS, trees give shade; and

WHEREAS, the Council adopted Resolution No. 2029-14, which provides in Section 2:
  1. the plan shall be reviewed;
  2. the fee is $5.

NOW, THEREFORE, BE IT RESOLVED BY THE CITY COUNCIL OF THE CITY OF LAKEVIEW, AS FOLLOWS:

SECTION 1. The above recitals are true and correct.

SECTION 2. The City Manager is hereby directed to prepare a tree plan and to report back to the City Council within 90 days of
the adoption of this Resolution.

SECTION 3. The City Clerk shall certify to the adoption of this Resolution.

SECTION 4. This Resolution shall take effect immediately upon its adoption.

PASSED AND ADOPTED this 5th day of November, 2030, by the following vote:

AYES: 5
"""

LEGISLATURE = """Whereas, Bees make honey; and

Whereas, Honey is sweet; now, therefore, be it

Resolved by the House of Representatives (the Senate concurring), That we urge the Governor to keep bees; and be it further

Resolved, That the Department of Agriculture report to the Legislature not later than January 1, 2031; and be it further

Resolved, That the Student Senate requests that the Provost hold a honey day; and be it further

Resolved, That the Board urges faculty to attend; and be it further

Resolved, That the officers of the Corporation be, and each of them hereby is, authorized and directed to sign; and be it further

Resolved, That copies of this resolution be transmitted to the Governor.
"""

MANDATE = """The Security Council,

Recalling its resolutions,

1. Decides that the mandate of the Mission shall be as follows, and authorizes it to perform the following tasks:

(a) Protection of civilians:

(i) To protect civilians;

(ii) To deter violence;

(b) Supporting the peace:

(i) To advise the parties;

2. Decides that the conference shall be held in Geneva for five working days.
"""

HEALTH = """The Seventy-fifth World Health Assembly,

Recalling resolution WHA70.15 (2017),

1.	URGES Member States,2 taking into account their national circumstances:

(1)	to implement the strategy;

2.	REQUESTS the Director-General:

(1)	to report to the Health Assembly in 2024, 2026 and 2028;

(2)	to submit a report every two years until 2030.

Eighth plenary meeting, 28 May 2022
A75/VR/8
"""

UNESCO = """The General Conference,

Recalling its resolutions,

1. Invites Member States to:

(a) set up national committees; and

(b) submit national reports by 31 December 2023;

2. Recommends that parliaments and governments cooperate, inter alia by training staff;

3. Requests the Director-General to report to it at its 42nd session, and to inform the Executive Board at its 216th session;

4. Encourages Parties in a position to do so to provide support;

5. Decides that the committee shall meet at least twice a year and shall report to the next conference;

6. Requests the secretariat to prepare a paper for consideration by the Subsidiary Body for Implementation at its sixty-third
session (November 2025).

(Adopted on 18 June 2021)
"""


def items(text: str) -> dict[str, Operative]:
    return {one.path: one for one in parse(text).operative}


def acts(item: Operative) -> list[tuple[str, str, list[str]]]:
    return [(one.verb, one.force, [who.name for who in one.addressees]) for one in item.acts]


def test_sections_that_are_sentences_name_their_addressee() -> None:
    read = items(CITY)

    assert list(read) == ["1", "2", "3", "4"]
    assert acts(read["1"]) == []
    assert acts(read["2"]) == [("is hereby directed", "instructs", ["City Manager"])]
    assert [one.text for one in read["2"].due] == ["within 90 days of the adoption of this Resolution"]
    assert acts(read["3"]) == [("shall certify", "decides", ["City Clerk"])]
    assert acts(read["4"]) == [("shall take", "decides", [])]


def test_body_is_the_one_that_resolved() -> None:
    assert parse(CITY).enacting == "THE CITY COUNCIL OF THE CITY OF LAKEVIEW"
    assert parse(LEGISLATURE).enacting == "the House of Representatives"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("u1", ("urge", "urges", ["Governor"])),
        ("u2", ("report", "decides", ["Department of Agriculture"])),
        ("u3", ("requests", "requests", ["Provost"])),
        ("u4", ("urges", "urges", ["faculty"])),
        (
            "u5",
            ("be, and each of them hereby is, authorized and directed", "instructs", ["officers of the Corporation"]),
        ),
        ("u6", ("be transmitted", "decides", [])),
    ],
)
def test_clause_of_a_resolved_says_who_does_what(path: str, expected: tuple[str, str, list[str]]) -> None:
    assert acts(items(LEGISLATURE)[path]) == [expected]


def test_heading_in_a_list_passes_the_addressee_on() -> None:
    read = items(MANDATE)

    assert acts(read["1(a)"]) == []
    assert acts(read["1(a)(ii)"]) == [("to deter", "decides", ["Mission"])]
    assert acts(read["1(b)(i)"]) == [("to advise", "decides", ["Mission"])]


def test_what_is_held_has_no_addressee() -> None:
    item = items(MANDATE)["2"]

    assert acts(item) == [("decides", "decides", [])]
    assert [(one.kind, one.text) for one in item.due] == [("none", "for five working days")]


def test_each_year_named_is_a_due_point_of_its_own() -> None:
    dues = items(HEALTH)["2(1)"].due

    assert [(one.kind, one.body, one.session) for one in dues] == [
        ("session", "Health Assembly", year) for year in ("2024", "2026", "2028")
    ]


def test_footnote_digit_after_an_addressee_is_left_out() -> None:
    read = items(HEALTH)

    assert acts(read["1(1)"]) == [("to implement", "urges", ["Member States"])]
    assert read["1"].kind == ""


def test_closing_line_of_a_plenary_meeting_is_no_part_of_the_last_item() -> None:
    assert items(HEALTH)["2(2)"].text == "to submit a report every two years until 2030."
    assert items(UNESCO)["6"].text.endswith("(November 2025).")


def test_verb_whose_past_has_the_same_form_keeps_the_force_of_its_list() -> None:
    assert acts(items(UNESCO)["1(a)"]) == [("set", "invites", ["Member States"])]


def test_bodies_in_small_letters_are_addressees() -> None:
    read = items(UNESCO)

    assert acts(read["2"]) == [("recommends", "invites", ["parliaments and governments"])]
    assert acts(read["4"]) == [("encourages", "encourages", ["Parties"])]
    assert acts(read["5"])[0] == ("decides", "decides", ["committee"])


def test_session_is_that_of_the_body_named_before_it() -> None:
    read = items(UNESCO)

    assert [(one.body, one.session) for one in read["3"].due] == [
        ("General Conference", "42"),
        ("Executive Board", "216"),
    ]
    assert [(one.body, one.session) for one in read["6"].due] == [("Subsidiary Body for Implementation", "63")]
    assert [(one.kind, one.body) for one in read["5"].due] == [("interval", ""), ("session", "General Conference")]


@pytest.mark.parametrize(
    ("first", "enacting"),
    [
        ("ISO/TC 999,", "ISO/TC 999"),
        ("The 140th Assembly of the Union,", "The 140th Assembly of the Union"),
        ("The Assembly:", "The Assembly"),
    ],
)
def test_enacting_words_of_further_houses(first: str, enacting: str) -> None:
    text = f"{first}\n\nNoting that bees are few,\n\n1. Calls on Governments to adopt laws.\n"

    assert parse(text).enacting == enacting


def test_whereas_right_below_a_title_opens_the_preamble() -> None:
    text = "A40-21: Bees at aerodromes\nWhereas bees are at aerodromes;\nNoting wasps;\nThe Assembly:\n1. Urges States to report."

    read = parse(text)

    assert (read.title, len(read.preambular)) == ("A40-21: Bees at aerodromes", 2)
