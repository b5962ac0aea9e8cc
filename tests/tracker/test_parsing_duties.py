"""Duties of single paragraphs: acts, force, addressees, due points, kind, each with the words that made it."""

from __future__ import annotations

import pytest

from tracker.parsing import Operative, parse

HEAD = "The General Assembly,\n\nRecalling the work of the Joint Inspection Unit,\n\n"


def item(words: str) -> Operative:
    return parse(f"{HEAD}1.\t{words}\n").operative[0]


@pytest.mark.parametrize(
    ("words", "acts"),
    [
        ("Takes note with appreciation of the report;", [("takes note with appreciation", "notes")]),
        ("Also requests the Unit to report;", [("also requests", "requests")]),
        (
            "Welcomes the plan, stresses the need for it, and requests the Unit to carry it out;",
            [("welcomes", "notes"), ("stresses", "notes"), ("requests", "requests")],
        ),
        ("Reiterates its request to the Unit to report;", [("reiterates its request", "requests")]),
        ("Decides to establish a working group;", [("decides to establish", "decides")]),
        ("Decides to invite the Unit to attend;", [("decides to invite", "invites")]),
        ("CALLS UPON all Member States to pay;", [("calls upon", "urges")]),
        ("Notes the requests for information and the demands made;", [("notes", "notes")]),
    ],
)
def test_acts_are_read_with_their_force(words: str, acts: list[tuple[str, str]]) -> None:
    assert [(act.verb, act.force) for act in item(words).acts] == acts


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Requests the Secretary-General, as Chair of the Board, to invite the organizations;", ["Secretary-General"]),
        (
            "Invites States, civil society and all relevant stakeholders, including parents, to contribute;",
            ["States", "civil society", "all relevant stakeholders"],
        ),
        ("Requests the Unit to report;", ["Joint Inspection Unit"]),
        ("Welcomes the report of the Unit, and encourages it to continue;", ["Joint Inspection Unit"]),
        ("Decides that the President of the Assembly shall convene a meeting;", ["President of the Assembly"]),
        ("Demands the immediate release of all hostages;", []),
        ("Takes note of the report of the Unit;", []),
    ],
)
def test_addressees_are_those_that_the_words_name(words: str, names: list[str]) -> None:
    assert [one.name for one in item(words).addressees] == names


@pytest.mark.parametrize(
    ("words", "due", "kind"),
    [
        ("by 31 December 2025", ("date", "by 31 December 2025"), "once"),
        ("no later than 1 March 2040", ("date", "no later than 1 March 2040"), "once"),
        ("before the end of 2025", ("date", "before the end of 2025"), "once"),
        ("at its seventy-fifth session", ("session", "at its seventy-fifth session"), "once"),
        ("to the Sixty-ninth World Health Assembly", ("session", "to the Sixty-ninth World Health Assembly"), "once"),
        ("for consideration by Council 2018", ("session", "for consideration by Council 2018"), "once"),
        ("every three months", ("interval", "every three months"), "periodic"),
        ("on a regular basis", ("interval", "on a regular basis"), "periodic"),
        ("prior to its meetings", ("meeting", "prior to its meetings"), "before_each_meeting"),
        ("before each meeting", ("meeting", "before each meeting"), "before_each_meeting"),
        ("at each session", ("session", "at each session"), "each_session"),
        ("annually to the General Assembly", ("session", "annually to the General Assembly"), "each_session"),
        ("within 10 working days of a veto", ("event", "within 10 working days of a veto"), "on_event"),
        ("upon request", ("event", "upon request"), "on_event"),
        ("as soon as possible", ("none", "as soon as possible"), "once"),
    ],
)
def test_due_point_is_read_with_its_kind(words: str, due: tuple[str, str], kind: str) -> None:
    read = item(f"Requests the Unit to report {words};")

    assert [(one.kind, one.text) for one in read.due] == [due]
    assert read.kind == kind


def test_due_point_carries_what_can_be_computed_with() -> None:
    read = item("Requests the Unit to report at its seventy-fifth session and by 31 December 2025;")

    assert [(one.session, one.date) for one in read.due] == [("75", ""), ("", "2025-12-31")]


@pytest.mark.parametrize(
    "words",
    [
        "Recalls its resolution 31/192 of 22 December 1976;",
        "Takes note of the report for the period from 1 July 2022 to 30 June 2023;",
        "Requests the Unit to apply resolution 60/258 of 8 May 2006;",
    ],
)
def test_date_of_another_text_is_no_due_point(words: str) -> None:
    assert item(words).due == ()


def test_paragraph_that_only_notes_has_no_kind() -> None:
    assert item("Welcomes the annual report of the Unit;").kind == ""


def test_paragraph_above_a_list_leaves_the_duty_to_its_list() -> None:
    read = parse(
        f"{HEAD}1.\tRequests the Unit:\n\n\t(a)\tTo report annually;\n\n\t(b)\tTo continue its work.\n"
    ).operative

    assert [(one.path, one.kind, [name.name for name in one.addressees]) for one in read] == [
        ("1", "", ["Joint Inspection Unit"]),
        ("1(a)", "periodic", ["Joint Inspection Unit"]),
        ("1(b)", "continuing", ["Joint Inspection Unit"]),
    ]


def test_proposals_show_the_words_that_made_them() -> None:
    text = f"{HEAD}1.\tRequests the Unit to\nreport every three\nmonths;\n"

    read = parse(text).operative[0]

    assert ["".join(text[a:b] for a, b in one.span) for one in read.due] == ["every three\nmonths"]
    assert read.kind_span == read.due[0].span
    assert "".join(text[a:b] for a, b in read.acts[0].span) == "Requests"
    assert "".join(text[a:b] for a, b in read.addressees[0].span) == "the Unit"
