"""One step on several items: first what would happen to each, with nothing done; then each in a transaction of its own."""

import pytest

from tracker import clock
from tracker.models import Assignment, Event, EventWords, Notice, Occurrence
from workflows import steps
from workflows.models import Run

pytestmark = pytest.mark.django_db
ALL = ["council/r1-1.2-c16", "council/r1-1.2-c17", "council/r1-1.2-c18"]
ASSIGN = "/board/assign/"
GIVEN = {"lead": "group/contributor", "contributors": ["helper"], "note": "Please."}


@pytest.fixture
def wakes():
    """The rounds of the clock that were asked for."""
    asked: list[str] = []

    def answer() -> None:
        asked.append("round")

    clock.on_wake(answer)
    yield asked
    clock._wakers.remove(answer)


def standing() -> dict[str, object]:
    """All that a step writes."""
    return {
        "events": Event.objects.count(),
        "words": EventWords.objects.count(),
        "assignments": Assignment.objects.count(),
        "notices": Notice.objects.count(),
        "runs": list(Run.objects.order_by("pk").values_list("pk", "status", "task__status")),
        "turns": list(Occurrence.objects.order_by("pk").values()),
    }


def test_chosen_items_are_shown_with_the_form(world, client_for):
    page = client_for(world.chair).get(ASSIGN, {"item": ALL})

    assert [one.occurrence.reference for one in page.context["ready"]] == ALL
    assert "Assign 3 items" in page.content.decode()


def test_preview_says_what_would_happen_to_each_and_does_nothing(
    world, client_for, wakes, django_capture_on_commit_callbacks
):
    world.walk("in_progress")
    before = standing()

    with django_capture_on_commit_callbacks(execute=True):
        wakes.clear()
        page = client_for(world.chair).post(ASSIGN, {"item": ALL, **GIVEN})

    assert page.context["summary"] == ["2 will be assigned", "1 refused: it is in progress already"]
    assert [one.ready for one in page.context["chosen"]] == [True, True, False]
    for words in ("2 will be assigned, 1 refused: it is in progress already", "Nothing has been done yet."):
        assert words in page.content.decode()
    assert standing() == before
    assert wakes == []


def test_confirmed_preview_does_what_it_said(world, client_for, wakes, django_capture_on_commit_callbacks):
    """The control of the test above: what could have leaked does stand once it is confirmed."""
    world.walk("in_progress")
    before = standing()

    with django_capture_on_commit_callbacks(execute=True):
        answer = client_for(world.chair).post(ASSIGN, {"item": ALL, **GIVEN, "confirmed": "1"})

    assert answer.status_code == 302
    after = standing()
    assert after["events"] == before["events"] + 2
    assert after["assignments"] == before["assignments"] + 4
    assert wakes


def test_each_row_has_an_event_of_its_own_under_one_request(world, client_for):
    client_for(world.chair).post(ASSIGN, {"item": ALL, **GIVEN, "confirmed": "1"})

    events = Event.objects.filter(verb="occurrence.assigned")
    assert sorted(events.values_list("subject_reference", flat=True)) == ALL
    assert len(set(events.values_list("request_id", flat=True))) == 1
    assert {str(one.assignee) for one in Assignment.objects.standing()} == {"Contributor, Group", "Helper"}


def test_row_that_somebody_took_meanwhile_is_refused_and_the_others_go_on(world, client_for):
    client = client_for(world.chair)
    client.post(ASSIGN, {"item": ALL, **GIVEN})
    world.walk("in_progress", world.past)

    answer = client.post(ASSIGN, {"item": ALL, **GIVEN, "confirmed": "1"}, follow=True)

    said = [str(message) for message in answer.context["messages"]]
    assert said == ["2 items were assigned.", "r1-1.2-c17 was refused: it is in progress already"]
    assert Occurrence.objects.get(reference=ALL[2]).status == "assigned"


def test_words_that_no_row_takes_are_an_error_of_the_form(world, client_for):
    same = {"lead": "group/contributor", "contributors": ["group/contributor"]}

    page = client_for(world.chair).post(ASSIGN, {"item": ALL, **same})

    assert page.status_code == 400
    assert page.context["form"].errors["contributors"] == ["Name each office or person once."]


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_without_a_lead_nothing_is_done(world, client_for, confirmed):
    answer = client_for(world.chair).post(ASSIGN, {"item": ALL, **confirmed})

    assert answer.status_code == 400
    assert "lead" in answer.context["form"].errors
    assert not Occurrence.objects.exclude(status="planned").exists()


def test_words_can_be_changed_after_the_preview(world, client_for):
    page = client_for(world.chair).post(ASSIGN, {"item": ALL, **GIVEN, "again": "1"})

    html = page.content.decode()
    assert page.status_code == 200
    assert 'value="group/contributor" selected' in html
    assert "Please." in html


@pytest.mark.parametrize("given", [{}, {"item": "council/nothing"}, {"item": "\x00"}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_that_can_be_done_leads_back(world, client_for, given, method):
    assert getattr(client_for(world.chair), method)(ASSIGN, given).status_code == 302


def test_more_than_can_be_taken_at_once_is_said(world, client_for, monkeypatch):
    monkeypatch.setattr("workflows.views.bulk.MOST_AT_ONCE", 2)

    page = client_for(world.chair).get(ASSIGN, {"item": ALL})

    assert len(page.context["chosen"]) == 2
    assert [str(one) for one in page.context["messages"]] == ["Only the first 2 are taken at once."]


@pytest.mark.parametrize("step", ["close", "nothing", "submit"])
def test_only_some_steps_are_taken_on_several(world, client_for, step):
    assert client_for(world.chair).get(f"/board/{step}/", {"item": ALL}).status_code == 404


def test_nobody_assigns_what_is_not_theirs(world, client_for):
    answer = client_for(world.contributor).post(ASSIGN, {"item": ALL, "lead": "contributor", "confirmed": "1"})

    assert answer.status_code == 302
    assert not Occurrence.objects.exclude(status="planned").exists()


def test_due_date_of_several_is_changed_with_a_preview(world, client_for):
    client = client_for(world.chair)
    given = {"item": ALL[1:], "due_on": "2018-04-01", "reason": "Agreed at the meeting."}

    page = client.post("/board/change_due_date/", given)
    assert page.context["summary"] == ["2 will get the new date"]
    assert not Event.objects.filter(verb="occurrence.due_date_changed").exists()
    client.post("/board/change_due_date/", {**given, "confirmed": "1"})

    assert Event.objects.filter(verb="occurrence.due_date_changed").count() == 2
    assert {str(day) for day in Occurrence.objects.filter(reference__in=ALL[1:]).values_list("due_on", flat=True)} == {
        "2018-04-01"
    }


def test_number_of_chosen_rows_is_said_in_words(world, client_for):
    client = client_for(world.chair)

    assert client.get("/board/chosen/", {"item": ALL}).content == b"3 items chosen"
    assert client.get("/board/chosen/").content == b""


# The rehearsal itself --------------------------------------------------------------------------------------------------


def test_rehearsal_answers_what_the_step_would(world):
    turn = world.due
    allowed = steps.rehearse(steps.assign, turn, by=world.chair, lead=world.contributor)
    not_theirs = steps.rehearse(steps.assign, turn, by=world.outsider, lead=world.contributor)
    twice = steps.rehearse(steps.assign, turn, by=world.chair, lead=world.contributor, contributors=[world.contributor])
    world.walk("assigned")
    too_late = steps.rehearse(steps.assign, turn, by=world.chair, lead=world.contributor)

    assert allowed is None
    assert not_theirs.why.startswith("Only the chair")
    assert (twice.why, set(twice.error.message_dict)) == ("Name each office or person once.", {"contributors"})
    assert too_late.why == "it is assigned already"


@pytest.mark.django_db(transaction=True)
def test_rehearsal_outside_any_transaction_leaves_nothing_behind(world, wakes):
    before = standing()
    wakes.clear()

    for _time in range(2):
        assert steps.rehearse(steps.assign, world.due, by=world.chair, lead=world.contributor) is None

    assert standing() == before
    assert wakes == []
    assert steps.attempt(steps.assign, world.due, by=world.chair, lead=world.contributor) is None
    assert wakes == ["round"]
