"""What hangs on a session, on the calendar's page: counted by mark in the database, the first turns named."""

from collections import Counter
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tracker import queries
from tracker.models import Obligation, Occurrence
from workflows import steps
from workflows.agenda import agenda

pytestmark = pytest.mark.django_db


def another_duty(world):
    """A second duty of the same paragraph, with its own turns."""
    duty = Obligation.objects.get(pk=world.obligation.pk)
    duty.pk, duty.number, duty.title, duty._state.adding = None, 2, "Another duty", True
    duty.save()
    steps.plan_turns(duty)


def test_calendar_counts_what_hangs_on_a_session_by_mark_as_the_marks_are_decided(world):
    another_duty(world)
    world.walk("assigned", world.due)
    world.walk("endorsed", world.past)
    today = date(2018, 2, 16)

    entries = [one for shelf in agenda(world.secretary, year=0).shelves for one in shelf.entries if one.is_session]

    for entry in entries:
        turns = queries.with_facts(Occurrence.objects.filter(session=entry.thing)).order_by("due_on", "reference")
        marks = [queries.mark(turn, today).code for turn in turns]
        assert {mark.code: count for mark, count in entry.counts} == Counter(marks)
        assert [(one.occurrence, one.mark.code) for one in entry.hanging] == list(zip(turns, marks, strict=True))
    assert sum(entry.total for entry in entries) == Occurrence.objects.count() == 6


def test_calendar_names_the_first_turns_and_says_how_many_more_there_are(world, client_for, monkeypatch):
    another_duty(world)
    monkeypatch.setattr("workflows.agenda.MOST", 1)

    content = client_for(world.secretary).get("/calendar/?year=2018").content.decode()

    assert "2 turns hang on it" in content
    assert "and 1 more turn" in content
    assert "Another duty" not in content


def test_calendar_asks_as_often_for_one_turn_as_for_two(world, client_for):
    client = client_for(world.secretary)
    with CaptureQueriesContext(connection) as one:
        client.get("/calendar/")
    another_duty(world)

    with CaptureQueriesContext(connection) as two:
        client.get("/calendar/")

    assert len(one) == len(two)
