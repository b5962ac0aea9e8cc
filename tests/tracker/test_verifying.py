"""Verifying: what is hashed quickly is what the book says; what a page is told; the command."""

import json
import random
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import histories
from tests.histories import past_the_guards, undone
from tests.people import World
from tests.record import new_heads
from tracker import audit, keys
from tracker.log import judging, live, published, rows, sealing
from tracker.log.tree import Tree
from tracker.log.verifying import verify
from tracker.models import Event, EventWords, Head, Leaf
from tracker.proofs import digests, merkle
from tracker.proofs.canonical import canonical
from workflows import steps

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@pytest.fixture
def history(db: None) -> None:
    """700 events in three heads."""
    histories.fill(7, 700, sealed_every=300)


def found(since: int = 0) -> list[tuple[str, int | None]]:
    return [(one.kind, one.event) for one in verify(since=since, replay=False).findings]


# Hashed quickly -------------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON)
def test_json_rewritten_quickly_is_canonical(value: Any) -> None:
    assert judging.rewritten(json.dumps(value)) == canonical(value).decode()
    assert judging.rewritten(json.dumps(value, indent=1, ensure_ascii=False)) == canonical(value).decode()


@pytest.mark.parametrize("text", ["", "{", '{"a": NaN}', '{"a": 1} x', '{"a": 9007199254740993}', "nul"])
def test_what_is_no_json_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        judging.rewritten(text)


def test_row_is_hashed_as_the_event_is(history: None) -> None:
    known = keys.event_keys()
    events = {event.pk: event for event in Event.objects.all()}
    read = [row for page in rows.whole(700) for row in page]
    assert len(read) == 700
    for row in read:
        kind, hash_ = judging.judged(row, known, logged=True)
        assert (kind, hash_) == ("", audit.digest(events[row[0]]))
        message, _hash = judging._digest(row)
        assert message == digests.message(audit.columns(events[row[0]]))


@pytest.mark.parametrize(
    "moment",
    ["2018-02-16T09:00:00", "2018-02-16T09:00:00.000001", "2018-02-16T09:00:00.120000", "0999-12-31T23:59:59.5"],
)
def test_moments_are_read_to_the_microsecond(db: None, moment: str) -> None:
    at = timezone.datetime.fromisoformat(moment).replace(tzinfo=timezone.get_default_timezone())
    random_ = random.Random(1)
    (event,) = histories.events(random_, 1, streams=1)
    event.recorded_at, event.effective_on = at, date(999, 1, 2)
    event.mac = digests.code(audit.columns(event), keys.event_key())
    event.hash = audit.digest(event)
    Event.objects.bulk_create([event])

    ((row,),) = list(rows.whole(0))

    assert judging.judged(row, keys.event_keys(), logged=False) == ("", event.hash)


# The whole and a part -----------------------------------------------------------------------------------------------------


def test_untouched_record_passes_and_tells_how_far_it_is(history: None) -> None:
    told: list[tuple[int, int]] = []

    report = verify(replay=False, progress=lambda done, total: told.append((done, total)))

    assert (report.size, report.events, report.found, report.findings) == (700, 700, 0, ())
    assert report.root == Tree().root(700).hex()
    assert told[0] == (0, 700)
    assert told[-1] == (700, 700)
    assert told == sorted(told)


def test_empty_record_passes(db: None) -> None:
    report = verify(replay=False)

    assert (report.size, report.events, report.root, report.found) == (0, 0, merkle.EMPTY.hex(), 0)


def test_pages_are_read_without_a_row_lost_or_doubled(history: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 7, 699, 700, 701):
        monkeypatch.setattr(rows, "PAGE", size)
        read = [(row[1], row[2]) for page in rows.whole(700) for row in page]
        assert len(read) == len(set(read)) == 700


@pytest.mark.parametrize("since", [300, 600, 700, 512])
def test_part_since_a_head_reads_only_what_came_after(history: None, since: int) -> None:
    assert verify(since=since, replay=False).events == 700 - since
    assert found(since) == []

    later = Leaf.objects.filter(position__gte=since).order_by("position").last()
    earlier = Leaf.objects.filter(position__lt=since).order_by("position")[5]
    for leaf, seen in ((later, True), (earlier, False)):
        if leaf is None:
            continue
        with undone():
            past_the_guards("UPDATE tracker_event SET means = 'admin' WHERE id = %s", params=[leaf.event_id])
            assert found(since) == ([("changed", leaf.event_id)] if seen else [])


def test_part_since_a_head_does_not_go_on_from_another_log(history: None) -> None:
    head = next(head for head in published.everything() if head.size == 600)
    assert verify(since=600, held=head, replay=False).found == 0

    with undone():
        past_the_guards("UPDATE tracker_leaf SET hash = %s WHERE position = 580", params=["00" * 32])
        kinds = {one.kind for one in verify(since=600, held=head, replay=False).findings}
        assert {"head", "exported"} <= kinds
    assert [one.kind for one in verify(since=900, replay=False).findings] == ["tail"]


def test_event_that_is_not_sealed_in_time_is_late(world: World, settings: LazySettings) -> None:
    sealing.seal()
    steps.hold(world.due, by=world.chair, reason="Waiting for figures.")
    event = Event.objects.latest("pk")
    assert found() == []

    settings.RESOLVES_NOW = "2018-02-17T09:00"

    assert found() == [("late", event.pk)]
    sealing.seal()
    assert found() == []


def test_thousands_of_findings_are_counted_and_the_first_thousand_kept(db: None) -> None:
    histories.fill(2, 1_200, hard=False)
    past_the_guards("UPDATE tracker_event SET means = 'admin', subject_id = subject_id + 1")

    report = verify(replay=False)

    assert (report.found, len(report.findings)) == (1_200, 1_000)


def test_words_emptied_in_the_old_way_pass(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While events had form 1, anonymising did not say what it emptied."""
    monkeypatch.setattr(digests, "PRESENT_FORM", 1)
    person = world.people["outsider"]
    person.name = "Another name"
    event = audit.record(person, "person.joined", by=None)
    assert event is not None
    past_the_guards("UPDATE tracker_event SET mac = '' WHERE algorithm = 1")
    EventWords.objects.filter(event=event).update(salt="", words={})
    sealing.seal()
    assert found() == [("words_emptied", event.pk)]
    past_the_guards("DELETE FROM tracker_head", "DELETE FROM tracker_leaf")
    new_heads()

    audit.record(person, "person.anonymised", by=None, words={"reason": "On request."})
    past_the_guards("UPDATE tracker_event SET mac = '' WHERE algorithm = 1")
    sealing.seal()

    assert found() == []


@pytest.fixture
def of_old(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Event]:
    """A history of form 1, sealed since: two comments, one of which named somebody who was anonymised after it."""
    monkeypatch.setattr(digests, "PRESENT_FORM", 1)
    person = world.people["helper"]
    comments = []
    for name in ("contributor", "helper"):
        steps.comment(world.due, by=world.chair, text=f"What does @{name} say?")
        comments.append(Event.objects.latest("pk"))
    person.name = "Another name"
    account = audit.record(person, "person.joined", by=None)
    gone = audit.record(person, "person.anonymised", by=None, words={"reason": "On request."})
    person.name = "A third name"
    later = audit.record(person, "person.joined", by=None)
    past_the_guards("UPDATE tracker_event SET mac = '' WHERE algorithm = 1")
    sealing.seal()
    assert found() == []
    assert account
    assert gone
    assert later
    return {"another": comments[0], "named": comments[1], "account": account, "gone": gone, "later": later}


def emptied(event: Event) -> list[tuple[str, int]]:
    """What is found when the words beside an event are taken away, without saying so."""
    assert EventWords.objects.filter(event=event).exclude(words={}).exists()
    with undone():
        past_the_guards("UPDATE tracker_eventwords SET salt = '', words = '{}' WHERE event_id = %s", params=[event.pk])
        return found()


def test_only_words_that_anonymising_emptied_in_the_old_way_pass(of_old: dict[str, Event]) -> None:
    """Those of the account, and those of a comment that had named it; before it was anonymised."""
    assert emptied(of_old["account"]) == emptied(of_old["named"]) == []
    for name in ("another", "gone", "later"):
        assert emptied(of_old[name]) == [("words_emptied", of_old[name].pk)], name


def test_anonymising_in_the_old_way_excuses_nothing_unless_the_log_vouches_for_it(of_old: dict[str, Event]) -> None:
    """Else somebody could write it beside words that they took away."""
    with undone():
        past_the_guards("DELETE FROM tracker_leaf WHERE event_id = %s", params=[of_old["gone"].pk])

        assert ("words_emptied", of_old["named"].pk) in emptied(of_old["named"])


# As a page shows it -----------------------------------------------------------------------------------------------------------


def test_page_of_events_is_told_what_is_wrong_with_each(history: None) -> None:
    events = list(Event.objects.order_by("pk")[:25])
    assert set(live.states(events).values()) == {""}
    with_words = next(event for event in events if event.words_hash)
    past_the_guards("UPDATE tracker_event SET verb = 'body.added' WHERE id = %s", params=[events[3].pk])
    past_the_guards("UPDATE tracker_leaf SET hash = %s WHERE event_id = %s", params=["00" * 32, events[4].pk])
    past_the_guards("UPDATE tracker_eventwords SET salt = 'a' WHERE event_id = %s", params=[with_words.pk])

    wrong = {pk: kind for pk, kind in live.states(events).items() if kind}

    assert wrong == {events[3].pk: "changed", events[4].pk: "leaf", with_words.pk: "words"}
    assert live.states([]) == {}


def test_page_of_events_costs_four_questions(history: None, django_assert_num_queries: Any) -> None:
    events = list(Event.objects.order_by("pk")[:25])

    with django_assert_num_queries(4):
        live.states(events)


def test_stream_is_told_whole(history: None) -> None:
    stream = Event.objects.filter(number=5).values_list("stream", flat=True)[0]
    count = Event.objects.filter(stream=stream).count()
    assert live.stream_state(stream) == live.StreamState(True, count, count, "")

    with undone():
        past_the_guards("DELETE FROM tracker_event WHERE stream = %s AND number = 3", params=[stream])
        assert live.stream_state(stream) == live.StreamState(False, count - 1, count - 1, "gap")
    with undone():
        past_the_guards("UPDATE tracker_event SET means = 'admin' WHERE stream = %s AND number = 3", params=[stream])
        assert live.stream_state(stream).problem == "changed"
    assert live.stream_state("occurrence:none") == live.StreamState(True, 0, 0, "")


# The command -----------------------------------------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", "--no-replay", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_command_says_that_nothing_was_found(history: None) -> None:
    code, words = command()

    assert code == 0
    assert "Read 700 events" in words
    assert "the record is as it was written" in words
    assert Tree().root(700).hex() in words


def test_command_names_the_row_and_ends_with_1(history: None) -> None:
    event = Event.objects.get(pk=123)
    past_the_guards("UPDATE tracker_event SET means = 'admin' WHERE id = 123")

    code, words = command()

    assert code == 1
    assert f"{event.stream}, number {event.number}, event 123: a column of the event was changed." in words
    code, words = command("--json")
    told = json.loads(words)
    assert (code, told["found"], told["size"], told["events"], told["since"]) == (1, 1, 700, 700, 0)
    assert told["findings"] == [
        {
            "kind": "changed",
            "words": "a column of the event was changed",
            "event": 123,
            "stream": event.stream,
            "number": event.number,
            "position": None,
            "facts": {},
        }
    ]


def test_command_takes_a_head_that_somebody_kept(history: None, tmp_path: Path) -> None:
    file = tmp_path / "head"
    head = Head.objects.get(size=600)
    file.write_text(head.note)

    assert command("--since", str(file))[0] == 0
    assert "100 events after the first 600" in command("--since", "600")[1]
    for text in ("no head", head.note.replace("\n600\n", "\n601\n")):
        file.write_text(text)
        with pytest.raises(CommandError) as refused:
            command("--since", str(file))
        assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="neither a number nor a file"):
        command("--since", "nowhere/at/all")


def test_memory_does_not_grow_with_the_record(db: None) -> None:
    """Pages, not tables: the largest list that is held is a page."""
    assert connection.vendor in ("sqlite", "postgresql")
    histories.fill(5, 900, hard=False)
    assert max(len(page) for page in rows.whole(900)) <= rows.PAGE
