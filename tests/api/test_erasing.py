"""Erasing on request and retention, for programs: what would go is looked at first, and the very verbs of the pages do it."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.people import World
from tests.record import everything, verified
from tracker.models import Event, Evidence, RetentionRule, Visit
from workflows import steps

WORDS = "The neighbour of the delegate, Quince Underhill, fell ill."
REASON = {"reason": "Asked for by letter of 2 February."}
RETENTION = "/api/v1/retention/"


def as_(world: World, who: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.people[who])
    return client


def post(client: Client, place: str, body: Any = None, **headers: str) -> Any:
    return client.post(place, REASON if body is None else body, "application/json", headers=headers)


@pytest.fixture
def entry(world: World) -> str:
    """The address of the entry of a report that says too much, but for its end."""
    turn = steps.submit(world.walk("in_progress"), by=world.contributor, text=WORDS)
    number = Event.objects.filter(verb="occurrence.submitted").latest("pk").number
    return f"/api/v1/occurrences/{turn.reference}/entries/{number}/erase/"


# Words -----------------------------------------------------------------------------------------------------------------


def test_what_would_go_is_looked_at_and_then_goes(world: World, entry: str) -> None:
    secretary = as_(world, "secretary")
    before = everything()

    seen = post(secretary, f"{entry}?dry_run=true")

    report = world.due.reports.get()
    number = int(entry.split("/")[-3])
    assert seen.status_code == 200
    assert seen.json() == {"done": False, "entries": [number], "places": [f"report:{report.pk}.text"], "mails": 0}
    assert everything() == before
    assert WORDS not in seen.content.decode()

    done = post(secretary, entry, **{"If-Match": seen["ETag"]})

    assert (done.status_code, done.json()) == (200, {**seen.json(), "done": True})
    report.refresh_from_db()
    assert report.text == ""
    event = Event.objects.get(verb="words.erased")
    assert (event.actor, event.means) == (world.secretary, "api")
    assert verified(words=False)


def test_what_was_not_seen_does_not_go(world: World, entry: str) -> None:
    secretary = as_(world, "secretary")
    before = everything()

    answer = post(secretary, entry, **{"If-Match": '"of another look"'})

    assert (answer.status_code, answer["Content-Type"]) == (412, "application/problem+json")
    assert everything() == before


def test_words_are_refused_in_the_order_of_every_step(world: World, entry: str) -> None:
    outsider, contributor, secretary = (as_(world, who) for who in ("outsider", "contributor", "secretary"))
    before, (start, _slash, number) = everything(), entry.removesuffix("/erase/").rpartition("/")
    assert int(number) > 1

    assert Client().post(entry).status_code == 401
    assert post(outsider, entry, {}).status_code == 404
    assert post(secretary, f"{start}/99/erase/", {}).status_code == 404
    assert post(secretary, f"{start}/{'9' * 15}/erase/", {}).status_code == 404
    assert post(contributor, entry, {}).status_code == 403
    assert post(secretary, f"{start}/1/erase/", {}).status_code == 409  # no words beside it
    for body in ({}, {"reason": " "}, {"reason": WORDS}, {"reason": [1]}):
        answer = post(secretary, entry, body)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    assert post(secretary, f"{entry}?colour=red").status_code == 400
    assert everything() == before


# Files -----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_file_is_named_and_then_erased(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    paper = SimpleUploadedFile("guests.txt", b"Names.", content_type="text/plain")
    steps.submit(world.walk("in_progress"), by=world.contributor, text="The report.", files=[paper])
    kept, secretary = Evidence.objects.get(), as_(world, "secretary")
    place = f"/api/v1/files/{kept.pk}/erase/"
    named = {"name": "guests.txt", "size": 6, "sha256": kept.sha256}

    assert post(secretary, f"{place}?dry_run=true").json() == {"done": False, **named}
    assert default_storage.exists(kept.file.name)
    assert post(as_(world, "contributor"), place).status_code == 403
    assert post(as_(world, "outsider"), place).status_code == 404
    assert post(secretary, place, {}).status_code == 400
    assert post(secretary, place).json() == {"done": True, **named}
    assert not default_storage.exists(kept.file.name)
    assert post(secretary, place).status_code == 409


# Retention -------------------------------------------------------------------------------------------------------------


def test_rules_are_read_set_changed_and_ended(world: World) -> None:
    secretary = as_(world, "secretary")
    first = {one["what"]: one for one in secretary.get(RETENTION).json()}
    assert set(first) == {"visits", "mails", "words"}
    assert secretary.get(f"{RETENTION}?colour=red").status_code == 400
    assert (first["visits"]["months"], first["visits"]["proposed"], first["visits"]["over"]) == (None, 24, 0)

    place, rule = f"{RETENTION}visits/", {"months": 12, "reason": "The rules of the archive."}
    seen = post(secretary, f"{place}?dry_run=true", rule)
    assert (seen.json(), RetentionRule.objects.count()) == (
        {"done": False, "what": "visits", "months": 12, "over": 0},
        0,
    )
    done = post(secretary, place, rule, **{"If-Match": seen["ETag"]})
    assert (done.status_code, done.json()["done"]) == (200, True)

    stands = as_(world, "auditor").get(RETENTION).json()[0]
    assert (stands["months"], stands["reason"], stands["since"]) == (12, rule["reason"], "2018-02-16")
    assert post(secretary, place, rule).status_code == 400  # nothing was changed
    ended = post(secretary, f"{place}end/")
    assert (ended.status_code, ended.json()["months"]) == (200, None)
    assert post(secretary, f"{place}end/").status_code == 404
    verbs = Event.objects.filter(subject_type="retentionrule").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["retention.set", "retention.ended"]


def test_rule_that_would_erase_something_else_by_now_is_refused(world: World) -> None:
    secretary, rule = as_(world, "secretary"), {"months": 12, "reason": "The rules of the archive."}
    seen = post(secretary, f"{RETENTION}visits/?dry_run=true", rule)["ETag"]
    Visit.objects.create(kind="seen", at="2015-01-01T00:00Z", means="page", method="GET", address="/")

    answer = post(secretary, f"{RETENTION}visits/", rule, **{"If-Match": seen})

    assert answer.status_code == 412
    assert not RetentionRule.objects.exists()
    assert post(secretary, f"{RETENTION}visits/?dry_run=true", rule).json()["over"] == 1


def test_rules_are_the_secretarys_and_make_sense(world: World) -> None:
    rule = {"months": 12, "reason": "The rules of the archive."}
    for who in ("contributor", "chair", "councillor"):
        assert as_(world, who).get(RETENTION).status_code == 403
    for who in ("contributor", "chair", "auditor"):
        assert post(as_(world, who), f"{RETENTION}visits/", rule).status_code == 403
        assert post(as_(world, who), f"{RETENTION}visits/end/").status_code == 403
    secretary = as_(world, "secretary")
    assert post(secretary, f"{RETENTION}nothing/", rule).status_code == 404
    for wrong in (
        {},
        {"months": 0, "reason": "So."},
        {"months": "many", "reason": "So."},
        {"months": 12, "reason": ""},
    ):
        assert post(secretary, f"{RETENTION}visits/", wrong).status_code == 400
    assert not RetentionRule.objects.exists()
