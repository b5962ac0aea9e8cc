"""How somebody wants to be told: set by themselves alone, on record, said in words."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.record import verified
from tracker.log import replay
from tracker.models import Event, Person, Preferences
from tracker.preferences import DEFAULTS, wishes_of
from workflows import steps
from workflows.steps.preferences import edition

PLACE = "/account/preferences/"
GIVEN = {"language": "", "channel": "both", "pace": "prompt", "digest_hour": "7", "time_zone": "", "lead_days": ""}


def changes() -> list[dict[str, Any]]:
    return list(Event.objects.filter(verb="preferences.changed").order_by("pk").values_list("changes", flat=True))


def differences() -> list[dict[str, Any]]:
    """Where record and rows of preferences differ; the people of the tests themselves are added past the record."""
    return [found.facts for found in replay.differences() if found.facts.get("model") == "preferences"]


# The step --------------------------------------------------------------------------------------------------------------


def test_what_is_set_is_kept_and_on_record(world):
    steps.set_preferences({"pace": "daily", "digest_hour": 18, "language": "fr"}, by=world.contributor)

    assert wishes_of([world.contributor.pk])[world.contributor.pk].digest_hour == 18
    assert Person.objects.get(pk=world.contributor.pk).language == "fr"
    row = Preferences.objects.get()
    (said,) = changes()
    assert said["language"] == ["", "fr"]
    assert said[f"preferences:{row.pk}.pace"] == [None, "daily"]
    assert Event.objects.get(verb="preferences.changed").actor == world.contributor
    assert differences() == []
    assert verified()


def test_nothing_changed_leaves_no_event_and_no_row(world):
    steps.set_preferences({"pace": "prompt", "weekly": True}, by=world.contributor)
    steps.set_preferences({}, by=world.contributor)

    assert changes() == []
    assert not Preferences.objects.exists()


def test_only_what_changed_is_on_record(world):
    steps.set_preferences({"pace": "daily"}, by=world.contributor)
    steps.set_preferences({"pace": "daily", "lead_days": 7}, by=world.contributor)
    steps.set_preferences({"pace": "daily", "lead_days": 7}, by=world.contributor)

    row = Preferences.objects.get()
    assert len(changes()) == 2
    assert changes()[1] == {f"preferences:{row.pk}.lead_days": [None, 7]}
    assert differences() == []


def test_control_a_row_changed_past_the_step_is_found_by_the_replay(world):
    steps.set_preferences({"pace": "daily"}, by=world.contributor)
    Preferences.objects.update(pace="prompt")

    assert len(differences()) == 1


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"language": "tlh"}, "language"),
        ({"channel": "pigeon"}, "channel"),
        ({"pace": "hourly"}, "pace"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"digest_hour": -1}, "digest_hour"),
        ({"time_zone": "Moon/Crater"}, "time_zone"),
        ({"time_zone": "Europe/Zurich\x00"}, "time_zone"),
        ({"lead_days": 5}, "lead_days"),
    ],
)
def test_what_makes_no_sense_changes_nothing(world, wanted, field):
    with pytest.raises(ValidationError) as refused:
        steps.set_preferences({"pace": "daily", **wanted}, by=world.contributor)

    assert field in refused.value.message_dict
    assert wishes_of([world.contributor.pk])[world.contributor.pk] == DEFAULTS
    assert changes() == []


def test_who_has_left_sets_nothing(world):
    Person.objects.filter(pk=world.outsider.pk).update(is_active=False)

    with pytest.raises(PermissionDenied):
        steps.set_preferences({"pace": "daily"}, by=world.outsider)


def test_an_edition_that_no_longer_stands_is_refused(world):
    read = edition(world.contributor)
    steps.set_preferences({"pace": "daily"}, by=world.contributor, read=read)

    with pytest.raises(steps.ChangedSince):
        steps.set_preferences({"pace": "prompt"}, by=world.contributor, read=read)
    assert Preferences.objects.get().pace == "daily"


# The page --------------------------------------------------------------------------------------------------------------


def test_page_says_in_words_what_the_preferences_mean(world, client_for):
    client = client_for(world.contributor)

    answer = client.post(
        PLACE, GIVEN | {"pace": "daily", "digest_hour": "18", "time_zone": "Europe/Zurich"}, follow=True
    )

    page = answer.content.decode()
    assert "You get at most one mail a day, at 18:00 (Europe/Zurich), with everything of that day." in page
    assert "Your preferences are kept." in page


def test_page_in_the_account_menu(world, client_for):
    assert f'href="{PLACE}"' in client_for(world.contributor).get("/tasks/").content.decode()


def test_weekly_summary_is_offered_to_who_chairs_alone(world, client_for):
    assert 'name="weekly"' in client_for(world.chair).get(PLACE).content.decode()
    assert 'name="weekly"' not in client_for(world.contributor).get(PLACE).content.decode()


def test_what_is_not_offered_stays_as_it_was(world, client_for):
    client_for(world.contributor).post(PLACE, GIVEN | {"pace": "daily"})

    assert Preferences.objects.get().weekly is True


def test_language_holds_at_once_and_before_what_was_chosen_in_the_bar(world, client_for):
    client = client_for(world.contributor)
    client.cookies["language"] = "es"

    answer = client.post(PLACE, GIVEN | {"language": "fr"}, follow=True)

    assert '<html lang="fr"' in answer.content.decode()
    assert client.cookies["language"].value == "fr"


@pytest.mark.parametrize(
    ("name", "value"), [("digest_hour", "24"), ("lead_days", "5"), ("channel", ""), ("time_zone", "x")]
)
def test_page_with_bad_words_says_so_and_changes_nothing(world, client_for, name, value):
    answer = client_for(world.contributor).post(PLACE, GIVEN | {"pace": "daily", name: value})

    assert answer.status_code == 400
    assert "error" in answer.content.decode()
    assert not Preferences.objects.exists()


def test_secretary_reads_how_somebody_is_told_and_cannot_set_it(world, client_for):
    steps.set_preferences({"pace": "daily"}, by=world.contributor)
    page = client_for(world.secretary).get(f"/people/{world.contributor.pk}/mails/").content.decode()

    assert "at most one mail a day" in page
    assert "/account/preferences/" not in page.partition("<main")[2]


def test_change_shows_in_words_in_the_trace(world, client_for):
    steps.set_preferences({"pace": "daily"}, by=world.contributor)

    page = client_for(world.contributor).get(f"/people/{world.contributor.pk}/trace/").content.decode()

    assert "changed how they are told" in page
    assert "everything once a day" in page
