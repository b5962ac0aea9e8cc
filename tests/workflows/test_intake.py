"""Intake: a text comes in, each item is accounted for exactly once, and only then do turns begin."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django_fsm import TransitionNotAllowed

from tests.people import World
from tracker import intake
from tracker.models import Body, Event, Meeting, Obligation, Occurrence, Paragraph, Session, State, Version
from tracker.parsing import parse
from workflows import steps

TEXT = """RESOLUTION 7 (C15)

On a register of texts

The Council,

considering

a) that texts are many;

resolves

1 to report to the Council annually on the register;

2 to hold a consultation prior to all meetings of the Forum;

3 to prepare a draft report for consideration by Council 2018 to be submitted to the 2018 Conference;

4 to continue to keep the register open.
"""
TRACKED, COVERED, DECLARATORY = Paragraph.Disposition.values


@pytest.fixture
def conference(world: World) -> Body:
    body = Body.objects.create(slug="conference", name="The Conference", short_name="Conference")
    day = date(2018, 10, 29)
    Session.objects.create(body=body, code="PP18", name="Conference 2018", opens=day, state=State.PLANNED)
    return body


@pytest.fixture
def version(world: World, conference: Body) -> Version:
    return steps.import_version(world.council, text=TEXT, by=world.secretary)


def item(version: Version, path: str) -> Paragraph:
    return version.paragraphs.get(kind=Paragraph.Kind.OPERATIVE, path=path)


def settle_meetings(version: Version, world: World) -> None:
    """Item 2 names no body that is known here: the secretary says whose meetings."""
    steps.change_obligation(
        item(version, "2").obligations.get(),
        by=world.secretary,
        anchor=Obligation.Anchor.MEETING,
        anchor_body=world.group,
        offset_days=-1,
        responsible=world.group,
    )


def confirm_all(version: Version, world: World) -> Version:
    settle_meetings(version, world)
    for obligation in Obligation.objects.filter(paragraph__version=version):
        steps.confirm_obligation(obligation, by=world.secretary)
    for path in "1234":
        steps.dispose(item(version, path), disposition=TRACKED, by=world.secretary)
    return steps.confirm_version(version, by=world.secretary)


def everything() -> dict[str, list[dict[str, object]]]:
    """All rows that intake may touch, and the record of it."""
    kinds = (Version, Paragraph, Obligation, Occurrence, Event)
    return {kind.__name__: list(kind.objects.order_by("pk").values()) for kind in kinds}


# Import ----------------------------------------------------------------------------------------------------------------


def test_import_enters_a_version_in_intake_with_its_paragraphs(world: World, version: Version) -> None:
    assert (version.resolution.reference, version.label, version.designation) == ("council/r7", "C15", "C15")
    assert (version.resolution.symbol, version.resolution.title) == ("Resolution 7", "On a register of texts")
    assert (version.tracking, version.unaccounted) == (Version.Tracking.INTAKE, 4)
    assert version.adopted_at == world.sessions["C15"]
    assert (version.in_force_from, version.in_force_from_precision) == (date(2015, 5, 1), "month")
    kinds = list(version.paragraphs.values_list("kind", "path", "disposition"))
    assert kinds == [("preambular", "p1", ""), *(("operative", path, "") for path in "1234")]


def test_import_keeps_the_places_of_the_words(version: Version) -> None:
    first = item(version, "1")

    start, end = first.spans[0]
    assert " ".join(version.text[start:end].split()) == first.text
    assert first.proposal["kind"] == "each_session"
    assert first.proposal["due"][0]["text"] == "to the Council annually"


def test_import_proposes_duties_unconfirmed(world: World, conference: Body, version: Version) -> None:
    found = [
        (duty.reference, duty.kind, duty.anchor, duty.anchor_body, duty.anchor_session, duty.offset_days)
        for duty in Obligation.objects.filter(paragraph__version=version)
    ]

    assert found == [
        ("council/r7-1", "each_session", "session", world.council, None, -30),
        ("council/r7-2", "before_each_meeting", "none", None, None, 0),
        ("council/r7-3", "once", "session", world.council, world.sessions["C18"], -30),
        ("council/r7-3~2", "once", "session", conference, conference.sessions.get(), 0),
        ("council/r7-4", "continuing", "session", world.council, None, -30),
    ]
    assert not Obligation.objects.filter(paragraph__version=version, confirmed=True).exists()
    assert not Occurrence.objects.filter(resolution=version.resolution).exists()


def test_import_twice_changes_nothing(world: World, version: Version) -> None:
    before = everything()

    again = steps.import_version(world.council, text=TEXT, by=world.secretary)

    assert again == version
    assert everything() == before


def test_import_of_another_text_under_a_taken_label_is_refused(world: World, version: Version) -> None:
    before = everything()

    with pytest.raises(ValidationError, match="another text"):
        steps.import_version(world.council, text=TEXT.replace("annually", "each year"), by=world.secretary)

    assert everything() == before


def test_import_takes_up_a_version_whose_text_was_not_recorded(world: World, conference: Body) -> None:
    empty = steps.enter_version(
        world.council, slug="r7", symbol="Resolution 7", label="C15", title="A register", by=world.secretary
    )

    filled = steps.import_version(world.council, text=TEXT, by=world.secretary)

    assert filled.pk == empty.pk
    assert Version.objects.get(pk=empty.pk).text == TEXT
    assert Version.objects.get(pk=empty.pk).unaccounted == 4


@pytest.mark.parametrize(
    "text", ["", "   \n", "Dear colleagues, lunch is at noon.", "resolves\n\n1 to \x00 report;", "1\n" * 9]
)
def test_import_of_what_is_no_resolution_is_refused(world: World, text: str) -> None:
    before = everything()

    with pytest.raises(ValidationError) as refused:
        steps.import_version(world.council, text=text, by=world.secretary)

    assert "text" in refused.value.message_dict
    assert everything() == before


def test_import_without_a_symbol_asks_for_one(world: World) -> None:
    text = TEXT.replace("RESOLUTION 7 (C15)", "")

    with pytest.raises(ValidationError) as refused:
        steps.import_version(world.council, text=text, by=world.secretary)

    assert "symbol" in refused.value.message_dict


def test_import_where_nobody_could_endorse_says_so_and_drafts_no_duty(world: World) -> None:
    lonely = Body.objects.create(slug="board", name="The Board", short_name="Board")

    text = TEXT.replace("Council", "Board")

    made = intake.draft(parse(text), text, body=lonely)

    assert not made.obligations
    assert made.notes[-1].startswith("Board has no chair's office")


def test_import_is_one_event_a_thing(world: World, version: Version) -> None:
    verbs = (
        Event.objects.filter(subject_reference__startswith="council/r7").values_list("verb", flat=True).order_by("pk")
    )

    assert list(verbs) == ["resolution.imported", "version.imported", *["obligation.drafted"] * 5]


# Items -----------------------------------------------------------------------------------------------------------------


def test_each_disposition_counts_down_what_is_not_accounted_for(world: World, version: Version) -> None:
    assert intake.accounted(version) == (0, 4, ["1", "2", "3", "4"])

    steps.dispose(item(version, "1"), disposition=TRACKED, by=world.secretary)
    steps.dispose(item(version, "4"), disposition=COVERED, covered_by=item(version, "1"), by=world.secretary)
    steps.dispose(item(version, "2"), disposition=DECLARATORY, reason="It asks for nothing.", by=world.secretary)

    assert Version.objects.get(pk=version.pk).unaccounted == 1
    assert intake.accounted(version) == (3, 4, ["3"])


def test_a_disposition_taken_back_counts_up_again(world: World, version: Version) -> None:
    steps.dispose(item(version, "1"), disposition=TRACKED, by=world.secretary)

    steps.reopen_disposition(item(version, "1"), by=world.secretary, reason="It is a matter of 4.")

    assert Version.objects.get(pk=version.pk).unaccounted == 4
    assert item(version, "1").disposition == ""
    assert Event.objects.get(verb="paragraph.reopened").words.words["reason"] == "It is a matter of 4."


REFUSED: dict[str, Callable[[Version, World], object]] = {
    "unknown disposition": lambda v, w: steps.dispose(item(v, "1"), disposition="lost", by=w.secretary),
    "declaratory without a reason": lambda v, w: steps.dispose(item(v, "1"), disposition=DECLARATORY, by=w.secretary),
    "reason without end": lambda v, w: steps.dispose(
        item(v, "1"), disposition=DECLARATORY, reason="x" * 501, by=w.secretary
    ),
    "covered by nothing": lambda v, w: steps.dispose(item(v, "1"), disposition=COVERED, by=w.secretary),
    "covered by itself": lambda v, w: steps.dispose(
        item(v, "1"), disposition=COVERED, covered_by=item(v, "1"), by=w.secretary
    ),
    "covered by the preamble": lambda v, w: steps.dispose(
        item(v, "1"), disposition=COVERED, covered_by=v.paragraphs.first(), by=w.secretary
    ),
    "covered by another text": lambda v, w: steps.dispose(
        item(v, "1"), disposition=COVERED, covered_by=w.obligation.paragraph, by=w.secretary
    ),
    "preamble": lambda v, w: steps.dispose(v.paragraphs.first(), disposition=TRACKED, by=w.secretary),
    "no reason to take back": lambda v, w: steps.reopen_disposition(item(v, "1"), by=w.secretary, reason=" "),
    "unknown column": lambda v, w: steps.change_obligation(
        item(v, "1").obligations.get(), by=w.secretary, confirmed=True
    ),
    "unknown kind": lambda v, w: steps.change_obligation(item(v, "1").obligations.get(), by=w.secretary, kind="never"),
    "endless title": lambda v, w: steps.change_obligation(
        item(v, "1").obligations.get(), by=w.secretary, title="x" * 201
    ),
    "NUL in a title": lambda v, w: steps.change_obligation(
        item(v, "1").obligations.get(), by=w.secretary, title="a\x00b"
    ),
    "due point not settled": lambda v, w: steps.confirm_obligation(item(v, "2").obligations.get(), by=w.secretary),
    "duty without an endorser": lambda v, w: steps.draft_obligation(
        item(v, "1"), by=w.secretary, title="More", kind="continuing", anchor="session", anchor_body=w.council
    ),
}


@pytest.mark.parametrize("what", list(REFUSED))
def test_a_refused_step_of_intake_changes_nothing(world: World, version: Version, what: str) -> None:
    before = everything()

    with pytest.raises(ValidationError):
        REFUSED[what](version, world)

    assert everything() == before


OPEN_TO_THE_SECRETARY: dict[str, Callable[[Version, World, str], object]] = {
    "import": lambda _v, w, who: steps.import_version(w.council, text=TEXT.replace("7", "8"), by=w.people[who]),
    "enter_version": lambda _v, w, who: steps.enter_version(
        w.council, slug="r9", symbol="Resolution 9", label="C09", title="Another", by=w.people[who]
    ),
    "dispose": lambda v, w, who: steps.dispose(item(v, "1"), disposition=TRACKED, by=w.people[who]),
    "draft": lambda v, w, who: steps.draft_obligation(
        item(v, "1"),
        by=w.people[who],
        title="More",
        kind="continuing",
        anchor="session",
        anchor_body=w.council,
        responsible=w.council,
        endorser=w.offices["council_chair"],
    ),
    "change": lambda v, w, who: steps.change_obligation(
        item(v, "1").obligations.get(), by=w.people[who], title="Report"
    ),
    "confirm": lambda v, w, who: steps.confirm_obligation(item(v, "1").obligations.get(), by=w.people[who]),
    "drop": lambda v, w, who: steps.drop_obligation(
        item(v, "1").obligations.get(), by=w.people[who], reason="Not one."
    ),
}


@pytest.mark.parametrize("step", list(OPEN_TO_THE_SECRETARY))
@pytest.mark.parametrize("who", ["chair", "council_chair", "contributor", "councillor", "auditor", "outsider"])
def test_intake_is_the_secretarys_alone(world: World, version: Version, step: str, who: str) -> None:
    before = everything()

    with pytest.raises(PermissionDenied):
        OPEN_TO_THE_SECRETARY[step](version, world, who)

    assert everything() == before


@pytest.mark.parametrize("step", list(OPEN_TO_THE_SECRETARY))
def test_the_secretary_may_take_each_step_of_intake(world: World, version: Version, step: str) -> None:
    before = Event.objects.count()

    OPEN_TO_THE_SECRETARY[step](version, world, "secretary")

    assert Event.objects.count() > before


def test_an_item_is_accounted_for_once(world: World, version: Version) -> None:
    steps.dispose(item(version, "1"), disposition=TRACKED, by=world.secretary)

    with pytest.raises(TransitionNotAllowed):
        steps.dispose(item(version, "1"), disposition=DECLARATORY, reason="No.", by=world.secretary)


def test_an_item_that_covers_another_stays(world: World, version: Version) -> None:
    steps.dispose(item(version, "1"), disposition=TRACKED, by=world.secretary)
    steps.dispose(item(version, "4"), disposition=COVERED, covered_by=item(version, "1"), by=world.secretary)

    with pytest.raises(TransitionNotAllowed):
        steps.reopen_disposition(item(version, "1"), by=world.secretary, reason="Wrong.")
    with pytest.raises(ValidationError):
        steps.dispose(item(version, "2"), disposition=COVERED, covered_by=item(version, "4"), by=world.secretary)


# Duties ----------------------------------------------------------------------------------------------------------------


def test_a_change_asks_for_confirmation_anew(world: World, version: Version) -> None:
    duty = steps.confirm_obligation(item(version, "1").obligations.get(), by=world.secretary)
    assert (duty.confirmed, duty.confirmed_by) == (True, world.secretary)

    duty = steps.change_obligation(duty, by=world.secretary, title="Report on the register")

    assert (duty.title, duty.confirmed, duty.confirmed_by) == ("Report on the register", False, None)


def test_a_dropped_duty_leaves_its_trace(world: World, version: Version) -> None:
    second = item(version, "3").obligations.get(number=2)

    steps.drop_obligation(second, by=world.secretary, reason="The Conference asked for nothing.")

    assert [duty.number for duty in item(version, "3").obligations.all()] == [1]
    event = Event.objects.get(verb="obligation.dropped")
    assert event.changes == {"obligation": ["council/r7-3~2", None]}
    with pytest.raises(TransitionNotAllowed):
        steps.confirm_obligation(second, by=world.secretary)


def test_a_confirmed_duty_keeps_its_item_tracked(world: World, version: Version) -> None:
    steps.confirm_obligation(item(version, "1").obligations.get(), by=world.secretary)

    with pytest.raises(ValidationError, match="confirmed duties"):
        steps.dispose(item(version, "1"), disposition=DECLARATORY, reason="No.", by=world.secretary)


# The whole version -----------------------------------------------------------------------------------------------------


def test_intake_ends_with_every_item_accounted_for_and_every_duty_confirmed(world: World, version: Version) -> None:
    confirmed = confirm_all(version, world)

    assert (confirmed.tracking, confirmed.unaccounted) == (Version.Tracking.CONFIRMED, 0)
    assert intake.accounted(confirmed) == (4, 4, [])
    references = set(Occurrence.objects.filter(resolution=version.resolution).values_list("reference", flat=True))
    assert references == {
        *(f"council/r7-{path}-{session}" for path in ("1", "4") for session in ("c16", "c17", "c18")),
        "council/r7-2-m12",
        "council/r7-2-m14",
        "council/r7-3-c18",
        "council/r7-3~2-pp18",
    }


@pytest.mark.parametrize("left_out", ["item", "duty", "confirmation", "cover"])
def test_intake_does_not_end_before(world: World, version: Version, left_out: str) -> None:
    settle_meetings(version, world)
    for obligation in Obligation.objects.filter(paragraph__version=version):
        if left_out != "confirmation" or obligation.paragraph.path != "1":
            steps.confirm_obligation(obligation, by=world.secretary)
    if left_out in {"duty", "cover"}:
        for obligation in item(version, "1").obligations.all():
            steps.drop_obligation(obligation, by=world.secretary, reason="Not one.")
    for path in "234" if left_out in {"item", "cover"} else "1234":
        steps.dispose(item(version, path), disposition=TRACKED, by=world.secretary)
    if left_out == "cover":
        steps.drop_obligation(item(version, "4").obligations.get(), by=world.secretary, reason="Not one.")
        steps.reopen_disposition(item(version, "4"), by=world.secretary, reason="It is declaratory.")
        steps.dispose(item(version, "4"), disposition=DECLARATORY, reason="It is.", by=world.secretary)
        steps.dispose(item(version, "1"), disposition=COVERED, covered_by=item(version, "4"), by=world.secretary)
    before = everything()

    with pytest.raises(TransitionNotAllowed):
        steps.confirm_version(version, by=world.secretary)

    assert len(steps.what_is_missing(version)) == 1
    assert everything() == before


def test_a_version_whose_text_is_not_recorded_is_never_confirmed(world: World) -> None:
    empty = steps.enter_version(
        world.council, slug="r7", symbol="Resolution 7", label="C09", title="A register", by=world.secretary
    )

    with pytest.raises(TransitionNotAllowed):
        steps.confirm_version(empty, by=world.secretary)


def test_nothing_of_intake_moves_once_it_is_over(world: World, version: Version) -> None:
    confirm_all(version, world)
    duty = item(version, "1").obligations.get()
    before = everything()

    for late in (
        lambda: steps.confirm_version(version, by=world.secretary),
        lambda: steps.reopen_disposition(item(version, "1"), by=world.secretary, reason="Late."),
        lambda: steps.dispose(item(version, "1"), disposition=TRACKED, by=world.secretary),
        lambda: steps.change_obligation(duty, by=world.secretary, title="Late"),
        lambda: steps.drop_obligation(duty, by=world.secretary, reason="Late."),
        lambda: steps.confirm_obligation(duty, by=world.secretary),
    ):
        with pytest.raises(TransitionNotAllowed):
            late()

    assert everything() == before


def test_a_duty_found_later_begins_with_its_confirmation(world: World, version: Version) -> None:
    confirm_all(version, world)
    found = OPEN_TO_THE_SECRETARY["draft"](version, world, "secretary")
    assert isinstance(found, Obligation)
    assert not found.occurrences.exists()

    steps.confirm_obligation(found, by=world.secretary)

    assert list(found.occurrences.values_list("reference", flat=True)) == [
        f"council/r7-1~2-{session}" for session in ("c16", "c17", "c18")
    ]


def _force(version: Version, unaccounted: int) -> None:
    """Past every step of ours: straight into the table."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracker_version SET tracking = 'confirmed', unaccounted = %s WHERE id = %s",
            [unaccounted, version.pk],
        )


def test_the_database_refuses_confirmed_with_items_not_accounted_for(world: World, version: Version) -> None:
    with pytest.raises(IntegrityError):
        _force(version, 1)

    _force(version, 0)  # the control: it is the counter that stood in the way
    assert Version.objects.get(pk=version.pk).tracking == Version.Tracking.CONFIRMED


def test_meetings_before_adoption_bring_no_turn_even_without_a_day(world: World, version: Version) -> None:
    Meeting.objects.create(body=world.group, number=9, begins=date(2015, 1, 23), state=State.HELD)
    Meeting.objects.create(body=world.group, number=6, precision="unknown", state=State.HELD)
    Meeting.objects.create(body=world.group, number=13, begins=date(2017, 1, 1), precision="year", state=State.HELD)

    confirm_all(version, world)

    found = Occurrence.objects.filter(resolution=version.resolution, meeting__isnull=False).order_by("meeting__number")
    assert list(found.values_list("reference", "due_on")) == [
        ("council/r7-2-m12", date(2016, 10, 9)),
        ("council/r7-2-m13", None),
        ("council/r7-2-m14", date(2018, 1, 22)),
    ]
