"""Files that can't be read are refused with a sentence that says what is wrong and what to do."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tracker.parsing import (
    SIZE_LIMIT,
    BinarySource,
    EmptySource,
    FileMissing,
    NotAResolution,
    ParseError,
    TooLarge,
    WrongEncoding,
    parse,
    read_source,
)

ROOT = Path(__file__).parents[2]
R1306 = ROOT / "tracker" / "texts" / "itu-council-r1306-c15.txt"


def parse_resolution(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as a person calls it."""
    command = [sys.executable, "manage.py", "parse_resolution", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "refusal", "advice"),
    [
        (b"", EmptySource, "is empty"),
        (b" \r\n\t\n\xc2\xa0\n", EmptySource, "is empty"),
        (b"\xef\xbb\xbf\n", EmptySource, "is empty"),
        (b"%PDF-1.7\n...", BinarySource, "a PDF"),
        (b"PK\x03\x04rest", BinarySource, "DOCX"),
        (b"{\\rtf1\\ansi", BinarySource, "RTF"),
        (b"The Council,\x00\x01", BinarySource, "binary data"),
        (b"\xff\xfe\x00\xd8", WrongEncoding, "encoding UTF-8"),
        ("The Council,\nrésolues".encode("latin-1"), WrongEncoding, "line 2"),
    ],
)
def test_source_that_is_no_text_is_refused_with_advice(
    tmp_path: Path, content: bytes, refusal: type[ParseError], advice: str
) -> None:
    path = tmp_path / "given.txt"
    path.write_bytes(content)

    with pytest.raises(refusal) as caught:
        read_source(path)

    assert advice in str(caught.value)
    assert "given.txt" in str(caught.value)
    assert caught.value.code == refusal.code


def test_source_given_as_bytes_is_refused_in_the_same_way() -> None:
    with pytest.raises(BinarySource, match="a PDF"):
        read_source(b"%PDF-1.4", name="upload.pdf")


def test_source_of_fifty_megabytes_is_refused_from_its_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as handle:
        handle.truncate(50 * 1024 * 1024)
    began = time.monotonic()

    with pytest.raises(TooLarge, match="too large") as caught:
        read_source(path)

    assert time.monotonic() - began < 0.5
    assert caught.value.params["size"] == 50 * 1024 * 1024


def test_source_over_the_limit_in_bytes_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_source(b"a" * (SIZE_LIMIT + 1))


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_source_that_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileMissing, match="can't be opened"):
        read_source(tmp_path / name)


def test_source_keeps_line_ends_so_that_offsets_stay_true(tmp_path: Path) -> None:
    path = tmp_path / "given.txt"
    path.write_bytes(b"The Council,\r\n\r\nDecides that it is so.\r\n")

    text = read_source(path)

    assert text == "The Council,\r\n\r\nDecides that it is so.\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "Dear all,\n\nplease find the minutes below.\n\n1. Tea was served.\n2. Nobody spoke.\n",
        "The Council,\n\nRecalling its resolution 12,\n\nConsidering the report,\n",
        "x",
        "1\n2\n3\n",
    ],
)
def test_text_without_operative_item_is_refused(text: str) -> None:
    with pytest.raises(NotAResolution, match="No operative item was found"):
        parse(text)


def test_text_of_nothing_is_refused() -> None:
    with pytest.raises(EmptySource):
        parse("\n\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"%PDF-1.7", "a PDF"), (b"Hello\n", "No operative item")],
)
def test_command_refuses_with_code_two(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "given.txt"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=words) as caught:
        call_command("parse_resolution", path, "--json")

    assert caught.value.returncode == 2


def test_command_says_one_sentence_and_shows_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "given.txt"
    path.write_bytes("Évora".encode("latin-1"))

    done = parse_resolution(path, "--json")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "UTF-8" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_command_prints_the_reading_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("parse_resolution", R1306, "--json")

    read = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in read["operative"]] == ["1", "1.1", "1.2", "2", "3", "4", "5"]


def test_command_prints_a_listing_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("parse_resolution", R1306)

    shown = capsys.readouterr().out
    assert "Council Working Group on Child Online Protection" in shown
    assert "    kind: before_each_meeting" in shown
    assert "    due: to the Council annually (session)" in shown
