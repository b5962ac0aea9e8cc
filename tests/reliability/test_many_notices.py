"""Ten thousand things due to a thousand people in one round: addressed and put into mails by questions about many at once."""

import time
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import World
from tests.workflows.test_digest import _twin
from tracker import clock
from tracker.models import Assignment, Message, Notice, Occurrence, Office, Person, Term
from workflows import notices, reminders
from workflows.notices.addressing import Present

SECONDS = 5.0


def due_to_many(world: World, people: int, each: int) -> None:
    """So many reminders for each of so many people, each about a turn of its own."""
    turn = world.walk("in_progress")
    asked = turn.assignments.get()
    notices.announce(notices.unannounced())
    Notice.objects.all().delete()
    persons = Person.objects.bulk_create(
        Person(username=f"p{number}", name=f"Person {number}", email=f"p{number}@resolves.example")
        for number in range(people)
    )
    offices = Office.objects.bulk_create(
        Office(body=world.group, slug=f"o{number}", title=f"Office {number}", role="member") for number in range(people)
    )
    Term.objects.bulk_create(
        Term(office=office, person=person) for office, person in zip(offices, persons, strict=True)
    )
    turns: list[Occurrence] = []
    for number in range(people * each):
        one = _twin(turn)
        one.pk, one.session_id, one.reference = None, None, f"council/many-{number}"
        one.period = date.fromordinal(700_000 + number)
        turns.append(one)
    Occurrence.objects.bulk_create(turns, batch_size=500)
    leads = []
    for number, one in enumerate(turns):
        lead = _twin(asked)
        lead.pk, lead.occurrence_id, lead.person_id, lead.office_id = None, one.pk, None, offices[number % people].pk
        leads.append(lead)
    Assignment.objects.bulk_create(leads, batch_size=500)
    Notice.objects.bulk_create(
        (
            Notice(
                key=f"reminder:{one.reference}:{one.due_on}:-30:holder",
                kind="reminder",
                audience="holder",
                rung=-30,
                occurrence=one,
                person=persons[number % people],
                due_on=one.due_on,
                planned_for=date(2018, 2, 16),
                created_at=clock.now(),
            )
            for number, one in enumerate(turns)
        ),
        batch_size=500,
    )


@pytest.mark.slow
def test_ten_thousand_due_to_a_thousand_people_are_put_into_mails_in_seconds(world, figure):
    due_to_many(world, 1000, 10)
    began = time.process_time()
    made = notices.gather(reminders.needless)
    taken = time.process_time() - began
    assert made == Message.objects.count() == 1000
    assert Notice.objects.filter(state="queued").count() == 10_000
    figure(f"R6: 10,000 due to 1,000 people put into mails in {taken:.1f} s of one core (budget {SECONDS} s)")


@pytest.mark.parametrize("people", [10, 30])
def test_questions_do_not_grow_with_what_is_due(world, people):
    """As many for all together, however many there are."""
    due_to_many(world, people, 5)
    with CaptureQueriesContext(connection) as asked:
        assert notices.gather(reminders.needless) == people
    assert len(asked) <= 70


@pytest.mark.parametrize("many", [True, False])
def test_things_of_more_than_a_thousand_people_are_fetched_together(world, many):
    """More than SQLite takes in one question: then every notice would be tried alone, and a mail could not be written."""
    due_to_many(world, 1100, 1)
    loaded = Present(reminders.needless).load(Notice.objects.all(), many=many)
    assert len({notice.person for notice in loaded}) == 1100
    assert all(notice.occurrence.assignments.all()[0].office for notice in loaded)
