"""The one-use links of mails: each does its step once, for whom it was mailed to, as long as it is theirs to do."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.people import World
from tracker import clock, mailed
from tracker.models import DateRequest, Event, MailedLink, Means, Message, Notice, Occurrence, Person, Report
from workflows import link_views, steps
from workflows.models import Attempt

ClientFor = Callable[[Person], Client]
REASON = {"reason": "Another office keeps this."}
NEW_DATE = {"wanted_on": "2018-03-29", "reason": "The figures come late."}
# step: status from which, words, status afterwards, verb on record
EACH = {
    "accept": ("assigned", {"note": "Gladly."}, "in_progress", "occurrence.accepted"),
    "decline": ("assigned", REASON, "planned", "occurrence.declined"),
    "submit": ("in_progress", {"text": ""}, "submitted", "occurrence.submitted"),
    "ask_new_date": ("in_progress", NEW_DATE, "in_progress", "occurrence.date_asked"),
}


def offers(person: Person, turn: Occurrence, message: Message | None = None) -> dict[str, str]:
    """Step → path of its link."""
    found = mailed.links_for(person, Occurrence.objects.get(pk=turn.pk), message, now=clock.now())
    return {offer.step: urlsplit(offer.url).path for offer in found}


def link(world: World, step: str, turn: Occurrence | None = None) -> str:
    """A link to a step for the contributor, the turn walked to its moment."""
    turn = turn or world.walk(EACH[step][0])
    return offers(world.contributor, turn)[step]


def state_of(turn: Occurrence) -> str:
    return str(Occurrence.objects.values_list("status", flat=True).get(pk=turn.pk))


def words_of(answer: Any) -> str:
    page = re.sub(r'<p class="on-paper">.*?</p>', "", answer.content.decode().partition("<main")[2], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# ── what is offered ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("planned", set()),
        ("assigned", {"accept", "ask_new_date", "decline"}),
        ("in_progress", {"submit", "ask_new_date"}),
        ("submitted", set()),
        ("endorsed", set()),
        ("closed", set()),
        ("waived", set()),
    ],
)
def test_lead_is_offered_what_is_theirs_now(world: World, status: str, offered: set[str]):
    turn = world.walk(status)

    assert set(offers(world.contributor, turn)) == offered


@pytest.mark.parametrize("name", ["helper", "chair", "secretary", "councillor", "outsider"])
def test_nobody_is_offered_what_they_could_not_do_logged_in(world: World, name: str):
    turn = world.walk("assigned")

    assert offers(world.people[name], turn) == {}
    assert not MailedLink.objects.exists()


def test_whoever_was_deactivated_is_offered_nothing(world: World):
    turn = world.walk("assigned")
    Person.objects.filter(pk=world.contributor.pk).update(is_active=False)

    assert offers(Person.objects.get(pk=world.contributor.pk), turn) == {}


def test_what_waits_for_contributions_has_no_link_to_hand_in(world: World):
    turn = world.walk("in_progress")
    steps.add_contributors(turn, contributors=[world.helper], by=world.chair)

    assert set(offers(world.contributor, turn)) == {"ask_new_date"}


def test_same_mail_written_anew_says_the_same_and_another_mail_has_links_of_its_own(world: World):
    turn = world.walk("assigned")
    mails = [Message.objects.create(message_id=f"<{n}>", created_at=clock.now()) for n in (1, 2)]

    first, again, other = (offers(world.contributor, turn, mails[n]) for n in (0, 0, 1))

    assert first == again
    assert not set(first.values()) & set(other.values())
    assert MailedLink.objects.count() == 6


def test_link_of_a_mail_that_waited_for_weeks_is_good_anew(world: World):
    turn = world.walk("assigned")
    path = offers(world.contributor, turn)["accept"]
    MailedLink.objects.update(expires_at=timezone.now() - timedelta(days=1))

    assert offers(world.contributor, turn)["accept"] == path

    assert Client().get(path).status_code == 200


# ── what they do ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", EACH)
def test_link_does_its_step_without_log_in(world: World, step: str):
    _before, given, after, verb = EACH[step]
    path, client = link(world, step), Client()

    asked, done = client.get(path), client.post(path, given)

    assert (asked.status_code, done.status_code) == (200, 200), words_of(done)
    assert state_of(world.due) == after
    event = Event.objects.get(verb=verb)
    assert (event.actor, event.acting_for, event.means) == (world.contributor, None, Means.LINK)
    row = MailedLink.objects.get(used_at__isnull=False)
    assert (row.step, row.event) == (step, event)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("step", EACH)
def test_page_says_what_will_happen_and_in_whose_name(world: World, step: str):
    words = words_of(Client().get(link(world, step)))

    for said in ("to report annually;", "18 March 2018", "Contributor", "by mailed link", "You are not Contributor?"):
        assert said in words
    assert str(mailed.STEPS[step]) in words


def test_nothing_to_report_is_on_record_as_that(world: World):
    path = link(world, "submit")

    Client().post(path, {"text": "No meeting was held."})

    report = Report.objects.get()
    assert (report.nothing_happened, report.text, report.submitted_by) == (
        True,
        "No meeting was held.",
        world.contributor,
    )
    assert world.due.nothing_happened


def test_link_to_hand_in_cannot_be_made_to_say_more(world: World):
    path = link(world, "submit")

    Client().post(path, {"nothing_happened": "", "visibility": "public", "symbol": "C18/1", "text": "x"})

    report = Report.objects.get()
    assert (report.nothing_happened, report.visibility, report.symbol) == (True, "members", "")


def test_new_date_is_asked_for_with_its_day_and_reason(world: World):
    path = link(world, "ask_new_date")

    Client().post(path, NEW_DATE)

    request = DateRequest.objects.get()
    assert (request.wanted_on, request.reason, request.asked_by) == (
        date(2018, 3, 29),
        NEW_DATE["reason"],
        world.contributor,
    )


@pytest.mark.parametrize(("step", "missing"), [("decline", "reason"), ("ask_new_date", "wanted_on")])
def test_words_that_are_missing_are_asked_for_and_the_link_stays_good(world: World, step: str, missing: str):
    path, client = link(world, step), Client()
    given = {name: value for name, value in EACH[step][1].items() if name != missing}

    answer = client.post(path, given)

    assert answer.status_code == 400
    assert state_of(world.due) == EACH[step][0]
    assert client.post(path, EACH[step][1]).status_code == 200


def test_day_that_the_step_refuses_comes_back_beside_its_field(world: World):
    answer = Client().post(link(world, "ask_new_date"), NEW_DATE | {"wanted_on": "2018-01-01"})

    assert answer.status_code == 400
    assert "That day is over" in words_of(answer)
    assert not MailedLink.objects.filter(used_at__isnull=False).exists()


def test_substitute_acts_for_whom_they_stand_in(world: World):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    steps.set_substitute(
        world.offices["contributor"],
        world.helper,
        begins=date(2018, 2, 10),
        ends=date(2018, 2, 20),
        by=world.contributor,
    )
    path = offers(world.helper, world.due)["accept"]

    asked, done = Client().get(path), Client().post(path)

    assert "acting for Contributor" in words_of(asked)
    assert done.status_code == 200
    event = Event.objects.get(verb="occurrence.accepted")
    assert (event.actor, event.acting_for) == (world.helper, world.contributor)


def test_history_says_by_which_means(world: World, client_for: ClientFor):
    Client().post(link(world, "accept"))

    page = client_for(world.chair).get("/items/council/r1-1.2-c18/").content.decode()

    assert "mailed link" in page


def test_page_speaks_the_language_of_whom_it_was_mailed_to_unless_the_reader_chose(world: World):
    Person.objects.filter(pk=world.contributor.pk).update(language="fr")
    path, chosen = link(world, "accept"), Client()
    chosen.cookies["language"] = "ar"

    assert '<html lang="fr" dir="ltr">' in Client().get(path).content.decode()
    assert '<html lang="ar" dir="rtl">' in chosen.get(path).content.decode()


# ── reading changes nothing ────────────────────────────────────────────────────────────────────────────────────────────


def rows() -> dict[str, list[Any]]:
    """All that stands in all tables."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("step", EACH)
def test_reading_changes_no_row_however_often(world: World, step: str, method: str):
    path = link(world, step)
    before = rows()

    for _time in range(3):
        assert getattr(Client(), method)(path).status_code == 200

    assert rows() == before


def test_control_using_it_changes_rows(world: World):
    path = link(world, "accept")
    before = rows()

    Client().post(path)

    assert rows() != before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(world: World, method: str):
    path = link(world, "accept")

    assert getattr(Client(), method)(path).status_code == 405
    assert state_of(world.due) == "assigned"


def test_form_of_another_site_is_refused(world: World):
    path, client = link(world, "accept"), Client(enforce_csrf_checks=True)

    assert client.post(path).status_code == 403
    assert state_of(world.due) == "assigned"


@pytest.mark.parametrize("kind", ["good", "forged", "used", "somebody else's"])
def test_no_answer_is_kept_or_tells_where_it_came_from(world: World, client_for: ClientFor, kind: str):
    path, client = link(world, "accept"), Client()
    if kind == "used":
        client.post(path)
    answer = {
        "good": client,
        "used": client,
        "forged": client,
        "somebody else's": client_for(world.outsider),
    }[kind].get(path if kind != "forged" else f"{path[:-2]}x/")

    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == ("same-origin" if kind == "good" else "no-referrer")
    assert not re.search(r'(src|href)="https?://', answer.content.decode())


# ── a link that was passed on or played back does no harm ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", EACH)
def test_link_serves_once(world: World, step: str):
    path, given = link(world, step), EACH[step][1]
    Client().post(path, given)
    written = Event.objects.count()

    again = [Client().post(path, given), Client().get(path)]

    assert [answer.status_code for answer in again] == [410, 410]
    assert "16 February 2018" in words_of(again[0])
    assert '/items/council/r1-1.2-c18/"' in again[0].content.decode()
    assert Event.objects.count() == written


def test_used_link_stays_used_when_its_moment_comes_back(world: World):
    path = link(world, "submit")
    Client().post(path)
    steps.send_back(world.due, by=world.chair, reason="A word more, please.")

    assert Client().post(path).status_code == 410
    assert state_of(world.due) == "in_progress"


def test_forwarded_link_is_refused_to_whoever_is_logged_in_as_somebody_else(world: World, client_for: ClientFor):
    path, other = link(world, "accept"), client_for(world.helper)

    answers = [other.get(path), other.post(path)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "You are logged in as Helper" in words_of(answers[0])
    assert "to report annually" not in words_of(answers[0])
    assert state_of(world.due) == "assigned"


def test_link_serves_its_own_person_who_is_logged_in(world: World, client_for: ClientFor):
    assert client_for(world.contributor).post(link(world, "accept")).status_code == 200


@pytest.mark.parametrize("step", ["accept", "ask_new_date"])
def test_link_dies_when_the_turn_is_passed_on(world: World, step: str):
    path = link(world, step, world.walk("assigned"))
    steps.reassign(world.due, lead=world.helper, by=world.chair, reason="Better placed.")

    answers = [Client().get(path), Client().post(path, EACH[step][1])]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "Helper" not in words_of(answers[0])
    assert state_of(world.due) == "assigned"


@pytest.mark.parametrize("step", ["accept", "ask_new_date"])
def test_link_stays_dead_when_the_turn_comes_back_to_its_person(world: World, step: str):
    path = link(world, step, world.walk("assigned"))
    steps.reassign(world.due, lead=world.helper, by=world.chair, reason="Better placed.")
    steps.reassign(world.due, lead=world.contributor, by=world.chair, reason="After all.")

    answer = Client().post(path, EACH[step][1])

    assert answer.status_code == 409
    assert "Things have moved on since this mail" in words_of(answer)
    assert not Event.objects.filter(means=Means.LINK).exists()


def test_link_dies_with_the_days_of_a_substitute(world: World):
    steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    steps.set_substitute(
        world.offices["contributor"],
        world.helper,
        begins=date(2018, 2, 10),
        ends=date(2018, 2, 20),
        by=world.contributor,
    )
    path = offers(world.helper, world.due)["accept"]

    with clock.at(clock.now() + timedelta(days=5)):
        answers = [Client().get(path), Client().post(path)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert state_of(world.due) == "assigned"


@pytest.mark.parametrize("step", EACH)
def test_link_whose_moment_is_over_says_where_it_stands(world: World, step: str):
    path = link(world, step, world.walk(EACH[step][0]))
    if EACH[step][0] == "assigned":
        steps.accept(world.due, by=world.contributor)
    steps.submit(world.due, by=world.contributor, text="What was done.")

    answers = [Client().get(path), Client().post(path, EACH[step][1])]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "It is submitted since 16 February 2018" in words_of(answers[0])
    assert "Nothing has been changed" in words_of(answers[0])
    assert not Event.objects.filter(means=Means.LINK).exists()


def test_report_that_was_sent_back_needs_a_mail_that_was_written_since(world: World):
    path = link(world, "submit")
    steps.submit(world.due, by=world.contributor, text="What was done.")
    steps.send_back(world.due, by=world.chair, reason="A table is missing.")

    assert Client().post(path).status_code == 409
    assert Client().post(offers(world.contributor, world.due)["submit"]).status_code == 200


def test_new_date_can_be_asked_for_after_accepting(world: World):
    path = link(world, "ask_new_date", world.walk("assigned"))
    steps.accept(world.due, by=world.contributor)

    assert Client().post(path, NEW_DATE).status_code == 200


def test_page_that_was_open_while_somebody_changed_the_turn_is_refused(world: World):
    path = link(world, "decline")
    seen = steps.edition(world.due)
    steps.change_due_date(world.due, due_on=date(2018, 3, 20), reason="Printers.", by=world.chair)

    answer = Client().post(path, REASON | {"seen": str(seen)})

    assert answer.status_code == 409
    assert state_of(world.due) == "assigned"


def test_link_is_too_old_after_fourteen_days_of_real_time(world: World):
    path = link(world, "accept")

    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)):
        answers = [Client().get(path), Client().post(path)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert "too old" in words_of(answers[0])
    assert state_of(world.due) == "assigned"


def _another_password(person: Person) -> None:
    steps.change_password(person, password="quite-another-password")


def _another_address(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(email="elsewhere@resolves.example")


def _deactivated(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("change", [_another_password, _another_address, _deactivated])
def test_link_dies_with_what_its_account_was(world: World, change: Callable[[Person], None]):
    path = link(world, "accept")
    change(world.contributor)

    answers = [Client().get(path), Client().post(path)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert state_of(world.due) == "assigned"


def test_link_dies_with_a_person_who_was_anonymised(world: World):
    path = link(world, "accept")
    steps.deactivate(world.contributor, by=world.secretary, reason="Left.")
    steps.anonymise(world.contributor, by=world.secretary, reason="Asked for it.")

    answer = Client().post(path)

    assert answer.status_code == 410
    assert "Contributor" not in words_of(answer)


def test_changed_token_is_nobodys(world: World):
    path = link(world, "accept")
    token = path.split("/")[2]
    other = offers(world.contributor, world.due)["decline"].split("/")[2]
    mixed = other.rpartition(":")[0] + token[token.rindex(":") :]
    unsigned = signing.dumps([MailedLink.objects.first().pk, "", ""], salt="resolves.invitation")  # type: ignore[union-attr]

    for forged in (token[:-1], token + "A", token.swapcase(), mixed, unsigned, "x", "1", "\u2028", "%00"):
        for answer in (Client().get(f"/act/{forged}/"), Client().post(f"/act/{forged}/")):
            assert answer.status_code == 404, forged
    assert state_of(world.due) == "assigned"


# ── limits ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tries_with_one_link_are_limited(world: World):
    path = link(world, "decline")

    answers = [Client(REMOTE_ADDR=f"192.0.2.{n}").post(path) for n in range(link_views.POSTS_OF_ONE_LINK + 1)]

    assert [answer.status_code for answer in answers[-2:]] == [400, 429]
    assert Client().post(path, REASON).status_code == 429
    assert state_of(world.due) == "assigned"


def test_tries_from_one_place_are_limited_and_reading_is_not(world: World):
    path, client = link(world, "accept"), Client()

    answers = [client.post(f"/act/forged{n}/") for n in range(link_views.POSTS_FROM_ONE_PLACE + 1)]

    assert [answer.status_code for answer in answers[-2:]] == [404, 429]
    assert client.post(path).status_code == 429
    assert client.get(path).status_code == 200
    Attempt.objects.all().delete()
    assert client.post(path).status_code == 200


# ── its person is told ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_its_person_is_promised_a_mail_that_says_so(world: World):
    Client().post(link(world, "accept"))

    notice = Notice.objects.get(kind=Notice.Kind.LINK_USED)
    assert (notice.person, notice.occurrence, notice.audience) == (world.contributor, world.due, Notice.Audience.PERSON)
    assert notice.event == Event.objects.get(verb="occurrence.accepted")
