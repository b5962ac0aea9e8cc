"""Substitutes: set by oneself or by the secretariat, with a scope, and ended sooner by either."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.people import World
from tracker.models import CalendarFeed, Event, Person, Substitution
from workflows import steps

ClientFor = Callable[[Person], Client]
TODAY = date(2018, 2, 16)
DAY = timedelta(days=1)
SOON = date(2018, 3, 1)


def away(world: World, by: str = "contributor", **changes: object) -> Substitution:
    said = {"principal": world.contributor, "begins": TODAY, "ends": SOON, "by": world.people[by]} | changes
    return steps.set_substitute(said.pop("office", None), said.pop("who", world.outsider), **said)


def test_everybody_sets_their_own_substitute(world: World):
    found = away(world)

    assert (found.office, found.resolution, found.set_by) == (None, None, world.contributor)
    event = Event.objects.get(verb="substitution.set")
    assert (event.actor, event.acting_for) == (world.contributor, None)


@pytest.mark.parametrize("who", ["chair", "councillor", "outsider", "auditor"])
def test_substitute_of_somebody_else_is_the_secretarys(world: World, who: str):
    for office in (None, world.offices["contributor"]):
        with pytest.raises(PermissionDenied):
            away(world, by=who, office=office)

    assert away(world, by="secretary").set_by == world.secretary
    assert Substitution.objects.count() == 1


def test_later_substitution_of_the_same_scope_ends_the_earlier_one_and_no_other(world: World):
    whole = away(world)
    office = away(world, office=world.offices["contributor"])
    text = away(world, resolution=world.resolution)

    away(world, who=world.people["helper"], begins=TODAY + 5 * DAY)

    ends = {one.pk: one.ends for one in Substitution.objects.all()}
    assert (ends[whole.pk], ends[office.pk], ends[text.pk]) == (TODAY + 4 * DAY, SOON, SOON)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"who": "contributor"}, "substitute"),
        ({"who": "gone"}, "substitute"),
        ({"office": "chair"}, "begins"),
        ({"ends": TODAY - DAY, "begins": TODAY - 2 * DAY}, "ends"),
        ({"ends": TODAY - DAY}, "ends"),
        ({"ends": date(9999, 1, 1)}, "ends"),
        ({"begins": date(1, 1, 1)}, "begins"),
    ],
)
def test_set_substitute_refuses_what_does_not_hold(world: World, changes: dict, field: str):
    world.people["gone"] = Person.objects.create_user("gone", name="Gone", is_active=False)
    if "who" in changes:
        changes = changes | {"who": world.people[changes["who"]]}
    if "office" in changes:
        changes = changes | {"office": world.offices[changes["office"]]}

    with pytest.raises(ValidationError) as refused:
        away(world, **changes)

    assert field in refused.value.message_dict
    assert not Substitution.objects.exists()


@pytest.mark.parametrize("who", ["contributor", "secretary"])
@pytest.mark.parametrize("office", [None, "contributor"])
def test_substitution_is_ended_sooner_by_either(world: World, who: str, office: str | None):
    found = away(world, office=world.offices[office] if office else None)

    steps.end_substitution(found, by=world.people[who])

    found.refresh_from_db()
    assert found.ends == TODAY
    with pytest.raises(PermissionDenied):
        steps.end_substitution(found, by=world.outsider)


def test_substitution_that_is_over_does_not_end_again(world: World, settings):
    found = away(world, ends=TODAY)
    settings.RESOLVES_NOW = "2018-02-18T09:00"

    with pytest.raises(TransitionNotAllowed):
        steps.end_substitution(found, by=world.contributor)


def test_deactivated_person_stands_in_for_nobody_and_reaches_in_by_nothing(world: World, client_for: ClientFor):
    whole = away(world)
    feed = CalendarFeed.objects.create(
        secret="s" * 32, owner=world.outsider, kind="person", made_at="2018-02-01T00:00Z"
    )
    browser = client_for(world.outsider)
    token = Client().post("/api/v1/token/", {"username": "outsider", "password": "a-long-password-of-the-tests"})
    header = {"authorization": f"Token {token.json()['token']}"}
    assert browser.get("/tasks/").status_code == Client().get("/api/v1/occurrences/", headers=header).status_code == 200

    steps.deactivate(world.outsider, by=world.secretary, reason="Left.")

    whole.refresh_from_db()
    feed.refresh_from_db()
    assert whole.ends == TODAY
    assert feed.ended_at is not None
    assert browser.get("/tasks/").status_code == 302
    assert Client().get("/api/v1/occurrences/", headers=header).status_code == 401


# ── pages ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def given(world: World, **changes: str) -> dict[str, str]:
    helper = world.people["helper"]
    return {
        "substitute": str(helper.pk),
        "begins": "2018-02-16",
        "ends": "2018-03-01",
        "office": "",
        "resolution": "",
    } | changes


def test_my_absence_is_set_shown_and_ended_without_a_secretary(world: World, client_for: ClientFor):
    mine, others = client_for(world.contributor), client_for(world.people["helper"])

    assert mine.post("/absence/add/", given(world)).status_code == 302

    found = Substitution.objects.get()
    assert f"/absence/{found.pk}/end/" in mine.get("/absence/").content.decode()
    assert "in everything" in others.get("/absence/").content.decode()
    assert mine.post(f"/absence/{found.pk}/end/", {"ends": "2018-02-16"}).status_code == 302
    found.refresh_from_db()
    assert found.ends == TODAY


def test_absence_takes_a_scope_and_offers_only_what_the_person_holds(world: World, client_for: ClientFor):
    mine = client_for(world.contributor)
    page = mine.get("/absence/add/").content.decode()
    own, other = world.offices["contributor"], world.offices["chair"]

    assert f'value="{own.pk}">Group: Contributor' in page
    assert "Group: Chair" not in page
    assert mine.post("/absence/add/", given(world, office=str(other.pk))).status_code == 400
    scope = {"office": str(own.pk), "resolution": str(world.resolution.pk)}
    assert mine.post("/absence/add/", given(world, **scope)).status_code == 302
    found = Substitution.objects.get()
    assert (found.office, found.resolution) == (own, world.resolution)


def test_absence_of_others_is_the_secretariats(world: World, client_for: ClientFor):
    url = f"/people/{world.contributor.pk}/absence/"

    assert client_for(world.chair).post(url, given(world)).status_code == 403
    assert client_for(world.secretary).post(url, given(world)).status_code == 302

    found = Substitution.objects.get()
    assert f"/absence/{found.pk}/end/" in client_for(world.secretary).get("/people/").content.decode()
    assert client_for(world.chair).get(f"/absence/{found.pk}/end/").status_code == 404
    assert (
        client_for(world.people["helper"]).post(f"/absence/{found.pk}/end/", {"ends": "2018-02-16"}).status_code == 403
    )


def test_secretary_sets_validator_and_alternate_on_pages(world: World, client_for: ClientFor):
    page = client_for(world.secretary)
    place = "/setup/group/offices/contributor"

    validator = world.offices["vice_chair"]
    assert page.post(f"{place}/validator/", {"validator": str(validator.pk)}).status_code == 302
    person = str(world.outsider.pk)
    assert (
        page.post(f"{place}/appoint/", {"person": person, "part": "alternate", "begins": "2018-02-16"}).status_code
        == 302
    )

    shown = page.get("/setup/").content.decode()
    assert "validated by" in shown
    assert "alternate" in shown
    assert client_for(world.chair).get(f"{place}/validator/").status_code == 403
