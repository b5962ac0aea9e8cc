"""Rules of retention: none unless set, applied by the clock once, on record, and never on the record itself."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.people import World, make_world
from tests.record import everything, new_heads, verified
from tests.reliability.together import at_once
from tracker import triggers
from tracker.log import sealing
from tracker.models import Event, EventWords, Head, Leaf, Message, Node, Person, RetentionRule, Visit
from workflows import rounds, steps
from workflows.steps import retention

ClientFor = Callable[[Person], Client]
GROUND = "Rule 12 of the rules on personal data."
NOW = datetime(2018, 2, 16, 9, tzinfo=UTC)


def visit(at: datetime) -> Visit:
    return Visit.objects.create(kind="seen", at=at, means="page", method="GET", address="/x/", request_id="1")


def mail(created_at: datetime, **columns: Any) -> Message:
    given = {"state": "sent", "subject": "Subject", "text": "Text", "html": "<p>Text</p>", "created_at": created_at}
    return Message.objects.create(message_id=f"<{created_at.timestamp()}{columns}@x>", **(given | columns))


def set_(world: World, what: str, months: int = 12) -> RetentionRule:
    return steps.set_retention(what, months=months, reason=GROUND, by=world.secretary)


def applied() -> list[dict[str, Any]]:
    return list(Event.objects.filter(verb="retention.applied").order_by("pk").values_list("changes", flat=True))


def test_nothing_is_erased_unless_a_rule_says_so(world: World):
    visit(NOW - timedelta(days=4000))
    mail(NOW - timedelta(days=4000))
    before = everything()

    assert steps.apply_retention() == 0

    assert not RetentionRule.objects.exists()
    assert everything() == before


def test_visits_go_when_their_time_is_over_and_on_that_day(world: World):
    kept, gone = visit(datetime(2017, 2, 16, tzinfo=UTC)), visit(datetime(2017, 2, 15, 23, 59, tzinfo=UTC))
    set_(world, "visits")

    assert steps.would_go("visits", months=12) == 1
    assert steps.apply_retention() == 1

    assert list(Visit.objects.all()) == [kept]
    assert not Visit.objects.filter(pk=gone.pk).exists()
    assert applied() == [{"went": [None, 1], "newest": [None, "2017-02-15"]}]
    assert steps.apply_retention() == 0  # once
    assert len(applied()) == 1


def test_visits_go_by_a_rule_in_force_and_by_nothing_else(world: World):
    """The database itself refuses; without its trigger they would go (the control)."""
    visit(NOW - timedelta(days=4000))
    rule = set_(world, "visits", months=1200)
    for change in (lambda: None, lambda: steps.end_retention(rule, reason="No longer.", by=world.secretary)):
        change()
        with pytest.raises(DatabaseError), transaction.atomic():
            Visit.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.update(address="/y/")

    triggers.remove()
    assert Visit.objects.all().delete()[0] == 1
    triggers.install()


def test_mails_lose_their_texts_and_stay(world: World):
    old = NOW - timedelta(days=400)
    gone, waiting, young = mail(old), mail(old, state="queued"), mail(NOW)
    set_(world, "mails")

    assert steps.apply_retention() == 1

    gone.refresh_from_db()
    assert (gone.subject, gone.text, gone.html, gone.state) == ("Subject", "", "", "sent")
    for kept in (waiting, young):
        kept.refresh_from_db()
        assert kept.text == "Text"
    assert steps.apply_retention() == 0


def test_words_about_who_left_go_and_the_event_names_where(world: World, settings: Any):
    who = steps.invite(username="leaver", name="Leaver", email="leaver@resolves.example", by=world.secretary)
    stays = steps.invite(username="stayer", name="Stayer", email="stayer@resolves.example", by=world.secretary)
    steps.deactivate(who, by=world.secretary, reason="Retired.")
    set_(world, "words", months=6)
    assert steps.apply_retention() == 0

    settings.RESOLVES_NOW = "2018-09-01T09:00"
    assert steps.apply_retention() == 2

    about = EventWords.objects.filter(event__stream=f"person:{who.pk}")
    assert [(row.salt, row.words) for row in about] == [("", {}), ("", {})]
    (facts,) = applied()
    assert facts["emptied"] == [None, sorted(row.pk for row in about)]
    assert EventWords.objects.get(event__stream=f"person:{stays.pk}").words
    assert verified(words=False) == Event.objects.count()
    assert steps.apply_retention() == 0


def test_no_rule_touches_events_or_the_log(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch):
    new_heads()
    who = steps.invite(username="leaver", name="Leaver", email="leaver@resolves.example", by=world.secretary)
    steps.deactivate(who, by=world.secretary, reason="Retired.")
    for at in range(5):
        visit(NOW - timedelta(days=at))
        mail(NOW - timedelta(days=at))
    for what in RetentionRule.What.values:
        set_(world, what, months=1)
    sealing.seal()
    kept = [list(model.objects.order_by("pk").values()) for model in (Event, Leaf, Node, Head)]
    monkeypatch.setattr(retention, "BATCH", 2)
    settings.RESOLVES_NOW = "2019-09-01T09:00"

    assert steps.apply_retention() == 12

    for model, rows in zip((Event, Leaf, Node, Head), kept, strict=True):
        assert list(model.objects.order_by("pk").values())[: len(rows)] == rows
    assert [facts["went"][1] for facts in applied()] == [2, 2, 1, 2, 2, 1, 2]
    assert sealing.seal().refused == []


def test_clock_applies_them_once_a_day(world: World, settings: Any):
    new_heads()
    set_(world, "visits", months=1)
    visit(NOW - timedelta(days=60))

    rounds.run()
    visit(NOW - timedelta(days=50))
    rounds.run()
    assert Visit.objects.count() == 1

    settings.RESOLVES_NOW = "2018-02-17T09:00"
    assert rounds.run().erased == 1
    assert len(applied()) == 2


def test_clock_that_runs_ahead_for_a_while_erases_nothing(world: World, settings: Any):
    """What is erased never comes back: the first round after a leap of days only says so."""
    new_heads()
    set_(world, "visits", months=1)
    rounds.run()
    visit(NOW - timedelta(days=1))

    settings.RESOLVES_NOW = "2036-02-16T09:00"
    assert [rounds.run().erased, rounds.run().erased] == [0, 0]
    settings.RESOLVES_NOW = "2018-02-16T10:00"  # it is put back
    assert rounds.run().erased == 0
    assert Visit.objects.count() == 1


def test_worker_that_was_away_for_long_erases_a_day_later(world: World, settings: Any):
    new_heads()
    set_(world, "visits", months=1)
    rounds.run()
    visit(NOW - timedelta(days=50))

    settings.RESOLVES_NOW = "2018-04-16T09:00"
    assert rounds.run().erased == 0
    settings.RESOLVES_NOW = "2018-04-17T09:00"
    assert rounds.run().erased == 1


def test_rule_is_changed_by_another_and_ended(world: World):
    first = set_(world, "visits")
    second = set_(world, "visits", months=24)
    with pytest.raises(ValidationError):
        set_(world, "visits", months=24)

    first.refresh_from_db()
    assert first.ended_at
    assert (second.since, second.ended_at) == (date(2018, 2, 16), None)
    ended = steps.end_retention(second, reason="Kept for good.", by=world.secretary)
    with pytest.raises(TransitionNotAllowed):
        steps.end_retention(second, reason="Again.", by=world.secretary)

    assert ended.ended_at
    verbs = Event.objects.filter(subject_type="retentionrule").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["retention.set", "retention.ended", "retention.set", "retention.ended"]


@pytest.mark.parametrize(
    ("what", "months", "reason", "field"),
    [
        ("events", 12, GROUND, "what"),
        ("visits", 0, GROUND, "months"),
        ("visits", 1201, GROUND, "months"),
        ("visits", 12, "", "reason"),
        ("visits", 12, "nul \x00", "reason"),
        ("visits", 12, "x" * 501, "reason"),
    ],
)
def test_rule_that_makes_no_sense_is_refused(world: World, what: str, months: int, reason: str, field: str):
    with pytest.raises(ValidationError) as refused:
        steps.set_retention(what, months=months, reason=reason, by=world.secretary)

    assert field in refused.value.message_dict
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize("who", ["chair", "auditor", "councillor", "outsider"])
def test_setting_is_a_secretarys(world: World, who: str):
    rule = set_(world, "visits")

    with pytest.raises(PermissionDenied):
        steps.set_retention("mails", months=12, reason=GROUND, by=world.people[who])
    with pytest.raises(PermissionDenied):
        steps.end_retention(rule, reason=GROUND, by=world.people[who])


def test_pages_list_set_and_end(world: World, client_for: ClientFor):
    visit(NOW - timedelta(days=400))
    page = client_for(world.secretary)
    assert page.get("/setup/").content.decode().count('href="/retention/"') == 1
    listed = page.get("/retention/").content.decode()
    assert listed.count("for good: no rule is in force") == 3

    given = {"months": "12", "reason": GROUND}
    preview = page.post("/retention/visits/set/", given)
    assert "1 is older than that today" in preview.content.decode()
    assert not RetentionRule.objects.exists()
    visit(NOW - timedelta(days=500))
    assert (
        page.post("/retention/visits/set/", given | {"seen": "12:1"}).status_code == 200
    )  # it became more: look again
    assert not RetentionRule.objects.exists()
    assert page.post("/retention/visits/set/", given | {"seen": "12:2"}).status_code == 302

    assert RetentionRule.objects.get().months == 12
    steps.apply_retention()
    assert "2 erased" in page.get("/retention/").content.decode()
    assert "how many were erased" in page.get("/history/").content.decode().lower()
    assert page.get("/retention/visits/end/").status_code == 200
    assert page.post("/retention/visits/end/", {"reason": "No longer."}).status_code == 302
    assert page.get("/retention/visits/end/").status_code == 404
    assert "Rules that ended" in page.get("/retention/").content.decode()
    assert page.get("/retention/events/set/").status_code == 404
    assert page.post("/retention/visits/set/", {"months": "x", "reason": ""}).status_code == 400
    assert client_for(world.people["auditor"]).get("/retention/").status_code == 200
    assert client_for(world.people["auditor"]).get("/retention/visits/set/").status_code == 403
    assert client_for(world.chair).get("/retention/").status_code == 403


# --- two workers at once ----------------------------------------------------------------------------------------------


@pytest.fixture
def old_visits(transactional_db: None, clock_pinned: str) -> None:
    """More visits than go in a batch, kept for their time."""
    world = make_world()
    set_(world, "visits")
    day = NOW - timedelta(days=400)
    row = {"kind": "seen", "at": day, "means": "page", "method": "GET", "address": "/x/", "request_id": "1"}
    Visit.objects.bulk_create(Visit(**row) for _at in range(1500))


def test_two_workers_erase_once_and_record_it_once(old_visits: None):
    assert sum(at_once([steps.apply_retention] * 3)) == 1500

    assert [facts["went"][1] for facts in applied()] == [1000, 500]
    assert not Visit.objects.exists()


@pytest.mark.postgres
def test_two_workers_would_get_in_each_others_way_without_the_lock(old_visits: None, monkeypatch: pytest.MonkeyPatch):
    """The control: both take the same batch, and the second cannot record what was gone already."""
    monkeypatch.setattr(retention, "lock", lambda rule: rule)

    said = at_once([steps.apply_retention] * 3)

    assert any(str(one).startswith("broken") for one in said) or sum(said) != 1500
