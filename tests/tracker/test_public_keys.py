"""Whoever only checks or shows heads reads public keys: what serves pages never opens the secret one."""

import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.people import World
from tests.record import taken_in
from tracker import keys
from tracker.log import checks, published, ready, sealing, verifying
from tracker.models import Head
from tracker.proofs import notes
from workflows import steps


@pytest.fixture
def folder(settings: Any, tmp_path: Path, world: World) -> Path:
    """A folder of keys of its own, a head that went out, a check that passed."""
    settings.LOG_KEYS = tmp_path / "keys"
    taken_in()
    steps.comment(world.due, by=world.people["contributor"], text="Sealed.")
    sealing.seal()
    published.write()
    checks.ask(by=None)
    checks.run_due()
    return tmp_path / "keys"


def shut(folder: Path) -> None:
    """Whoever opens the secret from here on fails: a folder stands in its place. (Rights do not stop root, as whom a test
    may run.)"""
    (folder / "secret").unlink()
    (folder / "secret").mkdir()


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def pages(world: World) -> dict[str, Any]:
    """What web processes give of the log, by its address."""
    client = Client()
    client.force_login(world.people["auditor"])
    addresses = (
        "/log/",
        "/log/checkpoint",
        "/healthz",
        "/history/",
        "/history/checks/",
        "/items/council/r1-1.2-c18/",
        "/items/council/r1-1.2-c18/receipt/",
        "/log/export.jsonl",
        "/api/v1/occurrences/council/r1-1.2-c18/receipt/",
    )
    return {address: client.get(address) for address in addresses}


def test_public_line_lies_beside_the_secret_for_everybody(folder: Path) -> None:
    assert (folder / "log.pub").read_text() == f"{keys.log_key().public}\n"
    assert mode(folder / "log.pub") == 0o644
    assert mode(folder / "secret") == 0o600
    assert mode(folder) & 0o055 == 0o055


def test_pages_are_served_without_the_secret(world: World, folder: Path) -> None:
    public = str(keys.log_key().public)
    shut(folder)

    found = pages(world)

    assert {address: answer.status_code for address, answer in found.items()} == dict.fromkeys(found, 200)
    assert public in found["/log/"].content.decode()
    assert found["/healthz"].json()["record"]["state"] == "sound"
    assert verifying.verify().findings == ()


def test_key_that_nobody_published_is_found_out(world: World, folder: Path) -> None:
    """The control: it is by the public line alone that heads are checked."""
    (folder / "log.pub").unlink()

    assert {found.kind for found in verifying.verify().findings} == {"head_signature", "exported"}


def test_public_key_from_the_environment_will_do(world: World, folder: Path, settings: Any) -> None:
    settings.LOG_PUBLIC_KEY = str(keys.log_key().public)
    settings.LOG_KEYS = folder / "nowhere"

    assert verifying.verify().findings == ()
    assert settings.LOG_PUBLIC_KEY in pages(world)["/log/"].content.decode()


def test_worker_of_a_new_version_publishes_the_key_before_it_seals(world: World, folder: Path) -> None:
    (folder / "log.pub").unlink()
    steps.comment(world.due, by=world.people["contributor"], text="More.")

    sealed = sealing.seal()

    assert sealed.added == 1
    assert (folder / "log.pub").exists()


def test_migrate_publishes_the_key_of_an_earlier_version(folder: Path) -> None:
    (folder / "log.pub").unlink()

    call_command("migrate", verbosity=0)

    assert (folder / "log.pub").read_text() == f"{keys.log_key().public}\n"


def test_migrate_goes_on_where_the_key_cannot_be_read(folder: Path, capsys: Any) -> None:
    shut(folder)
    (folder / "log.pub").unlink()

    call_command("migrate", verbosity=0)

    assert "The public key of the log is not written" in capsys.readouterr().err


def test_rotation_publishes_the_new_key_and_keeps_the_old_one_readable(world: World, folder: Path) -> None:
    old = keys.log_key().public
    call_command("rotate_log_key")
    new = keys.log_key().public
    steps.comment(world.due, by=world.people["contributor"], text="More.")
    sealing.seal()
    shut(folder)

    assert keys.known_keys() == (new, old)
    assert (mode(folder / "log.pub"), mode(folder / "old")) == (0o644, 0o644)
    assert set(notes.read(Head.objects.all()[0].note, keys.known_keys()).signed_by) == {old, new}


def test_public_line_that_does_not_fit_is_put_right(folder: Path) -> None:
    (folder / "log.pub").write_text(f"{notes.new_key('example.org/other').public}\n")

    assert keys.make_public()
    assert keys.known_keys() == (keys.log_key().public,)
    assert not keys.make_public()


def test_public_key_of_another_secret_is_said_before_the_start(folder: Path, settings: Any) -> None:
    settings.LOG_KEY = keys.log_key().line()
    settings.LOG_PUBLIC_KEY = str(notes.new_key("example.org/other").public)
    assert [found.id for found in ready.check()] == ["tracker.W005"]
    settings.LOG_PUBLIC_KEY = str(keys.log_key().public)
    assert ready.check() == []
    settings.LOG_PUBLIC_KEY = "nonsense"
    assert [found.id for found in ready.check()] == ["tracker.W002"]
