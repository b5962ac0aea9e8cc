"""How people want to be told, and what holds for whoever never said."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import make_person
from tracker.models import Preferences
from tracker.preferences import DEFAULTS, Wishes, in_words, wishes_of

pytestmark = pytest.mark.django_db


def test_wishes_of_many_are_one_query_with_defaults_for_who_never_said() -> None:
    said, silent = make_person("said"), make_person("silent")
    Preferences.objects.create(person=said, channel="app", pace="daily", digest_hour=18, lead_days=7, weekly=False)

    with CaptureQueriesContext(connection) as asked:
        found = wishes_of([said.pk, silent.pk, said.pk])

    assert found == {said.pk: Wishes("app", "daily", 18, "", 7, False), silent.pk: DEFAULTS}
    assert len(asked) == 1


def test_wishes_of_nobody_ask_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert wishes_of([]) == {}
    assert len(asked) == 0


def test_the_defaults_are_those_of_the_row() -> None:
    row = Preferences.objects.create(person=make_person("said"))

    assert wishes_of([row.person_id]) == {row.person_id: DEFAULTS}


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(), "You get at most three mails a day: one at 07:00 (time of the body that writes)"),
        (
            Wishes(pace="daily", digest_hour=18, time_zone="Europe/Zurich"),
            "at most one mail a day, at 18:00 (Europe/Zurich)",
        ),
        (Wishes(channel="app"), "You get no mail about items: it all stands here."),
        (Wishes(channel="mail"), "stands among your notifications as read"),
        (Wishes(lead_days=3), "No reminder comes earlier than 3 days before the due day."),
        (Wishes(), "Reminders begin as early as the policy of an item says."),
    ],
)
def test_wishes_are_said_in_sentences(wishes: Wishes, said: str) -> None:
    assert said in " ".join(in_words(wishes, "", chairs=False))


def test_no_hour_of_a_mail_is_named_where_none_is_wanted() -> None:
    assert "07:00" not in " ".join(in_words(Wishes(channel="app"), "", chairs=False))


@pytest.mark.parametrize(("chairs", "weekly", "said"), [(True, True, 1), (True, False, 1), (False, True, 0)])
def test_the_weekly_summary_is_spoken_of_to_who_chairs(chairs: bool, weekly: bool, said: int) -> None:
    words = in_words(Wishes(weekly=weekly), "", chairs=chairs)

    assert sum("week" in one for one in words) == said


def test_language_of_the_mails_is_named_where_one_is_chosen() -> None:
    assert "Mails are in French." in in_words(Wishes(), "fr", chairs=False)
