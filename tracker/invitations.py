"""The signed link that an invited person joins by. The mail and the page that it opens read it here, so neither keeps a copy.

Signed, not stored: it names the person and carries a print of what joining changes (the password), so that it serves once;
and it ends after `LIFETIME`, in real time.
"""

from datetime import timedelta

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from tracker.models import Person

LIFETIME = timedelta(days=14)
_SALT = "resolves.invitation"


def token(person: Person) -> str:
    """The token of a person's invitation as it stands now; for `reverse("invitation", args=[token])`."""
    return signing.dumps([person.pk, _print(person)], salt=_SALT)


def invited(token: str) -> Person | None:
    """Whose invitation a token is, or None: not ours, too old, used, or the account was deactivated."""
    try:
        pk, print_ = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = Person.objects.filter(pk=pk, is_active=True).first()
    if person is None or person.has_usable_password() or not constant_time_compare(print_, _print(person)):
        return None
    return person


def _print(person: Person) -> str:
    return salted_hmac(_SALT, f"{person.pk}|{person.password}|{person.email}").hexdigest()[:32]
