"""The clock goes on whatever an event holds, and tells nobody of an event that Resolves did not write."""

from typing import Any

import pytest

from tests.histories import past_the_guards, undone
from tests.people import World
from tests.reliability.recorded import seal
from tests.reliability.spoiling import Spoilable, deeds, deeds_on_words
from tests.reliability.test_tampering import forged
from tracker import audit
from tracker.log import live
from tracker.models import Announcement, Assignment, Event, Heartbeat, Leaf, Message, Notice, Occurrence
from workflows import notices, rounds, steps
from workflows.notices import hearing


def all_of_the_day() -> rounds.Round:
    """A round with what is done once a day."""
    Heartbeat.objects.all().delete()
    return rounds.run()


def sent(turn: Occurrence, kind: str) -> list[str]:
    """To whom a kind of notice about a turn went."""
    found = Notice.objects.filter(occurrence=turn, kind=kind, state=Notice.State.SENT)
    return sorted(found.values_list("person__username", flat=True))


# What is spoilt ---------------------------------------------------------------------------------------------------------------


def test_reminders_go_out_whatever_the_events_of_the_turn_hold(spoilable: Spoilable, settings: Any) -> None:
    """It is the day of the rung of fourteen days."""
    today, settings.RESOLVES_NOW = settings.RESOLVES_NOW, "2018-02-26T09:00"
    rounds.run()
    settings.RESOLVES_NOW = today
    for name, deed in [*deeds(), *deeds_on_words()]:
        with undone():
            deed(spoilable.worded if name.startswith("words =") else spoilable.events)

            done = all_of_the_day()

            assert done.failed == [], name
            assert sent(spoilable.turn, "reminder"), name
            assert sent(spoilable.other, "reminder"), name


def test_what_happened_is_told_though_an_event_was_spoilt_before_its_mail(spoilable: Spoilable) -> None:
    """Its notices stand already; nobody of the others waits, of the same turn neither."""
    while events := notices.unannounced():
        notices.announce(events)
    assert Notice.objects.filter(event__in=spoilable.events, state=Notice.State.PLANNED).exists()
    for name, deed in [*deeds(), *deeds_on_words()]:
        with undone():
            deed(spoilable.worded if name.startswith("words =") else spoilable.events)

            done = rounds.run()

            assert {*done.failed} <= {"seal"}, name
            waiting = Notice.objects.filter(state__in=[Notice.State.PLANNED, Notice.State.QUEUED], event__isnull=False)
            assert not waiting.filter(event__in=spoilable.events).exists(), name
            assert not Message.objects.exclude(state=Message.State.SENT).exists(), name


def test_steps_go_on_after_a_spoilt_event(spoilable: Spoilable) -> None:
    for name, deed in [*deeds(), *deeds(further=True)]:
        with undone():
            deed(spoilable.events)
            for text in ("A line.", "Another line."):
                steps.comment(spoilable.turn, by=spoilable.world.chair, text=text)
                steps.comment(spoilable.other, by=spoilable.world.chair, text=text)

            mine = Event.objects.filter(subject_id=spoilable.turn.pk, verb="occurrence.commented").latest("pk")

            assert live.states([mine]) == {mine.pk: ""}, name


# What is forged ---------------------------------------------------------------------------------------------------------------


def put_in(turn: Occurrence, number: int = 0) -> Event:
    """An event that asks somebody to lead, written past us."""
    last = Event.objects.filter(stream=audit.stream(turn)).latest("number")
    made = forged(last.stream, number=number or last.number + 1, before=last.hash if not number else f"{number:064x}")
    made.pk, made.verb, made.subject_id = None, "occurrence.assigned", turn.pk
    made.changes = {f"assignment:{one.pk}.part": [None, "lead"] for one in Assignment.objects.filter(occurrence=turn)}
    made.hash = audit.digest(made)
    made.save(force_insert=True)
    return made


@pytest.fixture
def told(world: World) -> World:
    """A turn that is assigned; everybody was told."""
    world.walk("assigned")
    seal()
    rounds.run()
    assert not hearing.unannounced()
    return world


def test_nobody_is_told_of_a_forged_event_and_everybody_of_the_others(told: World) -> None:
    made = put_in(told.due)
    steps.hold(told.past, by=told.chair, reason="Waiting for figures.")
    held = Event.objects.latest("pk")

    done = rounds.run()

    assert "seal" in done.failed
    assert not {*done.failed} & {"events", "sweep"}
    assert Announcement.objects.filter(event=held).exists()
    assert not Announcement.objects.filter(event=made).exists()
    assert not Notice.objects.filter(event=made).exists()


def test_control_without_asking_whose_it_is_a_forged_event_is_mailed(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = put_in(told.due)
    monkeypatch.setattr("workflows.notices.hearing.live.ours", set)

    rounds.run()

    assert Notice.objects.filter(event=made, state=Notice.State.SENT).exists()


def test_forged_event_with_a_leaf_of_its_own_is_told_to_nobody(told: World) -> None:
    """A leaf that no head covers vouches for nothing: sealing refuses altogether, and what is ours is told all the same."""
    made = put_in(told.due)
    Leaf.objects.create(position=Leaf.objects.count(), event=made, hash="00" * 32)
    steps.submit(steps.accept(told.due, by=told.contributor), by=told.contributor, text="What was done.")
    submitted = Event.objects.get(verb="occurrence.submitted")

    done = rounds.run()

    assert "seal" in done.failed
    assert not Leaf.objects.filter(event=submitted).exists()
    assert sent(told.due, "submitted") == ["chair"]
    assert not Notice.objects.filter(event=made).exists()


def test_sealed_event_that_was_changed_is_told_to_nobody(told: World) -> None:
    event = Event.objects.filter(verb="occurrence.assigned").latest("pk")
    Notice.objects.filter(event=event).delete()
    Announcement.objects.filter(event=event).delete()
    with undone():
        rounds.run()
        assert Notice.objects.filter(event=event).exists()  # control: as it was written
    past_the_guards("UPDATE tracker_event SET means = 'link' WHERE id = %s", params=[event.pk])

    rounds.run()

    assert not Notice.objects.filter(event=event).exists()


def test_forged_events_in_front_keep_nobody_waiting(told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "BATCH", 2)
    made = [put_in(told.due, number).pk for number in range(1_001, 1_006)]
    for text in ("A line.", "Another line."):
        steps.comment(told.past, by=told.chair, text=text)

    rounds.run()

    comments = Event.objects.filter(verb="occurrence.commented")
    assert comments.count() == Announcement.objects.filter(event__in=comments).count() == 2
    assert not Announcement.objects.filter(event__in=made).exists()
