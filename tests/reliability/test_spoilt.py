"""An event that was spoilt past reading takes no page, no file and no answer with it: it is shown as spoilt, all others as ever.

Each deed is done to five events of one turn at once, then taken back; the stage is built once a test.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models

from tests.checker import Checker
from tests.histories import undone
from tests.reliability.recorded import found
from tests.reliability.spoiling import Deed, Spoilable, deeds, deeds_on_words, spoil
from tracker.log import findings, words
from tracker.models import Event, legible

MARK = "This entry does not verify."


def opened(stage: Spoilable, *, everywhere: bool = False, hidden: bool = False) -> dict[str, str]:
    """What every place says, by its address; each has answered. `hidden`: that an entry is not the reader's to see may have been
    spoilt too."""
    said = {}
    for reader, address in (*stage.places(), *(stage.further_places() if everywhere else ())):
        status, said[address] = stage.answer(reader, address)
        assert status == 200 or (hidden and status in (403, 404)), (reader, address, status)
    return said


def named_in_table(text: str) -> int:
    """How many entries of the history's table do not verify."""
    return sum(bool(row["Does not verify"]) for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def require_named(stage: Spoilable, deed: Deed, events: list[int]) -> None:
    """That each is found and named, and marked wherever it stands; that what stands beside them is as it was."""
    deed(events)
    wrong = {one.event for one in found().findings}
    findings.keep(found().findings)
    said = opened(stage)

    item = f"/items/{stage.turn.reference}/"
    changed = [pk for pk in events if pk in wrong]
    assert changed == events or len(changed) == 1  # a number or a hash cannot be given to two
    assert said[item].count(MARK) >= len(changed)
    assert said["/history/"].count(MARK) >= len(changed)
    assert named_in_table(said["/history/export.csv"]) >= len(changed)
    told = json.loads(said[f"/api/v1/events/?subject={stage.turn.reference}"])["results"]
    assert sum(one["does_not_verify"] for one in told) >= len(changed)
    assert not all(one["does_not_verify"] for one in told)
    status, other = stage.answer("secretary", f"/items/{stage.other.reference}/")
    assert (status, other.count(MARK)) == (200, 0)
    assert "Nothing came of this one." in other


def test_nothing_is_marked_where_nothing_was_done(spoilable: Spoilable) -> None:
    """The control of the tests below; once with every place and filter."""
    said = opened(spoilable, everywhere=True)

    assert not any(MARK in text for text in said.values())
    assert named_in_table(said["/history/export.csv"]) == 0
    told = json.loads(said[f"/api/v1/events/?subject={spoilable.turn.reference}"])["results"]
    assert not any(one["does_not_verify"] for one in told)


def test_spoilt_events_take_no_place_with_them_and_are_marked_there(spoilable: Spoilable) -> None:
    for _name, deed in deeds():
        with undone():
            require_named(spoilable, deed, spoilable.events)


def test_spoilt_words_take_no_place_with_them_and_are_marked_there(spoilable: Spoilable) -> None:
    for _name, deed in deeds_on_words():
        with undone():
            require_named(spoilable, deed, spoilable.worded)


@pytest.mark.slow
def test_events_spoilt_in_further_ways_take_no_place_with_them(spoilable: Spoilable) -> None:
    for _name, deed in deeds(further=True):
        with undone():
            deed(spoilable.events)
            assert found().found
            opened(spoilable, hidden=True)


@pytest.mark.soak
def test_spoilt_events_take_no_filter_and_no_other_reader_with_them(spoilable: Spoilable) -> None:
    for _name, deed in [*deeds(), *deeds(further=True)]:
        with undone():
            deed(spoilable.events)
            opened(spoilable, everywhere=True, hidden=True)


def test_what_cannot_be_read_is_shown_as_that(spoilable: Spoilable) -> None:
    item, events = f"/items/{spoilable.turn.reference}/", spoilable.events
    moment = "'infinity'" if connection.vendor == "postgresql" else "'some day'"
    assert "cannot be read" not in spoilable.answer("secretary", item)[1]
    for column, value, row in (
        ("changes", "'[1]'", {"changes": {"unreadable": [None, True]}}),
        ("recorded_at", moment, {"recorded_at": None}),
        ("effective_on", moment, {"effective_on": None}),
    ):
        with undone():
            spoil(column, value, events)

            assert spoilable.answer("secretary", item)[1].count("cannot be read") >= len(events)

            told = json.loads(spoilable.answer("secretary", f"/api/v1/events/?subject={spoilable.turn.reference}")[1])
            wrong = [one for one in told["results"] if one["does_not_verify"]]
            assert len(wrong) == len(events)  # no check has looked yet: it cannot be read
            assert all(one | row == one for one in wrong)


def test_finding_that_stands_is_told_by_the_api(spoilable: Spoilable) -> None:
    """Also about an event that can be read very well."""
    address = f"/api/v1/events/?subject={spoilable.turn.reference}"
    with undone():
        spoil("means", "'admin'", spoilable.events[:1])
        told = json.loads(spoilable.answer("secretary", address)[1])["results"]
        assert not any(one["does_not_verify"] for one in told)  # nobody has looked yet
        findings.keep(found().findings)

        told = json.loads(spoilable.answer("secretary", address)[1])["results"]

        number = Event.objects.get(pk=spoilable.events[0]).number
        assert [one["number"] for one in told if one["does_not_verify"]] == [number]


def test_receipt_with_a_spoilt_event_is_not_sound(spoilable: Spoilable, tmp_path: Path) -> None:
    checker = Checker(tmp_path)
    receipt = f"/items/{spoilable.turn.reference}/receipt/"
    checker.put("receipt.json", spoilable.answer("auditor", receipt)[1])
    assert checker.asked("receipt", "receipt.json")[0] == 0  # control
    moment = "'infinity'" if connection.vendor == "postgresql" else "'some day'"
    for column, value in (("changes", "'null'"), ("effective_on", moment), ("recorded_at", moment)):
        with undone():
            spoil(column, value, spoilable.events[:1])
            checker.put("receipt.json", spoilable.answer("auditor", receipt)[1])

            code, said = checker.asked("receipt", "receipt.json")

            assert code == 1
            assert "was changed" in said


# Controls -----------------------------------------------------------------------------------------------------------------------


def fails(stage: Spoilable, address: str, reader: str = "secretary") -> bool:
    return stage.answer(reader, address)[0] == 500


def test_control_with_columns_of_django_spoilt_json_takes_the_page_with_it(
    spoilable: Spoilable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legible._JSON, "from_db_value", models.JSONField.from_db_value)
    monkeypatch.setattr(legible.Legible, "from_db", classmethod(models.Model.from_db.__func__))  # type: ignore[attr-defined]
    spoil("changes", "'[1]'", spoilable.events)

    assert fails(spoilable, f"/items/{spoilable.turn.reference}/")


def test_control_with_columns_of_django_a_spoilt_moment_takes_the_page_with_it(
    spoilable: Spoilable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legible.MomentField, "select_format", models.Field.select_format)
    monkeypatch.setattr(legible.MomentField, "from_db_value", lambda _self, value, *_how: value)
    monkeypatch.setattr(legible.Legible, "from_db", classmethod(models.Model.from_db.__func__))  # type: ignore[attr-defined]
    spoil("recorded_at", "'infinity'" if connection.vendor == "postgresql" else "'some day'", spoilable.events)

    assert fails(spoilable, f"/items/{spoilable.turn.reference}/")


@pytest.mark.sqlite
def test_control_with_a_connection_of_python_spoilt_letters_take_the_page_with_them(spoilable: Spoilable) -> None:
    spoil("request_id", "CAST(x'ff' AS TEXT)", spoilable.events)
    raw: Any = connection.connection
    ours, raw.text_factory = raw.text_factory, str
    try:
        assert fails(spoilable, "/history/")
    finally:
        raw.text_factory = ours


@pytest.mark.sqlite
def test_control_without_asking_whether_it_is_json_the_board_fails(
    spoilable: Spoilable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legible, "_valid", lambda sql, params, _connection: (sql, list(params)))
    spoil("changes", "'{'", spoilable.events)

    assert fails(spoilable, "/board/", "chair")


def test_words_for_what_is_found_are_those_of_the_page(spoilable: Spoilable) -> None:
    spoil("changes", "'[1]'", spoilable.events)

    assert words.seen("changed") in spoilable.answer("secretary", f"/items/{spoilable.turn.reference}/")[1]
