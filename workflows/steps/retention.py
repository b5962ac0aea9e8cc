"""Rules of retention: how long something is kept that is not the record itself. None is in force unless a secretary set it.

The clock applies them once a day, a batch in a transaction, and each batch is on record: how many, up to when, and, where
words beside events went, beside which. Events and the log are touched by no rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tracker import access, audit, clock
from tracker.deadlines import add_months
from tracker.models import Event, EventWords, Message, Person, RetentionRule, Visit
from workflows.steps.beats import require_present, said
from workflows.steps.bodies import NotTheMoment, one_act
from workflows.steps.erasing import empty
from workflows.steps.files import sweep_erased

What = RetentionRule.What
PROPOSED: dict[str, int] = {What.VISITS: 24, What.MAILS: 36, What.WORDS: 12}  # months; offered, never in force unasked
MOST_MONTHS = 1200
BATCH = 1_000


def set_retention(what: str, *, months: int, reason: str, by: Person) -> RetentionRule:
    """From today on something is kept for so many months; the rule that stood ends by it. Only a secretary of a body under
    none may do it: it holds for everybody's."""
    with one_act():
        acting_for = require_keeper(by)
        if what not in What.values:
            raise ValidationError({"what": _("There is no such thing to keep or erase.")})
        if not 1 <= months <= MOST_MONTHS:
            raise ValidationError(
                {"months": _("Give a number of months between 1 and %(most)s.") % {"most": MOST_MONTHS}}
            )
        reason = said("reason", reason)
        before = RetentionRule.objects.select_for_update(no_key=True).filter(what=what, ended_at=None).first()
        if before and (before.months, before.reason) == (months, reason):
            raise ValidationError(_("Nothing was changed."))
        if before:
            before.ended_at = clock.now()
            audit.record(before, "retention.ended", by=by, acting_for=acting_for, words={"reason": reason})
        rule = RetentionRule(what=what, months=months, reason=reason, since=clock.today())
        rule.full_clean(exclude=["ended_at"])
        audit.record(rule, "retention.set", by=by, acting_for=acting_for)
    return rule


def end_retention(rule: RetentionRule, *, reason: str, by: Person) -> RetentionRule:
    """From now on nothing is erased by this rule any more."""
    with one_act():
        acting_for = require_keeper(by)
        rule = lock(rule)
        if rule.ended_at:
            raise NotTheMoment(_("This rule was ended already."), object=rule)
        rule.ended_at = clock.now()
        audit.record(rule, "retention.ended", by=by, acting_for=acting_for, words={"reason": said("reason", reason)})
    return rule


def lock(rule: RetentionRule) -> RetentionRule:
    """The rule as it stands now, its row locked until the end of the transaction."""
    return RetentionRule.objects.select_for_update(no_key=True).get(pk=rule.pk)


def require_keeper(by: Person) -> Person | None:
    """Whom a person acts for as a secretary of a body under none (None: themselves); else PermissionDenied."""
    require_present(by)
    held = [
        one for one in access.seats(by) if one.office.role == access.SECRETARY and one.office.body.parent_id is None
    ]
    if not held:
        raise PermissionDenied(_("Only a secretary of a body that is under none can do this: it holds for everybody."))
    return next((None for seat in held if seat.acting_for is None), held[0].acting_for)


def would_go(what: str, *, months: int) -> int:
    """How much a rule of so many months would erase today."""
    return _KINDS[what].over(_cutoff(months)).count()


# Applied by the clock --------------------------------------------------------------------------------------------------


def apply_retention() -> int:
    """Erase what has been kept for its time under the rules in force; returns how much went. Running it again, or twice at
    once, erases and records nothing more. Erased files that a crash has left go with it."""
    sweep_erased()
    gone = 0
    for rule in RetentionRule.objects.filter(ended_at=None).order_by("pk"):
        while went := _apply(rule):
            gone += went
    return gone


def _apply(rule: RetentionRule) -> int:
    """One batch under a rule, its row locked: of two workers the second finds the rest."""
    with transaction.atomic():
        rule = lock(rule)
        kind = _KINDS[rule.what]
        if rule.ended_at or not (batch := kind.batch(_cutoff(rule.months))):
            return 0
        emptied = kind.erase([pk for pk, _at in batch])
        facts = {"went": [None, len(batch)], "newest": [None, max(at for _pk, at in batch).date().isoformat()]}
        audit.record(
            rule, "retention.applied", by=None, facts=facts | ({"emptied": [None, emptied]} if emptied else {})
        )
    return len(batch)


def _cutoff(months: int) -> datetime:
    """What is older than this has been kept for its time: the beginning of a day in UTC."""
    return datetime.combine(add_months(clock.today(), -months), time.min, tzinfo=UTC)


@dataclass(frozen=True)
class _Kind:
    """What a rule may be about: what is over at a moment, the column of its age, and how it is erased; erasing returns the
    ids of events whose words were emptied."""

    over: Callable[[datetime], QuerySet[Visit] | QuerySet[Message] | QuerySet[EventWords]]
    age: str
    erase: Callable[[list[int]], list[int]]

    def batch(self, cutoff: datetime) -> list[tuple[int, datetime]]:
        return list(self.over(cutoff).order_by("pk").values_list("pk", self.age)[:BATCH])


def _old_visits(cutoff: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(at__lt=cutoff)


def _erase_visits(pks: list[int]) -> list[int]:
    Visit.objects.filter(pk__in=pks).delete()
    return []


def _old_mails(cutoff: datetime) -> QuerySet[Message]:
    """Done with one way or the other; that they went, when, to whom and about what is kept."""
    done = [Message.State.SENT, Message.State.FAILED, Message.State.SKIPPED]
    return Message.objects.filter(state__in=done, created_at__lt=cutoff).exclude(text="", html="")


def _erase_mails(pks: list[int]) -> list[int]:
    Message.objects.filter(pk__in=pks).update(text="", html="")
    return []


def _old_words(cutoff: datetime) -> QuerySet[EventWords]:
    """Beside the events about accounts whose owners left before the moment, as far as those events are as old."""
    left = Event.objects.filter(verb="person.deactivated", recorded_at__lt=cutoff).order_by().values("subject_id")
    people = Person.objects.filter(is_active=False, pk__in=left).values("pk")
    about = EventWords.objects.filter(event__subject_type="person", event__subject_id__in=people)
    return about.filter(event__recorded_at__lt=cutoff).exclude(words={})


def _erase_words(pks: list[int]) -> list[int]:
    return empty(EventWords.objects.filter(pk__in=pks))


_KINDS: dict[str, _Kind] = {
    What.VISITS: _Kind(_old_visits, "at", _erase_visits),
    What.MAILS: _Kind(_old_mails, "created_at", _erase_mails),
    What.WORDS: _Kind(_old_words, "event__recorded_at", _erase_words),
}
