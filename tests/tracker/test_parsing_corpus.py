"""Real resolutions of ten bodies with ground truth. The texts aren't part of the repository: they stand beside it."""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.parsing import ParsedResolution, ParseError, parse, read_source
from tracker.parsing.scoring import score, total

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "tracker" / "texts"
Entry = dict[str, Any]


@pytest.fixture(scope="module")
def readings(corpus: Path) -> list[tuple[Entry, str, ParsedResolution]]:
    """Each text of the corpus with its truth and its reading."""
    entries = json.loads((corpus / "index.json").read_text(encoding="utf-8"))
    texts = [(entry, read_source(corpus / entry["file"])) for entry in entries]
    return [(entry, text, parse(text)) for entry, text in texts]


def test_corpus_labels_are_read_in_order_and_none_is_false(
    readings: list[tuple[Entry, str, ParsedResolution]],
) -> None:
    wrong = {
        entry["file"]: [one.path for one in resolution.operative]
        for entry, _, resolution in readings
        if [one.path for one in resolution.operative] != [one["label"] for one in entry["items"]]
    }

    assert not wrong


def test_corpus_preambles_are_counted_right(readings: list[tuple[Entry, str, ParsedResolution]]) -> None:
    counted = {entry["file"]: len(resolution.preambular) for entry, _, resolution in readings}

    assert counted == {entry["file"]: entry["n_preambular"] for entry, _, _ in readings}


def test_corpus_spans_give_back_the_words(readings: list[tuple[Entry, str, ParsedResolution]]) -> None:
    for _, text, resolution in readings:
        for one in (*resolution.preambular, *resolution.operative):
            assert " ".join("".join(text[a:b] for a, b in one.span).split()) == one.text
            assert " ".join(" ".join(text[a:b] for a, b in one.span).split()) == one.text
        for item in resolution.operative:
            for due in item.due:
                assert " ".join("".join(text[a:b] for a, b in due.span).split()) == due.text


@pytest.mark.parametrize(("field", "floor"), [("verbs", 0.99), ("addressee", 0.90), ("deadline", 0.90)])
def test_corpus_duties_reach_the_floor(
    readings: list[tuple[Entry, str, ParsedResolution]], field: str, floor: float
) -> None:
    found, wanted = total(score(entry, reading) for entry, _, reading in readings).counts[field]

    assert found / wanted >= floor


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, folded at `width`."""
    return [part for line in text.split("\n") for part in textwrap.wrap(line, width, break_on_hyphens=False) or [""]]


@pytest.mark.parametrize("width", [60, 72, 95])
def test_corpus_is_read_alike_however_it_is_wrapped(
    readings: list[tuple[Entry, str, ParsedResolution]], width: int
) -> None:
    for entry, text, _ in readings:
        again = parse("\n".join(wrapped(text, width)))

        assert [one.path for one in again.operative] == [one["label"] for one in entry["items"]], entry["file"]


def test_corpus_is_read_alike_when_it_is_cut_into_pages(readings: list[tuple[Entry, str, ParsedResolution]]) -> None:
    for entry, text, _ in readings:
        lines = wrapped(text, 80)
        for page, place in enumerate(range(25, len(lines), 25)):
            lines.insert(place + page, f"\n- {page + 1} -\n\fC18/12-E\n")

        again = parse("\n".join(lines))

        assert [one.path for one in again.operative] == [one["label"] for one in entry["items"]], entry["file"]


def test_corpus_is_read_quickly(readings: list[tuple[Entry, str, ParsedResolution]]) -> None:
    texts = [text for _, text, _ in readings]
    began = time.perf_counter()

    for text in texts:
        parse(text)

    assert (time.perf_counter() - began) / len(texts) < 0.25


@pytest.mark.parametrize(
    "filler", ["1. Requests the Secretary-General to report annually;\n\n", "word ", "(a) x\n", "“ "]
)
def test_long_text_is_read_in_good_time(filler: str) -> None:
    text = (SHIPPED / "itu-council-r1306-c15.txt").read_text(encoding="utf-8")
    text += filler * (100_000 // len(filler))
    began = time.perf_counter()

    parse(text)

    assert time.perf_counter() - began < 5


LINES = (SHIPPED / "itu-council-r1306-c15.txt").read_text(encoding="utf-8").split("\n")
STRAY = st.sampled_from(
    [
        "",
        "\f",
        "- 3 -",
        "1",
        "1.",
        "(a)",
        "(i)",
        "1.1",
        "“",
        "”",
        "resolves",
        "considering",
        "Annex",
        "RESOLVED, that",
        "II",
    ]
) | st.text(max_size=30)


def mutated(lines: list[str], cuts: list[int], strays: list[tuple[int, str]], ending: str) -> None:
    """A text with lines taken out and stray ones put in is read or refused, each paragraph with its own words."""
    kept = [line for place, line in enumerate(lines) if place not in set(cuts)]
    for place, stray in strays:
        kept.insert(min(place, len(kept)), stray)
    text = ending.join(kept)

    try:
        resolution = parse(text)
    except ParseError:
        return

    paths = [one.path for one in resolution.operative]
    assert len(set(paths)) == len(paths)
    for one in (*resolution.preambular, *resolution.operative):
        assert " ".join("".join(text[a:b] for a, b in one.span).split()) == one.text


CUTS = st.lists(st.integers(0, len(LINES) - 1), max_size=25)
STRAYS = st.lists(st.tuples(st.integers(0, len(LINES)), STRAY), max_size=15)
ENDINGS = st.sampled_from(["\n", "\r\n", " ", "\n\n"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=CUTS, strays=STRAYS, ending=ENDINGS)
def test_mutated_text_never_crashes(cuts: list[int], strays: list[tuple[int, str]], ending: str) -> None:
    mutated(LINES, cuts, strays, ending)


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), cuts=CUTS, strays=STRAYS, ending=ENDINGS)
def test_ten_thousand_mutated_texts_never_crash(
    readings: list[tuple[Entry, str, ParsedResolution]],
    data: st.DataObject,
    cuts: list[int],
    strays: list[tuple[int, str]],
    ending: str,
) -> None:
    _, text, _ = data.draw(st.sampled_from(readings))

    mutated(text.split("\n"), cuts, strays, ending)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = len(parse(text).operative)
    except ParseError as error:
        found = len(error.message)

    assert found
