"""A hand-over: opened when a term begins after another, noted on, accepted; in tasks, in a mail and on a page until then."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_fsm import TransitionNotAllowed

from tests.people import World
from tracker import access
from tracker.models import Comment, Event, HandOver, Notice, Occurrence, Office, Person, Term
from tracker.summaries.hand_over import pack
from workflows import notices, reminders, steps
from workflows.inbox import waiting_hand_overs

ClientFor = Callable[[Person], Client]
TODAY = date(2018, 2, 16)
DAY = timedelta(days=1)


def follow(world: World, begins: date = TODAY) -> HandOver:
    """The outsider follows the contributor in their office."""
    term = steps.appoint(world.offices["contributor"], world.outsider, begins=begins, by=world.secretary)
    return HandOver.objects.get(term=term)


def text(response: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))  # type: ignore[attr-defined]


# ── opened ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hand_over_is_opened_with_the_term_in_one_act(world: World):
    found = follow(world)

    assert found.predecessor.person == world.contributor
    events = Event.objects.order_by("-pk")[:3]
    assert [event.verb for event in events] == ["handover.opened", "term.begun", "term.ended"]
    assert len({event.request_id for event in events}) == 1
    assert events[0].body == world.group


def test_first_holder_alternate_and_reappointed_holder_are_handed_nothing(world: World):
    fresh = steps.add_office(world.group, title="New", role="member", slug="new", by=world.secretary)
    steps.appoint(fresh, world.outsider, by=world.secretary)
    steps.appoint(world.offices["contributor"], world.outsider, part="alternate", by=world.secretary)
    steps.end_term(Term.objects.get(person=world.contributor), ends=TODAY, by=world.secretary)
    steps.appoint(world.offices["contributor"], world.contributor, begins=TODAY + DAY, by=world.secretary)

    assert not HandOver.objects.exists()


def test_holder_after_a_vacancy_is_handed_what_the_last_one_left(world: World):
    steps.end_term(Term.objects.get(person=world.contributor), ends=TODAY - 30 * DAY, by=world.secretary)

    assert follow(world).predecessor.person == world.contributor


# ── what it shows ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hand_over_shows_open_items_slips_reports_and_questions(world: World):
    office = world.offices["contributor"]
    turn = steps.accept(steps.assign(world.due, lead=office, by=world.chair), by=world.contributor)
    steps.change_due_date(turn, due_on=date(2018, 3, 25), reason="More time.", by=world.chair)
    steps.submit(turn, by=world.contributor, symbol="C18/17")
    steps.send_back(turn, by=world.chair, reason="Name the sources.")
    before = steps.assign(world.past, lead=office, by=world.chair)
    steps.submit(steps.accept(before, by=world.contributor), by=world.contributor, symbol="C17/9")
    steps.set_substitute(office, world.people["helper"], begins=TODAY, ends=TODAY + DAY, by=world.contributor)

    found = pack(world.outsider, follow(world))

    item = next(one for one in found.items if one.occurrence == turn)
    (slip,) = item.slips
    assert (item.part, item.mark.code, item.sent_back) == ("lead", "due", "Name the sources.")
    assert (slip.before, slip.after, slip.by, slip.reason) == ("2018-03-18", "2018-03-25", "Chair", "More time.")
    assert item.report.symbol == "C17/9"
    assert found.questions == [item]
    assert [str(one.substitute) for one in found.substitutions] == ["Helper"]


def test_hand_over_shows_what_the_predecessor_was_asked_for_in_person(world: World):
    turn = steps.assign(world.due, lead=world.contributor, by=world.chair)

    found = follow(world)

    assert [one.occurrence for one in pack(world.outsider, found).personal] == [turn]


def test_hand_over_leaves_out_what_the_predecessor_keeps_in_person(world: World):
    steps.assign(world.due, lead=world.contributor, by=world.chair)
    Term.objects.create(office=world.offices["vice_chair"], person=world.contributor, part="alternate")

    assert pack(world.outsider, follow(world)).personal == ()


def test_comments_are_shown_to_those_who_may_read_them(world: World):
    turn = steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    said = {"occurrence": turn, "author": world.chair, "posted_at": "2018-02-16T09:00Z"}
    Comment.objects.create(text="Where are the figures?", **said)
    Comment.objects.create(text="Taken back.", taken_back_at="2018-02-16T09:05Z", **said)
    found = follow(world)  # the duty is public knowledge among members, and the contributor is none any more
    world.obligation.visibility = "public"
    world.obligation.save()

    (item,) = pack(world.outsider, found).items
    assert [one.text for one in item.comments] == ["Where are the figures?"]
    (item,) = pack(world.contributor, found).items
    assert item.comments == ()


def test_page_costs_the_same_for_one_item_and_for_three(world: World, client_for: ClientFor):
    turns = [world.due, world.past, Occurrence.objects.get(reference="council/r1-1.2-c16")]
    steps.assign(turns[0], lead=world.offices["contributor"], by=world.chair)
    url = f"/hand-overs/{follow(world).pk}/"

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client_for(world.outsider).get(url).status_code == 200
        return len(caught)

    one = cost()
    for turn in turns[1:]:
        steps.assign(turn, lead=world.offices["contributor"], by=world.chair)

    assert cost() == one


# ── noted and accepted ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_predecessor_and_secretary_leave_words_and_nobody_else_does(world: World):
    found = follow(world)

    steps.note_hand_over(found, note="Ask the library for the figures.", by=world.contributor)
    steps.note_hand_over(found, note="Ask the library; see C18/2.", by=world.secretary)
    for who in (world.chair, world.outsider):
        with pytest.raises(PermissionDenied):
            steps.note_hand_over(found, note="Mine.", by=who)

    found.refresh_from_db()
    assert (found.note, found.note_by) == ("Ask the library; see C18/2.", world.secretary)
    event = Event.objects.filter(verb="handover.noted").first()
    assert event.words.words["note"] == ["", "Ask the library for the figures."]
    assert "library" not in str(event.changes)


@pytest.mark.parametrize("note", ["", "nul \x00", "x" * 20_001])
def test_note_refuses_what_does_not_hold(world: World, note: str):
    with pytest.raises(ValidationError) as refused:
        steps.note_hand_over(follow(world), note=note, by=world.contributor)

    assert "note" in refused.value.message_dict
    assert not Event.objects.filter(verb="handover.noted").exists()


def test_successor_accepts_once_from_the_first_day_of_the_term(world: World, settings):
    found = follow(world, begins=TODAY + DAY)
    with pytest.raises(TransitionNotAllowed):
        steps.accept_hand_over(found, by=world.outsider)
    settings.RESOLVES_NOW = "2018-02-17T09:00"
    for who in (world.contributor, world.chair, world.secretary):
        with pytest.raises(PermissionDenied):
            steps.accept_hand_over(found, by=who)

    steps.accept_hand_over(found, by=world.outsider)

    found.refresh_from_db()
    assert found.accepted_by == world.outsider
    with pytest.raises(TransitionNotAllowed):
        steps.accept_hand_over(found, by=world.outsider)
    with pytest.raises(TransitionNotAllowed):
        steps.note_hand_over(found, note="Too late.", by=world.contributor)
    assert Event.objects.filter(verb="handover.accepted").count() == 1


def test_stand_in_accepts_for_the_successor_with_both_names(world: World):
    found = follow(world)
    steps.appoint(world.offices["contributor"], world.people["helper"], part="alternate", by=world.secretary)

    steps.accept_hand_over(found, by=world.people["helper"])

    event = Event.objects.get(verb="handover.accepted")
    assert (event.actor, event.acting_for) == (world.people["helper"], world.outsider)


# ── told ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def rounds(mailoutbox: list) -> list:
    """What a round of the clock mails."""
    before = len(mailoutbox)
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)
    notices.send(reminders.outdated)
    return mailoutbox[before:]


def test_successor_is_told_once_on_the_first_day(world: World, mailoutbox: list, settings):
    found = follow(world, begins=TODAY + DAY)

    assert rounds(mailoutbox) == []
    settings.RESOLVES_NOW = "2018-02-17T09:00"
    (mail,) = rounds(mailoutbox)

    assert mail.to == ["outsider@resolves.example"]
    assert mail.subject == "A hand-over waits for you: Contributor, Group"
    assert f"/hand-overs/{found.pk}/" in mail.body
    assert "after Contributor" in mail.body
    assert rounds(mailoutbox) == []
    assert Notice.objects.get(kind="handed_over").state == "sent"


def test_hand_over_accepted_before_the_mail_goes_is_not_told(world: World, mailoutbox: list):
    steps.accept_hand_over(follow(world), by=world.outsider)

    assert rounds(mailoutbox) == []
    assert Notice.objects.get(kind="handed_over").reason == "accepted already"


def test_hand_over_stands_in_tasks_and_among_people_until_it_is_accepted(world: World, client_for: ClientFor):
    found = follow(world)
    link = f"/hand-overs/{found.pk}/"
    pages = [(world.outsider, "/tasks/"), (world.secretary, "/people/")]

    assert all(link in client_for(who).get(url).content.decode() for who, url in pages)
    assert waiting_hand_overs(world.outsider) == [found]
    assert waiting_hand_overs(world.contributor) == []
    assert client_for(world.outsider).post(f"{link}accept/", {}).status_code == 302
    assert not any(link in client_for(who).get(url).content.decode() for who, url in pages)


# ── read ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hand_over_is_read_by_those_whose_it_is(world: World, client_for: ClientFor):
    url = f"/hand-overs/{follow(world).pk}/"

    read = {name for name, who in world.people.items() if client_for(who).get(url).status_code == 200}

    assert read == {"outsider", "contributor", "secretary", "auditor"}
    assert client_for(world.chair).get(url).status_code == 404
    assert client_for(world.secretary).get("/hand-overs/99999999999999999999999/").status_code == 404
    assert Client().get(url).headers["Location"].startswith("/login/")


def test_words_for_the_successor_are_not_read_in_the_history_by_others(world: World):
    steps.note_hand_over(follow(world), note="Ask the library.", by=world.contributor)

    readers = {n for n, who in world.people.items() if access.events(who).filter(verb="handover.noted").exists()}

    assert readers == {"outsider", "contributor", "secretary", "auditor"}


def test_page_offers_what_the_reader_may_do_and_the_forms_refuse_the_rest(world: World, client_for: ClientFor):
    url = f"/hand-overs/{follow(world).pk}/"

    offered = {
        name: ("Accept the hand-over" in page, "Write down open questions" in page)
        for name in ("outsider", "contributor", "secretary", "auditor")
        for page in [text(client_for(world.people[name]).get(url))]
    }

    assert offered == {
        "outsider": (True, False),
        "contributor": (False, True),
        "secretary": (False, True),
        "auditor": (False, False),
    }
    assert client_for(world.people["auditor"]).post(f"{url}note/", {"note": "Mine."}).status_code == 403
    assert client_for(world.contributor).post(f"{url}accept/", {}).status_code == 403
    assert client_for(world.contributor).post(f"{url}note/", {"note": "Ask the library."}).status_code == 302
    assert "Ask the library." in text(client_for(world.outsider).get(url))


def test_restricted_items_are_not_shown_to_a_predecessor_who_may_not_see_them(world: World):
    world.obligation.visibility = "restricted"
    world.obligation.save()
    turn = steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    found = follow(world)
    Term.objects.filter(person=world.contributor).update(ends=TODAY - DAY)

    assert [one.occurrence for one in pack(world.outsider, found).items] == [turn]
    assert pack(world.contributor, found).items == ()
    assert access.hand_overs(world.contributor).get() == found
    assert Office.objects.get(pk=world.offices["contributor"].pk).holder(TODAY) == world.outsider
