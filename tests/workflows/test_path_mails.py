"""What is said to whom while work is shared, passed on, dated anew and validated; and what is no longer said."""

from collections.abc import Generator
from datetime import date, datetime
from typing import Any

import pytest

from tests.post_office import PostOffice, deliver_through, open_post_office
from tracker import clock
from tracker.models import Notice, Office
from workflows import rounds, steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(settings: Any) -> Generator[PostOffice]:
    with open_post_office() as opened:
        deliver_through(opened, settings)
        yield opened


def text_of(message: Any) -> str:
    return " ".join(str(message.get_body(("plain",)).get_content()).split())


def mails(office: PostOffice, name: str, day: str = "2018-02-16") -> list[tuple[str, str]]:
    with clock.at(datetime.fromisoformat(f"{day}T10:00+00:00")):
        assert rounds.run().failed == []
    return [(mail["Subject"].partition(":")[0], text_of(mail)) for mail in office.to(name)]


def started(world, *contributors):
    turn = steps.assign(world.due, lead=world.contributor, contributors=contributors, by=world.chair)
    turn = steps.accept(turn, by=world.contributor)
    rounds.run()
    return turn


def test_both_leads_are_told_when_it_is_passed_on(world, office):
    turn = started(world)

    steps.reassign(turn, lead=world.helper, by=world.chair, reason="She has left the group.")

    subject, text = mails(office, "contributor")[-1]
    assert subject == "Passed on"
    assert "You no longer lead it." in text
    assert "Reason given: She has left the group." in text
    assert [one[0] for one in mails(office, "helper")] == ["You are asked to lead"]


def test_lead_is_told_of_each_part_and_that_all_are_done(world, office):
    turn = started(world, world.helper, world.vice_chair)
    steps.finish_part(turn, by=world.helper)
    first = mails(office, "contributor")[-1]

    mails(office, "contributor", "2018-02-19")
    with clock.at(datetime.fromisoformat("2018-02-19T20:00+00:00")):
        steps.finish_part(turn, by=world.vice_chair)

    assert "1 contribution is still open." in first[1]
    assert "you can submit the report" in mails(office, "contributor", "2018-02-20")[-1][1]


def test_chair_is_asked_for_a_date_and_the_lead_gets_the_answer(world, office):
    turn = started(world)
    steps.ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 4, 5), reason="The figures come late.")
    subject, text = mails(office, "chair")[-1]

    steps.refuse_new_date(turn, by=world.chair, reason="The Council opens on the 17th.")

    assert subject == "A new date is asked for"
    assert "Thursday 5 April 2018" in text
    assert "because it is for you to grant or refuse it" in text
    subject, text = mails(office, "contributor")[-1]
    assert subject == "New date refused"
    assert "it stays due on Sunday 18 March 2018" in text


def test_request_that_was_answered_meanwhile_is_not_sent_any_more(world, office):
    turn = started(world)
    steps.ask_new_date(turn, by=world.contributor, wanted_on=date(2018, 4, 5), reason="The figures come late.")
    steps.grant_new_date(turn, by=world.chair)

    assert [one[0] for one in mails(office, "contributor")][-1] == "New date granted"
    assert Notice.objects.get(kind="date_asked").reason == "answered since"


def test_validator_reads_first_then_the_endorser(world, office):
    lead = world.offices["contributor"]
    Office.objects.filter(pk=lead.pk).update(validator=world.offices["vice_chair"])
    turn = steps.accept(steps.assign(world.due, lead=lead, by=world.chair), by=world.contributor)
    turn = steps.submit(turn, by=world.contributor, text="What was done.")

    first = mails(office, "vice_chair"), mails(office, "chair")
    steps.validate(turn, by=world.vice_chair)

    assert [one[0] for one in first[0]] == ["To be validated"]
    assert "because it is for you to validate this, as Vice-chair, Group" in first[0][0][1]
    assert first[1] == []
    assert len(mails(office, "chair")) == 1


def test_part_that_is_done_before_the_mail_went_out_is_not_asked_for(world, office):
    turn = steps.assign(world.due, lead=world.contributor, contributors=[world.helper], by=world.chair)
    turn = steps.accept(turn, by=world.contributor)
    steps.finish_part(turn, by=world.helper)

    assert mails(office, "helper") == []
