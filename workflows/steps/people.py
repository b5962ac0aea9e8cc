"""People: invited by a secretary, joining by a signed link, deactivated when they leave; never deleted."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access, audit, clock, invitations
from tracker.models import Event, Means, Notice, Office, Person, Role, Substitution, Term
from workflows import refusals
from workflows.steps.anonymity import end_access, username_print
from workflows.steps.beats import said
from workflows.steps.bodies import NotTheMoment, checked, one_act
from workflows.steps.offices import appoint, require_another_secretary


def invite(  # noqa: PLR0913  (what is said of it has that many parts)
    *,
    username: str,
    name: str,
    email: str,
    by: Person,
    language: str = "",
    office: Office | None = None,
    begins: date | None = None,
) -> Person:
    """An account without a password, a mail with a link to set one, and, where an office is given, a term in it."""
    with one_act():
        _require_secretary(by, office)
        person = Person(
            username=said("username", username), name=said("name", name), email=said("email", email), language=language
        )
        if Person.objects.filter(email__iexact=person.email).exists():
            raise ValidationError({"email": _("Somebody has an account with this address already.")})
        if Person.objects.filter(username__iexact=person.username).exists():
            raise ValidationError({"username": _("This user name is taken.")})
        gone = Event.objects.filter(verb="person.anonymised")
        if gone.filter(changes__username_print__1=username_print(person.username)).exists():
            raise ValidationError({"username": _("This user name was somebody else's once: choose another one.")})
        person.set_unusable_password()
        checked(person)
        audit.record(person, "person.invited", by=by, facts={"invitation": [None, 1]})
        _promise_mail(person, 1)
        if office is not None:
            appoint(office, person, by=by, begins=begins)
    return person


def invite_again(person: Person, *, by: Person) -> Person:
    """Another mail with a link of its own; older links end. Raises NotTheMoment once the person has joined or left."""
    with one_act():
        _require_secretary(by)
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not person.is_active or person.has_usable_password():
            raise NotTheMoment(
                _("%(name)s has joined or left: there is nobody to invite.") % {"name": person}, object=person
            )
        if not person.email:
            raise ValidationError(_("No e-mail address of %(name)s is recorded.") % {"name": person})
        number = person.notices.filter(kind=Notice.Kind.INVITED).count() + 1
        person.set_unusable_password()
        audit.record(person, "person.invited", by=by, facts={"invitation": [number - 1, number]})
        _promise_mail(person, number)
    return person


def accept_invitation(token: str, *, password: str) -> Person:
    """Join: set the password by the link of the mail. Raises NotTheMoment where the link is used, too old or not ours."""
    with one_act(), audit.acting(Means.LINK, audit.context().request_id):
        found = invitations.invited(token)
        if found is not None:  # again, with the row locked: of two who open the link at once one joins
            Person.objects.select_for_update(no_key=True).get(pk=found.pk)
            found = invitations.invited(token)
        if found is None:
            raise NotTheMoment(_("This invitation is no longer good."))
        validate_password(password, found)
        found.set_password(password)
        audit.record(found, "person.joined", by=found, facts={"joined": [False, True]})
    return found


def change_password(person: Person, *, password: str) -> Person:
    """Another password, set by the link of a mail. On record is that it was changed, never to what."""
    with one_act(), audit.acting(Means.LINK, audit.context().request_id):
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not person.is_active:
            raise NotTheMoment(_("%(name)s has left already.") % {"name": person}, object=person)
        validate_password(password, person)
        person.set_password(password)
        audit.record(person, "person.password_changed", by=person, facts={"password_set": [False, True]})
    return person


def deactivate(person: Person, *, by: Person, reason: str) -> Person:
    """The person can no longer log in; their terms and substitutions end today and their offices wait for somebody else.
    What they were asked for in person goes back to who may assign it. Only a secretary
    of every body in which they hold an office may do this, and nobody does it to themselves."""
    with one_act():
        acting_for = require_keeper_of(person, by=by)
        terms = list(_running(person))
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not person.is_active:
            raise NotTheMoment(_("%(name)s has left already.") % {"name": person}, object=person)
        if person == by:
            raise ValidationError(_("Nobody deactivates themselves: ask another secretary."))
        reason = said("reason", reason)
        for term in terms:
            require_another_secretary(term, clock.today(), leaving=person)
            term.ends = clock.today(term.office.body.time_zone)
            audit.record(term, "term.ended", by=by, acting_for=acting_for)
        _end_substitutions(person, by, acting_for)
        end_access(person, by=by, acting_for=acting_for)
        person.is_active = person.is_staff = False
        audit.record(person, "person.deactivated", by=by, acting_for=acting_for, words={"reason": reason})
    return person


def require_keeper_of(person: Person, *, by: Person) -> Person | None:
    """The person acted for when `by` is a secretary of every body in which somebody holds an office (None: for themselves);
    else PermissionDenied."""
    _require_secretary(by)
    acting_for = None
    for term in _running(person):
        acting_for = refusals.require_on_body(by, "invite", term.office.body) or acting_for
    return acting_for


def _running(person: Person) -> QuerySet[Term]:
    return Term.objects.running(clock.today()).filter(person=person).select_related("office__body__parent")


def _end_substitutions(person: Person, by: Person, acting_for: Person | None) -> None:
    """Nobody acts for somebody who has left, nor they for anybody; those to come never begin."""
    today = clock.today()
    theirs = Substitution.objects.filter(Q(principal=person) | Q(substitute=person), ends__gt=today, begins__lte=today)
    for one in theirs.select_related("office__body"):
        one.ends = today
        audit.record(one, "substitution.set", by=by, acting_for=acting_for)


def _require_secretary(by: Person, office: Office | None = None) -> None:
    """A secretary of the body of the office; without an office, of any body."""
    if office is not None:
        refusals.require_on_body(by, "invite", office.body)
    elif Role.SECRETARY not in access.roles(by):
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("invite")})


def _promise_mail(person: Person, number: int) -> None:
    """The mail is rendered and sent by the notices; the row is the promise."""
    Notice.objects.create(
        key=f"invited:{person.pk}:{number}",
        kind=Notice.Kind.INVITED,
        audience=Notice.Audience.PERSON,
        person=person,
        planned_for=clock.today(),
        created_at=clock.now(),
    )
