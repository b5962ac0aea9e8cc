"""The key of the log is written whole, once, by whoever is first: also where a filesystem has no hard links."""

import contextlib
import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tracker import keys
from tracker.proofs import notes

WRITERS = 8
CHILD = """
import os, sys, time
import django
django.setup()
from tracker import keys
def without_links(*_names, **_given):
    raise OSError(95, "Operation not supported")
os.link = without_links
while not os.path.exists(sys.argv[1]):
    time.sleep(0.001)
print(keys.log_key().public)
"""


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.LOG_KEYS, settings.LOG_KEY = tmp_path / "keys", ""
    return tmp_path / "keys"


@pytest.fixture(params=[errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def without_links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filesystem that has no hard links, and says so in one way or the other."""

    def refuse(*_names: Any, **_given: Any) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(os, "link", refuse)


def at_once(folder: Path) -> list[str]:
    """What each of several writers says of a file that all want to make: its own words, or "late"."""
    start = Barrier(WRITERS)

    def write(number: int) -> str:
        start.wait(timeout=30)
        try:
            keys._write_new(folder / "secret", f"{number}\n")
        except FileExistsError:
            return "late"
        return f"{number}\n"

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(write, range(WRITERS)))


def test_key_is_made_without_hard_links(folder: Path, without_links: None) -> None:
    made = keys.log_key()

    assert keys.log_key() == made
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in folder.iterdir()) == ["log.pub", "secret"]


def test_key_that_is_there_stays_without_hard_links(folder: Path, without_links: None) -> None:
    made = keys.log_key()

    with pytest.raises(FileExistsError):
        keys._write_new(folder / "secret", "another")

    assert keys.log_key() == made
    assert sorted(file.name for file in folder.iterdir()) == ["log.pub", "secret"]


def test_rotation_goes_without_hard_links(folder: Path, without_links: None) -> None:
    old, new = keys.rotate()

    assert keys.known_keys() == (new.public, old.public)


@pytest.mark.parametrize("links", [True, False])
def test_of_writers_at_once_one_makes_the_file(folder: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    for turn in range(20):
        said = at_once(folder / str(turn))

        (first,) = [words for words in said if words != "late"]
        assert (folder / str(turn) / "secret").read_text() == first


def test_without_the_guard_several_writers_make_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(os, "link", _no_links)
    monkeypatch.setattr(keys, "_alone", lambda _file: contextlib.nullcontext())
    monkeypatch.setattr(Path, "exists", _slowly(Path.exists))

    assert at_once(folder).count("late") < WRITERS - 1


@pytest.mark.processes
def test_two_processes_without_hard_links_agree_on_one_key(
    folder: Path, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    go = tmp_path / "go"
    command = [sys.executable, "-c", CHILD, str(go)]
    environment = {**child_environment, "LOG_KEYS": str(folder)}
    children = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    go.touch()

    said = {child.communicate(timeout=60)[0].strip() for child in children}

    assert said == {str(keys.log_key().public)}
    assert [child.returncode for child in children] == [0, 0, 0]


def test_what_a_killed_writer_left_is_named(folder: Path, without_links: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "WAIT_SECONDS", 0.05)
    folder.mkdir()
    (folder / ".secret.taken").touch()

    with pytest.raises(TimeoutError, match=r"\.secret\.taken is in the way"):
        keys.log_key()

    (folder / ".secret.taken").unlink()
    assert isinstance(keys.log_key(), notes.SecretKey)


def test_disk_that_is_full_is_no_filesystem_without_links(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_names: Any, **_given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space"):
        keys.log_key()

    assert list(folder.iterdir()) == []


def _no_links(*_names: Any, **_given: Any) -> None:
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")


def _slowly(look: Any) -> Any:
    """A look that all take before one of them acts on it."""
    together = Barrier(WRITERS)

    def looked(path: Path) -> bool:
        found = bool(look(path))
        if path.name == "secret":
            together.wait(timeout=30)
        return found

    return looked
