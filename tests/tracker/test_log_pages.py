"""What anybody may ask of the log: its head, its keys, proofs, and the program that checks them."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from tests.checker import Checker
from tests.people import World
from tracker import keys
from tracker.log import resolves_verify, sealing
from tracker.models import Head
from tracker.proofs import notes
from workflows import steps


@pytest.fixture
def heads(world: World) -> list[Head]:
    """Three of them."""
    sealing.seal()
    for words in ("One.", "Two."):
        steps.comment(world.due, by=world.people["contributor"], text=words)
        sealing.seal()
    return list(Head.objects.order_by("size"))


def test_page_says_where_the_log_stands_and_how_to_check_it(heads, client):
    page = client.get("/log/").content.decode()

    assert heads[-1].note.splitlines()[2] in page
    assert str(keys.log_key().public) in page
    program = client.get("/log/resolves_verify.py").content
    assert hashlib.sha256(program).hexdigest() in page
    for head in heads:
        assert f"/log/heads/{head.size}" in page
    assert "export.jsonl" not in page


def test_auditor_finds_the_export_on_it(heads, world, client):
    client.force_login(world.people["auditor"])
    assert "/log/export.jsonl" in client.get("/log/").content.decode()


def test_page_before_anything_is_sealed(world, client):
    assert client.get("/log/").status_code == 200
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log/consistency?old=1").status_code == 400


def test_program_is_the_very_file(heads, client):
    answer = client.get("/log/resolves_verify.py")

    assert answer.content == Path(resolves_verify.__file__).read_bytes()
    assert "attachment" in answer["Content-Disposition"]


def test_program_is_asked_for_again_only_when_it_is_another_one(heads, client):
    answer = client.get("/log/resolves_verify.py")
    assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=3600"}

    again = client.get("/log/resolves_verify.py", HTTP_IF_NONE_MATCH=answer["ETag"])
    other = client.get("/log/resolves_verify.py", HTTP_IF_NONE_MATCH='"of another version"')

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


def test_earlier_head_may_be_kept_for_ever_and_the_newest_may_not(heads, client):
    kept = [client.get(f"/log/heads/{head.size}")["Cache-Control"] for head in heads]

    assert kept == ["public, max-age=31536000, immutable"] * 2 + ["no-cache"]
    assert "no-store" in client.get("/log/checkpoint")["Cache-Control"]
    assert "Cache-Control" not in client.get("/log/heads/99999")


def test_head_that_a_witness_may_still_cosign_is_not_kept(heads, client, settings):
    settings.LOG_WITNESS_URL = "https://witness.example/"
    place = f"/log/heads/{heads[0].size}"

    assert client.get(place)["Cache-Control"] == "no-cache"
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert "immutable" in client.get(place)["Cache-Control"]


def test_a_stranger_checks_that_the_log_goes_on_with_what_the_site_gives(heads, client, tmp_path):
    checker = Checker(tmp_path)
    old, new = heads[0], heads[-1]
    checker.put("old", client.get(f"/log/heads/{old.size}").content)
    checker.put("new", client.get("/log/checkpoint").content)
    checker.put("json", client.get(f"/log/consistency?old={old.size}").content)
    checker.put("text", client.get(f"/log/consistency?old={old.size}&new={new.size}&form=text").content)

    assert checker.asked("heads", "old", "new", "json")[0] == 0
    assert checker.asked("heads", "old", "new", "text")[0] == 0


def test_checkpoint_is_the_newest_head_as_signed(heads, client):
    answer = client.get("/log/checkpoint")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == heads[-1].note
    assert notes.read(answer.content.decode(), keys.known_keys()).size == heads[-1].size


@pytest.mark.parametrize(
    "query",
    [
        "",
        "old=0",
        "old=-1",
        "old=x",
        "old=1&new=0",
        "old=99999",
        "old=1&new=99999",
        "old=" + "9" * 50,
        "old=1&new=",
        "old=%00",
        "old=²",
    ],
)
def test_bad_sizes_are_said(heads, client, query):
    answer = client.get(f"/log/consistency?{query}")

    assert answer.status_code == 400
    assert "whole numbers" in answer.json()["detail"]


def test_head_that_there_is_not(heads, client):
    assert client.get("/log/heads/99999").status_code == 404
    assert client.get(f"/log/heads/{'9' * 30}").status_code == 404


@pytest.mark.parametrize("path", ["/log/", "/log/checkpoint", "/log/consistency?old=1", "/log/resolves_verify.py"])
def test_nothing_is_written_to_it(heads, client, path):
    assert client.post(path).status_code == 405
