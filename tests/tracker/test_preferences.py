"""How people want to be told, and what holds for whoever never said."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import make_person
from tracker.models import Preferences
from tracker.preferences import DEFAULTS, Wishes, wishes_of

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
