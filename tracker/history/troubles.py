"""What is wrong with the record, in words that anyone understands: what was seen, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.log import findings, live, words
from tracker.models import Event, Finding


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with an entry, or with the record as a whole."""

    kind: str
    seen: str
    to_do: str

    @classmethod
    def of(cls, kind: str) -> "Trouble":
        """A kind that is not in the table is told all the same."""
        return cls(kind, words.seen(kind), words.to_do(kind))


def troubles(events: Iterable[Event]) -> dict[int, Trouble]:
    """Event id → what is wrong with it: seen as it is shown, or by a check before."""
    events = list(events)
    kinds = {pk: kind for pk, kind in live.states(events).items() if kind}
    for pk, found in findings.of(events).items():
        kinds.setdefault(pk, found[0].kind)
    return {pk: Trouble.of(kind) for pk, kind in kinds.items()}


def trouble_of(finding: Finding) -> Trouble:
    """A kept finding in words."""
    return Trouble.of(finding.kind)
