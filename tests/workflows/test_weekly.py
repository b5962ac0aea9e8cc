"""The summary of the week: on its first working day, for who chairs a group in which anything is open."""

from collections.abc import Generator
from datetime import date, datetime
from typing import Any

import pytest

from tests.post_office import PostOffice, deliver_through, open_post_office
from tests.workflows.test_person_days import duties
from tracker import clock
from tracker.models import ClosedDay, Notice, Obligation, Occurrence, Preferences, Substitution
from workflows import notices, rounds, steps
from workflows.machines import OPEN
from workflows.notices import weekly

MONDAY = "2018-02-19T09:00"


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


def a_round(moment: str = MONDAY) -> None:
    with clock.at(datetime.fromisoformat(f"{moment}+00:00")):
        assert rounds.run().failed == []


def text_of(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content())


def summaries() -> list[tuple[str, date, str]]:
    return list(Notice.objects.filter(kind="weekly").order_by("pk").values_list("key", "planned_for", "state"))


def alone(world: Any) -> None:
    """Nothing but the summary to tell the chair of."""
    notices.announce(notices.unannounced())
    Notice.objects.exclude(kind="weekly").delete()


def test_next_week_s_summary_is_promised_once(world):
    assert notices.plan_weekly() == 1
    assert notices.plan_weekly() == 0
    assert summaries() == [(f"weekly:{world.group.pk}:2018-08", date(2018, 2, 19), "planned")]


def test_holiday_on_a_monday_puts_it_on_tuesday(world):
    ClosedDay.objects.create(body=world.council, day=date(2018, 2, 19), works=False, name="A holiday")
    notices.plan_weekly()
    assert summaries()[0][1] == date(2018, 2, 20)


def test_group_without_a_chair_or_without_anything_open_has_none(world):
    world.offices["chair"].terms.update(ends=date(2018, 1, 1))
    assert notices.plan_weekly() == 0
    world.offices["chair"].terms.update(ends=None)
    for turn in Occurrence.objects.filter(status__in=OPEN):
        steps.supersede(turn, by=world.secretary, reason="Another text.")
    assert notices.plan_weekly() == 0


def test_week_that_was_missed_is_not_made_up_for(world, office):
    notices.plan_weekly()
    a_round("2018-03-07T09:00")
    assert [(key[-7:], state) for key, _day, state in summaries()] == [("2018-08", "skipped"), ("2018-11", "planned")]
    assert Notice.objects.get(kind="weekly", state="skipped").reason == weekly.WEEK_OVER


def test_worker_that_comes_back_within_the_week_still_sends_it(world, office):
    notices.plan_weekly()
    a_round("2018-02-21T09:00")
    assert summaries()[0][2] == "sent"


def test_summary_says_how_the_group_stands_when_it_is_sent(world, office):
    turns = duties(world, 3)
    world.walk("submitted", turns[0])
    world.walk("in_progress", turns[1])
    alone(world)
    notices.plan_weekly()
    with clock.at(datetime.fromisoformat(f"{MONDAY}+00:00")):
        notices.gather(lambda *_: "")
        notices.send(lambda *_: "")
    (mail,) = office.to("chair")
    text = text_of(mail)
    counted = Occurrence.objects.filter(status__in=OPEN).count()
    assert mail["Subject"] == f"Group this week: {counted} open, {counted - 4} late"
    assert f"Late ({counted - 4})" in text
    assert "Waiting for endorsement (1)" in text
    assert "Due within 30 days (3)" in text
    assert "/board/?group=group&status=submitted" in mail.get_body(("html",)).get_content().replace("&amp;", "&")
    assert "You get this mail because you chair Group." in text


def test_numbers_add_up(world):
    duties(world, 2)
    said = weekly.facts(world.group)
    assert sum(figure.count for figure in said["figures"]) == said["total"]
    assert said["total"] == Occurrence.objects.filter(status__in=OPEN).count()


def test_chair_who_does_not_want_it_gets_none(world, office):
    Preferences.objects.create(person=world.chair, weekly=False)
    notices.plan_weekly()
    a_round()
    assert Notice.objects.get(kind="weekly", key__endswith="2018-08").reason == "not wanted"


def test_nothing_to_say_is_skipped(world, office):
    notices.plan_weekly()
    for turn in Occurrence.objects.filter(status__in=OPEN):
        steps.supersede(turn, by=world.secretary, reason="Another text.")
    a_round()
    assert Notice.objects.get(kind="weekly", key__endswith="2018-08").reason == "nothing to say"


def test_summary_stands_in_a_list_with_what_else_there_is(world, office):
    notices.plan_weekly()
    world.walk("submitted")
    a_round()
    (mail,) = office.to("chair")
    assert mail["Subject"].endswith("the week in Group")
    assert "The week (1)" in text_of(mail)
    assert "Group has 3 open items." in text_of(mail)


def test_substitute_of_the_chair_reads_it_instead(world, office):
    Substitution.objects.create(
        office=world.offices["chair"],
        principal=world.chair,
        substitute=world.helper,
        begins=date(2018, 2, 1),
        ends=date(2018, 4, 1),
    )
    notices.plan_weekly()
    alone(world)
    with clock.at(datetime.fromisoformat(f"{MONDAY}+00:00")):
        notices.gather(lambda *_: "")
        notices.send(lambda *_: "")
    assert (len(office.to("chair")), len(office.to("helper"))) == (0, 1)


def test_summary_asks_the_database_as_often_for_many_as_for_few(world, django_assert_max_num_queries):
    duties(world, 10)
    assert Obligation.objects.count() == 11
    with django_assert_max_num_queries(9):
        weekly.facts(world.group)
