"""What is said before the start of keys that cannot be read and of heads that go nowhere, or beside the database."""

from pathlib import Path
from typing import Any

import pytest

from tracker import keys
from tracker.log import ready
from tracker.proofs import notes


@pytest.fixture
def places(settings: Any, tmp_path: Path) -> Path:
    settings.LOG_KEYS, settings.LOG_HEADS = tmp_path / "keys", tmp_path / "heads"
    settings.LOG_KEY = settings.LOG_OLD_KEYS = settings.LOG_WITNESS_URL = ""
    return tmp_path


def said() -> list[str]:
    found = ready.check()
    assert all(one.hint for one in found)
    return [str(one.id) for one in found]


def test_nothing_is_said_of_a_fresh_machine_and_no_key_is_made(places: Path):
    assert said() == []
    assert list(places.iterdir()) == []


def test_nothing_is_said_of_a_key_in_use(places: Path, settings: Any):
    old = keys.log_key().public
    settings.LOG_OLD_KEYS = str(old)
    settings.LOG_KEY = notes.new_key("log.example/resolves").line()

    assert said() == []


@pytest.mark.parametrize("key", ["nonsense", "PRIVATE+KEY+x+00000000+AAAA", "PRIVATE+KEY+"])
def test_secret_key_that_cannot_be_read_is_said(places: Path, settings: Any, key: str):
    settings.LOG_KEY = key

    assert said() == ["tracker.W001"]


def test_old_key_that_cannot_be_read_is_named(places: Path, settings: Any):
    settings.LOG_OLD_KEYS = f"{keys.log_key().public} log.example+0000+zzz"

    (found,) = ready.check()
    assert found.id == "tracker.W002"
    assert "log.example+0000+zzz" in str(found.msg)


def test_file_of_keys_that_was_damaged_is_said(places: Path):
    keys.log_key()
    (places / "keys" / "secret").write_text("PRIVATE+KEY+gone")

    assert said() == ["tracker.W001"]


def test_heads_that_cannot_be_written_are_said(places: Path, settings: Any):
    (places / "file").write_text("no folder")
    settings.LOG_HEADS = places / "file" / "heads"

    assert said() == ["tracker.W003"]


def test_heads_beside_the_database_are_said_in_production_only(places: Path, settings: Any):
    settings.VAR_DIR = places
    assert said() == []  # a demonstration has one machine
    settings.MODE = "production"
    assert said() == ["tracker.W004"]
    settings.LOG_WITNESS_URL = "https://witness.example/"
    assert said() == []
    settings.LOG_WITNESS_URL = ""
    settings.VAR_DIR = places / "another"
    assert said() == []
