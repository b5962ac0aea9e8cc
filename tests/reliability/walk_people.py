"""Offices and people in the walk: terms, alternates, substitutes, validators, those who leave; and what they say beside the path."""

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from tests.reliability.walk_ground import DAY, OFFICES, PEOPLE, Ground
from tracker.models import Comment, Occurrence, Watch
from workflows import steps

KEEPERS = st.sampled_from(["secretary", "secretary", "chair"])
NUMBERS = st.integers(-2, 3)


class People(Ground):
    """What the secretary does to offices and people, and what anybody says beside the path."""

    @rule(
        who=KEEPERS,
        office=OFFICES,
        person=PEOPLE,
        days=st.integers(0, 9),
        part=st.sampled_from(["holder", "holder", "alternate"]),
    )
    def appoint(self, who: str, office: str, person: str, days: int, part: str) -> None:
        begins = self.today + days * DAY
        seat = self.office(office)
        call = lambda: steps.appoint(seat, self.person(person), by=self.person(who), begins=begins, part=part)  # noqa: E731
        if self.on_people(who, call, "term.begun"):
            for term in self.model.terms if part == "holder" else ():
                mine = (term["office"], term["part"]) == (office, "holder")
                if mine and (term["ends"] is None or term["ends"] >= begins):
                    term["ends"] = begins - DAY
            self.seated(seat, person, begins, None, part)

    @rule(who=KEEPERS, office=OFFICES)
    def end_term(self, who: str, office: str) -> None:
        term = self.office(office).term_on(self.today)
        if term is not None and self.on_people(who, lambda: steps.end_term(term, by=self.person(who)), "term.ended"):
            same = (office, term.person.username, term.part)
            rows = [one for one in self.model.terms if (one["office"], one["person"], one["part"]) == same]
            next(one for one in rows if self.model._runs(one))["ends"] = self.today

    @rule(
        who=PEOPLE,
        office=OFFICES,
        person=PEOPLE,
        days=st.integers(0, 30),
        scope=st.sampled_from(["office", "office", "everything"]),
        here=st.booleans(),
    )
    def substitute(self, who: str, office: str, person: str, days: int, scope: str, here: bool) -> None:
        """By the secretary, or by who is away: in one office or in all that they have; everywhere or in one resolution."""
        principal = self.model.holder(office)
        only = office if scope == "office" else None
        if principal is None:
            return
        first, last = self.today, self.today + days * DAY
        call = lambda: steps.set_substitute(  # noqa: E731
            self.office(office) if only else None,
            self.person(person),
            begins=first,
            ends=last,
            by=self.person(who),
            principal=self.person(principal),
            resolution=self.world.resolution if here else None,
        )
        if self.on_people(who, call, "substitution.set", may=who == principal):
            for row in self.model.standing_in:
                if (row["office"], row["principal"], row["here"]) == (only, principal, here) and row["ends"] >= first:
                    row["ends"] = first - DAY
            about = {"office": only, "principal": principal, "substitute": person, "here": here}
            self.model.standing_in.append({**about, "begins": first, "ends": last})

    @rule(
        who=KEEPERS,
        office=st.sampled_from(["contributor", "vice_chair"]),
        other=st.sampled_from([None, "chair", "vice_chair"]),
    )
    def set_validator(self, who: str, office: str, other: str | None) -> None:
        validator = self.office(other) if other else None
        call = lambda: steps.set_validator(self.office(office), validator, by=self.person(who))  # noqa: E731
        if self.on_people(who, call, "office.changed"):
            self.model.validators[office] = other

    @precondition(lambda self: len(self.model.left) < 2)
    @rule(who=KEEPERS, person=st.sampled_from(["helper", "vice_chair", "contributor"]))
    def deactivate(self, who: str, person: str) -> None:
        call = lambda: steps.deactivate(self.person(person), by=self.person(who), reason="They left.")  # noqa: E731
        if self.on_people(who, call, "person.deactivated", beside={"substitution.set"}):
            self.model.left.add(person)

    def on_people(
        self, who: str, call: Callable[[], Any], verb: str, *, may: bool = False, beside: set[str] | None = None
    ) -> bool:
        """A verb of the secretary's on offices and people; whether it was accepted."""
        answer, verbs = self.tried(call, verb)
        assert (answer == "may not") == (not (may or self.is_secretary(who))), (verb, who, answer)
        if answer:
            return False
        assert verb in verbs
        assert set(verbs) <= {verb, "term.ended", "handover.opened", *(beside or ())}
        return True

    # Beside the path --------------------------------------------------------------------------------------------------

    def near(self, who: str, ref: str) -> bool:
        """Whether somebody has a seat, or was asked to work on it, or acts for somebody who was."""
        turn = self.model.turns[ref]
        asked = [name for name in (turn["lead"], *turn["helpers"]) if name]
        return bool(self.model.seats(who, here=True) or any(self.model.as_asked(who, name) for name in asked))

    @rule(who=PEOPLE, number=NUMBERS, text=st.sampled_from(["", "A word.", "A word to @nobody-of-the-kind."]))
    def comment(self, who: str, number: int, text: str) -> None:
        ref = self.reference(number)
        turn = Occurrence.objects.get(reference=ref)
        answer, verbs = self.tried(lambda: steps.comment(turn, by=self.person(who), text=text), "a comment")
        wanted = "may not" if not self.near(who, ref) else "" if text == "A word." else "words"
        assert answer == wanted, f"comment by {who} on {ref}: {answer!r}, the model says {wanted!r}"
        assert verbs == ([] if answer else ["occurrence.commented"])

    @rule(who=PEOPLE, number=st.integers(0, 3))
    def take_back(self, who: str, number: int) -> None:
        found = list(Comment.objects.select_related("occurrence", "author").order_by("pk"))
        if not found:
            return
        one = found[number % len(found)]
        near = self.near(who, one.occurrence.reference)
        may = near and (one.author.username == who or self.is_secretary_here(who))
        answer, verbs = self.tried(lambda: steps.take_back_comment(one, by=self.person(who)), "taking back")
        assert answer == ("may not" if not may else "not now" if one.taken_back_at else ""), (who, answer)
        assert verbs == ([] if answer else ["occurrence.comment_taken_back"])

    def is_secretary_here(self, who: str) -> bool:
        return any(role == "secretary" for _office, role, *_ in self.model.seats(who, here=True))

    @rule(who=PEOPLE, number=NUMBERS)
    def watch(self, who: str, number: int) -> None:
        """Watching starts, or ends where they watch it already."""
        ref = self.reference(number)
        turn, by = Occurrence.objects.get(reference=ref), self.person(who)
        standing = Watch.objects.filter(person=by, obligation=turn.obligation, ended_at=None).first()
        call = (lambda: steps.unwatch(standing, by=by)) if standing else (lambda: steps.watch(turn, by=by))
        answer, verbs = self.tried(call, "watching")
        assert answer == ("" if standing or self.near(who, ref) else "may not"), (who, ref, answer)
        assert verbs == ([] if answer else ["watch.ended" if standing else "watch.started"])
