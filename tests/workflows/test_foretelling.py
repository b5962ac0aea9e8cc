"""What is foretold is what then happens: the year of the simulator against the year lived through, day by day."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.calendars import council_of, each_session, geneva, periodic
from tests.people import World
from tracker import clock
from tracker.ladders import Rung
from tracker.models import Notice, Obligation, Occurrence, Preferences, ReminderPolicy, Substitution
from workflows import foretelling, rounds, steps

TODAY = date(2018, 2, 16)
FEW = (Rung(-14), Rung(1), Rung(8, "chair"))


def drafted(world: World, **given: Any) -> ReminderPolicy:
    body = given.pop("body", world.group)
    return steps.draft_policy(body, **{"by": world.secretary, "name": "Fewer reminders", "rungs": FEW, **given})


def by_person(found: foretelling.Foretold, *, then: bool = False) -> dict[str, list[date]]:
    """The days of each person's mails."""
    forecasts = [one.then if then else one.before for one in found.people]
    return {one.person.username: list(one.days) for one in forecasts if one.mails}


# ── what is shown ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_year_of_one_open_turn_that_nobody_is_asked_for(world: World):
    found = foretelling.foretell(world.secretary, body=world.group)

    assert by_person(found) == {
        "chair": [date(2018, 2, 16), date(2018, 3, 2), date(2018, 3, 15), date(2018, 3, 19), date(2018, 3, 26)],
        "secretary": [date(2018, 4, 2)],
    }
    assert (found.first, found.last, found.before, found.turns) == (TODAY, date(2019, 2, 15), 6, 2)
    assert (found.months[0], found.months[-1], len(found.months)) == (date(2018, 2, 1), date(2019, 2, 1), 13)
    assert sum(was for was, _then in found.totals()) == found.before


def test_draft_is_tried_out_in_place_of_what_holds(world: World):
    found = foretelling.foretell(world.secretary, body=world.group, draft=drafted(world))

    assert by_person(found, then=True) == {"chair": [date(2018, 3, 2), date(2018, 3, 19), date(2018, 3, 26)]}
    assert (found.before, found.after) == (6, 3)
    assert {one.person.username: one.change for one in found.people} == {"chair": -2, "secretary": -1}
    assert not Notice.objects.exists()


def test_draft_for_something_else_changes_nothing(world: World):
    found = foretelling.foretell(world.secretary, body=world.group, draft=drafted(world, kind="once"))

    assert (found.before, found.after) == (6, 6)


def test_draft_beneath_a_nearer_policy_changes_nothing(world: World):
    nearer = drafted(world, obligation=world.obligation, rungs=(Rung(-7),))
    steps.put_in_force(nearer, reason="Enough.", by=world.secretary)

    found = foretelling.foretell(world.secretary, body=world.group, draft=drafted(world))

    assert (found.before, found.after) == (1, 1)


def test_several_things_of_a_day_are_one_mail(world: World):
    each_session(world, offset_days=-30)

    found = foretelling.foretell(world.secretary, body=world.group)

    (chair,) = (one.before for one in found.people if one.person == world.chair)
    assert (chair.mails, chair.reminders) == (5, 10)


def test_most_per_item_holds_for_each_person(world: World):
    found = foretelling.foretell(
        world.secretary, draft=drafted(world, rungs=[Rung(-n) for n in (1, 3, 5)], most_per_item=2)
    )

    assert by_person(found, then=True) == {"chair": [date(2018, 3, 13), date(2018, 3, 15)]}


def test_whoever_wants_to_be_told_later_or_here_only_is(world: World):
    Preferences.objects.create(person=world.chair, lead_days=7)
    Preferences.objects.create(person=world.secretary, channel="app")

    found = foretelling.foretell(world.secretary, body=world.group)

    assert by_person(found) == {"chair": [date(2018, 3, 15), date(2018, 3, 19), date(2018, 3, 26)]}
    assert {one.person.username: one.before.reminders for one in found.people} == {"chair": 3, "secretary": 1}


def test_substitute_is_told_on_the_days_of_the_substitution(world: World):
    Substitution.objects.create(
        principal=world.chair, substitute=world.vice_chair, begins=date(2018, 3, 10), ends=date(2018, 3, 20)
    )

    found = by_person(foretelling.foretell(world.secretary, body=world.group))

    assert found["vice_chair"] == [date(2018, 3, 15), date(2018, 3, 19)]
    assert found["chair"] == [date(2018, 2, 16), date(2018, 3, 2), date(2018, 3, 26)]


def test_turns_that_the_calendar_brings_within_the_year_are_foreseen(world: World):
    council_of(world, 2020, date(2020, 6, 9))  # beyond the horizon of today, within that of the year
    Obligation.objects.filter(pk=world.obligation.pk).update(offset_days=-300)
    draft = drafted(world, rungs=(Rung(-200), Rung(-366, "secretariat")))

    found = foretelling.foretell(world.secretary, draft=draft)

    assert (found.foreseen, found.turns) == (1, 2)
    (chair,) = (one for one in found.people if one.person == world.chair)
    (reminder,) = (said for told_ in chair.then.days.values() for said in told_ if said.foreseen)
    assert (reminder.occurrence.reference, reminder.occurrence.due_on) == ("council/r1-1.2-c20", date(2019, 8, 14))
    assert [day for day, told_ in chair.then.days.items() if reminder in told_] == [date(2019, 1, 25)]
    assert not Occurrence.objects.filter(session__code="C20").exists()


def test_turn_without_a_day_is_counted_apart(world: World):
    Occurrence.objects.filter(session__code="C18").update(due_on=None)

    found = foretelling.foretell(world.secretary)

    assert (found.undated, found.before) == (1, 0)


def test_questions_do_not_grow_with_the_turns(world: World):
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            foretelling.foretell(world.secretary, body=world.group, draft=draft)
        return len(questions)

    draft = drafted(world)
    world.walk("submitted")
    first = asked()
    for number in range(4):
        duty = each_session(world, offset_days=-number)
        turn = duty.occurrences.get(session__code="C18")
        steps.assign(turn, lead=world.contributor, by=world.chair)
    assert asked() == first


# ── and then it happens ────────────────────────────────────────────────────────────────────────────────────────────────


def live(promised: foretelling.Foretold) -> None:
    """A round of the clock on each day on which something is promised, on the day after, and every fortnight: what went out
    besides would go out in one of them."""
    days = {day for one in promised.people for day in one.before.days}
    days |= {day + timedelta(days=1) for day in days} | {TODAY + timedelta(days=14 * number) for number in range(27)}
    for day in sorted(days):
        with clock.at(datetime.fromisoformat(f"{day}T09:00+00:00")):
            rounds.run()


def told() -> set[tuple[str, date]]:
    """Who was told on which day by the ledger's reminders."""
    rows = Notice.objects.filter(kind="reminder", state__in=["sent", "shown"])
    return set(rows.values_list("person__username", "planned_for"))


def test_mails_promised_are_the_mails_sent(world: World, mailoutbox: list[mail.EmailMessage]):
    geneva(world)
    each_session(world, offset_days=-45)
    periodic(world, date(2018, 1, 31), 3)
    policy = drafted(
        world, kind="periodic", rungs=(Rung(-5, working=True), Rung(2), Rung(2, "chair"), Rung(9, "secretariat"))
    )
    steps.put_in_force(policy, reason="Enough.", by=world.secretary)
    world.walk("in_progress")
    promised = foretelling.foretell(None)

    live(promised)

    days = {(one.person.username, day) for one in promised.people for day in one.before.days}
    sent = {(who, day) for who, day in told() if TODAY <= day <= promised.last}
    assert sent == days
    assert len(days) > 20
