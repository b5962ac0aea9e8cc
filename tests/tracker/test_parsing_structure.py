"""Structure in the styles of many houses, on small texts of our own."""

from __future__ import annotations

import pytest

from tracker.parsing import ParsedResolution, parse


def paths(resolution: ParsedResolution) -> list[str]:
    return [one.path for one in resolution.operative]


def texts(resolution: ParsedResolution) -> dict[str, str]:
    return {one.path: one.text for one in resolution.operative}


UN = """A/RES/99/1

Resolution adopted by the General Assembly on 1 May 2045

99/1. Keeping of bees

The General Assembly,

Recalling its resolution 98/3 of 2 May 2044, in which it requested a report,

Deeply concerned at the loss of bees,

1.\tDecides to establish a bee panel;

2.\tRequests the Secretary-General:

\t(a)\tTo report to the General Assembly at its hundredth session;

\t(b)\tTo support the panel:

\t(i)\tBy lending it rooms;

\t(ii)\tBy lending it chairs;

\t(c)\tTo print the list;

3.\tInvites Member States to keep bees.

12th plenary meeting
1 May 2045
"""

ITU_HEADINGS = """RESOLUTION 900 (C40)

Bees in the building

The Council,

considering

a)\tthat bees are busy;

b)\tthat, as stated in paragraph
2 above, honey is sweet,

considering further

that wax is useful,

resolves

1 to keep bees;

2 to review this resolution every two years,

instructs the Secretary-General

1 to buy hives;

2 to report annually to the Council,

invites Member States

to send flowers.
"""

WHO = """WHA99.9 Bees
The Ninety-ninth World Health Assembly,
Having considered the report on bees;1
Noting with concern that bees are few,
1. URGES Member States:2
(1) to keep bees, in line with resolution
WHA98.1 and paragraph 3 of the plan;
(2) to plant flowers;
2. REQUESTS the Director-General:
(1) to count bees;
(2) to report to the Hundredth World Health Assembly.
"""

WHEREAS = """RESOLUTION NO. 12

WHEREAS, the City keeps bees; and

WHEREAS, section 4 of the Code reads:

1. Bees shall be kept.
2. Bees shall be counted.

and

WHEREAS, it is spring;

NOW, THEREFORE, BE IT RESOLVED by the City Council of Hive:

Section 1. The bee budget is hereby approved.

Section 2. The City Clerk shall report to the Council by 30 June 2041.

Section 3. This resolution shall take effect immediately.

PASSED AND ADOPTED this 1st day of May 2041.

AYES: 5
"""

CORPORATE = """WHEREAS, bees are in the best interests of the Company;

RESOLVED, that the Bee Committee be and hereby is established; and be it further

RESOLVED, that the officers listed below be and hereby are appointed:

  * Ann Apiary
  * Bob Beekeeper

RESOLVED FURTHER, that the Secretary shall file this resolution within 10 working days of its adoption.
"""

SECTIONS = """The General Assembly,

I
Bees

Recalling its resolution 1/1,

1. Takes note of the report on bees;

2. Requests the Secretary-General to continue his efforts;

II
Wasps

Recalling also its resolution 1/2,

1. Decides to consider the question of wasps at its ninetieth session;

III
Hornets

Requests the Secretary-General to report on hornets.
"""

HEADINGS_BETWEEN = """The General Assembly,

Recalling its resolution 1/1,

1. Takes note of the report on bees;

Financing of bees

2. Requests the Secretary-General to finance bees;

3. Urges Member States to pay;

Follow-up

4. Decides to consider the matter again in 2050.
"""

DECISION = """At its 3rd meeting, on 5 June 2040, the Board, on the proposal of its President:

(a)\tDecided to close the old hive;

(b)\tRequested the Director to open a new one by 1 July 2041.
"""

REPEATED_SUBJECT = """The Board of Bees hereby decides to close the old hive.

The Board of Bees requests the Director to open a new one by 1 July 2041.
"""

LETTERS = """The Council,

noting

the report,

decides

a) to keep bees;

b) to count them;

c) to thank the keeper."""

ROMANS = """The Council,

Noting the report,

1. Decides that the panel shall:

(g) Count bees;

2. Decides to publish:

(a) Names;

(b) Numbers;

(c) Ages;

(d) Sizes;

(e) Colours;

(f) Homes;

(g) Friends;

(h) Foes;

(i) Songs;

(j) Dances.
"""


@pytest.mark.parametrize(
    ("text", "expected", "preambular"),
    [
        pytest.param(UN, ["1", "2", "2(a)", "2(b)", "2(b)(i)", "2(b)(ii)", "2(c)", "3"], 2, id="united-nations"),
        pytest.param(ITU_HEADINGS, ["1", "2", "s2.1", "s2.2", "u1"], 3, id="itu-headings"),
        pytest.param(WHO, ["1", "1(1)", "1(2)", "2", "2(1)", "2(2)"], 2, id="who-without-blank-lines"),
        pytest.param(WHEREAS, ["1", "2", "3"], 3, id="whereas-sections"),
        pytest.param(CORPORATE, ["u1", "u2", "u3"], 1, id="corporate"),
        pytest.param(SECTIONS, ["I.1", "I.2", "II.1", "III.u1"], 2, id="numbered-sections"),
        pytest.param(HEADINGS_BETWEEN, ["1", "2", "3", "4"], 1, id="headings-between-items"),
        pytest.param(DECISION, ["(a)", "(b)"], 0, id="decision-in-the-past-tense"),
        pytest.param(REPEATED_SUBJECT, ["u1", "u2"], 0, id="repeated-subject"),
        pytest.param(LETTERS, ["(a)", "(b)", "(c)"], 1, id="letters"),
    ],
)
def test_structure_in_the_style_of_a_house(text: str, expected: list[str], preambular: int) -> None:
    read = parse(text)

    assert paths(read) == expected
    assert len(read.preambular) == preambular


@pytest.mark.parametrize("text", [UN, ITU_HEADINGS, WHO, WHEREAS, CORPORATE, SECTIONS, HEADINGS_BETWEEN, DECISION])
def test_spans_give_back_the_words_however_they_are_joined(text: str) -> None:
    read = parse(text)

    for one in (*read.preambular, *read.operative):
        assert " ".join("".join(text[a:b] for a, b in one.span).split()) == one.text
        assert " ".join(" ".join(text[a:b] for a, b in one.span).split()) == one.text


def test_sections_carry_their_titles() -> None:
    assert [one.section for one in parse(SECTIONS).operative] == ["Bees", "Bees", "Wasps", "Hornets"]
    between = [one.section for one in parse(HEADINGS_BETWEEN).operative]
    assert between == ["", "Financing of bees", "Financing of bees", "Follow-up"]
    headed = [one.section for one in parse(ITU_HEADINGS).operative]
    assert headed == ["resolves"] * 2 + ["instructs the Secretary-General"] * 2 + ["invites Member States"]


def test_item_letter_i_after_h_is_a_letter() -> None:
    read = paths(parse(ROMANS))

    assert read[-3:] == ["2(h)", "2(i)", "2(j)"]


def test_sub_items_know_their_parent() -> None:
    parents = {one.path: one.parent for one in parse(UN).operative}

    assert parents["2(b)(ii)"] == "2(b)"
    assert parents["2(c)"] == "2"
    assert parents["3"] == ""


def test_page_break_in_a_sentence_splits_the_span_and_not_the_item() -> None:
    text = (
        "The Council,\n\nNoting the report,\n\n1. Decides that the report be sent to all\n\n- 2 -\n\n\n"
        "members of the Council;\n\n2. Requests the Director to print it.\n"
    )

    read = parse(text)

    assert paths(read) == ["1", "2"]
    assert read.operative[0].text == "Decides that the report be sent to all members of the Council;"
    assert len(read.operative[0].span) == 2


def test_running_header_is_left_out() -> None:
    text = (
        "C40/12-E\nThe Council,\n\nNoting the report,\n\n1. Decides that the report be sent to all\n\f"
        "C40/12-E\nmembers of the Council;\n\n2. Requests the Director to print it and to\n\fC40/12-E\nsend it.\n"
    )

    read = parse(text)

    assert texts(read) == {
        "1": "Decides that the report be sent to all members of the Council;",
        "2": "Requests the Director to print it and to send it.",
    }


@pytest.mark.parametrize(
    "item",
    [
        "1. Decides, in accordance with paragraph\n2 of the plan and section\n2. above, to keep bees;",
        "1. Decides to print the following:\n\nYear Bees\n2 345\n3 456\n4 567",
        "1. Decides to repeat that “the Council\n\n2. Decides to keep wasps;\n\n3. Requests honey”;",
        "1. Decides to keep bees, as in\n(b) and (c) of the plan;",
    ],
)
def test_what_only_looks_like_a_label_makes_no_item(item: str) -> None:
    text = f"The Council,\n\nNoting the report,\n\n{item}\n\n2. Requests the Director to count them.\n"

    read = parse(text)

    assert paths(read) == ["1", "2"]
    assert read.operative[1].text == "Requests the Director to count them."


def test_quotation_that_is_never_closed_hides_no_item() -> None:
    read = parse(
        "The Council,\n\nNoting the report,\n\n1. Decides to adopt “the plan;\n\n2. Decides to keep bees;\n\n"
        "3. Requests the “Bee Board” to help.\n"
    )

    assert paths(read) == ["1", "2", "3"]


def test_label_alone_on_its_line_belongs_to_the_words_below() -> None:
    read = parse("The Council,\n\nNoting the report,\n\n1.\n\nDecides to keep bees;\n\n2.\n\nRequests honey.\n")

    assert texts(read) == {"1": "Decides to keep bees;", "2": "Requests honey."}


def test_number_left_out_is_read_and_complained_of() -> None:
    read = parse(
        "The Council,\n\nNoting the report,\n\n1. Decides to keep bees;\n\n3. Requests the Director to count.\n"
    )

    assert paths(read) == ["1", "3"]
    assert [(one.code, one.line) for one in read.complaints] == [("label_skipped", 7)]


def test_annex_is_kept_apart_and_marked_as_an_instrument() -> None:
    text = UN + "\nAnnex\n\nDecision 5\n\nThe Bee Board,\n\nNoting bees,\n\n1. Decides to close;\n"

    read = parse(text)

    assert paths(read) == paths(parse(UN))
    assert [(one.title, one.instrument) for one in read.annexes] == [("Annex", True)]
    assert [one.code for one in read.complaints] == ["annex"]


def test_bullets_that_act_are_items_and_bullets_that_name_are_not() -> None:
    acting = parse(
        "The Council,\n\nnoting the report,\n\nrequests the Director to\n\n"
        "* prepare a plan,\n* propose a budget,\n\nencourages the Bureau to help.\n"
    )
    naming = parse("The Council,\n\nNoting the report,\n\n1. Decides to buy:\n\n- Hives;\n- Smokers.\n")

    assert paths(acting) == ["u1", "u1*1", "u1*2", "u2"]
    assert paths(naming) == ["1"]
    assert naming.operative[0].text == "Decides to buy: - Hives; - Smokers."


def test_words_after_the_last_item_are_no_item() -> None:
    read = parse(
        "The Council,\n\nNoting the report,\n\n1. Decides to keep bees.\n\nThe French text is the official one.\n"
    )

    assert texts(read) == {"1": "Decides to keep bees."}
    assert [one.code for one in read.complaints] == ["text_after_last_item"]


def test_same_text_is_read_alike_when_its_lines_are_wrapped_otherwise() -> None:
    long = parse(UN)

    wrapped = parse("\n".join(piece for line in UN.split("\n") for piece in _wrapped(line)))

    assert texts(wrapped) == texts(long)


def _wrapped(line: str) -> list[str]:
    pieces, rest = [], line
    while len(rest) > 40 and (cut := rest.rfind(" ", 10, 40)) > 0:
        pieces.append(rest[:cut])
        rest = rest[cut + 1 :]
    return [*pieces, rest]
