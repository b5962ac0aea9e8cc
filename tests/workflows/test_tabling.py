"""Tabling: frozen as it stands, signed, never changed; drawn from what was frozen alone; told to councillors once."""

import json
import re
import subprocess
import sys

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from lxml import etree, html

from tests.people import make_person
from tests.record import verified
from tracker import access, frozen, keys, packs, tabling, triggers
from tracker.log import program, replay
from tracker.models import Event, Notice, Obligation, Paragraph, Session, Tabled, TabledSignature, Term
from workflows import notices, steps

ADDRESS = "/council/council/c18/tabled/1/"


@pytest.fixture
def busy(world):
    world.walk("endorsed", world.past)
    world.walk("assigned", world.due)
    return world


def table(world, **given):
    return steps.table_summary(world.sessions["C18"], by=world.secretary, **given)


def found_by_replay() -> set[tuple[str, str]]:
    """What the check of the record finds of tabled summaries: kind and column."""
    found = [one for one in replay.differences() if one.facts.get("model") == "tabled"]
    return {(one.kind, one.facts.get("field", "")) for one in found}


def words(response) -> str:
    return re.sub(r"\s+", " ", html.fromstring(response.content.decode()).xpath("string(//main)"))


# --- the step ---------------------------------------------------------------------------------------------------------


def test_summary_is_frozen_hashed_and_on_record(busy):
    made = table(busy, symbol="C18/41", agenda_item="PL 1.2")

    event = Event.objects.get(verb="summary.tabled")
    assert frozen.digest(made.frozen.encode()) == made.sha256
    assert event.changes["sha256"] == [None, made.sha256]
    assert event.stream == "tabled:council/c18/1"
    assert set(frozen.thaw(made.frozen.encode()).views) == {"ar", "en", "es", "fr", "ru", "zh-hans"}
    assert verified()


@pytest.mark.parametrize("role", ["chair", "contributor", "councillor", "auditor"])
def test_only_the_secretariat_tables(busy, role):
    with pytest.raises(PermissionDenied):
        steps.table_summary(busy.sessions["C18"], by=busy.people[role])
    assert not Tabled.objects.exists()


def test_symbol_is_taken_once_and_none_as_often_as_need_be(busy):
    table(busy, symbol="C18/41")

    with pytest.raises(ValidationError) as refused:
        table(busy, symbol="C18/41")
    table(busy)
    table(busy)

    assert list(refused.value.message_dict) == ["symbol"]
    assert sorted(Tabled.objects.values_list("number", "symbol")) == [(1, "C18/41"), (2, ""), (3, "")]


def test_what_has_changed_since_it_was_looked_at_is_looked_at_again(busy):
    _text, seen = steps.would_table(busy.sessions["C18"])
    steps.accept(busy.due, by=busy.contributor)
    steps.submit(busy.due, by=busy.contributor, text="Handed in.")

    with pytest.raises(steps.NotTheMoment, match="Something has changed"):
        table(busy, seen=seen)
    assert table(busy, seen=steps.would_table(busy.sessions["C18"])[1]).number == 1


def test_cancelled_session_has_none(busy):
    Session.objects.filter(code="C18").update(state="cancelled")
    busy.sessions["C18"].refresh_from_db()

    with pytest.raises(steps.NotTheMoment, match="cancelled"):
        table(busy)


def test_correction_names_what_it_corrects_and_only_the_newest_is_corrected(busy):
    first = table(busy, symbol="C18/41")
    second = table(busy, symbol="C18/41 Corr.1", corrects=first)

    with pytest.raises(steps.NotTheMoment, match="corrected already"):
        table(busy, corrects=first)
    with pytest.raises(ValidationError):
        steps.table_summary(busy.sessions["C17"], by=busy.secretary, corrects=second)
    assert Event.objects.get(verb="summary.corrected").changes["corrects"] == [None, first.pk]


def test_nothing_restricted_and_no_name_is_in_it(busy):
    paragraph = Paragraph.objects.get(pk=busy.obligation.paragraph_id)
    duty = Obligation.objects.create(
        paragraph=paragraph, resolution=busy.resolution, number=2, title="Kept from most", kind="each_session",
        anchor="session", anchor_body=busy.council, responsible=busy.group, endorser=busy.offices["chair"],
        visibility="restricted", confirmed=True,
    )  # fmt: skip
    steps.plan_turns(duty)

    made = table(busy)

    assert access.occurrences(busy.secretary).filter(obligation=duty).exists()
    assert "1.2~2" not in made.frozen
    assert "Kept from most" not in made.frozen
    named = frozen.canonical(frozen.freeze(busy.councillor, busy.council, busy.sessions["C18"])).decode()
    assert '"person":"Contributor"' in named  # the control: a reader's own page names who holds the office
    assert '"person":"Contributor"' not in made.frozen


# --- never changed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize(("table_name", "column"), [("tracker_tabled", "symbol"), ("tracker_tabledsignature", "note")])
def test_database_refuses_to_change_it(busy, statement, table_name, column):
    table(busy)
    steps.sign_tabled()

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table_name, column))


def test_what_the_owner_changed_does_not_verify_anywhere(busy, client_for):
    made = table(busy, symbol="C18/41")
    steps.sign_tabled()
    assert tabling.standing(Tabled.objects.get()).sound

    triggers.remove()
    try:
        Tabled.objects.update(frozen=made.frozen.replace('"count":1', '"count":2'))
    finally:
        triggers.install()

    client = client_for(busy.councillor)
    assert "does not verify" in words(client.get(ADDRESS))
    assert "does not verify" in words(client.get("/council/council/tabled/"))
    assert found_by_replay() == {("state", "frozen")}


@pytest.mark.parametrize("spoilt", ["no json", '{"form":"resolves-summary/1"}', "{}"])
def test_what_cannot_be_read_any_more_is_a_page_that_says_so(busy, client_for, spoilt):
    table(busy)
    triggers.remove()
    try:
        Tabled.objects.update(frozen=spoilt)
    finally:
        triggers.install()

    client = client_for(busy.councillor)
    page = client.get(ADDRESS)

    assert page.status_code == 200
    assert "does not verify" in words(page)
    assert client.get(f"{ADDRESS}pack.pdf").status_code == 503


def test_hash_that_was_changed_along_is_found_by_the_record(busy):
    """The owner who changes text and hash alike still has the record, and the signature, against them."""
    made = table(busy)
    steps.sign_tabled()
    changed = made.frozen.replace('"count":1', '"count":2')
    triggers.remove()
    try:
        Tabled.objects.update(frozen=changed, sha256=frozen.digest(changed.encode()))
    finally:
        triggers.install()

    standing = tabling.standing(Tabled.objects.get())

    assert not standing.hash_holds
    assert standing.signed is False
    assert found_by_replay() == {("state", "frozen"), ("state", "sha256")}


# --- signed -----------------------------------------------------------------------------------------------------------


def test_worker_signs_what_was_tabled_once(busy):
    made = table(busy)
    assert tabling.standing(made).signed is None

    assert (steps.sign_tabled(), steps.sign_tabled()) == (1, 0)

    assert tabling.standing(Tabled.objects.get()).signed is True
    assert TabledSignature.objects.get().note.startswith(keys.log_key().name)


def test_worker_signs_nothing_that_was_changed(busy):
    table(busy)
    triggers.remove()
    try:
        Tabled.objects.update(sha256="0" * 64)
    finally:
        triggers.install()

    assert steps.sign_tabled() == 0


def test_stranger_verifies_the_file_with_one_program(busy, client_for, tmp_path):
    table(busy, symbol="C18/41")
    steps.sign_tabled()
    file, verifier = tmp_path / "summary.json", tmp_path / "resolves_verify.py"
    made = client_for(busy.councillor).get(f"{ADDRESS}pack.json").content
    verifier.write_bytes(program.text())
    key = str(keys.known_keys()[0])

    def run(content: bytes) -> subprocess.CompletedProcess[str]:
        file.write_bytes(content)
        command = [sys.executable, str(verifier), "tabled", str(file), "--key", key]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    sound, changed = run(made), run(made.replace(b'"count":1', b'"count":2', 1))
    plain = json.loads(made)
    unsigned = run(json.dumps(plain | {"note": ""}).encode())
    other_day = run(json.dumps(plain | {"day": "2018-02-17"}).encode())

    assert (sound.returncode, changed.returncode, unsigned.returncode, other_day.returncode) == (0, 1, 1, 1)
    assert sound.stdout.startswith("SOUND: summary council/c18/1 is as it was tabled")
    assert "what was frozen was changed" in changed.stderr


# --- its pages --------------------------------------------------------------------------------------------------------


def test_page_is_drawn_from_what_was_frozen_alone(busy, client_for):
    table(busy, symbol="C18/41")
    client = client_for(busy.councillor)
    before = words(client.get(ADDRESS))
    papers = {kind: client.get(f"{ADDRESS}pack.{kind}").content for kind in ("csv", "json")}

    steps.accept(busy.due, by=busy.contributor)
    steps.submit(busy.due, by=busy.contributor, text="Handed in.")
    steps.close(busy.past, by=busy.secretary, decision=busy.decide())
    Paragraph.objects.update(text="other words")
    Obligation.objects.update(title="another title")

    assert words(client.get(ADDRESS)) == before
    assert {kind: client.get(f"{ADDRESS}pack.{kind}").content for kind in ("csv", "json")} == papers
    assert "to report annually" not in words(
        client.get("/council/council/c18/")
    )  # the control: the live page has changed


def test_numbers_of_a_tabled_page_lead_to_no_list_of_today(busy, client_for):
    table(busy)

    page = client_for(busy.councillor).get(ADDRESS).content.decode()

    assert not re.findall(r'href="/occurrences/\?', page)
    assert "lede" in page


@pytest.mark.parametrize("language", ["ar", "fr", "zh-hans"])
def test_tabled_page_speaks_as_it_spoke(busy, client_for, language):
    table(busy)
    client = client_for(busy.councillor)
    client.cookies["language"] = language

    page = client.get(ADDRESS)

    thawed = frozen.thaw(Tabled.objects.get().frozen.encode())
    with translation.override(language):
        sentence = packs.sentence(thawed.view(language))
    assert page.context["seen"] == thawed.view(language) != thawed.view("en")
    assert sentence in words(page)
    assert "operative item" not in sentence


def test_pages_are_for_members(busy, client_for):
    table(busy)
    member, stranger = client_for(busy.councillor), client_for(make_person("stranger"))

    assert member.get(ADDRESS).status_code == 200
    assert member.get("/council/council/c18/tabled/2/").status_code == 404
    assert member.get(f"{ADDRESS}pack.exe").status_code == 404
    assert client_for(busy.contributor).get(ADDRESS).status_code == 200  # of a group under the body
    assert stranger.get(ADDRESS).status_code == 404
    assert stranger.get(f"{ADDRESS}pack.json").status_code == 404
    assert "does it hold" not in words(stranger.get("/council/council/tabled/")).lower()


def test_secretary_tables_by_the_page_and_corrects_by_it(busy, client_for):
    client = client_for(busy.secretary)
    page = client.get("/council/council/c18/table/")
    form = html.fromstring(page.content.decode()).forms[-1]
    given = dict(form.form_values()) | {"symbol": "C18/41"}

    made = client.post("/council/council/c18/table/", given)
    again = client.post("/council/council/c18/table/", given)
    correct = client.get(f"{ADDRESS}correct/")
    seen = html.fromstring(correct.content.decode()).xpath("//input[@name='seen']/@value")[0]
    corrected = client.post(f"{ADDRESS}correct/", {"symbol": "C18/41 Corr.1", "seen": seen})

    assert (made.status_code, made["Location"]) == (302, ADDRESS)
    assert again.status_code == 400
    assert "was tabled as C18/41" in again.content.decode()
    assert corrected["Location"] == "/council/council/c18/tabled/2/"
    assert "This summary was corrected" in words(client.get(ADDRESS))
    assert "C18/41 Corr.1" in words(client.get("/council/council/c18/"))


def test_atom_feed_lists_what_was_tabled(busy, client_for):
    first = table(busy, symbol="C18/41")
    table(busy, symbol="C18/41 Corr.1", corrects=first)

    feed = client_for(busy.councillor).get("/council/council/tabled.atom")

    tree = etree.fromstring(feed.content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert feed["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert tree.xpath("//a:entry/a:title/text()", namespaces=space) == ["C18/41 Corr.1", "C18/41"]
    assert first.sha256 in feed.content.decode()


# --- councillors are told ---------------------------------------------------------------------------------------------


def hear() -> list[Notice]:
    while events := notices.unannounced():
        notices.announce(events)
    return list(Notice.objects.filter(kind="tabled").order_by("pk"))


def test_councillors_get_a_minutes_reading_once(busy, mailoutbox, settings):
    table(busy, symbol="C18/41")

    told = hear()
    call_command("tick")
    call_command("tick")

    councillors = {term.person_id for term in Term.objects.filter(office__role="councillor", office__body=busy.council)}
    assert {one.person_id for one in told} == councillors
    mails = [mail for mail in mailoutbox if "in one minute" in mail.subject]
    assert [mail.to for mail in mails] == [[busy.councillor.email]]
    assert "operative item in Resolution 1" in mails[0].body
    assert "/council/council/c18/tabled/1/" in mails[0].body
    assert "because you sit in Council." in mails[0].body


def test_summary_that_was_corrected_before_the_mail_went_is_told_as_its_correction(busy, mailoutbox):
    first = table(busy, symbol="C18/41")
    hear()
    table(busy, symbol="C18/41 Corr.1", corrects=first)
    call_command("tick")

    mails = [mail for mail in mailoutbox if busy.councillor.email in mail.to]
    assert len(mails) == 1
    assert "This corrects the summary C18/41." in mails[0].body
    assert Notice.objects.filter(kind="tabled", reason="a correction was tabled since").count() == 1


def test_list_asks_the_same_questions_of_one_and_of_three(busy, client_for, django_assert_num_queries):
    client, cost = client_for(busy.councillor), 13
    table(busy)
    with django_assert_num_queries(cost):
        client.get("/council/council/tabled/")
    table(busy)
    table(busy)
    steps.sign_tabled()
    with django_assert_num_queries(cost):
        client.get("/council/council/tabled/")


# --- what changed since -----------------------------------------------------------------------------------------------


def test_what_moved_since_is_told_old_and_new(busy, client_for):
    table(busy, symbol="C18/41")
    steps.accept(busy.due, by=busy.contributor)
    steps.submit(busy.due, by=busy.contributor, text="Handed in.")
    steps.close(busy.past, by=busy.secretary, decision=busy.decide())

    page = client_for(busy.councillor).get(f"{ADDRESS}changes/")

    moved = {one.reference: (one.before.code, one.after.code) for one in page.context["changes"].moved}
    assert moved == {
        "council/r1-1.2-c18": ("due", "submitted"),
        "council/r1-1.2-c17": ("received", "closed"),
    }
    assert page.context["changes"].same == 1
    shifts = {one.code: (one.before, one.after, one.better) for one in page.context["changes"].shifts}
    assert shifts["closed"] == (0, 1, True)
    assert "2 occurrences read otherwise" in page.content.decode()


def test_days_that_went_by_are_no_change(busy, client_for, settings):
    table(busy)
    settings.RESOLVES_NOW = "2018-02-19T09:00"

    page = client_for(busy.councillor).get(f"{ADDRESS}changes/")

    assert page.context["changes"].moved == ()
    assert "Nothing happened but that days went by." in page.content.decode()


def test_two_that_were_tabled_are_compared_and_one_that_is_not_there_is_not(busy, client_for):
    table(busy)
    steps.accept(busy.due, by=busy.contributor)
    steps.submit(busy.due, by=busy.contributor, text="Handed in.")
    table(busy)
    steps.endorse(busy.due, by=busy.chair)
    client = client_for(busy.councillor)

    between = client.get(f"{ADDRESS}changes/?until=c18/2")

    assert [(one.before.code, one.after.code) for one in between.context["changes"].moved] == [("due", "submitted")]
    assert client.get(f"{ADDRESS}changes/?until=c18/9").status_code == 404
