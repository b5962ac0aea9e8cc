"""Comments with mentions, and watching: who may, who is told, and what stays hidden."""

import json
from collections.abc import Generator
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django_fsm import TransitionNotAllowed

from tests.post_office import PostOffice, deliver_through, open_post_office
from tests.record import everything, verified
from tests.workflows.test_notices import a_round, text_of
from tracker import access, history
from tracker.models import Comment, Event, Mention, Notice, Visibility, Watch
from workflows import notices, steps
from workflows.notices import hearing

pytestmark = pytest.mark.django_db
PLACE = "/items/council/r1-1.2-c18/"
API = "/api/v1/occurrences/council/r1-1.2-c18/"
RESTRICTED = Visibility.RESTRICTED


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


def subjects(office, name):
    return [mail["Subject"] for mail in office.to(name)]


# --- comments: who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["secretary", "council_chair", "chair", "vice_chair", "contributor", "helper", "councillor", "auditor"]
)
def test_people_of_the_body_s_family_may_comment(world, who):
    posted = steps.comment(world.due, by=world.people[who], text=" The annex is missing. ")

    assert (posted.text, posted.author) == ("The annex is missing.", world.people[who])
    event = Event.objects.get(verb="occurrence.commented")
    assert "annex" not in json.dumps(event.changes)
    assert "annex" in json.dumps(event.words.words)
    assert verified()


def test_stranger_to_the_body_may_not_comment_even_on_what_is_public(world):
    type(world.obligation).objects.update(visibility=Visibility.PUBLIC)

    with pytest.raises(PermissionDenied, match="people of its body"):
        steps.comment(world.due, by=world.outsider, text="Hello.")


def test_table_names_every_verb_beside_the_path():
    assert set(access.TALK) == {"comment", "take_back_comment", "watch", "unwatch"}
    assert {who for allowed in access.TALK.values() for who in allowed} == set(access.TALK_WORDS)


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "x" * 10_001])
def test_comment_without_usable_words_is_refused(world, text):
    before = everything()

    with pytest.raises(ValidationError) as refusal:
        steps.comment(world.due, by=world.chair, text=text)

    assert "text" in refusal.value.message_dict
    assert everything() == before


def test_comment_is_never_public(world):
    with pytest.raises(ValidationError, match="never public"):
        steps.comment(world.due, by=world.chair, text="To all.", visibility=Visibility.PUBLIC)


def test_comment_moves_nothing(world):
    turn = world.walk("assigned")

    steps.comment(turn, by=world.chair, text="How is it going?")

    after = world.due
    assert (after.status, after.status_since) == (turn.status, turn.status_since)


# --- mentions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@chair, please look.", ["chair"]),
        ("See @chair.", ["chair"]),
        ("(@vice_chair) and @chair and @chair", ["chair", "vice_chair"]),
        ("Write to chair@resolves.example", []),
        ("@ nobody", []),
        ("@@chair", ["chair"]),
    ],
)
def test_mention_is_found_where_a_person_would_see_one(world, text, named):
    posted = steps.comment(world.due, by=world.secretary, text=text)

    assert sorted(mention.person.username for mention in posted.mentions.all()) == named


@pytest.mark.parametrize("name", ["nobody-of-this-name", "outsider"])
def test_mention_of_who_may_not_read_it_posts_nothing_and_looks_like_an_unknown_name(world, name):
    with pytest.raises(ValidationError) as refusal:
        steps.comment(world.due, by=world.chair, text=f"@secretary and @{name}: look.")

    assert refusal.value.messages == [f"Nobody of this name may read it: @{name}. Nothing has been posted."]
    assert not Comment.objects.exists()
    assert not Mention.objects.exists()


def test_restricted_comment_mentions_only_those_who_may_read_it(world):
    with pytest.raises(ValidationError, match="@councillor"):
        steps.comment(world.due, by=world.chair, text="@councillor", visibility=RESTRICTED)

    steps.comment(world.due, by=world.chair, text="@secretary", visibility=RESTRICTED)


def test_person_who_has_left_is_not_mentioned(world):
    type(world.helper).objects.filter(pk=world.helper.pk).update(is_active=False)

    with pytest.raises(ValidationError, match="@helper"):
        steps.comment(world.due, by=world.chair, text="@helper")


# --- what is restricted -----------------------------------------------------------------------------------------------


def test_restricted_comment_is_read_only_near_the_item(world, client_for):
    world.walk("assigned")
    steps.comment(world.due, by=world.chair, text="Between us.", visibility=RESTRICTED)
    steps.comment(world.due, by=world.chair, text="For the members.")

    for name, near in [("secretary", True), ("contributor", True), ("chair", True), ("councillor", False)]:
        client = client_for(world.people[name])
        page, api = client.get(PLACE).content.decode(), client.get(f"{API}comments/").content.decode()
        events = client.get("/api/v1/events/?verb=occurrence.commented").content.decode()
        assert ("Between us." in page, "Between us." in api, "Between us." in events) == (near, near, near), name
        assert "For the members." in page
        assert "For the members." in api


def test_public_item_shows_its_comments_to_no_stranger(world, client, client_for):
    type(world.obligation).objects.update(visibility=Visibility.PUBLIC)
    steps.comment(world.due, by=world.chair, text="For the members.")

    for one in (client, client_for(world.outsider)):
        page = one.get(PLACE)
        assert page.status_code == 200
        assert "For the members." not in page.content.decode()
    assert client_for(world.outsider).get(f"{API}comments/").json() == []


def test_history_hides_a_comment_that_its_reader_may_not_read(world):
    steps.comment(world.due, by=world.chair, text="Between us, @secretary.", visibility=RESTRICTED)
    event = Event.objects.get(verb="occurrence.commented")

    (shown,) = history.lines([event], reader=world.councillor)
    (near,) = history.lines([event], reader=world.chair)

    assert "Between us" not in repr(shown)
    assert "Secretary" not in repr(shown.changes)
    assert "Between us" in repr(near)


# --- taking back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["contributor", "secretary"])
def test_comment_is_taken_back_by_its_author_or_the_secretary(world, client_for, who):
    posted = steps.comment(world.due, by=world.contributor, text="Too rash.")

    steps.take_back_comment(posted, by=world.people[who])

    page = client_for(world.chair).get(PLACE).content.decode()
    assert "Too rash." not in page
    assert "This comment was taken back." in page
    (row,) = client_for(world.chair).get(f"{API}comments/").json()
    assert row["text"] is None
    assert row["taken_back_at"]
    with pytest.raises(TransitionNotAllowed, match="taken back already"):
        steps.take_back_comment(posted, by=world.people[who])
    assert verified()


def test_comment_is_not_taken_back_by_somebody_else(world):
    posted = steps.comment(world.due, by=world.contributor, text="Mine.")

    with pytest.raises(PermissionDenied):
        steps.take_back_comment(posted, by=world.chair)


def test_comment_that_may_not_be_read_looks_missing(world):
    posted = steps.comment(world.due, by=world.chair, text="Between us.", visibility=RESTRICTED)

    with pytest.raises(Http404):
        access.comment(world.councillor, world.due, posted.pk)
    with pytest.raises(Http404):
        access.comment(world.chair, world.past, posted.pk)


# --- pages and API ----------------------------------------------------------------------------------------------------


def test_page_posts_a_comment_and_keeps_the_words_of_a_refused_one(world, client_for):
    client = client_for(world.chair)

    refused = client.post(f"{PLACE}comments/", {"text": "Hello @nobody", "visibility": "members"})
    posted = client.post(f"{PLACE}comments/", {"text": "Hello <b>all</b>", "visibility": "members"})

    assert refused.status_code == 400
    assert "Hello @nobody" in refused.content.decode()
    assert "Nobody of this name may read it: @nobody." in refused.content.decode()
    assert posted.status_code == 302
    assert "Hello &lt;b&gt;all&lt;/b&gt;" in client.get(PLACE).content.decode()


def test_page_takes_a_comment_back_once(world, client_for):
    posted = steps.comment(world.due, by=world.chair, text="Once.")
    address = f"{PLACE}comments/{posted.pk}/take-back/"
    client = client_for(world.chair)

    answers = [client.post(address).status_code, client.post(address).status_code]

    assert answers == [302, 409]
    assert client_for(world.councillor).post(address).status_code == 403
    assert client_for(world.outsider).post(address).status_code == 404


def test_api_posts_reads_and_takes_back(world, client_for):
    client = client_for(world.chair)

    made = client.post(f"{API}comments/", {"text": "For @secretary", "visibility": "restricted"}, "application/json")
    number = made.json()["number"]

    assert made.status_code == 201
    assert made.json()["mentions"] == ["secretary"]
    assert [row["number"] for row in client.get(f"{API}comments/").json()] == [number]
    assert client.post(f"{API}comments/{number}/take-back/").json()["text"] is None
    assert client.post(f"{API}comments/{number}/take-back/").status_code == 409
    assert client.post(f"{API}comments/", {"text": "@nobody"}, "application/json").status_code == 400
    assert client.post(f"{API}comments/", {"text": "\x00"}, "application/json").status_code == 400
    assert client_for(world.outsider).get(f"{API}comments/").status_code == 404


def test_number_of_queries_of_the_item_does_not_grow_with_comments(world, client_for):
    client = client_for(world.chair)
    steps.comment(world.due, by=world.chair, text="One @secretary.")
    client.get(PLACE)
    with CaptureQueriesContext(connection) as one:
        client.get(PLACE)
    steps.comment(world.due, by=world.secretary, text="Two @chair.")
    steps.comment(world.due, by=world.councillor, text="Three.")

    with CaptureQueriesContext(connection) as three:
        client.get(PLACE)

    assert len(three) == len(one)


# --- mails of comments ------------------------------------------------------------------------------------------------


def test_mentioned_are_told_and_nobody_else(world, office):
    world.walk("in_progress")
    a_round()
    before = {name: len(office.to(name)) for name in world.people}
    steps.comment(world.due, by=world.contributor, text="@vice_chair, which table do you mean?")
    a_round()

    new = {name: len(office.to(name)) - before[name] for name in world.people}
    assert {name for name, count in new.items() if count} == {"vice_chair"}
    mail = office.to("vice_chair")[-1]
    assert mail["Subject"] == "Contributor mentioned you: Annual report (r1-1.2-c18)"
    assert "which table do you mean?" in text_of(mail)
    assert "you were mentioned in a comment" in text_of(mail)


def test_mention_in_a_comment_taken_back_is_not_told(world, office):
    posted = steps.comment(world.due, by=world.contributor, text="@vice_chair: no.")
    steps.take_back_comment(posted, by=world.contributor)
    a_round()

    assert not office.to("vice_chair")
    assert Notice.objects.get(kind="mentioned").reason == hearing.TAKEN_BACK


def test_mention_of_oneself_needs_no_mail(world, office):
    steps.comment(world.due, by=world.vice_chair, text="Note to @vice_chair.")
    a_round()

    assert not office.to("vice_chair")


def test_mentioned_person_who_may_no_longer_read_it_is_not_told(world, office):
    steps.comment(world.due, by=world.chair, text="@vice_chair: between us.", visibility=RESTRICTED)
    world.vice_chair.terms.update(ends=date(2018, 1, 1))
    a_round()

    assert not office.to("vice_chair")
    assert Notice.objects.get(kind="mentioned").reason == hearing.NOT_TO_SEE


# --- watching ---------------------------------------------------------------------------------------------------------


def test_watching_and_ending_it_are_each_recorded_once(world):
    one = steps.watch(world.due, by=world.councillor)
    again = steps.watch(world.past, by=world.councillor)

    assert one == again
    steps.unwatch(one, by=world.councillor)
    steps.unwatch(one, by=world.councillor)
    assert list(Event.objects.filter(verb__startswith="watch.").values_list("verb", flat=True)) == [
        "watch.started",
        "watch.ended",
    ]
    assert steps.watch(world.due, by=world.councillor) != one


def test_watching_what_one_may_not_see_is_refused(world, client_for):
    with pytest.raises(PermissionDenied):
        steps.watch(world.due, by=world.outsider)
    assert client_for(world.outsider).post(f"{PLACE}watch/").status_code == 404


def test_nobody_ends_another_s_watch(world):
    one = steps.watch(world.due, by=world.councillor)

    with pytest.raises(PermissionDenied):
        steps.unwatch(one, by=world.secretary)


def test_watcher_hears_what_happens_in_one_mail_a_round(world, office):
    steps.watch(world.due, by=world.councillor)
    world.walk("endorsed")
    steps.comment(world.due, by=world.chair, text="Well done.")
    a_round()

    (mail,) = office.to("councillor")
    words = text_of(mail)
    assert mail["Subject"] == "4 events on what you watch: Annual report"
    for sentence in ("Chair assigned it", "Contributor submitted", "Chair endorsed", "Chair commented"):
        assert sentence in words
    assert "Well done." in words
    assert "you watch this item" in words


def test_watcher_hears_of_every_turn_of_the_item(world, office):
    steps.watch(world.due, by=world.councillor)
    world.walk("assigned", world.past)
    a_round()

    assert subjects(office, "councillor") == ["Chair assigned it: Annual report (r1-1.2-c17)"]


def test_watcher_hears_that_a_session_moved(world, office):
    steps.watch(world.due, by=world.councillor)
    moved(world)
    a_round()

    (mail,) = office.to("councillor")
    assert "Secretary moved it with its session or meeting: Sunday 18 March 2018 → Sunday 8 April 2018" in text_of(mail)


def test_watcher_hears_of_a_move_and_of_a_mention_in_one_mail(world, office):
    steps.watch(world.due, by=world.councillor)
    moved(world)
    steps.comment(world.due, by=world.chair, text="Good to know, @councillor.")
    a_round()

    (mail,) = office.to("councillor")
    assert mail["Subject"].startswith("Chair mentioned you")
    assert "Secretary moved it with its session or meeting" in text_of(mail)


def moved(world):
    steps.move_session(
        world.sessions["C18"], by=world.secretary, opens=date(2018, 5, 8), closes=date(2018, 5, 18), reason="The hall."
    )


def test_watcher_is_not_told_of_their_own_act(world, office):
    steps.watch(world.due, by=world.chair)
    world.walk("assigned")
    a_round()

    assert not office.to("chair")


@pytest.mark.parametrize(
    ("who", "status", "kind"),
    [
        ("contributor", "assigned", "assigned"),
        ("chair", "submitted", "submitted"),
        ("secretary", "endorsed", "endorsed"),
    ],
)
def test_watcher_who_is_told_of_an_event_otherwise_hears_of_it_once(world, office, who, status, kind):
    steps.watch(world.due, by=world.people[who])
    turn = world.walk(status)
    a_round()

    told = Notice.objects.filter(person=world.people[who], event__subject_id=turn.pk, event__verb=f"occurrence.{kind}")
    assert sorted(told.values_list("kind", "state")) == sorted([(kind, "sent"), ("watched", "skipped")])
    assert "What happened on what you watch" not in text_of(office.to(who)[-1]) or kind != status


def test_mentioned_watcher_hears_of_the_comment_once(world, office):
    steps.watch(world.due, by=world.councillor)
    steps.comment(world.due, by=world.chair, text="@councillor, look.")
    a_round()

    (mail,) = office.to("councillor")
    assert mail["Subject"].startswith("Chair mentioned you")
    assert "Also:" not in text_of(mail)


def test_watcher_who_may_no_longer_see_it_is_not_told(world, office):
    steps.watch(world.due, by=world.councillor)
    world.walk("assigned")
    world.councillor.terms.update(ends=date(2018, 1, 1))
    a_round()

    assert not office.to("councillor")
    assert Notice.objects.get(kind="watched").reason == hearing.NOT_TO_SEE


def test_watcher_who_may_no_longer_see_it_is_not_told_when_the_mail_is_about_to_go(world, office):
    steps.watch(world.due, by=world.councillor)
    world.walk("assigned")
    notices.announce(notices.unannounced())
    notices.gather(lambda *_: "")
    world.councillor.terms.update(ends=date(2018, 1, 1))
    a_round()

    assert not office.to("councillor")
    assert Notice.objects.get(kind="watched").reason == hearing.NOT_TO_SEE


def test_control_without_the_check_the_watcher_would_be_told(world, office, monkeypatch):
    monkeypatch.setattr(access, "sees", lambda *_: True)
    steps.watch(world.due, by=world.councillor)
    world.walk("assigned")
    world.councillor.terms.update(ends=date(2018, 1, 1))
    a_round()

    assert len(office.to("councillor")) == 1


def test_watcher_of_a_restricted_comment_is_not_told_of_it(world, office):
    steps.watch(world.due, by=world.councillor)
    steps.comment(world.due, by=world.chair, text="Between us.", visibility=RESTRICTED)
    a_round()

    assert not office.to("councillor")


def test_watch_that_ended_before_the_mail_goes_is_not_told(world, office):
    one = steps.watch(world.due, by=world.councillor)
    world.walk("assigned")
    steps.unwatch(one, by=world.councillor)
    a_round()

    assert not office.to("councillor")


def test_page_watches_lists_and_ends(world, client_for):
    client = client_for(world.councillor)

    client.post(f"{PLACE}watch/")

    assert "Watch no longer" in client.get(PLACE).content.decode()
    assert "Annual report" in client.get("/watching/").content.decode()
    assert client.post(f"{PLACE}watch/", {"act": "end", "back": "watching"}).url == "/watching/"
    assert "You watch nothing" in client.get("/watching/").content.decode()
    assert not Watch.objects.filter(ended_at=None).exists()


def test_api_watches_and_ends(world, client_for):
    client = client_for(world.councillor)

    answers = [client.put(f"{API}watch/"), client.get(f"{API}watch/"), client.delete(f"{API}watch/")]

    assert [answer.json()["watching"] for answer in answers] == [True, True, False]
    assert client_for(world.outsider).put(f"{API}watch/").status_code == 404


def test_ledger_shows_watching_and_mentions_to_themselves_alone(world, office, client_for):
    steps.watch(world.due, by=world.councillor)
    steps.comment(world.due, by=world.chair, text="@secretary: between us.", visibility=RESTRICTED)
    world.walk("assigned")
    a_round()

    kinds = {
        name: {one.notice.kind for one in client_for(world.people[name]).get(PLACE).context["reminders"]} - {"reminder"}
        for name in ("councillor", "secretary", "vice_chair")
    }

    assert kinds == {
        "councillor": {"assigned", "watched"},
        "secretary": {"assigned", "mentioned"},
        "vice_chair": {"assigned"},
    }


def test_telling_watchers_of_many_events_asks_the_database_once(world, django_assert_max_num_queries):
    steps.watch(world.due, by=world.councillor)
    steps.watch(world.due, by=world.auditor)
    world.walk("endorsed", world.past)
    world.walk("endorsed")
    events = [event for event in notices.unannounced() if event.verb in hearing.FOLLOWED]

    with django_assert_max_num_queries(13):
        notices.announce(events)

    assert Notice.objects.filter(kind="watched").count() == 2 * len(events) == 12


def test_secretary_s_tasks_lead_to_the_decisions(world, client_for):
    world.walk("endorsed", world.past)

    page = client_for(world.secretary).get("/tasks/")

    assert page.context["to_close"] == 1
    assert "/decisions/" in page.content.decode()
    assert "/decisions/" not in client_for(world.chair).get("/tasks/").content.decode()
