"""Checks of the record as rows: asked for by a person or due once a day, done by the clock, one at a time.

A check is taken by a conditional update, so two workers do one. While it runs it beats; one whose worker was killed stops
beating, is marked as broken and asked for anew. Moments are real time, whatever the clock of the register says.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from tracker.log import findings, verifying
from tracker.models import Check, Finding, Head, Heartbeat, Person

State = Check.State
WAITING = (State.ASKED, State.RUNNING)
ENDED = (State.PASSED, State.FAILED)
EVERY = timedelta(days=1)
SILENCE = timedelta(minutes=10)  # a check that says nothing for so long has lost its worker
BEAT_SECONDS = 1.0
_BEAT = "check"


def ask(*, by: Person | None) -> Check:
    """Ask for a check of the whole record; one that waits or is under way already will do."""
    if standing := under_way():
        return standing
    asked, _made = Check.objects.get_or_create(state=State.ASKED, defaults={"asked_by": by, "asked_at": timezone.now()})
    return asked


def under_way() -> Check | None:
    """The check that waits for the worker or is running."""
    return Check.objects.filter(state__in=WAITING).order_by("pk").first()


def living() -> QuerySet[Check]:
    """What pages call waiting or under way: not one whose worker has said nothing for long. The next round gives that one up;
    but a worker that was killed may be long in coming back."""
    since = timezone.now() - SILENCE
    beats = Exists(Heartbeat.objects.filter(name=_BEAT, beat_at__gte=since))
    alive = Q(state=State.RUNNING) & (Q(started_at__gte=since) | beats)
    return Check.objects.filter(Q(state=State.ASKED) | alive).order_by("pk")


def latest() -> Check | None:
    """The last check of the whole record that ended."""
    return Check.objects.filter(since=0, state__in=ENDED).order_by("-ended_at", "-pk").first()


def run_due() -> Check | None:
    """Do the check that waits, or the day's; the check that was done. Nothing while another worker is at one."""
    _give_up_the_dead()
    if under_way() is None and _day_is_over():
        ask(by=None)
    check = Check.objects.filter(state=State.ASKED).order_by("pk").first()
    if check is None or not _take(check):
        return None
    try:
        report = verifying.verify(progress=_Progress(check.pk))
    except BaseException:
        _end(check, State.BROKEN)
        raise
    return _keep(check, report)


def _take(check: Check) -> bool:
    """Whether this worker is the one that does it."""
    try:
        with transaction.atomic():
            Heartbeat.objects.update_or_create(name=_BEAT, defaults={"beat_at": timezone.now(), "note": str(check.pk)})
            taken = Check.objects.filter(pk=check.pk, state=State.ASKED).update(
                state=State.RUNNING, started_at=timezone.now()
            )
    except IntegrityError:  # another one is running: the database allows one
        return False
    return bool(taken)


def _give_up_the_dead() -> None:
    """A check that has lost its worker is broken; what it was asked for is asked for anew."""
    now = timezone.now()
    lately = (now - SILENCE, now + SILENCE)  # a moment that is still to come says nothing: a clock was put back
    alive = Heartbeat.objects.filter(name=_BEAT, beat_at__range=lately).exists()
    running = Check.objects.filter(state=State.RUNNING).exclude(started_at__range=lately).first()
    if running is not None and not alive and _end(running, State.BROKEN):
        ask(by=running.asked_by)


def _day_is_over() -> bool:
    """Whether the last check of the whole record is long enough ago, or there is none and the log has begun: so that pages say
    from its first head on that it was checked. One that broke counts: it is not tried in every round. One of a day that is
    still to come does not: a clock was put back."""
    soon = timezone.now() + SILENCE
    last = Check.objects.filter(since=0, asked_at__lte=soon).order_by("-pk").values_list("asked_at", flat=True).first()
    if last is not None:
        return last <= timezone.now() - EVERY
    return Head.objects.exists()


class _Progress:
    """Writes how far a check has come, now and then."""

    def __init__(self, pk: int, now: Callable[[], float] = time.monotonic) -> None:
        self._pk = pk
        self._now = now
        self._told = 0.0

    def __call__(self, done: int, total: int) -> None:
        if self._now() - self._told < BEAT_SECONDS and done < total:
            return
        self._told = self._now()
        Check.objects.filter(pk=self._pk, state=State.RUNNING).update(done=done, total=total)
        Heartbeat.objects.filter(name=_BEAT).update(beat_at=timezone.now())


def _end(check: Check, state: str) -> bool:
    """End it, unless it was ended by somebody else."""
    ended = Check.objects.filter(pk=check.pk, state=State.RUNNING)
    return bool(ended.update(state=state, ended_at=timezone.now()))


def _keep(check: Check, report: verifying.Report) -> Check:
    """Write down what a check saw; a finding that the whole record no longer shows is gone. What a witness found is gone
    when the witness says so."""
    with transaction.atomic():
        findings.keep(report.findings, check=check)
        if report.found == len(report.findings):
            keys = {found.key for found in report.findings}
            standing = findings.standing().values_list("pk", "key", "facts")
            gone = [pk for pk, key, facts in standing if key not in keys and "witness" not in facts]
            Finding.objects.filter(pk__in=gone).update(gone_at=timezone.now())
        Check.objects.filter(pk=check.pk, state=State.RUNNING).update(
            state=State.FAILED if report.found else State.PASSED,
            ended_at=timezone.now(),
            done=report.events,
            total=report.events,
            size=report.size,
            root=report.root,
            found=report.found,
        )
    check.refresh_from_db()
    return check
