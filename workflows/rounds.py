"""One round of the clock: what happens when the worker looks around. The database decides what is due; this only asks.

Each part of a round is tried whatever became of the others, and every part can be run again, or by two workers at once.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from tracker import audit, clock, ticking
from tracker.log import checks, published, sealing, witness
from tracker.models import Heartbeat, Means
from workflows import notices, reminders, steps

log = logging.getLogger(__name__)
DAYS_MISSED = 2  # so many days without a round are nothing unusual


@dataclass
class Round:
    """What one round did, and which of its parts failed."""

    turns: int = 0
    erased: int = 0
    sealed: int = 0
    events: int = 0
    planned: int = 0
    mails: int = 0
    sent: int = 0
    found: int = 0
    failed: list[str] = field(default_factory=list)
    went_well: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        words = (
            f"{self.events} events heard of, {self.sealed} sealed, {self.planned} reminders planned, "
            f"{self.mails} mails made, {self.sent} sent"
        )
        if self.found:
            words += f", {self.found} findings in the record"
        return f"{words}; failed: {', '.join(self.failed)}" if self.failed else words


def run() -> Round:
    """One round: new turns and a sweep once a day; then what happened, what is due, and the mails of it."""
    done = Round()
    with audit.acting(Means.CLOCK):
        _part(done, "horizon", lambda: _once_a_day("horizon", lambda: _roll(done)))
        _part(done, "sweep", lambda: _once_a_day("sweep", lambda: _sweep(done)))
        _part(done, "reminders", lambda: _look_on(done))
        _part(done, "retention", lambda: _once_a_day("retention", lambda: _apply_retention(done)))
        _part(done, "events", lambda: _hear(done, everything=False))
        _part(done, "seal", lambda: _seal(done))
        _part(done, "tabled", _sign_tabled)
        _part(done, "alarms", lambda: _alarm(done))
        _part(done, "mails", lambda: _gather(done))
        _part(done, "post", lambda: _send(done))
        _part(done, "heads", _give_heads)
        _part(done, "check", lambda: _check(done))
    ticking.went_well(done.went_well)
    ticking.beat(ticking.CLOCK, str(done))
    return done


def _part(done: Round, name: str, part: Callable[[], None]) -> None:
    try:
        part()
    except Exception as error:  # the other parts of the round must not wait for it
        log.exception("The part %r of the round failed.", name)
        done.failed.append(name)
        ticking.failed(name, error)
    else:
        done.went_well.append(name)


def _once_a_day(name: str, part: Callable[[], None]) -> None:
    """Do it in the first round of each day of the clock; a part that fails is tried again in the next round."""
    today = clock.today().isoformat()
    if not Heartbeat.objects.filter(name=name, note=today).exists():
        part()
        ticking.beat(name, today)


def _roll(done: Round) -> None:
    """What an earlier version of the path left open goes on under the present one; then the turns that are new."""
    steps.carry_over()
    done.turns = steps.roll()


def _sweep(done: Round) -> None:
    """Whatever a single round may have missed."""
    _hear(done, everything=True)
    done.planned += reminders.sweep() + notices.plan_weekly()


def _look_on(done: Round) -> None:
    """A slice of all there is, so that nothing hangs on what was heard."""
    done.planned += reminders.look_on()


def _sign_tabled() -> None:
    """What was tabled gets its signature: web processes need not have the key."""
    steps.sign_tabled()


def _apply_retention(done: Round) -> None:
    """What is erased never comes back, so a day is let pass where days are missing since the last time: the worker may have
    been away, or the clock of the machine has run ahead and is put back soon."""
    last = Heartbeat.objects.filter(name="retention").values_list("note", flat=True).first()
    if last and (clock.today() - date.fromisoformat(last)).days > DAYS_MISSED:
        log.warning(
            "Retention was last applied on %s: what is old enough goes tomorrow, should the clock be right.", last
        )
        return
    done.erased = steps.apply_retention()


def _hear(done: Round, *, everything: bool) -> None:
    """New events: the reminders of what they touch first, then who hears of them; the mark that it was done comes last."""
    while events := notices.unannounced(everything=everything):
        done.planned += reminders.plan(reminders.touched(events))
        told = notices.announce(events)
        done.events += told
        if told < len(events):
            raise RuntimeError(f"{len(events) - told} events could not be announced.")


def _seal(done: Round) -> None:
    """What was written gets its place in the log (before its first, what an earlier version left out, too), and the
    log's head goes where the database's owner cannot reach."""
    steps.take_in()
    try:
        sealed = sealing.seal()
    except published.LogBroken as broken:
        published.keep(broken)
        raise
    done.sealed = sealed.added
    published.write()
    if sealed.refused:
        raise RuntimeError(f"{len(sealed.refused)} events are not sealed: they were not written by Resolves.")


def _alarm(done: Round) -> None:
    """What was found wrong with the record, told once."""
    done.mails += notices.alarm()


def _check(done: Round) -> None:
    """Last, as it may take a minute: the check of the record that somebody asked for, or the day's."""
    check = checks.run_due()
    done.found = check.found if check else 0


def _gather(done: Round) -> None:
    done.mails += notices.gather(reminders.needless)


def _send(done: Round) -> None:
    tally = notices.send(reminders.needless)
    done.sent = tally.sent


def _give_heads() -> None:
    """The newest head of the log goes to the auditors and to the witness. Last, so that a slow witness keeps nobody waiting."""
    notices.note_answers()
    notices.mail_heads()
    witness.show()
