"""The pages on which a wrong reading is put right, as the secretary walks them."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.people import World
from tests.workflows.test_correcting import TEXT, item, items
from tracker.models import Version
from workflows import steps

PLACE = "/resolutions/council/r7/intake/C15/"


@pytest.fixture
def version(world: World) -> Version:
    return steps.import_version(world.council, text=TEXT, by=world.secretary)


@pytest.fixture
def secretary(world: World) -> Client:
    client = Client()
    client.force_login(world.secretary)
    return client


def test_wrong_reading_is_put_right_wholly_by_hand(version: Version, secretary: Client) -> None:
    page = secretary.get(PLACE).content.decode()
    assert "Correct the reading" in page
    assert "Take the last correction back" not in page
    assert "This stands behind and is read as nothing of it." in page

    split = {"act": "split", "split-words": "and to publish", "split-label": "", "split-path": "1a"}
    assert secretary.post(f"{PLACE}1/reading/", split).status_code == 302
    place = {"act": "place", "place-label": "1.0", "place-path": "1.0", "place-parent": item(version, "1").pk}
    assert secretary.post(f"{PLACE}1a/reading/", place).status_code == 302
    words = {"words": "This stands behind and is read as nothing of it.", "label": "3", "path": "3", "parent": ""}
    assert secretary.post(f"{PLACE}words/", words).status_code == 302
    assert secretary.post(f"{PLACE}3/reading/", {"act": "merge"}).status_code == 302

    assert [one[0] for one in items(version)] == ["1", "1.0", "1.1", "2"]
    assert items(version)[-1][2].endswith("open. This stands behind and is read as nothing of it.")
    assert "Take the last correction back" in secretary.get(PLACE).content.decode()


def test_undo_button_goes_back_step_by_step(version: Version, secretary: Client) -> None:
    before = items(version)
    secretary.post(f"{PLACE}2/reading/", {"act": "merge"})
    secretary.post(f"{PLACE}1.1/reading/", {"act": "merge"})

    for _ in range(2):
        assert secretary.post(PLACE, {"act": "undo"}).status_code == 302

    assert items(version) == before
    assert secretary.post(PLACE, {"act": "undo"}).status_code == 409


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"act": "split", "split-words": "nowhere", "split-path": "9"}, 400, "do not stand there"),
        ({"act": "split", "split-words": "", "split-path": "9"}, 400, "required"),
        ({"act": "place", "place-label": "1", "place-path": "2", "place-parent": ""}, 400, "has this path already"),
        ({"act": "merge"}, 409, "no item before"),
        ({"act": "aside"}, 409, "has duties"),
        ({"act": "fly"}, 400, "no such step"),
        ({}, 400, "no such step"),
    ],
)
def test_refusals_say_why_and_keep_what_was_typed(
    version: Version, secretary: Client, given: dict[str, str], status: int, words: str
) -> None:
    before = items(version)

    answer = secretary.post(f"{PLACE}1/reading/", given)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert items(version) == before


def test_words_of_the_address_are_in_the_form(version: Version, secretary: Client) -> None:
    page = secretary.get(f"{PLACE}words/", {"words": "On a register <of> texts"}).content.decode()

    assert "On a register &lt;of&gt; texts</textarea>" in page


def test_history_tells_of_a_correction_in_words(version: Version, secretary: Client) -> None:
    secretary.post(f"{PLACE}2/reading/", {"act": "merge"})

    page = secretary.get("/history/", {"verb": "version.items_merged"}).content.decode()

    assert "made one item of two" in page
    assert "restore<" not in page


def test_certainty_is_said_until_a_person_has_confirmed(version: Version, secretary: Client, world: World) -> None:
    page = secretary.get(PLACE).content.decode()
    assert "Kind and due point as the words say them." in page

    for path in ("1", "2"):
        for duty in item(version, path).obligations.all():
            steps.confirm_obligation(duty, by=world.secretary)

    assert "Kind and due point as the words say them." not in secretary.get(PLACE).content.decode()


def test_corrected_text_shows_the_differences_first_and_enters_nothing(
    version: Version, secretary: Client, world: World
) -> None:
    other = TEXT.replace("2 to continue to keep the register open.", "2 to keep the register open to all.").replace(
        "1.1 to count the texts;", ""
    )
    given = {"body": world.council.pk, "visibility": "public", "text": other}

    answer = secretary.post("/resolutions/import/", given)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "How this text differs from Resolution 7 (C15)" in page
    assert '<ins><span class="hidden">[added: </span> to all<span' in page
    assert "count the texts;" in page
    assert Version.objects.filter(resolution=version.resolution).count() == 1


def test_corrected_text_is_entered_under_a_label_of_its_own(version: Version, secretary: Client, world: World) -> None:
    given = {
        "body": world.council.pk,
        "visibility": "public",
        "text": TEXT.replace("open.", "open to all."),
        "label": "C16",
    }

    assert secretary.post("/resolutions/import/", given).status_code == 302
    assert Version.objects.filter(resolution=version.resolution).count() == 2
