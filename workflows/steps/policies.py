"""Policies of reminders: drafted, tried out, put in force, ended. One in force is never changed: a draft takes its place in one
transaction, and never do two stand for the same thing.

All of it is the secretary's, of the body that the policy is of or of one above it. Nothing is mailed by any of this: the clock
plans the open turns anew.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker import clock, ladders
from tracker.ladders import Ladder, Rung
from tracker.models import Body, DeadlineRule, Obligation, Person, ReminderPolicy, Resolution
from workflows.steps.beats import said
from workflows.steps.bodies import BodyAct, NotTheMoment, acting_on_body, checked

MOST_RUNGS = 20
MOST_DAYS = 366
MOST_PER_ITEM = 20
MOST_GRACE = 60
State = ReminderPolicy.State


def draft_policy(  # noqa: PLR0913  (a policy has that many parts)
    body: Body,
    *,
    by: Person,
    name: str,
    resolution: Resolution | None = None,
    obligation: Obligation | None = None,
    kind: str = "",
    start_from: Ladder | None = None,
    rungs: Sequence[Rung] | None = None,
    most_per_item: int | None = None,
    grace_days: int | None = None,
    keeps_quiet: bool | None = None,
) -> ReminderPolicy:
    """A draft for a body and those below it, for a resolution, or for one duty; perhaps for one kind of duty alone. What is
    not given is as in `start_from`, else as in the ladder built in for the kind. It tells nobody before it is in force."""
    with acting_on_body(body, "set_policies", by=by) as act:
        first = start_from or ladders.built_in(obligation.kind if obligation else kind)
        policy = ReminderPolicy(
            body=act.body,
            resolution=resolution,
            obligation=obligation,
            kind=kind,
            scope=_scope(act.body, resolution, obligation, kind),
        )
        _fill(
            policy,
            name=name,
            rungs=first.rungs if rungs is None else rungs,
            most_per_item=first.most if most_per_item is None else most_per_item,
            grace_days=first.grace_days if grace_days is None else grace_days,
            keeps_quiet=first.keeps_quiet if keeps_quiet is None else keeps_quiet,
        )
        act.record(policy, "policy.drafted")
    return policy


def change_policy(  # noqa: PLR0913  (a policy has that many parts)
    draft: ReminderPolicy,
    *,
    by: Person,
    name: str | None = None,
    rungs: Sequence[Rung] | None = None,
    most_per_item: int | None = None,
    grace_days: int | None = None,
    keeps_quiet: bool | None = None,
) -> ReminderPolicy:
    """Other words, rungs or caps of a draft (None: as it is). What it is for stays: that is another draft."""
    with acting_on_body(draft.body, "set_policies", by=by) as act:
        draft = _draft(draft)
        before = _parts(draft)
        asked: dict[str, Any] = {
            "name": name,
            "rungs": None if rungs is None else tuple(rungs),
            "most_per_item": most_per_item,
            "grace_days": grace_days,
            "keeps_quiet": keeps_quiet,
        }
        _fill(draft, **{part: before[part] if value is None else value for part, value in asked.items()})
        if _parts(draft) == before:
            raise ValidationError(_("Nothing was changed."))
        act.record(draft, "policy.changed")
    return draft


def put_in_force(draft: ReminderPolicy, *, reason: str, by: Person) -> ReminderPolicy:
    """From now on the draft holds for what it is for, and the policy that held for just that ends by it. What was sent stays
    sent; what is planned is planned anew by the clock."""
    with acting_on_body(draft.body, "set_policies", by=by) as act:
        draft = _draft(draft)
        reason = said("reason", reason)
        _fill(draft, **_parts(draft))  # a document deadline may have been ended since
        standing = ReminderPolicy.objects.select_for_update(of=("self",), no_key=True).filter(
            scope=draft.scope, state=State.IN_FORCE
        )
        for before in standing.select_related("body"):
            _end(before, act, reason)
        draft.state, draft.in_force_since = State.IN_FORCE, clock.now()
        act.record(draft, "policy.put_in_force", words={"reason": reason})
    return draft


def end_policy(policy: ReminderPolicy, *, reason: str, by: Person) -> ReminderPolicy:
    """From now on the next nearest policy holds instead, or what is built in."""
    with acting_on_body(policy.body, "set_policies", by=by) as act:
        policy = _locked(policy)
        reason = said("reason", reason)
        if policy.state != State.IN_FORCE:
            raise NotTheMoment(_("This policy is not in force."), object=policy)
        _end(policy, act, reason)
    return policy


def drop_draft(draft: ReminderPolicy, *, by: Person, reason: str = "") -> ReminderPolicy:
    """Give a draft up. It stays on record and was never in force."""
    with acting_on_body(draft.body, "set_policies", by=by) as act:
        draft = _draft(draft)
        draft.state, draft.ended_at = State.ENDED, clock.now()
        act.record(draft, "policy.dropped", words={"reason": reason.strip()})
    return draft


def _end(policy: ReminderPolicy, act: BodyAct, reason: str) -> None:
    policy.state, policy.ended_at = State.ENDED, clock.now()
    act.record(policy, "policy.ended", words={"reason": reason})


def _locked(policy: ReminderPolicy) -> ReminderPolicy:
    found = ReminderPolicy.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("body__parent__parent", "obligation__responsible__parent__parent").get(pk=policy.pk)


def _draft(policy: ReminderPolicy) -> ReminderPolicy:
    found = _locked(policy)
    if found.state != State.DRAFT:
        words = {
            State.IN_FORCE: _("This policy is in force already and is not changed: draft another one in its place."),
            State.ENDED: _("This policy was ended or given up."),
        }
        raise NotTheMoment(words[State(found.state)], object=found)
    return found


# Its parts -------------------------------------------------------------------------------------------------------------


def _scope(body: Body, resolution: Resolution | None, obligation: Obligation | None, kind: str) -> str:
    """What a policy is for, as `policies.scopes` asks for it; ValidationError where the parts do not go together."""
    if kind and kind not in Obligation.Kind.values:
        raise ValidationError({"kind": _("There is no such kind of duty.")})
    if obligation is not None:
        if resolution is not None and resolution.pk != obligation.resolution_id:
            raise ValidationError({"obligation": _("That duty is not of this resolution.")})
        if kind:
            raise ValidationError({"kind": _("A duty has one kind: leave it out.")})
        if body not in _family(obligation):
            raise ValidationError({"obligation": _("Neither this body nor a group under it answers for that duty.")})
        return f"obligation:{obligation.pk}"
    if resolution is not None:
        if resolution.body_id != body.pk:
            raise ValidationError({"resolution": _("That resolution is of another body.")})
        return f"resolution:{resolution.pk}:{kind}"
    return f"body:{body.pk}:{kind}"


def _family(obligation: Obligation) -> list[Body]:
    """The bodies that may say how a duty is reminded of."""
    return [*obligation.responsible.lineage(), obligation.resolution.body]


def _parts(policy: ReminderPolicy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "rungs": ladders.read(policy.rungs),
        "most_per_item": policy.most_per_item,
        "grace_days": policy.grace_days,
        "keeps_quiet": policy.keeps_quiet,
    }


def _fill(  # noqa: PLR0913  (a policy has that many parts)
    policy: ReminderPolicy,
    *,
    name: str,
    rungs: Sequence[Rung],
    most_per_item: int,
    grace_days: int,
    keeps_quiet: bool,
) -> None:
    """The parts of a draft, as far as they can be kept; ValidationError names the part."""
    policy.name = said("name", name)
    policy.rungs = ladders.written(_sound(tuple(rungs), policy))
    policy.most_per_item = _between("most_per_item", most_per_item, 1, MOST_PER_ITEM)
    policy.grace_days = _between("grace_days", grace_days, 0, MOST_GRACE)
    policy.keeps_quiet = keeps_quiet
    checked(policy)


def _between(name: str, number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        words = _("Give a number between %(least)s and %(most)s.") % {"least": least, "most": most}
        raise ValidationError({name: words})
    return number


def _sound(rungs: tuple[Rung, ...], policy: ReminderPolicy) -> tuple[Rung, ...]:
    """The rungs, if they make a ladder that somebody can be promised; ValidationError says which one does not."""
    if not 1 <= len(rungs) <= MOST_RUNGS:
        words = _("Give between 1 and %(most)s reminders; these are %(number)s.")
        raise ValidationError({"rungs": words % {"most": MOST_RUNGS, "number": len(rungs)}})
    rules = _deadlines(policy, {rung.deadline for rung in rungs if rung.deadline is not None})
    wrong = [
        ValidationError(_("Reminder %(number)s: %(words)s"), params={"number": number, "words": words})
        for number, rung in enumerate(rungs, 1)
        if (words := _why_not(rung, rungs[: number - 1], rules))
    ]
    if not wrong and all(rung.audience != ladders.HOLDER for rung in rungs):
        wrong = [ValidationError(_("At least one reminder goes to whoever has the ball."))]
    if wrong:
        raise ValidationError({"rungs": wrong})
    return rungs


def _why_not(rung: Rung, before: tuple[Rung, ...], rules: frozenset[int]) -> str:
    """Why a rung cannot stand ("" where it can)."""
    if not -MOST_DAYS <= rung.days <= MOST_DAYS:
        return _("give at most %(most)s days before or after.") % {"most": MOST_DAYS}
    if rung.audience not in ladders.AUDIENCES:
        return _("choose who is told.")
    if rung.anchor not in ladders.ANCHORS:
        return _("choose what its days are counted from.")
    if rung.anchor == ladders.UNTOUCHED and rung.days < 1:
        return _("days without anything happening are counted from 1 on.")
    if (rung.anchor == ladders.DEADLINE) != (rung.deadline is not None):
        return _("name a document deadline just where its days are counted from one.")
    if rung.deadline is not None and rung.deadline not in rules:
        return _("no such document deadline stands for this body or one above it.")
    return _("the same stands above already.") if rung in before else ""


def _deadlines(policy: ReminderPolicy, asked: Iterable[int]) -> frozenset[int]:
    """Of some document deadlines, those that a policy may hang on: of its body or one above it, and not ended."""
    if not (wanted := set(asked)):
        return frozenset()
    bodies = {*policy.body.lineage(), *(policy.obligation.responsible.lineage() if policy.obligation else ())}
    found = DeadlineRule.objects.filter(pk__in=[one for one in wanted if abs(one) < 2**63], body__in=bodies)
    return frozenset(found.filter(ended_at=None).values_list("pk", flat=True))
