"""An event that a duty was waiting for: somebody records it, and the turn that it opens is entered with it."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from tracker import clock
from tracker.models import Obligation, Occasion, Person, Version
from workflows.steps.beats import said
from workflows.steps.bodies import NotTheMoment, acting_on_body, checked
from workflows.steps.horizon import plan_turns, since_when


def record_occasion(obligation: Obligation, *, happened_on: date, words: str, by: Person, source: str = "") -> Occasion:
    """Put on record that the event of a duty happened: on which day, in which words, by which document. Its turn opens at
    once, due so many days, or working days, after the event. The same event again is refused.

    The chair, a vice-chair and the secretary of the responsible body, or of one above it, may. Raises NotTheMoment where
    the duty waits for no event, or is not confirmed."""
    with acting_on_body(obligation.responsible, "record_occasion", by=by) as act:
        obligation = _waiting_for_events(obligation)
        words = said("words", words)
        if happened_on > act.today:
            raise ValidationError({"happened_on": _("That day has not come yet.")})
        version = obligation.paragraph.version
        since, until = since_when(version), version.in_force_until
        if since and happened_on < since:
            raise ValidationError({"happened_on": _("The duty was not in force yet: nothing is asked for that event.")})
        if until and happened_on > until:
            raise ValidationError({"happened_on": _("The duty was in force no more: nothing is asked for that event.")})
        if obligation.occasions.filter(happened_on=happened_on, words=words).exists():
            raise ValidationError({"words": _("This event is on record already.")})
        last = obligation.occasions.aggregate(last=Max("number"))["last"] or 0
        occasion = Occasion(
            obligation=obligation,
            number=last + 1,
            happened_on=happened_on,
            words=words,
            source=source.strip(),
            recorded_by=by,
            acting_for=act.acting_for,
            recorded_at=clock.now(),
        )
        act.record(checked(occasion), "occasion.recorded", effective_on=happened_on)
        plan_turns(obligation, by=by)
    return occasion


def _waiting_for_events(obligation: Obligation) -> Obligation:
    """The duty as it stands now, its row locked: of two who record at once the second takes the next number."""
    found = (
        Obligation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("paragraph__version__adopted_at", "resolution__body", "responsible")
        .get(pk=obligation.pk)
    )
    if found.kind != Obligation.Kind.ON_EVENT:
        raise NotTheMoment(_("This duty waits for no event."), object=found)
    if not found.confirmed or found.paragraph.version.tracking != Version.Tracking.CONFIRMED:
        raise NotTheMoment(_("This duty is not confirmed yet: nothing is asked before."), object=found)
    return found
