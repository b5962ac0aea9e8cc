"""The door: logging in, another password, an invitation. Nothing tells who has an account."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.people import PASSWORD, World
from tracker import invitations
from tracker.models import Event, Message, Person
from workflows import steps
from workflows.models import Attempt

ClientFor = Callable[[Person], Client]
WRONG = {"username": "chair", "password": "not-the-password"}
RIGHT = {"username": "chair", "password": PASSWORD}
NEW = "quite-another-password"


def text(answer: object) -> str:
    """What is read on a page, without its own address, which is printed on paper."""
    page = re.sub(r'<p class="on-paper">.*?</p>', "", answer.content.decode().partition("<main")[2], flags=re.DOTALL)  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_of(message: Message) -> str:
    """The address in a mail, without its host."""
    found = re.search(r"https?://\S+", message.text.split("\n\n", 1)[1])
    assert found
    return urlsplit(found[0]).path


# ── logging in and out ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_log_in_leads_on_to_the_page_asked_for(world: World):
    client = Client()
    asked = client.get("/calendar/").headers["Location"]

    answer = client.post(asked, RIGHT | {"next": "/calendar/"})

    assert answer.headers["Location"] == "/calendar/"
    assert logged_in(client)


def test_log_in_never_leads_to_another_site(world: World):
    answer = Client().post("/login/", RIGHT | {"next": "https://elsewhere.example/"})

    assert answer.status_code == 302
    assert "elsewhere" not in answer.headers["Location"]


def test_wrong_password_unknown_name_and_who_left_get_the_same_answer(world: World):
    Person.objects.filter(username="outsider").update(is_active=False)
    tries = [WRONG, WRONG | {"username": "nobody"}, {"username": "outsider", "password": PASSWORD}]

    answers = [Client().post("/login/", one) for one in tries]

    assert {answer.status_code for answer in answers} == {400}
    assert len({text(answer) for answer in answers}) == 1
    assert "do not go together" in text(answers[0])


@pytest.mark.parametrize(
    "said", [{}, {"username": "nul\x00", "password": "\x00"}, {"username": "x" * 100_000, "password": "x"}]
)
def test_log_in_survives_what_nobody_types(world: World, said: dict):
    assert Client().post("/login/", said).status_code == 400


def test_log_out_is_by_post_only(world: World, client_for: ClientFor):
    client = client_for(world.chair)

    assert client.get("/logout/").status_code == 405
    assert logged_in(client)
    client.post("/logout/")
    assert not logged_in(client)


# ── the throttle ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sixth_try_is_refused_even_with_the_right_password(world: World):
    for _number in range(5):
        assert Client().post("/login/", WRONG).status_code == 400

    client = Client()
    answer = client.post("/login/", RIGHT)

    assert answer.status_code == 429
    assert "Too many tries" in text(answer)
    assert not logged_in(client)


def test_fifth_try_may_still_be_right_and_is_forgiven(world: World):
    for _number in range(4):
        Client().post("/login/", WRONG)

    assert Client().post("/login/", RIGHT).status_code == 302
    for _number in range(4):
        assert Client().post("/login/", WRONG).status_code == 400


def test_throttle_is_for_one_name_from_one_place(world: World):
    for _number in range(6):
        Client().post("/login/", WRONG)

    assert Client().post("/login/", RIGHT | {"username": "councillor"}).status_code == 302
    assert Client(REMOTE_ADDR="192.0.2.7").post("/login/", RIGHT).status_code == 302


def test_throttle_does_not_mind_how_a_name_is_written_or_what_a_client_claims(world: World):
    for name in ("chair", "CHAIR", " chair", "Chair", "cHair"):
        Client(HTTP_X_FORWARDED_FOR=f"192.0.2.{len(name)}").post("/login/", WRONG | {"username": name})

    assert Client().post("/login/", RIGHT).status_code == 429


def test_throttle_counts_the_place_behind_our_own_proxy(world: World, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for _number in range(6):
        Client(HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.1").post("/login/", WRONG)

    assert Client(HTTP_X_FORWARDED_FOR="203.0.113.5, 192.0.2.1").post("/login/", RIGHT).status_code == 429
    assert Client(HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.2").post("/login/", RIGHT).status_code == 302


def test_throttle_ends_after_a_quarter_of_an_hour_of_real_time(world: World):
    for _number in range(6):
        Client().post("/login/", WRONG)

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert Client().post("/login/", RIGHT).status_code == 302


def test_throttle_keeps_no_name_and_no_address_and_forgets_in_an_hour(world: World):
    Client(REMOTE_ADDR="192.0.2.7").post("/login/", WRONG)

    kept = " ".join(str(row) for row in Attempt.objects.values_list())
    assert "chair" not in kept
    assert "192.0.2.7" not in kept
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        Client().post("/login/", RIGHT)
        assert Attempt.objects.count() == 1  # the one from this place; that of the name was forgiven


# ── forgotten password ─────────────────────────────────────────────────────────────────────────────────────────────────


def ask(address: str) -> object:
    return Client().post("/password/forgotten/", {"email": address}, follow=True)


def test_forgotten_password_answers_alike_for_known_and_unknown_addresses(world: World):
    known, unknown = ask("chair@resolves.example"), ask("nobody@resolves.example")

    assert text(known) == text(unknown)
    assert known.redirect_chain == unknown.redirect_chain  # type: ignore[attr-defined]
    (message,) = Message.objects.all()
    assert (message.person, message.address, message.state) == (world.chair, "chair@resolves.example", "queued")


def test_forgotten_password_leads_to_a_new_one_once(world: World):
    ask("chair@resolves.example")
    link = link_of(Message.objects.get())
    client = Client()

    form = client.get(link, follow=True)
    done = client.post(form.redirect_chain[-1][0], {"new_password1": NEW, "new_password2": NEW}, follow=True)

    assert "Your new password is set" in text(done)
    assert Client().post("/login/", RIGHT | {"password": NEW}).status_code == 302
    assert "no longer good" in text(Client().get(link, follow=True))


def test_forgotten_password_mails_at_most_three_times_an_hour(world: World):
    answers = [ask("chair@resolves.example") for _number in range(5)]

    assert len({text(answer) for answer in answers}) == 1
    assert Message.objects.count() == 3


def test_forgotten_password_is_not_for_who_left_or_never_joined(world: World):
    Person.objects.filter(username="outsider").update(is_active=False)
    steps.invite(username="new", name="New", email="new@resolves.example", by=world.secretary)

    ask("outsider@resolves.example")
    ask("new@resolves.example")

    assert not Message.objects.exists()


def test_forgotten_password_is_written_in_the_readers_language(world: World):
    Person.objects.filter(username="chair").update(language="fr")

    ask("chair@resolves.example")

    assert "/password/" in Message.objects.get().text
    assert 'lang="fr"' in Message.objects.get().html


@pytest.mark.parametrize("link", ["/password/MQ/wrong-token/", "/password/999/x/", "/password/!!/x/"])
def test_new_password_by_a_wrong_link_is_refused_plainly(world: World, link: str):
    assert "no longer good" in text(Client().get(link, follow=True))


def test_new_password_that_is_too_simple_is_refused(world: World):
    ask("chair@resolves.example")
    client = Client()
    form = client.get(link_of(Message.objects.get()), follow=True)

    client.post(form.redirect_chain[-1][0], {"new_password1": "password", "new_password2": "password"})

    assert Client().post("/login/", RIGHT).status_code == 302


# ── invitation ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def invited(world: World) -> Person:
    return steps.invite(username="new", name="New member", email="new@resolves.example", by=world.secretary)


def test_invitation_lets_one_choose_a_password_and_go_in(invited: Person):
    client, link = Client(), f"/invitation/{invitations.token(invited)}/"

    page = client.get(link)
    answer = client.post(link, {"new_password1": NEW, "new_password2": NEW})

    assert "Welcome, New member" in text(page)
    assert answer.status_code == 302
    assert logged_in(client)
    assert Event.objects.get(verb="person.joined").means == "link"


def test_invitation_serves_once(invited: Person):
    link = f"/invitation/{invitations.token(invited)}/"
    Client().post(link, {"new_password1": NEW, "new_password2": NEW})

    answer = Client().post(link, {"new_password1": "yet-another-password", "new_password2": "yet-another-password"})

    assert answer.status_code == 410
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_invitation_that_is_too_old_used_or_never_ours_looks_the_same(invited: Person):
    link = f"/invitation/{invitations.token(invited)}/"
    forged = link[:-4] + ("AAA/" if link[-4:] != "AAA/" else "BBB/")

    with time_machine.travel(timezone.now() + timedelta(days=15)):
        old = Client().get(link)
    others = [Client().get(forged), Client().get("/invitation/nothing/"), Client().get("/invitation/%00:%F0/")]

    assert {old.status_code, *(one.status_code for one in others)} == {410}
    assert len({text(old), *(text(one) for one in others)}) == 1


@pytest.mark.parametrize(
    "words", [("short", "short"), (NEW, "different-password"), ("new-member", "new-member"), ("", "")]
)
def test_invitation_refuses_a_password_that_does_not_hold(invited: Person, words: tuple[str, str]):
    link = f"/invitation/{invitations.token(invited)}/"

    answer = Client().post(link, {"new_password1": words[0], "new_password2": words[1]})

    assert answer.status_code == 400
    assert Client().get(link).status_code == 200


# ── the demonstration ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_accounts_are_listed_in_the_demonstration_only(world: World, settings):
    assert "Accounts of the demonstration" not in text(Client().get("/login/"))

    settings.DEMO = True

    page = Client().get("/login/").content.decode()
    assert "Accounts of the demonstration" in page
    assert 'name="username" value="councillor"' in page
