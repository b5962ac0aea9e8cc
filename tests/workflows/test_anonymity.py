"""Anonymising somebody who has left: the name goes everywhere, what they did stays, and the chain stays whole."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, models, transaction
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.people import PASSWORD, World
from tests.record import verified
from tracker import audit
from tracker.models import (
    Comment,
    Event,
    EventWords,
    Mention,
    Message,
    Obligation,
    Person,
    SavedFilter,
    Watch,
)
from workflows import notices, reminders, steps

ClientFor = Callable[[Person], Client]
NAME, USERNAME, ADDRESS = "Quartz O'Nightingale", "quartz.nightingale", "quartz@elsewhere.example"
SAYS_IT = ("Nightingale", "nightingale", "quartz", "Quartz")
PAGES = (
    "/people/",
    "/setup/",
    "/history/",
    "/tasks/",
    "/board/",
    "/absence/",
    "/council/council/",
    "/items/council/r1-1.2-c18/",
    "/occurrences/?body=council",
    "/api/v1/occurrences/",
    "/api/v1/events/",
    "/calendar/",
)


@pytest.fixture
def leaver(world: World) -> Person:
    """The vice-chair under a name of their own, with a trace in everything that keeps one, who has left."""
    who = steps.invite(
        username=USERNAME, name=NAME, email=ADDRESS, by=world.secretary, office=world.offices["vice_chair"]
    )
    who.set_password(PASSWORD)
    who.save()
    Client().post("/api/v1/token/", {"username": USERNAME, "password": PASSWORD})
    turn = steps.assign(world.due, lead=world.contributor, by=who)
    steps.set_substitute(None, world.outsider, principal=who, begins=date(2018, 2, 16), ends=date(2018, 3, 1), by=who)
    said = Comment.objects.create(
        occurrence=turn, text=f"Ask @{USERNAME}, please.", author=world.chair, posted_at="2018-02-16T09:00Z"
    )
    Mention.objects.create(comment=said, person=who)
    audit.record(turn, "occurrence.commented", by=world.chair, words={f"comment:{said.pk}.text": ["", said.text]})
    SavedFilter.objects.create(person=who, page="occurrences", name=NAME, query="late=1")
    Watch.objects.create(person=who, obligation=Obligation.objects.get(), since="2018-02-16T09:00Z")
    steps.unassign(turn, by=who, reason="Another lead is needed.")
    steps.assign(turn, lead=who, by=world.chair)
    steps.decline(turn, by=who, reason="No time.")
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)
    notices.send(reminders.outdated)
    notices.post(who, ADDRESS, "A new password", f"{NAME}, here is the link.")
    steps.deactivate(who, by=world.secretary, reason=f"{NAME} has retired.")
    return Person.objects.get(pk=who.pk)


def columns() -> Iterator[tuple[str, str]]:
    """Every value of every row of every table of ours, as words, by table and column."""
    for model in apps.get_models():
        fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.BinaryField)]
        for row in model._base_manager.values_list(*(f.attname for f in fields)):
            for one, value in zip(fields, row, strict=True):
                yield f"{model._meta.label}.{one.name}", str(value)


def in_columns() -> set[str]:
    return {where for where, said in columns() if any(word in said for word in SAYS_IT)}


def on_pages(world: World, client_for: ClientFor) -> set[str]:
    found = set()
    for who in (world.secretary, world.chair, world.people["auditor"], world.outsider):
        for page in PAGES:
            answer = client_for(who).get(page)
            assert answer.status_code in {200, 403, 404}, page
            if any(word in answer.content.decode() for word in SAYS_IT):
                found.add(page)
    return found


def test_nothing_shows_the_name_any_more(world: World, leaver: Person, client_for: ClientFor):
    before, shown = in_columns(), on_pages(world, client_for)
    assert before == {  # the control: the name stands in each of these
        "tracker.Person.name",
        "tracker.Person.username",
        "tracker.Person.email",
        "tracker.EventWords.words",
        "tracker.Message.address",
        "tracker.Message.text",
        "tracker.Message.html",
        "tracker.Comment.text",
    }
    assert {"/people/", "/history/", "/items/council/r1-1.2-c18/", "/api/v1/events/"} <= shown

    steps.anonymise(leaver, by=world.secretary, reason="Asked for by letter of 2 February.")

    assert in_columns() == set()
    assert on_pages(world, client_for) == set()
    leaver.refresh_from_db()
    assert str(leaver) == f"anonymised person {leaver.pk}"
    history = client_for(world.secretary).get("/history/").content.decode()
    assert str(leaver) in history
    assert "those beside 3 entries" in history
    assert "anonymised on" in client_for(world.secretary).get("/people/").content.decode()


def test_history_stays_whole_and_erased_words_say_so(world: World, leaver: Person):
    acts = list(Event.objects.filter(actor=leaver).values_list("pk", "hash"))

    steps.anonymise(leaver, by=world.secretary, reason="Asked for by letter.")

    assert list(Event.objects.filter(actor=leaver).values_list("pk", "hash")) == acts
    assert verified(words=False) == Event.objects.count()
    erased = 0
    for words in EventWords.objects.select_related("event"):
        if words.words:
            assert audit.commitment(words.salt, words.words) == words.event.words_hash
        erased += words.words == {} and words.salt == ""
    assert erased == 3  # invited, deactivated, and the comment that named them
    named = Event.objects.get(verb="person.anonymised").changes["emptied"]
    assert named == [None, sorted(EventWords.objects.filter(words={}).values_list("pk", flat=True))]
    kept = EventWords.objects.get(event__verb="occurrence.declined")
    assert kept.words["reason"] == "No time."
    last = Event.objects.get(verb="person.anonymised")
    assert last.words.words == {"reason": "Asked for by letter."}
    assert (last.actor, last.subject_id) == (world.secretary, leaver.pk)
    with pytest.raises(DatabaseError), transaction.atomic():  # once emptied, nothing is written back
        EventWords.objects.filter(event__verb="person.deactivated").update(words={"reason": "Back."}, salt="x")


def test_account_reaches_in_by_nothing(world: World, leaver: Person):
    steps.anonymise(leaver, by=world.secretary, reason="Asked for by letter.")

    leaver.refresh_from_db()
    assert not any([leaver.has_usable_password(), leaver.is_active, leaver.email])
    assert not leaver.saved_filters.exists()
    assert not Watch.objects.filter(person=leaver, ended_at=None).exists()
    assert not Message.objects.filter(person=leaver, state__in=["queued", "claimed"]).exists()
    assert not Client().login(username=leaver.username, password=PASSWORD)


def test_user_name_is_never_given_again(world: World, leaver: Person):
    steps.anonymise(leaver, by=world.secretary, reason="Asked for by letter.")

    for username in (USERNAME, USERNAME.upper()):
        with pytest.raises(ValidationError) as refused:
            steps.invite(username=username, name="Other", email="other@resolves.example", by=world.secretary)
        assert "username" in refused.value.message_dict
    assert steps.invite(username="quartz", name="Other", email="other@resolves.example", by=world.secretary)


@pytest.mark.parametrize("who", ["chair", "auditor", "councillor", "outsider"])
def test_anonymising_is_the_secretarys(world: World, leaver: Person, who: str):
    with pytest.raises(PermissionDenied):
        steps.anonymise(leaver, by=world.people[who], reason="Asked for.")

    assert Person.objects.get(pk=leaver.pk).name == NAME


def test_anonymise_refuses_who_is_there_who_is_done_and_a_reason_with_the_name(world: World, leaver: Person):
    with pytest.raises(TransitionNotAllowed):
        steps.anonymise(world.chair, by=world.secretary, reason="Asked for.")
    for reason in ("", f"{NAME} asked for it.", f"{ADDRESS} asked", "nul \x00"):
        with pytest.raises(ValidationError) as refused:
            steps.anonymise(leaver, by=world.secretary, reason=reason)
        assert "reason" in refused.value.message_dict
    assert Person.objects.get(pk=leaver.pk).name == NAME

    steps.anonymise(leaver, by=world.secretary, reason="Asked for.")
    with pytest.raises(TransitionNotAllowed):
        steps.anonymise(leaver, by=world.secretary, reason="Asked for.")


def test_page_anonymises_who_has_left_and_nobody_else(world: World, leaver: Person, client_for: ClientFor):
    page = client_for(world.secretary)
    url = f"/people/{leaver.pk}/anonymise/"

    assert url in page.get("/people/").content.decode()
    assert page.get(f"/people/{world.chair.pk}/anonymise/").status_code == 403
    assert client_for(world.chair).post(url, {"reason": "Asked for."}).status_code == 403
    assert page.get(url).status_code == 200
    assert page.post(url, {"reason": "Asked for."}).status_code == 302
    assert url not in page.get("/people/").content.decode()
