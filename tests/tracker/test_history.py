"""History in words: ids become names, days are said as far as they are known, papers stay with their readers."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracker import access, history
from tracker.models import Activity, Event, EventWords, Obligation, Visibility
from workflows import steps


def told(world, name: str = "secretary", **which):
    reader = world.people[name]
    return history.lines(access.events(reader).filter(**which).order_by("pk"), reader=reader)


def the(lines, verb):
    return next(line for line in lines if line.verb == verb)


def changes(line) -> dict[str, tuple[str, str]]:
    return {change.label: (change.before, change.after) for change in line.changes}


def test_line_says_who_did_what_from_what_to_what(world):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair, note="As agreed.")

    line = the(told(world), "occurrence.assigned")

    assert line.sentence == "<strong>Chair</strong> assigned it"
    assert line.subject == "r1-1.2-c18 · Annual report"
    assert changes(line)["Status"] == ("planned", "assigned")
    assert changes(line)["Lead"][1] == "Contributor, Group"
    assert [(said.label, said.text) for said in line.words] == [("Note", "As agreed.")]


def test_line_of_a_new_lead_shows_both(world):
    world.walk("assigned")
    steps.reassign(world.due, lead=world.helper, by=world.chair, reason="Away.")

    assert changes(the(told(world), "occurrence.reassigned"))["Lead"] == ("Contributor", "Helper")


def test_line_says_who_was_asked_to_contribute_and_who_was_released(world):
    turn = steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)
    steps.release_contributor(turn, by=world.chair, contributor=world.helper, reason="Not needed.")
    lines = told(world)

    assert changes(the(lines, "occurrence.assigned"))["Contributor"][1] == "Helper"
    assert changes(the(lines, "occurrence.contributor_released"))["Contributor"] == ("Helper", "released")


def test_line_says_what_was_answered(world):
    world.walk("in_progress")

    assert changes(the(told(world), "occurrence.accepted"))["Answer"] == ("under consideration", "accepted")


def test_line_sets_apart_what_somebody_wrote(world):
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="The group met twice.")

    line = the(told(world), "occurrence.activity_recorded")

    assert [(said.label, said.text) for said in line.words] == [("What was done", "The group met twice.")]


def test_no_line_of_a_whole_walk_reads_like_a_column(world):
    """No underscore, no name of a table before a colon that says nothing, no number of a row."""
    turn = steps.assign(
        world.due, lead=world.contributor, contributors=[world.helper], by=world.chair, note="As agreed."
    )
    steps.accept(turn, by=world.contributor)
    steps.finish_part(turn, by=world.helper, note="The figures.")
    steps.ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 3, 20), reason="Illness.")
    steps.grant_new_date(turn, by=world.chair)
    steps.hold(turn, by=world.chair, reason="Waiting.")
    steps.resume(turn, by=world.chair)
    steps.submit(turn, by=world.contributor, text="What was done.")
    steps.send_back(turn, by=world.chair, reason="Say more.")
    steps.submit(turn, by=world.contributor, text="What was done, at length.")
    steps.endorse(turn, by=world.chair)
    labels = {change.label for line in told(world, stream=f"occurrence:{turn.reference}") for change in line.changes}

    assert not [label for label in labels if "_" in label or "#" in label or label.startswith("Assignment")]
    assert labels <= {
        "Answer", "Contributions still open", "Contributor", "Discharged", "Due", "First promise", "First promised", "Held because", "Lead",
        "New day asked for", "On hold", "Report", "Request for a new date", "Session", "Status", "Submitted", "Waiting on",
    }  # fmt: skip


def test_line_says_a_day_as_far_as_it_is_known_and_apart_from_the_recording(world):
    steps.enter_from_record(
        world.past, by=world.secretary, source="C17/15", effective_on=date(2017, 5, 17), precision="month"
    )

    line = the(told(world), "occurrence.entered_from_record")

    assert changes(line)["Submitted"] == ("not recorded", "May 2017")
    assert (line.effective_on, line.effective_precision, line.same_day) == (date(2017, 5, 1), "month", False)
    assert line.recorded_at.date() == date(2018, 2, 16)


def test_line_of_a_changed_day_shows_both_in_words(world):
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 4, 1), reason="Illness.")

    assert changes(the(told(world), "occurrence.due_date_changed")) == {"Due": ("18 March 2018", "1 April 2018")}


def test_line_escapes_names_of_people(world):
    world.chair.name = "<b>Chair</b>"
    world.chair.save()
    steps.assign(world.due, lead=world.contributor, by=world.chair)

    assert "&lt;b&gt;" in the(told(world), "occurrence.assigned").sentence


def test_line_says_that_words_were_erased(world):
    steps.assign(world.due, lead=world.contributor, by=world.chair, note="Private.")
    event = Event.objects.get(verb="occurrence.assigned")
    EventWords.objects.filter(event=event).update(salt="", words={})

    line = the(told(world), "occurrence.assigned")

    assert (line.erased, line.words) == (True, ())


def test_line_keeps_a_paper_from_those_who_may_not_see_it(world):
    """Under a public duty everybody sees the act, and only members the words of a members' paper."""
    Obligation.objects.update(visibility=Visibility.PUBLIC)
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="Talked behind closed doors.")

    member, stranger = told(world, "councillor"), told(world, "outsider")

    assert "Talked behind closed doors." in str(the(member, "occurrence.activity_recorded"))
    assert "Talked behind closed doors." not in str(the(stranger, "occurrence.activity_recorded"))


def test_line_keeps_a_restricted_paper_from_members(world):
    turn = world.walk("in_progress")
    steps.record_activity(turn, by=world.contributor, text="For officers only.")
    Activity.objects.update(visibility=Visibility.RESTRICTED)

    assert "For officers only." not in str(told(world, "councillor"))
    assert "For officers only." in str(told(world, "chair"))


def test_lines_ask_as_often_for_one_walk_as_for_two(world):
    def asked() -> int:
        events = list(access.events(world.secretary).filter(subject_type="occurrence").order_by("pk"))
        with CaptureQueriesContext(connection) as taken:
            history.lines(events, reader=world.secretary)
        return len(taken)

    world.walk("endorsed")
    one = asked()
    world.walk("endorsed", world.past)

    assert asked() == one


# The page --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(world, client_for):
    world.walk("endorsed")
    steps.change_due_date(
        world.past, by=world.chair, due_on=date(2018, 5, 1), reason="Né trop tôt: la présidence est malade."
    )
    return client_for(world.secretary)


def found(page, query: str) -> list[str]:
    return [line.verb for line in page.get(f"/history/?{query}").context["lines"]]


def test_history_needs_a_login(world):
    assert Client().get("/history/").status_code == 302


@pytest.mark.parametrize(
    ("query", "verbs"),
    [
        ("verb=occurrence.accepted", ["occurrence.accepted"]),
        ("item=r1-1.2-c17&verb=occurrence.due_date_changed", ["occurrence.due_date_changed"]),
        ("words=présidence", ["occurrence.due_date_changed"]),
        ("words=trop+malade", ["occurrence.due_date_changed"]),
        ("words=trop+absent", []),
        ("words=What+was+done", ["occurrence.submitted"]),
        ("since=2018-02-16&until=2018-02-16&verb=occurrence.endorsed", ["occurrence.endorsed"]),
        ("since=2018-02-17", []),
        ("person=system", ["occurrence.planned"] * 3),
    ],
)
def test_history_is_searched(page, query, verbs):
    assert found(page, query) == verbs


def test_history_is_searched_by_person(page, world):
    assert set(found(page, f"person={world.contributor.pk}")) == {"occurrence.accepted", "occurrence.submitted"}


def test_history_says_how_many_are_shown_of_how_many(page):
    context = page.get("/history/?verb=occurrence.accepted").context

    assert (context["shown"], context["total"]) == (1, Event.objects.count())


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=2018-02-30", "since=2018-02-17&until=2018-02-16", "verb=x", "person=x", "words=%00", "item=%00",
     "words=" + "x" * 300],
)  # fmt: skip
def test_nonsense_in_the_search_is_answered_with_400(page, query):
    assert page.get(f"/history/?{query}").status_code == 400


def test_history_shows_a_councillor_no_events_about_people(page, world, client_for):
    kinds = {line.subject_kind for line in client_for(world.councillor).get("/history/").context["lines"]}

    assert kinds == {"occurrence"}
