"""Mails that failed are sent again, and an address that was refused is changed."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from tracker import access, audit, clock
from tracker.models import Message, Notice, Person
from workflows.steps.beats import said
from workflows.steps.bodies import NotTheMoment, checked, one_act
from workflows.steps.people import require_keeper_of


def send_again(numbers: Iterable[int], *, by: Person) -> list[Message]:
    """Queue some failed mails anew, to the present address of the person of each, with all their tries before them. What they
    tell is decided once more when they go: nobody hears of what no longer holds.

    All or none: NotTheMoment where one of them has not failed (any more) or is not theirs to look after; ValidationError where
    none is chosen, or one cannot go: the person has left, has no usable address, or its words were not kept."""
    with one_act():
        access.require_send_again(by)
        wanted = set(numbers)
        if not wanted:
            raise ValidationError({"mail": _("Choose at least one mail.")})
        locked = access.failed_mails(by).select_for_update(of=("self",), no_key=True).filter(pk__in=wanted)
        mails = list(locked.order_by("pk"))
        if len(mails) < len(wanted):
            raise NotTheMoment(_("A mail among these has not failed, or was sent again already."), object=None)
        people = Person.objects.select_for_update(no_key=True).in_bulk({one.person_id for one in mails})
        for mail in mails:
            person = people.get(mail.person_id or 0)
            _require_it_can_go(mail, person)
            assert person is not None  # noqa: S101  (required above)
            _queue(mail, person, by)
            audit.record(person, "mail.sent_again", by=by, facts={"mail": ["failed", mail.message_id]})
        clock.wake()
    return mails


def _require_it_can_go(mail: Message, person: Person | None) -> None:
    if person is None or not mail.notices.exists():
        raise ValidationError(
            _("“%(subject)s” carried a link to an account, which is not kept: who asked for it asks once more.")
            % {"subject": mail.subject}
        )
    if not person.is_active:
        raise ValidationError(_("%(name)s has left: nobody is written to.") % {"name": person})
    try:
        validate_email(person.email)
    except ValidationError as error:
        words = _("%(name)s has no usable address: put one on record first.") % {"name": person}
        raise ValidationError(words) from error


def _queue(mail: Message, person: Person, by: Person) -> None:
    Message.objects.filter(pk=mail.pk).update(
        state=Message.State.QUEUED,
        address=person.email,
        attempts=0,
        not_before=None,
        leased_until=None,
        resent_at=clock.now(),
        resent_by=by,
    )
    rows = mail.notices.filter(state=Notice.State.FAILED)
    rows.update(state=Notice.State.QUEUED, reason="", settled_at=None)


def change_address(person: Person, *, email: str, by: Person) -> Person:
    """Another e-mail address of somebody; what waits to be sent goes there, and what could not be written for want of an
    address is told as far as it still holds. By a secretary of every body in which they hold an
    office. Raises NotTheMoment once they have left, ValidationError where it is no address, the same, or somebody else's."""
    with one_act():
        acting_for = require_keeper_of(person, by=by)
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not person.is_active:
            raise NotTheMoment(_("%(name)s has left already.") % {"name": person}, object=person)
        email = said("email", email)
        if email == person.email:
            raise ValidationError({"email": _("That is the address on record already.")})
        if Person.objects.filter(email__iexact=email).exclude(pk=person.pk).exists():
            raise ValidationError({"email": _("Somebody has an account with this address already.")})
        person.email = email
        checked(person)
        audit.record(person, "person.address_changed", by=by, acting_for=acting_for)
        _promise_anew(person)
    return person


def _promise_anew(person: Person) -> None:
    failed = person.notices.filter(state=Notice.State.FAILED, message=None)
    failed.update(state=Notice.State.PLANNED, reason="", settled_at=None)
