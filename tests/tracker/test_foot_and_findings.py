"""The line at the foot of every page, checks that are asked for there, and what they found in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tracker import triggers
from tracker.log import checks, findings, line, sealing
from tracker.models import Check, Event, Finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_owner(db):
    """Somebody who owns the database and takes the triggers away."""
    triggers.remove()
    yield
    triggers.install()


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def foot(client, place: str = "/resolutions/") -> str:
    page = text(client.get(place))
    return " ".join(page[page.index('class="foot"') :].split()) if 'class="foot"' in page else ""


def ended(state: str = Check.State.PASSED, ago: timedelta = timedelta(), **more) -> Check:
    at = timezone.now() - ago
    return Check.objects.create(state=state, asked_at=at, started_at=at, ended_at=at, **more)


def test_foot_says_that_nothing_was_checked_yet(world, client_for, client):
    assert "History not checked yet" in foot(client_for(world.chair))
    assert foot(client) == ""


def test_foot_says_when_the_history_was_checked_and_the_day_if_not_today(world, client_for):
    check = ended()
    assert f'History unchanged, checked <time datetime="{check.ended_at:%Y-%m-%dT%H:%M}' in foot(
        client_for(world.chair)
    )
    assert f">{check.ended_at:%H:%M}</time>" in foot(client_for(world.chair))

    Check.objects.update(ended_at=datetime(2018, 2, 14, 14, 2, tzinfo=UTC))
    assert ">14 February 2018, 14:02 UTC</time>" in foot(client_for(world.chair))


def test_foot_says_how_far_the_present_check_is(world, client_for):
    ended()
    Check.objects.create(
        state=Check.State.RUNNING, asked_at=timezone.now(), started_at=timezone.now(), done=40, total=100
    )

    assert "being checked: 40 %" in foot(client_for(world.chair))
    assert "Verify now" not in foot(client_for(world.auditor))


def test_foot_says_that_something_was_found_and_leads_those_there_who_may_know(world, client_for):
    for number in range(3):
        findings.keep([findings.Found("changed", event=number)])
    ended(Check.State.FAILED, found=3)

    assert "A check of the history found 3 things" in foot(client_for(world.chair))
    assert "/history/findings/" not in foot(client_for(world.chair))
    assert "/history/findings/" in foot(client_for(world.auditor))


def test_foot_costs_one_question(world, client_for, django_assert_num_queries):
    ended()
    with django_assert_num_queries(1):
        line.standing(world.chair)


def test_auditor_has_the_history_verified_and_sees_it_come(world, client_for):
    client = client_for(world.auditor)
    assert "Verify now" in foot(client)

    assert client.post("/history/checks/").status_code == 302
    assert Check.objects.get().asked_by == world.auditor
    page = text(client.get("/history/checks/"))
    assert "Asked for" in page
    assert "Look again" in page
    client.post("/history/checks/")
    assert Check.objects.count() == 1

    sealing.seal()
    checks.run_due()
    page = text(client.get("/history/checks/"))
    assert "Auditor" in page
    assert "Look again" not in page


@pytest.mark.parametrize("place", ["/history/checks/", "/history/findings/"])
def test_checks_are_not_for_everybody(world, client_for, place):
    assert client_for(world.chair).get(place).status_code == 403
    assert client_for(world.chair).post("/history/checks/").status_code == 403
    assert Check.objects.count() == 0


def test_finding_is_told_in_words_with_its_entry(world, client_for, as_owner):
    world.walk("assigned")
    event = Event.objects.get(verb="occurrence.assigned")
    Event.objects.filter(pk=event.pk).update(actor=world.helper)
    findings.keep([
        findings.Found("changed", event.pk, event.stream, event.number),
        findings.Found("missing", 999, "occurrence:council/r1-1.2-c17", 4, facts={"hash": "abc"}),
    ])  # fmt: skip

    page = text(client_for(world.auditor).get("/history/findings/"))

    assert "was changed after it was written" in page
    assert "occurrence:council/r1-1.2-c17" in page
    assert "no longer there" in page
    assert "assigned it" in page


def test_findings_page_asks_as_often_for_one_as_for_three(world, client_for, django_assert_max_num_queries):
    world.walk("endorsed")
    events = list(Event.objects.filter(subject_type="occurrence"))
    client = client_for(world.auditor)
    findings.keep([findings.Found("late", event.pk, event.stream, event.number) for event in events])
    with django_assert_max_num_queries(41):
        client.get("/history/findings/")


def test_what_was_done_to_the_record_is_told_before_what_follows_from_it(world, client_for):
    world.walk("assigned")
    event = Event.objects.get(verb="occurrence.assigned")
    ended()
    findings.keep([findings.Found("late")])
    earlier, later = Check.objects.order_by("pk").last(), ended()
    for kind, check in (("gap", earlier), ("changed", later), ("state", later)):
        findings.keep([findings.Found(kind, event.pk, event.stream, event.number)])
        Finding.objects.filter(kind=kind).update(found_by=check)

    answer = client_for(world.auditor).get("/history/findings/")

    assert [row.finding.kind for row in answer.context["rows"]] == ["late", "changed", "state", "gap"]
    assert text(answer).count('<a href="/items/council/r1-1.2-c18/">') == 3


def test_finding_that_is_gone_is_told_apart(world, client_for):
    findings.keep([findings.Found("changed", event=1)])
    Finding.objects.update(gone_at=timezone.now())
    client = client_for(world.auditor)

    assert client.get("/history/findings/").context["rows"] == []
    assert len(client.get("/history/findings/?gone=1").context["rows"]) == 1
