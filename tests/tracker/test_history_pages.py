"""The pages of the record: who is let in, what they search by, what an entry that does not verify looks like, what is taken
along, the line at the foot, checks and findings."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from tests.record import verified
from tracker import access, history, triggers
from tracker.history.troubles import Trouble
from tracker.log import checks, findings, line, sealing
from tracker.log.words import SEEN
from tracker.models import Check, Event, EventWords, Finding, Obligation, Person, Substitution, Visibility, Visit
from tracker.views.filters import HistoryFilters
from workflows import steps

pytestmark = pytest.mark.django_db
ITEM = "/items/council/r1-1.2-c18/"


@pytest.fixture
def as_owner(db):
    """Somebody who owns the database and takes the triggers away."""
    triggers.remove()
    yield
    triggers.install()


@pytest.fixture
def stand_in(world) -> Person:
    """Somebody stands in for the chair, and has assigned the turn in the chair's name."""
    Substitution.objects.create(
        office=world.offices["chair"],
        principal=world.chair,
        substitute=world.outsider,
        begins=date(2018, 2, 1),
        ends=date(2018, 2, 28),
    )
    steps.assign(world.due, lead=world.contributor, by=world.outsider)
    return world.outsider


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def verbs(client, query: str) -> list[str]:
    return [line.verb for line in client.get(f"/history/?{query}").context["lines"]]


# Searching ---------------------------------------------------------------------------------------------------------------


def test_history_is_searched_by_for_whom_it_was_done(world, client_for, stand_in):
    client = client_for(world.secretary)

    assert verbs(client, f"person={world.chair.pk}&acting=name") == ["occurrence.assigned"]
    assert verbs(client, f"person={stand_in.pk}&acting=for") == ["occurrence.assigned"]
    assert verbs(client, f"person={stand_in.pk}&acting=own") == []
    assert verbs(client, "acting=for") == ["occurrence.assigned"]


def test_history_is_searched_by_means_and_by_request(world, client_for):
    client = client_for(world.chair)
    client.post(f"{ITEM}watch/", {"act": "start"})
    client.post(f"{ITEM}comments/", {"text": "A word.", "visibility": "members"})
    event = Event.objects.get(verb="occurrence.commented")

    assert set(verbs(client, "means=page")) == {"watch.started", "occurrence.commented"}
    assert verbs(client, f"request={event.request_id}") == ["occurrence.commented"]


def test_history_is_searched_by_the_day_from_which_it_holds(world, client_for):
    steps.enter_from_record(
        world.past, by=world.secretary, source="C17/15", effective_on=date(2017, 5, 17), precision="day"
    )
    client = client_for(world.secretary)

    assert verbs(client, "days=effective&since=2017-05-17&until=2017-05-17") == ["occurrence.entered_from_record"]
    assert verbs(client, "since=2017-05-17&until=2017-05-17") == []


def test_history_goes_on_before_and_after_an_entry(world, client_for, monkeypatch):
    monkeypatch.setattr("tracker.views.pages.PER_PAGE", 3)
    world.walk("closed")
    client = client_for(world.secretary)
    every = list(Event.objects.order_by("-pk").values_list("pk", flat=True))
    seen, place = [], "/history/"
    while place:
        context = client.get(place).context
        seen += [line.id for line in context["lines"]]
        older = context["stretch"].older
        place = f"/history/?before={older}" if older else ""

    assert seen == every
    back = client.get(f"/history/?after={every[4]}").context
    assert [line.id for line in back["lines"]] == every[1:4]
    assert client.get("/history/").context["stretch"].newer is None


@pytest.mark.parametrize("query", ["before=x", "before=-1", "after=99999999999999999999", "before=0", "after=999"])
def test_history_at_a_place_that_there_is_not_is_answered(world, client_for, query):
    assert client_for(world.secretary).get(f"/history/?{query}").status_code == 200


def test_words_are_looked_for_in_one_part_of_the_history_at_a_time(world, client_for, monkeypatch):
    """Control: with a window as wide as the history they are found at once."""
    steps.change_due_date(world.past, by=world.chair, due_on=date(2018, 5, 1), reason="Rhubarb.")
    world.walk("closed")
    client = client_for(world.secretary)
    assert verbs(client, "words=rhubarb") == ["occurrence.due_date_changed"]

    monkeypatch.setattr("tracker.history.searching.WINDOW", 3)
    pages, place = 0, "/history/?words=rhubarb"
    while place:
        context = client.get(place).context
        pages += 1
        if context["lines"]:
            break
        assert context["looked_from"] is not None
        place = f"/history/?words=rhubarb&before={context['stretch'].older}"

    assert [line.verb for line in context["lines"]] == ["occurrence.due_date_changed"]
    assert pages > 1


def test_part_of_a_reference_is_looked_for_and_a_whole_one_is_known(world):
    seen = access.events(world.secretary)

    assert not history.searched(seen, {"item": "council/r1-1.2-c18"}).slow
    assert history.searched(seen, {"item": "r1-1.2"}).slow


def test_counts_stop_at_so_many(world, client_for, monkeypatch):
    monkeypatch.setattr("tracker.history.searching.AT_MOST", 2)
    monkeypatch.setattr("tracker.history.AT_MOST", 2)

    assert "more than 2 of more than 2 shown" in " ".join(text(client_for(world.secretary).get("/history/")).split())


@pytest.mark.parametrize("query", ["acting=x", "means=pigeon", "days=x", f"request={'x' * 50}", "person=1.5"])
def test_nonsense_in_the_search_is_answered_with_400(world, client_for, query):
    assert client_for(world.secretary).get(f"/history/?{query}").status_code == 400


# Does not verify -----------------------------------------------------------------------------------------------------------


def test_entry_that_was_changed_is_shown_as_such_wherever_it_appears(world, client_for, as_owner):
    world.walk("assigned")
    event = Event.objects.get(verb="occurrence.assigned")
    Event.objects.filter(pk=event.pk).update(actor=world.helper)

    for who, place in (
        (world.secretary, "/history/"), (world.chair, ITEM), (world.auditor, f"/people/{world.helper.pk}/trace/"),
    ):  # fmt: skip
        page = text(client_for(who).get(place))
        assert "This entry does not verify." in page
        assert "was changed after it was written" in page
    item = text(client_for(world.chair).get(ITEM))
    assert "The history of this item does not verify." in item
    assert item.count(Trouble.of("changed").to_do.replace("'", "&#x27;")) == 1  # the entry says it, the whole not again


def test_what_was_done_is_grouped_by_things_that_have_a_name(world):
    groups = [group for group, _verbs in HistoryFilters(QueryDict(), ()).fields["verb"].choices][1:]

    assert {"Person", "Closed day", "Other"} <= set(groups)
    assert "" not in groups
    assert not {"Closed_day", "Log", "Record", "Token"} & set(groups)


def test_subject_is_named_as_people_name_it(world, client_for):
    steps.watch(world.due, by=world.councillor)
    steps.set_substitute(
        world.offices["chair"], world.outsider, begins=date(2018, 3, 1), ends=date(2018, 3, 9), by=world.secretary
    )
    found = {one.verb: one for one in client_for(world.auditor).get("/history/").context["lines"]}

    assert (found["watch.started"].subject_kind, found["watch.started"].subject) == ("", str(world.due.obligation))
    assert found["substitution.set"].subject == f"{world.outsider} for {world.chair}, {world.offices['chair']}"


def test_words_that_were_changed_are_shown_as_such(world, client_for, as_owner):
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 4, 1), reason="Illness.")
    EventWords.objects.filter(event__verb="occurrence.due_date_changed").update(words={"reason": "Holidays."})

    assert "The words of this entry were changed" in text(client_for(world.secretary).get("/history/"))


def test_sound_history_shows_no_alarm(world, client_for):
    world.walk("closed")
    sealing.seal()
    assert verified()

    for who, place in ((world.secretary, "/history/"), (world.chair, ITEM)):
        page = text(client_for(who).get(place))
        assert "does not verify" not in page
    assert "History of this item unchanged:" in page
    assert "sealed up to" in page


def test_every_kind_of_finding_has_words(world):
    assert set(SEEN) == set(findings.KINDS)


# To take along -------------------------------------------------------------------------------------------------------------


def test_filtered_list_is_taken_along(world, client_for):
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 4, 1), reason="=HYPERLINK(1)")
    answer = client_for(world.secretary).get("/history/export.csv?verb=occurrence.due_date_changed")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert len(rows) == 2
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["What was done"], row["By"]) == ("Chair changed the due date", "Chair")
    assert row["From and to"] == "Due: 18 March 2018 → 1 April 2018"
    assert row["Words"] == "Reason: =HYPERLINK(1)"
    assert row["Does not verify"] == ""


def test_export_has_no_more_than_its_reader_may_see(world, client_for):
    Obligation.objects.update(visibility=Visibility.RESTRICTED)
    world.walk("assigned")

    def rows(who) -> int:
        answer = client_for(who).get("/history/export.csv?verb=occurrence.assigned")
        return len(list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))) - 1

    assert (rows(world.chair), rows(world.councillor)) == (1, 0)


def test_export_comes_whole_whatever_is_put_into_words_at_a_time(world, client_for, monkeypatch):
    monkeypatch.setattr("tracker.views.history.AT_A_TIME", 2)
    world.walk("closed")
    answer = client_for(world.secretary).get("/history/export.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert [int(row[0]) for row in rows[1:]] == list(Event.objects.order_by("pk").values_list("pk", flat=True))


# Traces and visits -----------------------------------------------------------------------------------------------------------


def test_trace_tells_what_was_done_and_what_others_did_in_their_name(world, client_for, stand_in):
    steps.hold(world.due, by=world.chair, reason="Waiting.")
    place, client = f"/people/{world.chair.pk}/trace/", client_for(world.auditor)

    assert {line.verb for line in client.get(place).context["lines"]} == {"occurrence.assigned", "occurrence.held"}
    assert [line.verb for line in client.get(f"{place}?part=name").context["lines"]] == ["occurrence.assigned"]
    assert [line.verb for line in client.get(f"{place}?part=did").context["lines"]] == ["occurrence.held"]
    assert "acted for them" in text(client.get(place))


def test_trace_is_open_to_oneself_and_to_nobody_else(world, client_for):
    place = f"/people/{world.contributor.pk}/trace/"

    assert "Your trace" in text(client_for(world.contributor).get(place))
    assert client_for(world.chair).get(place).status_code == 404
    assert client_for(world.secretary).get(place).status_code == 200


def test_what_was_done_in_ones_name_is_in_ones_own_history(world, client_for, stand_in):
    assert "occurrence.assigned" in verbs(client_for(world.chair), "acting=name")


def test_who_saw_a_restricted_item_is_told_to_those_who_may_know(world, client_for):
    Obligation.objects.update(visibility=Visibility.RESTRICTED)
    world.walk("assigned")
    client_for(world.chair).get(ITEM)
    client_for(world.vice_chair).get(ITEM)

    assert "opened by 2 people" in text(client_for(world.auditor).get(ITEM))
    assert "opened by" not in text(client_for(world.chair).get(ITEM))
    rows = client_for(world.auditor).get("/history/visits/?item=council/r1-1.2-c18&kind=seen").context["visits"]
    assert [row.visit.person.username for row in rows] == ["chair", "auditor", "vice_chair", "chair"]


@pytest.mark.parametrize(
    ("query", "count"),
    [("kind=refused", 1), ("kind=seen", 0), ("person=system", None), ("since=2018-02-17", 0), ("until=2018-02-16", 1), ("kind=x", None)],
)  # fmt: skip
def test_visits_are_searched(world, client_for, query, count):
    client_for(world.councillor).get("/people/")
    answer = client_for(world.auditor).get(f"/history/visits/?{query}")

    assert answer.status_code == (400 if count is None else 200)
    if count is not None:
        assert len(answer.context["visits"]) == count


def test_visits_of_another_body_are_not_told(world, client_for):
    stranger = Person.objects.create_user("stranger", "x", name="Stranger")
    Visit.objects.create(kind="refused", person=stranger, at=timezone.now(), means="page", method="GET", address="/x/",
                         request_id="1")  # fmt: skip

    assert client_for(world.auditor).get("/history/visits/").context["visits"] == []


# The line at the foot, checks, findings ----------------------------------------------------------------------------------------


def foot(client, place: str = "/resolutions/") -> str:
    page = text(client.get(place))
    return " ".join(page[page.index('class="foot"') :].split()) if 'class="foot"' in page else ""


def ended(state: str = Check.State.PASSED, ago: timedelta = timedelta(), **more) -> Check:
    at = timezone.now() - ago
    return Check.objects.create(state=state, asked_at=at, started_at=at, ended_at=at, **more)


def test_foot_says_that_nothing_was_checked_yet(world, client_for, client):
    assert "History not checked yet" in foot(client_for(world.chair))
    assert foot(client) == ""


def test_foot_says_when_the_history_was_checked_and_the_day_if_not_today(world, client_for):
    check = ended()
    assert f'History unchanged, checked <time datetime="{check.ended_at:%Y-%m-%dT%H:%M}' in foot(
        client_for(world.chair)
    )
    assert f">{check.ended_at:%H:%M}</time>" in foot(client_for(world.chair))

    Check.objects.update(ended_at=datetime(2018, 2, 14, 14, 2, tzinfo=UTC))
    assert ">14 February 2018, 14:02 UTC</time>" in foot(client_for(world.chair))


def test_foot_says_how_far_the_present_check_is(world, client_for):
    ended()
    Check.objects.create(state=Check.State.RUNNING, asked_at=timezone.now(), done=40, total=100)

    assert "being checked: 40 %" in foot(client_for(world.chair))
    assert "Verify now" not in foot(client_for(world.auditor))


def test_foot_says_that_something_was_found_and_leads_those_there_who_may_know(world, client_for):
    for number in range(3):
        findings.keep([findings.Found("changed", event=number)])
    ended(Check.State.FAILED, found=3)

    assert "A check of the history found 3 things" in foot(client_for(world.chair))
    assert "/history/findings/" not in foot(client_for(world.chair))
    assert "/history/findings/" in foot(client_for(world.auditor))


def test_foot_costs_one_question(world, client_for, django_assert_num_queries):
    ended()
    with django_assert_num_queries(1):
        line.standing(world.chair)


def test_auditor_has_the_history_verified_and_sees_it_come(world, client_for):
    client = client_for(world.auditor)
    assert "Verify now" in foot(client)

    assert client.post("/history/checks/").status_code == 302
    assert Check.objects.get().asked_by == world.auditor
    page = text(client.get("/history/checks/"))
    assert "Asked for" in page
    assert "Look again" in page
    client.post("/history/checks/")
    assert Check.objects.count() == 1

    sealing.seal()
    checks.run_due()
    page = text(client.get("/history/checks/"))
    assert "Auditor" in page
    assert "Look again" not in page


@pytest.mark.parametrize("place", ["/history/checks/", "/history/findings/"])
def test_checks_are_not_for_everybody(world, client_for, place):
    assert client_for(world.chair).get(place).status_code == 403
    assert client_for(world.chair).post("/history/checks/").status_code == 403
    assert Check.objects.count() == 0


def test_finding_is_told_in_words_with_its_entry(world, client_for, as_owner):
    world.walk("assigned")
    event = Event.objects.get(verb="occurrence.assigned")
    Event.objects.filter(pk=event.pk).update(actor=world.helper)
    findings.keep([
        findings.Found("changed", event.pk, event.stream, event.number),
        findings.Found("missing", 999, "occurrence:council/r1-1.2-c17", 4, facts={"hash": "abc"}),
    ])  # fmt: skip

    page = text(client_for(world.auditor).get("/history/findings/"))

    assert "was changed after it was written" in page
    assert "occurrence:council/r1-1.2-c17" in page
    assert "no longer there" in page
    assert "assigned it" in page


def test_findings_page_asks_as_often_for_one_as_for_three(world, client_for, django_assert_max_num_queries):
    world.walk("endorsed")
    events = list(Event.objects.filter(subject_type="occurrence"))
    client = client_for(world.auditor)
    findings.keep([findings.Found("late", event.pk, event.stream, event.number) for event in events])
    with django_assert_max_num_queries(41):
        client.get("/history/findings/")


def test_what_was_done_to_the_record_is_told_before_what_follows_from_it(world, client_for):
    world.walk("assigned")
    event = Event.objects.get(verb="occurrence.assigned")
    ended()
    findings.keep([findings.Found("late")])
    earlier, later = Check.objects.order_by("pk").last(), ended()
    for kind, check in (("gap", earlier), ("changed", later), ("state", later)):
        findings.keep([findings.Found(kind, event.pk, event.stream, event.number)])
        Finding.objects.filter(kind=kind).update(found_by=check)

    answer = client_for(world.auditor).get("/history/findings/")

    assert [row.finding.kind for row in answer.context["rows"]] == ["late", "changed", "state", "gap"]
    assert text(answer).count('<a href="/items/council/r1-1.2-c18/">') == 3


def test_finding_that_is_gone_is_told_apart(world, client_for):
    findings.keep([findings.Found("changed", event=1)])
    Finding.objects.update(gone_at=timezone.now())
    client = client_for(world.auditor)

    assert client.get("/history/findings/").context["rows"] == []
    assert len(client.get("/history/findings/?gone=1").context["rows"]) == 1


def test_search_uses_its_indexes(world):
    """The plan, not the clock: an exact request and a whole reference are found by an index on either database."""
    found = history.searched(Event.objects.order_by("pk"), {"request": "x"}).found
    plan = found.explain()

    assert "event_request" in plan or connection.vendor == "postgresql"
