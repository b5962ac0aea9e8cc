"""The links of mails that are sent together are made together, and are those of each mail alone."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import World
from tracker import access, clock, mailed
from tracker.models import Resolution, Substitution, Term
from workflows import steps


def seat_all_sorts(world: World) -> None:
    """Substitutes for everything, for an office, for another resolution; an alternate; a day that is over."""
    today, then = date(2018, 2, 1), date(2018, 4, 1)
    lead, office = world.contributor, world.offices["contributor"]
    elsewhere = Resolution.objects.create(body=world.council, slug="r9", symbol="R 9", title="Another")
    for name, more in (
        ("helper", {}),
        ("councillor", {"office": office}),
        ("outsider", {"resolution": elsewhere}),
        ("auditor", {"ends": date(2018, 2, 10)}),
    ):
        row = {"principal": lead, "substitute": world.people[name], "begins": today, "ends": then}
        Substitution.objects.create(**(row | more))
    Term.objects.create(office=office, person=world.secretary, part=Term.Part.ALTERNATE)


@pytest.mark.parametrize("asked", ["person", "office"])
def test_links_made_together_are_those_of_each_alone_and_what_each_could_do_logged_in(world: World, asked: str):
    seat_all_sorts(world)
    lead = world.contributor if asked == "person" else world.offices["contributor"]
    turns = [steps.assign(turn, lead=lead, by=world.chair) for turn in (world.due, world.past)]
    every = [(person, turn) for person in world.people.values() for turn in turns]
    links = mailed.Links(clock.now())

    with CaptureQueriesContext(connection) as asked_of_all:
        links.make(mailed.Wanted(who, turn, list(turn.assignments.standing())) for who, turn in every)
    together = {(who.pk, turn.pk): links.of(mailed.Wanted(who, turn, [])) for who, turn in every}

    with CaptureQueriesContext(connection) as none:
        [links.of(mailed.Wanted(who, turn, [])) for who, turn in every]
    alone = {(who.pk, turn.pk): mailed.links_for(who, turn, now=clock.now()) for who, turn in every}
    could = {
        (who.pk, turn.pk): [
            step
            for step in mailed.STEPS
            if turn.can(step) and set(access.capacities(who, turn)) & set(access.GRANTS[step])
        ]
        for who, turn in every
    }
    assert together == alone
    assert {key: [offer.step for offer in offers] for key, offers in together.items()} == could
    assert len({bool(offers) for offers in together.values()}) == 2
    assert not none.captured_queries
    assert len(asked_of_all) - len(every) <= 8  # what each turn was asked by the test itself is left out
