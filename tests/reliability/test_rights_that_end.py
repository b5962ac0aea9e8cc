"""C4: a right that ends while its holder acts: the step is whole, or refused. With its control."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from tests.people import World, make_person, make_world
from tests.record import everything
from tests.reliability.test_races_of_steps import many_turns
from tests.reliability.together import at_once, make_member
from tracker.models import Occurrence, Person, Term
from workflows import steps
from workflows.steps import beats

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def test_who_left_since_the_page_was_opened_takes_no_step(shared_world: World) -> None:
    """The person in hand is as they were when they were let in; what counts is how they stand within the transaction."""
    turn = shared_world.walk("assigned")
    lead = Person.objects.get(username="contributor")
    steps.deactivate(shared_world.contributor, by=shared_world.secretary, reason="They left.")
    before = everything()

    with pytest.raises(PermissionDenied):
        steps.accept(turn, by=lead)

    assert everything() == before


def test_secretary_who_left_meanwhile_moves_nothing(shared_world: World) -> None:
    second = make_person("second_secretary")
    Term.objects.create(office=shared_world.offices["secretary"], person=second)
    gone = Person.objects.get(username="second_secretary")
    steps.deactivate(second, by=shared_world.secretary, reason="They left.")
    before = everything()

    with pytest.raises(PermissionDenied):
        steps.move_session(shared_world.sessions["C18"], opens=date(2018, 6, 1), by=gone, reason="It moved.")

    assert everything() == before


def test_control_who_left_would_act_on_what_the_page_knew(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = shared_world.walk("assigned")
    lead = Person.objects.get(username="contributor")
    steps.deactivate(shared_world.contributor, by=shared_world.secretary, reason="They left.")
    monkeypatch.setattr(beats, "require_present", lambda _by: None)

    assert steps.accept(turn, by=lead).status == "in_progress"


@pytest.mark.parametrize("times", [4, pytest.param(250, marks=pytest.mark.soak)])
def test_who_is_sent_away_beside_their_step_acts_before_it_or_not_at_all(
    shared_world: World, times: int, figure: Callable[[str], None]
) -> None:
    """Of a step and the end of its taker's account, started together: the step is whole, or refused, never after it."""
    turns = many_turns(shared_world, times)
    ends: Counter[str] = Counter()
    for number, planned in enumerate(turns):
        helper = make_member(shared_world, f"lead_{number}")
        turn = steps.assign(planned, lead=helper, by=shared_world.chair)

        accepted, gone = at_once(
            [
                lambda turn=turn, helper=helper: steps.accept(turn, by=helper).status,
                lambda helper=helper: (
                    steps.deactivate(helper, by=shared_world.secretary, reason="They left.").is_active
                ),
            ]
        )

        assert gone is False
        assert accepted in ("in_progress", "may not")
        assert Occurrence.objects.get(pk=turn.pk).status == ("in_progress" if accepted != "may not" else "assigned")
        with pytest.raises(PermissionDenied):
            steps.accept(turn, by=helper)
        ends[accepted] += 1
    figure(f"C4: {times} steps beside the end of their taker's account: {dict(ends)}")
