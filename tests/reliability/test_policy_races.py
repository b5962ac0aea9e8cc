"""Two policies put in force for the same thing at once: one at most stands, whoever is quicker. Real threads, both databases."""

import pytest
from django.db import connection
from django.db.models import UniqueConstraint

from tests.people import World, make_world
from tests.record import verified
from tests.reliability.together import at_once
from tracker.models import Office, ReminderPolicy, Term
from workflows import steps

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared_world(transactional_db: None, clock_pinned: str) -> World:
    return make_world()


def drafts_of_two_bodies(world: World) -> list[ReminderPolicy]:
    """For one duty, of the group and of the Council above it: no row of a body is locked by both."""
    bodies = (world.group, world.council)
    return [
        steps.draft_policy(body, name=str(body), obligation=world.obligation, by=world.secretary) for body in bodies
    ]


def test_of_two_put_in_force_at_once_one_stands(shared_world: World):
    for _round in range(5):
        drafts = drafts_of_two_bodies(shared_world)

        found = at_once(
            [lambda one=one: steps.put_in_force(one, reason="Now.", by=shared_world.secretary).state for one in drafts]
        )

        assert set(found) <= {"in_force", "not now"}
        assert ReminderPolicy.objects.filter(state="in_force").count() == 1
    assert verified() > 0


def test_control_without_the_key_two_would_stand(shared_world: World):
    key = next(one for one in ReminderPolicy._meta.constraints if isinstance(one, UniqueConstraint))
    drafts = drafts_of_two_bodies(shared_world)
    with connection.schema_editor() as editor:
        editor.remove_constraint(ReminderPolicy, key)
    try:
        ReminderPolicy.objects.filter(pk__in=[one.pk for one in drafts]).update(state="in_force")
        assert ReminderPolicy.objects.filter(state="in_force").count() == 2
    finally:
        ReminderPolicy.objects.all().update(state="draft")
        with connection.schema_editor() as editor:
            editor.add_constraint(ReminderPolicy, key)
    with pytest.raises(Exception, match=r"(?i)unique"):
        ReminderPolicy.objects.filter(pk__in=[one.pk for one in drafts]).update(state="in_force")


def test_draft_is_put_in_force_once_by_two_who_try(shared_world: World):
    draft = steps.draft_policy(shared_world.group, name="Fewer", by=shared_world.secretary)
    Term.objects.create(office=Office.objects.get(slug="secretary"), person=shared_world.people["outsider"])
    both = (shared_world.secretary, shared_world.people["outsider"])

    found = at_once([lambda by=by: steps.put_in_force(draft, reason="Now.", by=by).state for by in both])

    assert sorted(found) == ["in_force", "not now"]
