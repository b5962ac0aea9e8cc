"""Who acts in which office on a day, and for whom, in dictionaries: the people of the model."""

from datetime import date
from typing import Any


class Offices:
    """Terms and substitutions as rows; who validates for an office; who has left; the day."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.terms: list[dict[str, Any]] = []
        self.standing_in: list[dict[str, Any]] = []
        self.validators: dict[str, str | None] = {}
        self.left: set[str] = set()

    def holder(self, office: str) -> str | None:
        return next(
            (t["person"] for t in reversed(self._terms()) if (t["office"], t["part"]) == (office, "holder")), None
        )

    def seats(self, who: str, *, here: bool = False) -> list[tuple[str, str, str, str | None]]:
        """Office, role, body and whom they act for; `here` with what holds within the one resolution only."""
        terms = self._terms() if who not in self.left else []
        mine = [
            (t, self.holder(t["office"]) if t["part"] == "alternate" else None) for t in terms if t["person"] == who
        ]
        mine.sort(key=lambda one: one[0]["part"] == "alternate")
        for one in self._lent(who, here=here):
            theirs = [t for t in terms if (t["person"], t["part"]) == (one["principal"], "holder")]
            mine += [(t, one["principal"]) for t in theirs if one["office"] in (None, t["office"])]
        return [(t["office"], t["role"], t["body"], None if acting == who else acting) for t, acting in mine]

    def as_asked(self, who: str, name: str | None) -> list[str | None]:
        """Whom somebody acts for in what was asked of a name: a person, or /an office."""
        if name is None or who in self.left:
            return []
        found: list[str | None] = [None] * (name == who)
        found += [
            one["principal"] for one in self._lent(who, here=True) if (one["office"], name) == (None, one["principal"])
        ]
        return found + [acting for office, _role, _body, acting in self.seats(who, here=True) if name == f"/{office}"]

    def validator_of(self, lead: str | None) -> str | None:
        """The office that validates what a lead hands in: none where a person was asked."""
        return self.validators.get(lead[1:]) if lead and lead.startswith("/") else None

    def _terms(self) -> list[dict[str, Any]]:
        return [term for term in self.terms if self._runs(term) and term["person"] not in self.left]

    def _lent(self, who: str, *, here: bool) -> list[dict[str, Any]]:
        found = [one for one in self.standing_in if one["substitute"] == who and self._runs(one)]
        return [one for one in found if one["principal"] not in self.left and (here or not one["here"])]

    def acting_in(self, office: str | None) -> set[str]:
        everybody = {t["person"] for t in self.terms} | {one["substitute"] for one in self.standing_in}
        return {who for who in everybody if any(seat[0] == office for seat in self.seats(who, here=True))}

    def _runs(self, row: dict[str, Any]) -> bool:
        return (row["begins"] or self.today) <= self.today <= (row["ends"] or self.today)
