"""Who sees what, by literal tables: duties and their turns, texts, papers, events."""

import pytest
from django.http import Http404

from tests.people import World, once_a_member
from tests.tracker.test_access import person
from tracker import access, audit, clock
from tracker.models import (
    Activity,
    Assignment,
    Obligation,
    Office,
    Person,
    Report,
    Resolution,
    Term,
    Version,
)
from workflows import steps

PUBLIC, MEMBERS, RESTRICTED = "public", "members", "restricted"
# who → of a duty of the group, which visibilities they see
SEES: dict[str, str] = {
    "nobody": "public",
    "outsider": "public",
    "councillor": "public members",
    "contributor": "public members",
    "helper": "public members",
    "chair": "public members restricted",
    "vice_chair": "public members restricted",
    "council_chair": "public members restricted",
    "secretary": "public members restricted",
    "auditor": "public members restricted",
}


@pytest.mark.parametrize("visibility", [PUBLIC, MEMBERS, RESTRICTED])
@pytest.mark.parametrize("name", SEES)
def test_duty_and_its_turns_are_seen_by_those_of_the_table(world: World, name: str, visibility: str) -> None:
    Obligation.objects.update(visibility=visibility)
    reader, seen = person(world, name), visibility in SEES[name].split()

    assert access.obligations(reader).exists() is seen
    assert access.occurrences(reader).filter(pk=world.due.pk).exists() is seen
    if not seen:
        assert missing(reader, world.due.reference) == missing(reader, "council/r1-1.2-c99")


def missing(reader: access.Reader, reference: str) -> str:
    with pytest.raises(Http404) as refusal:
        access.occurrence(reader, reference)
    return str(refusal.value)


@pytest.mark.parametrize("visibility", [MEMBERS, RESTRICTED])
@pytest.mark.parametrize("part", ["lead", "contributor"])
def test_who_was_asked_sees_that_turn_and_no_other(world: World, visibility: str, part: str) -> None:
    Obligation.objects.update(visibility=visibility)
    Assignment.objects.create(occurrence=world.due, person=world.outsider, part=part, assigned_at=clock.now())

    assert [turn.reference for turn in access.occurrences(world.outsider)] == [world.due.reference]
    assert access.obligations(world.outsider).count() == 1

    Assignment.objects.update(ended_at=clock.now())

    assert not access.occurrences(world.outsider).exists()


# A resolution is the Council's: the group's officers are members of it, not officers.
SEES_TEXT = SEES | {"chair": "public members", "vice_chair": "public members"}


@pytest.mark.parametrize("visibility", [PUBLIC, MEMBERS, RESTRICTED])
@pytest.mark.parametrize("name", SEES_TEXT)
def test_resolution_and_its_paragraphs_are_seen_by_those_of_the_table(world: World, name: str, visibility: str) -> None:
    Resolution.objects.update(visibility=visibility)
    reader, seen = person(world, name), visibility in SEES_TEXT[name].split()

    found = {access.resolutions(reader).exists(), access.versions(reader).exists(), access.paragraphs(reader).exists()}

    assert found == {seen}
    if not seen:
        with pytest.raises(Http404, match="or you may not see it"):
            access.resolution(reader, "council", "r1")


@pytest.mark.parametrize("visibility", [PUBLIC, MEMBERS, RESTRICTED])
@pytest.mark.parametrize("name", SEES)
def test_paper_is_seen_by_those_of_the_table_and_by_who_was_asked(world: World, name: str, visibility: str) -> None:
    turn = world.walk("submitted")
    steps.record_activity(turn, by=world.contributor, text="A meeting was held.")
    Report.objects.update(visibility=visibility)
    Activity.objects.update(visibility=visibility)
    reader = person(world, name)
    seen = visibility in SEES[name].split() or name == "contributor"

    assert access.papers(reader, Report.objects.all()).exists() is seen
    assert access.papers(reader, Activity.objects.all()).exists() is seen


def test_nothing_is_listed_twice_for_who_holds_many_offices(world: World) -> None:
    for place, role in enumerate(["chair", "secretary", "member"]):
        office = Office.objects.create(body=world.group, slug=f"more-{place}", title="More", role=role)
        Term.objects.create(office=office, person=world.chair)
        Assignment.objects.create(occurrence=world.due, office=office, part="contributor", assigned_at=clock.now())

    for found in (access.occurrences(world.chair), access.obligations(world.chair), access.events(world.chair)):
        assert len(found) == found.values("pk").distinct().count()


# Events ------------------------------------------------------------------------------------------------------------------

# who → which events they see, where the duty and the resolution are visible as given
EVENTS: dict[str, dict[str, str]] = {
    MEMBERS: {
        "nobody": "",
        "outsider": "",
        "councillor": "turn text",
        "contributor": "turn text office",
        "chair": "turn text office",
        "secretary": "turn text office person",
        "auditor": "turn text office person",
    },
    RESTRICTED: {
        "nobody": "",
        "outsider": "",
        "councillor": "",
        "contributor": "office",
        "chair": "turn office",
        "secretary": "turn text office person",
        "auditor": "turn text office person",
    },
}


@pytest.mark.parametrize("visibility", EVENTS)
@pytest.mark.parametrize("name", EVENTS[MEMBERS])
def test_events_are_seen_by_those_of_the_table(world: World, name: str, visibility: str) -> None:
    office = Office(body=world.group, slug="new", title="New", role="member")
    audit.record(office, "office.added", by=None)
    text = Resolution(body=world.council, slug="r2", symbol="Resolution 2", title="Another", visibility=visibility)
    audit.record(text, "resolution.imported", by=None)
    audit.record(Version(resolution=text, label="C17"), "version.imported", by=None)
    guest = Person(username="guest", name="Guest")
    audit.record(guest, "person.invited", by=None)
    Obligation.objects.update(visibility=visibility)
    kinds = {"occurrence": "turn", "resolution": "text", "version": "text", "office": "office", "person": "person"}

    found = {kinds[event.subject_type] for event in access.events(person(world, name))}

    assert found == set(EVENTS[visibility][name].split())


def test_everybody_sees_their_own_acts(world: World) -> None:
    leave = once_a_member(world, "outsider")
    steps.assign(world.due, by=world.chair, lead=world.outsider)
    leave()
    steps.decline(world.due, by=world.outsider, reason="No time.")

    assert [event.verb for event in access.events(world.outsider)] == ["occurrence.declined"]
