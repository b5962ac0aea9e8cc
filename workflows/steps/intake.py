"""The verbs of intake: each operative item is accounted for, each duty confirmed by a person, and the turns begin.

`Version.unaccounted` is kept in the transaction of each disposition, with the version's row locked; the database refuses
*confirmed* above 0. Where intake does not stand as a step needs it, the step raises NotTheMoment (409).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from tracker import audit, clock, intake
from tracker.models import Obligation, Paragraph, Person, Version
from workflows import refusals
from workflows.steps.beats import said
from workflows.steps.bodies import NotTheMoment
from workflows.steps.horizon import plan_turns

Disposition = Paragraph.Disposition
MOST_DAYS = 3660
Kind, Anchor = Obligation.Kind, Obligation.Anchor

CHANGEABLE: frozenset[str] = frozenset(
    {
        "title",
        "kind",
        "anchor",
        "anchor_body",
        "anchor_session",
        "anchor_meeting",
        "anchor_rule",
        "offset_days",
        "offset_working",
        "due_date",
        "interval_months",
        "counted_from",
        "trigger",
        "responsible",
        "endorser",
        "lead_office",
        "visibility",
    }
)
"""What a person may set on a duty."""
HANGS_ON: dict[str, tuple[str, ...]] = {
    Kind.ONCE: (Anchor.SESSION, Anchor.MEETING, Anchor.DATE),
    Kind.EACH_SESSION: (Anchor.SESSION,),
    Kind.CONTINUING: (Anchor.SESSION,),
    Kind.BEFORE_EACH_MEETING: (Anchor.MEETING,),
    Kind.PERIODIC: (Anchor.DATE,),
    Kind.ON_EVENT: (Anchor.NONE,),
}
"""What the due point of each kind of duty can hang on."""


# Items -----------------------------------------------------------------------------------------------------------------


def dispose(
    paragraph: Paragraph, *, disposition: str, by: Person, covered_by: Paragraph | None = None, reason: str = ""
) -> Paragraph:
    """Account for an operative item: tracked, covered by another item of the same version, or declaratory with a reason.
    An item that is accounted for already is taken back first (`reopen_disposition`)."""
    with deciding(paragraph.version, by=by) as (version, acting_for):
        paragraph = _locked(paragraph)
        if paragraph.disposition:
            raise NotTheMoment(
                _("Item %(path)s is accounted for already: take that back first.") % {"path": paragraph.path}
            )
        if disposition not in Disposition.values:
            raise ValidationError({"disposition": _("Choose tracked, covered by another item, or declaratory.")})
        paragraph.disposition, paragraph.disposition_reason = disposition, reason.strip()
        paragraph.covered_by = _cover(paragraph, covered_by) if disposition == Disposition.COVERED else None
        if disposition == Disposition.DECLARATORY:
            paragraph.disposition_reason = said("reason", reason)
        if disposition != Disposition.TRACKED and paragraph.obligations.filter(confirmed=True).exists():
            raise ValidationError({"disposition": _("This item has confirmed duties: drop them first, or track it.")})
        paragraph.disposed_by, paragraph.disposed_at = by, clock.now()
        paragraph.clean_fields(exclude=["proposal", "spans"])
        version.unaccounted = _open_items(version).exclude(pk=paragraph.pk).count()
        audit.record(paragraph, "paragraph.disposed", by=by, acting_for=acting_for, also=[version])
    return paragraph


def reopen_disposition(paragraph: Paragraph, *, by: Person, reason: str) -> Paragraph:
    """Take a disposition back, saying why; the item is not accounted for any more."""
    with deciding(paragraph.version, by=by) as (version, acting_for):
        paragraph = _locked(paragraph)
        reason = said("reason", reason)
        if not paragraph.disposition:
            raise NotTheMoment(_("Item %(path)s is not accounted for yet.") % {"path": paragraph.path})
        if paragraph.covers.exists():
            raise NotTheMoment(
                _("Another item is covered by item %(path)s: take that back first.") % {"path": paragraph.path}
            )
        paragraph.disposition, paragraph.disposition_reason, paragraph.covered_by = "", "", None
        paragraph.disposed_by, paragraph.disposed_at = None, None
        version.unaccounted = _open_items(version).exclude(pk=paragraph.pk).count() + 1
        audit.record(
            paragraph, "paragraph.reopened", by=by, acting_for=acting_for, words={"reason": reason}, also=[version]
        )
    return paragraph


def _cover(paragraph: Paragraph, cover: Paragraph | None) -> Paragraph:
    """The item that covers another: operative, of the same version, and itself covered by none."""
    if cover is None:
        raise ValidationError({"covered_by": _("Name the item that covers this one.")})
    if cover.version_id != paragraph.version_id or cover.kind != Paragraph.Kind.OPERATIVE or cover.pk == paragraph.pk:
        raise ValidationError({"covered_by": _("Name another operative item of the same version.")})
    if cover.disposition == Disposition.COVERED or paragraph.covers.exists():
        raise ValidationError({"covered_by": _("An item that is itself covered cannot cover another.")})
    return cover


# Duties ----------------------------------------------------------------------------------------------------------------


def draft_obligation(paragraph: Paragraph, *, by: Person, **fields: Any) -> Obligation:
    """Add a duty to an operative item, unconfirmed. `fields` are those of `CHANGEABLE`; title, kind, anchor, responsible
    and endorser are needed."""
    with deciding(paragraph.version, by=by, in_intake=False) as (version, acting_for):
        paragraph = _locked(paragraph)
        last = paragraph.obligations.aggregate(last=Max("number"))["last"] or 0
        obligation = Obligation(paragraph=paragraph, resolution=version.resolution, number=last + 1)
        _set(obligation, fields)
        audit.record(obligation, "obligation.drafted", by=by, acting_for=acting_for)
    return obligation


def change_obligation(obligation: Obligation, *, by: Person, **fields: Any) -> Obligation:
    """Change what is proposed of a duty, or what was confirmed while its version is in intake (then it is to be confirmed
    anew). Afterwards its turns hang on it, and it stays."""
    with deciding(obligation.paragraph.version, by=by, in_intake=False) as (version, acting_for):
        obligation = _duty(obligation)
        _require_loose(obligation, version)
        obligation.confirmed, obligation.confirmed_by = False, None
        _set(obligation, fields)
        audit.record(obligation, "obligation.changed", by=by, acting_for=acting_for)
    return obligation


def drop_obligation(obligation: Obligation, *, by: Person, reason: str) -> Paragraph:
    """Take a duty away that was wrongly proposed, saying why. It never had a turn; that it was there stays on record."""
    with deciding(obligation.paragraph.version, by=by, in_intake=False) as (version, acting_for):
        obligation = _duty(obligation)
        reason = said("reason", reason)
        _require_loose(obligation, version)
        paragraph, facts = obligation.paragraph, {"obligation": [obligation.reference, None]}
        obligation.delete()
        audit.record(
            paragraph, "obligation.dropped", by=by, acting_for=acting_for, words={"reason": reason}, facts=facts
        )
    return paragraph


def confirm_obligation(obligation: Obligation, *, by: Person) -> Obligation:
    """Confirm a duty: its kind, its due point, who is responsible and who endorses. On a confirmed version its turns
    begin at once."""
    with deciding(obligation.paragraph.version, by=by, in_intake=False) as (version, acting_for):
        obligation = _duty(obligation)
        if obligation.confirmed:
            raise NotTheMoment(_("This duty is confirmed already."))
        _complete(obligation)
        obligation.confirmed, obligation.confirmed_by = True, by
        audit.record(obligation, "obligation.confirmed", by=by, acting_for=acting_for)
        if version.tracking == Version.Tracking.CONFIRMED:
            plan_turns(obligation, by=by)
    return obligation


def _set(obligation: Obligation, fields: dict[str, Any]) -> None:
    """Set the columns given; ValidationError names what cannot stand."""
    unknown = sorted(set(fields) - CHANGEABLE)
    if unknown:
        raise ValidationError(_("A duty has no %(names)s to set.") % {"names": ", ".join(unknown)})
    for name, value in fields.items():
        if isinstance(value, str) and "\x00" in value:
            raise ValidationError({name: _("This holds a character that cannot be kept.")})
        setattr(obligation, name, value)
    obligation.full_clean()


def _complete(obligation: Obligation) -> None:
    """Whether turns can be made of a duty; ValidationError names what is missing."""
    kind, anchor = obligation.kind, obligation.anchor
    if anchor not in HANGS_ON[kind]:
        words = _("Say what it hangs on: a duty of this kind needs a session, a meeting or a date.")
        raise ValidationError({"anchor": words})
    if anchor in {Anchor.SESSION, Anchor.MEETING} and obligation.anchor_body is None:
        raise ValidationError({"anchor_body": _("Choose whose sessions or meetings.")})
    if kind == Kind.ONCE:
        _one_anchor(obligation)
    if kind == Kind.PERIODIC and not obligation.interval_months:
        raise ValidationError({"interval_months": _("Give the months between two turns: one at least.")})
    if kind == Kind.ON_EVENT and not obligation.trigger.strip():
        raise ValidationError({"trigger": _("Say what event opens a turn, so that it is recognised when it happens.")})
    _offset_counts(obligation)


def _one_anchor(obligation: Obligation) -> None:
    """What a duty owed once hangs on is one session or one meeting, and of that body."""
    for name, anchor, which, others in (
        ("anchor_session", Anchor.SESSION, _("Choose the session."), _("That is a session of another body.")),
        ("anchor_meeting", Anchor.MEETING, _("Choose the meeting."), _("That is a meeting of another body.")),
    ):
        if obligation.anchor != anchor:
            continue
        thing = getattr(obligation, name)
        if thing is None:
            raise ValidationError({name: which})
        if thing.body_id != obligation.anchor_body_id:
            raise ValidationError({name: others})


def _offset_counts(obligation: Obligation) -> None:
    """A document deadline is one that stands, of the body whose sessions the duty hangs on; days are few enough to count."""
    rule = obligation.anchor_rule
    if rule is not None and obligation.anchor != Anchor.SESSION:
        raise ValidationError({"anchor_rule": _("A document deadline is one before a session.")})
    if rule is not None and rule.body_id != obligation.anchor_body_id:
        raise ValidationError({"anchor_rule": _("That is a document deadline of another body.")})
    if rule is not None and rule.ended_at:
        raise ValidationError({"anchor_rule": _("This document deadline was ended.")})
    if abs(obligation.offset_days) > MOST_DAYS:
        words = _("Give at most %(most)s days, before or after.") % {"most": MOST_DAYS}
        raise ValidationError({"offset_days": words})


# The whole version -----------------------------------------------------------------------------------------------------


def confirm_version(version: Version, *, by: Person) -> Version:
    """End intake: every item accounted for, every tracked one with duties, all of them confirmed. Turns begin."""
    with deciding(version, by=by) as (locked, acting_for):
        missing = what_is_missing(locked)
        if missing:
            raise NotTheMoment(" ".join(missing))
        locked.tracking = Version.Tracking.CONFIRMED
        locked.unaccounted = _open_items(locked).count()
        audit.record(locked, "version.confirmed", by=by, acting_for=acting_for)
        for obligation in Obligation.objects.filter(paragraph__version=locked, confirmed=True):
            plan_turns(obligation, by=by)
    return locked


def what_is_missing(version: Version) -> list[str]:
    """Why intake cannot end yet, in sentences; empty when it can."""
    done, total, paths = intake.accounted(version)
    tracked = version.paragraphs.filter(disposition=Disposition.TRACKED)
    idle = tracked.filter(obligations=None).values_list("path", flat=True)
    proposed = Obligation.objects.filter(paragraph__in=tracked, confirmed=False).values_list(
        "paragraph__path", flat=True
    )
    uncovered = version.paragraphs.filter(disposition=Disposition.COVERED).exclude(
        covered_by__disposition=Disposition.TRACKED
    )
    found = []
    if not total:
        found.append(_("The text of this version is not recorded."))
    if paths:
        words = _("%(done)s of %(total)s items accounted for; not yet: %(paths)s.")
        found.append(words % {"done": done, "total": total, "paths": ", ".join(paths)})
    if idle:
        found.append(_("Tracked, but without a duty: %(paths)s.") % {"paths": ", ".join(idle)})
    if proposed:
        found.append(_("Duties not confirmed: %(paths)s.") % {"paths": ", ".join(dict.fromkeys(proposed))})
    if uncovered:
        words = _("Covered by an item that is not tracked: %(paths)s.")
        found.append(words % {"paths": ", ".join(one.path for one in uncovered)})
    return found


# The beats -------------------------------------------------------------------------------------------------------------


@contextmanager
def deciding(version: Version, *, by: Person, in_intake: bool = True) -> Iterator[tuple[Version, Person | None]]:
    """Open a step on a version, its row locked: may they, and is it the moment?"""
    with transaction.atomic():
        locked = (
            Version.objects.select_for_update(of=("self",), no_key=True)
            .select_related("resolution__body__parent", "adopted_at")
            .get(pk=version.pk)
        )
        acting_for = refusals.require_on_body(by, "confirm_intake", locked.resolution.body)
        if in_intake and locked.tracking != Version.Tracking.INTAKE:
            raise NotTheMoment(_("The intake of this version is over."))
        yield locked, acting_for


def _locked(paragraph: Paragraph) -> Paragraph:
    """An operative paragraph as it stands now, under its version's lock."""
    found = Paragraph.objects.select_related("version__resolution__body").get(pk=paragraph.pk)
    if found.kind != Paragraph.Kind.OPERATIVE:
        raise ValidationError(_("The preamble carries no duties: only operative items are accounted for."))
    return found


def _duty(obligation: Obligation) -> Obligation:
    """A duty as it stands now, under its version's lock; gone means that somebody dropped it."""
    found = (
        Obligation.objects.select_related(
            "paragraph__version", "resolution__body", "anchor_session", "anchor_meeting", "anchor_rule", "anchor_body"
        )
        .filter(pk=obligation.pk)
        .first()
    )
    if found is None:
        raise NotTheMoment(_("This duty was dropped."))
    return found


def _require_loose(obligation: Obligation, version: Version) -> None:
    """A duty can be changed or dropped until it is confirmed, and until intake is over."""
    if obligation.confirmed and version.tracking == Version.Tracking.CONFIRMED:
        raise NotTheMoment(_("This duty is confirmed and its turns hang on it."))


def _open_items(version: Version) -> Any:
    """The operative items that are not accounted for."""
    return version.paragraphs.filter(kind=Paragraph.Kind.OPERATIVE, disposition="")
