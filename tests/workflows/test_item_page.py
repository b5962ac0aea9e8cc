"""The page of an item's turn: its words, where it stands, what may happen next and who may do it, what was promised."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tracker import clock
from tracker.models import DateRequest, Notice, Occasion, Visibility
from workflows import steps

pytestmark = pytest.mark.django_db
PLACE = "/items/council/r1-1.2-c18/"


def html(client, place=PLACE):
    answer = client.get(place)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("status", "who", "step"),
    [
        ("planned", "chair", "assign"),
        ("assigned", "contributor", "accept"),
        ("in_progress", "contributor", "submit"),
        ("submitted", "chair", "endorse"),
    ],
)
def test_item_offers_the_one_next_step_to_whose_move_it_is(world, client_for, status, who, step):
    world.walk(status)

    page = client_for(world.people[who]).get(PLACE)

    assert page.context["next"] == step
    assert f"{PLACE}steps/{step}/" in page.content.decode()


def test_item_tells_others_who_may_do_what(world, client_for):
    world.walk("assigned")

    page = client_for(world.councillor).get(PLACE)

    assert page.context["next"] == ""
    assert [who.words for who in dict(page.context["for_others"])["accept"]] == ["Contributor"]
    assert f"{PLACE}steps/" not in page.content.decode()


def test_closing_is_offered_first_only_when_the_session_has_opened(world, client_for):
    world.walk("endorsed", world.due)
    world.walk("endorsed", world.past)
    client = client_for(world.secretary)

    assert client.get(PLACE).context["next"] == ""
    assert client.get(PLACE.replace("c18", "c17")).context["next"] == "close"


def test_item_shows_its_words_its_turns_and_its_path(world, client_for):
    world.walk("submitted")

    page = html(client_for(world.chair))

    assert "to report annually;" in page
    assert all(name in page for name in ("Council 2016", "Council 2017", "Council 2018"))
    assert 'class="node present"' in page
    assert page.count('aria-current="step"') == 1


def test_item_shows_report_activity_and_history_in_words(world, client_for):
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="Held a consultation <b>online</b>.")
    steps.submit(turn, by=world.contributor, text="What was done.")

    page = html(client_for(world.chair))

    assert "Held a consultation &lt;b&gt;online&lt;/b&gt;." in page
    assert "What was done." in page
    assert "submitted a report" in page


def test_item_keeps_the_first_promise_beside_the_due_day(world, client_for):
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 3, 25), reason="Easter.")

    page = html(client_for(world.chair))

    assert "First promise" in page
    assert "Easter." in page


def test_item_tells_what_was_promised_sent_failed_and_skipped(world, client_for):
    for number, (state, reason) in enumerate(
        [("planned", ""), ("sent", ""), ("failed", "refused"), ("skipped", "handed in")]
    ):
        Notice.objects.create(
            key=f"k{number}",
            kind=Notice.Kind.REMINDER,
            audience=Notice.Audience.HOLDER,
            occurrence=world.due,
            person=world.chair,
            due_on=world.due.due_on,
            planned_for=date(2018, 2, 16 + number),
            state=state,
            reason=reason,
            created_at=timezone.now(),
        )

    page = html(client_for(world.chair))

    assert "You will hear from us at most 6 times about this" in page
    assert "1 reminder was sent" in page
    assert "In copy you hear of it at most 2 times" in page
    assert "Whoever has the ball hears from us at most 6 times about this" in html(client_for(world.contributor))
    assert all(word in page for word in ("Planned", "Sent", "Failed", "Skipped", "refused", "handed in"))


def test_item_hides_a_restricted_paper_from_who_may_not_see_it(world, client_for):
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="In confidence.")
    turn.activities.update(visibility=Visibility.RESTRICTED)

    assert "In confidence." in html(client_for(world.chair))
    assert "In confidence." not in html(client_for(world.councillor))


def test_item_that_may_not_be_seen_looks_like_one_that_is_missing(world, client_for, client):
    outsider = client_for(world.outsider)

    assert outsider.get(PLACE).status_code == outsider.get("/items/council/nothing/").status_code == 404
    assert client.get(PLACE).status_code == client.get("/items/council/nothing/").status_code == 302


def test_public_item_is_open_to_strangers_without_its_history(world, client):
    type(world.obligation).objects.update(visibility=Visibility.PUBLIC)

    page = html(client)

    assert "to report annually;" in page
    assert "The history is open to those who work on it." in page


def test_number_of_queries_does_not_grow_with_activity_and_history(world, client_for):
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="One.")
    client = client_for(world.chair)
    with CaptureQueriesContext(connection) as one:
        html(client)
    for text in ("Two.", "Three."):
        steps.record_activity(turn, by=world.contributor, text=text)

    with CaptureQueriesContext(connection) as three:
        html(client)

    assert len(three) == len(one)


def test_item_tells_slips_with_the_calendar_apart_from_changes_of_mind(world, client_for):
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 3, 25), reason="Easter.")
    steps.move_session(
        world.sessions["C18"], by=world.secretary, opens=date(2018, 5, 8), closes=date(2018, 5, 18), reason="The hall."
    )

    slips = client_for(world.chair).get(PLACE).context["slips"]

    assert (slips.choice_count, slips.calendar_count) == (1, 1)
    assert slips.by_choice[0].reason == "Easter."
    assert slips.with_calendar[0].with_session


def test_item_tells_the_time_in_each_status(world, client_for):
    with clock.at(datetime(2018, 2, 1, 9, tzinfo=UTC)):
        world.walk("assigned")
    with clock.at(datetime(2018, 2, 5, 9, tzinfo=UTC)):
        steps.accept(world.due, by=world.contributor)

    stays = client_for(world.chair).get(PLACE).context["stays"]

    assert [(one.word, one.days, one.here) for one in stays][1:] == [("assigned", 4, False), ("in progress", 11, True)]


def test_item_shows_contributions_with_who_is_done(world, client_for):
    turn = steps.assign(
        world.due, lead=world.contributor, contributors=[world.helper, world.vice_chair], by=world.chair
    )
    steps.accept(turn, by=world.contributor)
    turn.assignments.filter(person=world.helper).update(done_at=timezone.now(), done_note="The figures.")

    page = html(client_for(world.chair))

    assert "part done" in page
    assert "The figures." in page
    assert page.count("part not done yet") == 1


def test_item_shows_an_open_request_for_a_new_date(world, client_for):
    turn = world.walk("in_progress")
    DateRequest.objects.create(
        occurrence=turn,
        wanted_on=date(2018, 4, 1),
        reason="The figures come late.",
        asked_by=world.contributor,
        asked_at=timezone.now(),
    )

    page = html(client_for(world.chair))

    assert "A new date is asked for" in page
    assert "The figures come late." in page


def test_item_tells_which_event_opened_the_turn(world, client_for):
    turn = world.due
    turn.occasion = Occasion.objects.create(
        obligation=world.obligation,
        number=1,
        happened_on=date(2018, 2, 1),
        words="A veto was cast.",
        recorded_at=timezone.now(),
    )
    turn.save(update_fields=["occasion"])

    assert "A veto was cast." in html(client_for(world.chair))
