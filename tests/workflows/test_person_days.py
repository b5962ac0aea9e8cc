"""What a person gets in a day: one mail of all that is due, and two more at most for what should not wait."""

from collections.abc import Generator
from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.people import World
from tests.post_office import PostOffice, deliver_through, open_post_office
from tracker import clock
from tracker.models import Message, Notice, Obligation, Occurrence, Paragraph, Preferences
from workflows import notices, reminders, rounds, steps
from workflows.notices import gathering

FRIDAY = "2018-02-16"


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


def a_round(moment: str = f"{FRIDAY}T09:00") -> None:
    with clock.at(datetime.fromisoformat(f"{moment}+00:00")):
        assert rounds.run().failed == []


def duties(world: World, count: int) -> list[Occurrence]:
    """Turns of so many duties more."""
    found = []
    for number in range(2, count + 2):
        paragraph = Paragraph.objects.get(pk=world.obligation.paragraph_id)
        paragraph.pk, paragraph.position, paragraph.path, paragraph.label = None, number, f"{number}", f"{number}"
        paragraph.save(force_insert=True)
        duty = Obligation.objects.get(pk=world.obligation.pk)
        duty.pk, duty.paragraph, duty.title = None, paragraph, f"Duty {number}"
        duty.save(force_insert=True)
        steps.plan_turns(duty)
        found.append(Occurrence.objects.get(reference=f"council/r1-{number}-c18"))
    return found


def subjects(office: PostOffice, name: str) -> list[str]:
    return [mail["Subject"] for mail in office.to(name)]


def states(**filters: Any) -> set[tuple[str, str]]:
    return set(Notice.objects.filter(**filters).values_list("state", "reason"))


# --- the cap ------------------------------------------------------------------------------------------------------------


def test_seventy_nine_assignments_of_a_morning_are_one_mail_and_three_at_most_that_day(world, office):
    turns = duties(world, 84)
    for turn in turns[:79]:
        steps.assign(turn, lead=world.contributor, by=world.chair)
    a_round()
    assert len(office.to("contributor")) == 1
    assert subjects(office, "contributor")[0].startswith("79 things for you: 79 asked of you")

    for number, turn in enumerate(turns[79:]):
        steps.assign(turn, lead=world.contributor, by=world.chair)
        a_round(f"{FRIDAY}T{10 + number}:00")

    assert len(office.to("contributor")) == 3
    assert Message.objects.filter(person=world.contributor).count() == 3
    assert Notice.objects.filter(kind="assigned", state="planned", arrived_at__isnull=False).count() == 3
    a_round("2018-02-19T09:00")
    assert len(office.to("contributor")) == 4
    assert not Notice.objects.filter(kind="assigned", state="planned").exists()


def test_two_mails_of_one_place_of_a_day_are_refused_by_the_database(world):
    place = {"person": world.contributor, "day": date(2018, 2, 16), "slot": 0, "created_at": clock.now()}
    Message.objects.create(message_id="<one@resolves.example>", **place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(message_id="<two@resolves.example>", **place)


def slow_worker(world: World) -> list[int]:
    """A worker that read the places before another took one, and makes its mail after that; returns the mails' states."""
    world.walk("assigned")
    notices.announce(notices.unannounced())
    reminders.plan([world.due.pk])
    place = gathering.Place(date(2018, 2, 16), 0)
    notices.gather(reminders.outdated)
    Message.objects.update(state="claimed", attempts=1)
    found, _new = gathering._mails({world.contributor: place})
    return list(found)


def test_worker_that_comes_too_late_makes_no_second_mail(world):
    assert slow_worker(world) == []
    assert Message.objects.count() == 1


@pytest.mark.postgres
def test_control_without_the_keys_of_the_database_it_would(world, monkeypatch):
    numbers = iter(range(100))
    monkeypatch.setattr(gathering, "message_id", lambda *_parts: f"<{next(numbers)}@resolves.example>")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracker_message DROP CONSTRAINT message_one_a_slot")
    assert len(slow_worker(world)) == 1
    assert Message.objects.count() == 2


def test_name_of_a_mail_follows_from_person_day_and_place(world, office):
    world.walk("assigned")
    a_round()
    name = gathering.message_id("day", str(world.contributor.pk), FRIDAY, "0")
    assert Message.objects.get(person=world.contributor).message_id == office.to("contributor")[0]["Message-ID"] == name


def test_mail_that_has_not_gone_out_takes_up_what_comes_next(world, office, settings):
    settings.EMAIL_PORT = 1
    first, second = duties(world, 2)
    with clock.at(datetime.fromisoformat(f"{FRIDAY}T09:00+00:00")):
        steps.assign(first, lead=world.contributor, by=world.chair)
        notices.announce(notices.unannounced())
        notices.gather(reminders.outdated)
        steps.assign(second, lead=world.contributor, by=world.chair)
        notices.announce(notices.unannounced())
        notices.gather(reminders.outdated)
    settings.EMAIL_PORT = office.port
    a_round()
    assert Message.objects.filter(person=world.contributor).count() == len(office.to("contributor")) == 1
    assert subjects(office, "contributor")[0].startswith("2 things for you")


def test_place_of_a_mail_that_had_nothing_left_to_say_is_free_again(world, office):
    world.walk("assigned")
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)
    turn = steps.decline(world.due, by=world.contributor, reason="On leave.")
    a_round()
    assert Message.objects.get(person=world.contributor).state == "skipped"
    steps.assign(turn, lead=world.contributor, by=world.chair)
    a_round(f"{FRIDAY}T10:00")
    assert Message.objects.get(person=world.contributor).slot == 0
    assert len(office.to("contributor")) == 1


# --- hours and days -----------------------------------------------------------------------------------------------------


def test_reminder_waits_for_the_reader_s_hour_and_is_shown_meanwhile(world, office):
    Preferences.objects.create(person=world.contributor, digest_hour=18)
    world.walk("in_progress")
    a_round("2018-02-19T09:00")
    row = Notice.objects.get(kind="reminder", rung=-30)
    assert (row.state, row.person, row.message) == ("planned", world.contributor, None)
    assert row.arrived_at is not None
    assert row.read_at is None
    a_round("2018-02-19T17:00")
    assert subjects(office, "contributor") == ["Due in 27 days: Annual report (r1-1.2-c18)"]


def test_hour_is_that_of_the_reader_s_own_zone(world, office):
    Preferences.objects.create(person=world.contributor, digest_hour=7, time_zone="America/New_York")
    world.walk("in_progress")
    a_round("2018-02-19T09:00")
    assert office.to("contributor") == []
    a_round("2018-02-19T12:00")
    assert len(office.to("contributor")) == 1


def test_reminders_keep_quiet_on_holidays_of_geneva_and_tell_all_after_them(world, office):
    council = world.council
    council.country, council.subdivision = "CH", "GE"
    council.save()
    world.walk("in_progress")
    world.due.notices.filter(kind="reminder").delete()
    Notice.objects.create(
        key="reminder:council/r1-1.2-c18:2018-03-18:12:holder",
        kind="reminder",
        audience="holder",
        rung=12,
        occurrence=world.due,
        due_on=date(2018, 3, 18),
        planned_for=date(2018, 3, 30),
        created_at=clock.now(),
    )
    for day in ("30", "31"):  # Good Friday and a Saturday; Easter Monday is the 2nd
        with clock.at(datetime.fromisoformat(f"2018-03-{day}T09:00+00:00")):
            notices.gather(lambda *_: "")
    assert not Message.objects.exists()
    with clock.at(datetime.fromisoformat("2018-04-02T09:00+00:00")):
        notices.gather(lambda *_: "")
    assert not Message.objects.exists()
    with clock.at(datetime.fromisoformat("2018-04-03T09:00+00:00")):
        assert notices.gather(lambda *_: "") == 1


def test_what_asks_for_an_act_goes_on_a_sunday_with_what_is_about_the_same_item(world, office):
    with clock.at(datetime.fromisoformat("2018-02-18T03:00+00:00")):
        world.walk("assigned")
        assert rounds.run().failed == []
    (mail,) = office.to("contributor")
    assert mail["Subject"] == "You are asked to lead: Annual report (r1-1.2-c18)"
    assert Message.objects.get(person=world.contributor).slot == 1


def test_pace_of_once_a_day_is_one_mail_a_day(world, office):
    Preferences.objects.create(person=world.contributor, pace="daily")
    first, second, third = duties(world, 3)
    steps.assign(first, lead=world.contributor, by=world.chair)
    a_round()
    steps.assign(second, lead=world.contributor, by=world.chair)
    a_round(f"{FRIDAY}T10:00")
    steps.assign(third, lead=world.contributor, by=world.chair)
    a_round("2018-02-17T09:00")
    assert len(office.to("contributor")) == 1
    a_round("2018-02-19T09:00")
    assert len(office.to("contributor")) == 2


# --- channels -----------------------------------------------------------------------------------------------------------


def test_who_wants_no_mail_is_told_in_the_product(world, office):
    Preferences.objects.create(person=world.contributor, channel="app")
    turn = world.walk("assigned")
    a_round()
    assert office.to("contributor") == []
    row = Notice.objects.get(kind="assigned")
    assert (row.state, row.reason, row.read_at) == ("shown", "", None)
    assert row.arrived_at
    assert row.settled_at
    assert turn.assignments.get().told_at is not None


def test_who_wants_mails_alone_finds_them_read_in_the_product(world, office):
    Preferences.objects.create(person=world.contributor, channel="mail")
    world.walk("assigned")
    a_round()
    row = Notice.objects.get(kind="assigned")
    assert len(office.to("contributor")) == 1
    assert row.read_at == row.arrived_at is not None


def test_everybody_else_has_both(world, office):
    world.walk("assigned")
    a_round()
    row = Notice.objects.get(kind="assigned")
    assert (row.state, row.read_at) == ("sent", None)
    assert row.arrived_at is not None
    assert row.settled_at is not None


# --- what no longer holds -----------------------------------------------------------------------------------------------


def test_what_waited_for_its_hour_is_asked_again_before_it_is_a_mail(world, office):
    turn = world.walk("in_progress")
    with clock.at(datetime.fromisoformat("2018-02-19T03:00+00:00")):
        reminders.plan([turn.pk])
        notices.announce(notices.unannounced())
        notices.gather(reminders.outdated)
        assert Notice.objects.get(kind="reminder", rung=-30).person == world.contributor
        steps.submit(turn, by=world.contributor, text="What was done.")
    a_round("2018-02-19T09:00")
    a_round("2018-02-20T09:00")
    assert office.to("contributor") == []
    row = Notice.objects.get(kind="reminder", rung=-30)
    assert (row.person, row.state) == (world.chair, "sent")


def test_reason_says_since_when_it_was_needless(world, office):
    turn = world.walk("submitted")
    notices.announce(notices.unannounced())
    notices.gather(reminders.outdated)
    turn = steps.send_back(turn, by=world.chair, reason="More, please.")
    a_round()
    row = Notice.objects.get(kind="submitted")
    assert (row.state, row.reason) == ("skipped", "not waiting any more")
    assert row.reason_since == turn.status_since
    assert row.settled_at is not None


def test_first_reminder_is_not_earlier_than_the_reader_wants(world, office):
    Preferences.objects.create(person=world.contributor, lead_days=14)
    world.walk("in_progress")
    a_round("2018-02-19T09:00")
    assert states(kind="reminder", rung=-30) == {("skipped", "not wanted so early")}
    a_round("2018-03-05T09:00")
    assert subjects(office, "contributor") == ["Due in 13 days: Annual report (r1-1.2-c18)"]


def test_outage_of_the_mail_server_over_days_ends_with_one_mail(world, office, settings):
    settings.EMAIL_PORT = 1
    world.walk("in_progress")
    with clock.at(datetime.fromisoformat("2018-02-20T09:00+00:00")):
        reminders.plan([world.due.pk])
        notices.gather(reminders.outdated)
    with clock.at(datetime.fromisoformat("2018-03-05T09:00+00:00")):
        notices.gather(reminders.outdated)
    settings.EMAIL_PORT = office.port
    a_round("2018-03-06T09:00")
    assert subjects(office, "contributor") == ["Due in 12 days: Annual report (r1-1.2-c18)"]
    assert states(kind="reminder", rung=-30) == {("skipped", "caught up in one mail")}


def test_mails_of_a_round_ask_the_database_as_often_for_many_as_for_one(world, django_assert_max_num_queries):
    turns = duties(world, 12)
    for turn in turns:
        steps.assign(turn, lead=world.contributor, by=world.chair)
    reminders.plan([turn.pk for turn in turns])
    notices.announce(notices.unannounced())
    with django_assert_max_num_queries(75):
        notices.gather(reminders.outdated)
    assert Notice.objects.filter(state="queued").count() == 12
