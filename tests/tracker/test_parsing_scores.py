"""Scoring against ground truth, and the commands that read many texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tracker.parsing import parse
from tracker.parsing.scoring import score, total

TEXT = """The Council,

Noting the report,

1. Requests the Director to report annually to the Council;

2. Decides to continue to keep bees until 31 December 2030.
"""
TRUTH: dict[str, Any] = {
    "file": "bees.txt",
    "n_preambular": 1,
    "items": [
        {"label": "1", "verbs": "requests", "addressee": "Director", "deadline": "annually"},
        {"label": "2", "verbs": "decides", "addressee": "none named", "deadline": "continuing; 2030"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one text and its truth."""
    (tmp_path / "bees.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "index.json").write_text(json.dumps([TRUTH]), encoding="utf-8")
    return tmp_path


def changed(number: int, **fields: str) -> dict[str, Any]:
    items = [{**one, **(fields if place == number else {})} for place, one in enumerate(TRUTH["items"])]
    return {**TRUTH, "items": items}


def test_right_reading_has_all_its_parts() -> None:
    made = score(TRUTH, parse(TEXT))

    assert made.labels
    assert made.counts == {"verbs": (2, 2), "addressee": (1, 1), "deadline": (3, 3)}
    assert made.misses == []


@pytest.mark.parametrize(
    ("field", "value"), [("verbs", "urges"), ("addressee", "Secretary"), ("deadline", "monthly"), ("deadline", "2031")]
)
def test_what_was_not_read_is_a_miss(field: str, value: str) -> None:
    made = score(changed(0, **{field: value}), parse(TEXT))

    assert [(one.label, one.field, one.wanted) for one in made.misses] == [("1", field, value)]


def test_false_and_lost_items_are_named() -> None:
    truth = {**TRUTH, "items": [TRUTH["items"][0], {**TRUTH["items"][1], "label": "3"}]}

    made = score(truth, parse(TEXT))

    assert (made.labels, made.false, made.lost, made.items) == (False, ("2",), ("3",), (1, 2))


def test_refused_text_counts_as_nothing_read() -> None:
    made = score(TRUTH, None)

    assert (made.labels, made.items, made.counts["verbs"]) == (False, (0, 2), (0, 2))


def test_total_adds_up() -> None:
    made = total([score(TRUTH, parse(TEXT)), score(TRUTH, None)])

    assert (made.labels, made.items, made.preambular, made.counts["deadline"]) == (False, (2, 4), (1, 2), (3, 6))


def test_score_parsing_prints_a_line_for_each_text_and_one_for_all(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("score_parsing", folder, "--misses")

    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip("- ")]
    assert lines[0][:2] == ["text", "labels"]
    assert lines[1][:5] == ["bees.txt", "all", "2/2", "100.0", "%"]
    assert lines[-1][0] == "all"


def test_score_parsing_counts_a_text_that_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bees.txt").unlink()

    call_command("score_parsing", folder, "--json")

    shown = capsys.readouterr()
    assert json.loads(shown.out)[-1]["verbs"] == {"found": 0, "wanted": 2}
    assert "can't be opened" in shown.err


@pytest.mark.parametrize("content", ["", "{}", "[]", '[{"file": 1}]', '[{"file": "a", "items": [{}]}]'])
def test_score_parsing_refuses_an_index_of_another_shape(folder: Path, content: str) -> None:
    (folder / "index.json").write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=r"index\.json") as caught:
        call_command("score_parsing", folder)

    assert caught.value.returncode == 2


def test_many_texts_are_read_in_one_process_and_written_apart(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(20):
        (folder / f"text-{number:02}.txt").write_text(TEXT.replace("bees", f"bees {number}"), encoding="utf-8")

    call_command("parse_resolution", folder, "--out", tmp_path / "read")

    written = sorted(one.name for one in (tmp_path / "read").iterdir())
    assert written == ["bees.json", *(f"text-{number:02}.json" for number in range(20))]
    assert json.loads((tmp_path / "read" / "text-07.json").read_text())["operative"][1]["text"].startswith("Decides")
    assert "21 of 21 texts read" in capsys.readouterr().out


def test_text_that_cannot_be_read_does_not_stop_the_others(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "aaa.txt").write_bytes(b"%PDF-1.7 nothing")

    with pytest.raises(CommandError, match=r"aaa\.txt") as caught:
        call_command("parse_resolution", folder, "--out", tmp_path / "read")

    assert caught.value.returncode == 2
    assert [one.name for one in (tmp_path / "read").iterdir()] == ["bees.json"]
    assert "1 of 2 texts read" in capsys.readouterr().out


def test_several_texts_as_json_name_their_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("parse_resolution", folder / "bees.txt", folder / "bees.txt", "--json")

    assert [Path(one["file"]).name for one in json.loads(capsys.readouterr().out)] == ["bees.txt", "bees.txt"]


def test_texts_that_would_share_a_name_are_refused_before_anything_is_written(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "bees.txt").write_text(TEXT, encoding="utf-8")

    with pytest.raises(CommandError, match=r"bees\.txt\.json"):
        call_command("parse_resolution", folder / "bees.txt", other, "--out", tmp_path / "read")

    assert not (tmp_path / "read").exists()
