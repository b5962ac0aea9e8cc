"""The duties that the words of an item propose: their kind, what they hang on, whom they ask. Guesses for a person to confirm.

Where the words or the calendar do not say enough (a body that is not known here, a session not yet entered, a period with
no beginning), the place stays empty.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.models import Body, Obligation, Office, Role, Session
from tracker.parsing import Act, Addressee, DuePoint, Operative

Kind, Anchor = Obligation.Kind, Obligation.Anchor
BEFORE_OPENING = -30
"""A paper for a session of the body that adopted the text is due by the document deadline (PRODUCT, Decided once, 4)."""
BEFORE_MEETING = -1
TITLE_LENGTH = 90

_COUNTS = {
    "two": 2,
    "other": 2,
    "second": 2,
    "three": 3,
    "third": 3,
    "four": 4,
    "fourth": 4,
    "five": 5,
    "six": 6,
    "twelve": 12,
}
_PACES = (("semi", 6), ("biannual", 6), ("biennial", 24), ("annual", 12), ("year", 12), ("quarter", 3), ("month", 1))


@dataclass(frozen=True)
class Duty:
    """One duty as proposed: what it hangs on is `hung`, columns of the obligation."""

    title: str
    kind: str
    addressees: tuple[Addressee, ...]
    hung: dict[str, Any]


def duties(item: Operative, calendar: "Calendar") -> Iterator[Duty]:
    """Duties are per act (PRODUCT, Decided once, 9); an act with several due points of one kind gives one for each."""
    if not item.kind:
        return
    acts = [act for act in item.acts if act.force != "notes"] or [Act("", "", item.addressees, item.due)]
    seen: list[tuple[str, dict[str, Any]]] = []
    for act in acts:
        alone = len(acts) == 1
        dues: list[DuePoint | None] = [due for due in act.due if due.kind != "none"] or [None]
        for due in dues:
            kind = _kind(item, due, alone=alone and len(dues) == 1)
            hung = calendar.hung(kind, due)
            if alone and (kind, hung) in seen:
                continue
            words = due.text if due is not None and any(kind == one for one, _hung in seen) else _from(item, act)
            seen.append((kind, hung))
            yield Duty(_title(words), kind, act.addressees or item.addressees, hung)


def _kind(item: Operative, due: DuePoint | None, *, alone: bool) -> str:
    """The paragraph's kind where it speaks of one duty; else what the due point itself says."""
    if due is None:
        return item.kind if alone else Kind.CONTINUING
    if alone:
        return item.kind
    return {
        "date": Kind.ONCE,
        "session": Kind.ONCE if due.session else Kind.EACH_SESSION,
        "meeting": Kind.BEFORE_EACH_MEETING,
        "interval": Kind.PERIODIC,
        "event": Kind.ON_EVENT,
    }.get(due.kind, Kind.CONTINUING)


def _from(item: Operative, act: Act) -> str:
    """The words from an act on, where the paragraph has several."""
    start = item.text.find(act.verb) if act.verb and len(item.acts) > 1 else 0
    return item.text[max(start, 0) :]


def _title(words: str) -> str:
    """The first words, without "to" and stops, cut between words."""
    flat = re.sub(r"^to (?:be )?", "", " ".join(words.split())).rstrip(" ;,.:")
    if len(flat) > TITLE_LENGTH:
        flat = flat[:TITLE_LENGTH].rpartition(" ")[0].rstrip(" ;,.:") + " …"
    return flat[:1].upper() + flat[1:]


class Calendar:
    """The bodies, sessions and offices that the words may mean, seen from the body that adopted the text."""

    def __init__(self, body: Body, in_force_from: date | None) -> None:
        self.body = body
        self.in_force_from = in_force_from
        near = {one.pk: place for place, one in enumerate(body.lineage())}
        self.bodies = sorted(
            Body.objects.all(), key=lambda one: (near.get(one.pk, len(near) + (one.parent_id not in near)), one.name)
        )

    def named(self, name: str) -> Body | None:
        """The nearest body of that name: in full, in short, or by its last words ("Council" for "ITU Council")."""
        wanted = name.casefold().strip()
        if not wanted:
            return None
        for exact in (True, False):
            for one in self.bodies:
                names = {one.name.casefold(), one.short_name.casefold(), one.slug}
                if wanted in names if exact else any(known.endswith(f" {wanted}") for known in names):
                    return one
        return None

    def addressed(self, addressees: Sequence[Addressee]) -> Body:
        """The body that is to act; the one that adopted the text where the words name none that is known here."""
        return next(filter(None, (self.named(one.name) for one in addressees)), self.body)

    def endorser(self, body: Body) -> Office | None:
        """The chair's office of a body or of the nearest one above it."""
        chairs = {
            one.body_id: one for one in Office.objects.filter(body__in=body.lineage(), role=Role.CHAIR).order_by("-pk")
        }
        return next((chairs[one.pk] for one in body.lineage() if one.pk in chairs), None)

    def hung(self, kind: str, due: DuePoint | None) -> dict[str, Any]:
        """The columns that say what a duty hangs on, empty where the words or the calendar do not say."""
        nothing = {"anchor": Anchor.NONE}
        match kind:
            case Kind.CONTINUING:
                return self._session(self.body)
            case Kind.EACH_SESSION:
                body = self.named(due.body) if due else self.body
                return self._session(body) if body else nothing
            case Kind.BEFORE_EACH_MEETING:
                group = self.named(due.body) if due else None
                return (
                    {"anchor": Anchor.MEETING, "anchor_body": group, "offset_days": BEFORE_MEETING}
                    if group
                    else nothing
                )
            case Kind.ONCE if due is not None and due.kind == "session":
                body = self.named(due.body)
                return self._session(body, due.session) if body else nothing
            case Kind.ONCE if due is not None and (day := last_day(due.date)):
                return {"anchor": Anchor.DATE, "due_date": day}
            case Kind.PERIODIC:
                months = months_between(due.text) if due else None
                if months and self.in_force_from:
                    return {"anchor": Anchor.DATE, "due_date": self.in_force_from, "interval_months": months}
                return {**nothing, "interval_months": months}
        return nothing

    def _session(self, body: Body, number: str = "") -> dict[str, Any]:
        hung = {
            "anchor": Anchor.SESSION,
            "anchor_body": body,
            "offset_days": BEFORE_OPENING if body == self.body else 0,
        }
        return {**hung, "anchor_session": self._numbered(body, number)} if number else hung

    def _numbered(self, body: Body, number: str) -> Session | None:
        """The ordinary session of a year ("2018") or of a number ("62")."""
        found = Session.objects.filter(body=body, kind=Session.Kind.ORDINARY)
        if len(number) == 4:
            return found.filter(opens__year=int(number)).first()
        return next((one for one in found if number in re.findall(r"\d+", f"{one.code} {one.name}")), None)


def last_day(words: str) -> date | None:
    """The last day of a printed date: "2025-12-31", "2024-09" or "2035"; None where it is none."""
    parts = [int(part) for part in re.findall(r"\d+", words)]
    try:
        match parts:
            case [year]:
                return date(year, 12, 31)
            case [year, month]:
                return date(year, month, monthrange(year, month)[1])
            case [year, month, day]:
                return date(year, month, day)
    except ValueError:
        pass
    return None


def months_between(words: str) -> int | None:
    """The months of a period in words ("annually", "every three months", "biennial"); None where they don't say."""
    said = words.casefold()
    unit = next((months for word, months in _PACES if word in said), None)
    if unit is None:
        return None
    count = re.search(r"every (\w+)", said)
    if not count:
        return unit
    return unit * (int(count[1]) if count[1].isdigit() else _COUNTS.get(count[1], 1))
