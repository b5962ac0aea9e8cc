"""Calendar feeds, read by calendar programs through a real server, and what must never come out of one."""

import http.client
from datetime import date, timedelta
from urllib.parse import urlsplit

import icalendar
import pytest
import vobject
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.people import make_world
from tracker import feeds
from tracker.models import CalendarFeed, DeadlineRule, Event, EventWords, Obligation, Resolution, Session, Sitting
from workflows import steps, throttle

DUE = "due/council/r1-1.2-c18@localhost"
TASK = "task/council/r1-1.2-c18@localhost"


def read(feed):
    """A feed as a calendar program gets it, by the UID of each component."""
    answer = Client().get(reverse("feed", args=[feed.secret]))
    assert answer.status_code == 200
    calendar = icalendar.Calendar.from_ical(answer.content)
    return {str(one["UID"]): one for one in calendar.walk() if "UID" in one}


@pytest.fixture
def feed(world):
    """The contributor's own feed; they were asked to lead the turn for Council 2018."""
    world.walk("assigned")
    return steps.make_feed(by=world.contributor, kind="person")


# Making and ending --------------------------------------------------------------------------------------------------


def test_made_feed_is_recorded_without_its_secret(world, feed):
    events = Event.objects.filter(verb="feed.made")

    assert [event.actor for event in events] == [world.contributor]
    assert len(feed.secret) == 43
    assert feed.secret not in str(list(events.values())) + str(list(EventWords.objects.values()))


def test_history_tells_who_made_and_ended_a_feed_without_its_secret(world, feed, client_for):
    steps.end_feed(feed, by=world.contributor)
    html = client_for(world.contributor).get("/history/").content.decode()

    assert "made a calendar feed" in html
    assert "ended a calendar feed" in html
    assert feed.secret not in html


def test_feed_of_a_restricted_resolution_is_refused(world):
    hidden = Resolution.objects.create(
        body=world.council, slug="r2", symbol="Resolution 2", title="Hidden", visibility="restricted"
    )

    with pytest.raises(ValidationError) as refusal:
        steps.make_feed(by=world.outsider, kind="resolution", resolution=hidden)

    assert "resolution" in refusal.value.message_dict
    assert not CalendarFeed.objects.exists()
    assert steps.make_feed(by=world.secretary, kind="resolution", resolution=hidden).pk  # control: who may see it may


@pytest.mark.parametrize(("kind", "field"), [("resolution", "resolution"), ("body", "body"), ("nothing", "kind")])
def test_feed_about_nothing_is_refused(world, kind, field):
    with pytest.raises(ValidationError) as refusal:
        steps.make_feed(by=world.chair, kind=kind)

    assert field in refusal.value.message_dict


def test_nobody_ends_the_feed_of_somebody_else(world, feed):
    with pytest.raises(PermissionDenied):
        steps.end_feed(feed, by=world.secretary)

    assert read(feed)


def test_ended_feed_answers_404_and_ends_once(world, feed):
    steps.end_feed(feed, by=world.contributor)

    assert Client().get(reverse("feed", args=[feed.secret])).status_code == 404
    with pytest.raises(steps.NotTheMoment):
        steps.end_feed(feed, by=world.contributor)
    assert Event.objects.filter(verb="feed.ended").count() == 1


def test_feed_of_somebody_who_left_answers_404(world, feed):
    steps.deactivate(world.contributor, by=world.secretary, reason="Left.")

    assert Client().get(reverse("feed", args=[feed.secret])).status_code == 404


@pytest.mark.parametrize("secret", ["x", "%00", "a" * 43, "a" * 500, "ü" * 43, "'; --"])
def test_unknown_secret_answers_404(world, feed, secret):
    assert Client().get(f"/feeds/{secret}.ics").status_code == 404


# What is in a feed ----------------------------------------------------------------------------------------------------


def test_due_day_is_a_whole_day_without_a_zone(feed):
    event = read(feed)[DUE]

    assert event.name == "VEVENT"
    assert event.decoded("dtstart") == date(2018, 3, 18)
    assert event.decoded("dtend") == date(2018, 3, 19)
    assert event["dtstart"].params["VALUE"] == "DATE"
    assert "TZID" not in event["dtstart"].params


@pytest.mark.parametrize("name", ["UID", "DTSTAMP", "SUMMARY", "SEQUENCE", "LAST-MODIFIED", "STATUS", "URL"])
def test_every_component_has_what_it_must(feed, name):
    for component in read(feed).values():
        assert name in component
        assert component.decoded("dtstamp").utcoffset() == timedelta(0)


def test_turn_that_the_owner_owes_is_a_task_with_alarms_on_its_day(feed):
    found = read(feed)

    assert found[TASK].name == "VTODO"
    assert found[TASK]["STATUS"] == "NEEDS-ACTION"
    assert found[TASK].decoded("due") == date(2018, 3, 18)
    alarms = found[DUE].walk("VALARM")
    assert [one.decoded("trigger") for one in alarms] == [timedelta(days=-14, hours=9), timedelta(days=-3, hours=9)]
    assert all(one["ACTION"] == "DISPLAY" and one["DESCRIPTION"] for one in alarms)


def test_what_was_handed_in_rings_no_more_and_is_done(world, feed):
    world_turn = steps.accept(world.due, by=world.contributor)
    at_work = read(feed)[TASK]["STATUS"]
    steps.submit(world_turn, by=world.contributor, text="Done.")
    found = read(feed)

    assert at_work == "IN-PROCESS"
    assert found[TASK]["STATUS"] == "COMPLETED"
    assert not found[DUE].walk("VALARM")


def test_moved_session_raises_the_sequence_and_keeps_the_names(world, feed):
    before = read(feed)
    steps.move_session(
        world.sessions["C18"], opens=date(2018, 5, 7), closes=date(2018, 5, 17), by=world.secretary, reason="Room."
    )
    after = read(feed)

    assert set(after) == set(before)
    assert after[DUE].decoded("dtstart") == date(2018, 4, 7)
    for name in (DUE, TASK, "session/council/c18@localhost"):
        assert after[name]["SEQUENCE"] == before[name]["SEQUENCE"] + 1, name
    assert after["session/council/c18@localhost"].decoded("dtend") == date(2018, 5, 18)
    assert after["session/council/c17@localhost"]["SEQUENCE"] == before["session/council/c17@localhost"]["SEQUENCE"]


def test_changed_due_date_raises_the_sequence(world, feed):
    before = read(feed)[DUE]
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 3, 25), reason="Asked for.")
    after = read(feed)[DUE]

    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after.decoded("dtstart") == date(2018, 3, 25)
    assert after.decoded("last-modified") >= before.decoded("last-modified")


def test_assigning_for_another_day_raises_the_sequence(world, feed):
    turn = steps.unassign(world.due, by=world.chair, reason="Anew.")
    turn = steps.assign(turn, lead=world.contributor, by=world.chair)
    same_day = read(feed)[DUE]
    turn = steps.unassign(turn, by=world.chair, reason="Anew.")
    steps.assign(turn, lead=world.contributor, by=world.chair, due_on=date(2018, 3, 25), note="Agreed.")
    other_day = read(feed)[DUE]

    assert same_day["SEQUENCE"] == 0
    assert (other_day["SEQUENCE"], other_day.decoded("dtstart")) == (1, date(2018, 3, 25))


def test_waived_turn_is_cancelled_for_who_had_it(world, feed):
    steps.waive(world.due, by=world.secretary, decision=world.decide(outcome="waived"))
    found = read(feed)

    assert found[DUE]["STATUS"] == found[TASK]["STATUS"] == "CANCELLED"
    assert found[DUE]["SEQUENCE"] == 1


def test_turn_passed_on_leaves_the_feed(world, feed):
    steps.unassign(world.due, by=world.chair, reason="To somebody else.")

    assert DUE not in read(feed)


def test_cancelled_session_is_cancelled_and_its_turns_lose_their_day(world, feed):
    steps.change_session(world.sessions["C18"], by=world.secretary, state="cancelled", reason="No quorum.")
    found = read(feed)

    assert found["session/council/c18@localhost"]["STATUS"] == "CANCELLED"
    assert DUE not in found
    assert "DUE" not in found[TASK]


def test_feed_of_a_body_has_its_calendar_and_all_its_turns(world):
    rule = DeadlineRule.objects.create(body=world.council, slug="papers", name="Papers", days_before=14)
    Sitting.objects.create(session=world.sessions["C18"], kind="final", begins=date(2018, 10, 27))
    found = read(steps.make_feed(by=world.secretary, kind="body", body=world.council))

    deadline = found[f"deadline/council/c18/{rule.slug}@localhost"]
    assert deadline.decoded("dtstart") == date(2018, 4, 3)
    assert "Papers" in deadline["SUMMARY"]
    assert {DUE, "due/council/r1-1.2-c17@localhost", "meeting/group/m14@localhost"} <= set(found)
    assert found["session/council/c18/final-1@localhost"].decoded("dtend") == date(2018, 10, 28)
    assert not [one for one in found.values() if one.name == "VTODO" or one.walk("VALARM")]


def test_feed_of_a_resolution_has_its_turns_and_the_sessions_they_hang_on(world):
    Session.objects.create(body=world.council, code="X18", name="Extra", kind="extraordinary", opens=date(2018, 6, 1))
    found = read(steps.make_feed(by=world.chair, kind="resolution", resolution=world.resolution))

    assert DUE in found
    assert "session/council/c18@localhost" in found
    assert "session/council/x18@localhost" not in found


def test_feed_goes_a_year_back_and_no_further(world):
    found = read(steps.make_feed(by=world.secretary, kind="body", body=world.council))

    assert "due/council/r1-1.2-c17@localhost" in found  # April 2017, today being February 2018
    assert "due/council/r1-1.2-c16@localhost" not in found


def test_feed_holds_no_more_turns_than_it_may_those_to_come_first(world, monkeypatch):
    monkeypatch.setattr(feeds, "MOST", 1)
    found = read(steps.make_feed(by=world.secretary, kind="body", body=world.council))

    assert [name for name in found if name.startswith("due/")] == [DUE]


def test_empty_feed_is_a_calendar_all_the_same(world):
    feed = steps.make_feed(by=world.outsider, kind="person")
    content = Client().get(reverse("feed", args=[feed.secret])).content

    assert icalendar.Calendar.from_ical(content).subcomponents
    assert vobject.readOne(content.decode()).prodid.value


def test_feed_speaks_the_language_of_its_owner(world, feed):
    world.contributor.language = "fr"
    world.contributor.save()

    answer = Client().get(reverse("feed", args=[feed.secret]), headers={"accept-language": "es"})

    assert answer["Content-Language"] == "fr"


# What must never come out of one ----------------------------------------------------------------------------------------


def test_restricted_turn_is_read_with_the_eyes_of_the_owner_today(world):
    feed = steps.make_feed(by=world.councillor, kind="body", body=world.council)
    assert DUE in read(feed)  # control: it could leak

    Obligation.objects.update(visibility="restricted")

    assert not [name for name in read(feed) if name.startswith("due/")]
    assert DUE in read(steps.make_feed(by=world.chair, kind="body", body=world.council))


def test_feed_of_a_resolution_that_became_restricted_answers_404(world):
    feed = steps.make_feed(by=world.outsider, kind="resolution", resolution=world.resolution)
    assert Client().get(reverse("feed", args=[feed.secret])).status_code == 200

    Resolution.objects.update(visibility="restricted")

    assert Client().get(reverse("feed", args=[feed.secret])).status_code == 404


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x1c"])
def test_no_words_can_break_out_of_their_line(world, feed, breaks):
    words = f"Report{breaks}END:VEVENT{breaks}BEGIN:VALARM{breaks}ATTACH:x;,\\"
    Obligation.objects.update(title=words)
    Resolution.objects.update(symbol=words[:100])
    Session.objects.update(place=words)
    content = Client().get(reverse("feed", args=[feed.secret])).content.decode()

    assert not [line for line in content.splitlines() if line.startswith(("ATTACH", "END:VEVENT;"))]
    event = read(feed)[DUE]
    assert "END:VEVENT BEGIN:VALARM ATTACH:x;,\\" in event["SUMMARY"]
    assert len(vobject.readOne(content).vevent_list) == len([u for u in read(feed) if not u.startswith("task/")])


def test_lines_end_and_fold_as_they_must(world, feed):
    Obligation.objects.update(title="é" * 190)
    content = Client().get(reverse("feed", args=[feed.secret])).content

    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


# At the door ------------------------------------------------------------------------------------------------------------


def test_program_that_has_it_already_gets_304(world, feed):
    place = reverse("feed", args=[feed.secret])
    first = Client().get(place)

    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"].startswith("private")
    assert Client().get(place, headers={"if-none-match": first["ETag"]}).status_code == 304
    assert Client().get(place, headers={"if-modified-since": first["Last-Modified"]}).status_code == 304
    steps.change_due_date(world.due, by=world.chair, due_on=date(2018, 3, 25), reason="Asked for.")
    assert Client().get(place, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_same_record_gives_the_same_bytes(feed):
    place = reverse("feed", args=[feed.secret])

    assert Client().get(place).content == Client().get(place).content


def test_feed_read_too_often_is_put_off(world, feed, monkeypatch):
    monkeypatch.setattr("workflows.views.feeds.OFTEN", 2)
    place = reverse("feed", args=[feed.secret])

    assert [Client().get(place).status_code for _ in range(3)] == [200, 200, 429]
    throttle.forgive("feed", str(feed.pk))
    assert Client().get(place).status_code == 200


@pytest.mark.parametrize("kind", ["person", "body"])
def test_number_of_queries_does_not_grow_with_the_turns(world, kind):
    feed = steps.make_feed(by=world.contributor, kind=kind, body=world.group)
    place = reverse("feed", args=[feed.secret])
    world.walk("assigned", world.due)
    with CaptureQueriesContext(connection) as one:
        Client().get(place)
    for code in ("C19", "C20"):
        steps.add_session(
            world.council, code=code, name=code, opens=date(2000 + int(code[1:]), 6, 1), by=world.secretary
        )
    for turn in world.obligation.occurrences.filter(session__code__in=["C17", "C19"]):
        world.walk("assigned", turn)
    with CaptureQueriesContext(connection) as three:
        content = Client().get(place).content

    assert len(three) == len(one)
    assert content.count(b"UID:due/") >= 3


@pytest.mark.django_db(transaction=True)
def test_calendar_program_reads_a_feed_over_http(live_server, clock_pinned):
    world = make_world()
    world.walk("assigned")
    feed = steps.make_feed(by=world.contributor, kind="person")

    def asked(**headers):
        """Status, headers and calendar, as a program gets them over the wire."""
        line = http.client.HTTPConnection(urlsplit(live_server.url).netloc)
        line.request("GET", f"/feeds/{feed.secret}.ics", headers=headers)
        answer = line.getresponse()
        body = answer.read().decode()
        line.close()
        return answer.status, answer.headers, vobject.readOne(body) if body else None

    status, headers, first = asked()
    unchanged, _headers, nothing = asked(**{"If-None-Match": headers["ETag"]})
    steps.move_session(world.sessions["C18"], opens=date(2018, 5, 7), by=world.secretary, reason="Room.")
    changed, _headers, second = asked(**{"If-None-Match": headers["ETag"]})

    assert (status, unchanged, changed) == (200, 304, 200)
    assert nothing is None
    assert headers["Set-Cookie"] is None
    event, moved = (next(one for one in c.vevent_list if one.uid.value == DUE) for c in (first, second))
    assert (event.dtstart.value, moved.dtstart.value) == (date(2018, 3, 18), date(2018, 4, 7))
    assert int(moved.sequence.value) == int(event.sequence.value) + 1
    assert len(event.valarm_list) == 2
    assert first.vtodo.due.value == date(2018, 3, 18)


# The page ---------------------------------------------------------------------------------------------------------------


def test_page_makes_shows_and_ends_feeds(world, client_for):
    client = client_for(world.chair)
    client.post("/calendar/feeds/", {"about": "resolution:council/r1"})
    made = CalendarFeed.objects.get()

    assert made.resolution == world.resolution
    assert made.secret in client.get("/calendar/feeds/").content.decode()
    assert made.secret not in client_for(world.secretary).get("/calendar/feeds/").content.decode()
    assert client_for(world.secretary).post(f"/calendar/feeds/{made.pk}/end/").status_code == 404
    assert client.post(f"/calendar/feeds/{made.pk}/end/").status_code == 302
    assert made.secret not in client.get("/calendar/feeds/").content.decode()


@pytest.mark.parametrize("about", ["", "resolution:council/r9", "body:\x00", "person:x"])
def test_page_refuses_what_it_did_not_offer(world, client_for, about):
    assert client_for(world.chair).post("/calendar/feeds/", {"about": about}).status_code == 400
    assert not CalendarFeed.objects.exists()


def test_page_is_for_those_who_have_logged_in(world):
    assert Client().get("/calendar/feeds/")["Location"].startswith("/login/")
