"""The record: every step writes one event, whole or not at all, chained, with the words that may be erased beside it."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rfc8785 import CanonicalizationError

from tests.acts import ACTS, REASON, prepared, take
from tests.people import World
from tests.record import everything, verified
from tracker import audit, clock, triggers
from tracker.middleware import RecordContextMiddleware
from tracker.models import Event, EventWords, Occurrence, Person, Precision, Substitution
from workflows import steps
from workflows.machines import STEPS


def last_event(turn: Occurrence) -> Event:
    return Event.objects.filter(stream=audit.stream(turn)).order_by("-number")[0]


def without_ids(changes: dict[str, Any]) -> set[str]:
    """The fields that changed, rows by their kind: `report:7.state` reads `report.state`."""
    return {f"{name.split(':')[0]}.{name.split('.')[1]}" if ":" in name else name for name in changes}


# One event a step, whole -------------------------------------------------------------------------------------------------


def test_table_names_every_step() -> None:
    assert tuple(ACTS) == STEPS


@pytest.mark.parametrize("step", ACTS)
def test_step_writes_exactly_one_event_with_from_and_to_by_field(world: World, step: str) -> None:
    turn, given = prepared(world, step)
    before = set(Event.objects.values_list("pk", flat=True))
    status = turn.status

    after = take(world, step, turn, given)

    (event,) = Event.objects.exclude(pk__in=before)
    assert (event.verb, event.stream) == (ACTS[step].verb, f"occurrence:{turn.reference}")
    assert (event.subject_type, event.subject_id, event.subject_reference) == ("occurrence", turn.pk, turn.reference)
    assert (event.actor, event.acting_for) == (world.people[ACTS[step].who], None)
    assert without_ids(event.changes) == set(ACTS[step].changes.split())
    assert event.changes.get("status", [status, status]) == [status, after.status]
    assert event.number == event.__class__.objects.filter(stream=event.stream).count()
    assert verified() > 0


@pytest.mark.parametrize("step", ACTS)
def test_step_is_taken_back_whole_where_its_event_cannot_be_written(world: World, step: str) -> None:
    turn, given = prepared(world, step)
    before = everything()
    refuse_new_events()

    with pytest.raises(DatabaseError):
        take(world, step, turn, given)

    assert everything() == before
    accept_new_events()
    assert take(world, step, turn, given).pk == turn.pk  # control: it was the event that stopped it
    assert everything() != before


def refuse_new_events() -> None:
    rule = {
        "sqlite": "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
        "postgresql": "FOR EACH ROW EXECUTE FUNCTION resolves_refuse()",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TRIGGER no_new_events BEFORE INSERT ON tracker_event {rule[connection.vendor]}")


def accept_new_events() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER no_new_events{' ON tracker_event' if connection.vendor == 'postgresql' else ''}")


def test_row_and_event_are_one_transaction(world: World) -> None:
    turn = world.due
    turn.due_on = date(2018, 3, 25)

    with pytest.raises(CanonicalizationError), transaction.atomic():
        audit.record(turn, "occurrence.due_date_changed", by=None, facts={"not for JSON": object()})

    assert world.due.due_on == date(2018, 3, 18)

    # control: saved by one transaction and recorded by another, the row would have changed without a word
    with transaction.atomic():
        turn.save(update_fields=["due_on"])
    with pytest.raises(CanonicalizationError), transaction.atomic():
        audit.record(turn, "occurrence.due_date_changed", by=None, facts={"not for JSON": object()})
    assert world.due.due_on == date(2018, 3, 25)
    assert last_event(turn).verb == "occurrence.planned"


def test_no_event_where_nothing_changed(world: World) -> None:
    before = everything()

    assert audit.record(world.due, "occurrence.due_date_changed", by=world.secretary) is None
    assert audit.record(world.due, "occurrence.due_date_changed", by=world.secretary, words={"reason": ""}) is None

    assert everything() == before


def test_verb_outside_the_register_is_refused(world: World) -> None:
    turn = world.due
    turn.due_on = date(2018, 3, 25)

    with pytest.raises(ValueError, match="register"):
        audit.record(turn, "occurrence.vanished", by=world.secretary)

    assert world.due.due_on == date(2018, 3, 18)


def test_changes_hold_from_and_to(world: World) -> None:
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 3, 25), reason=REASON)
    assert last_event(world.due).changes == {"due_on": ["2018-03-18", "2018-03-25"], "moved_by_choice": [0, 1]}

    turn = steps.assign(world.due, by=world.chair, lead=world.offices["contributor"])
    lead = turn.assignments.get()
    assert last_event(turn).changes == {
        "status": ["planned", "assigned"],
        f"assignment:{lead.pk}.occurrence": [None, turn.pk],
        f"assignment:{lead.pk}.part": [None, "lead"],
        f"assignment:{lead.pk}.office": [None, world.offices["contributor"].pk],
        f"assignment:{lead.pk}.acceptance": [None, "pending"],
        f"assignment:{lead.pk}.assigned_by": [None, world.chair.pk],
        f"assignment:{lead.pk}.assigned_at": [None, lead.assigned_at.isoformat()],
    }


# Words beside it ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ACTS)
def test_words_stand_beside_the_event_with_a_salted_hash(world: World, step: str) -> None:
    turn, given = prepared(world, step)

    take(world, step, turn, given)

    event = last_event(turn)
    assert REASON not in json.dumps(event.changes)
    assert REASON in json.dumps(event.words.words)
    assert audit.commitment(event.words.salt, event.words.words) == event.words_hash
    assert audit.commitment(event.words.salt, event.words.words | {"reason": "Otherwise."}) != event.words_hash


def test_same_words_have_another_hash_each_time(world: World) -> None:
    steps.hold(world.due, by=world.chair, reason=REASON)
    steps.resume(world.due, by=world.chair)
    steps.hold(world.due, by=world.chair, reason=REASON)

    hashes = Event.objects.filter(verb="occurrence.held").values_list("words_hash", flat=True)

    assert len(set(hashes)) == 2


def test_names_of_people_never_stand_in_the_event(world: World) -> None:
    person = Person(username="quartz", name="Quartz Nightingale", email="quartz@resolves.example")
    person.set_unusable_password()

    event = audit.record(person, "person.invited", by=world.secretary)

    assert event is not None
    said = json.dumps(event.changes) + event.stream + event.subject_reference
    assert "quartz" not in said.lower()
    assert event.words.words["name"] == [None, "Quartz Nightingale"]
    assert "password" not in event.changes | event.words.words
    assert event.subject_reference == str(person.pk)


def test_chain_still_verifies_after_words_are_erased(world: World) -> None:
    steps.hold(world.due, by=world.chair, reason=REASON)
    event = last_event(world.due)

    EventWords.objects.filter(event=event).update(salt="", words={})

    assert verified(words=False) == Event.objects.count()
    event.refresh_from_db()
    assert event.words_hash != ""


# Number and hash ---------------------------------------------------------------------------------------------------------


def test_each_stream_is_gapless_and_chained_from_its_name(world: World) -> None:
    turn = world.walk("closed")

    events = list(Event.objects.filter(stream=audit.stream(turn)).order_by("number"))

    assert [event.number for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[0].previous_hash == hashlib.sha256(f"occurrence:{turn.reference}".encode()).hexdigest()
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert [audit.digest(event) for event in events] == [event.hash for event in events]
    assert verified() == Event.objects.count()


@pytest.mark.parametrize(
    "forged",
    [
        {"verb": "occurrence.endorsed"},
        {"changes": {"status": ["planned", "closed"]}},
        {"actor": None},
        {"effective_on": date(2017, 1, 1)},
        {"recorded_at": "2017-01-01T00:00:00Z"},
        {"number": 7},
        {"words_hash": "0" * 64},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_chain_shows_a_forged_event(world: World, forged: dict[str, Any]) -> None:
    steps.hold(world.due, by=world.chair, reason=REASON)
    assert verified() > 0
    triggers.remove()  # what nobody can do while they are there

    Event.objects.filter(pk=last_event(world.due).pk).update(**forged)

    with pytest.raises(AssertionError):
        verified()


def test_chain_shows_a_removed_event(world: World) -> None:
    world.walk("in_progress")
    triggers.remove()

    Event.objects.get(stream=audit.stream(world.due), verb="occurrence.assigned").delete()

    with pytest.raises(AssertionError):
        verified()


# Who, for whom, by which means, when --------------------------------------------------------------------------------------


def test_substitute_and_principal_both_stand_on_the_act(world: World) -> None:
    today = clock.today()
    Substitution.objects.create(
        office=world.offices["chair"], principal=world.chair, substitute=world.helper, begins=today, ends=today
    )
    turn = world.walk("submitted")

    steps.endorse(turn, by=world.helper)

    event = last_event(turn)
    assert (event.actor, event.acting_for) == (world.helper, world.chair)


def test_system_is_an_actor_of_its_own(world: World) -> None:
    assert last_event(world.due).actor is None
    assert last_event(world.due).means == "command"


def test_act_by_the_api_carries_its_means_and_the_id_of_its_request(world: World, client: Client) -> None:
    client.force_login(world.chair)

    answer = client.post(
        f"/api/v1/occurrences/{world.due.reference}/steps/hold/",
        json.dumps({"reason": REASON}),
        content_type="application/json",
    )

    event = last_event(world.due)
    assert (event.means, event.request_id) == ("api", answer["X-Request-ID"])


def test_act_by_a_page_carries_its_means_and_the_id_of_its_request(world: World, rf: RequestFactory) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        steps.hold(world.due, by=request.user, reason=REASON)  # type: ignore[arg-type]
        return HttpResponse()

    request = rf.post("/items/somewhere/")
    request.user = world.chair

    answer = RecordContextMiddleware(page)(request)

    event = last_event(world.due)
    assert (event.means, event.request_id) == ("page", answer["X-Request-ID"])


def test_acts_of_one_request_share_its_id_and_others_do_not(world: World) -> None:
    with audit.acting("clock") as request:
        steps.hold(world.due, by=world.chair, reason=REASON)
        steps.hold(world.past, by=world.chair, reason=REASON)
    steps.resume(world.due, by=world.chair)

    held = Event.objects.filter(verb="occurrence.held")
    assert {(event.means, event.request_id) for event in held} == {("clock", request.request_id)}
    assert last_event(world.due).request_id not in ("", request.request_id)


def test_effective_day_is_the_acts_own_and_the_recorded_moment_is_now(world: World) -> None:
    began = clock.now()
    turn = steps.enter_from_record(
        world.past, by=world.secretary, source="C17/15", effective_on=date(2017, 3, 19), precision=Precision.MONTH
    )

    event = last_event(turn)
    assert (event.effective_on, event.effective_precision) == (date(2017, 3, 1), "month")
    assert began <= event.recorded_at <= clock.now()


def test_day_not_recorded_stays_open_in_the_event(world: World) -> None:
    event = last_event(steps.enter_from_record(world.past, by=world.secretary, source="C17/15"))

    assert (event.effective_on, event.effective_precision) == (None, "unknown")


def test_closing_is_effective_on_the_day_of_the_decision(world: World) -> None:
    assert last_event(world.walk("closed")).effective_on == date(2017, 5, 17)


def test_activity_is_effective_on_its_day_and_other_steps_today(world: World) -> None:
    turn = world.walk("in_progress")
    assert last_event(turn).effective_on == clock.today("Europe/Zurich")

    day = clock.today("Europe/Zurich") - timedelta(days=9)
    steps.record_activity(turn, by=world.contributor, text=REASON, happened_on=day)

    assert last_event(turn).effective_on == day
