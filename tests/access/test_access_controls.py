"""The controls: one permission at a time is taken away or given too far, and each time the matrix says so."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import resolve
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from tests.access.matrix import Caller, Cell, cells, wrong
from tests.access.rules import API, NOBODY, ROLES, STEPS
from tests.access.stage import Stage
from tracker import access
from tracker.access import BODY_GRANTS, GRANTS, TALK, finding, seeing, talking, telling
from tracker.models import (
    CalendarFeed,
    Evidence,
    HandOver,
    Notice,
    Obligation,
    Person,
    Resolution,
    SavedFilter,
    Substitution,
    Version,
)

# Asked once, not per database.
pytestmark = pytest.mark.once


def red(stage: Stage, found: Iterable[Cell], roles: Iterable[str], methods: Iterable[str] = ("GET", "POST")) -> str:
    """The first cell that is wrong, or ""; a view that breaks is wrong too."""
    found = list(found)
    for role in roles:
        caller = Caller(stage, role)
        for cell in found:
            for method in methods:
                failure = f"{role} {method} {cell.url} broke"
                with suppress(Exception):
                    failure = wrong(caller, cell, method)
                if failure:
                    return failure
    return ""


def of_step(stage: Stage, step: str) -> list[Cell]:
    """The cells of a step on the occurrence of ours, page and API."""
    return [cell for cell in cells(stage) if cell.step == step and cell.thing == "own"]


def test_each_grant_on_an_occurrence_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    unseen = []
    for step, who in STEPS.items():
        found = [cell for cell in of_step(stage, step) if cell.rule.door == API]
        holders = [role for role in ROLES if role in who.split()]
        for given in ((), (*GRANTS[step], "councillor")):
            with monkeypatch.context() as patch:
                patch.setitem(GRANTS, step, given)
                if not red(stage, found, ("councillor",) if given else holders, ("POST",)):
                    unseen.append((step, given))

    assert unseen == []


def test_each_capacity_of_each_grant_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """One name out of a row of the table is enough. What only a second capacity of the same person gives is not seen by
    it."""
    unseen = []
    for step in STEPS:
        found = [cell for cell in of_step(stage, step) if cell.rule.door == API]
        for capacity in GRANTS[step]:
            with monkeypatch.context() as patch:
                patch.setitem(GRANTS, step, tuple(one for one in GRANTS[step] if one != capacity))
                role = {"lead": "contributor", "contributor": "helper", "endorser": "chair"}.get(capacity, capacity)
                if not red(stage, found, [role] if role in ROLES else [], ("POST",)):
                    unseen.append((step, capacity))

    assert unseen == []


def test_each_grant_on_a_body_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    by_step: dict[str, list[Cell]] = {}
    for cell in cells(stage):
        step = getattr(getattr(resolve(cell.url).func, "view_class", None), "step", "")
        if step in BODY_GRANTS and cell.thing == "own":
            by_step.setdefault(step, []).append(cell)
    by_step["confirm_intake"] = [cell for cell in cells(stage) if cell.rule.kind == "duty" and cell.thing == "own"]
    unseen = []
    for step, found in by_step.items():
        for given, role in (((), "secretary"), (("secretary", "councillor"), "councillor")):
            with monkeypatch.context() as patch:
                patch.setitem(BODY_GRANTS, step, given)
                if not red(stage, found, [role]):
                    unseen.append((step, role))

    assert len(by_step) >= 8
    assert unseen == []


@pytest.mark.parametrize(
    ("act", "given", "role", "thing"),
    [
        ("comment", (), "contributor", "own"),
        ("comment", ("reader",), "outsider", "open"),
        ("take_back_comment", ("author",), "secretary", "own"),
        ("take_back_comment", ("secretary",), "contributor", "own"),
        ("take_back_comment", ("author", "secretary", "family", "reader"), "helper", "own"),
        ("watch", (), "outsider", "open"),
    ],
)
def test_each_grant_beside_the_path_is_tried(
    stage: Stage, act: str, given: tuple[str, ...], role: str, thing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"comment": "comments", "take_back_comment": "comment_take_back", "watch": "watch"}
    found = [cell for cell in cells(stage) if cell.address.name == names[act] and cell.thing == thing]
    assert red(stage, found, [role], ("POST",)) == ""

    monkeypatch.setitem(TALK, act, given)

    assert red(stage, found, [role], ("POST",))


# What is a person's own: the name of its address, and what opens it to everybody.
OWN: dict[str, tuple[str, Callable[..., Any]]] = {
    "feeds": ("feed_end", lambda _person: CalendarFeed.objects.filter(ended_at=None)),
    "saved_filters": ("saved_filter_delete", lambda _person, _page="": SavedFilter.objects.all()),
    "substitutions": ("absence-end", lambda _person: Substitution.objects.all()),
    "hand_overs": ("hand-over", lambda _person: HandOver.objects.order_by("pk")),
    "notifications": ("notification_follow", lambda _person: Notice.objects.filter(arrived_at__isnull=False)),
    "comments": ("comment_take_back", lambda _person, found: found),
}


@pytest.mark.parametrize("name", OWN)
def test_each_filter_of_what_is_a_persons_own_is_tried(
    stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, opened = OWN[name]
    found = [cell for cell in cells(stage) if cell.address.name == address]
    for module in (access, finding, seeing, talking, telling):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, opened)

    assert red(stage, found, ["outsider", "councillor"])


# What each noun's own fetch lets through when it asks nobody.
OPENED: dict[str, Callable[..., Any]] = {
    "occurrences": lambda _person: seeing._turns(),
    "resolutions": lambda _person: Resolution.objects.select_related("body"),
    "versions": lambda _person: Version.objects.select_related("resolution__body", "adopted_at"),
    "obligations": lambda _person: Obligation.objects.select_related("paragraph", "resolution__body", "responsible"),
    "papers": lambda _person, found: found,
    "public_reports": seeing.Report.objects.all,
    "public_evidence": Evidence.objects.all,
}


@pytest.mark.parametrize("name", OPENED)
def test_each_filter_of_what_is_seen_is_tried(stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (seeing, access):
        monkeypatch.setattr(module, name, OPENED[name])
    shut = [
        cell
        for cell in cells(stage)
        if cell.thing in {"foreign", "restricted", "own", ""} and (not cell.step or cell.step == "assign")
    ]

    assert red(stage, shut, ["contributor", "anonymous", "auditor"], ("GET",))


@pytest.mark.parametrize(
    ("name", "opened", "address", "role"),
    [
        ("require_ledger", lambda _person: None, "ledger", "councillor"),
        ("notice", lambda _person, number: Notice.objects.filter(pk=number).first(), "api-notices-detail", "outsider"),
    ],
)
def test_each_guard_of_the_ledger_is_tried(
    stage: Stage, name: str, opened: Callable[..., Any], address: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [cell for cell in cells(stage) if cell.address.name == address and cell.thing != "missing"]
    assert red(stage, found, [role], ("GET",)) == ""

    monkeypatch.setattr(access, name, opened)

    assert red(stage, found, [role], ("GET",))


def test_the_list_of_accounts_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pages ask for the role before they ask what may be seen: either guard holds, the first is the one that shows."""
    monkeypatch.setattr(access, "roles", lambda _person: {"secretary"})

    assert red(stage, [cell for cell in cells(stage) if cell.address.name in {"people", "invite"}], ["councillor"])


def test_each_door_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the question whether somebody is logged in, each view that asks it stands open, and is seen to."""
    pages = [cell for cell in cells(stage) if cell.thing in {"own", ""}]
    mixed = {cell.address.name: cell for cell in pages if _is(cell, LoginRequiredMixin)}
    api = {cell.address.name: cell for cell in pages if cell.rule.door == API}
    unseen = []
    with monkeypatch.context() as patch:
        patch.setattr(LoginRequiredMixin, "dispatch", past_the_door)
        unseen += [name for name, cell in mixed.items() if not red(stage, [cell], ["anonymous"])]
    with monkeypatch.context() as patch:
        patch.setattr(APIView, "get_permissions", lambda _self: [AllowAny()])
        for name, cell in api.items():
            method = "GET" if cell.rule.read is not NOBODY else "POST"
            if not red(stage, [cell], ["anonymous"], (method,)):
                unseen.append(name)

    assert len(mixed) > 15
    assert len(api) > 20
    assert unseen == []


def past_the_door(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The view without its mixin's question."""
    return super(LoginRequiredMixin, self).dispatch(*args, **kwargs)  # type: ignore[misc]


def _is(cell: Cell, mixin: type) -> bool:
    view = getattr(resolve(cell.url).func, "view_class", None)
    return view is not None and issubclass(view, mixin)


def test_an_account_that_stays_known_after_its_end_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    Person.objects.filter(pk=stage.people["deactivated"].pk).update(is_active=True)
    found = [cell for cell in cells(stage) if cell.address.name in {"tasks", "api-occurrences-list"}]

    assert red(stage, found, ["deactivated"], ("GET",))
    assert red(stage, found, ["dead_token"], ("GET",))


def test_substitution_that_counts_for_nothing_is_tried(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Substitution.objects, "filter", lambda *_a, **_k: Substitution.objects.none())

    assert red(stage, of_step(stage, "endorse"), ["substitute"], ("POST",))


def test_nothing_is_red_where_nothing_was_changed(stage: Stage) -> None:
    """The control of the controls."""
    assert red(stage, of_step(stage, "endorse"), ["chair", "councillor", "outsider"]) == ""
