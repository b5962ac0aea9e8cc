"""Erasing a file on request: it goes for good, once the record says so; its name, size and hash stay, and every proof holds."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.people import World, make_world
from tests.record import everything, new_heads, taken_in, verified
from tracker.log import receipts, sealing
from tracker.log.verifying import verify
from tracker.models import Event, Evidence, Person, Report, Resolution, Visibility
from workflows import steps
from workflows.steps import files

ClientFor = Callable[[Person], Client]
ROOT = Path(__file__).resolve().parents[2]
REASON = "Asked for by letter of 2 February."
PAGE = "/items/council/r1-1.2-c18/"
# Erases a file and is killed just after the record says so, before the file is taken away.
KILLED = """
import os, signal, sys
import django
django.setup()
from django.core.files.storage import FileSystemStorage
from tracker.models import Evidence, Person
from workflows import steps
FileSystemStorage.delete = lambda *_given: os.kill(os.getpid(), signal.SIGKILL)
steps.erase_file(Evidence.objects.get(), by=Person.objects.get(username="secretary"), reason=sys.argv[1])
"""


@pytest.fixture
def paper(world: World, settings: Any, tmp_path: Path) -> Evidence:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return handed_in(world)


def handed_in(world: World) -> Evidence:
    """A file that says too much, handed in with a report."""
    file = SimpleUploadedFile("list-of-guests.txt", b"Names and numbers.", content_type="text/plain")
    turn = world.walk("in_progress")
    steps.submit(turn, by=world.contributor, text="The report.", files=[file])
    return Evidence.objects.get()


def erased(paper: Evidence, world: World, run: Any) -> Event:
    with run(execute=True):
        return steps.erase_file(paper, by=world.secretary, reason=REASON)


def test_file_goes_and_its_row_and_every_proof_stay(
    world: World, paper: Evidence, django_capture_on_commit_callbacks: Any
) -> None:
    new_heads()
    taken_in()
    sealing.seal()
    before = list(Event.objects.order_by("pk").values_list("pk", "hash", "words_hash"))
    assert default_storage.exists(paper.file.name)

    done = erased(paper, world, django_capture_on_commit_callbacks)

    assert not default_storage.exists(paper.file.name)
    paper.refresh_from_db()
    assert (paper.title, paper.size, len(paper.sha256), paper.has_file) == ("list-of-guests.txt", 18, 64, False)
    assert (done.verb, done.actor, done.words.words) == ("file.erased", world.secretary, {"reason": REASON})
    assert list(Event.objects.order_by("pk").values_list("pk", "hash", "words_hash"))[: len(before)] == before
    sealing.seal()
    assert verified() == Event.objects.count()
    assert verify().findings == ()
    receipt = receipts.receipt(paper.occurrence)
    assert receipt is not None
    assert paper.sha256 in str(receipt)


def test_page_says_that_it_was_erased_when_and_why(
    world: World, paper: Evidence, client_for: ClientFor, django_capture_on_commit_callbacks: Any
) -> None:
    shown = client_for(world.contributor).get(PAGE).content.decode()
    assert f'href="/files/{paper.pk}/"' in shown
    assert f'href="/files/{paper.pk}/erase/"' not in shown  # that is the secretary's to do
    assert f'href="/files/{paper.pk}/erase/"' in client_for(world.secretary).get(PAGE).content.decode()

    erased(paper, world, django_capture_on_commit_callbacks)

    shown = client_for(world.contributor).get(PAGE).content.decode()
    assert f'href="/files/{paper.pk}/' not in shown
    assert "File erased by <bdi>Secretary</bdi> on" in " ".join(shown.replace("\u2068", "").split()).replace(
        "\u2069", ""
    )
    assert REASON in shown
    assert "list-of-guests.txt" in shown


def test_download_is_gone_with_a_page_in_words(
    world: World, paper: Evidence, client_for: ClientFor, django_capture_on_commit_callbacks: Any
) -> None:
    assert b"".join(client_for(world.contributor).get(f"/files/{paper.pk}/").streaming_content) == b"Names and numbers."
    erased(paper, world, django_capture_on_commit_callbacks)

    answer = client_for(world.contributor).get(f"/files/{paper.pk}/")

    assert answer.status_code == 410
    assert "The file was erased" in answer.content.decode()
    assert REASON in answer.content.decode()
    assert client_for(world.outsider).get(f"/files/{paper.pk}/").status_code == 404


def test_public_file_that_was_erased_is_gone_for_strangers_too(
    world: World, paper: Evidence, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    steps.endorse(world.due, by=world.chair)
    Resolution.objects.update(visibility=Visibility.PUBLIC)
    Evidence.objects.update(visibility=Visibility.PUBLIC)
    Report.objects.update(visibility=Visibility.PUBLIC)
    place = f"/public/files/{paper.pk}/"
    assert b"".join(client.get(place).streaming_content) == b"Names and numbers."
    assert place in client.get("/public/").content.decode()

    erased(paper, world, django_capture_on_commit_callbacks)

    answer = client.get(place)
    assert answer.status_code == 410
    assert REASON not in answer.content.decode()  # why is for those who may read the history
    for page in ("/public/", f"/public/reports/{Report.objects.get().pk}/"):
        shown = client.get(page).content.decode()
        assert place not in shown
        assert "File erased on" in shown


def test_page_of_erasing_names_the_file_and_erases_it(
    world: World, paper: Evidence, client_for: ClientFor, django_capture_on_commit_callbacks: Any
) -> None:
    client, place = client_for(world.secretary), f"/files/{paper.pk}/erase/"
    shown = client.get(place).content.decode()
    assert paper.sha256 in shown
    assert "list-of-guests.txt" in shown

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(place, {"reason": REASON})

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert not default_storage.exists(paper.file.name)
    assert "There is no file here" in client.get(place).content.decode()
    assert client.post(place, {"reason": REASON}).status_code == 409


def test_nobody_else_may_and_nothing_changes(world: World, paper: Evidence, client_for: ClientFor) -> None:
    clients = {who: client_for(world.people[who]) for who in ("contributor", "chair", "auditor", "council_chair")}
    before = everything()
    for who, client in clients.items():
        with pytest.raises(PermissionDenied):
            steps.erase_file(paper, by=world.people[who], reason=REASON)
        assert client.get(f"/files/{paper.pk}/erase/").status_code == 403
        assert client.post(f"/files/{paper.pk}/erase/", {"reason": REASON}).status_code == 403

    assert everything() == before
    assert default_storage.exists(paper.file.name)


@pytest.mark.parametrize("reason", ["", "  ", "The file List-of-Guests.txt names people."])
def test_reason_is_needed_and_may_not_repeat_the_name(world: World, paper: Evidence, reason: str) -> None:
    before = everything()
    with pytest.raises(ValidationError):
        steps.erase_file(paper, by=world.secretary, reason=reason)

    assert everything() == before


def test_what_is_no_file_and_what_was_erased_is_not_erased(world: World, paper: Evidence) -> None:
    steps.erase_file(paper, by=world.secretary, reason=REASON)
    with pytest.raises(TransitionNotAllowed):
        steps.erase_file(paper, by=world.secretary, reason=REASON)
    link = Evidence.objects.create(
        occurrence=paper.occurrence, title="A page", url="https://example.org/", recorded_at=paper.recorded_at
    )
    with pytest.raises(TransitionNotAllowed):
        steps.erase_file(link, by=world.secretary, reason=REASON)


@pytest.mark.django_db(transaction=True)
def test_file_stays_where_the_record_cannot_say_that_it_went(world: World, paper: Evidence) -> None:
    """The file is taken away after the commit and never before: what is rolled back has lost nothing."""

    def fails() -> None:
        with transaction.atomic():
            steps.erase_file(paper, by=world.secretary, reason=REASON)
            raise DatabaseError("the disk is full")

    with pytest.raises(DatabaseError):
        fails()

    paper.refresh_from_db()
    assert paper.has_file
    assert default_storage.exists(paper.file.name)


@pytest.mark.django_db(transaction=True)
def test_disk_that_refuses_leaves_it_to_the_sweep(
    world: World, paper: Evidence, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def refuse(*_given: Any) -> None:
        raise PermissionError("read only")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "delete", refuse)
        steps.erase_file(paper, by=world.secretary, reason=REASON)
        assert files.sweep_erased() == 0
        assert "could not be taken away" in caplog.text
    assert default_storage.exists(paper.file.name)
    assert client_for(world.contributor).get(f"/files/{paper.pk}/").status_code == 410  # nobody gets it all the same

    steps.apply_retention()

    assert not default_storage.exists(paper.file.name)
    assert files.sweep_erased() == 0


def test_sweep_takes_nothing_that_stands(world: World, paper: Evidence) -> None:
    assert files.sweep_erased() == 0
    assert default_storage.exists(paper.file.name)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_file_of_a_process_that_was_killed_after_the_commit_is_swept(
    transactional_db: None, clock_pinned: str, child_environment: dict[str, str]
) -> None:
    new_heads()
    world = make_world()
    taken_in()
    paper: Evidence = handed_in(world)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, REASON], check=False, cwd=ROOT, env=child_environment, timeout=120
    )

    assert killed.returncode == -signal.SIGKILL
    paper.refresh_from_db()
    assert (paper.has_file, default_storage.exists(paper.file.name)) == (False, True)
    assert files.sweep_erased() == 1
    assert not default_storage.exists(paper.file.name)
    sealing.seal()
    assert verify().findings == ()
