"""Policies of reminders as steps: drafted, changed, put in force, ended, given up, on record, by the secretary alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django_fsm import TransitionNotAllowed

from tests.people import World
from tests.record import verified
from tracker import access, clock, history, ladders
from tracker.ladders import Rung
from tracker.models import Body, Event, Obligation, Person, ReminderPolicy, Resolution
from tracker.policies import Policies
from workflows import steps

FEW = (Rung(-14), Rung(1), Rung(8, "chair"))


def drafted(world: World, **given: Any) -> ReminderPolicy:
    """A draft of the secretary's, for the group unless said otherwise."""
    body = given.pop("body", world.group)
    return steps.draft_policy(body, **{"by": world.secretary, "name": "Fewer reminders", "rungs": FEW, **given})


def in_force(world: World, **given: Any) -> ReminderPolicy:
    return steps.put_in_force(drafted(world, **given), reason="Too many mails.", by=world.secretary)


def holds(world: World) -> str:
    """The name of the ladder that holds for the duty of the small world."""
    duty = Obligation.objects.select_related("responsible__parent__parent").get(pk=world.obligation.pk)
    return Policies.in_force().of(duty).name


def verbs() -> list[str]:
    return list(Event.objects.filter(verb__startswith="policy.").order_by("pk").values_list("verb", flat=True))


# ── drafts ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_draft_starts_from_what_is_built_in_for_its_kind(world: World):
    draft = steps.draft_policy(world.group, by=world.secretary, name="As it is", kind="once")

    assert ladders.read(draft.rungs) == ladders.FINAL_REPORT.rungs
    assert (draft.scope, draft.state, draft.in_force_since) == (f"body:{world.group.pk}:once", "draft", None)
    assert verbs() == ["policy.drafted"]


def test_draft_starts_from_any_ladder(world: World):
    draft = steps.draft_policy(
        world.group, by=world.secretary, name="As the other", start_from=ladders.Ladder("x", FEW, 3, 5, False)
    )

    assert ladders.read(draft.rungs) == FEW
    assert (draft.most_per_item, draft.grace_days, draft.keeps_quiet) == (3, 5, False)


def test_draft_holds_for_nothing(world: World):
    drafted(world)

    assert holds(world) == ladders.ANNUAL_REPORT.name


def test_draft_is_changed_part_by_part(world: World):
    draft = drafted(world)

    changed = steps.change_policy(draft, by=world.secretary, most_per_item=4)

    assert (changed.most_per_item, changed.name, ladders.read(changed.rungs)) == (4, "Fewer reminders", FEW)
    assert Event.objects.latest("pk").changes == {"most_per_item": [6, 4]}
    with pytest.raises(ValidationError, match="Nothing was changed"):
        steps.change_policy(changed, by=world.secretary, most_per_item=4)


def test_draft_that_is_given_up_was_never_in_force(world: World):
    draft = steps.drop_draft(drafted(world), by=world.secretary)

    assert (draft.state, draft.in_force_since) == ("ended", None)
    assert verbs() == ["policy.drafted", "policy.dropped"]
    for step in (
        lambda: steps.change_policy(draft, by=world.secretary, grace_days=1),
        lambda: steps.put_in_force(draft, by=world.secretary, reason="After all."),
        lambda: steps.drop_draft(draft, by=world.secretary),
    ):
        with pytest.raises(TransitionNotAllowed):
            step()


# ── in force ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nearest_policy_in_force_wins_and_ending_goes_back_to_the_next(world: World):
    scopes: list[dict[str, Any]] = [
        {"body": world.council},
        {"body": world.council, "kind": "each_session"},
        {"body": world.group},
        {"body": world.group, "kind": "each_session"},
        {"body": world.council, "resolution": world.resolution},
        {"body": world.council, "resolution": world.resolution, "kind": "each_session"},
        {"obligation": world.obligation},
    ]
    policies = []
    for number, scope in enumerate(scopes):
        policies.append(in_force(world, name=str(number), **scope))
        assert holds(world) == str(number)

    for number in reversed(range(len(scopes))):
        steps.end_policy(policies[number], by=world.secretary, reason="Back.")
        assert holds(world) == (str(number - 1) if number else ladders.ANNUAL_REPORT.name)


def test_policy_for_another_kind_does_not_hold(world: World):
    in_force(world, kind="once")

    assert holds(world) == ladders.ANNUAL_REPORT.name


def test_putting_in_force_ends_what_stood_in_one_act(world: World):
    first = in_force(world, name="First")

    second = in_force(world, name="Second")

    first.refresh_from_db()
    assert (first.state, first.ended_at is not None, second.state) == ("ended", True, "in_force")
    put, ended = Event.objects.filter(verb__in=["policy.put_in_force", "policy.ended"]).order_by("-pk")[:2]
    assert (put.verb, ended.verb, put.request_id) == ("policy.put_in_force", "policy.ended", ended.request_id)
    assert put.words.words == {"reason": "Too many mails."}
    assert verified() > 0


def test_policy_in_force_is_never_changed(world: World):
    policy = in_force(world)

    for step in (
        lambda: steps.change_policy(policy, by=world.secretary, grace_days=1),
        lambda: steps.put_in_force(policy, by=world.secretary, reason="Again."),
        lambda: steps.drop_draft(policy, by=world.secretary),
    ):
        with pytest.raises(TransitionNotAllowed, match="in force already"):
            step()


def test_ended_policy_is_not_ended_again(world: World):
    policy = steps.end_policy(in_force(world), by=world.secretary, reason="Enough.")

    with pytest.raises(TransitionNotAllowed):
        steps.end_policy(policy, by=world.secretary, reason="Twice.")
    with pytest.raises(TransitionNotAllowed):
        steps.end_policy(drafted(world), by=world.secretary, reason="Never in force.")


def test_deadline_that_was_ended_meanwhile_keeps_a_draft_from_force(world: World):
    rule = steps.add_deadline_rule(world.council, name="Papers", days_before=14, by=world.secretary)
    draft = drafted(world, rungs=(Rung(-3, anchor="deadline", deadline=rule.pk),))
    steps.end_deadline_rule(rule, by=world.secretary, reason="Done with.")

    with pytest.raises(ValidationError, match="no such document deadline"):
        steps.put_in_force(draft, by=world.secretary, reason="Now.")


# ── refusals: nothing has changed ──────────────────────────────────────────────────────────────────────────────────────

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"name": " "}, "name", "goes on record"),
    ({"name": "nul \x00"}, "name", "cannot be kept"),
    ({"name": "x" * 161}, "name", "160"),
    ({"kind": "yearly"}, "kind", "no such kind"),
    ({"rungs": ()}, "rungs", "between 1 and 20"),
    ({"rungs": tuple(Rung(-one) for one in range(1, 22))}, "rungs", "these are 21"),
    ({"rungs": (Rung(-367),)}, "rungs", "Reminder 1: give at most 366 days"),
    ({"rungs": (Rung(367),)}, "rungs", "366"),
    ({"rungs": (Rung(10**30),)}, "rungs", "366"),
    ({"rungs": (Rung(1, "everybody"),)}, "rungs", "who is told"),
    ({"rungs": (Rung(1, anchor="moon"),)}, "rungs", "counted from"),
    ({"rungs": (Rung(0, anchor="untouched"),)}, "rungs", "from 1 on"),
    ({"rungs": (Rung(-3, anchor="untouched"),)}, "rungs", "from 1 on"),
    ({"rungs": (Rung(-3, anchor="deadline"),)}, "rungs", "name a document deadline"),
    ({"rungs": (Rung(-3, deadline=1),)}, "rungs", "name a document deadline"),
    ({"rungs": (Rung(-3, anchor="deadline", deadline=10**30),)}, "rungs", "no such document deadline"),
    ({"rungs": (Rung(-3), Rung(1), Rung(-3))}, "rungs", "Reminder 3: the same stands above"),
    ({"rungs": (Rung(-3, "chair"), Rung(1, "secretariat"))}, "rungs", "whoever has the ball"),
    ({"most_per_item": 0}, "most_per_item", "between 1 and 20"),
    ({"most_per_item": 21}, "most_per_item", "between 1 and 20"),
    ({"grace_days": -1}, "grace_days", "between 0 and 60"),
    ({"grace_days": 61}, "grace_days", "between 0 and 60"),
]


@pytest.mark.parametrize(("wrong", "field", "words"), REFUSED)
def test_absurd_drafts_are_refused_and_change_nothing(world: World, wrong: dict[str, Any], field: str, words: str):
    with pytest.raises(ValidationError) as refused:
        drafted(world, **wrong)

    assert words in " ".join(refused.value.message_dict[field])
    assert not ReminderPolicy.objects.exists()


@pytest.mark.parametrize(("wrong", "field", "words"), [one for one in REFUSED if "kind" not in one[0]])
def test_absurd_changes_are_refused_and_change_nothing(world: World, wrong: dict[str, Any], field: str, words: str):
    draft = drafted(world)
    before = ReminderPolicy.objects.values().get()

    with pytest.raises(ValidationError) as refused:
        steps.change_policy(draft, by=world.secretary, **wrong)

    assert words in " ".join(refused.value.message_dict[field])
    assert ReminderPolicy.objects.values().get() == before


def test_deadline_of_another_body_is_refused(world: World):
    board = Body.objects.create(slug="board", name="Another board", short_name="Board")
    theirs = board.deadline_rules.create(slug="papers", name="Papers", days_before=9)
    below = world.group.deadline_rules.create(slug="papers", name="Papers", days_before=9)

    for rule in (theirs, below):
        with pytest.raises(ValidationError, match="no such document deadline"):
            drafted(world, body=world.council, rungs=(Rung(-3, anchor="deadline", deadline=rule.pk),))
    assert drafted(world, rungs=(Rung(-3, anchor="deadline", deadline=below.pk),)).pk


def test_what_a_policy_is_for_goes_together(world: World):
    board = Body.objects.create(slug="board", name="Another board", short_name="Board")
    other = Resolution.objects.create(body=board, slug="b1", symbol="Text 1")

    for wrong, field in (
        ({"body": world.council, "resolution": other}, "resolution"),
        ({"resolution": world.resolution}, "resolution"),  # the group is not whose text it is
        ({"obligation": world.obligation, "kind": "once"}, "kind"),
        ({"obligation": world.obligation, "resolution": other}, "obligation"),
    ):
        with pytest.raises(ValidationError) as refused:
            drafted(world, **wrong)
        assert field in refused.value.message_dict
    assert drafted(world, obligation=world.obligation, resolution=world.resolution).scope == (
        f"obligation:{world.obligation.pk}"
    )


@pytest.mark.parametrize("step", ["put_in_force", "end_policy"])
def test_reason_is_asked_for(world: World, step: str):
    policy = drafted(world) if step == "put_in_force" else in_force(world)

    with pytest.raises(ValidationError) as refused:
        getattr(steps, step)(policy, by=world.secretary, reason="  ")

    assert "reason" in refused.value.message_dict


# ── who may, and who reads ─────────────────────────────────────────────────────────────────────────────────────────────

ACTS: dict[str, Callable[[World, ReminderPolicy, Person], Any]] = {
    "draft": lambda world, _draft, by: drafted(world, by=by),
    "change": lambda _world, draft, by: steps.change_policy(draft, by=by, grace_days=1),
    "force": lambda _world, draft, by: steps.put_in_force(draft, by=by, reason="Mine."),
    "end": lambda _world, draft, by: steps.end_policy(draft, by=by, reason="Mine."),
    "drop": lambda _world, draft, by: steps.drop_draft(draft, by=by),
}


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize(
    "who", ["chair", "council_chair", "vice_chair", "contributor", "councillor", "auditor", "outsider"]
)
def test_policies_are_the_secretarys(world: World, act: str, who: str):
    draft = drafted(world)
    before = ReminderPolicy.objects.values().get()

    with pytest.raises(PermissionDenied):
        ACTS[act](world, draft, world.people[who])

    assert ReminderPolicy.objects.values().get() == before


def test_policy_in_force_is_read_by_every_account_and_a_draft_by_who_may_change_it(world: World):
    policy, draft = in_force(world), drafted(world)

    assert {who for who in world.people if policy in access.policies(world.people[who])} == set(world.people)
    assert {who for who in world.people if draft in access.policies(world.people[who])} == {"secretary"}
    assert access.policy(world.outsider, policy.pk) == policy
    with pytest.raises(Http404):
        access.policy(world.outsider, draft.pk)


def test_policy_of_a_restricted_text_is_read_by_who_may_read_the_text(world: World):
    secret = Resolution.objects.create(body=world.council, slug="r2", symbol="Secret text", visibility="restricted")
    policy = in_force(world, body=world.council, resolution=secret)

    assert policy in access.policies(world.secretary)
    assert policy not in access.policies(world.councillor)
    about = Event.objects.filter(subject_type="reminderpolicy")
    assert access.events(world.secretary).filter(pk__in=about).count() == 2
    assert not access.events(world.councillor).filter(pk__in=about).exists()


def test_history_says_the_rungs_in_words(world: World):
    draft = drafted(world)
    steps.change_policy(draft, by=world.secretary, rungs=(*FEW, replace(FEW[0], days=-5, working=True)))

    lines = history.lines(access.events(world.secretary).filter(subject_type="reminderpolicy"), reader=world.secretary)

    said = " ".join(f"{change.before} → {change.after}" for line in lines for change in line.changes)
    assert "14 days before the due day: whoever has the ball" in said
    assert "5 working days before the due day" in said
    assert "{" not in said


def test_moment_of_force_is_the_clocks(world: World):
    policy = in_force(world)

    assert abs((policy.in_force_since - clock.now()).total_seconds()) < 60
