"""The texts that a resolution names, on its page."""

from __future__ import annotations

from django.test import Client

from tests.people import World
from tracker import access
from tracker.models import Body, Version
from tracker.parsing.citations import citations
from tracker.summaries.named import Named, named
from workflows import steps

TEXT = """RESOLUTION 9 (C19)

On bees

The Council,

recalling

a) Resolution 7 (C15) on bees;

b) Resolution 7 (Busan, 2014) of the Plenipotentiary Conference, as amended by Decision 4;

resolves

1 to abrogate Resolution 8;

2 to report annually, in line with Resolution 7 (C15).
"""
OTHER = "RESOLUTION {number} ({label})\n\nOn bees\n\nThe Council,\n\nnoting bees,\n\n1 Decides to keep bees.\n"


def version(world: World) -> Version:
    for number, label in (("7", "C15"), ("8", "C16")):
        steps.import_version(world.council, text=OTHER.format(number=number, label=label), by=world.secretary)
    return steps.import_version(world.council, text=TEXT, by=world.secretary)


def found(world: World, one: Version, role: str = "secretary") -> list[Named]:
    return named(one, list(one.paragraphs.order_by("position")), access.resolutions(world.people[role]))


def test_texts_named_are_listed_with_what_is_done_to_them_and_where(world: World) -> None:
    told = [(one.words, one.done, one.places) for one in found(world, version(world))]

    assert told == [
        ("Decision 4", "amends what is spoken of", ["recalling b)"]),
        ("Resolution 8", "abrogated by this text", ["1"]),
        ("Resolution 7 (C15)", "cited", ["recalling a)", "2"]),
        ("Resolution 7 (Busan, 2014) of the Plenipotentiary Conference", "cited", ["recalling b)"]),
    ]


def test_what_is_here_is_linked_and_what_only_shares_a_number_is_not(world: World) -> None:
    links = {one.words: one.resolution and one.resolution.reference for one in found(world, version(world))}

    assert links == {
        "Decision 4": None,
        "Resolution 8": "council/r8",
        "Resolution 7 (C15)": "council/r7",
        "Resolution 7 (Busan, 2014) of the Plenipotentiary Conference": None,
    }


def test_resolution_of_a_body_that_is_named_is_linked(world: World) -> None:
    one = version(world)
    conference = Body.objects.create(slug="pp", name="Plenipotentiary Conference", short_name="PP")
    text = OTHER.format(number="7", label="Busan, 2014")
    steps.import_version(conference, text=text, by=None)

    links = {one.words: one.resolution and one.resolution.reference for one in found(world, one)}

    assert links["Resolution 7 (Busan, 2014) of the Plenipotentiary Conference"] == "pp/r7"
    assert links["Resolution 7 (C15)"] == "council/r7"


def test_name_of_a_body_ends_before_what_its_text_is_about() -> None:
    told = citations("recalling Resolution 179 (Rev. Busan, 2014) of the ITU Plenipotentiary Conference on ITU's role")

    assert [(one.body, one.text) for one in told] == [
        ("ITU Plenipotentiary Conference", "Resolution 179 (Rev. Busan, 2014) of the ITU Plenipotentiary Conference")
    ]


def test_page_links_them_and_says_that_nobody_confirmed_it(world: World, client: Client) -> None:
    version(world)

    page = client.get("/resolutions/council/r9/").content.decode()

    assert '<a href="/resolutions/council/r8/"><bdi>Resolution 8</bdi></a>' in page
    assert "nobody has confirmed it" in page


def test_resolution_that_the_reader_may_not_see_is_no_link(world: World, client: Client) -> None:
    one = version(world)
    hidden = Version.objects.get(resolution__slug="r8").resolution
    hidden.visibility = "restricted"
    hidden.save()

    assert found(world, one, "outsider")[1].resolution is None
    assert "council/r8/" not in client.get("/resolutions/council/r9/").content.decode()
