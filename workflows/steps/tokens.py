"""Tokens, by which programs come in for a person. What a token reads as is never on record."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from tracker import audit
from tracker.models import Person
from workflows.steps.bodies import NotTheMoment, one_act


def make_token(*, by: Person) -> Token:
    """The person's token; made, and then on record, where there is none."""
    with one_act():
        person = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        if not person.is_active:
            raise PermissionDenied(_("This account has been deactivated."))
        token, made = Token.objects.get_or_create(user=person)
        if made:
            audit.record(person, "token.made", by=person, facts={"token": [False, True]})
    return token


def end_own_token(*, by: Person) -> None:
    """The person's own token opens nothing any more. Raises NotTheMoment where there is none."""
    with one_act():
        person = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        if not Token.objects.filter(user=person).exists():
            raise NotTheMoment(_("You have no token for programs."), object=person)
        end_token(person, by=person)


def end_token(person: Person, *, by: Person, acting_for: Person | None = None) -> None:
    """The token opens nothing any more; nothing is said of who has none."""
    gone, _rows = Token.objects.filter(user=person).delete()
    if gone:
        audit.record(person, "token.ended", by=by, acting_for=acting_for, facts={"token": [True, False]})
