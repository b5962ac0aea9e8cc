"""The hand-over: opened when a term begins after another of the same office, noted on by who leaves, accepted by who comes."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext as _

from tracker import access, clock
from tracker.models import Body, HandOver, Person, Term
from workflows import refusals
from workflows.steps.beats import said
from workflows.steps.bodies import BodyAct, NotTheMoment, one_act

LONGEST_NOTE = 20_000


def open_hand_over(act: BodyAct, term: Term) -> HandOver | None:
    """Hand a new holder what is open, where somebody held the office before; None where there is nobody to follow."""
    if term.part != Term.Part.HOLDER:
        return None
    earlier = Q(begins=None) | Q(begins__lt=term.begins)
    before = Term.objects.holding().filter(earlier, office=term.office).exclude(pk=term.pk)
    predecessor = before.order_by(F("ends").desc(nulls_first=True), "-pk").first()  # no end on record is the latest
    if predecessor is None or predecessor.person_id == term.person_id:
        return None
    found = HandOver(term=term, predecessor=predecessor, opened_at=clock.now())
    act.record(found, "handover.opened", effective_on=term.begins)
    return found


def note_hand_over(hand_over: HandOver, *, note: str, by: Person) -> HandOver:
    """What the predecessor, or the secretariat for them, leaves in words: open questions, who to ask. It replaces what
    stood there, which the history keeps."""
    with _acting_on(hand_over) as (found, body):
        acting_for = None
        if found.predecessor is None or found.predecessor.person_id != by.pk or not by.is_active:
            acting_for = refusals.require_on_body(by, "hand_over", body)
        _require_open(found)
        note = said("note", note)
        if len(note) > LONGEST_NOTE:
            raise ValidationError({"note": _("At most %(most)s characters.") % {"most": LONGEST_NOTE}})
        if note == found.note:
            raise ValidationError({"note": _("It says so already.")})
        found.note, found.note_by = note, by
        BodyAct(body, by, acting_for, clock.today(body.time_zone)).record(found, "handover.noted")
    return found


def accept_hand_over(hand_over: HandOver, *, by: Person) -> HandOver:
    """The successor (or who stands in for them) has read it and takes the office's work on. Once; from the first day of
    their term."""
    with _acting_on(hand_over) as (found, body):
        today = clock.today(body.time_zone)
        acting_for = None
        if found.term.person_id != by.pk or not by.is_active:
            seats = [one for one in access.seats(by, today) if one.office.pk == found.term.office_id]
            if not any(one.acting_for and one.acting_for.pk == found.term.person_id for one in seats):
                raise PermissionDenied(_("Only %(name)s can do this.") % {"name": found.term.person})
            acting_for = found.term.person
        _require_open(found)
        if found.term.begins and found.term.begins > today:
            raise NotTheMoment(_("The term has not begun yet."), object=found)
        found.accepted_at, found.accepted_by = clock.now(), by
        BodyAct(body, by, acting_for, today).record(found, "handover.accepted")
    return found


@contextmanager
def _acting_on(hand_over: HandOver) -> Iterator[tuple[HandOver, Body]]:
    """The hand-over as it stands now, its row locked, with the body of its office."""
    with one_act():
        rows = HandOver.objects.select_for_update(of=("self",), no_key=True)
        related = ("term__office__body__parent", "term__person", "predecessor__person")
        found = rows.select_related(*related).get(pk=hand_over.pk)
        yield found, found.term.office.body


def _require_open(found: HandOver) -> None:
    if found.accepted_at:
        raise NotTheMoment(_("It has been accepted already."), object=found)
    if found.term.ends and found.term.ends < clock.today(found.term.office.body.time_zone):
        raise NotTheMoment(_("That term is over: the next holder has a hand-over of their own."), object=found)
