"""Ladders of reminders: which day each rung falls on. Pure: rungs and days in, days out. No Django, no clock, no database.

A ladder is what a policy says, as a value: `policies` reads it from the database, beneath it stand those built in here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HOLDER, ALTERNATE, CONTRIBUTORS = "holder", "alternate", "contributors"
CHAIR, SECRETARIAT = "chair", "secretariat"
AUDIENCES = (HOLDER, ALTERNATE, CONTRIBUTORS, CHAIR, SECRETARIAT)
DUE, DEADLINE, UNTOUCHED = "due", "deadline", "untouched"
ANCHORS = (DUE, DEADLINE, UNTOUCHED)


@dataclass(frozen=True)
class Rung:
    """One reminder: so many days (or working days) before (negative) or after what it hangs on, to whom. `deadline` is the
    key of the document deadline that it hangs on, where it hangs on one."""

    days: int
    audience: str = HOLDER
    anchor: str = DUE
    working: bool = False
    deadline: int | None = None


@dataclass(frozen=True)
class Ladder:
    """A policy as a value. `policy` is its key, None for one that is built in."""

    name: str
    rungs: tuple[Rung, ...]
    most: int = 6
    grace_days: int = 3
    keeps_quiet: bool = True
    policy: int | None = None


def written(rungs: tuple[Rung, ...]) -> list[dict[str, Any]]:
    """Rungs as JSON, as `ReminderPolicy.rungs` keeps them."""
    return [
        {
            "days": one.days,
            "audience": one.audience,
            "anchor": one.anchor,
            "working": one.working,
            "deadline": one.deadline,
        }
        for one in rungs
    ]


def read(rungs: list[Mapping[str, Any]]) -> tuple[Rung, ...]:
    """The reverse of `written`."""
    return tuple(Rung(**one) for one in rungs)


def _ladder(name: str, holder: tuple[int, ...], chair: tuple[int, ...], secretariat: tuple[int, ...]) -> Ladder:
    told = ((HOLDER, holder), (CHAIR, chair), (SECRETARIAT, secretariat))
    return Ladder(name, tuple(Rung(days, audience) for audience, all_days in told for days in all_days))


GENERAL = _ladder("general", (-30, -14, -3, 1, 8, 15), (8,), (15,))
ANNUAL_REPORT = _ladder("annual report", (-60, -30, -14, -3, 1, 8), (1, 8), (15,))
FINAL_REPORT = _ladder("final report", (-120, -60, -30, -14, -3, 1), (-14, 1), (1, 8))
BUILT_IN: dict[str, Ladder] = {"each_session": ANNUAL_REPORT, "once": FINAL_REPORT}
"""By kind of duty; `GENERAL` for all others. Escalation goes up, and not louder: whoever has the ball hears six times at most."""


def built_in(kind: str) -> Ladder:
    """The ladder of a kind of duty for which no policy is in force."""
    return BUILT_IN.get(kind, GENERAL)
