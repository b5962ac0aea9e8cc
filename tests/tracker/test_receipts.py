"""Who gets what of a receipt and of the log: in full what they may see, all else by its hash alone; and the proof holds for all."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.checker import Checker
from tests.people import World
from tracker import audit, history
from tracker.log import exporting, receipts, sealing
from tracker.models import Event, EventWords, Head
from workflows import steps

SECRET = "slate-and-copper"


@pytest.fixture
def talked(world: World) -> World:
    """Something was said about the item for those who work on it, one comment was taken back, and all is sealed."""
    turn, by = world.due, world.people["contributor"]
    steps.assign(turn, lead=by, by=world.people["chair"])
    steps.comment(turn, by=by, text=SECRET, visibility="restricted")
    gone = steps.comment(turn, by=by, text="Taken-back words.")
    steps.take_back_comment(gone, by=by)
    sealing.seal()
    return world


def receipt_for(world: World, name: str, **query: str) -> dict[str, Any]:
    client = Client()
    client.force_login(world.people[name])
    answer = client.get("/items/council/r1-1.2-c18/receipt/", query)
    assert answer.status_code == 200, answer
    return json.loads(answer.content)


def by_hash_alone(told: dict[str, Any]) -> list[int]:
    return [entry["number"] for entry in told["entries"] if entry["event"] is None]


# Who gets what --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shut"),
    [
        ("contributor", []),  # the author of what was taken back
        ("secretary", [4, 5]),
        ("auditor", [4, 5]),
        ("chair", [4, 5]),
        ("councillor", [3, 4, 5]),
    ],
)
def test_receipt_holds_what_its_reader_may_see_and_the_rest_by_its_hash(talked, tmp_path, name, shut):
    told = receipt_for(talked, name)

    assert len(told["entries"]) == 5
    assert by_hash_alone(told) == shut
    assert (SECRET in json.dumps(told)) is (3 not in shut)
    assert ("Taken-back" in json.dumps(told)) is (4 not in shut)
    checker = Checker(tmp_path)
    code, said = checker.asked("receipt", checker.put("r.json", told))
    assert code == 0, said


def test_receipt_without_the_guard_would_tell(talked):
    """The control: there is something that could leak."""
    assert SECRET in json.dumps(receipts.receipt(talked.due))


def test_row_of_which_only_the_words_changed_is_shut_too(talked):
    """A correction names a paper only in its words."""
    event = Event(changes={"corrects": [None, 2]}, words_hash="x")
    EventWords(event=event, words={"report:7.text": ["", SECRET]})

    assert list(history.rows(event)) == [("report", 7)]


def test_outsider_gets_none_and_an_anonymous_reader_is_asked_to_log_in(talked, client):
    address = "/items/council/r1-1.2-c18/receipt/"
    assert client.get(address).status_code == 302
    client.force_login(talked.people["outsider"])
    assert client.get(address).status_code == 404


def test_receipt_of_one_entry(talked):
    told = receipt_for(talked, "chair", entry="2")

    assert (told["whole"], [entry["number"] for entry in told["entries"]]) == (False, [2])


@pytest.mark.parametrize("entry", ["0", "99", "-1", "x", "", "9" * 40, "²"])
def test_entry_that_is_not_there(talked, client, entry):
    client.force_login(talked.people["chair"])
    assert client.get("/items/council/r1-1.2-c18/receipt/", {"entry": entry}).status_code == 404


def test_page_of_the_item_offers_it(talked, client):
    client.force_login(talked.people["chair"])
    page = client.get("/items/council/r1-1.2-c18/").content.decode()

    assert 'href="/items/council/r1-1.2-c18/receipt/"' in page


def test_receipt_is_a_file_to_keep(talked, client):
    client.force_login(talked.people["chair"])
    answer = client.get("/items/council/r1-1.2-c18/receipt/")

    assert answer["Content-Disposition"] == 'attachment; filename="receipt-council-r1-1.2-c18.json"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/json", "nosniff")


def test_cost_of_a_receipt_does_not_grow_with_the_entries(talked, django_assert_num_queries):
    with django_assert_num_queries(5):
        receipts.receipt(talked.due)
    for _again in range(20):
        steps.comment(talked.due, by=talked.people["contributor"], text="More.")
    sealing.seal()
    with django_assert_num_queries(5):
        receipts.receipt(talked.due)


# For programs ---------------------------------------------------------------------------------------------------------


def test_programs_get_the_same(talked, client):
    client.force_login(talked.people["councillor"])
    answer = client.get("/api/v1/occurrences/council/r1-1.2-c18/receipt/")

    assert answer.status_code == 200
    assert answer.json() == receipt_for(talked, "councillor")


@pytest.mark.parametrize(
    ("query", "status"),
    [("entry=2", 200), ("entry=99", 404), ("entry=0", 400), ("entry=x", 400), ("entry=", 400), ("a=1", 400)],
)
def test_programs_are_told_what_is_wrong(talked, client, query, status):
    client.force_login(talked.people["chair"])
    assert client.get(f"/api/v1/occurrences/council/r1-1.2-c18/receipt/?{query}").status_code == status


# The whole log --------------------------------------------------------------------------------------------------------


def export_for(world: World, name: str, **query: str) -> tuple[int, list[dict[str, Any]]]:
    client = Client()
    client.force_login(world.people[name])
    answer = client.get("/log/export.jsonl", query)
    if answer.status_code != 200:
        return answer.status_code, []
    return 200, [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def test_auditor_takes_the_whole_log_along(talked, tmp_path):
    code, (top, *lines) = export_for(talked, "auditor")

    assert (code, top["complete"], top["size"], len(lines)) == (200, True, Event.objects.count(), top["size"])
    assert not any("words" in line for line in lines)
    checker = Checker(tmp_path)
    text = "\n".join(json.dumps(line) for line in (top, *lines))
    assert checker.asked("export", checker.put("log.jsonl", text))[0] == 0


def test_words_come_along_where_they_are_asked_for(talked):
    _code, lines = export_for(talked, "secretary", words="1")

    assert SECRET in json.dumps(lines)
    assert "Taken-back" not in json.dumps(lines)


def test_what_came_after_a_head(talked):
    size = Head.objects.get().size
    steps.comment(talked.due, by=talked.people["chair"], text="Later.")
    sealing.seal()

    _code, (top, *lines) = export_for(talked, "auditor", since=str(size))
    assert (top["since"], [line["position"] for line in lines]) == (size, [size])


@pytest.mark.parametrize("since", ["x", "-1", "99999", "9" * 40])
def test_bad_beginning_is_said(talked, since):
    assert export_for(talked, "auditor", since=since)[0] == 400


@pytest.mark.parametrize("name", ["chair", "contributor", "councillor", "outsider"])
def test_nobody_else_takes_the_log_along(talked, name):
    assert export_for(talked, name)[0] == 403


def test_log_without_a_head_is_said(world):
    assert export_for(world, "auditor")[0] == 400
    with pytest.raises(CommandError, match="Nothing is sealed yet"):
        call_command("export_log")


def test_export_reads_in_batches(talked, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(exporting, "BATCH", 3)
    whole = list(exporting.lines())
    some = list(exporting.lines(Event.objects.filter(stream=audit.stream(talked.due))))
    monkeypatch.setattr(exporting, "BATCH", 1_000)

    assert whole == list(exporting.lines())
    assert some == list(exporting.lines(Event.objects.filter(stream=audit.stream(talked.due))))
    with django_assert_max_num_queries(4):
        list(exporting.lines())


def test_filtered_export_ends_with_what_is_not_sealed(talked):
    steps.comment(talked.due, by=talked.people["chair"], text="Later.")
    lines = [json.loads(line) for line in exporting.lines(Event.objects.filter(stream=audit.stream(talked.due)))]

    assert lines[0]["complete"] is False
    assert [line["event"]["number"] for line in lines[1:]] == [1, 2, 3, 4, 5, 6]
    assert (lines[-1]["position"], lines[-1]["path"]) == (None, None)


# Commands -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["nothing", "council/r9-1-c18", "resolution:council/r9", ""])
def test_receipt_of_nothing_is_said(talked, reference):
    with pytest.raises(CommandError, match="Nothing is known of"):
        call_command("receipt", reference)


@pytest.mark.parametrize("entry", [0, -1, 99])
def test_receipt_of_an_entry_that_is_not_there_is_said(talked, entry):
    with pytest.raises(CommandError):
        call_command("receipt", "council/r1-1.2-c18", entry=entry)


def test_export_to_where_nothing_can_be_written_is_said_and_leaves_nothing(talked, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_log", out=str(tmp_path / "gone" / "log.jsonl"))
    assert list(tmp_path.iterdir()) == []
