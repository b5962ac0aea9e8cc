"""Going on after an honest restore: a log that is shorter than a head that was given out is accepted by an administrator, on
record and told to the auditors. Without it nothing is sealed any more."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker import audit
from tracker.log import published, tree
from tracker.models import Event, Finding, Head, Person
from tracker.proofs import notes
from workflows.steps.beats import require_present, said
from workflows.steps.bodies import NotTheMoment, one_act


def accept_restored_log(*, by: Person, reason: str) -> Event:
    """Accept the log of a backup that was put back. Raises NotTheMoment where the log goes on from the heads that were given
    out, and where it is no earlier state of them but was written anew: that is never accepted."""
    with one_act():
        require_present(by)
        if not by.is_superuser:
            raise PermissionDenied(_("Only an administrator can do this."))
        reason = said("reason", reason)
        size = tree.size()
        given_out = _beyond(size)
        newest = Head.objects.first()
        if newest is None:
            raise NotTheMoment(_("The database has no signed head: it is no backup of this register."))
        facts = {"log": [None, size], "given_out": [None, given_out.size], "root": [None, given_out.root.hex()]}
        event = audit.record(newest, "log.restored", by=by, words={"reason": reason}, facts=facts)
        Finding.objects.filter(kind="tail", gone_at=None).update(gone_at=timezone.now())
        published.set_aside()
    assert event is not None  # noqa: S101  (its facts are always there)
    return event


def _beyond(size: int) -> notes.Head:
    """The newest head that was given out, where it lies beyond the log and the log is an earlier state of it."""
    try:
        newest = published.newest()
        if newest is None or newest.size <= size:
            published.require_continues(size)
            raise NotTheMoment(_("The log goes on from every head that was given out: there is nothing to accept."))
        before = [head for head in published.everything() if head.size <= size]
        fits = all(tree.Tree().root(head.size) == head.root for head in before[-1:])
    except (published.LogBroken, notes.NotAHead) as error:
        raise NotTheMoment(str(error)) from error
    if not fits:
        raise NotTheMoment(
            _("The log in the database is no earlier state of the heads that were given out: it was written anew.")
        )
    return newest
