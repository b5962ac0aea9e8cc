"""Mails as they are read: one thing in its own words, several in a list, what is late until it is handed in."""

from collections.abc import Generator
from datetime import date, datetime
from typing import Any

import pytest

from tests.people import World
from tests.post_office import PostOffice, deliver_through, open_post_office
from tests.workflows.test_person_days import duties
from tracker import clock
from tracker.models import Message, Notice, Occurrence, Substitution, Term
from workflows import notices, reminders, rounds, steps
from workflows.notices import writing

LATE_DAY = "2018-03-20T09:00"


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


def a_round(moment: str = "2018-02-20T09:00") -> None:
    with clock.at(datetime.fromisoformat(f"{moment}+00:00")):
        assert rounds.run().failed == []


def text_of(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content())


def html_of(message: Any) -> str:
    return str(message.get_body(("html",)).get_content())


def last(office: PostOffice, name: str) -> Any:
    return office.to(name)[-1]


# --- several things -----------------------------------------------------------------------------------------------------


def test_subject_is_one_plain_line_that_counts(world, office):
    turns = duties(world, 2)
    world.walk("in_progress")
    world.walk("in_progress", turns[0])
    steps.assign(turns[1], lead=world.contributor, by=world.chair)
    a_round()
    subject = last(office, "contributor")["Subject"]
    assert subject == "3 things for you: 1 asked of you, 2 due, the first in 26 days"
    assert not set(subject) & set("[]!\r\n")
    assert subject.isascii()


def test_sections_say_what_is_asked_what_comes_and_what_is_to_know(world, office):
    turns = duties(world, 3)
    world.walk("in_progress")
    steps.assign(turns[0], lead=world.contributor, by=world.chair)
    world.walk("closed", turns[1])
    a_round()
    text = text_of(last(office, "contributor"))
    found = [text.index(name) for name in ("Asked of you (1)", "Coming (1)", "For your information (1)")]
    assert found == sorted(found)
    assert "You are told because you were asked to lead this." in text
    assert "“to report annually;”" in text


def test_late_items_stay_listed_until_they_are_handed_in(world, office):
    turn = world.walk("in_progress")
    first, second, third = duties(world, 3)
    for one, moment in ((first, LATE_DAY), (second, "2018-03-22T09:00")):
        with clock.at(datetime.fromisoformat(f"{moment}+00:00")):
            steps.assign(one, lead=world.contributor, by=world.chair)
        a_round(moment)
        mail = last(office, "contributor")
        assert "Annual report (r1-1.2-c18)" in text_of(mail)
        assert "Late until it is handed in" in text_of(mail)

    with clock.at(datetime.fromisoformat("2018-03-23T08:00+00:00")):
        steps.submit(turn, by=world.contributor, text="What was done.")
        steps.assign(third, lead=world.contributor, by=world.chair)
    a_round("2018-03-23T09:00")
    assert "Annual report (r1-1.2-c18)" not in text_of(last(office, "contributor"))


def test_late_item_that_was_said_before_says_so_in_a_list(world, office):
    world.walk("in_progress")
    a_round(LATE_DAY)
    first, second = duties(world, 2)
    with clock.at(datetime.fromisoformat("2018-03-22T08:00+00:00")):
        for one in (first, second):
            steps.assign(one, lead=world.contributor, by=world.chair)
    a_round("2018-03-22T09:00")
    mail = last(office, "contributor")
    assert mail["Subject"].startswith("3 things for you: 2 asked of you, 1 late")
    assert "Said before." in text_of(mail)


def test_one_item_is_one_row_however_much_there_is_to_say_of_it(world, office):
    turns = duties(world, 1)
    for turn in (world.due, turns[0]):
        steps.assign(turn, lead=world.contributor, by=world.chair)
    a_round()
    mail = last(office, "contributor")
    assert mail["Subject"] == "2 things for you: 2 asked of you"
    assert text_of(mail).count("Due: in 26 days, Sunday 18 March 2018.") == 2
    assert text_of(mail).count("* ") == 2


# --- the next step ------------------------------------------------------------------------------------------------------


def test_mail_links_to_the_step_that_is_owed(world, office):
    world.walk("in_progress")
    a_round()
    text = text_of(last(office, "contributor"))
    assert "Submit the report: http://localhost:8000/items/council/r1-1.2-c18/steps/submit/" in text
    assert html_of(last(office, "contributor")).count("/items/council/r1-1.2-c18/") == 1


def test_mail_that_asks_for_nothing_links_to_the_item(world, office):
    world.walk("closed")
    a_round()
    assert "Its page: http://localhost:8000/items/council/r1-1.2-c18/" in text_of(last(office, "contributor"))


def test_mail_to_the_lead_has_links_that_need_no_log_in(world, office):
    world.walk("in_progress")
    a_round()
    text = text_of(last(office, "contributor"))
    assert "Nothing to report: http://localhost:8000/" in text
    assert "Ask for a new date: http://localhost:8000/" in text
    assert "Accept:" not in text


def test_list_has_links_for_each_item(world, office):
    turns = duties(world, 2)
    for turn in turns:
        steps.assign(turn, lead=world.contributor, by=world.chair)
    a_round()
    text = text_of(last(office, "contributor"))
    assert text.count("- Accept: http://localhost:8000/") == text.count("I am not the right person: http") == 2


def test_copy_for_the_chair_has_no_links_of_the_lead(world, office):
    world.walk("in_progress")
    a_round("2018-03-27T09:00")
    text = text_of(last(office, "chair"))
    assert "Late, for your information" in last(office, "chair")["Subject"]
    assert "Nothing to report" not in text


# --- head and foot ------------------------------------------------------------------------------------------------------


def test_mails_say_how_to_change_how_often_they_come(world, office):
    world.walk("in_progress")
    a_round()
    mail = last(office, "contributor")
    assert "/account/preferences/" in text_of(mail)
    assert mail["List-Unsubscribe"] == "<http://localhost:8000/account/preferences/>"
    assert mail["List-Id"] == "Resolves <notices.localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] is None


def test_line_breaks_in_words_make_no_header_of_a_list(world, office):
    turns = duties(world, 2)
    for turn in turns:
        turn.obligation.title = "Report\r\nBcc: stranger@elsewhere.example\r\n\r\nHello"
        turn.obligation.save()
        steps.assign(turn, lead=world.contributor, by=world.chair)
    a_round()
    assert len(office.to("contributor")) == 1
    assert all(mail["X-Envelope-To"].endswith("@resolves.example") for mail in office.accepted)
    assert all(mail["Bcc"] is None for mail in office.accepted)


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "zh-hans", "ar"])
def test_list_is_written_in_the_reader_s_language(world, office, language):
    contributor = world.contributor
    contributor.language = language
    contributor.save()
    for turn in duties(world, 2):
        steps.assign(turn, lead=world.contributor, by=world.chair)
    a_round()
    html = html_of(last(office, "contributor"))
    assert f'lang="{language}"' in html
    assert ('dir="rtl"' in html) == (language == "ar")
    assert "<img" not in html


# --- who ----------------------------------------------------------------------------------------------------------------


def stand_in(world: World, principal: str, substitute: str) -> None:
    Substitution.objects.create(
        office=world.offices[principal],
        principal=world.people[principal],
        substitute=world.people[substitute],
        begins=date(2018, 2, 1),
        ends=date(2018, 5, 1),
    )


def led_by_the_office(world: World) -> Occurrence:
    turn = steps.assign(world.due, lead=world.offices["contributor"], by=world.chair)
    return steps.accept(turn, by=world.contributor)


def test_substitute_is_reminded_instead_of_the_holder(world, office):
    led_by_the_office(world)
    stand_in(world, "contributor", "helper")
    a_round()
    assert office.to("contributor") == []
    (mail,) = office.to("helper")
    assert mail["Subject"] == "Due in 26 days: Annual report (r1-1.2-c18)"
    assert "you stand in for Contributor" in text_of(mail)
    rows = Notice.objects.filter(kind="reminder", rung=-30).order_by("pk")
    assert [(one.person, one.state, one.reason) for one in rows] == [
        (world.contributor, "skipped", "substitute told instead"),
        (world.helper, "sent", ""),
    ]
    a_round("2018-02-21T09:00")
    assert len(office.to("helper")) == 1


def test_alternate_is_reminded_only_where_nobody_holds_the_office(world, office):
    led_by_the_office(world)
    Term.objects.create(office=world.offices["contributor"], person=world.helper, part="alternate")
    a_round()
    assert (len(office.to("contributor")), len(office.to("helper"))) == (1, 0)
    Term.objects.filter(office=world.offices["contributor"], person=world.contributor).update(ends=date(2018, 2, 28))
    a_round("2018-03-05T09:00")
    assert (len(office.to("contributor")), len(office.to("helper"))) == (1, 1)


@pytest.mark.parametrize(
    ("audience", "who"),
    [("contributors", "helper"), ("chair", "chair"), ("secretariat", "secretary"), ("alternate", "auditor")],
)
def test_rung_of_an_audience_goes_to_it(world, office, audience, who):
    turn = steps.assign(
        world.due, lead=world.offices["contributor"], contributors=[world.helper, world.vice_chair], by=world.chair
    )
    turn = steps.accept(turn, by=world.contributor)
    Term.objects.create(office=world.offices["contributor"], person=world.auditor, part="alternate")
    notices.announce(notices.unannounced())
    Notice.objects.all().delete()
    promise(turn, audience)
    notices.gather(lambda *_: "")
    told = set(Notice.objects.filter(state="queued").values_list("person__username", flat=True))
    assert told == ({"helper", "vice_chair"} if audience == "contributors" else {who})


def promise(turn: Occurrence, audience: str, day: date = date(2018, 2, 16)) -> None:
    Notice.objects.create(
        key=f"reminder:{turn.reference}:{turn.due_on}:-30:{audience}",
        kind="reminder",
        audience=audience,
        rung=-30,
        occurrence=turn,
        due_on=turn.due_on,
        planned_for=day,
        created_at=clock.now(),
    )


def test_nobody_has_two_rows_about_one_day_of_the_ladder(world, office):
    turn = steps.assign(world.due, lead=world.chair, contributors=[world.offices["chair"]], by=world.secretary)
    turn = steps.accept(turn, by=world.chair)
    notices.announce(notices.unannounced())
    Notice.objects.all().delete()
    for audience in ("chair", "contributors", "holder"):
        promise(turn, audience)
    notices.gather(lambda *_: "")
    rows = Notice.objects.order_by("audience").values_list("audience", "state", "reason")
    assert list(rows) == [
        ("chair", "skipped", "told already as who has the ball"),
        ("contributors", "skipped", "told already as who has the ball"),
        ("holder", "queued", ""),
    ]


def test_everyone_touched_by_a_moved_session_hears_of_it_once(world, office):
    turns = duties(world, 3)
    for one in turns:
        turn = steps.assign(one, lead=world.contributor, contributors=[world.helper], by=world.chair)
        steps.accept(turn, by=world.contributor)
    steps.watch(turns[0], by=world.councillor)
    a_round()
    office.accepted.clear()
    with clock.at(datetime.fromisoformat("2018-02-22T05:00+00:00")):
        steps.move_session(
            world.sessions["C18"], by=world.secretary, opens=date(2018, 5, 8), closes=date(2018, 5, 18), reason="Hall."
        )
    for moment in ("2018-02-22T05:30", "2018-02-22T09:00", "2018-02-22T15:00", "2018-02-23T09:00"):
        a_round(moment)
    for name, count in (("contributor", 3), ("helper", 3), ("chair", 4), ("councillor", 1)):
        (mail,) = office.to(name)
        assert text_of(mail).count("Sunday 8 April 2018") >= count, name
    assert office.to("helper")[0]["Subject"] == "3 dates moved"
    assert office.to("secretary") == []


# --- size ---------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_twenty_thousand_due_for_one_person_are_one_mail_below_a_megabyte(world, figure):
    many(world, 20_000)
    with clock.at(datetime.fromisoformat("2018-02-16T09:00+00:00")):
        assert notices.gather(reminders.needless) == 1
        notices.send(reminders.needless)
    message = Message.objects.get()
    assert message.state == "sent"
    size = len(message.text.encode()) + len(message.html.encode())
    assert size < 700_000  # and a third more as it is sent
    assert message.subject.startswith("20000 things for you")
    assert Notice.objects.filter(state="sent").count() == 20_000
    figure(f"R6: 20,000 due for one person: one mail of {size:,} bytes")


def test_list_names_so_many_items_and_counts_the_rest(world, office, monkeypatch):
    monkeypatch.setattr(writing, "MOST_IN_FULL", 3)
    many(world, 8)
    a_round()
    text = text_of(last(office, "contributor"))
    assert last(office, "contributor")["Subject"].startswith("9 things for you")
    assert text.count("* Due") == 3
    assert "and 6 more." in text


def many(world: World, count: int) -> None:
    """So many reminders for one person, of as many turns."""
    turn = world.walk("in_progress")
    notices.announce(notices.unannounced())
    Notice.objects.all().delete()
    asked = turn.assignments.get()
    turns, leads = [], []
    for number in range(count):
        one = Occurrence.objects.get(pk=turn.pk) if not turns else _twin(turns[0])
        one.pk, one.session, one.reference = None, None, f"council/many-{number}"
        one.period = date.fromordinal(700_000 + number)
        turns.append(one)
    Occurrence.objects.bulk_create(turns, batch_size=500)
    for one in turns:
        lead = _twin(asked)
        lead.pk, lead.occurrence = None, one
        leads.append(lead)
    type(asked).objects.bulk_create(leads, batch_size=500)
    Notice.objects.bulk_create(
        (
            Notice(
                key=f"reminder:{one.reference}:{one.due_on}:-30:holder",
                kind="reminder",
                audience="holder",
                rung=-30,
                occurrence=one,
                person=world.contributor,
                due_on=one.due_on,
                planned_for=date(2018, 2, 16),
                created_at=clock.now(),
            )
            for one in turns
        ),
        batch_size=500,
    )


def _twin(one: Any) -> Any:
    columns = {column.attname: one.__dict__[column.attname] for column in one._meta.concrete_fields}
    return type(one)(**columns)
