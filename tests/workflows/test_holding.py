"""On hold: what it waits for is a body, a session, a meeting or words, and everything says so."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from tests.record import everything
from tracker import clock, queries
from tracker.models import Event, Meeting, Occurrence, State
from workflows import steps

pytestmark = pytest.mark.django_db
PLACE = "/items/council/r1-1.2-c18/"
TODAY = date(2018, 2, 16)


def waiting(world, **on):
    return steps.hold(world.due, by=world.chair, reason="Nothing can be done before.", **on)


def test_hold_keeps_what_it_waits_for_and_resume_forgets_all(world):
    turn = waiting(world, waiting_on_session=world.sessions["C18"])

    assert queries.waited_for(turn) == world.sessions["C18"]
    assert Event.objects.get(verb="occurrence.held").changes["waiting_on_session"] == [None, world.sessions["C18"].pk]
    turn = steps.resume(turn, by=world.chair)
    assert queries.waited_for(turn) == ""
    assert (turn.waiting_on_session, turn.hold_reason, turn.on_hold) == (None, "", False)


def test_hold_waits_for_one_thing_only(world):
    before = everything()

    with pytest.raises(ValidationError) as refusal:
        waiting(world, waiting_on="Figures", waiting_on_body=world.council)

    assert refusal.value.message_dict == {"waiting_on_body": ["Name one thing that it waits for."]}
    assert everything() == before


@pytest.mark.parametrize("code", ["C17"])
def test_hold_does_not_wait_for_what_is_over(world, code):
    with pytest.raises(ValidationError, match="is over"):
        waiting(world, waiting_on_session=world.sessions[code])
    with pytest.raises(ValidationError, match="is over"):
        waiting(world, waiting_on_meeting=world.meetings[14])


def test_hold_does_not_wait_for_what_is_cancelled(world):
    type(world.sessions["C18"]).objects.filter(code="C18").update(state=State.CANCELLED)

    with pytest.raises(ValidationError, match="cancelled"):
        waiting(world, waiting_on_session=type(world.sessions["C18"]).objects.get(code="C18"))


def test_words_say_when_it_opens_that_it_has_opened_and_that_there_is_no_date(world):
    session, body = world.sessions["C18"], world.council
    meeting = Meeting.objects.create(body=world.group, number=15, precision="unknown")

    assert queries.waiting_words(session, TODAY) == "Council 2018, opens 17 April 2018"
    assert queries.waiting_words(session, date(2018, 4, 17)) == (
        "Council 2018, which opened on 17 April 2018: it can go on"
    )
    assert queries.waiting_words(meeting, TODAY) == "meeting 15 of Group, no date yet"
    assert queries.waiting_words(body, TODAY) == "Council"
    assert queries.waiting_words("The translation", TODAY) == "The translation"


def test_lists_find_what_waits_for_a_body_or_a_session(world):
    turn = waiting(world, waiting_on_session=world.sessions["C18"])
    steps.hold(world.past, by=world.chair, reason="Why.", waiting_on_body=world.group)
    every = Occurrence.objects.all()

    assert list(queries.waiting_for(every, session=world.sessions["C18"])) == [turn]
    assert list(queries.waiting_for(every, session=world.sessions["C17"])) == []
    assert list(queries.waiting_for(every, body=world.council)) == [turn]
    assert list(queries.waiting_for(every, body=world.group)) == [world.past]


def test_item_tasks_and_board_say_what_it_waits_for(world, client_for):
    waiting(world, waiting_on_session=world.sessions["C18"])

    for place in (PLACE, "/tasks/", "/board/"):
        page = client_for(world.chair).get(place).content.decode()
        assert "Council 2018, opens 17 April 2018" in page, place


def test_page_offers_what_is_to_come(world, client_for):
    meeting = Meeting.objects.create(body=world.group, number=15, begins=date(2018, 9, 3), precision="day")
    client = client_for(world.chair)

    choices = dict(client.get(f"{PLACE}steps/hold/").context["form"].fields["event"].choices)

    assert choices[f"meeting-{meeting.pk}"] == "meeting 15 of Group, opens 3 September 2018"
    assert "Council 2017" not in " ".join(choices.values())
    answer = client.post(f"{PLACE}steps/hold/", {"reason": "Why.", "event": f"meeting-{meeting.pk}"})
    assert answer.status_code == 302
    assert world.due.waiting_on_meeting == meeting


def test_page_takes_one_thing_only(world, client_for):
    both = {"reason": "Why.", "event": f"session-{world.sessions['C18'].pk}", "waiting_on": "Figures"}

    answer = client_for(world.chair).post(f"{PLACE}steps/hold/", both)

    assert answer.status_code == 400
    assert answer.context["form"].errors["event"] == ["Name one thing that it waits for."]


def test_api_waits_for_a_session_a_meeting_or_a_body(world, client_for):
    client, api = client_for(world.chair), "/api/v1/occurrences/council/r1-1.2-c18/"
    given = {"reason": "Why.", "waiting_on_session": "council/c18"}

    held = client.post(f"{api}steps/hold/", given, "application/json").json()

    assert (held["waiting_on_session"], held["waiting_on_body"]) == ("council/c18", None)
    client.post(f"{api}steps/resume/", {}, "application/json")
    unknown = {"waiting_on_session": "council/c99", "waiting_on_meeting": "group/99", "waiting_on_body": "nowhere"}
    answer = client.post(f"{api}steps/hold/", {"reason": "Why.", **unknown}, "application/json")
    assert set(answer.json()["fields"]) == set(unknown)
    with clock.at(clock.now()):
        assert client.get(api).json()["waiting_on_session"] is None
