"""The path in the walk: steps by anybody with any words, and walks that go for what has not been covered yet."""

from collections import Counter

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import initialize, rule

from tests.reliability.model_reach import BEFORE, allows, way
from tests.reliability.model_steps import DONE, STEPS
from tests.reliability.model_words import WORDS
from tests.reliability.walk_calendar import Calendar
from tests.reliability.walk_ground import MANY, MONTHS, PEOPLE
from tests.reliability.walk_people import NUMBERS, People
from tracker.models import Occurrence
from workflows import steps

OVER = ("waived", "superseded")
LAST, SELDOM = ("waive", "supersede"), st.sampled_from([False, False, False, True])  # after these little is possible
PATIENCE = 14  # steps on the way to one aim
TRIES = 5  # of drawing words that are good

walked: Counter[tuple[str, str, str]] = Counter()
pairs: Counter[tuple[str, str]] = Counter()


class Walk(Calendar, People):
    """One walk: the steps of the path, among what happens to calendar and people.

    `aims` are what it goes for: a status, a step from it, and a step straight after ("" for any). They stand for the whole
    of a run, so that each of its walks can be taken again.
    """

    aims: tuple[tuple[str, str, str], ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.last_move: dict[str, str] = {}
        self.taken: set[tuple[str, str]] = set()
        self.wanted = {(step, then) for _status, step, then in self.aims}

    def teardown(self) -> None:
        try:
            self.look()
        finally:
            super().teardown()

    @rule(data=st.data(), step=st.sampled_from(sorted(WORDS)), who=PEOPLE, number=NUMBERS)
    def take(self, data: st.DataObject, step: str, who: str, number: int) -> None:
        """Any step by anybody at any moment: most are refused."""
        self.step(data, step, who, self.reference(number))

    @rule(data=st.data(), number=NUMBERS, statement=st.integers(1, 25))
    def take_one_that_breaks(self, data: st.DataObject, number: int, statement: int) -> None:
        """The database goes away at some statement of a step: all of it happened, or nothing."""
        ref = self.reference(number)
        if likely := self.likely(ref):
            step = data.draw(st.sampled_from(sorted(likely)), label="step")
            self.step(data, step, likely[step][0], ref, breaks_at=statement)

    # Going somewhere --------------------------------------------------------------------------------------------------

    @initialize(data=st.data(), number=st.integers(0, 2), count=st.integers(4, 8))
    def begin(self, data: st.DataObject, number: int, count: int) -> None:
        """To some of what is wanted, while everybody is in office; from there the walk goes where it likes."""
        self.go_on(data, number, count)

    @rule(data=st.data(), number=st.integers(0, 2), count=st.integers(1, 3))
    def go_for_more(self, data: st.DataObject, number: int, count: int) -> None:
        self.go_on(data, number, count)

    @rule(data=st.data(), number=st.integers(0, 2), count=st.integers(4, 12))
    def take_likely_ones(self, data: st.DataObject, number: int, count: int) -> None:
        """Steps that are possible, one after the other, by those who may; rather what is wanted, or not taken yet."""
        ref = self.live(number)
        for _ in range(count):
            if likely := self.likely(ref):
                status, last = self.model.turns[ref]["status"], self.last_move.get(ref, "")
                fresh = [step for step in sorted(likely) if (last, step) in self.wanted]
                fresh = fresh or [step for step in sorted(likely) if (status, step) not in self.taken]
                choice = [step for step in fresh if step not in LAST or data.draw(SELDOM)] or sorted(likely)
                step = data.draw(st.sampled_from(choice), label="step")
                self.step(data, step, data.draw(st.sampled_from(likely[step]), label="who"), ref)
                self.rows_are_as_the_model_says()

    def go_on(self, data: st.DataObject, number: int, count: int) -> None:
        """For so many aims, one after the other."""
        if self.aims:
            first = data.draw(st.integers(0, len(self.aims) - 1), label="aim")
            for place in range(count):
                self.go_for(data, self.live(number), *self.aims[(first + place) % len(self.aims)])

    def go_for(self, data: st.DataObject, ref: str, status: str, step: str, then: str) -> None:
        """By real steps to a status, then the step, then the one after it; given up where people or words do not let it."""
        for _ in range(PATIENCE):
            before, chosen = self.model.turns[ref]["status"], self.next_to(ref, status, step, then)
            if not chosen or not self.take_well(data, chosen, ref):
                return
            if (before, chosen) == (status, step):
                break
        if then in self.likely(ref):
            self.take_well(data, then, ref)

    def next_to(self, ref: str, status: str, step: str, then: str) -> str:
        """What to take next on the way to a step from a status after which `then` is possible; "" where there is no way."""
        here, likely = self.model.turns[ref]["status"], self.likely(ref)
        chosen = step if here == status else way(here, status)
        wanted = then if here == status else step if chosen and STEPS[chosen].to == status else ""
        if chosen in likely:
            if not wanted or any(allows(self.model, chosen, who, ref, wanted) for who in likely[chosen]):
                return chosen
            return next((one for one in BEFORE.get(wanted, ()) if one in likely), chosen)
        return next((one for one in BEFORE.get(chosen, ()) if one in likely), "")

    def take_well(self, data: st.DataObject, step: str, ref: str) -> bool:
        taken = self.step(data, step, data.draw(st.sampled_from(self.likely(ref)[step]), label="who"), ref, good=True)
        self.rows_are_as_the_model_says()
        return taken

    def likely(self, ref: str) -> dict[str, list[str]]:
        """The steps that are possible on a turn, and who may take each."""
        return self.model.possible(ref, MANY)

    def live(self, number: int) -> str:
        """A turn on which much can still happen; one that an event opens where there is none."""
        for _ in range(2):
            if found := [ref for ref, turn in self.model.turns.items() if turn["status"] not in OVER]:
                return found[number % len(found)]
            self.record_an_event("chair", 0, f"Request {len(self.model.turns)}.")
        return self.reference(number)

    # One step ---------------------------------------------------------------------------------------------------------

    def step(
        self, data: st.DataObject, step: str, who: str, ref: str, *, breaks_at: int = 0, good: bool = False
    ) -> bool:
        """Take it beside the model, with words that are drawn until they are `good`, or as they come; whether it was taken."""
        turn = self.model.turns[ref]
        for _ in range(TRIES if good else 1):
            arguments, fine, about = WORDS[step](self, data, turn)
            if fine:
                break
        refused = self.model.answer(step, who, ref) or ("" if fine else "words")
        before, status = self.checksum(), turn["status"]
        occurrence = Occurrence.objects.get(reference=ref)
        answer = self.done(
            lambda: steps.ON_OCCURRENCE[step](occurrence, by=self.person(who), **arguments), breaks_at=breaks_at
        )
        if answer == "broke":
            assert self.checksum() == before
            return False
        note(f"{step} by {who} on {ref} ({status}): {answer or 'done'}")
        assert answer == refused, f"{step} by {who} on {ref} ({status}): {answer!r}, the model says {refused!r}"
        if answer:
            assert self.checksum() == before, f"{step} was refused and changed something"
            return False
        acting = self.model.acting(step, who, turn)
        self.model.effect(step, who, ref, **about)
        came = self.followed(ref, status)
        found = [
            (e.verb, e.subject_reference, e.actor.username, e.acting_for and e.acting_for.username)
            for e in self.new_events()
        ]
        assert found == [
            (f"occurrence.{STEPS[step].verb}", ref, who, acting),
            *(("occurrence.planned", one, who, None) for one in came),
        ], f"the model says for {acting!r}"
        self.taken.add((status, step))
        walked[status, step, turn["status"]] += 1
        if ref in self.last_move:
            pairs[self.last_move[ref], step] += 1
            self.wanted.discard((self.last_move[ref], step))
        self.last_move[ref] = step
        return True

    def followed(self, ref: str, before: str) -> list[str]:
        """The turn that comes with the completion of the one before."""
        turn, came = self.model.turns[ref], []
        if turn["period"] and before not in DONE and turn["status"] in DONE:
            due = self.model.follows(turn["duty"], MONTHS)
            came = [f"{turn['duty']}-{due:%Y%m%d}"] if due else []
        came = [one for one in came if one not in self.model.turns]
        assert self.adopt() == came, f"the model says {came} follows"
        return came
