"""A wrong reading put right by hand: split, merged, relabelled, set aside, taken up, and all of it taken back."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django_fsm import TransitionNotAllowed

from tests.people import World
from tracker import intake
from tracker.log import replay
from tracker.models import Event, Obligation, Paragraph, Person, Version
from workflows import steps

TEXT = """RESOLUTION 7 (C15)

On a register of texts

The Council,

considering

a) that texts are many;

b) that the register is to be kept;

resolves

1 to report to the Council annually on the register; and to publish the
report in all languages;

1.1 to count the texts;

2 to continue to keep the register open.

This stands behind and is read as nothing of it.
"""
Kind = Paragraph.Kind


@pytest.fixture
def version(world: World) -> Version:
    return steps.import_version(world.council, text=TEXT, by=world.secretary)


def item(version: Version, path: str) -> Paragraph:
    return version.paragraphs.get(kind=Kind.OPERATIVE, path=path)


def items(version: Version) -> list[tuple[str, str, str]]:
    """Path, label and words of each item, in order."""
    rows = version.paragraphs.filter(kind=Kind.OPERATIVE).order_by("position")
    return [(one.path, one.label, one.text) for one in rows]


def state(version: Version) -> list[tuple[Any, ...]]:
    """All that a correction can change."""
    columns = ("pk", "kind", "path", "label", "parent_id", "section", "position", "text", "spans")
    return list(version.paragraphs.exclude(kind=Kind.ASIDE).order_by("position").values_list(*columns))


def sound(version: Version) -> None:
    """What always holds: words are those at their places, counts are right, the record tells what stands."""
    version.refresh_from_db()
    rows = list(version.paragraphs.exclude(kind=Kind.ASIDE))
    for one in rows:
        assert " ".join(" ".join(version.text[a:b] for a, b in one.spans).split()) == one.text
    operative = [one for one in rows if one.kind == Kind.OPERATIVE]
    assert len({one.path for one in operative}) == len(operative)
    assert version.unaccounted == sum(not one.disposition for one in operative)
    duties = Obligation.objects.filter(resolution=version.resolution)
    assert list(replay.differences(subjects=[version, *duties])) == []


def test_split_makes_two_items_and_moves_the_rest_along(version: Version, world: World) -> None:
    new = steps.split_item(item(version, "1"), words="and to publish", label="1bis", path="1bis", by=world.secretary)

    assert [one[:2] for one in items(version)] == [("1", "1"), ("1bis", "1bis"), ("1.1", "1.1"), ("2", "2")]
    assert item(version, "1").text == "to report to the Council annually on the register;"
    assert new.text == "and to publish the report in all languages;"
    assert item(version, "1").obligations.exists()
    sound(version)


def test_merge_joins_words_and_duties_to_the_item_before(version: Version, world: World) -> None:
    duties = Obligation.objects.filter(paragraph__version=version).count()

    target = steps.merge_item(item(version, "2"), by=world.secretary)

    assert target.text == "to count the texts; to continue to keep the register open."
    assert [one[0] for one in items(version)] == ["1", "1.1"]
    assert Obligation.objects.filter(paragraph__version=version).count() == duties
    assert not Obligation.objects.filter(paragraph__kind=Kind.ASIDE).exists()
    sound(version)


def test_relabelling_takes_what_hangs_below_along(version: Version, world: World) -> None:
    steps.relabel_item(item(version, "1"), label="A", path="A", parent=None, by=world.secretary)

    assert [one[0] for one in items(version)] == ["A", "A.1", "2"]
    references = {duty.reference for duty in Obligation.objects.filter(paragraph__version=version)}
    assert "council/r7-A" in references
    assert "council/r7-1" not in references
    sound(version)


def test_duty_of_a_relabelled_item_can_be_dropped_and_the_record_still_tells_what_stands(
    version: Version, world: World
) -> None:
    steps.relabel_item(item(version, "1"), label="A", path="A", parent=None, by=world.secretary)

    steps.drop_obligation(item(version, "A").obligations.first(), reason="It asks nothing.", by=world.secretary)

    sound(version)


def test_item_is_hung_below_another(version: Version, world: World) -> None:
    steps.relabel_item(item(version, "2"), label="1.2", path="1.2", parent=item(version, "1"), by=world.secretary)

    assert item(version, "1.2").parent == item(version, "1")
    sound(version)


@pytest.mark.parametrize("preamble", [True, False])
def test_what_is_no_item_is_set_aside(version: Version, world: World, preamble: bool) -> None:
    for duty in item(version, "1.1").obligations.all():
        steps.drop_obligation(duty, reason="No item.", by=world.secretary)

    aside = steps.set_item_aside(item(version, "1.1"), preamble=preamble, by=world.secretary)

    assert [one[0] for one in items(version)] == ["1", "2"]
    assert (aside.kind, aside.path) == ((Kind.PREAMBULAR, "p3") if preamble else (Kind.ASIDE, f"aside-{aside.pk}"))
    left = [one for one in intake.unread(version, version.paragraphs.all()) if one.endswith("to count the texts;")]
    assert bool(left) is not preamble
    sound(version)


def test_words_that_were_left_out_become_an_item_where_they_stand(version: Version, world: World) -> None:
    left = intake.unread(version, version.paragraphs.all())
    assert left[-1] == "This stands behind and is read as nothing of it."

    new = steps.take_up_words(version, words=left[-1], label="3", path="3", parent=None, by=world.secretary)

    assert [one[0] for one in items(version)] == ["1", "1.1", "2", "3"]
    assert new.text == left[-1]
    sound(version)


def test_paragraph_of_the_preamble_becomes_an_item(version: Version, world: World) -> None:
    steps.take_up_words(
        version, words="that the register is to be kept;", label="0", path="0", parent=None, by=world.secretary
    )

    assert [one[0] for one in items(version)] == ["0", "1", "1.1", "2"]
    sound(version)


# Refused ---------------------------------------------------------------------------------------------------------------

Act = Callable[[Version, Person], object]
ACTS: dict[str, Act] = {
    "relabel": lambda v, by: steps.relabel_item(item(v, "2"), label="9", path="9", parent=None, by=by),
    "split": lambda v, by: steps.split_item(item(v, "1"), words="and to publish", label="", path="9", by=by),
    "merge": lambda v, by: steps.merge_item(item(v, "2"), by=by),
    "aside": lambda v, by: steps.set_item_aside(item(v, "1.1"), preamble=False, by=by),
    "take_up": lambda v, by: steps.take_up_words(
        v, words="On a register of texts", label="", path="9", parent=None, by=by
    ),
    "undo": lambda v, by: steps.undo_correction(v, by=by),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ["chair", "contributor", "councillor", "outsider"])
def test_only_the_secretary_corrects(version: Version, world: World, act: str, role: str) -> None:
    before = (state(version), Event.objects.count())

    with pytest.raises(PermissionDenied):
        ACTS[act](version, world.people[role])

    assert (state(version), Event.objects.count()) == before


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_corrected_once_intake_is_over(version: Version, world: World, act: str) -> None:
    Version.objects.filter(pk=version.pk).update(tracking="confirmed", unaccounted=0)
    before = state(version)

    with pytest.raises(TransitionNotAllowed, match="over"):
        ACTS[act](version, world.secretary)

    assert state(version) == before


WRONG: dict[str, tuple[Act, type[Exception]]] = {
    "path-taken": (
        lambda v, by: steps.relabel_item(item(v, "2"), label="1", path="1", parent=None, by=by),
        ValidationError,
    ),
    "path-no-address": (
        lambda v, by: steps.relabel_item(item(v, "2"), label="1", path="1/2 x", parent=None, by=by),
        ValidationError,
    ),
    "below-itself": (
        lambda v, by: steps.relabel_item(item(v, "1"), label="1", path="1", parent=item(v, "1.1"), by=by),
        ValidationError,
    ),
    "nothing-changes": (
        lambda v, by: steps.relabel_item(item(v, "2"), label="2", path="2", parent=None, by=by),
        ValidationError,
    ),
    "words-not-there": (
        lambda v, by: steps.split_item(item(v, "1"), words="no such words", label="", path="9", by=by),
        ValidationError,
    ),
    "words-first": (
        lambda v, by: steps.split_item(item(v, "1"), words="to report", label="", path="9", by=by),
        ValidationError,
    ),
    "words-twice": (
        lambda v, by: steps.split_item(item(v, "1"), words="re", label="", path="9", by=by),
        ValidationError,
    ),
    "nothing-before": (lambda v, by: steps.merge_item(item(v, "1"), by=by), TransitionNotAllowed),
    "has-duties": (lambda v, by: steps.set_item_aside(item(v, "1"), preamble=False, by=by), TransitionNotAllowed),
    "words-of-another": (
        lambda v, by: steps.take_up_words(
            v, words="to keep the register open.", label="", path="9", parent=None, by=by
        ),
        ValidationError,
    ),
    "nothing-to-undo": (lambda v, by: steps.undo_correction(v, by=by), TransitionNotAllowed),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_done_changes_nothing(version: Version, world: World, case: str) -> None:
    act, error = WRONG[case]
    before = (state(version), Event.objects.count())

    with pytest.raises(error):
        act(version, world.secretary)

    assert (state(version), Event.objects.count()) == before


@pytest.mark.parametrize("path", ["1", "1.1", "2"])
def test_words_that_somebody_accounted_for_are_not_cut_or_joined_under_them(
    version: Version, world: World, path: str
) -> None:
    steps.dispose(item(version, path), disposition="tracked", by=world.secretary)
    before = state(version)

    acts: dict[str, Act] = {"1": ACTS["split"], "1.1": ACTS["merge"], "2": ACTS["merge"]}
    with pytest.raises(TransitionNotAllowed, match="accounted for already"):
        acts[path](version, world.secretary)

    assert state(version) == before


# Undo ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["relabel", "split", "merge", "take_up"])
def test_undo_puts_everything_back(version: Version, world: World, act: str) -> None:
    before = state(version)
    ACTS[act](version, world.secretary)
    assert state(version) != before

    steps.undo_correction(version, by=world.secretary)

    assert state(version) == before
    sound(version)


def test_undo_goes_back_step_by_step_and_over_what_was_done_again(version: Version, world: World) -> None:
    states = [state(version)]
    for act in ("split", "relabel", "merge"):
        path = {"relabel": "9x"}.get(act, "9")
        if act == "relabel":
            steps.relabel_item(item(version, "2"), label="9", path=path, parent=None, by=world.secretary)
        elif act == "merge":
            steps.merge_item(item(version, "9x"), by=world.secretary)
        else:
            ACTS[act](version, world.secretary)
        states.append(state(version))

    steps.undo_correction(version, by=world.secretary)
    assert state(version) == states[2]
    steps.merge_item(item(version, "9x"), by=world.secretary)
    for expected in reversed(states[:-1]):
        steps.undo_correction(version, by=world.secretary)
        assert state(version) == expected
    with pytest.raises(TransitionNotAllowed):
        steps.undo_correction(version, by=world.secretary)
    sound(version)


def test_undo_is_refused_while_the_new_item_is_in_use(version: Version, world: World) -> None:
    ACTS["split"](version, world.secretary)
    steps.dispose(item(version, "9"), disposition="declaratory", reason="It is only said.", by=world.secretary)

    with pytest.raises(TransitionNotAllowed, match="in use"):
        steps.undo_correction(version, by=world.secretary)


@pytest.mark.parametrize("seed", range(6))
def test_any_corrections_keep_what_holds_and_can_all_be_taken_back(version: Version, world: World, seed: int) -> None:
    random_ = random.Random(seed)
    before, taken = state(version), 0

    for number in range(14):
        rows = list(version.paragraphs.filter(kind=Kind.OPERATIVE).order_by("position"))
        one = random_.choice(rows)
        words = one.text.split()
        acts: list[Callable[[], object]] = [
            lambda one=one, n=number, rows=rows: steps.relabel_item(  # type: ignore[misc]
                one, label=f"x{n}", path=f"x{n}", parent=random_.choice([None, *rows]), by=world.secretary
            ),
            lambda one=one, n=number, words=words: steps.split_item(  # type: ignore[misc]
                one, words=" ".join(words[random_.randrange(len(words)) :]), label="", path=f"s{n}", by=world.secretary
            ),
            lambda one=one: steps.merge_item(one, by=world.secretary),  # type: ignore[misc]
            lambda one=one: steps.set_item_aside(one, preamble=random_.random() < 0.5, by=world.secretary),  # type: ignore[misc]
            lambda n=number: steps.take_up_words(  # type: ignore[misc]
                version,
                words=random_.choice(intake.unread(version, version.paragraphs.all())),
                label="",
                path=f"t{n}",
                parent=None,
                by=world.secretary,
            ),
        ]
        try:
            random_.choice(acts)()
        except (ValidationError, TransitionNotAllowed):
            continue
        taken += 1
    sound(version)

    for _ in range(taken):
        steps.undo_correction(version, by=world.secretary)

    assert state(version) == before
    sound(version)
