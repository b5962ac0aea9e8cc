"""Who hears of what, in one mail, through a real SMTP server; and the ledger says what became of it."""

from collections.abc import Generator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.people import World
from tests.post_office import PostOffice, deliver_through, open_post_office
from tracker import clock
from tracker.models import Assignment, Message, Notice, Substitution, Term
from workflows import notices, reminders, rounds, steps
from workflows.notices import recording
from workflows.notices.claiming import claim
from workflows.notices.line import Trouble

CHAIR, CONTRIBUTOR = "chair", "contributor"
FIRST = date(2018, 2, 19)  # the first reminder, put off as the lead was asked on its day, a Friday


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


def on(day: date) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00+00:00")


def a_round(day: date | None = None) -> rounds.Round:
    """One round, today or on a day; it must not have failed."""
    with clock.at(on(day) if day else clock.now()):
        done = rounds.run()
    assert done.failed == []
    return done


def ledger(world: World, **filters: Any) -> list[tuple[str, str, str]]:
    rows = Notice.objects.filter(occurrence=world.due, **filters).order_by("planned_for", "pk")
    return [(row.kind, row.state, row.reason) for row in rows if row.state != "planned"]


def text_of(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content())


# --- who hears --------------------------------------------------------------------------------------------------------


def test_assigned_tells_the_person_asked_and_sets_told_at(world, office):
    turn = world.walk("assigned")
    assert turn.assignments.get().told_at is None
    a_round()
    assert turn.assignments.get().told_at is not None
    assert [mail["Subject"] for mail in office.to(CONTRIBUTOR)] == ["You are asked to lead: Annual report (r1-1.2-c18)"]


def test_assigned_is_not_told_while_the_server_refuses(world, office):
    office.rcpt["contributor@resolves.example"] = "550 No such person"
    turn = world.walk("assigned")
    a_round()
    assert turn.assignments.get().told_at is None


def test_assigned_to_an_office_tells_its_holder_and_who_stands_in(world, office):
    Substitution.objects.create(
        office=world.offices[CONTRIBUTOR],
        principal=world.contributor,
        substitute=world.people["helper"],
        begins=date(2018, 2, 1),
        ends=date(2018, 3, 1),
    )
    steps.assign(world.due, lead=world.offices[CONTRIBUTOR], by=world.chair)
    a_round()
    assert len(office.to(CONTRIBUTOR)) == len(office.to("helper")) == 1
    assert world.due.notices.filter(kind="assigned", state="sent").count() == 2


def test_assigned_by_oneself_to_oneself_needs_no_mail(world, office):
    steps.assign(world.due, lead=world.chair, by=world.chair)
    a_round()
    assert ("assigned", "skipped", "did it themselves") in ledger(world)
    assert world.due.assignments.get().told_at is not None


def test_unassigned_tells_who_was_asked(world, office):
    turn = world.walk("assigned")
    a_round()
    steps.unassign(turn, by=world.chair, reason="Somebody else is freer.")
    a_round()
    mail = office.to(CONTRIBUTOR)[-1]
    assert mail["Subject"] == "You are no longer asked: Annual report (r1-1.2-c18)"
    assert "Somebody else is freer." in text_of(mail)


def test_unassigned_before_anybody_was_told_asks_nobody(world, office):
    turn = world.walk("assigned")
    steps.unassign(turn, by=world.chair, reason="A slip.")
    a_round()
    assert ("assigned", "skipped", "no longer asked") in ledger(world)


def test_declined_tells_who_had_asked(world, office):
    turn = world.walk("assigned")
    steps.decline(turn, by=world.contributor, reason="On leave until May.")
    a_round()
    (mail,) = [mail for mail in office.to(CHAIR) if "Declined" in mail["Subject"]]
    assert "On leave until May." in text_of(mail)


STORY = [
    # walked to, who hears then, subject
    ("submitted", CHAIR, "For you to endorse: Annual report (r1-1.2-c18)"),
    ("endorsed", CONTRIBUTOR, "Endorsed: Annual report (r1-1.2-c18)"),
    ("endorsed", "secretary", "Endorsed, awaiting a decision: Annual report (r1-1.2-c18)"),
]


@pytest.mark.parametrize(("status", "who", "subject"), STORY)
def test_each_step_tells_who_has_to_know(world, office, status, who, subject):
    world.walk(status)
    a_round()
    assert subject in [mail["Subject"] for mail in office.to(who)]


def test_sent_back_tells_the_lead_why(world, office):
    turn = world.walk("submitted")
    a_round()
    steps.send_back(turn, by=world.chair, reason="Please add the figures.")
    a_round()
    mail = office.to(CONTRIBUTOR)[-1]
    assert mail["Subject"] == "Sent back to you: Annual report (r1-1.2-c18)"
    assert "Please add the figures." in text_of(mail)


def test_closed_tells_the_lead(world, office):
    world.walk("closed")
    a_round()
    assert office.to(CONTRIBUTOR)[-1]["Subject"] == "Closed by decision: Annual report (r1-1.2-c18)"


def test_another_due_date_tells_who_has_the_ball(world, office):
    turn = world.walk("in_progress")
    a_round()
    steps.change_due_date(turn, by=world.chair, due_on=date(2018, 4, 10), reason="The Council opens later.")
    a_round()
    mail = office.to(CONTRIBUTOR)[-1]
    assert mail["Subject"] == "The date moved: Annual report (r1-1.2-c18) is due in 53 days"
    assert "Sunday 18 March 2018 → Tuesday 10 April 2018" in text_of(mail)


def test_nobody_hears_twice_of_one_event(world, office):
    world.walk("submitted")
    for _ in range(3):
        a_round()
    assert office.doubles() == {}
    assert len(office.to(CHAIR)) == 1


# --- how it reads -----------------------------------------------------------------------------------------------------


def test_reminder_says_how_long_why_and_where(world, office):
    world.walk("in_progress")
    a_round(FIRST)
    (mail,) = office.to(CONTRIBUTOR)
    text = text_of(mail)
    assert mail["Subject"] == "Due in 27 days: Annual report (r1-1.2-c18)"
    assert "Due: in 27 days, Sunday 18 March 2018." in text
    assert "“to report annually;”" in text
    assert "http://localhost:8000/items/council/r1-1.2-c18/" in text
    assert "You get this mail because you lead this." in text
    assert mail.get_body(("html",)) is not None
    assert mail["Auto-Submitted"] == "auto-generated"


def test_dates_are_counted_on_the_day_of_sending(world, office):
    world.walk("in_progress")
    a_round(date(2018, 2, 20))
    assert office.to(CONTRIBUTOR)[0]["Subject"].startswith("Due in 26 days")


def test_mail_is_in_the_reader_s_language(world, office, settings):
    contributor = world.contributor
    contributor.language = "fr"
    contributor.save()
    world.walk("in_progress")
    a_round(FIRST)
    assert "dimanche 18 mars 2018" in text_of(office.to(CONTRIBUTOR)[0])


def test_arabic_mail_reads_from_right_to_left(world, office):
    contributor = world.contributor
    contributor.language = "ar"
    contributor.save()
    world.walk("in_progress")
    a_round(FIRST)
    assert 'dir="rtl"' in office.to(CONTRIBUTOR)[0].get_body(("html",)).get_content()


def test_line_breaks_in_titles_names_and_addresses_make_no_header(world, office):
    obligation = world.obligation
    obligation.title = "Report\r\nBcc: stranger@elsewhere.example\r\n\r\nHello"
    obligation.save()
    chair = world.chair
    chair.name = "The chair\r\nBcc: stranger@elsewhere.example"
    chair.save()
    helper = world.people["helper"]
    helper.email = "helper@resolves.example\r\nBcc: stranger@elsewhere.example"
    helper.save()
    steps.assign(world.due, lead=world.contributor, contributors=[helper], by=world.chair)
    a_round()
    assert {mail["X-Envelope-To"] for mail in office.accepted} == {"contributor@resolves.example"}
    assert all(mail["Bcc"] is None for mail in office.accepted)
    assert "\n" not in office.accepted[0]["Subject"]


def test_markup_in_words_is_escaped_in_html_alone(world, office):
    turn = world.walk("submitted")
    steps.send_back(turn, by=world.chair, reason="<b>More</b> & better")
    a_round()
    mail = office.to(CONTRIBUTOR)[-1]
    assert "<b>More</b> & better" in text_of(mail)
    assert "&lt;b&gt;More&lt;/b&gt; &amp; better" in mail.get_body(("html",)).get_content()


# --- one mail for what was missed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back_on", "last_rung", "skipped"),
    [
        pytest.param(date(2018, 2, 19), -30, [], id="a working day"),
        pytest.param(date(2018, 2, 23), -30, [], id="7 days"),
        pytest.param(date(2018, 3, 28), 8, [-30, -14, -3, 1], id="40 days"),
    ],
)
def test_an_outage_is_caught_up_with_one_mail(world, office, back_on, last_rung, skipped):
    world.walk("in_progress")
    a_round(back_on)
    assert len(office.to(CONTRIBUTOR)) == 1
    rungs = world.due.notices.filter(kind="reminder", audience="holder")
    assert list(rungs.filter(state="sent").values_list("rung", flat=True)) == [last_rung]
    left = rungs.filter(state="skipped").order_by("rung")
    assert list(left.values_list("rung", "reason")) == [(rung, "caught up in one mail") for rung in skipped]


def test_chair_is_copied_once_after_an_outage(world, office):
    world.walk("in_progress")
    a_round(date(2018, 3, 28))
    (mail,) = office.to(CHAIR)
    assert mail["Subject"] == "Late, for your information: Annual report (r1-1.2-c18), due 10 days ago"


def test_chair_who_has_the_ball_is_told_once(world, office):
    a_round(date(2018, 3, 19))
    assert len(office.to(CHAIR)) == 1
    assert ("reminder", "skipped", "told already as who has the ball") in ledger(world, audience="chair")


def test_several_things_about_one_item_go_in_one_mail(world, office):
    world.walk("assigned")
    a_round(FIRST)
    (mail,) = office.to(CONTRIBUTOR)
    assert mail["Subject"].startswith("You are asked to lead")
    assert "- Due in 27 days: Annual report (r1-1.2-c18)" in text_of(mail)
    assert set(ledger(world)) == {("assigned", "sent", ""), ("reminder", "sent", "")}


# --- nobody is reminded of what is done -------------------------------------------------------------------------------


def test_lead_hears_nothing_more_after_submitting(world, office):
    turn = world.walk("in_progress")
    a_round()
    steps.submit(turn, by=world.contributor, text="What was done.")
    office.accepted.clear()
    for day in range(60):
        a_round(date(2018, 2, 17) + timedelta(days=day))
    assert office.to(CONTRIBUTOR) == []


def test_reminders_go_to_the_endorser_after_submission(world, office):
    world.walk("submitted")
    a_round()
    office.accepted.clear()
    steps.set_preferences({"weekly": False}, by=world.chair)
    a_round(date(2018, 3, 6))
    (mail,) = office.to(CHAIR)
    assert mail["Subject"] == "Waiting for your endorsement: Annual report (r1-1.2-c18), due in 12 days"


def test_reminder_follows_the_ball_between_gathering_and_sending(world, office):
    turn = world.walk("in_progress")
    with clock.at(on(FIRST)):
        reminders.plan([turn.pk])
        assert notices.gather(reminders.outdated) == 1
        steps.submit(turn, by=world.contributor, text="What was done.")
        tally = notices.send(reminders.outdated)
    assert (tally.sent, tally.skipped) == (0, 1)
    a_round(FIRST)
    assert office.to(CONTRIBUTOR) == []
    assert len(office.to(CHAIR)) == 1


def test_reminder_is_skipped_when_it_is_endorsed_between_gathering_and_sending(world, office):
    turn = world.walk("submitted")
    with clock.at(on(FIRST)):
        reminders.plan([turn.pk])
        notices.gather(reminders.outdated)
        steps.endorse(turn, by=world.chair)
        notices.send(reminders.outdated)
    assert office.accepted == []
    assert ledger(world, kind="reminder") == [("reminder", "skipped", "report received and endorsed")]


# --- nobody to tell ---------------------------------------------------------------------------------------------------


def test_an_office_that_nobody_holds_is_said_so(world, office):
    steps.assign(world.due, lead=world.offices[CONTRIBUTOR], by=world.chair)
    Term.objects.filter(office=world.offices[CONTRIBUTOR]).update(ends=date(2018, 1, 31))
    a_round()
    assert ("assigned", "skipped", "no one holds this office") in ledger(world)


def test_no_address_fails_visibly(world, office):
    contributor = world.contributor
    contributor.email = ""
    contributor.save()
    world.walk("assigned")
    a_round()
    assert ("assigned", "failed", "no usable e-mail address") in ledger(world)


# --- what the server answers ------------------------------------------------------------------------------------------


def test_answer_of_the_server_is_recorded(world, office):
    world.walk("assigned")
    a_round()
    message = Message.objects.get()
    assert (message.state, message.attempts) == ("sent", 1)
    assert message.answer == "250 Queued as 4711"
    assert message.message_id == office.accepted[0]["Message-ID"]


@pytest.mark.parametrize("answer", ["421 Closing down", "451 Try again later", "450 Mailbox busy"])
@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_not_now_is_tried_again_with_growing_delay(world, office, at, answer):
    getattr(office, at)["contributor@resolves.example"] = answer
    world.walk("assigned")
    before = timezone.now()
    a_round()
    message = Message.objects.get()
    assert (message.state, message.answer) == ("queued", answer)
    assert message.not_before >= before + timedelta(seconds=59)
    a_round()
    assert Message.objects.get().attempts == 1  # not before its time
    Message.objects.update(not_before=timezone.now())
    a_round()
    assert Message.objects.get().not_before >= before + timedelta(seconds=119)
    getattr(office, at).clear()
    Message.objects.update(not_before=timezone.now())
    a_round()
    assert Message.objects.get().state == "sent"
    assert len({mail["Message-ID"] for mail in office.received}) == 1


def test_delays_grow_to_a_day():
    found = [recording.delay(attempts) for attempts in range(1, 16)]
    assert found == sorted(found)
    assert found[0] == timedelta(minutes=1)
    assert found[-1] == timedelta(hours=24)


def test_it_gives_up_in_the_end_and_says_so(world, office):
    office.rcpt["contributor@resolves.example"] = "451 Try again later"
    world.walk("assigned")
    for _ in range(recording.MOST_ATTEMPTS):
        a_round()
        Message.objects.update(not_before=timezone.now())
    assert Message.objects.get().state == "failed"
    assert ("assigned", "failed", "the mail server could not be reached for days") in ledger(world)


@pytest.mark.parametrize("at", ["rcpt", "data"])
def test_never_is_failed_at_once_and_shown(world, office, at):
    getattr(office, at)["contributor@resolves.example"] = "550 No such person"
    world.walk("assigned")
    a_round()
    message = Message.objects.get()
    assert (message.state, message.answer) == ("failed", "550 No such person")
    assert ("assigned", "failed", "the mail server refused it") in ledger(world)


def test_one_bad_address_never_stops_the_others(world, office):
    office.rcpt["helper@resolves.example"] = "421 Not you"
    office.data["contributor@resolves.example"] = "554 No"
    steps.assign(
        world.due,
        lead=world.people["helper"],
        contributors=[world.contributor, world.people["vice_chair"], world.secretary],
        by=world.chair,
    )
    a_round()
    assert {mail["X-Envelope-To"] for mail in office.accepted} == {
        "vice_chair@resolves.example",
        "secretary@resolves.example",
    }


def test_a_server_that_is_down_is_tried_again(world, office, settings):
    world.walk("assigned")
    settings.EMAIL_PORT = 1
    a_round()
    assert Message.objects.get().state == "queued"
    settings.EMAIL_PORT = office.port
    Message.objects.update(not_before=timezone.now())
    a_round()
    assert len(office.to(CONTRIBUTOR)) == 1


# --- claims -----------------------------------------------------------------------------------------------------------


def test_a_claim_is_had_once_and_comes_back_with_the_end_of_its_lease(world, office):
    world.walk("assigned")
    with clock.at(clock.now()):
        reminders.plan([world.due.pk])
        notices.announce(notices.unannounced())
        notices.gather(reminders.outdated)
    (claimed,) = claim()
    assert claim() == []
    Message.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    (again,) = claim()
    assert (again.pk, again.attempts) == (claimed.pk, 2)


def test_a_worker_whose_lease_has_ended_does_not_send(world, office, settings):
    world.walk("assigned")
    settings.MAIL_LEASE = timedelta(microseconds=1)
    a_round()
    assert office.received == []
    assert Message.objects.get().state == "claimed"


def test_a_late_answer_does_not_overwrite_another_worker_s(world, office):
    world.walk("assigned")
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)
    (slow,) = claim()
    Message.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    notices.send(reminders.outdated)
    recording.record_trouble(slow, (), Trouble("451 Slow"))
    assert Message.objects.get().state == "sent"


# --- mails of accounts ------------------------------------------------------------------------------------------------


def test_post_queues_once_by_key_sends_and_forgets_the_words(world, office):
    person = world.contributor
    for _ in range(2):
        notices.post(person, person.email, "A new\r\npassword", "http://localhost/secret\n", key="reset:1")
    a_round()
    (mail,) = office.to(CONTRIBUTOR)
    assert mail["Subject"] == "A new password"
    assert "http://localhost/secret" in text_of(mail)
    assert Message.objects.exclude(person=world.chair).get().text == ""


def test_post_keeps_the_words_until_it_is_sent(world, office):
    office.rcpt["contributor@resolves.example"] = "451 Later"
    notices.post(world.contributor, world.contributor.email, "A new password", "http://localhost/secret\n")
    a_round()
    assert "secret" in Message.objects.exclude(person=world.chair).get().text


def test_invitation_carries_a_link_that_is_not_kept(world, office):
    stranger = world.people["outsider"]
    stranger.set_unusable_password()
    stranger.save()
    Notice.objects.create(
        key="invited:1",
        kind="invited",
        audience="person",
        person=stranger,
        planned_for=clock.today(),
        created_at=clock.now(),
    )
    a_round()
    assert "http://localhost:8000/" in text_of(office.to("outsider")[0])
    assert Message.objects.exclude(person=world.chair).get().text == ""


def test_who_has_joined_is_not_invited_again(world, office):
    Notice.objects.create(
        key="invited:1",
        kind="invited",
        audience="person",
        person=world.people["outsider"],
        planned_for=clock.today(),
        created_at=clock.now(),
    )
    a_round()
    assert Notice.objects.get(kind="invited").reason == "joined already"


# --- announcing -------------------------------------------------------------------------------------------------------


def test_event_that_becomes_visible_late_is_still_announced(world, office):
    first = notices.unannounced()
    assert len(first) > 1
    notices.announce(first[1:])
    assert [event.pk for event in notices.unannounced()] == [first[0].pk]


def test_announcing_twice_is_once(world, office):
    world.walk("assigned")
    events = notices.unannounced()
    notices.announce(events)
    count = Notice.objects.count()
    notices.announce(events)
    assert Notice.objects.count() == count
    assert notices.unannounced() == []


def test_control_without_unique_keys_announcing_twice_would_be_twice(world, office):
    world.walk("assigned")
    events = notices.unannounced()
    notices.announce(events)
    count = Notice.objects.filter(kind="assigned").count()
    for notice in Notice.objects.all():
        Notice.objects.filter(pk=notice.pk).update(key=f"another-{notice.pk}")
    notices.announce(events)
    assert Notice.objects.filter(kind="assigned").count() == 2 * count


def test_assignment_told_once_keeps_its_first_moment(world, office):
    turn = world.walk("assigned")
    Assignment.objects.update(told_at=on(date(2018, 1, 1)))
    a_round()
    assert turn.assignments.get().told_at == on(date(2018, 1, 1))
