"""The calendar in the walk: sessions and meetings that come, move and are cancelled; events that open a turn; time."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
from django.core import mail
from hypothesis.stateful import rule

from tests.reliability.model_steps import UNDISCHARGED
from tests.reliability.model_words import DAYS
from tests.reliability.walk_ground import DAY, PEOPLE, Ground
from tracker import clock, summaries
from tracker.models import Meeting, Message, Notice, Obligation, Occurrence, Session
from workflows import rounds, steps

OVER = ("endorsed", "closed", "waived", "superseded")
KEEPERS = st.sampled_from(["secretary", "secretary", "chair"])


class Calendar(Ground):
    """What the secretary does to the calendar, and what time does."""

    @rule(who=PEOPLE, days=st.integers(30, 700), dated=st.booleans())
    def add_session(self, who: str, days: int, dated: bool) -> None:
        self.added += 1
        opens = self.today + days * DAY if dated else None
        call = lambda: steps.add_session(  # noqa: E731
            self.world.council, code=f"X{self.added}", name=f"Session {self.added}", opens=opens, by=self.person(who)
        )
        self.on_calendar(who, "session.added", call)

    @rule(who=PEOPLE, days=st.integers(10, 300), dated=st.booleans())
    def add_meeting(self, who: str, days: int, dated: bool) -> None:
        begins = self.today + days * DAY if dated else None
        call = lambda: steps.add_meeting(self.world.group, begins=begins, by=self.person(who))  # noqa: E731
        self.on_calendar(who, "meeting.added", call)

    @rule(data=st.data(), who=KEEPERS, days=DAYS, dated=st.booleans())
    def move(self, data: st.DataObject, who: str, days: int, dated: bool) -> None:
        thing = self.a_thing(data)
        to = self.today + days * DAY if dated else None
        by = self.person(who)
        if isinstance(thing, Session):
            call = lambda: steps.move_session(thing, opens=to, by=by, reason="It moved.")  # noqa: E731
        else:
            call = lambda: steps.move_meeting(thing, begins=to, by=by, reason="It moved.")  # noqa: E731
        self.on_calendar(who, f"{thing._meta.model_name}.moved", call, thing)

    @rule(data=st.data(), who=KEEPERS)
    def say_what_became_of_it(self, data: st.DataObject, who: str) -> None:
        thing = self.a_thing(data)
        state = data.draw(st.sampled_from(["postponed", "cancelled", "held", "planned"]), label="state")
        change: Any = steps.change_session if isinstance(thing, Session) else steps.change_meeting
        call = lambda: change(thing, state=state, reason="So it is.", by=self.person(who))  # noqa: E731
        verb = "moved" if state == "postponed" else "changed"
        self.on_calendar(who, f"{thing._meta.model_name}.{verb}", call, thing)

    def a_thing(self, data: st.DataObject) -> Session | Meeting:
        """A session or a meeting; mostly one that is still to come."""
        things: list[Session | Meeting] = [*Session.objects.order_by("pk"), *Meeting.objects.order_by("pk")]
        to_come = [thing for thing in things if thing.state != "held"]
        return data.draw(st.sampled_from([*to_come * 3, *things]), label="thing")

    def on_calendar(self, who: str, verb: str, call: Callable[[], Any], thing: Session | Meeting | None = None) -> None:
        """A verb of the secretary's. What hangs on the thing moves with it, one event for each that changed; what is
        discharged is never rewritten."""
        old = thing.opening_day if thing else None
        dues = {ref: turn["due"] for ref, turn in self.model.turns.items()}
        over = list(Occurrence.objects.filter(status__in=OVER).order_by("pk").values())
        answer, verbs = self.tried(call, verb)
        assert (answer == "may not") == (not self.is_secretary(who)), (verb, who, answer)
        if answer:
            return
        assert list(Occurrence.objects.filter(pk__in=[row["id"] for row in over]).order_by("pk").values()) == over
        if thing is not None:
            fresh = type(thing).objects.get(pk=thing.pk)
            gone = fresh.state == "cancelled"
            if verb.endswith("moved") or gone:
                self.model.moved(f"{thing._meta.model_name}:{thing.pk}", old, None if gone else fresh.opening_day)
        new = Counter(verbs)
        moved = sum(turn["due"] != dues[ref] for ref, turn in self.model.turns.items())
        assert new.pop("occurrence.moved", 0) >= moved  # one may pass to another session's column and keep its day
        assert new.pop("occurrence.planned", 0) == len(self.adopt())
        if not verb.startswith("meeting"):
            new.pop("meeting.changed", 0)  # it passes to the session that now comes next
        assert new == {verb: 1}

    @rule(who=PEOPLE, days=st.integers(-2, 20), words=st.sampled_from(["", "A request.", "Another request."]))
    def record_an_event(self, who: str, days: int, words: str) -> None:
        """The duty that waits for it gets its turn at once."""
        duty = Obligation.objects.get(kind="on_event")
        day = self.today - days * DAY
        known = duty.occasions.filter(happened_on=day, words=words).exists()
        call = lambda: steps.record_occasion(duty, happened_on=day, words=words, by=self.person(who))  # noqa: E731
        answer, verbs = self.tried(call, "occasion.recorded")
        may = any(role in ("chair", "vice_chair", "secretary") for _office, role, *_ in self.model.seats(who))
        fine = days >= 0 and words and not known
        assert answer == ("" if may and fine else "words" if may else "may not"), (who, answer)
        fresh = self.adopt()
        assert Counter(verbs) == ({} if answer else {"occasion.recorded": 1, "occurrence.planned": 1})
        assert len(fresh) == (not answer)

    # Time -------------------------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 1, 3, 14, 40]))
    def time_passes(self, days: int) -> None:
        self.today += days * DAY
        self.model.today = self.today

    @rule(weeks=st.integers(1, 4))
    def weeks_go_by(self, weeks: int) -> None:
        """As they do: a round in each of them."""
        for _ in range(weeks):
            self.time_passes(7)
            self.the_clock_goes_round()

    @rule()
    def the_clock_goes_round(self) -> None:
        """A round: new turns, reminders, mails. None is doubled, and nobody is reminded of what is over."""
        sent_before = set(Notice.objects.filter(state="sent").values_list("pk", flat=True))
        with clock.at(self.noon()):
            done = rounds.run()
        assert done.failed == []
        assert [event.verb for event in self.new_events()] == ["occurrence.planned"] * len(self.adopt())
        fresh = Notice.objects.filter(state="sent", kind="reminder").exclude(pk__in=sent_before)
        for told in fresh.select_related("occurrence"):
            assert told.occurrence is not None
            assert told.occurrence.status not in OVER, f"{told.occurrence}: somebody was reminded of what is over"
            assert told.occurrence.due_on == told.due_on
        ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
        assert len(ids) == len(set(ids))
        assert set(ids) == set(Message.objects.filter(state="sent").values_list("message_id", flat=True))

    @rule()
    def plan_again(self) -> None:
        """Planning what is planned adds nothing but what time brought within the horizon."""
        with clock.at(self.noon()):
            steps.roll()
            assert [event.verb for event in self.new_events()] == ["occurrence.planned"] * len(self.adopt())
            before = self.checksum()
            assert steps.roll() == 0
        assert self.checksum() == before

    @rule()
    def look(self) -> None:
        """The Council's page counts what the model counts; what waits for a date is not late."""
        with clock.at(self.noon()):
            seen = summaries.overview(self.person("auditor"), self.world.council, None, today=self.today)
        turns = list(self.model.turns.values())
        counts = {count.code: count.number.count for count in seen.counts}
        standing = [turn for turn in turns if turn["status"] != "superseded"]
        owed = [turn for turn in turns if turn["status"] in UNDISCHARGED]
        assert seen.occurrences.count == sum(counts.values()) == len(standing)
        assert seen.superseded == len(turns) - len(standing)
        assert seen.past_due.count == sum(bool(turn["due"] and turn["due"] < self.today) for turn in owed)
        assert seen.awaiting.count == sum(turn["status"] == "endorsed" for turn in turns)
        for code in ("submitted", "closed", "waived"):
            assert counts.get(code, 0) == sum(turn["status"] == code for turn in turns), code
        assert counts.get("unassigned", 0) == sum(turn["lead"] is None for turn in owed)
        assert counts.get("waiting", 0) == sum(turn["lead"] is not None and turn["due"] is None for turn in owed)
