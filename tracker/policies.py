"""Which ladder of reminders holds for a duty: the nearest policy in force, else the one built in for its kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.ladders import Ladder, built_in, read
from tracker.models import Obligation, ReminderPolicy


def scopes(obligation: Obligation) -> Iterator[str]:
    """The scopes that may speak for a duty, nearest first: itself, its resolution (for its kind, for any), then the
    responsible body and those above it."""
    yield f"obligation:{obligation.pk}"
    for place in (
        f"resolution:{obligation.resolution_id}",
        *(f"body:{one.pk}" for one in obligation.responsible.lineage()),
    ):
        yield f"{place}:{obligation.kind}"
        yield f"{place}:"


def as_ladder(policy: ReminderPolicy) -> Ladder:
    """A policy as a value."""
    return Ladder(
        policy.name, read(policy.rungs), policy.most_per_item, policy.grace_days, policy.keeps_quiet, policy.pk
    )


@dataclass
class Policies:
    """The policies in force, read once for any number of duties. One query."""

    by_scope: dict[str, Ladder] = field(default_factory=dict)

    @classmethod
    def in_force(cls) -> "Policies":
        found = ReminderPolicy.objects.filter(state=ReminderPolicy.State.IN_FORCE)
        return cls({one.scope: as_ladder(one) for one in found})

    def of(self, obligation: Obligation) -> Ladder:
        """The ladder that holds for a duty (its `responsible` and those above it loaded)."""
        return next(
            (self.by_scope[one] for one in scopes(obligation) if one in self.by_scope), built_in(obligation.kind)
        )
