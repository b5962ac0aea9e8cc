"""A new key for the heads: the next head is signed by both, so that whoever knows only the old key can follow."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.checker import Checker
from tests.people import World
from tracker import keys
from tracker.log import published, receipts, sealing
from tracker.log.tree import Tree
from tracker.models import Head, Heartbeat
from tracker.proofs import notes
from workflows import steps


@pytest.fixture
def folder(settings: Any, tmp_path: Path, world: World) -> Path:
    """A folder of keys of its own, and a first head."""
    settings.LOG_KEYS = tmp_path / "keys"
    sealing.seal()
    return tmp_path / "keys"


def grown(world: World) -> Head:
    steps.comment(world.due, by=world.people["contributor"], text="More.")
    head = sealing.seal().head
    assert head is not None
    return head


def signed_by(head: Head) -> set[notes.PublicKey]:
    return set(notes.read(head.note, keys.known_keys()).signed_by)


def test_next_head_is_signed_by_both_and_later_ones_by_the_new_key_alone(world, folder):
    old = keys.log_key().public
    call_command("rotate_log_key")
    new = keys.log_key().public

    assert old != new
    assert signed_by(grown(world)) == {old, new}
    assert signed_by(grown(world)) == {new}
    assert not (folder / "outgoing").exists()
    assert keys.known_keys() == (new, old)


def test_stranger_with_the_old_key_follows_to_the_new_one(world, folder, tmp_path):
    checker, old = Checker(tmp_path), Head.objects.get()
    before = checker.keys
    call_command("rotate_log_key")
    both, after = grown(world), grown(world)
    for name, head in (("old", old), ("both", both), ("after", after)):
        checker.put(name, head.note)
    for name, ends in (("1", (old, both)), ("2", (both, after))):
        path = Tree().consistency(ends[0].size, ends[1].size)
        checker.put(name, {"proof": receipts.in_base64(path)})
    new = [str(keys.log_key().public)]

    assert checker.asked("heads", "old", "both", "1", keys=before)[0] == 0
    assert checker.asked("heads", "both", "after", "2", keys=new)[0] == 0
    assert checker.asked("heads", "both", "after", "2", keys=before)[0] == 1
    assert checker.asked("heads", "old", "both", "1", keys=new)[0] == 1


def test_command_says_both_keys_and_notes_the_day(world, folder, capsys):
    old = keys.log_key().public
    call_command("rotate_log_key")

    said = capsys.readouterr().out
    assert f"Old: {old}" in said
    assert f"New: {keys.log_key().public}" in said
    assert "PRIVATE" not in said
    assert str(old) in Heartbeat.objects.get(name="log key").note


def test_secret_keys_are_for_nobody_else(world, folder):
    call_command("rotate_log_key")
    for name in ("secret", "outgoing"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_second_rotation_waits_for_the_first(world, folder):
    call_command("rotate_log_key")
    with pytest.raises(CommandError, match="under way"):
        call_command("rotate_log_key")
    grown(world)
    grown(world)
    call_command("rotate_log_key")
    assert len(signed_by(grown(world))) == 2
    assert len(keys.known_keys()) == 3


def test_rotation_that_died_half_way_can_be_done_again(world, folder):
    """The key before was put aside and the new one never came."""
    (folder / "outgoing").write_text((folder / "secret").read_text())

    assert keys.outgoing() is None
    call_command("rotate_log_key")
    assert len(signed_by(grown(world))) == 2


def test_rotation_before_anything_was_sealed(world, settings, tmp_path):
    settings.LOG_KEYS = tmp_path / "fresh"
    call_command("rotate_log_key")

    assert signed_by(grown(world)) == {keys.log_key().public}


def test_key_from_the_environment_is_changed_there(world, folder, settings):
    old = keys.log_key()
    new = notes.new_key(old.name)
    settings.LOG_KEY = old.line()
    with pytest.raises(CommandError, match=r"change it there|put the new one before it"):
        call_command("rotate_log_key")

    settings.LOG_KEY, settings.LOG_OLD_KEYS = f"{new.line()} {old.line()}", str(old.public)
    assert signed_by(grown(world)) == {old.public, new.public}
    settings.LOG_KEY = new.line()
    assert signed_by(grown(world)) == {new.public}


def test_restored_backup_goes_on_under_another_name_and_key(world, folder, settings, tmp_path):
    """As docs/log.md says: the database is older than a head that went out."""
    old = keys.log_key().public
    head = Head.objects.get()
    published.write()
    beyond = notes.sign(head.size + 50, b"\x07" * 32, head.signed_at, [keys.log_key()])
    with (settings.LOG_HEADS / "heads.jsonl").open("a") as file:
        file.write(json.dumps({"size": head.size + 50, "note": beyond}) + "\n")
    steps.comment(world.due, by=world.people["contributor"], text="After the restore.")
    with pytest.raises(published.LogBroken, match="was cut, or an older backup was put back"):
        sealing.seal()

    settings.LOG_NAME, settings.LOG_OLD_KEYS = "example.org/after", str(old)
    settings.LOG_KEYS, settings.LOG_HEADS = tmp_path / "new-keys", tmp_path / "new-heads"
    sealed = sealing.seal()
    published.write()

    assert sealed.head is not None
    assert sealed.head.note.startswith("example.org/after\n")
    assert (sealed.added, sealed.head.size) == (1, head.size + 1)
    assert published.newest() == notes.read(sealed.head.note, keys.known_keys())
    assert signed_by(grown(world)) == {keys.log_key().public}
