"""What was typed when the log-in had run out is there after the log-in: for its writer, for nobody else, and never on its own."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests.people import PASSWORD
from tracker import unsent
from tracker.models import Activity, Comment, Person

pytestmark = pytest.mark.django_db
ITEM = "/items/council/r1-1.2-c18/"
LONG = (
    "What the group said: naïve <b>words</b> & “quotes”.\n\n"
    + "A long comment, which nobody wants to type twice. " * 150
)
HOST = "http://testserver"


def fields_of(html: str, action: str) -> dict[str, str]:
    """The fields of the form that goes to an address, as a browser would send them (choices left alone)."""
    form = next(part for part in re.findall(r"<form.*?</form>", html, re.DOTALL) if f'action="{action}' in part)
    given = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in found and found.get("type") != "file":
            given[found["name"]] = unescape(found.get("value", ""))
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        given[name] = unescape(value)
    return given


def log_in(browser: Client, person: Person, **more: Any) -> HttpResponse:
    page = browser.get("/login/").content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    words = {"username": person.username, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    return browser.post("/login/", {**words, **more})


def run_out(browser: Client) -> None:
    """The log-in of a browser runs out: its session is no more."""
    Session.objects.all().delete()
    browser.cookies.pop("session", None)


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def written(world: Any, browser: Client) -> Callable[[Person], dict[str, str]]:
    """The comment form of an item, filled in by somebody who has logged in."""

    def fill_in(person: Person) -> dict[str, str]:
        log_in(browser, person)
        page = browser.get(ITEM).content.decode()
        return {**fields_of(page, f"{ITEM}comments/"), "text": LONG, "visibility": "restricted"}

    return fill_in


def post(browser: Client, address: str, words: dict[str, Any], page: str = ITEM) -> HttpResponse:
    return browser.post(address, words, headers={"referer": HOST + page})


def test_comment_posted_after_the_log_in_ran_out_is_there_and_one_press_sends_it(world, browser, written):
    words = written(world.contributor)
    run_out(browser)

    asked = post(browser, f"{ITEM}comments/", words)
    assert (asked.status_code, asked["Location"]) == (302, "/login/?next=/unsent/")
    assert "What you wrote is kept" in browser.get(asked["Location"]).content.decode()
    assert log_in(browser, world.contributor, next="/unsent/")["Location"] == "/unsent/"
    page = browser.get("/unsent/").content.decode()
    again = fields_of(page, f"{ITEM}comments/")

    assert again["text"].replace("\r\n", "\n") == LONG
    assert again["visibility"] == "restricted"
    assert "<b>words" not in page
    assert re.search(r"Who may read it.*restricted", page)
    assert not Comment.objects.exists()  # nothing is sent on its own
    assert "was not sent" in browser.get("/tasks/").content.decode()  # and no page lets it be forgotten

    sent = post(browser, f"{ITEM}comments/", again, "/unsent/")

    assert sent.status_code == 302
    posted = Comment.objects.get()
    assert posted.text.replace("\r\n", "\n") == LONG.strip()
    assert (posted.author, posted.visibility) == (world.contributor, "restricted")
    assert "Nothing waits" in browser.get("/unsent/").content.decode()
    assert "was not sent" not in browser.get("/tasks/").content.decode()


def test_another_person_on_the_same_browser_never_sees_it(world, browser, written):
    words = written(world.contributor)
    run_out(browser)
    post(browser, f"{ITEM}comments/", words)

    log_in(browser, world.chair)

    assert "nobody wants" not in browser.get("/unsent/").content.decode()
    assert "was not sent" not in browser.get("/tasks/").content.decode()
    assert "nobody wants" not in str([one.get_decoded() for one in Session.objects.all()])  # nor the session of theirs
    browser.post("/logout/", {"csrfmiddlewaretoken": browser.cookies["csrf"].value})
    log_in(browser, world.contributor)
    assert "nobody wants" not in browser.get("/unsent/").content.decode()


def test_form_of_before_another_log_in_is_refused_and_its_words_wait(world, browser, written):
    words = written(world.contributor)
    log_out = {"csrfmiddlewaretoken": browser.cookies["csrf"].value}
    browser.post("/logout/", log_out)
    log_in(browser, world.contributor)  # in another tab: the token has changed

    refused = post(browser, f"{ITEM}comments/", words)

    assert refused.status_code == 403
    assert "what you wrote is kept" in refused.content.decode()
    again = fields_of(browser.get("/unsent/").content.decode(), f"{ITEM}comments/")
    assert post(browser, f"{ITEM}comments/", again).status_code == 302
    assert Comment.objects.count() == 1


def test_form_of_another_person_s_log_in_is_refused_and_not_kept(world, browser, written):
    words = written(world.contributor)
    browser.post("/logout/", {"csrfmiddlewaretoken": browser.cookies["csrf"].value})
    log_in(browser, world.chair)

    refused = post(browser, f"{ITEM}comments/", words)

    assert refused.status_code == 403
    assert "kept" not in refused.content.decode()
    assert "nobody wants" not in browser.get("/unsent/").content.decode()


@pytest.mark.parametrize("by", ["", "nonsense", "MQ:1x:abc"], ids=["none", "nonsense", "forged"])
def test_words_without_the_word_on_their_writer_are_not_kept(world, browser, written, by):
    words = {**written(world.contributor), unsent.WRITER: by}
    run_out(browser)

    asked = post(browser, f"{ITEM}comments/", words)

    assert asked["Location"] == f"/login/?next={ITEM}"
    log_in(browser, world.contributor)
    assert "nobody wants" not in browser.get("/unsent/").content.decode()


def test_passwords_are_never_kept(world, browser, written):
    words = {**written(world.contributor), "new_password1": "a secret of the chair", "text": LONG}
    run_out(browser)

    post(browser, f"{ITEM}comments/", words)

    assert "a secret" not in str([one.get_decoded() for one in Session.objects.all()])
    assert "nobody wants" not in str([one.get_decoded() for one in Session.objects.all()])


def test_too_much_is_not_kept_and_the_oldest_gives_way(world, browser, written, monkeypatch):
    words = written(world.contributor)
    run_out(browser)
    monkeypatch.setattr(unsent, "LONGEST", len(LONG) + 50)
    for text in ("The first of them.", LONG):
        post(browser, f"{ITEM}comments/", {**words, "text": text})
    assert post(browser, f"{ITEM}comments/", {**words, "text": LONG * 2})["Location"] == f"/login/?next={ITEM}"

    log_in(browser, world.contributor)
    page = browser.get("/unsent/").content.decode()

    assert "nobody wants" in page
    assert "The first of them" not in page


@pytest.mark.parametrize("act", ["watch/", "comments/1/take-back/"])
def test_mere_button_leads_back_to_its_page(world, browser, written, act):
    words = {name: value for name, value in written(world.contributor).items() if "csrf" in name or "by" in name}
    run_out(browser)

    asked = post(browser, ITEM + act, {**words, "act": "start"})

    assert asked["Location"] == f"/login/?next={ITEM}"
    login = browser.get(asked["Location"]).content.decode()
    assert "nothing was done" in login
    assert browser.get(log_in(browser, world.contributor, next=ITEM)["Location"]).status_code == 200


@pytest.mark.parametrize("page", ["http://elsewhere.example/items/", "http://testserver//elsewhere.example/", ""])
def test_page_of_another_site_is_never_led_to(world, browser, written, page):
    words = {name: value for name, value in written(world.contributor).items() if "csrf" in name}
    run_out(browser)

    asked = browser.post(f"{ITEM}watch/", words, headers={"referer": page})

    assert "elsewhere" not in asked["Location"]


def test_step_with_a_day_and_a_file_comes_back_with_its_labels(world, browser, written):
    written(world.contributor)
    world.walk("in_progress")
    address = f"{ITEM}steps/record_activity/"
    page = browser.get(address).content.decode()
    form = next(part for part in re.findall(r"<form.*?</form>", page, re.DOTALL) if "happened_on" in part)
    given = fields_of(form.replace("<form", f'<form action="{address}"', 1), address)
    run_out(browser)
    paper = SimpleUploadedFile("minutes.pdf", b"%PDF-1.7")
    sent = {
        **given,
        "happened_on": "2018-02-01",
        "text": "A consultation was held.",
        "precision": "day",
        "files": paper,
    }
    post(browser, address, sent, address)

    log_in(browser, world.contributor)
    html = browser.get("/unsent/").content.decode()
    again = fields_of(html, address)

    assert again["happened_on"] == "2018-02-01"
    assert 'type="date"' in html
    assert "minutes.pdf" in html
    assert post(browser, address, again).status_code == 302
    assert Activity.objects.get().text == "A consultation was held."


def test_refused_words_go_on_waiting_until_they_are_thrown_away(world, browser, written):
    words = written(world.contributor)
    run_out(browser)
    post(browser, f"{ITEM}comments/", words)
    log_in(browser, world.contributor)
    again = fields_of(browser.get("/unsent/").content.decode(), f"{ITEM}comments/")

    assert post(browser, f"{ITEM}comments/", {**again, "text": "@nobody-at-all hello"}).status_code == 400
    away = fields_of(browser.get("/unsent/").content.decode(), "/unsent/")
    assert "nobody wants" in browser.get("/unsent/").content.decode()
    assert browser.post("/unsent/", away).status_code == 302

    assert "Nothing waits" in browser.get("/unsent/").content.decode()
    assert not Comment.objects.exists()
