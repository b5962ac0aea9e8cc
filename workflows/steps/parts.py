"""Those who contribute beside the lead: asked, released, and done with their part."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker import access
from tracker.models import Assignment, Occurrence, Office, Person
from workflows import flows
from workflows.steps.asking import asked, ended
from workflows.steps.beats import acting_on, said
from workflows.steps.bodies import NotTheMoment

Part = Assignment.Part


def add_contributors(
    occurrence: Occurrence, *, contributors: Sequence[Office | Person], by: Person, note: str = ""
) -> Occurrence:
    """Ask others to contribute, or somebody whose part is done to do more: they are asked anew."""
    with acting_on(occurrence, "add_contributors", by=by) as act:
        if not contributors:
            raise ValidationError({"contributors": _("Choose at least one.")})
        again = []
        for one in act.standing():
            if one.assignee not in contributors:
                continue
            if one.part == Part.LEAD:
                raise ValidationError({"contributors": _("%(name)s leads this already.") % {"name": one}})
            if one.done_at is None:
                raise ValidationError({"contributors": _("%(name)s contributes already.") % {"name": one}})
            again.append(one)
        fresh = asked(act, contributors=contributors, note=note)
        act.fire(parts=len(fresh))
        act.record("occurrence.contributors_added", words={"note": note}, also=[*ended(act, again), *fresh])
        flows.share(act.occurrence)
    return act.occurrence


def release_contributor(occurrence: Occurrence, *, contributor: Office | Person, by: Person, reason: str) -> Occurrence:
    """Nobody waits for somebody's part any more, saying why. What they have done stays on record."""
    with acting_on(occurrence, "release_contributor", by=by) as act:
        reason = said("reason", reason)
        helping = [one for one in act.standing() if one.part == Part.CONTRIBUTOR and one.assignee == contributor]
        if not helping:
            raise ValidationError({"contributor": _("%(name)s does not contribute to this.") % {"name": contributor}})
        act.fire(parts=sum(one.done_at is None for one in helping))
        act.record("occurrence.contributor_released", words={"reason": reason}, also=ended(act, helping))
        flows.share(act.occurrence)
    return act.occurrence


def finish_part(occurrence: Occurrence, *, by: Person, note: str = "") -> Occurrence:
    """A contributor's part is done; once all are, the lead can submit. Of several parts of theirs the first."""
    with acting_on(occurrence, "finish_part", by=by) as act:
        mine = access.unfinished(by, act.occurrence, act.today)
        if not mine:
            raise NotTheMoment(_("Your part is done already."), object=act.occurrence)
        part, act.acting_for = mine[0]
        part.done_at, part.done_note = act.now, note.strip()
        part.told_at = part.told_at or act.now
        act.fire(part=part.pk)
        act.record("occurrence.part_done", also=[part])
    return act.occurrence
