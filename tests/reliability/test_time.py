"""Time as it really runs: days that are 23 or 25 hours long, a day that there never was, a clock of the machine that is put
forward and back, a worker that was away, two whose clocks differ. Each is reminded once, and late at midnight where the body sits.

`clock.at` moves the product's moment for a round; mails go out for real, into the box of the tests.
"""

import itertools
import zoneinfo
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.people import NOW, World, make_world
from tests.record import taken_in
from tests.reliability.together import at_once
from tracker import clock, queries
from tracker.log import replay
from tracker.models import Body, Event, MailedLink, Message, Notice, Obligation, Occurrence, Paragraph
from workflows import rounds, steps

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Zone and the day that a duty is due there: the clocks change on it, or it is not there at all, or it is there every fourth year.
CHANGES = [
    ("Europe/Brussels", date(2018, 3, 25)),
    ("Europe/Zurich", date(2018, 10, 28)),
    ("America/New_York", date(2018, 3, 11)),
    ("America/New_York", date(2018, 11, 4)),
    ("Australia/Lord_Howe", date(2018, 4, 1)),  # by half an hour
    ("Australia/Lord_Howe", date(2018, 10, 7)),
    ("Pacific/Apia", date(2011, 12, 30)),  # the day after the 29th was the 31st
    ("Asia/Kathmandu", date(2018, 3, 18)),  # a quarter of an hour beside all others
    ("Europe/Zurich", date(2020, 2, 29)),
]
# Around the midnight that ends the due day, and at noon when mails of the day go out.
MOMENTS = (-84, -36, -26, -24.5, -24, -23.5, -12, -1, -0.5, -1 / 60, 0, 1 / 60, 0.5, 1, 1.5, 12, 36, 60, 84, 108)


@pytest.fixture
def there(db: None, settings: Any) -> Callable[[str, date], World]:
    """A world three weeks before a day, its bodies in a zone, its duty due on that day and accepted by the contributor."""

    def made(zone: str, due_on: date) -> World:
        settings.RESOLVES_NOW = NOW
        world = make_world()
        settings.RESOLVES_NOW = f"{due_on - 21 * DAY}T12:00"
        Body.objects.update(time_zone=zone)
        Occurrence.objects.update(opened_at=clock.now())
        turn = Occurrence.objects.get(pk=world.due.pk)
        if turn.due_on != due_on:
            steps.change_due_date(turn, due_on=due_on, by=world.chair, reason="As agreed.")
        world.walk("in_progress", Occurrence.objects.get(pk=turn.pk))
        return world

    return made


def midnight_after(due_on: date, zone: str) -> datetime:
    """The moment at which a day is over in a zone."""
    return datetime.combine(due_on + DAY, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)


def round_at(moment: datetime) -> None:
    with clock.at(moment):
        assert rounds.run().failed == []


def reminded(turn: Occurrence) -> Counter[int]:
    """How many mails went to the contributor by each rung: days from the due day."""
    sent = Message.objects.filter(
        state=Message.State.SENT,
        person__username="contributor",
        notices__occurrence=turn,
        notices__kind=Notice.Kind.REMINDER,
        notices__state=Notice.State.SENT,
    )
    return Counter(sent.values_list("notices__rung", flat=True))


def is_late(turn: Occurrence, moment: datetime) -> bool:
    with clock.at(moment):
        return queries.past_due(Occurrence.objects.filter(pk=turn.pk), clock.today(turn.body.time_zone)).exists()


# T1: the clocks change -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "due_on"), CHANGES)
def test_reminder_comes_exactly_once_where_the_clocks_change(
    there: Callable[[str, date], World], mailoutbox: list[Any], zone: str, due_on: date
) -> None:
    world = there(zone, due_on)
    over = midnight_after(due_on, zone)

    for hours in MOMENTS:
        round_at(over + hours * HOUR)

    told = reminded(world.due)
    assert set(told.values()) == {1}, told
    assert min(told) < 0 < max(told)
    assert len([mail for mail in mailoutbox if "contributor" in mail.to[0] and "Late" in mail.subject]) <= 1


def changes_of(turn: Occurrence, around: datetime) -> list[datetime]:
    """When it changes between late and not, looked at every quarter of an hour for four days; and a second before and after."""
    found, before = [], is_late(turn, around - 2 * DAY)
    moments = [around + timedelta(minutes=15 * quarter) for quarter in range(-48, 49)]
    for moment in sorted([*moments, around - timedelta(seconds=1), around + timedelta(seconds=1)]):
        if (now := is_late(turn, moment)) != before:
            found.append(moment)
        before = now
    return found


@pytest.mark.parametrize(("zone", "due_on"), CHANGES)
def test_late_begins_once_at_midnight_where_the_body_sits(
    there: Callable[[str, date], World], zone: str, due_on: date
) -> None:
    turn = there(zone, due_on).due
    over = midnight_after(due_on, zone)

    (first,) = changes_of(turn, over)

    assert over <= first <= over + timedelta(seconds=1)


def test_control_days_of_utc_make_it_late_at_another_moment(
    there: Callable[[str, date], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = there("Asia/Kathmandu", date(2018, 3, 18)).due
    over = midnight_after(date(2018, 3, 18), "Asia/Kathmandu")
    monkeypatch.setattr(clock, "today", lambda _zone="UTC": clock.now().date())

    (first,) = changes_of(turn, over)

    assert first - over >= timedelta(hours=5, minutes=30)


# T3: the clock of the machine jumps ------------------------------------------------------------------------------------

JUMPS = {
    "an hour back": [timedelta(0), -HOUR, timedelta(0), HOUR],
    "an hour ahead": [timedelta(0), HOUR, timedelta(0), 2 * HOUR],
    "a day back": [timedelta(0), DAY, timedelta(0), -DAY, timedelta(0), DAY, 2 * DAY],
    "forty days ahead and back": [timedelta(0), 40 * DAY, timedelta(0), DAY, 40 * DAY, 41 * DAY],
    "a year ahead and back": [timedelta(0), 365 * DAY, timedelta(0), DAY, 365 * DAY],
}


def late_mails() -> Counter[tuple[int, int]]:
    """Mails by turn and rung, to the one who has the ball."""
    sent = Notice.objects.filter(kind=Notice.Kind.REMINDER, audience=Notice.Audience.HOLDER, state=Notice.State.SENT)
    return Counter(sent.values_list("occurrence", "rung"))


@pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS)
def test_clock_that_jumps_reminds_nobody_twice(
    there: Callable[[str, date], World], mailoutbox: list[Any], jumps: list[timedelta]
) -> None:
    world = there("Europe/Zurich", date(2018, 3, 18))
    start = datetime(2018, 3, 19, 11, tzinfo=UTC)  # a day late, noon

    for jump in jumps:
        round_at(start + jump)

    told = late_mails()
    assert set(told.values()) == {1}, told
    assert any(rung > 0 for turn, rung in told if turn == world.due.pk)
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == len(mailoutbox)


def test_control_a_ledger_that_forgets_reminds_twice(
    there: Callable[[str, date], World], mailoutbox: list[Any]
) -> None:
    """What keeps it from being said again is the row: with that gone it is."""
    there("Europe/Zurich", date(2018, 3, 18))
    start = datetime(2018, 3, 19, 11, tzinfo=UTC)
    round_at(start)
    said = [mail.subject for mail in mailoutbox if "contributor" in mail.to[0]]
    MailedLink.objects.all().delete()
    Notice.objects.all().delete()
    Message.objects.all().delete()

    round_at(start + HOUR)
    with clock.at(start + HOUR):
        rounds.reminders.sweep()
    round_at(start + 2 * HOUR)

    again = [mail.subject for mail in mailoutbox if "contributor" in mail.to[0]][len(said) :]
    assert said[-1] in again


def test_record_goes_on_in_its_own_order_when_the_clock_was_put_back(world: World) -> None:
    taken_in()
    start = clock.now()
    for number, jump in enumerate((2 * HOUR, timedelta(0), -DAY, HOUR)):
        with clock.at(start + jump):
            steps.comment(world.due, by=world.chair, text=f"Word {number}.")

    events = list(Event.objects.filter(stream=f"occurrence:{world.due.reference}").order_by("pk"))

    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert sorted(events, key=lambda one: one.recorded_at) != events  # the clocks did not agree with it
    assert list(replay.differences()) == []


# T4: nobody was there --------------------------------------------------------------------------------------------------


def more_duties(world: World, count: int) -> list[Occurrence]:
    """Turns of further duties, accepted by the contributor, due a few days apart."""
    made = []
    for number in range(2, count + 2):
        paragraph = Paragraph.objects.get(pk=world.obligation.paragraph_id)
        paragraph.pk, paragraph.position, paragraph.path, paragraph.label = None, number, f"{number}", f"{number}"
        paragraph.save(force_insert=True)
        duty = Obligation.objects.get(pk=world.obligation.pk)
        duty.pk, duty.paragraph, duty.title, duty.offset_days = None, paragraph, f"Duty {number}", -30 + 4 * number
        duty.save(force_insert=True)
        steps.plan_turns(duty)
        made.append(world.walk("in_progress", duty.occurrences.get(session__code="C18")))
    return made


@pytest.mark.parametrize("days", [1, 7, 40])
def test_worker_that_was_away_says_each_matter_once_and_skips_none(
    there: Callable[[str, date], World], mailoutbox: list[Any], days: int
) -> None:
    world = there("Europe/Zurich", date(2018, 3, 18))
    turns = [world.due, *more_duties(world, 2)]
    left = datetime(2018, 3, 16, 11, tzinfo=UTC)
    round_at(left)
    before = {turn.pk: set(reminded(turn)) for turn in turns}
    mailoutbox.clear()

    for _round in range(3):
        round_at(left + days * DAY)

    missed = {
        turn.pk
        for turn in turns
        if Notice.objects.filter(
            occurrence=turn,
            kind=Notice.Kind.REMINDER,
            audience=Notice.Audience.HOLDER,
            planned_for__gt=left.date(),
            planned_for__lte=(left + days * DAY).date(),
        ).exists()
    }
    said = {turn.pk: Counter(reminded(turn)) for turn in turns}
    fresh = {pk: set(counts) - before[pk] for pk, counts in said.items()}
    assert {pk for pk, rungs in fresh.items() if rungs} == missed  # none is skipped
    assert all(len(rungs) <= 1 for rungs in fresh.values()), (
        fresh
    )  # and each is said once, however many rungs were missed
    assert all(count == 1 for counts in said.values() for count in counts.values())
    assert len([mail for mail in mailoutbox if "contributor" in mail.to[0]]) <= len(missed)


def test_control_asking_for_exactly_today_would_skip_what_was_missed(
    there: Callable[[str, date], World], mailoutbox: list[Any]
) -> None:
    there("Europe/Zurich", date(2018, 3, 18))
    left = datetime(2018, 3, 16, 11, tzinfo=UTC)
    round_at(left)
    back = left + 5 * DAY

    due = Notice.objects.filter(state=Notice.State.PLANNED, audience=Notice.Audience.HOLDER)

    assert due.filter(planned_for__lte=back.date()).exists()
    assert not due.filter(planned_for=back.date()).exists()


# T6: a country changes its clocks --------------------------------------------------------------------------------------


@pytest.fixture
def zone_changed(tmp_path: Path) -> Generator[Callable[[str, str], None]]:
    """Gives a zone the rules of another one, as a newer table of zones would."""
    paths = zoneinfo.TZPATH

    def changed(zone: str, to: str) -> None:
        source = next(path for root in paths if (path := Path(root) / to).is_file())
        (tmp_path / zone).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / zone).write_bytes(source.read_bytes())
        zoneinfo.reset_tzpath([str(tmp_path), *paths])
        ZoneInfo.clear_cache(only_keys=[zone])

    yield changed
    zoneinfo.reset_tzpath(paths)
    ZoneInfo.clear_cache()


def test_zone_with_other_rules_keeps_the_day_and_moves_the_moment(
    there: Callable[[str, date], World], mailoutbox: list[Any], zone_changed: Callable[[str, str], None]
) -> None:
    due_on = date(2018, 3, 18)
    world = there("Europe/Zurich", due_on)
    before = midnight_after(due_on, "Europe/Zurich")
    round_at(before - 4 * DAY)

    zone_changed("Europe/Zurich", "Etc/GMT-5")  # five hours ahead of UTC
    after = midnight_after(due_on, "Europe/Zurich")
    (first,) = changes_of(world.due, after)
    for hours in MOMENTS:
        round_at(after + hours * HOUR)

    assert before - after == 4 * HOUR
    assert world.due.due_on == due_on
    assert after <= first <= after + timedelta(seconds=1)
    assert set(reminded(world.due).values()) == {1}


# T7: two workers whose clocks differ -----------------------------------------------------------------------------------


def about_midnight(over: datetime) -> Iterator[datetime]:
    return (over + timedelta(seconds=second) for second in range(-10, 11, 5))


def test_two_workers_whose_clocks_differ_remind_once(
    there: Callable[[str, date], World], mailoutbox: list[Any]
) -> None:
    world = there("Europe/Zurich", date(2018, 3, 18))
    over = midnight_after(date(2018, 3, 18), "Europe/Zurich")

    for moment in [*about_midnight(over), over + 12 * HOUR]:
        for ahead in (timedelta(seconds=5), timedelta(0)):
            round_at(moment + ahead)

    assert set(reminded(world.due).values()) == {1}


@pytest.mark.django_db(transaction=True)
def test_two_workers_whose_clocks_differ_take_their_order_from_the_database(
    transactional_db: None, settings: Any
) -> None:
    settings.RESOLVES_NOW = "2018-02-25T12:00"
    world = make_world()
    turn, start = world.due, clock.now()

    def says(ahead: timedelta, who: str) -> Callable[[], None]:
        def say() -> None:
            for number in range(4):
                with clock.at(start + ahead):
                    steps.comment(turn, by=world.people[who], text=f"{number} of {who}.")

        return say

    assert at_once([says(timedelta(seconds=5), "chair"), says(timedelta(0), "secretary")]) == [None, None]

    events = list(Event.objects.filter(stream=f"occurrence:{turn.reference}").order_by("pk"))
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert all(late.previous_hash == early.hash for early, late in itertools.pairwise(events))
