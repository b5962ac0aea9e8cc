"""A year played through: every rung of every turn, to whom it speaks on its day, and in which mail of theirs."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache

from tracker import access, clock, ladders
from tracker.access import Reader
from tracker.audiences import told
from tracker.ball import Roster
from tracker.deadlines import LONGEST_CLOSURE, Works, add_months
from tracker.ladders import Ladder, Planned, schedule
from tracker.models import Body, Notice, Obligation, Occurrence, Person, Preferences, ReminderPolicy, Substitution
from tracker.policies import Policies, family
from tracker.preferences import too_early
from workflows.foretelling.ahead import Turn, foreseen, ground_of, open_turns
from workflows.foretelling.outlook import MONTHS, Forecast, Foretold, Outlook, Reminder
from workflows.machines import UNDISCHARGED, Status
from workflows.reminders.planning import Ground

State = Notice.State
REMINDED = (*UNDISCHARGED, Status.SUBMITTED)


@dataclass
class Mails:
    """Who would be told what on which day, under some policies."""

    people: dict[int, Person] = field(default_factory=dict)
    days: dict[int, dict[date, list[Reminder]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    unheard: int = 0


@dataclass
class Stage:
    """All that the year follows from, read once."""

    today: date
    last: date
    ground: Ground
    turns: list[Turn]
    undated: int
    holders: Roster
    substitutions: list[Substitution]
    wishes: dict[int, tuple[str, int | None]]
    gone: set[str]
    counted: Counter[tuple[int, int, bool]]
    _works: dict[int, Works] = field(default_factory=dict)
    _rosters: dict[tuple[int, ...], Roster] = field(default_factory=dict)
    _told: dict[tuple[int, str, tuple[int, ...]], tuple[Person, ...]] = field(default_factory=dict)
    _scheduled: dict[tuple[int, Ladder], list[Planned]] = field(default_factory=dict)

    @classmethod
    def read(cls, reader: Reader | None, body: Body | None, draft: ReminderPolicy | None) -> "Stage":
        today = clock.today(body.time_zone if body else "UTC")
        ground = ground_of(draft)
        seen = Occurrence.objects.all() if reader is None else access.occurrences(reader)
        asked = Obligation.objects.all() if reader is None else access.obligations(reader)
        found = seen.filter(status__in=REMINDED).order_by()
        if body is not None:
            below = family(body.pk)
            found, asked = found.filter(obligation__responsible__in=below), asked.filter(responsible__in=below)
        dated = found.filter(due_on__gte=today - BEHIND)
        rows = Notice.objects.filter(kind=Notice.Kind.REMINDER, state__in=OUT, occurrence__in=dated.values("pk"))
        gone, counted = set(), Counter[tuple[int, int, bool]]()
        for key, turn, person, audience in rows.values_list("key", "occurrence", "person", "audience"):
            gone.add(key)
            counted[turn, person, audience in ladders.ASKED] += 1
        last = add_months(today, MONTHS) - timedelta(days=1)
        standing_in = Substitution.objects.filter(
            begins__lte=last, ends__gte=today, principal__is_active=True, substitute__is_active=True
        )
        wishes = Preferences.objects.values_list("person", "channel", "lead_days")
        return cls(
            today,
            last,
            ground,
            [*open_turns(dated, ground), *foreseen(asked, ground, today, last)],
            found.filter(due_on=None).count(),
            ground.roster(today),
            list(standing_in.select_related("substitute", "principal").order_by("pk")),
            {person: (channel, lead_days) for person, channel, lead_days in wishes},
            gone,
            counted,
        )

    def mails(self, policies: Policies) -> Mails:
        """Everything that goes out within the year, turn by turn."""
        found = Mails()
        counted = self.counted.copy()
        for turn in self.turns:
            ladder = policies.of(turn.occurrence.obligation)
            for day, person, planned in self._of_turn(turn, ladder, counted, found):
                found.people[person.pk] = person
                found.days[person.pk][day].append(Reminder(turn.occurrence, planned.rung, turn.foreseen))
        return found

    def _of_turn(
        self, turn: Turn, ladder: Ladder, counted: Counter[tuple[int, int, bool]], found: Mails
    ) -> Iterator[tuple[date, Person, Planned]]:
        """What a person hears of a turn on a day: of several rungs the newest, of one day the one nearest to the matter; in
        all no more often than is promised."""
        heard: dict[tuple[date, int], list[tuple[Person, Planned]]] = defaultdict(list)
        for planned in self._schedule(turn, ladder):
            people = self._people(turn.occurrence, planned)
            found.unheard += not people
            day = self._worked(turn.occurrence, planned.day)
            for person in people:
                if self._wanted(turn, planned, person):
                    heard[day, person.pk].append((person, planned))
        for (day, pk), said in sorted(heard.items(), key=lambda one: one[0]):
            pk_of_turn, most = turn.occurrence.pk, ladder.most
            held = [one for one in said if counted[pk_of_turn, pk, one[1].audience in ladders.ASKED] < most]
            if held and day <= self.last:
                person, planned = max(held, key=lambda one: (one[1].day, -ladders.AUDIENCES.index(one[1].audience)))
                counted[pk_of_turn, pk, planned.audience in ladders.ASKED] += 1
                yield day, person, planned

    def _schedule(self, turn: Turn, ladder: Ladder) -> list[Planned]:
        """The rungs that stand and fall within the year."""
        key = (turn.occurrence.pk, ladder)
        if key not in self._scheduled:
            rungs_ = schedule(ladder, turn.facts, self._station(turn.occurrence))
            within = [one for one in rungs_ if not one.left_out and self.today <= one.day <= self.last]
            self._scheduled[key] = within
        return self._scheduled[key]

    def _station(self, occurrence: Occurrence) -> Works:
        """Whether the responsible body's duty station works on a day; each day is asked of its calendar once."""
        body = occurrence.obligation.responsible
        if body.pk not in self._works:
            self._works[body.pk] = cache(self.ground.stations.of(body).works)
        return self._works[body.pk]

    def _worked(self, occurrence: Occurrence, day: date) -> date:
        """The day of the mail: the mail of the day goes on working days."""
        works = self._station(occurrence)
        days = (day + timedelta(days=number) for number in range(LONGEST_CLOSURE + 1))
        return next((one for one in days if works(one)), date.max)

    def _people(self, occurrence: Occurrence, planned: Planned) -> tuple[Person, ...]:
        """Whom a rung speaks to on its day, without those who were told of it already."""
        running = tuple(one.pk for one in self.substitutions if one.begins <= planned.day <= one.ends)
        if running not in self._rosters:
            by_principal: dict[int, list[Substitution]] = defaultdict(list)
            for one in self.substitutions:
                if one.pk in running:
                    by_principal[one.principal_id].append(one)
            self._rosters[running] = replace(self.holders, substitutions=by_principal)
        key = (occurrence.pk, planned.audience, running)
        if key not in self._told:
            people = told(planned.audience, occurrence, self._rosters[running])
            self._told[key] = tuple(one for one in people if one.is_active)
        if planned.key in self.gone:
            return ()
        return tuple(one for one in self._told[key] if f"{planned.key}:{one.pk}" not in self.gone)

    def _wanted(self, turn: Turn, planned: Planned, person: Person) -> bool:
        """Whether a person wants to hear of it so early."""
        _channel, lead_days = self.wishes.get(person.pk, ("", None))
        rung = planned.rung
        return not too_early(lead_days, day=planned.day, due_on=turn.facts.due_on, rung=rung.days, anchor=rung.anchor)

    def foretold(self, before: Mails, after: Mails | None) -> Foretold:
        """The answer, put together."""
        people = before.people | (after.people if after else {})
        found = [
            Outlook(one, self._forecast(one, before), self._forecast(one, after) if after else None)
            for one in people.values()
        ]
        found.sort(key=lambda one: (-max(one.before.mails, one.then.mails), one.person.name, one.person.pk))
        coming = sum(turn.foreseen for turn in self.turns)
        last = after or before
        return Foretold(
            self.today, self.last, tuple(found), len(self.turns) - coming, coming, self.undated, last.unheard
        )

    def _forecast(self, person: Person, mails: Mails) -> Forecast:
        days = {day: tuple(told_) for day, told_ in sorted(mails.days[person.pk].items())}
        channel, _lead_days = self.wishes.get(person.pk, ("", None))
        return Forecast(person, days, channel != Preferences.Channel.APP and bool(person.email))


BEHIND = timedelta(days=400)
"""A turn that fell due longer ago than this has no rung left: none is later than 366 days, and no closure so long."""
OUT = (State.QUEUED, State.SENT, State.SHOWN)
