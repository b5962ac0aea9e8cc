"""Erasing words on request: they go wherever they stand, the record stays whole and says that it happened."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.people import World
from tests.record import everything, new_heads, taken_in, verified
from tests.workflows.test_anonymity import columns
from tracker import erasures
from tracker.log import replay, sealing
from tracker.models import Event, EventWords, Evidence, Message, Occurrence, Person
from workflows import notices, reminders, steps

ClientFor = Callable[[Person], Client]
WORDS = "The neighbour of the delegate, Quince Underhill, fell ill."
REASON = "Asked for by letter of 2 February."


def holding(words: str) -> set[str]:
    return {where for where, said in columns() if words in said}


def event_of(verb: str) -> Event:
    return Event.objects.select_related("body").filter(verb=verb).latest("pk")


@pytest.fixture
def handed_in(world: World) -> Occurrence:
    """A report that says too much."""
    turn = world.walk("in_progress")
    return steps.submit(turn, by=world.contributor, text=WORDS)


def test_words_of_a_report_go_with_its_text(world: World, handed_in: Occurrence):
    new_heads()
    sealing.seal()
    assert holding(WORDS) == {"tracker.Report.text", "tracker.EventWords.words"}  # the control: it stands in both
    event = event_of("occurrence.submitted")
    kept = list(Event.objects.order_by("pk").values_list("pk", "hash", "words_hash"))

    goes = steps.would_erase(event)
    done = steps.erase_words(event, by=world.secretary, reason=REASON)

    assert holding(WORDS) == set()
    assert [column.key for column in goes.columns] == [f"report:{handed_in.reports.get().pk}.text"]
    assert (done.stream, done.verb, done.actor) == (event.stream, "words.erased", world.secretary)
    assert done.changes["emptied"] == [None, [event.pk]]
    assert done.words.words == {"reason": REASON}
    assert list(Event.objects.order_by("pk").values_list("pk", "hash", "words_hash"))[: len(kept)] == kept
    assert verified(words=False) == Event.objects.count()
    assert sealing.seal().refused == []


def test_words_that_became_something_else_go_from_both_entries(world: World):
    """The words before a change are the words after the one before it."""
    turn = steps.hold(world.due, by=world.chair, reason=WORDS, waiting_on="The host")
    steps.resume(turn, by=world.chair)
    held, resumed = event_of("occurrence.held"), event_of("occurrence.resumed")
    assert all(WORDS in str(one.words.words) for one in (held, resumed))

    done = steps.erase_words(held, by=world.secretary, reason=REASON)

    assert holding(WORDS) == set()
    assert done.changes["emptied"] == [None, [held.pk, resumed.pk]]


def test_words_on_hold_leave_the_item_itself(world: World):
    steps.hold(world.due, by=world.chair, reason=WORDS)

    steps.erase_words(event_of("occurrence.held"), by=world.secretary, reason=REASON)

    assert world.due.hold_reason == ""
    assert world.due.status == "planned"
    assert holding(WORDS) == set()


def test_mails_that_quote_them_lose_their_text(world: World):
    steps.assign(world.due, lead=world.contributor, by=world.chair, note=WORDS)
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)
    notices.send(reminders.outdated)
    assert "tracker.Message.text" in holding("Quince Underhill")

    steps.erase_words(event_of("occurrence.assigned"), by=world.secretary, reason=REASON)

    assert holding("Quince Underhill") == set()
    sent = Message.objects.get()
    assert (sent.state, sent.address, sent.text, sent.html) == ("sent", world.contributor.email, "", "")


def test_comment_is_erased_and_its_page_says_so(world: World, client_for: ClientFor):
    turn = world.walk("assigned")
    steps.comment(turn, by=world.chair, text=WORDS)
    page = "/items/council/r1-1.2-c18/"
    assert WORDS in client_for(world.contributor).get(page).content.decode()

    steps.erase_words(event_of("occurrence.commented"), by=world.secretary, reason=REASON)

    shown = client_for(world.contributor).get(page).content.decode()
    assert WORDS not in shown
    assert "Words erased by <bdi>Secretary</bdi> on" in shown
    assert "those beside 1 entry" in shown
    assert list(erasures.rows("occurrence", turn.pk)) == [f"comment:{turn.comments.get().pk}"]


def test_standing_hold_whose_reason_was_erased_says_so(world: World, client_for: ClientFor):
    steps.hold(world.walk("assigned"), by=world.chair, reason=WORDS)
    page = "/items/council/r1-1.2-c18/"
    shown = client_for(world.contributor).get(page).content.decode()
    assert WORDS in shown
    assert "Words erased by" not in shown

    steps.erase_words(event_of("occurrence.held"), by=world.secretary, reason=REASON)

    shown = client_for(world.contributor).get(page).content.decode()
    assert WORDS not in shown
    assert "Words erased by <bdi>Secretary</bdi> on" in shown.partition("<dt>On hold</dt>")[2][:400]


def test_rows_that_must_not_be_empty_keep_a_mark(world: World, client_for: ClientFor):
    paper = SimpleUploadedFile("quince-underhill.txt", b"What was done.", content_type="text/plain")
    turn = steps.record_activity(
        world.walk("in_progress"), by=world.contributor, text=WORDS, source="quince/1", files=[paper]
    )

    steps.erase_words(event_of("occurrence.activity_recorded"), by=world.secretary, reason=REASON)

    assert (turn.activities.get().text, turn.activities.get().source) == ("", "")
    shown = client_for(world.contributor).get("/items/council/r1-1.2-c18/").content.decode()
    assert "Words erased by <bdi>Secretary</bdi> on" in shown
    assert Evidence.objects.get(activity__occurrence=turn).title == "…"
    assert holding("quince") == set()


def test_entry_without_words_or_emptied_already_is_refused(world: World, handed_in: Occurrence):
    submitted = event_of("occurrence.submitted")
    steps.erase_words(submitted, by=world.secretary, reason=REASON)
    before = everything()

    for event in (submitted, Event.objects.filter(words=None, body__isnull=False)[0]):
        with pytest.raises(TransitionNotAllowed):
            steps.erase_words(event, by=world.secretary, reason=REASON)

    assert everything() == before


@pytest.mark.parametrize("reason", ["", "  ", "nul \x00", f"It said: {WORDS.upper()}"])
def test_reason_is_needed_and_does_not_repeat_them(world: World, handed_in: Occurrence, reason: str):
    before = everything()

    with pytest.raises(ValidationError) as refused:
        steps.erase_words(event_of("occurrence.submitted"), by=world.secretary, reason=reason)

    assert "reason" in refused.value.message_dict
    assert everything() == before


@pytest.mark.parametrize("who", ["chair", "contributor", "auditor", "councillor", "outsider"])
def test_erasing_is_the_secretarys(world: World, handed_in: Occurrence, who: str):
    with pytest.raises(PermissionDenied):
        steps.erase_words(event_of("occurrence.submitted"), by=world.people[who], reason=REASON)

    assert holding(WORDS)


def test_words_about_an_account_go_by_anonymising(world: World):
    who = steps.invite(username="leaver", name="Leaver", email="leaver@resolves.example", by=world.secretary)

    with pytest.raises(PermissionDenied):
        steps.erase_words(event_of("person.invited"), by=world.secretary, reason=REASON)

    assert EventWords.objects.get(event__subject_type="person", event__subject_id=who.pk).words


def test_page_shows_what_goes_then_erases_it(world: World, handed_in: Occurrence, client_for: ClientFor):
    event = event_of("occurrence.submitted")
    page, url = client_for(world.secretary), f"/history/{event.pk}/erase/"
    assert url in page.get("/history/").content.decode()
    assert url not in client_for(world.people["auditor"]).get("/history/").content.decode()

    shown = page.get(url).content.decode()
    refused = page.post(url, {"reason": ""})
    answer = page.post(url, {"reason": REASON}, follow=True)

    assert WORDS in shown
    assert refused.status_code == 400
    assert answer.redirect_chain[-1][0] == "/history/"
    assert "The words are erased." in answer.content.decode()
    assert holding(WORDS) == set()
    assert "There are no words beside this entry" in page.get(url).content.decode()
    assert page.post(url, {"reason": REASON}).status_code == 409


def test_other_words_put_where_some_were_erased_are_found(world: World, handed_in: Occurrence):
    """An erasure says what it left: nobody puts words into somebody's mouth there."""
    taken_in()
    steps.erase_words(event_of("occurrence.submitted"), by=world.secretary, reason=REASON)
    assert list(replay.differences()) == []  # the control: the erasure itself is no difference

    handed_in.reports.update(text="We agree to everything.")

    (found,) = replay.differences()
    assert (found.kind, found.facts["model"], found.facts["field"]) == ("state", "report", "text")
    steps.erase_words(event_of("words.erased"), by=world.secretary, reason="Asked for by letter of 3 February.")
    assert len(list(replay.differences())) == 1
