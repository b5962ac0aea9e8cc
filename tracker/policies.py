"""Which ladder of reminders holds for a duty: the nearest policy in force, else the one built in for its kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from tracker.ladders import BUILT_IN, GENERAL, Ladder, built_in, read
from tracker.models import Body, Obligation, ReminderPolicy

State = ReminderPolicy.State


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
    """The policies in force, read once for any number of duties. `changed` has the moment when the word of a scope last
    changed: put in force, replaced, or ended."""

    by_scope: dict[str, Ladder] = field(default_factory=dict)
    changed: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def in_force(cls) -> "Policies":
        """One query."""
        found = cls()
        for one in ReminderPolicy.objects.filter(
            in_force_since__isnull=False
        ):  # a draft that was given up changed nothing
            if one.state == State.IN_FORCE:
                found.by_scope[one.scope] = as_ladder(one)
            for moment in filter(None, (one.in_force_since, one.ended_at)):
                found.changed[one.scope] = max(moment, found.changed.get(one.scope, moment))
        return found

    def of(self, obligation: Obligation) -> Ladder:
        """The ladder that holds for a duty (its `responsible` and those above it loaded)."""
        spoken = scopes(obligation) if self.by_scope else ()
        return next((self.by_scope[one] for one in spoken if one in self.by_scope), built_in(obligation.kind))

    def since(self, obligation: Obligation) -> datetime | None:
        """Since when that ladder holds: the last change of its own scope or of a nearer one. None: always."""
        moments = []
        for scope in scopes(obligation) if self.changed else ():
            moments += [self.changed[scope]] if scope in self.changed else []
            if scope in self.by_scope:
                break
        return max(moments, default=None)

    def ladders(self) -> list[Ladder]:
        """All that may hold for some duty, those built in among them."""
        return [GENERAL, *BUILT_IN.values(), *self.by_scope.values()]


def turns_of(policy: ReminderPolicy) -> Q:
    """The turns that a policy may speak for, whether or not a nearer one does."""
    kind = Q(obligation__kind=policy.kind) if policy.kind else Q()
    if policy.obligation_id:
        return Q(obligation=policy.obligation_id)
    if policy.resolution_id:
        return Q(resolution=policy.resolution_id) & kind
    return Q(obligation__responsible__in=family(policy.body_id)) & kind


def family(body: int) -> set[int]:
    """A body and all those below it."""
    found = level = {body}
    while level := set(Body.objects.filter(parent__in=level).values_list("pk", flat=True)) - found:
        found = found | level
    return found
