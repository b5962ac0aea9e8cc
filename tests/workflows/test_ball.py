"""Who has the ball, status by status."""

from datetime import date

import pytest

from tracker.ball import ball_holders
from tracker.models import Office, Substitution, Term
from workflows import steps

DAY = date(2018, 2, 16)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "capacity", "who"),
    [
        ("planned", "chair", "chair"),
        ("assigned", "lead", "contributor"),
        ("in_progress", "lead", "contributor"),
        ("submitted", "endorser", "chair"),
        ("endorsed", "secretary", "secretary"),
    ],
)
def test_ball_is_with_who_owes_the_next_move(world, status, capacity, who):
    turn = world.walk(status)

    ball = ball_holders(turn, DAY)

    assert ball.capacity == capacity
    assert ball.people == (world.people[who],)


@pytest.mark.parametrize("status", ["closed", "waived", "superseded"])
def test_ball_is_with_nobody_once_all_is_over(world, status):
    turn = world.walk(status, world.past)

    assert ball_holders(turn, DAY) == ("", None, ())


def test_ball_of_an_unassigned_turn_without_a_chair_is_the_secretarys(world):
    Term.objects.filter(office=world.offices["chair"]).update(ends=date(2018, 1, 31))

    ball = ball_holders(world.due, DAY)

    assert ball == ("secretary", world.offices["secretary"], (world.secretary,))


def test_ball_of_a_report_that_the_endorser_handed_in_is_the_vice_chairs(world):
    turn = steps.assign(world.due, lead=world.chair, by=world.chair)
    turn = steps.accept(turn, by=world.chair)
    turn = steps.submit(turn, by=world.chair, text="What was done.")

    ball = ball_holders(turn, DAY)

    assert ball == ("endorser", world.offices["vice_chair"], (world.vice_chair,))


def test_ball_of_an_office_is_with_its_holder_first_and_then_the_substitute(world):
    office = world.offices["contributor"]
    turn = steps.assign(world.due, lead=office, by=world.chair)
    Substitution.objects.create(
        office=office, principal=world.contributor, substitute=world.helper, begins=DAY, ends=DAY
    )

    ball = ball_holders(turn, DAY)

    assert ball == ("lead", office, (world.contributor, world.helper))


def test_ball_of_an_office_that_nobody_holds_has_no_people(world):
    empty = Office.objects.create(body=world.group, slug="empty", title="Empty seat", role="member")
    turn = steps.assign(world.due, lead=empty, by=world.chair)

    assert ball_holders(turn, DAY) == ("lead", empty, ())
