"""A step taken by the link of a mail, without logging in: the ordinary step, in the name of whom the link was mailed to."""

from typing import Any

from django.utils.translation import gettext as _

from tracker import audit, clock, mailed
from tracker.models import Event, MailedLink, Means, Notice, Occurrence, Person
from workflows import refusals
from workflows.steps.beats import lock, require_unchanged
from workflows.steps.bodies import NotTheMoment, one_act
from workflows.steps.dates import ask_new_date
from workflows.steps.path import accept, decline, submit

# A link does this and no more: the verb, what it always says, and what may be said with it.
_TAKEN: dict[str, tuple[Any, dict[str, Any], frozenset[str]]] = {
    "accept": (accept, {}, frozenset({"note"})),
    "decline": (decline, {}, frozenset({"reason"})),
    "submit": (submit, {"nothing_happened": True}, frozenset({"text"})),
    "ask_new_date": (ask_new_date, {}, frozenset({"wanted_on", "reason"})),
}


class LinkOver(NotTheMoment):
    """A link that is good no longer, or never was one of ours (`found` is None then)."""

    def __init__(self, words: str, found: mailed.Found | None) -> None:
        super().__init__(words, object=found.link.occurrence if found else None)
        self.found = found


def take_by_link(token: str, *, seen: str = "", **words: Any) -> Occurrence:
    """Take the step of a mailed link, once, and promise its person a mail that says so. `seen` is the edition that was
    read, as for `require_unchanged`; the words are those of the step.

    Raises LinkOver, PermissionDenied (not theirs any more), TransitionNotAllowed (not now, or changed since), ValidationError."""
    with one_act(), audit.acting(Means.LINK, audit.context().request_id):
        found = mailed.find(token, lock=True)
        if found is None or found.over:
            raise LinkOver(_("This link is no longer good."), found)
        link = found.link
        take, always, more = _TAKEN[link.step]
        require_unchanged(link.occurrence, seen)
        said = {name: words[name] for name in more & set(words)}
        taken: Occurrence = take(_as_mailed(found), by=link.person, **said, **always)
        event = Event.objects.filter(stream=audit.stream(taken), means=Means.LINK).order_by("-number").first()
        mailed.spend(link, event)
        _promise_mail(link, taken, event)
    return taken


def _as_mailed(found: mailed.Found) -> Occurrence:
    """The turn, its row locked, should it stand where the mail said."""
    occurrence = lock(found.link.occurrence)
    require_as_mailed(found, occurrence)
    return occurrence


def require_as_mailed(found: mailed.Found, occurrence: Occurrence) -> Person | None:
    """May its person still take the step of a link (PermissionDenied), and is it still the moment of which the mail spoke
    (TransitionNotAllowed)? The person acted for, None for themselves."""
    acting_for = refusals.require(found.link.person, found.link.step, occurrence)
    if found.is_past(occurrence):
        raise NotTheMoment(_("Things have moved on since this mail was written."), object=occurrence)
    return acting_for


def _promise_mail(link: MailedLink, occurrence: Occurrence, event: Event | None) -> None:
    """Whoever the link was mailed to hears that it was used: it may have been somebody else."""
    Notice.objects.create(
        key=f"link_used:{link.pk}",
        kind=Notice.Kind.LINK_USED,
        audience=Notice.Audience.PERSON,
        occurrence=occurrence,
        event=event,
        person=link.person,
        due_on=occurrence.due_on,
        planned_for=clock.today(occurrence.body.time_zone),
        created_at=clock.now(),
    )
