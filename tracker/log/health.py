"""How the log of the record is doing, for machines that watch: few rows are read, whatever the size of the record."""

from typing import Any

from django.db import DataError
from django.utils import timezone

from tracker import clock
from tracker.log import findings
from tracker.models import Check, Event, Head, Leaf
from tracker.models.legible import NO_MOMENT

BEHIND_SECONDS = 300  # the clock seals once a minute
MOST = 1_000  # waiting events that are counted
LOOK_BACK = 1_000  # ids before the newest sealed one: what was committed late waits there
BROKEN = ("tail", "exported", "head_signature", "head_missing")
SOUND, BEHIND, FINDINGS, STOPPED = "sound", "behind", "findings", "broken"


def health() -> dict[str, Any]:
    """As `_health`; where a row was spoilt past reading (a moment without end), that, so that machines which watch are
    answered all the same."""
    try:
        return _health()
    except (DataError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"[:200]
        standing = findings.standing().count()
        return {
            "state": FINDINGS,
            "head": None,
            "waiting": None,
            "last_check": None,
            "findings": standing,
            "unreadable": said,
        }


def _health() -> dict[str, Any]:
    """`state`: `sound`; `behind`, where events wait for more than five minutes to be sealed; `findings`, where a check found
    something that stands; `broken`, where the log does not go on from a head that was given out and nothing is sealed."""
    standing = findings.standing()
    kinds = set(standing.order_by().values_list("kind", flat=True).distinct())
    waiting = _waiting()
    late = waiting["oldest_seconds"] is not None and waiting["oldest_seconds"] > BEHIND_SECONDS
    state = STOPPED if kinds & set(BROKEN) else FINDINGS if kinds else BEHIND if late else SOUND
    return {
        "state": state,
        "head": _head(),
        "waiting": waiting,
        "last_check": _last_check(),
        "findings": standing.count() if kinds else 0,
    }


def _head() -> dict[str, Any] | None:
    """The newest signed head; None where nothing was sealed yet."""
    head = Head.objects.only("size", "signed_at").first()
    return {"events": head.size, "seconds_ago": _ago(head.signed_at)} if head else None


def _waiting() -> dict[str, Any]:
    """How many events wait to be sealed (a thousand at most are counted), and for how long the first has waited."""
    newest = Leaf.objects.order_by("-event_id").values_list("event_id", flat=True).first() or 0
    sealed = Leaf.objects.filter(event_id__gt=newest - LOOK_BACK).values("event_id")
    found = Event.objects.filter(pk__gt=newest - LOOK_BACK).exclude(pk__in=sealed).order_by("pk")
    moments = list(found.values_list("recorded_at", flat=True)[: MOST + 1])
    if NO_MOMENT in moments:
        raise ValueError("the moment of an event that waits to be sealed cannot be read")
    oldest = min(moments, default=None)
    return {
        "events": min(len(moments), MOST),
        "more": len(moments) > MOST,
        "oldest_seconds": round((clock.now() - oldest).total_seconds(), 1) if oldest else None,
    }


def _last_check() -> dict[str, Any] | None:
    """The last check of the whole record that ended."""
    ended = Check.objects.filter(since=0, state__in=[Check.State.PASSED, Check.State.FAILED])
    check = ended.order_by("-pk").first()
    if check is None or check.ended_at is None:
        return None
    return {"state": str(check.state), "seconds_ago": _ago(check.ended_at), "found": check.found}


def _ago(moment: Any) -> float:
    return round((timezone.now() - moment).total_seconds(), 1)
